/* The pages a buyer sees at ECPay: how to pay, the card and the bank's question, a code, the end.
 */
#include "sandboxd/ecpay_in.h"

#include "base/form.h"
#include "sandboxd/ecpay_clock.h"
#include "sandboxd/page.h"

#include <stdio.h>
#include <string.h>

static const char *pick(const struct page *p, const char *zh, const char *en)
{
    return page_pick(p, zh, en, en);
}

static const char *method_word(const struct page *p, enum method m)
{
    switch (m) {
    case METHOD_CREDIT: return pick(p, "信用卡", "Credit card");
    case METHOD_ATM: return pick(p, "ATM 虛擬帳號", "ATM transfer");
    case METHOD_CVS: return pick(p, "超商代碼", "Store code");
    case METHOD_BARCODE: return pick(p, "超商條碼", "Store barcode");
    case METHOD_WEBATM: return pick(p, "網路 ATM", "WebATM");
    case METHOD_TWQR: return pick(p, "TWQR 行動支付", "TWQR");
    case METHOD_APPLEPAY: return "Apple Pay";
    case METHOD_ALL:
    case METHODS: break;
    }
    return pick(p, "付款方式", "Payment");
}

/* ECPay speaks Chinese unless the shop asked for another language. */
void trade_page_begin(struct page *p, const struct trade *t, const char *zh, const char *en)
{
    bool chinese = !trade_text(t, AIO_LANGUAGE)[0] || !strcmp(trade_text(t, AIO_LANGUAGE), "CHI");
    page_begin_in(p, chinese ? PAGE_ZH : PAGE_EN, chinese ? zh : en);
    page_rows(p);
    page_row(p, pick(p, "訂單編號", "Order"), trade_text(t, AIO_TRADE_NO));
    page_row(p, pick(p, "商品", "Items"), trade_text(t, AIO_ITEM));
    page_money(p, pick(p, "金額", "Amount"), (struct money){t->amount, "TWD"});
    page_rows_end(p);
}

static void pay_form(struct page *p, const struct trade *t)
{
    char action[80];
    (void)snprintf(action, sizeof action, "/ecpay/pay/%s", t->token);
    page_form(p, action);
}

/* Each link stands in a paragraph of its own: apart from the next by its margin. */
static void one_link(struct page *p, const char *href, const char *label)
{
    page_html(p, "<p>");
    page_link(p, "plain", href, label);
    page_html(p, "</p>\n");
}

static void links(struct page *p, const struct trade *t)
{
    char other[80];
    (void)snprintf(other, sizeof other, "/ecpay/pay/%s?choose=1", t->token);
    if (t->state == TRADE_OPEN && strcmp(trade_text(t, AIO_CHOOSE), "ALL") == 0 &&
        t->method != METHOD_ALL)
        one_link(p, other, pick(p, "其他付款方式", "Another way to pay"));
    if (trade_text(t, AIO_BACK_URL)[0])
        one_link(p, trade_text(t, AIO_BACK_URL), pick(p, "返回商店", "Back to the shop"));
}

/* ---- before it is paid ---- */

static void choices(struct page *p, const struct trade *t)
{
    trade_page_begin(p, t, "選擇付款方式", "How would you like to pay?");
    pay_form(p, t);
    for (unsigned m = METHOD_ALL + 1; m < METHODS; m++)
        if (t->methods[m])
            page_button(p, "plain", "method", method_name((enum method)m),
                        method_word(p, (enum method)m));
    page_form_end(p);
}

static void terms(struct page *p, const struct trade *t)
{
    if (!t->terms_offered[0])
        return;
    page_html(p, "<label>");
    page_text(p, pick(p, "分期期數", "Instalments"));
    page_html(p, "<select name=\"terms\">");
    for (size_t i = 0; i < 8 && t->terms_offered[i]; i++) {
        char n[16];
        (void)snprintf(n, sizeof n, "%d", t->terms_offered[i]);
        page_html(p, "<option>");
        page_text(p, n);
        page_html(p, "</option>");
    }
    page_html(p, "</select></label>\n");
}

/* No field for a card: the number is a text, and nobody can type a real one. */
static void card(struct page *p, const struct trade *t)
{
    trade_page_begin(p, t, "信用卡付款", "Pay by card");
    page_rows(p);
    page_row(p, pick(p, "卡號", "Card"), "4311-9522-2222-2222");
    page_row(p, pick(p, "有效年月", "Expires"), "12/35");
    page_row(p, pick(p, "末三碼", "Code"), "222");
    page_rows_end(p);
    pay_form(p, t);
    terms(p, t);
    page_button(p, "main", "do", "pay", pick(p, "立即付款", "Pay now"));
    page_button(p, "bad", "do", "fail", pick(p, "模擬：授權失敗", "Simulate: declined"));
    page_form_end(p);
}

static void bank(struct page *p, const struct trade *t)
{
    trade_page_begin(p, t, "3D 驗證", "3-D Secure");
    page_para(p, NULL,
              pick(p, "銀行已發送簡訊驗證碼（測試碼為 1234）。",
                   "Your bank has sent a code by SMS (in this sandbox it is 1234)."));
    pay_form(p, t);
    page_field(p, "sms", pick(p, "簡訊驗證碼", "SMS code"), "1234");
    page_button(p, "main", "do", "sms", pick(p, "確認", "Confirm"));
    page_button(p, "plain", "do", "sms_stay",
                pick(p, "確認，但不回商店（關閉分頁）", "Confirm, then close the tab"));
    page_button(p, "bad", "do", "sms_fail", pick(p, "驗證失敗", "Verification fails"));
    page_form_end(p);
}

