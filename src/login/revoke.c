/* The runner: take a row, tell its provider, write what came of it. */
#include "login/revoke.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "login/openid_in.h"
#include "login/revoke.sql.h"
#include "login/revoke_in.h"
#include "store/store.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    RUN_ARENA = 512 * 1024,
    READ_ARENA = 64 * 1024,
    GONE_TEXT = 40,
    SWEEP_MAX = 200,
    NUMBERS_EVERY_S = 15,
    TICK_MS = 1000
};

struct revokes {
    struct revokes_setup set;
    _Atomic int64_t due, given_up;
    int64_t numbers_ms;   /* when to count and sweep again */
    pthread_mutex_t lock; /* of stop */
    pthread_cond_t wake;
    pthread_t thread;
    bool running, stop;
};

/* ---- writing rows ---- */

enum err revoke_put(struct tx *tx, const char *provider, const char *subject,
                    const void *token_sealed, size_t token_len)
{
    bool token = token_sealed && token_len;
    if (!token && strcmp(provider, "facebook") != 0)
        return ERR_OK; /* nothing that could be taken back */
    return db_do(tx->db, &SQL_revoke_insert,
                 ARGS(V(provider), V(subject), token ? VBLOB(token_sealed, token_len) : VNULL,
                      V(tx->cx->now_ms)),
                 NULL);
}

enum err revoke_viewer(struct tx *tx, int64_t viewer_id)
{
    return db_do(tx->db, &SQL_revoke_all_of, ARGS(V(tx->cx->now_ms), V(viewer_id)), NULL);
}

/* ---- one row ---- */

struct run {
    struct revokes *r;
    const char *provider, *subject;
    int64_t now_ms, lease_ms;
    char gone[GONE_TEXT]; /* stands for the subject if it is given up */
    /* the job's */
    bool taken, linked;
    int64_t tries;
    struct blob sealed;
    /* made */
    enum revoke_says says;
    const char *why;
};

static enum err take_job(struct tx *tx, void *arg)
{
    struct run *n = arg;
    int64_t whose = 0;
    n->taken = n->linked = false;
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_revoke_take,
                        ARGS(V(n->lease_ms), V(n->provider), V(n->subject), V(n->now_ms)),
                        COLS(C(&n->sealed), C(&n->tries)));
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e; /* another was quicker */
    n->taken = true;
    e = db_i64(tx->db, &SQL_revoke_linked, ARGS(V(n->provider), V(n->subject)), &whose);
    n->linked = !e;
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* Twice as long each time. */
static int64_t again_ms(const struct run *n)
{
    int64_t wait_s = REVOKE_WAIT_S;
    for (int64_t i = 1; i < n->tries && wait_s < REVOKE_WAIT_MAX_S; i++)
        wait_s *= 2;
    return n->now_ms + (wait_s < REVOKE_WAIT_MAX_S ? wait_s : REVOKE_WAIT_MAX_S) * 1000;
}

static enum err said_job(struct tx *tx, void *arg)
{
    const struct run *n = arg;
    if (n->says != REVOKE_AGAIN)
        return db_do(tx->db, &SQL_revoke_done, ARGS(V(n->provider), V(n->subject), V(n->lease_ms)),
                     NULL);
    if (n->tries < REVOKE_TRIES_MAX)
        return db_do(tx->db, &SQL_revoke_later,
                     ARGS(V(again_ms(n)), V(n->why), V(n->provider), V(n->subject), V(n->lease_ms)),
                     NULL);
    return db_do(tx->db, &SQL_revoke_give_up,
                 ARGS(V(n->gone), V(n->now_ms + REVOKE_KEEP_DAYS * INT64_C(86400000)), V(n->why),
                      V(n->provider), V(n->subject), V(n->lease_ms)),
                 NULL);
}

