#include "base/test.h"

#include "base/arena.h"
#include "catalog/edit.h"
#include "nightmarket/app.h"
#include "nightmarket/demo_in.h"
#include "store/testkit.h"

#include <string.h>

static void goods__are_made_once_and_are_for_sale(void **state)
{
    (void)state;
    struct test_store *t = test_store_make(&shop_schema);
    test_exec(t, "INSERT INTO shop (id, public_id, slug, name, created_at)"
                 " VALUES (1, 'shp_one', 'one', 'One', 1);"
                 "INSERT INTO viewer (id, public_id, kind, display_name, lang, created_at)"
                 " VALUES (10, 'viw_owner', 'account', 'Owner', 'zh', 1);");
    struct app a = {.store = t->store, .cx = {.arena = arena_make(8 << 20), .now_ms = 1000000}};
    assert_int_equal(demo_goods(&a, 1, 10), ERR_OK);
    assert_int_equal(demo_goods(&a, 1, 10), ERR_OK);
    assert_int_equal(test_number(t, "SELECT count(*) FROM product WHERE status = 'active'"), 6);
    assert_int_equal(test_number(t, "SELECT count(*) FROM variant"), 14);
    assert_int_equal(test_number(t, "SELECT count(*) FROM price"), 28);
    assert_int_equal(test_number(t, "SELECT count(*) FROM variant WHERE stock_total = 0"), 1);
    arena_free(a.cx.arena);
    test_store_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(goods__are_made_once_and_are_for_sale)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
