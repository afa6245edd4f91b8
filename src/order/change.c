/* What buyers and staff do to an order: cancel, note, refund. */
#include "base/arena.h"
#include "base/json.h"
#include "order/invoice.h"
#include "order/order.sql.h"
#include "order/order_in.h"
#include "stock/stock.h"

#include <stdlib.h>
#include <string.h>

struct change {
    struct orders *o;
    const struct room_who *who;
    const struct order_ref *ref;
    bool staff;
    const char *reason, *text; /* of cancelling or paying back; a note */
    const struct refund_ask *refund;
    struct refund_new made;
    int64_t audit_id, refund_id;
    bool again;
    /* made by the job */
    int64_t order_id;
    int64_t amount; /* of a refund */
};

/* For the audit log; what is written about an order stays with the order. */
static enum err note(struct tx *tx, const struct change *c, const struct order_row *r,
                     const char *action)
{
    const char *reason = c->refund ? c->refund->reason : c->reason;
    if (!c->staff)
        return ERR_OK;
    char *text = json_text_of(json_pack("{s:s,s:s?,s:o*}", "state", order_state_name(r->state),
                                        "reason", reason, "amount",
                                        c->amount ? order_money(c->amount, r->currency) : NULL));
    char *after = text ? arena_dup(tx->cx->arena, text, strlen(text)) : NULL;
    free(text);
    if (!after)
        return ERR_NO_MEMORY;
    const struct audit a = {.id = c->audit_id,
                            .actor_id = c->who->viewer_id,
                            .shop_id = r->shop_id,
                            .action = action,
                            .object = r->no,
                            .after = after,
                            .addr = c->who->addr};
    return audit_write(tx, &a);
}

/* ---- cancelling ---- */