static void wallet(struct page *p, const struct trade *t)
{
    trade_page_begin(p, t, method_word(&(struct page){.lang = PAGE_ZH}, t->method),
                     method_word(&(struct page){.lang = PAGE_EN}, t->method));
    pay_form(p, t);
    page_button(p, "main", "do", "now", pick(p, "確認付款", "Pay now"));
    page_button(p, "plain", "do", "now_stay",
                pick(p, "付款，但不回商店（關閉分頁）", "Pay, then close the tab"));
    page_button(p, "bad", "do", "fail", pick(p, "模擬：付款失敗", "Simulate: it fails"));
    page_form_end(p);
}

static void places(struct page *p, const struct trade *t)
{
    const struct trade_place *place = trade_places(t->method);
    trade_page_begin(p, t, "取得繳費代碼", "Get a code to pay with");
    page_para(p, "note",
              pick(p, "取得代碼後，請在期限內繳費。", "Pay with the code before it runs out."));
    pay_form(p, t);
    for (size_t i = 0; place[i].word; i++)
        page_button(p, i ? "plain" : "main", "where", place[i].word, place[i].name);
    page_form_end(p);
}

/* ---- after ---- */

static void to_shop(struct page *p, const char *action, const struct answer *a, bool go)
{
    struct form_pair pairs[ANSWER_FIELDS_MAX];
    for (size_t i = 0; i < a->n; i++)
        pairs[i] = (struct form_pair){a->f[i].name, a->f[i].value};
    if (go) {
        page_post_on(p, action, pairs, a->n);
        return;
    }
    page_form(p, action);
    for (size_t i = 0; i < a->n; i++)
        page_hidden(p, pairs[i].name, pairs[i].value);
    page_button(p, "main", "", "", pick(p, "返回商店", "Back to the shop"));
    page_form_end(p);
}

static void code_rows(struct page *p, const struct trade *t)
{
    char until[TAIPEI_TEXT];
    taipei_text(t->expires_ms, until);
    page_rows(p);
    if (t->method == METHOD_ATM) {
        page_row(p, pick(p, "銀行代碼", "Bank"), t->bank);
        page_row(p, pick(p, "繳費帳號", "Account"), t->account);
    }
    if (t->method == METHOD_CVS)
        page_row(p, pick(p, "繳費代碼", "Code"), t->payment_no);
    for (size_t i = 0; i < 3 && t->method == METHOD_BARCODE; i++)
        page_row(p, pick(p, "條碼", "Barcode"), t->barcode[i]);
    page_row(p, pick(p, "繳費期限", "Pay until"), until);
    page_rows_end(p);
}

static void code(struct page *p, struct ecpay *e, struct cx *cx, const struct trade *t, bool go)
{
    char counter[80];
    struct answer a;
    const char *number = t->method == METHOD_ATM   ? t->account
                         : t->method == METHOD_CVS ? t->payment_no
                                                   : t->barcode[1];
    (void)snprintf(counter, sizeof counter, "/ecpay/counter?code=%s", number);
    trade_page_begin(p, t, "取號成功", "Your code to pay with");
    code_rows(p, t);
    one_link(p, counter, pick(p, "模擬：去繳費", "Simulate: go and pay it"));
    if (trade_text(t, AIO_CODE_URL)[0]) {
        answer_init(&a, cx);
        tell_code_fields(e, t, &a);
        answer_mac(&a, &e->accounts[t->merchant]);
        to_shop(p, trade_text(t, AIO_CODE_URL), &a, go);
    }
}

static void result(struct page *p, struct ecpay *e, struct cx *cx, const struct trade *t, bool go)
{
    struct answer a;
    bool paid = t->state == TRADE_PAID;
    trade_page_begin(p, t, paid ? "付款成功" : "付款失敗", paid ? "Paid" : "Not paid");
    page_rows(p);
    page_row(p, pick(p, "綠界交易編號", "ECPay's number"), t->number);
    page_rows_end(p);
    if (!paid)
        page_para(
            p, "bad-note",
            pick(p, "授權失敗，請回商店重新付款。", "Declined. Please pay again at the shop."));
    if (!trade_by_code(t->method) && trade_text(t, AIO_RESULT_URL)[0]) {
        answer_init(&a, cx);
        tell_result_fields(e, t, false, &a);
        answer_mac(&a, &e->accounts[t->merchant]);
        to_shop(p, trade_text(t, AIO_RESULT_URL), &a, go);
    } else if (!go) {
        page_para(p, "note", pick(p, "您可以關閉此分頁。", "You may close this tab."));
    }
}

void trade_page(struct page *p, struct ecpay *e, struct cx *cx, const struct trade *t, bool choose,
                bool go)
{
    if (trade_over(t))
        result(p, e, cx, t, go);
    else if (t->state == TRADE_CODE)
        code(p, e, cx, t, go);
    else if (choose || t->method == METHOD_ALL)
        choices(p, t);
    else if (t->asks_code)
        bank(p, t);
    else if (t->method == METHOD_CREDIT)
        card(p, t);
    else if (trade_by_code(t->method))
        places(p, t);
    else
        wallet(p, t);
    links(p, t);
}

void refusal_page(struct http_req *req, int code, const char *why)
{
    struct page p;
    char number[16];
    (void)snprintf(number, sizeof number, "%d", code);
    page_begin_in(&p, PAGE_ZH, "交易失敗 Transaction failed");
    page_rows(&p);
    page_row(&p, "訊息代碼 Message code", number);
    page_row(&p, "訊息說明 Note for message", why);
    page_rows_end(&p);
    page_send(&p, req, 200);
}
