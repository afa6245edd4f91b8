/* What is paid back, by whom, and the ledger that follows it. */
#include "base/test.h"

#include "base/arena.h"
#include "order/testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MUG = 1, ANN = 1 };

static const char *const TO_COLLECTED[] = {"packed", "shipped", "at_store", "collected", NULL};

static int make(void **state)
{
    struct test_orders *t = test_orders_make();
    test_variant(t->k, MUG, 50);
    *state = t;
    return 0;
}

static int drop(void **state)
{
    test_orders_free(*state);
    return 0;
}

static int64_t number(struct test_orders *t, const char *sql)
{
    return test_number(t->k->t, sql);
}

/* What is in an account. */
static int64_t money(struct test_orders *t, const char *account)
{
    char ask[120];
    (void)snprintf(ask, sizeof ask,
                   "SELECT COALESCE(sum(amount), 0) FROM money_entry WHERE account = '%s'",
                   account);
    return number(t, ask);
}

static bool payment_is(struct test_orders *t, const char *state)
{
    char ask[120];
    (void)snprintf(ask, sizeof ask,
                   "SELECT count(*) FROM payment WHERE state = '%s' AND id ="
                   " (SELECT min(id) FROM payment)",
                   state);
    return number(t, ask) == 1;
}

static int64_t newest_payment(struct test_orders *t)
{
    return number(t, "SELECT max(id) FROM payment");
}

static enum err refund(struct test_orders *t, const json_t *order, int64_t amount, const char *idem)
{
    json_t *after = NULL;
    bool again;
    const struct order_ref ref = test_ref(order);
    const struct refund_ask ask = {.amount = amount, .reason = "why", .idem = idem};
    enum err e = order_refund(t->o, t->cx, &t->manager, &ref, &ask, &after, &again);
    json_decref(after);
    return e;
}

/* The newest refund of an order, by staff. */
static enum err by_staff(struct test_orders *t, const json_t *order, const struct refund_set *set)
{
    struct db *db;
    json_t *seen = NULL, *after = NULL;
    struct cx cx = {.arena = arena_make(1 << 20), .now_ms = t->cx->now_ms};
    const struct order_ref ref = test_ref(order);
    assert_non_null(cx.arena);
    assert_int_equal(store_read(t->k->t->store, &db), ERR_OK);
    enum err e = order_read_staff(db, &cx, &t->owner, &ref, &seen);
    store_read_end(db);
    assert_int_equal(e, ERR_OK);
    const json_t *list = json_object_get(seen, "refunds");
    const char *id = test_text(json_array_get(list, json_array_size(list) - 1), "id");
    e = order_refund_set(t->o, &cx, &t->manager, id, set, &after);
    json_decref(after);
    json_decref(seen);
    arena_free(cx.arena);
    return e;
}

static enum err staff_to(struct test_orders *t, const json_t *order, const char *state)
{
    return by_staff(t, order, &(struct refund_set){.state = state, .note = "by bank"});
}

struct settle {
    struct orders *o;
    int64_t refund_id;
    struct refund_result result;
};

static enum err settle_job(struct tx *tx, void *arg)
{
    const struct settle *s = arg;
    return order_refund_settle(s->o, tx, s->refund_id, &s->result);
}

/* The newest refund of all was sent, and its gateway says this. */
static enum err gateway_says(struct test_orders *t, enum refund_state to)
{
    struct settle s = {t->o, number(t, "SELECT max(id) FROM refund"), {.to = to, .why = "x"}};
    test_exec(t->k->t,
              "UPDATE refund SET state = 'sent', sent_at = 1000000 WHERE state = 'queued'");
    return store_do(t->k->t->store, t->cx, "test.settle", settle_job, &s);
}

/* ---- cash ---- */

/* The shop pays all of it back before the carrier has paid the shop: what the carrier owes stays.
 */
