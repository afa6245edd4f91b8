/* The other end of a code: a bank's machine, or the counter of a store. */
#include "sandboxd/ecpay_in.h"

#include "base/form.h"
#include "sandboxd/ecpay_clock.h"
#include "sandboxd/page.h"

#include <string.h>

static void ask_for_code(struct page *p)
{
    page_form(p, "/ecpay/counter");
    page_field(p, "code", page_pick(p, "帳號、代碼或條碼", "รหัส", "Account, code or barcode"), "");
    page_button(p, "plain", "do", "look", page_pick(p, "查詢", "ค้นหา", "Look it up"));
    page_form_end(p);
}

static void offer(struct page *p, const struct trade *t, const char *code, int64_t now_ms)
{
    char until[TAIPEI_TEXT];
    taipei_text(t->expires_ms, until);
    page_rows(p);
    page_money(p, page_pick(p, "金額", "ยอด", "Amount"), (struct money){t->amount, "TWD"});
    page_row(p, page_pick(p, "繳費期限", "ชำระก่อน", "Pay until"), until);
    page_row(p, page_pick(p, "狀態", "สถานะ", "State"), trade_state_name(t->state));
    page_rows_end(p);
    if (t->state != TRADE_CODE)
        return;
    if (t->expires_ms < now_ms)
        page_para(p, "bad-note",
                  page_pick(p, "已逾期；仍可在此模擬逾期繳費。", "เลยกำหนดแล้ว แต่จำลองการจ่ายช้าได้",
                            "It has run out; a late payment can be simulated all the same."));
    page_form(p, "/ecpay/counter");
    page_hidden(p, "code", code);
    page_button(p, "main", "do", "pay", page_pick(p, "繳費", "จ่ายเงิน", "Pay"));
    page_button(
        p, "plain", "do", "simulate",
        page_pick(p, "廠商後台：模擬付款", "หลังร้าน: จำลองการจ่าย", "Back office: simulate payment"));
    page_form_end(p);
}

/* Wants the lock. */
static void build(struct page *p, struct http_req *req, const char *code, const char *act)
{
    struct ecpay *e = sandboxd_of(req)->ecpay;
    int64_t now_ms = ecpay_now_locked(e);
    struct trade *t = *code ? trade_by_ref(e, code) : NULL;
    if (t && strcmp(act, "pay") == 0 && t->state == TRADE_CODE && !trade_pay(t, 0, now_ms))
        tell_result(e, t, false);
    if (t && strcmp(act, "simulate") == 0 && !trade_simulate(t))
        tell_result(e, t, true);
    page_begin_in(p, page_lang_of(req) == PAGE_EN ? PAGE_EN : PAGE_ZH, "ATM / ibon / FamiPort");
    ask_for_code(p);
    if (t)
        offer(p, t, code, now_ms);
    else if (*code)
        page_para(p, "bad-note", page_pick(p, "查無此代碼", "ไม่พบรหัสนี้", "No such code"));
}

void counter_show(struct http_req *req)
{
    struct ecpay *e = sandboxd_of(req)->ecpay;
    const char *code = http_query(req, "code");
    struct page p;
    ecpay_lock(e);
    build(&p, req, code ? code : "", "look");
    ecpay_unlock(e);
    page_send(&p, req, 200);
}

void counter_act(struct http_req *req)
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
    ecpay_lock(e);
    build(&p, req, form_text(&f, "code"), form_text(&f, "do"));
    ecpay_unlock(e);
    page_send(&p, req, 200);
}
