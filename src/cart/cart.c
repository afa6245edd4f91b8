/* Carts: taking goods, taking offers, giving a cart to an order, and guests who sign in. */
#include "cart/cart.h"
#include "base/arena.h"
#include "cart/cart.sql.h"
#include "cart/cart_in.h"
#include "catalog/catalog.h"

#include <string.h>

enum { MERGE_CARTS_MAX = 100 };

void line_ids(struct line_ids *ids)
{
    ids->line_id = id_next();
    ids->hold_id = id_next();
    ids->cart_id = id_next();
    id_make("cln", ids->line_public);
    id_make("crt", ids->cart_public);
}

/* ---- the cart itself ---- */

/* Another process may make or close it at the same moment: then look again. */
enum { TRIES = 4 };

static enum err find_or_make(struct stock_turn *turn, const struct cart_add *add, int64_t *id,
                             int64_t *lines, bool *ret_mine)
{
    struct db *db = turn->tx->db;
    int64_t changed = 0, now_ms = turn->tx->cx->now_ms;
    enum err e =
        db_row(db, NULL, &SQL_cart_find, ARGS(V(add->viewer_id), V(add->shop_id), V(add->market)),
               COLS(C(id), C(lines)));
    if (!e)
        e = db_do(db, &SQL_cart_touch, ARGS(V(now_ms), V(*id)), &changed);
    else if (e == ERR_NOT_FOUND) {
        *id = add->ids.cart_id;
        *lines = 0;
        e = db_do(db, &SQL_cart_insert,
                  ARGS(V(*id), V(add->ids.cart_public), V(add->viewer_id), V(add->shop_id),
                       V(add->market), V(now_ms)),
                  &changed);
    }
    *ret_mine = changed == 1;
    return e;
}

enum err cart_open(struct stock_turn *turn, const struct cart_add *add, int64_t *ret_cart)
{
    int64_t id = 0, lines = 0;
    bool mine = false;
    enum err e = ERR_OK;
    for (int i = 0; !e && !mine && i < TRIES; i++)
        e = find_or_make(turn, add, &id, &lines, &mine);
    if (!e && !mine)
        return problem(turn->tx->cx, ERR_BUSY, "the cart changes all the time");
    if (!e && lines >= CART_LINES_MAX)
        return problem(turn->tx->cx, ERR_CONFLICT, "the cart has %d lines already", CART_LINES_MAX);
    if (!e)
        *ret_cart = id;
    return e;
}

static enum err read_cart(struct db *db, struct cx *cx, const struct sql *q, const struct val *args,
                          struct cart *ret_cart)
{
    struct cart c;
    enum err e = db_row(db, cx->arena, q, args,
                        COLS(C(&c.id), C(&c.public_id), C(&c.viewer_id), C(&c.shop_id),
                             C(&c.market), C(&c.coupon_id)));
    if (!e)
        *ret_cart = c;
    return e;
}

enum err cart_of(struct db *db, struct cx *cx, int64_t viewer_id, int64_t shop_id,
                 const char *market, struct cart *ret_cart)
{
    return read_cart(db, cx, &SQL_cart_of, ARGS(V(viewer_id), V(shop_id), V(market)), ret_cart);
}

enum err cart_get(struct db *db, struct cx *cx, int64_t cart_id, struct cart *ret_cart)
{
    return read_cart(db, cx, &SQL_cart_get, ARGS(V(cart_id)), ret_cart);
}

enum err cart_set_coupon(struct stock_turn *turn, int64_t cart_id, int64_t coupon_id)
{
    int64_t changed = 0;
    enum err e = db_do(turn->tx->db, &SQL_cart_set_coupon, ARGS(id_or_null(coupon_id), V(cart_id)),
                       &changed);
    return e ? e : changed == 1 ? ERR_OK : problem(turn->tx->cx, ERR_NOT_FOUND, "no open cart");
}

/* ---- taking ---- */