static void refund__of_all_the_cash_leaves_it_to_be_settled_once(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, MUG, 1, "cod"), *p = NULL;
    char *id = test_parcel(t, order, TO_COLLECTED);
    const struct parcel_set settled = {.settled = true};
    assert_int_equal(money(t, "carrier"), 200);
    assert_int_equal(refund(t, order, 200, "a"), ERR_OK);
    assert_int_equal(parcel_edit(t->o, t->cx, &t->packer, id, &settled, &p), ERR_OK);
    json_decref(p);
    assert_int_equal(money(t, "carrier"), 0);
    assert_int_equal(money(t, "bank"), 200);
    assert_int_equal(parcel_edit(t->o, t->cx, &t->packer, id, &settled, &p), ERR_TRANSITION);
    assert_int_equal(staff_to(t, order, "done"), ERR_OK);
    assert_int_equal(money(t, "bank"), 0);
    assert_int_equal(money(t, "orders"), 0);
    assert_int_equal(money(t, "refunds_due"), 0);
    free(id);
    json_decref(order);
}

/* ---- through a gateway ---- */

static json_t *paid_order(struct test_orders *t)
{
    json_t *order = test_order(t, ANN, MUG, 1, "wallet");
    assert_int_equal(test_paid(t, newest_payment(t), 200, "TWD"), ERR_OK);
    assert_int_equal(test_paid(t, newest_payment(t), 200, "TWD"), ERR_OK); /* told twice */
    return order;
}

static void ledger__follows_money_through_a_refund(void **state)
{
    struct test_orders *t = *state;
    json_t *order = paid_order(t);
    assert_int_equal(money(t, "gateway:ecpay"), 200);
    assert_int_equal(money(t, "orders"), -200);
    assert_int_equal(refund(t, order, 200, "a"), ERR_OK);
    assert_int_equal(money(t, "orders"), 0);
    assert_int_equal(money(t, "refunds_due"), -200);
    assert_int_equal(gateway_says(t, REFUND_FAILED), ERR_OK);
    assert_int_equal(money(t, "orders"), -200);
    assert_int_equal(staff_to(t, order, "queued"), ERR_OK);
    assert_int_equal(gateway_says(t, REFUND_DONE), ERR_OK);
    assert_int_equal(gateway_says(t, REFUND_DONE), ERR_TRANSITION); /* told twice */
    assert_int_equal(money(t, "refunds_due"), 0);
    assert_int_equal(money(t, "gateway:ecpay"), 0);
    json_decref(order);
}

/* What came in another currency goes back in that. */
static void ledger__keeps_wrong_money_as_it_came(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, MUG, 1, "wallet");
    assert_int_equal(test_paid(t, newest_payment(t), 500, "THB"), ERR_OK);
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE currency = 'THB'"
                               " AND amount = 500 AND refunded = 500"),
                     1);
    assert_int_equal(number(t, "SELECT count(*) FROM money_entry WHERE kind = 'orphan_amount'"
                               " AND currency = 'THB'"),
                     2);
    assert_int_equal(money(t, "refunds_due"), -500);
    assert_int_equal(money(t, "orphans"), 0);
    json_decref(order);
}

/* A second payment of the same order, started by hand here. */
static void second_payment(struct test_orders *t)
{
    test_exec(t->k->t, "INSERT INTO payment (id, public_id, order_id, provider, method, amount,"
                       " currency, state, our_ref, created_at, changed_at)"
                       " SELECT id + 1, 'pay_2', order_id, provider, method, amount, currency,"
                       " 'pending', 'second', 1, 1 FROM payment");
}

/* Both were paid back, and both fail: each is again what it was, whichever is the newer. */
static void refund__that_failed_puts_its_own_payment_back(void **state)
{
    struct test_orders *t = *state;
    json_t *order = paid_order(t);
    second_payment(t);
    assert_int_equal(test_paid(t, newest_payment(t), 200, "TWD"), ERR_OK); /* double */
    assert_int_equal(gateway_says(t, REFUND_FAILED), ERR_OK);
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'orphaned'"), 1);
    assert_int_equal(money(t, "orphans"), -200);
    assert_int_equal(staff_to(t, order, "queued"), ERR_OK);
    assert_int_equal(gateway_says(t, REFUND_DONE), ERR_OK);
    assert_int_equal(refund(t, order, 200, "a"), ERR_OK);
    assert_true(payment_is(t, "refunded"));
    assert_int_equal(gateway_says(t, REFUND_FAILED), ERR_OK);
    assert_true(payment_is(t, "paid"));
    assert_int_equal(money(t, "orders"), -200);
    json_decref(order);
}

