#include "base/test.h"

#include "base/arena.h"
#include "order/day.h"
#include "order/testkit.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MUG = 1, HAT = 2, ANN = 1, BOB = 2 };

static int make(void **state)
{
    struct test_orders *t = test_orders_make();
    test_variant(t->k, MUG, 50);
    test_variant(t->k, HAT, 5);
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

static void checkout__at_the_door_sells_at_once(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, MUG, 2, "cod");
    assert_string_equal(test_text(order, "state"), "confirmed");
    assert_string_equal(test_text(order, "status"), "preparing");
    assert_int_equal(test_amount(order, "subtotal"), 200);
    assert_int_equal(test_amount(order, "shipping"), 100);
    assert_int_equal(test_amount(order, "total"), 300);
    assert_int_equal(test_amount(order, "tax"), 14);
    assert_true(strlen(test_text(order, "secret")) > 20);
    assert_int_equal(test_total(t->k, MUG), 48);
    assert_int_equal(test_held(t->k, MUG), 0);
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'created'"), 1);
    assert_int_equal(number(t, "SELECT count(*) FROM consent"), 3);
    assert_int_equal(number(t, "SELECT count(*) FROM address"), 1);
    assert_non_null(test_news(t->k, NEWS_LINE_ORDERED));
    json_decref(order);
}

static void checkout__numbers_count_within_a_shops_day(void **state)
{
    struct test_orders *t = *state;
    char day[ORDER_DAY_TEXT], want[40];
    day_order_text(market_find("TW"), t->cx->now_ms, day);
    for (int i = 1; i <= 3; i++) {
        json_t *order = test_order(t, i, MUG, 1, "cod");
        (void)snprintf(want, sizeof want, "%s-%04d", day, i);
        assert_string_equal(test_text(order, "no"), want);
        json_decref(order);
    }
}

static void checkout__of_one_cart_is_one_order(void **state)
{
    struct test_orders *t = *state;
    const struct room_who ann = test_buyer(ANN), bob = test_buyer(BOB);
    assert_int_equal(test_add(t->k, ANN, MUG, 1).qty, 1);
    json_t *quote = test_quote(t, ANN, "cod"), *first = NULL, *second = NULL;
    bool again;
    struct checkout ask = {.cart = {.cart = test_text(quote, "cart")},
                           .quote_hash = test_text(quote, "quote_hash"),
                           .pay_method = "cod",
                           .address = t->address,
                           .invoice = t->invoice,
                           .consent = {true, true, true, false, NULL},
                           .idem = "one"};
    assert_int_equal(order_checkout(t->o, t->cx, &bob, &ask, &first, &again), ERR_NOT_FOUND);
    assert_int_equal(order_checkout(t->o, t->cx, &ann, &ask, &first, &again), ERR_OK);
    assert_false(again);
    assert_int_equal(order_checkout(t->o, t->cx, &ann, &ask, &second, &again), ERR_OK);
    assert_true(again);
    assert_string_equal(test_text(first, "no"), test_text(second, "no"));
    assert_string_equal(test_text(first, "secret"), test_text(second, "secret"));
    json_decref(second);
    ask.idem = "two"; /* another browser, the same cart */
    assert_int_equal(order_checkout(t->o, t->cx, &ann, &ask, &second, &again), ERR_OK);
    assert_true(again);
    assert_string_equal(test_text(first, "no"), test_text(second, "no"));
    assert_int_equal(number(t, "SELECT count(*) FROM orders"), 1);
    json_decref(first);
    json_decref(second);
    json_decref(quote);
}

struct racer {
    struct test_orders *t;
    const struct checkout *ask;
    int i;
    enum err e;
    char no[40];
};

static void *race(void *arg)
{
    struct racer *r = arg;
    struct cx cx = {.arena = arena_make(4 << 20), .now_ms = r->t->cx->now_ms};
    struct room_who ann = test_buyer(ANN);
    struct checkout ask = *r->ask;
    char idem[20];
    json_t *order = NULL;
    bool again;
    (void)snprintf(idem, sizeof idem, "r%d", r->i);
    ask.idem = idem;
    r->e = order_checkout(r->t->o, &cx, &ann, &ask, &order, &again);
    (void)snprintf(r->no, sizeof r->no, "%s", test_text(order, "no"));
    json_decref(order);
    arena_free(cx.arena);
    return NULL;
}

