/* Many threads want the same few units, through one store; on PostgreSQL through two. */
#include "base/test.h"

#include "base/arena.h"
#include "cart/testkit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { BAG = 1, CAP = 2, UNITS = 10, THREADS = 8, TRIES = 40, ARENA = 1 << 20 };

struct race {
    struct test_stock *k;
    struct store *store[2];
    bool deal;
    bool leave; /* whoever got something gives it back at once */
    atomic_llong got, lost;
};

struct runner {
    struct race *race;
    struct store *store;
    int64_t viewer;
};

struct try_job {
    struct cart_add add;
    struct cart_added got;
    bool leave;
};

static enum err try_run(struct tx *tx, void *arg)
{
    struct try_job *j = arg;
    struct stock_turn turn;
    turn_begin(&turn, tx, NULL);
    enum err e = cart_add(&turn, &j->add, &j->got);
    return e ? e : turn_end(&turn);
}

static enum err leave_run(struct tx *tx, void *arg)
{
    struct try_job *j = arg;
    struct cart_line line;
    struct stock_turn turn;
    turn_begin(&turn, tx, NULL);
    enum err e = line_get_id(tx->db, tx->cx, j->got.line_id, &line);
    if (!e)
        e = line_remove(&turn, &line);
    return e ? e : turn_end(&turn);
}

/* Two writers may hinder each other: then nothing happened and the same is asked again. */
static enum err again_and_again(struct store *store, struct cx *cx,
                                enum err (*run)(struct tx *tx, void *arg), void *arg)
{
    enum err e = ERR_BUSY;
    for (int i = 0; i < 20 && (e == ERR_BUSY || e == ERR_STORE); i++)
        e = store_do(store, cx, "race", run, arg);
    return e;
}

static void try_once(struct runner *r, struct cx *cx, int i)
{
    struct try_job j = {.add = test_add_of(r->viewer, BAG, 1 + i % 3)};
    j.add.partial = true;
    if (r->race->deal) {
        j.add.deal_id = 1;
        j.add.deal_max = 3;
        j.add.source = LINE_DEAL;
    }
    if (again_and_again(r->store, cx, try_run, &j) != ERR_OK) {
        atomic_fetch_add(&r->race->lost, 1);
        return;
    }
    atomic_fetch_add(&r->race->got, j.got.qty);
    if (!r->race->leave || !j.got.qty)
        return;
    if (again_and_again(r->store, cx, leave_run, &j) != ERR_OK)
        atomic_fetch_add(&r->race->lost, 1);
}

static void *runner_run(void *arg)
{
    struct runner *r = arg;
    for (int i = 0; i < TRIES; i++) {
        struct cx cx = {.arena = arena_make(ARENA), .now_ms = r->race->k->cx->now_ms};
        try_once(r, &cx, i);
        arena_free(cx.arena);
    }
    return NULL;
}

static void run(struct race *race)
{
    pthread_t threads[THREADS];
    struct runner runners[THREADS];
    for (int i = 0; i < THREADS; i++) {
        runners[i] = (struct runner){race, race->store[i % 2], i + 1};
        assert_int_equal(pthread_create(&threads[i], NULL, runner_run, &runners[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(atomic_load(&race->lost), 0);
}

/* One store, or two processes' worth of them on one PostgreSQL. */
static struct race race_of(struct test_stock *k)
{
    struct race race = {.k = k, .store = {k->t->store, k->t->store}};
    const struct store_setup setup = {.url = k->t->url, .schema = &shop_schema};
    if (test_on_postgres())
        assert_int_equal(store_open(k->cx, &setup, &race.store[1]), ERR_OK);
    return race;
}

static void race_end(struct race *race)
{
    if (race->store[1] != race->store[0])
        store_close(race->store[1]);
    test_agrees(race->k, &cart_checks);
    test_stock_free(race->k);
}

static struct test_stock *shop(void)
{
    struct test_stock *k = test_stock_make();
    test_variant(k, BAG, UNITS);
    return k;
}

static void race__sells_exactly_what_there_is(void **state)
{
    (void)state;
    struct race race = race_of(shop());
    run(&race);
    assert_int_equal(atomic_load(&race.got), UNITS);
    assert_int_equal(test_held(race.k, BAG), UNITS);
    race_end(&race);
}

static void race__a_deal_sells_exactly_its_quota(void **state)
{
    (void)state;
    struct race race = race_of(shop());
    race.deal = true;
    test_deal(race.k, 1, 7, 3);
    run(&race);
    assert_int_equal(atomic_load(&race.got), 7);
    assert_int_equal(test_number(race.k->t, "SELECT max(qty) FROM deal_take") <= 3, 1);
    race_end(&race);
}

static void race__what_is_given_back_is_all_there(void **state)
{
    (void)state;
    struct race race = race_of(shop());
    race.leave = true;
    run(&race);
    assert_int_equal(test_held(race.k, BAG), 0);
    assert_int_equal(test_total(race.k, BAG), UNITS);
    race_end(&race);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(race__sells_exactly_what_there_is),
        cmocka_unit_test(race__a_deal_sells_exactly_its_quota),
        cmocka_unit_test(race__what_is_given_back_is_all_there),
    };
    return cmocka_run_group_tests_name("race", tests, NULL, NULL);
}
