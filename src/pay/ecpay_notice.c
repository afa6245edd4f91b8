/* What ECPay posts, and answers with the same fields: a form under our keys, then what it says. */
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "pay/ecpay_in.h"

#include <stdlib.h>
#include <string.h>

enum {
    PAID = 1,
    ATM_CODE = 2,
    STORE_CODE = 10100073, /* CVS and BARCODE; neither paid nor an error */
    AMOUNT_DIGITS = 10,
    WORD_MAX = 64
};

/* ---- fields ---- */

const char *ecpay_word(const struct ecpay_form *form, const char *name, size_t max)
{
    const char *s = ecpay_form_text(form, name);
    size_t n = s ? strspn(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") : 0;
    return n > 0 && n <= max && s[n] == '\0' ? s : NULL;
}

enum err ecpay_number(const struct ecpay_form *form, const char *name, int64_t *ret_n)
{
    const char *s = ecpay_form_text(form, name);
    return s && strlen(s) <= AMOUNT_DIGITS ? text_i64(s, 0, INT64_MAX, ret_n) : ERR_INPUT;
}

static int64_t time_of(const struct ecpay_form *form, const char *name)
{
    const char *s = ecpay_form_text(form, name);
    int64_t ms;
    return s && ecpay_time_parse(s, &ms) == ERR_OK ? ms : 0;
}

enum err ecpay_read_signed(struct cx *cx, const struct ecpay_keys *keys, const char *body,
                           size_t len, struct ecpay_form *ret_form)
{
    struct ecpay_form form;
    enum err e = ecpay_form_read(cx, body, len, &form);
    if (!e)
        e = ecpay_mac_check(cx, keys, ECPAY_SHA256, &form);
    if (e)
        return e;
    const char *merchant = ecpay_form_text(&form, "MerchantID");
    if (!merchant || strcmp(merchant, keys->merchant_id) != 0)
        return problem(cx, ERR_INPUT, "the form is of another merchant");
    *ret_form = form;
    return ERR_OK;
}

/* ---- details ---- */

static bool put_text(json_t *o, const char *name, const char *value)
{
    return !value || json_object_set_new(o, name, json_string(value)) == 0;
}

static bool put_int(json_t *o, const char *name, int64_t n)
{
    return n <= 0 || json_object_set_new(o, name, json_integer(n)) == 0;
}

/* "Credit_CreditCard", "ATM_CHINATRUST" */
static const char *payment_type(const struct ecpay_form *form)
{
    const char *s = ecpay_form_text(form, "PaymentType");
    size_t n = s ? strspn(s, "_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") : 0;
    return n > 0 && n <= WORD_MAX && s[n] == '\0' ? s : NULL;
}

static bool put_code(const struct ecpay_form *form, json_t *o)
{
    const char *bars[] = {ecpay_word(form, "Barcode1", 20), ecpay_word(form, "Barcode2", 20),
                          ecpay_word(form, "Barcode3", 20)};
    bool good = put_text(o, "bank_code", ecpay_word(form, "BankCode", 3)) &&
                put_text(o, "account", ecpay_word(form, "vAccount", 16));
    if (good && bars[0] && bars[1] && bars[2])
        good = json_object_set_new(o, "barcodes",
                                   json_pack("[s,s,s]", bars[0], bars[1], bars[2])) == 0;
    else
        good = good && put_text(o, "code", ecpay_word(form, "PaymentNo", 14));
    return good && put_int(o, "expires_at", time_of(form, "ExpireDate"));
}

static bool put_card(const struct ecpay_form *form, json_t *o)
{
    int64_t gwsr = 0, terms = 0;
    if (ecpay_number(form, "stage", &terms))
        terms = 0;
    if (ecpay_number(form, "gwsr", &gwsr) || !gwsr)
        return put_int(o, "terms", terms);
    return put_text(o, "gwsr", ecpay_form_text(form, "gwsr")) &&
           put_text(o, "last4", ecpay_word(form, "card4no", 4)) && put_int(o, "terms", terms);
}

enum err ecpay_read_details(struct cx *cx, const struct ecpay_form *form, const char **ret_text)
{
    json_t *o = json_object();
    bool good =
        o && put_text(o, "type", payment_type(form)) && put_code(form, o) && put_card(form, o);
    char *text = good && json_object_size(o) ? json_dumps(o, JSON_COMPACT) : NULL;
    good = good && (text || !json_object_size(o));
    *ret_text = text ? arena_dup(cx->arena, text, strlen(text)) : NULL;
    good = good && (!text || *ret_text);
    free(text);
    json_decref(o);
    return good ? ERR_OK : ERR_NO_MEMORY;
}

/* ---- what it says ---- */

/* RtnCodes of payments that came to nothing, of ECPay's table of trade codes. */
static const char *fail_code(int64_t code)
{
    static const struct {
        int64_t code;
        const char *word;
    } table[] = {
        {10100251, "bad_card"}, {10100252, "no_funds"}, {10100255, "lost_card"},
        {10100256, "fraud"},    {10200043, "three_d"},  {10200105, "limit"},
        {10200115, "timeout"},  {10300023, "method"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].code == code)
            return table[i].word;
    return "declined";
}

static bool is_expired(int64_t code)
{
    return code == 10100058 || code == 10200009;
}

static void judge(struct gateway_news *n, int64_t code)
{
    if (code == PAID)
        n->says = SAYS_PAID;
    else if (code == ATM_CODE || code == STORE_CODE)
        n->says = SAYS_CODE;
    else
        n->says = is_expired(code) ? SAYS_EXPIRED : SAYS_FAILED;
    if (n->says == SAYS_FAILED)
        n->fail_code = fail_code(code);
}

enum err ecpay_read_news(struct cx *cx, const struct ecpay_form *form,
                         struct gateway_news *ret_news)
{
    struct gateway_news n = {.our_ref = ecpay_word(form, "MerchantTradeNo", ECPAY_REF_MAX),
                             .provider_ref = ecpay_word(form, "TradeNo", ECPAY_REF_MAX),
                             .currency = "TWD",
                             .paid_ms = time_of(form, "PaymentDate")};
    const char *simulated = ecpay_form_text(form, "SimulatePaid");
    const char *rtn = ecpay_form_text(form, "RtnCode");
    int64_t code;
    if (!n.our_ref)
        return problem(cx, ERR_INPUT, "the form has no MerchantTradeNo");
    if (!rtn || strlen(rtn) > AMOUNT_DIGITS || text_i64(rtn, INT64_MIN, INT64_MAX, &code))
        return problem(cx, ERR_INPUT, "the form has no RtnCode");
    if (ecpay_number(form, "TradeAmt", &n.amount))
        return problem(cx, ERR_INPUT, "the form has no TradeAmt");
    n.simulated = simulated && strcmp(simulated, "1") == 0;
    judge(&n, code);
    enum err e = ecpay_read_details(cx, form, &n.details);
    if (!e)
        *ret_news = n;
    return e;
}

/* ---- what comes to our addresses ---- */

static enum err read_notice(struct cx *cx, const struct ecpay_keys *keys, const char *body,
                            size_t len, struct ecpay_notice *ret_notice)
{
    struct ecpay_form form;
    struct ecpay_notice n;
    enum err e = ecpay_read_signed(cx, keys, body, len, &form);
    if (!e)
        e = ecpay_read_news(cx, &form, &n.news);
    if (e)
        return e;
    (void)text_copy(n.event_key, sizeof n.event_key, ecpay_form_text(&form, "CheckMacValue"));
    *ret_notice = n;
    return ERR_OK;
}

enum err ecpay_read_paid(struct cx *cx, const struct ecpay_keys *keys, const char *body, size_t len,
                         struct ecpay_notice *ret_notice)
{
    return read_notice(cx, keys, body, len, ret_notice);
}

/* Paid is said to the other address: here a 1 would be an application that was received (BNPL). */
enum err ecpay_read_info(struct cx *cx, const struct ecpay_keys *keys, const char *body, size_t len,
                         struct ecpay_notice *ret_notice)
{
    struct ecpay_notice n;
    enum err e = read_notice(cx, keys, body, len, &n);
    if (e)
        return e;
    if (n.news.says == SAYS_PAID) {
        n.news.says = SAYS_PENDING;
        n.news.paid_ms = 0;
    }
    if (n.news.says == SAYS_FAILED)
        n.news.fail_code = "provider";
    *ret_notice = n;
    return ERR_OK;
}

enum err ecpay_read_return(struct cx *cx, const struct ecpay_keys *keys, const char *body,
                           size_t len, struct ecpay_notice *ret_notice)
{
    return read_notice(cx, keys, body, len, ret_notice);
}
