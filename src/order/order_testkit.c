#include "base/test.h"

#include "base/arena.h"
#include "order/testkit.h"
#include "stock/reconcile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct pay_provider cod = {"cod", true, true}, card = {"ecpay", false, false};
static const struct pay_method methods[] = {
    {.id = "cod",
     .provider = &cod,
     .market = "TW",
     .max_amount = 20000,
     .carries_with_parcel = true},
    {.id = "card", .provider = &card, .market = "TW", .minutes = 15, .manual_refund = true},
    {.id = "wallet", .provider = &card, .market = "TW", .minutes = 15},
};
static const struct pay_table table = {.methods = methods, .count = 3};

static struct room_who worker(struct test_orders *t, int i, enum role role, int shop)
{
    t->staff[i] = (struct staff){.viewer_id = 90 + i,
                                 .shop_id = shop,
                                 .role = role,
                                 .shop_public_id = shop == 1 ? "shp_1" : "shp_2",
                                 .shop_slug = shop == 1 ? "one" : "two"};
    return (struct room_who){.viewer_id = 90 + i,
                             .name = "worker",
                             .account = true,
                             .staff = &t->staff[i],
                             .staff_count = 1};
}

struct test_orders *test_orders_make(void)
{
    struct test_orders *t = calloc(1, sizeof *t);
    assert_non_null(t);
    assert_int_equal(crypto_init(), ERR_OK);
    t->k = test_stock_make();
    t->cx = t->k->cx;
    crypto_random(t->key, sizeof t->key);
    const struct orders_setup setup = {
        .store = t->k->t->store, .watch = &t->k->watch, .pay = &table, .key = t->key};
    assert_int_equal(orders_make(&setup, &t->o), ERR_OK);
    t->owner = worker(t, 0, ROLE_OWNER, 1);
    t->manager = worker(t, 1, ROLE_MANAGER, 1);
    t->moderator = worker(t, 2, ROLE_MODERATOR, 1);
    t->packer = worker(t, 3, ROLE_PACKER, 1);
    t->rival = worker(t, 4, ROLE_OWNER, 2);
    t->address = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "name", "陳怡君", "phone", "0912 345 678",
                           "postcode", "106", "city", "台北市", "district", "大安區", "line",
                           "永康街 14 號");
    t->invoice = json_pack("{s:s,s:s}", "kind", "mobile", "carrier", "/ABC1234");
    t->exempt = json_array();
    return t;
}

void test_orders_free(struct test_orders *t)
{
    test_agrees(t->k, &order_checks);
    test_agrees(t->k, &cart_checks);
    orders_free(t->o);
    test_stock_free(t->k);
    json_decref(t->address);
    json_decref(t->invoice);
    json_decref(t->exempt);
    free(t);
}

struct room_who test_buyer(int64_t viewer)
{
    return (struct room_who){.viewer_id = viewer, .name = "buyer"};
}

const char *test_text(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));
    return text ? text : "";
}

int64_t test_amount(const json_t *o, const char *key)
{
    const json_t *m = json_object_get(json_object_get(o, key), "amount");
    assert_true(json_is_integer(m));
    return json_integer_value(m);
}

json_t *test_quote(struct test_orders *t, int64_t viewer, const char *method)
{
    struct db *db;
    json_t *quote = NULL;
    const struct room_who who = test_buyer(viewer);
    const struct cart_ref ref = {.shop = "one", .market = "TW"};
    const struct quote_ask ask = {.pay_method = method};
    assert_int_equal(store_read(t->k->t->store, &db), ERR_OK);
    enum err e = quote_read(t->o, db, t->cx, &who, &ref, &ask, &quote);
    store_read_end(db);
    assert_int_equal(e, ERR_OK);
    return quote;
}

enum err test_checkout(struct test_orders *t, int64_t viewer, const char *method, const char *idem,
                       json_t **ret_order)
{
    json_t *quote = test_quote(t, viewer, method);
    const struct room_who who = test_buyer(viewer);
    bool again;
    const struct checkout ask = {.cart = {.cart = test_text(quote, "cart")},
                                 .quote_hash = test_text(quote, "quote_hash"),
                                 .pay_method = method,
                                 .address = t->address,
                                 .invoice = t->invoice,
                                 .consent = {true, true, true, false, t->exempt},
                                 .idem = idem};
    enum err e = order_checkout(t->o, t->cx, &who, &ask, ret_order, &again);
    json_decref(quote);
    return e;
}

json_t *test_order(struct test_orders *t, int64_t viewer, int64_t variant, int64_t qty,
                   const char *method)
{
    static int count;
    char idem[20];
    json_t *order = NULL;
    (void)snprintf(idem, sizeof idem, "k%d", ++count);
    assert_int_equal(test_add(t->k, viewer, variant, qty).qty, qty);
    enum err e = test_checkout(t, viewer, method, idem, &order);
    if (e)
        print_error("%s\n", t->cx->problem);
    assert_int_equal(e, ERR_OK);
    return order;
}

struct order_ref test_ref(const json_t *order)
{
    return (struct order_ref){.no = test_text(order, "no")};
}

struct paid {
    const struct stock_watch *watch;
    int64_t payment, amount;
    const char *currency;
    const struct orders *o;
};

static enum err paid_job(struct tx *tx, void *arg)
{
    const struct paid *p = arg;
    struct stock_turn turn;
    turn_begin(&turn, tx, p->watch);
    enum err e = order_paid(p->o, &turn, p->payment, p->amount, p->currency);
    return e ? e : turn_end(&turn);
}

enum err test_paid(struct test_orders *t, int64_t payment, int64_t amount, const char *currency)
{
    struct paid p = {&t->k->watch, payment, amount, currency, t->o};
    return store_do(t->k->t->store, t->cx, "test.paid", paid_job, &p);
}

char *test_parcel(struct test_orders *t, const json_t *order, const char *const *states)
{
    json_t *list = NULL, *parcel = NULL;
    const struct order_ref ref = test_ref(order);
    const struct parcel_new ask = {.orders = &ref, .count = 1};
    assert_int_equal(parcel_make(t->o, t->cx, &t->packer, &ask, &list), ERR_OK);
    char *id = strdup(test_text(json_array_get(list, 0), "id"));
    json_decref(list);
    for (; *states; states++) {
        const struct parcel_set set = {.state = *states};
        enum err e = parcel_edit(t->o, t->cx, &t->packer, id, &set, &parcel);
        if (e)
            print_error("%s: %s\n", *states, t->cx->problem);
        assert_int_equal(e, ERR_OK);
        json_decref(parcel);
    }
    return id;
}
