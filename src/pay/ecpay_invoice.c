#include "pay/ecpay_invoice.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "pay/ecpay_aes.h"
#include "pay/ecpay_logistics_in.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    ANSWER_MAX = 512 * 1024,
    WHY_CHARS = 60,
    ITEM_CHARS = 100,
    REASON_CHARS = 20,
    KNOWN_MS = 3000 /* a buyer waits */
};

/* ---- the envelope ---- */

static enum err seal(struct cx *cx, const struct ecpay_keys *keys, json_t *data, struct buf *out)
{
    struct buf sealed;
    char *text = data ? json_dumps(data, JSON_COMPACT) : NULL;
    json_decref(data);
    buf_init(&sealed, ECPAY_DATA_MAX);
    enum err e = text ? ecpay_aes_seal(keys, text, strlen(text), &sealed) : ERR_NO_MEMORY;
    char *body =
        e ? NULL
          : json_text_of(json_pack("{s:s,s:{s:I,s:s},s:s}", "MerchantID", keys->merchant_id,
                                   "RqHeader", "Timestamp", (json_int_t)(cx->now_ms / 1000),
                                   "Revision", "3.0.0", "Data", sealed.data ? sealed.data : ""));
    if (!e && !body)
        e = ERR_NO_MEMORY;
    if (!e) {
        buf_str(out, body);
        e = buf_err(out);
    }
    free(body);
    free(text);
    buf_done(&sealed);
    return e;
}

static enum err unreadable(struct cx *cx)
{
    return problem(cx, ERR_UPSTREAM, "ECPay's answer cannot be read");
}

/* RtnCode is a number here; a text of one is taken too. */
static int64_t number_of(const json_t *o, const char *name, int64_t none)
{
    const json_t *v = json_object_get(o, name);
    int64_t n;
    if (json_is_integer(v))
        return json_integer_value(v);
    if (json_is_string(v) && !text_i64(json_string_value(v), 0, INT64_C(999999999999), &n))
        return n;
    return none;
}

static const char *text_of(const json_t *o, const char *name)
{
    const char *v = json_string_value(json_object_get(o, name));
    return v ? v : "";
}

static enum err open_data(struct cx *cx, const struct ecpay_keys *keys, const json_t *envelope,
                          json_t **ret_data)
{
    struct buf text;
    const char *data = text_of(envelope, "Data");
    buf_init(&text, ECPAY_DATA_MAX);
    enum err e = ecpay_aes_open(keys, data, strlen(data), &text);
    json_t *o = e ? NULL : json_loadb(text.data ? text.data : "", text.len, 0, NULL);
    buf_done(&text);
    if (e == ERR_NO_MEMORY)
        return e;
    if (!json_is_object(o)) {
        json_decref(o);
        return unreadable(cx);
    }
    *ret_data = o;
    return ERR_OK;
}

/* The envelope was refused: keys, clock or form of it; nothing was done. */
static enum err not_taken(struct cx *cx, const json_t *envelope)
{
    const char *why = ecpay_plain(cx, text_of(envelope, "TransMsg"), WHY_CHARS);
    log_error("ecpay does not take our invoice requests", LOG_S("req", cx->id),
              LOG_S("why", why ? why : ""));
    return problem(cx, ERR_BUSY, "ECPay does not take our requests: %s", why ? why : "");
}

enum err ecpay_invoice_open(struct cx *cx, const struct ecpay_keys *keys, const char *body,
                            size_t len, json_t **ret_data)
{
    json_t *envelope = json_loadb(body, len, 0, NULL), *data = NULL;
    int64_t code = number_of(envelope, "TransCode", -1);
    enum err e = code == -1  ? unreadable(cx)
                 : code != 1 ? not_taken(cx, envelope)
                             : open_data(cx, keys, envelope, &data);
    json_decref(envelope);
    if (e)
        return e;
    code = number_of(data, "RtnCode", -1);
    if (code != 1) {
        const char *why = ecpay_plain(cx, text_of(data, "RtnMsg"), WHY_CHARS);
        json_decref(data);
        if (!why)
            return ERR_NO_MEMORY;
        return code == -1 ? unreadable(cx)
                          : problem(cx, ERR_INPUT, "%s (%lld)", why, (long long)code);
    }
    *ret_data = data;
    return ERR_OK;
}

