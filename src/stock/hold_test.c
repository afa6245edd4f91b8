#include "base/test.h"

#include "stock/testkit.h"

#include <stdlib.h>

enum { MUG = 1, HAT = 2, ANN = 1, BOB = 2, DEAL = 1 };

static int make(void **state)
{
    struct test_stock *k = test_stock_make();
    test_variant(k, MUG, 10);
    test_variant(k, HAT, 1);
    *state = k;
    return 0;
}

static int drop(void **state)
{
    test_stock_free(*state);
    return 0;
}

static struct hold_got take(struct test_stock *k, struct hold_ask ask)
{
    struct hold_got got = {.qty = -1};
    ask.viewer_id = ask.viewer_id ? ask.viewer_id : ANN;
    assert_int_equal(test_hold(k, &ask, &got), ERR_OK);
    return got;
}

/* ---- one act per line ---- */

struct act {
    int64_t id, until_ms, qty;
    bool partial;
    struct hold h;
    struct hold_got got;
};

static enum err release_run(struct stock_turn *turn, void *arg)
{
    struct act *a = arg;
    return hold_release(turn, a->id, &a->h);
}

static enum err expire_run(struct stock_turn *turn, void *arg)
{
    struct act *a = arg;
    return hold_expire(turn, a->id, &a->h);
}

static enum err use_run(struct stock_turn *turn, void *arg)
{
    struct act *a = arg;
    return hold_use(turn, a->id, "T1", &a->h);
}

static enum err sell_run(struct stock_turn *turn, void *arg)
{
    struct act *a = arg;
    return hold_sell(turn, a->id, 77, "T1");
}

static enum err extend_run(struct stock_turn *turn, void *arg)
{
    struct act *a = arg;
    return hold_extend(turn, a->id, a->until_ms);
}

static enum err resize_run(struct stock_turn *turn, void *arg)
{
    struct act *a = arg;
    const struct hold_resize ask = {.hold_id = a->id, .qty = a->qty, .partial = a->partial};
    return hold_resize(turn, &ask, &a->got);
}

static void take__gives_units_until_none_are_left(void **state)
{
    struct test_stock *k = *state;
    struct hold_got got = take(k, (struct hold_ask){.variant_id = MUG, .qty = 8});
    assert_int_equal(got.qty, 8);
    assert_int_equal(got.left, 2);
    assert_int_equal(k->variants[0].held, 8);
    got = take(k, (struct hold_ask){.variant_id = MUG, .qty = 3});
    assert_int_equal(got.qty, 0);
    assert_int_equal(got.cut, HOLD_SOLD_OUT);
    got = take(k, (struct hold_ask){.variant_id = MUG, .qty = 3, .partial = true});
    assert_int_equal(got.qty, 2);
    assert_int_equal(got.cut, HOLD_SOLD_OUT);
    assert_int_equal(test_held(k, MUG), 10);
}

static void take__refuses_quantities_and_strange_variants(void **state)
{
    struct test_stock *k = *state;
    struct hold_got got;
    struct hold_ask ask = {.variant_id = MUG, .qty = 0, .viewer_id = ANN};
    assert_int_equal(test_hold(k, &ask, &got), ERR_INPUT);
    ask.qty = STOCK_QTY_MAX + 1;
    assert_int_equal(test_hold(k, &ask, &got), ERR_INPUT);
    ask.qty = 1;
    ask.variant_id = 99;
    assert_int_equal(test_hold(k, &ask, &got), ERR_NOT_FOUND);
}

struct many {
    struct hold_ask ask[4];
    struct hold_got got[4];
    size_t n;
};

static enum err many_run(struct stock_turn *turn, void *arg)
{
    struct many *m = arg;
    return hold_take(turn, m->ask, m->n, m->got);
}

static struct many many_of(struct test_stock *k, size_t n, const struct hold_ask *asks)
{
    struct many m = {.n = n};
    for (size_t i = 0; i < n; i++) {
        m.ask[i] = asks[i];
        m.ask[i].hold_id = id_next();
        m.ask[i].owner_id = m.ask[i].hold_id;
        m.ask[i].viewer_id = ANN;
        m.ask[i].until_ms = k->cx->now_ms + 10000;
    }
    return m;
}

/* Two lines that are checked one by one against the same number would both fit. */
static void take__lines_that_share_a_variant_are_summed(void **state)
{
    struct test_stock *k = *state;
    const struct hold_ask asks[] = {{.variant_id = HAT, .qty = 1},
                                    {.variant_id = MUG, .qty = 6},
                                    {.variant_id = MUG, .qty = 6}};
    struct many m = many_of(k, 3, asks);
    assert_int_equal(test_turn(k, many_run, &m), ERR_OK);
    assert_int_equal(m.got[0].qty, 1);
    assert_int_equal(m.got[1].qty, 6);
    assert_int_equal(m.got[2].qty, 0);
    assert_int_equal(test_held(k, MUG), 6);

    const struct hold_ask some[] = {{.variant_id = MUG, .qty = 3, .partial = true},
                                    {.variant_id = MUG, .qty = 3, .partial = true}};
    m = many_of(k, 2, some);
    assert_int_equal(test_turn(k, many_run, &m), ERR_OK);
    assert_int_equal(m.got[0].qty, 3);
    assert_int_equal(m.got[1].qty, 1);
    assert_int_equal(m.got[1].cut, HOLD_SOLD_OUT);
    assert_int_equal(test_held(k, MUG), 10);
}

