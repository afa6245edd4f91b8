#include "base/test.h"

#include "base/arena.h"
#include "room/pulse.h"
#include "room/room_in.h"
#include "room/sell_testkit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOW "shw_a"

static char bag[ID_TEXT];

static int make(void **state)
{
    struct test_room *k = test_room_make();
    (void)test_show(k, SHOW, SHOW_LIVE);
    (void)test_list_goods(k, SHOW, 14, 10, 1, "A14", bag);
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

static enum err start(struct test_room *k, int64_t quota, int64_t each, int64_t countdown_s,
                      char out[ID_TEXT])
{
    const struct deal_new ask = {.price = {[0] = 299, [1] = -1},
                                 .quota = quota,
                                 .per_buyer_max = each,
                                 .countdown_s = countdown_s,
                                 .run_s = 60,
                                 .start = true};
    json_t *deal;
    enum err e = deal_create(k->r, k->cx, &k->host, bag, &ask, &deal);
    if (e)
        return e;
    (void)snprintf(out, ID_TEXT, "%s", json_string_value(json_object_get(deal, "id")));
    json_decref(deal);
    return ERR_OK;
}

static const char *state_of(struct test_room *k)
{
    static char state[16];
    struct db *db;
    json_t *list;
    struct cx cx;
    test_cx(k, &cx);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(deal_list(k->r, db, &cx, &k->host, SHOW, &list), ERR_OK);
    store_read_end(db);
    json_t *d = json_array_get(json_object_get(list, "items"), 0);
    (void)snprintf(state, sizeof state, "%s", json_string_value(json_object_get(d, "state")));
    json_decref(list);
    arena_free(cx.arena);
    return state;
}

static void pass(struct test_room *k, int64_t ms)
{
    k->cx->now_ms += ms;
    room_pulse(k->r, k->cx->now_ms);
}

static void clock__opens_and_closes(void **state)
{
    struct test_room *k = *state;
    struct test_claim c;
    char id[ID_TEXT];
    struct room_who a = test_buyer(k, 1000), b = test_buyer(k, 1001);
    test_pin(k, SHOW, bag); /* its window is open: the countdown closes it all the same */
    assert_int_equal(start(k, 5, 1, 10, id), ERR_OK);
    assert_int_equal(test_tap(k, &a, bag, NULL, 1, "a", &c), ERR_CLOSED);
    assert_int_equal(c.opens_ms, k->cx->now_ms + 10000);
    k->cx->now_ms += 10000; /* no pulse yet: the clock decides */
    assert_int_equal(test_tap(k, &a, bag, NULL, 1, "a", &c), ERR_OK);
    assert_int_equal(c.unit, 299);
    assert_string_equal(state_of(k), "open");
    assert_int_equal(test_tap(k, &a, bag, NULL, 1, "b", &c), ERR_LIMIT);
    k->cx->now_ms += 60000;
    assert_int_equal(test_tap(k, &b, bag, NULL, 1, "a", &c), ERR_OK);
    assert_int_equal(c.unit, 590); /* over, if the pulse has said so or not */
    pass(k, 0);
    assert_string_equal(state_of(k), "closed");
    assert_int_equal(test_events(k, SHOW, "deal.closed", 0, NULL), 1);
}

static void clock__sells_out_and_opens_again(void **state)
{
    struct test_room *k = *state;
    struct test_claim c;
    json_t *o;
    char id[ID_TEXT];
    struct room_who a = test_buyer(k, 1000), b = test_buyer(k, 1001);
    assert_int_equal(start(k, 1, 1, 10, id), ERR_OK);
    pass(k, 10000);
    assert_int_equal(test_tap(k, &a, bag, NULL, 1, "a", &c), ERR_OK);
    assert_string_equal(state_of(k), "sold_out");
    assert_int_equal(claim_reduce(k->r, k->cx, &a, c.id, 0, &o), ERR_OK);
    json_decref(o);
    assert_string_equal(state_of(k), "open"); /* nobody waited */
    assert_int_equal(test_tap(k, &b, bag, NULL, 1, "a", &c), ERR_OK);
    assert_int_equal(c.unit, 299);
}

static void clock__who_waits_comes_before_the_open_deal(void **state)
{
    struct test_room *k = *state;
    struct test_claim a1, b1, c1;
    json_t *o;
    char id[ID_TEXT];
    struct room_who a = test_buyer(k, 1000), b = test_buyer(k, 1001), c = test_buyer(k, 1002);
    assert_int_equal(start(k, 1, 1, 10, id), ERR_OK);
    pass(k, 10000);
    assert_int_equal(test_tap(k, &a, bag, NULL, 1, "a", &a1), ERR_OK);
    assert_int_equal(test_tap(k, &b, bag, NULL, 1, "a", &b1), ERR_OK);
    assert_string_equal(b1.state, "waitlisted");
    assert_int_equal(b1.unit, 299);
    assert_int_equal(claim_reduce(k->r, k->cx, &a, a1.id, 0, &o), ERR_OK);
    json_decref(o);
    assert_string_equal(state_of(k), "sold_out");
    assert_int_equal(test_events(k, SHOW, "waitlist.offer", 1001, NULL), 1);
    assert_int_equal(test_tap(k, &c, bag, NULL, 1, "a", &c1), ERR_OK);
    assert_string_equal(c1.state, "waitlisted");
    assert_int_equal(c1.place, 2);
}

static void limit__counts_who_waits_and_every_door(void **state)
{
    struct test_room *k = *state;
    struct test_claim c;
    struct claim_ruling by;
    struct db *db;
    char id[ID_TEXT], two[ID_TEXT];
    struct room_who a = test_buyer(k, 1000), b = test_buyer(k, 1001), d = test_buyer(k, 1002);
    (void)test_list_goods(k, SHOW, 15, 10, 2, "A15", two);
    test_exec(k->t, "UPDATE listing SET per_buyer_max = 9");
    (void)snprintf(bag, sizeof bag, "%s", two);
    assert_int_equal(start(k, 1, 1, 10, id), ERR_OK);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK); /* a cart asks: no, it is claimed */
    assert_int_equal(claim_ruled(db, k->cx, &(struct claim_rule_ask){.variant = "var_151"}, &by),
                     ERR_OK);
    assert_string_equal(by.listing, two);
    assert_int_equal(claim_ruled(db, k->cx, &(struct claim_rule_ask){.variant = "var_140"}, &by),
                     ERR_OK);
    assert_null(by.listing);
    store_read_end(db);
    pass(k, 10000);
    assert_int_equal(test_tap(k, &a, two, "var_150", 1, "a", &c), ERR_OK);
    assert_int_equal(test_tap(k, &b, two, "var_150", 1, "a", &c), ERR_OK);
    assert_string_equal(c.state, "waitlisted");
    assert_int_equal(test_tap(k, &b, two, "var_151", 1, "b", &c), ERR_LIMIT);
    assert_int_equal(test_tap(k, &b, two, "var_151", 1, "a", &c), ERR_CONFLICT); /* that key */
    pass(k, 60000); /* over: whom it did not reach comes before who comes now */
    assert_string_equal(test_last_result(k, SHOW, &b).state, "waitlisted");
    assert_int_equal(test_events(k, SHOW, "waitlist.changed", 1001, NULL), 1);
    assert_int_equal(test_events(k, SHOW, "waitlist.offer", 1001, NULL), 1);
    test_pin(k, SHOW, two);
    assert_int_equal(test_tap(k, &d, two, "var_150", 1, "a", &c), ERR_OK);
    assert_string_equal(c.state, "granted");
    assert_int_equal(c.unit, 590);
}