/* Takes `data`. timeout_ms 0: the usual one */
static enum err call_in(struct cx *cx, const struct ecpay_service *s, const char *path,
                        int64_t timeout_ms, json_t *data, json_t **ret_data)
{
    struct buf body, answer;
    buf_init(&body, ECPAY_DATA_MAX * 2);
    buf_init(&answer, ANSWER_MAX);
    enum err e = seal(cx, &s->keys, data, &body);
    if (!e)
        e = ecpay_send(cx,
                       &(struct ecpay_exchange){.base_url = s->base_url,
                                                .path = path,
                                                .type = "application/json",
                                                .body = body.data,
                                                .body_len = body.len,
                                                .timeout_ms = timeout_ms},
                       &answer);
    if (!e)
        e = ecpay_invoice_open(cx, &s->keys, answer.data ? answer.data : "", answer.len, ret_data);
    buf_done(&answer);
    buf_done(&body);
    return e;
}

static enum err call(struct cx *cx, const struct ecpay_service *s, const char *path, json_t *data,
                     json_t **ret_data)
{
    return call_in(cx, s, path, 0, data, ret_data);
}

/* ---- what is asked ---- */

static void put(json_t *o, const char *name, const char *value)
{
    (void)json_object_set_new(o, name, json_string(value ? value : ""));
}

static json_t *items_json(const struct invoice_item *items, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        const char *name = items[i].name;
        size_t len = text_prefix(name, strlen(name), ITEM_CHARS);
        (void)json_array_append_new(
            list, json_pack("{s:I,s:s%,s:I,s:s,s:I,s:s,s:I}", "ItemSeq", (json_int_t)i + 1,
                            "ItemName", name, len, "ItemCount", (json_int_t)items[i].qty,
                            "ItemWord", "件", "ItemPrice", (json_int_t)items[i].price,
                            "ItemTaxType", "1", "ItemAmount", (json_int_t)items[i].amount));
    }
    return list;
}

json_t *ecpay_invoice_json(const struct ecpay_keys *keys, const struct ecpay_invoice *ask)
{
    json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:o}", "MerchantID", keys->merchant_id,
                          "RelateNumber", ask->relate_no, "Print", ask->tax_id ? "1" : "0",
                          "Donation", ask->love_code ? "1" : "0", "TaxType", "1", "InvType", "07",
                          "vat", "1", "SalesAmount", (json_int_t)ask->amount, "Items",
                          items_json(ask->items, ask->count));
    if (!o)
        return NULL;
    put(o, "CustomerPhone", ask->phone);
    put(o, "CustomerEmail", ask->email);
    put(o, "CustomerIdentifier", ask->tax_id);
    put(o, "CustomerName", ask->tax_id ? ask->title : NULL);
    put(o, "CustomerAddr", ask->tax_id ? ask->address : NULL);
    put(o, "LoveCode", ask->love_code);
    bool kept = !ask->tax_id && !ask->love_code;
    put(o, "CarrierType", !kept ? NULL : ask->carrier ? "3" : "1");
    put(o, "CarrierNum", kept ? ask->carrier : NULL);
    return o;
}

/* ---- what is answered ---- */

static bool all_of(const char *s, size_t n, const char *set)
{
    return strspn(s, set) == n && s[n] == '\0';
}

static bool number_ok(const char *s)
{
    return s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z' &&
           all_of(s + 2, 8, "0123456789");
}

/* "2026/11/23 10:00:00" and the like: only the digits and their places matter. */
static bool read_date(const char *s, char out[INVOICE_DATE])
{
    static const char shape[] = "dddd-dd-dd dd:dd:dd";
    for (size_t i = 0; shape[i]; i++) {
        bool digit = s[i] >= '0' && s[i] <= '9';
        if (s[i] == '\0' || digit != (shape[i] == 'd'))
            return false;
        out[i] = shape[i];
        if (digit)
            out[i] = s[i];
    }
    out[INVOICE_DATE - 1] = '\0';
    return true;
}

