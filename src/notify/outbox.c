/* Rows are taken, sent by some threads, and what became of them is written. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/es256.h"
#include "base/log.h"
#include "base/text.h"
#include "notify/outbox.sql.h"
#include "notify/outbox_in.h"
#include "notify/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ARENA = 1 << 20, SWEEP_EVERY_S = 60, SWEEP_MAX = 500, NUMBERS_EVERY_S = 15, IDLE_MS = 400 };

#define LEFT_MS (INT64_C(7) * 86400 * 1000)

/* ---- life ---- */

static enum err check(const struct outbox_setup *s)
{
    char address[MAIL_ADDRESS_MAX + 1];
    bool mail = s->smtp_url && s->smtp_url[0];
    if (!mail)
        return ERR_OK;
    enum err e = mail_check_url(s->smtp_url);
    return e ? e : mail_from_address(s->mail_from, address);
}

static void name_us(struct outbox *o)
{
    char address[MAIL_ADDRESS_MAX + 1];
    if (o->set.mail_from && !mail_from_address(o->set.mail_from, address))
        (void)snprintf(o->who, sizeof o->who, "mailto:%s", address);
    else
        (void)text_copy(o->who, sizeof o->who, o->set.public_url);
}

enum err outbox_make(const struct outbox_setup *setup, struct outbox **ret_outbox)
{
    enum err e = words_init();
    if (!e)
        e = check(setup);
    struct outbox *o = e ? NULL : calloc(1, sizeof *o);
    if (!o)
        return e ? e : ERR_NO_MEMORY;
    o->set = *setup;
    name_us(o);
    (void)pthread_mutex_init(&o->lock, NULL);
    (void)pthread_mutex_init(&o->take_lock, NULL);
    (void)pthread_cond_init(&o->wake, NULL);
    *ret_outbox = o;
    return ERR_OK;
}

void outbox_free(struct outbox *o)
{
    if (!o)
        return;
    outbox_stop(o);
    (void)pthread_cond_destroy(&o->wake);
    (void)pthread_mutex_destroy(&o->take_lock);
    (void)pthread_mutex_destroy(&o->lock);
    free(o);
}

bool outbox_goes_on(void *arg)
{
    struct outbox *o = arg;
    (void)pthread_mutex_lock(&o->lock);
    bool go_on = !o->stop;
    (void)pthread_mutex_unlock(&o->lock);
    return go_on;
}

/* ---- taking ---- */

struct batch {
    struct out_row rows[OUTBOX_TAKE];
    size_t n;
    int64_t lease_until, now_ms;
};

static enum err read_due(struct db *db, const char *channel, struct batch *b)
{
    size_t n = 0;
    struct rows r =
        db_rows(db, &SQL_outbox_due, ARGS(V(channel), V(b->now_ms), V((int64_t)OUTBOX_TAKE)));
    while (n < OUTBOX_TAKE && rows_next(&r, NULL, COLS(C(&b->rows[n].id))))
        n++;
    b->n = n;
    return rows_end(&r);
}

/* Those that another process was quicker with stay out: their lease_until is 0. */
static enum err take_job(struct tx *tx, void *arg)
{
    struct batch *b = arg;
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < b->n; i++) {
        int64_t changed = 0;
        e = db_do(tx->db, &SQL_outbox_take, ARGS(V(b->lease_until), V(b->rows[i].id), V(b->now_ms)),
                  &changed);
        b->rows[i].lease_until = changed ? b->lease_until : 0;
    }
    return e;
}

static enum err read_row(struct db *db, struct arena *arena, int64_t now_ms, struct out_row *r)
{
    enum err e = db_row(db, arena, &SQL_outbox_read, ARGS(V(now_ms), V(r->id)),
                        COLS(C(&r->kind_name), C(&r->channel), C(&r->viewer_id), C(&r->email),
                             C(&r->lang), C(&r->args), C(&r->key), C(&r->tries), C(&r->until_ms),
                             C(&r->created_ms), C(&r->market), C(&r->subscription), C(&r->endpoint),
                             C(&r->p256dh), C(&r->auth), C(&r->signed_on)));
    if (!e && strcmp(r->channel, "email") == 0 && !r->email && r->viewer_id)
        e = notify_address(db, arena, r->viewer_id, &r->email);
    return e;
}

/* Rows that were erased meanwhile are let go. */
static enum err read_rows(struct outbox *o, struct cx *cx, struct batch *b)
{
    struct db *db;
    size_t kept = 0;
    enum err e = store_read(o->set.store, &db);
    if (e)
        return e;
    for (size_t i = 0; !e && i < b->n; i++) {
        struct out_row r = b->rows[i];
        e = r.lease_until ? read_row(db, cx->arena, b->now_ms, &r) : ERR_NOT_FOUND;
        if (!e)
            b->rows[kept++] = r;
        else if (e == ERR_NOT_FOUND)
            e = ERR_OK;
    }
    store_read_end(db);
    b->n = kept;
    return e;
}

