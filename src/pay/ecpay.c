#include "pay/ecpay.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/text.h"
#include "pay/ecpay_in.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    MERCHANT_MAX = 10,
    TIMEOUT_MS = 15000,
    APART_MS = 250 /* ECPay bears about five calls a second */
};

static const char digits[] = "0123456789";
static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char all_terms[] = "3,6,12,18,24";

/* ---- methods ---- */

static const struct ecpay_method methods[] = {
    {"ecpay_card", "Credit", ECPAY_CREDIT, false},
    {"ecpay_installment", "Credit", ECPAY_CREDIT, true},
    {"ecpay_applepay", "ApplePay", ECPAY_CREDIT, false},
    {"ecpay_atm", "ATM", ECPAY_ATM, false},
    {"ecpay_cvs", "CVS", ECPAY_CVS, false},
    {"ecpay_barcode", "BARCODE", ECPAY_BARCODE, false},
    {"ecpay_webatm", "WebATM", ECPAY_AT_ONCE, false},
    {"ecpay_twqr", "TWQR", ECPAY_AT_ONCE, false},
};

const struct ecpay_method *ecpay_method_find(const char *id)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(methods[i].id, id) == 0)
            return &methods[i];
    return NULL;
}

/* ECPay tells nobody what a contract has: the shop's settings decide, and its windows. */
static bool offers(struct gateway *g, const char *method, int64_t *ret_min, int64_t *ret_max)
{
    (void)g;
    *ret_min = *ret_max = 0;
    return ecpay_method_find(method) != NULL;
}

/* ---- fields ---- */

void ecpay_ask_add(struct ecpay_ask *a, const char *name, const char *value)
{
    if (value && value[0] && a->count < ECPAY_FIELDS)
        a->fields[a->count++] = ECPAY_FIELD(name, value);
}

enum err ecpay_ask_int(struct cx *cx, struct ecpay_ask *a, const char *name, int64_t n)
{
    const char *text = arena_fmt(cx->arena, "%" PRId64, n);
    ecpay_ask_add(a, name, text);
    return text ? ERR_OK : ERR_NO_MEMORY;
}

void ecpay_ask_begin(const struct ecpay *e, struct ecpay_ask *a)
{
    a->count = 0;
    ecpay_ask_add(a, "MerchantID", e->merchant);
}

enum err ecpay_ask_sign(const struct ecpay *e, struct cx *cx, struct ecpay_ask *a)
{
    char *mac = arena_bytes(cx->arena, ECPAY_MAC_TEXT, 1);
    enum err err =
        mac ? ecpay_mac(&e->keys, ECPAY_SHA256, a->fields, a->count, mac) : ERR_NO_MEMORY;
    if (!err)
        ecpay_ask_add(a, "CheckMacValue", mac);
    return err;
}

/* ---- making ---- */

static bool only(const char *s, const char *of, size_t max)
{
    size_t n = strspn(s, of);
    return n > 0 && n <= max && s[n] == '\0';
}

/* "3,6,12" */
static bool terms_ok(const char *s)
{
    size_t n = strlen(s);
    return only(s, "0123456789,N", ECPAY_TERMS_TEXT - 1) && s[0] != ',' && s[n - 1] != ',' &&
           !strstr(s, ",,");
}

static bool url_ok(const char *url)
{
    size_t n = strlen(url);
    for (size_t i = 0; i < n; i++)
        if (url[i] <= 0x20 || url[i] >= 0x7f)
            return false;
    return n < ECPAY_BASE_MAX &&
           (text_has_prefix(url, "https://") || text_has_prefix(url, "http://"));
}

enum err ecpay_setup_check(struct cx *cx, const struct ecpay_setup *setup)
{
    if (!setup->keys.merchant_id || !only(setup->keys.merchant_id, digits, MERCHANT_MAX))
        return problem(cx, ERR_INPUT, "an ECPay MerchantID is 1 to %d digits", MERCHANT_MAX);
    if (!setup->keys.hash_key || !only(setup->keys.hash_key, letters, ECPAY_KEY_TEXT - 1))
        return problem(cx, ERR_INPUT, "an ECPay HashKey is letters and digits");
    if (!setup->keys.hash_iv || !only(setup->keys.hash_iv, letters, ECPAY_KEY_TEXT - 1))
        return problem(cx, ERR_INPUT, "an ECPay HashIV is letters and digits");
    if (setup->base_url && !url_ok(setup->base_url))
        return problem(cx, ERR_INPUT, "the base URL of ECPay must be http(s)");
    if (setup->check_code && setup->check_code[0] && !only(setup->check_code, digits, 16))
        return problem(cx, ERR_INPUT, "an ECPay CreditCheckCode is digits");
    if (setup->terms && !terms_ok(setup->terms))
        return problem(cx, ERR_INPUT, "instalments are numbers of months, with commas between");
    if (setup->ca_file && strlen(setup->ca_file) >= ECPAY_BASE_MAX)
        return problem(cx, ERR_INPUT, "the path of the certificates' file is too long");
    return ERR_OK;
}

static void gateway_done(struct gateway *g)
{
    struct ecpay *e = (struct ecpay *)g;
    (void)pthread_mutex_destroy(&e->lock);
    crypto_wipe(e, sizeof *e);
    free(e);
}

static int64_t later(struct gateway *g)
{
    return atomic_load(&((struct ecpay *)g)->later_ms);
}

static const struct gateway_way way = {
    .provider = "ecpay",
    .start_is_local = true,
    .start = ecpay_start,
    .ask = ecpay_query,
    .close = ecpay_query, /* nothing can be ended there */
    .refund = ecpay_refund,
    .refund_ask = ecpay_refund_ask,
    .offers = offers,
    .later = later,
    .free = gateway_done,
};

/* All were checked to fit. */
static void copy_all(struct ecpay *e, const struct ecpay_setup *s)
{
    (void)text_copy(e->merchant, sizeof e->merchant, s->keys.merchant_id);
    (void)text_copy(e->hash_key, sizeof e->hash_key, s->keys.hash_key);
    (void)text_copy(e->hash_iv, sizeof e->hash_iv, s->keys.hash_iv);
    (void)text_copy(e->url, sizeof e->url, s->base_url ? s->base_url : ECPAY_PAYMENT_URL);
    (void)text_copy(e->check_code, sizeof e->check_code, s->check_code ? s->check_code : "");
    (void)text_copy(e->terms, sizeof e->terms, s->terms ? s->terms : all_terms);
    (void)text_copy(e->ca_file, sizeof e->ca_file, s->ca_file ? s->ca_file : "");
    for (size_t n = strlen(e->url); n && e->url[n - 1] == '/';)
        e->url[--n] = '\0';
    e->keys = (struct ecpay_keys){e->merchant, e->hash_key, e->hash_iv};
}

enum err ecpay_gateway_make(struct cx *cx, const struct ecpay_setup *setup,
                            struct gateway **ret_gateway)
{
    enum err err = ecpay_setup_check(cx, setup);
    if (err)
        return err;
    struct ecpay *e = calloc(1, sizeof *e);
    if (!e)
        return ERR_NO_MEMORY;
    if (pthread_mutex_init(&e->lock, NULL) != 0) {
        free(e);
        return ERR_NO_MEMORY;
    }
    copy_all(e, setup);
    e->base.way = &way;
    e->mono_ms = clock_mono_ms;
    e->timeout_ms = setup->timeout_ms ? setup->timeout_ms : TIMEOUT_MS;
    e->apart_ms = setup->apart_ms ? setup->apart_ms : APART_MS;
    *ret_gateway = &e->base;
    return ERR_OK;
}
