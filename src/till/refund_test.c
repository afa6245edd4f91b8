#include "base/test.h"

#include "base/arena.h"
#include "order/testkit.h"
#include "pay/gateway.h"
#include "store/store.h"
#include "till/refund.h"
#include "till/refund.sql.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MUG = 1, ANN = 1, SAYS_MAX = 32 };

/* A gateway that answers what the test wrote down, and remembers what it was asked. */
struct script {
    struct gateway g;
    struct gateway_refunded says[SAYS_MAX]; /* of each call, the last one for ever */
    int count, sent, asked;
    struct gateway_refund last;
    char last_ref[ID_TEXT], last_currency[8], last_payment[ID_TEXT];
    void (*meanwhile)(void *arg); /* while the gateway thinks */
    void *arg;
};

static void answer(struct script *s, const struct gateway_refund *ask, struct gateway_refunded *ret)
{
    int i = s->sent + s->asked - 1;
    s->last = *ask;
    (void)snprintf(s->last_ref, sizeof s->last_ref, "%s", ask->refund_ref);
    (void)snprintf(s->last_payment, sizeof s->last_payment, "%s", ask->payment.our_ref);
    (void)snprintf(s->last_currency, sizeof s->last_currency, "%s", ask->payment.currency);
    if (s->meanwhile)
        s->meanwhile(s->arg);
    *ret = s->says[i < s->count ? i : s->count - 1];
}

static void script_refund(struct gateway *g, struct cx *cx, const struct gateway_refund *ask,
                          struct gateway_refunded *ret)
{
    struct script *s = (struct script *)g;
    (void)cx;
    s->sent++;
    answer(s, ask, ret);
}

static void script_refund_ask(struct gateway *g, struct cx *cx, const struct gateway_refund *ask,
                              struct gateway_refunded *ret)
{
    struct script *s = (struct script *)g;
    (void)cx;
    s->asked++;
    answer(s, ask, ret);
}

static const struct gateway_way script_way = {
    .provider = "ecpay", .refund = script_refund, .refund_ask = script_refund_ask};

static const struct pay_provider ecpay = {.name = "ecpay"}, cod = {"cod", true, true};
static const struct pay_method methods[] = {
    {.id = "wallet", .provider = &ecpay, .market = "TW"},
    {.id = "card", .provider = &ecpay, .market = "TW", .manual_refund = true},
    {.id = "cod", .provider = &cod, .market = "TW"},
};
static const struct pay_table table = {.methods = methods, .count = 3};

struct world {
    struct test_orders *t;
    struct refunds *r;
    struct script script;
    bool no_keys;
    json_t *order;
};

static struct gateway *gateway_of(void *arg, int64_t shop_id, const char *provider, void **ret_keep)
{
    struct world *w = arg;
    *ret_keep = NULL;
    assert_int_equal(shop_id, 1);
    assert_string_equal(provider, "ecpay");
    return w->no_keys ? NULL : &w->script.g;
}

static void gateway_end(void *arg, void *keep)
{
    (void)arg;
    assert_null(keep);
}

static struct refunds *runner(struct world *w)
{
    struct refunds *r = NULL;
    const struct refunds_setup setup = {.store = w->t->k->t->store,
                                        .orders = w->t->o,
                                        .pay = &table,
                                        .gateway = gateway_of,
                                        .gateway_end = gateway_end,
                                        .arg = w};
    assert_int_equal(refunds_make(&setup, &r), ERR_OK);
    return r;
}

static int make(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->t = test_orders_make();
    w->script.g.way = &script_way;
    test_variant(w->t->k, MUG, 50);
    w->r = runner(w);
    *state = w;
    return 0;
}

static int drop(void **state)
{
    struct world *w = *state;
    refunds_free(w->r);
    json_decref(w->order);
    test_orders_free(w->t);
    free(w);
    return 0;
}

static int64_t number(struct world *w, const char *sql)
{
    return test_number(w->t->k->t, sql);
}

static bool is(struct world *w, const char *table_name, const char *state)
{
    char ask[120];
    (void)snprintf(ask, sizeof ask, "SELECT count(*) FROM %s WHERE state = '%s'", table_name,
                   state);
    return number(w, ask) == 1;
}

