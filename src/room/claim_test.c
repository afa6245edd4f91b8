#include "base/test.h"

#include "base/arena.h"
#include "room/claim_in.h"
#include "room/pulse.h"
#include "room/room_in.h"
#include "room/sell_in.h"
#include "room/sell_testkit.h"

#include <stdio.h>
#include <string.h>

#define SHOW "shw_a"

static char bag[ID_TEXT], mug[ID_TEXT]; /* A12 in black and white; A13, of which there is one */

static int make(void **state)
{
    struct test_room *k = test_room_make();
    (void)test_show(k, SHOW, SHOW_LIVE);
    (void)test_list_goods(k, SHOW, 12, 10, 2, "A12", bag);
    (void)test_list_goods(k, SHOW, 13, 1, 1, "A13", mug);
    test_pin(k, SHOW, bag);
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

static void say(struct test_room *k, const struct room_who *who, const char *text)
{
    k->cx->now_ms += 1100; /* the chat's own pace */
    assert_int_equal(test_say(k, who, SHOW, text, NULL), ERR_OK);
}

static int64_t has(struct test_room *k, const struct room_who *who)
{
    char sql[300];
    (void)snprintf(sql, sizeof sql,
                   "SELECT CAST(COALESCE(SUM(n.qty), 0) AS BIGINT) FROM cart_line n JOIN cart c ON"
                   " c.id = n.cart_id WHERE n.state = 'held' AND c.viewer_id = %d",
                   (int)who->viewer_id);
    return test_number(k->t, sql);
}

/* ---- by tap ---- */

static void tap__holds_units_in_the_cart_and_says_the_place(void **state)
{
    struct test_room *k = *state;
    struct test_claim c;
    struct room_who ann = test_buyer(k, 1000), bob = test_buyer(k, 1001);
    assert_int_equal(test_tap(k, &ann, bag, "var_120", 2, "k1", &c), ERR_OK);
    assert_string_equal(c.state, "granted");
    assert_int_equal(c.given, 2);
    assert_int_equal(c.place, 1);
    assert_int_equal(c.seq_no, 1);
    assert_int_equal(c.unit, 590);
    assert_int_equal(c.until, k->cx->now_ms + 600 * 1000);
    assert_int_equal(has(k, &ann), 2);
    assert_int_equal(test_tap(k, &bob, bag, "var_121", 1, "k1", &c), ERR_OK);
    assert_int_equal(c.place, 2);
    assert_string_equal(test_last_result(k, SHOW, &bob).id, c.id);
}

static void tap__the_same_key_is_the_same_claim(void **state)
{
    struct test_room *k = *state;
    struct test_claim a, b;
    assert_int_equal(test_tap(k, &k->ann, bag, "var_120", 2, "once", &a), ERR_OK);
    assert_int_equal(test_tap(k, &k->ann, bag, "var_120", 2, "once", &b), ERR_OK);
    assert_true(b.again);
    assert_string_equal(a.id, b.id);
    assert_int_equal(has(k, &k->ann), 2);
}

static void tap__needs_the_variant_where_there_are_several(void **state)
{
    struct test_room *k = *state;
    struct test_claim c;
    assert_int_equal(test_tap(k, &k->ann, bag, NULL, 1, "a", &c), ERR_NEED_OPTION);
    assert_int_equal(test_tap(k, &k->ann, bag, "var_130", 1, "b", &c), ERR_NOT_FOUND);
    test_pin(k, SHOW, mug);
    assert_int_equal(test_tap(k, &k->ann, mug, NULL, 1, "c", &c), ERR_OK);
}

static void tap__needs_an_open_window(void **state)
{
    struct test_room *k = *state;
    struct test_claim c;
    json_t *o;
    assert_int_equal(test_tap(k, &k->ann, mug, NULL, 1, "a", &c), ERR_CLOSED);
    assert_int_equal(listing_window(k->r, k->cx, &k->host, mug, true, &o), ERR_OK);
    json_decref(o);
    assert_int_equal(test_tap(k, &k->ann, mug, NULL, 1, "a", &c), ERR_OK); /* the same key */
    assert_int_equal(listing_window(k->r, k->cx, &k->host, bag, false, &o), ERR_OK);
    json_decref(o);
    assert_int_equal(test_tap(k, &k->ann, bag, "var_120", 1, "b", &c), ERR_CLOSED);
}

static void tap__no_more_than_one_buyer_may(void **state)
{
    struct test_room *k = *state;
    struct test_claim c;
    struct room_who ann = test_buyer(k, 1000);
    test_exec(k->t, "UPDATE listing SET per_buyer_max = 5");
    assert_int_equal(test_tap(k, &ann, bag, "var_120", 100, "a", &c), ERR_OK);
    assert_string_equal(c.state, "partial");
    assert_string_equal(c.reason, "limit");
    assert_int_equal(c.given, 5);
    assert_int_equal(test_tap(k, &ann, bag, "var_121", 1, "b", &c), ERR_LIMIT);
}

static void tap__what_is_sold_out_is_waited_for(void **state)
{
    struct test_room *k = *state;
    struct test_claim c;
    struct room_who a = test_buyer(k, 1000), b = test_buyer(k, 1001), d = test_buyer(k, 1002);
    test_pin(k, SHOW, mug);
    assert_int_equal(test_tap(k, &a, mug, NULL, 1, "a", &c), ERR_OK);
    assert_int_equal(test_tap(k, &b, mug, NULL, 1, "a", &c), ERR_OK);
    assert_string_equal(c.state, "waitlisted");
    assert_int_equal(c.place, 1);
    assert_int_equal(test_tap(k, &d, mug, NULL, 1, "a", &c), ERR_OK);
    assert_int_equal(c.place, 2);
    assert_int_equal(test_tap(k, &d, mug, NULL, 1, "b", &c), ERR_LIMIT); /* waits already */
}

static void tap__the_banned_and_the_nameless_do_not_buy(void **state)
{
    struct test_room *k = *state;
    struct test_claim c;
    test_exec(k->t,
              "INSERT INTO sanction (id, public_id, shop_id, viewer_id, kind, name, by_id, at)"
              " VALUES (1, 'san_1', 1, 11, 'ban', 'Ann', 101, 1)");
    assert_int_equal(test_tap(k, &k->ann, bag, "var_120", 1, "a", &c), ERR_MUTED);
    assert_int_equal(test_tap(k, &k->nobody, bag, "var_120", 1, "a", &c), ERR_NEED_LOGIN);
    const struct sale_edit login = {.set_rule = true, .to = {.rule = RULE_LOGIN}};
    struct sale_settings set;
    assert_int_equal(sale_set(k->r, k->cx, &k->host, SHOW, &login, &set), ERR_OK);
    assert_int_equal(test_tap(k, &k->bob, bag, "var_120", 1, "a", &c), ERR_NEED_LOGIN);
    assert_int_equal(test_tap(k, &k->member, bag, "var_120", 1, "a", &c), ERR_OK);
    const struct sale_edit paid = {.set_rule = true, .to = {.rule = RULE_PAID_BEFORE}};
    assert_int_equal(sale_set(k->r, k->cx, &k->host, SHOW, &paid, &set), ERR_OK);
    assert_int_equal(test_tap(k, &k->member, bag, "var_120", 1, "b", &c), ERR_RULE);
}

/* ---- by comment ---- */

static void comment__orders_by_code_and_option(void **state)
{
    struct test_room *k = *state;
    say(k, &k->ann, "A12 黑+2");
    struct test_claim c = test_last_result(k, SHOW, &k->ann);
    assert_string_equal(c.state, "granted");
    assert_int_equal(c.given, 2);
    assert_true(c.message[0]);
    assert_int_equal(has(k, &k->ann), 2);
    say(k, &k->ann, "A12黑-1");
    assert_string_equal(test_last_result(k, SHOW, &k->ann).state, "reduced");
    assert_int_equal(has(k, &k->ann), 1);
    say(k, &k->ann, "CC A12");
    assert_string_equal(test_last_result(k, SHOW, &k->ann).state, "cancelled");
    assert_int_equal(has(k, &k->ann), 0);
    say(k, &k->ann, "Ａ１２ 黑＋１");
    assert_int_equal(has(k, &k->ann), 1);
}

static void comment__several_things_at_once(void **state)
{
    struct test_room *k = *state;
    test_pin(k, SHOW, mug);
    say(k, &k->bob, "A12白+1 A12黑+2 A13+1");
    assert_int_equal(has(k, &k->bob), 4);
    assert_int_equal(test_number(k->t, "SELECT COUNT(*) FROM claim"), 3);
    say(k, &k->ann, "A12包+1");
    assert_int_equal(has(k, &k->ann), 2);
}

static void comment__chatter_and_questions_are_no_orders(void **state)
{
    struct test_room *k = *state;
    say(k, &k->ann, "A12 多少錢？");
    say(k, &k->ann, "5555");
    say(k, &k->ann, "好漂亮");
    assert_int_equal(test_number(k->t, "SELECT COUNT(*) FROM claim"), 0);
    assert_int_equal(test_events(k, SHOW, "claim.result", 0, NULL), 0);
}

static void comment__plus_one_wants_the_option_and_is_told(void **state)
{
    struct test_room *k = *state;
    say(k, &k->ann, "+1");
    struct test_claim c = test_last_result(k, SHOW, &k->ann);
    assert_string_equal(c.state, "rejected");
    assert_string_equal(c.reason, "need_option");
    test_pin(k, SHOW, mug);
    say(k, &k->ann, "+1"); /* the same words within 30 s: an order may */
    assert_string_equal(test_last_result(k, SHOW, &k->ann).state, "granted");
}

static void comment__of_the_host_is_no_order(void **state)
{
    struct test_room *k = *state;
    say(k, &k->host, "A12黑+1");
    assert_int_equal(test_number(k->t, "SELECT COUNT(*) FROM claim"), 0);
}

static void comment__modes_of_a_listing(void **state)
{
    struct test_room *k = *state;
    test_exec(k->t, "UPDATE listing SET claim_mode = 'review'");
    test_exec(k->t, "UPDATE show_sale SET version = version + 1");
    say(k, &k->ann, "A12黑+1");
    assert_int_equal(has(k, &k->ann), 0);
    assert_int_equal(test_number(k->t, "SELECT COUNT(*) FROM review"), 1);
    test_exec(k->t, "UPDATE listing SET claim_mode = 'off'");
    test_exec(k->t, "UPDATE show_sale SET version = version + 1");
    say(k, &k->ann, "A12白+1");
    assert_int_equal(test_number(k->t, "SELECT COUNT(*) FROM review"), 1);
}

/* ---- review ---- */

static const char *open_review(struct test_room *k, char out[ID_TEXT])
{
    struct db *db;
    json_t *list;
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(review_list(k->r, db, k->cx, &k->moderator, SHOW, &list), ERR_OK);
    store_read_end(db);
    const json_t *first = json_array_get(json_object_get(list, "items"), 0);
    assert_non_null(first);
    (void)snprintf(out, ID_TEXT, "%s", json_string_value(json_object_get(first, "id")));
    json_decref(list);
    return out;
}

static void review__a_near_miss_waits_for_a_moderator(void **state)
{
    struct test_room *k = *state;
    char id[ID_TEXT];
    json_t *claims;
    const struct review_item black = {bag, "var_120", 2};
    say(k, &k->ann, "AI2黑+1");
    assert_int_equal(has(k, &k->ann), 0);
    assert_int_equal(test_events(k, SHOW, "staff.review", 0, NULL), 1);
    (void)open_review(k, id);
    assert_int_equal(review_accept(k->r, k->cx, &k->bob, id, &black, 1, &claims), ERR_FORBIDDEN);
    assert_int_equal(review_accept(k->r, k->cx, &k->rival, id, &black, 1, &claims), ERR_FORBIDDEN);
    assert_int_equal(review_accept(k->r, k->cx, &k->moderator, id, &black, 1, &claims), ERR_OK);
    assert_int_equal(json_array_size(claims), 1);
    json_decref(claims);
    assert_int_equal(has(k, &k->ann), 2);
    assert_string_equal(test_last_result(k, SHOW, &k->ann).state, "granted");
    assert_int_equal(review_accept(k->r, k->cx, &k->moderator, id, &black, 1, &claims),
                     ERR_TRANSITION);
}

static void review__accepted_as_it_was_read_or_dismissed(void **state)
{
    struct test_room *k = *state;
    char id[ID_TEXT];
    json_t *claims;
    say(k, &k->ann, "AI2黑+1");
    assert_int_equal(
        review_accept(k->r, k->cx, &k->moderator, open_review(k, id), NULL, 0, &claims), ERR_OK);
    json_decref(claims);
    assert_int_equal(has(k, &k->ann), 1);
    say(k, &k->bob, "AI2白+1");
    assert_int_equal(review_dismiss(k->r, k->cx, &k->moderator, open_review(k, id)), ERR_OK);
    assert_int_equal(has(k, &k->bob), 0);
    assert_int_equal(test_events(k, SHOW, "staff.review_done", 0, NULL), 2);
}

static void assist__claims_for_the_writer_of_a_message(void **state)
{
    struct test_room *k = *state;
    struct message m;
    json_t *o;
    bool again;
    k->cx->now_ms += 2000;
    assert_int_equal(test_say(k, &k->ann, SHOW, "I would like the white one", &m), ERR_OK);
    char message[ID_TEXT];
    (void)snprintf(message, sizeof message, "%s", m.public_id);
    const struct claim_assist ask = {.ask = {mug, NULL, 1, "x1"}, .message = message};
    assert_int_equal(claim_assist(k->r, k->cx, &k->bob, SHOW, &ask, &o, &again), ERR_FORBIDDEN);
    assert_int_equal(claim_assist(k->r, k->cx, &k->moderator, SHOW, &ask, &o, &again), ERR_OK);
    json_decref(o);
    assert_int_equal(has(k, &k->ann), 1);
    assert_string_equal(test_last_result(k, SHOW, &k->ann).state, "granted");
}

/* ---- taking back ---- */

static enum err reduce(struct test_room *k, const struct room_who *who, const char *id, int64_t qty)
{
    json_t *o;
    enum err e = claim_reduce(k->r, k->cx, who, id, qty, &o);
    if (!e)
        json_decref(o);
    return e;
}

static void back__by_the_buyer_within_the_rules(void **state)
{
    struct test_room *k = *state;
    struct test_claim c;
    struct sale_settings set;
    const struct sale_edit never = {.set_cancel = true};
    assert_int_equal(test_tap(k, &k->ann, bag, "var_120", 3, "a", &c), ERR_OK);
    assert_int_equal(reduce(k, &k->bob, c.id, 1), ERR_NOT_FOUND);
    assert_int_equal(reduce(k, &k->ann, c.id, 4), ERR_INPUT);
    assert_int_equal(reduce(k, &k->ann, c.id, 2), ERR_OK);
    assert_int_equal(has(k, &k->ann), 2);
    assert_string_equal(test_last_result(k, SHOW, &k->ann).state, "reduced");
    assert_int_equal(sale_set(k->r, k->cx, &k->host, SHOW, &never, &set), ERR_OK);
    assert_int_equal(reduce(k, &k->ann, c.id, 0), ERR_FORBIDDEN);
    assert_int_equal(reduce(k, &k->moderator, c.id, 0), ERR_OK);
    assert_int_equal(has(k, &k->ann), 0);
    assert_int_equal(reduce(k, &k->moderator, c.id, 0), ERR_TRANSITION);
}

static void back__gives_the_limit_back(void **state)
{
    struct test_room *k = *state;
    struct test_claim c, d;
    struct room_who ann = test_buyer(k, 1000);
    test_exec(k->t, "UPDATE listing SET per_buyer_max = 2");
    assert_int_equal(test_tap(k, &ann, bag, "var_120", 2, "a", &c), ERR_OK);
    assert_int_equal(test_tap(k, &ann, bag, "var_120", 1, "b", &d), ERR_LIMIT);
    assert_int_equal(reduce(k, &ann, c.id, 0), ERR_OK);
    assert_int_equal(test_tap(k, &ann, bag, "var_120", 2, "c", &d), ERR_OK);
}

/* ---- clocks ---- */

static void clock__an_expired_hold_goes_to_the_first_who_waits(void **state)
{
    struct test_room *k = *state;
    struct test_claim c;
    json_t *offer;
    struct room_who a = test_buyer(k, 1000), b = test_buyer(k, 1001);
    test_pin(k, SHOW, mug);
    assert_int_equal(test_tap(k, &a, mug, NULL, 1, "a", &c), ERR_OK);
    assert_int_equal(test_tap(k, &b, mug, NULL, 1, "a", &c), ERR_OK);
    k->cx->now_ms += 541 * 1000;
    room_pulse(k->r, k->cx->now_ms);
    assert_int_equal(test_events(k, SHOW, "hold.expiring", 1000, NULL), 1);
    k->cx->now_ms += 1500;
    room_pulse(k->r, k->cx->now_ms + 2000);
    assert_int_equal(test_events(k, SHOW, "hold.expiring", 1000, NULL), 1); /* once */
    k->cx->now_ms += 60 * 1000;
    room_pulse(k->r, k->cx->now_ms);
    assert_string_equal(test_last_result(k, SHOW, &a).state, "expired");
    assert_int_equal(test_events(k, SHOW, "waitlist.offer", 1001, &offer), 1);
    assert_int_equal(json_integer_value(json_object_get(offer, "qty")), 1);
    json_decref(offer);
    assert_int_equal(test_number(k->t, "SELECT stock_total - stock_held FROM variant"
                                       " WHERE id = 130"),
                     0);
}

static void clock__survives_a_restart(void **state)
{
    struct test_room *k = *state;
    struct test_claim c;
    assert_int_equal(test_tap(k, &k->ann, bag, "var_120", 2, "a", &c), ERR_OK);
    room_free(k->r);
    test_store_reopen(k->t, &shop_schema);
    k->cx->now_ms += 601 * 1000;
    const struct room_setup setup = {.store = k->t->store, .limits = k->limits};
    assert_int_equal(room_make(&setup, &k->r), ERR_OK);
    room_pulse(k->r, k->cx->now_ms);
    assert_string_equal(test_last_result(k, SHOW, &k->ann).state, "expired");
    assert_int_equal(test_number(k->t, "SELECT stock_held FROM variant WHERE id = 120"), 0);
}

static void pulse__tells_what_is_left_and_who_claimed(void **state)
{
    struct test_room *k = *state;
    struct test_claim c;
    json_t *o;
    assert_int_equal(test_tap(k, &k->ann, bag, "var_120", 3, "a", &c), ERR_OK);
    room_pulse(k->r, k->cx->now_ms + 20000);
    assert_true(test_events(k, SHOW, "stock.changed", 0, &o) >= 1);
    json_decref(o);
    assert_int_equal(test_events(k, SHOW, "claim.ticker", 0, &o), 1);
    assert_string_equal(json_string_value(json_object_get(o, "name_masked")), "An***");
    json_decref(o);
    assert_int_equal(test_events(k, SHOW, "claims.head", 0, &o), 1);
    assert_int_equal(json_integer_value(json_object_get(o, "n")), 1);
    json_decref(o);
    room_pulse(k->r, k->cx->now_ms + 40000);
    assert_int_equal(test_events(k, SHOW, "claims.head", 0, NULL), 1); /* nothing new */
}

/* ---- I16: what everybody hears ---- */

static enum err look_for_people(void *arg, const struct event *ev)
{
    if (ev->audience != AUDIENCE_ALL || strcmp(ev->type, "chat.message") == 0)
        return ERR_OK;
    int *seen = arg;
    (*seen)++;
    json_t *o = json_loads(ev->data, 0, NULL);
    assert_true(event_keys_ok(o));
    json_decref(o);
    assert_null(strstr(ev->data, "Secretname"));
    assert_null(strstr(ev->data, "viw_"));
    return ERR_OK;
}

static void events__for_all_name_nobody(void **state)
{
    struct test_room *k = *state;
    struct test_claim c;
    struct room_who who = test_buyer(k, 1000);
    int seen = 0;
    struct db *db;
    who.name = "Secretname";
    assert_int_equal(test_tap(k, &who, bag, "var_120", 1, "a", &c), ERR_OK);
    say(k, &who, "A12白+1");
    room_pulse(k->r, k->cx->now_ms + 30000);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(event_each(db, test_show_again(k, SHOW).id, 0, 1000, look_for_people, &seen),
                     ERR_OK);
    store_read_end(db);
    assert_true(seen >= 6);
}

/* ---- the end ---- */

static void end__closes_windows_and_keeps_holds(void **state)
{
    struct test_room *k = *state;
    struct test_claim c;
    struct show s;
    assert_int_equal(test_tap(k, &k->ann, bag, "var_120", 1, "a", &c), ERR_OK);
    assert_int_equal(show_run(k->r, k->cx, &k->host, SHOW, SHOW_MOVE_END, &s), ERR_OK);
    assert_int_equal(test_tap(k, &k->bob, bag, "var_120", 1, "a", &c), ERR_CLOSED);
    assert_int_equal(has(k, &k->ann), 1);
    assert_int_equal(test_number(k->t, "SELECT COUNT(*) FROM listing WHERE claim_open = 1"), 0);
    assert_int_equal(test_number(k->t, "SELECT COUNT(*) FROM segment WHERE ends_at IS NULL"), 0);
}

/* Computed elsewhere, of 32 bytes 0x11 and
 * ["shw_demo",7,1795330000123,"clm_a","王*明","A12",2,"granted"]. */
static void ledger__a_link_is_the_hash_that_everybody_can_compute(void **state)
{
    (void)state;
    unsigned char before[SHA256_LEN], chain[SHA256_LEN];
    char hex[2 * SHA256_LEN + 1];
    const struct claim c = {.seq_no = 7,
                            .at_ms = INT64_C(1795330000123),
                            .public_id = "clm_a",
                            .name_masked = "王*明",
                            .code = "A12",
                            .asked = 5,
                            .given = 2,
                            .state = "granted"};
    memset(before, 0x11, sizeof before);
    assert_int_equal(ledger_hash(before, "shw_demo", &c, chain), ERR_OK);
    crypto_hex(chain, SHA256_LEN, hex);
    assert_string_equal(hex, "9e83edd6f133cc50e976ca43416a0842cf9ff60e701cd7a16a5e0ed4e4d08a3f");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        T(tap__holds_units_in_the_cart_and_says_the_place),
        T(tap__the_same_key_is_the_same_claim),
        T(tap__needs_the_variant_where_there_are_several),
        T(tap__needs_an_open_window),
        T(tap__no_more_than_one_buyer_may),
        T(tap__what_is_sold_out_is_waited_for),
        T(tap__the_banned_and_the_nameless_do_not_buy),
        T(comment__orders_by_code_and_option),
        T(comment__several_things_at_once),
        T(comment__chatter_and_questions_are_no_orders),
        T(comment__plus_one_wants_the_option_and_is_told),
        T(comment__of_the_host_is_no_order),
        T(comment__modes_of_a_listing),
        T(review__a_near_miss_waits_for_a_moderator),
        T(review__accepted_as_it_was_read_or_dismissed),
        T(assist__claims_for_the_writer_of_a_message),
        T(back__by_the_buyer_within_the_rules),
        T(back__gives_the_limit_back),
        T(clock__an_expired_hold_goes_to_the_first_who_waits),
        T(clock__survives_a_restart),
        T(pulse__tells_what_is_left_and_who_claimed),
        T(events__for_all_name_nobody),
        T(end__closes_windows_and_keeps_holds),
        T(ledger__a_link_is_the_hash_that_everybody_can_compute),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
