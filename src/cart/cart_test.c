#include "base/test.h"

#include "base/arena.h"
#include "cart/cart.h"
#include "cart/testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BAG = 1, CAP = 2, ANN = 1, BOB = 2, ACCOUNT = 50 };

static int make(void **state)
{
    struct test_stock *k = test_stock_make();
    test_variant(k, BAG, 5);
    test_variant(k, CAP, 1);
    *state = k;
    return 0;
}

static int drop(void **state)
{
    test_agrees(*state, &cart_checks);
    test_stock_free(*state);
    return 0;
}

/* ---- adding ---- */

static void add__holds_and_makes_the_cart(void **state)
{
    struct test_stock *k = *state;
    struct cart_added a = test_add(k, ANN, BAG, 2);
    assert_int_equal(a.qty, 2);
    assert_int_equal(a.left, 3);
    assert_int_equal(a.until_ms, k->cx->now_ms + CART_HOLD_MS);
    struct cart_added b = test_add(k, ANN, CAP, 1);
    assert_int_equal(b.cart_id, a.cart_id);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM cart"), 1);
    assert_int_equal(test_news(k, NEWS_LINE_HELD)->line_id, b.line_id);
    b = test_add(k, BOB, CAP, 1);
    assert_int_equal(b.qty, 0);
    assert_int_equal(b.line_id, 0);
    assert_int_equal(b.cut, HOLD_SOLD_OUT);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM cart"), 1);
}

static void add__the_same_request_twice_adds_once(void **state)
{
    struct test_stock *k = *state;
    struct cart_add add = test_add_of(ANN, BAG, 2);
    add.idem = "once";
    struct cart_added first, again;
    assert_int_equal(test_add_do(k, &add, &first), ERR_OK);
    line_ids(&add.ids);
    assert_int_equal(test_add_do(k, &add, &again), ERR_OK);
    assert_true(again.again);
    assert_int_equal(again.line_id, first.line_id);
    assert_int_equal(again.qty, 2);
    assert_int_equal(test_held(k, BAG), 2);
}

static void add__a_full_cart_gives_the_units_back(void **state)
{
    struct test_stock *k = *state;
    test_variant(k, 3, 1000);
    for (int i = 0; i < CART_LINES_MAX; i++)
        (void)test_add(k, ANN, 3, 1);
    struct cart_add add = test_add_of(ANN, 3, 1);
    struct cart_added a;
    assert_int_equal(test_add_do(k, &add, &a), ERR_CONFLICT);
    assert_int_equal(test_held(k, 3), CART_LINES_MAX);
}

static void add__one_buyer_holds_no_more_than_ten(void **state)
{
    struct test_stock *k = *state;
    struct cart_added a;
    test_variant(k, 3, 100);
    struct cart_add add = test_add_of(ANN, 3, 99);
    add.each = CART_EACH_MAX;
    add.partial = true;
    assert_int_equal(test_add_do(k, &add, &a), ERR_OK);
    assert_int_equal(a.qty, CART_EACH_MAX);
    assert_int_equal(a.cut, HOLD_LIMIT);
    line_ids(&add.ids);
    assert_int_equal(test_add_do(k, &add, &a), ERR_LIMIT);
    add = test_add_of(BOB, 3, 5); /* a line of more than that comes back as ten */
    add.qty = 50;
    assert_int_equal(test_add_do(k, &add, &a), ERR_OK);
    k->cx->now_ms += CART_HOLD_MS;
    assert_int_equal(test_sweep(k), 2);
    struct test_line l = test_line(k, a.line_id);
    assert_int_equal(test_line_do(k, &l, LINE_DO_AGAIN), ERR_OK);
    assert_int_equal(l.got.qty, CART_EACH_MAX);
}

/* ---- lines ---- */

