/* Threads that ask, as workers do, and how long each answer took. */
#include "base/arena.h"
#include "base/clock.h"
#include "sales.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { THREADS_MAX = 512, TIMES_MAX = 1 << 20 };

struct running {
    const struct load *l;
    atomic_llong next, failed;
    int64_t start_us, end_us;
};

struct thread {
    struct running *r;
    pthread_t id;
    int32_t *us; /* TIMES_MAX / threads answers */
    size_t count, room;
};

static void sleep_until(int64_t us)
{
    int64_t now = clock_mono_us();
    if (us <= now)
        return;
    struct timespec t = {.tv_sec = (us - now) / 1000000, .tv_nsec = (us - now) % 1000000 * 1000};
    (void)nanosleep(&t, NULL);
}

/* One request; when it should have begun counts, so that a slow answer delays nobody unseen. */
static bool ask(struct thread *t, int64_t i)
{
    struct running *r = t->r;
    int64_t begin_us = clock_mono_us();
    if (r->l->rate) {
        begin_us = r->start_us + i * 1000000 / r->l->rate;
        sleep_until(begin_us);
    }
    struct cx cx = {.arena = arena_make(ARENA)};
    cx.now_ms = r->l->t0_ms + (clock_mono_us() - r->start_us) / 1000;
    bool ok = cx.arena && r->l->run(r->l->arg, i, &cx);
    if (!ok)
        (void)fprintf(stderr, "request %lld failed: %s\n", (long long)i, cx.problem);
    arena_free(cx.arena);
    int64_t took = clock_mono_us() - begin_us;
    if (t->count < t->room)
        t->us[t->count++] = took < INT32_MAX ? (int32_t)took : INT32_MAX;
    return ok;
}

static void *thread_run(void *arg)
{
    struct thread *t = arg;
    struct running *r = t->r;
    while (clock_mono_us() < r->end_us && !atomic_load(&r->failed)) {
        int64_t i = atomic_fetch_add(&r->next, 1);
        if (r->l->most && i >= r->l->most)
            break;
        if (!ask(t, i))
            atomic_store(&r->failed, 1);
    }
    return NULL;
}

static int by_time(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return x < y ? -1 : x > y;
}

/* Milliseconds below which `percent` of them lie. */
static double ms_at(const int32_t *sorted, size_t n, size_t percent)
{
    size_t at = n * percent / 100;
    return (double)sorted[at < n ? at : n - 1] / 1e3;
}

static void report(const struct load *l, struct thread *threads, int64_t took_us)
{
    size_t n = 0;
    int32_t *all = malloc(TIMES_MAX * sizeof *all);
    if (!all)
        return;
    for (int i = 0; i < l->threads; i++)
        for (size_t k = 0; k < threads[i].count && n < TIMES_MAX; k++)
            all[n++] = threads[i].us[k];
    qsort(all, n, sizeof *all, by_time);
    if (n)
        (void)printf("%-28s %8zu in %5.2f s %8.0f/s   p50 %7.2f  p95 %7.2f  p99 %7.2f ms\n",
                     l->name, n, (double)took_us / 1e6, (double)n * 1e6 / (double)took_us,
                     ms_at(all, n, 50), ms_at(all, n, 95), ms_at(all, n, 99));
    (void)fflush(stdout);
    free(all);
}

bool load_run(const struct load *l)
{
    static struct thread threads[THREADS_MAX];
    struct running r = {.l = l, .start_us = clock_mono_us()};
    int started = 0;
    r.end_us = r.start_us + l->seconds * INT64_C(1000000);
    for (; started < l->threads && started < THREADS_MAX; started++) {
        struct thread *t = &threads[started];
        *t = (struct thread){.r = &r, .room = (size_t)(TIMES_MAX / l->threads)};
        t->us = malloc(t->room * sizeof *t->us);
        if (!t->us || pthread_create(&t->id, NULL, thread_run, t))
            break;
    }
    for (int i = 0; i < started; i++)
        (void)pthread_join(threads[i].id, NULL);
    report(l, threads, clock_mono_us() - r.start_us);
    for (int i = 0; i < started; i++)
        free(threads[i].us);
    return started == l->threads && !atomic_load(&r.failed);
}
