#include "base/test.h"

#include "base/arena.h"
#include "order/testkit.h"
#include "till/till.h"

#include <stdio.h>
#include <stdlib.h>
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

enum { MUG = 1, ANN = 1, BOB = 2 };
#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)

/* A gateway that answers what the test wrote down, and remembers what it was asked. */
struct script {
    struct gateway g;
    enum err start_err, ask_err;
    enum gateway_do next;
    struct gateway_news start_says, ask_says;
    int started, asked, closed, fetched;
    char ref[GATEWAY_REF + 1], notify[TILL_URL_MAX], back[TILL_URL_MAX];
    void (*meanwhile)(void *arg); /* while it thinks; or NULL */
    void *arg;
};

static enum err script_start(struct gateway *g, struct cx *cx, const struct gateway_start *ask,
                             struct gateway_next *ret_next, struct gateway_news *ret_news)
{
    static const struct gateway_field fields[] = {{"MerchantTradeNo", "x"}};
    struct script *s = (struct script *)g;
    s->started++;
    (void)snprintf(s->ref, sizeof s->ref, "%s", ask->our_ref);
    (void)snprintf(s->notify, sizeof s->notify, "%s", ask->notify_url);
    (void)snprintf(s->back, sizeof s->back, "%s", ask->return_url);
    assert_int_equal(strlen(ask->our_ref), GATEWAY_REF);
    if (s->meanwhile)
        s->meanwhile(s->arg);
    if (s->start_err)
        return problem(cx, s->start_err, "as scripted");
    *ret_next = (struct gateway_next){
        .what = s->next, .url = "https://pay.example/x", .fields = fields, .field_count = 1};
    *ret_news = s->start_says;
    ret_news->our_ref = ask->our_ref;
    return ERR_OK;
}

static enum err answer(struct script *s, struct cx *cx, const struct gateway_payment *p,
                       struct gateway_news *ret_news)
{
    if (s->ask_err)
        return problem(cx, s->ask_err, "as scripted");
    *ret_news = s->ask_says;
    ret_news->our_ref = p->our_ref;
    return ERR_OK;
}

static enum err script_ask(struct gateway *g, struct cx *cx, const struct gateway_payment *p,
                           struct gateway_news *ret_news)
{
    struct script *s = (struct script *)g;
    s->asked++;
    return answer(s, cx, p, ret_news);
}

static enum err script_close(struct gateway *g, struct cx *cx, const struct gateway_payment *p,
                             struct gateway_news *ret_news)
{
    struct script *s = (struct script *)g;
    s->closed++;
    return answer(s, cx, p, ret_news);
}

static bool script_offers(struct gateway *g, const char *method, int64_t *ret_min, int64_t *ret_max)
{
    (void)g;
    *ret_min = 0;
    *ret_max = strcmp(method, "ecpay_twqr") == 0 ? 150 : 0;
    return strcmp(method, "ecpay_webatm") != 0;
}

static void script_free(struct gateway *g)
{
    (void)g;
}

static const struct gateway_way form_way = {.provider = "ecpay",
                                            .start_is_local = true,
                                            .start = script_start,
                                            .ask = script_ask,
                                            .close = script_close,
                                            .offers = script_offers,
                                            .free = script_free};
static const struct gateway_way charge_way = {.provider = "omise",
                                              .start = script_start,
                                              .ask = script_ask,
                                              .close = script_close,
                                              .offers = script_offers,
                                              .free = script_free};

struct world {
    struct test_orders *t;
    struct pay_accounts accounts;
    struct script ecpay, omise;
    struct till *till;
    int keys; /* events */
};

static enum err make_gateway(void *arg, struct cx *cx, enum pay_account a,
                             const struct pay_keys *keys, struct gateway **ret_gateway)
{
    struct world *w = arg;
    (void)cx;
    assert_string_equal(keys->key, "secret");
    *ret_gateway = a == ACCOUNT_ECPAY ? &w->ecpay.g : &w->omise.g;
    return ERR_OK;
}

static enum err fetch(struct gateway *g, struct cx *cx, const char *provider_ref,
                      struct gateway_news *ret_news)
{
    struct script *s = (struct script *)g;
    s->fetched++;
    if (s->ask_err)
        return problem(cx, s->ask_err, "as scripted");
    *ret_news = s->ask_says;
    ret_news->our_ref = s->ref;
    ret_news->provider_ref = provider_ref;
    return ERR_OK;
}

static struct till *open_till(struct world *w)
{
    struct till *till = NULL;
    const struct till_setup setup = {.store = w->t->k->t->store,
                                     .watch = &w->t->k->watch,
                                     .accounts = &w->accounts,
                                     .public_url = "https://shop.example",
                                     .make = make_gateway,
                                     .fetch = fetch,
                                     .arg = w};
    assert_int_equal(till_make(w->t->cx, &setup, &till), ERR_OK);
    return till;
}