static enum err read_made(struct cx *cx, const json_t *data, const char *const names[3],
                          struct ecpay_invoiced *ret)
{
    struct ecpay_invoiced made = {.left = number_of(data, "IIS_Remain_Allowance_Amt", -1)};
    const char *number = text_of(data, names[0]), *random = text_of(data, names[2]);
    made.is_void = number_of(data, "IIS_Invalid_Status", 0) == 1;
    if (!number_ok(number) || !all_of(random, 4, "0123456789") ||
        !read_date(text_of(data, names[1]), made.date))
        return unreadable(cx);
    memcpy(made.number, number, INVOICE_NUMBER);
    memcpy(made.random, random, INVOICE_RANDOM);
    *ret = made;
    return ERR_OK;
}

enum err ecpay_invoice_issue(struct cx *cx, const struct ecpay_service *s,
                             const struct ecpay_invoice *ask, struct ecpay_invoiced *ret)
{
    static const char *const names[3] = {"InvoiceNo", "InvoiceDate", "RandomNumber"};
    json_t *data = NULL;
    enum err e = call(cx, s, "/B2CInvoice/Issue", ecpay_invoice_json(&s->keys, ask), &data);
    if (!e)
        e = read_made(cx, data, names, ret);
    json_decref(data);
    return e;
}

enum err ecpay_invoice_find(struct cx *cx, const struct ecpay_service *s, const char *relate_no,
                            struct ecpay_invoiced *ret)
{
    static const char *const names[3] = {"IIS_Number", "IIS_Create_Date", "IIS_Random_Number"};
    json_t *data = NULL;
    enum err e =
        call(cx, s, "/B2CInvoice/GetIssue",
             json_pack("{s:s,s:s}", "MerchantID", s->keys.merchant_id, "RelateNumber", relate_no),
             &data);
    if (!e)
        e = read_made(cx, data, names, ret);
    json_decref(data);
    return e == ERR_INPUT ? ERR_NOT_FOUND : e;
}

static void day_of(const struct ecpay_invoiced *of, char out[11])
{
    memcpy(out, of->date, 10);
    out[10] = '\0';
}

enum err ecpay_invoice_void(struct cx *cx, const struct ecpay_service *s,
                            const struct ecpay_invoiced *of, const char *reason)
{
    char day[11];
    json_t *data = NULL;
    day_of(of, day);
    assert(text_chars(reason, strlen(reason)) <= REASON_CHARS);
    enum err e = call(cx, s, "/B2CInvoice/Invalid",
                      json_pack("{s:s,s:s,s:s,s:s}", "MerchantID", s->keys.merchant_id, "InvoiceNo",
                                of->number, "InvoiceDate", day, "Reason", reason),
                      &data);
    json_decref(data);
    return e;
}

enum err ecpay_invoice_allow(struct cx *cx, const struct ecpay_service *s,
                             const struct ecpay_invoiced *of, const struct invoice_item *items,
                             size_t count, int64_t amount, char ret_number[ALLOWANCE_NUMBER])
{
    char day[11];
    json_t *data = NULL;
    day_of(of, day);
    enum err e =
        call(cx, s, "/B2CInvoice/Allowance",
             json_pack("{s:s,s:s,s:s,s:s,s:I,s:o}", "MerchantID", s->keys.merchant_id, "InvoiceNo",
                       of->number, "InvoiceDate", day, "AllowanceNotify", "N", "AllowanceAmount",
                       (json_int_t)amount, "Items", items_json(items, count)),
             &data);
    const char *number = text_of(data, "IA_Allow_No");
    if (!e && (!ecpay_id_ok(number, true)))
        e = unreadable(cx);
    if (!e)
        (void)text_copy(ret_number, ALLOWANCE_NUMBER, number);
    json_decref(data);
    return e;
}

enum err ecpay_invoice_known(struct cx *cx, const struct ecpay_service *s, enum invoice_code kind,
                             const char *code, bool *ret_known)
{
    bool love = kind == INVOICE_LOVE_CODE;
    json_t *data = NULL;
    enum err e =
        call_in(cx, s, love ? "/B2CInvoice/CheckLoveCode" : "/B2CInvoice/CheckBarcode", KNOWN_MS,
                json_pack("{s:s,s:s}", "MerchantID", s->keys.merchant_id,
                          love ? "LoveCode" : "BarCode", code),
                &data);
    if (!e)
        *ret_known = strcmp(text_of(data, "IsExist"), "N") != 0;
    json_decref(data);
    return e;
}
