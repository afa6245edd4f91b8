/* The room's fast clock: deals, holds that end, and what is told a few times a second at most. */
#include "room/pulse.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "cart/cart.h"
#include "room/claim_in.h"
#include "room/news.sql.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MARKS_MAX = 4096, /* variants or deals that wait to be told of */
    TICKER_SHOWS = 64,
    TICKER_LINES = 5, /* of a show, each FLUSH_MS: 20 a second */
    TICKER_SIZE = 640,
    PULSE_MS = 50,
    FLUSH_MS = 250,
    SWEEP_MS = 250,
    OFFERS_MS = 1000,
    DEALS_MS = 50,
    HEADS_MS = 10000,
    WARN_MS = 2000,
    WARN_AHEAD_MS = 60000,
    SLICE = 32
};

/* Internal ids, each once. */
struct marks {
    int64_t id[MARKS_MAX];
    size_t count;
};

struct ticker {
    int64_t show_id; /* 0: free */
    int64_t more;
    size_t lines;
    char line[TICKER_LINES][TICKER_SIZE];
};

struct pulse {
    pthread_mutex_t lock; /* marks, tickers, stop */
    pthread_cond_t wake;
    struct marks variants, deals;
    struct ticker ticker[TICKER_SHOWS];
    bool stop, started;
    pthread_t thread;
    /* The rest is the pulse's own. */
    struct marks taken;
    int64_t flush_ms, sweep_ms, offers_ms, deals_ms, heads_ms, warn_ms;
    bool begun;
};

struct pulse *pulse_make(void)
{
    struct pulse *p = calloc(1, sizeof *p);
    pthread_condattr_t attr;
    if (!p)
        return NULL;
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->wake, &attr);
    (void)pthread_condattr_destroy(&attr);
    return p;
}

void pulse_free(struct pulse *p)
{
    if (!p)
        return;
    (void)pthread_mutex_destroy(&p->lock);
    (void)pthread_cond_destroy(&p->wake);
    free(p);
}

/* ---- what is marked ---- */

/* Beyond MARKS_MAX nothing is: a viewer's next snapshot has it. */
static void mark(struct pulse *p, struct marks *m, int64_t id)
{
    (void)pthread_mutex_lock(&p->lock);
    size_t i = 0;
    while (i < m->count && m->id[i] != id)
        i++;
    if (i == m->count && i < MARKS_MAX)
        m->id[m->count++] = id;
    (void)pthread_mutex_unlock(&p->lock);
}

void pulse_variant(struct room *r, int64_t variant_id)
{
    mark(r->pulse, &r->pulse->variants, variant_id);
}

void pulse_deal(struct room *r, int64_t deal_id)
{
    mark(r->pulse, &r->pulse->deals, deal_id);
}

static struct ticker *ticker_locked(struct pulse *p, int64_t show_id)
{
    struct ticker *free_one = NULL;
    for (int i = 0; i < TICKER_SHOWS; i++) {
        if (p->ticker[i].show_id == show_id)
            return &p->ticker[i];
        if (!p->ticker[i].show_id && !free_one)
            free_one = &p->ticker[i];
    }
    if (free_one)
        *free_one = (struct ticker){.show_id = show_id};
    return free_one;
}

void pulse_ticker(struct room *r, int64_t show_id, const char *data)
{
    struct pulse *p = r->pulse;
    (void)pthread_mutex_lock(&p->lock);
    struct ticker *t = ticker_locked(p, show_id);
    size_t len = strlen(data);
    if (t && t->lines < TICKER_LINES && len < TICKER_SIZE)
        memcpy(t->line[t->lines++], data, len + 1);
    else if (t)
        t->more++;
    (void)pthread_mutex_unlock(&p->lock);
}

/* The marks of `m` into p->taken. */
static void take(struct pulse *p, struct marks *m)
{
    (void)pthread_mutex_lock(&p->lock);
    memcpy(p->taken.id, m->id, m->count * sizeof m->id[0]);
    p->taken.count = m->count;
    m->count = 0;
    (void)pthread_mutex_unlock(&p->lock);
}

