/*
 * Jobs for the writer that nobody waits for: in order, and again when their batch was lost or
 * memory was short.
 */
#include "streamd/library/state_in.h"

#include "base/arena.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

enum { BACKLOG_MAX = 10000, TRIES_MAX = 50, ARENA_MAX = 1 << 20 };

struct deferred {
    struct job job;
    struct cx cx;
    struct library *l;
    struct deferred *next;
    void (*free_arg)(void *arg);
    int tries;
    max_align_t arg[];
};

static void forget(struct deferred *d)
{
    if (d->free_arg)
        d->free_arg(d->arg);
    arena_free(d->cx.arena);
    free(d);
}

static void push_locked(struct library *l, struct deferred *d)
{
    d->next = NULL;
    *l->backlog_end = d;
    l->backlog_end = &d->next;
    l->backlog_n++;
}

/* What its last run put there is of no use to the next. */
static void empty_arena(struct deferred *d)
{
    struct arena *fresh = arena_make(ARENA_MAX);
    if (!fresh)
        return; /* what is left of it must do */
    arena_free(d->cx.arena);
    d->cx.arena = fresh;
}

/*
 * On the writer thread. A lost batch is lost whole and in order, so its jobs come back in order;
 * a job that lacked memory comes after those behind it: late rather than never.
 */
static void job_done(struct job *job)
{
    struct deferred *d = (struct deferred *)job; /* its first member */
    struct library *l = d->l;
    if (job->e != ERR_STORE && job->e != ERR_NO_MEMORY) {
        if (job->e)
            log_error("background job failed", LOG_S("job", job->name),
                      LOG_S("why", err_api(job->e)));
        forget(d);
        return;
    }
    if (++d->tries >= TRIES_MAX) {
        log_error("background job given up", LOG_S("job", job->name));
        forget(d);
        return;
    }
    empty_arena(d);
    (void)pthread_mutex_lock(&l->lock);
    push_locked(l, d); /* the next library_tick() sends it again */
    (void)pthread_mutex_unlock(&l->lock);
}

void defer_pump_locked(struct library *l)
{
    while (l->backlog) {
        struct deferred *d = l->backlog, *next = d->next;
        if (store_submit(l->setup.store, &d->job))
            return;        /* full: later */
        l->backlog = next; /* d may be gone already */
        l->backlog_n--;
        if (!next)
            l->backlog_end = &l->backlog;
    }
}

void defer_locked(struct library *l, const char *name, enum err (*run)(struct tx *tx, void *arg),
                  void *arg, size_t size, void (*free_arg)(void *arg))
{
    struct deferred *d = l->backlog_n < BACKLOG_MAX ? calloc(1, sizeof *d + size) : NULL;
    struct arena *arena = d ? arena_make(ARENA_MAX) : NULL;
    if (!arena) {
        free(d);
        log_error("background job lost: too many wait, or out of memory", LOG_S("job", name));
        if (free_arg)
            free_arg(arg);
        return;
    }
    memcpy(d->arg, arg, size);
    d->l = l;
    d->free_arg = free_arg;
    d->cx.now_ms = library_unix_ms(l);
    d->cx.arena = arena;
    d->job = (struct job){.name = name, .run = run, .arg = d->arg, .cx = &d->cx, .done = job_done};
    push_locked(l, d);
    defer_pump_locked(l);
}

void defer_done(struct library *l)
{
    for (struct deferred *d = l->backlog, *next; d; d = next) {
        next = d->next;
        log_error("background job lost at the end", LOG_S("job", d->job.name));
        forget(d);
    }
    l->backlog = NULL;
    l->backlog_end = &l->backlog;
    l->backlog_n = 0;
}