static void qty__moves_units_both_ways(void **state)
{
    struct test_stock *k = *state;
    struct cart_added a = test_add(k, ANN, BAG, 2);
    struct test_line l = test_line(k, a.line_id);
    l.qty = 9;
    assert_int_equal(test_line_do(k, &l, LINE_DO_QTY), ERR_OK);
    assert_int_equal(l.got.qty, 2); /* there are only 5 */
    assert_int_equal(test_held(k, BAG), 2);
    l.qty = 5;
    assert_int_equal(test_line_do(k, &l, LINE_DO_QTY), ERR_OK);
    assert_int_equal(l.got.qty, 5);
    l.qty = 1;
    assert_int_equal(test_line_do(k, &l, LINE_DO_QTY), ERR_OK);
    assert_int_equal(test_held(k, BAG), 1);
    assert_int_equal(test_news(k, NEWS_LINE_CHANGED)->qty_back, 4);
}

static void remove__gives_back_once(void **state)
{
    struct test_stock *k = *state;
    struct test_line l = test_line(k, test_add(k, ANN, BAG, 2).line_id);
    assert_int_equal(test_line_do(k, &l, LINE_DO_REMOVE), ERR_OK);
    assert_int_equal(test_news(k, NEWS_LINE_REMOVED)->qty_back, 2);
    assert_int_equal(test_line_do(k, &l, LINE_DO_REMOVE), ERR_CONFLICT);
    assert_int_equal(test_held(k, BAG), 0);
}

static void sweep__expires_lines_and_they_can_be_taken_again(void **state)
{
    struct test_stock *k = *state;
    test_deal(k, 1, 5, 5);
    struct cart_add add = test_add_of(ANN, BAG, 2);
    add.deal_id = 1;
    add.source = LINE_DEAL;
    add.unit_amount = 50;
    struct cart_added a;
    assert_int_equal(test_add_do(k, &add, &a), ERR_OK);
    assert_int_equal(test_sweep(k), 0);
    k->cx->now_ms += CART_HOLD_MS;
    assert_int_equal(test_sweep(k), 1);
    assert_int_equal(test_news(k, NEWS_LINE_EXPIRED)->qty_back, 2);
    assert_int_equal(k->deals[0].taken, 0);
    struct test_line l = test_line(k, a.line_id);
    assert_int_equal(l.line.state, LINE_STATE_EXPIRED);
    assert_int_equal(test_line_do(k, &l, LINE_DO_AGAIN), ERR_OK);
    l = test_line(k, a.line_id);
    assert_int_equal(l.line.state, LINE_STATE_HELD);
    assert_int_equal(l.line.unit_amount, 100); /* the deal is over for it */
    assert_int_equal(l.line.source, LINE_LIST);
    assert_int_equal(test_line_do(k, &l, LINE_DO_AGAIN), ERR_CONFLICT);
}

static void sweep__goes_on_after_a_restart_in_slices(void **state)
{
    struct test_stock *k = *state;
    size_t ended = 0;
    test_variant(k, 3, 1000);
    for (int i = 1; i <= 100; i++)
        (void)test_add(k, i, 3, 2);
    k->cx->now_ms += CART_HOLD_MS;
    test_store_reopen(k->t, &shop_schema);
    assert_int_equal(cart_sweep_all(k->t->store, k->cx, &k->watch, &ended), ERR_OK);
    assert_int_equal(ended, 100);
    assert_int_equal(test_held(k, 3), 0);
}

