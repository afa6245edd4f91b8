#include "base/test.h"

#include "stock/testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BAG = 1, CAP = 2, DEAL = 1 };

static int make(void **state)
{
    struct test_stock *k = test_stock_make();
    test_variant(k, BAG, 3);
    test_variant(k, CAP, 0);
    *state = k;
    return 0;
}

static int drop(void **state)
{
    test_stock_free(*state);
    return 0;
}

/* ---- acts ---- */

struct act {
    struct waiting_new w;
    struct waiting_place place;
    const char *id;
    int64_t viewer, hold;
    struct hold h;
    struct waiting row;
    int64_t delta;
};

static enum err join_run(struct stock_turn *turn, void *arg)
{
    struct act *a = arg;
    return waiting_join(turn, &a->w, &a->place);
}

static enum err leave_run(struct stock_turn *turn, void *arg)
{
    struct act *a = arg;
    return waiting_leave(turn, a->id, a->viewer);
}

static enum err take_run(struct stock_turn *turn, void *arg)
{
    struct act *a = arg;
    return waiting_take(turn, a->id, a->viewer, &a->row);
}

static enum err release_run(struct stock_turn *turn, void *arg)
{
    struct act *a = arg;
    return hold_release(turn, a->hold, &a->h);
}

/* What a sweep does with the hold of an offer. */
static enum err lapse_run(struct stock_turn *turn, void *arg)
{
    struct act *a = arg;
    enum err e = hold_expire(turn, a->hold, &a->h);
    return e ? e : waiting_lapse(turn, a->h.owner_id);
}

static enum err restock_run(struct stock_turn *turn, void *arg)
{
    struct act *a = arg;
    struct stock_level level;
    const struct stock_adjust by = {
        .variant_id = a->w.variant_id, .delta = a->delta, .reason = STOCK_RESTOCK};
    return stock_adjust(turn, &by, &level);
}

static struct act join(struct test_stock *k, int64_t variant, int64_t viewer, int64_t qty)
{
    struct act a = {.w = {.shop_id = 1,
                          .variant_id = variant,
                          .viewer_id = viewer,
                          .show_id = 1,
                          .listing_id = 1,
                          .market = "TW",
                          .qty = qty,
                          .unit_amount = 100}};
    waiting_ids(&a.w);
    assert_int_equal(test_turn(k, join_run, &a), ERR_OK);
    return a;
}

static struct act join_deal(struct test_stock *k, int64_t viewer)
{
    struct act a = {.w = {.shop_id = 1,
                          .variant_id = BAG,
                          .viewer_id = viewer,
                          .show_id = 1,
                          .deal_id = DEAL,
                          .market = "TW",
                          .qty = 1,
                          .unit_amount = 50}};
    waiting_ids(&a.w);
    assert_int_equal(test_turn(k, join_run, &a), ERR_OK);
    return a;
}

static int64_t hold(struct test_stock *k, int64_t variant, int64_t viewer, int64_t qty,
                    int64_t deal)
{
    struct hold_ask ask = {
        .variant_id = variant, .qty = qty, .viewer_id = viewer, .deal_id = deal, .deal_max = 5};
    struct hold_got got;
    assert_int_equal(test_hold(k, &ask, &got), ERR_OK);
    return got.qty ? ask.hold_id : 0;
}

static struct waiting row_of(struct test_stock *k, const char *public_id)
{
    struct waiting w;
    struct db *db;
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(waiting_get(db, k->cx, public_id, &w), ERR_OK);
    store_read_end(db);
    return w;
}

static void restock(struct test_stock *k, int64_t variant, int64_t delta)
{
    struct act a = {.w = {.variant_id = variant}, .delta = delta};
    assert_int_equal(test_turn(k, restock_run, &a), ERR_OK);
}

/* ---- tests ---- */

static void join__places_count_without_gaps(void **state)
{
    struct test_stock *k = *state;
    for (int64_t i = 1; i <= 5; i++)
        assert_int_equal(join(k, CAP, i, 1).place.place, i);
    struct act again = join(k, CAP, 3, 7);
    assert_true(again.place.again);
    assert_int_equal(again.place.place, 3);
    assert_int_equal(test_number(k->t, "SELECT qty FROM waiting WHERE place = 3"), 7);
}

