/* Who gets the units that come free: joining, offers, and how they end. */
#include "stock/waiting.h"
#include "base/arena.h"
#include "stock/stock_in.h"
#include "stock/waiting.sql.h"

#include <string.h>

/* Rows looked at in one read; offers made in one turn, so that a job stays short: waiting_sweep()
 * goes on from there. */
enum { FIRST_ROWS = 16, OFFERS_MAX = 64 };

static const char *const state_names[] = {
#define X(name, text) text,
    WAITING_STATE_TABLE(X)
#undef X
};

const char *waiting_state_name(enum waiting_state s)
{
    return state_names[s];
}

void waiting_ids(struct waiting_new *w)
{
    w->id = id_next();
    id_make("wai", w->public_id);
}

static struct val id_or_null(int64_t id)
{
    return id ? V(id) : VNULL;
}

/* ---- rows ---- */

struct waiting_row {
    struct waiting w;
    const char *state;
};

#define WAITING_COLS(r)                                                                    \
    COLS(C(&(r).w.id), C(&(r).w.public_id), C(&(r).w.shop_id), C(&(r).w.variant_id),       \
         C(&(r).w.viewer_id), C(&(r).w.show_id), C(&(r).w.listing_id), C(&(r).w.claim_id), \
         C(&(r).w.deal_id), C(&(r).w.market), C(&(r).w.qty), C(&(r).w.unit_amount),        \
         C(&(r).w.place), C(&(r).w.turn), C(&(r).state), C(&(r).w.hold_id),                \
         C(&(r).w.offer_until_ms), C(&(r).w.at_ms))

static enum err waiting_of(const struct waiting_row *row, struct waiting *ret_row)
{
    *ret_row = row->w;
    for (int i = 0; i < WAITING_STATE_COUNT; i++)
        if (strcmp(state_names[i], row->state) == 0) {
            ret_row->state = (enum waiting_state)i;
            return ERR_OK;
        }
    return ERR_STORE;
}

static enum err read_one(struct db *db, struct arena *arena, const struct sql *q,
                         const struct val *args, struct waiting *ret_row)
{
    struct waiting_row row = {.state = NULL};
    enum err e = db_row(db, arena, q, args, WAITING_COLS(row));
    return e ? e : waiting_of(&row, ret_row);
}

static enum err read_many(struct db *db, struct arena *arena, const struct sql *q,
                          const struct val *args, struct waiting *list, size_t max, size_t *ret_n)
{
    struct waiting_row row;
    size_t n = 0;
    enum err e = ERR_OK;
    struct rows r = db_rows(db, q, args);
    while (!e && n < max && rows_next(&r, arena, WAITING_COLS(row)))
        e = waiting_of(&row, &list[n++]);
    enum err end = rows_end(&r);
    *ret_n = n;
    return e ? e : end;
}

enum err waiting_get(struct db *db, struct cx *cx, const char *public_id, struct waiting *ret_row)
{
    enum err e = read_one(db, cx->arena, &SQL_waiting_get, ARGS(V(public_id)), ret_row);
    return e == ERR_NOT_FOUND ? problem(cx, e, "no such place in a waiting list") : e;
}

enum err waiting_of_viewer(struct db *db, struct cx *cx, int64_t viewer_id, int64_t shop_id,
                           struct waiting **ret_rows, size_t *ret_count)
{
    struct waiting *list = arena_array(cx->arena, struct waiting, WAITING_LIST_MAX);
    size_t n;
    if (!list)
        return ERR_NO_MEMORY;
    enum err e =
        read_many(db, cx->arena, &SQL_waiting_of_viewer,
                  ARGS(V(viewer_id), V(shop_id), V(WAITING_LIST_MAX)), list, WAITING_LIST_MAX, &n);
    if (e)
        return e;
    *ret_rows = list;
    *ret_count = n;
    return ERR_OK;
}

/* ---- news ---- */

