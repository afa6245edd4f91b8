#include "base/test.h"

#include "privacy/keep.h"
#include "store/testkit.h"

/* Each header's SQL_ALL is gone when the next is included. */
#define X(q) assert_int_equal(test_check_sql(t, &(q)), ERR_OK);
/* clang-format off */
#include "privacy/breach.sql.h"
static void breach_ok(struct test_store *t) { SQL_ALL(X) }
#include "privacy/consent.sql.h"
static void consent_ok(struct test_store *t) { SQL_ALL(X) }
#include "privacy/erase.sql.h"
static void erase_ok(struct test_store *t) { SQL_ALL(X) }
#include "privacy/erase_run.sql.h"
static void erase_run_ok(struct test_store *t) { SQL_ALL(X) }
#include "privacy/export.sql.h"
static void export_ok(struct test_store *t) { SQL_ALL(X) }
#include "privacy/legal.sql.h"
static void legal_ok(struct test_store *t) { SQL_ALL(X) }
#include "privacy/request.sql.h"
static void request_ok(struct test_store *t) { SQL_ALL(X) }
#include "privacy/sweep.sql.h"
static void sweep_ok(struct test_store *t) { SQL_ALL(X) }
/* clang-format on */

static void sql__every_statement_prepares_in_order(void **state)
{
    struct test_store *t = test_store_make(&shop_schema);
    (void)state;
    breach_ok(t);
    consent_ok(t);
    erase_ok(t);
    erase_run_ok(t);
    export_ok(t);
    legal_ok(t);
    request_ok(t);
    sweep_ok(t);
    test_store_free(t);
}

static void keep__takes_days_within_bounds_alone(void **state)
{
    struct cx cx = {.arena = NULL};
    struct keep k;
    (void)state;
    assert_int_equal(keep_parse(&cx, NULL, &k), ERR_OK);
    assert_int_equal(k.days[KEEP_CHAT], 400);
    assert_int_equal(keep_parse(&cx, " chat=30, inbox=3650 ", &k), ERR_OK);
    assert_int_equal(k.days[KEEP_CHAT], 30);
    assert_int_equal(k.days[KEEP_INBOX], 3650);
    assert_int_equal(k.days[KEEP_AUDIT], 180);
    static const char *const bad[] = {
        "chat=29",   "chat=3651",           "chat", "chat=",   "chats=400",
        "chat=-400", "chat=99999999999999", "=400", "chat=4 x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(keep_parse(&cx, bad[i], &k), ERR_INPUT);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sql__every_statement_prepares_in_order),
        cmocka_unit_test(keep__takes_days_within_bounds_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