static int make(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->t = test_orders_make();
    orders_free(w->t->o);
    w->accounts.secret_key = w->t->key;
    (void)snprintf(w->accounts.env[ACCOUNT_ECPAY].name, PAY_KEY_MAX, "2000132");
    (void)snprintf(w->accounts.env[ACCOUNT_ECPAY].key, PAY_KEY_MAX, "secret");
    (void)snprintf(w->accounts.env[ACCOUNT_OMISE].name, PAY_KEY_MAX, "pkey_test_1");
    (void)snprintf(w->accounts.env[ACCOUNT_OMISE].key, PAY_KEY_MAX, "secret");
    w->ecpay =
        (struct script){.g.way = &form_way, .next = DO_FORM, .start_says.says = SAYS_PENDING};
    w->omise =
        (struct script){.g.way = &charge_way, .next = DO_REDIRECT, .start_says.says = SAYS_PENDING};
    w->till = open_till(w);
    const struct orders_setup orders = {.store = w->t->k->t->store,
                                        .watch = &w->t->k->watch,
                                        .pay = till_table(w->till),
                                        .key = w->t->key};
    assert_int_equal(orders_make(&orders, &w->t->o), ERR_OK);
    till_join(w->till, w->t->o);
    test_variant(w->t->k, MUG, 5);
    *state = w;
    return 0;
}

static int drop(void **state)
{
    struct world *w = *state;
    till_free(w->till);
    test_orders_free(w->t);
    free(w);
    return 0;
}

static int64_t number(struct world *w, const char *sql)
{
    return test_number(w->t->k->t, sql);
}

/* Memory of its own for a step; the caller frees cx.arena. */
static struct cx fresh(const struct world *w)
{
    struct cx cx = {.arena = arena_make(4 << 20), .now_ms = w->t->cx->now_ms};
    assert_non_null(cx.arena);
    return cx;
}

static enum err start_by(struct world *w, const json_t *order, const char *method, const char *idem,
                         int64_t viewer, json_t **ret_started, bool *ret_again)
{
    struct cx cx = fresh(w);
    int64_t later = 0;
    const struct room_who who = test_buyer(viewer);
    const struct order_ref ref = test_ref(order);
    const struct till_ask ask = {.method = method, .idem = idem};
    enum err e = till_start(w->till, &cx, &who, &ref, &ask, ret_started, ret_again, &later);
    if (e == ERR_PAY_DOWN)
        assert_true(later > 0);
    arena_free(cx.arena);
    return e;
}

static enum err start(struct world *w, const json_t *order, const char *method, const char *idem)
{
    json_t *started = NULL;
    bool again;
    enum err e = start_by(w, order, method, idem, ANN, &started, &again);
    json_decref(started);
    return e;
}

/* An order of one mug (200), awaiting payment. */
static json_t *bought(struct world *w, const char *method)
{
    return test_order(w->t, ANN, MUG, 1, method);
}

static enum err tell_as(struct world *w, const char *key, int64_t shop,
                        const struct gateway_news *n)
{
    struct cx cx = fresh(w);
    const struct till_message m = {.shop_id = shop,
                                   .provider = "ecpay",
                                   .event_key = key,
                                   .kind = "payment",
                                   .body = "as it came",
                                   .news = n};
    enum err e = till_take(w->till, &cx, &m);
    arena_free(cx.arena);
    return e;
}

static void tell(struct world *w, struct gateway_news n)
{
    char key[20];
    (void)snprintf(key, sizeof key, "e%d", ++w->keys);
    assert_int_equal(tell_as(w, key, 1, &n), ERR_OK);
}

static struct gateway_news paid(const struct world *w, int64_t amount)
{
    return (struct gateway_news){.our_ref = w->ecpay.ref,
                                 .provider_ref = "2511230001",
                                 .says = SAYS_PAID,
                                 .amount = amount,
                                 .currency = "TWD"};
}

static int64_t in_state(struct world *w, const char *table, const char *state)
{
    char sql[120];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE state = '%s'", table, state);
    return number(w, sql);
}

static void later(struct world *w, int64_t ms)
{
    w->t->cx->now_ms += ms;
}

static void turn_round(struct world *w)
{
    till_round(w->till, w->t->cx->now_ms);
}

/* ---- starting ---- */

static void sql__every_statement_prepares_in_order(void **state)
{
    struct world *w = *state;
    struct test_store *t = w->t->k->t;
    ask_ok(t);
    inbox_ok(t);
    start_ok(t);
    take_ok(t);
}

