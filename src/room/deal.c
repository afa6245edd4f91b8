/* Deals: made, started, and moved on by people, by the clock and by units. */
#include "base/arena.h"
#include "base/log.h"
#include "room/deal.sql.h"
#include "room/sale.sql.h"
#include "room/sell_in.h"

#include <inttypes.h>
#include <string.h>

int64_t deal_min_countdown_s(struct room *r, const struct show *s)
{
    int64_t p95 = room_delay_p95_ms(r, s);
    int64_t need = p95 < 0 ? 0 : (p95 + 3000 + 999) / 1000;
    return need > DEAL_COUNTDOWN_MIN_S ? need : DEAL_COUNTDOWN_MIN_S;
}

/* ---- one move ---- */

static const struct {
    enum deal_state from, to;
} moves[] = {
    {DEAL_DRAFT, DEAL_COUNTDOWN},     {DEAL_COUNTDOWN, DEAL_OPEN},  {DEAL_OPEN, DEAL_CLOSED},
    {DEAL_COUNTDOWN, DEAL_CANCELLED}, {DEAL_OPEN, DEAL_CANCELLED},  {DEAL_OPEN, DEAL_SOLD_OUT},
    {DEAL_SOLD_OUT, DEAL_OPEN},       {DEAL_SOLD_OUT, DEAL_CLOSED}, {DEAL_DRAFT, DEAL_CANCELLED},
    {DEAL_SOLD_OUT, DEAL_CANCELLED},
};

static bool listed(enum deal_state from, enum deal_state to)
{
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
        if (moves[i].from == from && moves[i].to == to)
            return true;
    return false;
}

static const char *event_of(enum deal_state to)
{
    switch (to) {
    case DEAL_COUNTDOWN: return "deal.countdown";
    case DEAL_OPEN: return "deal.open";
    case DEAL_SOLD_OUT: return "deal.progress";
    case DEAL_DRAFT:
    case DEAL_CLOSED:
    case DEAL_CANCELLED:
    case DEAL_STATE_COUNT: break;
    }
    return "deal.closed";
}

/*
 * The one function that changes a deal's state; d's times are as they shall be. One that somebody
 * else was quicker to move (another process) is left as it is: *ret_moved.
 */
static enum err move(struct tx *tx, struct room *r, struct deal *d, enum deal_state to,
                     const char *reason, bool *ret_moved)
{
    struct show s;
    int64_t changed = 0;
    enum deal_state from = d->state;
    if (!listed(from, to))
        return problem(tx->cx, ERR_TRANSITION, "the deal is %s", deal_state_name(from));
    enum err e =
        db_do(tx->db, &SQL_deal_set_state,
              ARGS(V(deal_state_name(to)), d->opens_ms ? V(d->opens_ms) : VNULL,
                   d->closes_ms ? V(d->closes_ms) : VNULL, V(d->id), V(deal_state_name(from))),
              &changed);
    *ret_moved = changed == 1;
    if (e || !changed)
        return e;
    d->state = to;
    if (from == DEAL_DRAFT && to == DEAL_CANCELLED)
        return ERR_OK;                                /* nobody was told of it */
    if (from != DEAL_SOLD_OUT && to != DEAL_SOLD_OUT) /* what comments may mean has changed */
        e = db_do(tx->db, &SQL_sale_changed, ARGS(V(d->show_id)), NULL);
    if (e)
        return e;
    e = show_read_id(tx->db, tx->cx, d->show_id, &s);
    const struct event ev = {.show_id = d->show_id,
                             .type = event_of(to),
                             .audience = e ? AUDIENCE_STAFF : sell_audience(&s)};
    /* sold_out <-> open is the same deal going on */
    struct event progress = ev;
    if (from == DEAL_SOLD_OUT && to == DEAL_OPEN)
        progress.type = "deal.progress";
    return e ? e : event_add(tx, r, &progress, deal_event_json(d, reason));
}

