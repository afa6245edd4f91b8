/* Loops, their mail and timers, and the worker pool. */
#include "base/test.h"
#include "net/loop.h"
#include "net/net_testkit.h"
#include "net/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static struct loops *loops;

static int start(void **state)
{
    (void)state;
    loops = loops_make(2);
    assert_non_null(loops);
    assert_int_equal(loops_start(loops), ERR_OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    loops_stop(loops);
    loops_free(loops);
    return 0;
}

/* ---- mail ---- */

enum { SENDERS = 4, LETTERS = 5000 };

struct letter {
    struct loop_mail mail;
    int sender, number;
};

static int last_seen[SENDERS]; /* of the loop's thread */
static atomic_int seen, disorder;

static void read_letter(void *arg)
{
    struct letter *l = arg;
    if (l->number != last_seen[l->sender] + 1 || loop_here() != loops_at(loops, 1))
        disorder++;
    last_seen[l->sender] = l->number;
    free(l);
    seen++;
}

static void *send_letters(void *arg)
{
    for (int i = 1; i <= LETTERS; i++) {
        struct letter *l = malloc(sizeof *l);
        assert_non_null(l);
        l->sender = *(const int *)arg;
        l->number = i;
        loop_post_mail(loops_at(loops, 1), &l->mail, read_letter, l);
    }
    return NULL;
}

static bool all_seen(void *arg)
{
    (void)arg;
    return seen == SENDERS * LETTERS;
}

static void mail__of_one_sender_comes_in_order(void **state)
{
    (void)state;
    pthread_t t[SENDERS];
    int names[SENDERS];
    for (int i = 0; i < SENDERS; i++) {
        names[i] = i;
        assert_int_equal(pthread_create(&t[i], NULL, send_letters, &names[i]), 0);
    }
    for (int i = 0; i < SENDERS; i++)
        assert_int_equal(pthread_join(t[i], NULL), 0);
    kit_wait(all_seen, NULL);
    assert_int_equal(disorder, 0);
}

static void add_one(void *arg)
{
    (*(atomic_int *)arg)++;
}

static void mail__posted_before_stop_is_delivered(void **state)
{
    (void)state;
    atomic_int n = 0;
    struct loops *ls = loops_make(1);
    assert_non_null(ls);
    for (int i = 0; i < 100; i++)
        assert_int_equal(loop_post(loops_at(ls, 0), add_one, &n), ERR_OK);
    assert_int_equal(loops_start(ls), ERR_OK);
    for (int i = 0; i < 100; i++)
        assert_int_equal(loop_post(loops_at(ls, 0), add_one, &n), ERR_OK);
    loops_stop(ls);
    loops_free(ls);
    assert_int_equal(n, 200);
}

/* ---- timers ---- */

enum { TIMERS = 20000 };

struct clockwork {
    struct timer timers[TIMERS];
    int64_t wanted_ms[TIMERS];
    int64_t last_due_ms;
    int fired, early, wrong;
    atomic_bool done;
};

static struct clockwork *works;

static void on_timer(void *arg)
{
    int64_t *wanted = arg, now = loop_now_ms(loop_here());
    works->fired++;
    if (now < *wanted)
        works->early++;
    if (*wanted < works->last_due_ms)
        works->wrong++;
    works->last_due_ms = *wanted;
    *wanted = 0;
}

static void finish(void *arg)
{
    (void)arg;
    works->done = true;
}

/* Sets all, moves every third, cancels every fifth. */
static void set_all(void *arg)
{
    struct loop *l = loop_here();
    (void)arg;
    for (int i = 0; i < TIMERS; i++) {
        for (int again = 0; again <= (i % 3 == 0); again++) {
            int64_t delay = 1 + (i * 7919 + again * 31) % 100;
            works->wanted_ms[i] = loop_now_ms(l) + delay;
            timer_set(l, &works->timers[i], delay, on_timer, &works->wanted_ms[i]);
        }
    }
    for (int i = 0; i < TIMERS; i += 5)
        timer_cancel(l, &works->timers[i]);
    static struct timer last;
    timer_set(l, &last, 150, finish, NULL);
}

static bool works_done(void *arg)
{
    (void)arg;
    return works->done;
}

static void timers__fire_in_order_and_not_early(void **state)
{
    (void)state;
    works = calloc(1, sizeof *works);
    assert_non_null(works);
    assert_int_equal(loop_post(loops_at(loops, 0), set_all, NULL), ERR_OK);
    kit_wait(works_done, NULL);
    assert_int_equal(works->fired, TIMERS - TIMERS / 5);
    assert_int_equal(works->early, 0);
    assert_int_equal(works->wrong, 0);
    for (int i = 0; i < TIMERS; i++)
        assert_true((works->wanted_ms[i] == 0) == (i % 5 != 0));
    free(works);
}

/* ---- pool ---- */

static atomic_int running, ran;
static atomic_bool open_gate;

static void wait_at_gate(void *arg)
{
    (void)arg;
    running++;
    while (!open_gate)
        (void)sched_yield();
    ran++;
}

static bool two_run(void *arg)
{
    (void)arg;
    return running == 2;
}

static void pool__is_bounded_and_runs_what_it_took(void **state)
{
    (void)state;
    struct pool *p = pool_make(2, 3);
    assert_non_null(p);
    assert_int_equal(pool_run(p, wait_at_gate, NULL), ERR_OK);
    assert_int_equal(pool_run(p, wait_at_gate, NULL), ERR_OK);
    kit_wait(two_run, NULL);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pool_run(p, wait_at_gate, NULL), ERR_OK);
    assert_int_equal(pool_waiting(p), 3);
    assert_int_equal(pool_run(p, wait_at_gate, NULL), ERR_BUSY);
    open_gate = true;
    pool_free(p);
    assert_int_equal(ran, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mail__of_one_sender_comes_in_order),
        cmocka_unit_test(mail__posted_before_stop_is_delivered),
        cmocka_unit_test(timers__fire_in_order_and_not_early),
        cmocka_unit_test(pool__is_bounded_and_runs_what_it_took),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
