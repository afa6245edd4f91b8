#include "base/test.h"

#include "store/testkit.h"

/* Each header's SQL_ALL is gone when the next is included. */
#define X(q) assert_int_equal(test_check_sql(t, &(q)), ERR_OK);
/* clang-format off */
#include "order/bill.sql.h"
static void bill_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "order/check.sql.h"
static void check_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "order/due.sql.h"
static void due_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "order/invoice.sql.h"
static void invoice_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "order/list.sql.h"
static void list_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "order/order.sql.h"
static void order_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "order/paid.sql.h"
static void paid_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "order/parcel.sql.h"
static void parcel_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "order/pickup.sql.h"
static void pickup_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "order/quote.sql.h"
static void quote_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "order/refund.sql.h"
static void refund_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "order/report.sql.h"
static void report_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "order/returns.sql.h"
static void returns_ok(struct test_store *t)
{
    SQL_ALL(X)
}
/* clang-format on */
#undef X

static void sql__every_statement_prepares_in_order(void **state)
{
    struct test_store *t = test_store_make(&shop_schema);
    (void)state;
    bill_ok(t);
    check_ok(t);
    due_ok(t);
    invoice_ok(t);
    list_ok(t);
    order_ok(t);
    paid_ok(t);
    parcel_ok(t);
    pickup_ok(t);
    quote_ok(t);
    refund_ok(t);
    report_ok(t);
    returns_ok(t);
    test_store_free(t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sql__every_statement_prepares_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
