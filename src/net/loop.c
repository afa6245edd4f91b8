#include "net/loop.h"
#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTS_PER_TURN = 256, LAST_TURNS = 64 };

struct loop {
    int epoll_fd;
    struct watch wake; /* eventfd: mail has come */
    unsigned index;
    bool started;
    pthread_t thread;
    int64_t now_ms;
    struct timer *timers; /* root of the pairing heap: the next one due */
    struct loop_task *tasks, **tasks_end;
    _Atomic(struct loop_mail *) mail; /* newest first */
    atomic_bool stopping;
};

struct loops {
    unsigned n;
    struct loop at[];
};

static _Thread_local struct loop *here;

struct loop *loop_here(void)
{
    return here;
}

unsigned loop_index(const struct loop *l)
{
    return l->index;
}

int64_t loop_now_ms(const struct loop *l)
{
    return l->now_ms;
}

/* ---- timers: pairing heap; `prev` is the parent for a first child, else the left sibling ---- */

static struct timer *heap_join(struct timer *a, struct timer *b)
{
    if (!a || !b)
        return a ? a : b;
    if (b->due_ms < a->due_ms) {
        struct timer *t = a;
        a = b;
        b = t;
    }
    b->prev = a;
    b->next = a->child;
    if (a->child)
        a->child->prev = b;
    a->child = b;
    return a;
}

/* Siblings joined two by two, then all into one. */
static struct timer *heap_join_children(struct timer *first)
{
    struct timer *pairs = NULL;
    while (first) {
        struct timer *a = first, *b = a->next;
        first = b ? b->next : NULL;
        a->next = a->prev = NULL;
        if (b)
            b->next = b->prev = NULL;
        a = heap_join(a, b);
        a->next = pairs;
        pairs = a;
    }
    struct timer *root = NULL;
    while (pairs) {
        struct timer *next = pairs->next;
        pairs->next = NULL;
        root = heap_join(root, pairs);
        pairs = next;
    }
    return root;
}

static void heap_remove(struct loop *l, struct timer *t)
{
    struct timer *below = heap_join_children(t->child);
    if (l->timers == t) {
        l->timers = below;
    } else {
        if (t->prev->child == t)
            t->prev->child = t->next;
        else
            t->prev->next = t->next;
        if (t->next)
            t->next->prev = t->prev;
        l->timers = heap_join(l->timers, below);
    }
    if (l->timers)
        l->timers->prev = NULL;
    t->child = t->next = t->prev = NULL;
    t->due_ms = 0;
}

void timer_set(struct loop *l, struct timer *t, int64_t delay_ms, void (*fn)(void *arg), void *arg)
{
    if (t->due_ms)
        heap_remove(l, t);
    t->fn = fn;
    t->arg = arg;
    /* at least one ms: a timer that sets itself again must not hold the turn */
    t->due_ms = l->now_ms + (delay_ms > 0 ? delay_ms : 1);
    l->timers = heap_join(l->timers, t);
}

void timer_cancel(struct loop *l, struct timer *t)
{
    if (t->due_ms)
        heap_remove(l, t);
}

static void run_timers(struct loop *l)
{
    while (l->timers && l->timers->due_ms <= l->now_ms) {
        struct timer *t = l->timers;
        heap_remove(l, t);
        t->fn(t->arg);
    }
}

/* ---- tasks and mail ---- */

void loop_defer(struct loop *l, struct loop_task *t, void (*fn)(void *arg), void *arg)
{
    if (t->queued)
        return;
    *t = (struct loop_task){.fn = fn, .arg = arg, .queued = true};
    *l->tasks_end = t;
    l->tasks_end = &t->next;
}

/* Those queued now; what they queue runs in the next turn, which then does not sleep. */
static void run_tasks(struct loop *l)
{
    struct loop_task *t = l->tasks;
    l->tasks = NULL;
    l->tasks_end = &l->tasks;
    while (t) {
        struct loop_task *next = t->next;
        t->queued = false;
        t->fn(t->arg); /* may free t */
        t = next;
    }
}

