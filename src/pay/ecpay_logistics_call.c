/* Calls to ECPay's logistics and what it answers. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "net/client.h"
#include "pay/ecpay_logistics_in.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ANSWER_MAX = 256 * 1024, CALL_MS = 15000, URL_MAX = 600, REASON_CHARS = 60, ID_MAX = 20 };

const char *ecpay_plain(struct cx *cx, const char *text, size_t chars)
{
    if (!text || !text_is_utf8(text, strlen(text)))
        return "";
    char *copy = arena_dup(cx->arena, text, strlen(text));
    if (!copy)
        return NULL;
    copy[text_tidy(copy, strlen(copy))] = '\0';
    copy[text_prefix(copy, strlen(copy), chars)] = '\0';
    return copy;
}

enum err ecpay_send(struct cx *cx, const struct ecpay_exchange *x, struct buf *answer)
{
    char url[URL_MAX], type[80];
    struct client_answer a;
    (void)snprintf(url, sizeof url, "%s%s", x->base_url, x->path);
    (void)snprintf(type, sizeof type, "Content-Type: %s", x->type);
    const char *headers[] = {type, NULL};
    enum err e =
        client_run(&(struct client_ask){.method = "POST",
                                        .url = url,
                                        .headers = headers,
                                        .body = x->body,
                                        .body_len = x->body_len,
                                        .timeout_ms = x->timeout_ms ? x->timeout_ms : CALL_MS,
                                        .answer_max = ANSWER_MAX,
                                        .once = true},
                   &a);
    if (e) {
        log_warn("ecpay cannot be reached", LOG_S("req", cx->id), LOG_S("path", x->path),
                 LOG_S("why", a.why));
        e = problem(cx, a.unsent ? ERR_BUSY : e, "ECPay cannot be reached: %s", a.reason);
    } else if (a.status == 403 || a.status == 429) {
        e = problem(cx, ERR_BUSY, "ECPay wants no calls for a while");
    } else if (a.status != 200) {
        e = problem(cx, ERR_UPSTREAM, "ECPay answered %d", a.status);
    } else {
        buf_add(answer, a.body.data ? a.body.data : "", a.body.len);
        e = buf_err(answer);
    }
    client_answer_done(&a);
    return e;
}

/* ---- making one ---- */

static enum err sign(struct cx *cx, const struct ecpay_keys *keys, struct ecpay_field *fields,
                     size_t *count)
{
    char *mac = arena_bytes(cx->arena, ECPAY_MAC_TEXT, 1);
    enum err e = mac ? ecpay_mac(keys, ECPAY_MD5, fields, *count, mac) : ERR_NO_MEMORY;
    if (!e)
        fields[(*count)++] = ECPAY_FIELD("CheckMacValue", mac);
    return e;
}

static enum err post(struct cx *cx, const struct ecpay_service *s, const char *path,
                     struct ecpay_field *fields, size_t count, struct buf *answer)
{
    struct buf body;
    enum err e = sign(cx, &s->keys, fields, &count);
    buf_init(&body, 32 * 1024);
    ecpay_form_write(&body, fields, count);
    if (!e)
        e = buf_err(&body);
    if (!e)
        e = ecpay_send(cx,
                       &(struct ecpay_exchange){.base_url = s->base_url,
                                                .path = path,
                                                .type = "application/x-www-form-urlencoded",
                                                .body = body.data,
                                                .body_len = body.len},
                       answer);
    buf_done(&body);
    return e;
}

/* Years, months, days of Taipei as "2026/11/23 07:30:00". */
static void taipei_text(int64_t unix_ms, char out[CLOCK_TEXT])
{
    clock_text_ms(unix_ms + INT64_C(8) * 3600 * 1000, out); /* "2026-11-23T07:30:00.000Z" */
    out[4] = out[7] = '/';
    out[10] = ' ';
    out[19] = '\0';
}

