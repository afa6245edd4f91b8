#include "base/test.h"

#include "base/arena.h"
#include "till/till_testkit.h"

#include <stdio.h>
#include <string.h>

/* ---- asking ---- */

static void ask__a_payment_nobody_told_of_is_found(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    w->ecpay.ask_says.says = SAYS_PENDING;
    test_till_later(w, 9 * MINUTE);
    test_till_round(w);
    assert_int_equal(w->ecpay.asked, 0); /* ECPay wants ten minutes */
    test_till_later(w, 2 * MINUTE);
    test_till_round(w);
    test_till_round(w);
    assert_int_equal(w->ecpay.asked, 1);
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    test_till_later(w, 4 * MINUTE);
    test_till_round(w);
    assert_int_equal(w->ecpay.closed, 1); /* its time was over, and it was paid */
    assert_int_equal(test_till_states(w, "orders", "confirmed"), 1);
    json_decref(order);
}

static void ask__codes_are_left_alone_until_their_end(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_cvs");
    assert_int_equal(test_till_start(w, order, "ecpay_cvs", "k1"), ERR_OK);
    assert_int_equal(test_till_number(w, "SELECT next_ask_at FROM payment"), 1000000 + 24 * HOUR);
    assert_int_equal(test_till_number(w, "SELECT expires_at FROM orders"), 1000000 + 24 * HOUR);
    w->ecpay.ask_says.says = SAYS_CODE;
    test_till_later(w, 24 * HOUR + 4 * MINUTE);
    test_till_round(w);
    assert_int_equal(test_till_states(w, "payment", "expired"), 1);
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    test_till_later(w, 2 * HOUR);
    test_till_round(w); /* the store told ECPay late */
    assert_int_equal(test_till_states(w, "payment", "paid"), 1);
    json_decref(order);
}

/* Two processes see the same payment due: one of them asks. */
static void ask__a_lease_keeps_the_other_away(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    test_till_later(w, 11 * MINUTE);
    w->ecpay.ask_err = ERR_TIMEOUT;
    test_till_round(w);
    struct till *other = test_till_open(w);
    till_join(other, w->t->o);
    till_round(other, w->t->cx->now_ms);
    assert_int_equal(w->ecpay.asked, 1);
    w->ecpay.ask_err = ERR_OK;
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    test_till_later(w, MINUTE);
    till_round(other, w->t->cx->now_ms);
    assert_int_equal(test_till_states(w, "orders", "confirmed"), 1);
    till_free(other);
    json_decref(order);
}

/* A provider that is silent is not asked about each of its payments in turn. */
static void ask__one_that_does_not_answer_is_left_alone(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k2"), ERR_OK);
    w->ecpay.ask_err = ERR_TIMEOUT;
    test_till_later(w, 11 * MINUTE);
    test_till_round(w);
    test_till_round(w);
    assert_int_equal(w->ecpay.asked, 1);
    w->ecpay.ask_err = ERR_OK;
    w->ecpay.ask_says.says = SAYS_PENDING;
    test_till_later(w, 5000);
    test_till_round(w);
    assert_int_equal(w->ecpay.asked, 2);
    json_decref(order);
}

/* Each is asked about by the clock as it is then: leases and time stamps are not old. */
static void ask__after_a_slow_answer_it_is_later(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k2"), ERR_OK);
    w->ecpay.ask_says.says = SAYS_PENDING;
    w->ecpay.takes_ms = 90000;
    test_till_later(w, 11 * MINUTE);
    test_till_round(w);
    assert_int_equal(w->ecpay.asked, 2);
    assert_int_equal(w->ecpay.asked_ms, w->t->cx->now_ms + 90000);
    json_decref(order);
}

