/* The object Order, for its buyer and for staff. */
#include "base/arena.h"
#include "catalog/catalog.h"
#include "order/day.h"
#include "order/invoice_in.h"
#include "order/order.sql.h"
#include "order/order_in.h"
#include "order/pickup_in.h"

#include <string.h>

json_t *order_money(int64_t amount, const char *currency)
{
    return json_pack("{s:I,s:s}", "amount", (json_int_t)amount, "currency", currency);
}

json_t *ms_or_null(int64_t ms)
{
    return ms ? json_integer(ms) : json_null();
}

const char *image_text(struct cx *cx, const char *key, const char *builtin)
{
    if (!key && !builtin)
        return NULL;
    return arena_fmt(cx->arena, "%c:%s", key ? 'f' : 'b', key ? key : builtin);
}

json_t *image_json(const char *stored)
{
    if (!stored || !stored[0] || stored[1] != ':')
        return json_null();
    bool file = stored[0] == 'f';
    struct product_media pic = {.key = file ? stored + 2 : NULL,
                                .builtin = file ? NULL : stored + 2};
    struct product p = {.media = &pic, .media_count = 1};
    return product_image_json(&p);
}

static void put(json_t *o, const char *key, json_t *v)
{
    (void)json_object_set_new(o, key, v);
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *parsed_or_null(const char *text)
{
    return text ? stored_json(text) : json_null();
}

/* ---- parts ---- */

static json_t *line_json(const struct order_row *r, const struct order_line *l, bool staff)
{
    const char *c = r->currency;
    json_t *o = json_pack(
        "{s:I,s:s,s:s,s:o,s:o,s:o,s:s?,s:o,s:I,s:o,s:o,s:o,s:o,s:s,s:s,s:I}", "no",
        (json_int_t)l->line_no, "variant_id", l->variant_public, "product_id", l->product_public,
        "title", stored_json(l->title), "options", stored_json(l->options), "option_words",
        option_words_json(l->options, l->product_options), "code", l->code, "image",
        image_json(l->image), "qty", (json_int_t)l->qty, "unit", order_money(l->unit, c), "amount",
        order_money(l->unit * l->qty, c), "discount", order_money(l->discount, c), "tax",
        order_money(l->tax, c), "source", l->source, "exempt", l->exempt, "qty_refunded",
        (json_int_t)l->refunded);
    if (!o)
        return NULL;
    put(o, "qty_returnable",
        json_integer(strcmp(l->exempt, "none") == 0 ? l->qty - l->returned : 0));
    if (staff) {
        put(o, "packed", json_integer(l->packed));
        put(o, "in_parcel", json_integer(l->in_parcel));
    }
    return o;
}

/* What is read of an order beside its row. */
struct parts {
    struct order_line *lines;
    size_t line_count;
    bool has_payment;
    struct payment payment;
    int64_t refunded, refunding, counted_refunding; /* the last: of the payment that counts */
    unsigned parcels;
    int64_t parcel_count, arrived_ms;
    json_t *parcel_list;
};

/* The carriers that let anybody follow a parcel by its number; NULL: others. */
static json_t *tracking_url(struct cx *cx, const char *carrier, const char *tracking)
{
    static const struct {
        const char *carrier, *url;
    } follow[] = {
        {"711", "https://eservice.7-11.com.tw/e-tracking/search.aspx"},
        {"family", "https://fmec.famiport.com.tw/FP_Entrance/QueryBox"},
        {"tcat", "https://www.t-cat.com.tw/Inquire/TraceDetail.aspx?BillID="},
        {"kerry", "https://th.kerryexpress.com/th/track/?track="},
        {"flash", "https://www.flashexpress.co.th/tracking/?se="},
        {"thpost", "https://track.thailandpost.co.th/?trackNumber="},
    };
    for (size_t i = 0; tracking && i < sizeof follow / sizeof follow[0]; i++) {
        if (strcmp(follow[i].carrier, carrier) != 0)
            continue;
        bool takes_number = follow[i].url[strlen(follow[i].url) - 1] == '=';
        return text_or_null(
            arena_fmt(cx->arena, "%s%s", follow[i].url, takes_number ? tracking : ""));
    }
    return json_null();
}

struct parcel_ids {
    int64_t id;
    json_t *lines;
};

static enum err read_parcel_lines(struct db *db, const struct order_row *r,
                                  const struct parcel_ids *parcels, size_t n)
{
    int64_t parcel, no, qty;
    struct rows rows = db_rows(db, &SQL_order_parcel_lines, ARGS(V(r->id)));
    while (rows_next(&rows, NULL, COLS(C(&parcel), C(&no), C(&qty))))
        for (size_t i = 0; i < n; i++)
            if (parcels[i].id == parcel)
                (void)json_array_append_new(
                    parcels[i].lines,
                    json_pack("{s:I,s:I}", "no", (json_int_t)no, "qty", (json_int_t)qty));
    return rows_end(&rows);
}

static enum err read_parcels(struct db *db, struct cx *cx, const struct order_row *r,
                             struct parts *p)
{
    struct parcel_ids ids[50];
    size_t n = 0;
    const char *public_id, *carrier, *tracking, *name;
    int64_t id, cod, inspected, arrived, changed, version;
    enum parcel_state state;
    struct rows rows = db_rows(db, &SQL_order_parcels, ARGS(V(r->id)));
    while (n < 50 &&
           rows_next(&rows, cx->arena,
                     COLS(C(&id), C(&public_id), C(&carrier), C(&tracking), C(&name), C(&cod),
                          C(&inspected), C(&arrived), C(&changed), C(&version)))) {
        if (parcel_state_parse(name, &state))
            continue;
        json_t *lines = json_array();
        (void)json_array_append_new(
            p->parcel_list,
            json_pack("{s:s,s:s,s:s,s:s?,s:o,s:o,s:b,s:o,s:I,s:I}", "id", public_id, "state", name,
                      "carrier", carrier, "tracking", tracking, "tracking_url",
                      tracking_url(cx, carrier, tracking), "cod", order_money(cod, r->currency),
                      "inspected", inspected != 0, "lines", lines, "version", (json_int_t)version,
                      "changed_at", (json_int_t)changed));
        ids[n++] = (struct parcel_ids){id, lines};
        p->parcels |= 1u << state;
        p->parcel_count += state != PARCEL_VOID;
        if (arrived > p->arrived_ms)
            p->arrived_ms = arrived;
    }
    enum err e = rows_end(&rows);
    return e ? e : read_parcel_lines(db, r, ids, n);
}

static enum err read_parts(struct db *db, struct cx *cx, const struct order_row *r, struct parts *p)
{
    enum err e = order_lines(db, cx, r->id, &p->lines, &p->line_count);
    if (!e)
        e = payment_of_order(db, cx->arena, r->id, &p->payment);
    p->has_payment = !e;
    if (e == ERR_NOT_FOUND)
        e = ERR_OK;
    if (!e)
        e = db_row(db, NULL, &SQL_order_refund_sums, ARGS(V(r->id)),
                   COLS(C(&p->refunded), C(&p->refunding), C(&p->counted_refunding)));
    return e ? e : read_parcels(db, cx, r, p);
}

/* Money that came twice goes back without the order being undone. */
static enum order_status status_of(const struct order_row *r, const struct parts *p)
{
    bool counts = p->has_payment && payment_counts(p->payment.state);
    const struct status_of s = {.order = r->state,
                                .has_payment = p->has_payment,
                                .payment = p->has_payment ? p->payment.state : PAYMENT_CREATED,
                                .refunding = (counts ? p->counted_refunding : p->refunding) > 0,
                                .parcels = p->parcels};
    return order_status(&s);
}

enum err order_status_of(struct db *db, struct cx *cx, const struct order_row *r,
                         enum order_status *ret_status)
{
    struct parts p = {.parcel_list = json_array()};
    enum err e = p.parcel_list ? read_parts(db, cx, r, &p) : ERR_NO_MEMORY;
    json_decref(p.parcel_list);
    if (!e)
        *ret_status = status_of(r, &p);
    return e;
}

static enum err add_returns(struct db *db, struct cx *cx, const struct order_row *r, json_t *o)
{
    json_t *list = json_array();
    const char *id, *lines, *reason, *state, *last_day, *note;
    int64_t asked, version;
    bool withdrawal;
    struct rows rows = db_rows(db, &SQL_order_returns, ARGS(V(r->id)));
    while (rows_next(&rows, cx->arena,
                     COLS(C(&id), C(&lines), C(&reason), C(&state), C(&withdrawal), C(&last_day),
                          C(&note), C(&asked), C(&version))))
        (void)json_array_append_new(
            list, json_pack("{s:s,s:s,s:o,s:s,s:b,s:s?,s:s?,s:I,s:I}", "id", id, "state", state,
                            "lines", stored_json(lines), "reason", reason, "withdrawal", withdrawal,
                            "last_day", last_day, "note", note, "asked_at", (json_int_t)asked,
                            "version", (json_int_t)version));
    put(o, "returns", list);
    return rows_end(&rows);
}

static enum err add_steps(struct db *db, struct cx *cx, const struct order_row *r, json_t *o)
{
    json_t *list = json_array();
    const char *what;
    int64_t at;
    struct rows rows = db_rows(db, &SQL_order_steps, ARGS(V(r->id)));
    while (rows_next(&rows, cx->arena, COLS(C(&what), C(&at))))
        (void)json_array_append_new(list,
                                    json_pack("{s:s,s:I}", "what", what, "at", (json_int_t)at));
    put(o, "timeline", list);
    return rows_end(&rows);
}

/* One text of a row that may not be there. */
static enum err add_text(struct db *db, struct cx *cx, const struct sql *q, int64_t id, json_t *o,
                         const char *key)
{
    const char *text = NULL;
    enum err e = id ? db_row(db, cx->arena, q, ARGS(V(id)), COLS(C(&text))) : ERR_OK;
    if (e && e != ERR_NOT_FOUND)
        return e;
    put(o, key, text_or_null(text));
    return ERR_OK;
}

static enum err read_strays(struct db *db, const struct order_row *r, int64_t ids[PAYMENT_LIST_MAX],
                            size_t *ret_count)
{
    int64_t id;
    struct rows rows = db_rows(db, &SQL_order_strays, ARGS(V(r->id)));
    while (rows_next(&rows, NULL, COLS(C(&id))))
        if (*ret_count < PAYMENT_LIST_MAX)
            ids[(*ret_count)++] = id;
    return rows_end(&rows);
}

static bool among(const int64_t *ids, size_t n, int64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (ids[i] == id)
            return true;
    return false;
}

static enum err add_payments(struct db *db, struct cx *cx, const struct order_row *r, json_t *o)
{
    struct payment list[PAYMENT_LIST_MAX];
    int64_t strays[PAYMENT_LIST_MAX];
    size_t n = 0, stray_count = 0;
    json_t *payments = json_array();
    bool waits = r->state == ORDER_AWAITING_PAYMENT;
    enum err e = payment_list(db, cx->arena, r->id, list, &n);
    if (!e)
        e = read_strays(db, r, strays, &stray_count);
    for (size_t i = 0; !e && i < n; i++) {
        json_t *p = order_payment_json(&list[i], NULL);
        put(p, "stray", json_boolean(among(strays, stray_count, list[i].id)));
        (void)json_array_append_new(payments, p);
    }
    put(o, "payments", payments);
    put(o, "pay_until", ms_or_null(waits ? r->expires_ms : 0));
    put(o, "can_pay", json_boolean(waits && r->expires_ms > cx->now_ms));
    return e;
}

static void add_can(struct cx *cx, const struct order_row *r, const struct parts *p, json_t *o)
{
    const struct market *m = market_find(r->market);
    char day[DAY_TEXT] = "";
    bool at_door = p->has_payment && p->payment.state == PAYMENT_CREATED;
    bool cancel = r->state == ORDER_AWAITING_PAYMENT ||
                  (r->state == ORDER_CONFIRMED && !p->parcel_count && (at_door || !r->total));
    bool back = false;
    if (p->arrived_ms && m) {
        day_text(m, day_end_after(m, p->arrived_ms, m->return_days), day);
        back = cx->now_ms <= day_end_after(m, p->arrived_ms, m->return_days);
    }
    bool left = false;
    for (size_t i = 0; i < p->line_count; i++)
        left = left ||
               (strcmp(p->lines[i].exempt, "none") == 0 && p->lines[i].qty > p->lines[i].returned);
    put(o, "can",
        json_pack("{s:b,s:b,s:b}", "cancel", cancel, "return", back && left, "pay",
                  r->state == ORDER_AWAITING_PAYMENT && r->expires_ms > cx->now_ms));
    put(o, "return_until", day[0] ? json_string(day) : json_null());
}

static json_t *head_json(const struct order_row *r, const struct parts *p)
{
    const char *c = r->currency;
    json_t *o = json_pack("{s:s,s:s,s:{s:s,s:s,s:s},s:s,s:s,s:s,s:s}", "no", r->no, "id",
                          r->public_id, "shop", "id", r->shop_public_id, "slug", r->shop_slug,
                          "name", r->shop_name, "market", r->market, "currency", c, "state",
                          order_state_name(r->state), "status", order_status_name(status_of(r, p)));
    if (!o)
        return NULL;
    put(o, "subtotal", order_money(r->subtotal, c));
    put(o, "discount", order_money(r->discount, c));
    put(o, "shipping", order_money(r->shipping, c));
    put(o, "tax", order_money(r->tax, c));
    put(o, "total", order_money(r->total, c));
    put(o, "delivery", json_string(r->delivery));
    put(o, "address", parsed_or_null(r->address));
    put(o, "invoice", parsed_or_null(r->invoice));
    put(o, "note", text_or_null(r->note));
    put(o, "pay_method", json_string(r->pay_method));
    put(o, "payment", p->has_payment ? order_payment_json(&p->payment, NULL) : json_null());
    put(o, "refunded", order_money(p->refunded, c));
    put(o, "refunding", order_money(p->refunding, c));
    put(o, "expires_at", ms_or_null(r->state == ORDER_AWAITING_PAYMENT ? r->expires_ms : 0));
    put(o, "created_at", json_integer(r->created_ms));
    put(o, "confirmed_at", ms_or_null(r->confirmed_ms));
    put(o, "version", json_integer(r->version));
    return o;
}

/* ---- for staff ---- */

static enum err add_refunds(struct db *db, struct cx *cx, const struct order_row *r, json_t *o)
{
    struct refund list[REFUND_LIST_MAX];
    size_t n = 0;
    json_t *refunds = json_array();
    enum err e = refund_list(db, cx->arena, r->id, list, &n);
    for (size_t i = 0; !e && i < n; i++)
        (void)json_array_append_new(
            refunds, json_pack("{s:s,s:o,s:s,s:s,s:s?,s:I}", "id", list[i].public_id, "amount",
                               order_money(list[i].amount, r->currency), "state",
                               refund_state_name(list[i].state), "reason", list[i].reason, "note",
                               list[i].note, "created_at", (json_int_t)list[i].created_ms));
    put(o, "refunds", refunds);
    return e;
}

static enum err add_staff(struct db *db, struct cx *cx, const struct order_row *r,
                          const struct parts *p, json_t *o)
{
    const char *id = "", *name = "";
    int64_t claims = 0, paid = 0, abandoned = 0, uncollected = 0;
    bool counts = p->has_payment && payment_counts(p->payment.state);
    enum err e = add_refunds(db, cx, r, o);
    if (!e)
        e = db_row(db, cx->arena, &SQL_order_buyer, ARGS(V(r->viewer_id)), COLS(C(&id), C(&name)));
    if (!e)
        e = db_row(db, NULL, &SQL_stat_read, ARGS(V(r->viewer_id), V(r->shop_id)),
                   COLS(C(&claims), C(&paid), C(&abandoned), C(&uncollected)));
    if (e && e != ERR_NOT_FOUND)
        return e;
    put(o, "buyer", json_pack("{s:s,s:s}", "id", id, "name", name));
    put(o, "stat",
        json_pack("{s:I,s:I,s:I,s:I}", "claims", (json_int_t)claims, "paid", (json_int_t)paid,
                  "abandoned", (json_int_t)abandoned, "uncollected", (json_int_t)uncollected));
    put(o, "staff_note", text_or_null(r->staff_note));
    put(o, "refundable",
        order_money(counts ? p->payment.amount - p->payment.refunded : 0, r->currency));
    return ERR_OK;
}

/* ---- the whole ---- */

static json_t *lines_list(const struct order_row *r, const struct parts *p, bool staff)
{
    json_t *list = json_array();
    for (size_t i = 0; i < p->line_count; i++)
        (void)json_array_append_new(list, line_json(r, &p->lines[i], staff));
    return list;
}

static enum err add_rest(struct db *db, struct cx *cx, const struct order_row *r,
                         const struct parts *p, bool staff, json_t *o)
{
    const char *code = NULL;
    bool closed = false;
    put(o, "lines", lines_list(r, p, staff));
    put(o, "parcels", json_incref(p->parcel_list));
    add_can(cx, r, p, o);
    enum err e = pickup_json(db, cx, r, staff, p->parcel_list, &closed);
    put(json_object_get(o, "can"), "store", json_boolean(closed));
    if (!e)
        e = add_returns(db, cx, r, o);
    if (!e)
        e = add_payments(db, cx, r, o);
    if (!e)
        e = add_steps(db, cx, r, o);
    if (!e)
        e = invoice_state_json(db, cx, r, staff, o);
    if (!e)
        e = add_text(db, cx, &SQL_order_show_public, r->show_id, o, "show_id");
    if (!e && r->coupon_id)
        e = db_row(db, cx->arena, &SQL_order_coupon_code, ARGS(V(r->coupon_id)), COLS(C(&code)));
    put(o, "coupon", code ? json_pack("{s:s}", "code", code) : json_null());
    return e || !staff ? e : add_staff(db, cx, r, p, o);
}

enum err order_json(struct db *db, struct cx *cx, const struct order_row *r, bool staff,
                    json_t **ret_order)
{
    struct parts p = {.parcel_list = json_array()};
    enum err e = p.parcel_list ? read_parts(db, cx, r, &p) : ERR_NO_MEMORY;
    json_t *j = e ? NULL : head_json(r, &p);
    if (!e && !j)
        e = ERR_NO_MEMORY;
    if (!e)
        e = add_rest(db, cx, r, &p, staff, j);
    json_decref(p.parcel_list);
    if (e)
        json_decref(j);
    else
        *ret_order = j;
    return e;
}

enum err order_json_id(struct orders *o, struct cx *cx, int64_t id, bool staff, json_t **ret_order)
{
    struct db *db = NULL;
    struct order_row r;
    enum err e = store_read(o->store, &db);
    if (!e)
        e = order_by_id(db, cx, id, &r);
    if (!e)
        e = order_json(db, cx, &r, staff, ret_order);
    store_read_end(db);
    return e;
}

enum err order_part_json(struct orders *o, struct cx *cx, int64_t order_id, const char *list,
                         const char *part, json_t **ret_part)
{
    json_t *order = NULL, *found = NULL;
    enum err e = order_json_id(o, cx, order_id, true, &order);
    if (e)
        return e;
    const json_t *parts = json_object_get(order, list);
    for (size_t i = 0; !found && i < json_array_size(parts); i++) {
        json_t *p = json_array_get(parts, i);
        if (strcmp(json_string_value(json_object_get(p, "id")), part) == 0)
            found = json_incref(p);
    }
    if (found)
        (void)json_object_set(found, "order", json_object_get(order, "no"));
    json_decref(order);
    *ret_part = found;
    return found ? ERR_OK : ERR_STORE;
}
