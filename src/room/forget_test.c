#include "base/test.h"

#include "room/forget.sql.h"
#include "room/testkit.h"

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    struct test_store *t = test_store_make(&shop_schema);
    (void)state;
#define X(q) assert_int_equal(test_check_sql(t, &(q)), ERR_OK);
    SQL_ALL(X)
#undef X
    test_store_free(t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sql__every_statement_prepares_with_ordered_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
