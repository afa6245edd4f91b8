#include "base/test.h"

#include "base/arena.h"
#include "order/testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MUG = 1, HAT = 2, ANN = 1, BOB = 2 };
#define DAY_MS INT64_C(86400000)

static int make(void **state)
{
    struct test_orders *t = test_orders_make();
    test_variant(t->k, MUG, 50);
    test_variant(t->k, HAT, 5);
    *state = t;
    return 0;
}

static int drop(void **state)
{
    test_orders_free(*state);
    return 0;
}

static int64_t number(struct test_orders *t, const char *sql)
{
    return test_number(t->k->t, sql);
}

static const char *const TO_SHIPPED[] = {"packed", "shipped", NULL};
static const char *const TO_COLLECTED[] = {"packed", "shipped", "at_store", "collected", NULL};
static const char *const TO_RETURNED[] = {"packed", "shipped", "at_store", "returned", NULL};

/* Memory of its own for a step: a test may take many. The caller frees the arena. */
static struct cx fresh(const struct test_orders *t)
{
    struct cx cx = {.arena = arena_make(1 << 20), .now_ms = t->cx->now_ms};
    assert_non_null(cx.arena);
    return cx;
}

static enum err parcel(struct test_orders *t, const char *id, const struct parcel_set *set)
{
    json_t *p = NULL;
    struct cx cx = fresh(t);
    enum err e = parcel_edit(t->o, &cx, &t->packer, id, set, &p);
    json_decref(p);
    arena_free(cx.arena);
    return e;
}

static enum err cancel(struct test_orders *t, const json_t *order)
{
    json_t *after = NULL;
    const struct room_who ann = test_buyer(ANN);
    const struct order_ref ref = test_ref(order);
    enum err e = order_cancel(t->o, t->cx, &ann, &ref, &after);
    json_decref(after);
    return e;
}

static enum err cancel_staff(struct test_orders *t, const struct room_who *who, const json_t *order)
{
    json_t *after = NULL;
    const struct order_ref ref = test_ref(order);
    enum err e = order_cancel_staff(t->o, t->cx, who, &ref, NULL, &after);
    json_decref(after);
    return e;
}

/* ---- cancelling ---- */

static void cancel__gives_units_back_until_it_is_packed(void **state)
{
    struct test_orders *t = *state;
    json_t *first = test_order(t, ANN, HAT, 5, "cod"), *second;
    assert_int_equal(test_total(t->k, HAT), 0);
    assert_int_equal(cancel(t, first), ERR_OK);
    assert_int_equal(test_total(t->k, HAT), 5);
    assert_int_equal(cancel(t, first), ERR_TRANSITION);
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'failed'"), 1);
    second = test_order(t, ANN, HAT, 2, "cod");
    free(test_parcel(t, second, TO_SHIPPED + 2)); /* made, and nothing more */
    assert_int_equal(cancel(t, second), ERR_TRANSITION);
    assert_int_equal(cancel_staff(t, &t->manager, second), ERR_OK);
    assert_int_equal(number(t, "SELECT count(*) FROM parcel WHERE state = 'void'"), 1);
    assert_int_equal(test_total(t->k, HAT), 5);
    json_decref(first);
    json_decref(second);
}

static void cancel__not_once_a_carrier_has_it(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, HAT, 1, "cod");
    free(test_parcel(t, order, TO_SHIPPED));
    assert_int_equal(cancel_staff(t, &t->owner, order), ERR_TRANSITION);
    assert_int_equal(test_total(t->k, HAT), 4);
    json_decref(order);
}

static void cancel__of_a_paid_order_refunds_it(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, HAT, 1, "card");
    assert_int_equal(test_paid(t, number(t, "SELECT max(id) FROM payment"), 200, "TWD"), ERR_OK);
    assert_int_equal(cancel(t, order), ERR_TRANSITION); /* the buyer asks the shop */
    assert_int_equal(cancel_staff(t, &t->rival, order), ERR_NOT_FOUND);
    assert_int_equal(cancel_staff(t, &t->moderator, order), ERR_FORBIDDEN);
    assert_int_equal(cancel_staff(t, &t->manager, order), ERR_OK);
    assert_int_equal(number(t, "SELECT sum(amount) FROM refund"), 200);
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'refunded'"), 1);
    assert_int_equal(test_total(t->k, HAT), 5);
    assert_int_equal(number(t, "SELECT count(*) FROM audit WHERE action = 'order.cancel'"), 1);
    json_decref(order);
}

