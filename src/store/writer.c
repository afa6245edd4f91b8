#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "store/writer_in.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>

struct batch {
    struct job *jobs[BATCH_JOBS];
    size_t count;
    int64_t started_ms;
};

void tx_after_commit(struct tx *tx, void (*fn)(void *arg), void *arg)
{
    struct hooks *h = tx->db->hooks;
    for (size_t i = h->job_start; i < h->count; i++)
        if (h->list[i].fn == fn && h->list[i].arg == arg)
            return;
    assert(h->count < h->max && h->count - h->job_start < TX_HOOKS_MAX);
    h->list[h->count++] = (struct hook){fn, arg};
}

void tx_tell(struct tx *tx, int64_t about, int64_t n)
{
    struct tellings *t = tx->db->tellings;
    assert(about > 0);
    for (size_t i = t->job_start; i < t->count; i++) {
        if (t->list[i].about == about) {
            t->list[i].n = n;
            return;
        }
    }
    assert(t->count < t->max && t->count - t->job_start < TX_HOOKS_MAX);
    t->list[t->count++] = (struct telling){about, n};
}

/* ---- the queue ---- */

enum err writer_submit(struct writer *w, struct job *job)
{
    enum err e = ERR_OK;
    (void)pthread_mutex_lock(&w->lock);
    if (w->closing || w->queued >= w->queue_max) {
        e = ERR_BUSY;
    } else {
        job->next = NULL;
        job->e = ERR_OK;
        if (w->tail)
            w->tail->next = job;
        else
            w->head = job;
        w->tail = job;
        if (w->queued++ == 0)
            (void)pthread_cond_signal(&w->work);
    }
    (void)pthread_mutex_unlock(&w->lock);
    return e;
}

/* The next job; `wait`: until there is one. NULL: none, or the end. */
static struct job *next_job(struct writer *w, bool wait)
{
    (void)pthread_mutex_lock(&w->lock);
    while (wait && !w->head && !w->closing)
        (void)pthread_cond_wait(&w->work, &w->lock);
    struct job *job = w->head;
    if (job) {
        w->head = job->next;
        if (!w->head)
            w->tail = NULL;
        w->queued--;
    }
    (void)pthread_mutex_unlock(&w->lock);
    return job;
}

/* ---- one batch ---- */

/* Run `j` in its own savepoint. An error here, unlike one in j->e, means the batch is lost. */
static enum err run_in_savepoint(struct writer *w, struct job *j)
{
    struct tx tx = {w->db, j->cx};
    j->cx->problem[0] = '\0'; /* this may be its second run */
    w->hooks.job_start = w->hooks.count;
    w->tellings.job_start = w->tellings.count;
    enum err lost = w->db->engine->savepoint(w->db);
    if (lost)
        return lost;
    int64_t start_us = clock_mono_us();
    j->e = j->run(&tx, j->arg);
    int64_t took_us = clock_mono_us() - start_us;
    assert(w->db->open_rows == 0); /* a job ends its rows */
    if (took_us > w->db->engine->slow_job_us)
        log_warn("a job held the writer", LOG_S("job", j->name), LOG_I("ms", took_us / 1000));
    if (!j->e)
        return w->db->engine->release(w->db);
    w->hooks.count = w->hooks.job_start;
    w->tellings.count = w->tellings.job_start;
    return w->db->engine->undo(w->db);
}

static bool batch_is_full(const struct batch *b)
{
    return b->count == BATCH_JOBS || clock_mono_ms() - b->started_ms >= BATCH_MS;
}

static enum err commit(struct writer *w)
{
    enum err lost = ERR_OK;
    if (w->tellings.count && w->db->engine->tell)
        lost = w->db->engine->tell(w->db, w->self, &w->tellings);
    return lost ? lost : w->db->engine->commit(w->db);
}

/* `job` and what follows it, until the batch is full or nobody waits; then the commit. */
static enum err run_jobs(struct writer *w, struct batch *b, struct job *job)
{
    enum err lost = ERR_OK;
    while (job && !lost) {
        b->jobs[b->count++] = job;
        lost = run_in_savepoint(w, job);
        job = lost || batch_is_full(b) ? NULL : next_job(w, false);
    }
    if (!lost)
        lost = commit(w);
    if (lost)
        w->db->engine->roll_back(w->db);
    return lost;
}

