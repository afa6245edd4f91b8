/* Prizes: into a winner's cart, and on to the next when they are let go. */
#include "base/arena.h"
#include "cart/cart.h"
#include "room/giveaway.sql.h"
#include "room/giveaway_in.h"
#include "room/reach_in.h"

#include <string.h>

/* TRIES: how many full carts a prize passes by in one job. */
enum { HOUR_MS = 3600 * 1000, TRIES = 8 };

enum err giveaway_unhold(struct stock_turn *turn, const struct giveaway *g)
{
    struct hold gone;
    int64_t hold_id = 0;
    enum err e = db_i64(turn->tx->db, &SQL_giveaway_hold, ARGS(V(g->id)), &hold_id);
    if (!e && hold_id)
        e = hold_release(turn, hold_id, &gone);
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err giveaway_give(struct stock_turn *turn, const struct giveaway *g, struct giveaway_winner *w)
{
    struct tx *tx = turn->tx;
    struct cart_added got = {.line_id = 0};
    const struct cart_add add = {.ids = *w->ids,
                                 .viewer_id = w->viewer_id,
                                 .shop_id = g->shop_id,
                                 .market = g->market,
                                 .variant_id = g->variant_id,
                                 .qty = 1,
                                 .unit_amount = 0,
                                 .source = LINE_PRIZE,
                                 .show_id = g->show_id,
                                 .hold_ms = g->claim_hours * HOUR_MS};
    enum err e = cart_add(turn, &add, &got);
    w->won = !e && got.qty == 1;
    if (e == ERR_CONFLICT) { /* their cart is full: the next one's luck */
        tx->cx->problem[0] = '\0';
        return db_do(tx->db, &SQL_entry_set_state,
                     ARGS(V("passed"), V(g->id), V(w->viewer_id), V("in")), NULL);
    }
    if (e)
        return e;
    if (!w->won)
        return problem(tx->cx, ERR_SOLD_OUT, "the prize is out of stock");
    w->until_ms = got.until_ms;
    return db_do(tx->db, &SQL_entry_set_won,
                 ARGS(V(got.line_id), V(got.until_ms), V(g->id), V(w->viewer_id)), NULL);
}

enum err giveaway_tell_winner(struct tx *tx, struct room *r, const struct giveaway *g,
                              const struct giveaway_winner *w)
{
    const struct event ev = {.show_id = g->show_id,
                             .type = "giveaway.won",
                             .audience = AUDIENCE_VIEWER,
                             .viewer_id = w->viewer_id};
    enum err e = reach_winner(tx, g, w);
    if (e)
        return e;
    return event_add(tx, r, &ev,
                     json_pack("{s:s,s:I,s:s,s:I}", "giveaway_id", g->public_id, "rank",
                               (json_int_t)w->rank, "line_id", w->ids->line_public, "until",
                               (json_int_t)w->until_ms));
}

/* ---- the clock ---- */

struct pass_job {
    struct room *r;
    int64_t giveaway_id, viewer_id;
    bool ordered;
    struct line_ids ids[TRIES];
};

/* To the next of the same draw whose cart has room; when there is none it is sold like any other.
 */
static enum err pass_on(struct tx *tx, struct pass_job *j, const struct giveaway *g,
                        struct giveaway_winner *w)
{
    struct stock_turn turn;
    struct hold gone;
    const char *entry;
    int64_t hold_id = 0;
    turn_begin(&turn, tx, &j->r->watch);
    enum err e = db_i64(tx->db, &SQL_entry_hold, ARGS(V(g->id), V(j->viewer_id)), &hold_id);
    if (!e)
        e = hold_release(&turn, hold_id, &gone);
    if (e == ERR_NOT_FOUND)
        e = ERR_OK;
    for (int i = 0; !e && !w->won && i < TRIES; i++) {
        e = db_row(tx->db, tx->cx->arena, &SQL_entry_next, ARGS(V(g->id)),
                   COLS(C(&w->viewer_id), C(&w->rank), C(&entry)));
        w->ids = &j->ids[i];
        if (!e)
            e = giveaway_give(&turn, g, w);
    }
    if (e == ERR_SOLD_OUT)
        tx->cx->problem[0] = '\0';
    if (e == ERR_SOLD_OUT || e == ERR_NOT_FOUND)
        e = ERR_OK;
    return e ? e : turn_end(&turn);
}

static enum err pass_run(struct tx *tx, void *arg)
{
    struct pass_job *j = arg;
    struct giveaway g;
    struct giveaway_winner w = {.won = false};
    int64_t changed = 0;
    enum err e = giveaway_read_id(tx->db, tx->cx, j->giveaway_id, &g);
    if (!e)
        e = db_do(tx->db, &SQL_entry_set_state,
                  ARGS(V(j->ordered ? "ordered" : "passed"), V(g.id), V(j->viewer_id), V("won")),
                  &changed);
    if (e || !changed)
        return e;
    if (!j->ordered)
        e = pass_on(tx, j, &g, &w);
    if (!e)
        e = db_do(tx->db, &SQL_giveaway_set_closed, ARGS(V(g.id)), NULL);
    if (!e && w.won)
        e = giveaway_tell_drawn(tx, j->r, &g);
    if (!e && w.won)
        e = giveaway_tell_winner(tx, j->r, &g, &w);
    return e;
}

enum { SLICE = 16 };

static enum err pass_ended(struct room *r, struct cx *cx)
{
    struct pass_job jobs[SLICE];
    struct db *db = NULL;
    const char *state;
    size_t n = 0;
    enum err e = store_read(r->store, &db);
    if (e)
        return e;
    struct rows rows = db_rows(db, &SQL_entry_ended, ARGS());
    while (n < SLICE &&
           rows_next(&rows, cx->arena,
                     COLS(C(&jobs[n].giveaway_id), C(&jobs[n].viewer_id), C(&state)))) {
        jobs[n].r = r;
        jobs[n].ordered = strcmp(state, "ordered") == 0;
        n++;
    }
    e = rows_end(&rows);
    store_read_end(db);
    for (size_t i = 0; !e && i < n; i++) {
        for (int t = 0; t < TRIES; t++)
            line_ids(&jobs[i].ids[t]);
        e = store_do(r->store, cx, "giveaway.pass", pass_run, &jobs[i]);
    }
    return e;
}

struct tell_job {
    struct room *r;
    int64_t giveaway_id;
};

static enum err tell_run(struct tx *tx, void *arg)
{
    const struct tell_job *j = arg;
    struct giveaway g;
    int64_t n = 0;
    enum err e = db_i64(tx->db, &SQL_giveaway_tell, ARGS(V(j->giveaway_id)), &n);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    e = giveaway_read_id(tx->db, tx->cx, j->giveaway_id, &g);
    const struct event ev = {
        .show_id = g.show_id, .type = "giveaway.entries", .audience = AUDIENCE_ALL};
    return e ? e
             : event_add(tx, j->r, &ev,
                         json_pack("{s:s,s:I,s:n}", "giveaway_id", g.public_id, "n", (json_int_t)n,
                                   "entries_hash"));
}

static enum err tell_counts(struct room *r, struct cx *cx)
{
    struct tell_job jobs[SLICE];
    struct db *db = NULL;
    size_t n = 0;
    enum err e = store_read(r->store, &db);
    if (e)
        return e;
    struct rows rows = db_rows(db, &SQL_giveaway_untold, ARGS());
    while (n < SLICE && rows_next(&rows, NULL, COLS(C(&jobs[n].giveaway_id))))
        jobs[n++].r = r;
    e = rows_end(&rows);
    store_read_end(db);
    for (size_t i = 0; !e && i < n; i++)
        e = store_do(r->store, cx, "giveaway.tell", tell_run, &jobs[i]);
    return e;
}

enum err giveaway_tick(struct room *r, struct cx *cx)
{
    enum err e = tell_counts(r, cx);
    return e ? e : pass_ended(r, cx);
}
