/* One line of a cart: what was taken at one time, with its hold. */
#include "base/arena.h"
#include "cart/cart_in.h"
#include "cart/line.sql.h"
#include "catalog/catalog.h"

#include <string.h>

static const char *const source_names[] = {
#define X(name, text) text,
    LINE_SOURCE_TABLE(X)
#undef X
};

static const char *const state_names[] = {
#define X(name, text) text,
    LINE_STATE_TABLE(X)
#undef X
};

const char *line_source_name(enum line_source s)
{
    return source_names[s];
}

enum err line_source_of(const char *text, enum line_source *ret_source)
{
    for (int i = 0; i < LINE_SOURCE_COUNT; i++)
        if (strcmp(source_names[i], text) == 0) {
            *ret_source = (enum line_source)i;
            return ERR_OK;
        }
    return ERR_STORE;
}

enum err line_state_of(const char *text, enum line_state *ret_state)
{
    for (int i = 0; i < LINE_STATE_COUNT; i++)
        if (strcmp(state_names[i], text) == 0) {
            *ret_state = (enum line_state)i;
            return ERR_OK;
        }
    return ERR_STORE;
}

enum err line_tell(struct stock_turn *turn, enum news_kind kind, const struct cart_line *l,
                   int64_t qty, int64_t back)
{
    const struct news_item item = {
        .kind = kind,
        .viewer_id = l->viewer_id,
        .shop_id = l->shop_id,
        .variant_id = l->variant_id,
        .show_id = l->show_id,
        .listing_id = l->listing_id,
        .claim_id = l->claim_id,
        .deal_id = l->deal_id,
        .line_id = l->id,
        .hold_id = l->hold_id,
        .qty = qty,
        .qty_back = back,
        .until_ms = l->until_ms,
    };
    return turn_tell(turn, &item);
}

/* ---- making and reading ---- */

enum err line_insert(struct stock_turn *turn, const struct cart_add *add, int64_t cart_id,
                     int64_t hold_id, int64_t qty)
{
    return db_do(turn->tx->db, &SQL_line_insert,
                 ARGS(V(add->ids.line_id), V(add->ids.line_public), V(cart_id), V(add->variant_id),
                      V(qty), V(add->unit_amount), V(source_names[add->source]),
                      id_or_null(add->show_id), id_or_null(add->listing_id),
                      id_or_null(add->claim_id), id_or_null(add->deal_id), V(hold_id), V(add->idem),
                      V(turn->tx->cx->now_ms)),
                 NULL);
}

enum err cart_added_before(struct db *db, int64_t viewer_id, const char *idem,
                           struct cart_added *ret_added)
{
    struct cart_added a = {.again = true};
    enum err e = db_row(db, NULL, &SQL_line_idem, ARGS(V(viewer_id), V(idem)),
                        COLS(C(&a.line_id), C(&a.qty), C(&a.until_ms), C(&a.cart_id)));
    if (!e)
        *ret_added = a;
    return e;
}

static enum err read_line(struct db *db, struct cx *cx, const struct sql *q, const struct val *args,
                          struct cart_line *ret_line)
{
    struct cart_line l;
    const char *source, *state;
    enum err e =
        db_row(db, cx->arena, q, args,
               COLS(C(&l.id), C(&l.cart_id), C(&l.hold_id), C(&l.variant_id), C(&l.public_id),
                    C(&l.viewer_id), C(&l.shop_id), C(&l.market), C(&l.qty), C(&l.unit_amount),
                    C(&source), C(&state), C(&l.show_id), C(&l.listing_id), C(&l.claim_id),
                    C(&l.deal_id), C(&l.until_ms), C(&l.at_ms)));
    if (e == ERR_NOT_FOUND)
        return problem(cx, e, "no such line");
    if (!e)
        e = line_source_of(source, &l.source);
    if (!e)
        e = line_state_of(state, &l.state);
    if (!e)
        *ret_line = l;
    return e;
}