static enum err take(struct outbox *o, const char *channel, struct cx *cx, struct batch *b)
{
    struct db *db;
    b->now_ms = cx->now_ms;
    b->lease_until = cx->now_ms + OUTBOX_LEASE_S * INT64_C(1000);
    enum err e = store_read(o->set.store, &db);
    if (e)
        return e;
    e = read_due(db, channel, b);
    store_read_end(db);
    if (!e && b->n)
        e = store_do(o->set.store, cx, "outbox.take", take_job, b);
    return e;
}

/* ---- what became of them ---- */

static int64_t wait_ms(const struct out_row *r)
{
    int64_t s = OUTBOX_WAIT_S;
    for (int64_t i = 1; i < r->tries && s < OUTBOX_WAIT_MAX_S; i++)
        s *= 2;
    return (s < OUTBOX_WAIT_MAX_S ? s : OUTBOX_WAIT_MAX_S) * 1000;
}

/* Up to a quarter more, so that not all come at once; made before the job. */
static int64_t with_jitter(int64_t ms)
{
    unsigned char dice;
    crypto_random(&dice, 1);
    return ms + ms * dice / 1024;
}

/* Who asked to be reminded misses nothing once the time is over; of all else staff are told. */
static void settle(struct out_row *r, int64_t now_ms)
{
    enum notice_kind kind;
    bool list = !notice_kind_parse(r->kind_name, &kind) && notice_rules[kind].list;
    if (r->became == OUT_BACK) { /* it was not tried at all */
        r->tries--;
        r->retry_ms = r->retry_ms ? now_ms + with_jitter(r->retry_ms - now_ms) : now_ms;
    } else if (r->became == OUT_RETRY) {
        r->retry_ms = r->retry_ms ? r->retry_ms : now_ms + with_jitter(wait_ms(r));
        if (r->tries >= (list ? OUTBOX_LIST_TRIES_MAX : OUTBOX_TRIES_MAX) ||
            r->retry_ms >= r->until_ms)
            r->became = list ? OUT_DROPPED : OUT_DEAD;
    } else if (r->became == OUT_DROPPED && r->until_ms <= now_ms && !list &&
               strcmp(r->channel, "email") == 0)
        r->became = OUT_DEAD;
}

static enum err write_row(struct tx *tx, const struct batch *b, const struct out_row *r)
{
    static const char *const states[] = {[OUT_SENT] = "sent",
                                         [OUT_DROPPED] = "dropped",
                                         [OUT_GONE] = "dropped",
                                         [OUT_DEAD] = "dead"};
    if (r->became == OUT_RETRY || r->became == OUT_BACK)
        return db_do(tx->db, &SQL_outbox_again,
                     ARGS(V(r->retry_ms), V(r->tries), V(r->result), V(r->id), V(r->lease_until)),
                     NULL);
    enum err e = db_do(
        tx->db, &SQL_outbox_over,
        ARGS(V(states[r->became]), V(r->result), V(b->now_ms), V(r->id), V(r->lease_until)), NULL);
    if (!e && r->became == OUT_GONE)
        e = db_do(tx->db, &SQL_push_gone, ARGS(V(r->subscription)), NULL);
    return e;
}

static enum err write_job(struct tx *tx, void *arg)
{
    const struct batch *b = arg;
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < b->n; i++)
        e = write_row(tx, b, &b->rows[i]);
    return e;
}

static void count(struct outbox *o, const struct batch *b)
{
    for (size_t i = 0; i < b->n; i++) {
        const struct out_row *r = &b->rows[i];
        _Atomic int64_t *n = r->became == OUT_SENT                             ? &o->sent
                             : r->became == OUT_RETRY || r->became == OUT_BACK ? &o->retried
                                                                               : &o->dropped;
        atomic_fetch_add(n, 1);
        if (r->became == OUT_DEAD)
            log_warn("message could not be sent", LOG_S("kind", r->kind_name),
                     LOG_S("channel", r->channel), LOG_I("row", r->id), LOG_I("tries", r->tries),
                     LOG_S("why", r->result));
    }
}

/* ---- a batch ---- */

static size_t run_batch(struct line *l, int64_t now_ms)
{
    struct outbox *o = l->o;
    struct batch b = {.n = 0};
    int64_t began_ms = clock_mono_ms();
    struct cx cx = {.arena = arena_make(ARENA), .now_ms = now_ms};
    enum err e = cx.arena ? ERR_OK : ERR_NO_MEMORY;
    (void)pthread_mutex_lock(&o->take_lock);
    if (!e)
        e = take(o, l->channel, &cx, &b);
    (void)pthread_mutex_unlock(&o->take_lock);
    size_t taken = e ? 0 : b.n;
    if (!e && b.n)
        e = read_rows(o, &cx, &b);
    for (size_t i = 0; !e && i < b.n; i++) {
        cx.now_ms = now_ms + (clock_mono_ms() - began_ms) / 1000 * 1000;
        out_send(l, &cx, &b.rows[i]);
        settle(&b.rows[i], cx.now_ms);
    }
    if (!e && b.n)
        e = store_do(o->set.store, &cx, "outbox.said", write_job, &b);
    if (e)
        log_warn("messages wait", LOG_S("err", err_api(e)));
    else
        count(o, &b);
    arena_free(cx.arena);
    return e ? 0 : taken;
}