static void offer__freed_units_go_to_the_first_and_not_to_the_market(void **state)
{
    struct test_stock *k = *state;
    int64_t all = hold(k, BAG, 1, 3, 0);
    struct act two = join(k, BAG, 2, 1), three = join(k, BAG, 3, 1);
    struct act a = {.hold = all};
    assert_int_equal(test_turn(k, release_run, &a), ERR_OK);
    assert_int_equal(row_of(k, two.w.public_id).state, WAITING_OFFERED);
    assert_int_equal(row_of(k, three.w.public_id).state, WAITING_OFFERED);
    assert_int_equal(test_held(k, BAG), 2);
    const struct news_item *n = test_news(k, NEWS_OFFER);
    assert_int_equal(n->viewer_id, 2);
    assert_int_equal(n->until_ms, k->cx->now_ms + OFFER_MS);
    assert_int_not_equal(hold(k, BAG, 9, 1, 0), 0); /* the third unit is anybody's */
    assert_int_equal(hold(k, BAG, 9, 1, 0), 0);
}

static void offer__goes_by_the_place_not_by_who_asked_first(void **state)
{
    struct test_stock *k = *state;
    struct act slow = {.w = {.shop_id = 1,
                             .variant_id = CAP,
                             .viewer_id = 1,
                             .show_id = 1,
                             .market = "TW",
                             .qty = 1,
                             .unit_amount = 100}};
    waiting_ids(&slow.w);
    struct act quick = join(k, CAP, 2, 1);
    assert_int_equal(test_turn(k, join_run, &slow), ERR_OK);
    assert_int_equal(slow.place.place, 2);
    restock(k, CAP, 1);
    assert_int_equal(row_of(k, quick.w.public_id).state, WAITING_OFFERED);
    assert_int_equal(row_of(k, slow.w.public_id).state, WAITING_WAITING);
}

static void offer__lapses_and_goes_to_the_next(void **state)
{
    struct test_stock *k = *state;
    struct act one = join(k, CAP, 1, 1), two = join(k, CAP, 2, 1);
    restock(k, CAP, 1);
    struct waiting w = row_of(k, one.w.public_id);
    assert_int_equal(w.state, WAITING_OFFERED);
    struct act a = {.hold = w.hold_id};
    assert_int_equal(test_turn(k, lapse_run, &a), ERR_NOT_FOUND);
    k->cx->now_ms += OFFER_MS;
    assert_int_equal(test_turn(k, lapse_run, &a), ERR_OK);
    assert_int_equal(row_of(k, one.w.public_id).state, WAITING_LAPSED);
    assert_int_equal(row_of(k, two.w.public_id).state, WAITING_OFFERED);
    assert_int_equal(test_held(k, CAP), 1);
}

static void offer__gives_what_there_is(void **state)
{
    struct test_stock *k = *state;
    struct act one = join(k, CAP, 1, 5), two = join(k, CAP, 2, 1);
    restock(k, CAP, 2);
    struct waiting w = row_of(k, one.w.public_id);
    assert_int_equal(w.state, WAITING_OFFERED);
    assert_int_equal(w.qty, 2);
    assert_int_equal(row_of(k, two.w.public_id).state, WAITING_WAITING);
}

static void offer__comes_at_once_when_units_came_free_meanwhile(void **state)
{
    struct test_stock *k = *state;
    struct act a = join(k, BAG, 1, 2);
    assert_int_equal(row_of(k, a.w.public_id).state, WAITING_OFFERED);
    assert_int_equal(test_held(k, BAG), 2);
}

static void leave__gives_the_offer_to_the_next(void **state)
{
    struct test_stock *k = *state;
    struct act one = join(k, CAP, 1, 1), two = join(k, CAP, 2, 1);
    restock(k, CAP, 1);
    struct act a = {.id = one.w.public_id, .viewer = 2};
    assert_int_equal(test_turn(k, leave_run, &a), ERR_NOT_FOUND); /* not theirs */
    a.viewer = 1;
    assert_int_equal(test_turn(k, leave_run, &a), ERR_OK);
    assert_int_equal(test_turn(k, leave_run, &a), ERR_NOT_FOUND);
    assert_int_equal(row_of(k, two.w.public_id).state, WAITING_OFFERED);
}