static void start__needs_time_for_the_slowest_viewers(void **state)
{
    struct test_room *k = *state;
    char id[ID_TEXT];
    struct db *db;
    assert_int_equal(start(k, 1, 1, 9, id), ERR_INPUT);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(room_heartbeat(k->r, db, k->cx, &k->ann, SHOW, 20000), ERR_OK);
    store_read_end(db);
    room_tick(k->r, k->cx->now_ms + 1);
    assert_int_equal(start(k, 1, 1, 20, id), ERR_INPUT);
    assert_int_equal(start(k, 1, 1, 24, id), ERR_OK);
    assert_int_equal(start(k, 1, 1, 30, id), ERR_CONFLICT); /* one at a time */
}

static void stop__by_staff_and_by_the_end_of_the_show(void **state)
{
    struct test_room *k = *state;
    struct test_claim c;
    struct show s;
    json_t *o;
    char id[ID_TEXT];
    assert_int_equal(start(k, 5, 1, 10, id), ERR_OK);
    assert_int_equal(deal_close(k->r, k->cx, &k->host, id, &o), ERR_TRANSITION);
    assert_int_equal(deal_cancel(k->r, k->cx, &k->moderator, id, &o), ERR_FORBIDDEN);
    assert_int_equal(deal_cancel(k->r, k->cx, &k->rival, id, &o), ERR_FORBIDDEN);
    assert_int_equal(deal_cancel(k->r, k->cx, &k->host, id, &o), ERR_OK);
    json_decref(o);
    assert_int_equal(test_tap(k, &k->ann, bag, NULL, 1, "a", &c), ERR_CLOSED);
    assert_int_equal(start(k, 5, 1, 10, id), ERR_OK);
    pass(k, 10000);
    assert_int_equal(show_run(k->r, k->cx, &k->host, SHOW, SHOW_MOVE_END, &s), ERR_OK);
    assert_int_equal(test_number(k->t, "SELECT COUNT(*) FROM deal WHERE state = 'closed'"), 1);
}