/* ---- the way of a parcel ---- */

static json_t *seen_by_staff(struct test_orders *t, const json_t *order)
{
    struct db *db;
    json_t *seen = NULL;
    struct cx cx = fresh(t);
    const struct order_ref ref = test_ref(order);
    assert_int_equal(store_read(t->k->t->store, &db), ERR_OK);
    enum err e = order_read_staff(db, &cx, &t->owner, &ref, &seen);
    store_read_end(db);
    arena_free(cx.arena);
    assert_int_equal(e, ERR_OK);
    return seen;
}

static const char *status_of(struct test_orders *t, const json_t *order)
{
    static char status[20];
    json_t *seen = seen_by_staff(t, order);
    (void)snprintf(status, sizeof status, "%s", test_text(seen, "status"));
    json_decref(seen);
    return status;
}

static void parcel__collects_the_money_and_completes_the_order(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, MUG, 2, "cod");
    char *id = test_parcel(t, order, TO_COLLECTED);
    assert_int_equal(number(t, "SELECT cod_amount FROM parcel"), 300);
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'collected'"), 1);
    assert_int_equal(parcel(t, id, &(struct parcel_set){.settled = true}), ERR_OK);
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'settled'"), 1);
    orders_tick(t->o, t->cx->now_ms + 7 * DAY_MS);
    assert_int_equal(number(t, "SELECT count(*) FROM orders WHERE state = 'completed'"), 0);
    orders_tick(t->o, t->cx->now_ms + 9 * DAY_MS);
    assert_int_equal(number(t, "SELECT count(*) FROM orders WHERE state = 'completed'"), 1);
    free(id);
    json_decref(order);
}

static void parcel__not_collected_comes_back_and_is_remembered(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, HAT, 5, "cod");
    char *id = test_parcel(t, order, TO_RETURNED);
    assert_int_equal(test_total(t->k, HAT), 0);
    assert_int_equal(parcel(t, id, &(struct parcel_set){.inspected = true}), ERR_OK);
    assert_int_equal(test_total(t->k, HAT), 5);
    assert_int_equal(parcel(t, id, &(struct parcel_set){.inspected = true}), ERR_TRANSITION);
    assert_int_equal(test_total(t->k, HAT), 5);
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'refused'"), 1);
    assert_int_equal(number(t, "SELECT uncollected FROM buyer_stat WHERE viewer_id = 1"), 1);
    assert_int_equal(number(t, "SELECT count(*) FROM orders WHERE state = 'cancelled'"), 1);
    assert_string_equal(status_of(t, order), "returned");
    assert_int_equal(cancel_staff(t, &t->owner, order), ERR_TRANSITION);
    assert_int_equal(test_total(t->k, HAT), 5);
    free(id);
    json_decref(order);
}

static char *part(struct test_orders *t, const json_t *order, int64_t qty)
{
    json_t *list = NULL, *lines = json_pack("[{s:i,s:I}]", "no", 1, "qty", (json_int_t)qty);
    const struct order_ref ref = test_ref(order);
    const struct parcel_new ask = {.orders = &ref, .count = 1, .lines = lines};
    assert_int_equal(parcel_make(t->o, t->cx, &t->packer, &ask, &list), ERR_OK);
    char *id = strdup(test_text(json_array_get(list, 0), "id"));
    json_decref(lines);
    json_decref(list);
    return id;
}

static void travel(struct test_orders *t, const char *id, const char *const *states)
{
    for (; *states; states++)
        assert_int_equal(parcel(t, id, &(struct parcel_set){.state = *states}), ERR_OK);
}

/* One of two parcels comes back: what arrived is the order, and its days of return begin. */
static void parcel__that_comes_back_alone_does_not_hold_up_the_order(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, MUG, 3, "cod");
    char *one = part(t, order, 1), *two = part(t, order, 2);
    travel(t, one, TO_COLLECTED);
    travel(t, two, TO_RETURNED);
    assert_int_equal(number(t, "SELECT count(*) FROM orders WHERE done_at IS NULL"), 1);
    assert_int_equal(parcel(t, two, &(struct parcel_set){.inspected = true}), ERR_OK);
    assert_int_equal(test_total(t->k, MUG), 49);
    assert_int_equal(number(t, "SELECT count(*) FROM orders WHERE done_at IS NULL"), 0);
    assert_int_equal(cancel_staff(t, &t->owner, order), ERR_TRANSITION);
    free(one);
    free(two);
    json_decref(order);
}

