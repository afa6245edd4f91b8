/* The runner: take a refund, call its gateway, write what it said. */
#include "till/refund.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/client.h"
#include "pay/gateway.h"
#include "store/store.h"
#include "till/check.h"
#include "till/refund.sql.h"
#include "till/till_in.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { RUN_ARENA = 256 * 1024, ASKS_UNCLEAR = 6, NO_GATEWAY_WAIT_S = 600, NUMBERS_EVERY_S = 15 };

struct refunds {
    struct refunds_setup set;
    _Atomic int64_t queued, sent, failed, manual, unclear;
    int64_t numbers_ms; /* when to count again */
    struct log_pace no_gateway_log;
    pthread_mutex_t lock; /* of stop */
    pthread_cond_t wake;
    pthread_t thread;
    bool running, stop;
};

enum err refunds_make(const struct refunds_setup *setup, struct refunds **ret_refunds)
{
    struct refunds *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_NO_MEMORY;
    r->set = *setup;
    (void)pthread_mutex_init(&r->lock, NULL);
    (void)pthread_cond_init(&r->wake, NULL);
    *ret_refunds = r;
    return ERR_OK;
}

void refunds_free(struct refunds *r)
{
    if (!r)
        return;
    refunds_stop(r);
    (void)pthread_cond_destroy(&r->wake);
    (void)pthread_mutex_destroy(&r->lock);
    free(r);
}

/* ---- gateways of the till ---- */

static struct gateway *till_has(void *arg, int64_t shop_id, const char *provider, void **ret_keep)
{
    struct gateway *g = till_gateway(arg, shop_id, provider);
    *ret_keep = g;
    return g;
}

static void till_had(void *arg, void *keep)
{
    till_gateway_end(arg, keep);
}

void refunds_of_till(struct till *t, struct refunds_setup *setup)
{
    setup->pay = till_table(t);
    setup->gateway = till_has;
    setup->gateway_end = till_had;
    setup->arg = t;
}

/* ---- one refund ---- */

struct run {
    struct refunds *r;
    int64_t id, lease_until;
    int64_t now_ms; /* of the step */
    /* read */
    struct gateway_refund ask;
    enum refund_state was;
    int64_t shop_id, tries, asks;
    const char *public_id, *provider;
    /* made */
    bool taken;
    struct gateway_refunded said;
};

static enum err read_refund(struct db *db, struct cx *cx, struct run *n)
{
    const char *state;
    struct gateway_refund *a = &n->ask;
    struct gateway_payment *p = &a->payment;
    enum err e = db_row(db, cx->arena, &SQL_refund_read, ARGS(V(n->id)),
                        COLS(C(&a->amount), C(&state), C(&a->refund_ref), C(&n->public_id),
                             C(&n->tries), C(&n->asks), C(&n->shop_id), C(&n->provider),
                             C(&p->method), C(&p->our_ref), C(&p->provider_ref), C(&p->amount),
                             C(&p->currency), C(&p->details), C(&p->started_ms), C(&p->expires_ms),
                             C(&a->paid_ms), C(&a->refunded), C(&a->by_hand)));
    return !e && refund_state_parse(state, &n->was) ? ERR_STORE : e;
}

static enum err take_job(struct tx *tx, void *arg)
{
    struct run *n = arg;
    int64_t changed = 0;
    n->taken = false;
    enum err e = db_do(
        tx->db, &SQL_refund_take,
        ARGS(V(n->lease_until), V(n->now_ms), V(n->id), V(refund_state_name(n->was))), &changed);
    n->taken = changed > 0;
    return e;
}

static enum err by_hand_job(struct tx *tx, void *arg)
{
    const struct run *n = arg;
    return db_do(tx->db, &SQL_refund_by_hand, ARGS(V(n->now_ms), V(n->id)), NULL);
}

static enum err no_gateway_job(struct tx *tx, void *arg)
{
    const struct run *n = arg;
    int64_t again_ms = n->now_ms + NO_GATEWAY_WAIT_S * INT64_C(1000);
    return db_do(tx->db, &SQL_refund_no_gateway, ARGS(V(again_ms), V(n->id), V(n->now_ms)), NULL);
}

/* Twice as long each time, but the gateway may want more. */
static int64_t again_ms(const struct run *n, int64_t times)
{
    int64_t wait_s = REFUND_WAIT_S;
    for (int64_t i = 0; i < times && wait_s < REFUND_WAIT_MAX_S; i++)
        wait_s *= 2;
    int64_t at = n->now_ms + (wait_s < REFUND_WAIT_MAX_S ? wait_s : REFUND_WAIT_MAX_S) * 1000;
    return n->said.later_ms > at ? n->said.later_ms : at;
}

