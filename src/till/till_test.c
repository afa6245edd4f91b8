#include "base/test.h"

#include "base/arena.h"
#include "till/till_testkit.h"

#include <stdio.h>
#include <string.h>

/* Each header's SQL_ALL is gone when the next is included. */
#define X(q) assert_int_equal(test_check_sql(t, &(q)), ERR_OK);
/* clang-format off */
#include "till/ask.sql.h"
static void ask_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "till/inbox.sql.h"
static void inbox_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "till/start.sql.h"
static void start_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "till/take.sql.h"
static void take_ok(struct test_store *t)
{
    SQL_ALL(X)
}
/* clang-format on */

static void sql__every_statement_prepares_in_order(void **state)
{
    struct test_till *w = *state;
    struct test_store *t = w->t->k->t;
    ask_ok(t);
    inbox_ok(t);
    start_ok(t);
    take_ok(t);
}

static void start__gives_a_form_and_the_order_waits(void **state)
{
    struct test_till *w = *state;
    bool again = true;
    json_t *order = test_till_order(w, "ecpay_card"), *started = NULL;
    assert_string_equal(test_text(order, "state"), "awaiting_payment");
    assert_int_equal(
        test_till_number(w, "SELECT count(*) FROM payment WHERE started_at IS NOT NULL"), 0);
    assert_int_equal(test_till_start_by(w, order, "ecpay_card", "k1", ANN, &started, &again),
                     ERR_OK);
    assert_false(again);
    const json_t *next = json_object_get(started, "next");
    assert_string_equal(test_text(next, "kind"), "form");
    assert_string_equal(test_text(next, "action"), "https://pay.example/x");
    assert_string_equal(test_text(json_object_get(started, "payment"), "state"), "pending");
    assert_string_equal(w->ecpay.notify, "https://shop.example/api/v1/webhooks/ecpay/payment/one");
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM payment"),
                     1); /* checkout's own row */
    assert_int_equal(test_till_number(w, "SELECT expires_at FROM payment"), 1000000 + 15 * MINUTE);
    assert_int_equal(test_till_number(w, "SELECT expires_at FROM hold"), 1000000 + 20 * MINUTE);
    json_decref(started);
    json_decref(order);
}

static void start__with_the_same_key_is_one_payment(void **state)
{
    struct test_till *w = *state;
    bool again = false;
    json_t *order = test_till_order(w, "ecpay_card"), *first = NULL, *second = NULL;
    assert_int_equal(test_till_start_by(w, order, "ecpay_card", "k1", ANN, &first, &again), ERR_OK);
    assert_int_equal(test_till_start_by(w, order, "ecpay_card", "k1", ANN, &second, &again),
                     ERR_OK);
    assert_true(again);
    assert_string_equal(test_text(json_object_get(first, "payment"), "id"),
                        test_text(json_object_get(second, "payment"), "id"));
    assert_string_equal(test_text(json_object_get(second, "next"), "kind"), "form");
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM payment"), 1);
    assert_int_equal(test_till_start(w, order, "ecpay_atm", "k1"), ERR_CONFLICT);
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k2"),
                     ERR_OK); /* another try, another number */
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM payment"), 2);
    assert_int_equal(test_till_number(w, "SELECT count(DISTINCT our_ref) FROM payment"), 2);
    json_decref(first);
    json_decref(second);
    json_decref(order);
}

static void start__is_for_its_buyer_and_what_the_order_can_have(void **state)
{
    struct test_till *w = *state;
    bool again;
    json_t *order = test_till_order(w, "ecpay_card"), *started = NULL;
    assert_int_equal(test_till_start_by(w, order, "ecpay_card", "k", BOB, &started, &again),
                     ERR_NOT_FOUND);
    assert_int_equal(test_till_start(w, order, "omise_card", "k"),
                     ERR_INPUT); /* another market's */
    assert_int_equal(test_till_start(w, order, "cod", "k"), ERR_INPUT);
    assert_int_equal(test_till_start(w, order, "ecpay_webatm", "k"), ERR_PAY_DOWN); /* not there */
    assert_int_equal(test_till_start(w, order, "ecpay_twqr", "k"),
                     ERR_INPUT); /* the gateway's window */
    assert_int_equal(test_till_start(w, order, "ecpay_installment", "k"),
                     ERR_INPUT); /* not switched on */
    assert_int_equal(w->ecpay.started, 0);
    test_till_later(w, 16 * MINUTE);
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k"), ERR_TRANSITION);
    json_decref(order);
}

static void start__again_and_again_does_not_keep_the_goods_for_ever(void **state)
{
    struct test_till *w = *state;
    char key[8];
    json_t *order = test_till_order(w, "ecpay_card");
    enum err e = ERR_OK;
    for (int i = 0; !e && i < 20; i++, test_till_later(w, 5 * MINUTE)) {
        (void)snprintf(key, sizeof key, "k%d", i);
        e = test_till_start(w, order, "ecpay_card", key);
    }
    assert_true(e == ERR_TRANSITION || e == ERR_LIMIT);
    assert_true(test_till_number(w, "SELECT expires_at FROM orders") <= 1000000 + 45 * MINUTE);
    json_decref(order);
}