/* Money is here: a person decides. What was broken on its way does not come into stock. */
static void parcel__paid_and_not_collected_is_cancelled_by_staff(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, HAT, 3, "card"), *one = NULL;
    assert_int_equal(test_paid(t, number(t, "SELECT max(id) FROM payment"), 400, "TWD"), ERR_OK);
    char *id = part(t, order, 2);
    travel(t, id, TO_RETURNED);
    assert_int_equal(cancel_staff(t, &t->owner, order), ERR_TRANSITION);
    one = json_pack("[{s:i,s:i}]", "no", 1, "qty", 1);
    const struct parcel_set set = {.inspected = true, .restock = one};
    assert_int_equal(parcel(t, id, &set), ERR_OK);
    assert_int_equal(number(t, "SELECT count(*) FROM orders WHERE state = 'confirmed'"), 1);
    assert_int_equal(test_total(t->k, HAT), 3);
    assert_int_equal(cancel_staff(t, &t->owner, order), ERR_OK);
    assert_int_equal(test_total(t->k, HAT), 4); /* and the one that never left */
    assert_int_equal(number(t, "SELECT sum(amount) FROM refund"), 400);
    free(id);
    json_decref(one);
    json_decref(order);
}

static void parcel__holds_a_unit_once_and_refuses_leaps(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, MUG, 2, "cod"), *list = NULL;
    const struct order_ref ref = test_ref(order);
    char *id = test_parcel(t, order, TO_SHIPPED + 2);
    const struct parcel_new again = {.orders = &ref, .count = 1};
    assert_int_equal(parcel_make(t->o, t->cx, &t->packer, &again, &list), ERR_CONFLICT);
    assert_int_equal(parcel(t, id, &(struct parcel_set){.state = "collected"}), ERR_TRANSITION);
    assert_int_equal(parcel(t, id, &(struct parcel_set){.state = "void"}), ERR_OK);
    assert_int_equal(parcel_make(t->o, t->cx, &t->packer, &again, &list), ERR_OK);
    json_decref(list);
    assert_int_equal(parcel_make(t->o, t->cx, &t->rival, &again, &list), ERR_NOT_FOUND);
    assert_int_equal(parcel_make(t->o, t->cx, &t->moderator, &again, &list), ERR_FORBIDDEN);
    free(id);
    json_decref(order);
}

/* ---- refunds ---- */

static enum err refund(struct test_orders *t, const struct room_who *who, const json_t *order,
                       int64_t amount, const char *lines, const char *idem)
{
    json_t *after = NULL, *in = lines ? json_loads(lines, 0, NULL) : NULL;
    const struct order_ref ref = test_ref(order);
    bool again;
    const struct refund_ask ask = {.amount = amount, .lines = in, .reason = "why", .idem = idem};
    enum err e = order_refund(t->o, t->cx, who, &ref, &ask, &after, &again);
    json_decref(after);
    json_decref(in);
    return e;
}

/* I7 */
static void parcel__of_what_was_paid_back_is_not_packed(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, MUG, 3, "card"), *list = NULL, *pack = NULL;
    const struct order_ref ref = test_ref(order);
    const struct parcel_new ask = {.orders = &ref, .count = 1};
    struct db *db;
    assert_int_equal(test_paid(t, number(t, "SELECT max(id) FROM payment"), 400, "TWD"), ERR_OK);
    char *id = test_parcel(t, order, TO_SHIPPED + 2);
    assert_int_equal(refund(t, &t->owner, order, 400, NULL, "a"), ERR_OK);
    assert_int_equal(parcel(t, id, &(struct parcel_set){.state = "packed"}), ERR_CONFLICT);
    assert_int_equal(parcel(t, id, &(struct parcel_set){.state = "void"}), ERR_OK);
    assert_int_equal(parcel_make(t->o, t->cx, &t->packer, &ask, &list), ERR_CONFLICT);
    assert_int_equal(store_read(t->k->t->store, &db), ERR_OK);
    assert_int_equal(packing_list(db, t->cx, &t->packer, NULL, NULL, &pack), ERR_OK);
    store_read_end(db);
    assert_int_equal(json_array_size(json_object_get(pack, "orders")), 0);
    json_decref(pack);
    free(id);
    json_decref(order);
}