static int by_variant(const void *a, const void *b)
{
    const struct order_line *x = a, *y = b;
    if (x->variant_id != y->variant_id)
        return x->variant_id < y->variant_id ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

enum err order_restock(struct stock_turn *turn, const struct order_row *r,
                       const struct order_line *line, int64_t qty, enum stock_reason reason,
                       int64_t actor_id)
{
    int64_t changed = 0;
    struct stock_level level;
    if (!qty)
        return ERR_OK;
    enum err e =
        db_do(turn->tx->db, &SQL_order_line_restocked, ARGS(V(qty), V(line->id)), &changed);
    if (e)
        return e;
    if (!changed)
        return problem(turn->tx->cx, ERR_CONFLICT, "more than the line had");
    return stock_adjust(turn,
                        &(struct stock_adjust){.variant_id = line->variant_id,
                                               .delta = qty,
                                               .reason = reason,
                                               .ref = r->no,
                                               .actor_id = actor_id},
                        &level);
}

/* What a carrier brought back was looked at then. */
static enum err restock_all(struct stock_turn *turn, const struct order_row *r, int64_t actor_id)
{
    struct order_line *lines;
    size_t n = 0;
    enum err e = order_lines(turn->tx->db, turn->tx->cx, r->id, &lines, &n);
    if (!e && n)
        qsort(lines, n, sizeof *lines, by_variant);
    for (size_t i = 0; !e && i < n; i++) {
        int64_t home = 0;
        e = db_i64(turn->tx->db, &SQL_order_line_at_home, ARGS(V(lines[i].id)), &home);
        if (!e)
            e = order_restock(turn, r, &lines[i], home, STOCK_RESTOCK, actor_id);
    }
    return e;
}

/* What was paid goes back; what was not is closed. */
static enum err refund_rest(struct tx *tx, const struct change *c, const struct order_row *r)
{
    struct payment p;
    enum err e = payment_of_order(tx->db, tx->cx->arena, r->id, &p);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    if (!payment_counts(p.state) || p.amount == p.refunded) {
        e = invoice_undo(tx, r->id);
        return e ? e : payment_close_open(tx, r->id, PAYMENT_FAILED);
    }
    struct refund_new made = c->made;
    made.reason = "cancelled";
    made.by_id = c->who->viewer_id;
    e = refund_add(tx, &p, &made, p.amount - p.refunded);
    return e ? e : order_step(tx, r->id, "refund", c->who->viewer_id);
}

/* The buyer may while nobody has packed and nothing was paid. */
static enum err check_buyer(struct tx *tx, const struct order_row *r)
{
    struct payment p;
    int64_t parcels;
    enum err e = db_i64(tx->db, &SQL_order_parcels_any, ARGS(V(r->id)), &parcels);
    if (!e && parcels)
        return problem(tx->cx, ERR_TRANSITION, "it is being packed already: ask the shop");
    if (!e)
        e = payment_of_order(tx->db, tx->cx->arena, r->id, &p);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    return p.state == PAYMENT_CREATED
               ? ERR_OK
               : problem(tx->cx, ERR_TRANSITION, "it is paid already: ask the shop");
}

static enum err cancel_confirmed(struct stock_turn *turn, const struct change *c,
                                 struct order_row *r)
{
    struct tx *tx = turn->tx;
    int64_t out;
    enum err e = c->staff ? ERR_OK : check_buyer(tx, r);
    if (!e)
        e = db_i64(tx->db, &SQL_order_parcels_out, ARGS(V(r->id)), &out);
    if (!e && out)
        e = problem(tx->cx, ERR_TRANSITION, "a parcel is on its way");
    if (!e)
        e = order_undo(turn, r, c->who->viewer_id);
    if (!e)
        e = restock_all(turn, r, c->who->viewer_id);
    if (!e)
        e = db_do(tx->db, &SQL_order_void_parcels, ARGS(V(tx->cx->now_ms), V(r->id)), NULL);
    return e ? e : refund_rest(tx, c, r);
}

static enum err find(struct tx *tx, const struct change *c, enum action action,
                     struct order_row *ret)
{
    return c->staff ? order_for_staff(tx->db, tx->cx, c->who, c->ref, action, ret)
                    : order_for_buyer(tx->db, tx->cx, c->who, c->ref, ret);
}

static enum err cancel_job(struct tx *tx, void *arg)
{
    struct change *c = arg;
    struct stock_turn turn;
    struct order_row r;
    enum err e = find(tx, c, ACTION_ORDER_CANCEL, &r);
    if (e)
        return e;
    c->order_id = r.id;
    turn_begin(&turn, tx, c->o->watch);
    if (r.state == ORDER_CONFIRMED)
        e = cancel_confirmed(&turn, c, &r);
    else
        e = order_give_up(&turn, &r, ORDER_CANCELLED, c->who->viewer_id);
    if (!e)
        e = note(tx, c, &r, "order.cancel");
    if (!e)
        e = turn_end(&turn);
    return e ? e : order_tell(c->o, tx, &r);
}

static enum err change_do(struct cx *cx, const char *name,
                          enum err (*job)(struct tx *tx, void *arg), struct change *c,
                          json_t **ret_order)
{
    c->audit_id = id_next();
    refund_make(&c->made);
    enum err e = store_do(c->o->store, cx, name, job, c);
    return e ? e : order_json_id(c->o, cx, c->order_id, c->staff, ret_order);
}

enum err order_cancel(struct orders *o, struct cx *cx, const struct room_who *who,
                      const struct order_ref *ref, json_t **ret_order)
{
    struct change c = {.o = o, .who = who, .ref = ref};
    return change_do(cx, "order.cancel", cancel_job, &c, ret_order);
}

enum err order_cancel_staff(struct orders *o, struct cx *cx, const struct room_who *who,
                            const struct order_ref *ref, const char *reason, json_t **ret_order)
{
    struct change c = {.o = o, .who = who, .ref = ref, .staff = true, .reason = reason};
    return change_do(cx, "order.cancel", cancel_job, &c, ret_order);
}

/* ---- note ---- */

static enum err note_job(struct tx *tx, void *arg)
{
    struct change *c = arg;
    struct order_row r;
    enum err e = find(tx, c, ACTION_ORDER_EDIT, &r);
    if (e)
        return e;
    c->order_id = r.id;
    e = db_do(tx->db, &SQL_order_note_set, ARGS(V(c->text), V(r.id)), NULL);
    return e ? e : note(tx, c, &r, "order.note");
}

enum err order_set_note(struct orders *o, struct cx *cx, const struct room_who *who,
                        const struct order_ref *ref, const char *text, json_t **ret_order)
{
    struct change c = {.o = o, .who = who, .ref = ref, .staff = true, .text = text};
    return change_do(cx, "order.note", note_job, &c, ret_order);
}

/* ---- refunds ---- */

/* Units of a line are paid back once; *ret_sum grows by what they cost. */
enum err order_refund_line(struct tx *tx, const struct order_line *l, int64_t qty, int64_t *sum)
{
    int64_t changed = 0;
    enum err e = db_do(tx->db, &SQL_order_line_refund, ARGS(V(qty), V(l->id)), &changed);
    if (e)
        return e;
    if (!changed)
        return problem(tx->cx, ERR_CONFLICT, "line %d has not that many units left",
                       (int)l->line_no);
    *sum += sum_units(l->qty * l->unit - l->discount, l->qty, l->refunded, qty);
    return ERR_OK;
}

static enum err refund_amount(struct tx *tx, const struct change *c, const struct order_row *r,
                              int64_t *ret_amount)
{
    struct order_line *lines;
    struct line_qty_ask *asks = NULL;
    size_t n, count = 0;
    int64_t sum = 0;
    if (!c->refund->lines) {
        *ret_amount = c->refund->amount;
        return ERR_OK;
    }
    enum err e = order_lines(tx->db, tx->cx, r->id, &lines, &n);
    if (!e)
        e = lines_ask(tx->cx, c->refund->lines, lines, n, &asks, &count);
    for (size_t i = 0; !e && i < count; i++)
        e = order_refund_line(tx, asks[i].line, asks[i].qty, &sum);
    if (!e)
        *ret_amount = sum;
    return e;
}

/* The same key of the same order: it was noted before. */
static enum err refund_before(struct tx *tx, struct change *c, const struct order_row *r)
{
    struct refund before;
    char *key = arena_fmt(tx->cx->arena, "%s:%s", r->public_id, c->refund->idem);
    if (!key)
        return ERR_NO_MEMORY;
    c->made.idem = key;
    return refund_by_idem(tx->db, tx->cx->arena, key, &before);
}

static enum err refund_job(struct tx *tx, void *arg)
{
    struct change *c = arg;
    struct order_row r;
    struct payment p;
    int64_t amount = 0;
    enum err e = find(tx, c, ACTION_ORDER_REFUND, &r);
    if (e)
        return e;
    c->order_id = r.id;
    c->amount = 0;
    e = refund_before(tx, c, &r);
    c->again = !e;
    if (e != ERR_NOT_FOUND)
        return e;
    e = payment_of_order(tx->db, tx->cx->arena, r.id, &p);
    if (e == ERR_NOT_FOUND)
        e = problem(tx->cx, ERR_TRANSITION, "nothing was paid");
    if (!e && c->refund->currency && strcmp(c->refund->currency, p.currency) != 0)
        e = problem(tx->cx, ERR_INPUT, "'amount' must be in %s", p.currency);
    if (!e)
        e = refund_amount(tx, c, &r, &amount);
    c->made.reason = c->refund->reason;
    c->made.note = c->refund->note;
    c->made.by_id = c->who->viewer_id;
    if (!e)
        e = refund_add(tx, &p, &c->made, amount);
    if (!e)
        e = order_step(tx, r.id, "refund", c->who->viewer_id);
    c->amount = amount;
    if (!e)
        e = note(tx, c, &r, "order.refund");
    return e ? e : order_tell(c->o, tx, &r);
}

enum err order_refund(struct orders *o, struct cx *cx, const struct room_who *who,
                      const struct order_ref *ref, const struct refund_ask *ask, json_t **ret_order,
                      bool *ret_again)
{
    struct change c = {.o = o, .who = who, .ref = ref, .staff = true, .refund = ask};
    if (!ask->lines && ask->amount < 1)
        return problem(cx, ERR_INPUT, "'amount' or 'lines' must be given");
    enum err e = change_do(cx, "order.refund", refund_job, &c, ret_order);
    if (!e)
        *ret_again = c.again;
    return e;
}