/* I4: eight at once, with eight keys. */
static void checkout__eight_at_once_make_one_order(void **state)
{
    struct test_orders *t = *state;
    enum { RACERS = 8 };
    struct racer r[RACERS];
    pthread_t threads[RACERS];
    assert_int_equal(test_add(t->k, ANN, HAT, 5).qty, 5);
    json_t *quote = test_quote(t, ANN, "cod");
    const struct checkout ask = {.cart = {.cart = test_text(quote, "cart")},
                                 .quote_hash = test_text(quote, "quote_hash"),
                                 .pay_method = "cod",
                                 .address = t->address,
                                 .invoice = t->invoice,
                                 .consent = {true, true, true, false, NULL}};
    for (int i = 0; i < RACERS; i++) {
        r[i] = (struct racer){.t = t, .ask = &ask, .i = i};
        assert_int_equal(pthread_create(&threads[i], NULL, race, &r[i]), 0);
    }
    for (int i = 0; i < RACERS; i++)
        (void)pthread_join(threads[i], NULL);
    for (int i = 0; i < RACERS; i++) {
        assert_int_equal(r[i].e, ERR_OK);
        assert_string_equal(r[i].no, r[0].no);
    }
    assert_int_equal(number(t, "SELECT count(*) FROM orders"), 1);
    assert_int_equal(test_total(t->k, HAT), 0);
    json_decref(quote);
}

/* I14: the page showed another price. */
static void checkout__a_changed_price_answers_the_new_quote(void **state)
{
    struct test_orders *t = *state;
    const struct room_who ann = test_buyer(ANN);
    assert_int_equal(test_add(t->k, ANN, MUG, 1).qty, 1);
    json_t *quote = test_quote(t, ANN, "cod"), *answer = NULL;
    bool again;
    struct checkout ask = {.cart = {.cart = test_text(quote, "cart")},
                           .quote_hash = test_text(quote, "quote_hash"),
                           .pay_method = "cod",
                           .address = t->address,
                           .invoice = t->invoice,
                           .consent = {true, true, true, false, NULL},
                           .idem = "one"};
    test_exec(t->k->t, "UPDATE price SET amount = 120");
    assert_int_equal(order_checkout(t->o, t->cx, &ann, &ask, &answer, &again), ERR_PRICE_CHANGED);
    assert_int_equal(test_amount(answer, "total"), 220);
    assert_int_equal(number(t, "SELECT count(*) FROM orders"), 0);
    assert_int_equal(test_held(t->k, MUG), 1); /* still in the cart */
    ask.quote_hash = test_text(answer, "quote_hash");
    json_t *order = NULL;
    assert_int_equal(order_checkout(t->o, t->cx, &ann, &ask, &order, &again), ERR_OK);
    assert_int_equal(test_amount(order, "total"), 220);
    json_decref(order);
    json_decref(answer);
    json_decref(quote);
}

static void checkout__what_is_missing_is_named(void **state)
{
    struct test_orders *t = *state;
    const struct room_who ann = test_buyer(ANN);
    assert_int_equal(test_add(t->k, ANN, MUG, 1).qty, 1);
    json_t *quote = test_quote(t, ANN, "cod"), *order = NULL;
    bool again;
    struct checkout ask = {.cart = {.cart = test_text(quote, "cart")},
                           .quote_hash = test_text(quote, "quote_hash"),
                           .pay_method = "cod",
                           .address = t->address,
                           .invoice = t->invoice,
                           .consent = {true, true, false, false, NULL},
                           .idem = "one"};
    assert_int_equal(order_checkout(t->o, t->cx, &ann, &ask, &order, &again), ERR_INPUT);
    assert_non_null(strstr(t->cx->problem, "consents.withdrawal_notice"));
    ask.consent.withdrawal_notice = true;
    ask.invoice = NULL;
    assert_int_equal(order_checkout(t->o, t->cx, &ann, &ask, &order, &again), ERR_INPUT);
    assert_non_null(strstr(t->cx->problem, "'invoice'"));
    ask.invoice = t->invoice;
    ask.pay_method = "cheque";
    assert_int_equal(order_checkout(t->o, t->cx, &ann, &ask, &order, &again), ERR_INPUT);
    assert_non_null(strstr(t->cx->problem, "'pay_method'"));
    ask.pay_method = "cod";
    test_exec(t->k->t, "UPDATE product SET exempt = 'fresh'");
    json_decref(quote);
    quote = test_quote(t, ANN, "cod");
    ask.cart.cart = test_text(quote, "cart");
    ask.quote_hash = test_text(quote, "quote_hash");
    assert_int_equal(order_checkout(t->o, t->cx, &ann, &ask, &order, &again), ERR_INPUT);
    assert_non_null(strstr(t->cx->problem, "'consents.exempt'"));
    json_t *ticked = json_pack("[i]", 1);
    ask.consent.exempt = ticked;
    assert_int_equal(order_checkout(t->o, t->cx, &ann, &ask, &order, &again), ERR_OK);
    json_decref(order);
    json_decref(ticked);
    json_decref(quote);
}