static void refund__never_passes_what_was_paid(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, MUG, 3, "card");
    assert_int_equal(refund(t, &t->owner, order, 10, NULL, "a"), ERR_TRANSITION);
    assert_int_equal(test_paid(t, number(t, "SELECT max(id) FROM payment"), 400, "TWD"), ERR_OK);
    assert_int_equal(refund(t, &t->moderator, order, 10, NULL, "a"), ERR_FORBIDDEN);
    assert_int_equal(refund(t, &t->packer, order, 10, NULL, "a"), ERR_FORBIDDEN);
    assert_int_equal(refund(t, &t->rival, order, 10, NULL, "a"), ERR_NOT_FOUND);
    assert_int_equal(refund(t, &t->owner, order, 401, NULL, "a"), ERR_CONFLICT);
    assert_int_equal(refund(t, &t->owner, order, 100, NULL, "a"), ERR_OK);
    assert_int_equal(refund(t, &t->owner, order, 100, NULL, "a"), ERR_OK); /* the same key */
    assert_int_equal(number(t, "SELECT sum(amount) FROM refund"), 100);
    assert_int_equal(refund(t, &t->owner, order, 0, "[{\"no\":1,\"qty\":2}]", "b"), ERR_OK);
    assert_int_equal(number(t, "SELECT sum(amount) FROM refund"), 300);
    assert_int_equal(refund(t, &t->owner, order, 0, "[{\"no\":1,\"qty\":2}]", "c"), ERR_CONFLICT);
    assert_int_equal(refund(t, &t->owner, order, 101, NULL, "d"), ERR_CONFLICT);
    assert_int_equal(refund(t, &t->owner, order, 100, NULL, "e"), ERR_OK);
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'refunded'"), 1);
    assert_int_equal(number(t, "SELECT count(*) FROM audit WHERE action = 'order.refund'"), 3);
    assert_int_equal(number(t, "SELECT count(*) FROM audit WHERE action = 'order.refund'"
                               " AND after LIKE '%\"amount\":200,%'"),
                     1);
    json_decref(order);
}

static void refund__at_the_door_is_paid_back_by_hand(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, MUG, 1, "cod"), *after = NULL;
    free(test_parcel(t, order, TO_COLLECTED));
    assert_int_equal(refund(t, &t->manager, order, 50, NULL, "a"), ERR_OK);
    const struct order_ref ref = test_ref(order);
    struct db *db;
    json_t *seen = NULL;
    assert_int_equal(store_read(t->k->t->store, &db), ERR_OK);
    assert_int_equal(order_read_staff(db, t->cx, &t->owner, &ref, &seen), ERR_OK);
    store_read_end(db);
    assert_string_equal(test_text(seen, "status"), "refunding");
    const char *id = test_text(json_array_get(json_object_get(seen, "refunds"), 0), "id");
    assert_int_equal(
        order_refund_set(t->o, t->cx, &t->rival, id, &(struct refund_set){.state = "done"}, &after),
        ERR_NOT_FOUND);
    assert_int_equal(order_refund_set(t->o, t->cx, &t->manager, id,
                                      &(struct refund_set){.state = "done", .note = "by bank"},
                                      &after),
                     ERR_OK);
    assert_int_equal(test_amount(after, "refunded"), 50);
    assert_string_equal(test_text(after, "status"), "collected");
    json_decref(after);
    json_decref(seen);
    json_decref(order);
}

/* The newest of its refunds. */
static void refund_to(struct test_orders *t, const json_t *order, const char *state)
{
    json_t *seen = seen_by_staff(t, order), *after = NULL;
    const json_t *list = json_object_get(seen, "refunds");
    const char *id = test_text(json_array_get(list, json_array_size(list) - 1), "id");
    struct cx cx = fresh(t);
    assert_int_equal(
        order_refund_set(t->o, &cx, &t->manager, id, &(struct refund_set){.state = state}, &after),
        ERR_OK);
    arena_free(cx.arena);
    json_decref(after);
    json_decref(seen);
}

