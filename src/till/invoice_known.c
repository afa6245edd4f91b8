/* Does what a buyer typed for the invoice exist? */
#include "base/text.h"
#include "store/store.h"
#include "till/invoice_in.h"

#include <string.h>

#define KNOWN_MS (INVOICE_KNOWN_S * INT64_C(1000))

static struct seen_code *find_locked(struct invoices *v, enum invoice_code kind, const char *code,
                                     int64_t now_ms)
{
    for (size_t i = 0; i < SEEN_CODES; i++) {
        struct seen_code *s = &v->seen[i];
        if (s->until_ms > now_ms && s->kind == kind && strcmp(s->code, code) == 0)
            return s;
    }
    return NULL;
}

/* Is nobody to be asked? Then *ret_known is the answer. */
static bool recall(struct invoices *v, enum invoice_code kind, const char *code, int64_t now_ms,
                   bool *ret_known)
{
    (void)pthread_mutex_lock(&v->seen_lock);
    const struct seen_code *s = find_locked(v, kind, code, now_ms);
    bool away = v->away_until_ms > now_ms;
    *ret_known = s ? s->known : true;
    (void)pthread_mutex_unlock(&v->seen_lock);
    return s || away;
}

static void keep(struct invoices *v, enum invoice_code kind, const char *code, int64_t now_ms,
                 bool known)
{
    struct seen_code s = {.until_ms = now_ms + KNOWN_MS, .kind = kind, .known = known};
    if (!text_copy(s.code, sizeof s.code, code))
        return;
    (void)pthread_mutex_lock(&v->seen_lock);
    v->seen[v->seen_next++ % SEEN_CODES] = s;
    (void)pthread_mutex_unlock(&v->seen_lock);
}

static void keep_away(struct invoices *v, int64_t now_ms)
{
    (void)pthread_mutex_lock(&v->seen_lock);
    v->away_until_ms = now_ms + KNOWN_MS;
    (void)pthread_mutex_unlock(&v->seen_lock);
}

/* No reader is held while ECPay is asked. */
static void ask(struct invoices *v, struct cx *cx, int64_t shop_id, enum invoice_code kind,
                const char *code, bool *ret_known)
{
    struct pay_keys keys = {.from_env = false};
    struct ecpay_service service;
    struct db *db = NULL;
    enum err e = store_read(v->set.store, &db);
    if (!e)
        e = invoice_service(v, db, cx, shop_id, &keys, &service);
    store_read_end(db);
    if (!e) {
        e = v->set.way->known(cx, &service, kind, code, ret_known);
        if (!e)
            keep(v, kind, code, cx->now_ms, *ret_known);
        else if (e != ERR_INPUT)
            keep_away(v, cx->now_ms);
    }
    crypto_wipe(&keys, sizeof keys);
    cx->problem[0] = '\0';
}

enum err invoices_vouch(void *invoices, struct cx *cx, int64_t shop_id, const json_t *invoice)
{
    struct invoices *v = invoices;
    const char *carrier = json_string_value(json_object_get(invoice, "carrier"));
    const char *love = json_string_value(json_object_get(invoice, "love_code"));
    const char *code = carrier ? carrier : love;
    enum invoice_code kind = carrier ? INVOICE_CARRIER : INVOICE_LOVE_CODE;
    bool known = true;
    if (!code)
        return ERR_OK;
    if (!recall(v, kind, code, cx->now_ms, &known))
        ask(v, cx, shop_id, kind, code, &known);
    return known ? ERR_OK
                 : problem(cx, ERR_INPUT, "'invoice.%s' does not exist",
                           carrier ? "carrier" : "love_code");
}