static void start__gives_a_form_and_the_order_waits(void **state)
{
    struct world *w = *state;
    bool again = true;
    json_t *order = bought(w, "ecpay_card"), *started = NULL;
    assert_string_equal(test_text(order, "state"), "awaiting_payment");
    assert_int_equal(number(w, "SELECT count(*) FROM payment WHERE started_at IS NOT NULL"), 0);
    assert_int_equal(start_by(w, order, "ecpay_card", "k1", ANN, &started, &again), ERR_OK);
    assert_false(again);
    const json_t *next = json_object_get(started, "next");
    assert_string_equal(test_text(next, "kind"), "form");
    assert_string_equal(test_text(next, "action"), "https://pay.example/x");
    assert_string_equal(test_text(json_object_get(started, "payment"), "state"), "pending");
    assert_string_equal(w->ecpay.notify, "https://shop.example/api/v1/webhooks/ecpay/payment/one");
    assert_int_equal(number(w, "SELECT count(*) FROM payment"), 1); /* checkout's own row */
    assert_int_equal(number(w, "SELECT expires_at FROM payment"), 1000000 + 15 * MINUTE);
    assert_int_equal(number(w, "SELECT expires_at FROM hold"), 1000000 + 20 * MINUTE);
    json_decref(started);
    json_decref(order);
}

static void start__with_the_same_key_is_one_payment(void **state)
{
    struct world *w = *state;
    bool again = false;
    json_t *order = bought(w, "ecpay_card"), *first = NULL, *second = NULL;
    assert_int_equal(start_by(w, order, "ecpay_card", "k1", ANN, &first, &again), ERR_OK);
    assert_int_equal(start_by(w, order, "ecpay_card", "k1", ANN, &second, &again), ERR_OK);
    assert_true(again);
    assert_string_equal(test_text(json_object_get(first, "payment"), "id"),
                        test_text(json_object_get(second, "payment"), "id"));
    assert_string_equal(test_text(json_object_get(second, "next"), "kind"), "form");
    assert_int_equal(number(w, "SELECT count(*) FROM payment"), 1);
    assert_int_equal(start(w, order, "ecpay_atm", "k1"), ERR_CONFLICT);
    assert_int_equal(start(w, order, "ecpay_card", "k2"), ERR_OK); /* another try, another number */
    assert_int_equal(number(w, "SELECT count(*) FROM payment"), 2);
    assert_int_equal(number(w, "SELECT count(DISTINCT our_ref) FROM payment"), 2);
    json_decref(first);
    json_decref(second);
    json_decref(order);
}

static void start__is_for_its_buyer_and_what_the_order_can_have(void **state)
{
    struct world *w = *state;
    bool again;
    json_t *order = bought(w, "ecpay_card"), *started = NULL;
    assert_int_equal(start_by(w, order, "ecpay_card", "k", BOB, &started, &again), ERR_NOT_FOUND);
    assert_int_equal(start(w, order, "omise_card", "k"), ERR_INPUT); /* another market's */
    assert_int_equal(start(w, order, "cod", "k"), ERR_INPUT);
    assert_int_equal(start(w, order, "ecpay_webatm", "k"), ERR_PAY_DOWN); /* not there */
    assert_int_equal(start(w, order, "ecpay_twqr", "k"), ERR_INPUT);      /* the gateway's window */
    assert_int_equal(start(w, order, "ecpay_installment", "k"), ERR_INPUT); /* not switched on */
    assert_int_equal(w->ecpay.started, 0);
    later(w, 16 * MINUTE);
    assert_int_equal(start(w, order, "ecpay_card", "k"), ERR_TRANSITION);
    json_decref(order);
}

static void start__again_and_again_does_not_keep_the_goods_for_ever(void **state)
{
    struct world *w = *state;
    char key[8];
    json_t *order = bought(w, "ecpay_card");
    enum err e = ERR_OK;
    for (int i = 0; !e && i < 20; i++, later(w, 5 * MINUTE)) {
        (void)snprintf(key, sizeof key, "k%d", i);
        e = start(w, order, "ecpay_card", key);
    }
    assert_true(e == ERR_TRANSITION || e == ERR_LIMIT);
    assert_true(number(w, "SELECT expires_at FROM orders") <= 1000000 + 45 * MINUTE);
    json_decref(order);
}

static void start__a_provider_that_is_down_leaves_all_as_it_was(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    w->ecpay.start_err = ERR_BUSY;
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_PAY_DOWN);
    assert_int_equal(number(w, "SELECT count(*) FROM payment WHERE started_at IS NOT NULL"), 0);
    assert_int_equal(in_state(w, "orders", "awaiting_payment"), 1);
    w->ecpay.start_err = ERR_OK;
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK); /* the same key goes on */
    assert_int_equal(in_state(w, "payment", "pending"), 1);
    json_decref(order);
}

static void start__a_lost_answer_is_looked_up_and_never_repeated(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    w->ecpay.start_err = ERR_TIMEOUT;
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    assert_int_equal(w->ecpay.started, 1);
    assert_int_equal(w->ecpay.asked, 1);
    assert_int_equal(in_state(w, "orders", "confirmed"), 1);
    json_decref(order);
}

/* Nothing is known there yet: it may still arrive, so this number is not used again. */
static void start__an_answer_lost_for_good_is_over(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    w->ecpay.start_err = ERR_UPSTREAM;
    w->ecpay.ask_says.says = SAYS_UNKNOWN;
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_PAY_DOWN);
    assert_int_equal(in_state(w, "payment", "failed"), 1);
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    later(w, 11 * MINUTE);
    turn_round(w); /* it did arrive */
    assert_int_equal(w->ecpay.closed, 1);
    assert_int_equal(in_state(w, "orders", "confirmed"), 1);
    json_decref(order);
}