/* The answer was lost: the cart is an order by now, and the key finds it. */
static void checkout__again_without_a_cart_answers_the_first_order(void **state)
{
    struct test_orders *t = *state;
    json_t *first = NULL, *second = NULL, *quote;
    const struct room_who ann = test_buyer(ANN), bob = test_buyer(BOB);
    bool again = false;
    assert_int_equal(test_add(t->k, ANN, MUG, 1).qty, 1);
    quote = test_quote(t, ANN, "cod");
    struct checkout ask = {.cart = {.shop = "one", .market = "TW"},
                           .quote_hash = test_text(quote, "quote_hash"),
                           .pay_method = "cod",
                           .address = t->address,
                           .invoice = t->invoice,
                           .consent = {true, true, true, false, t->exempt},
                           .idem = "lost"};
    assert_int_equal(order_checkout(t->o, t->cx, &ann, &ask, &first, &again), ERR_OK);
    assert_false(again);
    assert_int_equal(order_checkout(t->o, t->cx, &ann, &ask, &second, &again), ERR_OK);
    assert_true(again);
    assert_string_equal(test_text(first, "no"), test_text(second, "no"));
    json_decref(second);
    assert_int_equal(order_checkout(t->o, t->cx, &bob, &ask, &second, &again), ERR_NOT_FOUND);
    ask.cart.market = "TH"; /* the same key for something else */
    assert_int_equal(order_checkout(t->o, t->cx, &ann, &ask, &second, &again), ERR_CONFLICT);
    ask.cart.market = "TW";
    ask.idem = "other";
    assert_int_equal(order_checkout(t->o, t->cx, &ann, &ask, &second, &again), ERR_NOT_FOUND);
    json_decref(first);
    json_decref(quote);
}

/* Staff's keys are not the buyer's: the same text makes an order of its own, once. */
static void checkout__keys_of_staff_are_their_own(void **state)
{
    struct test_orders *t = *state;
    json_t *order = NULL;
    bool again = true;
    assert_int_equal(test_add(t->k, ANN, MUG, 1).qty, 1);
    assert_int_equal(test_checkout(t, ANN, "cod", "same", &order), ERR_OK);
    json_decref(order);
    assert_int_equal(test_add(t->k, ANN, MUG, 1).qty, 1);
    json_t *quote = test_quote(t, ANN, "cod");
    const struct checkout ask = {.cart = {.cart = test_text(quote, "cart")},
                                 .pay_method = "cod",
                                 .address = t->address,
                                 .invoice = t->invoice,
                                 .idem = "same",
                                 .assisted = true};
    assert_int_equal(order_checkout(t->o, t->cx, &t->owner, &ask, &order, &again), ERR_OK);
    assert_false(again);
    json_decref(order);
    assert_int_equal(order_checkout(t->o, t->cx, &t->owner, &ask, &order, &again), ERR_OK);
    assert_true(again);
    assert_int_equal(number(t, "SELECT count(*) FROM orders"), 2);
    json_decref(order);
    json_decref(quote);
}

static bool first_is_gone(struct test_orders *t)
{
    json_t *quote = test_quote(t, ANN, "cod");
    const json_t *line = json_array_get(json_object_get(quote, "lines"), 0);
    bool gone = json_is_true(json_object_get(line, "gone"));
    json_decref(quote);
    return gone;
}