static void take__only_while_the_offer_is_in_force(void **state)
{
    struct test_stock *k = *state;
    struct act one = join(k, CAP, 1, 1);
    struct act a = {.id = one.w.public_id, .viewer = 1};
    assert_int_equal(test_turn(k, take_run, &a), ERR_CONFLICT);
    restock(k, CAP, 1);
    k->cx->now_ms += OFFER_MS;
    assert_int_equal(test_turn(k, take_run, &a), ERR_CONFLICT);
}

/* The deal of J4: ten go at the price, whoever gets them in the end. */
static void deal__a_freed_unit_keeps_its_price_when_the_deal_is_over(void **state)
{
    struct test_stock *k = *state;
    test_deal(k, DEAL, 2, 1);
    int64_t one = hold(k, BAG, 1, 1, DEAL);
    (void)hold(k, BAG, 2, 1, DEAL);
    assert_int_equal(hold(k, BAG, 3, 1, DEAL), 0);
    struct act three = join_deal(k, 3);
    assert_int_equal(row_of(k, three.w.public_id).state, WAITING_WAITING); /* no quota is free */
    test_exec(k->t, "UPDATE deal SET state = 'closed'");
    struct act a = {.hold = one};
    assert_int_equal(test_turn(k, release_run, &a), ERR_OK);
    struct waiting w = row_of(k, three.w.public_id);
    assert_int_equal(w.state, WAITING_OFFERED);
    assert_int_equal(w.deal_id, DEAL);
    assert_int_equal(w.unit_amount, 50);
    assert_int_equal(test_number(k->t, "SELECT taken FROM deal"), 2);
}

static void deal__that_is_over_and_gone_offers_the_list_price(void **state)
{
    struct test_stock *k = *state;
    test_deal(k, DEAL, 1, 1);
    (void)hold(k, BAG, 1, 1, DEAL);
    struct act two = join_deal(k, 2);
    test_exec(k->t, "UPDATE deal SET state = 'closed'");
    restock(k, BAG, 1);
    struct waiting w = row_of(k, two.w.public_id);
    assert_int_equal(w.state, WAITING_OFFERED);
    assert_int_equal(w.deal_id, 0);
    assert_int_equal(w.unit_amount, 100);
    assert_int_equal(test_number(k->t, "SELECT taken FROM deal"), 1);
}

static void deal__limits_count_at_the_offer(void **state)
{
    struct test_stock *k = *state;
    struct waiting_place again;
    test_deal(k, DEAL, 3, 1);
    int64_t holds[3];
    for (int i = 0; i < 3; i++)
        holds[i] = hold(k, BAG, 1 + i, 1, DEAL);
    struct act four = join_deal(k, 4);
    four.w.qty = 3; /* more, by another door */
    assert_int_equal(test_turn(k, join_run, &four), ERR_OK);
    again = four.place;
    assert_true(again.again);
    assert_int_equal(row_of(k, four.w.public_id).qty, 1);
    test_exec(k->t, "UPDATE waiting SET qty = 3"); /* as if it were */
    for (int i = 0; i < 3; i++) {
        struct act a = {.hold = holds[i]};
        assert_int_equal(test_turn(k, release_run, &a), ERR_OK);
    }
    assert_int_equal(row_of(k, four.w.public_id).qty, 1);
    assert_int_equal(test_number(k->t, "SELECT max(qty) FROM deal_take"), 1);
    /* their second place in the same deal gets nothing of it */
    test_exec(k->t, "UPDATE variant SET stock_total = 0 WHERE id = 2");
    struct act more = join(k, CAP, 4, 1);
    test_exec(k->t, "UPDATE waiting SET deal_id = 1 WHERE variant_id = 2");
    restock(k, CAP, 1);
    assert_int_equal(row_of(k, more.w.public_id).state, WAITING_WAITING);
    assert_int_equal(test_number(k->t, "SELECT taken FROM deal"), 1);
    test_exec(k->t, "UPDATE deal SET state = 'closed'");
    assert_int_equal(waiting_sweep(k->t->store, k->cx, &k->watch), ERR_OK);
    assert_int_equal(row_of(k, more.w.public_id).state, WAITING_OFFERED);
    assert_int_equal(row_of(k, more.w.public_id).unit_amount, 100);
}