/* Neither the answer nor one to the question came: the same key says later what came of it. */
static void start__a_provider_that_fell_silent_is_asked_again(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card"), *started = NULL;
    bool again = false;
    w->ecpay.start_err = w->ecpay.ask_err = ERR_TIMEOUT;
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_PAY_DOWN);
    w->ecpay.ask_err = ERR_OK;
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    later(w, 5000);
    turn_round(w);
    assert_int_equal(start_by(w, order, "ecpay_card", "k1", ANN, &started, &again), ERR_OK);
    assert_true(again);
    assert_int_equal(w->ecpay.started, 1);
    assert_string_equal(test_text(json_object_get(started, "payment"), "state"), "paid");
    json_decref(started);
    json_decref(order);
}

enum { HAT = 2, CROWD = 14 };
struct crowd {
    struct world *w;
    json_t *orders[CROWD];
    int next, begun, told_to_wait;
};

/* While the gateway thinks about one payment, the next one comes. */
static void one_more(void *arg)
{
    struct crowd *c = arg;
    int i = c->next++;
    if (i >= CROWD)
        return;
    enum err e = start(c->w, c->orders[i], "ecpay_card", "k");
    c->begun += e == ERR_OK;
    c->told_to_wait += e == ERR_PAY_DOWN;
}

/* A gateway that hangs must not have every worker wait for it. */
static void start__of_many_at_once_some_are_told_to_wait(void **state)
{
    struct world *w = *state;
    struct crowd c = {.w = w};
    test_variant(w->t->k, HAT, CROWD);
    for (int i = 0; i < CROWD; i++)
        c.orders[i] = test_order(w->t, ANN, HAT, 1, "ecpay_card");
    w->ecpay.g.way = &charge_way;
    w->ecpay.meanwhile = one_more;
    w->ecpay.arg = &c;
    one_more(&c);
    assert_int_equal(c.begun, 12);
    assert_int_equal(c.told_to_wait, 1); /* and it asked for nobody more */
    w->ecpay.meanwhile = NULL;
    assert_int_equal(start(w, c.orders[CROWD - 1], "ecpay_card", "k"), ERR_OK);
    for (int i = 0; i < CROWD; i++)
        json_decref(c.orders[i]);
}

/* The program ended between the provider's answer and its commit. */
static void start__a_crash_is_followed_by_a_question(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    test_exec(w->t->k->t, "UPDATE payment SET state = 'created', next_ask_at = 1045000");
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    later(w, 50000);
    turn_round(w);
    assert_int_equal(in_state(w, "payment", "paid"), 1);
    json_decref(order);
}

/* ---- notices ---- */

static void take__money_confirms_its_order_once(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    const struct gateway_news n = paid(w, 200);
    for (int i = 0; i < 3; i++) /* the same message */
        assert_int_equal(tell_as(w, "same", 1, &n), ERR_OK);
    tell(w, n); /* the same news in another message */
    assert_int_equal(in_state(w, "orders", "confirmed"), 1);
    assert_int_equal(in_state(w, "payment", "paid"), 1);
    assert_int_equal(number(w, "SELECT count(*) FROM inbox"), 2);
    assert_int_equal(number(w, "SELECT count(*) FROM money_entry"), 2);
    assert_int_equal(test_total(w->t->k, MUG), 4);
    assert_int_equal(number(w, "SELECT count(*) FROM refund"), 0);
    assert_int_equal(number(w, "SELECT count(*) FROM payment WHERE next_ask_at IS NOT NULL"), 0);
    json_decref(order);
}

static void take__the_code_may_come_after_the_money(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_atm");
    assert_int_equal(start(w, order, "ecpay_atm", "k1"), ERR_OK);
    tell(w, paid(w, 200));
    tell(w, (struct gateway_news){.our_ref = w->ecpay.ref,
                                  .says = SAYS_CODE,
                                  .details = "{\"bank_code\":\"822\",\"account\":\"9103\"}"});
    tell(w, (struct gateway_news){.our_ref = w->ecpay.ref, .says = SAYS_FAILED});
    assert_int_equal(in_state(w, "payment", "paid"), 1);
    assert_int_equal(number(w, "SELECT count(*) FROM payment WHERE details LIKE '%9103%'"), 1);
    json_decref(order);
}

static void take__what_is_known_of_it_grows(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_atm");
    assert_int_equal(start(w, order, "ecpay_atm", "k1"), ERR_OK);
    tell(w, (struct gateway_news){
                .our_ref = w->ecpay.ref, .says = SAYS_CODE, .details = "{\"account\":\"9103\"}"});
    tell(w, (struct gateway_news){
                .our_ref = w->ecpay.ref, .says = SAYS_PENDING, .details = "{\"gwsr\":\"7\"}"});
    tell(w, (struct gateway_news){
                .our_ref = w->ecpay.ref, .says = SAYS_PENDING, .details = "not JSON"});
    assert_int_equal(number(w, "SELECT count(*) FROM payment WHERE details LIKE '%9103%'"
                               " AND details LIKE '%gwsr%' AND state = 'pending'"),
                     1);
    json_decref(order);
}