static int64_t money(struct world *w, const char *account)
{
    char ask[120];
    (void)snprintf(ask, sizeof ask,
                   "SELECT COALESCE(sum(amount), 0) FROM money_entry WHERE account = '%s'",
                   account);
    return number(w, ask);
}

static void refund_some(struct world *w, int64_t amount, const char *idem)
{
    json_t *after = NULL;
    bool again;
    const struct order_ref ref = test_ref(w->order);
    const struct refund_ask ask = {.amount = amount, .reason = "why", .idem = idem};
    assert_int_equal(order_refund(w->t->o, w->t->cx, &w->t->manager, &ref, &ask, &after, &again),
                     ERR_OK);
    json_decref(after);
}

/* Ann has paid 200; `amount` of it is queued to go back. */
static void queued(struct world *w, const char *method, int64_t amount)
{
    w->order = test_order(w->t, ANN, MUG, 1, method);
    int64_t payment = number(w, "SELECT max(id) FROM payment");
    assert_int_equal(test_paid(w->t, payment, 200, "TWD"), ERR_OK);
    refund_some(w, amount, "a");
}

#define SAYS(...)                                              \
    do {                                                       \
        const struct gateway_refunded says[] = {__VA_ARGS__};  \
        memcpy(w->script.says, says, sizeof says);             \
        w->script.count = (int)(sizeof says / sizeof says[0]); \
    } while (0)
#define ONE(word)                  \
    {                              \
        .says = REFUND_SAYS_##word \
    }

static void tick_after(struct world *w, int64_t s)
{
    w->t->cx->now_ms += s * 1000;
    refunds_tick(w->r, w->t->cx->now_ms);
}

static void refund__that_is_done_is_told_once(void **state)
{
    struct world *w = *state;
    struct refund_numbers c;
    SAYS({.says = REFUND_SAYS_DONE, .provider_ref = "p1"});
    queued(w, "wallet", 50);
    tick_after(w, 0);
    tick_after(w, 3600);
    assert_int_equal(w->script.sent, 1);
    assert_int_equal(w->script.asked, 0);
    assert_int_equal(w->script.last.amount, 50);
    assert_int_equal(w->script.last.refunded, 0);
    assert_string_equal(w->script.last_currency, "TWD");
    assert_true(is(w, "refund", "done"));
    assert_int_equal(number(w, "SELECT count(*) FROM refund WHERE provider_ref = 'p1'"
                               " AND done_at = 1000000"),
                     1);
    assert_int_equal(number(w, "SELECT count(*) FROM order_step WHERE what = 'refund_done'"), 1);
    assert_int_equal(money(w, "gateway:ecpay"), 150);
    refund_some(w, 60, "b");
    tick_after(w, 1);
    assert_int_equal(w->script.last.refunded, 50);
    refunds_numbers(w->r, &c);
    assert_int_equal(c.queued + c.sent + c.failed, 0);
}

static void refund__is_written_as_sent_before_the_gateway_hears_of_it(void **state)
{
    struct world *w = *state;
    struct refunds *other = runner(w);
    SAYS(ONE(UNCLEAR), ONE(UNCLEAR), ONE(DONE));
    queued(w, "wallet", 50);
    tick_after(w, 0);
    assert_true(is(w, "refund", "sent"));
    assert_int_equal(money(w, "refunds_due"), -50);
    refunds_tick(other, w->t->cx->now_ms + 1000); /* too early to ask */
    assert_int_equal(w->script.sent + w->script.asked, 1);
    tick_after(w, 3600);
    tick_after(w, 3600);
    tick_after(w, 3600);
    assert_int_equal(w->script.sent, 1); /* and asked about, never sent again */
    assert_int_equal(w->script.asked, 2);
    assert_true(is(w, "refund", "done"));
    refunds_free(other);
}