static void deal__whom_it_did_not_reach_is_next_at_the_list_price(void **state)
{
    struct test_stock *k = *state;
    test_deal(k, DEAL, 1, 1);
    (void)hold(k, BAG, 1, 1, DEAL);
    struct act two = join_deal(k, 2), three = join_deal(k, 3), four = join_deal(k, 4);
    assert_int_equal(waiting_sweep(k->t->store, k->cx, &k->watch), ERR_OK);
    assert_int_equal(row_of(k, two.w.public_id).state, WAITING_WAITING); /* two are free */
    test_exec(k->t, "UPDATE deal SET state = 'closed'");
    assert_int_equal(waiting_sweep(k->t->store, k->cx, &k->watch), ERR_OK);
    struct waiting w = row_of(k, two.w.public_id);
    assert_int_equal(w.state, WAITING_OFFERED);
    assert_int_equal(w.unit_amount, 100);
    assert_int_equal(row_of(k, three.w.public_id).state, WAITING_OFFERED);
    w = row_of(k, four.w.public_id);
    assert_int_equal(w.state, WAITING_WAITING);
    assert_int_equal(w.deal_id, 0);
    assert_int_equal(w.unit_amount, 100);
    assert_int_equal(test_number(k->t, "SELECT taken FROM deal"), 1);
}

static void sweep__goes_on_where_one_job_made_no_more_offers(void **state)
{
    struct test_stock *k = *state;
    char sql[300];
    (void)join(k, CAP, 1, 1);
    for (int i = 2; i <= 100; i++) {
        (void)snprintf(
            sql, sizeof sql,
            "INSERT INTO waiting (id, public_id, shop_id, variant_id, show_id, viewer_id,"
            " market, qty, unit_amount, place, turn, state, at) SELECT id + %d, 'wai_%d',"
            " shop_id, variant_id, show_id, viewer_id, market, qty, unit_amount, %d, %d,"
            " state, at FROM waiting WHERE place = 1",
            i, i, i, i);
        test_exec(k->t, sql);
    }
    restock(k, CAP, 200);
    assert_in_range(test_held(k, CAP), 1, 99);
    for (int i = 0; i < 3; i++)
        assert_int_equal(waiting_sweep(k->t->store, k->cx, &k->watch), ERR_OK);
    assert_int_equal(test_held(k, CAP), 100);
}

static void list__is_what_a_viewer_waits_for(void **state)
{
    struct test_stock *k = *state;
    struct waiting *rows;
    size_t n;
    struct db *db;
    (void)join(k, CAP, 1, 1);
    (void)join(k, BAG, 1, 1);
    (void)join(k, CAP, 2, 1);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(waiting_of_viewer(db, k->cx, 1, 0, &rows, &n), ERR_OK);
    assert_int_equal(n, 2);
    assert_int_equal(rows[0].variant_id, CAP);
    assert_int_equal(rows[1].state, WAITING_OFFERED);
    assert_int_equal(waiting_of_viewer(db, k->cx, 1, 2, &rows, &n), ERR_OK);
    assert_int_equal(n, 0);
    store_read_end(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
        T(join__places_count_without_gaps),
        T(offer__freed_units_go_to_the_first_and_not_to_the_market),
        T(offer__goes_by_the_place_not_by_who_asked_first),
        T(offer__lapses_and_goes_to_the_next),
        T(offer__gives_what_there_is),
        T(offer__comes_at_once_when_units_came_free_meanwhile),
        T(leave__gives_the_offer_to_the_next),
        T(take__only_while_the_offer_is_in_force),
        T(deal__a_freed_unit_keeps_its_price_when_the_deal_is_over),
        T(deal__that_is_over_and_gone_offers_the_list_price),
        T(deal__limits_count_at_the_offer),
        T(deal__whom_it_did_not_reach_is_next_at_the_list_price),
        T(sweep__goes_on_where_one_job_made_no_more_offers),
        T(list__is_what_a_viewer_waits_for),
    };
    return cmocka_run_group_tests_name("waiting", tests, NULL, NULL);
}