/* ---- what is left ---- */

enum { SHOWS_OF_VARIANT = 20, LEFT_MAX = SLICE * SHOWS_OF_VARIANT };

struct left_job {
    struct room *r;
    const int64_t *id;
    size_t count;
};

struct left {
    int64_t show_id, free_units;
    const char *variant;
    bool tracked;
};

static int by_show(const void *a, const void *b)
{
    const struct left *x = a, *y = b;
    return x->show_id < y->show_id ? -1 : x->show_id > y->show_id;
}

static enum err read_left(struct tx *tx, const struct left_job *j, struct left *list, size_t *ret_n)
{
    struct left one;
    size_t n = 0;
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < j->count; i++) {
        struct rows rows = db_rows(tx->db, &SQL_variant_in_shows, ARGS(V(j->id[i])));
        while (n < LEFT_MAX && rows_next(&rows, tx->cx->arena,
                                         COLS(C(&one.show_id), C(&one.variant), C(&one.free_units),
                                              C(&one.tracked))))
            list[n++] = one;
        e = rows_end(&rows);
    }
    *ret_n = n;
    return e;
}

static enum err left_run(struct tx *tx, void *arg)
{
    const struct left_job *j = arg;
    struct left *list = arena_array(tx->cx->arena, struct left, LEFT_MAX);
    size_t n = 0;
    enum err e = list ? read_left(tx, j, list, &n) : ERR_NO_MEMORY;
    if (!e && n)
        qsort(list, n, sizeof *list, by_show);
    for (size_t i = 0; !e && i < n; i++) {
        const struct event ev = {
            .show_id = list[i].show_id, .type = "stock.changed", .audience = AUDIENCE_ALL};
        e = event_add(tx, j->r, &ev,
                      json_pack("{s:s, s:o}", "variant_id", list[i].variant, "left",
                                left_json(list[i].tracked ? list[i].free_units : INT64_MAX)));
    }
    return e;
}

static enum err tell_left(struct room *r, struct cx *cx)
{
    struct pulse *p = r->pulse;
    take(p, &p->variants);
    for (size_t i = 0; i < p->taken.count; i += SLICE) {
        struct left_job j = {r, &p->taken.id[i], p->taken.count - i};
        if (j.count > SLICE)
            j.count = SLICE;
        enum err e = store_do(r->store, cx, "pulse.left", left_run, &j);
        for (size_t k = i; e && k < p->taken.count; k++)
            pulse_variant(r, p->taken.id[k]); /* next time */
        if (e)
            return e;
    }
    return ERR_OK;
}

/* ---- deals that sell ---- */

struct deal_job {
    struct room *r;
    int64_t deal_id;
};

static enum err progress_run(struct tx *tx, void *arg)
{
    const struct deal_job *j = arg;
    struct deal d;
    enum err e = deal_read_id(tx->db, tx->cx, j->deal_id, &d);
    if (e || d.state != DEAL_OPEN)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    const struct event ev = {
        .show_id = d.show_id, .type = "deal.progress", .audience = AUDIENCE_ALL};
    return event_add(tx, j->r, &ev, deal_event_json(&d, NULL));
}

static enum err tell_deals(struct room *r, struct cx *cx)
{
    struct pulse *p = r->pulse;
    enum err e = ERR_OK;
    take(p, &p->deals);
    for (size_t i = 0; !e && i < p->taken.count; i++) {
        struct deal_job j = {r, p->taken.id[i]};
        e = store_do(r->store, cx, "pulse.deal", progress_run, &j);
    }
    return e;
}

/* ---- the ticker ---- */

struct ticker_job {
    struct room *r;
    const struct ticker *t;
};

static enum err ticker_run(struct tx *tx, void *arg)
{
    const struct ticker_job *j = arg;
    const struct event ev = {
        .show_id = j->t->show_id, .type = "claim.ticker", .audience = AUDIENCE_ALL};
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < j->t->lines; i++) {
        bool last = i + 1 == j->t->lines;
        json_t *o = json_loads(j->t->line[i], 0, NULL);
        if (o)
            (void)json_object_set_new(o, "more", json_integer(last ? j->t->more : 0));
        e = event_add(tx, j->r, &ev, o);
    }
    return e;
}

