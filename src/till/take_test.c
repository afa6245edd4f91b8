#include "base/test.h"

#include "base/arena.h"
#include "till/till_testkit.h"

#include <stdio.h>
#include <string.h>

static void take__money_confirms_its_order_once(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    const struct gateway_news n = test_till_money(w, 200);
    for (int i = 0; i < 3; i++) /* the same message */
        assert_int_equal(test_till_tell_as(w, "same", 1, &n), ERR_OK);
    test_till_tell(w, n); /* the same news in another message */
    assert_int_equal(test_till_states(w, "orders", "confirmed"), 1);
    assert_int_equal(test_till_states(w, "payment", "paid"), 1);
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM inbox"), 2);
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM money_entry"), 2);
    assert_int_equal(test_total(w->t->k, MUG), 4);
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM refund"), 0);
    assert_int_equal(
        test_till_number(w, "SELECT count(*) FROM payment WHERE next_ask_at IS NOT NULL"), 0);
    json_decref(order);
}

static void take__the_code_may_come_after_the_money(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_atm");
    assert_int_equal(test_till_start(w, order, "ecpay_atm", "k1"), ERR_OK);
    test_till_tell(w, test_till_money(w, 200));
    test_till_tell(
        w, (struct gateway_news){.our_ref = w->ecpay.ref,
                                 .says = SAYS_CODE,
                                 .details = "{\"bank_code\":\"822\",\"account\":\"9103\"}"});
    test_till_tell(w, (struct gateway_news){.our_ref = w->ecpay.ref, .says = SAYS_FAILED});
    assert_int_equal(test_till_states(w, "payment", "paid"), 1);
    assert_int_equal(
        test_till_number(w, "SELECT count(*) FROM payment WHERE details LIKE '%9103%'"), 1);
    json_decref(order);
}

static void take__what_is_known_of_it_grows(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_atm");
    assert_int_equal(test_till_start(w, order, "ecpay_atm", "k1"), ERR_OK);
    test_till_tell(w, (struct gateway_news){.our_ref = w->ecpay.ref,
                                            .says = SAYS_CODE,
                                            .details = "{\"account\":\"9103\"}"});
    test_till_tell(w, (struct gateway_news){.our_ref = w->ecpay.ref,
                                            .says = SAYS_PENDING,
                                            .details = "{\"gwsr\":\"7\"}"});
    test_till_tell(w, (struct gateway_news){
                          .our_ref = w->ecpay.ref, .says = SAYS_PENDING, .details = "not JSON"});
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM payment WHERE details LIKE '%9103%'"
                                         " AND details LIKE '%gwsr%' AND state = 'pending'"),
                     1);
    json_decref(order);
}

/* An old message that comes again does not bring back what was true then. */
static void take__a_replay_changes_nothing(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_atm");
    assert_int_equal(test_till_start(w, order, "ecpay_atm", "k1"), ERR_OK);
    const struct gateway_news old = {
        .our_ref = w->ecpay.ref, .says = SAYS_CODE, .details = "{\"account\":\"1111\"}"};
    assert_int_equal(test_till_tell_as(w, "old", 1, &old), ERR_OK);
    test_till_tell(w, (struct gateway_news){.our_ref = w->ecpay.ref,
                                            .says = SAYS_CODE,
                                            .details = "{\"account\":\"2222\"}"});
    assert_int_equal(test_till_tell_as(w, "old", 1, &old), ERR_OK);
    assert_int_equal(
        test_till_number(w, "SELECT count(*) FROM payment WHERE details LIKE '%2222%'"), 1);
    json_decref(order);
}

static void take__another_amount_goes_back(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 1, .currency = "TWD"};
    test_till_tell(w, test_till_money(w, 1));
    assert_int_equal(test_till_states(w, "payment", "pending"), 1); /* nothing yet: it is asked */
    test_till_round(w);
    assert_int_equal(test_till_states(w, "orders", "awaiting_payment"), 1);
    assert_int_equal(test_till_states(w, "payment", "refunded"), 1);
    assert_int_equal(test_till_number(w, "SELECT amount FROM refund WHERE amount = 1"), 1);
    test_till_tell(w, test_till_money(w, 200)); /* a second story about the same payment */
    assert_int_equal(test_till_states(w, "orders", "awaiting_payment"), 1);
    json_decref(order);
}

static void take__a_notice_of_other_money_is_not_believed(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    w->ecpay.ask_says = test_till_money(w, 200);
    test_till_tell(w, test_till_money(w, 201));
    assert_int_equal(test_till_states(w, "orders", "awaiting_payment"), 1);
    test_till_round(w); /* the provider knows better */
    assert_int_equal(test_till_states(w, "orders", "confirmed"), 1);
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM refund"), 0);
    json_decref(order);
}

