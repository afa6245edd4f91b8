/*
 * The queue, its thread and the workers: a due row is posted, then marked sent, or put off, or
 * given up. The thread reads; only jobs write.
 */
#include "streamd/notify/notify_in.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "streamd/notify/queue.sql.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    LOOK_EVERY_MS = 500,
    SWEEP_EVERY_MS = 600000,
    DUE_MAX = PER_RECEIVER_MAX * RECEIVERS_MAX,
    LOOK_ARENA = 256 << 10,
    ARENA_MAX = 4 << 20,
    DAY_MS = 86400000
};

int64_t notify_now_ms(const struct notify *n)
{
    return n->setup.unix_ms ? n->setup.unix_ms() : clock_unix_ms();
}

/* Before the second attempt, the third, ... */
static int64_t wait_before(int64_t attempts)
{
    static const int seconds[] = {1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600};
    size_t last = sizeof seconds / sizeof *seconds - 1;
    size_t i = attempts < 1 ? 0 : (size_t)attempts - 1;
    return 1000 * (int64_t)seconds[i < last ? i : last];
}

/* ---- putting in ---- */

static void wake(void *arg)
{
    struct notify *n = arg;
    (void)pthread_mutex_lock(&n->lock);
    n->woken = true;
    (void)pthread_cond_signal(&n->wake);
    (void)pthread_mutex_unlock(&n->lock);
}

void notify_wake(struct tx *tx, struct notify *n)
{
    tx_after_commit(tx, wake, n);
}

enum err queue_message(struct notify *n, struct tx *tx, const struct message *m)
{
    int64_t waiting = 0;
    char lane[LANE_TEXT];
    enum err e = db_i64(tx->db, &SQL_delivery_waiting, ARGS(), &waiting);
    if (e)
        return e;
    if (waiting >= NOTIFY_WAITING_MAX) {
        atomic_fetch_add(&n->lost, 1);
        log_error("message dropped: too many wait", LOG_S("event", m->event),
                  LOG_S("destination", m->destination));
        return ERR_OK;
    }
    (void)snprintf(lane, sizeof lane, "%.32s/%.32s", m->destination, m->input_uid);
    return db_do(tx->db, &SQL_delivery_add,
                 ARGS(V(&lane[0]), V(m->destination), V(m->event), V(m->body), V(tx->cx->now_ms)),
                 NULL);
}

enum err notify_video(struct notify *n, struct tx *tx, const char *video_uid, const char *input_uid,
                      const char *state, const char *body)
{
    const char *url, *secret;
    int64_t modified_ms;
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_webhook_get, ARGS(),
                        COLS(C(&url), C(&secret), C(&modified_ms)));
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    const struct message m = {.destination = "",
                              .input_uid = *input_uid ? input_uid : video_uid,
                              .event = strcmp(state, "ready") == 0 ? "video.ready" : "video.error",
                              .body = body};
    e = queue_message(n, tx, &m);
    if (!e)
        notify_wake(tx, n);
    return e;
}

/* ---- taking out ---- */

struct sending {
    struct notify *n;
    struct arena *arena;
    int64_t id;
    const char *lane, *destination, *event;
    int64_t attempts;
    int status;
    enum err e;
    bool no_receiver;
    bool stale; /* it was sent, or cancelled, since it was found */
};

static enum err ended(struct tx *tx, const struct sending *s, const char *state)
{
    return db_do(tx->db, &SQL_delivery_ended,
                 ARGS(V(state), V(tx->cx->now_ms), V(s->status), V(s->id)), NULL);
}

static enum err result_run(struct tx *tx, void *arg)
{
    const struct sending *s = arg;
    int64_t now = tx->cx->now_ms;
    enum err e;
    if (!s->e)
        e = ended(tx, s, "sent");
    else if (s->no_receiver || s->attempts + 1 >= NOTIFY_TRIES)
        e = ended(tx, s, "failed");
    else
        e = db_do(tx->db, &SQL_delivery_again,
                  ARGS(V(now + wait_before(s->attempts + 1)), V(s->status), V(s->id)), NULL);
    if (!e && *s->destination && !s->no_receiver)
        e = db_do(tx->db, s->e ? &SQL_receiver_bad : &SQL_receiver_ok,
                  ARGS(V(now), V(s->destination)), NULL);
    return e;
}

