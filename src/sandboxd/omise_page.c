/* The pages a buyer sees away from the shop, and the picture of a PromptPay QR. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/form.h"
#include "base/qr.h"
#include "base/text.h"
#include "sandboxd/omise_in.h"
#include "sandboxd/page.h"
#include "sandboxd/promptpay.h"

#include <stdio.h>
#include <string.h>

enum { SVG_MAX = 256 << 10, WAITING_SHOWN = 50 };

static struct omise_row *find_page(struct omise *o, const char *page)
{
    for (size_t i = o->charges.n; *page && i-- > 0;)
        if (strcmp(book_at(&o->charges, i)->page, page) == 0)
            return book_at(&o->charges, i);
    return NULL;
}

/* ---- one charge, as a page shows it: copies, for use without the lock ---- */

struct seen {
    char id[OMISE_ID], page[OMISE_ID], type[OMISE_WORD], status[OMISE_WORD];
    const char *description, *return_uri, *expires_at, *qr; /* in the request's arena; or "" */
    int64_t amount;
    bool waits;
};

static const char *keep(struct http_req *req, const char *text)
{
    const char *copy = arena_dup(http_cx(req)->arena, text, strlen(text));
    return copy ? copy : "";
}

static void look(struct http_req *req, const struct omise_row *r, struct seen *s)
{
    const json_t *code = json_object_get(json_object_get(r->o, "source"), "scannable_code");
    *s = (struct seen){.amount = omise_number(r->o, "amount"), .waits = charge_waits(r)};
    (void)text_copy(s->id, sizeof s->id, r->id);
    (void)text_copy(s->page, sizeof s->page, r->page);
    (void)text_copy(s->type, sizeof s->type, charge_type(r->o));
    (void)text_copy(s->status, sizeof s->status, omise_get(r->o, "status"));
    s->description = keep(req, omise_get(r->o, "description"));
    s->return_uri = keep(req, omise_get(r->o, "return_uri"));
    s->expires_at = keep(req, omise_get(r->o, "expires_at"));
    s->qr = keep(req, omise_get(json_object_get(code, "image"), "download_uri"));
}

static bool look_at_page(struct http_req *req, struct seen *s)
{
    struct omise *o = sandboxd_of(req)->omise;
    (void)pthread_mutex_lock(&o->lock);
    const struct omise_row *r = find_page(o, http_param(req, "page"));
    if (r)
        look(req, r, s);
    (void)pthread_mutex_unlock(&o->lock);
    if (!r)
        http_fail(req, ERR_NOT_FOUND, "no payment waits here");
    return r != NULL;
}

static const char *method_name(const struct page *p, const char *type)
{
    const struct omise_way *w = way_of(type);
    return w ? page_pick(p, w->zh, w->th, w->en) : type;
}

/* ---- paying ---- */

static void describe(struct page *p, const struct seen *s)
{
    page_rows(p);
    page_row(p, page_pick(p, "付款方式", "วิธีชำระเงิน", "Method"), method_name(p, s->type));
    page_money(p, page_pick(p, "金額", "ยอดชำระ", "Amount"),
               (struct money){.amount = s->amount, .currency = "THB"});
    if (*s->description)
        page_row(p, page_pick(p, "說明", "รายละเอียด", "For"), s->description);
    page_row(p, page_pick(p, "編號", "หมายเลข", "Charge"), s->id);
    page_rows_end(p);
}

static void buttons(struct page *p, const struct seen *s)
{
    page_form(p, "");
    page_button(p, "main", "as", "success", page_pick(p, "付款成功", "ชำระเงินสำเร็จ", "Pay"));
    page_button(p, "bad", "as", "fail",
                page_pick(p, "付款失敗", "ชำระเงินไม่สำเร็จ", "Fail the payment"));
    page_button(p, "plain", "as", "cancel", page_pick(p, "取消", "ยกเลิก", "Cancel"));
    page_form_end(p);
    if (*s->return_uri)
        page_link(p, "plain", s->return_uri,
                  page_pick(p, "不付款，先回商店", "กลับไปที่ร้านโดยยังไม่ชำระ",
                            "Back to the shop without paying"));
}

/* Not of a card, which has days. */
static void countdown(struct page *p, const struct seen *s)
{
    if (strcmp(s->type, "card") == 0)
        return;
    page_html(p, "<p class=\"note\">");
    page_text(p, page_pick(p, "剩餘時間 ", "เวลาที่เหลือ ", "Time left "));
    page_html(p, "<time data-until datetime=\"");
    page_text(p, s->expires_at);
    page_html(p, "\">");
    page_text(p, s->expires_at);
    page_html(p, "</time></p>\n");
}

static void page_ended(struct page *p, const struct seen *s)
{
    page_rows(p);
    page_row(p, page_pick(p, "狀態", "สถานะ", "Status"), s->status);
    page_rows_end(p);
    if (*s->return_uri)
        page_link(p, "main", s->return_uri,
                  page_pick(p, "回到商店", "กลับไปที่ร้าน", "Back to the shop"));
    else
        page_para(p, "note",
                  page_pick(p, "可以關閉此頁，回到商店的頁面。", "ปิดหน้านี้แล้วกลับไปที่หน้าร้านได้",
                            "You may close this page and go back to the shop's."));
}

static const char *title_of(const struct page *p, const struct seen *s)
{
    if (!s->waits)
        return page_pick(p, "付款已結束", "การชำระเงินสิ้นสุดแล้ว", "This payment has ended");
    if (strcmp(s->type, "card") == 0)
        return page_pick(p, "3-D 驗證", "ยืนยันตัวตน 3-D Secure", "3-D Secure");
    return page_pick(p, "確認付款", "ยืนยันการชำระเงิน", "Confirm the payment");
}

