/* Documents and keys of a provider over time, and a provider that is slow. */
#include "base/test.h"

#include "base/arena.h"
#include "login/engine_in.h"
#include "login/issuer_testkit.h"
#include "store/testkit.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

/* ---- documents ---- */

static void documents__another_issuer_is_not_believed(void **state)
{
    struct issuer *i = *state;
    struct login_sent sent;
    const struct login_start ask = {.provider = "home"};
    i->home->issuer[strlen(i->home->issuer)] = '/';
    assert_int_equal(login_start(i->login, &i->t->cx, &ask, &sent), ERR_UPSTREAM);
    assert_int_equal(i->asked_discovery, 1);
    assert_int_equal(test_number(i->t, "SELECT count(*) FROM login_try"), 0);
}

static void documents__are_kept_and_used_while_the_provider_is_down(void **state)
{
    struct issuer *i = *state;
    struct login_sent sent;
    const struct login_start ask = {.provider = "home"};
    assert_int_equal(issuer_come_in(i).code, LOGIN_DONE);
    assert_int_equal(issuer_come_in(i).code, LOGIN_DONE);
    assert_int_equal(i->asked_discovery, 1);
    assert_int_equal(i->asked_keys, 1);
    i->t->cx.now_ms += 300001; /* nothing was said of how long: 5 minutes */
    i->cache_control = "public, max-age=3600";
    assert_int_equal(issuer_come_in(i).code, LOGIN_DONE);
    assert_int_equal(i->asked_discovery, 2);
    assert_int_equal(i->asked_keys, 2);
    i->t->cx.now_ms += 3599000;
    assert_int_equal(issuer_come_in(i).code, LOGIN_DONE);
    assert_int_equal(i->asked_keys, 2);
    i->t->cx.now_ms += 2000;
    i->discovery_status = i->keys_status = 503;
    assert_int_equal(issuer_come_in(i).code, LOGIN_DONE); /* with what was known */
    assert_int_equal(i->asked_keys, 3);
    i->t->cx.now_ms += INT64_C(2) * 86400 * 1000;
    assert_int_equal(login_start(i->login, &i->t->cx, &ask, &sent), ERR_UPSTREAM);
    int asked = i->asked_discovery;
    assert_int_equal(login_start(i->login, &i->t->cx, &ask, &sent), ERR_UPSTREAM);
    assert_int_equal(i->asked_discovery, asked); /* left alone for a moment */
    i->discovery_status = i->keys_status = 0;
    i->t->cx.now_ms += 5001;
    assert_int_equal(issuer_come_in(i).code, LOGIN_DONE);
}

static void keys__a_new_one_is_fetched_once_and_unknown_ones_not_without_end(void **state)
{
    struct issuer *i = *state;
    assert_int_equal(issuer_come_in(i).code, LOGIN_DONE);
    i->t->cx.now_ms += 1;
    i->key_id = 1;
    assert_int_equal(issuer_come_in(i).code, LOGIN_DONE);
    assert_int_equal(i->asked_keys, 2);
    i->header = "{\"alg\":\"RS256\",\"kid\":\"unknown\"}";
    for (int n = 0; n < 6; n++) {
        i->t->cx.now_ms += 1;
        struct login_done d = issuer_come_in(i);
        assert_int_equal(d.code, LOGIN_FAILED);
        assert_string_equal(d.why, "signed with an unknown key");
    }
    assert_int_equal(i->asked_keys, 4);
    i->header = NULL;
    i->key_id = 2; /* the next real one comes soon enough */
    i->t->cx.now_ms += 30000;
    assert_int_equal(issuer_come_in(i).code, LOGIN_DONE);
}

/* ---- a slow provider ---- */

struct slow {
    struct issuer *i;
    struct trip trip;
    struct cx cx;
    enum login_code code;
    pthread_t thread;
};
static atomic_int slow_ended;

static void *slow_login(void *arg)
{
    struct slow *s = arg;
    struct login_done d;
    const struct login_back back = trip_answer(&s->trip);
    assert_int_equal(login_finish(s->i->login, &s->cx, &back, &d), ERR_OK);
    s->code = d.code;
    slow_ended++;
    client_thread_done();
    return NULL;
}

static void calls__of_one_provider_are_few_at_once(void **state)
{
    struct issuer *i = *state;
    enum { BEYOND = 2, MANY = CALLS_PER_PROVIDER + WAITERS_MAX + BEYOND };
    static struct slow s[MANY];
    int down = 0;
    const struct timespec moment = {0, 2000000};
    i->gate_shut = true;
    for (int n = 0; n < MANY; n++) {
        s[n] = (struct slow){.i = i};
        trip_start(i, NULL, "/", &s[n].trip);
        s[n].cx = (struct cx){.arena = arena_make(1 << 20), .now_ms = i->t->cx.now_ms};
    }
    for (int n = 0; n < MANY; n++)
        assert_int_equal(pthread_create(&s[n].thread, NULL, slow_login, &s[n]), 0);
    while (slow_ended < BEYOND) /* they are turned away at once, the others wait */
        (void)nanosleep(&moment, NULL);
    assert_true(i->asked_token <= CALLS_PER_PROVIDER);
    i->gate_shut = false;
    for (int n = 0; n < MANY; n++) {
        (void)pthread_join(s[n].thread, NULL);
        down += s[n].code == LOGIN_PROVIDER_DOWN;
        arena_free(s[n].cx.arena);
    }
    assert_true(down >= BEYOND);
    assert_int_equal(i->asked_token, MANY - down);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, issuer_open, issuer_close)
        T(documents__another_issuer_is_not_believed),
        T(documents__are_kept_and_used_while_the_provider_is_down),
        T(keys__a_new_one_is_fetched_once_and_unknown_ones_not_without_end),
        T(calls__of_one_provider_are_few_at_once),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