static void event__a_silent_provider_is_not_asked_for_each(void **state)
{
    struct test_till *w = *state;
    for (int i = 0; i < 3; i++) {
        char key[4];
        (void)snprintf(key, sizeof key, "k%d", i);
        const struct till_message m = {.shop_id = 1,
                                       .provider = "omise",
                                       .event_key = key,
                                       .kind = "charge.complete",
                                       .body = "{}",
                                       .provider_ref = "chrg_1"};
        assert_int_equal(till_take(w->till, w->t->cx, &m), ERR_OK);
    }
    w->omise.ask_err = ERR_TIMEOUT;
    test_till_round(w);
    assert_int_equal(w->omise.fetched, 1);
}

static void ask__time_ends_a_payment_though_its_provider_is_down(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    w->ecpay.ask_err = ERR_UPSTREAM;
    for (int i = 0; i < 24; i++, test_till_later(w, MINUTE))
        test_till_round(w);
    assert_int_equal(test_till_states(w, "payment", "expired"), 1);
    w->ecpay.ask_err = ERR_OK;
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    for (int i = 0; i < 30; i++, test_till_later(w, MINUTE))
        test_till_round(w);
    assert_int_equal(test_till_states(w, "payment", "paid"), 1); /* nothing is lost */
    json_decref(order);
}

/* ---- messages to look into ---- */

static enum err event_of(struct test_till *w, int64_t shop, const char *key)
{
    struct cx cx = test_till_cx(w);
    const struct till_message m = {.shop_id = shop,
                                   .provider = "omise",
                                   .event_key = key,
                                   .kind = "charge.complete",
                                   .body = "{}",
                                   .provider_ref = "chrg_1"};
    enum err e = till_take(w->till, &cx, &m);
    arena_free(cx.arena);
    return e;
}

static enum err event(struct test_till *w, const char *key)
{
    return event_of(w, 1, key);
}

static void event__is_read_again_there_however_long_it_takes(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    test_exec(w->t->k->t, "UPDATE payment SET provider = 'omise'");
    (void)snprintf(w->omise.ref, sizeof w->omise.ref, "%s", w->ecpay.ref);
    assert_int_equal(event(w, "evnt_1"), ERR_OK);
    assert_int_equal(event(w, "evnt_1"), ERR_OK);
    assert_int_equal(test_till_states(w, "inbox", "new"), 1);
    w->omise.ask_err = ERR_UPSTREAM;
    test_till_round(w);
    test_till_round(w);
    assert_int_equal(w->omise.fetched, 1); /* not at once again */
    assert_int_equal(test_till_states(w, "inbox", "new"), 1);
    w->omise.ask_err = ERR_OK;
    w->omise.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    test_till_later(w, 10000);
    test_till_round(w);
    assert_int_equal(test_till_states(w, "inbox", "done"), 1);
    assert_int_equal(test_till_states(w, "orders", "confirmed"), 1);
    assert_int_equal(
        test_till_number(w, "SELECT count(*) FROM payment WHERE provider_ref = 'chrg_1'"), 1);
    assert_int_equal(event(w, "evnt_1"), ERR_OK); /* replayed */
    test_till_round(w);
    assert_int_equal(w->omise.fetched, 2);
    json_decref(order);
}

static void event__of_a_strangers_charge_is_harmless(void **state)
{
    struct test_till *w = *state;
    (void)snprintf(w->omise.ref, sizeof w->omise.ref, "00000000000000000000");
    w->omise.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "THB"};
    assert_int_equal(event(w, "evnt_1"), ERR_OK);
    test_till_round(w);
    assert_int_equal(test_till_states(w, "inbox", "ignored"), 1);
}

/* ---- coming back ---- */

