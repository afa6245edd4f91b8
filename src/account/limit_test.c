#include "base/test.h"

#include "account/limit.h"
#include "base/crypto.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

static int make(void **state)
{
    *state = limits_make(1000);
    return crypto_init() || !*state;
}

static int drop(void **state)
{
    limits_free(*state);
    return 0;
}

/* How many of `tries` are let through at now_ms. */
static int passed(struct limits *l, enum limit what, const char *key, int64_t now_ms, int tries)
{
    int n = 0;
    for (int i = 0; i < tries; i++)
        n += limit_take(l, what, key, now_ms, NULL) == ERR_OK;
    return n;
}

static void take__stops_at_the_burst_and_says_how_long(void **state)
{
    struct limits *l = *state;
    int64_t wait_ms = -1;
    assert_int_equal(passed(l, LIMIT_LOGIN_ACCOUNT, "a@b", 1000, 5), 5);
    assert_int_equal(limit_take(l, LIMIT_LOGIN_ACCOUNT, "a@b", 1000, &wait_ms), ERR_SLOW_DOWN);
    assert_int_equal(wait_ms, 12000);
    assert_int_equal(limit_take(l, LIMIT_LOGIN_ACCOUNT, "a@b", 12999, &wait_ms), ERR_SLOW_DOWN);
    assert_int_equal(wait_ms, 1);
    assert_int_equal(limit_take(l, LIMIT_LOGIN_ACCOUNT, "a@b", 13000, &wait_ms), ERR_OK);
    assert_int_equal(limit_take(l, LIMIT_LOGIN_ACCOUNT, "a@b", 13000, &wait_ms), ERR_SLOW_DOWN);
}

static void take__keeps_keys_and_rates_apart(void **state)
{
    struct limits *l = *state;
    assert_int_equal(passed(l, LIMIT_LOGIN_ACCOUNT, "a@b", 0, 9), 5);
    assert_int_equal(passed(l, LIMIT_LOGIN_ACCOUNT, "c@d", 0, 9), 5);
    assert_int_equal(passed(l, LIMIT_LOGIN_ADDR, "a@b", 0, 9), 9);
}

static void take__allows_one_chat_line_a_second(void **state)
{
    struct limits *l = *state;
    int n = 0;
    for (int64_t ms = 0; ms < 60000; ms += 100)
        n += passed(l, LIMIT_CHAT_VIEWER, "v", ms, 1);
    assert_in_range(n, 60, 61);
}

static void take__never_saves_up_more_than_the_burst(void **state)
{
    struct limits *l = *state;
    assert_int_equal(passed(l, LIMIT_CHAT_VIEWER, "v", 0, 9), 2);
    assert_int_equal(passed(l, LIMIT_CHAT_VIEWER, "v", INT64_MAX / 2, 9), 2);
    assert_int_equal(passed(l, LIMIT_CHAT_VIEWER, "v", 0, 9), 0); /* the clock went back */
}

static void give__takes_back_what_did_not_count(void **state)
{
    struct limits *l = *state;
    for (int i = 0; i < 50; i++) {
        assert_int_equal(limit_take(l, LIMIT_LOGIN_ACCOUNT, "a@b", 0, NULL), ERR_OK);
        limit_give(l, LIMIT_LOGIN_ACCOUNT, "a@b", 0);
    }
    limit_give(l, LIMIT_LOGIN_ACCOUNT, "a@b", 0);
    assert_int_equal(passed(l, LIMIT_LOGIN_ACCOUNT, "a@b", 0, 9), 5);
}

/* Refusals of one flooder once used up what all behind his address share. */
static void both__a_flooder_takes_nothing_from_his_neighbours(void **state)
{
    struct limits *l = *state;
    int through = 0;
    for (int i = 0; i < 1000; i++)
        through +=
            !limit_take_both(l, LIMIT_CHAT_VIEWER, "flooder", LIMIT_CHAT_ADDR, "net", 0, NULL);
    assert_int_equal(through, 2);
    assert_int_equal(passed(l, LIMIT_CHAT_ADDR, "net", 0, 200), 98);
    /* And a full net takes nothing from a viewer. */
    int64_t wait_ms = 0;
    assert_int_equal(
        limit_take_both(l, LIMIT_CHAT_VIEWER, "ann", LIMIT_CHAT_ADDR, "net", 0, &wait_ms),
        ERR_SLOW_DOWN);
    assert_int_equal(wait_ms, 10);
    assert_int_equal(passed(l, LIMIT_CHAT_VIEWER, "ann", 0, 9), 2);
}

static void take__goes_on_after_the_clock_was_set_back(void **state)
{
    struct limits *l = *state;
    assert_int_equal(passed(l, LIMIT_CHAT_VIEWER, "v", 3600000, 9), 2);
    assert_int_equal(passed(l, LIMIT_CHAT_VIEWER, "v", 3599000, 9), 0); /* only out of order */
    assert_int_equal(passed(l, LIMIT_CHAT_VIEWER, "v", 1000, 9), 0);
    assert_int_equal(passed(l, LIMIT_CHAT_VIEWER, "v", 2000, 9), 1);
}

static void table__keeps_the_used_up_when_a_crowd_comes(void **state)
{
    struct limits *l = *state;
    assert_int_equal(passed(l, LIMIT_LOGIN_ACCOUNT, "victim", 0, 9), 5);
    for (int i = 0; i < 100000; i++) {
        char key[32];
        (void)snprintf(key, sizeof key, "%d", i);
        (void)passed(l, LIMIT_LOGIN_ACCOUNT, key, 0, 1);
    }
    assert_int_equal(passed(l, LIMIT_LOGIN_ACCOUNT, "victim", 0, 9), 0);
}

static atomic_int let_through;

static void *hammer(void *arg)
{
    atomic_fetch_add(&let_through, passed(arg, LIMIT_LOGIN_ADDR, "one", 0, 400));
    return NULL;
}

static void take__counts_right_among_threads(void **state)
{
    pthread_t t[4];
    atomic_store(&let_through, 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&t[i], NULL, hammer, *state), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(t[i], NULL), 0);
    assert_int_equal(atomic_load(&let_through), 500);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        T(take__stops_at_the_burst_and_says_how_long),
        T(take__keeps_keys_and_rates_apart),
        T(take__allows_one_chat_line_a_second),
        T(take__never_saves_up_more_than_the_burst),
        T(take__goes_on_after_the_clock_was_set_back),
        T(both__a_flooder_takes_nothing_from_his_neighbours),
        T(give__takes_back_what_did_not_count),
        T(table__keeps_the_used_up_when_a_crowd_comes),
        T(take__counts_right_among_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