/* The token in plain, wiped by the caller; NULL: there is none, or it was sealed by another key. */
static char *open_token(const struct login *l, struct cx *cx, const struct blob *sealed,
                        size_t *ret_len)
{
    if (!sealed->p || sealed->len <= SEAL_OVERHEAD || sealed->len > TOKEN_SEALED_MAX)
        return NULL;
    size_t n = sealed->len - SEAL_OVERHEAD;
    char *plain = arena_bytes(cx->arena, n + 1, 1);
    if (!plain || crypto_open(login_key(l), sealed->p, sealed->len, (unsigned char *)plain))
        return NULL;
    *ret_len = n;
    return plain;
}

/* No reader and no job is held here. */
static void tell(struct run *n, struct cx *cx)
{
    struct login *l = n->r->set.login;
    const struct provider *p = provider_find(login_providers(l), n->provider);
    size_t len = 0;
    if (n->linked) {
        n->says = REVOKE_MOOT;
        return;
    }
    if (!p) {
        (void)problem(cx, ERR_NOT_FOUND, "%s is not set up", n->provider);
        n->says = REVOKE_AGAIN;
        return;
    }
    char *token = open_token(l, cx, &n->sealed, &len);
    n->says = revoke_tell(l, cx, p, n->subject, token);
    if (token)
        crypto_wipe(token, len);
}

static void note(const struct run *n)
{
    if (n->says == REVOKE_AGAIN && n->tries >= REVOKE_TRIES_MAX)
        log_error("a provider was not told that somebody left", LOG_S("provider", n->provider),
                  LOG_S("why", n->why), LOG_I("tries", n->tries));
    else if (n->says == REVOKE_AGAIN)
        log_warn("a provider will be told later", LOG_S("provider", n->provider),
                 LOG_S("why", n->why), LOG_I("tries", n->tries));
    else
        log_info("a provider was told that somebody left", LOG_S("provider", n->provider),
                 LOG_S("says", n->says == REVOKE_TOLD ? "done" : "nothing to end"));
}

static enum err run(struct run *n, struct cx *cx)
{
    struct store *s = n->r->set.store;
    n->lease_ms = n->now_ms + REVOKE_LEASE_S * INT64_C(1000);
    (void)memcpy(n->gone, "gone_", 5);
    crypto_random_hex(n->gone + 5, 32);
    enum err e = store_do(s, cx, "revoke.take", take_job, n);
    if (e || !n->taken)
        return e;
    tell(n, cx);
    n->why = arena_dup(cx->arena, cx->problem, strlen(cx->problem));
    cx->problem[0] = '\0';
    if (!n->why)
        n->why = "";
    e = store_do(s, cx, "revoke.said", said_job, n);
    if (!e)
        note(n);
    return e;
}

/* ---- the tick ---- */

struct due {
    const char *provider, *subject;
};

static enum err read_due(struct revokes *r, struct arena *arena, int64_t now_ms,
                         struct due list[REVOKE_BATCH], size_t *ret_count)
{
    struct db *db;
    size_t n = 0;
    enum err e = store_read(r->set.store, &db);
    if (e)
        return e;
    struct rows rows = db_rows(db, &SQL_revokes_due, ARGS(V(now_ms), V((int64_t)REVOKE_BATCH)));
    while (n < REVOKE_BATCH &&
           rows_next(&rows, arena, COLS(C(&list[n].provider), C(&list[n].subject))))
        n++;
    e = rows_end(&rows);
    store_read_end(db);
    if (!e)
        *ret_count = n;
    return e;
}

static enum err sweep_job(struct tx *tx, void *arg)
{
    (void)arg;
    return db_do(tx->db, &SQL_revoke_sweep, ARGS(V(tx->cx->now_ms), V((int64_t)SWEEP_MAX)), NULL);
}

static enum err count(struct revokes *r, struct arena *arena)
{
    struct revoke_numbers c = {0};
    struct db *db;
    const char *state;
    int64_t n;
    enum err e = store_read(r->set.store, &db);
    if (e)
        return e;
    struct rows rows = db_rows(db, &SQL_revoke_numbers, ARGS());
    while (rows_next(&rows, arena, COLS(C(&state), C(&n))))
        *(strcmp(state, "due") == 0 ? &c.due : &c.given_up) = n;
    e = rows_end(&rows);
    store_read_end(db);
    atomic_store(&r->due, c.due);
    atomic_store(&r->given_up, c.given_up);
    return e;
}