/* Of the only refund there is. */
static void staff_say(struct world *w, const char *to)
{
    json_t *after = NULL;
    struct db *db;
    struct refund list[REFUND_LIST_MAX];
    size_t n = 0;
    assert_int_equal(store_read(w->t->k->t->store, &db), ERR_OK);
    assert_int_equal(
        refund_list(db, w->t->cx->arena, number(w, "SELECT max(id) FROM orders"), list, &n),
        ERR_OK);
    store_read_end(db);
    assert_int_equal(n, 1);
    assert_int_equal(order_refund_set(w->t->o, w->t->cx, &w->t->manager, list[0].public_id,
                                      &(struct refund_set){.state = to, .note = "said"}, &after),
                     ERR_OK);
    json_decref(after);
}

static void refund__waits_for_another_of_its_payment(void **state)
{
    struct world *w = *state;
    SAYS(ONE(UNCLEAR), ONE(UNCLEAR), ONE(DONE), ONE(DONE));
    queued(w, "wallet", 50);
    refund_some(w, 60, "b");
    tick_after(w, 0);
    tick_after(w, 1);
    assert_int_equal(w->script.sent, 1);
    tick_after(w, 3600);
    assert_int_equal(w->script.sent, 1);
    tick_after(w, 3600); /* the first is done */
    tick_after(w, 1);
    assert_int_equal(w->script.sent, 2);
    assert_int_equal(w->script.last.refunded, 50);
    assert_int_equal(number(w, "SELECT count(*) FROM refund WHERE state = 'done'"), 2);
}

static void refund__tells_what_people_paid_back_apart(void **state)
{
    struct world *w = *state;
    SAYS(ONE(MANUAL), ONE(DONE));
    queued(w, "wallet", 50);
    tick_after(w, 0);
    staff_say(w, "done");
    refund_some(w, 60, "b");
    tick_after(w, 1);
    assert_int_equal(w->script.last.refunded, 0);
    assert_int_equal(w->script.last.by_hand, 50);
}

static void refund__that_did_not_happen_is_sent_anew(void **state)
{
    struct world *w = *state;
    char first[ID_TEXT];
    SAYS(ONE(UNCLEAR), ONE(LATER), ONE(DONE));
    queued(w, "wallet", 50);
    tick_after(w, 0);
    (void)snprintf(first, sizeof first, "%s", w->script.last_ref);
    tick_after(w, 3600);
    assert_true(is(w, "refund", "queued"));
    tick_after(w, 1); /* not at once */
    assert_int_equal(w->script.sent, 1);
    tick_after(w, 3600);
    assert_int_equal(w->script.sent, 2);
    assert_string_equal(w->script.last_ref, first); /* the same reference: it can be looked for */
    assert_true(is(w, "refund", "done"));
}

static void refund__waits_as_long_as_the_gateway_says(void **state)
{
    struct world *w = *state;
    SAYS({.says = REFUND_SAYS_LATER, .later_ms = 1000000 + 900000}, ONE(DONE));
    queued(w, "wallet", 50);
    tick_after(w, 0);
    tick_after(w, 899);
    assert_int_equal(w->script.sent, 1);
    tick_after(w, 1);
    assert_int_equal(w->script.sent, 2);
}

static void refund__of_all_that_failed_leaves_the_payment_as_it_was(void **state)
{
    struct world *w = *state;
    struct refund_numbers c;
    SAYS({.says = REFUND_SAYS_FAILED, .why = "balance too low"});
    queued(w, "wallet", 200);
    assert_true(is(w, "payment", "refunded"));
    tick_after(w, 0);
    assert_true(is(w, "refund", "failed"));
    assert_true(is(w, "payment", "paid"));
    assert_int_equal(money(w, "orders"), -200);
    assert_int_equal(number(w, "SELECT count(*) FROM refund WHERE fail_code = 'balance too low'"),
                     1);
    assert_int_equal(number(w, "SELECT count(*) FROM order_step WHERE what = 'refund_failed'"), 1);
    refunds_numbers(w->r, &c);
    assert_int_equal(c.failed, 1);
    tick_after(w, 7200); /* staff decide what comes next */
    assert_int_equal(w->script.sent, 1);
}