static void back__needs_its_token_and_only_asks(void **state)
{
    struct test_till *w = *state;
    char url[TILL_URL_MAX];
    json_t *order = test_till_order(w, "ecpay_card"), *started = NULL;
    bool again;
    assert_int_equal(test_till_start_by(w, order, "ecpay_card", "k1", ANN, &started, &again),
                     ERR_OK);
    const char *id = test_text(json_object_get(started, "payment"), "id");
    assert_int_equal(till_returned(w->till, w->t->cx, id, "0123", url), ERR_NOT_FOUND);
    assert_int_equal(till_returned_ref(w->till, w->t->cx, 2, w->ecpay.ref, url), ERR_NOT_FOUND);
    assert_int_equal(till_returned_ref(w->till, w->t->cx, 1, w->ecpay.ref, url), ERR_OK);
    assert_non_null(strstr(url, "https://shop.example/o/"));
    assert_non_null(strstr(url, "&paid=pay_"));
    assert_int_equal(test_till_states(w, "orders", "awaiting_payment"), 1);
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    test_till_round(w);
    assert_int_equal(w->ecpay.asked, 1);
    assert_int_equal(test_till_states(w, "orders", "confirmed"), 1);
    json_decref(started);
    json_decref(order);
}

/* What ECPay signed for the browser can be posted again and again. */
static void back__again_and_again_asks_ecpay_once(void **state)
{
    struct test_till *w = *state;
    char url[TILL_URL_MAX];
    json_t *order = test_till_order(w, "ecpay_atm");
    assert_int_equal(test_till_start(w, order, "ecpay_atm", "k1"), ERR_OK);
    w->ecpay.ask_says.says = SAYS_CODE;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(till_returned_ref(w->till, w->t->cx, 1, w->ecpay.ref, url), ERR_OK);
        test_till_round(w);
        test_till_later(w, 10001);
    }
    assert_int_equal(w->ecpay.asked, 1);
    json_decref(order);
}

static void rumour__asks_and_believes_nothing(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card");
    w->ecpay.start_says.provider_ref = "chrg_1";
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    w->ecpay.ask_says.says = SAYS_PENDING;
    assert_int_equal(till_rumour(w->till, w->t->cx, 2, "ecpay", "chrg_1"), ERR_OK);
    assert_int_equal(till_rumour(w->till, w->t->cx, 1, "ecpay", "chrg_2"), ERR_OK);
    test_till_round(w);
    assert_int_equal(w->ecpay.asked, 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(till_rumour(w->till, w->t->cx, 1, "ecpay", "chrg_1"), ERR_OK);
        test_till_round(w);
    }
    assert_int_equal(w->ecpay.asked, 1);
    assert_int_equal(test_till_states(w, "payment", "pending"), 1);
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM inbox"), 0);
    json_decref(order);
}

static void read__is_for_its_buyer(void **state)
{
    struct test_till *w = *state;
    json_t *order = test_till_order(w, "ecpay_card"), *started = NULL, *seen = NULL;
    bool again;
    assert_int_equal(test_till_start_by(w, order, "ecpay_card", "k1", ANN, &started, &again),
                     ERR_OK);
    const char *id = test_text(json_object_get(started, "payment"), "id");
    const struct room_who ann = test_buyer(ANN), bob = test_buyer(BOB);
    assert_int_equal(till_read(w->till, w->t->cx, &bob, id, NULL, &seen), ERR_NOT_FOUND);
    assert_int_equal(till_read(w->till, w->t->cx, &bob, id, test_text(order, "secret"), &seen),
                     ERR_OK);
    json_decref(seen);
    assert_int_equal(till_read(w->till, w->t->cx, &ann, id, NULL, &seen), ERR_OK);
    assert_string_equal(test_text(seen, "order_state"), "awaiting_payment");
    json_decref(seen);
    assert_int_equal(till_ask_now(w->till, w->t->cx, &w->t->rival, id, &seen), ERR_NOT_FOUND);
    assert_int_equal(till_ask_now(w->till, w->t->cx, &w->t->packer, id, &seen), ERR_FORBIDDEN);
    w->ecpay.ask_err = ERR_TIMEOUT;
    assert_int_equal(till_ask_now(w->till, w->t->cx, &w->t->owner, id, &seen), ERR_PAY_DOWN);
    w->ecpay.ask_err = ERR_OK;
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    assert_int_equal(till_ask_now(w->till, w->t->cx, &w->t->owner, id, &seen), ERR_OK);
    assert_string_equal(test_text(seen, "state"), "paid");
    json_decref(seen);
    json_decref(started);
    json_decref(order);
}

