/* The two integers of a variant, and how much of a deal is taken: every statement on them. */
#include "stock/stock_in.h"
#include "stock/units.sql.h"

#include <assert.h>
#include <inttypes.h>

/* Somebody else may take units between the look and the next try: then look again. */
enum { TRIES = 4 };

/* ---- variants ---- */

static enum err change(struct stock_turn *turn, const struct sql *q, int64_t qty,
                       struct turn_variant *v)
{
    return db_row(turn->tx->db, NULL, q, ARGS(V(qty), V(v->id)),
                  COLS(C(&v->total), C(&v->held), C(&v->tracked)));
}

static enum err look(struct stock_turn *turn, struct turn_variant *v)
{
    enum err e = db_row(turn->tx->db, NULL, &SQL_units_level, ARGS(V(v->id)),
                        COLS(C(&v->total), C(&v->held), C(&v->tracked)));
    return e == ERR_NOT_FOUND ? problem(turn->tx->cx, e, "no such variant") : e;
}

enum err units_take(struct stock_turn *turn, int64_t variant_id, int64_t qty, bool some,
                    struct turn_variant *ret_now, int64_t *ret_got)
{
    struct turn_variant v = {.id = variant_id};
    int64_t want = qty;
    for (int i = 0; i < TRIES; i++) {
        enum err e = change(turn, &SQL_units_take, want, &v);
        if (!e) {
            *ret_now = v;
            *ret_got = want;
            return turn_variant_is(turn, &v);
        }
        if (e == ERR_NOT_FOUND)
            e = look(turn, &v);
        if (e)
            return e;
        int64_t left = v.total - v.held;
        if (left <= 0 || (left < qty && !some))
            break;
        want = left < qty ? left : qty;
    }
    *ret_now = v;
    *ret_got = 0;
    return ERR_OK;
}

/* Of units that a hold has: the statement cannot refuse while the counters are right. */
static enum err settle(struct stock_turn *turn, const struct sql *q, int64_t qty,
                       struct turn_variant *v)
{
    enum err e = change(turn, q, qty, v);
    if (e == ERR_NOT_FOUND)
        return problem(turn->tx->cx, ERR_STORE, "variant %" PRId64 " holds less than its holds",
                       v->id);
    return e ? e : turn_variant_is(turn, v);
}

enum err units_free(struct stock_turn *turn, int64_t variant_id, int64_t qty,
                    struct turn_variant *ret_now)
{
    *ret_now = (struct turn_variant){.id = variant_id, .freed = true};
    return settle(turn, &SQL_units_free, qty, ret_now);
}

enum err units_sell(struct stock_turn *turn, int64_t variant_id, int64_t qty,
                    struct turn_variant *ret_now)
{
    *ret_now = (struct turn_variant){.id = variant_id};
    return settle(turn, &SQL_units_sell, qty, ret_now);
}

enum err units_adjust(struct stock_turn *turn, int64_t variant_id, int64_t delta,
                      struct turn_variant *ret_now)
{
    struct turn_variant v = {.id = variant_id, .freed = delta > 0};
    enum err e =
        db_row(turn->tx->db, NULL, &SQL_units_adjust, ARGS(V(delta), V(v.id), V(STOCK_TOTAL_MAX)),
               COLS(C(&v.total), C(&v.held), C(&v.tracked)));
    if (!e) {
        *ret_now = v;
        return turn_variant_is(turn, &v);
    }
    if (e == ERR_NOT_FOUND)
        e = look(turn, &v);
    if (e)
        return e;
    return problem(turn->tx->cx, ERR_CONFLICT,
                   "%" PRId64 " are there and %" PRId64 " of them are held", v.total, v.held);
}

enum err units_lock(struct stock_turn *turn, int64_t variant_id, struct turn_variant *ret_now)
{
    struct turn_variant v = {.id = variant_id};
    enum err e = db_row(turn->tx->db, NULL, &SQL_units_lock, ARGS(V(v.id)),
                        COLS(C(&v.total), C(&v.held), C(&v.tracked)));
    if (e == ERR_NOT_FOUND)
        return problem(turn->tx->cx, e, "no such variant");
    if (!e)
        *ret_now = v;
    return e;
}

enum err units_note(struct stock_turn *turn, const struct units_move *m)
{
    struct val actor = m->actor_id ? V(m->actor_id) : VNULL;
    return db_do(turn->tx->db, &SQL_move_insert,
                 ARGS(V(id_next()), V(m->variant_id), V(m->d_total), V(m->d_held),
                      V(stock_reason_name(m->reason)), V(m->ref), actor, V(turn->tx->cx->now_ms)),
                 NULL);
}

/* ---- deals ---- */

