#include "base/test.h"

#include "pay/pay.h"
#include "store/testkit.h"

/* Each header's SQL_ALL is gone when the next is included. */
#define X(q) assert_int_equal(test_check_sql(t, &(q)), ERR_OK);
/* clang-format off */
#include "pay/account.sql.h"
static void accounts_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "pay/method.sql.h"
static void methods_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "pay/pay.sql.h"
static void payments_ok(struct test_store *t)
{
    SQL_ALL(X)
}
/* clang-format on */

static void sql__every_statement_prepares_in_order(void **state)
{
    struct test_store *t = test_store_make(&shop_schema);
    (void)state;
    accounts_ok(t);
    methods_ok(t);
    payments_ok(t);
    test_store_free(t);
}

/* Each payment, from each state to each: only what the design lists. */
static void payment__moves_only_as_listed(void **state)
{
    int listed = 0;
    (void)state;
    for (int from = 0; from < PAYMENT_STATE_COUNT; from++)
        for (int to = 0; to < PAYMENT_STATE_COUNT; to++)
            listed += payment_may((enum payment_state)from, (enum payment_state)to);
    assert_int_equal(listed, 21);
    assert_true(payment_may(PAYMENT_EXPIRED, PAYMENT_PAID)); /* late money */
    assert_false(payment_may(PAYMENT_CREATED, PAYMENT_PAID));
    assert_false(payment_may(PAYMENT_REFUNDED, PAYMENT_PAID));
    assert_false(payment_may(PAYMENT_PAID, PAYMENT_PAID));
    assert_false(payment_may(PAYMENT_PENDING, PAYMENT_SETTLED));
}

static void refund__done_at_once_only_by_hand(void **state)
{
    (void)state;
    assert_true(refund_may(REFUND_QUEUED, REFUND_DONE, true));
    assert_false(refund_may(REFUND_QUEUED, REFUND_DONE, false));
    assert_true(refund_may(REFUND_SENT, REFUND_FAILED, false));
    assert_true(refund_may(REFUND_FAILED, REFUND_QUEUED, false));
    assert_false(refund_may(REFUND_DONE, REFUND_QUEUED, true));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sql__every_statement_prepares_in_order),
        cmocka_unit_test(payment__moves_only_as_listed),
        cmocka_unit_test(refund__done_at_once_only_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
