/* The runner: one thread that erases, exports and sweeps in slices. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "privacy/privacy_in.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 1000, TICK_ARENA = 1024 * 1024, SLICES_MAX = 200 };

enum err privacy_make(const struct privacy_setup *setup, struct privacy **ret_privacy)
{
    struct cx cx = {.arena = NULL};
    struct keep keep;
    enum err e = keep_parse(&cx, setup->keep_days, &keep);
    struct privacy *p = e ? NULL : calloc(1, sizeof *p);
    if (!p)
        return e ? e : ERR_NO_MEMORY;
    p->set = *setup;
    p->set.keep_days = NULL; /* read */
    p->keep = keep;
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->wake, NULL);
    *ret_privacy = p;
    return ERR_OK;
}

void privacy_free(struct privacy *p)
{
    if (!p)
        return;
    privacy_stop(p);
    (void)pthread_cond_destroy(&p->wake);
    (void)pthread_mutex_destroy(&p->lock);
    free(p);
}

const struct keep *privacy_keep(const struct privacy *p)
{
    return &p->keep;
}

/* ---- the tick ---- */

static bool stopping(struct privacy *p)
{
    (void)pthread_mutex_lock(&p->lock);
    bool stop = p->stop;
    (void)pthread_mutex_unlock(&p->lock);
    return stop;
}

/* Slices of one part, each in an arena of its own, until nothing is left or it is enough. */
static void run_part(struct privacy *p, int64_t now_ms, const char *name,
                     enum err (*part)(struct privacy *p, struct cx *cx, bool *ret_more))
{
    bool more = true;
    for (int i = 0; more && i < SLICES_MAX && !stopping(p); i++) {
        struct cx cx = {.arena = arena_make(TICK_ARENA), .now_ms = now_ms};
        more = false;
        enum err e = cx.arena ? part(p, &cx, &more) : ERR_NO_MEMORY;
        if (e)
            log_warn("privacy's step failed", LOG_S("part", name), LOG_S("err", err_api(e)),
                     LOG_S("why", cx.problem));
        arena_free(cx.arena);
    }
}

void privacy_tick(struct privacy *p, int64_t now_ms)
{
    run_part(p, now_ms, "erase", erase_tick);
    run_part(p, now_ms, "orders", forget_orders_tick);
    run_part(p, now_ms, "export", export_tick);
    if (now_ms >= p->sweep_ms)
        run_part(p, now_ms, "sweep", sweep_tick);
}

/* ---- its thread ---- */

void privacy_wake(void *privacy)
{
    struct privacy *p = privacy;
    (void)pthread_mutex_lock(&p->lock);
    p->awake = true;
    (void)pthread_cond_signal(&p->wake);
    (void)pthread_mutex_unlock(&p->lock);
}

static bool wait_tick(struct privacy *p)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += TICK_MS / 1000;
    (void)pthread_mutex_lock(&p->lock);
    while (!p->stop && !p->awake && pthread_cond_timedwait(&p->wake, &p->lock, &until) != ETIMEDOUT)
        continue;
    p->awake = false;
    bool go_on = !p->stop;
    (void)pthread_mutex_unlock(&p->lock);
    return go_on;
}

static void *thread_main(void *arg)
{
    struct privacy *p = arg;
    while (wait_tick(p))
        privacy_tick(p, clock_unix_ms());
    return NULL;
}

enum err privacy_run(struct privacy *p)
{
    p->running = pthread_create(&p->thread, NULL, thread_main, p) == 0;
    return p->running ? ERR_OK : ERR_NO_MEMORY;
}

void privacy_stop(struct privacy *p)
{
    if (!p || !p->running)
        return;
    (void)pthread_mutex_lock(&p->lock);
    p->stop = true;
    (void)pthread_cond_signal(&p->wake);
    (void)pthread_mutex_unlock(&p->lock);
    (void)pthread_join(p->thread, NULL);
    p->running = false;
}