/* Another process kept the lock for as long as we wait: all that is queued waited as long. */
static void refuse_queued(struct writer *w, struct batch *b, struct job *job)
{
    for (; job; job = b->count == BATCH_JOBS ? NULL : next_job(w, false))
        b->jobs[b->count++] = job;
}

/* Of a batch that may have committed, too, the others are woken: they look, and see what there is.
 */
static void answer(struct writer *w, struct batch *b, enum err lost)
{
    for (size_t i = 0; i < w->hooks.count && (!lost || lost == ERR_UNKNOWN); i++)
        w->hooks.list[i].fn(w->hooks.list[i].arg);
    w->hooks.count = 0;
    for (size_t i = 0; i < b->count; i++) {
        struct job *j = b->jobs[i];
        if (lost == ERR_BUSY)
            j->e = problem(j->cx, lost, "the database is busy or cannot be reached");
        else if (lost == ERR_UNKNOWN)
            j->e = problem(j->cx, lost,
                           "it is not known whether this was done: send it again with "
                           "the same key, or look");
        else if (lost)
            j->e = problem(j->cx, ERR_STORE, "the store did not commit");
        j->done(j);
    }
}

/* This job alone, in a transaction of its own. */
static enum err run_one(struct writer *w, struct job *job)
{
    w->hooks.count = w->tellings.count = 0;
    w->db->again = AGAIN_NO;
    enum err lost = w->db->engine->begin(w->db);
    if (!lost)
        lost = run_in_savepoint(w, job);
    if (!lost)
        lost = commit(w);
    if (lost)
        w->db->engine->roll_back(w->db);
    return lost;
}

static void run_one_by_one(struct writer *w, struct batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        struct batch one = {.jobs = {b->jobs[i]}, .count = 1};
        enum err lost = run_one(w, b->jobs[i]);
        for (int tries = 1; lost && w->db->again == AGAIN_LOST && tries < TRIES; tries++)
            lost = run_one(w, b->jobs[i]);
        answer(w, &one, lost);
    }
}

static void run_batch(struct writer *w, struct batch *b, struct job *first)
{
    b->count = 0;
    b->started_ms = clock_mono_ms();
    w->tellings.count = 0;
    w->db->again = AGAIN_NO;
    enum err lost = w->db->engine->begin(w->db);
    if (lost)
        refuse_queued(w, b, first);
    else
        lost = run_jobs(w, b, first);
    if (lost && w->db->again != AGAIN_NO)
        run_one_by_one(w, b);
    else
        answer(w, b, lost);
    if (w->db->engine->rest)
        w->db->engine->rest(w->db);
}

/* ---- the thread ---- */

static void *work(void *arg)
{
    struct writer *w = arg;
    struct batch b;
    for (struct job *job = next_job(w, true); job; job = next_job(w, true))
        run_batch(w, &b, job);
    return NULL;
}

/* Signals belong to the threads that ask for them. */
static int start_thread(struct writer *w)
{
    sigset_t all, old;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    int rc = pthread_create(&w->thread, NULL, work, w);
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc == 0)
        (void)pthread_setname_np(w->thread, "store-writer");
    return rc;
}

enum err writer_start(struct writer *w, struct db *db, size_t queue_max)
{
    *w = (struct writer){.db = db, .queue_max = queue_max};
    w->hooks.max = (size_t)BATCH_JOBS * TX_HOOKS_MAX;
    w->hooks.list = calloc(w->hooks.max, sizeof *w->hooks.list);
    w->tellings.max = w->hooks.max;
    w->tellings.list = calloc(w->tellings.max, sizeof *w->tellings.list);
    crypto_random(&w->self, sizeof w->self);
    db->hooks = &w->hooks;
    db->tellings = &w->tellings;
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_cond_init(&w->work, NULL);
    if (!w->hooks.list || !w->tellings.list || start_thread(w) != 0) {
        writer_stop(w);
        return ERR_NO_MEMORY;
    }
    w->running = true;
    return ERR_OK;
}

void writer_stop(struct writer *w)
{
    if (!w->db)
        return;
    (void)pthread_mutex_lock(&w->lock);
    w->closing = true;
    (void)pthread_cond_signal(&w->work);
    (void)pthread_mutex_unlock(&w->lock);
    if (w->running)
        (void)pthread_join(w->thread, NULL);
    free(w->hooks.list);
    free(w->tellings.list);
    (void)pthread_cond_destroy(&w->work);
    (void)pthread_mutex_destroy(&w->lock);
    w->db->engine->close(w->db);
    w->db = NULL;
}