static enum err settle(struct tx *tx, const struct run *n, enum refund_state to)
{
    int64_t mine = 0;
    const struct refund_result result = {
        .to = to, .provider_ref = n->said.provider_ref, .why = n->said.why};
    enum err e = db_do(tx->db, &SQL_refund_mine, ARGS(V(n->id), V(n->lease_until)), &mine);
    if (e || !mine) /* somebody else asks about it by now, and will hear the same */
        return e;
    return order_refund_settle(n->r->set.orders, tx, n->id, &result);
}

static enum err send_again(struct tx *tx, const struct run *n, bool by_hand)
{
    return db_do(
        tx->db, &SQL_refund_back,
        ARGS(V(by_hand), V(again_ms(n, n->tries)), V(n->said.why), V(n->id), V(n->lease_until)),
        NULL);
}

static enum err said_job(struct tx *tx, void *arg)
{
    const struct run *n = arg;
    switch (n->said.says) {
    case REFUND_SAYS_DONE: return settle(tx, n, REFUND_DONE);
    case REFUND_SAYS_FAILED: return settle(tx, n, REFUND_FAILED);
    case REFUND_SAYS_MANUAL: return send_again(tx, n, true);
    case REFUND_SAYS_LATER:
        return n->tries >= REFUND_TRIES_MAX ? settle(tx, n, REFUND_FAILED)
                                            : send_again(tx, n, false);
    case REFUND_SAYS_PENDING:
    case REFUND_SAYS_UNCLEAR: break;
    }
    return db_do(tx->db, &SQL_refund_wait,
                 ARGS(V(again_ms(n, n->asks)), V(n->said.why), V(n->id), V(n->lease_until)), NULL);
}

static void note(const struct run *n)
{
    const char *why = n->said.why ? n->said.why : "";
    bool given_up = n->said.says == REFUND_SAYS_LATER && n->tries >= REFUND_TRIES_MAX;
    if (n->said.says == REFUND_SAYS_FAILED || given_up)
        log_error("refund failed", LOG_S("refund", n->public_id), LOG_S("why", why));
    else if (n->said.says == REFUND_SAYS_UNCLEAR && n->asks >= ASKS_UNCLEAR)
        log_warn("nobody knows what became of a refund", LOG_S("refund", n->public_id),
                 LOG_I("asks", n->asks), LOG_S("why", why));
}

/* No reader and no job is held here. */
static enum err call(struct run *n, struct cx *cx, struct gateway *g)
{
    struct refunds *r = n->r;
    n->lease_until = n->now_ms + REFUND_LEASE_S * INT64_C(1000);
    enum err e = store_do(r->set.store, cx, "refund.take", take_job, n);
    if (e || !n->taken)
        return e;
    n->said = (struct gateway_refunded){.says = REFUND_SAYS_UNCLEAR};
    if (n->was == REFUND_QUEUED) {
        n->tries++;
        n->asks = 0;
        g->way->refund(g, cx, &n->ask, &n->said);
    } else {
        n->asks++;
        g->way->refund_ask(g, cx, &n->ask, &n->said);
    }
    cx->problem[0] = '\0';
    e = store_do(r->set.store, cx, "refund.said", said_job, n);
    if (!e)
        note(n);
    return e;
}

static enum err run(struct run *n, struct cx *cx)
{
    struct refunds *r = n->r;
    struct db *db;
    enum err e = store_read(r->set.store, &db);
    if (e)
        return e;
    e = read_refund(db, cx, n);
    store_read_end(db);
    if (e || (n->was != REFUND_QUEUED && n->was != REFUND_SENT))
        return e; /* another runner was quicker, and it is over */
    if (pay_refund_is_manual(r->set.pay, n->provider, n->ask.payment.method))
        return store_do(r->set.store, cx, "refund.by_hand", by_hand_job, n);
    void *keep = NULL;
    struct gateway *g = r->set.gateway(r->set.arg, n->shop_id, n->provider, &keep);
    if (!g) {
        int64_t before;
        if (log_pace(&r->no_gateway_log, cx->now_ms, &before))
            log_warn("no keys to pay back with", LOG_S("refund", n->public_id),
                     LOG_S("provider", n->provider));
        return store_do(r->set.store, cx, "refund.no_gateway", no_gateway_job, n);
    }
    e = call(n, cx, g);
    r->set.gateway_end(r->set.arg, keep);
    return e;
}

