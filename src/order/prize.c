/* A prize: an order over one unit at price 0. And what a guest had becomes an account's. */
#include "base/arena.h"
#include "catalog/market.h"
#include "order/day.h"
#include "order/order.sql.h"
#include "order/order_in.h"
#include "stock/hold.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static enum err number(struct tx *tx, const struct market *m, struct prize *p)
{
    char day[ORDER_DAY_TEXT];
    int64_t n;
    day_order_text(m, tx->cx->now_ms, day);
    enum err e = db_i64(tx->db, &SQL_order_number, ARGS(V(p->shop_id), V((const char *)day)), &n);
    if (!e)
        (void)snprintf(p->no, sizeof p->no, "%s-%04" PRId64, day, n);
    return e;
}

static enum err insert(struct orders *o, struct tx *tx, const struct market *m,
                       const struct prize *p)
{
    char secret[ORDER_SECRET_SIZE];
    unsigned char hash[SHA256_LEN];
    const struct val zero = V((int64_t)0);
    order_secret(o, "order", p->public_id, secret);
    secret_hash(secret, hash);
    return db_do(
        tx->db, &SQL_order_insert,
        ARGS(V(p->order_id), V((const char *)p->public_id), V((const char *)p->no), V(p->shop_id),
             V(p->viewer_id), VNULL, V(p->giveaway_id), p->show_id ? V(p->show_id) : VNULL,
             V(m->code), V(m->currency), V("confirmed"), zero, zero, zero, zero, zero, VNULL,
             V(delivery_name(p->delivery)), V(p->address), VNULL, VNULL, V("none"),
             VBLOB(hash, sizeof hash), VNULL, V(""), VNULL, V(tx->cx->now_ms), V(tx->cx->now_ms)),
        NULL);
}

static enum err insert_line(struct tx *tx, const struct prize *p)
{
    const char *title, *options, *exempt, *key, *builtin;
    const struct val zero = V((int64_t)0);
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_order_variant_snapshot, ARGS(V(p->variant_id)),
                        COLS(C(&title), C(&options), C(&exempt), C(&key), C(&builtin)));
    if (e)
        return e;
    return db_do(tx->db, &SQL_order_line_insert,
                 ARGS(V(p->line_id), V(p->order_id), V((int64_t)1), V(p->variant_id), V(title),
                      V(options), VNULL, V(image_text(tx->cx, key, builtin)), V((int64_t)1), zero,
                      zero, zero, V("prize"), p->show_id ? V(p->show_id) : VNULL, VNULL,
                      V(p->hold_id), V(exempt)),
                 NULL);
}

static enum err take(struct stock_turn *turn, const struct prize *p)
{
    struct hold_got got;
    const struct hold_ask ask = {.hold_id = p->hold_id,
                                 .variant_id = p->variant_id,
                                 .qty = 1,
                                 .viewer_id = p->viewer_id,
                                 .owner = HOLD_ORDER,
                                 .owner_id = p->line_id,
                                 .until_ms = turn->tx->cx->now_ms + 60000};
    enum err e = hold_take(turn, &ask, 1, &got);
    if (!e && !got.qty)
        e = problem(turn->tx->cx, ERR_SOLD_OUT, "there is none left");
    return e ? e : hold_sell(turn, p->hold_id, p->line_id, p->no);
}

enum err order_create_prize(struct orders *o, struct stock_turn *turn, struct prize *p)
{
    struct tx *tx = turn->tx;
    const struct market *m = market_find(p->market);
    if (!m)
        return problem(tx->cx, ERR_INPUT, "'market' is unknown");
    enum err e = number(tx, m, p);
    if (!e)
        e = take(turn, p);
    if (!e)
        e = insert(o, tx, m, p);
    if (!e)
        e = insert_line(tx, p);
    if (!e)
        e = order_step(tx, p->order_id, "ordered", p->viewer_id);
    return e ? e : order_step(tx, p->order_id, "confirmed", 0);
}

enum err order_merge(struct stock_turn *turn, int64_t from_viewer, int64_t to_viewer)
{
    static const struct sql *const moves[] = {&SQL_orders_merge, &SQL_bills_merge,
                                              &SQL_addresses_merge, &SQL_consents_merge,
                                              &SQL_stats_merge};
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < sizeof moves / sizeof moves[0]; i++)
        e = db_do(turn->tx->db, moves[i], ARGS(V(to_viewer), V(from_viewer)), NULL);
    return e ? e : db_do(turn->tx->db, &SQL_stats_merged_away, ARGS(V(from_viewer)), NULL);
}