/* ---- by staff ---- */

static void refund__of_a_gateway_is_not_for_staff_to_say(void **state)
{
    struct test_orders *t = *state;
    json_t *order = paid_order(t);
    assert_int_equal(refund(t, order, 50, "a"), ERR_OK);
    assert_int_equal(staff_to(t, order, "done"), ERR_TRANSITION);
    assert_int_equal(staff_to(t, order, "sent"), ERR_TRANSITION);
    test_exec(t->k->t, "UPDATE refund SET state = 'sent', sent_at = 1000000");
    assert_int_equal(staff_to(t, order, "done"), ERR_TRANSITION);
    t->cx->now_ms += REFUND_UNCLEAR_MS; /* nobody knows: they have looked it up there */
    assert_int_equal(staff_to(t, order, "done"), ERR_OK);
    assert_int_equal(money(t, "gateway:ecpay"), 150);
    assert_int_equal(money(t, "bank"), 0);
    json_decref(order);
}

static void refund__sent_anew_is_found_if_it_had_happened(void **state)
{
    struct test_orders *t = *state;
    json_t *order = paid_order(t);
    assert_int_equal(refund(t, order, 50, "a"), ERR_OK);
    test_exec(t->k->t, "UPDATE refund SET our_ref = 'first', state = 'sent', sent_at = 1000000");
    t->cx->now_ms += REFUND_UNCLEAR_MS;
    assert_int_equal(staff_to(t, order, "failed"), ERR_OK); /* they may be mistaken */
    assert_int_equal(staff_to(t, order, "queued"), ERR_OK);
    assert_int_equal(number(t, "SELECT count(*) FROM refund WHERE our_ref = 'first'"), 1);
    assert_int_equal(gateway_says(t, REFUND_FAILED), ERR_OK); /* it knows */
    assert_int_equal(staff_to(t, order, "queued"), ERR_OK);
    assert_int_equal(number(t, "SELECT count(*) FROM refund WHERE our_ref = 'first'"), 0);
    json_decref(order);
}

static void refund__is_in_the_currency_that_was_paid(void **state)
{
    struct test_orders *t = *state;
    json_t *order = paid_order(t), *after = NULL;
    bool again;
    const struct order_ref ref = test_ref(order);
    const struct refund_ask ask = {.amount = 50, .currency = "THB", .reason = "x", .idem = "a"};
    assert_int_equal(order_refund(t->o, t->cx, &t->manager, &ref, &ask, &after, &again), ERR_INPUT);
    assert_int_equal(number(t, "SELECT count(*) FROM refund"), 0);
    json_decref(order);
}

static void refund__can_be_taken_over_by_a_person(void **state)
{
    struct test_orders *t = *state;
    json_t *order = paid_order(t);
    const struct refund_set by_hand = {.state = "queued", .by_hand = true};
    assert_int_equal(refund(t, order, 50, "a"), ERR_OK);
    test_exec(t->k->t, "UPDATE refund SET lease_until = 2000000"); /* a runner has it */
    assert_int_equal(by_staff(t, order, &by_hand), ERR_TRANSITION);
    test_exec(t->k->t, "UPDATE refund SET lease_until = 0");
    assert_int_equal(by_staff(t, order, &by_hand), ERR_OK);
    assert_int_equal(staff_to(t, order, "done"), ERR_OK);
    assert_int_equal(money(t, "bank"), -50);
    assert_int_equal(money(t, "gateway:ecpay"), 200);
    assert_int_equal(number(t, "SELECT count(*) FROM audit WHERE action = 'refund.set'"), 2);
    json_decref(order);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make, drop)
    static const struct CMUnitTest tests[] = {
        T(refund__of_all_the_cash_leaves_it_to_be_settled_once),
        T(ledger__follows_money_through_a_refund),
        T(ledger__keeps_wrong_money_as_it_came),
        T(refund__that_failed_puts_its_own_payment_back),
        T(refund__of_a_gateway_is_not_for_staff_to_say),
        T(refund__sent_anew_is_found_if_it_had_happened),
        T(refund__is_in_the_currency_that_was_paid),
        T(refund__can_be_taken_over_by_a_person),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