enum err deal_turn(struct tx *tx, struct room *r, struct deal *d)
{
    int64_t now = tx->cx->now_ms;
    bool moved;
    enum err e = ERR_OK;
    if (d->state == DEAL_COUNTDOWN && d->opens_ms <= now)
        e = move(tx, r, d, DEAL_OPEN, NULL, &moved);
    if (!e && (d->state == DEAL_OPEN || d->state == DEAL_SOLD_OUT) && d->closes_ms <= now)
        e = move(tx, r, d, DEAL_CLOSED, "time", &moved);
    return e;
}

enum err deal_moved(struct tx *tx, struct room *r, int64_t deal_id)
{
    struct deal d;
    bool moved;
    int64_t waits;
    enum err e = deal_read_id(tx->db, tx->cx, deal_id, &d);
    if (e)
        return e;
    if (d.state == DEAL_OPEN && d.taken >= d.quota)
        return move(tx, r, &d, DEAL_SOLD_OUT, NULL, &moved);
    if (d.state != DEAL_SOLD_OUT || d.taken >= d.quota || d.closes_ms <= tx->cx->now_ms)
        return ERR_OK;
    e = db_i64(tx->db, &SQL_deal_waits, ARGS(V(d.id)), &waits);
    return e == ERR_NOT_FOUND ? move(tx, r, &d, DEAL_OPEN, NULL, &moved) : e;
}

enum err deals_end(struct tx *tx, struct room *r, const struct show *s)
{
    struct deal *list;
    size_t n;
    bool moved;
    enum err e = deals_read(tx->db, tx->cx, s->id, false, &list, &n);
    for (size_t i = 0; !e && i < n; i++)
        e = move(tx, r, &list[i], list[i].state == DEAL_COUNTDOWN ? DEAL_CANCELLED : DEAL_CLOSED,
                 "ended", &moved);
    return e;
}

/* ---- the clock ---- */

struct due_job {
    struct room *r;
    int64_t deal_id;
};

static enum err due_run(struct tx *tx, void *arg)
{
    const struct due_job *j = arg;
    struct deal d;
    enum err e = deal_read_id(tx->db, tx->cx, j->deal_id, &d);
    return e ? e : deal_turn(tx, j->r, &d);
}

enum { DUE_MAX = 64 };

enum err deals_due(struct room *r, struct cx *cx)
{
    int64_t id, due[DUE_MAX];
    size_t n = 0;
    struct db *db;
    enum err e = store_read(r->store, &db);
    if (e)
        return e;
    struct rows rows = db_rows(db, &SQL_deal_moves, ARGS(V(cx->now_ms)));
    while (n < DUE_MAX && rows_next(&rows, NULL, COLS(C(&id))))
        due[n++] = id;
    e = rows_end(&rows);
    store_read_end(db);
    for (size_t i = 0; i < n; i++) {
        struct due_job j = {r, due[i]};
        enum err one = store_do(r->store, cx, "deal.due", due_run, &j);
        if (one) /* the others have their clocks too */
            e = one;
    }
    return e;
}

/* ---- making ---- */

struct make_job {
    struct room *r;
    const struct room_who *who;
    const char *listing, *deal;
    const struct deal_new *ask;
    int64_t id, audit_id, countdown_s;
    char public_id[ID_TEXT];
    json_t *made;
};

/* Into its countdown, in a job. */
static enum err start(struct tx *tx, struct make_job *j, const struct show *s, struct deal *d)
{
    int64_t other, least = deal_min_countdown_s(j->r, s);
    bool moved = false;
    if (s->state != SHOW_LIVE && s->state != SHOW_INTERRUPTED)
        return problem(tx->cx, ERR_CONFLICT, "a deal starts while the show is on air");
    if (j->countdown_s)
        d->countdown_s = j->countdown_s;
    if (d->countdown_s < least || d->countdown_s > DEAL_COUNTDOWN_MAX_S)
        return problem(tx->cx, ERR_INPUT, "'countdown_s' must be %" PRId64 " to %d now", least,
                       DEAL_COUNTDOWN_MAX_S);
    enum err e = db_i64(tx->db, &SQL_deal_running, ARGS(V(d->listing_id), V(d->id)), &other);
    if (!e)
        return problem(tx->cx, ERR_CONFLICT, "another deal of this listing runs");
    if (e != ERR_NOT_FOUND)
        return e;
    d->opens_ms = tx->cx->now_ms + d->countdown_s * 1000;
    d->closes_ms = d->opens_ms + d->run_s * 1000;
    e = move(tx, j->r, d, DEAL_COUNTDOWN, NULL, &moved);
    return e || moved ? e : problem(tx->cx, ERR_TRANSITION, "somebody else has moved the deal");
}

