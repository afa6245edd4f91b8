/* /CreditDetail/DoAction and /CreditDetail/QueryTrade/V2 (ECPay's pages 9242, 16567, 2894). */
#include "sandboxd/ecpay_in.h"

#include "base/json.h"
#include "base/text.h"
#include "sandboxd/ecpay_clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REFUSED = 10100050 /* its own number for each reason is not published */ };

/* Captures run from 20:15 to 20:30 in Taipei: nothing may be changed then. */
static bool closed_now(const struct ecpay *e, int64_t now_ms)
{
    bool in_hours = taipei_next(now_ms, 20, 30) - now_ms <= (int64_t)15 * 60 * 1000;
    return e->is.closed || (e->is.closed_by_clock && in_hours);
}

/* NULL: done. */
static const char *act(const struct call *k, struct trade *t)
{
    const char *action = call_text(k, "Action"), *why = NULL;
    int64_t amount = 0;
    if (!k->mac_ok)
        return "CheckMacValue Error";
    if (!t || strcmp(t->number, call_text(k, "TradeNo")) != 0)
        return "no such trade";
    if (closed_now(k->e, k->now_ms))
        return "closed between 20:15 and 20:30";
    if (strlen(action) != 1 || text_i64(call_text(k, "TotalAmount"), 1, INT32_MAX, &amount))
        return "Action or TotalAmount is wrong";
    if (k->e->is.balance_short && *action == 'R')
        return "餘額不足 balance is short";
    return trade_act(t, *action, amount, k->now_ms, &why) ? why : NULL;
}

static void send_done(struct call *k, const char *why, const char *number)
{
    struct answer a;
    answer_init(&a, k->cx);
    answer_add(&a, "MerchantID", k->account->id);
    answer_add(&a, "MerchantTradeNo", call_text(k, "MerchantTradeNo"));
    answer_add(&a, "TradeNo", number);
    answer_int(&a, "RtnCode", why ? REFUSED : 1);
    answer_add(&a, "RtnMsg", why ? why : "Succeeded");
    call_answer(k, &a);
}

void credit_action(struct http_req *req)
{
    struct call k;
    char text[120];
    if (!call_api(req, FOR_PAYMENT, &k) || call_locked_out(&k))
        return;
    if (!k.account) {
        call_send(&k, "text/html; charset=utf-8", "0|MerchantID Error");
        return;
    }
    ecpay_lock(k.e);
    struct trade *t = trade_of(k.e, k.account->id, call_text(&k, "MerchantTradeNo"));
    const char *why = act(&k, t);
    bool pipe = k.e->is.pipe_answers;
    ecpay_unlock(k.e);
    (void)snprintf(text, sizeof text, why ? "0|%s" : "1|OK%s", why ? why : "");
    if (pipe)
        call_send(&k, "text/html; charset=utf-8", text);
    else
        send_done(&k, why, call_text(&k, "TradeNo"));
}

/* ---- asking for the card's state ---- */

static json_t *closing_json(const struct trade *t, size_t i)
{
    char at[TAIPEI_TEXT], sno[24], amount[24];
    const struct closing *c = &t->closings[i];
    bool closed = t->credit == CREDIT_CAPTURED;
    taipei_text(c->at_ms, at);
    (void)snprintf(sno, sizeof sno, "%s%02zu", t->gwsr, i + 1);
    (void)snprintf(amount, sizeof amount, "%" PRId64, c->amount);
    return json_pack("{s:s, s:s, s:s, s:s}", "status", closed ? "已關帳" : "要關帳", "sno", sno,
                     "amount", amount, "datetime", at);
}

static json_t *detail_json(const struct trade *t)
{
    char at[TAIPEI_TEXT], amount[24], clsamt[24];
    json_t *list = json_array();
    for (size_t i = 0; i < t->closing_n; i++)
        (void)json_array_append_new(list, closing_json(t, i));
    taipei_text(t->paid_ms, at);
    (void)snprintf(amount, sizeof amount, "%" PRId64, t->amount);
    (void)snprintf(clsamt, sizeof clsamt, "%" PRId64, t->captured - t->refunded);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "TradeID", t->gwsr, "amount", amount,
                     "clsamt", clsamt, "authtime", at, "status", credit_state_name(t->credit),
                     "close_data", list);
}

void credit_query(struct http_req *req)
{
    struct call k;
    int64_t amount = 0;
    if (!call_api(req, FOR_PAYMENT, &k) || call_locked_out(&k))
        return;
    bool known =
        k.account && k.mac_ok && !text_i64(call_text(&k, "CreditAmount"), 1, INT32_MAX, &amount);
    ecpay_lock(k.e);
    struct trade *t = known ? trade_by_gwsr(k.e, call_text(&k, "CreditRefundId")) : NULL;
    bool ours = t && t->credit != CREDIT_NONE && t->amount == amount &&
                &k.e->accounts[t->merchant] == k.account;
    if (ours)
        trade_settle(t, k.now_ms);
    json_t *o = json_pack("{s:s, s:o}", "RtnMsg",
                          !known ? "error"
                          : ours ? ""
                                 : "error_nopay",
                          "RtnValue", ours ? detail_json(t) : json_object());
    ecpay_unlock(k.e);
    char *text = json_text_of(o);
    call_send(&k, "application/json; charset=utf-8", text);
    free(text);
}
