/* The room itself: making it, its thread, its numbers. */
#include "base/arena.h"
#include "base/clock.h"
#include "net/client.h"
#include "till/till_in.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum { ROUND_MS = 500 };

enum err till_make(struct cx *cx, const struct till_setup *setup, struct till **ret_till)
{
    struct till *t = calloc(1, sizeof *t);
    if (!t)
        return ERR_NO_MEMORY;
    t->set = *setup;
    t->table = (struct pay_table){.methods = pay_builtin.methods,
                                  .count = pay_builtin.count,
                                  .offered = till_offered,
                                  .narrow = till_narrow,
                                  .arg = t};
    (void)pthread_mutex_init(&t->lock, NULL);
    (void)pthread_cond_init(&t->wake, NULL);
    enum err e = till_gateways_refresh(t, cx);
    if (e) {
        till_free(t);
        return e;
    }
    *ret_till = t;
    return ERR_OK;
}

const struct pay_table *till_table(const struct till *t)
{
    return &t->table;
}

void till_join(struct till *t, struct orders *o)
{
    t->orders = o;
}

void till_free(struct till *t)
{
    if (!t)
        return;
    till_stop(t);
    till_gateways_free(t);
    (void)pthread_cond_destroy(&t->wake);
    (void)pthread_mutex_destroy(&t->lock);
    free(t);
}

/* ---- rounds ---- */

typedef void part_fn(struct till *t, struct cx *cx);

static void refresh(struct till *t, struct cx *cx)
{
    enum err e = till_gateways_refresh(t, cx);
    if (e)
        log_warn("gateways stay as they were", LOG_S("err", err_api(e)));
}

static part_fn *const parts[TILL_THREADS][4] = {
    [TILL_MESSAGES] = {refresh, till_inbox_round},
    [TILL_QUESTIONS] = {till_asks_round, till_missed_round, till_gateways_tick},
};

int64_t till_mono_ms(const struct till *t)
{
    return t->set.mono_ms ? t->set.mono_ms(t->set.arg) : clock_mono_ms();
}

void till_go_on(const struct till *t, struct cx *cx, int64_t *mono_ms)
{
    int64_t now = till_mono_ms(t);
    cx->now_ms += now - *mono_ms;
    *mono_ms = now;
}

/* Each part has memory of its own. */
static void do_parts(struct till *t, int thread, int64_t now_ms)
{
    int64_t began = till_mono_ms(t);
    for (size_t i = 0; i < 4 && parts[thread][i]; i++) {
        struct cx cx = {.arena = arena_make(TILL_ARENA),
                        .now_ms = now_ms + till_mono_ms(t) - began};
        if (cx.arena)
            parts[thread][i](t, &cx);
        arena_free(cx.arena);
    }
    t->count.last_round_ms = now_ms;
}

void till_round(struct till *t, int64_t now_ms)
{
    for (int i = 0; i < TILL_THREADS; i++)
        do_parts(t, i, now_ms);
}

static bool wait_round(struct till *t)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += ROUND_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    (void)pthread_mutex_lock(&t->lock);
    while (!t->stop && pthread_cond_timedwait(&t->wake, &t->lock, &until) != ETIMEDOUT)
        continue;
    bool go_on = !t->stop;
    (void)pthread_mutex_unlock(&t->lock);
    return go_on;
}

static void run(struct till *t, int thread)
{
    while (wait_round(t))
        do_parts(t, thread, clock_unix_ms());
    client_thread_done();
}

static void *run_messages(void *arg)
{
    run(arg, TILL_MESSAGES);
    return NULL;
}

static void *run_questions(void *arg)
{
    run(arg, TILL_QUESTIONS);
    return NULL;
}

enum err till_run(struct till *t)
{
    static void *(*const fn[TILL_THREADS])(void *arg) = {run_messages, run_questions};
    assert(t->orders);
    while (t->running < TILL_THREADS &&
           pthread_create(&t->threads[t->running], NULL, fn[t->running], t) == 0)
        t->running++;
    return t->running == TILL_THREADS ? ERR_OK : ERR_NO_MEMORY;
}

void till_stop(struct till *t)
{
    if (!t)
        return;
    (void)pthread_mutex_lock(&t->lock);
    t->stop = true;
    (void)pthread_cond_broadcast(&t->wake);
    (void)pthread_mutex_unlock(&t->lock);
    while (t->running)
        (void)pthread_join(t->threads[--t->running], NULL);
}

/* ---- numbers ---- */

void till_read_stats(struct till *t, struct till_stats *ret_stats)
{
    *ret_stats = (struct till_stats){.started = t->count.started,
                                     .paid = t->count.paid,
                                     .failed = t->count.failed,
                                     .orphaned = t->count.orphaned,
                                     .simulated = t->count.simulated,
                                     .taken = t->count.taken,
                                     .repeated = t->count.repeated,
                                     .unknown = t->count.unknown,
                                     .asked = t->count.asked,
                                     .ask_errors = t->count.ask_errors,
                                     .start_errors = t->count.start_errors,
                                     .inbox_waiting = t->count.inbox_waiting,
                                     .asks_waiting = t->count.asks_waiting,
                                     .last_round_ms = t->count.last_round_ms};
}
