#include "base/test.h"

#include "room/audience.sql.h"
#include "room/testkit.h"

static int make(void **state)
{
    *state = test_room_make();
    return 0;
}

static int drop(void **state)
{
    test_room_free(*state);
    return 0;
}

static void beat(struct test_room *k, const struct room_who *who, const char *show)
{
    struct db *db;
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    enum err e = room_heartbeat(k->r, db, k->cx, who, show, -1);
    store_read_end(db);
    assert_int_equal(e, ERR_OK);
}

static int64_t number(struct test_room *k, const char *sql)
{
    return test_number(k->t, sql);
}

static void tick(struct test_room *k)
{
    for (int i = 0; i < 5; i++)
        room_tick(k->r, k->cx->now_ms);
}

static void audience__is_counted_once_and_sampled_each_minute(void **state)
{
    struct test_room *k = *state;
    (void)test_show(k, "shw_a", SHOW_LIVE);
    beat(k, &k->ann, "shw_a");
    beat(k, &k->ann, "shw_a");
    beat(k, &k->nobody, "shw_a");
    tick(k);
    assert_int_equal(number(k, "SELECT count(*) FROM show_seen"), 2);
    assert_int_equal(number(k, "SELECT count(*) FROM show_sample"), 1);
    assert_int_equal(number(k, "SELECT viewers FROM show_sample"), 2);
    tick(k);
    assert_int_equal(number(k, "SELECT viewers FROM show_sample"), 2);
    k->cx->now_ms += 120000;
    beat(k, &k->ann, "shw_a"); /* comes back: not one more */
    beat(k, &k->bob, "shw_a");
    tick(k);
    assert_int_equal(number(k, "SELECT count(*) FROM show_seen"), 3);
    assert_int_equal(number(k, "SELECT count(*) FROM show_sample"), 2);
}

static void audience__of_a_show_that_is_not_live_waits(void **state)
{
    struct test_room *k = *state;
    (void)test_show(k, "shw_a", SHOW_BACKSTAGE);
    struct show s;
    beat(k, &k->ann, "shw_a");
    tick(k);
    assert_int_equal(number(k, "SELECT count(*) FROM show_seen"), 0);
    assert_int_equal(show_run(k->r, k->cx, &k->host, "shw_a", SHOW_MOVE_GO_LIVE, &s), ERR_OK);
    tick(k);
    assert_int_equal(number(k, "SELECT count(*) FROM show_seen"), 1);
}

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    struct test_room *k = *state;
#define X(q) assert_int_equal(test_check_sql(k->t, &(q)), ERR_OK);
    SQL_ALL(X)
#undef X
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    static const struct CMUnitTest tests[] = {
        T(audience__is_counted_once_and_sampled_each_minute),
        T(audience__of_a_show_that_is_not_live_waits),
        T(sql__every_statement_prepares_with_ordered_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