static enum err tell_tickers(struct room *r, struct cx *cx)
{
    struct pulse *p = r->pulse;
    struct ticker t;
    enum err e = ERR_OK;
    for (int i = 0; !e && i < TICKER_SHOWS; i++) {
        (void)pthread_mutex_lock(&p->lock);
        t = p->ticker[i];
        p->ticker[i].show_id = 0;
        (void)pthread_mutex_unlock(&p->lock);
        struct ticker_job j = {r, &t};
        if (t.show_id)
            e = store_do(r->store, cx, "pulse.ticker", ticker_run, &j);
    }
    return e;
}

/* ---- a minute before a hold ends ---- */

enum { WARN_SLICE = 64 };

struct warn_job {
    struct room *r;
    int64_t show_id;
    bool more; /* there are more than one slice */
};

struct ending {
    const char *line, *variant, *listing;
    int64_t viewer_id, until;
};

static enum err tell_ending(struct tx *tx, const struct warn_job *j, const struct ending *w)
{
    const struct event ev = {.show_id = j->show_id,
                             .type = "hold.expiring",
                             .audience = AUDIENCE_VIEWER,
                             .viewer_id = w->viewer_id};
    return event_add(tx, j->r, &ev,
                     json_pack("{s:s, s:s, s:s?, s:I}", "line_id", w->line, "variant_id",
                               w->variant, "listing_id", w->listing[0] ? w->listing : NULL, "until",
                               (json_int_t)w->until));
}

/* The show's own mark says what has been told: once, by whichever process comes first. */
static enum err warn_run(struct tx *tx, void *arg)
{
    struct warn_job *j = arg;
    struct ending *list = arena_array(tx->cx->arena, struct ending, WARN_SLICE + 1), w;
    int64_t now = tx->cx->now_ms, upto = now + WARN_AHEAD_MS;
    size_t n = 0;
    if (!list)
        return ERR_NO_MEMORY;
    struct rows rows = db_rows(tx->db, &SQL_expiring_lines, ARGS(V(j->show_id), V(now), V(upto)));
    while (n <= WARN_SLICE &&
           rows_next(&rows, tx->cx->arena,
                     COLS(C(&w.line), C(&w.viewer_id), C(&w.variant), C(&w.listing), C(&w.until))))
        list[n++] = w;
    enum err e = rows_end(&rows);
    j->more = n > WARN_SLICE && list[0].until < list[WARN_SLICE].until;
    while (j->more && n && list[n - 1].until == list[WARN_SLICE].until)
        n--; /* those of one instant are told together */
    if (j->more)
        upto = list[n - 1].until;
    if (!e && n)
        e = db_do(tx->db, &SQL_expiring_told, ARGS(V(upto), V(j->show_id)), NULL);
    for (size_t i = 0; !e && i < n; i++)
        e = tell_ending(tx, j, &list[i]);
    return e;
}

enum { WARN_SHOWS = 100, WARN_SLICES = 32 };

static enum err warn_of_ends(struct room *r, struct cx *cx)
{
    int64_t id, show[WARN_SHOWS];
    size_t n = 0;
    struct db *db;
    enum err e = store_read(r->store, &db);
    if (e)
        return e;
    struct rows rows =
        db_rows(db, &SQL_expiring_shows, ARGS(V(cx->now_ms), V(cx->now_ms + WARN_AHEAD_MS)));
    while (n < WARN_SHOWS && rows_next(&rows, NULL, COLS(C(&id))))
        show[n++] = id;
    e = rows_end(&rows);
    store_read_end(db);
    for (size_t i = 0; !e && i < n; i++) {
        struct warn_job j = {.r = r, .show_id = show[i], .more = true};
        for (int k = 0; !e && j.more && k < WARN_SLICES; k++)
            e = store_do(r->store, cx, "pulse.warn", warn_run, &j);
    }
    return e;
}

