#include "base/test.h"

#include "base/arena.h"
#include "catalog/import_in.h"
#include "store/testkit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SHOP = 1, OWNER = 10 };

static int make(void **state)
{
    struct test_store *t = test_store_make(&shop_schema);
    test_exec(t, "INSERT INTO shop (id, public_id, slug, name, created_at) VALUES"
                 " (1, 'shp_one', 'one', 'One', 1), (2, 'shp_two', 'two', 'Two', 1);"
                 "INSERT INTO viewer (id, public_id, kind, display_name, lang, created_at)"
                 " VALUES (10, 'viw_owner', 'account', 'Owner', 'zh', 1);");
    *state = t;
    return 0;
}

static int drop(void **state)
{
    test_store_free(*state);
    return 0;
}

static int64_t number(const json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}

/* Stored, worked through by an importer of its own, and how it ended. */
static json_t *run(struct test_store *t, const char *text)
{
    const struct importer_setup setup = {.store = t->store};
    json_t *o = NULL;
    assert_int_equal(import_start(t->store, &t->cx, SHOP, OWNER, text, strlen(text), &o), ERR_OK);
    const char *id = arena_dup(t->cx.arena, json_string_value(json_object_get(o, "id")), 20);
    json_decref(o);
    struct importer *im = importer_make(&setup);
    assert_non_null(im);
    importer_wake(im);
    for (bool over = false; !over;) {
        struct timespec short_while = {0, 2000000};
        struct db *db;
        int64_t shop = 0;
        (void)nanosleep(&short_while, NULL);
        assert_int_equal(store_read(t->store, &db), ERR_OK);
        assert_int_equal(import_get(db, &t->cx, id, &shop, &o), ERR_OK);
        store_read_end(db);
        over = strcmp(json_string_value(json_object_get(o, "state")), "running") != 0;
        if (!over)
            json_decref(o);
    }
    importer_free(im);
    return o;
}

static void amounts__are_read_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text, *currency;
        int64_t amount; /* -1: refused */
    } rows[] = {{"590", "TWD", 590},
                {"NT$1,290", "TWD", 1290},
                {"590.00", "TWD", 590},
                {"590.5", "TWD", -1},
                {"650", "THB", 65000},
                {"650.5", "THB", 65050},
                {"฿650.25", "THB", 65025},
                {"$650.250", "THB", 65025},
                {"650.255", "THB", -1},
                {"", "TWD", -1},
                {"-5", "TWD", -1},
                {"1e3", "TWD", -1},
                {"0", "TWD", 0},
                {".", "THB", -1},
                {"1.2.3", "THB", -1},
                {"99999999999999999999", "TWD", -1},
                {",5", "TWD", -1},
                {"650,00", "THB", -1},
                {"1,290,000", "TWD", 1290000},
                {"12,50", "TWD", -1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t n = -1;
        bool ok = import_amount(rows[i].text, rows[i].currency, &n);
        if (ok != (rows[i].amount >= 0) || (ok && n != rows[i].amount))
            fail_msg("'%s' %s: %d %lld", rows[i].text, rows[i].currency, ok, (long long)n);
    }
}

static void file__is_cut_into_products(void **state)
{
    struct test_store *t = *state;
    static const char text[] = "product,title_en,option1,sku,colour\n"
                               "a,Bag,black,A1,\nb,Cup,,B1,\na,,white,A2,\n,,,,\n,,,A1,\n";
    struct import_file f;
    assert_int_equal(import_parse(&t->cx, text, sizeof text - 1, &f), ERR_OK);
    assert_int_equal(f.row_count, 5);
    assert_int_equal(f.product_count, 3);
    assert_int_equal(f.products[0].line, 2);
    assert_string_equal(f.products[0].rows->next->cell[COLUMN_SKU], "A2");
    assert_int_equal(f.error_count, 3); /* the column, the empty row, the SKU that is there twice */
    assert_false(f.products[0].bad);
    assert_true(f.products[2].bad);
    import_free(&f);
}

static void template__is_made_once(void **state)
{
    struct test_store *t = *state;
    json_t *o = NULL;
    assert_int_equal(
        import_check(t->store, &t->cx, SHOP, import_template, strlen(import_template), &o), ERR_OK);
    assert_int_equal(number(o, "created"), 2);
    assert_int_equal(number(o, "error_count"), 0);
    json_decref(o);
    assert_int_equal(test_number(t, "SELECT count(*) FROM product"), 0);
    o = run(t, import_template);
    assert_int_equal(number(o, "created"), 2);
    json_decref(o);
    o = run(t, import_template);
    assert_int_equal(number(o, "same"), 2);
    json_decref(o);
    assert_int_equal(test_number(t, "SELECT count(*) FROM product"), 2);
    assert_int_equal(test_number(t, "SELECT count(*) FROM variant"), 3);
    assert_int_equal(test_number(t, "SELECT count(*) FROM category"), 2);
    assert_int_equal(test_number(t, "SELECT count(*) FROM stock_move"), 3);
    assert_int_equal(test_number(t, "SELECT count(*) FROM import_chunk"), 0);
}

static void quantity__is_counted_by_the_ledger(void **state)
{
    struct test_store *t = *state;
    json_decref(run(t, "title_en,sku,quantity\nx,X,10\n"));
    test_exec(t, "UPDATE variant SET stock_held = 4");
    json_decref(run(t, "sku,quantity\nX,6\n"));
    assert_int_equal(test_number(t, "SELECT stock_total FROM variant"), 6);
    assert_int_equal(test_number(t, "SELECT CAST(sum(d_total) AS BIGINT) FROM stock_move"), 6);
    json_t *o = run(t, "sku,quantity\nX,3\n"); /* fewer than are held */
    assert_int_equal(number(o, "error_count"), 1);
    assert_int_equal(number(o, "updated"), 0);
    json_decref(o);
    assert_int_equal(test_number(t, "SELECT stock_total FROM variant"), 6);
}

static void run__goes_on_where_it_was(void **state)
{
    struct test_store *t = *state;
    static const char text[] = "title_en,sku\na,A\nb,B\nc,C\n";
    json_t *o = NULL;
    assert_int_equal(import_start(t->store, &t->cx, SHOP, OWNER, text, sizeof text - 1, &o),
                     ERR_OK);
    json_decref(o);
    test_exec(t, "UPDATE import_job SET done = 2, created = 2"); /* then the power went */
    test_store_reopen(t, &shop_schema);
    o = run(t, "title_en,sku\nd,D\n"); /* files are worked through in turn */
    json_decref(o);
    assert_int_equal(test_number(t, "SELECT count(*) FROM import_job WHERE state = 'done'"), 2);
    assert_int_equal(test_number(t, "SELECT count(*) FROM product"), 2);
    assert_int_equal(test_number(t, "SELECT count(*) FROM variant WHERE sku IN ('C', 'D')"), 2);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts__are_read_as_people_write_them),
        T(file__is_cut_into_products),
        T(template__is_made_once),
        T(quantity__is_counted_by_the_ledger),
        T(run__goes_on_where_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
