#include "base/test.h"

#include "cart/testkit.h"

#include <string.h>

struct cart_add test_add_of(int64_t viewer, int64_t variant, int64_t qty)
{
    struct cart_add add = {.viewer_id = viewer,
                           .shop_id = 1,
                           .market = "TW",
                           .variant_id = variant,
                           .qty = qty,
                           .unit_amount = 100,
                           .source = LINE_LIST};
    line_ids(&add.ids);
    return add;
}

struct add_job {
    const struct cart_add *add;
    struct cart_added *got;
    const char *place;
};

static enum err add_run(struct stock_turn *turn, void *arg)
{
    struct add_job *j = arg;
    return cart_add(turn, j->add, j->got);
}

enum err test_add_do(struct test_stock *k, const struct cart_add *add, struct cart_added *ret_added)
{
    struct add_job j = {add, ret_added, NULL};
    return test_turn(k, add_run, &j);
}

struct cart_added test_add(struct test_stock *k, int64_t viewer, int64_t variant, int64_t qty)
{
    struct cart_add add = test_add_of(viewer, variant, qty);
    struct cart_added a = {.qty = -1};
    assert_int_equal(test_add_do(k, &add, &a), ERR_OK);
    return a;
}

struct test_line test_line(struct test_stock *k, int64_t line_id)
{
    struct test_line l = {.qty = 0};
    struct db *db;
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(line_get_id(db, k->cx, line_id, &l.line), ERR_OK);
    store_read_end(db);
    return l;
}

struct line_job {
    struct test_line *l;
    enum test_line_do what;
    int64_t hold_id;
};

static enum err line_run(struct stock_turn *turn, void *arg)
{
    struct line_job *j = arg;
    struct cart_line line;
    const struct line_qty ask = {.qty = j->l->qty};
    enum err e = line_get_id(turn->tx->db, turn->tx->cx, j->l->line.id, &line);
    if (e)
        return e;
    switch (j->what) {
    case LINE_DO_QTY: return line_set_qty(turn, &line, &ask, &j->l->got);
    case LINE_DO_REMOVE: return line_remove(turn, &line);
    case LINE_DO_AGAIN: return line_again(turn, &line, j->hold_id, 0, &j->l->got);
    }
    return ERR_INTERNAL;
}

enum err test_line_do(struct test_stock *k, struct test_line *l, enum test_line_do what)
{
    struct line_job j = {l, what, id_next()};
    return test_turn(k, line_run, &j);
}

struct wait_job {
    struct waiting_new w;
    struct waiting_place place;
};

static enum err wait_run(struct stock_turn *turn, void *arg)
{
    struct wait_job *j = arg;
    return waiting_join(turn, &j->w, &j->place);
}

void test_wait(struct test_stock *k, int64_t viewer, int64_t variant, int64_t qty,
               char ret_public[ID_TEXT])
{
    struct wait_job j = {.w = {.shop_id = 1,
                               .variant_id = variant,
                               .viewer_id = viewer,
                               .market = "TW",
                               .qty = qty,
                               .unit_amount = 100}};
    waiting_ids(&j.w);
    assert_int_equal(test_turn(k, wait_run, &j), ERR_OK);
    memcpy(ret_public, j.w.public_id, ID_TEXT);
}

static enum err accept_run(struct stock_turn *turn, void *arg)
{
    struct add_job *j = arg;
    return cart_accept(turn, j->place, j->add, j->got);
}

enum err test_accept(struct test_stock *k, const char *place, const struct cart_add *add,
                     struct cart_added *ret_added)
{
    struct add_job j = {add, ret_added, place};
    return test_turn(k, accept_run, &j);
}

static enum err sweep_run(struct stock_turn *turn, void *arg)
{
    return cart_sweep(turn, arg);
}

size_t test_sweep(struct test_stock *k)
{
    size_t ended = 0;
    assert_int_equal(test_turn(k, sweep_run, &ended), ERR_OK);
    return ended;
}
