#include "base/test.h"

#include "base/arena.h"
#include "base/json.h"
#include "room/room_in.h"
#include "room/sell_testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOW "shw_a"

static int make(void **state)
{
    struct test_room *k = test_room_make();
    (void)test_show(k, SHOW, SHOW_LIVE);
    *state = k;
    return 0;
}

static int drop(void **state)
{
    struct test_room *k = *state;
    test_sums(k);
    test_room_free(k);
    return 0;
}

static enum err add(struct test_room *k, const char *product, const char *find, const char *code,
                    char out_code[16])
{
    const struct listing_new ask = {
        .product = product, .find = find, .code = code, .mode = CLAIM_MODE_AUTO};
    struct cx cx;
    json_t *o;
    test_cx(k, &cx);
    enum err e = listing_add(k->r, &cx, &k->host, SHOW, &ask, &o);
    arena_free(cx.arena);
    if (e)
        return e;
    (void)snprintf(out_code, 16, "%s", json_string_value(json_object_get(o, "code")));
    json_decref(o);
    return ERR_OK;
}

static json_t *snapshot(struct test_room *k, const struct room_who *who)
{
    struct db *db;
    struct cx cx;
    json_t *o;
    int64_t seq;
    test_cx(k, &cx);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(room_snapshot(k->r, db, &cx, who, SHOW, &o, &seq), ERR_OK);
    store_read_end(db);
    arena_free(cx.arena);
    return o;
}

static void codes__are_given_and_unique(void **state)
{
    struct test_room *k = *state;
    char code[16];
    test_goods(k, 1, 5, 1);
    assert_int_equal(add(k, "prd_1", NULL, NULL, code), ERR_OK);
    assert_string_equal(code, "A1");
    assert_int_equal(add(k, "prd_1", NULL, "a12", code), ERR_OK);
    assert_string_equal(code, "A12");
    assert_int_equal(add(k, "prd_1", NULL, NULL, code), ERR_OK);
    assert_string_equal(code, "A13");
    assert_int_equal(add(k, "prd_1", NULL, "A12", code), ERR_EXISTS);
    assert_int_equal(add(k, "prd_1", NULL, "CF", code), ERR_INPUT); /* a word of the grammar */
    assert_int_equal(add(k, "prd_1", NULL, "A-1", code), ERR_INPUT);
    assert_int_equal(add(k, "prd_9", NULL, NULL, code), ERR_NOT_FOUND);
    assert_int_equal(add(k, NULL, "sku10", NULL, code), ERR_OK);
    assert_string_equal(code, "SKU10"); /* what was typed is a code that is free */
    assert_int_equal(add(k, NULL, "nothing", NULL, code), ERR_NOT_FOUND);
}

static void snapshot__has_what_the_room_sells(void **state)
{
    struct test_room *k = *state;
    char bag[ID_TEXT];
    struct test_claim c;
    (void)test_list_goods(k, SHOW, 12, 3, 2, "A12", bag);
    test_pin(k, SHOW, bag);
    assert_int_equal(test_tap(k, &k->ann, bag, "var_120", 2, "a", &c), ERR_OK);
    json_t *o = snapshot(k, &k->ann);
    const json_t *l = json_array_get(json_object_get(o, "listings"), 0);
    const json_t *v = json_array_get(json_object_get(l, "variants"), 0);
    assert_string_equal(json_string_value(json_object_get(l, "code")), "A12");
    assert_true(json_is_true(json_object_get(l, "claim_open")));
    assert_int_equal(json_integer_value(json_object_get(v, "left")), 1);
    const json_t *baht = json_object_get(json_object_get(v, "prices"), "TH");
    assert_int_equal(json_integer_value(json_object_get(baht, "amount")), 65000);
    assert_string_equal(json_string_value(json_object_get(json_object_get(o, "pinned"), "code")),
                        "A12");
    const json_t *cart = json_object_get(json_object_get(o, "me"), "cart");
    assert_int_equal(json_integer_value(json_object_get(cart, "count")), 2);
    json_decref(o);
}

