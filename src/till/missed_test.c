/* Notices that never came are found in what the provider says has happened. */
#include "base/test.h"

#include "base/arena.h"
#include "order/testkit.h"
#include "store/store.h"
#include "till/missed.sql.h"
#include "till/till.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOKS_MAX = 8, MINUTE = 60 * 1000 };

/* A provider with a list of events; what is read again is nobody's here. */
struct teller {
    struct gateway g;
    struct gateway_event events[4];
    size_t count;
    int64_t until_ms; /* of the next answer; 0: now */
    enum err e;
    int64_t since[LOOKS_MAX];
    int looks, fetched;
};

static enum err tell(struct gateway *g, struct cx *cx, int64_t since_ms,
                     struct gateway_event *ret_events, size_t *ret_count, int64_t *ret_until_ms)
{
    struct teller *t = (struct teller *)g;
    assert_true(t->looks < LOOKS_MAX);
    t->since[t->looks++] = since_ms;
    if (t->e)
        return t->e;
    memcpy(ret_events, t->events, t->count * sizeof t->events[0]);
    *ret_count = t->count;
    *ret_until_ms = t->until_ms ? t->until_ms : cx->now_ms;
    t->until_ms = 0;
    return ERR_OK;
}

static void stay(struct gateway *g)
{
    (void)g;
}

static const struct gateway_way way = {.provider = "omise", .missed = tell, .free = stay};

static enum err make_gateway(void *arg, struct cx *cx, enum pay_account a,
                             const struct pay_keys *keys, struct gateway **ret_gateway)
{
    (void)cx;
    (void)keys;
    assert_int_equal(a, ACCOUNT_OMISE);
    *ret_gateway = &((struct teller *)arg)->g;
    return ERR_OK;
}

static enum err fetch(struct gateway *g, struct cx *cx, const char *provider_ref,
                      struct gateway_news *ret_news)
{
    (void)cx;
    assert_string_equal(provider_ref, "chrg_1");
    ((struct teller *)g)->fetched++;
    *ret_news = (struct gateway_news){.says = SAYS_PAID};
    return ERR_OK;
}

/* Time moves by hand alone. */
static int64_t still(void *arg)
{
    (void)arg;
    return 0;
}

struct world {
    struct test_orders *t;
    struct till *till;
    struct pay_accounts accounts;
    struct teller teller;
};

static int make(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->t = test_orders_make();
    w->teller.g.way = &way;
    w->accounts.secret_key = w->t->key;
    (void)snprintf(w->accounts.env[ACCOUNT_OMISE].name, PAY_KEY_MAX, "pkey_test_1");
    w->t->cx->now_ms = INT64_C(1795305600000);
    const struct till_setup setup = {.store = w->t->k->t->store,
                                     .accounts = &w->accounts,
                                     .public_url = "https://shop.example",
                                     .make = make_gateway,
                                     .fetch = fetch,
                                     .mono_ms = still,
                                     .arg = &w->teller};
    assert_int_equal(till_make(w->t->cx, &setup, &w->till), ERR_OK);
    *state = w;
    return 0;
}

static int drop(void **state)
{
    struct world *w = *state;
    till_free(w->till);
    test_orders_free(w->t);
    free(w);
    return 0;
}

static void happened(struct world *w, const char *key)
{
    struct gateway_event *e = &w->teller.events[w->teller.count++];
    *e = (struct gateway_event){.kind = "charge.complete", .ref = "chrg_1"};
    (void)snprintf(e->key, sizeof e->key, "%s", key);
}

static void round_after(struct world *w, int64_t ms)
{
    w->t->cx->now_ms += ms;
    till_round(w->till, w->t->cx->now_ms);
}

static int64_t rows(struct world *w, const char *where)
{
    char ask[160];
    (void)snprintf(ask, sizeof ask, "SELECT count(*) FROM inbox WHERE %s", where);
    return test_number(w->t->k->t, ask);
}

static void missed__is_taken_once_as_if_it_had_been_told(void **state)
{
    struct world *w = *state;
    const struct till_message told = {.shop_id = 1,
                                      .provider = "omise",
                                      .event_key = "evnt_1",
                                      .kind = "charge.complete",
                                      .body = "{}",
                                      .provider_ref = "chrg_1"};
    assert_int_equal(till_take(w->till, w->t->cx, &told), ERR_OK);
    happened(w, "evnt_1"); /* its notice came */
    happened(w, "evnt_2");
    round_after(w, 0);
    assert_int_equal(rows(w, "event_key = 'evnt_2' AND kind = 'charge.complete (asked)'"), 1);
    round_after(w, 500);
    assert_int_equal(w->teller.fetched, 2);
    assert_int_equal(rows(w, "result = 'no such payment'"), 2);
    round_after(w, 6 * MINUTE); /* told again, and nothing comes of it */
    assert_int_equal(w->teller.looks, 2);
    assert_int_equal(w->teller.fetched, 2);
    assert_int_equal(rows(w, "1 = 1"), 2);
}

static void missed__is_asked_for_from_where_it_was_told(void **state)
{
    struct world *w = *state;
    int64_t start = w->t->cx->now_ms;
    w->teller.until_ms = start - 3600000; /* there is more after it */
    round_after(w, 0);
    round_after(w, 500);
    round_after(w, 500);
    round_after(w, 5 * MINUTE);
    assert_int_equal(w->teller.looks, 3);
    assert_int_equal(w->teller.since[0], start - 24 * 60 * MINUTE);
    assert_int_equal(w->teller.since[1], start - 3600000);
    assert_int_equal(w->teller.since[2], start + 500 - 10 * MINUTE); /* again, a little */
}

static void missed__waits_and_forgets_nothing_when_the_provider_is_away(void **state)
{
    struct world *w = *state;
    int64_t start = w->t->cx->now_ms;
    w->teller.e = ERR_UPSTREAM;
    round_after(w, 0);
    round_after(w, 500);
    assert_int_equal(w->teller.looks, 1);
    w->teller.e = ERR_OK;
    round_after(w, MINUTE);
    round_after(w, 500);
    assert_int_equal(w->teller.looks, 2);
    assert_int_equal(w->teller.since[1], start - 24 * 60 * MINUTE);
}

static void missed__sql_runs(void **state)
{
    struct world *w = *state;
#define X(q) assert_int_equal(test_check_sql(w->t->k->t, &(q)), ERR_OK);
    SQL_ALL(X)
#undef X
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
        T(missed__is_taken_once_as_if_it_had_been_told),
        T(missed__is_asked_for_from_where_it_was_told),
        T(missed__waits_and_forgets_nothing_when_the_provider_is_away),
        T(missed__sql_runs),
#undef T
    };
    return cmocka_run_group_tests_name("missed", tests, NULL, NULL);
}
