#include "sandboxd/ecpay.h"

#include "base/crypto.h"
#include "base/text.h"
#include "sandboxd/ecpay_in.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAX = 300, CONTROL_BODY_MAX = 16 << 10, INVOICE_BODY_MAX = 512 << 10 };

/* ---- accounts ---- */

/* ECPay publishes these for its stage (pages 16447, 7400, 7857). */
static const struct account published[ACCOUNTS_MAX] = {
    {FOR_PAYMENT, "3002607", "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs", false, false},
    {FOR_PAYMENT, "3002599", "spPjZn66i0OhqJsQ", "hT5OJckN45isQTTs", false, false},
    {FOR_LOGISTICS, "2000132", "5294y06JbISpM5x9", "v77hoKGq4kWxNNIS", true, false},
    {FOR_LOGISTICS, "2000933", "XBERn1YOvpM9nfZc", "h1ONHk4P4yqbl5LK", false, true},
    {FOR_INVOICE, "2000132", "ejCk326UnaZWKisg", "q9jcZX8Ib9LM8wYk", false, false}};

/* Puts PREFIX_MERCHANT_ID, _HASH_KEY and _HASH_IV in the place of the published one. */
static enum err read_account(struct cx *cx, const struct sandboxd *s, const char *prefix,
                             struct account *account)
{
    static const char *const parts[] = {"MERCHANT_ID", "HASH_KEY", "HASH_IV"};
    char *to[] = {account->id, account->key, account->iv};
    const size_t sizes[] = {sizeof account->id, sizeof account->key, sizeof account->iv};
    char name[48];
    (void)snprintf(name, sizeof name, "%s_%s", prefix, parts[0]);
    const char *id = s->variable(name);
    if (!id || !*id)
        return ERR_OK;
    if (strcmp(id, account->id) != 0)
        account->b2c = account->c2c = account->service == FOR_LOGISTICS;
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof name, "%s_%s", prefix, parts[i]);
        const char *value = s->variable(name);
        if (!value || !*value || !text_copy(to[i], sizes[i], value))
            return problem(cx, ERR_INPUT, "%s is missing or too long", name);
    }
    return ERR_OK;
}

static enum err read_accounts(struct cx *cx, struct ecpay *e)
{
    memcpy(e->accounts, published, sizeof published);
    e->account_n = ACCOUNTS_MAX;
    enum err r = read_account(cx, e->s, "ECPAY", &e->accounts[0]);
    const char *id = e->s->variable("ECPAY_LOGISTICS_MERCHANT_ID");
    bool c2c = id && strcmp(id, published[3].id) == 0;
    if (!r)
        r = read_account(cx, e->s, "ECPAY_LOGISTICS", &e->accounts[c2c ? 3 : 2]);
    return r ? r : read_account(cx, e->s, "ECPAY_INVOICE", &e->accounts[4]);
}

/* ---- life ---- */

enum err ecpay_make(struct cx *cx, struct sandboxd *s, struct ecpay **ret_ecpay)
{
    uint32_t random;
    struct ecpay *e = calloc(1, sizeof *e);
    if (!e)
        return problem(cx, ERR_NO_MEMORY, "out of memory");
    crypto_random(&random, sizeof random);
    e->s = s;
    e->base = 10000000 + (int64_t)(random % 80000000);
    e->is = (struct switches){.lock_s = 1800};
    (void)pthread_mutex_init(&e->lock, NULL);
    enum err r = read_accounts(cx, e);
    if (!r &&
        (ecpay_book_init(&e->trades, TRADES_MAX) || ecpay_book_init(&e->parcels, PARCELS_MAX) ||
         ecpay_book_init(&e->invoices, INVOICES_MAX)))
        r = problem(cx, ERR_NO_MEMORY, "out of memory");
    if (r)
        ecpay_free(e);
    else
        *ret_ecpay = e;
    return r;
}

void ecpay_free(struct ecpay *e)
{
    if (!e)
        return;
    ecpay_book_done(&e->trades, trade_free);
    ecpay_book_done(&e->parcels, parcel_free);
    ecpay_book_done(&e->invoices, invoice_free);
    (void)pthread_mutex_destroy(&e->lock);
    crypto_wipe(e->accounts, sizeof e->accounts);
    free(e);
}

/* What runs out or is captured is seen when it is looked at: nothing goes by itself. */
void ecpay_tick(struct ecpay *e, int64_t now_ms)
{
    (void)e;
    (void)now_ms;
}

