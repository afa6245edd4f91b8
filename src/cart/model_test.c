/* Random acts by many buyers; after each step everything must agree, and nothing is oversold. */
#include "base/test.h"

#include "cart/testkit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VARIANTS = 4, BUYERS = 12, STEPS = 600, LINES = 512, PLACES = 256, DEALS = 2 };

struct world {
    struct test_stock *k;
    uint32_t seed;
    int64_t put_in[VARIANTS + 1]; /* units that came in by hand */
    int64_t sold[VARIANTS + 1];
    int64_t lines[LINES];
    size_t line_count;
    char places[PLACES][ID_TEXT];
    int64_t place_viewer[PLACES];
    size_t place_count;
};

static uint32_t pick(struct world *w, uint32_t below)
{
    w->seed = w->seed * 1664525U + 1013904223U;
    return (w->seed >> 8) % below;
}

static void keep_line(struct world *w, int64_t id)
{
    if (id)
        w->lines[w->line_count < LINES ? w->line_count++ : pick(w, LINES)] = id;
}

/* ---- the acts ---- */

static void act_add(struct world *w)
{
    struct cart_add add =
        test_add_of(1 + pick(w, BUYERS), 1 + pick(w, VARIANTS), 1 + (int64_t)pick(w, 4));
    struct cart_added a = {.qty = 0};
    add.partial = pick(w, 2) != 0;
    if (pick(w, 2)) {
        add.deal_id = 1 + pick(w, DEALS);
        add.deal_max = 3;
        add.source = LINE_DEAL;
    }
    enum err e = test_add_do(w->k, &add, &a);
    assert_true(e == ERR_OK || e == ERR_CONFLICT); /* a full cart */
    if (e)
        return;
    assert_true(a.qty <= add.qty && (add.partial || a.qty == 0 || a.qty == add.qty));
    keep_line(w, a.line_id);
}

static void act_line(struct world *w)
{
    if (!w->line_count)
        return;
    struct test_line l = test_line(w->k, w->lines[pick(w, (uint32_t)w->line_count)]);
    l.qty = 1 + (int64_t)pick(w, 5);
    enum err e = test_line_do(w->k, &l, (enum test_line_do)pick(w, 3));
    assert_true(e == ERR_OK || e == ERR_CONFLICT);
}

static void act_wait(struct world *w)
{
    int64_t viewer = 1 + pick(w, BUYERS);
    if (w->place_count == PLACES)
        return;
    w->place_viewer[w->place_count] = viewer;
    test_wait(w->k, viewer, 1 + pick(w, VARIANTS), 1 + (int64_t)pick(w, 3),
              w->places[w->place_count++]);
}

static enum err leave_run(struct stock_turn *turn, void *arg)
{
    return waiting_leave(turn, arg, 0);
}

static void act_place(struct world *w)
{
    struct cart_added a = {.line_id = 0};
    struct cart_add add = {.viewer_id = 0};
    if (!w->place_count)
        return;
    size_t i = pick(w, (uint32_t)w->place_count);
    enum err e;
    line_ids(&add.ids);
    add.viewer_id = w->place_viewer[i];
    e = pick(w, 3) ? test_accept(w->k, w->places[i], &add, &a)
                   : test_turn(w->k, leave_run, w->places[i]);
    assert_true(e == ERR_OK || e == ERR_CONFLICT || e == ERR_NOT_FOUND);
    if (!e)
        keep_line(w, a.line_id);
}

struct order_act {
    struct world *w;
    int64_t viewer;
};

static enum err order_run(struct stock_turn *turn, void *arg)
{
    struct order_act *o = arg;
    struct cart cart;
    struct cart_item *items = NULL;
    size_t n = 0;
    enum err e = cart_of(turn->tx->db, turn->tx->cx, o->viewer, 1, "TW", &cart);
    if (!e)
        e = cart_take_for_order(turn, cart.id, &items, &n);
    for (size_t i = 0; !e && i < n; i++) {
        e = hold_sell(turn, items[i].line.hold_id, items[i].line.id, "T1");
        o->w->sold[items[i].line.variant_id] += items[i].line.qty;
    }
    return e;
}

static void act_order(struct world *w)
{
    struct order_act o = {w, 1 + pick(w, BUYERS)};
    enum err e = test_turn(w->k, order_run, &o);
    assert_true(e == ERR_OK || e == ERR_NOT_FOUND);
}

struct restock_act {
    int64_t variant, delta;
};

static enum err restock_run(struct stock_turn *turn, void *arg)
{
    struct restock_act *r = arg;
    struct stock_level level;
    const struct stock_adjust a = {
        .variant_id = r->variant, .delta = r->delta, .reason = STOCK_RESTOCK};
    return stock_adjust(turn, &a, &level);
}

static void act_restock(struct world *w)
{
    struct restock_act r = {1 + pick(w, VARIANTS), (int64_t)pick(w, 9) - 4};
    if (!r.delta)
        return;
    enum err e = test_turn(w->k, restock_run, &r);
    assert_true(e == ERR_OK || e == ERR_CONFLICT);
    if (!e)
        w->put_in[r.variant] += r.delta;
}

static void act_time(struct world *w)
{
    w->k->cx->now_ms += pick(w, 4) ? 1000 : CART_HOLD_MS / 2;
    while (test_sweep(w->k) == HOLD_DUE_MAX)
        continue;
}

static void act_merge(struct world *w); /* below */

static void (*const acts[])(struct world *w) = {
    act_add,   act_add,   act_add,   act_line,    act_line, act_wait, act_wait,
    act_place, act_place, act_order, act_restock, act_time, act_time, act_merge};

struct merge_act {
    int64_t from, to;
};

static enum err merge_run(struct stock_turn *turn, void *arg)
{
    struct merge_act *m = arg;
    return cart_merge(turn, m->from, m->to);
}

static void act_merge(struct world *w)
{
    struct merge_act m = {1 + pick(w, BUYERS), 1 + pick(w, BUYERS)};
    assert_int_equal(test_turn(w->k, merge_run, &m), ERR_OK);
    for (size_t i = 0; i < w->place_count; i++)
        if (w->place_viewer[i] == m.from)
            w->place_viewer[i] = m.to;
}

/* What is there and what was sold are what was put in; no deal sold more than its quota. */
static void check(struct world *w)
{
    test_agrees(w->k, &stock_checks);
    test_agrees(w->k, &cart_checks);
    for (int64_t v = 1; v <= VARIANTS; v++)
        assert_int_equal(test_total(w->k, v) + w->sold[v], w->put_in[v]);
    assert_int_equal(test_number(w->k->t, "SELECT count(*) FROM deal WHERE taken > quota"), 0);
}

static void model__random_acts_never_oversell(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    (void)state;
    assert_non_null(w);
    w->k = test_stock_make();
    w->seed = 20261122;
    for (int64_t v = 1; v <= VARIANTS; v++) {
        w->put_in[v] = 3 * v;
        test_variant(w->k, v, w->put_in[v]);
    }
    for (int64_t d = 1; d <= DEALS; d++)
        test_deal(w->k, d, 5, 3);
    test_exec(w->k->t, "UPDATE deal SET closes_at = 9000000000000");
    for (int i = 0; i < (test_on_postgres() ? STEPS / 3 : STEPS); i++) {
        acts[pick(w, sizeof acts / sizeof acts[0])](w);
        if (i % 5 == 0)
            check(w);
    }
    check(w);
    test_stock_free(w->k);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(model__random_acts_never_oversell),
    };
    return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
