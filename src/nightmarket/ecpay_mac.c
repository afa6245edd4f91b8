/* ecpay-mac: the CheckMacValue of orders, one urlencoded form a line in, one value a line out. */
#include "pay/ecpay_mac.h"
#include "base/arena.h"
#include "base/crypto.h"
#include "nightmarket/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = ECPAY_FORM_MAX + 1, ARENA_MAX = 1 << 20 };

static int refuse(const char *why, const char *name)
{
    (void)fprintf(stderr, "ecpay-mac: %s '%s'\n", why, name);
    return 2;
}

static const char *variable(const char *name)
{
    const char *v = getenv(name); // NOLINT(concurrency-mt-unsafe): there are no threads
    return v ? v : "";
}

/* From the environment alone. 0, or the exit code. */
static int settings(struct ecpay_keys *keys, enum ecpay_hash *hash)
{
    const char *method = variable("ECPAY_METHOD");
    keys->hash_key = variable("ECPAY_HASH_KEY");
    keys->hash_iv = variable("ECPAY_HASH_IV");
    if (!keys->hash_key[0])
        return refuse("there is no variable", "ECPAY_HASH_KEY");
    if (!keys->hash_iv[0])
        return refuse("there is no variable", "ECPAY_HASH_IV");
    if (!method[0] || strcmp(method, "sha256") == 0)
        *hash = ECPAY_SHA256;
    else if (strcmp(method, "md5") == 0)
        *hash = ECPAY_MD5;
    else
        return refuse("sha256 or md5 must be the value of", "ECPAY_METHOD");
    return 0;
}

/* What is past the end of `line` is counted, not kept. False: there is no more line. */
static bool next_line(char *line, size_t *ret_len)
{
    size_t len = 0;
    int c = getchar();
    if (c == EOF)
        return false;
    for (; c != EOF && c != '\n'; c = getchar(), len++)
        if (len < LINE_SIZE)
            line[len] = (char)c;
    if (len && len <= LINE_SIZE && line[len - 1] == '\r')
        len--;
    *ret_len = len;
    return true;
}

/* A line that is no good has an empty answer, so that answers stay beside their orders. */
static bool answer(const struct ecpay_keys *keys, enum ecpay_hash hash, const char *line,
                   size_t len)
{
    struct arena *arena = arena_make(ARENA_MAX);
    struct cx cx = {.arena = arena};
    struct ecpay_form form;
    char mac[ECPAY_MAC_TEXT] = "";
    enum err e = arena ? ecpay_form_read(&cx, line, len, &form) : ERR_NO_MEMORY;
    if (!e)
        e = ecpay_mac(keys, hash, form.fields, form.count, mac);
    if (e)
        (void)fprintf(stderr, "ecpay-mac: %s\n", cx.problem[0] ? cx.problem : err_api(e));
    (void)printf("%s\n", e ? "" : mac);
    (void)fflush(stdout);
    arena_free(arena);
    return e == ERR_OK;
}

/* 0, or 1 when some line was no good. */
int command_ecpay_mac(int argc, char **argv)
{
    struct ecpay_keys keys = {.merchant_id = ""};
    enum ecpay_hash hash;
    size_t len = 0;
    bool good = true;
    (void)argv;
    if (argc != 1) {
        (void)fprintf(stderr, "usage: nightmarket ecpay-mac < lines of urlencoded fields\n");
        return 2;
    }
    int wrong = settings(&keys, &hash);
    if (wrong)
        return wrong;
    char *line = malloc(LINE_SIZE);
    if (!line || crypto_init() != ERR_OK) {
        free(line);
        return 1;
    }
    while (next_line(line, &len))
        if (len)
            good = answer(&keys, hash, line, len) && good;
    free(line);
    return good ? 0 : 1;
}
