/* Pick-up orders made once, notices that move parcels forward only. */
#include "base/test.h"

#include "base/arena.h"
#include "ship/testkit.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- pick-up orders ---- */

static void parcel__is_ordered_once(void **state)
{
    json_t *p = NULL;
    (void)state;
    buy("cod", 2);
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_OK);
    const json_t *s = json_object_get(p, "shipment");
    assert_string_equal(test_text(s, "state"), "made");
    assert_string_equal(test_text(s, "payment_no"), "C9681067");
    assert_string_equal(test_text(p, "state"), "packed");
    assert_string_equal(test_text(p, "tracking"), "C9681067");
    assert_true(json_is_true(json_object_get(s, "can_label")));
    assert_int_equal(w->last.amount, test_amount(w->order, "total"));
    assert_true(w->last.collect);
    assert_string_equal(w->sender, "夜市小舖");
    assert_string_equal(w->receiver, "陳怡君");
    assert_string_equal(w->store, "131386");
    assert_string_equal(w->notify, "https://shop.test/api/v1/webhooks/ecpay/logistics/one");
    json_decref(p);
    made_now();
    tick(3600 * 1000);
    assert_int_equal(w->creates, 1);
    assert_int_equal(number("SELECT count(*) FROM audit WHERE action = 'parcel.ship'"), 1);
}

static void paid__parcel_collects_nothing(void **state)
{
    (void)state;
    buy("card", 3);
    made_now();
    assert_false(w->last.collect);
    assert_int_equal(w->last.amount, 300); /* what is in it is worth */
}

static void strangers__may_not(void **state)
{
    json_t *p = NULL;
    (void)state;
    buy("cod", 1);
    const struct room_who ann = test_buyer(ANN);
    assert_int_equal(ship_it(&w->t->rival, &p), ERR_NOT_FOUND);
    assert_int_equal(ship_it(&ann, &p), ERR_NOT_FOUND);
    assert_int_equal(ship_it(&w->t->moderator, &p), ERR_FORBIDDEN);
    assert_int_equal(ship_label(w->s, w->t->cx, &w->t->rival, w->parcel, &p), ERR_NOT_FOUND);
    assert_int_equal(ship_label(w->s, w->t->cx, &w->t->packer, w->parcel, &p), ERR_TRANSITION);
    assert_int_equal(w->creates, 0);
}

static void rules__are_told_before_anything_is_sent(void **state)
{
    json_t *p = NULL;
    (void)state;
    buy("card", 300); /* 30000 */
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_INPUT);
    assert_non_null(strstr(w->t->cx->problem, "'amount'"));
    test_exec(w->t->k->t, "UPDATE order_line SET unit_amount = 1");
    assert_int_equal(set_sender("c2c", "夜市小舖", NULL), ERR_OK);
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_INPUT);
    assert_non_null(strstr(w->t->cx->problem, "'sender_phone'"));
    assert_int_equal(set_sender("b2c", "夜市小舖", NULL), ERR_OK);
    test_exec(w->t->k->t, "UPDATE orders SET address = replace(address, '\"711\"', '\"ok\"')");
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_INPUT);
    assert_non_null(strstr(w->t->cx->problem, "'chain'"));
    assert_int_equal(set_sender("x2c", NULL, NULL), ERR_INPUT);
    assert_int_equal(set_sender("c2c", "王", NULL), ERR_INPUT);
    assert_int_equal(set_sender("c2c", NULL, "12"), ERR_INPUT);
    assert_int_equal(w->creates, 0);
    test_exec(w->t->k->t, "UPDATE order_line SET unit_amount = 100");
}

static void lost__is_asked_for_and_not_made_twice(void **state)
{
    json_t *p = NULL;
    (void)state;
    buy("cod", 1);
    w->mood = LOSE;
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_OK);
    assert_string_equal(test_text(json_object_get(p, "shipment"), "state"), "sent");
    json_decref(p);
    w->mood = WELL;
    tick(60 * 1000);
    shipment_is("made");
    assert_int_equal(w->creates, 1);
    assert_int_equal(w->asks, 1);
}

static void lost__and_not_there_goes_again_by_the_same_number(void **state)
{
    json_t *p = NULL;
    (void)state;
    buy("cod", 1);
    w->mood = LOSE_UNDONE;
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_OK);
    json_decref(p);
    w->mood = WELL;
    tick(60 * 1000);
    shipment_is("made");
    assert_int_equal(w->creates, 2);
    assert_int_equal(w->count, 1);
}

static void two_processes__order_once(void **state)
{
    (void)state;
    buy("cod", 1);
    w->reenter = true;
    made_now();
    assert_int_equal(w->creates, 1);
}