enum err line_get(struct db *db, struct cx *cx, const char *public_id, int64_t viewer_id,
                  struct cart_line *ret_line)
{
    return read_line(db, cx, &SQL_line_get, ARGS(V(public_id), V(viewer_id)), ret_line);
}

enum err line_get_id(struct db *db, struct cx *cx, int64_t line_id, struct cart_line *ret_line)
{
    return read_line(db, cx, &SQL_line_get_id, ARGS(V(line_id)), ret_line);
}

enum err line_plain_room(struct db *db, int64_t viewer_id, int64_t variant_id, int64_t *ret_room)
{
    int64_t has = 0;
    enum err e = db_i64(db, &SQL_line_plain_held, ARGS(V(viewer_id), V(variant_id)), &has);
    *ret_room = CART_EACH_MAX - has;
    return e;
}

enum err line_enough(struct cx *cx)
{
    return problem(cx, ERR_LIMIT, "one buyer may hold %d of it", CART_EACH_MAX);
}

/* ---- changing ---- */

static enum err need_held(struct stock_turn *turn, const struct cart_line *line)
{
    if (line->state == LINE_STATE_HELD)
        return ERR_OK;
    return problem(turn->tx->cx, ERR_CONFLICT, "this line is %s", state_names[line->state]);
}

/* The hold or the line ended at this moment, in another process. */
static enum err ended_meanwhile(struct stock_turn *turn)
{
    return problem(turn->tx->cx, ERR_CONFLICT, "this line has just ended");
}

static enum err move_state(struct stock_turn *turn, const struct cart_line *line,
                           enum line_state to)
{
    int64_t changed = 0;
    enum err e =
        db_do(turn->tx->db, &SQL_line_set_state,
              ARGS(V(state_names[to]), V(line->id), V(state_names[line->state])), &changed);
    return !e && changed != 1 ? ended_meanwhile(turn) : e;
}

enum err line_set_qty(struct stock_turn *turn, const struct cart_line *line,
                      const struct line_qty *ask, struct hold_got *ret_got)
{
    struct hold_got got;
    const struct hold_resize resize = {.hold_id = line->hold_id,
                                       .qty = ask->qty,
                                       .deal_max = ask->deal_max,
                                       .partial = ask->partial};
    enum err e = need_held(turn, line);
    if (!e && line->source == LINE_PRIZE && ask->qty > line->qty)
        e = problem(turn->tx->cx, ERR_CONFLICT, "there is one prize");
    if (!e)
        e = hold_resize(turn, &resize, &got);
    if (e == ERR_NOT_FOUND)
        return ended_meanwhile(turn);
    int64_t changed = 0;
    if (!e)
        e = db_do(turn->tx->db, &SQL_line_set_qty, ARGS(V(got.qty), V(line->id)), &changed);
    if (!e && changed != 1)
        return ended_meanwhile(turn);
    if (!e && got.qty != line->qty)
        e = line_tell(turn, NEWS_LINE_CHANGED, line, got.qty,
                      got.qty < line->qty ? line->qty - got.qty : 0);
    if (!e)
        *ret_got = got;
    return e;
}

/* A prize does not go to who buys or waits: its unit is kept until the draw hands it on. */
static enum err keep_prize(struct stock_turn *turn, int64_t hold_id, int64_t line_id)
{
    return hold_move(turn, hold_id, HOLD_PRIZE, line_id, HOLD_NO_CLOCK);
}

enum err line_hold_expire(struct stock_turn *turn, const struct hold *due, struct hold *ret_hold)
{
    bool prize = false;
    enum err e =
        db_row(turn->tx->db, NULL, &SQL_line_is_prize, ARGS(V(due->owner_id)), COLS(C(&prize)));
    if (e && e != ERR_NOT_FOUND)
        return e;
    if (!prize)
        return hold_expire(turn, due->id, ret_hold);
    *ret_hold = *due;
    return keep_prize(turn, due->id, due->owner_id);
}

static enum err let_go(struct stock_turn *turn, const struct cart_line *line)
{
    struct hold gone;
    if (line->source == LINE_PRIZE)
        return keep_prize(turn, line->hold_id, line->id);
    return hold_release(turn, line->hold_id, &gone);
}

