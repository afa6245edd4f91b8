/* What staff see of the shop's money, and the watch over it. */
#include "base/test.h"

#include "base/arena.h"
#include "order/testkit.h"
#include "pay/ledger.h"
#include "till/check.h"
#include "till/money.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each header's SQL_ALL is gone when the next is included. */
#define X(q) assert_int_equal(test_check_sql(t, &(q)), ERR_OK);
/* clang-format off */
#include "till/check.sql.h"
static void check_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "till/money.sql.h"
static void money_ok(struct test_store *t)
{
    SQL_ALL(X)
}
/* clang-format on */
#undef X

enum { MUG = 1, ANN = 1, BOB = 2 };

static const struct pay_provider ecpay = {.name = "ecpay"};
static const struct pay_method wallet = {.id = "wallet", .provider = &ecpay, .market = "TW"};
static const struct pay_table table = {.methods = &wallet, .count = 1};

struct world {
    struct test_orders *t;
    struct db *db;
    json_t *ann, *bob;
};

static int64_t number(struct world *w, const char *sql)
{
    return test_number(w->t->k->t, sql);
}

/* Ann's money is on her order; Bob paid one too few, and it goes back. */
static int make(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->t = test_orders_make();
    test_variant(w->t->k, MUG, 50);
    w->ann = test_order(w->t, ANN, MUG, 1, "wallet");
    assert_int_equal(test_paid(w->t, number(w, "SELECT max(id) FROM payment"), 200, "TWD"), ERR_OK);
    w->bob = test_order(w->t, BOB, MUG, 1, "wallet");
    w->t->cx->now_ms += 86400000;
    assert_int_equal(test_paid(w->t, number(w, "SELECT max(id) FROM payment"), 199, "TWD"), ERR_OK);
    *state = w;
    return 0;
}

static int drop(void **state)
{
    struct world *w = *state;
    json_decref(w->ann);
    json_decref(w->bob);
    test_orders_free(w->t);
    free(w);
    return 0;
}

typedef enum err list_fn(struct world *w, const struct money_filter *f, json_t **ret);

static enum err payments(struct world *w, const struct money_filter *f, json_t **ret)
{
    return money_payments(w->db, w->t->cx, f, ret);
}
static enum err refunds(struct world *w, const struct money_filter *f, json_t **ret)
{
    return money_refunds(w->db, w->t->cx, &table, f, ret);
}
static enum err orphans(struct world *w, const struct money_filter *f, json_t **ret)
{
    return money_orphans(w->db, w->t->cx, &table, f, ret);
}
static enum err ledger(struct world *w, const struct money_filter *f, json_t **ret)
{
    return money_ledger(w->db, w->t->cx, f, ret);
}

static enum err read_list(struct world *w, list_fn *list, const struct money_filter *f,
                          json_t **ret)
{
    assert_int_equal(store_read(w->t->k->t->store, &w->db), ERR_OK);
    enum err e = list(w, f, ret);
    store_read_end(w->db);
    return e;
}

static size_t count(struct world *w, list_fn *list, const struct money_filter *f)
{
    json_t *page = NULL;
    assert_int_equal(read_list(w, list, f, &page), ERR_OK);
    size_t n = json_array_size(json_object_get(page, "items"));
    json_decref(page);
    return n;
}

#define COUNT(list, ...) count(w, (list), &(struct money_filter){__VA_ARGS__})

static void money__is_found_by_what_staff_know_of_it(void **state)
{
    struct world *w = *state;
    json_t *page = NULL;
    assert_int_equal(COUNT(payments, .shop_id = 1), 2);
    assert_int_equal(COUNT(payments, .shop_id = 2), 0);
    assert_int_equal(COUNT(payments, .shop_id = 1, .state = "paid"), 1);
    assert_int_equal(COUNT(payments, .shop_id = 1, .provider = "omise"), 0);
    assert_int_equal(COUNT(payments, .shop_id = 1, .q = test_text(w->ann, "no")), 1);
    assert_int_equal(COUNT(payments, .shop_id = 2, .q = test_text(w->ann, "no")), 0);
    assert_int_equal(COUNT(payments, .shop_id = 1, .q = "nobody's"), 0);
    assert_int_equal(
        read_list(w, payments, &(struct money_filter){.shop_id = 1, .state = "x"}, &page),
        ERR_INPUT);
    assert_int_equal(
        read_list(w, payments, &(struct money_filter){.shop_id = 1, .cursor = "x"}, &page),
        ERR_INPUT);
}

