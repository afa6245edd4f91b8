/* /Cashier/AioCheckOut/V5 and the buyer's way through its pages. */
#include "sandboxd/ecpay_in.h"

#include "base/form.h"
#include "base/text.h"
#include "sandboxd/page.h"

#include <string.h>

/* RtnCodes of what goes wrong with a card. */
enum { CARD_DECLINED = 10200058, CARD_3D_FAILED = 10200043, WALLET_FAILED = 10100248 };

/* ---- the order ---- */

static enum err keep(struct ecpay *e, struct trade *t)
{
    char key[BOOK_KEY];
    (void)snprintf(key, sizeof key, "%s %s", e->accounts[t->merchant].id,
                   trade_text(t, AIO_TRADE_NO));
    return ecpay_book_add(&e->trades, &t->entry, key);
}

/* True: the page of the new trade is in `p`. */
static bool open_trade(struct call *k, const struct aio_ask *ask, struct page *p,
                       struct aio_refusal *why)
{
    struct ecpay *e = k->e;
    ecpay_lock(e);
    struct trade *t = trade_make(ask, (unsigned)(k->account - e->accounts),
                                 e->base + (int64_t)e->trades.n, k->now_ms);
    enum err made = t ? keep(e, t) : ERR_NO_MEMORY;
    if (!made)
        trade_page(p, e, k->cx, t, false, true);
    else if (t)
        trade_free(&t->entry);
    ecpay_unlock(e);
    if (made == ERR_EXISTS)
        *why = (struct aio_refusal){AIO_TAKEN,
                                    "訂單編號重覆，建立失敗 MerchantTradeNo was used before"};
    else if (made)
        *why = (struct aio_refusal){AIO_BAD_FIELD, "the sandbox is full: start it anew"};
    return !made;
}

void aio_checkout(struct http_req *req)
{
    struct call k;
    struct page p;
    struct aio_ask ask = {.amount = 0};
    struct aio_refusal why;
    if (!call_page(req, FOR_PAYMENT, &k))
        return;
    for (unsigned f = 0; f < AIO_FIELDS; f++)
        ask.field[f] = ecpay_form_text(&k.form, aio_name((enum aio_field)f));
    if (!k.account)
        refusal_page(req, AIO_NO_SHOP, "商店尚未提供任何付款方式 no such MerchantID here");
    else if (!k.mac_ok)
        refusal_page(req, AIO_BAD_MAC, "CheckMacValue Error");
    else if (!aio_check(&ask, &why) || !open_trade(&k, &ask, &p, &why))
        refusal_page(req, (int)why.code, why.why);
    else
        page_send(&p, req, 200);
}

/* ---- its pages ---- */

static void gone(struct http_req *req)
{
    http_fail(req, ERR_NOT_FOUND, "no such payment page");
}

void pay_show(struct http_req *req)
{
    struct ecpay *e = sandboxd_of(req)->ecpay;
    struct page p;
    ecpay_lock(e);
    const struct trade *t = trade_by_token(e, http_param(req, "token"));
    if (t)
        trade_page(&p, e, http_cx(req), t, http_query(req, "choose") != NULL, false);
    ecpay_unlock(e);
    if (t)
        page_send(&p, req, 200);
    else
        gone(req);
}

static int terms_of(const struct trade *t, const struct form *f)
{
    int64_t n;
    if (text_i64(form_text(f, "terms"), 1, 99, &n))
        return t->terms_offered[0];
    for (size_t i = 0; i < 8; i++)
        if (t->terms_offered[i] == n)
            return (int)n;
    return t->terms_offered[0];
}

static enum err pay_it(struct ecpay *e, struct trade *t, int64_t now_ms)
{
    enum err r = trade_pay(t, t->terms, now_ms);
    if (!r)
        tell_result(e, t, false);
    return r;
}

static enum err fail_it(struct ecpay *e, struct trade *t, int code, int64_t now_ms)
{
    enum err r = trade_fail(t, code, now_ms);
    if (!r)
        tell_result(e, t, false);
    return r;
}

/* The bank asks for its code first: 3-D Secure is the rule. */
static enum err ask_code(struct trade *t, const struct form *f)
{
    if (t->method != METHOD_CREDIT || t->state != TRADE_OPEN)
        return ERR_TRANSITION;
    t->asks_code = true;
    t->terms = terms_of(t, f);
    return ERR_OK;
}

static enum err answer_code(struct ecpay *e, struct trade *t, const char *sms, int64_t now_ms)
{
    if (!t->asks_code)
        return ERR_TRANSITION;
    return strcmp(sms, "1234") == 0 ? pay_it(e, t, now_ms) : fail_it(e, t, CARD_3D_FAILED, now_ms);
}

static enum err issue(struct ecpay *e, struct trade *t, const char *where, int64_t now_ms)
{
    enum err r = trade_issue(t, where, now_ms);
    if (!r)
        tell_code(e, t);
    return r;
}

static enum err wallet(struct ecpay *e, struct trade *t, int64_t now_ms)
{
    if (t->method == METHOD_CREDIT || trade_by_code(t->method))
        return ERR_TRANSITION;
    return pay_it(e, t, now_ms);
}

/* What was clicked. A click that does not fit shows the page as it is: it was clicked before. */
static enum err click(struct ecpay *e, struct trade *t, const struct form *f, int64_t now_ms)
{
    const char *act = form_text(f, "do"), *method = form_get(f, "method");
    const char *where = form_get(f, "where");
    enum method m = METHOD_ALL;
    if (method)
        return method_of(method, &m) ? ERR_INPUT : trade_choose(t, m);
    if (where)
        return issue(e, t, where, now_ms);
    if (strcmp(act, "pay") == 0)
        return ask_code(t, f);
    if (strcmp(act, "sms") == 0 || strcmp(act, "sms_stay") == 0)
        return answer_code(e, t, form_text(f, "sms"), now_ms);
    if (strcmp(act, "sms_fail") == 0)
        return answer_code(e, t, "", now_ms);
    if (strcmp(act, "now") == 0 || strcmp(act, "now_stay") == 0)
        return wallet(e, t, now_ms);
    if (strcmp(act, "fail") == 0)
        return fail_it(e, t, t->method == METHOD_CREDIT ? CARD_DECLINED : WALLET_FAILED, now_ms);
    return ERR_INPUT;
}

void pay_act(struct http_req *req)
{
    struct ecpay *e = sandboxd_of(req)->ecpay;
    struct form f;
    struct page p;
    size_t len;
    const char *body = http_body(req, &len);
    enum err r = form_read(http_cx(req), body, len, &f);
    if (r) {
        http_fail(req, r, NULL);
        return;
    }
    bool stay = text_has_suffix(form_text(&f, "do"), "_stay");
    ecpay_lock(e);
    struct trade *t = trade_by_token(e, http_param(req, "token"));
    if (t) {
        r = click(e, t, &f, ecpay_now_locked(e));
        trade_page(&p, e, http_cx(req), t, false, !r && !stay);
    }
    ecpay_unlock(e);
    if (t)
        page_send(&p, req, 200);
    else
        gone(req);
}