static enum err insert_deal(struct tx *tx, const struct make_job *j, const struct listing *l)
{
    const struct deal_new *ask = j->ask;
    int64_t variant_id = 0, count = 0;
    enum err e = db_i64(tx->db, &SQL_deal_count, ARGS(V(l->show_id)), &count);
    if (!e && count >= DEALS_PER_SHOW_MAX)
        e = problem(tx->cx, ERR_CONFLICT, "a show has at most %d deals", DEALS_PER_SHOW_MAX);
    if (!e && ask->variant) {
        e = db_i64(tx->db, &SQL_deal_variant, ARGS(V(ask->variant), V(l->product_id)), &variant_id);
        if (e == ERR_NOT_FOUND)
            e = problem(tx->cx, e, "no such variant of the listing");
    }
    if (!e)
        e = db_do(tx->db, &SQL_deal_insert,
                  ARGS(V(j->id), V(j->public_id), V(l->show_id), V(l->id),
                       variant_id ? V(variant_id) : VNULL, V(ask->quota), V(ask->per_buyer_max),
                       V(ask->countdown_s), V(ask->run_s), V(tx->cx->now_ms)),
                  NULL);
    for (int m = 0; !e && m < MARKET_COUNT; m++)
        if (ask->price[m] >= 0)
            e = db_do(tx->db, &SQL_deal_price_insert,
                      ARGS(V(j->id), V(markets[m].code), V(ask->price[m])), NULL);
    return e;
}

static enum err made(struct make_job *j, const struct deal *d)
{
    json_decref(j->made); /* of a run that was lost */
    j->made = deal_json(d);
    return j->made ? ERR_OK : ERR_NO_MEMORY;
}

static enum err create_run(struct tx *tx, void *arg)
{
    struct make_job *j = arg;
    struct listing l;
    struct show s;
    struct deal d;
    enum err e = listing_for(tx, j->who, j->listing, ACTION_DEAL_RUN, &l, &s);
    if (!e && l.state == LISTING_WITHDRAWN)
        e = problem(tx->cx, ERR_CONFLICT, "%s is withdrawn", l.code);
    if (!e)
        e = insert_deal(tx, j, &l);
    if (!e)
        e = deal_read_id(tx->db, tx->cx, j->id, &d);
    if (!e && j->ask->start)
        e = start(tx, j, &s, &d);
    if (!e)
        e = made(j, &d);
    return e ? e : room_note(tx, j->who, j->audit_id, s.shop_id, "deal.create", d.public_id);
}

static enum err check_new(struct cx *cx, const struct deal_new *ask)
{
    bool priced = false;
    for (int m = 0; m < MARKET_COUNT; m++) {
        priced = priced || ask->price[m] >= 0;
        if (ask->price[m] > PRICE_MAX)
            return problem(cx, ERR_INPUT, "'prices' has one that is too high");
    }
    if (!priced)
        return problem(cx, ERR_INPUT, "'prices' must have one at least");
    if (ask->quota < 1 || ask->quota > STOCK_MAX)
        return problem(cx, ERR_INPUT, "'quota' must be 1 to %d", STOCK_MAX);
    if (ask->per_buyer_max < 1 || ask->per_buyer_max > LISTING_EACH_MAX)
        return problem(cx, ERR_INPUT, "'per_buyer_max' must be 1 to %d", LISTING_EACH_MAX);
    if (ask->countdown_s < DEAL_COUNTDOWN_MIN_S || ask->countdown_s > DEAL_COUNTDOWN_MAX_S)
        return problem(cx, ERR_INPUT, "'countdown_s' must be %d to %d", DEAL_COUNTDOWN_MIN_S,
                       DEAL_COUNTDOWN_MAX_S);
    if (ask->run_s < DEAL_RUN_MIN_S || ask->run_s > DEAL_RUN_MAX_S)
        return problem(cx, ERR_INPUT, "'run_s' must be %d to %d", DEAL_RUN_MIN_S, DEAL_RUN_MAX_S);
    return ERR_OK;
}

