/* Changes that several parts of the room make: states, steps, holds given back, secrets. */
#include "base/arena.h"
#include "order/coupons_in.h"
#include "order/invoice.h"
#include "order/order.sql.h"
#include "order/order_in.h"
#include "stock/hold.h"

#include <assert.h>
#include <string.h>

/* ---- links ---- */

void order_secret(const struct orders *o, const char *kind, const char *public_id,
                  char out[ORDER_SECRET_SIZE])
{
    unsigned char mac[SHA256_LEN];
    char text[2 * SHA256_LEN];
    const struct crypto_piece of[] = {
        {kind, strlen(kind)}, {":", 1}, {public_id, strlen(public_id)}};
    crypto_hmac_sha256_of(o->key, SECRET_KEY_LEN, of, 3, mac);
    crypto_base64url_text(mac, sizeof mac, text);
    memcpy(out, text, 24);
    out[24] = '\0';
}

void secret_hash(const char *secret, unsigned char out[SHA256_LEN])
{
    crypto_sha256(secret, strlen(secret), out);
}

/* ---- states ---- */

enum err order_move(struct tx *tx, struct order_row *r, enum order_state to)
{
    int64_t changed = 0;
    if (!order_may(r->state, to))
        return problem(tx->cx, ERR_TRANSITION, "the order is %s", order_state_name(r->state));
    enum err e = db_do(
        tx->db, &SQL_order_move,
        ARGS(V(order_state_name(to)), V(tx->cx->now_ms), V(r->id), V(order_state_name(r->state))),
        &changed);
    if (!e && !changed)
        return problem(tx->cx, ERR_TRANSITION, "the order has another state by now");
    if (!e)
        r->state = to;
    return e;
}

enum err order_step(struct tx *tx, int64_t order_id, const char *what, int64_t actor_id)
{
    return db_do(
        tx->db, &SQL_order_step_insert,
        ARGS(V(id_next()), V(order_id), V(what), actor_id ? V(actor_id) : VNULL, V(tx->cx->now_ms)),
        NULL);
}

enum err order_tell_status(struct orders *o, struct tx *tx, const struct order_row *r,
                           enum order_status status)
{
    if (!o->room || !r->show_id)
        return ERR_OK;
    return room_tell_viewer(tx, o->room, r->show_id, r->viewer_id, "order.state",
                            json_pack("{s:s,s:s,s:s}", "no", r->no, "state",
                                      order_state_name(r->state), "status",
                                      order_status_name(status)));
}

enum err order_tell(struct orders *o, struct tx *tx, const struct order_row *r)
{
    enum order_status status;
    if (!o->room || !r->show_id)
        return ERR_OK;
    enum err e = order_status_of(tx->db, tx->cx, r, &status);
    return e ? e : order_tell_status(o, tx, r, status);
}

enum err stat_add(struct tx *tx, int64_t viewer_id, int64_t shop_id, enum stat what)
{
    static const struct sql *const add[] = {[STAT_PAID] = &SQL_stat_paid,
                                            [STAT_ABANDONED] = &SQL_stat_abandoned,
                                            [STAT_UNCOLLECTED] = &SQL_stat_uncollected};
    return db_do(tx->db, add[what], ARGS(V(viewer_id), V(shop_id)), NULL);
}

/* ---- an unpaid order ends ---- */

struct held {
    int64_t hold_id, line_id, variant_id, qty, show_id, claim_id, deal_id;
};

static enum err read_holds(struct tx *tx, const struct sql *q, int64_t order_id,
                           struct held **ret_list, size_t *ret_count)
{
    struct held h;
    size_t n = 0;
    struct held *list = arena_array(tx->cx->arena, struct held, ORDER_LINES_MAX);
    if (!list)
        return ERR_NO_MEMORY;
    struct rows r = db_rows(tx->db, q, ARGS(V(order_id)));
    while (n < ORDER_LINES_MAX &&
           rows_next(&r, NULL,
                     COLS(C(&h.hold_id), C(&h.line_id), C(&h.variant_id), C(&h.qty), C(&h.show_id),
                          C(&h.claim_id), C(&h.deal_id))))
        list[n++] = h;
    enum err e = rows_end(&r);
    if (!e) {
        *ret_list = list;
        *ret_count = n;
    }
    return e;
}

static enum err tell_gone(struct stock_turn *turn, const struct order_row *r, const struct held *h)
{
    return turn_tell(turn, &(struct news_item){.kind = NEWS_HOLD_GONE,
                                               .viewer_id = r->viewer_id,
                                               .shop_id = r->shop_id,
                                               .variant_id = h->variant_id,
                                               .show_id = h->show_id,
                                               .claim_id = h->claim_id,
                                               .deal_id = h->deal_id,
                                               .hold_id = h->hold_id,
                                               .qty_back = h->qty});
}

static enum err release(struct stock_turn *turn, const struct order_row *r, const struct held *h)
{
    struct hold hold;
    enum err e = hold_release(turn, h->hold_id, &hold);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    return tell_gone(turn, r, h);
}

enum err order_give_up(struct stock_turn *turn, struct order_row *r, enum order_state to,
                       int64_t actor_id)
{
    struct tx *tx = turn->tx;
    struct held *held = NULL;
    size_t n = 0;
    enum err e = order_move(tx, r, to);
    if (!e)
        e = read_holds(tx, &SQL_order_holds, r->id, &held, &n);
    for (size_t i = 0; !e && i < n; i++)
        e = release(turn, r, &held[i]);
    if (!e)
        e = coupon_back(tx, r->id);
    if (!e)
        e = payment_close_open(tx, r->id, to == ORDER_EXPIRED ? PAYMENT_EXPIRED : PAYMENT_FAILED);
    if (!e && to == ORDER_EXPIRED)
        e = stat_add(tx, r->viewer_id, r->shop_id, STAT_ABANDONED);
    return e ? e : order_step(tx, r->id, order_state_name(to), actor_id);
}

enum err order_sell_holds(struct stock_turn *turn, const struct order_row *r)
{
    struct held *held = NULL;
    struct hold hold;
    size_t n = 0;
    enum err e = read_holds(turn->tx, &SQL_order_holds, r->id, &held, &n);
    for (size_t i = 0; !e && i < n; i++)
        e = hold_use(turn, held[i].hold_id, r->no, &hold);
    return e == ERR_NOT_FOUND ? ERR_STORE : e; /* read in this job: they are active */
}

/* ---- one that stood ends ---- */

enum err order_undo(struct stock_turn *turn, struct order_row *r, int64_t actor_id)
{
    struct tx *tx = turn->tx;
    struct held *claimed = NULL;
    size_t n = 0;
    enum err e = order_move(tx, r, ORDER_CANCELLED);
    if (!e)
        e = read_holds(tx, &SQL_order_claims, r->id, &claimed, &n);
    for (size_t i = 0; !e && i < n; i++)
        e = tell_gone(turn, r, &claimed[i]);
    if (!e)
        e = coupon_back(tx, r->id);
    return e ? e : order_step(tx, r->id, "cancelled", actor_id);
}

enum err order_came_back(struct stock_turn *turn, struct order_row *r, int64_t actor_id)
{
    struct tx *tx = turn->tx;
    struct payment p;
    enum err e = payment_of_order(tx->db, tx->cx->arena, r->id, &p);
    if (e && e != ERR_NOT_FOUND)
        return e;
    if (!e && payment_counts(p.state))
        return ERR_OK;
    e = order_undo(turn, r, actor_id);
    if (!e)
        e = invoice_undo(tx, r->id);
    return e ? e : payment_close_open(tx, r->id, PAYMENT_FAILED);
}