static void refund__that_never_can_be_sent_fails_in_the_end(void **state)
{
    struct world *w = *state;
    SAYS(ONE(LATER));
    queued(w, "wallet", 50);
    for (int i = 0; i < 2 * REFUND_TRIES_MAX; i++)
        tick_after(w, REFUND_WAIT_MAX_S);
    assert_int_equal(w->script.sent, REFUND_TRIES_MAX);
    assert_true(is(w, "refund", "failed"));
    assert_true(is(w, "payment", "paid"));
}

static void refund__that_a_gateway_cannot_make_waits_for_a_person(void **state)
{
    struct world *w = *state;
    struct refund_numbers c;
    SAYS(ONE(MANUAL));
    queued(w, "card", 50); /* by the table: the gateway is not even asked */
    tick_after(w, 0);
    assert_int_equal(w->script.sent, 0);
    assert_int_equal(number(w, "SELECT count(*) FROM refund WHERE manual = 1"), 1);
    refunds_numbers(w->r, &c);
    assert_int_equal(c.manual, 1);
    json_decref(w->order);
    queued(w, "wallet", 50); /* by its word */
    tick_after(w, 20);
    tick_after(w, 7200);
    assert_int_equal(w->script.sent, 1);
    assert_int_equal(number(w, "SELECT count(*) FROM refund WHERE manual = 1"
                               " AND state = 'queued'"),
                     2);
}

static void refund__without_keys_waits_for_them(void **state)
{
    struct world *w = *state;
    SAYS(ONE(DONE));
    w->no_keys = true;
    queued(w, "wallet", 50);
    tick_after(w, 0);
    assert_true(is(w, "refund", "queued"));
    w->no_keys = false;
    tick_after(w, 60);
    assert_int_equal(w->script.sent, 0);
    tick_after(w, 600);
    assert_true(is(w, "refund", "done"));
}

/* ---- crashes and rivals ---- */

/* The program ended between the gateway's answer and our commit: nothing was written. */
static void forget_answer(void *arg)
{
    struct world *w = arg;
    test_exec(w->t->k->t, "UPDATE refund SET lease_until = lease_until + 1");
}

static void refund__whose_answer_was_not_written_is_asked_about(void **state)
{
    struct world *w = *state;
    SAYS(ONE(DONE));
    queued(w, "wallet", 50);
    w->script.meanwhile = forget_answer;
    w->script.arg = w;
    tick_after(w, 0);
    w->script.meanwhile = NULL;
    assert_true(is(w, "refund", "sent"));
    refunds_free(w->r);
    w->r = runner(w);
    tick_after(w, REFUND_LEASE_S / 2);
    assert_int_equal(w->script.sent + w->script.asked, 1);
    tick_after(w, REFUND_LEASE_S);
    assert_int_equal(w->script.sent, 1);
    assert_int_equal(w->script.asked, 1);
    assert_true(is(w, "refund", "done"));
    assert_int_equal(money(w, "gateway:ecpay"), 150);
}

struct rival {
    struct world *w;
    struct refunds *r;
};

static void rival_ticks(void *arg)
{
    struct rival *rival = arg;
    rival->w->script.meanwhile = NULL;
    refunds_tick(rival->r, rival->w->t->cx->now_ms);
}

static void refund__is_sent_by_one_of_two_runners(void **state)
{
    struct world *w = *state;
    struct rival rival = {w, runner(w)};
    SAYS(ONE(DONE));
    queued(w, "wallet", 50);
    w->script.meanwhile = rival_ticks;
    w->script.arg = &rival;
    tick_after(w, 0);
    assert_int_equal(w->script.sent, 1);
    assert_int_equal(w->script.asked, 0);
    assert_true(is(w, "refund", "done"));
    refunds_free(rival.r);
}

/* Several threads, as several processes: each refund reaches the gateway once. */
enum { CROWD = 12, THREADS = 3, ROUNDS = 6 };

struct crowd {
    struct gateway g;
    _Atomic int calls, told[CROWD + 2];
    struct world *w;
};

