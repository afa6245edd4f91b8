/* Money that came: gateways call order_paid() in the job that handles their message. */
#include "base/arena.h"
#include "order/invoice.h"
#include "order/order.sql.h"
#include "order/order_in.h"
#include "order/paid.sql.h"
#include "pay/ledger.h"
#include "room/coupon.h"
#include "stock/hold.h"

#include <string.h>

static enum err post(struct tx *tx, const struct payment *p, enum ledger_kind kind)
{
    return ledger_post(tx,
                       &(struct movement){.kind = kind, .payment_id = p->id, .amount = p->amount});
}

/* Money that no order can take: kept in sight, and queued to go back (I8). */
static enum err orphan(struct tx *tx, struct payment *p, enum ledger_kind kind, const char *why)
{
    struct refund_new made;
    refund_make(&made);
    made.idem = made.note = NULL;
    made.reason = why;
    made.by_id = 0;
    enum err e = payment_move(tx, p, PAYMENT_ORPHANED);
    if (!e)
        e = post(tx, p, kind);
    if (!e)
        e = refund_add(tx, p, &made, p->amount);
    return e ? e
             : order_step(tx, p->order_id, kind == LEDGER_ORPHAN_DOUBLE ? "pay_double" : "refund",
                          0);
}

/* What came is what goes back: the payment says so from now on (I10). */
static enum err wrong_amount(struct tx *tx, struct payment *p, int64_t amount, const char *currency)
{
    enum err e = db_do(tx->db, &SQL_paid_amount, ARGS(V(amount), V(currency), V(p->id)), NULL);
    p->amount = amount;
    p->currency = currency;
    return e ? e : orphan(tx, p, LEDGER_ORPHAN_AMOUNT, "wrong_amount");
}

struct again {
    struct hold_ask *asks;
    struct hold_got *got;
    size_t n;
    bool all;
};

/* What was a deal's is of its quota again, and of what one buyer may have of it. */
static enum err ask_deals(struct tx *tx, int64_t order_id, const struct again *a)
{
    int64_t line_id, deal_id, max;
    struct rows r = db_rows(tx->db, &SQL_paid_deals, ARGS(V(order_id)));
    while (rows_next(&r, NULL, COLS(C(&line_id), C(&deal_id), C(&max))))
        for (size_t i = 0; i < a->n; i++)
            if (a->asks[i].owner_id == line_id) {
                a->asks[i].deal_id = deal_id;
                a->asks[i].deal_max = max;
            }
    return rows_end(&r);
}

static enum err take_again(struct stock_turn *turn, const struct order_row *r, struct again *a)
{
    struct tx *tx = turn->tx;
    struct order_line *lines;
    enum err e = order_lines(tx->db, tx->cx, r->id, &lines, &a->n);
    a->asks = arena_array(tx->cx->arena, struct hold_ask, ORDER_LINES_MAX);
    a->got = arena_array(tx->cx->arena, struct hold_got, ORDER_LINES_MAX);
    if (e || !a->asks || !a->got)
        return e ? e : ERR_NO_MEMORY;
    for (size_t i = 0; i < a->n; i++)
        a->asks[i] = (struct hold_ask){.hold_id = id_next(),
                                       .variant_id = lines[i].variant_id,
                                       .qty = lines[i].qty,
                                       .viewer_id = r->viewer_id,
                                       .owner = HOLD_ORDER,
                                       .owner_id = lines[i].id,
                                       .until_ms = tx->cx->now_ms + 60000,
                                       .late = true};
    e = ask_deals(tx, r->id, a);
    if (!e)
        e = hold_take(turn, a->asks, a->n, a->got);
    a->all = true;
    for (size_t i = 0; !e && i < a->n; i++)
        a->all = a->all && a->got[i].qty == a->asks[i].qty;
    return e;
}

/* Its coupon was given back: it counts only if it is still there. */
static enum err coupon_again(struct tx *tx, const struct order_row *r, bool *all)
{
    if (!*all || !r->coupon_id)
        return ERR_OK;
    enum err e = coupon_use(tx, r->coupon_id, r->viewer_id, r->id);
    *all = !e;
    if (e == ERR_CONFLICT)
        tx->cx->problem[0] = '\0';
    return e == ERR_CONFLICT ? ERR_OK : e;
}

