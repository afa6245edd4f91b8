#include "base/test.h"

#include "base/arena.h"
#include "order/mail.sql.h"
#include "order/testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MUG = 1, ANN = 1 };

static int make(void **state)
{
    struct test_orders *t = test_orders_make();
    test_variant(t->k, MUG, 50);
    (void)json_object_set_new(t->address, "email", json_string("ann@example.com"));
    *state = t;
    return 0;
}

static int drop(void **state)
{
    test_orders_free(*state);
    return 0;
}

static int64_t notices(struct test_orders *t, const char *where)
{
    char sql[200];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM outbox WHERE %s", where);
    return test_number(t->k->t, sql);
}

/* What a receipt says; the caller json_decref()s it. */
static json_t *args(struct test_orders *t)
{
    static const struct sql read = {"test_args", "SELECT args FROM outbox ORDER BY id LIMIT 1"};
    const char *text;
    struct db *db;
    assert_int_equal(store_read(t->k->t->store, &db), ERR_OK);
    assert_int_equal(db_row(db, t->cx->arena, &read, ARGS(), COLS(C(&text))), ERR_OK);
    store_read_end(db);
    return json_loads(text, 0, NULL);
}

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    struct test_orders *t = *state;
#define X(q) assert_int_equal(test_check_sql(t->k->t, &(q)), ERR_OK);
    SQL_ALL(X)
#undef X
}

static void receipt__goes_where_the_buyer_said(void **state)
{
    static const char *const to_shipped[] = {"packed", "shipped", NULL};
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, MUG, 2, "cod");
    assert_int_equal(
        notices(t, "kind = 'order_receipt' AND channel = 'email' AND email = 'ann@example.com'"),
        1);
    json_t *o = args(t);
    assert_string_equal(test_text(o, "no"), test_text(order, "no"));
    assert_false(json_is_true(json_object_get(o, "paid")));
    assert_non_null(strstr(test_text(o, "url"), "?s="));
    const json_t *line = json_array_get(json_object_get(o, "lines"), 0);
    assert_int_equal(json_integer_value(json_object_get(line, "qty")), 2);
    assert_int_equal(json_integer_value(json_object_get(o, "total")), test_amount(order, "total"));
    /* neither phone nor house number */
    assert_null(strstr(test_text(o, "address"), "09"));
    json_decref(o);
    free(test_parcel(t, order, to_shipped));
    assert_int_equal(notices(t, "kind = 'order_shipped'"), 1);
    json_decref(order);
}

static void receipt__comes_with_the_money_and_once(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, MUG, 1, "card");
    assert_int_equal(notices(t, "1 = 1"), 0);
    int64_t payment = test_number(t->k->t, "SELECT max(id) FROM payment");
    int64_t total = test_amount(order, "total");
    assert_int_equal(test_paid(t, payment, total, "TWD"), ERR_OK);
    assert_int_equal(test_paid(t, payment, total, "TWD"), ERR_OK);
    assert_int_equal(notices(t, "kind = 'order_receipt'"), 1);
    json_t *o = args(t);
    assert_true(json_is_true(json_object_get(o, "paid")));
    json_decref(o);
    json_decref(order);
}

/* A guest may type a stranger's address: what they typed beside it is no link there. */
static void receipt__carries_no_strangers_link(void **state)
{
    struct test_orders *t = *state;
    (void)json_object_set_new(t->address, "name", json_string("Win at http://evil.example/x"));
    json_decref(test_order(t, ANN, MUG, 1, "cod"));
    json_t *o = args(t);
    assert_null(strpbrk(test_text(o, "address"), ".:/@"));
    json_decref(o);
}

static void receipt__of_who_left_no_address_is_none(void **state)
{
    struct test_orders *t = *state;
    (void)json_object_del(t->address, "email");
    json_decref(test_order(t, ANN, MUG, 1, "cod"));
    assert_int_equal(notices(t, "1 = 1"), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sql__every_statement_prepares_with_ordered_parameters),
        TEST(receipt__goes_where_the_buyer_said),
        TEST(receipt__comes_with_the_money_and_once),
        TEST(receipt__carries_no_strangers_link),
        TEST(receipt__of_who_left_no_address_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