static void snapshot__of_a_long_run_order_fits_a_stream(void **state)
{
    struct test_room *k = *state;
    char code[16];
    test_goods(k, 1, 5, 2);
    for (int i = 0; i < LISTINGS_MAX; i++)
        assert_int_equal(add(k, "prd_1", NULL, NULL, code), ERR_OK);
    assert_int_equal(add(k, "prd_1", NULL, NULL, code), ERR_CONFLICT);
    test_exec(k->t, "UPDATE listing SET state = 'shown'");
    json_t *o = snapshot(k, &k->ann);
    assert_true(json_is_true(json_object_get(o, "listings_left_out")));
    assert_true(json_array_size(json_object_get(o, "listings")) > 50);
    char *text = json_text_of(o);
    assert_true(strlen(text) < 256 * 1024);
    free(text);
}

static void chapters__are_in_the_time_of_the_recording(void **state)
{
    struct test_room *k = *state;
    char bag[ID_TEXT], mug[ID_TEXT];
    struct show s;
    struct db *db;
    json_t *o;
    bool found;
    (void)test_list_goods(k, SHOW, 12, 3, 1, "A12", bag);
    (void)test_list_goods(k, SHOW, 13, 3, 1, "A13", mug);
    k->cx->now_ms += 10000;
    test_pin(k, SHOW, bag);
    k->cx->now_ms += 60000;
    test_pin(k, SHOW, mug);
    k->cx->now_ms += 30000;
    assert_int_equal(show_run(k->r, k->cx, &k->host, SHOW, SHOW_MOVE_END, &s), ERR_OK);
    const struct recording rec = {"rec", s.live_started_ms - 5000, 200000, "https://s/r.m3u8",
                                  NULL};
    assert_int_equal(input_recordings(k->r, k->cx, "in_" SHOW, &rec, 1, &found), ERR_OK);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(chapter_list(k->r, db, k->cx, &k->bob, SHOW, &o), ERR_OK);
    store_read_end(db);
    const json_t *first = json_array_get(json_object_get(o, "items"), 0);
    const json_t *second = json_array_get(json_object_get(o, "items"), 1);
    assert_int_equal(json_integer_value(json_object_get(first, "start_ms")), 15000);
    assert_int_equal(json_integer_value(json_object_get(first, "end_ms")), 75000);
    assert_int_equal(json_integer_value(json_object_get(second, "start_ms")), 75000);
    json_decref(o);
}

static void product__changes_are_told_to_the_room(void **state)
{
    struct test_room *k = *state;
    char bag[ID_TEXT];
    json_t *o;
    (void)test_list_goods(k, SHOW, 12, 3, 1, "A12", bag);
    test_exec(k->t, "UPDATE price SET amount = 490 WHERE market = 'TW'");
    assert_int_equal(room_product_changed(k->r, k->cx, "prd_12"), ERR_OK);
    assert_int_equal(test_events(k, SHOW, "listing.updated", 0, &o), 1);
    const json_t *v = json_array_get(json_object_get(json_object_get(o, "listing"), "variants"), 0);
    const json_t *price = json_object_get(json_object_get(v, "prices"), "TW");
    assert_int_equal(json_integer_value(json_object_get(price, "amount")), 490);
    json_decref(o);
    assert_int_equal(room_product_changed(k->r, k->cx, "prd_99"), ERR_OK);
    assert_int_equal(room_prices_changed(k->r, k->cx, "prd_12"), ERR_OK);
    assert_int_equal(test_events(k, SHOW, "price.changed", 0, &o), 1);
    assert_string_equal(json_string_value(json_object_get(o, "variant_id")), "var_120");
    json_decref(o);
}

static void draft__is_told_to_staff_alone(void **state)
{
    struct test_room *k = *state;
    char bag[ID_TEXT];
    (void)test_show(k, "shw_b", SHOW_DRAFT);
    (void)test_list_goods(k, "shw_b", 12, 3, 1, "A12", bag);
    assert_int_equal(test_number(k->t, "SELECT COUNT(*) FROM event WHERE type = 'listing.added'"
                                       " AND audience = 'staff'"),
                     1);
    json_t *o;
    assert_int_equal(listing_pin(k->r, k->cx, &k->host, "shw_b", bag, PIN_FIRST_OPENS, &o),
                     ERR_CONFLICT);
    assert_int_equal(listing_window(k->r, k->cx, &k->host, bag, true, &o), ERR_CONFLICT);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        T(codes__are_given_and_unique),
        T(snapshot__has_what_the_room_sells),
        T(snapshot__of_a_long_run_order_fits_a_stream),
        T(chapters__are_in_the_time_of_the_recording),
        T(product__changes_are_told_to_the_room),
        T(draft__is_told_to_staff_alone),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