static void money__comes_in_pages(void **state)
{
    struct world *w = *state;
    json_t *page = NULL;
    struct money_filter f = {.shop_id = 1, .limit = 1};
    assert_int_equal(read_list(w, payments, &f, &page), ERR_OK);
    char *next = strdup(test_text(page, "next"));
    json_decref(page);
    f.cursor = next;
    assert_int_equal(read_list(w, payments, &f, &page), ERR_OK);
    const json_t *one = json_array_get(json_object_get(page, "items"), 0);
    assert_string_equal(test_text(one, "order"), test_text(w->ann, "no"));
    assert_string_equal(test_text(one, "state"), "paid");
    json_decref(page);
    free(next);
}

static void payment__is_shown_with_all_that_happened_to_it(void **state)
{
    struct world *w = *state;
    json_t *page = NULL, *one = NULL;
    const struct money_filter f = {.shop_id = 1, .limit = 1}; /* Bob's */
    assert_int_equal(read_list(w, payments, &f, &page), ERR_OK);
    const char *id = test_text(json_array_get(json_object_get(page, "items"), 0), "id");
    assert_int_equal(store_read(w->t->k->t->store, &w->db), ERR_OK);
    assert_int_equal(money_payment(w->db, w->t->cx, &table, 1, id, &one), ERR_OK);
    assert_int_equal(test_amount(one, "refunded"), 199);
    assert_int_equal(json_array_size(json_object_get(one, "refunds")), 1);
    assert_int_equal(json_array_size(json_object_get(one, "entries")), 2);
    assert_true(json_is_object(json_object_get(one, "details")));
    json_decref(one);
    assert_int_equal(money_payment(w->db, w->t->cx, &table, 2, id, &one), ERR_NOT_FOUND);
    store_read_end(w->db);
    json_decref(page);
}

static void refunds__are_a_list_of_what_is_to_be_done(void **state)
{
    struct world *w = *state;
    json_t *page = NULL;
    assert_int_equal(COUNT(refunds, .shop_id = 1, .state = "open"), 1);
    assert_int_equal(COUNT(refunds, .shop_id = 2, .state = "open"), 0);
    assert_int_equal(COUNT(refunds, .shop_id = 1, .state = "done"), 0);
    assert_int_equal(COUNT(refunds, .shop_id = 1, .manual = true), 0);
    test_exec(w->t->k->t, "UPDATE refund SET manual = 1");
    test_exec(w->t->k->t, "UPDATE payment SET details = '{\"payer_bank\":\"812\",\"gwsr\":\"1\"}'");
    const struct money_filter f = {.shop_id = 1, .state = "queued", .manual = true};
    assert_int_equal(read_list(w, refunds, &f, &page), ERR_OK);
    const json_t *one = json_array_get(json_object_get(page, "items"), 0);
    assert_string_equal(test_text(json_object_get(one, "pay_to"), "payer_bank"), "812");
    assert_null(json_object_get(json_object_get(one, "pay_to"), "gwsr"));
    assert_true(json_is_true(json_object_get(json_object_get(one, "can"), "done")));
    assert_string_equal(test_text(one, "reason"), "wrong_amount");
    json_decref(page);
}

static const char *orphan_state(struct world *w, json_t **page)
{
    json_decref(*page);
    *page = NULL;
    assert_int_equal(read_list(w, orphans, &(struct money_filter){.shop_id = 1}, page), ERR_OK);
    assert_int_equal(json_array_size(json_object_get(*page, "items")), 1);
    return test_text(json_array_get(json_object_get(*page, "items"), 0), "state");
}

struct end {
    struct orders *o;
    int64_t refund_id;
    enum refund_state to;
};

static enum err end_job(struct tx *tx, void *arg)
{
    const struct end *d = arg;
    return order_refund_settle(d->o, tx, d->refund_id, &(struct refund_result){.to = d->to});
}

static void ends(struct world *w, enum refund_state to)
{
    struct end d = {w->t->o, number(w, "SELECT max(id) FROM refund"), to};
    test_exec(w->t->k->t, "UPDATE refund SET state = 'sent'");
    assert_int_equal(store_do(w->t->k->t->store, w->t->cx, "test.end", end_job, &d), ERR_OK);
}

static void orphans__say_why_and_what_becomes_of_them(void **state)
{
    struct world *w = *state;
    json_t *page = NULL;
    assert_string_equal(orphan_state(w, &page), "refunding");
    const json_t *one = json_array_get(json_object_get(page, "items"), 0);
    assert_string_equal(test_text(one, "why"), "wrong_amount");
    const json_t *sum = json_array_get(json_object_get(page, "sums"), 0);
    assert_int_equal(json_integer_value(json_object_get(sum, "open")), 199);
    test_exec(w->t->k->t, "UPDATE refund SET manual = 1");
    assert_string_equal(orphan_state(w, &page), "by_hand");
    test_exec(w->t->k->t, "UPDATE refund SET manual = 0");
    ends(w, REFUND_DONE);
    assert_string_equal(orphan_state(w, &page), "refunded");
    assert_int_equal(COUNT(orphans, .shop_id = 1, .open = true), 0);
    assert_int_equal(COUNT(orphans, .shop_id = 2), 0);
    json_decref(page);
}

