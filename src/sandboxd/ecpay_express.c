/* Pick-up orders: /Express/Create, its query, another store, and cancelling. */
#include "sandboxd/ecpay_in.h"

#include "base/text.h"
#include "sandboxd/ecpay_clock.h"
#include "sandboxd/ecpay_express_in.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void parcel_free(struct book_entry *entry)
{
    free(entry);
}

static const char HTML[] = "text/html; charset=utf-8";

static void refuse(struct call *k, const char *why)
{
    char text[240];
    (void)snprintf(text, sizeof text, "0|%s", why);
    call_send(k, HTML, text);
}

/* False: answered. */
static bool open_call(struct http_req *req, struct call *k)
{
    if (!call_api(req, FOR_LOGISTICS, k))
        return false;
    if (!k->account)
        refuse(k, "查無廠商資料 no such MerchantID for logistics here");
    else if (!k->mac_ok)
        refuse(k, "CheckMacValue Error");
    return k->account && k->mac_ok;
}

static bool closed_locked(const struct ecpay *e, const char *store)
{
    for (size_t i = 0; i < CLOSED_STORES_MAX; i++)
        if (*store && strcmp(e->is.closed_stores[i], store) == 0)
            return true;
    return false;
}

void parcel_fields(const struct ecpay *e, const struct parcel *p, struct answer *a)
{
    char at[TAIPEI_TEXT];
    taipei_text(p->changed_ms, at);
    answer_add(a, "MerchantID", e->accounts[p->account].id);
    answer_add(a, "MerchantTradeNo", p->trade_no);
    answer_int(a, "RtnCode", p->code);
    answer_add(a, "RtnMsg", code_text(p->code));
    answer_add(a, "AllPayLogisticsID", p->id);
    answer_add(a, "LogisticsType", "CVS");
    answer_add(a, "LogisticsSubType", p->sub_type);
    answer_int(a, "GoodsAmount", p->amount);
    answer_add(a, "UpdateStatusDate", at);
    answer_add(a, "ReceiverName", p->receiver);
    answer_add(a, "ReceiverPhone", "");
    answer_add(a, "ReceiverCellPhone", p->phone);
    answer_add(a, "ReceiverEmail", "");
    answer_add(a, "ReceiverAddress", "");
    answer_add(a, "CVSPaymentNo", p->payment_no);
    answer_add(a, "CVSValidationNo", p->validation_no);
    answer_add(a, "BookingNote", "");
}

static struct parcel *parcel_by_id(struct ecpay *e, const char *id)
{
    size_t len = strlen(id);
    int64_t serial = 0;
    if (len < 9 || text_i64(id + len - 8, 0, 99999999, &serial))
        return NULL;
    int64_t at = serial - e->base;
    if (at < 0 || (size_t)at >= e->parcels.n)
        return NULL;
    struct parcel *p = (struct parcel *)e->parcels.list[at];
    return strcmp(p->id, id) == 0 ? p : NULL;
}

struct parcel *parcel_by_ref(struct ecpay *e, const char *ref)
{
    struct parcel *p = parcel_by_id(e, ref);
    for (size_t i = e->parcels.n; !p && i > 0; i--) { /* by hand only */
        struct parcel *q = (struct parcel *)e->parcels.list[i - 1];
        if (strcmp(q->trade_no, ref) == 0 || strcmp(q->payment_no, ref) == 0)
            p = q;
    }
    return p;
}

/* ---- making ---- */

static void number_it(struct parcel *p, int64_t serial, int64_t now_ms)
{
    char day[TAIPEI_TEXT];
    bool c2c = sub_type_c2c(p->sub_type);
    taipei_digits(now_ms, day);
    (void)snprintf(p->id, sizeof p->id, "%.6s%08" PRId64, day + 2, serial);
    (void)snprintf(p->payment_no, sizeof p->payment_no, "%c%08" PRId64, c2c ? 'C' : 'D', serial);
    if (c2c && strcmp(chain_of(p->sub_type), "UNIMART") == 0)
        (void)snprintf(p->validation_no, sizeof p->validation_no, "%04u",
                       (unsigned)serial * 31 % 10000);
    if (!p->trade_no[0])
        (void)snprintf(p->trade_no, sizeof p->trade_no, "E%.19s", p->id);
    p->code = 300;
    p->made_ms = p->changed_ms = now_ms;
}

