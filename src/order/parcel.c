/* Parcels: making them, and what their way means for the money and for the buyer. */
#include "order/parcel.h"
#include "base/arena.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "order/day.h"
#include "order/invoice.h"
#include "order/order.sql.h"
#include "order/order_in.h"
#include "order/parcel.sql.h"
#include "pay/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CARRIER_MAX = 20, TRACKING_MAX = 40 };

static enum err note(struct tx *tx, const struct room_who *who, int64_t audit_id, int64_t shop_id,
                     const char *action, const char *object, const char *state)
{
    char after[64];
    (void)snprintf(after, sizeof after, "{\"state\":\"%s\"}", state);
    const struct audit a = {.id = audit_id,
                            .actor_id = who->viewer_id,
                            .shop_id = shop_id,
                            .action = action,
                            .object = object,
                            .after = after,
                            .addr = who->addr};
    return audit_write(tx, &a);
}

/* A carrier or a tracking number: what goes into links and onto labels. */
static bool plain_text(const char *s, size_t max)
{
    size_t n = strlen(s);
    return n && n <= max &&
           strspn(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_ ") == n;
}

/* ---- making ---- */

struct make {
    struct orders *o;
    const struct room_who *who;
    const struct parcel_new *ask;
    const struct order_ref *ref;
    int64_t parcel_id, audit_id;
    char public_id[ID_TEXT];
    int64_t order_id; /* made */
};

static enum err put_line(struct tx *tx, const struct make *m, const struct order_line *l,
                         int64_t qty)
{
    int64_t changed = 0;
    enum err e = db_do(tx->db, &SQL_parcel_line_take, ARGS(V(qty), V(l->id)), &changed);
    if (!e && !changed)
        return problem(tx->cx, ERR_CONFLICT, "line %d has not that many units left to pack",
                       (int)l->line_no);
    if (!e)
        e = db_do(tx->db, &SQL_parcel_line_insert, ARGS(V(m->parcel_id), V(l->id), V(qty)), NULL);
    return e;
}

static enum err put_all(struct tx *tx, const struct make *m, const struct order_line *lines,
                        size_t n)
{
    enum err e = ERR_OK;
    bool any = false;
    for (size_t i = 0; !e && i < n; i++) {
        int64_t left = lines[i].qty - lines[i].refunded - lines[i].in_parcel;
        if (left <= 0)
            continue;
        any = true;
        e = put_line(tx, m, &lines[i], left);
    }
    if (!e && !any)
        e = problem(tx->cx, ERR_CONFLICT, "nothing of this order is left to pack");
    return e;
}

static enum err put_lines(struct tx *tx, const struct make *m, const struct order_row *r)
{
    struct order_line *lines;
    struct line_qty_ask *asks = NULL;
    size_t n, count = 0;
    enum err e = order_lines(tx->db, tx->cx, r->id, &lines, &n);
    if (e || !m->ask->lines)
        return e ? e : put_all(tx, m, lines, n);
    e = lines_ask(tx->cx, m->ask->lines, lines, n, &asks, &count);
    for (size_t i = 0; !e && i < count; i++)
        e = put_line(tx, m, asks[i].line, asks[i].qty);
    return e;
}

/* A store's parcels go with its chain. */
static const char *carrier_of(struct cx *cx, const struct order_row *r, const char *asked)
{
    if (asked)
        return asked;
    json_t *o = json_loads(r->address, 0, NULL);
    const char *chain = json_string_value(json_object_get(o, "chain"));
    const char *carrier = chain ? arena_dup(cx->arena, chain, strlen(chain))
                          : strcmp(r->market, "TH") == 0 ? "thpost"
                                                         : "tcat";
    json_decref(o);
    return carrier;
}

/* What the carrier collects: all of it with the first parcel. */
static enum err money_at_door(struct tx *tx, const struct order_row *r, int64_t *ret_amount)
{
    struct payment p;
    int64_t others;
    *ret_amount = 0;
    enum err e = payment_of_order(tx->db, tx->cx->arena, r->id, &p);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    if (p.state != PAYMENT_CREATED && p.state != PAYMENT_PENDING)
        return ERR_OK;
    e = db_i64(tx->db, &SQL_parcels_with_money, ARGS(V(r->id)), &others);
    if (!e && !others)
        *ret_amount = p.amount;
    return e;
}

/* Goods that were wholly paid back stay here. A payment that counts comes before one paid back. */
static enum err not_paid_back(struct tx *tx, const struct order_row *r)
{
    struct payment p;
    enum err e = payment_of_order(tx->db, tx->cx->arena, r->id, &p);
    if (!e && p.state == PAYMENT_REFUNDED)
        return problem(tx->cx, ERR_CONFLICT, "the order is paid back");
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err make_job(struct tx *tx, void *arg)
{
    struct make *m = arg;
    struct order_row r;
    int64_t cod = 0;
    enum err e = order_for_staff(tx->db, tx->cx, m->who, m->ref, ACTION_ORDER_PACK, &r);
    if (!e && r.state != ORDER_CONFIRMED)
        e = problem(tx->cx, ERR_TRANSITION, "the order is %s", order_state_name(r.state));
    if (!e)
        e = not_paid_back(tx, &r);
    if (!e)
        e = money_at_door(tx, &r, &cod);
    if (e)
        return e;
    m->order_id = r.id;
    const char *carrier = carrier_of(tx->cx, &r, m->ask->carrier);
    e = db_do(tx->db, &SQL_parcel_insert,
              ARGS(V(m->parcel_id), V((const char *)m->public_id), V(r.id), V(carrier), V(cod),
                   V(tx->cx->now_ms)),
              NULL);
    if (!e)
        e = put_lines(tx, m, &r);
    return e ? e : note(tx, m->who, m->audit_id, r.shop_id, "parcel.make", m->public_id, "packing");
}

enum err parcel_make(struct orders *o, struct cx *cx, const struct room_who *who,
                     const struct parcel_new *ask, json_t **ret_parcels)
{
    enum err e = ERR_OK;
    if (!ask->count || ask->count > PARCEL_BATCH_MAX)
        return problem(cx, ERR_INPUT, "'orders' must be 1 to %d", PARCEL_BATCH_MAX);
    if (ask->carrier && !plain_text(ask->carrier, CARRIER_MAX))
        return problem(cx, ERR_INPUT, "'carrier' must be 1 to %d plain letters", CARRIER_MAX);
    json_t *list = json_array();
    for (size_t i = 0; !e && i < ask->count; i++) {
        json_t *parcel = NULL;
        struct make m = {.o = o,
                         .who = who,
                         .ask = ask,
                         .ref = &ask->orders[i],
                         .parcel_id = id_next(),
                         .audit_id = id_next()};
        id_make("pcl", m.public_id);
        e = store_do(o->store, cx, "parcel.make", make_job, &m);
        if (e == ERR_CONFLICT && ask->count > 1) { /* of many, those with nothing left are passed */
            cx->problem[0] = '\0';
            e = ERR_OK;
            continue;
        }
        if (!e)
            e = order_part_json(o, cx, m.order_id, "parcels", m.public_id, &parcel);
        if (!e)
            (void)json_array_append_new(list, parcel);
    }
    if (e)
        json_decref(list);
    else
        *ret_parcels = list;
    return e;
}

/* ---- its way ---- */

struct edit {
    struct orders *o;
    const struct room_who *who;
    const char *parcel;
    const struct parcel_set *ask;
    int64_t audit_id;
    int64_t order_id; /* made */
};

struct parcel_row {
    int64_t id, order_id, cod, inspected, version;
    enum parcel_state state;
};

static enum err parcel_find(struct tx *tx, const struct edit *d, struct parcel_row *p,
                            struct order_row *r)
{
    const char *state;
    enum err e = db_row(
        tx->db, tx->cx->arena, &SQL_parcel_by_public_id, ARGS(V(d->parcel)),
        COLS(C(&p->id), C(&p->order_id), C(&state), C(&p->cod), C(&p->inspected), C(&p->version)));
    if (!e)
        e = order_by_id(tx->db, tx->cx, p->order_id, r);
    if (e == ERR_NOT_FOUND || (!e && room_role(d->who, r->shop_id) == ROLE_NONE))
        return problem(tx->cx, ERR_NOT_FOUND, "there is no such parcel");
    if (!e && !account_may(room_role(d->who, r->shop_id), ACTION_ORDER_PACK))
        return problem(tx->cx, ERR_FORBIDDEN, "your role may not do this");
    return !e && parcel_state_parse(state, &p->state) ? ERR_STORE : e;
}

static enum err post(struct tx *tx, const struct payment *p, enum ledger_kind kind)
{
    return ledger_post(tx,
                       &(struct movement){.kind = kind, .payment_id = p->id, .amount = p->amount});
}

/* The payment at the door goes with the parcel that collects it. */
static enum err move_money(struct tx *tx, const struct order_row *r, const struct parcel_row *p,
                           enum parcel_state to)
{
    struct payment pay;
    enum err e = p->cod ? payment_of_order(tx->db, tx->cx->arena, r->id, &pay) : ERR_NOT_FOUND;
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    if (to == PARCEL_SHIPPED)
        return payment_move(tx, &pay, PAYMENT_PENDING);
    if (parcel_has_arrived(to)) {
        e = payment_move(tx, &pay, PAYMENT_COLLECTED);
        if (!e)
            e = post(tx, &pay, LEDGER_COD_COLLECTED);
        if (!e)
            e = stat_add(tx, r->viewer_id, r->shop_id, STAT_PAID);
        return e ? e : order_step(tx, r->id, "paid", 0);
    }
    if (to != PARCEL_RETURNED)
        return ERR_OK;
    e = payment_move(tx, &pay, PAYMENT_REFUSED);
    return e ? e : invoice_undo(tx, r->id);
}

/* Nothing of it is under way any more: the days of return begin; or all came back, and it ends. */
static enum err arrived(struct stock_turn *turn, struct order_row *r, int64_t actor_id)
{
    struct tx *tx = turn->tx;
    int64_t missing, any;
    const struct market *m = market_find(r->market);
    enum err e = db_i64(tx->db, &SQL_order_not_arrived, ARGS(V(r->id)), &missing);
    if (e || missing || !m || r->state != ORDER_CONFIRMED)
        return e;
    e = db_i64(tx->db, &SQL_order_arrived_any, ARGS(V(r->id)), &any);
    if (e || !any)
        return e ? e : order_came_back(turn, r, actor_id);
    int64_t done = day_end_after(m, tx->cx->now_ms, m->return_days) + 1;
    return db_do(tx->db, &SQL_order_done_set, ARGS(V(done), V(r->id)), NULL);
}

static enum err enter(const struct orders *o, struct stock_turn *turn, int64_t actor_id,
                      struct order_row *r, const struct parcel_row *p, enum parcel_state to)
{
    struct tx *tx = turn->tx;
    enum err e = move_money(tx, r, p, to);
    if (!e && to == PARCEL_SHIPPED)
        e = invoice_due(tx, r->id);
    if (!e && to == PARCEL_SHIPPED)
        e = order_mail_shipped(o, tx, r->id, p->id);
    if (!e && to == PARCEL_RETURNED)
        e = stat_add(tx, r->viewer_id, r->shop_id, STAT_UNCOLLECTED);
    if (!e && to == PARCEL_VOID)
        e = db_do(tx->db, &SQL_parcel_line_back, ARGS(V(p->id)), NULL);
    if (!e && parcel_has_arrived(to))
        e = arrived(turn, r, actor_id);
    if (!e && to != PARCEL_VOID)
        e = order_step(tx, r->id, parcel_state_name(to), actor_id);
    return e;
}

static int64_t restock_qty(const json_t *restock, int64_t no, int64_t most)
{
    if (!restock)
        return most;
    for (size_t i = 0; i < json_array_size(restock); i++) {
        const json_t *o = json_array_get(restock, i);
        if (json_integer_value(json_object_get(o, "no")) != no)
            continue;
        int64_t qty = json_integer_value(json_object_get(o, "qty"));
        return qty < 0 ? 0 : qty > most ? most : qty;
    }
    return 0;
}

struct back {
    struct order_line line;
    int64_t qty;
};

static int back_by_variant(const void *a, const void *b)
{
    const struct back *x = a, *y = b;
    if (x->line.variant_id != y->line.variant_id)
        return x->line.variant_id < y->line.variant_id ? -1 : 1;
    return x->line.id < y->line.id ? -1 : x->line.id > y->line.id;
}

/* What came back and was looked at can be sold again. */
static enum err restock(struct stock_turn *turn, const struct edit *d, const struct order_row *r,
                        const struct parcel_row *p)
{
    struct tx *tx = turn->tx;
    struct order_line *lines;
    size_t n, count = 0;
    int64_t line_id, qty;
    struct back *back = arena_array(tx->cx->arena, struct back, ORDER_LINES_MAX);
    enum err e = back ? order_lines(tx->db, tx->cx, r->id, &lines, &n) : ERR_NO_MEMORY;
    if (e)
        return e;
    struct rows rows = db_rows(tx->db, &SQL_parcel_lines, ARGS(V(p->id)));
    while (count < ORDER_LINES_MAX && rows_next(&rows, NULL, COLS(C(&line_id), C(&qty))))
        for (size_t i = 0; i < n; i++)
            if (lines[i].id == line_id)
                back[count++] =
                    (struct back){lines[i], restock_qty(d->ask->restock, lines[i].line_no, qty)};
    e = rows_end(&rows);
    if (!e && count)
        qsort(back, count, sizeof *back, back_by_variant);
    for (size_t i = 0; !e && i < count; i++)
        e = order_restock(turn, r, &back[i].line, back[i].qty, STOCK_RETURN, d->who->viewer_id);
    return e;
}

/* The shop paid the buyer back before the carrier paid the shop. */
static enum err settle_refunded(struct tx *tx, const struct payment *pay)
{
    int64_t changed = 0;
    enum err e = db_do(tx->db, &SQL_parcel_settled, ARGS(V(tx->cx->now_ms), V(pay->id)), &changed);
    return e || changed ? e : problem(tx->cx, ERR_TRANSITION, "the payment is refunded");
}

static enum err settle(struct tx *tx, const struct order_row *r)
{
    struct payment pay;
    enum err e = payment_of_order(tx->db, tx->cx->arena, r->id, &pay);
    if (e == ERR_NOT_FOUND)
        return problem(tx->cx, ERR_TRANSITION, "nothing was to be paid");
    if (e)
        return e;
    e = pay.state == PAYMENT_REFUNDED ? settle_refunded(tx, &pay)
                                      : payment_move(tx, &pay, PAYMENT_SETTLED);
    return e ? e : post(tx, &pay, LEDGER_COD_SETTLED);
}

static enum err check_edit(struct cx *cx, const struct edit *d, const struct parcel_row *p,
                           enum parcel_state to)
{
    if (to != p->state && !parcel_may(p->state, to))
        return problem(cx, ERR_TRANSITION, "the parcel is %s", parcel_state_name(p->state));
    if (d->ask->inspected && (to != PARCEL_RETURNED || p->inspected))
        return problem(cx, ERR_TRANSITION, "only what came back is looked at, and once");
    return ERR_OK;
}

static enum err write_parcel(struct tx *tx, const struct edit *d, const struct parcel_row *p,
                             enum parcel_state to)
{
    int64_t changed = 0;
    enum err e = db_do(tx->db, &SQL_parcel_set,
                       ARGS(V(parcel_state_name(to)), V(d->ask->carrier), V(d->ask->tracking),
                            V((int64_t)(p->inspected || d->ask->inspected)), V(tx->cx->now_ms),
                            V(p->id), V(parcel_state_name(p->state)), V(p->inspected)),
                       &changed);
    if (!e && !changed)
        e = problem(tx->cx, ERR_TRANSITION, "the parcel has another state by now");
    return e;
}

static enum err edit_job(struct tx *tx, void *arg)
{
    struct edit *d = arg;
    struct parcel_row p;
    struct order_row r = {.id = 0};
    struct stock_turn turn;
    enum err e = parcel_find(tx, d, &p, &r);
    if (e)
        return e;
    enum parcel_state to = p.state;
    if (d->ask->state && parcel_state_parse(d->ask->state, &to))
        return problem(tx->cx, ERR_INPUT, "'state' is not a state of a parcel");
    d->order_id = r.id;
    turn_begin(&turn, tx, d->o->watch);
    e = check_edit(tx->cx, d, &p, to);
    if (!e && to != p.state && (to == PARCEL_PACKED || to == PARCEL_SHIPPED))
        e = not_paid_back(tx, &r);
    if (!e)
        e = write_parcel(tx, d, &p, to);
    if (!e && to != p.state)
        e = enter(d->o, &turn, d->who->viewer_id, &r, &p, to);
    if (!e && d->ask->inspected)
        e = restock(&turn, d, &r, &p);
    if (!e && d->ask->inspected)
        e = arrived(&turn, &r, d->who->viewer_id);
    if (!e && d->ask->settled)
        e = settle(tx, &r);
    if (!e)
        e = note(tx, d->who, d->audit_id, r.shop_id, "parcel.edit", d->parcel,
                 parcel_state_name(to));
    if (!e)
        e = turn_end(&turn);
    return e ? e : order_tell(d->o, tx, &r);
}

enum err parcel_edit(struct orders *o, struct cx *cx, const struct room_who *who,
                     const char *parcel, const struct parcel_set *ask, json_t **ret_parcel)
{
    struct edit d = {.o = o, .who = who, .parcel = parcel, .ask = ask, .audit_id = id_next()};
    if (ask->carrier && !plain_text(ask->carrier, CARRIER_MAX))
        return problem(cx, ERR_INPUT, "'carrier' must be 1 to %d plain letters", CARRIER_MAX);
    if (ask->tracking && !plain_text(ask->tracking, TRACKING_MAX))
        return problem(cx, ERR_INPUT, "'tracking' must be 1 to %d plain letters", TRACKING_MAX);
    enum err e = store_do(o->store, cx, "parcel.edit", edit_job, &d);
    return e ? e : order_part_json(o, cx, d.order_id, "parcels", parcel, ret_parcel);
}

/* ---- what its carrier says ---- */

/* The next step of a parcel on its way to `to`; where it is when there is none. */
static enum parcel_state step_toward(enum parcel_state from, enum parcel_state to)
{
    bool to_store = to == PARCEL_AT_STORE || to == PARCEL_COLLECTED;
    switch (from) {
    case PARCEL_PACKING: return to != PARCEL_PACKING && to != PARCEL_VOID ? PARCEL_PACKED : from;
    case PARCEL_PACKED: return to == PARCEL_SHIPPED || parcel_is_out(to) ? PARCEL_SHIPPED : from;
    case PARCEL_SHIPPED: return to_store ? PARCEL_AT_STORE : parcel_may(from, to) ? to : from;
    case PARCEL_AT_STORE: return parcel_may(from, to) ? to : from;
    case PARCEL_COLLECTED:
    case PARCEL_DELIVERED:
    case PARCEL_RETURNED:
    case PARCEL_VOID:
    case PARCEL_STATE_COUNT: break;
    }
    return from;
}

static enum err walk(const struct orders *o, struct stock_turn *turn, struct order_row *r,
                     struct parcel_row *p, enum parcel_state to, const char *tracking)
{
    enum err e = ERR_OK;
    const struct parcel_set set = {.tracking = tracking};
    const struct edit d = {.ask = &set};
    enum parcel_state next = step_toward(p->state, to);
    if (next == p->state && tracking)
        e = write_parcel(turn->tx, &d, p, p->state);
    while (!e && next != p->state) {
        e = write_parcel(turn->tx, &d, p, next);
        if (!e)
            e = enter(o, turn, 0, r, p, next);
        p->state = next;
        next = step_toward(next, to);
    }
    return e;
}

enum err parcel_go(struct orders *o, struct tx *tx, int64_t parcel_id, enum parcel_state to,
                   const char *tracking)
{
    struct parcel_row p = {.id = parcel_id};
    struct order_row r;
    struct stock_turn turn;
    const char *state;
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_parcel_by_id, ARGS(V(parcel_id)),
                        COLS(C(&p.order_id), C(&state), C(&p.cod), C(&p.inspected)));
    if (!e && parcel_state_parse(state, &p.state))
        e = ERR_STORE;
    if (!e)
        e = order_by_id(tx->db, tx->cx, p.order_id, &r);
    if (e)
        return e;
    turn_begin(&turn, tx, o->watch);
    e = walk(o, &turn, &r, &p, to, tracking);
    if (!e)
        e = turn_end(&turn);
    return e ? e : order_tell(o, tx, &r);
}
