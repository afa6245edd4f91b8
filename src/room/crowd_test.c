/* The hub with event loops that are threads: joining, leaving and writing at once. */
#include "base/test.h"

#include "account/limit.h"
#include "base/arena.h"
#include "net/loop.h"
#include "room/room_in.h"
#include "room/testkit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOPS = 3, STREAMS = 12, LINES = 150, WRITERS = 3 };

/* ---- a loop: a thread with a queue ---- */

struct queue {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t some;
    struct loop_mail *first, **last;
    bool stop;
};

static void *loop_main(void *arg)
{
    struct queue *l = arg;
    for (;;) {
        (void)pthread_mutex_lock(&l->lock);
        while (!l->first && !l->stop)
            (void)pthread_cond_wait(&l->some, &l->lock);
        struct loop_mail *it = l->first;
        if (it) {
            l->first = it->next;
            if (!l->first)
                l->last = &l->first;
        }
        (void)pthread_mutex_unlock(&l->lock);
        if (!it)
            return NULL; /* told to stop, and nothing is left */
        it->fn(it->arg);
    }
}

static void post(void *arg, int loop, struct loop_mail *it, void (*fn)(void *), void *fn_arg)
{
    struct queue *l = (struct queue *)arg + loop;
    *it = (struct loop_mail){.fn = fn, .arg = fn_arg};
    (void)pthread_mutex_lock(&l->lock);
    *l->last = it;
    l->last = &it->next;
    (void)pthread_cond_signal(&l->some);
    (void)pthread_mutex_unlock(&l->lock);
}

/* ---- a viewer: joins, reads some, leaves, comes back where it left ---- */

struct viewer {
    struct test_room *k;
    struct queue *loops;
    struct subscriber *s;
    struct loop_mail mail;
    int loop;
    int64_t seen;  /* last number: the next must follow it */
    int64_t until; /* leaves for good at this number */
    int left;      /* how often it has left */
    bool broken;   /* a gap, or something twice */
    atomic_bool done;
    bool away; /* closed; comes back */
};

static int64_t seq_of(const struct bytes *frame)
{
    int64_t seq = -1;
    (void)sscanf((const char *)frame->data, "id: %" SCNd64, &seq);
    return seq;
}

static void on_frame(void *arg, struct bytes *frame)
{
    struct viewer *v = arg;
    int64_t seq = seq_of(frame);
    if (seq < 0)
        return;
    bool snapshot = strstr((const char *)frame->data, "room.snapshot") != NULL;
    if (!snapshot && seq != v->seen + 1)
        v->broken = true;
    v->seen = seq;
    if (seq >= v->until || (seq % (7 + v->loop) == 0 && !snapshot)) {
        subscriber_free(v->s); /* in the middle of a walk */
        v->s = NULL;
        v->left++;
        v->away = seq < v->until;
        atomic_store(&v->done, true);
    }
}

static void on_lost(void *arg)
{
    struct viewer *v = arg;
    v->broken = true;
}

static void start(void *arg)
{
    static const struct subscriber_ops ops = {on_frame, on_lost};
    struct viewer *v = arg;
    subscriber_start(v->s, v->loop, &ops, v);
}

/* On the test's thread, which is a worker then. */
static void join(struct viewer *v)
{
    struct db *db;
    assert_int_equal(store_read(v->k->t->store, &db), ERR_OK);
    assert_int_equal(subscriber_make(v->k->r, db, v->k->cx, &v->k->bob, "shw_a", v->seen, &v->s),
                     ERR_OK);
    store_read_end(db);
    atomic_store(&v->done, false);
    post(v->loops, v->loop, &v->mail, start, v);
}

struct writer {
    struct test_room *k;
    int no;
    bool ok;
    pthread_t thread;
};

static void *write_lines(void *arg)
{
    struct writer *w = arg;
    w->ok = true;
    for (int i = 0; i < LINES; i++) {
        struct cx cx = {.arena = arena_make(1 << 20), .now_ms = w->k->cx->now_ms + i * 1000};
        char text[40];
        struct chat_refusal why;
        struct message m;
        const struct chat_new ask = {.text = text};
        (void)snprintf(text, sizeof text, "%d of %d", i, w->no);
        w->ok = w->ok && !chat_post(w->k->r, &cx, &w->k->host, "shw_a", &ask, &m, &why);
        arena_free(cx.arena);
    }
    return NULL;
}

static void crowd__joins_and_leaves_under_load_see_every_event_once(void **state)
{
    (void)state;
    struct test_room *k = test_room_make();
    struct queue loops[LOOPS];
    struct viewer v[STREAMS];
    struct writer w[WRITERS];
    const struct room_setup setup = {.store = k->t->store, .limits = k->limits};
    (void)test_show(k, "shw_a", SHOW_LIVE);
    room_free(k->r);
    assert_int_equal(room_make(&setup, &k->r), ERR_OK);
    room_set_loops(k->r, LOOPS, post, loops);
    for (int i = 0; i < LOOPS; i++) {
        loops[i] = (struct queue){.last = &loops[i].first};
        (void)pthread_mutex_init(&loops[i].lock, NULL);
        (void)pthread_cond_init(&loops[i].some, NULL);
        assert_int_equal(pthread_create(&loops[i].thread, NULL, loop_main, &loops[i]), 0);
    }
    int64_t until = test_show_again(k, "shw_a").head + (int64_t)LINES * WRITERS;
    for (int i = 0; i < STREAMS; i++) {
        v[i] =
            (struct viewer){.k = k, .loops = loops, .loop = i % LOOPS, .seen = -1, .until = until};
        join(&v[i]);
    }
    for (int i = 0; i < WRITERS; i++) {
        w[i] = (struct writer){.k = k, .no = i};
        assert_int_equal(pthread_create(&w[i].thread, NULL, write_lines, &w[i]), 0);
    }
    for (int left = STREAMS; left > 0;) { /* whoever went away comes back */
        left = 0;
        for (int i = 0; i < STREAMS; i++) {
            if (!atomic_load(&v[i].done)) {
                left++;
            } else if (v[i].away) {
                join(&v[i]);
                left++;
            }
        }
        room_tick(k->r, k->cx->now_ms);
        arena_free(k->cx->arena);
        k->cx->arena = arena_make(1 << 20);
    }
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_join(w[i].thread, NULL), 0);
        assert_true(w[i].ok);
    }
    for (int i = 0; i < LOOPS; i++) {
        (void)pthread_mutex_lock(&loops[i].lock);
        loops[i].stop = true;
        (void)pthread_cond_signal(&loops[i].some);
        (void)pthread_mutex_unlock(&loops[i].lock);
        assert_int_equal(pthread_join(loops[i].thread, NULL), 0);
    }
    for (int i = 0; i < STREAMS; i++) {
        assert_false(v[i].broken);
        assert_int_equal(v[i].seen, until);
        assert_true(v[i].left > 10);
    }
    struct room_stats n;
    room_read_stats(k->r, &n);
    assert_int_equal(n.subscribers, 0);
    assert_int_equal(n.lost, 0);
    room_free(k->r); /* nothing may be posted to the loops any more */
    for (int i = 0; i < LOOPS; i++) {
        (void)pthread_mutex_destroy(&loops[i].lock);
        (void)pthread_cond_destroy(&loops[i].some);
    }
    k->r = NULL;
    test_room_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crowd__joins_and_leaves_under_load_see_every_event_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