static void checkout__what_the_shop_withdrew_is_gone(void **state)
{
    struct test_orders *t = *state;
    struct cart_add add = test_add_of(ANN, MUG, 1);
    struct cart_added got;
    json_t *order = NULL;
    add.source = LINE_LIVE; /* its price was promised; its product must still be there */
    assert_int_equal(test_add_do(t->k, &add, &got), ERR_OK);
    test_exec(t->k->t, "DELETE FROM price WHERE variant_id = 1");
    assert_false(first_is_gone(t));
    test_exec(t->k->t, "UPDATE product SET status = 'archived'");
    assert_true(first_is_gone(t));
    assert_int_equal(test_checkout(t, ANN, "cod", "one", &order), ERR_CONFLICT);
    assert_int_equal(test_held(t->k, MUG), 1);
    test_exec(t->k->t, "UPDATE product SET status = 'active'");
    assert_int_equal(test_checkout(t, ANN, "cod", "two", &order), ERR_OK);
    json_decref(order);
}

static void checkout__who_left_parcels_pays_before(void **state)
{
    struct test_orders *t = *state;
    json_t *order = NULL;
    test_exec(t->k->t, "INSERT INTO buyer_stat (viewer_id, shop_id, uncollected) VALUES (1, 1, 1)");
    assert_int_equal(test_add(t->k, ANN, MUG, 1).qty, 1);
    json_t *quote = test_quote(t, ANN, NULL);
    assert_string_equal(test_text(quote, "pay_method"), "card");
    assert_string_equal(
        test_text(json_array_get(json_object_get(quote, "pay_methods"), 0), "reason"),
        "uncollected");
    json_decref(quote);
    assert_int_equal(test_checkout(t, ANN, "cod", "one", &order), ERR_INPUT);
}

/* ---- unpaid orders ---- */

static void unpaid__holds_until_its_clock_and_gives_all_back(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, HAT, 5, "card");
    assert_string_equal(test_text(order, "state"), "awaiting_payment");
    assert_int_equal(test_held(t->k, HAT), 5);
    assert_int_equal(test_total(t->k, HAT), 5);
    orders_tick(t->o, t->cx->now_ms + 15 * 60000 - 1);
    assert_int_equal(test_held(t->k, HAT), 5);
    orders_tick(t->o, t->cx->now_ms + 15 * 60000);
    assert_int_equal(test_held(t->k, HAT), 0);
    assert_int_equal(number(t, "SELECT count(*) FROM orders WHERE state = 'expired'"), 1);
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'expired'"), 1);
    assert_int_equal(number(t, "SELECT abandoned FROM buyer_stat WHERE viewer_id = 1"), 1);
    orders_tick(t->o, t->cx->now_ms + 15 * 60000);
    assert_int_equal(number(t, "SELECT abandoned FROM buyer_stat WHERE viewer_id = 1"), 1);
    json_decref(order);
}

static void unpaid__first_in_the_waiting_list_gets_what_comes_free(void **state)
{
    struct test_orders *t = *state;
    char place[ID_TEXT];
    json_t *order = test_order(t, ANN, HAT, 5, "card");
    test_wait(t->k, BOB, HAT, 2, place);
    orders_tick(t->o, t->cx->now_ms + 15 * 60000);
    assert_int_equal(test_held(t->k, HAT), 2);
    assert_int_equal(number(t, "SELECT count(*) FROM waiting WHERE state = 'offered'"), 1);
    json_decref(order);
}

static int64_t payment_id(struct test_orders *t)
{
    return number(t, "SELECT max(id) FROM payment");
}

static void paid__confirms_and_sells(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, HAT, 2, "card");
    int64_t id = payment_id(t), total = test_amount(order, "total");
    assert_int_equal(test_paid(t, id, total, "TWD"), ERR_OK);
    assert_int_equal(test_paid(t, id, total, "TWD"), ERR_OK); /* told twice */
    assert_int_equal(test_total(t->k, HAT), 3);
    assert_int_equal(test_held(t->k, HAT), 0);
    assert_int_equal(number(t, "SELECT count(*) FROM orders WHERE state = 'confirmed'"), 1);
    assert_int_equal(number(t, "SELECT paid FROM buyer_stat WHERE viewer_id = 1"), 1);
    json_decref(order);
}

