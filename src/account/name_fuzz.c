/* What people type about themselves, and what browsers and providers say of them. */
#include "account/account.h"
#include "account/handover.h"
#include "account/identity.h"
#include "base/text.h"

#include <assert.h>
#include <string.h>

enum { TYPED = 600 };

static void check_name(struct cx *cx, const char *typed)
{
    char first[NAME_SIZE];
    char second[NAME_SIZE];
    char masked[MASKED_SIZE];
    if (account_tidy_name(cx, typed, first))
        return;
    size_t chars = text_chars(first, strlen(first));
    assert(text_is_utf8(first, strlen(first)) && chars >= 1 && chars <= NAME_CHARS_MAX);
    account_mask_name(first, masked);
    assert(text_is_utf8(masked, strlen(masked)) && strchr(masked, '*'));
    enum err e = account_tidy_name(cx, first, second);
    assert(!e && strcmp(first, second) == 0);
}

static void check_email(struct cx *cx, const char *typed)
{
    char first[EMAIL_SIZE];
    char second[EMAIL_SIZE];
    if (account_tidy_email(cx, typed, first))
        return;
    assert(!strpbrk(first, " \r\n<>,;\""));
    enum err e = account_tidy_email(cx, first, second);
    assert(!e && strcmp(first, second) == 0);
}

/* A provider's name always comes to one that we can show. */
static void check_entry(struct cx *cx, const char *said)
{
    struct identity_entry n;
    char again[NAME_SIZE];
    const struct identity_proof p = {.provider = "line", .subject = "U1", .name = said};
    identity_entry_make(&n, &p, said);
    enum err e = account_tidy_name(cx, n.name, again);
    assert(!e && strcmp(n.name, again) == 0);
}

static void check_device(const char *agent)
{
    char words[DEVICE_WORDS_SIZE];
    device_words(agent, words);
    assert(text_is_utf8(words, strlen(words)) && !strpbrk(words, "<>&\"\n"));
}

static void check_path(const char *path)
{
    if (handover_path_ok(path))
        assert(path[0] == '/' && path[1] != '/' && !strpbrk(path, "\\ \t\r\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cx cx = {0};
    char typed[TYPED];
    size_t len = size < sizeof typed ? size : sizeof typed - 1;
    memcpy(typed, data, len);
    typed[len] = '\0';
    check_name(&cx, typed);
    check_email(&cx, typed);
    check_entry(&cx, typed);
    check_device(typed);
    check_path(typed);
    (void)account_lang(typed);
    (void)device_ok(typed);
    enum err e = password_rules(&cx, typed, "somebody@example.test");
    assert(!e || e == ERR_INPUT);
    return 0;
}