static void away__goes_on_by_itself(void **state)
{
    json_t *p = NULL;
    (void)state;
    buy("cod", 1);
    w->mood = AWAY;
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_OK);
    assert_string_equal(test_text(json_object_get(p, "shipment"), "state"), "queued");
    json_decref(p);
    tick(1000);
    assert_int_equal(w->creates, 1);
    w->mood = WELL;
    tick(3600 * 1000);
    shipment_is("made");
    assert_int_equal(w->asks, 0); /* nothing ever left here */
}

static void refused__is_staff_s_to_mend(void **state)
{
    json_t *p = NULL;
    char before[24];
    (void)state;
    buy("cod", 1);
    w->mood = REFUSE;
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_CONFLICT);
    assert_string_equal(w->t->cx->problem, "收件人姓名錯誤");
    shipment_is("refused");
    (void)snprintf(before, sizeof before, "%s", w->last.trade_no);
    tick(3600 * 1000);
    assert_int_equal(w->creates, 1);
    w->mood = WELL;
    made_now();
    assert_int_equal(w->creates, 2);
    assert_string_not_equal(before, w->made[0]);
}

static void many__are_queued_and_made_behind(void **state)
{
    json_t *items = NULL;
    (void)state;
    buy("cod", 1);
    json_t *ids = json_pack("[s,s]", w->parcel, "pcl_nobody");
    assert_int_equal(ship_parcels(w->s, w->t->cx, &w->t->packer, ids, &items), ERR_OK);
    assert_string_equal(test_text(json_array_get(items, 0), "state"), "queued");
    assert_true(json_is_false(json_object_get(json_array_get(items, 1), "ok")));
    assert_int_equal(w->creates, 0);
    tick(1000);
    shipment_is("made");
    json_decref(items);
    json_decref(ids);
}

static void label__is_the_contract_s_page(void **state)
{
    json_t *page = NULL;
    (void)state;
    buy("cod", 1);
    made_now();
    assert_int_equal(ship_label(w->s, w->t->cx, &w->t->packer, w->parcel, &page), ERR_OK);
    assert_string_equal(test_text(page, "action"),
                        "https://l.test/Express/PrintUniMartC2COrderInfo");
    const json_t *f = json_object_get(page, "fields");
    assert_string_equal(test_text(f, "CVSPaymentNo"), "C9681067");
    assert_int_equal(strlen(test_text(f, "CheckMacValue")), 32);
    assert_null(strstr(test_text(page, "action"), "XBERn1YOvpM9nfZc"));
    json_decref(page);
}

/* Lost, and meanwhile it could not be made as it is: what is there is there. */
static void lost__is_asked_for_whatever_became_of_the_parcel(void **state)
{
    json_t *p = NULL;
    (void)state;
    buy("cod", 1);
    w->mood = LOSE;
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_OK);
    json_decref(p);
    test_exec(w->t->k->t, "UPDATE orders SET address = replace(address, '陳怡君', '陳')");
    w->mood = WELL;
    w->accounts.env[ACCOUNT_ECPAY_LOGISTICS].name[0] = '\0';
    tick(60 * 1000);
    shipment_is("sent");
    w->accounts.env[ACCOUNT_ECPAY_LOGISTICS].name[0] = '2';
    tick(3600 * 1000);
    shipment_is("made");
    assert_int_equal(w->creates, 1);
}

/* It waited for ECPay, and meanwhile nobody wants it sent any more. */
static void cancelled__is_not_ordered(void **state)
{
    json_t *p = NULL;
    (void)state;
    buy("cod", 1);
    w->mood = AWAY;
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_OK);
    json_decref(p);
    const struct order_ref ref = test_ref(w->order);
    assert_int_equal(order_cancel_staff(w->t->o, w->t->cx, &w->t->owner, &ref, "gone", &p), ERR_OK);
    json_decref(p);
    w->mood = WELL;
    tick(3600 * 1000);
    assert_int_equal(w->creates, 1);
    shipment_is("refused");
}

/* ---- notices ---- */

static void notices__take_the_parcel_to_its_buyer(void **state)
{
    (void)state;
    buy("cod", 1);
    made_now();
    tell(300, 1);
    parcel_is("packed");
    tell(2068, 2);
    parcel_is("shipped");
    assert_int_equal(number("SELECT count(*) FROM payment WHERE state = 'pending'"), 1);
    assert_int_equal(number("SELECT count(*) FROM invoice WHERE state = 'queued'"), 1);
    tell(2073, 3);
    parcel_is("at_store");
    tell(2067, 4);
    parcel_is("collected");
    assert_int_equal(number("SELECT count(*) FROM payment WHERE state = 'collected'"), 1);
    assert_int_equal(number("SELECT count(*) FROM inbox WHERE state = 'done'"), 4);
    tell(2067, 4); /* once more */
    assert_int_equal(number("SELECT count(*) FROM inbox"), 4);
    assert_int_equal(number("SELECT count(*) FROM order_step WHERE what = 'collected'"), 1);
    assert_int_equal(number("SELECT count(*) FROM inbox WHERE body LIKE '%0912%'"), 0);
}