static enum err tell(struct stock_turn *turn, enum news_kind kind, const struct waiting *w,
                     int64_t qty, int64_t back)
{
    const struct news_item item = {
        .kind = kind,
        .viewer_id = w->viewer_id,
        .shop_id = w->shop_id,
        .variant_id = w->variant_id,
        .show_id = w->show_id,
        .listing_id = w->listing_id,
        .claim_id = w->claim_id,
        .deal_id = w->deal_id,
        .waiting_id = w->id,
        .hold_id = w->hold_id,
        .qty = qty,
        .qty_back = back,
        .until_ms = kind == NEWS_OFFER ? w->offer_until_ms : 0,
    };
    return turn_tell(turn, &item);
}

/* ---- joining ---- */

static enum err insert(struct stock_turn *turn, const struct waiting_new *w, int64_t *ret_place)
{
    struct cx *cx = turn->tx->cx;
    enum err e =
        db_i64(turn->tx->db, &SQL_waiting_insert,
               ARGS(V(w->id), V(w->public_id), V(w->shop_id), V(w->variant_id), V(w->show_id),
                    id_or_null(w->listing_id), id_or_null(w->deal_id), id_or_null(w->claim_id),
                    V(w->viewer_id), V(w->market), V(w->qty), V(w->unit_amount), V(cx->now_ms)),
               ret_place);
    const struct waiting row = {.id = w->id,
                                .shop_id = w->shop_id,
                                .variant_id = w->variant_id,
                                .viewer_id = w->viewer_id,
                                .show_id = w->show_id,
                                .listing_id = w->listing_id,
                                .claim_id = w->claim_id,
                                .deal_id = w->deal_id};
    return e ? e : tell(turn, NEWS_WAITING, &row, 0, 0);
}

enum err waiting_join(struct stock_turn *turn, const struct waiting_new *w,
                      struct waiting_place *ret_place)
{
    struct waiting_place p = {.again = true};
    struct turn_variant v;
    if (w->qty < 1 || w->qty > STOCK_QTY_MAX)
        return problem(turn->tx->cx, ERR_INPUT, "'qty' must be 1..%d", STOCK_QTY_MAX);
    enum err e = units_lock(turn, w->variant_id, &v);
    if (e)
        return e;
    e = db_row(turn->tx->db, NULL, &SQL_waiting_again,
               ARGS(V(w->qty), V(w->viewer_id), V(w->shop_id), V(w->variant_id), V(w->show_id)),
               COLS(C(&p.waiting_id), C(&p.place)));
    if (e == ERR_NOT_FOUND) {
        p = (struct waiting_place){.waiting_id = w->id};
        e = insert(turn, w, &p.place);
    }
    v.freed = v.total > v.held || !v.tracked; /* they came free meanwhile */
    if (!e && v.freed)
        e = turn_variant_is(turn, &v);
    if (!e)
        *ret_place = p;
    return e;
}

/* ---- offers ---- */

/* At the list price from now on. ERR_NOT_FOUND: it has none any more. */
static enum err without_deal(struct stock_turn *turn, struct waiting *w)
{
    enum err e = db_i64(turn->tx->db, &SQL_waiting_price, ARGS(V(w->variant_id), V(w->market)),
                        &w->unit_amount);
    if (!e)
        w->deal_id = 0;
    return e;
}