static void take__another_currency_goes_back(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    struct gateway_news n = test_till_money(w, 200);
    n.currency = "THB";
    w->ecpay.ask_says = n;
    test_till_tell(w, n);
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM refund"), 0);
    test_till_round(w);
    assert_int_equal(test_till_states(w, "orders", "awaiting_payment"), 1);
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM refund"), 1);
    json_decref(order);
}

static void take__a_simulated_payment_pays_nothing(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_atm");
    assert_int_equal(test_till_start(w, order, "ecpay_atm", "k1"), ERR_OK);
    struct gateway_news n = test_till_money(w, 200);
    n.simulated = true;
    test_till_tell(w, n);
    assert_int_equal(test_till_states(w, "orders", "awaiting_payment"), 1);
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM payment WHERE simulated = 1"), 1);
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM money_entry"), 0);
    test_till_tell(w, test_till_money(w, 200)); /* and then real money comes */
    assert_int_equal(test_till_states(w, "orders", "confirmed"), 1);
    json_decref(order);
}

/* Asked about, ECPay says of it that it is paid, and not that no money moved. */
static void take__an_answer_does_not_make_money_of_a_simulation(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_atm");
    assert_int_equal(test_till_start(w, order, "ecpay_atm", "k1"), ERR_OK);
    struct gateway_news n = test_till_money(w, 200);
    w->ecpay.ask_says = n;
    n.simulated = true;
    test_till_tell(w, n);
    test_till_later(w, 24 * HOUR + MINUTE);
    test_till_round(w);
    assert_int_equal(w->ecpay.closed, 1);
    assert_int_equal(test_till_states(w, "orders", "awaiting_payment"), 1);
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM money_entry"), 0);
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM invoice"), 0);
    json_decref(order);
}

static void take__money_without_a_currency_is_not_ours(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    struct gateway_news n = test_till_money(w, 200);
    n.currency = NULL;
    assert_int_equal(test_till_tell_as(w, "e", 1, &n), ERR_UPSTREAM);
    assert_int_equal(test_till_states(w, "orders", "awaiting_payment"), 1);
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM money_entry"), 0);
    json_decref(order);
}

static void take__the_second_payment_of_an_order_goes_back(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    struct gateway_news first = test_till_money(w, 200);
    char ref[GATEWAY_REF + 1];
    (void)snprintf(ref, sizeof ref, "%s", w->ecpay.ref);
    first.our_ref = ref;
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k2"), ERR_OK);
    struct gateway_news second = test_till_money(w, 200);
    second.provider_ref = "2511230002";
    test_till_tell(w, second);
    test_till_tell(w, first);
    assert_int_equal(test_till_states(w, "orders", "confirmed"), 1);
    assert_int_equal(test_till_states(w, "payment", "paid"), 1);
    assert_int_equal(test_till_states(w, "payment", "refunded"), 1);
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM refund WHERE reason = 'double'"), 1);
    json_decref(order);
}

/* The other tries of an order that is paid are ended at their provider, so that nobody pays twice.
 */
static void take__ends_the_other_tries(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    char first[GATEWAY_REF + 1];
    assert_int_equal(test_till_start(w, order, "ecpay_atm", "k1"), ERR_OK);
    (void)snprintf(first, sizeof first, "%s", w->ecpay.ref);
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k2"), ERR_OK);
    test_till_tell(w, test_till_money(w, 200));
    test_till_tell(
        w, (struct gateway_news){.our_ref = first, .says = SAYS_CODE}); /* puts nothing off */
    w->ecpay.ask_says.says = SAYS_EXPIRED;
    test_till_later(w, 1000);
    test_till_round(w);
    assert_int_equal(w->ecpay.closed, 1);
    assert_int_equal(test_till_states(w, "payment", "expired"), 1);
    json_decref(order);
}

static void take__late_money_is_honoured_while_there_are_goods(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    w->ecpay.ask_says.says = SAYS_PENDING;
    test_till_later(w, 15 * MINUTE);
    test_till_round(
        w); /* the payment's end; ECPay cannot end it, and somebody may just be paying */
    assert_int_equal(test_till_states(w, "payment", "pending"), 1);
    test_till_later(w, 4 * MINUTE);
    test_till_round(w);
    assert_int_equal(test_till_states(w, "payment", "expired"), 1);
    orders_tick(w->t->o, w->t->cx->now_ms);
    assert_int_equal(test_till_states(w, "orders", "expired"), 1);
    test_till_tell(w, test_till_money(w, 200));
    assert_int_equal(test_till_states(w, "orders", "confirmed"), 1);
    assert_int_equal(test_till_states(w, "payment", "paid"), 1);
    json_decref(order);
}

