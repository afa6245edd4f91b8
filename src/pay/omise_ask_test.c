/* Asking about payments, ending them, and events. */
#include "base/arena.h"
#include "base/crypto.h"
#include "base/test.h"
#include "pay/omise_testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAID ",\"paid\":true,\"captured_amount\":12000"

static enum gateway_says asked(struct desk *d, const char *provider_ref)
{
    struct gateway_payment p = desk_payment("omise_card", provider_ref);
    struct gateway_news news;
    assert_int_equal(d->g->way->ask(d->g, &d->cx, &p, &news), ERR_OK);
    assert_string_equal(news.our_ref, DESK_REF);
    return news.says;
}

static void ask__reads_the_charge_by_its_id(void **state)
{
    struct desk *d = *state;
    desk_answer(d, 200, desk_charge(d, "successful", PAID));
    assert_int_equal(asked(d, DESK_CHARGE), SAYS_PAID);
    assert_string_equal(desk_got(d, 0)->line, "GET /charges/" DESK_CHARGE);
    desk_answer(d, 404, "{\"object\":\"error\",\"code\":\"not_found\"}");
    assert_int_equal(asked(d, DESK_CHARGE), SAYS_UNKNOWN);
    assert_string_equal(d->cx.problem, "");
}

static void ask__looks_for_an_attempt_through_all_pages(void **state)
{
    struct desk *d = *state;
    struct buf page;
    buf_init(&page, 1 << 20);
    for (int i = 0; i < 100; i++)
        buf_fmt(&page, "%s{\"object\":\"charge\",\"metadata\":{\"attempt\":\"other%d\"}}",
                i ? "," : "", i);
    desk_answer(d, 200, desk_list(d, page.data));
    desk_answer(d, 200, desk_list(d, desk_charge(d, "pending", "")));
    assert_int_equal(asked(d, NULL), SAYS_PENDING);
    assert_non_null(strstr(desk_got(d, 0)->line, "&limit=100&offset=0"));
    assert_non_null(strstr(desk_got(d, 1)->line, "&limit=100&offset=100"));
    desk_answer(d, 200, desk_list(d, page.data));
    desk_answer(d, 200, desk_list(d, ""));
    assert_int_equal(asked(d, NULL), SAYS_UNKNOWN);
    struct gateway_payment p = desk_payment("omise_card", NULL);
    struct gateway_news news;
    p.started_ms = 0; /* of all time */
    desk_answer(d, 200, desk_list(d, ""));
    assert_int_equal(d->g->way->ask(d->g, &d->cx, &p, &news), ERR_OK);
    assert_string_equal(desk_got(d, 4)->line,
                        "GET /charges?order=reverse_chronological&limit=100&offset=0");
    buf_done(&page);
}

static void ask__too_many_charges_are_not_none(void **state)
{
    struct desk *d = *state;
    struct gateway_payment p = desk_payment("omise_card", NULL);
    struct gateway_news news;
    struct buf page;
    buf_init(&page, 1 << 20);
    for (int i = 0; i < 100; i++)
        buf_str(&page, i ? ",{}" : "{}");
    const char *full = desk_list(d, page.data);
    for (int i = 0; i < DESK_STEPS; i++)
        desk_answer(d, 200, full);
    assert_int_equal(d->g->way->ask(d->g, &d->cx, &p, &news), ERR_UPSTREAM);
    assert_int_equal(d->n_got, 10);
    buf_done(&page);
}

static void ask__trusts_no_charge_of_another_attempt(void **state)
{
    struct desk *d = *state;
    struct gateway_payment p = desk_payment("omise_card", DESK_CHARGE);
    struct gateway_news news;
    static const char *const bad[] = {",\"metadata\":{\"attempt\":\"b1b2c3d4e5f6g7h8j9k0\"}",
                                      ",\"id\":\"chrg_test_5other\"", ",\"livemode\":true",
                                      ",\"object\":\"refund\""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        desk_answer(d, 200, desk_charge(d, "successful", bad[i]));
        assert_int_equal(d->g->way->ask(d->g, &d->cx, &p, &news), ERR_UPSTREAM);
    }
    p.provider_ref = "chrg_test_5/../../events";
    assert_int_equal(d->g->way->ask(d->g, &d->cx, &p, &news), ERR_OK);
    assert_int_equal(news.says, SAYS_UNKNOWN);
    assert_int_equal(d->n_got, 4);
}

