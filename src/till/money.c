/* Payments as staff see them, and what the other lists share. */
#include "till/money.h"
#include "base/arena.h"
#include "base/text.h"
#include "pay/pay.h"
#include "store/store.h"
#include "till/money.sql.h"
#include "till/money_in.h"

#include <inttypes.h>
#include <string.h>

enum { INBOX_SHOWN = 50 };

json_t *money_of(int64_t amount, const char *currency)
{
    return json_pack("{s:I,s:s}", "amount", (json_int_t)amount, "currency", currency);
}

json_t *money_ms(int64_t ms)
{
    return ms ? json_integer((json_int_t)ms) : json_null();
}

enum err money_cursor(struct cx *cx, const struct money_filter *f, int64_t *ret_before,
                      int64_t *ret_limit)
{
    *ret_before = INT64_MAX;
    *ret_limit = f->limit ? f->limit : MONEY_PAGE;
    if (f->cursor && text_i64(f->cursor, 1, INT64_MAX, ret_before))
        return problem(cx, ERR_INPUT, "'cursor' must be the 'next' of a page");
    return ERR_OK;
}

enum err money_page(struct cx *cx, json_t *items, size_t n, int64_t limit, int64_t last,
                    json_t **ret_page)
{
    const char *next = n && (int64_t)n == limit ? arena_fmt(cx->arena, "%" PRId64, last) : NULL;
    json_t *page = json_pack("{s:o,s:s?}", "items", items, "next", next);
    if (!page)
        return ERR_NO_MEMORY;
    *ret_page = page;
    return ERR_OK;
}

/* ---- payments ---- */

struct row {
    int64_t id, amount, refunded, created, changed, expires;
    bool simulated;
    const char *public_id, *order, *provider, *method, *state, *currency, *our_ref, *provider_ref;
    const char *fail_code, *buyer, *details, *order_state;
};

static struct rows find(struct db *db, const struct money_filter *f, int64_t before, int64_t limit)
{
    return db_rows(db, &SQL_money_payments,
                   ARGS(V(f->shop_id), V(before), V(f->state ? f->state : ""),
                        V(f->provider ? f->provider : ""), V(f->q ? f->q : ""), V(limit)));
}

static bool next(struct rows *r, struct cx *cx, struct row *w)
{
    return rows_next(r, cx->arena,
                     COLS(C(&w->id), C(&w->public_id), C(&w->order), C(&w->provider), C(&w->method),
                          C(&w->state), C(&w->amount), C(&w->refunded), C(&w->currency),
                          C(&w->our_ref), C(&w->provider_ref), C(&w->fail_code), C(&w->simulated),
                          C(&w->created), C(&w->changed), C(&w->expires), C(&w->buyer),
                          C(&w->details), C(&w->order_state)));
}

static json_t *row_json(const struct row *w)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:s,s:s?,s:s?,s:b,s:I,s:I,s:o,s:s}", "id",
                     w->public_id, "order", w->order, "provider", w->provider, "method", w->method,
                     "state", w->state, "amount", money_of(w->amount, w->currency), "refunded",
                     money_of(w->refunded, w->currency), "our_ref", w->our_ref, "provider_ref",
                     w->provider_ref, "fail_code", w->fail_code, "simulated", w->simulated,
                     "created_at", (json_int_t)w->created, "changed_at", (json_int_t)w->changed,
                     "expires_at", money_ms(w->expires), "buyer", w->buyer);
}

enum err money_payments(struct db *db, struct cx *cx, const struct money_filter *f,
                        json_t **ret_page)
{
    struct row w = {.id = 0};
    int64_t before, limit;
    size_t n = 0;
    enum payment_state state;
    enum err e = money_cursor(cx, f, &before, &limit);
    if (!e && f->state && payment_state_parse(f->state, &state))
        e = problem(cx, ERR_INPUT, "'state' is not a state of a payment");
    if (e)
        return e;
    json_t *items = json_array();
    struct rows r = find(db, f, before, limit);
    for (; next(&r, cx, &w); n++)
        (void)json_array_append_new(items, row_json(&w));
    e = rows_end(&r);
    if (e) {
        json_decref(items);
        return e;
    }
    return money_page(cx, items, n, limit, w.id, ret_page);
}

/* ---- one payment ---- */

static enum err inbox_json(struct db *db, struct cx *cx, int64_t payment_id, json_t **ret_list)
{
    const char *kind, *state, *result;
    int64_t at, handled;
    json_t *list = json_array();
    struct rows r = db_rows(db, &SQL_money_inbox, ARGS(V(payment_id), V((int64_t)INBOX_SHOWN)));
    while (rows_next(&r, cx->arena, COLS(C(&kind), C(&state), C(&result), C(&at), C(&handled))))
        (void)json_array_append_new(list, json_pack("{s:s,s:s,s:s?,s:I,s:o}", "kind", kind, "state",
                                                    state, "result", result, "at", (json_int_t)at,
                                                    "handled_at", money_ms(handled)));
    enum err e = rows_end(&r);
    if (e)
        json_decref(list);
    else
        *ret_list = list;
    return e;
}

static enum err find_one(struct db *db, struct cx *cx, int64_t shop_id, const char *payment,
                         struct row *w)
{
    const struct money_filter f = {.shop_id = shop_id, .q = payment};
    struct rows r = find(db, &f, INT64_MAX, 1);
    bool found = next(&r, cx, w);
    enum err e = rows_end(&r);
    if (!e && (!found || strcmp(w->public_id, payment) != 0))
        e = problem(cx, ERR_NOT_FOUND, "there is no such payment");
    return e;
}

enum err money_payment(struct db *db, struct cx *cx, const struct pay_table *table, int64_t shop_id,
                       const char *payment, json_t **ret_payment)
{
    struct row w;
    json_t *refunds = NULL, *entries = NULL, *inbox = NULL;
    enum err e = find_one(db, cx, shop_id, payment, &w);
    if (!e)
        e = money_refunds_of(db, cx, table, shop_id, payment, &refunds);
    if (!e)
        e = money_entries_of(db, cx, shop_id, w.id, &entries);
    if (!e)
        e = inbox_json(db, cx, w.id, &inbox);
    if (e) {
        json_decref(refunds);
        json_decref(entries);
        return e;
    }
    json_t *o = row_json(&w), *details = w.details ? json_loads(w.details, 0, NULL) : NULL;
    (void)json_object_set_new(o, "details", json_is_object(details) ? details : json_object());
    if (!json_is_object(details))
        json_decref(details);
    (void)json_object_set_new(o, "order_state", json_string(w.order_state));
    (void)json_object_set_new(o, "refunds", refunds);
    (void)json_object_set_new(o, "entries", entries);
    (void)json_object_set_new(o, "inbox", inbox);
    if (!o)
        return ERR_NO_MEMORY;
    *ret_payment = o;
    return ERR_OK;
}