void loop_post_mail(struct loop *l, struct loop_mail *m, void (*fn)(void *arg), void *arg)
{
    m->fn = fn;
    m->arg = arg;
    struct loop_mail *old = atomic_load_explicit(&l->mail, memory_order_relaxed);
    do
        m->next = old;
    while (!atomic_compare_exchange_weak_explicit(&l->mail, &old, m, memory_order_release,
                                                  memory_order_relaxed));
    if (old)
        return; /* whoever posted it has rung already */
    uint64_t one = 1;
    while (write(l->wake.fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

struct heap_mail {
    struct loop_mail mail;
    void (*fn)(void *arg);
    void *arg;
};

static void open_heap_mail(void *arg)
{
    struct heap_mail m = *(struct heap_mail *)arg;
    free(arg);
    m.fn(m.arg);
}

enum err loop_post(struct loop *l, void (*fn)(void *arg), void *arg)
{
    struct heap_mail *m = malloc(sizeof *m);
    if (!m)
        return ERR_NO_MEMORY;
    m->fn = fn;
    m->arg = arg;
    loop_post_mail(l, &m->mail, open_heap_mail, m);
    return ERR_OK;
}

static bool run_mail(struct loop *l)
{
    struct loop_mail *m = atomic_exchange_explicit(&l->mail, NULL, memory_order_acquire);
    struct loop_mail *oldest = NULL;
    while (m) { /* turn the stack round */
        struct loop_mail *next = m->next;
        m->next = oldest;
        oldest = m;
        m = next;
    }
    bool any = oldest;
    while (oldest) {
        struct loop_mail *next = oldest->next;
        oldest->fn(oldest->arg); /* may free it */
        oldest = next;
    }
    return any;
}

static void woken(struct watch *w, uint32_t events)
{
    (void)events;
    uint64_t count;
    while (read(w->fd, &count, sizeof count) < 0 && errno == EINTR)
        ;
}

/* ---- descriptors ---- */

enum err loop_watch(struct loop *l, struct watch *w, uint32_t events)
{
    struct epoll_event e = {.events = events | EPOLLET, .data.ptr = w};
    return epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, w->fd, &e) ? ERR_IO : ERR_OK;
}

void loop_unwatch(struct loop *l, struct watch *w)
{
    (void)epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);
}

/* ---- turning ---- */

static int sleep_ms(struct loop *l)
{
    if (l->tasks)
        return 0;
    if (!l->timers)
        return -1;
    int64_t left = l->timers->due_ms - clock_mono_ms();
    if (left <= 0)
        return 0;
    return left > 60000 ? 60000 : (int)left;
}

static void turn(struct loop *l)
{
    struct epoll_event ready[EVENTS_PER_TURN];
    int n = epoll_wait(l->epoll_fd, ready, EVENTS_PER_TURN, sleep_ms(l));
    l->now_ms = clock_mono_ms();
    for (int i = 0; i < n; i++) {
        struct watch *w = ready[i].data.ptr;
        w->ready(w, ready[i].events);
    }
    (void)run_mail(l);
    run_timers(l);
    run_tasks(l);
}

static void *loop_main(void *arg)
{
    struct loop *l = arg;
    here = l;
    while (!atomic_load_explicit(&l->stopping, memory_order_acquire))
        turn(l);
    for (int i = 0; i < LAST_TURNS && (run_mail(l) || l->tasks); i++)
        run_tasks(l);
    return NULL;
}

static bool loop_open(struct loop *l, unsigned index)
{
    l->index = index;
    l->now_ms = clock_mono_ms();
    l->tasks_end = &l->tasks;
    l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    l->wake = (struct watch){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .ready = woken};
    return l->epoll_fd >= 0 && l->wake.fd >= 0 && loop_watch(l, &l->wake, EPOLLIN) == ERR_OK;
}

struct loops *loops_make(unsigned n)
{
    assert(n >= 1 && n <= LOOPS_MAX);
    (void)signal(SIGPIPE, SIG_IGN); /* OpenSSL and sendfile write without MSG_NOSIGNAL */
    struct loops *ls = calloc(1, sizeof *ls + n * sizeof ls->at[0]);
    if (!ls)
        return NULL;
    for (unsigned i = 0; i < n; i++) {
        ls->n = i + 1;
        if (!loop_open(&ls->at[i], i)) {
            loops_free(ls);
            return NULL;
        }
    }
    return ls;
}

enum err loops_start(struct loops *ls)
{
    for (unsigned i = 0; i < ls->n; i++) {
        if (pthread_create(&ls->at[i].thread, NULL, loop_main, &ls->at[i])) {
            loops_stop(ls);
            return ERR_BUSY;
        }
        ls->at[i].started = true;
    }
    return ERR_OK;
}

static void nothing(void *arg)
{
    (void)arg;
}

void loops_stop(struct loops *ls)
{
    assert(!here);
    struct loop_mail wake[LOOPS_MAX];
    for (unsigned i = 0; i < ls->n; i++) {
        atomic_store_explicit(&ls->at[i].stopping, true, memory_order_release);
        if (ls->at[i].started)
            loop_post_mail(&ls->at[i], &wake[i], nothing, NULL);
    }
    for (unsigned i = 0; i < ls->n; i++) {
        if (ls->at[i].started)
            (void)pthread_join(ls->at[i].thread, NULL);
        ls->at[i].started = false;
    }
}

void loops_free(struct loops *ls)
{
    if (!ls)
        return;
    for (unsigned i = 0; i < ls->n; i++) {
        assert(!ls->at[i].started);
        if (ls->at[i].epoll_fd >= 0)
            (void)close(ls->at[i].epoll_fd);
        if (ls->at[i].wake.fd >= 0)
            (void)close(ls->at[i].wake.fd);
    }
    free(ls);
}

unsigned loops_count(const struct loops *ls)
{
    return ls->n;
}

struct loop *loops_at(struct loops *ls, unsigned i)
{
    assert(i < ls->n);
    return &ls->at[i];
}