/* ---- the beat ---- */

/* What a process before us may have left untold. */
static enum err mark_all(struct room *r)
{
    struct db *db;
    int64_t id;
    enum err e = store_read(r->store, &db);
    if (e)
        return e;
    struct rows rows = db_rows(db, &SQL_variants_on_air, ARGS());
    while (rows_next(&rows, NULL, COLS(C(&id))))
        pulse_variant(r, id);
    e = rows_end(&rows);
    store_read_end(db);
    return e;
}

static bool is_due(int64_t *last_ms, int64_t now_ms, int64_t every_ms)
{
    if (now_ms - *last_ms < every_ms && now_ms >= *last_ms)
        return false;
    *last_ms = now_ms;
    return true;
}

static void complain(const char *what, enum err e)
{
    if (e)
        log_warn("the room's pulse will try again", LOG_S("what", what), LOG_S("err", err_api(e)));
}

enum { PULSE_ARENA = 16 << 20 };

/* One part with an arena of its own: what it read is gone afterwards. */
static void part(struct room *r, const char *what, int64_t now_ms,
                 enum err (*fn)(struct room *r, struct cx *cx))
{
    struct cx cx = {.arena = arena_make(PULSE_ARENA), .now_ms = now_ms};
    complain(what, cx.arena ? fn(r, &cx) : ERR_NO_MEMORY);
    arena_free(cx.arena);
}

static enum err sweep(struct room *r, struct cx *cx)
{
    size_t ended;
    return cart_sweep_all(r->store, cx, &r->watch, &ended);
}

static enum err offer_on(struct room *r, struct cx *cx)
{
    return waiting_sweep(r->store, cx, &r->watch);
}

void room_pulse(struct room *r, int64_t now_ms)
{
    struct pulse *p = r->pulse;
    if (!p->begun) {
        enum err e = mark_all(r);
        p->begun = !e;
        complain("begin", e);
    }
    if (is_due(&p->deals_ms, now_ms, DEALS_MS))
        part(r, "deals", now_ms, deals_due);
    if (is_due(&p->sweep_ms, now_ms, SWEEP_MS))
        part(r, "holds", now_ms, sweep);
    if (is_due(&p->offers_ms, now_ms, OFFERS_MS))
        part(r, "waiting lists", now_ms, offer_on);
    if (is_due(&p->flush_ms, now_ms, FLUSH_MS)) {
        part(r, "stock", now_ms, tell_left);
        part(r, "deals sold", now_ms, tell_deals);
        part(r, "ticker", now_ms, tell_tickers);
    }
    if (is_due(&p->warn_ms, now_ms, WARN_MS))
        part(r, "warnings", now_ms, warn_of_ends);
    if (is_due(&p->heads_ms, now_ms, HEADS_MS))
        part(r, "heads", now_ms, ledger_tell_heads);
}

/* ---- its thread ---- */

static void *beat(void *arg)
{
    struct room *r = arg;
    struct pulse *p = r->pulse;
    struct timespec until;
    (void)pthread_mutex_lock(&p->lock);
    while (!p->stop) {
        (void)pthread_mutex_unlock(&p->lock);
        room_pulse(r, clock_unix_ms());
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += PULSE_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        (void)pthread_mutex_lock(&p->lock);
        if (!p->stop)
            (void)pthread_cond_timedwait(&p->wake, &p->lock, &until);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return NULL;
}

enum err room_pulse_start(struct room *r)
{
    if (pthread_create(&r->pulse->thread, NULL, beat, r))
        return ERR_INTERNAL;
    r->pulse->started = true;
    return ERR_OK;
}

void room_pulse_stop(struct room *r)
{
    struct pulse *p = r->pulse;
    if (!p || !p->started)
        return;
    (void)pthread_mutex_lock(&p->lock);
    p->stop = true;
    (void)pthread_cond_broadcast(&p->wake);
    (void)pthread_mutex_unlock(&p->lock);
    (void)pthread_join(p->thread, NULL);
    p->started = false;
}
