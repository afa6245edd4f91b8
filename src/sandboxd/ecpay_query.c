/* /Cashier/QueryTradeInfo/V5 and /Cashier/QueryPaymentInfo (ECPay's pages 2890, 5615, 2858). */
#include "sandboxd/ecpay_in.h"

#include "base/text.h"
#include "sandboxd/ecpay_clock.h"

#include <stdlib.h>
#include <string.h>

enum { NO_TRADE = 10200047, FAILED_TRADE = 10200095, BAD_TIME = 10200009, WINDOW_S = 180 };

bool call_locked_out(struct call *k)
{
    struct ecpay *e = k->e;
    ecpay_lock(e);
    bool out = e->locked_until_ms > k->now_ms;
    if (!out && e->is.query_per_s) {
        e->query_n = e->query_s == k->now_ms / 1000 ? e->query_n + 1 : 1;
        e->query_s = k->now_ms / 1000;
        out = e->query_n > e->is.query_per_s;
        if (out)
            e->locked_until_ms = k->now_ms + e->is.lock_s * 1000;
    }
    ecpay_unlock(e);
    if (out)
        http_fail_status(k->req, 403, ERR_FORBIDDEN, "too many calls: locked out for a while");
    return out;
}

static bool time_ok(const struct call *k)
{
    int64_t at;
    return !text_i64(call_text(k, "TimeStamp"), 0, INT64_MAX / 1000, &at) &&
           llabs(k->now_ms / 1000 - at) <= WINDOW_S;
}

/* False: answered. */
static bool open_query(struct http_req *req, struct call *k)
{
    if (!call_api(req, FOR_PAYMENT, k) || call_locked_out(k))
        return false;
    if (!k->account)
        call_send(k, "text/html; charset=utf-8", "0|MerchantID Error");
    return k->account != NULL;
}

static int trouble(const struct call *k)
{
    if (!k->mac_ok)
        return AIO_BAD_MAC;
    return time_ok(k) ? 0 : BAD_TIME;
}

static int status_of(const struct trade *t)
{
    if (!t)
        return NO_TRADE;
    if (t->state == TRADE_FAILED)
        return FAILED_TRADE;
    return t->state == TRADE_PAID;
}

static void trade_fields(const struct call *k, const struct trade *t, int status, struct answer *a)
{
    static const enum aio_field custom[] = {AIO_CUSTOM1, AIO_CUSTOM2, AIO_CUSTOM3, AIO_CUSTOM4};
    char made[TAIPEI_TEXT] = "", paid[TAIPEI_TEXT] = "";
    if (t)
        taipei_text(t->made_ms, made);
    if (t && t->paid_ms)
        taipei_text(t->paid_ms, paid);
    answer_add(a, "MerchantID", k->account->id);
    answer_add(a, "MerchantTradeNo", call_text(k, "MerchantTradeNo"));
    answer_add(a, "StoreID", t ? trade_text(t, AIO_STORE) : "");
    answer_add(a, "TradeNo", t ? t->number : "");
    answer_int(a, "TradeAmt", t ? t->amount : 0);
    answer_add(a, "PaymentDate", paid);
    answer_add(a, "PaymentType", t && t->type ? t->type : "");
    answer_int(a, "HandlingCharge", t && t->paid_ms ? t->amount * 275 / 10000 : 0);
    answer_int(a, "PaymentTypeChargeFee", t && t->paid_ms ? t->amount * 275 / 10000 : 0);
    answer_add(a, "TradeDate", made);
    answer_int(a, "TradeStatus", status);
    answer_add(a, "ItemName", t ? trade_text(t, AIO_ITEM) : "");
    for (size_t i = 0; i < 4; i++)
        answer_add(a, aio_name(custom[i]), t ? trade_text(t, custom[i]) : "");
    if (t && t->credit != CREDIT_NONE && strcmp(trade_text(t, AIO_EXTRA), "Y") == 0)
        answer_add(a, "gwsr", t->gwsr);
}

void query_trade(struct http_req *req)
{
    struct call k;
    struct answer a;
    if (!open_query(req, &k))
        return;
    int wrong = trouble(&k);
    answer_init(&a, k.cx);
    ecpay_lock(k.e);
    const struct trade *t =
        wrong ? NULL : trade_of(k.e, k.account->id, call_text(&k, "MerchantTradeNo"));
    trade_fields(&k, t, wrong ? wrong : status_of(t), &a);
    ecpay_unlock(k.e);
    answer_mac(&a, k.account);
    call_answer(&k, &a);
}

static void refused_code(const struct call *k, int code, const char *why, struct answer *a)
{
    answer_add(a, "MerchantID", k->account->id);
    answer_add(a, "MerchantTradeNo", call_text(k, "MerchantTradeNo"));
    answer_int(a, "RtnCode", code);
    answer_add(a, "RtnMsg", why);
}

void query_code(struct http_req *req)
{
    struct call k;
    struct answer a;
    if (!open_query(req, &k))
        return;
    int wrong = trouble(&k);
    answer_init(&a, k.cx);
    ecpay_lock(k.e);
    const struct trade *t = trade_of(k.e, k.account->id, call_text(&k, "MerchantTradeNo"));
    if (wrong)
        refused_code(&k, wrong, "CheckMacValue or TimeStamp Error", &a);
    else if (!t || t->state == TRADE_OPEN)
        refused_code(&k, NO_TRADE, "no code was issued", &a);
    else if (t->state != TRADE_CODE)
        refused_code(&k, FAILED_TRADE, "it waits for no payment", &a);
    else
        tell_code_fields(k.e, t, &a);
    ecpay_unlock(k.e);
    answer_mac(&a, k.account);
    call_answer(&k, &a);
}