static void ask__is_not_answered_by_nonsense(void **state)
{
    struct desk *d = *state;
    struct gateway_payment p = desk_payment("omise_card", DESK_CHARGE);
    struct gateway_news news;
    struct buf deep;
    buf_init(&deep, 1 << 20);
    for (int i = 0; i < 200000; i++)
        buf_ch(&deep, '[');
    const char *const bad[] = {"", "<html>", "[]", "{}", "{\"object\":\"charge\"}", deep.data};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        desk_answer(d, 200, bad[i]);
        assert_int_equal(d->g->way->ask(d->g, &d->cx, &p, &news), ERR_UPSTREAM);
    }
    desk_answer(d, 502, "<html>bad gateway</html>");
    assert_int_equal(d->g->way->ask(d->g, &d->cx, &p, &news), ERR_UPSTREAM);
    desk_answer(d, 0, NULL);
    assert_int_equal(d->g->way->ask(d->g, &d->cx, &p, &news), ERR_UPSTREAM);
    buf_done(&deep);
}

static void fetch__tells_charges_that_are_not_ours(void **state)
{
    struct desk *d = *state;
    struct gateway_news news;
    desk_answer(d, 200, desk_charge(d, "successful", PAID ",\"metadata\":{\"order_id\":\"7\"}"));
    assert_int_equal(omise_fetch(d->g, &d->cx, DESK_CHARGE, &news), ERR_OK);
    assert_null(news.our_ref);
    assert_int_equal(news.says, SAYS_PAID);
    desk_answer(d, 404, "{\"object\":\"error\",\"code\":\"not_found\"}");
    assert_int_equal(omise_fetch(d->g, &d->cx, DESK_CHARGE, &news), ERR_OK);
    assert_int_equal(news.says, SAYS_UNKNOWN);
}

static enum gateway_says closed(struct desk *d)
{
    struct gateway_payment p = desk_payment("omise_promptpay", DESK_CHARGE);
    struct gateway_news news;
    assert_int_equal(d->g->way->close(d->g, &d->cx, &p, &news), ERR_OK);
    return news.says;
}

static void close__ends_a_charge_that_waits(void **state)
{
    struct desk *d = *state;
    desk_answer(d, 200, desk_charge(d, "pending", ""));
    desk_answer(d, 200, desk_charge(d, "expired", ""));
    assert_int_equal(closed(d), SAYS_EXPIRED);
    assert_int_equal(d->n_got, 2);
    assert_string_equal(desk_got(d, 1)->line, "POST /charges/" DESK_CHARGE "/expire");
}

static void close__honours_money_that_came_meanwhile(void **state)
{
    struct desk *d = *state;
    desk_answer(d, 200, desk_charge(d, "pending", ""));
    desk_answer(d, 400, "{\"object\":\"error\",\"code\":\"failed_expire\"}");
    desk_answer(d, 200, desk_charge(d, "successful", PAID));
    assert_int_equal(closed(d), SAYS_PAID);
    assert_string_equal(desk_got(d, 2)->line, "GET /charges/" DESK_CHARGE);
}

static void close__of_a_paid_charge_sends_nothing(void **state)
{
    struct desk *d = *state;
    desk_answer(d, 200, desk_charge(d, "successful", PAID));
    assert_int_equal(closed(d), SAYS_PAID);
    assert_int_equal(d->n_got, 1);
}

