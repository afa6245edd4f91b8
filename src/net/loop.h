/*
 * loop - event loops: one thread each, watching descriptors, timers and a mailbox.
 *
 * Shape:  loops_make() -> loops_start() -> ... -> loops_stop() -> loops_free(). A connection, its
 *         timers and its requests belong to one loop for life.
 * Thread: loop_post(), loop_post_mail(), loops_at(), loop_index() from any thread. All else on the
 *         loop's own thread, or before loops_start().
 * Rule:   nothing on a loop blocks: no SQL, no DNS, no waiting locks. Blocking work: net/pool.h.
 * Order:  mail of one sender is delivered in the order it was posted.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct loop;
struct loops;

enum { LOOPS_MAX = 64 };

/* 1..LOOPS_MAX loops. NULL: no memory or no descriptors. SIGPIPE is ignored from here on. */
struct loops *loops_make(unsigned n);
enum err loops_start(struct loops *ls) NODISCARD; /* ERR_BUSY: no thread to be had */
/* Ends and joins the threads; mail that still lies there is delivered first. Not from a loop. */
void loops_stop(struct loops *ls);
void loops_free(struct loops *ls); /* after loops_stop(); NULL is fine */
unsigned loops_count(const struct loops *ls);
struct loop *loops_at(struct loops *ls, unsigned i);

struct loop *loop_here(void); /* the loop of this thread; NULL elsewhere */
unsigned loop_index(const struct loop *l);
/* Monotonic ms of this turn: cheap, and equal for all that happens in one turn. */
int64_t loop_now_ms(const struct loop *l);

/* Call fn(arg) on `l`. ERR_NO_MEMORY: it will not be called. */
enum err loop_post(struct loop *l, void (*fn)(void *arg), void *arg) NODISCARD;

/* The same without memory: `m` is the caller's and in use until fn is entered. */
struct loop_mail {
    struct loop_mail *next;
    void (*fn)(void *arg);
    void *arg;
};
void loop_post_mail(struct loop *l, struct loop_mail *m, void (*fn)(void *arg), void *arg);

/* Later in this turn, after the descriptors that are ready now. Zeroed is idle. */
struct loop_task {
    struct loop_task *next;
    void (*fn)(void *arg);
    void *arg;
    bool queued; /* a second loop_defer() changes nothing */
};
void loop_defer(struct loop *l, struct loop_task *t, void (*fn)(void *arg), void *arg);

/*
 * A timer that fires once. Embed it zeroed in what owns it and cancel it before that is freed.
 * Setting a set timer moves it. Tens of thousands are cheap (an intrusive pairing heap: setting
 * is O(1), never allocates).
 */
struct timer {
    struct timer *child, *next, *prev;
    int64_t due_ms; /* monotonic; 0 while not set */
    void (*fn)(void *arg);
    void *arg;
};
void timer_set(struct loop *l, struct timer *t, int64_t delay_ms, void (*fn)(void *arg), void *arg);
void timer_cancel(struct loop *l, struct timer *t); /* not set: nothing */

/*
 * A watched descriptor, edge-triggered: `ready` is called when epoll reports a change, so read or
 * write until EAGAIN. `events` are EPOLLIN, EPOLLOUT, EPOLLRDHUP ... as of epoll_ctl(2).
 */
struct watch {
    int fd;
    void (*ready)(struct watch *w, uint32_t events);
};
enum err loop_watch(struct loop *l, struct watch *w, uint32_t events) NODISCARD; /* ERR_IO */
/* `w` must stay in memory until this turn ends: free it from loop_defer(). */
void loop_unwatch(struct loop *l, struct watch *w);
