/* Keys of the providers that move money: ECPay (payments, parcels, invoices) and Omise. */
#include "base/text.h"
#include "nightmarket/config.h"
#include "nightmarket/config_in.h"
#include "nightmarket/env.h"
#include "pay/omise.h"
#include "pay/omise_sign.h"

#include <stdio.h>
#include <string.h>

#define DIGITS  "0123456789"
#define LETTERS DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

enum { MERCHANT_MAX = 10, HASH_KEY_LEN = 16, CHECK_CODE_MAX = 16, VAR_MAX = 64 };

/* ECPay's three services have the same four variables and a key pair each. */
static const struct {
    enum pay_account account;
    const char *prefix, *base_url, *stage_url;
} services[] = {
    {ACCOUNT_ECPAY, "ECPAY_", "https://payment.ecpay.com.tw", "https://payment-stage.ecpay.com.tw"},
    {ACCOUNT_ECPAY_LOGISTICS, "ECPAY_LOGISTICS_", "https://logistics.ecpay.com.tw",
     "https://logistics-stage.ecpay.com.tw"},
    {ACCOUNT_ECPAY_INVOICE, "ECPAY_INVOICE_", "https://einvoice.ecpay.com.tw",
     "https://einvoice-stage.ecpay.com.tw"},
};

static enum err take(struct cx *cx, const struct env *env, const char *prefix, const char *name,
                     char *out, size_t size)
{
    char var[VAR_MAX];
    (void)snprintf(var, sizeof var, "%s%s", prefix, name);
    const char *v = env_get(env, var);
    return text_copy(out, size, v ? v : "") ? ERR_OK
                                            : problem(cx, ERR_INPUT, "%s is too long", var);
}

static bool only(const char *s, const char *of, size_t min, size_t max)
{
    size_t n = strlen(s);
    return n >= min && n <= max && strspn(s, of) == n;
}

static enum err check_ecpay(struct cx *cx, const char *prefix, const struct pay_keys *k)
{
    if (!only(k->name, DIGITS, 1, MERCHANT_MAX))
        return problem(cx, ERR_INPUT, "%sMERCHANT_ID must be 1 to %d digits", prefix, MERCHANT_MAX);
    if (!only(k->key, LETTERS, HASH_KEY_LEN, HASH_KEY_LEN))
        return problem(cx, ERR_INPUT, "%sHASH_KEY must be %d letters and digits", prefix,
                       HASH_KEY_LEN);
    if (!only(k->more, LETTERS, HASH_KEY_LEN, HASH_KEY_LEN))
        return problem(cx, ERR_INPUT, "%sHASH_IV must be %d letters and digits", prefix,
                       HASH_KEY_LEN);
    if (k->check[0] && !only(k->check, DIGITS, 1, CHECK_CODE_MAX))
        return problem(cx, ERR_INPUT, "%sCREDIT_CHECK_CODE must be 1 to %d digits", prefix,
                       CHECK_CODE_MAX);
    return ERR_OK;
}

/* A variable with a URL, or its default; without a slash at the end. */
static enum err take_url(struct cx *cx, const struct env *env, const char *prefix, const char *name,
                         const char *fallback, char out[PAY_URL_MAX])
{
    enum err e = take(cx, env, prefix, name, out, PAY_URL_MAX);
    if (!e && !out[0])
        (void)text_copy(out, PAY_URL_MAX, fallback);
    for (size_t n = strlen(out); n && out[n - 1] == '/';)
        out[--n] = '\0';
    return e;
}

static enum err take_ecpay(struct cx *cx, const struct env *env, struct pay_accounts *all)
{
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < sizeof services / sizeof services[0]; i++) {
        enum pay_account a = services[i].account;
        const char *prefix = services[i].prefix;
        struct pay_keys *k = &all->env[a];
        e = take(cx, env, prefix, "MERCHANT_ID", k->name, sizeof k->name);
        if (!e)
            e = take(cx, env, prefix, "HASH_KEY", k->key, sizeof k->key);
        if (!e)
            e = take(cx, env, prefix, "HASH_IV", k->more, sizeof k->more);
        if (!e)
            e = take_url(cx, env, prefix, "BASE_URL",
                         pay_key_is_published(k->key) ? services[i].stage_url
                                                      : services[i].base_url,
                         all->base_url[a]);
        if (!e && a == ACCOUNT_ECPAY)
            e = take(cx, env, prefix, "CREDIT_CHECK_CODE", k->check, sizeof k->check);
        if (!e && k->name[0])
            e = check_ecpay(cx, prefix, k);
        if (!e && pay_key_is_published(k->key) && pay_url_is_production(all->base_url[a]))
            e = problem(cx, ERR_INPUT,
                        "%sHASH_KEY is one that ECPay publishes: not for %sBASE_URL in production",
                        prefix, prefix);
    }
    return e;
}

static enum err check_omise(struct cx *cx, const struct pay_keys *k)
{
    if (!text_has_prefix(k->name, "pkey_") || !only(k->name, LETTERS "_", 6, OMISE_KEY_MAX))
        return problem(cx, ERR_INPUT, "OMISE_PUBLIC_KEY must be a public key: pkey_...");
    if (!text_has_prefix(k->key, "skey_") || !only(k->key, LETTERS "_", 6, OMISE_KEY_MAX))
        return problem(cx, ERR_INPUT, "OMISE_SECRET_KEY must be a secret key: skey_...");
    if (omise_is_test(k->name) != omise_is_test(k->key))
        return problem(
            cx, ERR_INPUT,
            "OMISE_SECRET_KEY and OMISE_PUBLIC_KEY must both be of test or of live mode");
    if (k->more[0] && omise_secrets_check(k->more))
        return problem(cx, ERR_INPUT,
                       "OMISE_WEBHOOK_SECRET must be base64, several with commas between");
    return ERR_OK;
}

static enum err take_omise(struct cx *cx, const struct env *env, struct pay_accounts *all)
{
    struct pay_keys *k = &all->env[ACCOUNT_OMISE];
    enum err e = take(cx, env, "OMISE_", "PUBLIC_KEY", k->name, sizeof k->name);
    if (!e)
        e = take(cx, env, "OMISE_", "SECRET_KEY", k->key, sizeof k->key);
    if (!e)
        e = take(cx, env, "OMISE_", "WEBHOOK_SECRET", k->more, sizeof k->more);
    if (!e)
        e = take_url(cx, env, "OMISE_", "API_URL", OMISE_API_URL, all->base_url[ACCOUNT_OMISE]);
    if (!e)
        e = take_url(cx, env, "OMISE_", "VAULT_URL", OMISE_VAULT_URL, all->omise_vault_url);
    return e || !k->name[0] ? e : check_omise(cx, k);
}

enum err config_take_pay(struct cx *cx, const struct env *env, struct config *c)
{
    c->pay.secret_key = c->secret_key;
    enum err e = take_ecpay(cx, env, &c->pay);
    return e ? e : take_omise(cx, env, &c->pay);
}