enum err ecpay_ship_create(struct cx *cx, const struct ecpay_service *s,
                           const struct ecpay_ship *ask, struct ecpay_shipped *ret)
{
    char date[CLOCK_TEXT], amount[24];
    struct ecpay_field f[24];
    struct buf answer;
    size_t n = 0;
    taipei_text(cx->now_ms, date);
    (void)snprintf(amount, sizeof amount, "%" PRId64, ask->amount);
    f[n++] = ECPAY_FIELD("MerchantID", s->keys.merchant_id);
    f[n++] = ECPAY_FIELD("MerchantTradeNo", ask->trade_no);
    f[n++] = ECPAY_FIELD("MerchantTradeDate", date);
    f[n++] = ECPAY_FIELD("LogisticsType", "CVS");
    f[n++] = ECPAY_FIELD("LogisticsSubType", ask->sub_type);
    f[n++] = ECPAY_FIELD("GoodsAmount", amount);
    f[n++] = ECPAY_FIELD("IsCollection", ask->collect ? "Y" : "N");
    if (ask->collect)
        f[n++] = ECPAY_FIELD("CollectionAmount", amount);
    f[n++] = ECPAY_FIELD("GoodsName", ask->goods);
    f[n++] = ECPAY_FIELD("SenderName", ask->sender);
    if (*ask->sender_phone)
        f[n++] = ECPAY_FIELD("SenderCellPhone", ask->sender_phone);
    f[n++] = ECPAY_FIELD("ReceiverName", ask->receiver);
    f[n++] = ECPAY_FIELD("ReceiverCellPhone", ask->receiver_phone);
    f[n++] = ECPAY_FIELD("ReceiverStoreID", ask->store_id);
    f[n++] = ECPAY_FIELD("ServerReplyURL", ask->notify_url);
    buf_init(&answer, ANSWER_MAX);
    enum err e = post(cx, s, "/Express/Create", f, n, &answer);
    if (!e)
        e = ecpay_ship_read(cx, &s->keys, answer.data ? answer.data : "", answer.len, ret);
    buf_done(&answer);
    return e;
}

/* ---- its answers ---- */

static bool says(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strstr(text, *words))
            return true;
    return false;
}

/* "0|reason": nothing was made. */
static enum err refused(struct cx *cx, const char *reason)
{
    static const char *const gone[] = {"關",   "停",   "不存在", "錯誤", "找不到",
                                       "查無", "無此", "更新",   NULL};
    const char *text = ecpay_plain(cx, reason, REASON_CHARS);
    if (!text)
        return ERR_NO_MEMORY;
    bool closed = strstr(text, "門市") && says(text, gone);
    return problem(cx, closed ? ERR_CLOSED : ERR_INPUT, "%s", *text ? text : "ECPay refused");
}

static const char *field(const struct ecpay_form *f, const char *name)
{
    const char *v = ecpay_form_text(f, name);
    return v ? v : "";
}

