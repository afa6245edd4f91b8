#include "base/test.h"

#include "stock/testkit.h"

/* Each header's SQL_ALL is gone when the next is included. */
#define X(q) assert_int_equal(test_check_sql(t, &(q)), ERR_OK);
#include "stock/hold.sql.h"
static void hold_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "stock/units.sql.h"
static void units_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "stock/waiting.sql.h"
static void waiting_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "stock/stock.sql.h"
static void stock_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "stock/reconcile.sql.h"
static void reconcile_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#undef X

static void sql__every_statement_prepares_in_order(void **state)
{
    struct test_stock *k = test_stock_make();
    (void)state;
    hold_ok(k->t);
    units_ok(k->t);
    waiting_ok(k->t);
    stock_ok(k->t);
    reconcile_ok(k->t);
    test_stock_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sql__every_statement_prepares_in_order),
    };
    return cmocka_run_group_tests_name("sql", tests, NULL, NULL);
}
