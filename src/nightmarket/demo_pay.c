/* The gateways of the demo: both are sandboxd, on this machine, and no real money moves. */
#include "base/buf.h"
#include "base/crypto.h"
#include "nightmarket/demo_in.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE = 256 };

__attribute__((format(printf, 2, 3))) static void set(const char *name, const char *format, ...)
{
    char value[VALUE];
    va_list ap;
    va_start(ap, format);
    (void)vsnprintf(value, sizeof value, format, ap);
    va_end(ap);
    (void)setenv(name, value, 1); // NOLINT(concurrency-mt-unsafe): no threads yet
}

/* ECPay's published stage accounts: each service has its own keys. */
static void set_ecpay(const char *base)
{
    static const struct {
        const char *prefix, *merchant, *key, *iv;
    } services[] = {
        {"ECPAY", "3002607", "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs"},
        {"ECPAY_LOGISTICS", "2000933", "XBERn1YOvpM9nfZc", "h1ONHk4P4yqbl5LK"},
        {"ECPAY_INVOICE", "2000132", "ejCk326UnaZWKisg", "q9jcZX8Ib9LM8wYk"},
    };
    char name[64];
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        const struct {
            const char *what, *value;
        } rows[] = {{"MERCHANT_ID", services[i].merchant},
                    {"HASH_KEY", services[i].key},
                    {"HASH_IV", services[i].iv}};
        for (size_t j = 0; j < sizeof rows / sizeof *rows; j++) {
            (void)snprintf(name, sizeof name, "%s_%s", services[i].prefix, rows[j].what);
            set(name, "%s", rows[j].value);
        }
        (void)snprintf(name, sizeof name, "%s_BASE_URL", services[i].prefix);
        set(name, "%s/ecpay", base);
    }
}

static void set_omise(const struct demo_keep *k, const char *base)
{
    struct buf secret;
    buf_init(&secret, VALUE);
    crypto_base64(&secret, k->token, strlen(k->token));
    set("OMISE_PUBLIC_KEY", "pkey_test_%s", k->account);
    set("OMISE_SECRET_KEY", "skey_test_%s", k->account);
    set("OMISE_WEBHOOK_SECRET", "%s", secret.data ? secret.data : "");
    set("OMISE_WEBHOOK_URL", "http://127.0.0.1:%d/api/v1/webhooks/omise", k->http);
    set("OMISE_API_URL", "%s/omise", base); /* its pictures of QRs are shown from there */
    set("OMISE_VAULT_URL", "%s/omise", base);
    buf_done(&secret);
}

void demo_pay_variables(const struct demo_keep *k, const char *host, const char *listen)
{
    char base[VALUE];
    (void)snprintf(base, sizeof base, "http://%s:%d", host, k->sandbox);
    set("SANDBOXD_LISTEN", "%s:%d", listen, k->sandbox);
    set("SANDBOXD_PUBLIC_URL", "%s", base);
    set_ecpay(base);
    set_omise(k, base);
}