size_t ecpay_routes(struct http_route out[ECPAY_ROUTES_MAX])
{
#define FORM(path, fn)                                                         \
    {                                                                          \
        "POST", "/ecpay" path, HTTP_ON_WORKER, fn, ECPAY_BODY_MAX, false, NULL \
    }
#define HAND(path, fn)                                                             \
    {                                                                              \
        "POST", "/control" path, HTTP_ON_WORKER, fn, CONTROL_BODY_MAX, false, NULL \
    }
    static const struct http_route rows[] = {
        FORM("/Cashier/AioCheckOut/V5", aio_checkout),
        {"GET", "/ecpay/pay/{token}", HTTP_ON_WORKER, pay_show, 0, false, NULL},
        FORM("/pay/{token}", pay_act),
        {"GET", "/ecpay/counter", HTTP_ON_WORKER, counter_show, 0, false, NULL},
        FORM("/counter", counter_act),
        FORM("/Cashier/QueryTradeInfo/V5", query_trade),
        FORM("/Cashier/QueryPaymentInfo", query_code),
        FORM("/CreditDetail/DoAction", credit_action),
        FORM("/CreditDetail/QueryTrade/V2", credit_query),
        FORM("/Express/map", store_map),
        FORM("/Express/Create", parcel_create),
        FORM("/Express/UpdateStoreInfo", parcel_store),
        FORM("/Express/CancelC2COrder", parcel_cancel),
        FORM("/Express/PrintUniMartC2COrderInfo", label_c2c),
        FORM("/Express/PrintFAMIC2COrderInfo", label_c2c),
        FORM("/Express/PrintHILIFEC2COrderInfo", label_c2c),
        FORM("/Express/PrintOKMARTC2COrderInfo", label_c2c),
        FORM("/helper/printTradeDocument", label_trade),
        FORM("/Helper/QueryLogisticsTradeInfo/V5", parcel_query),
        {"POST", "/ecpay/B2CInvoice/{op}", HTTP_ON_WORKER, invoice_call, INVOICE_BODY_MAX, false,
         NULL},
        HAND("/ecpay", control_switches),
        HAND("/ecpay/notify", control_notify),
        HAND("/ecpay/credit", control_credit),
        HAND("/logistics", control_logistics),
    };
#undef FORM
#undef HAND
    memcpy(out, rows, sizeof rows);
    return sizeof rows / sizeof *rows;
}

/* ---- control ---- */

static json_t *trade_json(struct ecpay *e, struct trade *t)
{
    trade_settle(t, ecpay_now_locked(e));
    const char *code = t->account[0]      ? t->account
                       : t->payment_no[0] ? t->payment_no
                                          : t->barcode[1];
    json_t *o = json_pack(
        "{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:i, s:I, s:I}", "ref", trade_text(t, AIO_TRADE_NO),
        "number", t->number, "amount", (json_int_t)t->amount, "method", method_name(t->method),
        "type", t->type ? t->type : "", "state", trade_state_name(t->state), "code", code, "terms",
        t->terms, "simulated", (json_int_t)t->simulated, "expires_at", (json_int_t)t->expires_ms);
    if (t->credit != CREDIT_NONE)
        (void)json_object_update_new(o, json_pack("{s:s, s:s, s:I, s:I}", "credit",
                                                  credit_state_name(t->credit), "gwsr", t->gwsr,
                                                  "captured", (json_int_t)t->captured, "refunded",
                                                  (json_int_t)t->refunded));
    char page[80];
    (void)snprintf(page, sizeof page, "/ecpay/pay/%s", t->token);
    (void)json_object_set_new(o, "page", json_string(page));
    return o;
}

json_t *ecpay_state(struct ecpay *e)
{
    json_t *trades = json_array();
    ecpay_lock(e);
    for (size_t i = e->trades.n, n = 0; i > 0 && n < SHOWN_MAX; i--, n++)
        (void)json_array_append_new(trades, trade_json(e, (struct trade *)e->trades.list[i - 1]));
    json_t *o = json_pack("{s:o, s:o, s:o, s:o}", "trades", trades, "parcels", parcels_json(e),
                          "invoices", invoices_json(e), "switches", switches_json(&e->is));
    ecpay_unlock(e);
    return o;
}

/* The first that the buyer could have clicked. */
static void choose_for(struct trade *t)
{
    for (unsigned m = METHOD_ALL + 1; m < METHODS && t->method == METHOD_ALL; m++)
        if (t->methods[m] && trade_choose(t, (enum method)m))
            return;
}

static enum err pay_by_hand(struct ecpay *e, struct trade *t, enum pay_as as)
{
    enum err r = ERR_OK;
    int64_t now_ms = ecpay_now_locked(e);
    choose_for(t);
    if (as == PAY_EXPIRED) {
        r = t->state == TRADE_CODE ? ERR_OK : ERR_TRANSITION;
        if (!r)
            t->expires_ms = now_ms - 1;
        return r;
    }
    if (as == PAY_FAILED) {
        r = trade_fail(t, 10200058, now_ms);
    } else {
        if (trade_by_code(t->method) && t->state == TRADE_OPEN && !trade_issue(t, "", now_ms))
            tell_code(e, t);
        r = as == PAY_SIMULATED ? trade_simulate(t) : trade_pay(t, t->terms_offered[0], now_ms);
    }
    if (!r)
        tell_result(e, t, as == PAY_SIMULATED);
    return r;
}

enum err ecpay_pay(struct cx *cx, struct ecpay *e, const char *ref, enum pay_as as)
{
    ecpay_lock(e);
    struct trade *t = trade_by_ref(e, ref);
    enum err r = t ? pay_by_hand(e, t, as) : ERR_NOT_FOUND;
    ecpay_unlock(e);
    if (r == ERR_NOT_FOUND)
        return problem(cx, r, "no such trade");
    return r ? problem(cx, ERR_CONFLICT, "it cannot become that") : ERR_OK;
}
