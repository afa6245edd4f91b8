/*
 * account - a shop's keys at a provider of payments, parcels or invoices.
 *
 * Shape:   the instance's own keys (environment variables) are those of the first shop; keys that a
 *          shop has entered itself lie in the database, sealed with NM_SECRET_KEY, and are used by
 *          shops without such of the instance. What is sealed is bound to its shop and provider.
 *          Base URLs are the instance's for all shops.
 * Memory:  keys are copied into what the caller gives, who wipes it (crypto_wipe()).
 * Thread:  functions with a struct tx run in a job; with a struct db on any thread with a reader.
 * Errors:  every call may return ERR_STORE, ERR_NO_MEMORY; ERR_INTERNAL: kept keys do not open with
 *          this NM_SECRET_KEY.
 * Privacy: keys are never logged nor shown; `name` may be.
 */
#pragma once
#include "base/crypto.h"
#include "base/cx.h"
#include <stddef.h>

struct db;
struct tx;

/*      enum             stored and shown */
#define PAY_ACCOUNT_TABLE(X)              \
    X(ECPAY, "ecpay")                     \
    X(ECPAY_LOGISTICS, "ecpay_logistics") \
    X(ECPAY_INVOICE, "ecpay_invoice")     \
    X(OMISE, "omise")
enum pay_account {
#define X(name, text) ACCOUNT_##name,
    PAY_ACCOUNT_TABLE(X)
#undef X
        ACCOUNT_COUNT
};
const char *pay_account_name(enum pay_account a);
enum err pay_account_parse(const char *text, enum pay_account *ret_account) NODISCARD;

enum { PAY_KEY_MAX = 128, PAY_SECRETS_MAX = 512, PAY_URL_MAX = 200, PAY_CHECK_MAX = 20 };

/* ecpay*: name MerchantID, key HashKey, more HashIV. omise: public key, secret key, webhook secrets
 * (comma list; "" : none yet). */
struct pay_keys {
    char name[PAY_KEY_MAX], key[PAY_KEY_MAX], more[PAY_SECRETS_MAX];
    char check[PAY_CHECK_MAX]; /* ecpay: CreditCheckCode; "": none */
    bool from_env;
    int64_t changed_ms; /* 0: of the environment */
};

/* What the instance was started with; name "": that account is not set. Outlives its users. */
struct pay_accounts {
    const unsigned char *secret_key; /* SECRET_KEY_LEN bytes */
    struct pay_keys env[ACCOUNT_COUNT];
    char base_url[ACCOUNT_COUNT][PAY_URL_MAX]; /* no slash at the end; never "" */
    char omise_vault_url[PAY_URL_MAX];
};

/*
 * A HashKey that ECPay publishes for its stage: anybody can sign with it, so that a notice proves
 * nothing. ECPay's production refuses it; so must we, there. Pure.
 */
bool pay_key_is_published(const char *hash_key);
/* Is it a host where ECPay takes real money? Pure. */
bool pay_url_is_production(const char *url);

/* ERR_NOT_FOUND: this shop has none. */
enum err pay_account_read(const struct pay_accounts *all, struct db *db, struct cx *cx,
                          int64_t shop_id, enum pay_account a, struct pay_keys *ret_keys) NODISCARD;

/* A job body: seal and keep; the earlier ones are gone. The caller has checked them. */
enum err pay_account_put(const struct pay_accounts *all, struct tx *tx, int64_t shop_id,
                         enum pay_account a, const struct pay_keys *keys) NODISCARD;
/* ERR_NOT_FOUND: there was none (those of the environment stay). */
enum err pay_account_drop(struct tx *tx, int64_t shop_id, enum pay_account a) NODISCARD;

/* Payments there that are open, and refunds that it is to make: they are of the keys that are set.
 */
enum err pay_account_in_use(struct db *db, int64_t shop_id, enum pay_account a,
                            int64_t *ret_count) NODISCARD;

/* Which shops have an account of their own, without opening it. */
struct pay_account_row {
    int64_t shop_id, changed_ms;
    enum pay_account account;
};
enum { PAY_ACCOUNTS_MAX = 500 };
enum err pay_account_list(struct db *db, struct arena *arena,
                          struct pay_account_row ret_rows[PAY_ACCOUNTS_MAX],
                          size_t *ret_count) NODISCARD;
/* The shop whose keys the environment's are. ERR_NOT_FOUND: there is no shop yet. */
enum err pay_account_first_shop(struct db *db, int64_t *ret_shop_id) NODISCARD;