static void refund__that_failed_can_be_made_anew(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, MUG, 1, "card");
    assert_int_equal(test_paid(t, number(t, "SELECT max(id) FROM payment"), 200, "TWD"), ERR_OK);
    assert_int_equal(refund(t, &t->owner, order, 200, NULL, "a"), ERR_OK);
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'refunded'"), 1);
    refund_to(t, order, "sent");
    refund_to(t, order, "failed");
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'paid'"), 1);
    assert_int_equal(refund(t, &t->owner, order, 50, NULL, "b"), ERR_OK);
    refund_to(t, order, "sent");
    refund_to(t, order, "failed");
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'paid'"), 1);
    refund_to(t, order, "queued");
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'part_refunded'"), 1);
    assert_int_equal(cancel_staff(t, &t->owner, order), ERR_OK); /* what is left goes too (I8) */
    assert_int_equal(number(t, "SELECT refunded FROM payment"), 200);
    refund_to(t, order, "sent");
    refund_to(t, order, "failed");
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'orphaned'"), 1);
    refund_to(t, order, "queued");
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'refunded'"), 1);
    json_decref(order);
}

/* The carrier hands over all it collected, whatever went back to the buyer meanwhile. */
static void refund__of_a_part_leaves_the_cash_to_be_settled(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, MUG, 1, "cod");
    char *id = test_parcel(t, order, TO_COLLECTED);
    assert_int_equal(refund(t, &t->manager, order, 50, NULL, "a"), ERR_OK);
    assert_int_equal(parcel(t, id, &(struct parcel_set){.settled = true}), ERR_OK);
    assert_int_equal(refund(t, &t->manager, order, 50, NULL, "b"), ERR_OK);
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'settled'"), 1);
    assert_int_equal(refund(t, &t->manager, order, 101, NULL, "c"), ERR_CONFLICT);
    assert_int_equal(refund(t, &t->manager, order, 100, NULL, "d"), ERR_OK);
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'refunded'"), 1);
    refund_to(t, order, "sent");
    refund_to(t, order, "failed"); /* the cash is where it was: the shop has it */
    assert_int_equal(number(t, "SELECT count(*) FROM payment WHERE state = 'settled'"), 1);
    free(id);
    json_decref(order);
}

/* ---- returns ---- */

static enum err ask_return(struct test_orders *t, const json_t *order, const char *idem,
                           struct return_refusal *why)
{
    json_t *after = NULL, *lines = json_pack("[{s:i,s:i}]", "no", 1, "qty", 1);
    const struct room_who ann = test_buyer(ANN);
    const struct order_ref ref = test_ref(order);
    const struct return_ask ask = {.lines = lines, .reason = "too small", .idem = idem};
    bool again;
    *why = (struct return_refusal){.reason = NULL};
    enum err e = return_open(t->o, t->cx, &ann, &ref, &ask, why, &after, &again);
    json_decref(after);
    json_decref(lines);
    return e;
}

static enum err set_return(struct test_orders *t, const struct room_who *who, const char *id,
                           const char *state)
{
    json_t *after = NULL;
    const struct return_set set = {.state = state, .restock = true};
    enum err e = return_edit(t->o, t->cx, who, id, &set, &after);
    json_decref(after);
    return e;
}

static const char *return_id(struct test_orders *t, const json_t *order)
{
    static char id[ID_TEXT];
    struct db *db;
    json_t *seen = NULL;
    const struct room_who ann = test_buyer(ANN);
    const struct order_ref ref = test_ref(order);
    assert_int_equal(store_read(t->k->t->store, &db), ERR_OK);
    assert_int_equal(order_read(db, t->cx, &ann, &ref, &seen), ERR_OK);
    store_read_end(db);
    json_t *returns = json_object_get(seen, "returns");
    (void)snprintf(id, sizeof id, "%s",
                   test_text(json_array_get(returns, json_array_size(returns) - 1), "id"));
    json_decref(seen);
    return id;
}