/* NULL: it is in the book. Wants the lock. */
static const char *keep(const struct call *k, struct parcel *p)
{
    struct ecpay *e = k->e;
    char key[BOOK_KEY];
    if (closed_locked(e, p->store))
        return "收件門市已關閉 門市關轉店，請重新選擇門市 the store is closed";
    number_it(p, e->base + (int64_t)e->parcels.n, k->now_ms);
    (void)snprintf(key, sizeof key, "%s %s", k->account->id, p->trade_no);
    enum err r = ecpay_book_add(&e->parcels, &p->entry, key);
    if (r == ERR_EXISTS)
        return "廠商交易編號重覆 MerchantTradeNo was used before";
    return r ? "the sandbox is full: start it anew" : NULL;
}

static const char *contract_wrong(const struct call *k, const struct parcel *p)
{
    bool c2c = sub_type_c2c(p->sub_type);
    bool has = c2c ? k->account->c2c : k->account->b2c;
    return has ? NULL : "物流子類型錯誤 LogisticsSubType is not of this contract";
}

static const char *make(const struct call *k, struct answer *a)
{
    struct parcel *p = calloc(1, sizeof *p);
    if (!p)
        return "out of memory";
    p->account = (unsigned)(k->account - k->e->accounts);
    const char *why = parcel_read(&k->form, p);
    if (!why)
        why = contract_wrong(k, p);
    ecpay_lock(k->e);
    if (!why)
        why = keep(k, p);
    if (!why)
        parcel_fields(k->e, p, a);
    ecpay_unlock(k->e);
    if (why)
        free(p);
    return why;
}

void parcel_create(struct http_req *req)
{
    struct call k;
    struct answer a;
    struct buf out;
    if (!open_call(req, &k))
        return;
    answer_init(&a, k.cx);
    const char *why = make(&k, &a);
    if (why) {
        refuse(&k, why);
        return;
    }
    answer_mac(&a, k.account);
    ecpay_lock(k.e);
    bool raw = k.e->is.raw_answers;
    ecpay_unlock(k.e);
    buf_init(&out, ECPAY_BODY_MAX);
    buf_str(&out, "1|");
    answer_write(&a, raw, &out);
    call_send(&k, HTML, a.failed || buf_err(&out) ? NULL : out.data);
    buf_done(&out);
}

/* ---- asking ---- */

static struct parcel *asked_for(const struct call *k)
{
    char key[BOOK_KEY];
    const char *id = call_text(k, "AllPayLogisticsID");
    struct parcel *p;
    if (*id) {
        p = parcel_by_id(k->e, id);
    } else {
        (void)snprintf(key, sizeof key, "%s %.40s", k->account->id,
                       call_text(k, "MerchantTradeNo"));
        p = (struct parcel *)ecpay_book_find(&k->e->parcels, key);
    }
    bool theirs = p && strcmp(k->e->accounts[p->account].id, k->account->id) == 0;
    return theirs ? p : NULL;
}

static void query_fields(const struct call *k, const struct parcel *p, struct answer *a)
{
    char type[32], at[TAIPEI_TEXT];
    (void)snprintf(type, sizeof type, "CVS_%s", p->sub_type);
    taipei_text(p->made_ms, at);
    answer_add(a, "MerchantID", k->account->id);
    answer_add(a, "MerchantTradeNo", p->trade_no);
    answer_add(a, "AllPayLogisticsID", p->id);
    answer_int(a, "GoodsAmount", p->amount);
    answer_add(a, "LogisticsType", type);
    answer_int(a, "HandlingCharge", 60);
    answer_add(a, "TradeDate", at);
    answer_int(a, "LogisticsStatus", p->code);
    answer_add(a, "GoodsName", p->goods);
    answer_add(a, "ShipmentNo", p->payment_no);
    answer_add(a, "BookingNote", "");
    answer_int(a, "CollectionAmount", p->collect);
    answer_int(a, "CollectionChargeFee", 0);
    answer_add(a, "CVSPaymentNo", p->payment_no);
    answer_add(a, "CVSValidationNo", p->validation_no);
}