static enum err do_it(struct room *r, struct cx *cx, const char *name,
                      enum err (*run)(struct tx *tx, void *arg), struct make_job *j,
                      json_t **ret_deal)
{
    enum err e = store_do(r->store, cx, name, run, j);
    if (e)
        json_decref(j->made);
    else
        *ret_deal = j->made;
    return e;
}

enum err deal_create(struct room *r, struct cx *cx, const struct room_who *who, const char *listing,
                     const struct deal_new *ask, json_t **ret_deal)
{
    struct make_job j = {
        .r = r, .who = who, .listing = listing, .ask = ask, .id = id_next(), .audit_id = id_next()};
    enum err e = check_new(cx, ask);
    if (e)
        return e;
    id_make("dea", j.public_id);
    return do_it(r, cx, "deal.create", create_run, &j, ret_deal);
}

/* ---- by people ---- */

static enum err deal_for(struct tx *tx, const struct make_job *j, struct deal *d, struct show *s)
{
    struct show found = {0};
    enum err e = deal_read(tx->db, tx->cx, j->deal, d);
    if (!e)
        e = show_read_id(tx->db, tx->cx, d->show_id, &found);
    if (!e)
        e = show_check(tx->cx, &found, j->who, ACTION_DEAL_RUN);
    if (!e)
        *s = found;
    return e;
}

static enum err start_run(struct tx *tx, void *arg)
{
    struct make_job *j = arg;
    struct deal d;
    struct show s;
    enum err e = deal_for(tx, j, &d, &s);
    if (!e && d.state != DEAL_DRAFT)
        e = problem(tx->cx, ERR_TRANSITION, "the deal is %s", deal_state_name(d.state));
    if (!e)
        e = start(tx, j, &s, &d);
    if (!e)
        e = made(j, &d);
    return e ? e : room_note(tx, j->who, j->audit_id, s.shop_id, "deal.start", d.public_id);
}

enum err deal_start(struct room *r, struct cx *cx, const struct room_who *who, const char *deal,
                    int64_t countdown_s, json_t **ret_deal)
{
    struct make_job j = {
        .r = r, .who = who, .deal = deal, .countdown_s = countdown_s, .audit_id = id_next()};
    return do_it(r, cx, "deal.start", start_run, &j, ret_deal);
}

static enum err stop(struct tx *tx, struct make_job *j, enum deal_state to, const char *action)
{
    struct deal d;
    struct show s;
    bool moved = false;
    enum err e = deal_for(tx, j, &d, &s);
    if (!e)
        e = move(tx, j->r, &d, to, "staff", &moved);
    if (!e && !moved)
        e = problem(tx->cx, ERR_TRANSITION, "the deal has moved on");
    if (!e)
        e = made(j, &d);
    return e ? e : room_note(tx, j->who, j->audit_id, s.shop_id, action, d.public_id);
}

static enum err close_run(struct tx *tx, void *arg)
{
    return stop(tx, arg, DEAL_CLOSED, "deal.close");
}

static enum err cancel_run(struct tx *tx, void *arg)
{
    return stop(tx, arg, DEAL_CANCELLED, "deal.cancel");
}

enum err deal_close(struct room *r, struct cx *cx, const struct room_who *who, const char *deal,
                    json_t **ret_deal)
{
    struct make_job j = {.r = r, .who = who, .deal = deal, .audit_id = id_next()};
    return do_it(r, cx, "deal.close", close_run, &j, ret_deal);
}

enum err deal_cancel(struct room *r, struct cx *cx, const struct room_who *who, const char *deal,
                     json_t **ret_deal)
{
    struct make_job j = {.r = r, .who = who, .deal = deal, .audit_id = id_next()};
    return do_it(r, cx, "deal.cancel", cancel_run, &j, ret_deal);
}