static void show(struct http_req *req, const struct seen *s)
{
    struct page p = {.lang = page_lang_of(req)};
    page_begin_in(&p, p.lang, title_of(&p, s));
    describe(&p, s);
    if (s->waits && *s->qr) {
        page_html(&p, "<img class=\"qr\" alt=\"PromptPay QR\" src=\"");
        page_text(&p, s->qr);
        page_html(&p, "\">\n");
    }
    if (s->waits) {
        countdown(&p, s);
        buttons(&p, s);
    } else {
        page_ended(&p, s);
    }
    page_send(&p, req, 200);
}

void page_authorize(struct http_req *req)
{
    struct seen s;
    if (look_at_page(req, &s))
        show(req, &s);
}

/* The buyer has pressed a button. What came before it stays: a second press changes nothing. */
static void decide(struct omise *o, struct omise_row *r, const char *as)
{
    int64_t now_ms = clock_unix_ms();
    const char *code = strcmp(as, "success") == 0               ? r->fate
                       : strcmp(as, "cancel") == 0              ? "payment_cancelled"
                       : strcmp(charge_type(r->o), "card") == 0 ? "3ds_validation_failed"
                                                                : "payment_rejected";
    charge_settle(o, r, now_ms, code);
    if (!*code && strcmp(charge_type(r->o), "card") == 0)
        omise_set(r->o, "authenticated_by", json_string("3DS"));
    event_add(o, now_ms, "charge.complete", r->o);
}

void page_authorized(struct http_req *req)
{
    struct omise *o = sandboxd_of(req)->omise;
    struct form *f = arena_new(http_cx(req)->arena, struct form);
    struct seen s;
    size_t len;
    const char *body = http_body(req, &len);
    if (!f || form_read(http_cx(req), body, len, f) || !*form_text(f, "as")) {
        http_fail(req, ERR_INPUT, "no button was pressed");
        return;
    }
    (void)pthread_mutex_lock(&o->lock);
    struct omise_row *r = find_page(o, http_param(req, "page"));
    if (r && charge_waits(r))
        decide(o, r, form_text(f, "as"));
    (void)pthread_mutex_unlock(&o->lock);
    if (!look_at_page(req, &s))
        return;
    if (*s.return_uri)
        http_redirect(req, 303, s.return_uri);
    else
        show(req, &s);
}

/* ---- what waits: for QR codes, which lead no browser here ---- */

static void waiting_row(struct page *p, const struct seen *s)
{
    char href[120], amount[40];
    (void)snprintf(href, sizeof href, "/omise/payments/%s/authorize", s->page);
    (void)snprintf(amount, sizeof amount, "฿%lld.%02d · %s", (long long)(s->amount / 100),
                   (int)(s->amount % 100), method_name(p, s->type));
    page_para(p, "note", *s->description ? s->description : s->id);
    page_link(p, "main", href, amount);
}

void page_waiting(struct http_req *req)
{
    struct omise *o = sandboxd_of(req)->omise;
    struct seen *list = arena_array(http_cx(req)->arena, struct seen, WAITING_SHOWN);
    struct page p = {.lang = page_lang_of(req)};
    size_t n = 0;
    (void)pthread_mutex_lock(&o->lock);
    for (size_t i = o->charges.n; list && i-- > 0 && n < WAITING_SHOWN;)
        if (charge_waits(book_at(&o->charges, i)))
            look(req, book_at(&o->charges, i), &list[n++]);
    (void)pthread_mutex_unlock(&o->lock);
    page_begin_in(&p, p.lang, page_pick(&p, "等待付款", "รอชำระเงิน", "Waiting to be paid"));
    for (size_t i = 0; i < n; i++)
        waiting_row(&p, &list[i]);
    if (!n)
        page_para(&p, NULL,
                  page_pick(&p, "目前沒有等待付款的項目。", "ไม่มีรายการรอชำระ",
                            "Nothing waits to be paid."));
    page_send(&p, req, 200);
}

/* ---- the QR ---- */

static bool document_is(const struct omise_row *r, struct http_req *req)
{
    const json_t *code = json_object_get(json_object_get(r->o, "source"), "scannable_code");
    const char *id = omise_get(json_object_get(code, "image"), "id");
    return *id && strcmp(id, http_param(req, "document")) == 0 &&
           strcmp(r->token, http_param(req, "token")) == 0;
}

static void send_svg(struct http_req *req, const char *text)
{
    struct buf b;
    struct qr *q = qr_make(text, QR_MIDDLE);
    buf_init(&b, SVG_MAX);
    if (q)
        qr_svg(q, &b);
    http_add(req, "X-Content-Type-Options", "nosniff");
    http_add(req, "Content-Security-Policy", "default-src 'none'");
    http_add(req, "Cross-Origin-Resource-Policy", "cross-origin");
    http_add(req, "Access-Control-Allow-Origin", "*");
    if (!q || buf_err(&b))
        http_fail(req, ERR_NO_MEMORY, NULL);
    else
        http_send(req, 200, "image/svg+xml", b.data, b.len);
    qr_free(q);
    buf_done(&b);
}

void serve_document(struct http_req *req)
{
    struct omise *o = sandboxd_of(req)->omise;
    char text[PROMPTPAY_TEXT] = "";
    (void)pthread_mutex_lock(&o->lock);
    const struct omise_row *r = book_find(&o->charges, http_param(req, "id"));
    if (r && document_is(r, req))
        promptpay_text(omise_number(r->o, "amount"), r->id + strlen("chrg_test_"), text);
    (void)pthread_mutex_unlock(&o->lock);
    if (*text)
        send_svg(req, text);
    else
        http_fail(req, ERR_NOT_FOUND, "no such document");
}
