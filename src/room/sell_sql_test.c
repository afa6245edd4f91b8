#include "base/test.h"

#include "room/testkit.h"

/* SQL_ALL is of the header included last: a list after each. clang-format keeps their order. */
/* clang-format off */
#define X(q) &(q),
#include "room/claim.sql.h"
static const struct sql *const of_claim[] = {SQL_ALL(X)};
#include "room/deal.sql.h"
static const struct sql *const of_deal[] = {SQL_ALL(X)};
#include "room/listing.sql.h"
static const struct sql *const of_listing[] = {SQL_ALL(X)};
#include "room/menu.sql.h"
static const struct sql *const of_menu[] = {SQL_ALL(X)};
#include "room/news.sql.h"
static const struct sql *const of_news[] = {SQL_ALL(X)};
#include "room/review.sql.h"
static const struct sql *const of_review[] = {SQL_ALL(X)};
#include "room/sale.sql.h"
static const struct sql *const of_sale[] = {SQL_ALL(X)};
#undef X
/* clang-format on */

static const struct {
    const struct sql *const *list;
    size_t count;
} lists[] = {
#define OF(name)                                          \
    {                                                     \
        of_##name, sizeof of_##name / sizeof of_##name[0] \
    }
    OF(claim), OF(deal), OF(listing), OF(menu), OF(news), OF(review), OF(sale),
#undef OF
};

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    struct test_room *k = test_room_make();
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        for (size_t q = 0; q < lists[i].count; q++)
            assert_int_equal(test_check_sql(k->t, lists[i].list[q]), ERR_OK);
    test_room_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sql__every_statement_prepares_with_ordered_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
