#include "base/test.h"

#include "base/arena.h"
#include "cart/cart.h"
#include "room/check.h"
#include "room/merge.h"
#include "room/sell_testkit.h"
#include "stock/reconcile.h"

#include <stdio.h>

#define SHOW "shw_a"

static char bag[ID_TEXT];

static int make(void **state)
{
    struct test_room *k = test_room_make();
    struct test_claim c;
    struct room_who ann = test_buyer(k, 1000), bob = test_buyer(k, 1001);
    (void)test_show(k, SHOW, SHOW_LIVE);
    (void)test_list_goods(k, SHOW, 12, 3, 1, "A12", bag);
    test_pin(k, SHOW, bag);
    assert_int_equal(test_tap(k, &ann, bag, NULL, 2, "k1", &c), ERR_OK);
    assert_int_equal(test_tap(k, &ann, bag, NULL, 1, "k2", &c), ERR_OK);
    assert_int_equal(test_tap(k, &bob, bag, NULL, 2, "k1", &c), ERR_OK);
    assert_string_equal(c.state, "waitlisted");
    *state = k;
    return 0;
}

static int drop(void **state)
{
    test_room_free(*state);
    return 0;
}

/* How many differences all the lists find. */
static size_t differences(struct test_room *k)
{
    struct reconcile_report r = {.count = 0};
    struct db *db;
    struct cx cx;
    test_cx(k, &cx);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(reconcile_run(db, &cx, &stock_checks, 0, &r), ERR_OK);
    assert_int_equal(reconcile_run(db, &cx, &cart_checks, 0, &r), ERR_OK);
    assert_int_equal(reconcile_run(db, &cx, &room_checks, 0, &r), ERR_OK);
    store_read_end(db);
    arena_free(cx.arena);
    return r.count;
}

/* Each is one thing wrong, and then put right. */
static void reconcile__finds_what_is_wrong(void **state)
{
    static const struct {
        const char *breaks, *mends;
    } all[] = {
        {"UPDATE variant SET stock_held = stock_held - 1 WHERE id = 120",
         "UPDATE variant SET stock_held = stock_held + 1 WHERE id = 120"},
        {"UPDATE listing_take SET qty = qty + 1 WHERE viewer_id = 1000",
         "UPDATE listing_take SET qty = qty - 1 WHERE viewer_id = 1000"},
        {"UPDATE claim SET qty_given = qty_given + 1 WHERE seq_no = 1",
         "UPDATE claim SET qty_given = qty_given - 1 WHERE seq_no = 1"},
        {"UPDATE claim SET state = 'ordered' WHERE seq_no = 1",
         "UPDATE claim SET state = 'granted' WHERE seq_no = 1"},
        {"UPDATE cart_line SET qty = qty + 1", "UPDATE cart_line SET qty = qty - 1"},
        {"UPDATE cart SET state = 'ordered'", "UPDATE cart SET state = 'open'"},
        {"UPDATE show_sale SET claim_no = claim_no + 1",
         "UPDATE show_sale SET claim_no = claim_no - 1"},
        {"UPDATE show_log SET head = head + 1", "UPDATE show_log SET head = head - 1"},
        {"UPDATE waiting SET place = place + 1", "UPDATE waiting SET place = place - 1"},
        {"UPDATE waiting SET state = 'offered'", "UPDATE waiting SET state = 'waiting'"},
        {"UPDATE stock_move SET d_held = d_held + 1 WHERE reason = 'hold'",
         "UPDATE stock_move SET d_held = d_held - 1 WHERE reason = 'hold'"},
    };
    struct test_room *k = *state;
    assert_int_equal(differences(k), 0);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        test_exec(k->t, all[i].breaks);
        if (differences(k) == 0)
            fail_msg("not found: %s", all[i].breaks);
        test_exec(k->t, all[i].mends);
        assert_int_equal(differences(k), 0);
    }
}

struct merge {
    int64_t from, to;
};

static enum err merge_run(struct tx *tx, void *arg)
{
    const struct merge *m = arg;
    struct stock_turn turn;
    turn_begin(&turn, tx, NULL);
    enum err e = cart_merge(&turn, m->from, m->to);
    if (!e)
        e = claim_merge(&turn, m->from, m->to);
    return e ? e : turn_end(&turn);
}

/* Both used the key "k1". */
static void merge__claims_and_limits_are_the_accounts(void **state)
{
    struct test_room *k = *state;
    struct merge m = {1001, 1000};
    assert_int_equal(store_do(k->t->store, k->cx, "merge", merge_run, &m), ERR_OK);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM claim WHERE viewer_id = 1000"), 3);
    assert_int_equal(test_number(k->t, "SELECT qty FROM listing_take WHERE viewer_id = 1000"), 5);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM listing_take"), 1);
    assert_int_equal(differences(k), 0);
}

/* Deleting the account left the name and the words of its guest time in the chat. */
static void merge__words_are_the_accounts(void **state)
{
    struct test_room *k = *state;
    struct merge m = {k->ann.viewer_id, 1000};
    char asked[160];
    assert_int_equal(test_say(k, &k->ann, "shw_a", "as a guest", NULL), ERR_OK);
    assert_int_equal(store_do(k->t->store, k->cx, "merge", merge_run, &m), ERR_OK);
    (void)snprintf(asked, sizeof asked, "SELECT count(*) FROM message WHERE viewer_id = %lld",
                   (long long)m.from);
    assert_int_equal(test_number(k->t, asked), 0);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM message m JOIN event e"
                                       " ON e.show_id = m.show_id AND e.seq = m.seq"
                                       " WHERE m.text = 'as a guest' AND m.viewer_id = 1000"
                                       " AND e.viewer_id = 1000"),
                     1);
}

#define X(q) assert_int_equal(test_check_sql(t, &(q)), ERR_OK);
#include "room/check.sql.h"
static void check_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "room/merge.sql.h"
static void merge_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#undef X

static void sql__every_statement_prepares_in_order(void **state)
{
    struct test_room *k = *state;
    check_ok(k->t);
    merge_ok(k->t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
        T(reconcile__finds_what_is_wrong),
        T(merge__claims_and_limits_are_the_accounts),
        T(merge__words_are_the_accounts),
        T(sql__every_statement_prepares_in_order),
    };
    return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
