#include "base/test.h"

#include "base/arena.h"
#include "catalog/market.h"
#include "order/address.h"
#include "order/day.h"
#include "order/state.h"

#include <string.h>

static void tax_id__by_the_rule_of_2023(void **state)
{
    (void)state;
    assert_true(tax_id_ok("04595257"));
    assert_true(tax_id_ok("10458575")); /* a 7 in the seventh place */
    assert_false(tax_id_ok("04595253"));
    assert_false(tax_id_ok("0459525"));
    assert_false(tax_id_ok("0459525a"));
    assert_false(tax_id_ok(""));
}

static void carrier__is_a_slash_and_seven(void **state)
{
    (void)state;
    assert_true(carrier_ok("/ABC1234"));
    assert_true(carrier_ok("/A.+-123"));
    assert_false(carrier_ok("/ABC123"));
    assert_false(carrier_ok("/abc1234"));
    assert_false(carrier_ok("ABC12345"));
    assert_true(love_code_ok("168"));
    assert_false(love_code_ok("12345678"));
}

static void phone__is_made_one_shape(void **state)
{
    const struct market *tw = market_find("TW"), *th = market_find("TH");
    char out[PHONE_SIZE];
    (void)state;
    assert_int_equal(phone_tidy(tw, "0912 345-678", out), ERR_OK);
    assert_string_equal(out, "0912345678");
    assert_int_equal(phone_tidy(tw, "+886 912345678", out), ERR_OK);
    assert_string_equal(out, "0912345678");
    assert_int_equal(phone_tidy(tw, "02 2345 6789", out), ERR_INPUT);
    assert_int_equal(phone_tidy(tw, "091234567", out), ERR_INPUT);
    assert_int_equal(phone_tidy(tw, "09123456789012345678", out), ERR_INPUT);
    assert_int_equal(phone_tidy(th, "+66 81 234 5678", out), ERR_OK);
    assert_string_equal(out, "0812345678");
    assert_int_equal(phone_tidy(th, "02 123 4567", out), ERR_OK);
    assert_int_equal(phone_tidy(th, "0912345", out), ERR_INPUT);
}

static enum err check(struct cx *cx, const char *market, enum delivery d, const char *json)
{
    const char *text;
    json_t *in = json_loads(json, 0, NULL);
    enum err e = address_check(cx, market_find(market), d, in, &text);
    json_decref(in);
    return e;
}

static void address__names_the_field_and_never_its_text(void **state)
{
    struct cx cx = {.arena = arena_make(100000)};
    (void)state;
    assert_int_equal(check(&cx, "TW", DELIVERY_HOME,
                           "{\"name\":\"A\",\"phone\":\"0912345678\",\"postcode\":\"106\","
                           "\"city\":\"c\",\"district\":\"d\",\"line\":\"a street\"}"),
                     ERR_OK);
    assert_int_equal(check(&cx, "TW", DELIVERY_HOME,
                           "{\"name\":\"A\",\"phone\":\"0912345678\",\"postcode\":\"106\","
                           "\"city\":\"c\",\"district\":\"d\",\"line\":\"a street\","
                           "\"email\":\" a@b.c \"}"),
                     ERR_OK);
    assert_int_equal(check(&cx, "TW", DELIVERY_HOME,
                           "{\"name\":\"A\",\"phone\":\"0912345678\",\"postcode\":\"106\","
                           "\"city\":\"c\",\"district\":\"d\",\"line\":\"a street\","
                           "\"email\":\"a@b.c, x@y.z\"}"),
                     ERR_INPUT);
    assert_non_null(strstr(cx.problem, "'address.email'"));
    assert_int_equal(check(&cx, "TW", DELIVERY_HOME,
                           "{\"name\":\"A\",\"phone\":\"5550001\",\"postcode\":\"106\"}"),
                     ERR_INPUT);
    assert_non_null(strstr(cx.problem, "'address.phone'"));
    assert_null(strstr(cx.problem, "555"));
    assert_int_equal(check(&cx, "TH", DELIVERY_HOME,
                           "{\"name\":\"A\",\"phone\":\"0812345678\",\"postcode\":\"10110\","
                           "\"city\":\"c\",\"district\":\"d\",\"line\":\"a street\"}"),
                     ERR_INPUT);
    assert_non_null(strstr(cx.problem, "'address.subdistrict'"));
    assert_int_equal(check(&cx, "TW", DELIVERY_CVS,
                           "{\"name\":\"AB\",\"phone\":\"0912345678\",\"chain\":\"711\","
                           "\"store_id\":\"123456\",\"store_name\":\"x\"}"),
                     ERR_OK);
    assert_int_equal(check(&cx, "TW", DELIVERY_CVS,
                           "{\"name\":\"AB\",\"phone\":\"0912345678\",\"chain\":\"9\"}"),
                     ERR_INPUT);
    assert_int_equal(check(&cx, "TW", DELIVERY_HOME, "[]"), ERR_INPUT);
    assert_int_equal(check(&cx, "TW", DELIVERY_HOME, "{\"name\":7}"), ERR_INPUT);
    assert_int_equal(check(&cx, "TW", DELIVERY_HOME, "{\"name\":null}"), ERR_INPUT);
    arena_free(cx.arena);
}

