/*
 * testkit - a shop with goods, buyers, a show and deals, for tests of units and of what is above.
 *
 * Shape:   shop 1 and shop 2; viewers 1..TEST_BUYERS, guests; show 1 of shop 1 with listing 1 of
 *          product 1; now_ms is 1,000,000 and moves by hand. Every variant belongs to product 1.
 * Errors:  none are returned: what fails here fails the test.
 */
#pragma once
#include "stock/hold.h"
#include "stock/reconcile.h"
#include "stock/stock.h"
#include "stock/waiting.h"
#include "store/testkit.h"

enum { TEST_BUYERS = 100, TEST_NEWS_MAX = 512 };

struct test_stock {
    struct test_store *t;
    struct cx *cx; /* of t */
    struct stock_watch watch;
    struct news_item news[TEST_NEWS_MAX]; /* of the last turn that ended */
    size_t news_count;
    struct news_variant variants[TEST_NEWS_MAX];
    size_t variant_count;
    struct news_deal deals[TEST_NEWS_MAX];
    size_t deal_count;
};

struct test_stock *test_stock_make(void);
/* Checks all of stock first: no test leaves a difference behind. */
void test_stock_free(struct test_stock *k);

/* A variant with so many units, by the ledger; tracked. Costs 100 in TW. */
void test_variant(struct test_stock *k, int64_t id, int64_t units);
/* A deal on listing 1, open from now on for a minute. */
void test_deal(struct test_stock *k, int64_t id, int64_t quota, int64_t per_buyer);

/* Run in a job with a turn that is begun before and ended after. */
enum err test_turn(struct test_stock *k, enum err (*run)(struct stock_turn *turn, void *arg),
                   void *arg) NODISCARD;

/* Hold units of a variant for a buyer's cart line (whose number is the hold's) for 10 s. */
enum err test_hold(struct test_stock *k, struct hold_ask *ask, struct hold_got *ret_got) NODISCARD;

/* Every check of the list finds nothing. */
void test_agrees(struct test_stock *k, const struct reconcile_list *list);
int64_t test_held(struct test_stock *k, int64_t variant);
int64_t test_total(struct test_stock *k, int64_t variant);
/* The news of that kind in the last turn; NULL: none. */
const struct news_item *test_news(struct test_stock *k, enum news_kind kind);