static void return__is_decided_by_the_day_it_is_asked(void **state)
{
    struct test_orders *t = *state;
    struct return_refusal why;
    json_t *order = test_order(t, ANN, MUG, 3, "cod");
    assert_int_equal(ask_return(t, order, "a", &why), ERR_RETURN_REFUSED);
    assert_string_equal(why.reason, "not_delivered");
    /* 2026-11-22 16:10 in Taipei: the last day is the 29th, to its last millisecond */
    t->cx->now_ms = INT64_C(1795335000000);
    free(test_parcel(t, order, TO_COLLECTED));
    t->cx->now_ms = INT64_C(1795967999999);
    assert_int_equal(ask_return(t, order, "a", &why), ERR_OK);
    assert_int_equal(ask_return(t, order, "a", &why), ERR_OK); /* the same key */
    assert_int_equal(number(t, "SELECT count(*) FROM return_case"), 1);
    t->cx->now_ms++;
    assert_int_equal(ask_return(t, order, "b", &why), ERR_RETURN_REFUSED);
    assert_string_equal(why.reason, "too_late");
    assert_string_equal(why.last_day, "2026-11-29");
    assert_int_equal(set_return(t, &t->owner, return_id(t, order), "refused"), ERR_TRANSITION);
    json_decref(order);
}

static void return__sends_units_and_money_back(void **state)
{
    struct test_orders *t = *state;
    struct return_refusal why;
    json_t *order = test_order(t, ANN, MUG, 2, "cod");
    free(test_parcel(t, order, TO_COLLECTED));
    assert_int_equal(ask_return(t, order, "a", &why), ERR_OK);
    const char *id = return_id(t, order);
    assert_int_equal(set_return(t, &t->rival, id, "approved"), ERR_NOT_FOUND);
    assert_int_equal(set_return(t, &t->packer, id, "approved"), ERR_FORBIDDEN);
    assert_int_equal(set_return(t, &t->manager, id, "refunded"), ERR_TRANSITION);
    assert_int_equal(set_return(t, &t->manager, id, "approved"), ERR_OK);
    assert_int_equal(set_return(t, &t->manager, id, "received"), ERR_OK);
    assert_int_equal(test_total(t->k, MUG), 49);
    assert_int_equal(set_return(t, &t->manager, id, "refunded"), ERR_OK);
    assert_int_equal(number(t, "SELECT sum(amount) FROM refund"), 100);
    assert_int_equal(number(t, "SELECT qty_refunded FROM order_line"), 1);
    json_decref(order);
}

static void return__exempt_goods_stay(void **state)
{
    struct test_orders *t = *state;
    struct return_refusal why;
    test_exec(t->k->t, "UPDATE product SET exempt = 'hygiene'");
    (void)json_array_append_new(t->exempt, json_integer(1));
    json_t *order = test_order(t, ANN, MUG, 1, "cod");
    free(test_parcel(t, order, TO_COLLECTED));
    assert_int_equal(ask_return(t, order, "a", &why), ERR_RETURN_REFUSED);
    assert_string_equal(why.reason, "exempt");
    json_decref(order);
}

/* ---- prizes, people ---- */

static void prize__costs_nothing_and_is_sent_free(void **state)
{
    struct test_orders *t = *state;
    struct cart_add add = test_add_of(ANN, HAT, 1);
    struct cart_added got;
    json_t *order = NULL, *invoice = t->invoice;
    add.source = LINE_PRIZE;
    add.unit_amount = 0;
    assert_int_equal(test_add_do(t->k, &add, &got), ERR_OK);
    t->invoice = NULL; /* nothing to invoice */
    assert_int_equal(test_checkout(t, ANN, "none", "prize", &order), ERR_OK);
    t->invoice = invoice;
    assert_int_equal(test_amount(order, "total"), 0);
    assert_string_equal(test_text(order, "state"), "confirmed");
    assert_int_equal(number(t, "SELECT count(*) FROM payment"), 0);
    assert_int_equal(test_total(t->k, HAT), 4);
    json_decref(order);
}

static enum err merge_job(struct tx *tx, void *arg)
{
    struct stock_turn turn;
    (void)arg;
    turn_begin(&turn, tx, NULL);
    enum err e = order_merge(&turn, ANN, BOB);
    return e ? e : turn_end(&turn);
}