static void crowd_refund(struct gateway *g, struct cx *cx, const struct gateway_refund *ask,
                         struct gateway_refunded *ret)
{
    struct crowd *c = (struct crowd *)g;
    (void)cx;
    c->calls++;
    c->told[ask->amount]++; /* each has an amount of its own */
    *ret = (struct gateway_refunded){.says = REFUND_SAYS_DONE};
}

static const struct gateway_way crowd_way = {.provider = "ecpay", .refund = crowd_refund};

static struct gateway *crowd_of(void *arg, int64_t shop_id, const char *provider, void **ret_keep)
{
    struct crowd *c = arg;
    (void)shop_id;
    (void)provider;
    *ret_keep = NULL;
    return &c->g;
}

static void *crowd_ticks(void *arg)
{
    struct crowd *c = arg;
    struct refunds *r = NULL;
    const struct refunds_setup setup = {.store = c->w->t->k->t->store,
                                        .orders = c->w->t->o,
                                        .pay = &table,
                                        .gateway = crowd_of,
                                        .gateway_end = gateway_end,
                                        .arg = c};
    if (refunds_make(&setup, &r) == ERR_OK)
        for (int i = 0; i < ROUNDS; i++)
            refunds_tick(r, c->w->t->cx->now_ms + i * 1000);
    refunds_free(r);
    return NULL;
}

static void refund__is_sent_once_by_many_threads(void **state)
{
    struct world *w = *state;
    struct crowd c = {.g.way = &crowd_way, .w = w};
    pthread_t threads[THREADS];
    char idem[8];
    queued(w, "wallet", 1);
    for (int i = 2; i <= CROWD; i++) {
        (void)snprintf(idem, sizeof idem, "k%d", i);
        refund_some(w, i, idem);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, crowd_ticks, &c), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(c.calls, CROWD);
    for (int i = 1; i <= CROWD; i++)
        assert_int_equal(c.told[i], 1);
    assert_int_equal(number(w, "SELECT count(*) FROM refund WHERE state = 'done'"), CROWD);
}

/* ---- money that no order takes ---- */

static void refund__of_orphaned_money_goes_by_itself(void **state)
{
    struct world *w = *state;
    SAYS({.says = REFUND_SAYS_FAILED, .why = "no"}, ONE(DONE));
    w->order = test_order(w->t, ANN, MUG, 1, "wallet");
    int64_t payment = number(w, "SELECT max(id) FROM payment");
    assert_int_equal(test_paid(w->t, payment, 199, "TWD"), ERR_OK); /* I10 */
    assert_int_equal(money(w, "refunds_due"), -199);
    tick_after(w, 0);
    assert_int_equal(w->script.last.amount, 199);
    assert_true(is(w, "payment", "orphaned")); /* in sight, with a refund that failed */
    assert_int_equal(money(w, "orphans"), -199);
    staff_say(w, "queued");
    tick_after(w, 1);
    assert_true(is(w, "refund", "done"));
    assert_true(is(w, "payment", "refunded"));
    assert_int_equal(money(w, "gateway:ecpay"), 0);
}

static void sql__every_statement_prepares_in_order(void **state)
{
    struct world *w = *state;
#define X(q) assert_int_equal(test_check_sql(w->t->k->t, &(q)), ERR_OK);
    SQL_ALL(X)
#undef X
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make, drop)
    static const struct CMUnitTest tests[] = {
        T(refund__that_is_done_is_told_once),
        T(refund__is_written_as_sent_before_the_gateway_hears_of_it),
        T(refund__waits_for_another_of_its_payment),
        T(refund__tells_what_people_paid_back_apart),
        T(refund__that_did_not_happen_is_sent_anew),
        T(refund__waits_as_long_as_the_gateway_says),
        T(refund__of_all_that_failed_leaves_the_payment_as_it_was),
        T(refund__that_never_can_be_sent_fails_in_the_end),
        T(refund__that_a_gateway_cannot_make_waits_for_a_person),
        T(refund__without_keys_waits_for_them),
        T(refund__whose_answer_was_not_written_is_asked_about),
        T(refund__is_sent_by_one_of_two_runners),
        T(refund__is_sent_once_by_many_threads),
        T(refund__of_orphaned_money_goes_by_itself),
        T(sql__every_statement_prepares_in_order),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
