#include "base/test.h"

#include "base/arena.h"
#include "room/reach.sql.h"
#include "room/reach_in.h"
#include "room/sell_testkit.h"

#include <string.h>

enum { BUYER = 1001 };

static int make(void **state)
{
    struct test_room *k = test_room_make();
    (void)test_show(k, "shw_a", SHOW_LIVE);
    test_goods(k, 12, 3, 1); /* var_120 */
    (void)test_buyer(k, BUYER);
    test_exec(k->t, test_on_postgres()
                        ? "INSERT INTO push_subscription (id, viewer_id, endpoint, p256dh, auth, "
                          "created_at, seen_at) VALUES (1, 1001, 'https://p.example/1', "
                          "'\\x04', '\\x04', 1, 1)"
                        : "INSERT INTO push_subscription (id, viewer_id, endpoint, p256dh, auth, "
                          "created_at, seen_at) VALUES (1, 1001, 'https://p.example/1', "
                          "x'04', x'04', 1, 1)");
    *state = k;
    return 0;
}

static int drop(void **state)
{
    test_room_free(*state);
    return 0;
}

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    struct test_room *k = *state;
#define X(q) assert_int_equal(test_check_sql(k->t, &(q)), ERR_OK);
    SQL_ALL(X)
#undef X
}

static enum err offer_job(struct tx *tx, void *arg)
{
    return reach_offer(tx, arg);
}

static enum err won_job(struct tx *tx, void *arg)
{
    const struct giveaway g = {.id = 5, .variant_id = 120};
    return reach_winner(tx, &g, arg);
}

static void run(struct test_room *k, enum err (*job)(struct tx *tx, void *arg), void *arg)
{
    assert_int_equal(store_do(k->t->store, k->cx, "test", job, arg), ERR_OK);
}

/* Until the offer is over; the next offer of the same place is another. */
static void offer__is_pushed_once(void **state)
{
    struct test_room *k = *state;
    struct news_item n = {.kind = NEWS_OFFER,
                          .viewer_id = BUYER,
                          .variant_id = 120,
                          .waiting_id = 9,
                          .until_ms = k->cx->now_ms + 300000};
    run(k, offer_job, &n);
    run(k, offer_job, &n);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM outbox WHERE kind = 'waitlist_offer' "
                                       "AND channel = 'push' AND until_at = 1300000"),
                     1);
    n.until_ms += 1;
    run(k, offer_job, &n);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM outbox"), 2);
    n.variant_id = 999; /* deleted meanwhile */
    run(k, offer_job, &n);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM outbox"), 2);
}

static void prize__is_told_to_its_winner(void **state)
{
    struct test_room *k = *state;
    struct giveaway_winner w = {.viewer_id = BUYER, .until_ms = k->cx->now_ms + 86400000};
    run(k, won_job, &w);
    run(k, won_job, &w);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM outbox WHERE kind = 'draw_won'"), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sql__every_statement_prepares_with_ordered_parameters),
        TEST(offer__is_pushed_once),
        TEST(prize__is_told_to_its_winner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