static enum err tell_held(struct stock_turn *turn, const struct cart_add *add,
                          const struct cart_added *a)
{
    const struct news_item item = {
        .kind = NEWS_LINE_HELD,
        .viewer_id = add->viewer_id,
        .shop_id = add->shop_id,
        .variant_id = add->variant_id,
        .show_id = add->show_id,
        .listing_id = add->listing_id,
        .claim_id = add->claim_id,
        .deal_id = add->deal_id,
        .line_id = a->line_id,
        .hold_id = add->ids.hold_id,
        .qty = a->qty,
        .until_ms = a->until_ms,
    };
    return turn_tell(turn, &item);
}

/* The units are held: put them into the cart. A full cart gives them back. */
static enum err into_cart(struct stock_turn *turn, const struct cart_add *add, struct cart_added *a)
{
    enum err e = cart_open(turn, add, &a->cart_id);
    if (e == ERR_CONFLICT) {
        struct hold gone;
        enum err back = hold_release(turn, add->ids.hold_id, &gone);
        return back ? ERR_STORE : e;
    }
    if (!e)
        e = line_insert(turn, add, a->cart_id, add->ids.hold_id, a->qty);
    return e ? e : tell_held(turn, add, a);
}

/* How many of what is asked one buyer may have. */
static enum err may_have(struct stock_turn *turn, const struct cart_add *add, int64_t *ret_qty)
{
    int64_t most = INT64_MAX;
    enum err e = ERR_OK;
    if (add->each)
        e = line_plain_room(turn->tx->db, add->viewer_id, add->variant_id, &most);
    if (!e && (most < 1 || (most < add->qty && !add->partial)))
        e = line_enough(turn->tx->cx);
    *ret_qty = add->qty < most ? add->qty : most;
    return e;
}

enum err cart_add(struct stock_turn *turn, const struct cart_add *add, struct cart_added *ret_added)
{
    int64_t qty = 0;
    enum err e = add->idem ? cart_added_before(turn->tx->db, add->viewer_id, add->idem, ret_added)
                           : ERR_NOT_FOUND;
    if (e != ERR_NOT_FOUND)
        return e;
    *ret_added = (struct cart_added){.cut = HOLD_SOLD_OUT};
    e = may_have(turn, add, &qty);
    if (e || add->others_wait)
        return e;
    struct hold_got got;
    int64_t keep_ms = add->hold_ms ? add->hold_ms : CART_HOLD_MS;
    struct cart_added a = {.line_id = add->ids.line_id, .until_ms = turn->tx->cx->now_ms + keep_ms};
    const struct hold_ask ask = {
        .hold_id = add->ids.hold_id,
        .variant_id = add->variant_id,
        .qty = qty,
        .deal_id = add->deal_id,
        .deal_max = add->deal_max,
        .viewer_id = add->viewer_id,
        .owner = HOLD_CART,
        .owner_id = add->ids.line_id,
        .until_ms = a.until_ms,
        .partial = add->partial,
    };
    e = hold_take(turn, &ask, 1, &got);
    if (e)
        return e;
    a.qty = got.qty;
    a.cut = got.cut == HOLD_FULL && qty < add->qty ? HOLD_LIMIT : got.cut;
    a.left = got.left;
    if (got.qty == 0)
        a.line_id = a.until_ms = 0;
    else
        e = into_cart(turn, add, &a);
    if (!e)
        *ret_added = a;
    return e;
}

