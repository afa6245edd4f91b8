#include "base/test.h"

#include "base/arena.h"
#include "room/coupon.sql.h"
#include "room/coupon_in.h"
#include "room/sell_testkit.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define SHOW  "shw_a"
#define OTHER "shw_b"

enum { HOUR = 3600 * 1000 };

static int make(void **state)
{
    struct test_room *k = test_room_make();
    (void)test_show(k, SHOW, SHOW_LIVE);
    *state = k;
    return 0;
}

static int drop(void **state)
{
    test_room_free(*state);
    return 0;
}

static struct coupon_new ask_of(struct test_room *k, const char *code, const char *kind,
                                int64_t value)
{
    return (struct coupon_new){.shop_id = 1,
                               .code = code,
                               .market = "TW",
                               .kind = kind,
                               .value = value,
                               .quota = 3,
                               .per_buyer_max = 1,
                               .ends_ms = k->cx->now_ms + HOUR};
}

static struct coupon coupon_made(struct test_room *k, const struct coupon_new *ask)
{
    struct coupon c;
    assert_int_equal(coupon_create(k->r, k->cx, &k->host, ask, &c), ERR_OK);
    return c;
}

static enum err take(struct test_room *k, const struct room_who *who, const struct coupon *c,
                     bool *ret_again)
{
    struct coupon_mine mine;
    bool again = false;
    enum err e = coupon_take(k->r, k->cx, who, c->public_id, 0, NULL, &mine, &again);
    if (ret_again)
        *ret_again = again;
    return e;
}

static enum coupon_fit fit(struct test_room *k, const struct room_who *who, const struct coupon *c,
                           const char *market, int64_t subtotal)
{
    const struct coupon_ask ask = {
        .viewer_id = who->viewer_id, .shop_id = 1, .market = market, .subtotal = subtotal};
    struct coupon found;
    enum coupon_fit f;
    struct db *db;
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(coupon_check(db, k->cx, c->public_id, &ask, &found, &f), ERR_OK);
    store_read_end(db);
    return f;
}

/* ---- worth ---- */

static void discount__takes_off_what_the_kind_says(void **state)
{
    (void)state;
    static const struct {
        struct coupon c;
        int64_t subtotal, shipping, goods, off_shipping;
    } cases[] = {
        {{.kind = COUPON_AMOUNT, .value = 100}, 590, 60, 100, 0},
        {{.kind = COUPON_AMOUNT, .value = 100}, 99, 60, 99, 0},
        {{.kind = COUPON_AMOUNT, .value = 100, .min_spend = 500}, 499, 60, 0, 0},
        {{.kind = COUPON_AMOUNT, .value = 100, .min_spend = 500}, 500, 60, 100, 0},
        {{.kind = COUPON_PERCENT, .value = 1000}, 599, 60, 59, 0},
        {{.kind = COUPON_PERCENT, .value = 10000}, 599, 60, 599, 0},
        {{.kind = COUPON_PERCENT, .value = 3333}, 100, 60, 33, 0},
        {{.kind = COUPON_PERCENT, .value = 1}, INT64_C(10000000000000), 0, 1000000000, 0},
        {{.kind = COUPON_FREE_SHIP}, 590, 60, 0, 60},
        {{.kind = COUPON_FREE_SHIP, .min_spend = 1000}, 590, 60, 0, 0},
        {{.kind = COUPON_FREE_SHIP}, 590, 0, 0, 0},
        {{.kind = COUPON_AMOUNT, .value = 100}, 0, 60, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct coupon_off off = coupon_discount(&cases[i].c, cases[i].subtotal, cases[i].shipping);
        assert_int_equal(off.goods, cases[i].goods);
        assert_int_equal(off.shipping, cases[i].off_shipping);
    }
}

/* ---- made ---- */

static void create__refuses_what_cannot_be(void **state)
{
    struct test_room *k = *state;
    struct coupon c;
    struct coupon_new ask = ask_of(k, "LIVE100", "amount", 100);
    c = coupon_made(k, &ask);
    assert_string_equal(c.code, "LIVE100");
    ask.code = "live100"; /* the same */
    assert_int_equal(coupon_create(k->r, k->cx, &k->host, &ask, &c), ERR_EXISTS);
    static const struct {
        const char *code, *market, *kind;
        int64_t value, quota, ends;
    } bad[] = {{"A B", "TW", "amount", 1, 1, HOUR},     {"AB", "XX", "amount", 1, 1, HOUR},
               {"AB", "TW", "gift", 1, 1, HOUR},        {"AB", "TW", "amount", 0, 1, HOUR},
               {"AB", "TW", "percent", 10001, 1, HOUR}, {"AB", "TW", "amount", 1, 0, HOUR},
               {"AB", "TW", "amount", 1, 1, -1},        {"", "TW", "amount", 1, 1, HOUR}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ask = ask_of(k, bad[i].code, bad[i].kind, bad[i].value);
        ask.market = bad[i].market;
        ask.quota = bad[i].quota;
        ask.ends_ms = k->cx->now_ms + bad[i].ends;
        assert_int_equal(coupon_create(k->r, k->cx, &k->host, &ask, &c), ERR_INPUT);
    }
    ask = ask_of(k, "AB", "amount", 1);
    assert_int_equal(coupon_create(k->r, k->cx, &k->moderator, &ask, &c), ERR_FORBIDDEN);
    assert_int_equal(coupon_create(k->r, k->cx, &k->rival, &ask, &c), ERR_NOT_FOUND);
    assert_int_equal(coupon_create(k->r, k->cx, &k->member, &ask, &c), ERR_NOT_FOUND);
    ask.show = "shw_none";
    assert_int_equal(coupon_create(k->r, k->cx, &k->host, &ask, &c), ERR_NOT_FOUND);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM audit WHERE action = 'coupon.create'"),
                     1);
}