/* ---- housekeeping ---- */

static enum err sweep_job(struct tx *tx, void *arg)
{
    const int64_t *now_ms = arg;
    int64_t over_ms = *now_ms - OUTBOX_KEEP_S * INT64_C(1000), left_ms = *now_ms - LEFT_MS;
    enum err e = db_do(tx->db, &SQL_outbox_sweep, ARGS(V(over_ms), V((int64_t)SWEEP_MAX)), NULL);
    return e ? e : db_do(tx->db, &SQL_push_sweep, ARGS(V(left_ms), V((int64_t)SWEEP_MAX)), NULL);
}

static enum err read_counts(struct outbox *o, int64_t now_ms)
{
    struct db *db;
    int64_t queued = 0, dead = 0, oldest = 0;
    enum err e = store_read(o->set.store, &db);
    if (e)
        return e;
    e = db_row(db, NULL, &SQL_outbox_counts, ARGS(), COLS(C(&queued), C(&dead), C(&oldest)));
    store_read_end(db);
    if (e)
        return e;
    atomic_store(&o->queued, queued);
    atomic_store(&o->dead, dead);
    atomic_store(&o->oldest_s, oldest && oldest < now_ms ? (now_ms - oldest) / 1000 : 0);
    return ERR_OK;
}

/* One thread at a time; the others do not wait for it. */
static void keep_house(struct outbox *o, int64_t now_ms)
{
    enum err e = ERR_OK;
    if (pthread_mutex_trylock(&o->take_lock))
        return;
    if (now_ms >= o->numbers_ms) {
        o->numbers_ms = now_ms + NUMBERS_EVERY_S * INT64_C(1000);
        e = read_counts(o, now_ms);
    }
    if (!e && now_ms >= o->sweep_ms) {
        struct cx cx = {.now_ms = now_ms};
        o->sweep_ms = now_ms + SWEEP_EVERY_S * INT64_C(1000);
        e = store_do(o->set.store, &cx, "outbox.sweep", sweep_job, &now_ms);
    }
    (void)pthread_mutex_unlock(&o->take_lock);
    if (e)
        log_warn("outbox was not swept", LOG_S("err", err_api(e)));
}

size_t outbox_tick(struct outbox *o, int64_t now_ms)
{
    struct line mail = {.o = o, .channel = "email"}, push = {.o = o, .channel = "push"};
    keep_house(o, now_ms);
    size_t n = run_batch(&mail, now_ms) + run_batch(&push, now_ms);
    mailer_free(mail.mailer);
    return n;
}

void outbox_numbers(const struct outbox *o, struct outbox_numbers *ret_numbers)
{
    *ret_numbers = (struct outbox_numbers){.queued = atomic_load(&o->queued),
                                           .dead = atomic_load(&o->dead),
                                           .sent = atomic_load(&o->sent),
                                           .dropped = atomic_load(&o->dropped),
                                           .retried = atomic_load(&o->retried),
                                           .oldest_s = atomic_load(&o->oldest_s)};
}

/* ---- threads ---- */

static void wait_a_while(struct outbox *o)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += IDLE_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    (void)pthread_mutex_lock(&o->lock);
    while (!o->stop && pthread_cond_timedwait(&o->wake, &o->lock, &until) != ETIMEDOUT)
        continue;
    (void)pthread_mutex_unlock(&o->lock);
}

static void *thread_main(void *arg)
{
    struct outbox *o = arg;
    bool mail = atomic_fetch_add(&o->begun, 1) < MAIL_THREADS;
    _Atomic int64_t *idle_ms = mail ? &o->mail_idle_ms : &o->push_idle_ms;
    struct line l = {.o = o, .channel = mail ? "email" : "push"};
    while (outbox_goes_on(l.o)) {
        int64_t now_ms = clock_unix_ms();
        keep_house(l.o, now_ms);
        bool idle = now_ms < atomic_load(idle_ms);
        if (!idle && !run_batch(&l, now_ms)) {
            atomic_store(idle_ms, now_ms + IDLE_MS); /* one thread looks for all */
            idle = true;
        }
        if (idle)
            wait_a_while(l.o);
    }
    mailer_free(l.mailer);
    client_thread_done();
    return NULL;
}

enum err outbox_run(struct outbox *o)
{
    while (o->running < THREADS) {
        if (pthread_create(&o->threads[o->running], NULL, thread_main, o))
            return o->running ? ERR_OK : ERR_NO_MEMORY;
        o->running++;
    }
    return ERR_OK;
}

void outbox_stop(struct outbox *o)
{
    if (!o || !o->running)
        return;
    (void)pthread_mutex_lock(&o->lock);
    o->stop = true;
    (void)pthread_cond_broadcast(&o->wake);
    (void)pthread_mutex_unlock(&o->lock);
    while (o->running)
        (void)pthread_join(o->threads[--o->running], NULL);
}
