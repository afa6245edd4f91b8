#include "base/test.h"

#include "base/arena.h"
#include "till/till_testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum err script_start(struct gateway *g, struct cx *cx, const struct gateway_start *ask,
                             struct gateway_next *ret_next, struct gateway_news *ret_news)
{
    static const struct gateway_field fields[] = {{"MerchantTradeNo", "x"}};
    struct test_gateway *s = (struct test_gateway *)g;
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

static enum err answer(struct test_gateway *s, struct cx *cx, const struct gateway_payment *p,
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
    struct test_gateway *s = (struct test_gateway *)g;
    s->asked++;
    s->asked_ms = cx->now_ms;
    if (s->clock_ms)
        *s->clock_ms += s->takes_ms;
    return answer(s, cx, p, ret_news);
}

static enum err script_close(struct gateway *g, struct cx *cx, const struct gateway_payment *p,
                             struct gateway_news *ret_news)
{
    struct test_gateway *s = (struct test_gateway *)g;
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
const struct gateway_way test_till_charge_way = {.provider = "omise",
                                                 .start = script_start,
                                                 .ask = script_ask,
                                                 .close = script_close,
                                                 .offers = script_offers,
                                                 .free = script_free};

static enum err make_gateway(void *arg, struct cx *cx, enum pay_account a,
                             const struct pay_keys *keys, struct gateway **ret_gateway)
{
    struct test_till *w = arg;
    (void)cx;
    assert_string_equal(keys->key, "secret");
    *ret_gateway = a == ACCOUNT_ECPAY ? &w->ecpay.g : &w->omise.g;
    return ERR_OK;
}

static int64_t mono_ms(void *arg)
{
    return ((const struct test_till *)arg)->mono_ms;
}

static enum err fetch(struct gateway *g, struct cx *cx, const char *provider_ref,
                      struct gateway_news *ret_news)
{
    struct test_gateway *s = (struct test_gateway *)g;
    s->fetched++;
    if (s->ask_err)
        return problem(cx, s->ask_err, "as scripted");
    *ret_news = s->ask_says;
    ret_news->our_ref = s->ref;
    ret_news->provider_ref = provider_ref;
    return ERR_OK;
}

struct till *test_till_open(struct test_till *w)
{
    struct till *till = NULL;
    const struct till_setup setup = {.store = w->t->k->t->store,
                                     .watch = &w->t->k->watch,
                                     .accounts = &w->accounts,
                                     .public_url = "https://shop.example",
                                     .make = make_gateway,
                                     .fetch = fetch,
                                     .mono_ms = mono_ms,
                                     .arg = w};
    assert_int_equal(till_make(w->t->cx, &setup, &till), ERR_OK);
    return till;
}

int test_till_make(void **state)
{
    struct test_till *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->t = test_orders_make();
    orders_free(w->t->o);
    w->accounts.secret_key = w->t->key;
    (void)snprintf(w->accounts.env[ACCOUNT_ECPAY].name, PAY_KEY_MAX, "2000132");
    (void)snprintf(w->accounts.env[ACCOUNT_ECPAY].key, PAY_KEY_MAX, "secret");
    (void)snprintf(w->accounts.env[ACCOUNT_OMISE].name, PAY_KEY_MAX, "pkey_test_1");
    (void)snprintf(w->accounts.env[ACCOUNT_OMISE].key, PAY_KEY_MAX, "secret");
    w->ecpay =
        (struct test_gateway){.g.way = &form_way, .next = DO_FORM, .start_says.says = SAYS_PENDING};
    w->omise = (struct test_gateway){
        .g.way = &test_till_charge_way, .next = DO_REDIRECT, .start_says.says = SAYS_PENDING};
    w->ecpay.clock_ms = &w->mono_ms;
    w->till = test_till_open(w);
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

int test_till_drop(void **state)
{
    struct test_till *w = *state;
    till_free(w->till);
    test_orders_free(w->t);
    free(w);
    return 0;
}

int64_t test_till_number(struct test_till *w, const char *sql)
{
    return test_number(w->t->k->t, sql);
}

/* Memory of its own for a step; the caller frees cx.arena. */
struct cx test_till_cx(const struct test_till *w)
{
    struct cx cx = {.arena = arena_make(4 << 20), .now_ms = w->t->cx->now_ms};
    assert_non_null(cx.arena);
    return cx;
}

enum err test_till_start_by(struct test_till *w, const json_t *order, const char *method,
                            const char *idem, int64_t viewer, json_t **ret_started, bool *ret_again)
{
    struct cx cx = test_till_cx(w);
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

enum err test_till_start(struct test_till *w, const json_t *order, const char *method,
                         const char *idem)
{
    json_t *started = NULL;
    bool again;
    enum err e = test_till_start_by(w, order, method, idem, ANN, &started, &again);
    json_decref(started);
    return e;
}

/* An order of one mug (200), awaiting payment. */
json_t *test_till_order(struct test_till *w, const char *method)
{
    return test_order(w->t, ANN, MUG, 1, method);
}

enum err test_till_tell_as(struct test_till *w, const char *key, int64_t shop,
                           const struct gateway_news *n)
{
    struct cx cx = test_till_cx(w);
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

void test_till_tell(struct test_till *w, struct gateway_news n)
{
    char key[20];
    (void)snprintf(key, sizeof key, "e%d", ++w->keys);
    assert_int_equal(test_till_tell_as(w, key, 1, &n), ERR_OK);
}

struct gateway_news test_till_money(const struct test_till *w, int64_t amount)
{
    return (struct gateway_news){.our_ref = w->ecpay.ref,
                                 .provider_ref = "2511230001",
                                 .says = SAYS_PAID,
                                 .amount = amount,
                                 .currency = "TWD"};
}

int64_t test_till_states(struct test_till *w, const char *table, const char *state)
{
    char sql[120];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE state = '%s'", table, state);
    return test_till_number(w, sql);
}

void test_till_later(struct test_till *w, int64_t ms)
{
    w->t->cx->now_ms += ms;
}

void test_till_round(struct test_till *w)
{
    till_round(w->till, w->t->cx->now_ms);
}