static void take__late_money_without_goods_goes_back(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card"), *other = NULL;
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    w->ecpay.ask_says.says = SAYS_PENDING;
    test_till_later(w, 19 * MINUTE);
    test_till_round(w);
    orders_tick(w->t->o, w->t->cx->now_ms);
    other = test_order(w->t, BOB, MUG, 5, "cod");
    test_till_tell(w, test_till_money(w, 200));
    assert_int_equal(test_till_states(w, "orders", "expired"), 1);
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM refund WHERE reason = 'late'"), 1);
    json_decref(other);
    json_decref(order);
}

/* Not paid in time: the payment is over, and so is its order. */
static void expire(struct test_till *w)
{
    w->ecpay.ask_says.says = SAYS_PENDING;
    test_till_later(w, 21 * MINUTE);
    test_till_round(w);
    orders_tick(w->t->o, w->t->cx->now_ms);
    assert_int_equal(test_till_states(w, "orders", "expired"), 1);
}

static json_t *order_with_coupon(struct test_till *w, const char *idem)
{
    json_t *order = NULL;
    assert_int_equal(test_add(w->t->k, ANN, MUG, 1).qty, 1);
    test_exec(w->t->k->t, "UPDATE cart SET coupon_id = 1 WHERE state = 'open'");
    json_decref(test_quote(w->t, ANN, "ecpay_card"));
    assert_int_equal(test_checkout(w->t, ANN, "ecpay_card", idem, &order), ERR_OK);
    assert_int_equal(test_amount(order, "total"), 150);
    assert_int_equal(test_till_start(w, order, "ecpay_card", idem), ERR_OK);
    return order;
}

/* An expired order gives its coupon back: it is used once, whichever order is paid. */
static void take__late_money_does_not_use_a_coupon_twice(void **state)
{
    struct test_till *w = *state;
    test_exec(w->t->k->t,
              "INSERT INTO coupon (id, public_id, shop_id, code, market, kind, value, quota, taken,"
              " starts_at, ends_at) VALUES (1, 'cpn_6hg6azamkqdw0r7a', 1, 'ONE', 'TW', 'amount',"
              " 50, 1, 1, 0, 999999999999)");
    test_exec(w->t->k->t, "INSERT INTO coupon_take (id, coupon_id, viewer_id, n, at)"
                          " VALUES (1, 1, 1, 1, 1)");
    json_t *order = order_with_coupon(w, "c1");
    char first[GATEWAY_REF + 1];
    (void)snprintf(first, sizeof first, "%s", w->ecpay.ref);
    expire(w);
    json_t *other = order_with_coupon(w, "c2");
    struct gateway_news late = test_till_money(w, 150);
    late.our_ref = first;
    late.provider_ref = "2511230002";
    test_till_tell(w, late); /* before the second is paid: that one has the coupon */
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM refund WHERE reason = 'late'"), 1);
    test_till_tell(w, test_till_money(w, 150));
    assert_int_equal(test_till_states(w, "orders", "confirmed"), 1);
    assert_int_equal(test_held(w->t->k, MUG), 0);
    json_decref(other);
    json_decref(order);
}

static void take__late_money_takes_its_coupon_again(void **state)
{
    struct test_till *w = *state;
    test_exec(w->t->k->t,
              "INSERT INTO coupon (id, public_id, shop_id, code, market, kind, value, quota, taken,"
              " starts_at, ends_at) VALUES (1, 'cpn_6hg6azamkqdw0r7a', 1, 'ONE', 'TW', 'amount',"
              " 50, 1, 1, 0, 999999999999)");
    test_exec(w->t->k->t, "INSERT INTO coupon_take (id, coupon_id, viewer_id, n, at)"
                          " VALUES (1, 1, 1, 1, 1)");
    json_t *order = order_with_coupon(w, "c1");
    expire(w);
    test_till_tell(w, test_till_money(w, 150));
    assert_int_equal(test_till_states(w, "orders", "confirmed"), 1);
    assert_int_equal(
        test_till_number(w, "SELECT count(*) FROM coupon_take WHERE order_id IS NOT NULL"), 1);
    json_decref(order);
}

/* One unit of a deal of one, by a viewer. */
static json_t *order_by_deal(struct test_till *w, int64_t viewer, const char *idem)
{
    struct cart_added got;
    json_t *order = NULL;
    struct cart_add add = test_add_of(viewer, MUG, 1);
    add.deal_id = 1;
    add.source = LINE_DEAL;
    add.idem = idem;
    assert_int_equal(test_add_do(w->t->k, &add, &got), ERR_OK);
    assert_int_equal(got.qty, 1);
    json_decref(test_quote(w->t, viewer, "ecpay_card"));
    assert_int_equal(test_checkout(w->t, viewer, "ecpay_card", idem, &order), ERR_OK);
    return order;
}

