/* The Omise gateway: made of a shop's keys. */
#include "pay/omise.h"
#include "base/crypto.h"
#include "base/text.h"
#include "pay/omise_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 15000 };

/* pkey_5… in live mode, pkey_test_5… in test mode. */
static bool key_ok(const char *key, const char *prefix)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    return key && text_has_prefix(key, prefix) && strlen(key) > strlen(prefix) &&
           strlen(key) <= OMISE_KEY_MAX && key[strspn(key, digits)] == '\0';
}

bool omise_is_test(const char *key)
{
    return text_has_prefix(key, "pkey_test_") || text_has_prefix(key, "skey_test_");
}

static bool url_ok(const char *url)
{
    return (text_has_prefix(url, "https://") || text_has_prefix(url, "http://")) &&
           strlen(url) < OMISE_BASE_MAX && !strpbrk(url, " \t\r\n?#");
}

enum err omise_setup_check(struct cx *cx, const struct omise_setup *setup)
{
    if (!key_ok(setup->public_key, "pkey_"))
        return problem(cx, ERR_INPUT, "'public_key' must be a public key of Omise: pkey_…");
    if (!key_ok(setup->secret_key, "skey_"))
        return problem(cx, ERR_INPUT, "'secret_key' must be a secret key of Omise: skey_…");
    if (omise_is_test(setup->public_key) != omise_is_test(setup->secret_key))
        return problem(cx, ERR_INPUT,
                       "'secret_key' and 'public_key' must both be of test mode or "
                       "both of live mode");
    if (setup->api_url && !url_ok(setup->api_url))
        return problem(cx, ERR_INPUT, "'api_url' must be an http(s) address");
    if (setup->ca_file && strlen(setup->ca_file) >= OMISE_BASE_MAX)
        return problem(cx, ERR_INPUT, "'ca_file' is too long");
    return ERR_OK;
}

/* Basic: the key is the user, and there is no password. */
static void basic_auth(const char *key, char *out, size_t size)
{
    struct buf b;
    char user[OMISE_KEY_MAX + 2];
    (void)snprintf(user, sizeof user, "%s:", key);
    buf_init(&b, size);
    buf_str(&b, "Authorization: Basic ");
    crypto_base64(&b, user, strlen(user));
    (void)text_copy(out, size, b.data ? b.data : "");
    if (b.data)
        crypto_wipe(b.data, b.len);
    buf_done(&b);
    crypto_wipe(user, sizeof user);
}

static void omise_free(struct gateway *g)
{
    crypto_wipe(g, sizeof(struct omise));
    free(g);
}

static int64_t omise_later(struct gateway *g)
{
    return atomic_load(&((struct omise *)g)->later_ms);
}

static const struct gateway_way omise_way = {
    .provider = "omise",
    .start = omise_start,
    .ask = omise_ask,
    .close = omise_close,
    .refund = omise_refund,
    .refund_ask = omise_refund_ask,
    .offers = omise_offers,
    .tick = omise_look,
    .missed = omise_missed,
    .later = omise_later,
    .free = omise_free,
};

enum err omise_gateway_make(struct cx *cx, const struct omise_setup *setup,
                            struct gateway **ret_gateway)
{
    enum err e = omise_setup_check(cx, setup);
    if (e)
        return e;
    struct omise *o = calloc(1, sizeof *o);
    if (!o)
        return ERR_NO_MEMORY;
    o->base.way = &omise_way;
    (void)text_copy(o->api, sizeof o->api, setup->api_url ? setup->api_url : OMISE_API_URL);
    for (size_t n = strlen(o->api); n && o->api[n - 1] == '/';)
        o->api[--n] = '\0';
    (void)text_copy(o->ca_file, sizeof o->ca_file, setup->ca_file ? setup->ca_file : "");
    basic_auth(setup->secret_key, o->secret_auth, sizeof o->secret_auth);
    basic_auth(setup->public_key, o->public_auth, sizeof o->public_auth);
    o->timeout_ms = setup->timeout_ms ? setup->timeout_ms : TIMEOUT_MS;
    o->live = !omise_is_test(setup->secret_key);
    *ret_gateway = &o->base;
    return ERR_OK;
}