static void tell_log(struct sending *s, const char *why)
{
    struct notify *n = s->n;
    const char *to = *s->destination ? s->destination : "webhook";
    if (!s->e) {
        atomic_fetch_add(&n->sent, 1);
        log_info("message delivered", LOG_S("event", s->event), LOG_S("to", to),
                 LOG_I("status", s->status), LOG_I("attempt", s->attempts + 1));
        return;
    }
    bool last = s->no_receiver || s->attempts + 1 >= NOTIFY_TRIES;
    atomic_fetch_add(last ? &n->given_up : &n->retried, 1);
    log_warn(last ? "message given up" : "message not delivered", LOG_S("event", s->event),
             LOG_S("to", to), LOG_I("status", s->status), LOG_I("attempt", s->attempts + 1),
             LOG_S("why", why));
}

/* Where it goes is read now: a changed URL or secret counts for what still waits. */
static enum err receiver_of(struct db *db, struct sending *s, struct posting *p)
{
    int64_t modified_ms;
    if (*s->destination)
        return db_row(db, s->arena, &SQL_receiver_get, ARGS(V(s->destination)),
                      COLS(C(&p->url), C(&p->auth)));
    return db_row(db, s->arena, &SQL_webhook_get, ARGS(),
                  COLS(C(&p->url), C(&p->sign_secret), C(&modified_ms)));
}

static enum err read_message(struct sending *s, struct posting *p)
{
    struct db *db;
    enum err e = store_read(s->n->setup.store, &db);
    if (e)
        return e;
    e = db_row(db, s->arena, &SQL_delivery_body, ARGS(V(s->id), V(s->attempts)), COLS(C(&p->body)));
    s->stale = e == ERR_NOT_FOUND;
    if (!e)
        e = receiver_of(db, s, p);
    store_read_end(db);
    s->no_receiver = e == ERR_NOT_FOUND && !s->stale;
    return e;
}

static void keep_result(struct sending *s)
{
    struct cx cx = {.now_ms = notify_now_ms(s->n), .arena = s->arena};
    enum err e = store_do(s->n->setup.store, &cx, "delivery.result", result_run, s);
    if (e) /* it stays waiting and is sent again: rather twice than never */
        log_error("delivery result not kept", LOG_S("event", s->event), LOG_S("why", err_api(e)));
}

static void send_run(void *arg)
{
    struct sending *s = arg;
    char why[NOTIFY_WHY] = "";
    struct posting p = {0};
    s->e = read_message(s, &p);
    if (!s->e) {
        s->e = post_message(s->n, &p, &s->status, why);
        place_learn(s->n, s->destination, !s->e);
    } else {
        (void)text_copy(why, sizeof why, s->no_receiver ? "no such receiver" : err_api(s->e));
    }
    if (!s->stale) {
        keep_result(s);
        tell_log(s, why);
    }
    place_give(s->n, s->lane);
    arena_free(s->arena); /* s lies in it */
}

/* Copied to an arena of its own, which travels to the worker. */
static void send_one(struct notify *n, const struct sending *row)
{
    if (!place_take(n, row->lane, row->destination))
        return;
    struct arena *a = arena_make(ARENA_MAX);
    struct sending *s = a ? arena_new(a, struct sending) : NULL;
    if (s) {
        *s = *row;
        s->n = n;
        s->arena = a;
        s->lane = arena_dup(a, row->lane, strlen(row->lane));
        s->destination = arena_dup(a, row->destination, strlen(row->destination));
        s->event = arena_dup(a, row->event, strlen(row->event));
    }
    bool whole = s && s->lane && s->destination && s->event;
    if (!whole || n->setup.run(n->setup.arg, send_run, s)) { /* later, then */
        place_give(n, row->lane);
        arena_free(a);
    }
}