/* An old message that comes again does not bring back what was true then. */
static void take__a_replay_changes_nothing(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_atm");
    assert_int_equal(start(w, order, "ecpay_atm", "k1"), ERR_OK);
    const struct gateway_news old = {
        .our_ref = w->ecpay.ref, .says = SAYS_CODE, .details = "{\"account\":\"1111\"}"};
    assert_int_equal(tell_as(w, "old", 1, &old), ERR_OK);
    tell(w, (struct gateway_news){
                .our_ref = w->ecpay.ref, .says = SAYS_CODE, .details = "{\"account\":\"2222\"}"});
    assert_int_equal(tell_as(w, "old", 1, &old), ERR_OK);
    assert_int_equal(number(w, "SELECT count(*) FROM payment WHERE details LIKE '%2222%'"), 1);
    json_decref(order);
}

static void take__another_amount_goes_back(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 1, .currency = "TWD"};
    tell(w, paid(w, 1));
    assert_int_equal(in_state(w, "payment", "pending"), 1); /* nothing yet: it is asked */
    turn_round(w);
    assert_int_equal(in_state(w, "orders", "awaiting_payment"), 1);
    assert_int_equal(in_state(w, "payment", "refunded"), 1);
    assert_int_equal(number(w, "SELECT amount FROM refund WHERE amount = 1"), 1);
    tell(w, paid(w, 200)); /* a second story about the same payment */
    assert_int_equal(in_state(w, "orders", "awaiting_payment"), 1);
    json_decref(order);
}

static void take__a_notice_of_other_money_is_not_believed(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    w->ecpay.ask_says = paid(w, 200);
    tell(w, paid(w, 201));
    assert_int_equal(in_state(w, "orders", "awaiting_payment"), 1);
    turn_round(w); /* the provider knows better */
    assert_int_equal(in_state(w, "orders", "confirmed"), 1);
    assert_int_equal(number(w, "SELECT count(*) FROM refund"), 0);
    json_decref(order);
}

static void take__another_currency_goes_back(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    struct gateway_news n = paid(w, 200);
    n.currency = "THB";
    w->ecpay.ask_says = n;
    tell(w, n);
    assert_int_equal(number(w, "SELECT count(*) FROM refund"), 0);
    turn_round(w);
    assert_int_equal(in_state(w, "orders", "awaiting_payment"), 1);
    assert_int_equal(number(w, "SELECT count(*) FROM refund"), 1);
    json_decref(order);
}

static void take__a_simulated_payment_pays_nothing(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_atm");
    assert_int_equal(start(w, order, "ecpay_atm", "k1"), ERR_OK);
    struct gateway_news n = paid(w, 200);
    n.simulated = true;
    tell(w, n);
    assert_int_equal(in_state(w, "orders", "awaiting_payment"), 1);
    assert_int_equal(number(w, "SELECT count(*) FROM payment WHERE simulated = 1"), 1);
    assert_int_equal(number(w, "SELECT count(*) FROM money_entry"), 0);
    tell(w, paid(w, 200)); /* and then real money comes */
    assert_int_equal(in_state(w, "orders", "confirmed"), 1);
    json_decref(order);
}

static void take__the_second_payment_of_an_order_goes_back(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    struct gateway_news first = paid(w, 200);
    char ref[GATEWAY_REF + 1];
    (void)snprintf(ref, sizeof ref, "%s", w->ecpay.ref);
    first.our_ref = ref;
    assert_int_equal(start(w, order, "ecpay_card", "k2"), ERR_OK);
    struct gateway_news second = paid(w, 200);
    second.provider_ref = "2511230002";
    tell(w, second);
    tell(w, first);
    assert_int_equal(in_state(w, "orders", "confirmed"), 1);
    assert_int_equal(in_state(w, "payment", "paid"), 1);
    assert_int_equal(in_state(w, "payment", "refunded"), 1);
    assert_int_equal(number(w, "SELECT count(*) FROM refund WHERE reason = 'double'"), 1);
    json_decref(order);
}

/* The other tries of an order that is paid are ended at their provider, so that nobody pays twice.
 */
static void take__ends_the_other_tries(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    char first[GATEWAY_REF + 1];
    assert_int_equal(start(w, order, "ecpay_atm", "k1"), ERR_OK);
    (void)snprintf(first, sizeof first, "%s", w->ecpay.ref);
    assert_int_equal(start(w, order, "ecpay_card", "k2"), ERR_OK);
    tell(w, paid(w, 200));
    tell(w, (struct gateway_news){.our_ref = first, .says = SAYS_CODE}); /* puts nothing off */
    w->ecpay.ask_says.says = SAYS_EXPIRED;
    later(w, 1000);
    turn_round(w);
    assert_int_equal(w->ecpay.closed, 1);
    assert_int_equal(in_state(w, "payment", "expired"), 1);
    json_decref(order);
}

