/*
 * testkit - buying in the shop of stock/testkit.h, for tests of orders. Tests only.
 *
 * Shape:   viewers 1.. are buyers; staff of shop 1 with each role, and rival, owner of shop 2.
 *          Beside cash on delivery two methods whose money comes later (15 minutes): "card", which
 *          the shop pays back by hand, and "wallet", which goes back through its gateway. Home
 *          delivery costs 100, orders from 1500 are sent free, a unit costs 100.
 * Errors:  none are returned where a value is: what fails there fails the test.
 */
#pragma once
#include "cart/testkit.h"
#include "order/order.h"
#include "order/parcel.h"
#include "order/quote.h"
#include "order/returns.h"

struct test_orders {
    struct test_stock *k;
    struct cx *cx; /* of k */
    struct orders *o;
    struct staff staff[5];
    struct room_who owner, manager, moderator, packer, rival;
    unsigned char key[SECRET_KEY_LEN];
    json_t *address, *invoice, *exempt;
};

struct test_orders *test_orders_make(void);
/* Checks orders, carts and stock first. */
void test_orders_free(struct test_orders *t);

struct room_who test_buyer(int64_t viewer);
/* A fresh arena for what follows: a test may make many calls. */
json_t *test_quote(struct test_orders *t, int64_t viewer, const char *method);
const char *test_text(const json_t *o, const char *key);
int64_t test_amount(const json_t *o, const char *key);

/* Order what is in the viewer's cart: quote, then checkout with its hash. */
enum err test_checkout(struct test_orders *t, int64_t viewer, const char *method, const char *idem,
                       json_t **ret_order) NODISCARD;
/* The same, and it must go well. */
json_t *test_order(struct test_orders *t, int64_t viewer, int64_t variant, int64_t qty,
                   const char *method);
struct order_ref test_ref(const json_t *order);
enum err test_paid(struct test_orders *t, int64_t payment, int64_t amount,
                   const char *currency) NODISCARD;
/* Make a parcel of all of it and take it to this state; its id. */
char *test_parcel(struct test_orders *t, const json_t *order, const char *const *states);