static void patch__keeps_the_quota_above_what_is_taken(void **state)
{
    struct test_room *k = *state;
    const struct coupon_new ask = ask_of(k, "P", "percent", 1000);
    struct coupon c = coupon_made(k, &ask), now;
    assert_int_equal(take(k, &k->ann, &c, NULL), ERR_OK);
    assert_int_equal(take(k, &k->bob, &c, NULL), ERR_OK);
    struct coupon_edit edit = {.version = c.version, .quota = 1};
    assert_int_equal(coupon_patch(k->r, k->cx, &k->host, c.public_id, &edit, &now), ERR_CONFLICT);
    edit.quota = 2;
    assert_int_equal(coupon_patch(k->r, k->cx, &k->rival, c.public_id, &edit, &now), ERR_NOT_FOUND);
    assert_int_equal(coupon_patch(k->r, k->cx, &k->host, c.public_id, &edit, &now), ERR_OK);
    assert_int_equal(now.quota, 2);
    assert_int_equal(now.taken, 2);
    assert_int_equal(coupon_patch(k->r, k->cx, &k->host, c.public_id, &edit, &now),
                     ERR_PRECONDITION);
    assert_int_equal(take(k, &k->member, &c, NULL), ERR_SOLD_OUT);
}

/* ---- taken ---- */

static void take__gives_one_to_each_until_none_is_left(void **state)
{
    struct test_room *k = *state;
    const struct coupon_new ask = ask_of(k, "T", "amount", 50);
    struct coupon c = coupon_made(k, &ask);
    struct coupon_mine mine;
    bool again;
    assert_int_equal(take(k, &k->ann, &c, &again), ERR_OK);
    assert_false(again);
    assert_int_equal(take(k, &k->ann, &c, &again), ERR_OK);
    assert_true(again);
    assert_int_equal(coupon_take(k->r, k->cx, &k->bob, NULL, 1, "t", &mine, &again), ERR_OK);
    assert_int_equal(coupon_take(k->r, k->cx, &k->bob, NULL, 2, "t", &mine, &again), ERR_NOT_FOUND);
    assert_int_equal(coupon_take(k->r, k->cx, &k->bob, NULL, 1, "?", &mine, &again), ERR_NOT_FOUND);
    assert_int_equal(take(k, &k->member, &c, NULL), ERR_OK);
    struct room_who late = test_buyer(k, 1000);
    assert_int_equal(take(k, &late, &c, NULL), ERR_SOLD_OUT);
    assert_int_equal(test_number(k->t, "SELECT taken FROM coupon"), 3);
}

static void take__keeps_to_the_time_and_to_the_show(void **state)
{
    struct test_room *k = *state;
    struct coupon_new ask = ask_of(k, "SOON", "amount", 50);
    ask.starts_ms = k->cx->now_ms + 1000;
    struct coupon c = coupon_made(k, &ask), now;
    assert_int_equal(take(k, &k->ann, &c, NULL), ERR_CONFLICT);
    k->cx->now_ms += 1000;
    assert_int_equal(take(k, &k->ann, &c, NULL), ERR_OK);
    k->cx->now_ms = ask.ends_ms;
    assert_int_equal(take(k, &k->bob, &c, NULL), ERR_CONFLICT);
    assert_int_equal(coupon_drop(k->r, k->cx, &k->host, c.public_id, SHOW, &now), ERR_CONFLICT);

    (void)test_show(k, OTHER, SHOW_LIVE);
    ask = ask_of(k, "BOUND", "free_ship", 0);
    ask.show = SHOW;
    c = coupon_made(k, &ask);
    assert_int_equal(take(k, &k->bob, &c, NULL), ERR_CONFLICT);
    assert_int_equal(coupon_drop(k->r, k->cx, &k->host, c.public_id, OTHER, &now), ERR_CONFLICT);
    assert_int_equal(coupon_drop(k->r, k->cx, &k->moderator, c.public_id, SHOW, &now),
                     ERR_FORBIDDEN);
    assert_int_equal(coupon_drop(k->r, k->cx, &k->host, c.public_id, SHOW, &now), ERR_OK);
    assert_int_equal(take(k, &k->bob, &c, NULL), ERR_OK);
}