/* ---- the tick ---- */

static enum err read_due(struct refunds *r, int64_t now_ms, int64_t ids[REFUND_BATCH],
                         size_t *ret_count)
{
    struct db *db;
    size_t n = 0;
    enum err e = store_read(r->set.store, &db);
    if (e)
        return e;
    struct rows rows = db_rows(db, &SQL_refunds_due, ARGS(V(now_ms), V((int64_t)REFUND_BATCH)));
    while (n < REFUND_BATCH && rows_next(&rows, NULL, COLS(C(&ids[n]))))
        n++;
    e = rows_end(&rows);
    store_read_end(db);
    if (!e)
        *ret_count = n;
    return e;
}

static enum err count(struct refunds *r)
{
    struct refund_numbers c = {0};
    struct arena *arena = arena_make(4096);
    struct db *db = NULL;
    const char *state;
    int64_t manual, unclear, n;
    enum err e = arena ? store_read(r->set.store, &db) : ERR_NO_MEMORY;
    if (!e) {
        struct rows rows = db_rows(db, &SQL_refund_numbers, ARGS(V((int64_t)ASKS_UNCLEAR)));
        while (rows_next(&rows, arena, COLS(C(&state), C(&manual), C(&unclear), C(&n)))) {
            bool queued = strcmp(state, "queued") == 0;
            c.queued += queued ? n : 0;
            c.manual += queued && manual ? n : 0;
            c.sent += strcmp(state, "sent") == 0 ? n : 0;
            c.failed += strcmp(state, "failed") == 0 ? n : 0;
            c.unclear += unclear ? n : 0;
        }
        e = rows_end(&rows);
    }
    store_read_end(db);
    arena_free(arena);
    if (e)
        return e;
    atomic_store(&r->queued, c.queued);
    atomic_store(&r->sent, c.sent);
    atomic_store(&r->failed, c.failed);
    atomic_store(&r->manual, c.manual);
    atomic_store(&r->unclear, c.unclear);
    return ERR_OK;
}

/* Gateways take their time: the clock goes on meanwhile, by whole seconds. */
static int64_t gone_by(int64_t since_mono_ms)
{
    return (clock_mono_ms() - since_mono_ms) / 1000 * 1000;
}

/* One that fails does not stop the others. */
void refunds_tick(struct refunds *r, int64_t now_ms)
{
    int64_t ids[REFUND_BATCH], began_ms = clock_mono_ms();
    size_t n = 0;
    enum err e = read_due(r, now_ms, ids, &n);
    for (size_t i = 0; !e && i < n; i++) {
        int64_t at_ms = now_ms + gone_by(began_ms);
        struct cx cx = {.arena = arena_make(RUN_ARENA), .now_ms = at_ms};
        struct run one = {.r = r, .id = ids[i], .now_ms = at_ms};
        enum err x = cx.arena ? run(&one, &cx) : ERR_NO_MEMORY;
        if (x)
            log_warn("refund's step failed", LOG_I("refund", ids[i]), LOG_S("err", err_api(x)));
        arena_free(cx.arena);
    }
    if (!e && now_ms >= r->numbers_ms) {
        r->numbers_ms = now_ms + NUMBERS_EVERY_S * 1000;
        e = count(r);
    }
    if (e)
        log_warn("refunds' tick failed", LOG_S("err", err_api(e)));
}

void refunds_numbers(const struct refunds *r, struct refund_numbers *ret_numbers)
{
    *ret_numbers = (struct refund_numbers){.queued = atomic_load(&r->queued),
                                           .sent = atomic_load(&r->sent),
                                           .failed = atomic_load(&r->failed),
                                           .manual = atomic_load(&r->manual),
                                           .unclear = atomic_load(&r->unclear)};
}

/* ---- its thread ---- */

enum { TICK_MS = 1000 };

static bool wait_tick(struct refunds *r)
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
    struct refunds *r = arg;
    while (wait_tick(r)) {
        refunds_tick(r, clock_unix_ms());
        if (r->set.watch)
            money_watch_tick(r->set.watch, clock_unix_ms());
    }
    client_thread_done();
    return NULL;
}

enum err refunds_run(struct refunds *r)
{
    r->running = pthread_create(&r->thread, NULL, thread_main, r) == 0;
    return r->running ? ERR_OK : ERR_NO_MEMORY;
}

void refunds_stop(struct refunds *r)
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
