/* Asking ECPay what became of a payment (developers.ecpay.com.tw 2890, 5615). */
#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "pay/ecpay_in.h"

#include <string.h>

/* TradeStatus. Whatever else it is, it is not paid. */
enum { UNPAID = 0, PAID = 1, NO_TRADE = 10200047, NOT_MADE = 10200095 };

/* A signed answer about this payment, and no other. */
static enum err post_query(struct ecpay *e, struct cx *cx, const char *path,
                           const struct gateway_payment *p, struct ecpay_form *ret_form)
{
    struct ecpay_ask ask;
    const char *body;
    size_t len;
    ecpay_ask_begin(e, &ask);
    ecpay_ask_add(&ask, "MerchantTradeNo", p->our_ref);
    enum err err = ecpay_ask_int(cx, &ask, "TimeStamp", cx->now_ms / 1000);
    if (!err)
        err = ecpay_ask_sign(e, cx, &ask);
    if (!err)
        err = ecpay_post(e, cx, &(struct ecpay_call){.path = path}, &ask, &body, &len);
    if (!err)
        err = ecpay_read_signed(cx, &e->keys, body, len, ret_form);
    if (err == ERR_FORBIDDEN || err == ERR_INPUT || err == ERR_NOT_FOUND)
        return problem(cx, ERR_UPSTREAM, "ECPay's answer is not to be trusted");
    const char *ref = err ? NULL : ecpay_form_text(ret_form, "MerchantTradeNo");
    if (!err && (!ref || strcmp(ref, p->our_ref) != 0))
        return problem(cx, ERR_UPSTREAM, "ECPay's answer is about another payment");
    return err;
}

/* ---- codes ---- */

static bool waits_for_code(const struct gateway_payment *p)
{
    const struct ecpay_method *m = ecpay_method_find(p->method);
    return m && (m->kind == ECPAY_ATM || m->kind == ECPAY_CVS || m->kind == ECPAY_BARCODE);
}

/* Has our row a code already? */
static bool has_code(const struct gateway_payment *p)
{
    json_error_t why;
    json_t *o = p->details ? json_loads(p->details, 0, &why) : NULL;
    bool has = json_object_get(o, "account") || json_object_get(o, "code") ||
               json_object_get(o, "barcodes");
    json_decref(o);
    return has;
}

/* The code of an unpaid payment, if one was issued; without an answer it is unpaid all the same. */
static void ask_code(struct ecpay *e, struct cx *cx, const struct gateway_payment *p,
                     struct gateway_news *n)
{
    struct ecpay_form form;
    struct gateway_news code;
    if (post_query(e, cx, "/Cashier/QueryPaymentInfo", p, &form) == ERR_OK &&
        ecpay_read_news(cx, &form, &code) == ERR_OK && code.says == SAYS_CODE) {
        n->says = SAYS_CODE;
        n->details = code.details;
    }
    cx->problem[0] = '\0';
}

/* ---- the trade ---- */

/* Not made, or failed: as long as the buyer has time, the page may still be open before them. */
static void not_made(struct cx *cx, const struct gateway_payment *p, struct gateway_news *n)
{
    bool over = !p->expires_ms || cx->now_ms >= p->expires_ms;
    n->says = over ? SAYS_FAILED : SAYS_PENDING;
    n->fail_code = over ? "declined" : NULL;
}

static void judge(struct cx *cx, const struct gateway_payment *p, int64_t status,
                  struct gateway_news *n)
{
    if (status == PAID)
        n->says = SAYS_PAID;
    else if (status == NO_TRADE)
        n->says = SAYS_UNKNOWN;
    else if (status == NOT_MADE)
        not_made(cx, p, n);
    else
        n->says = SAYS_PENDING;
    if (status != PAID && status != UNPAID && status != NO_TRADE && status != NOT_MADE)
        log_warn("ecpay has a trade in a state of its own", LOG_S("req", cx->id),
                 LOG_S("ref", p->our_ref), LOG_I("status", status));
}

static int64_t paid_at(const struct ecpay_form *form)
{
    const char *s = ecpay_form_text(form, "PaymentDate");
    int64_t ms;
    return s && ecpay_time_parse(s, &ms) == ERR_OK ? ms : 0;
}

static enum err read_trade(struct cx *cx, const struct gateway_payment *p,
                           const struct ecpay_form *form, struct gateway_news *n)
{
    int64_t status;
    if (ecpay_number(form, "TradeStatus", &status) || ecpay_number(form, "TradeAmt", &n->amount))
        return problem(cx, ERR_UPSTREAM, "ECPay's answer has no TradeStatus or TradeAmt");
    n->provider_ref = ecpay_word(form, "TradeNo", ECPAY_REF_MAX);
    n->currency = "TWD";
    judge(cx, p, status, n);
    if (n->says == SAYS_PAID)
        n->paid_ms = paid_at(form);
    return ecpay_read_details(cx, form, &n->details);
}

enum err ecpay_query(struct gateway *g, struct cx *cx, const struct gateway_payment *p,
                     struct gateway_news *ret_news)
{
    struct ecpay *e = (struct ecpay *)g;
    struct ecpay_form form;
    struct gateway_news n = {.our_ref = p->our_ref};
    enum err err = post_query(e, cx, "/Cashier/QueryTradeInfo/V5", p, &form);
    if (!err)
        err = read_trade(cx, p, &form, &n);
    if (!err && n.says == SAYS_PENDING && waits_for_code(p)) {
        if (has_code(p))
            n.says = SAYS_CODE;
        else
            ask_code(e, cx, p, &n);
    }
    if (!err)
        *ret_news = n;
    return err;
}