/* ---- keys of shops ---- */

struct put {
    const struct pay_accounts *all;
    enum pay_account account;
    const char *key;
};

static enum err put_job(struct tx *tx, void *arg)
{
    const struct put *p = arg;
    struct pay_keys keys = {.name = "3002607", .more = "iv"};
    (void)snprintf(keys.key, sizeof keys.key, "%s", p->key);
    return pay_account_put(p->all, tx, 2, p->account, &keys);
}

/* Shop 2 names a charge of shop 1's payment, with keys of its own. */
static void event__of_another_shop_pays_nothing_here(void **state)
{
    struct test_till *w = *state;
    struct put p = {&w->accounts, ACCOUNT_OMISE, "secret"};
    json_t *order = test_till_order(w, "ecpay_card");
    assert_int_equal(test_till_start(w, order, "ecpay_card", "k1"), ERR_OK);
    test_exec(w->t->k->t, "UPDATE payment SET provider = 'omise'");
    (void)snprintf(w->omise.ref, sizeof w->omise.ref, "%s", w->ecpay.ref);
    w->omise.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    assert_int_equal(store_do(w->t->k->t->store, w->t->cx, "test", put_job, &p), ERR_OK);
    test_till_round(w);
    assert_int_equal(event_of(w, 2, "evnt_1"), ERR_OK);
    test_till_round(w);
    assert_int_equal(w->omise.fetched, 1);
    assert_int_equal(test_till_states(w, "inbox", "ignored"), 1);
    assert_int_equal(test_till_states(w, "orders", "awaiting_payment"), 1);
    json_decref(order);
}

static void keys__of_another_shop_are_sealed_and_found(void **state)
{
    struct test_till *w = *state;
    struct put p = {&w->accounts, ACCOUNT_ECPAY, "secret"};
    assert_null(till_gateway(w->till, 2, "ecpay"));
    assert_int_equal(store_do(w->t->k->t->store, w->t->cx, "test", put_job, &p), ERR_OK);
    test_till_round(w);
    struct gateway *g = till_gateway(w->till, 2, "ecpay");
    assert_ptr_equal(g, &w->ecpay.g);
    till_gateway_end(w->till, g);
    assert_int_equal(test_till_number(w, "SELECT count(*) FROM gateway_account"
                                         " WHERE CAST(sealed AS TEXT) LIKE '%secret%'"),
                     0);
    test_exec(w->t->k->t, "DELETE FROM gateway_account");
    test_till_round(w);
    assert_null(till_gateway(w->till, 2, "ecpay"));
    assert_non_null(till_gateway(w->till, 1, "ecpay")); /* the instance's own */
}

#define T(name) cmocka_unit_test_setup_teardown(name, test_till_make, test_till_drop)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(ask__a_payment_nobody_told_of_is_found),
        T(ask__codes_are_left_alone_until_their_end),
        T(ask__a_lease_keeps_the_other_away),
        T(ask__one_that_does_not_answer_is_left_alone),
        T(ask__after_a_slow_answer_it_is_later),
        T(event__a_silent_provider_is_not_asked_for_each),
        T(ask__time_ends_a_payment_though_its_provider_is_down),
        T(event__is_read_again_there_however_long_it_takes),
        T(event__of_a_strangers_charge_is_harmless),
        T(back__needs_its_token_and_only_asks),
        T(back__again_and_again_asks_ecpay_once),
        T(rumour__asks_and_believes_nothing),
        T(read__is_for_its_buyer),
        T(event__of_another_shop_pays_nothing_here),
        T(keys__of_another_shop_are_sealed_and_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