/* Of what one buyer may have: up to *qty, which becomes what was taken. */
static enum err buyer_take(struct stock_turn *turn, const struct deal_ask *ask, int64_t *qty)
{
    struct db *db = turn->tx->db;
    int64_t max = ask->max ? ask->max : INT64_MAX / 2;
    int64_t want = *qty < max ? *qty : max;
    int64_t has = 0;
    *qty = 0;
    for (int i = 0; i < TRIES && want > 0; i++) {
        enum err e = db_i64(db, &SQL_deal_buyer_take,
                            ARGS(V(ask->deal_id), V(ask->viewer_id), V(want), V(max)), &has);
        if (!e) {
            *qty = want;
            return ERR_OK;
        }
        if (e == ERR_NOT_FOUND)
            e = db_i64(db, &SQL_deal_buyer_has, ARGS(V(ask->deal_id), V(ask->viewer_id)), &has);
        if (e && e != ERR_NOT_FOUND)
            return e;
        want = ask->some && max - has < want ? max - has : want;
        if (max - has < want)
            break;
    }
    return ERR_OK;
}

static enum err buyer_free(struct stock_turn *turn, int64_t deal_id, int64_t viewer_id, int64_t qty)
{
    return db_do(turn->tx->db, &SQL_deal_buyer_free, ARGS(V(qty), V(deal_id), V(viewer_id)), NULL);
}

static enum err quota_try(struct stock_turn *turn, const struct deal_ask *ask, int64_t qty)
{
    struct news_deal d = {.id = ask->deal_id};
    const struct col *cols = COLS(C(&d.taken), C(&d.quota));
    enum err e = ask->offered ? db_row(turn->tx->db, NULL, &SQL_deal_take_waited,
                                       ARGS(V(qty), V(d.id)), cols)
                              : db_row(turn->tx->db, NULL, &SQL_deal_take,
                                       ARGS(V(qty), V(d.id), V(turn->tx->cx->now_ms)), cols);
    return e ? e : turn_deal_is(turn, &d);
}

/* Of the quota: up to *qty, which becomes what was taken. */
static enum err quota_take(struct stock_turn *turn, const struct deal_ask *ask, int64_t *qty)
{
    int64_t want = *qty;
    *qty = 0;
    for (int i = 0; i < TRIES; i++) {
        enum err e = quota_try(turn, ask, want);
        if (!e)
            *qty = want;
        if (e != ERR_NOT_FOUND)
            return e;
        int64_t left = 0;
        bool open = false, was_open = false;
        e = db_row(turn->tx->db, NULL, &SQL_deal_left,
                   ARGS(V(turn->tx->cx->now_ms), V(ask->deal_id)),
                   COLS(C(&left), C(&open), C(&was_open)));
        if (e && e != ERR_NOT_FOUND)
            return e;
        bool may = e ? false : ask->offered ? was_open : open;
        if (!may || left <= 0 || (left < want && !ask->some))
            return ERR_OK;
        want = left < want ? left : want;
    }
    return ERR_OK;
}

enum err deal_units_take(struct stock_turn *turn, const struct deal_ask *ask, int64_t *ret_got,
                         enum hold_short *ret_cut)
{
    int64_t mine = ask->qty;
    *ret_got = 0;
    *ret_cut = HOLD_LIMIT;
    if (ask->max && ask->qty > ask->max && !ask->some)
        return ERR_OK;
    enum err e = buyer_take(turn, ask, &mine);
    if (e || mine == 0)
        return e;
    int64_t got = mine;
    e = quota_take(turn, ask, &got);
    if (!e && got < mine)
        e = buyer_free(turn, ask->deal_id, ask->viewer_id, mine - got);
    *ret_got = got;
    *ret_cut = got < mine ? HOLD_DEAL_OUT : mine < ask->qty ? HOLD_LIMIT : HOLD_FULL;
    return e;
}

enum err deal_units_free(struct stock_turn *turn, int64_t deal_id, int64_t viewer_id, int64_t qty)
{
    struct news_deal d = {.id = deal_id};
    enum err e = buyer_free(turn, deal_id, viewer_id, qty);
    if (!e)
        e = db_row(turn->tx->db, NULL, &SQL_deal_free, ARGS(V(qty), V(deal_id)),
                   COLS(C(&d.taken), C(&d.quota)));
    if (e == ERR_NOT_FOUND)
        return problem(turn->tx->cx, ERR_STORE, "deal %" PRId64 " has less than its holds",
                       deal_id);
    return e ? e : turn_deal_is(turn, &d);
}

enum err deal_buyer_merge(struct stock_turn *turn, int64_t from, int64_t to)
{
    enum err e = db_do(turn->tx->db, &SQL_deal_buyer_merge, ARGS(V(to), V(from)), NULL);
    return e ? e : db_do(turn->tx->db, &SQL_deal_buyer_forget, ARGS(V(from)), NULL);
}