static void take__late_money_is_honoured_while_there_are_goods(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    w->ecpay.ask_says.says = SAYS_PENDING;
    later(w, 15 * MINUTE);
    turn_round(w); /* the payment's end; ECPay cannot end it, and somebody may just be paying */
    assert_int_equal(in_state(w, "payment", "pending"), 1);
    later(w, 4 * MINUTE);
    turn_round(w);
    assert_int_equal(in_state(w, "payment", "expired"), 1);
    orders_tick(w->t->o, w->t->cx->now_ms);
    assert_int_equal(in_state(w, "orders", "expired"), 1);
    tell(w, paid(w, 200));
    assert_int_equal(in_state(w, "orders", "confirmed"), 1);
    assert_int_equal(in_state(w, "payment", "paid"), 1);
    json_decref(order);
}

static void take__late_money_without_goods_goes_back(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card"), *other = NULL;
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    w->ecpay.ask_says.says = SAYS_PENDING;
    later(w, 19 * MINUTE);
    turn_round(w);
    orders_tick(w->t->o, w->t->cx->now_ms);
    other = test_order(w->t, BOB, MUG, 5, "cod");
    tell(w, paid(w, 200));
    assert_int_equal(in_state(w, "orders", "expired"), 1);
    assert_int_equal(number(w, "SELECT count(*) FROM refund WHERE reason = 'late'"), 1);
    json_decref(other);
    json_decref(order);
}

/* What comes in the last second is not late: an order whose payment is under way waits a little. */
static void take__an_order_outlives_its_open_payment(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    later(w, 15 * MINUTE + 1);
    orders_tick(w->t->o, w->t->cx->now_ms);
    assert_int_equal(in_state(w, "orders", "awaiting_payment"), 1);
    later(w, 5 * MINUTE);
    orders_tick(w->t->o, w->t->cx->now_ms);
    assert_int_equal(in_state(w, "orders", "expired"), 1);
    assert_int_equal(in_state(w, "payment", "expired"), 1);
    json_decref(order);
}

static void take__money_for_a_cancelled_order_goes_back(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card"), *after = NULL;
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    const struct room_who ann = test_buyer(ANN);
    const struct order_ref ref = test_ref(order);
    assert_int_equal(order_cancel(w->t->o, w->t->cx, &ann, &ref, &after), ERR_OK);
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    later(w, 1000);
    turn_round(w); /* it is ended there; and was paid in that moment */
    assert_int_equal(w->ecpay.closed, 1);
    assert_int_equal(in_state(w, "orders", "cancelled"), 1);
    assert_int_equal(number(w, "SELECT count(*) FROM refund WHERE reason = 'cancelled'"), 1);
    json_decref(after);
    json_decref(order);
}

static void take__is_of_its_own_shop_alone(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    struct gateway_news n = paid(w, 200);
    assert_int_equal(tell_as(w, "rival", 2, &n), ERR_OK);
    n.our_ref = "00000000000000000000";
    assert_int_equal(tell_as(w, "unknown", 1, &n), ERR_OK);
    assert_int_equal(in_state(w, "orders", "awaiting_payment"), 1);
    assert_int_equal(in_state(w, "inbox", "ignored"), 2);
    struct till_stats stats;
    till_read_stats(w->till, &stats);
    assert_int_equal(stats.unknown, 2);
    json_decref(order);
}

/* A job that is undone leaves no trace of the message: it is sent again, and acts then. */
static void take__a_message_that_failed_was_never_here(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    struct gateway_news n = paid(w, 0);
    assert_int_equal(tell_as(w, "same", 1, &n), ERR_INPUT);
    assert_int_equal(number(w, "SELECT count(*) FROM inbox"), 0);
    n.amount = 200;
    assert_int_equal(tell_as(w, "same", 1, &n), ERR_OK);
    assert_int_equal(in_state(w, "orders", "confirmed"), 1);
    json_decref(order);
}

/* ---- asking ---- */

static void ask__a_payment_nobody_told_of_is_found(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    w->ecpay.ask_says.says = SAYS_PENDING;
    later(w, 9 * MINUTE);
    turn_round(w);
    assert_int_equal(w->ecpay.asked, 0); /* ECPay wants ten minutes */
    later(w, 2 * MINUTE);
    turn_round(w);
    turn_round(w);
    assert_int_equal(w->ecpay.asked, 1);
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    later(w, 4 * MINUTE);
    turn_round(w);
    assert_int_equal(w->ecpay.closed, 1); /* its time was over, and it was paid */
    assert_int_equal(in_state(w, "orders", "confirmed"), 1);
    json_decref(order);
}

