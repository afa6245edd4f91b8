/* Refunds and orphans as staff see them: what goes back, what waits, and why. */
#include "base/arena.h"
#include "order/order.h"
#include "pay/pay.h"
#include "store/store.h"
#include "till/money.sql.h"
#include "till/money_in.h"

#include <string.h>

enum { REFUNDS_OF_ONE = 50, CURRENCIES_MAX = 20 };

struct row {
    int64_t id, amount, tries, created, sent, done, next_at;
    bool manual;
    const char *public_id, *order, *payment, *provider, *method, *currency, *reason, *state;
    const char *fail_code, *note, *details, *buyer;
};

static struct rows find(struct db *db, const struct money_filter *f, int64_t before, int64_t limit)
{
    return db_rows(db, &SQL_money_refunds,
                   ARGS(V(f->shop_id), V(before), V(f->state ? f->state : ""), V(f->manual),
                        V(f->q ? f->q : ""), V(limit)));
}

static bool next(struct rows *r, struct cx *cx, struct row *w)
{
    return rows_next(r, cx->arena,
                     COLS(C(&w->id), C(&w->public_id), C(&w->order), C(&w->payment),
                          C(&w->provider), C(&w->method), C(&w->amount), C(&w->currency),
                          C(&w->reason), C(&w->state), C(&w->manual), C(&w->tries),
                          C(&w->fail_code), C(&w->note), C(&w->created), C(&w->sent), C(&w->done),
                          C(&w->next_at), C(&w->details), C(&w->buyer)));
}

/* What a gateway told of who paid, for the person who pays back. */
static json_t *pay_to(const struct row *w)
{
    static const char *const told[] = {"payer_bank", "payer_account", "card4no", "paid_at_store"};
    json_t *all = w->details ? json_loads(w->details, 0, NULL) : NULL;
    json_t *some = json_object();
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        json_t *v = json_object_get(all, told[i]);
        if (json_is_string(v))
            (void)json_object_set(some, told[i], v);
    }
    json_decref(all);
    if (json_object_size(some))
        return some;
    json_decref(some);
    return json_null();
}

/* What staff may do with it now: as order_refund_set() will have it. */
static json_t *can(const struct row *w, bool manual, int64_t now_ms)
{
    bool queued = strcmp(w->state, "queued") == 0, sent = strcmp(w->state, "sent") == 0;
    bool failed = strcmp(w->state, "failed") == 0;
    bool unclear = sent && w->sent + REFUND_UNCLEAR_MS <= now_ms;
    return json_pack("{s:b,s:b,s:b,s:b}", "done", (manual && (queued || sent)) || unclear, "failed",
                     (manual && sent) || unclear, "again", failed, "by_hand",
                     failed || (queued && !manual));
}

static json_t *row_json(const struct row *w, const struct pay_table *table, int64_t now_ms)
{
    bool manual = w->manual || pay_refund_is_manual(table, w->provider, w->method);
    bool moving = strcmp(w->state, "queued") == 0 || strcmp(w->state, "sent") == 0;
    return json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:o,s:s,s:s,s:b,s:I,s:s?,s:s?,s:I,s:o,s:o,s:o,s:o,s:o,s:s}", "id",
        w->public_id, "order", w->order, "payment", w->payment, "provider", w->provider, "method",
        w->method, "amount", money_of(w->amount, w->currency), "reason", w->reason, "state",
        w->state, "manual", manual, "tries", (json_int_t)w->tries, "fail_code", w->fail_code,
        "note", w->note, "created_at", (json_int_t)w->created, "sent_at", money_ms(w->sent),
        "done_at", money_ms(w->done), "next_at", money_ms(moving && !manual ? w->next_at : 0),
        "pay_to", manual ? pay_to(w) : json_null(), "can", can(w, manual, now_ms), "buyer",
        w->buyer);
}

static bool known_state(const char *state)
{
    enum refund_state s;
    return !state || strcmp(state, "open") == 0 || refund_state_parse(state, &s) == ERR_OK;
}

enum err money_refunds(struct db *db, struct cx *cx, const struct pay_table *table,
                       const struct money_filter *f, json_t **ret_page)
{
    struct row w = {.id = 0};
    int64_t before, limit;
    size_t n = 0;
    enum err e = money_cursor(cx, f, &before, &limit);
    if (!e && !known_state(f->state))
        e = problem(cx, ERR_INPUT, "'state' is not a state of a refund");
    if (e)
        return e;
    json_t *items = json_array();
    struct rows r = find(db, f, before, limit);
    for (; next(&r, cx, &w); n++)
        (void)json_array_append_new(items, row_json(&w, table, cx->now_ms));
    e = rows_end(&r);
    if (e) {
        json_decref(items);
        return e;
    }
    return money_page(cx, items, n, limit, w.id, ret_page);
}