/* What the line of an accepted offer is like; a price without a deal is today's. */
static enum err add_of_offer(struct stock_turn *turn, const struct waiting *w, struct cart_add *add)
{
    int64_t amount = 0;
    enum err e = ERR_OK;
    add->shop_id = w->shop_id;
    add->market = w->market;
    add->variant_id = w->variant_id;
    add->unit_amount = w->unit_amount;
    add->source = w->deal_id ? LINE_DEAL : w->show_id ? LINE_LIVE : LINE_LIST;
    add->show_id = w->show_id;
    add->listing_id = w->listing_id;
    add->claim_id = w->claim_id;
    add->deal_id = w->deal_id;
    if (!w->deal_id)
        e = price_of(turn->tx->db, w->shop_id, w->variant_id, w->market, &amount);
    if (!e && !w->deal_id)
        add->unit_amount = amount;
    return e == ERR_NOT_FOUND ? ERR_OK : e; /* taken off sale meanwhile: what was offered counts */
}

/* Accepted before, by a request with this key? */
static enum err accepted_before(struct stock_turn *turn, const char *waiting_public,
                                const struct cart_add *add, struct cart_added *ret_added)
{
    struct waiting w;
    if (!add->idem)
        return ERR_NOT_FOUND;
    enum err e = waiting_get(turn->tx->db, turn->tx->cx, waiting_public, &w);
    if (e || w.viewer_id != add->viewer_id || w.state != WAITING_TAKEN)
        return e ? e : ERR_NOT_FOUND;
    return cart_added_before(turn->tx->db, add->viewer_id, add->idem, ret_added);
}

/* How long the show holds what is claimed in it; what was not claimed is held as any. */
static enum err show_keep_ms(struct stock_turn *turn, int64_t show_id, bool claimed,
                             int64_t *ret_ms)
{
    int64_t hold_s = CART_HOLD_MS / 1000;
    enum err e = !claimed ? ERR_NOT_FOUND
                          : db_i64(turn->tx->db, &SQL_show_hold_s, ARGS(V(show_id)), &hold_s);
    if (e && e != ERR_NOT_FOUND)
        return e;
    *ret_ms = hold_s * 1000;
    return ERR_OK;
}

enum err cart_accept(struct stock_turn *turn, const char *waiting_public,
                     const struct cart_add *add, struct cart_added *ret_added)
{
    struct waiting w;
    enum err e = accepted_before(turn, waiting_public, add, ret_added);
    if (e != ERR_NOT_FOUND)
        return e;
    e = waiting_take(turn, waiting_public, add->viewer_id, &w);
    if (e)
        return e;
    struct cart_add line = *add;
    int64_t keep_ms = add->hold_ms;
    if (!keep_ms)
        e = show_keep_ms(turn, w.show_id, w.claim_id != 0, &keep_ms);
    if (e)
        return e;
    struct cart_added a = {
        .line_id = add->ids.line_id, .qty = w.qty, .until_ms = turn->tx->cx->now_ms + keep_ms};
    line.ids.hold_id = w.hold_id;
    e = add_of_offer(turn, &w, &line);
    if (!e)
        e = cart_open(turn, &line, &a.cart_id);
    if (!e)
        e = hold_move(turn, w.hold_id, HOLD_CART, a.line_id, a.until_ms);
    if (e == ERR_NOT_FOUND)
        return problem(turn->tx->cx, ERR_CONFLICT, "no offer is in force");
    if (!e)
        e = line_insert(turn, &line, a.cart_id, w.hold_id, a.qty);
    if (!e)
        e = tell_held(turn, &line, &a);
    if (!e)
        *ret_added = a;
    return e;
}

/* ---- for orders ---- */

static int by_variant(const void *a, const void *b)
{
    const struct cart_item *x = a, *y = b;
    if (x->line.variant_id != y->line.variant_id)
        return x->line.variant_id < y->line.variant_id ? -1 : 1;
    return x->line.id < y->line.id ? -1 : x->line.id > y->line.id;
}

/* Held lines only, moved to the front. */
static size_t keep_held(struct cart_item *items, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (items[i].line.state == LINE_STATE_HELD)
            items[kept++] = items[i];
    return kept;
}