static void close__a_lost_answer_is_looked_up(void **state)
{
    struct desk *d = *state;
    struct gateway_payment p = desk_payment("omise_promptpay", DESK_CHARGE);
    struct gateway_news news = {.says = SAYS_PAID};
    desk_answer(d, 200, desk_charge(d, "pending", ""));
    desk_answer(d, 0, NULL);
    desk_answer(d, 200, desk_charge(d, "expired", ""));
    assert_int_equal(closed(d), SAYS_EXPIRED);
    desk_answer(d, 200, desk_charge(d, "pending", ""));
    desk_answer(d, 0, NULL);
    desk_answer(d, 500, "");
    assert_int_equal(d->g->way->close(d->g, &d->cx, &p, &news), ERR_UPSTREAM);
    assert_int_equal(news.says, SAYS_PAID); /* not written */
}

static void events__are_read_leniently_and_bounded(void **state)
{
    struct desk *d = *state;
    static struct omise_event events[OMISE_EVENTS_MAX];
    size_t n;
    bool more;
    desk_answer(
        d, 200,
        desk_list(d, "{\"object\":\"event\",\"id\":\"evnt_test_1\",\"key\":\"charge.complete\","
                     "\"created_at\":\"2026-11-22T00:00:00Z\",\"data\":{\"object\":\"charge\","
                     "\"id\":\"" DESK_CHARGE "\"}},{\"object\":\"event\",\"id\":\"x\"},7,"
                     "{\"object\":\"event\",\"id\":\"evnt_test_2\",\"key\":\"refund.create\","
                     "\"data\":{\"object\":\"refund\",\"charge\":\"" DESK_CHARGE "\"}}"));
    assert_int_equal(omise_events_since(d->g, &d->cx, DESK_NOW * 1000LL + 7, events, &n, &more),
                     ERR_OK);
    assert_int_equal(n, 2);
    assert_false(more);
    assert_string_equal(events[0].charge, DESK_CHARGE);
    assert_int_equal(events[0].created_ms, DESK_NOW * 1000LL);
    assert_string_equal(events[1].key, "refund.create");
    assert_string_equal(events[1].charge, DESK_CHARGE);
    assert_string_equal(desk_got(d, 0)->line, "GET /events?order=chronological&from=2026-11-22T"
                                              "00:00:00Z&limit=100&offset=0");
    struct buf page;
    buf_init(&page, 1 << 20);
    for (int i = 0; i < 100; i++)
        buf_fmt(&page, "%s{\"object\":\"event\",\"id\":\"evnt_test_%d\",\"key\":\"a.b\"}",
                i ? "," : "", i);
    for (int i = 0; i < 6; i++)
        desk_answer(d, 200, desk_list(d, page.data));
    assert_int_equal(omise_events_since(d->g, &d->cx, 0, events, &n, &more), ERR_OK);
    assert_int_equal(n, OMISE_EVENTS_MAX);
    assert_true(more);
    assert_int_equal(d->n_got, 6);
    buf_done(&page);
}

