/* Stores chosen on the map, by a key that counts once. */
#include "base/test.h"

#include "base/arena.h"
#include "ship/testkit.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the map ---- */

static json_t *map_for(int64_t viewer, const struct ship_map_ask *ask, enum err want)
{
    json_t *map = NULL;
    const struct room_who who = test_buyer(viewer);
    w->t->cx->problem[0] = '\0';
    assert_int_equal(ship_map(w->s, w->t->cx, &who, ask, &map), want);
    return map;
}

static const char *post(const char *key)
{
    static char url[PICK_URL_MAX];
    char body[300];
    (void)snprintf(body, sizeof body,
                   "CVSStoreID=991182&CVSStoreName=%%E8%%A5%%BF%%E9%%96%%80&CVSAddress="
                   "%%E5%%8F%%B0%%E5%%8C%%97&LogisticsSubType=UNIMARTC2C&ExtraData=%s",
                   key);
    enum err e = ship_picked(w->s, w->t->cx, body, strlen(body), url);
    assert_true(e == ERR_OK || e == ERR_TRANSITION);
    return url;
}

static enum err read_pick(int64_t viewer, const char *key, json_t **ret)
{
    const struct room_who who = test_buyer(viewer);
    return ship_pick_read(w->s, w->t->cx, &who, key, ret);
}

static void map__gives_a_key_that_comes_back_once(void **state)
{
    json_t *pick = NULL;
    char want[120];
    (void)state;
    json_t *map = map_for(ANN, &(struct ship_map_ask){.chain = "unimart", .phone = true}, ERR_OK);
    const char *key = test_text(map, "key");
    const json_t *f = json_object_get(map, "fields");
    assert_string_equal(test_text(f, "ExtraData"), key);
    assert_string_equal(test_text(f, "LogisticsSubType"), "UNIMARTC2C");
    assert_string_equal(test_text(f, "ServerReplyURL"),
                        "https://shop.test/api/v1/webhooks/cvs-map");
    assert_int_equal(read_pick(ANN, key, &pick), ERR_NOT_FOUND);
    (void)snprintf(want, sizeof want, "https://shop.test/checkout?shop=one&pick=%s", key);
    assert_string_equal(post(key), want);
    assert_int_equal(read_pick(ANN, key, &pick), ERR_OK);
    assert_string_equal(test_text(pick, "chain"), "711");
    assert_string_equal(test_text(pick, "store_id"), "991182");
    assert_string_equal(test_text(pick, "store_name"), "西門");
    json_decref(pick);
    assert_int_equal(read_pick(BOB, key, &pick), ERR_NOT_FOUND); /* another viewer's */
    assert_string_equal(post(key), "https://shop.test/checkout?pick=lost");
    json_decref(map);
}

static void map__key_lasts_fifteen_minutes(void **state)
{
    (void)state;
    json_t *map = map_for(ANN, &(struct ship_map_ask){.chain = "family"}, ERR_OK);
    w->t->cx->now_ms += PICK_MS;
    assert_string_equal(post(test_text(map, "key")), "https://shop.test/checkout?pick=lost");
    assert_string_equal(post("k0000000000000000001"), "https://shop.test/checkout?pick=lost");
    json_decref(map);
}

static void map__is_for_somebody_with_something_to_send(void **state)
{
    (void)state;
    (void)map_for(ANN, &(struct ship_map_ask){.chain = "tcat"}, ERR_INPUT);
    (void)map_for(0, &(struct ship_map_ask){.chain = "711"}, ERR_NOT_FOUND);
    (void)map_for(ANN, &(struct ship_map_ask){.chain = "711", .shop = "nowhere"}, ERR_NOT_FOUND);
    (void)map_for(ANN, &(struct ship_map_ask){.chain = "711", .cart = "crt_x"}, ERR_NOT_FOUND);
    (void)map_for(ANN, &(struct ship_map_ask){.chain = "711", .bill = "bil_x", .secret = "y"},
                  ERR_NOT_FOUND);
    (void)map_for(ANN, &(struct ship_map_ask){.chain = "711", .shop = "two"}, ERR_CLOSED);
    assert_int_equal(set_sender("b2c", NULL, NULL), ERR_OK);
    (void)map_for(ANN, &(struct ship_map_ask){.chain = "ok"}, ERR_INPUT);
    buy("cod", 1);
    (void)map_for(ANN, &(struct ship_map_ask){.chain = "711", .order = test_text(w->order, "no")},
                  ERR_TRANSITION);
}