static void drop__is_told_and_so_is_the_last_one_taken(void **state)
{
    struct test_room *k = *state;
    struct coupon_new ask = ask_of(k, "D", "amount", 50);
    ask.quota = 1;
    struct coupon c = coupon_made(k, &ask), now;
    json_t *shown = NULL;
    struct db *db;
    struct show s = test_show_again(k, SHOW);
    assert_int_equal(coupon_drop(k->r, k->cx, &k->host, c.public_id, SHOW, &now), ERR_OK);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(coupon_of_show(db, k->cx, s.id, &shown), ERR_OK);
    store_read_end(db);
    assert_string_equal(json_string_value(json_object_get(shown, "coupon_id")), c.public_id);
    json_decref(shown);
    assert_int_equal(take(k, &k->ann, &c, NULL), ERR_OK);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM event WHERE type = 'coupon.drop'"), 1);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM event WHERE type = 'coupon.gone'"), 1);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(coupon_of_show(db, k->cx, s.id, &shown), ERR_OK);
    store_read_end(db);
    assert_true(json_is_null(shown));
    json_decref(shown);
}

struct grab {
    struct test_room *k;
    struct coupon c;
    int first, won;
};

static void *grab_some(void *arg)
{
    struct grab *g = arg;
    for (int i = 0; i < 20; i++) {
        struct room_who who = {.viewer_id = 1000 + g->first + i, .name = "B"};
        struct cx cx;
        struct coupon_mine mine;
        bool again;
        test_cx(g->k, &cx);
        g->won += coupon_take(g->k->r, &cx, &who, g->c.public_id, 0, NULL, &mine, &again) == ERR_OK;
        arena_free(cx.arena);
    }
    return NULL;
}