static void missed__tells_of_charges_and_how_far_it_looked(void **state)
{
    struct desk *d = *state;
    static struct gateway_event events[GATEWAY_EVENTS_MAX];
    size_t n;
    int64_t until, since = (DESK_NOW - 60) * 1000LL;
    desk_answer(
        d, 200,
        desk_list(d, "{\"object\":\"event\",\"id\":\"evnt_test_1\",\"key\":\"customer.create\","
                     "\"data\":{\"object\":\"customer\",\"id\":\"cust_test_1\"}},"
                     "{\"object\":\"event\",\"id\":\"evnt_test_2\",\"key\":\"refund.create\","
                     "\"data\":{\"object\":\"refund\",\"charge\":\"" DESK_CHARGE "\"}},"
                     "{\"object\":\"event\",\"id\":\"evnt_test_3\",\"key\":\"charge.expire\","
                     "\"created_at\":\"2026-11-22T00:00:00Z\",\"data\":{\"object\":\"charge\","
                     "\"id\":\"" DESK_CHARGE "\",\"metadata\":{\"attempt\":\"x\"}}},"
                     "{\"object\":\"event\",\"id\":\"evnt_test_4\",\"key\":\"charge.create\","
                     "\"data\":{\"object\":\"charge\",\"id\":\"" DESK_CHARGE "\"}}"));
    assert_int_equal(d->g->way->missed(d->g, &d->cx, since, events, &n, &until), ERR_OK);
    assert_int_equal(n, 1);
    assert_string_equal(events[0].key, "evnt_test_3");
    assert_string_equal(events[0].kind, "charge.expire");
    assert_string_equal(events[0].ref, DESK_CHARGE);
    assert_int_equal(events[0].at_ms, DESK_NOW * 1000LL);
    assert_int_equal(until, d->cx.now_ms);
    struct buf page;
    buf_init(&page, 1 << 20);
    for (int i = 0; i < 100; i++)
        buf_fmt(&page,
                "%s{\"object\":\"event\",\"id\":\"evnt_test_%d\",\"key\":\"a.b\",\"created_at\":"
                "\"2026-11-21T23:59:30Z\"}",
                i ? "," : "", i);
    for (int i = 0; i < 10; i++)
        desk_answer(d, 200, desk_list(d, page.data));
    assert_int_equal(d->g->way->missed(d->g, &d->cx, since, events, &n, &until), ERR_OK);
    assert_int_equal(until, (DESK_NOW - 30) * 1000LL); /* there is more after it */
    assert_int_equal(d->g->way->missed(d->g, &d->cx, until, events, &n, &until), ERR_OK);
    assert_int_equal(until, (DESK_NOW - 29) * 1000LL);
    buf_done(&page);
}

static void event__says_what_and_whose(void **state)
{
    struct desk *d = *state;
    struct omise_event e;
    static const char good[] =
        "{\"object\":\"event\",\"id\":\"evnt_5a\",\"livemode\":true,\"key\":\"charge.new_word\","
        "\"created_at\":\"2026-11-22T00:00:00Z\",\"data\":{\"object\":\"charge\",\"id\":"
        "\"chrg_5b\"}}";
    assert_int_equal(omise_read_event(&d->cx, good, strlen(good), &e), ERR_OK);
    assert_string_equal(e.id, "evnt_5a");
    assert_string_equal(e.key, "charge.new_word");
    assert_string_equal(e.charge, "chrg_5b");
    assert_true(e.livemode);
    static const char *const bad[] = {
        "",
        "[]",
        "{\"object\":\"charge\",\"id\":\"chrg_test_1\"}",
        "{\"object\":\"event\",\"id\":\"evnt_test_1\"}",
        "{\"object\":\"event\",\"id\":\"evnt_test_\",\"key\":\"charge.create\"}",
        "{\"object\":\"event\",\"id\":\"evnt_test_1'\",\"key\":\"charge.create\"}",
        "{\"object\":\"event\",\"id\":\"evnt_test_1\",\"key\":\"Charge Create\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(omise_read_event(&d->cx, bad[i], strlen(bad[i]), &e), ERR_INPUT);
    static const char none[] =
        "{\"object\":\"event\",\"id\":\"evnt_test_1\",\"key\":"
        "\"charge.create\",\"data\":{\"object\":\"charge\",\"id\":\"../x\"}}";
    assert_int_equal(omise_read_event(&d->cx, none, strlen(none), &e), ERR_OK);
    assert_string_equal(e.charge, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, desk_open, desk_close)
        T(ask__reads_the_charge_by_its_id),
        T(ask__looks_for_an_attempt_through_all_pages),
        T(ask__too_many_charges_are_not_none),
        T(ask__trusts_no_charge_of_another_attempt),
        T(ask__is_not_answered_by_nonsense),
        T(fetch__tells_charges_that_are_not_ours),
        T(close__ends_a_charge_that_waits),
        T(close__honours_money_that_came_meanwhile),
        T(close__of_a_paid_charge_sends_nothing),
        T(close__a_lost_answer_is_looked_up),
        T(events__are_read_leniently_and_bounded),
        T(missed__tells_of_charges_and_how_far_it_looked),
        T(event__says_what_and_whose),
#undef T
    };
    if (crypto_init() != ERR_OK)
        return 1;
    return cmocka_run_group_tests_name("omise_ask", tests, NULL, NULL);
}