/* ---- J4: ten bags, sixty buyers, each twice and at once ---- */

enum { BUYERS = 60, BAGS = 10, THREADS = 12 };

struct crowd_job {
    struct test_room *k;
    struct room_who who[BUYERS];
    struct test_claim got[BUYERS][2];
    atomic_int next, over;
    atomic_bool done;
};

static void *rush(void *arg)
{
    struct crowd_job *j = arg;
    for (;;) {
        int n = atomic_fetch_add(&j->next, 1);
        if (n >= BUYERS * 2)
            return NULL;
        int buyer = n % BUYERS;
        enum err e =
            test_tap(j->k, &j->who[buyer], bag, NULL, 1, "rush", &j->got[buyer][n / BUYERS]);
        if (e)
            atomic_fetch_add(&j->over, 1000);
    }
}

/* Never more than ten are held, at any instant. */
static void *look(void *arg)
{
    struct crowd_job *j = arg;
    while (!atomic_load(&j->done))
        if (test_number(j->k->t, "SELECT stock_held FROM variant WHERE id = 140") > BAGS)
            atomic_fetch_add(&j->over, 1);
    return NULL;
}

static void rush__ten_bags_and_sixty_buyers(void **state)
{
    struct test_room *k = *state;
    static struct crowd_job j;
    pthread_t thread[THREADS], looker;
    bool place[BUYERS + 1] = {false};
    int granted = 0, waits = 0;
    char id[ID_TEXT];
    j = (struct crowd_job){.k = k};
    for (int i = 0; i < BUYERS; i++)
        j.who[i] = test_buyer(k, 1000 + i);
    assert_int_equal(start(k, BAGS, 1, 10, id), ERR_OK);
    pass(k, 10000);
    assert_int_equal(pthread_create(&looker, NULL, look, &j), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, rush, &j), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    atomic_store(&j.done, true);
    assert_int_equal(pthread_join(looker, NULL), 0);
    assert_int_equal(atomic_load(&j.over), 0);
    for (int i = 0; i < BUYERS; i++) {
        const struct test_claim *c = &j.got[i][0];
        assert_string_equal(c->id, j.got[i][1].id);
        if (strcmp(c->state, "granted") == 0) {
            granted++;
            continue;
        }
        assert_string_equal(c->state, "waitlisted");
        assert_in_range(c->place, 1, BUYERS - BAGS);
        assert_false(place[c->place]);
        place[c->place] = true;
        waits++;
    }
    assert_int_equal(granted, BAGS);
    assert_int_equal(waits, BUYERS - BAGS);
    assert_int_equal(test_number(k->t, "SELECT taken FROM deal"), BAGS);
    assert_string_equal(state_of(k), "sold_out");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        T(clock__opens_and_closes),
        T(clock__sells_out_and_opens_again),
        T(clock__who_waits_comes_before_the_open_deal),
        T(limit__counts_who_waits_and_every_door),
        T(start__needs_time_for_the_slowest_viewers),
        T(stop__by_staff_and_by_the_end_of_the_show),
        T(rush__ten_bags_and_sixty_buyers),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