enum err line_remove(struct stock_turn *turn, const struct cart_line *line)
{
    bool held = line->state == LINE_STATE_HELD;
    if (!held && line->state != LINE_STATE_EXPIRED)
        return need_held(turn, line);
    enum err e = held ? let_go(turn, line) : ERR_OK;
    if (e == ERR_NOT_FOUND)
        return ended_meanwhile(turn);
    if (!e)
        e = move_state(turn, line, LINE_STATE_REMOVED);
    return e ? e : line_tell(turn, NEWS_LINE_REMOVED, line, 0, held ? line->qty : 0);
}

static enum err hold_again(struct stock_turn *turn, const struct cart_line *line, int64_t hold_id,
                           int64_t until_ms, struct hold_got *got)
{
    struct tx *tx = turn->tx;
    int64_t first, most = 0;
    enum err e = line_plain_room(tx->db, line->viewer_id, line->variant_id, &most);
    if (!e && most < 1)
        return line_enough(tx->cx);
    *got = (struct hold_got){.cut = HOLD_SOLD_OUT};
    if (!e)
        e = db_i64(tx->db, &SQL_line_waited_for, ARGS(V(line->variant_id)), &first);
    if (e != ERR_NOT_FOUND)
        return e;
    const struct hold_ask ask = {
        .hold_id = hold_id,
        .variant_id = line->variant_id,
        .qty = line->qty < most ? line->qty : most,
        .viewer_id = line->viewer_id,
        .owner = HOLD_CART,
        .owner_id = line->id,
        .until_ms = until_ms,
        .partial = true,
    };
    return hold_take(turn, &ask, 1, got);
}

enum err line_again(struct stock_turn *turn, const struct cart_line *line, int64_t hold_id,
                    int64_t hold_ms, struct hold_got *ret_got)
{
    struct tx *tx = turn->tx;
    struct cart_line l = *line;
    struct hold_got got = {0};
    int64_t amount = 0, changed = 0;
    if (line->state != LINE_STATE_EXPIRED)
        return problem(tx->cx, ERR_CONFLICT, "this line is %s", state_names[line->state]);
    if (line->source == LINE_PRIZE)
        return problem(tx->cx, ERR_CONFLICT, "the prize has gone to somebody else");
    enum err e = price_of(tx->db, line->shop_id, line->variant_id, line->market, &amount);
    if (e == ERR_NOT_FOUND)
        return problem(tx->cx, e, "it is not for sale any more");
    l.hold_id = hold_id;
    l.until_ms = tx->cx->now_ms + (hold_ms ? hold_ms : CART_HOLD_MS);
    l.claim_id = l.deal_id = 0;
    if (!e)
        e = hold_again(turn, line, hold_id, l.until_ms, &got);
    if (!e && got.qty)
        e = db_do(tx->db, &SQL_line_again, ARGS(V(hold_id), V(got.qty), V(amount), V(line->id)),
                  &changed);
    if (!e && got.qty && changed != 1)
        return ended_meanwhile(turn);
    if (!e && got.qty)
        e = line_tell(turn, NEWS_LINE_HELD, &l, got.qty, 0);
    if (!e)
        *ret_got = got;
    return e;
}

enum err line_expire(struct stock_turn *turn, const struct hold *h)
{
    struct cart_line l = {.id = h->owner_id,
                          .hold_id = h->id,
                          .variant_id = h->variant_id,
                          .viewer_id = h->viewer_id,
                          .until_ms = h->until_ms};
    enum err e = db_row(turn->tx->db, NULL, &SQL_line_expire, ARGS(V(h->owner_id)),
                        COLS(C(&l.cart_id), C(&l.show_id), C(&l.listing_id), C(&l.claim_id),
                             C(&l.deal_id), C(&l.shop_id)));
    if (e == ERR_NOT_FOUND)
        return problem(turn->tx->cx, ERR_STORE, "a hold outlived its line");
    return e ? e : line_tell(turn, NEWS_LINE_EXPIRED, &l, 0, h->qty);
}