static void sweep__gives_what_expires_to_those_who_wait(void **state)
{
    struct test_stock *k = *state;
    struct cart_added a = test_add(k, ANN, CAP, 1);
    char place[ID_TEXT];
    test_wait(k, BOB, CAP, 1, place);
    k->cx->now_ms += CART_HOLD_MS;
    assert_int_equal(test_sweep(k), 1);
    assert_int_equal(test_news(k, NEWS_OFFER)->viewer_id, BOB);
    assert_int_equal(test_held(k, CAP), 1);
    struct test_line l = test_line(k, a.line_id);
    assert_int_equal(test_line_do(k, &l, LINE_DO_AGAIN), ERR_OK);
    assert_int_equal(l.got.qty, 0); /* it is Bob's now */

    struct cart_add add = {.viewer_id = BOB, .idem = "take"};
    struct cart_added got, again;
    line_ids(&add.ids);
    assert_int_equal(test_accept(k, place, &add, &got), ERR_OK);
    assert_int_equal(got.qty, 1);
    assert_int_equal(got.until_ms, k->cx->now_ms + CART_HOLD_MS);
    line_ids(&add.ids);
    assert_int_equal(test_accept(k, place, &add, &again), ERR_OK);
    assert_int_equal(again.line_id, got.line_id);
    add.idem = "other";
    assert_int_equal(test_accept(k, place, &add, &again), ERR_CONFLICT);
}

static void sweep__an_offer_that_lapses_goes_on(void **state)
{
    struct test_stock *k = *state;
    char two[ID_TEXT], three[ID_TEXT];
    struct test_line l = test_line(k, test_add(k, ANN, CAP, 1).line_id);
    test_wait(k, BOB, CAP, 1, two);
    test_wait(k, 3, CAP, 1, three);
    assert_int_equal(test_line_do(k, &l, LINE_DO_REMOVE), ERR_OK);
    k->cx->now_ms += OFFER_MS;
    assert_int_equal(test_sweep(k), 1);
    assert_int_equal(test_news(k, NEWS_OFFER_LAPSED)->viewer_id, BOB);
    assert_int_equal(test_news(k, NEWS_OFFER)->viewer_id, 3);
    struct cart_add add = {.viewer_id = BOB};
    struct cart_added got;
    line_ids(&add.ids);
    assert_int_equal(test_accept(k, two, &add, &got), ERR_CONFLICT);
}

/* What was claimed in a show keeps to its rules, whichever page is used. */
static void may__claims_keep_to_the_shows_rules(void **state)
{
    struct test_stock *k = *state;
    struct cart_add live = test_add_of(ANN, BAG, 2);
    struct cart_added a;
    struct db *db;
    test_exec(k->t, "INSERT INTO show_sale (show_id, cancel_ok) VALUES (1, 0)");
    test_exec(k->t, "INSERT INTO listing_take (listing_id, viewer_id, qty) VALUES (1, 1, 4)");
    live.source = LINE_LIVE;
    live.show_id = live.listing_id = 1;
    live.claim_id = 7;
    assert_int_equal(test_add_do(k, &live, &a), ERR_OK);
    struct test_line claimed = test_line(k, a.line_id);
    struct test_line list = test_line(k, test_add(k, ANN, BAG, 2).line_id);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(line_may(db, k->cx, &claimed.line, 3), ERR_OK); /* five for each */
    assert_int_equal(line_may(db, k->cx, &claimed.line, 4), ERR_LIMIT);
    assert_int_equal(line_may(db, k->cx, &claimed.line, 1), ERR_FORBIDDEN);
    assert_int_equal(line_may(db, k->cx, &claimed.line, 0), ERR_FORBIDDEN);
    assert_int_equal(line_may(db, k->cx, &list.line, 0), ERR_OK);
    assert_int_equal(line_may(db, k->cx, &list.line, CART_EACH_MAX), ERR_OK);
    assert_int_equal(line_may(db, k->cx, &list.line, CART_EACH_MAX + 1), ERR_LIMIT);
    store_read_end(db);
}

/* ---- orders ---- */

struct order_act {
    int64_t cart_id;
    size_t n;
    int64_t variants[8];
    bool sell;
};

static enum err order_run(struct stock_turn *turn, void *arg)
{
    struct order_act *o = arg;
    struct cart_item *items;
    enum err e = cart_take_for_order(turn, o->cart_id, &items, &o->n);
    for (size_t i = 0; !e && i < o->n; i++) {
        o->variants[i] = items[i].line.variant_id;
        e = o->sell ? hold_sell(turn, items[i].line.hold_id, (int64_t)i + 1, "T1")
                    : hold_move(turn, items[i].line.hold_id, HOLD_ORDER, (int64_t)i + 1, INT64_MAX);
    }
    return e;
}