static void late_deal(struct test_till *w, bool again)
{
    test_deal(w->t->k, 1, 1, 1);
    json_t *order = order_by_deal(w, ANN, "d1"), *other = NULL;
    assert_int_equal(test_till_start(w, order, "ecpay_card", "d1"), ERR_OK);
    const struct gateway_news late = test_till_money(w, test_amount(order, "total"));
    expire(w);
    if (again) {
        test_exec(w->t->k->t, "UPDATE deal SET closes_at = 999999999999");
        other = order_by_deal(w, BOB, "d2");
    }
    test_till_tell(w, late);
    assert_int_equal(test_till_states(w, "orders", "confirmed"), again ? 0 : 1);
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM refund WHERE reason = 'late'"),
                     again ? 1 : 0);
    assert_int_equal(test_till_number(w, "SELECT taken FROM deal"), 1);
    json_decref(other);
    json_decref(order);
}

static void take__late_money_takes_of_its_deal_again(void **state)
{
    late_deal(*state, false);
}

static void take__late_money_does_not_go_over_a_deals_quota(void **state)
{
    late_deal(*state, true);
}

/* What comes in the last second is not late: an order whose payment is under way waits a little. */
static void take__an_order_outlives_its_open_payment(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    test_till_later(w, 15 * MINUTE + 1);
    orders_tick(w->t->o, w->t->cx->now_ms);
    assert_int_equal(test_till_states(w, "orders", "awaiting_payment"), 1);
    test_till_later(w, 5 * MINUTE);
    orders_tick(w->t->o, w->t->cx->now_ms);
    assert_int_equal(test_till_states(w, "orders", "expired"), 1);
    assert_int_equal(test_till_states(w, "payment", "expired"), 1);
    json_decref(order);
}

static void take__money_for_a_cancelled_order_goes_back(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card"), *after = NULL;
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    const struct room_who ann = test_buyer(ANN);
    const struct order_ref ref = test_ref(order);
    assert_int_equal(order_cancel(w->t->o, w->t->cx, &ann, &ref, &after), ERR_OK);
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    test_till_later(w, 1000);
    test_till_round(w); /* it is ended there; and was paid in that moment */
    assert_int_equal(w->ecpay.closed, 1);
    assert_int_equal(test_till_states(w, "orders", "cancelled"), 1);
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM refund WHERE reason = 'cancelled'"),
                     1);
    json_decref(after);
    json_decref(order);
}

static void take__is_of_its_own_shop_alone(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    struct gateway_news n = test_till_money(w, 200);
    assert_int_equal(test_till_tell_as(w, "rival", 2, &n), ERR_OK);
    n.our_ref = "00000000000000000000";
    assert_int_equal(test_till_tell_as(w, "unknown", 1, &n), ERR_OK);
    assert_int_equal(test_till_states(w, "orders", "awaiting_payment"), 1);
    assert_int_equal(test_till_states(w, "inbox", "ignored"), 2);
    struct till_stats stats;
    till_read_stats(w->till, &stats);
    assert_int_equal(stats.unknown, 2);
    json_decref(order);
}

/* A job that is undone leaves no trace of the message: it is sent again, and acts then. */
static void take__a_message_that_failed_was_never_here(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    struct gateway_news n = test_till_money(w, 0);
    assert_int_equal(test_till_tell_as(w, "same", 1, &n), ERR_INPUT);
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM inbox"), 0);
    n.amount = 200;
    assert_int_equal(test_till_tell_as(w, "same", 1, &n), ERR_OK);
    assert_int_equal(test_till_states(w, "orders", "confirmed"), 1);
    json_decref(order);
}

#define T(name) cmocka_unit_test_setup_teardown(name, test_till_make, test_till_drop)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(take__money_confirms_its_order_once),
        T(take__the_code_may_come_after_the_money),
        T(take__what_is_known_of_it_grows),
        T(take__a_replay_changes_nothing),
        T(take__another_amount_goes_back),
        T(take__a_notice_of_other_money_is_not_believed),
        T(take__another_currency_goes_back),
        T(take__a_simulated_payment_pays_nothing),
        T(take__an_answer_does_not_make_money_of_a_simulation),
        T(take__money_without_a_currency_is_not_ours),
        T(take__the_second_payment_of_an_order_goes_back),
        T(take__ends_the_other_tries),
        T(take__late_money_is_honoured_while_there_are_goods),
        T(take__late_money_without_goods_goes_back),
        T(take__late_money_does_not_use_a_coupon_twice),
        T(take__late_money_takes_its_coupon_again),
        T(take__late_money_takes_of_its_deal_again),
        T(take__late_money_does_not_go_over_a_deals_quota),
        T(take__an_order_outlives_its_open_payment),
        T(take__money_for_a_cancelled_order_goes_back),
        T(take__is_of_its_own_shop_alone),
        T(take__a_message_that_failed_was_never_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