static void ask__codes_are_left_alone_until_their_end(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_cvs");
    assert_int_equal(start(w, order, "ecpay_cvs", "k1"), ERR_OK);
    assert_int_equal(number(w, "SELECT next_ask_at FROM payment"), 1000000 + 24 * HOUR);
    assert_int_equal(number(w, "SELECT expires_at FROM orders"), 1000000 + 24 * HOUR);
    w->ecpay.ask_says.says = SAYS_CODE;
    later(w, 24 * HOUR + 4 * MINUTE);
    turn_round(w);
    assert_int_equal(in_state(w, "payment", "expired"), 1);
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    later(w, 2 * HOUR);
    turn_round(w); /* the store told ECPay late */
    assert_int_equal(in_state(w, "payment", "paid"), 1);
    json_decref(order);
}

/* Two processes see the same payment due: one of them asks. */
static void ask__a_lease_keeps_the_other_away(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    later(w, 11 * MINUTE);
    w->ecpay.ask_err = ERR_TIMEOUT;
    turn_round(w);
    struct till *other = open_till(w);
    till_join(other, w->t->o);
    till_round(other, w->t->cx->now_ms);
    assert_int_equal(w->ecpay.asked, 1);
    w->ecpay.ask_err = ERR_OK;
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    later(w, MINUTE);
    till_round(other, w->t->cx->now_ms);
    assert_int_equal(in_state(w, "orders", "confirmed"), 1);
    till_free(other);
    json_decref(order);
}

static void ask__time_ends_a_payment_though_its_provider_is_down(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    w->ecpay.ask_err = ERR_UPSTREAM;
    for (int i = 0; i < 24; i++, later(w, MINUTE))
        turn_round(w);
    assert_int_equal(in_state(w, "payment", "expired"), 1);
    w->ecpay.ask_err = ERR_OK;
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    for (int i = 0; i < 30; i++, later(w, MINUTE))
        turn_round(w);
    assert_int_equal(in_state(w, "payment", "paid"), 1); /* nothing is lost */
    json_decref(order);
}

/* ---- messages to look into ---- */

static enum err event_of(struct world *w, int64_t shop, const char *key)
{
    struct cx cx = fresh(w);
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

static enum err event(struct world *w, const char *key)
{
    return event_of(w, 1, key);
}

static void event__is_read_again_there_however_long_it_takes(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    test_exec(w->t->k->t, "UPDATE payment SET provider = 'omise'");
    (void)snprintf(w->omise.ref, sizeof w->omise.ref, "%s", w->ecpay.ref);
    assert_int_equal(event(w, "evnt_1"), ERR_OK);
    assert_int_equal(event(w, "evnt_1"), ERR_OK);
    assert_int_equal(in_state(w, "inbox", "new"), 1);
    w->omise.ask_err = ERR_UPSTREAM;
    turn_round(w);
    turn_round(w);
    assert_int_equal(w->omise.fetched, 1); /* not at once again */
    assert_int_equal(in_state(w, "inbox", "new"), 1);
    w->omise.ask_err = ERR_OK;
    w->omise.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    later(w, 10000);
    turn_round(w);
    assert_int_equal(in_state(w, "inbox", "done"), 1);
    assert_int_equal(in_state(w, "orders", "confirmed"), 1);
    assert_int_equal(number(w, "SELECT count(*) FROM payment WHERE provider_ref = 'chrg_1'"), 1);
    assert_int_equal(event(w, "evnt_1"), ERR_OK); /* replayed */
    turn_round(w);
    assert_int_equal(w->omise.fetched, 2);
    json_decref(order);
}

static void event__of_a_strangers_charge_is_harmless(void **state)
{
    struct world *w = *state;
    (void)snprintf(w->omise.ref, sizeof w->omise.ref, "00000000000000000000");
    w->omise.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "THB"};
    assert_int_equal(event(w, "evnt_1"), ERR_OK);
    turn_round(w);
    assert_int_equal(in_state(w, "inbox", "ignored"), 1);
}

/* ---- coming back ---- */

static void back__needs_its_token_and_only_asks(void **state)
{
    struct world *w = *state;
    char url[TILL_URL_MAX];
    json_t *order = bought(w, "ecpay_card"), *started = NULL;
    bool again;
    assert_int_equal(start_by(w, order, "ecpay_card", "k1", ANN, &started, &again), ERR_OK);
    const char *id = test_text(json_object_get(started, "payment"), "id");
    assert_int_equal(till_returned(w->till, w->t->cx, id, "0123", url), ERR_NOT_FOUND);
    assert_int_equal(till_returned_ref(w->till, w->t->cx, 2, w->ecpay.ref, url), ERR_NOT_FOUND);
    assert_int_equal(till_returned_ref(w->till, w->t->cx, 1, w->ecpay.ref, url), ERR_OK);
    assert_non_null(strstr(url, "https://shop.example/o/"));
    assert_non_null(strstr(url, "&paid=pay_"));
    assert_int_equal(in_state(w, "orders", "awaiting_payment"), 1);
    w->ecpay.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    turn_round(w);
    assert_int_equal(w->ecpay.asked, 1);
    assert_int_equal(in_state(w, "orders", "confirmed"), 1);
    json_decref(started);
    json_decref(order);
}