static void paid__late_confirms_when_all_can_be_held_again(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, HAT, 5, "card");
    orders_tick(t->o, t->cx->now_ms + 15 * 60000);
    assert_int_equal(test_paid(t, payment_id(t), test_amount(order, "total"), "TWD"), ERR_OK);
    assert_int_equal(number(t, "SELECT count(*) FROM orders WHERE state = 'confirmed'"), 1);
    assert_int_equal(test_total(t->k, HAT), 0);
    json_decref(order);
}

static void paid__late_is_orphaned_when_somebody_else_has_them(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, HAT, 5, "card");
    int64_t id = payment_id(t), total = test_amount(order, "total");
    orders_tick(t->o, t->cx->now_ms + 15 * 60000);
    assert_int_equal(test_add(t->k, BOB, HAT, 1).qty, 1);
    assert_int_equal(test_paid(t, id, total, "TWD"), ERR_OK);
    assert_int_equal(number(t, "SELECT count(*) FROM orders WHERE state = 'expired'"), 1);
    assert_int_equal(number(t, "SELECT amount FROM refund WHERE state = 'queued'"), total);
    assert_int_equal(test_held(t->k, HAT), 1);
    json_decref(order);
}

static json_t *seen_order(struct test_orders *t, const json_t *order)
{
    struct db *db;
    json_t *seen = NULL;
    const struct order_ref ref = test_ref(order);
    assert_int_equal(store_read(t->k->t->store, &db), ERR_OK);
    enum err e = order_read_staff(db, t->cx, &t->owner, &ref, &seen);
    store_read_end(db);
    assert_int_equal(e, ERR_OK);
    return seen;
}

/* Payments that the order could not take. */
static int strays(const json_t *order)
{
    int n = 0;
    const json_t *list = json_object_get(order, "payments");
    for (size_t i = 0; i < json_array_size(list); i++)
        n += json_is_true(json_object_get(json_array_get(list, i), "stray"));
    return n;
}

static void paid__wrong_amounts_and_double_money_go_back(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, MUG, 1, "card"), *other = NULL;
    assert_int_equal(test_paid(t, payment_id(t), 199, "TWD"), ERR_OK);
    assert_int_equal(number(t, "SELECT sum(amount) FROM refund"), 199);
    assert_int_equal(number(t, "SELECT count(*) FROM orders WHERE state = 'awaiting_payment'"), 1);
    other = test_order(t, BOB, MUG, 1, "card");
    int64_t id = payment_id(t);
    assert_int_equal(test_paid(t, id, 200, "TWD"), ERR_OK);
    test_exec(t->k->t, "INSERT INTO payment (id, public_id, order_id, provider, method, amount,"
                       " currency, state, our_ref, started_at, created_at, changed_at)"
                       " SELECT 7, 'pay_7', order_id, provider, method, amount, currency,"
                       " 'pending', 'ref_7', 1, 1, 1 FROM payment WHERE state = 'paid'");
    assert_int_equal(test_paid(t, 7, 200, "TWD"), ERR_OK); /* I5: the second is orphaned */
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'paid'"), 1);
    assert_int_equal(number(t, "SELECT sum(amount) FROM refund"), 399);
    json_t *seen = seen_order(t, other);
    assert_string_equal(test_text(seen, "status"), "preparing"); /* it is not undone by that */
    assert_int_equal(strays(seen), 1);
    json_decref(seen);
    json_decref(order);
    json_decref(other);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make, drop)
    static const struct CMUnitTest tests[] = {
        T(checkout__at_the_door_sells_at_once),
        T(checkout__numbers_count_within_a_shops_day),
        T(checkout__of_one_cart_is_one_order),
        T(checkout__eight_at_once_make_one_order),
        T(checkout__a_changed_price_answers_the_new_quote),
        T(checkout__what_is_missing_is_named),
        T(checkout__again_without_a_cart_answers_the_first_order),
        T(checkout__keys_of_staff_are_their_own),
        T(checkout__what_the_shop_withdrew_is_gone),
        T(checkout__who_left_parcels_pays_before),
        T(unpaid__holds_until_its_clock_and_gives_all_back),
        T(unpaid__first_in_the_waiting_list_gets_what_comes_free),
        T(paid__confirms_and_sells),
        T(paid__late_confirms_when_all_can_be_held_again),
        T(paid__late_is_orphaned_when_somebody_else_has_them),
        T(paid__wrong_amounts_and_double_money_go_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