static void order__takes_the_cart_once(void **state)
{
    struct test_stock *k = *state;
    (void)test_add(k, ANN, CAP, 1);
    struct order_act o = {.cart_id = test_add(k, ANN, BAG, 2).cart_id, .sell = true};
    assert_int_equal(test_turn(k, order_run, &o), ERR_OK);
    assert_int_equal(o.n, 2);
    assert_int_equal(o.variants[0], BAG); /* by ascending variant */
    assert_int_equal(test_total(k, BAG), 3);
    assert_int_equal(test_held(k, BAG), 0);
    assert_int_equal(test_turn(k, order_run, &o), ERR_CONFLICT);
    assert_int_not_equal(test_add(k, ANN, BAG, 1).cart_id, o.cart_id);
}

static void order__what_it_holds_is_not_swept(void **state)
{
    struct test_stock *k = *state;
    struct order_act o = {.cart_id = test_add(k, ANN, BAG, 2).cart_id};
    assert_int_equal(test_turn(k, order_run, &o), ERR_OK);
    k->cx->now_ms += INT64_C(1000000000);
    assert_int_equal(test_sweep(k), 0);
    assert_int_equal(test_held(k, BAG), 2);
}

static void order__an_empty_cart_is_none(void **state)
{
    struct test_stock *k = *state;
    struct order_act o = {.cart_id = test_add(k, ANN, BAG, 2).cart_id};
    k->cx->now_ms += CART_HOLD_MS;
    assert_int_equal(test_sweep(k), 1);
    assert_int_equal(test_turn(k, order_run, &o), ERR_NOT_FOUND);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM cart WHERE state = 'open'"), 1);
}

/* ---- a guest signs in ---- */

struct merge_act {
    int64_t from, to;
};

static enum err merge_run(struct stock_turn *turn, void *arg)
{
    struct merge_act *m = arg;
    return cart_merge(turn, m->from, m->to);
}

static void merge__nothing_is_lost(void **state)
{
    struct test_stock *k = *state;
    char place[ID_TEXT];
    struct merge_act m = {ANN, ACCOUNT};
    test_deal(k, 1, 5, 3);
    struct cart_add both[2] = {test_add_of(ANN, BAG, 1), test_add_of(ACCOUNT, BAG, 2)};
    for (int i = 0; i < 2; i++) {
        struct cart_added a;
        both[i].deal_id = 1;
        both[i].source = LINE_DEAL;
        both[i].idem = "same";
        assert_int_equal(test_add_do(k, &both[i], &a), ERR_OK);
    }
    test_wait(k, ANN, CAP, 2, place); /* one is free: offered */
    assert_int_equal(test_turn(k, merge_run, &m), ERR_OK);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM cart WHERE state = 'open'"), 1);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM cart_line l JOIN cart c"
                                       " ON c.id = l.cart_id WHERE c.viewer_id = 50"
                                       " AND l.state = 'held'"),
                     2);
    assert_int_equal(test_number(k->t, "SELECT qty FROM deal_take WHERE viewer_id = 50"), 3);
    struct cart_add add = {.viewer_id = ACCOUNT};
    struct cart_added got;
    line_ids(&add.ids);
    assert_int_equal(test_accept(k, place, &add, &got), ERR_OK);
    assert_int_equal(got.qty, 1);
    k->cx->now_ms += CART_HOLD_MS;
    assert_int_equal(test_sweep(k), 3);
    assert_int_equal(test_number(k->t, "SELECT taken FROM deal"), 0);
}