static enum err count_and_sweep(struct revokes *r, struct cx *cx)
{
    r->numbers_ms = cx->now_ms + NUMBERS_EVERY_S * 1000;
    enum err e = count(r, cx->arena);
    return !e && atomic_load(&r->given_up)
               ? store_do(r->set.store, cx, "revoke.sweep", sweep_job, NULL)
               : e;
}

static bool stopping(struct revokes *r)
{
    (void)pthread_mutex_lock(&r->lock);
    bool stop = r->stop;
    (void)pthread_mutex_unlock(&r->lock);
    return stop;
}

/* One that fails does not stop the others. */
static void run_one(struct revokes *r, const struct due *d, int64_t now_ms)
{
    struct cx cx = {.arena = arena_make(RUN_ARENA), .now_ms = now_ms};
    struct run one = {.r = r, .provider = d->provider, .subject = d->subject, .now_ms = now_ms};
    enum err e = cx.arena ? run(&one, &cx) : ERR_NO_MEMORY;
    if (e)
        log_warn("a revocation's step failed", LOG_S("provider", d->provider),
                 LOG_S("err", err_api(e)));
    arena_free(cx.arena);
}

void revokes_tick(struct revokes *r, int64_t now_ms)
{
    struct due list[REVOKE_BATCH];
    struct cx cx = {.arena = arena_make(READ_ARENA), .now_ms = now_ms};
    int64_t began_ms = clock_mono_ms();
    size_t n = 0;
    enum err e = cx.arena ? read_due(r, cx.arena, now_ms, list, &n) : ERR_NO_MEMORY;
    for (size_t i = 0; !e && i < n && !stopping(r); i++) /* providers take their time */
        run_one(r, &list[i], now_ms + (clock_mono_ms() - began_ms) / 1000 * 1000);
    if (!e && now_ms >= r->numbers_ms)
        e = count_and_sweep(r, &cx);
    if (e)
        log_warn("revocations' tick failed", LOG_S("err", err_api(e)));
    arena_free(cx.arena);
}

void revokes_numbers(const struct revokes *r, struct revoke_numbers *ret_numbers)
{
    *ret_numbers =
        (struct revoke_numbers){.due = atomic_load(&r->due), .given_up = atomic_load(&r->given_up)};
}

/* ---- its life ---- */

enum err revokes_make(const struct revokes_setup *setup, struct revokes **ret_revokes)
{
    struct revokes *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_NO_MEMORY;
    r->set = *setup;
    (void)pthread_mutex_init(&r->lock, NULL);
    (void)pthread_cond_init(&r->wake, NULL);
    *ret_revokes = r;
    return ERR_OK;
}

void revokes_free(struct revokes *r)
{
    if (!r)
        return;
    revokes_stop(r);
    (void)pthread_cond_destroy(&r->wake);
    (void)pthread_mutex_destroy(&r->lock);
    free(r);
}

static bool wait_tick(struct revokes *r)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += TICK_MS / 1000;
    (void)pthread_mutex_lock(&r->lock);
    while (!r->stop && pthread_cond_timedwait(&r->wake, &r->lock, &until) != ETIMEDOUT)
        continue;
    bool go_on = !r->stop;
    (void)pthread_mutex_unlock(&r->lock);
    return go_on;
}

static void *thread_main(void *arg)
{
    struct revokes *r = arg;
    while (wait_tick(r))
        revokes_tick(r, clock_unix_ms());
    client_thread_done();
    return NULL;
}

enum err revokes_run(struct revokes *r)
{
    r->running = pthread_create(&r->thread, NULL, thread_main, r) == 0;
    return r->running ? ERR_OK : ERR_NO_MEMORY;
}

void revokes_stop(struct revokes *r)
{
    if (!r || !r->running)
        return;
    (void)pthread_mutex_lock(&r->lock);
    r->stop = true;
    (void)pthread_cond_broadcast(&r->wake);
    (void)pthread_mutex_unlock(&r->lock);
    (void)pthread_join(r->thread, NULL);
    r->running = false;
}