static void rumour__asks_and_believes_nothing(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card");
    w->ecpay.start_says.provider_ref = "chrg_1";
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    w->ecpay.ask_says.says = SAYS_PENDING;
    assert_int_equal(till_rumour(w->till, w->t->cx, 2, "ecpay", "chrg_1"), ERR_OK);
    assert_int_equal(till_rumour(w->till, w->t->cx, 1, "ecpay", "chrg_2"), ERR_OK);
    turn_round(w);
    assert_int_equal(w->ecpay.asked, 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(till_rumour(w->till, w->t->cx, 1, "ecpay", "chrg_1"), ERR_OK);
        turn_round(w);
    }
    assert_int_equal(w->ecpay.asked, 1);
    assert_int_equal(in_state(w, "payment", "pending"), 1);
    assert_int_equal(number(w, "SELECT count(*) FROM inbox"), 0);
    json_decref(order);
}

static void read__is_for_its_buyer(void **state)
{
    struct world *w = *state;
    json_t *order = bought(w, "ecpay_card"), *started = NULL, *seen = NULL;
    bool again;
    assert_int_equal(start_by(w, order, "ecpay_card", "k1", ANN, &started, &again), ERR_OK);
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
    struct world *w = *state;
    struct put p = {&w->accounts, ACCOUNT_OMISE, "secret"};
    json_t *order = bought(w, "ecpay_card");
    assert_int_equal(start(w, order, "ecpay_card", "k1"), ERR_OK);
    test_exec(w->t->k->t, "UPDATE payment SET provider = 'omise'");
    (void)snprintf(w->omise.ref, sizeof w->omise.ref, "%s", w->ecpay.ref);
    w->omise.ask_says = (struct gateway_news){.says = SAYS_PAID, .amount = 200, .currency = "TWD"};
    assert_int_equal(store_do(w->t->k->t->store, w->t->cx, "test", put_job, &p), ERR_OK);
    turn_round(w);
    assert_int_equal(event_of(w, 2, "evnt_1"), ERR_OK);
    turn_round(w);
    assert_int_equal(w->omise.fetched, 1);
    assert_int_equal(in_state(w, "inbox", "ignored"), 1);
    assert_int_equal(in_state(w, "orders", "awaiting_payment"), 1);
    json_decref(order);
}

static void keys__of_another_shop_are_sealed_and_found(void **state)
{
    struct world *w = *state;
    struct put p = {&w->accounts, ACCOUNT_ECPAY, "secret"};
    assert_null(till_gateway(w->till, 2, "ecpay"));
    assert_int_equal(store_do(w->t->k->t->store, w->t->cx, "test", put_job, &p), ERR_OK);
    turn_round(w);
    struct gateway *g = till_gateway(w->till, 2, "ecpay");
    assert_ptr_equal(g, &w->ecpay.g);
    till_gateway_end(w->till, g);
    assert_int_equal(number(w, "SELECT count(*) FROM gateway_account"
                               " WHERE CAST(sealed AS TEXT) LIKE '%secret%'"),
                     0);
    test_exec(w->t->k->t, "DELETE FROM gateway_account");
    turn_round(w);
    assert_null(till_gateway(w->till, 2, "ecpay"));
    assert_non_null(till_gateway(w->till, 1, "ecpay")); /* the instance's own */
}

#define T(name) cmocka_unit_test_setup_teardown(name, make, drop)

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
        T(take__money_confirms_its_order_once),
        T(take__the_code_may_come_after_the_money),
        T(take__what_is_known_of_it_grows),
        T(take__a_replay_changes_nothing),
        T(take__another_amount_goes_back),
        T(take__a_notice_of_other_money_is_not_believed),
        T(take__another_currency_goes_back),
        T(take__a_simulated_payment_pays_nothing),
        T(take__the_second_payment_of_an_order_goes_back),
        T(take__ends_the_other_tries),
        T(take__late_money_is_honoured_while_there_are_goods),
        T(take__late_money_without_goods_goes_back),
        T(take__an_order_outlives_its_open_payment),
        T(take__money_for_a_cancelled_order_goes_back),
        T(take__is_of_its_own_shop_alone),
        T(take__a_message_that_failed_was_never_here),
        T(ask__a_payment_nobody_told_of_is_found),
        T(ask__codes_are_left_alone_until_their_end),
        T(ask__a_lease_keeps_the_other_away),
        T(ask__time_ends_a_payment_though_its_provider_is_down),
        T(event__is_read_again_there_however_long_it_takes),
        T(event__of_a_strangers_charge_is_harmless),
        T(back__needs_its_token_and_only_asks),
        T(rumour__asks_and_believes_nothing),
        T(read__is_for_its_buyer),
        T(event__of_another_shop_pays_nothing_here),
        T(keys__of_another_shop_are_sealed_and_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