void parcel_query(struct http_req *req)
{
    struct call k;
    struct answer a;
    int64_t at = 0;
    if (!open_call(req, &k))
        return;
    if (text_i64(call_text(&k, "TimeStamp"), 0, INT64_MAX / 1000, &at) ||
        llabs(k.now_ms / 1000 - at) > 180) {
        refuse(&k, "TimeStamp Error");
        return;
    }
    answer_init(&a, k.cx);
    ecpay_lock(k.e);
    const struct parcel *p = asked_for(&k);
    if (p)
        query_fields(&k, p, &a);
    ecpay_unlock(k.e);
    if (!p) {
        refuse(&k, "查無物流訂單 no such order");
        return;
    }
    answer_mac(&a, k.account);
    call_answer(&k, &a);
}

/* ---- changing ---- */

static const char *numbers_wrong(const struct call *k, const struct parcel *p)
{
    if (!p)
        return "查無物流訂單 no such order";
    if (!sub_type_c2c(p->sub_type))
        return "僅適用於店到店 for C2C only";
    if (strcmp(p->payment_no, call_text(k, "CVSPaymentNo")) != 0 ||
        strcmp(p->validation_no, call_text(k, "CVSValidationNo")) != 0)
        return "CVSPaymentNo or CVSValidationNo is wrong";
    return p->cancelled ? "訂單已取消 it was cancelled" : NULL;
}

static const char *move(struct ecpay *e, struct parcel *p, const char *type, const char *store)
{
    bool back = strcmp(type, "02") == 0;
    size_t n = strspn(store, "0123456789");
    if (!back && strcmp(type, "01") != 0)
        return "StoreType must be 01 or 02";
    if (store[n] || n < 4 || n > 6)
        return "門市不存在 no such store";
    if (closed_locked(e, store))
        return "門市關轉店 the store is closed";
    (void)text_copy(back ? p->back_store : p->store, sizeof p->store, store);
    return NULL;
}

void parcel_store(struct http_req *req)
{
    struct call k;
    if (!open_call(req, &k))
        return;
    const char *to = call_text(&k, "ReceiverStoreID");
    if (!*to)
        to = call_text(&k, "ReturnStoreID");
    ecpay_lock(k.e);
    struct parcel *p = asked_for(&k);
    const char *why = numbers_wrong(&k, p);
    if (!why)
        why = move(k.e, p, call_text(&k, "StoreType"), to);
    ecpay_unlock(k.e);
    if (why)
        refuse(&k, why);
    else
        call_send(&k, HTML, "1|OK");
}

void parcel_cancel(struct http_req *req)
{
    struct call k;
    if (!open_call(req, &k))
        return;
    ecpay_lock(k.e);
    struct parcel *p = asked_for(&k);
    const char *why = numbers_wrong(&k, p);
    if (!why && p->code != 300)
        why = "包裹已寄出 it is on its way";
    if (!why)
        p->cancelled = true;
    ecpay_unlock(k.e);
    if (why)
        refuse(&k, why);
    else
        call_send(&k, HTML, "1|OK");
}

json_t *parcels_json(struct ecpay *e)
{
    json_t *list = json_array();
    for (size_t i = e->parcels.n, n = 0; i > 0 && n < 300; i--, n++) {
        const struct parcel *p = (const struct parcel *)e->parcels.list[i - 1];
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:i, s:s, s:b, s:s}", "id", p->id,
                            "ref", p->trade_no, "sub_type", p->sub_type, "store", p->store,
                            "amount", (json_int_t)p->amount, "collect", (json_int_t)p->collect,
                            "code", p->code, "payment_no", p->payment_no, "cancelled", p->cancelled,
                            "validation_no", p->validation_no));
    }
    return list;
}