static void orphans__whose_refund_failed_stay_in_sight(void **state)
{
    struct world *w = *state;
    json_t *page = NULL;
    ends(w, REFUND_FAILED);
    assert_string_equal(orphan_state(w, &page), "failed");
    assert_int_equal(COUNT(orphans, .shop_id = 1, .open = true), 1);
    json_decref(page);
}

static void ledger__is_read_by_days(void **state)
{
    struct world *w = *state;
    json_t *page = NULL;
    struct buf b;
    assert_int_equal(COUNT(ledger, .shop_id = 1), 3);
    assert_int_equal(COUNT(ledger, .shop_id = 2), 0);
    assert_int_equal(COUNT(ledger, .shop_id = 1, .from = "1970-01-02"), 2); /* Taipei's days */
    assert_int_equal(COUNT(ledger, .shop_id = 1, .to = "1970-01-01"), 1);
    assert_int_equal(COUNT(ledger, .shop_id = 1, .from = "1000001"), 2);
    assert_int_equal(COUNT(ledger, .shop_id = 1, .cursor = "3"), 2);
    assert_int_equal(
        read_list(w, ledger, &(struct money_filter){.shop_id = 1, .from = "soon"}, &page),
        ERR_INPUT);
    const struct money_filter f = {.shop_id = 1, .from = "1970-01-02"};
    buf_init(&b, 100000);
    assert_int_equal(store_read(w->t->k->t->store, &w->db), ERR_OK);
    assert_int_equal(money_ledger_csv(w->db, w->t->cx, &f, &b), ERR_OK);
    store_read_end(w->db);
    buf_ch(&b, '\0');
    assert_int_equal(buf_err(&b), ERR_OK);
    const char *text = b.data;
    assert_non_null(strstr(text, "2,\"1970-01-02T00:16:40.000Z\",\"orphan_amount\","
                                 "\"gateway:ecpay\",\"orphans\",199,\"TWD\","));
    assert_null(strstr(text, "\"paid\""));
    buf_done(&b);
}

static void figures__count_what_waits(void **state)
{
    struct world *w = *state;
    json_t *f = NULL;
    assert_int_equal(store_read(w->t->k->t->store, &w->db), ERR_OK);
    assert_int_equal(money_figures(w->db, w->t->cx, NULL, 1, &f), ERR_OK);
    store_read_end(w->db);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(f, "refunds"), "queued")),
                     1);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(f, "orphans"), "open")), 1);
    assert_true(json_is_null(json_object_get(f, "checked_at")));
    assert_int_equal(json_array_size(json_object_get(f, "balances")), 4);
    json_decref(f);
}

static void watch__looks_and_says_what_does_not_agree(void **state)
{
    struct world *w = *state;
    struct money_watch *watch = NULL;
    int64_t differences = -1, checked = -1, now = 5000000;
    assert_int_equal(money_watch_make(w->t->k->t->store, &watch), ERR_OK);
    money_watch_tick(watch, now);
    money_watch_read(watch, &differences, &checked);
    assert_int_equal(checked, 0);
    money_watch_tick(watch, now += MONEY_WATCH_FIRST_S * 1000);
    money_watch_read(watch, &differences, &checked);
    assert_int_equal(checked, now);
    assert_int_equal(differences, 0);
    test_exec(w->t->k->t, "UPDATE money_entry SET amount = amount + 1 WHERE no = 1 AND line = 1");
    money_watch_tick(watch, now + MONEY_WATCH_EVERY_S * 1000);
    money_watch_read(watch, &differences, &checked);
    assert_int_equal(differences, 3); /* the sum, what the gateway has, and the chain */
    test_exec(w->t->k->t, "UPDATE money_entry SET amount = amount - 1 WHERE no = 1 AND line = 1");
    money_watch_free(watch);
}

static void sql__every_statement_prepares_in_order(void **state)
{
    struct world *w = *state;
    check_ok(w->t->k->t);
    money_ok(w->t->k->t);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make, drop)
    static const struct CMUnitTest tests[] = {
        T(money__is_found_by_what_staff_know_of_it),
        T(money__comes_in_pages),
        T(payment__is_shown_with_all_that_happened_to_it),
        T(refunds__are_a_list_of_what_is_to_be_done),
        T(orphans__say_why_and_what_becomes_of_them),
        T(orphans__whose_refund_failed_stay_in_sight),
        T(ledger__is_read_by_days),
        T(figures__count_what_waits),
        T(watch__looks_and_says_what_does_not_agree),
        T(sql__every_statement_prepares_in_order),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
