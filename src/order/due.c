/* What an order that waits for money says to the room that starts payments. */
#include "base/arena.h"
#include "catalog/catalog.h"
#include "order/due.sql.h"
#include "order/order_in.h"
#include "stock/hold.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { DUE_ITEMS_MAX = 20 };

/* In the market's language, else in any. */
static const char *title_in(json_t *title, const char *lang)
{
    const char *text = json_string_value(json_object_get(title, lang));
    for (void *it = text ? NULL : json_object_iter(title); it && !text;
         it = json_object_iter_next(title, it))
        text = json_string_value(json_object_iter_value(it));
    return text ? text : "";
}

static const char *item_text(struct cx *cx, const struct order_line *l, const char *lang)
{
    json_t *title = stored_json(l->title), *options = stored_json(l->options);
    const char *text = title_in(title, lang);
    for (size_t i = 0; text && i < json_array_size(options); i++) {
        const char *option = json_string_value(json_array_get(options, i));
        text = option ? arena_fmt(cx->arena, "%s %s", text, option) : text;
    }
    text = text ? arena_fmt(cx->arena, "%s x %" PRId64, text, l->qty) : NULL;
    json_decref(title);
    json_decref(options);
    return text;
}

static enum err add_items(struct db *db, struct cx *cx, struct order_due *d)
{
    struct order_line *lines;
    const struct market *m = market_find(d->market);
    size_t n;
    const char **items = arena_array(cx->arena, const char *, DUE_ITEMS_MAX);
    enum err e = order_lines(db, cx, d->id, &lines, &n);
    if (e || !items)
        return e ? e : ERR_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        d->has_deal = d->has_deal || strcmp(lines[i].source, "deal") == 0;
        if (i < DUE_ITEMS_MAX && !(items[i] = item_text(cx, &lines[i], m ? m->lang : "en")))
            return ERR_NO_MEMORY;
    }
    d->items = items;
    d->item_count = n < DUE_ITEMS_MAX ? n : DUE_ITEMS_MAX;
    return ERR_OK;
}

static const char *phone_of(struct cx *cx, const char *address)
{
    json_t *o = stored_json(address);
    const char *phone = json_string_value(json_object_get(o, "phone"));
    const char *kept = phone ? arena_dup(cx->arena, phone, strlen(phone)) : "";
    json_decref(o);
    return kept;
}

static enum err due_of(struct db *db, struct cx *cx, const struct order_row *r,
                       struct order_due *ret_due)
{
    struct order_due d = {.id = r->id,
                          .shop_id = r->shop_id,
                          .viewer_id = r->viewer_id,
                          .total = r->total,
                          .expires_ms = r->expires_ms,
                          .created_ms = r->created_ms,
                          .no = r->no,
                          .public_id = r->public_id,
                          .shop_slug = r->shop_slug,
                          .shop_name = r->shop_name,
                          .market = r->market,
                          .currency = r->currency,
                          .phone = phone_of(cx, r->address),
                          .state = r->state};
    enum err e = d.phone ? add_items(db, cx, &d) : ERR_NO_MEMORY;
    if (!e)
        *ret_due = d;
    return e;
}

enum err order_due_for(struct db *db, struct cx *cx, const struct room_who *who,
                       const struct order_ref *ref, struct order_due *ret_due)
{
    struct order_row r;
    enum err e = order_for_buyer(db, cx, who, ref, &r);
    return e ? e : due_of(db, cx, &r, ret_due);
}

enum err order_due_by_id(struct db *db, struct cx *cx, int64_t id, struct order_due *ret_due)
{
    struct order_row r;
    enum err e = order_by_id(db, cx, id, &r);
    return e ? e : due_of(db, cx, &r, ret_due);
}

/* ---- waiting longer ---- */

enum err order_wait_until(struct stock_turn *turn, int64_t order_id, int64_t until_ms)
{
    struct tx *tx = turn->tx;
    int64_t changed = 0, holds[ORDER_LINES_MAX];
    size_t n = 0;
    enum err e = db_do(tx->db, &SQL_due_wait, ARGS(V(until_ms), V(order_id)), &changed);
    if (e)
        return e;
    if (!changed)
        return problem(tx->cx, ERR_TRANSITION, "the order does not wait for money");
    struct rows rows = db_rows(tx->db, &SQL_due_holds, ARGS(V(order_id)));
    while (n < ORDER_LINES_MAX && rows_next(&rows, NULL, COLS(C(&holds[n]))))
        n++;
    e = rows_end(&rows);
    for (size_t i = 0; !e && i < n; i++)
        e = hold_extend(turn, holds[i], until_ms + ORDER_GRACE_MS);
    return e == ERR_NOT_FOUND ? ERR_STORE : e; /* read in this job: they are active */
}

/* ---- telling ---- */

static enum err tell_move(struct orders *o, struct tx *tx, const struct order_row *r,
                          const struct payment *p)
{
    if (!o->room || !r->show_id)
        return ERR_OK;
    enum err e =
        room_tell_viewer(tx, o->room, r->show_id, r->viewer_id, "payment.state",
                         json_pack("{s:s,s:s,s:s,s:s}", "no", r->no, "payment", p->public_id,
                                   "state", payment_state_name(p->state), "method", p->method));
    return e ? e : order_tell(o, tx, r);
}

enum err order_tell_payment(struct orders *o, struct tx *tx, int64_t payment_id, const char *step)
{
    struct payment p;
    struct order_row r;
    enum err e = payment_by_id(tx->db, tx->cx->arena, payment_id, &p);
    if (!e)
        e = order_by_id(tx->db, tx->cx, p.order_id, &r);
    if (!e && step)
        e = order_step(tx, r.id, step, 0);
    return e ? e : tell_move(o, tx, &r, &p);
}

void order_link(const struct orders *o, const char *public_id, const char *no,
                char out[ORDER_LINK_SIZE])
{
    char secret[ORDER_SECRET_SIZE];
    order_secret(o, "order", public_id, secret);
    (void)snprintf(out, ORDER_LINK_SIZE, "/o/%s?s=%s", no, secret);
}