enum err money_refunds_of(struct db *db, struct cx *cx, const struct pay_table *table,
                          int64_t shop_id, const char *payment, json_t **ret_list)
{
    struct row w;
    json_t *list = json_array();
    const struct money_filter f = {.shop_id = shop_id, .q = payment};
    struct rows r = find(db, &f, INT64_MAX, REFUNDS_OF_ONE);
    while (next(&r, cx, &w))
        (void)json_array_append_new(list, row_json(&w, table, cx->now_ms));
    enum err e = rows_end(&r);
    if (e)
        json_decref(list);
    else
        *ret_list = list;
    return e;
}

/* ---- orphans ---- */

struct orphan {
    int64_t id, amount, at, back;
    const char *payment, *order, *order_state, *provider, *method, *currency, *kind;
};

static const char *why(const char *kind)
{
    static const struct {
        const char *kind, *word;
    } words[] = {{"orphan_double", "double"},
                 {"orphan_late", "late"},
                 {"orphan_cancelled", "cancelled"},
                 {"orphan_amount", "wrong_amount"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].kind, kind) == 0)
            return words[i].word;
    return "other";
}

static const char *orphan_state(const struct orphan *w, const json_t *refund)
{
    const char *state = json_string_value(json_object_get(refund, "state"));
    if (w->back >= w->amount)
        return "refunded";
    if (state && strcmp(state, "failed") == 0)
        return "failed";
    return json_is_true(json_object_get(refund, "manual")) ? "by_hand" : "refunding";
}

static enum err add_refund(struct db *db, struct cx *cx, const struct pay_table *table,
                           int64_t shop_id, const struct orphan *w, json_t *o)
{
    json_t *list = NULL;
    enum err e = money_refunds_of(db, cx, table, shop_id, w->payment, &list);
    if (e)
        return e;
    json_t *newest = json_array_get(list, 0);
    (void)json_object_set_new(o, "state", json_string(orphan_state(w, newest)));
    (void)json_object_set_new(o, "refund", newest ? json_incref(newest) : json_null());
    json_decref(list);
    return ERR_OK;
}

static json_t *orphan_json(const struct orphan *w)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:s,s:I}", "payment", w->payment, "order",
                     w->order, "order_state", w->order_state, "provider", w->provider, "method",
                     w->method, "amount", money_of(w->amount, w->currency), "refunded",
                     money_of(w->back, w->currency), "why", why(w->kind), "at", (json_int_t)w->at);
}

static enum err sums_json(struct db *db, struct cx *cx, int64_t shop_id, json_t **ret_sums)
{
    const char *currency;
    int64_t open, back, count;
    json_t *sums = json_array();
    struct rows r =
        db_rows(db, &SQL_money_orphan_sums, ARGS(V(shop_id), V((int64_t)CURRENCIES_MAX)));
    while (rows_next(&r, cx->arena, COLS(C(&currency), C(&open), C(&back), C(&count))))
        (void)json_array_append_new(sums, json_pack("{s:s,s:I,s:I,s:I}", "currency", currency,
                                                    "open", (json_int_t)open, "back",
                                                    (json_int_t)back, "count", (json_int_t)count));
    enum err e = rows_end(&r);
    if (e)
        json_decref(sums);
    else
        *ret_sums = sums;
    return e;
}

/* Rows first, then each one's refund: one statement at a time. */
static enum err orphan_rows(struct db *db, struct cx *cx, const struct money_filter *f,
                            int64_t before, int64_t limit, struct orphan *list, size_t *ret_count)
{
    size_t n = 0;
    struct orphan w;
    struct rows r =
        db_rows(db, &SQL_money_orphans, ARGS(V(f->shop_id), V(before), V(f->open), V(limit)));
    while ((int64_t)n < limit &&
           rows_next(&r, cx->arena,
                     COLS(C(&w.id), C(&w.payment), C(&w.order), C(&w.order_state), C(&w.provider),
                          C(&w.method), C(&w.amount), C(&w.currency), C(&w.kind), C(&w.at),
                          C(&w.back))))
        list[n++] = w;
    *ret_count = n;
    return rows_end(&r);
}

enum err money_orphans(struct db *db, struct cx *cx, const struct pay_table *table,
                       const struct money_filter *f, json_t **ret_page)
{
    int64_t before, limit;
    size_t n = 0;
    json_t *sums = NULL, *page = NULL, *items = json_array();
    struct orphan *list = arena_array(cx->arena, struct orphan, MONEY_PAGE);
    enum err e = list ? money_cursor(cx, f, &before, &limit) : ERR_NO_MEMORY;
    if (!e)
        e = orphan_rows(db, cx, f, before, limit, list, &n);
    for (size_t i = 0; !e && i < n; i++) {
        json_t *o = orphan_json(&list[i]);
        e = add_refund(db, cx, table, f->shop_id, &list[i], o);
        (void)json_array_append_new(items, o);
    }
    if (!e)
        e = sums_json(db, cx, f->shop_id, &sums);
    if (e) {
        json_decref(items);
        return e;
    }
    e = money_page(cx, items, n, limit, n ? list[n - 1].id : 0, &page);
    if (!e)
        (void)json_object_set_new(page, "sums", sums);
    else
        json_decref(sums);
    if (!e)
        *ret_page = page;
    return e;
}
