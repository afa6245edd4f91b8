#include "base/test.h"

#include "base/arena.h"
#include "stock/testkit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SQL_MAX = 512, PEOPLE_MAX = 64 * TEST_BUYERS + 200, ARENA = 4 << 20 };

/* ---- what happens is kept ---- */

static enum err keep(void *arg, struct tx *tx, const struct stock_news *news)
{
    struct test_stock *k = arg;
    (void)tx;
    assert_true(news->count <= TEST_NEWS_MAX && news->variant_count <= TEST_NEWS_MAX);
    assert_true(news->deal_count <= TEST_NEWS_MAX);
    k->news_count = news->count;
    k->variant_count = news->variant_count;
    k->deal_count = news->deal_count;
    for (size_t i = 0; i < news->count; i++)
        k->news[i] = news->items[i];
    for (size_t i = 0; i < news->variant_count; i++)
        k->variants[i] = news->variants[i];
    for (size_t i = 0; i < news->deal_count; i++)
        k->deals[i] = news->deals[i];
    return ERR_OK;
}

const struct news_item *test_news(struct test_stock *k, enum news_kind kind)
{
    for (size_t i = 0; i < k->news_count; i++)
        if (k->news[i].kind == kind)
            return &k->news[i];
    return NULL;
}

/* ---- the shop ---- */

static void add_people(struct test_stock *k)
{
    char sql[PEOPLE_MAX] = "INSERT INTO viewer (id, public_id, kind, display_name, lang, market,"
                           " created_at) VALUES ";
    size_t n = strlen(sql);
    for (int i = 1; i <= TEST_BUYERS; i++)
        n += (size_t)snprintf(sql + n, sizeof sql - n,
                              "%s(%d, 'viw_%d', 'guest', 'buyer %d', 'zh', 'TW', 1)",
                              i > 1 ? ", " : "", i, i, i);
    test_exec(k->t, sql);
}

struct test_stock *test_stock_make(void)
{
    struct test_stock *k = calloc(1, sizeof *k);
    assert_non_null(k);
    k->t = test_store_make(&shop_schema);
    k->cx = &k->t->cx;
    k->watch = (struct stock_watch){keep, k};
    add_people(k);
    test_exec(k->t, "INSERT INTO shop (id, public_id, slug, name, created_at)"
                    " VALUES (1, 'shp_1', 'one', 'One', 1), (2, 'shp_2', 'two', 'Two', 1)");
    test_exec(k->t, "INSERT INTO product (id, public_id, shop_id, title, body, options, status,"
                    " exempt, created_at, updated_at) VALUES (1, 'prd_1', 1,"
                    " '{\"zh-TW\": \"帆布包\"}', '{}', '[]', 'active', 'none', 1, 1)");
    test_exec(k->t, "INSERT INTO show (id, public_id, shop_id, title, host_name, state, came_from,"
                    " created_at) VALUES (1, 'shw_1', 1, '{}', '', 'live', 'scheduled', 1)");
    test_exec(k->t, "INSERT INTO listing (id, public_id, show_id, product_id, code, code_key,"
                    " position, state, claim_mode, per_buyer_max)"
                    " VALUES (1, 'lst_1', 1, 1, 'A1', 'a1', 1, 'shown', 'auto', 5)");
    return k;
}

void test_stock_free(struct test_stock *k)
{
    test_agrees(k, &stock_checks);
    test_store_free(k->t);
    free(k);
}

struct first_units {
    struct stock_adjust a;
    struct stock_level level;
};

static enum err first_run(struct stock_turn *turn, void *arg)
{
    struct first_units *f = arg;
    return stock_adjust(turn, &f->a, &f->level);
}

void test_variant(struct test_stock *k, int64_t id, int64_t units)
{
    char sql[SQL_MAX];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO variant (id, public_id, product_id, shop_id, position, options)"
                   " VALUES (%" PRId64 ", 'var_%" PRId64 "', 1, 1, 1, '[]')",
                   id, id);
    test_exec(k->t, sql);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO price (variant_id, market, amount) VALUES (%" PRId64 ", 'TW', 100)",
                   id);
    test_exec(k->t, sql);
    struct first_units f = {.a = {.variant_id = id, .delta = units, .reason = STOCK_IMPORT}};
    if (units)
        assert_int_equal(test_turn(k, first_run, &f), ERR_OK);
}

