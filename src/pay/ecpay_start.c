/* Beginning a payment: the form that the buyer's browser posts to ECPay. No call is made. */
#include "base/arena.h"
#include "base/text.h"
#include "pay/ecpay_in.h"

#include <string.h>

enum { ATM_DAYS = 60, BARCODE_DAYS = 30, CVS_MINUTES = 43200 };

static bool by_code(const struct ecpay_method *m)
{
    return m->kind == ECPAY_ATM || m->kind == ECPAY_CVS || m->kind == ECPAY_BARCODE;
}

/* [0-9A-Za-z], at most 20: never the same again (developers.ecpay.com.tw 2864). */
static bool ref_ok(const char *s)
{
    size_t n = strspn(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return n > 0 && n <= ECPAY_REF_MAX && s[n] == '\0';
}

/* What ECPay takes as an address of ours; NULL is left out. */
static bool url_ok(const char *url)
{
    if (!url)
        return true;
    for (const char *c = url; *c; c++)
        if (*c <= 0x20 || *c >= 0x7f || strchr(";|`<>\"'", *c))
            return false;
    return strlen(url) <= ECPAY_URL_MAX;
}

static enum err check(struct cx *cx, const struct gateway_start *ask)
{
    if (!ref_ok(ask->our_ref))
        return problem(cx, ERR_INPUT, "ECPay takes references of 1 to 20 letters and digits");
    if (strcmp(ask->currency, "TWD") != 0 || ask->amount < 1 || ask->amount > INT32_MAX)
        return problem(cx, ERR_INPUT, "ECPay takes whole amounts in TWD");
    if (!ask->notify_url || !url_ok(ask->notify_url) || !url_ok(ask->info_url) ||
        !url_ok(ask->return_url) || !url_ok(ask->code_url))
        return problem(cx, ERR_INPUT, "ECPay takes plain addresses of at most %d characters",
                       ECPAY_URL_MAX);
    return ERR_OK;
}

static int64_t within(int64_t n, int64_t lo, int64_t hi)
{
    return n < lo ? lo : n > hi ? hi : n;
}

/* The last whole day that ends before the payment does; a code lives one day at least. */
static int64_t days_until(int64_t now_ms, int64_t expires_ms, int64_t max)
{
    return within(ecpay_day(expires_ms + 1000) - ecpay_day(now_ms) - 1, 1, max);
}

/* One name, two units: minutes for CVS, days for BARCODE. */
static enum err add_expiry(struct cx *cx, struct ecpay_ask *a, const struct ecpay_method *m,
                           int64_t expires_ms)
{
    if (!expires_ms)
        return ERR_OK;
    int64_t minutes = (expires_ms - cx->now_ms) / 60000;
    if (m->kind == ECPAY_ATM)
        return ecpay_ask_int(cx, a, "ExpireDate", days_until(cx->now_ms, expires_ms, ATM_DAYS));
    if (m->kind == ECPAY_BARCODE)
        return ecpay_ask_int(cx, a, "StoreExpireDate",
                             days_until(cx->now_ms, expires_ms, BARCODE_DAYS));
    return ecpay_ask_int(cx, a, "StoreExpireDate", within(minutes, 1, CVS_MINUTES));
}

static enum err add_method(const struct ecpay *e, struct cx *cx, struct ecpay_ask *a,
                           const struct ecpay_method *m, const struct gateway_start *ask)
{
    ecpay_ask_add(a, "ChoosePayment", m->choose);
    if (m->kind == ECPAY_CREDIT)
        ecpay_ask_add(a, "NeedExtraPaidInfo", "Y"); /* gwsr: refunds need it */
    if (m->terms)
        ecpay_ask_add(a, "CreditInstallment", e->terms);
    if (!by_code(m)) {
        ecpay_ask_add(a, "OrderResultURL", ask->return_url);
        return ERR_OK;
    }
    ecpay_ask_add(a, "PaymentInfoURL", ask->info_url);
    ecpay_ask_add(a, "ClientRedirectURL", ask->code_url);
    return add_expiry(cx, a, m, ask->expires_ms);
}

/* Without it the pages are in traditional Chinese. They have no Thai. */
static const char *language(const char *lang)
{
    static const struct {
        const char *ours, *theirs;
    } table[] = {{"zh-CN", "CHI"}, {"zh-Hans", "CHI"}, {"zh", NULL},
                 {"ko", "KOR"},    {"ja", "JPN"},      {"", "ENG"}};
    for (size_t i = 0; lang && lang[0]; i++)
        if (text_has_prefix(lang, table[i].ours))
            return table[i].theirs;
    return NULL;
}

static enum err add_texts(struct cx *cx, struct ecpay_ask *a, const struct gateway_start *ask)
{
    const char *item = ecpay_item_name(cx, ask->items, ask->item_count);
    const char *desc = ecpay_trade_desc(cx, ask->shop_name ? ask->shop_name : "");
    const char *number = ecpay_trade_desc(cx, ask->order_no ? ask->order_no : ask->our_ref);
    char *date = arena_bytes(cx->arena, ECPAY_TIME_TEXT, 1);
    if (!item || !desc || !number || !date)
        return ERR_NO_MEMORY;
    ecpay_time_text(cx->now_ms, date);
    ecpay_ask_add(a, "MerchantTradeDate", date);
    ecpay_ask_add(a, "ItemName", item[0] ? item : number);
    ecpay_ask_add(a, "TradeDesc", desc[0] ? desc : number);
    return ERR_OK;
}

static enum err fill(const struct ecpay *e, struct cx *cx, struct ecpay_ask *a,
                     const struct ecpay_method *m, const struct gateway_start *ask)
{
    ecpay_ask_begin(e, a);
    ecpay_ask_add(a, "MerchantTradeNo", ask->our_ref);
    ecpay_ask_add(a, "PaymentType", "aio");
    ecpay_ask_add(a, "EncryptType", "1");
    ecpay_ask_add(a, "ReturnURL", ask->notify_url);
    ecpay_ask_add(a, "ClientBackURL", url_ok(ask->back_url) ? ask->back_url : NULL);
    ecpay_ask_add(a, "Language", language(ask->lang));
    enum err err = ecpay_ask_int(cx, a, "TotalAmount", ask->amount);
    if (!err)
        err = add_texts(cx, a, ask);
    if (!err)
        err = add_method(e, cx, a, m, ask);
    return err ? err : ecpay_ask_sign(e, cx, a);
}

static enum err hand_over(const struct ecpay *e, struct cx *cx, const struct ecpay_ask *a,
                          struct gateway_next *ret_next)
{
    struct gateway_field *fields = arena_array(cx->arena, struct gateway_field, a->count);
    const char *url = arena_fmt(cx->arena, "%s/Cashier/AioCheckOut/V5", e->url);
    if (!fields || !url)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < a->count; i++) {
        const struct ecpay_field *f = &a->fields[i];
        fields[i] = (struct gateway_field){f->name, arena_dup(cx->arena, f->value, f->value_len)};
        if (!fields[i].value)
            return ERR_NO_MEMORY;
    }
    *ret_next = (struct gateway_next){
        .what = DO_FORM, .url = url, .fields = fields, .field_count = a->count};
    return ERR_OK;
}

enum err ecpay_start(struct gateway *g, struct cx *cx, const struct gateway_start *ask,
                     struct gateway_next *ret_next, struct gateway_news *ret_news)
{
    const struct ecpay *e = (const struct ecpay *)g;
    const struct ecpay_method *m = ecpay_method_find(ask->method);
    struct ecpay_ask form;
    if (!m)
        return problem(cx, ERR_INPUT, "ECPay has no such method");
    enum err err = check(cx, ask);
    if (!err)
        err = fill(e, cx, &form, m, ask);
    if (!err)
        err = hand_over(e, cx, &form, ret_next);
    if (!err)
        *ret_news = (struct gateway_news){.our_ref = ask->our_ref, .says = SAYS_PENDING};
    return err;
}