static void take__what_is_not_tracked_never_runs_out(void **state)
{
    struct test_stock *k = *state;
    test_exec(k->t, "UPDATE variant SET track_stock = 0 WHERE id = 2");
    struct hold_ask ask = {.variant_id = HAT, .qty = 500, .viewer_id = ANN};
    struct hold_got got;
    assert_int_equal(test_hold(k, &ask, &got), ERR_OK);
    assert_int_equal(got.qty, 500);
    assert_int_equal(test_total(k, HAT), 501);
    struct act a = {.id = ask.hold_id};
    test_exec(k->t, "UPDATE variant SET track_stock = 1 WHERE id = 2"); /* meanwhile */
    assert_int_equal(test_turn(k, release_run, &a), ERR_OK);
    assert_int_equal(test_held(k, HAT), 0);
}

static void end__gives_back_once(void **state)
{
    struct test_stock *k = *state;
    struct hold_ask ask = {.variant_id = MUG, .qty = 4, .viewer_id = ANN};
    struct hold_got got;
    assert_int_equal(test_hold(k, &ask, &got), ERR_OK);
    struct act a = {.id = ask.hold_id};
    assert_int_equal(test_turn(k, expire_run, &a), ERR_NOT_FOUND); /* not due */
    assert_int_equal(test_turn(k, release_run, &a), ERR_OK);
    assert_int_equal(a.h.qty, 4);
    assert_int_equal(test_turn(k, release_run, &a), ERR_NOT_FOUND);
    k->cx->now_ms += 20000;
    assert_int_equal(test_turn(k, expire_run, &a), ERR_NOT_FOUND);
    assert_int_equal(test_held(k, MUG), 0);
    assert_int_equal(test_total(k, MUG), 10);
}

static void use__sells_what_is_held(void **state)
{
    struct test_stock *k = *state;
    struct hold_ask one = {.variant_id = MUG, .qty = 4, .viewer_id = ANN}, two = one;
    struct hold_got got;
    assert_int_equal(test_hold(k, &one, &got), ERR_OK);
    assert_int_equal(test_hold(k, &two, &got), ERR_OK);
    struct act a = {.id = one.hold_id}, b = {.id = two.hold_id};
    assert_int_equal(test_turn(k, use_run, &a), ERR_OK);
    assert_int_equal(test_turn(k, sell_run, &b), ERR_OK);
    assert_int_equal(test_turn(k, sell_run, &b), ERR_NOT_FOUND);
    assert_int_equal(test_turn(k, release_run, &a), ERR_NOT_FOUND);
    assert_int_equal(test_total(k, MUG), 2);
    assert_int_equal(test_held(k, MUG), 0);
}

static void extend__never_makes_it_shorter(void **state)
{
    struct test_stock *k = *state;
    struct hold_ask ask = {.variant_id = MUG, .qty = 1, .viewer_id = ANN};
    struct hold_got got;
    assert_int_equal(test_hold(k, &ask, &got), ERR_OK);
    struct act a = {.id = ask.hold_id, .until_ms = k->cx->now_ms + 50000};
    assert_int_equal(test_turn(k, extend_run, &a), ERR_OK);
    a.until_ms = k->cx->now_ms + 1;
    assert_int_equal(test_turn(k, extend_run, &a), ERR_OK);
    k->cx->now_ms += 40000;
    assert_int_equal(test_turn(k, expire_run, &a), ERR_NOT_FOUND);
}

static void resize__takes_the_difference(void **state)
{
    struct test_stock *k = *state;
    struct hold_ask ask = {.variant_id = MUG, .qty = 3, .viewer_id = ANN};
    struct hold_got got;
    assert_int_equal(test_hold(k, &ask, &got), ERR_OK);
    struct act a = {.id = ask.hold_id, .qty = 12};
    assert_int_equal(test_turn(k, resize_run, &a), ERR_OK);
    assert_int_equal(a.got.qty, 3); /* not all of it: nothing */
    a.partial = true;
    assert_int_equal(test_turn(k, resize_run, &a), ERR_OK);
    assert_int_equal(a.got.qty, 10);
    assert_int_equal(a.got.cut, HOLD_SOLD_OUT);
    a.qty = 1;
    assert_int_equal(test_turn(k, resize_run, &a), ERR_OK);
    assert_int_equal(a.got.left, 9);
    assert_int_equal(test_held(k, MUG), 1);
}

/* ---- deals ---- */