static void merge__a_whole_cart_moves(void **state)
{
    struct test_stock *k = *state;
    struct merge_act m = {ANN, ACCOUNT};
    int64_t cart = test_add(k, ANN, BAG, 1).cart_id;
    assert_int_equal(test_turn(k, merge_run, &m), ERR_OK);
    assert_int_equal(test_add(k, ACCOUNT, BAG, 1).cart_id, cart);
    assert_int_equal(test_turn(k, merge_run, &m), ERR_OK); /* again: nothing is left to move */
}

/* ---- reading ---- */

static void json__prices_of_the_list_are_todays(void **state)
{
    struct test_stock *k = *state;
    struct cart_added list = test_add(k, ANN, BAG, 2);
    struct cart_add live = test_add_of(ANN, BAG, 1);
    struct cart_added a;
    live.source = LINE_LIVE;
    live.listing_id = live.show_id = 1;
    assert_int_equal(test_add_do(k, &live, &a), ERR_OK);
    test_exec(k->t, "UPDATE price SET amount = 120 WHERE variant_id = 1");
    struct db *db;
    json_t *o, *badge;
    const struct cart_view view = {.viewer_id = ANN, .shop_id = 1, .market = "TW"};
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(cart_json(db, k->cx, &view, &o), ERR_OK);
    assert_int_equal(cart_badge(db, ANN, 1, "TW", &badge), ERR_OK);
    store_read_end(db);
    const char *code;
    json_int_t count, subtotal, unit, was, live_unit, left, qty;
    assert_int_equal(json_unpack(o,
                                 "{s:I,s:{s:I},s:[{s:{s:I},s:{s:I},s:I},{s:{s:I},s:n,s:s}],s:[]}",
                                 "count", &count, "subtotal", "amount", &subtotal, "lines", "unit",
                                 "amount", &unit, "was", "amount", &was, "left", &left, "unit",
                                 "amount", &live_unit, "was", "code", &code, "waiting"),
                     0);
    assert_int_equal(count, 3);
    assert_int_equal(subtotal, 340);
    assert_int_equal(unit, 120);
    assert_int_equal(was, 100);
    assert_int_equal(live_unit, 100); /* what was said in the room */
    assert_int_equal(left, 2);
    assert_string_equal(code, "A1");
    assert_int_equal(json_unpack(badge, "{s:I}", "count", &qty), 0);
    assert_int_equal(qty, 3);
    json_decref(o);
    json_decref(badge);
    assert_int_not_equal(list.line_id, 0);
}

#define X(q) assert_int_equal(test_check_sql(t, &(q)), ERR_OK);
#include "cart/cart.sql.h"
static void cart_sql_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "cart/line.sql.h"
static void line_sql_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "cart/read.sql.h"
static void read_sql_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "cart/check.sql.h"
static void check_sql_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#undef X

static void sql__every_statement_prepares_in_order(void **state)
{
    struct test_stock *k = *state;
    cart_sql_ok(k->t);
    line_sql_ok(k->t);
    read_sql_ok(k->t);
    check_sql_ok(k->t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
        T(add__holds_and_makes_the_cart),
        T(add__the_same_request_twice_adds_once),
        T(add__a_full_cart_gives_the_units_back),
        T(add__one_buyer_holds_no_more_than_ten),
        T(qty__moves_units_both_ways),
        T(remove__gives_back_once),
        T(sweep__expires_lines_and_they_can_be_taken_again),
        T(sweep__goes_on_after_a_restart_in_slices),
        T(sweep__gives_what_expires_to_those_who_wait),
        T(sweep__an_offer_that_lapses_goes_on),
        T(may__claims_keep_to_the_shows_rules),
        T(order__takes_the_cart_once),
        T(order__what_it_holds_is_not_swept),
        T(order__an_empty_cart_is_none),
        T(merge__nothing_is_lost),
        T(merge__a_whole_cart_moves),
        T(json__prices_of_the_list_are_todays),
        T(sql__every_statement_prepares_in_order),
    };
    return cmocka_run_group_tests_name("cart", tests, NULL, NULL);
}