static void start__a_provider_that_is_down_leaves_all_as_it_was(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    w->ecpay.start_err = ERR_BUSY;
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_PAY_DOWN);
    assert_int_equal(
        test_till_number(w, "SELECT count(*) FROM payment WHERE started_at IS NOT NULL"), 0);
    assert_int_equal(test_till_states(w, "orders", "awaiting_payment"), 1);
    w->ecpay.start_err = ERR_OK;
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"),
                     ERR_OK); /* the same key goes on */
    assert_int_equal(test_till_states(w, "payment", "pending"), 1);
    json_decref(order);
}

static void start__a_lost_answer_is_looked_up_and_never_repeated(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    w->ecpay.start_err = ERR_TIMEOUT;
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    assert_int_equal(w->ecpay.started, 1);
    assert_int_equal(w->ecpay.asked, 1);
    assert_int_equal(test_till_states(w, "orders", "confirmed"), 1);
    json_decref(order);
}

/* Nothing is known there yet: it may still arrive, so this number is not used again. */
static void start__an_answer_lost_for_good_is_over(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    w->ecpay.start_err = ERR_UPSTREAM;
    w->ecpay.ask_says.says = SAYS_UNKNOWN;
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_PAY_DOWN);
    assert_int_equal(test_till_states(w, "payment", "failed"), 1);
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    test_till_later(w, 11 * MINUTE);
    test_till_round(w); /* it did arrive */
    assert_int_equal(w->ecpay.closed, 1);
    assert_int_equal(test_till_states(w, "orders", "confirmed"), 1);
    json_decref(order);
}

/* Neither the answer nor one to the question came: it may have been paid, so it is not said that it
 * was not; the same key says later what came of it. */
static void start__a_provider_that_fell_silent_is_asked_again(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card"), *started = NULL;
    bool again = false;
    w->ecpay.start_err = w->ecpay.ask_err = ERR_TIMEOUT;
    const struct room_who ann = test_buyer(ANN);
    const struct order_ref ref = test_ref(order);
    const struct till_ask ask = {.method = "ecpay_card", .idem = "k1"};
    struct cx cx = test_till_cx(w);
    int64_t later = 0;
    assert_int_equal(till_start(w->till, &cx, &ann, &ref, &ask, &started, &again, &later),
                     ERR_PAY_DOWN);
    assert_null(strstr(cx.problem, "nothing was charged"));
    arena_free(cx.arena);
    w->ecpay.ask_err = ERR_OK;
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    test_till_later(w, 5000);
    test_till_round(w);
    assert_int_equal(test_till_start_by(w, order, "ecpay_card", "k1", ANN, &started, &again),
                     ERR_OK);
    assert_true(again);
    assert_int_equal(w->ecpay.started, 1);
    assert_string_equal(test_text(json_object_get(started, "payment"), "state"), "paid");
    json_decref(started);
    json_decref(order);
}

enum { HAT = 2, CROWD = 14, ORDERS = 2 };
struct crowd {
    struct test_till *w;
    json_t *orders[ORDERS];
    int next, begun, told_to_wait;
};

/* While the gateway thinks about one payment, the next one comes. */
static void one_more(void *arg)
{
    struct crowd *c = arg;
    char key[16];
    int i = c->next++;
    if (i >= CROWD)
        return;
    (void)snprintf(key, sizeof key, "k%d", i);
    enum err e = test_till_start(c->w, c->orders[i % ORDERS], "ecpay_card", key);
    c->begun += e == ERR_OK;
    c->told_to_wait += e == ERR_PAY_DOWN;
}

/* A gateway that hangs must not have every worker wait for it. */
static void start__of_many_at_once_some_are_told_to_wait(void **state)
{
    struct test_till *w = *state;
    struct crowd c = {.w = w};
    test_variant(w->t->k, HAT, ORDERS);
    for (int i = 0; i < ORDERS; i++)
        c.orders[i] = test_order(w->t, ANN, HAT, 1, "ecpay_card");
    w->ecpay.g.way = &test_till_charge_way;
    w->ecpay.meanwhile = one_more;
    w->ecpay.arg = &c;
    one_more(&c);
    assert_int_equal(c.begun, 12);
    assert_int_equal(c.told_to_wait, 1); /* and it asked for nobody more */
    w->ecpay.meanwhile = NULL;
    assert_int_equal(test_till_start(w, c.orders[0], "ecpay_card", "last"), ERR_OK);
    for (int i = 0; i < ORDERS; i++)
        json_decref(c.orders[i]);
}

/* The program ended between the provider's answer and its commit. */
static void start__a_crash_is_followed_by_a_question(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    test_exec(w->t->k->t, "UPDATE payment SET state = 'created', next_ask_at = 1045000");
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    test_till_later(w, 50000);
    test_till_round(w);
    assert_int_equal(test_till_states(w, "payment", "paid"), 1);
    json_decref(order);
}

#define T(name) cmocka_unit_test_setup_teardown(name, test_till_make, test_till_drop)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(sql__every_statement_prepares_in_order),
        T(start__gives_a_form_and_the_order_waits),
        T(start__with_the_same_key_is_one_payment),
        T(start__is_for_its_buyer_and_what_the_order_can_have),
        T(start__again_and_again_does_not_keep_the_goods_for_ever),
        T(start__a_provider_that_is_down_leaves_all_as_it_was),
        T(start__a_lost_answer_is_looked_up_and_never_repeated),
        T(start__an_answer_lost_for_good_is_over),
        T(start__a_provider_that_fell_silent_is_asked_again),
        T(start__of_many_at_once_some_are_told_to_wait),
        T(start__a_crash_is_followed_by_a_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