static void take__by_many_at_once_never_gives_more_than_there_are(void **state)
{
    struct test_room *k = *state;
    struct coupon_new ask = ask_of(k, "RACE", "amount", 50);
    ask.quota = 25;
    struct coupon c = coupon_made(k, &ask);
    for (int i = 0; i < 80; i++)
        (void)test_buyer(k, 1000 + i);
    struct grab grabs[4];
    pthread_t threads[4];
    int won = 0;
    for (int i = 0; i < 4; i++) {
        grabs[i] = (struct grab){k, c, i * 20, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, grab_some, &grabs[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        won += grabs[i].won;
    }
    assert_int_equal(won, 25);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM coupon_take"), 25);
    assert_int_equal(test_number(k->t, "SELECT taken FROM coupon"), 25);
}

/* ---- used ---- */

struct use_job {
    int64_t coupon_id, viewer_id, order_id, to;
};

static enum err use_run(struct tx *tx, void *arg)
{
    const struct use_job *j = arg;
    return coupon_use(tx, j->coupon_id, j->viewer_id, j->order_id);
}

static enum err back_run(struct tx *tx, void *arg)
{
    const struct use_job *j = arg;
    return coupon_give_back(tx, j->order_id);
}

static enum err merge_run(struct tx *tx, void *arg)
{
    const struct use_job *j = arg;
    return coupon_merge(tx, j->viewer_id, j->to);
}

static void use__is_once_and_comes_back_with_the_order(void **state)
{
    struct test_room *k = *state;
    struct coupon_new ask = ask_of(k, "U", "amount", 50);
    ask.min_spend = 500;
    struct coupon c = coupon_made(k, &ask);
    struct use_job j = {.coupon_id = c.id, .viewer_id = k->ann.viewer_id, .order_id = 77};
    assert_int_equal(fit(k, &k->ann, &c, "TW", 900), COUPON_NOT_YOURS);
    assert_int_equal(take(k, &k->ann, &c, NULL), ERR_OK);
    assert_int_equal(fit(k, &k->ann, &c, "TW", 900), COUPON_FITS);
    assert_int_equal(fit(k, &k->ann, &c, "TW", 499), COUPON_MIN_SPEND);
    assert_int_equal(fit(k, &k->ann, &c, "TH", 900), COUPON_MARKET);
    assert_int_equal(fit(k, &k->bob, &c, "TW", 900), COUPON_NOT_YOURS);
    assert_int_equal(store_do(k->t->store, k->cx, "t", use_run, &j), ERR_OK);
    assert_int_equal(store_do(k->t->store, k->cx, "t", use_run, &j), ERR_CONFLICT);
    assert_int_equal(fit(k, &k->ann, &c, "TW", 900), COUPON_USED);
    assert_int_equal(take(k, &k->ann, &c, NULL), ERR_EXISTS);
    assert_int_equal(store_do(k->t->store, k->cx, "t", back_run, &j), ERR_OK);
    assert_int_equal(store_do(k->t->store, k->cx, "t", back_run, &j), ERR_OK);
    assert_int_equal(fit(k, &k->ann, &c, "TW", 900), COUPON_FITS);
    k->cx->now_ms = ask.ends_ms;
    assert_int_equal(fit(k, &k->ann, &c, "TW", 900), COUPON_OVER);
}

static void merge__moves_what_both_took(void **state)
{
    struct test_room *k = *state;
    struct coupon_new ask = ask_of(k, "M", "amount", 50);
    ask.per_buyer_max = 5;
    struct coupon c = coupon_made(k, &ask);
    struct use_job j = {.coupon_id = c.id,
                        .viewer_id = k->ann.viewer_id,
                        .order_id = 77,
                        .to = k->member.viewer_id};
    struct coupon_mine *mine;
    struct db *db;
    size_t n;
    assert_int_equal(take(k, &k->ann, &c, NULL), ERR_OK);
    assert_int_equal(store_do(k->t->store, k->cx, "t", use_run, &j), ERR_OK);
    assert_int_equal(take(k, &k->ann, &c, NULL), ERR_OK);
    assert_int_equal(take(k, &k->member, &c, NULL), ERR_OK);
    assert_int_equal(store_do(k->t->store, k->cx, "t", merge_run, &j), ERR_OK);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(coupon_mine(db, k->cx, &k->member, 1, "TW", &mine, &n), ERR_OK);
    assert_int_equal(n, 3);
    assert_int_equal(mine[0].order_id, 0);
    assert_int_equal(mine[2].order_id, 77);
    assert_int_equal(coupon_mine(db, k->cx, &k->ann, 1, NULL, &mine, &n), ERR_OK);
    assert_int_equal(n, 0);
    assert_int_equal(coupon_mine(db, k->cx, &k->member, 1, "TH", &mine, &n), ERR_OK);
    assert_int_equal(n, 0);
    store_read_end(db);
}

static void list__is_the_shops_own(void **state)
{
    struct test_room *k = *state;
    struct coupon *list;
    struct db *db;
    size_t n;
    int64_t next;
    char code[8];
    for (int i = 0; i < COUPON_PAGE + 2; i++) {
        (void)snprintf(code, sizeof code, "L%d", i);
        const struct coupon_new ask = ask_of(k, code, "amount", 50);
        (void)coupon_made(k, &ask);
    }
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(coupon_list(k->r, db, k->cx, &k->moderator, 1, 0, &list, &n, &next), ERR_OK);
    assert_int_equal(n, COUPON_PAGE);
    assert_string_equal(list[0].code, "L51");
    assert_int_equal(coupon_list(k->r, db, k->cx, &k->host, 1, next, &list, &n, &next), ERR_OK);
    assert_int_equal(n, 2);
    assert_int_equal(next, 0);
    assert_int_equal(coupon_list(k->r, db, k->cx, &k->rival, 1, 0, &list, &n, &next),
                     ERR_NOT_FOUND);
    store_read_end(db);
}

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    struct test_room *k = *state;
#define X(q) assert_int_equal(test_check_sql(k->t, &(q)), ERR_OK);
    SQL_ALL(X)
#undef X
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(discount__takes_off_what_the_kind_says),
        T(create__refuses_what_cannot_be),
        T(patch__keeps_the_quota_above_what_is_taken),
        T(take__gives_one_to_each_until_none_is_left),
        T(take__keeps_to_the_time_and_to_the_show),
        T(drop__is_told_and_so_is_the_last_one_taken),
        T(take__by_many_at_once_never_gives_more_than_there_are),
        T(use__is_once_and_comes_back_with_the_order),
        T(merge__moves_what_both_took),
        T(list__is_the_shops_own),
        T(sql__every_statement_prepares_with_ordered_parameters),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
