/* What goes by itself when its days are over, and what does not. */
#include "base/test.h"

#include "privacy/privacy.h"
#include "room/sell_testkit.h"

#include <stdlib.h>

#define DAY_MS INT64_C(86400000)

struct world {
    struct test_room *k;
    struct privacy *p;
    int64_t born_ms;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->k = test_room_make();
    w->born_ms = w->k->cx->now_ms;
    const struct privacy_setup p = {.store = w->k->t->store, .room = w->k->r};
    assert_int_equal(privacy_make(&p, &w->p), ERR_OK);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    privacy_free(w->p);
    test_room_free(w->k);
    free(w);
    return 0;
}

static void exec(struct world *w, const char *sql)
{
    test_exec(w->k->t, sql);
}

static int64_t number(struct world *w, const char *sql)
{
    return test_number(w->k->t, sql);
}

/* As if so many days had passed since the world was made. */
static void after_days(struct world *w, int64_t days)
{
    w->k->cx->now_ms = w->born_ms + days * DAY_MS + 60000;
    privacy_tick(w->p, w->k->cx->now_ms);
}

static void sweep__takes_bodies_addresses_and_old_notices_each_in_its_time(void **state)
{
    struct world *w = *state;
    exec(w, "INSERT INTO inbox (id, shop_id, provider, event_key, kind, body, state, at) VALUES"
            " (1, 1, 'ecpay', 'k1', 'payment', 'card=1234', 'done', 1000000),"
            " (2, 1, 'ecpay', 'k2', 'payment', 'card=5678', 'new', 1000000)");
    exec(w, "INSERT INTO audit (id, actor_id, shop_id, action, object, addr, at)"
            " VALUES (1, 100, 1, 'x', 'y', '192.0.2.1', 1000000)");
    exec(w, "INSERT INTO address (id, viewer_id, market, kind, data, used_at)"
            " VALUES (1, 100, 'TW', 'home', '{}', 1000000)");
    exec(w, "INSERT INTO outbox (id, kind, channel, lang, args, state, next_at, until_at,"
            " created_at, changed_at) VALUES"
            " (1, 'budget', 'email', 'en', '', 'sent', 1, 1, 1, 1000000),"
            " (2, 'budget', 'email', 'en', '{}', 'queued', 1, 1, 1, 1000000)");
    after_days(w, 29);
    assert_int_equal(number(w, "SELECT count(*) FROM outbox"), 2);
    after_days(w, 31);
    assert_int_equal(number(w, "SELECT count(*) FROM outbox"), 1);
    after_days(w, 89);
    assert_int_equal(number(w, "SELECT count(*) FROM inbox WHERE body <> ''"), 2);
    after_days(w, 91); /* the key stays: the same message is still known */
    assert_int_equal(number(w, "SELECT count(*) FROM inbox WHERE body = '' AND event_key = 'k1'"),
                     1);
    assert_int_equal(number(w, "SELECT count(*) FROM inbox WHERE body <> '' AND state = 'new'"), 1);
    assert_int_equal(number(w, "SELECT count(*) FROM audit WHERE addr IS NOT NULL"), 1);
    after_days(w, 181);
    assert_int_equal(number(w, "SELECT count(*) FROM audit WHERE addr IS NOT NULL"), 0);
    assert_int_equal(number(w, "SELECT count(*) FROM address"), 1);
    after_days(w, 731);
    assert_int_equal(number(w, "SELECT count(*) FROM address"), 0);
}

static void sweep__forgets_a_show_but_what_was_claimed_there(void **state)
{
    struct world *w = *state;
    struct test_claim c;
    struct message m;
    char listing[ID_TEXT];
    const struct room_who buyer = {.viewer_id = w->k->member.viewer_id,
                                   .name = w->k->member.name,
                                   .lang = "th",
                                   .market = "TW",
                                   .account = true};
    (void)test_show(w->k, "shw_a", SHOW_LIVE);
    test_pin(w->k, "shw_a", test_list_goods(w->k, "shw_a", 1, 5, 1, "A1", listing));
    assert_int_equal(test_say(w->k, &w->k->ann, "shw_a", "hello", &m), ERR_OK);
    assert_int_equal(test_say(w->k, &w->k->bob, "shw_a", "A1+1", &m), ERR_OK); /* a claim */
    assert_int_equal(test_tap(w->k, &buyer, listing, "var_10", 1, "i1", &c), ERR_OK);
    assert_int_equal(number(w, "SELECT count(*) FROM claim"), 2);
    exec(w, "UPDATE show SET state = 'ended', ended_at = 1000000");
    after_days(w, 399);
    assert_true(number(w, "SELECT count(*) FROM event") > 5);
    after_days(w, 401);
    assert_int_equal(number(w, "SELECT count(*) FROM event"), 0);
    assert_int_equal(number(w, "SELECT count(*) FROM message"), 1); /* the claim's */
    assert_int_equal(number(w, "SELECT count(*) FROM message WHERE name <> '' OR text <> ''"), 0);
    assert_int_equal(number(w, "SELECT count(*) FROM claim WHERE name_masked LIKE '%*%'"), 2);
    assert_int_equal(number(w, "SELECT count(*) FROM show WHERE forgotten_at IS NOT NULL"), 1);
}

static void sweep__forgets_guests_who_never_ordered_and_have_gone(void **state)
{
    struct world *w = *state;
    struct message m;
    (void)test_show(w->k, "shw_a", SHOW_LIVE);
    assert_int_equal(test_say(w->k, &w->k->ann, "shw_a", "hello", &m), ERR_OK);
    after_days(w, 179);
    assert_int_equal(number(w, "SELECT count(*) FROM viewer WHERE deleted_at IS NOT NULL"), 0);
    after_days(w, 181);
    privacy_tick(w->p, w->k->cx->now_ms + 1000); /* the steps of those that the sweep began */
    assert_int_equal(number(w, "SELECT count(*) FROM viewer WHERE kind = 'guest' AND"
                               " deleted_at IS NULL"),
                     0);
    assert_int_equal(number(w, "SELECT count(*) FROM viewer WHERE kind = 'account' AND"
                               " deleted_at IS NOT NULL"),
                     0);
    assert_int_equal(number(w, "SELECT count(*) FROM message WHERE text <> ''"), 0);
    privacy_tick(w->p, w->k->cx->now_ms + 300000);
    after_days(w, 182); /* nobody asked for these: they are no requests */
    assert_int_equal(number(w, "SELECT count(*) FROM privacy_request"), 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    static const struct CMUnitTest tests[] = {
        T(sweep__takes_bodies_addresses_and_old_notices_each_in_its_time),
        T(sweep__forgets_a_show_but_what_was_claimed_there),
        T(sweep__forgets_guests_who_never_ordered_and_have_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