static void merge__moves_orders_and_adds_the_record(void **state)
{
    struct test_orders *t = *state;
    json_t *a = test_order(t, ANN, HAT, 1, "card"), *b = test_order(t, BOB, HAT, 1, "card");
    orders_tick(t->o, t->cx->now_ms + 15 * 60000);
    assert_int_equal(store_do(t->k->t->store, t->cx, "test.merge", merge_job, NULL), ERR_OK);
    assert_int_equal(number(t, "SELECT count(*) FROM orders WHERE viewer_id = 2"), 2);
    assert_int_equal(number(t, "SELECT abandoned FROM buyer_stat WHERE viewer_id = 2"), 2);
    assert_int_equal(number(t, "SELECT count(*) FROM buyer_stat"), 1);
    json_decref(a);
    json_decref(b);
}

/* ---- who may see ---- */

static void read__is_for_its_buyer_its_link_and_its_shop(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, MUG, 1, "cod"), *seen = NULL;
    const struct room_who ann = test_buyer(ANN), bob = test_buyer(BOB), nobody = {.viewer_id = 0};
    struct order_ref ref = test_ref(order);
    struct db *db;
    assert_int_equal(store_read(t->k->t->store, &db), ERR_OK);
    assert_int_equal(order_read(db, t->cx, &ann, &ref, &seen), ERR_OK);
    json_decref(seen);
    assert_int_equal(order_read(db, t->cx, &bob, &ref, &seen), ERR_NOT_FOUND);
    assert_int_equal(order_read(db, t->cx, &nobody, &ref, &seen), ERR_NOT_FOUND);
    assert_int_equal(order_read_staff(db, t->cx, &t->rival, &ref, &seen), ERR_NOT_FOUND);
    assert_int_equal(order_read_staff(db, t->cx, &t->moderator, &ref, &seen), ERR_FORBIDDEN);
    ref.secret = "wrong";
    assert_int_equal(order_read(db, t->cx, &nobody, &ref, &seen), ERR_NOT_FOUND);
    ref.secret = test_text(order, "secret");
    assert_int_equal(order_read(db, t->cx, &nobody, &ref, &seen), ERR_OK);
    assert_null(json_object_get(seen, "secret"));
    store_read_end(db);
    json_decref(seen);
    json_decref(order);
}

static void labels__show_what_goes_where(void **state)
{
    struct test_orders *t = *state;
    json_t *order = test_order(t, ANN, MUG, 2, "cod");
    char *id = test_parcel(t, order, TO_SHIPPED + 2);
    struct buf b;
    struct db *db;
    buf_init(&b, 100000);
    assert_int_equal(store_read(t->k->t->store, &db), ERR_OK);
    enum err e = label_pages(db, t->cx, &t->packer, NULL, id, &b);
    store_read_end(db);
    assert_int_equal(e, ERR_OK);
    assert_non_null(strstr(b.data, "陳怡君"));
    assert_non_null(strstr(b.data, "NT$300"));
    assert_non_null(strstr(b.data, test_text(order, "no")));
    buf_clear(&b);
    assert_int_equal(store_read(t->k->t->store, &db), ERR_OK);
    e = label_pages(db, t->cx, &t->rival, NULL, id, &b);
    store_read_end(db);
    assert_int_equal(e, ERR_NOT_FOUND);
    buf_done(&b);
    free(id);
    json_decref(order);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make, drop)
    static const struct CMUnitTest tests[] = {
        T(cancel__gives_units_back_until_it_is_packed),
        T(cancel__not_once_a_carrier_has_it),
        T(cancel__of_a_paid_order_refunds_it),
        T(parcel__collects_the_money_and_completes_the_order),
        T(parcel__not_collected_comes_back_and_is_remembered),
        T(parcel__that_comes_back_alone_does_not_hold_up_the_order),
        T(parcel__paid_and_not_collected_is_cancelled_by_staff),
        T(parcel__holds_a_unit_once_and_refuses_leaps),
        T(parcel__of_what_was_paid_back_is_not_packed),
        T(refund__never_passes_what_was_paid),
        T(refund__at_the_door_is_paid_back_by_hand),
        T(refund__that_failed_can_be_made_anew),
        T(refund__of_a_part_leaves_the_cash_to_be_settled),
        T(return__is_decided_by_the_day_it_is_asked),
        T(return__sends_units_and_money_back),
        T(return__exempt_goods_stay),
        T(prize__costs_nothing_and_is_sent_free),
        T(merge__moves_orders_and_adds_the_record),
        T(read__is_for_its_buyer_its_link_and_its_shop),
        T(labels__show_what_goes_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