static void deal__sells_its_quota_and_no_more(void **state)
{
    struct test_stock *k = *state;
    test_deal(k, DEAL, 3, 2);
    struct hold_ask ask = {.variant_id = MUG, .qty = 3, .deal_id = DEAL, .deal_max = 2};
    struct hold_got got = take(k, ask);
    assert_int_equal(got.qty, 0);
    assert_int_equal(got.cut, HOLD_LIMIT);
    ask.partial = true;
    got = take(k, ask);
    assert_int_equal(got.qty, 2);
    assert_int_equal(got.cut, HOLD_LIMIT);
    got = take(k, ask);
    assert_int_equal(got.qty, 0);
    assert_int_equal(got.cut, HOLD_LIMIT);
    ask.viewer_id = BOB;
    got = take(k, ask);
    assert_int_equal(got.qty, 1);
    assert_int_equal(got.cut, HOLD_DEAL_OUT);
    assert_int_equal(k->deals[0].taken, 3);
    assert_int_equal(k->deals[0].quota, 3);
    assert_int_equal(test_held(k, MUG), 3);
}

static void deal__sells_only_while_it_is_open(void **state)
{
    struct test_stock *k = *state;
    test_deal(k, DEAL, 3, 2);
    const struct hold_ask ask = {.variant_id = MUG, .qty = 1, .deal_id = DEAL, .deal_max = 2};
    k->cx->now_ms -= 1;
    assert_int_equal(take(k, ask).cut, HOLD_DEAL_OUT);
    k->cx->now_ms += 60001;
    assert_int_equal(take(k, ask).cut, HOLD_DEAL_OUT);
    assert_int_equal(test_number(k->t, "SELECT taken FROM deal"), 0);
    assert_int_equal(test_held(k, MUG), 0);
}

static void deal__gets_back_what_the_variant_does_not_have(void **state)
{
    struct test_stock *k = *state;
    test_deal(k, DEAL, 5, 5);
    struct hold_ask ask = {
        .variant_id = HAT, .qty = 3, .deal_id = DEAL, .deal_max = 5, .partial = true};
    struct hold_got got = take(k, ask);
    assert_int_equal(got.qty, 1);
    assert_int_equal(got.cut, HOLD_SOLD_OUT);
    assert_int_equal(test_number(k->t, "SELECT taken FROM deal"), 1);
    assert_int_equal(test_number(k->t, "SELECT qty FROM deal_take"), 1);
}

static void deal__gets_back_what_expires(void **state)
{
    struct test_stock *k = *state;
    test_deal(k, DEAL, 2, 2);
    struct hold_ask ask = {
        .variant_id = MUG, .qty = 2, .viewer_id = ANN, .deal_id = DEAL, .deal_max = 2};
    struct hold_got got;
    assert_int_equal(test_hold(k, &ask, &got), ERR_OK);
    struct act a = {.id = ask.hold_id, .qty = 1};
    assert_int_equal(test_turn(k, resize_run, &a), ERR_OK);
    assert_int_equal(test_number(k->t, "SELECT taken FROM deal"), 1);
    k->cx->now_ms += 20000;
    assert_int_equal(test_turn(k, expire_run, &a), ERR_OK);
    assert_int_equal(test_number(k->t, "SELECT taken FROM deal"), 0);
    assert_int_equal(test_number(k->t, "SELECT qty FROM deal_take"), 0);
}

/* ---- counting ---- */

static enum err count_run(struct stock_turn *turn, void *arg)
{
    struct act *a = arg;
    struct stock_level level;
    const struct stock_adjust by = {.variant_id = MUG, .reason = STOCK_ADJUST, .actor_id = ANN};
    enum err e = stock_count(turn, &by, a->qty, &level);
    a->got.left = level.left;
    return e;
}

static void count__never_below_what_is_held(void **state)
{
    struct test_stock *k = *state;
    (void)take(k, (struct hold_ask){.variant_id = MUG, .qty = 4});
    struct act a = {.qty = 3};
    assert_int_equal(test_turn(k, count_run, &a), ERR_CONFLICT);
    a.qty = 4;
    assert_int_equal(test_turn(k, count_run, &a), ERR_OK);
    assert_int_equal(a.got.left, 0);
    assert_int_equal(test_turn(k, count_run, &a), ERR_OK); /* the same: no row in the ledger */
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM stock_move WHERE variant_id = 1"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
        T(take__gives_units_until_none_are_left),
        T(take__refuses_quantities_and_strange_variants),
        T(take__lines_that_share_a_variant_are_summed),
        T(take__what_is_not_tracked_never_runs_out),
        T(end__gives_back_once),
        T(use__sells_what_is_held),
        T(extend__never_makes_it_shorter),
        T(resize__takes_the_difference),
        T(deal__sells_its_quota_and_no_more),
        T(deal__sells_only_while_it_is_open),
        T(deal__gets_back_what_the_variant_does_not_have),
        T(deal__gets_back_what_expires),
        T(count__never_below_what_is_held),
    };
    return cmocka_run_group_tests_name("hold", tests, NULL, NULL);
}