/*
 * An expired order comes back if everything in it can be held again, and its coupon is not used by
 * another by now; else nothing is held.
 */
static enum err hold_again(struct stock_turn *turn, const struct order_row *r, bool *ret_held)
{
    struct again a;
    struct hold hold;
    enum err e = take_again(turn, r, &a);
    if (!e)
        e = coupon_again(turn->tx, r, &a.all);
    for (size_t i = 0; !e && i < a.n; i++) {
        if (a.all)
            e = db_do(turn->tx->db, &SQL_order_line_hold,
                      ARGS(V(a.asks[i].hold_id), V(a.asks[i].owner_id)), NULL);
        else if (a.got[i].qty)
            e = hold_release(turn, a.asks[i].hold_id, &hold);
    }
    if (!e)
        *ret_held = a.all;
    return e == ERR_NOT_FOUND ? ERR_STORE : e;
}

static enum err confirm(const struct orders *o, struct stock_turn *turn, struct order_row *r,
                        struct payment *p)
{
    struct tx *tx = turn->tx;
    bool late = r->state == ORDER_EXPIRED;
    enum err e = payment_move(tx, p, PAYMENT_PAID);
    if (!e)
        e = post(tx, p, late ? LEDGER_PAID_LATE : LEDGER_PAID);
    if (!e)
        e = order_move(tx, r, ORDER_CONFIRMED);
    if (!e)
        e = order_sell_holds(turn, r);
    if (!e)
        e = stat_add(tx, r->viewer_id, r->shop_id, STAT_PAID);
    if (!e)
        e = order_step(tx, r->id, "paid", 0);
    if (!e)
        e = order_step(tx, r->id, late ? "pay_late" : "confirmed", 0);
    if (!e)
        e = order_mail_receipt(o, tx, r->id);
    const struct invoice_new invoice = {.order_id = r->id,
                                        .shop_id = r->shop_id,
                                        .total = r->total,
                                        .market = r->market,
                                        .due = true};
    return e ? e : invoice_begin(tx, &invoice);
}

static enum err late(const struct orders *o, struct stock_turn *turn, struct order_row *r,
                     struct payment *p)
{
    bool held = false;
    enum err e = hold_again(turn, r, &held);
    if (e)
        return e;
    return held ? confirm(o, turn, r, p) : orphan(turn->tx, p, LEDGER_ORPHAN_LATE, "late");
}

static enum err take_money(const struct orders *o, struct stock_turn *turn, struct order_row *r,
                           struct payment *p, int64_t amount, const char *currency)
{
    if (strcmp(currency, r->currency) != 0 || amount != p->amount || amount != r->total)
        return wrong_amount(turn->tx, p, amount, currency);
    switch (r->state) {
    case ORDER_AWAITING_PAYMENT: return confirm(o, turn, r, p);
    case ORDER_EXPIRED: return late(o, turn, r, p);
    case ORDER_CANCELLED: return orphan(turn->tx, p, LEDGER_ORPHAN_CANCELLED, "cancelled");
    case ORDER_CONFIRMED:
    case ORDER_COMPLETED: /* another payment counts */
        return orphan(turn->tx, p, LEDGER_ORPHAN_DOUBLE, "double");
    case ORDER_STATE_COUNT: break;
    }
    return ERR_STORE;
}

enum err order_paid(const struct orders *o, struct stock_turn *turn, int64_t payment_id,
                    int64_t amount, const char *currency)
{
    struct tx *tx = turn->tx;
    struct payment p;
    struct order_row r;
    if (amount < 1)
        return problem(tx->cx, ERR_INPUT, "'amount' must be above 0");
    enum err e = payment_by_id(tx->db, tx->cx->arena, payment_id, &p);
    if (!e)
        e = order_by_id(tx->db, tx->cx, p.order_id, &r);
    if (e)
        return e;
    if (payment_counts(p.state) || p.state == PAYMENT_REFUNDED || p.state == PAYMENT_ORPHANED)
        return ERR_OK; /* told before */
    if (p.state == PAYMENT_CREATED)
        e = payment_move(tx, &p, PAYMENT_PENDING);
    return e ? e : take_money(o, turn, &r, &p, amount, currency);
}