static enum err close_cart(struct stock_turn *turn, int64_t cart_id)
{
    int64_t changed = 0;
    enum err e =
        db_do(turn->tx->db, &SQL_cart_close, ARGS(V(turn->tx->cx->now_ms), V(cart_id)), &changed);
    if (!e && changed != 1)
        return problem(turn->tx->cx, ERR_CONFLICT, "the cart was ordered already");
    return e;
}

enum err cart_take_for_order(struct stock_turn *turn, int64_t cart_id, struct cart_item **ret_items,
                             size_t *ret_count)
{
    struct tx *tx = turn->tx;
    struct cart_item *items = NULL;
    size_t n = 0;
    int64_t changed = 0;
    enum err e = close_cart(turn, cart_id);
    if (!e)
        e = cart_read(tx->db, tx->cx, cart_id, &items, &n);
    if (e)
        return e;
    n = keep_held(items, n);
    if (n == 0)
        return problem(tx->cx, ERR_NOT_FOUND, "nothing is held in this cart");
    qsort(items, n, sizeof *items, by_variant);
    e = db_do(tx->db, &SQL_lines_ordered, ARGS(V(cart_id)), &changed);
    if (!e && changed != (int64_t)n)
        return problem(tx->cx, ERR_CONFLICT, "the cart changed at the same time");
    if (!e)
        e = db_do(tx->db, &SQL_lines_dismissed, ARGS(V(cart_id)), NULL);
    for (size_t i = 0; !e && i < n; i++)
        e = line_tell(turn, NEWS_LINE_ORDERED, &items[i].line, items[i].line.qty, 0);
    if (e)
        return e;
    *ret_items = items;
    *ret_count = n;
    return ERR_OK;
}

/* ---- a guest becomes an account ---- */

static enum err merge_one(struct stock_turn *turn, const struct cart *guest, int64_t to_viewer)
{
    struct tx *tx = turn->tx;
    struct cart mine;
    enum err e = cart_of(tx->db, tx->cx, to_viewer, guest->shop_id, guest->market, &mine);
    if (e == ERR_NOT_FOUND)
        return ERR_OK; /* the whole cart moves */
    if (!e)
        e = db_do(tx->db, &SQL_cart_lines_into, ARGS(V(mine.id), V(guest->id)), NULL);
    if (!e)
        e = db_do(tx->db, &SQL_cart_keep_coupon,
                  ARGS(id_or_null(guest->coupon_id), V(tx->cx->now_ms), V(mine.id)), NULL);
    return e ? e
             : db_do(tx->db, &SQL_cart_merged, ARGS(V(to_viewer), V(tx->cx->now_ms), V(guest->id)),
                     NULL);
}

enum err cart_merge(struct stock_turn *turn, int64_t from_viewer, int64_t to_viewer)
{
    struct tx *tx = turn->tx;
    if (from_viewer == to_viewer)
        return ERR_OK;
    struct cart *carts = arena_array(tx->cx->arena, struct cart, MERGE_CARTS_MAX);
    size_t n = 0;
    if (!carts)
        return ERR_NO_MEMORY;
    struct cart c;
    struct rows r = db_rows(tx->db, &SQL_carts_of_viewer, ARGS(V(from_viewer), V(MERGE_CARTS_MAX)));
    while (n < MERGE_CARTS_MAX && rows_next(&r, tx->cx->arena,
                                            COLS(C(&c.id), C(&c.public_id), C(&c.viewer_id),
                                                 C(&c.shop_id), C(&c.market), C(&c.coupon_id))))
        carts[n++] = c;
    enum err e = rows_end(&r);
    if (!e)
        e = stock_merge(turn, from_viewer, to_viewer);
    if (!e)
        e = db_do(tx->db, &SQL_line_holds_merge, ARGS(V(to_viewer), V(from_viewer)), NULL);
    for (size_t i = 0; !e && i < n; i++)
        e = merge_one(turn, &carts[i], to_viewer);
    return e ? e : db_do(tx->db, &SQL_carts_to_viewer, ARGS(V(to_viewer), V(from_viewer)), NULL);
}