static void day__ends_at_local_midnight(void **state)
{
    const struct market *tw = market_find("TW"), *th = market_find("TH");
    char day[DAY_TEXT], no[ORDER_DAY_TEXT];
    (void)state;
    int64_t at = INT64_C(1795363199999); /* 2026-11-22T15:59:59.999Z */
    day_text(tw, at, day);
    assert_string_equal(day, "2026-11-22");
    assert_int_equal(day_end(tw, at), at);
    day_text(tw, at + 1, day);
    assert_string_equal(day, "2026-11-23");
    day_text(th, at + 1, day);
    assert_string_equal(day, "2026-11-22");
    day_order_text(tw, at, no);
    assert_string_equal(no, "T261122");
    day_order_text(th, at, no);
    assert_string_equal(no, "H261122");
    assert_int_equal(day_end_after(tw, at - 5, 7), at + INT64_C(7) * 86400000);
}

static void states__move_only_as_listed(void **state)
{
    int orders = 0, parcels = 0, returns = 0;
    (void)state;
    for (int a = 0; a < 8; a++)
        for (int b = 0; b < 8; b++) {
            orders += order_may((enum order_state)a, (enum order_state)b);
            parcels += parcel_may((enum parcel_state)a, (enum parcel_state)b);
            returns += return_may((enum return_state)a, (enum return_state)b);
        }
    assert_int_equal(orders, 6);
    assert_int_equal(parcels, 9);
    assert_int_equal(returns, 8);
    assert_false(order_may(ORDER_CANCELLED, ORDER_CONFIRMED));
    assert_true(order_may(ORDER_EXPIRED, ORDER_CONFIRMED));
}

static void status__is_of_the_part_that_is_least_far(void **state)
{
    struct status_of s = {.order = ORDER_CONFIRMED};
    (void)state;
    assert_int_equal(order_status(&s), STATUS_PREPARING);
    s.parcels = 1u << PARCEL_SHIPPED | 1u << PARCEL_COLLECTED;
    assert_int_equal(order_status(&s), STATUS_SHIPPED);
    s.parcels = 1u << PARCEL_VOID | 1u << PARCEL_DELIVERED;
    assert_int_equal(order_status(&s), STATUS_DELIVERED);
    s.refunding = true;
    assert_int_equal(order_status(&s), STATUS_REFUNDING);
    s = (struct status_of){
        .order = ORDER_CANCELLED, .has_payment = true, .payment = PAYMENT_REFUNDED};
    assert_int_equal(order_status(&s), STATUS_REFUNDED);
    s.payment = PAYMENT_FAILED;
    assert_int_equal(order_status(&s), STATUS_CANCELLED);
    s.parcels = 1u << PARCEL_RETURNED;
    assert_int_equal(order_status(&s), STATUS_RETURNED);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tax_id__by_the_rule_of_2023),
        cmocka_unit_test(carrier__is_a_slash_and_seven),
        cmocka_unit_test(phone__is_made_one_shape),
        cmocka_unit_test(address__names_the_field_and_never_its_text),
        cmocka_unit_test(day__ends_at_local_midnight),
        cmocka_unit_test(states__move_only_as_listed),
        cmocka_unit_test(status__is_of_the_part_that_is_least_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