static void notices__out_of_order_go_forward_only(void **state)
{
    (void)state;
    buy("cod", 1);
    made_now();
    tell(2067, 40); /* fetched: the others were lost or are late */
    parcel_is("collected");
    tell(2073, 30);
    tell(2030, 20);
    tell(2074, 50);
    parcel_is("collected");
    assert_int_equal(number("SELECT count(*) FROM payment WHERE state = 'collected'"), 1);
    assert_int_equal(number("SELECT count(*) FROM shipment WHERE code = '2074'"), 1);
    assert_int_equal(number("SELECT count(*) FROM order_step WHERE what = 'at_store'"), 1);
}

static void notices__of_what_nobody_fetched(void **state)
{
    (void)state;
    buy("cod", 1);
    made_now();
    tell(2030, 1);
    tell(2063, 2);
    tell(2074, 3);
    parcel_is("returned");
    assert_int_equal(number("SELECT count(*) FROM payment WHERE state = 'refused'"), 1);
    assert_int_equal(number("SELECT uncollected FROM buyer_stat"), 1);
    tell(2067, 4);
    parcel_is("returned");
}

static void notices__of_nobody_are_kept_and_ignored(void **state)
{
    (void)state;
    buy("cod", 1);
    made_now();
    assert_int_equal(tell_of("999", 2067, "2026/11/23 10:00:00"), ERR_OK);
    parcel_is("packed");
    assert_int_equal(number("SELECT count(*) FROM inbox WHERE state = 'ignored'"), 1);
}

static void notice__proves_an_order_whose_answer_was_lost(void **state)
{
    json_t *p = NULL;
    (void)state;
    buy("cod", 1);
    w->mood = LOSE;
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_OK);
    json_decref(p);
    const struct parcel_notice n = {.provider_id = "1718542",
                                    .trade_no = w->made[0],
                                    .payment_no = "",
                                    .validation_no = "",
                                    .text = "",
                                    .at = "",
                                    .code = 2030};
    assert_int_equal(ship_notice(w->s, w->t->cx, 1, &n), ERR_OK);
    shipment_is("made");
    parcel_is("shipped");
    tick(3600 * 1000);
    assert_int_equal(w->creates, 1);
}

/* Staff had it elsewhere already: the notice is kept, ECPay need not repeat it. */
static void notice__that_cannot_be_acted_on_is_kept(void **state)
{
    (void)state;
    buy("cod", 1);
    made_now();
    test_exec(w->t->k->t, "UPDATE payment SET state = 'failed'");
    tell(2030, 1);
    parcel_is("packed");
    assert_int_equal(number("SELECT count(*) FROM inbox WHERE state = 'failed'"), 1);
    test_exec(w->t->k->t, "UPDATE payment SET state = 'created'");
}

#include "ship/pick.sql.h"
#define X(q) assert_int_equal(test_check_sql(t, &(q)), ERR_OK);
static void pick_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "ship/ship.sql.h"
static void ship_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#undef X

static void sql__every_statement_prepares_in_order(void **state)
{
    (void)state;
    pick_ok(w->t->k->t);
    ship_ok(w->t->k->t);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, test_ship_make, test_ship_drop)
    static const struct CMUnitTest tests[] = {
        T(parcel__is_ordered_once),
        T(paid__parcel_collects_nothing),
        T(strangers__may_not),
        T(rules__are_told_before_anything_is_sent),
        T(lost__is_asked_for_and_not_made_twice),
        T(lost__and_not_there_goes_again_by_the_same_number),
        T(two_processes__order_once),
        T(away__goes_on_by_itself),
        T(refused__is_staff_s_to_mend),
        T(many__are_queued_and_made_behind),
        T(label__is_the_contract_s_page),
        T(lost__is_asked_for_whatever_became_of_the_parcel),
        T(cancelled__is_not_ordered),
        T(notices__take_the_parcel_to_its_buyer),
        T(notices__out_of_order_go_forward_only),
        T(notices__of_what_nobody_fetched),
        T(notices__of_nobody_are_kept_and_ignored),
        T(notice__proves_an_order_whose_answer_was_lost),
        T(notice__that_cannot_be_acted_on_is_kept),
        T(sql__every_statement_prepares_in_order),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