bool ecpay_id_ok(const char *s, bool need)
{
    size_t n = strspn(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-");
    return s[n] == '\0' && n <= ID_MAX && (n || !need);
}

static enum err read_shipped(struct cx *cx, const struct ecpay_form *f, const char *code_name,
                             struct ecpay_shipped *ret)
{
    struct ecpay_shipped made = {.provider_id = field(f, "AllPayLogisticsID"),
                                 .payment_no = field(f, "CVSPaymentNo"),
                                 .validation_no = field(f, "CVSValidationNo")};
    if (!ecpay_id_ok(made.provider_id, true) || !ecpay_id_ok(made.payment_no, false) ||
        !ecpay_id_ok(made.validation_no, false) ||
        text_i64(field(f, code_name), 0, 999999999, &made.code))
        return problem(cx, ERR_UPSTREAM, "ECPay's answer cannot be read");
    *ret = made;
    return ERR_OK;
}

/* A form that must be theirs: else nobody knows what happened. */
static enum err read_signed(struct cx *cx, const struct ecpay_keys *keys, const char *body,
                            size_t len, struct ecpay_form *f)
{
    enum err e = ecpay_form_read(cx, body, len, f);
    if (!e)
        e = ecpay_mac_check(cx, keys, ECPAY_MD5, f);
    if (e == ERR_NO_MEMORY)
        return e;
    return e ? problem(cx, ERR_UPSTREAM, "ECPay's answer is not signed by our keys") : ERR_OK;
}

enum err ecpay_ship_read(struct cx *cx, const struct ecpay_keys *keys, const char *body, size_t len,
                         struct ecpay_shipped *ret)
{
    struct ecpay_form f;
    char *text = arena_dup(cx->arena, body, len);
    if (!text)
        return ERR_NO_MEMORY;
    if (text_has_prefix(text, "0|"))
        return refused(cx, text + 2);
    if (len < 2 || !text_has_prefix(text, "1|"))
        return problem(cx, ERR_UPSTREAM, "ECPay's answer cannot be read");
    enum err e = read_signed(cx, keys, body + 2, len - 2, &f);
    return e ? e : read_shipped(cx, &f, "RtnCode", ret);
}

enum err ecpay_ship_ask_read(struct cx *cx, const struct ecpay_keys *keys, const char *body,
                             size_t len, struct ecpay_shipped *ret)
{
    struct ecpay_form f;
    if (len >= 2 && memcmp(body, "0|", 2) == 0)
        return problem(cx, ERR_NOT_FOUND, "ECPay has no such pick-up order");
    enum err e = read_signed(cx, keys, body, len, &f);
    return e ? e : read_shipped(cx, &f, "LogisticsStatus", ret);
}

enum err ecpay_ship_ask(struct cx *cx, const struct ecpay_service *s, const char *trade_no,
                        struct ecpay_shipped *ret)
{
    char stamp[24];
    struct buf answer;
    (void)snprintf(stamp, sizeof stamp, "%" PRId64, cx->now_ms / 1000);
    struct ecpay_field f[4] = {ECPAY_FIELD("MerchantID", s->keys.merchant_id),
                               ECPAY_FIELD("MerchantTradeNo", trade_no),
                               ECPAY_FIELD("TimeStamp", stamp)};
    buf_init(&answer, ANSWER_MAX);
    enum err e = post(cx, s, "/Helper/QueryLogisticsTradeInfo/V5", f, 3, &answer);
    if (!e)
        e = ecpay_ship_ask_read(cx, &s->keys, answer.data ? answer.data : "", answer.len, ret);
    buf_done(&answer);
    return e;
}

/* ---- labels ---- */

enum err ecpay_label_page(struct cx *cx, const struct ecpay_service *s, const char *sub_type,
                          const struct ecpay_shipped *made, struct ecpay_page *ret_page)
{
    static const struct {
        const char *sub_type, *path;
    } own[] = {{"UNIMARTC2C", "/Express/PrintUniMartC2COrderInfo"},
               {"FAMIC2C", "/Express/PrintFAMIC2COrderInfo"},
               {"HILIFEC2C", "/Express/PrintHILIFEC2COrderInfo"},
               {"OKMARTC2C", "/Express/PrintOKMARTC2COrderInfo"}};
    struct ecpay_page p = {.count = 0};
    const char *path = "/helper/printTradeDocument";
    p.fields[p.count++] = ECPAY_FIELD("MerchantID", s->keys.merchant_id);
    p.fields[p.count++] = ECPAY_FIELD("AllPayLogisticsID", made->provider_id);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (strcmp(own[i].sub_type, sub_type) != 0)
            continue;
        path = own[i].path;
        p.fields[p.count++] = ECPAY_FIELD("CVSPaymentNo", made->payment_no);
        if (i == 0)
            p.fields[p.count++] = ECPAY_FIELD("CVSValidationNo", made->validation_no);
    }
    p.action = arena_fmt(cx->arena, "%s%s", s->base_url, path);
    enum err e = p.action ? sign(cx, &s->keys, p.fields, &p.count) : ERR_NO_MEMORY;
    if (!e)
        *ret_page = p;
    return e;
}