void test_deal(struct test_stock *k, int64_t id, int64_t quota, int64_t per_buyer)
{
    char sql[SQL_MAX];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO deal (id, public_id, show_id, listing_id, quota, per_buyer_max,"
                   " state, countdown_s, run_s, opens_at, closes_at, created_at) VALUES (%" PRId64
                   ", 'dea_%" PRId64 "', 1, 1, %" PRId64 ", %" PRId64 ", 'open', 10, 60, %" PRId64
                   ", %" PRId64 ", 1)",
                   id, id, quota, per_buyer, k->cx->now_ms, k->cx->now_ms + 60000);
    test_exec(k->t, sql);
}

/* ---- acting ---- */

struct turn_job {
    struct test_stock *k;
    enum err (*run)(struct stock_turn *turn, void *arg);
    void *arg;
};

static enum err turn_run(struct tx *tx, void *arg)
{
    struct turn_job *j = arg;
    struct stock_turn turn;
    turn_begin(&turn, tx, &j->k->watch);
    enum err e = j->run(&turn, j->arg);
    return e ? e : turn_end(&turn);
}

enum err test_turn(struct test_stock *k, enum err (*run)(struct stock_turn *turn, void *arg),
                   void *arg)
{
    struct turn_job j = {k, run, arg};
    struct arena *own = k->cx->arena;
    k->news_count = k->variant_count = k->deal_count = 0;
    k->cx->arena = arena_make(ARENA); /* thousands of jobs would fill the test's own */
    assert_non_null(k->cx->arena);
    enum err e = store_do(k->t->store, k->cx, "test", turn_run, &j);
    arena_free(k->cx->arena);
    k->cx->arena = own;
    return e;
}

struct hold_job {
    const struct hold_ask *ask;
    struct hold_got *got;
};

static enum err hold_run(struct stock_turn *turn, void *arg)
{
    struct hold_job *j = arg;
    return hold_take(turn, j->ask, 1, j->got);
}

enum err test_hold(struct test_stock *k, struct hold_ask *ask, struct hold_got *ret_got)
{
    struct hold_job j = {ask, ret_got};
    if (!ask->hold_id)
        ask->hold_id = id_next();
    ask->owner_id = ask->owner_id ? ask->owner_id : ask->hold_id;
    ask->until_ms = ask->until_ms ? ask->until_ms : k->cx->now_ms + 10000;
    return test_turn(k, hold_run, &j);
}

/* ---- looking ---- */

void test_agrees(struct test_stock *k, const struct reconcile_list *list)
{
    struct reconcile_report r = {.count = 0};
    struct db *db;
    struct arena *own = k->cx->arena;
    k->cx->arena = arena_make(ARENA);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(reconcile_run(db, k->cx, list, 0, &r), ERR_OK);
    store_read_end(db);
    for (size_t i = 0; i < r.count; i++)
        print_error("%s: %s %" PRId64 " is %" PRId64 ", not %" PRId64 "\n", r.items[i].check->name,
                    r.items[i].check->of, r.items[i].id, r.items[i].found, r.items[i].want);
    assert_int_equal(r.count, 0);
    arena_free(k->cx->arena);
    k->cx->arena = own;
}

static int64_t number_of(struct test_stock *k, const char *column, int64_t variant)
{
    char sql[SQL_MAX];
    (void)snprintf(sql, sizeof sql, "SELECT %s FROM variant WHERE id = %" PRId64, column, variant);
    return test_number(k->t, sql);
}

int64_t test_held(struct test_stock *k, int64_t variant)
{
    return number_of(k, "stock_held", variant);
}

int64_t test_total(struct test_stock *k, int64_t variant)
{
    return number_of(k, "stock_total", variant);
}