static void closed_store__is_the_buyers_to_replace(void **state)
{
    json_t *p = NULL;
    struct db *db;
    json_t *seen = NULL;
    (void)state;
    buy("cod", 1);
    w->mood = CLOSE;
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_CONFLICT);
    shipment_is("closed");
    const char *no = test_text(w->order, "no");
    const struct room_who ann = test_buyer(ANN);
    const struct order_ref ref = {.no = no};
    assert_int_equal(store_read(w->t->k->t->store, &db), ERR_OK);
    assert_int_equal(order_read(db, w->t->cx, &ann, &ref, &seen), ERR_OK);
    store_read_end(db);
    assert_true(json_is_true(json_object_get(json_object_get(seen, "can"), "store")));
    json_decref(seen);
    (void)map_for(BOB, &(struct ship_map_ask){.chain = "family", .order = no}, ERR_NOT_FOUND);
    json_t *map = map_for(ANN, &(struct ship_map_ask){.chain = "family", .order = no}, ERR_OK);
    const char *url = post(test_text(map, "key"));
    assert_non_null(strstr(url, "&store=changed"));
    assert_non_null(strstr(url, no));
    w->mood = WELL;
    tick(1000);
    shipment_is("made");
    assert_string_equal(w->store, "991182");
    assert_string_equal(w->sub_type, "FAMIC2C");
    p = read_parcel();
    assert_string_equal(test_text(p, "carrier"), "family");
    json_decref(p);
    assert_int_equal(number("SELECT count(*) FROM order_step WHERE what = 'store_closed'"), 1);
    assert_int_equal(number("SELECT count(*) FROM order_step WHERE what = 'store_changed'"), 1);
    json_decref(map);
}

static void closed_store__may_be_told_by_a_notice(void **state)
{
    (void)state;
    buy("cod", 1);
    made_now();
    tell(7101, 1);
    shipment_is("closed");
    json_t *map = map_for(
        ANN, &(struct ship_map_ask){.chain = "711", .order = test_text(w->order, "no")}, ERR_OK);
    (void)post(test_text(map, "key"));
    tick(1000);
    shipment_is("made");
    assert_int_equal(w->creates, 2);
    tell(2067, 2); /* of the order that was replaced */
    parcel_is("packed");
    json_decref(map);
}

static void last_store__is_remembered(void **state)
{
    json_t *last = NULL;
    (void)state;
    const struct room_who ann = test_buyer(ANN), bob = test_buyer(BOB);
    buy("cod", 1);
    assert_int_equal(ship_last(w->s, w->t->cx, &ann, &last), ERR_OK);
    assert_string_equal(test_text(json_object_get(last, "store"), "store_id"), "131386");
    json_decref(last);
    assert_int_equal(ship_last(w->s, w->t->cx, &bob, &last), ERR_OK);
    assert_true(json_is_null(json_object_get(last, "store")));
    json_decref(last);
}

/* Whatever second a tick falls on. */
static void map__keys_of_long_ago_are_swept(void **state)
{
    (void)state;
    test_exec(w->t->k->t, "INSERT INTO cvs_pick (key, shop_id, viewer_id, chain, expires_at)"
                          " VALUES ('old', 1, 1, 'seven', 1000)");
    ship_tick(w->s, 24 * 3600 * 1000 + 77777);
    assert_int_equal(test_number(w->t->k->t, "SELECT count(*) FROM cvs_pick"), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, test_ship_make, test_ship_drop)
    static const struct CMUnitTest tests[] = {
        T(map__gives_a_key_that_comes_back_once),
        T(map__key_lasts_fifteen_minutes),
        T(map__is_for_somebody_with_something_to_send),
        T(closed_store__is_the_buyers_to_replace),
        T(closed_store__may_be_told_by_a_notice),
        T(last_store__is_remembered),
        T(map__keys_of_long_ago_are_swept),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