static enum err send_due(struct notify *n, struct arena *a)
{
    struct db *db;
    struct sending due[DUE_MAX];
    size_t got = 0;
    int64_t waiting = 0;
    enum err e = store_read(n->setup.store, &db);
    if (e)
        return e;
    struct rows r =
        db_rows(db, &SQL_delivery_due, ARGS(V(notify_now_ms(n)), V(PER_RECEIVER_MAX), V(DUE_MAX)));
    for (struct sending *s = due; got < DUE_MAX; s = &due[++got]) {
        *s = (struct sending){0};
        if (!rows_next(
                &r, a,
                COLS(C(&s->id), C(&s->lane), C(&s->destination), C(&s->event), C(&s->attempts))))
            break;
    }
    e = rows_end(&r);
    if (!e)
        e = db_i64(db, &SQL_delivery_waiting, ARGS(), &waiting);
    store_read_end(db);
    atomic_store(&n->waiting, waiting);
    for (size_t i = 0; !e && i < got; i++)
        send_one(n, &due[i]);
    return e;
}

static enum err sweep_run(struct tx *tx, void *arg)
{
    (void)arg;
    return db_do(tx->db, &SQL_delivery_sweep,
                 ARGS(V(tx->cx->now_ms - (int64_t)NOTIFY_KEEP_DAYS * DAY_MS)), NULL);
}

/* True: go on. */
static bool wait_for_more(struct notify *n)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_EVERY_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    (void)pthread_mutex_lock(&n->lock);
    while (!n->stop && !n->woken)
        if (pthread_cond_timedwait(&n->wake, &n->lock, &until) == ETIMEDOUT)
            break;
    n->woken = false;
    bool go = !n->stop;
    (void)pthread_mutex_unlock(&n->lock);
    return go;
}

static void *thread_run(void *arg)
{
    struct notify *n = arg;
    int64_t sweep_ms = 0;
    while (wait_for_more(n)) {
        struct arena *a = arena_make(LOOK_ARENA);
        struct cx cx = {.now_ms = notify_now_ms(n), .arena = a};
        enum err e = a ? send_due(n, a) : ERR_NO_MEMORY;
        if (!e && clock_mono_ms() >= sweep_ms) {
            sweep_ms = clock_mono_ms() + SWEEP_EVERY_MS;
            e = store_do(n->setup.store, &cx, "delivery.sweep", sweep_run, NULL);
        }
        if (e)
            log_warn("messages cannot be looked at", LOG_S("why", err_api(e)));
        arena_free(a);
    }
    return NULL;
}

/* ---- life ---- */

enum err notify_make(const struct notify_setup *setup, struct notify **ret_notify)
{
    assert(setup && setup->store && setup->account && setup->run && ret_notify);
    struct notify *n = calloc(1, sizeof *n);
    if (!n)
        return ERR_NO_MEMORY;
    n->setup = *setup;
    pthread_condattr_t attr;
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&n->lock, NULL);
    (void)pthread_cond_init(&n->wake, &attr);
    (void)pthread_condattr_destroy(&attr);
    *ret_notify = n;
    return ERR_OK;
}

enum err notify_start(struct notify *n)
{
    if (pthread_create(&n->thread, NULL, thread_run, n))
        return ERR_BUSY;
    n->started = true;
    return ERR_OK;
}

void notify_stop(struct notify *n)
{
    (void)pthread_mutex_lock(&n->lock);
    n->stop = true;
    (void)pthread_cond_signal(&n->wake);
    (void)pthread_mutex_unlock(&n->lock);
    if (n->started)
        (void)pthread_join(n->thread, NULL);
    n->started = false;
}

void notify_free(struct notify *n)
{
    if (!n)
        return;
    (void)pthread_cond_destroy(&n->wake);
    (void)pthread_mutex_destroy(&n->lock);
    free(n);
}

void notify_count(struct notify *n, struct notify_counts *ret_counts)
{
    *ret_counts = (struct notify_counts){.waiting = atomic_load(&n->waiting),
                                         .sent = atomic_load(&n->sent),
                                         .retried = atomic_load(&n->retried),
                                         .given_up = atomic_load(&n->given_up),
                                         .lost = atomic_load(&n->lost)};
}