/* How many of `left` units this one gets; *ret_give 0: they wait on. */
static enum err how_many(struct stock_turn *turn, struct waiting *w, int64_t left,
                         int64_t *ret_give)
{
    int64_t give = w->qty < left ? w->qty : left;
    enum hold_short cut;
    bool over = false;
    *ret_give = give;
    if (!w->deal_id)
        return ERR_OK;
    struct deal_ask ask = {.deal_id = w->deal_id,
                           .viewer_id = w->viewer_id,
                           .qty = give,
                           .some = true,
                           .offered = true};
    enum err e = db_row(turn->tx->db, NULL, &SQL_deal_over, ARGS(V(w->deal_id)),
                        COLS(C(&over), C(&ask.max)));
    if (!e)
        e = deal_units_take(turn, &ask, ret_give, &cut);
    if (!e && *ret_give == 0 && over) {
        e = without_deal(turn, w); /* whose deal has nothing for them and is over pays the price */
        *ret_give = e ? 0 : give;
    }
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* Hold `give` units for w and tell; the row of the variant is ours, so they are there. */
static enum err offer(struct stock_turn *turn, struct waiting *w, int64_t give,
                      struct turn_variant *v)
{
    int64_t got = 0;
    const struct hold_ask ask = {
        .hold_id = id_next(),
        .variant_id = w->variant_id,
        .deal_id = w->deal_id,
        .viewer_id = w->viewer_id,
        .owner = HOLD_OFFER,
        .owner_id = w->id,
        .until_ms = turn->tx->cx->now_ms + OFFER_MS,
    };
    enum err e = units_take(turn, w->variant_id, give, false, v, &got);
    if (!e && got != give)
        return problem(turn->tx->cx, ERR_STORE, "units to be offered are gone");
    if (!e)
        e = hold_insert(turn, &ask, give, v);
    int64_t changed = 0;
    if (!e)
        e = db_do(turn->tx->db, &SQL_waiting_set_offer,
                  ARGS(V(ask.hold_id), V(ask.until_ms), id_or_null(w->deal_id), V(w->unit_amount),
                       V(give), V(w->id)),
                  &changed);
    if (!e && changed != 1) /* left at this moment, in another process: the job runs again */
        return problem(turn->tx->cx, ERR_BUSY, "the waiting list changed at the same time");
    w->hold_id = ask.hold_id;
    w->offer_until_ms = ask.until_ms;
    return e ? e : tell(turn, NEWS_OFFER, w, give, 0);
}

/* A slice of the list; *after moves on, *ret_more: there may be further rows. */
static enum err offer_slice(struct stock_turn *turn, struct turn_variant *v, int64_t *after,
                            int *offers, bool *ret_more)
{
    struct waiting rows[FIRST_ROWS];
    size_t n;
    enum err e = read_many(turn->tx->db, turn->tx->cx->arena, &SQL_waiting_first,
                           ARGS(V(v->id), V(*after), V(FIRST_ROWS)), rows, FIRST_ROWS, &n);
    *ret_more = n == FIRST_ROWS;
    for (size_t i = 0; !e && i < n; i++) {
        int64_t left = v->tracked ? v->total - v->held : STOCK_QTY_MAX;
        int64_t give = 0;
        *after = rows[i].turn;
        if (left <= 0 || *offers == OFFERS_MAX) {
            *ret_more = false;
            return ERR_OK;
        }
        e = how_many(turn, &rows[i], left, &give);
        if (!e && give) {
            ++*offers;
            e = offer(turn, &rows[i], give, v);
        }
    }
    return e;
}

enum err waiting_offer(struct stock_turn *turn, const struct turn_variant *v)
{
    struct turn_variant now = *v;
    int64_t after = 0;
    int offers = 0;
    bool more = true;
    enum err e = ERR_OK;
    while (!e && more)
        e = offer_slice(turn, &now, &after, &offers, &more);
    return e;
}

enum err waiting_resume(struct stock_turn *turn, int64_t variant_id)
{
    struct turn_variant v;
    enum err e = units_lock(turn, variant_id, &v);
    v.freed = true;
    return e ? e : turn_variant_is(turn, &v);
}

enum err waiting_stranded(struct db *db, int64_t *ret_ids, size_t max, size_t *ret_count)
{
    size_t n = 0;
    struct rows r = db_rows(db, &SQL_waiting_stranded, ARGS(V((int64_t)max)));
    while (n < max && rows_next(&r, NULL, COLS(C(&ret_ids[n]))))
        n++;
    *ret_count = n;
    return rows_end(&r);
}

enum err waiting_deals_over(struct db *db, struct cx *cx, struct waiting **ret_rows,
                            size_t *ret_count)
{
    struct waiting *list = arena_array(cx->arena, struct waiting, WAITING_SLICE);
    if (!list)
        return ERR_NO_MEMORY;
    *ret_rows = list;
    return read_many(db, cx->arena, &SQL_waiting_deal_over, ARGS(V(WAITING_SLICE)), list,
                     WAITING_SLICE, ret_count);
}

enum err waiting_to_list_price(struct stock_turn *turn, const struct waiting *row)
{
    struct waiting w = *row;
    int64_t changed = 0;
    enum err e = without_deal(turn, &w);
    if (e == ERR_NOT_FOUND) { /* off sale: what was said last counts */
        w.deal_id = 0;
        e = ERR_OK;
    }
    if (!e)
        e = db_do(turn->tx->db, &SQL_waiting_list_price, ARGS(V(w.unit_amount), V(w.id)), &changed);
    return e || !changed ? e : tell(turn, NEWS_WAITING_CHANGED, &w, w.qty, 0);
}

/* ---- how it ends ---- */

static enum err set_state(struct stock_turn *turn, const struct waiting *w, enum waiting_state to)
{
    int64_t changed = 0;
    enum err e = db_do(turn->tx->db, &SQL_waiting_set_state,
                       ARGS(V(state_names[to]), V(w->id), V(state_names[w->state])), &changed);
    if (!e && changed != 1)
        return problem(turn->tx->cx, ERR_CONFLICT, "the offer has just ended");
    return e;
}

/* Somebody's row that waits or is offered. */
static enum err own_row(struct stock_turn *turn, const char *public_id, int64_t viewer_id,
                        struct waiting *ret_row)
{
    struct cx *cx = turn->tx->cx;
    enum err e = waiting_get(turn->tx->db, cx, public_id, ret_row);
    bool mine = !e && (!viewer_id || ret_row->viewer_id == viewer_id);
    bool open = mine && (ret_row->state == WAITING_WAITING || ret_row->state == WAITING_OFFERED);
    return e || open ? e : problem(cx, ERR_NOT_FOUND, "no such place in a waiting list");
}

enum err waiting_leave(struct stock_turn *turn, const char *public_id, int64_t viewer_id)
{
    struct waiting w = {.id = 0};
    struct hold h = {.qty = 0};
    enum err e = own_row(turn, public_id, viewer_id, &w);
    if (!e)
        e = set_state(turn, &w, WAITING_PASSED);
    if (e)
        return e;
    if (w.state == WAITING_OFFERED)
        e = hold_release(turn, w.hold_id, &h);
    if (e == ERR_NOT_FOUND)
        return problem(turn->tx->cx, ERR_CONFLICT, "the offer has just ended");
    return e ? e : tell(turn, NEWS_WAITING_LEFT, &w, 0, h.qty);
}

enum err waiting_take(struct stock_turn *turn, const char *public_id, int64_t viewer_id,
                      struct waiting *ret_row)
{
    struct waiting w = {.id = 0};
    enum err e = waiting_get(turn->tx->db, turn->tx->cx, public_id, &w);
    if (!e && viewer_id && w.viewer_id != viewer_id)
        return problem(turn->tx->cx, ERR_NOT_FOUND, "no such place in a waiting list");
    if (!e && (w.state != WAITING_OFFERED || w.offer_until_ms <= turn->tx->cx->now_ms))
        return problem(turn->tx->cx, ERR_CONFLICT, "no offer is in force");
    if (!e)
        e = set_state(turn, &w, WAITING_TAKEN);
    if (!e)
        e = tell(turn, NEWS_OFFER_TAKEN, &w, w.qty, 0);
    if (!e)
        *ret_row = w;
    return e;
}

enum err waiting_lapse(struct stock_turn *turn, int64_t waiting_id)
{
    struct waiting w = {.id = 0};
    enum err e =
        read_one(turn->tx->db, turn->tx->cx->arena, &SQL_waiting_get_id, ARGS(V(waiting_id)), &w);
    if (!e && w.state != WAITING_OFFERED)
        return problem(turn->tx->cx, ERR_STORE, "an offer's hold outlived the offer");
    if (!e)
        e = set_state(turn, &w, WAITING_LAPSED);
    return e ? e : tell(turn, NEWS_OFFER_LAPSED, &w, 0, w.qty);
}
