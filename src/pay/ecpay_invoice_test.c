/* What is sent for an invoice, and the envelope that comes back. */
#include "base/arena.h"
#include "base/crypto.h"
#include "base/test.h"
#include "pay/ecpay_aes.h"
#include "pay/ecpay_invoice.h"

#include <stdlib.h>
#include <string.h>

static const struct ecpay_keys keys = {"2000132", "ejCk326UnaZWKisg", "q9jcZX8Ib9LM8wYk"};
static const struct invoice_item items[] = {
    {"杯子", 2, 100, 200}, {"運費", 1, 60, 60}, {"折扣", 1, -30, -30}};

static int set_up(void **state)
{
    struct cx *cx = calloc(1, sizeof *cx);
    assert_int_equal(crypto_init(), ERR_OK);
    cx->arena = arena_make(1 << 20);
    *state = cx;
    return 0;
}

static int tear_down(void **state)
{
    struct cx *cx = *state;
    arena_free(cx->arena);
    free(cx);
    return 0;
}

static json_t *asked(const struct ecpay_invoice *more)
{
    struct ecpay_invoice ask = *more;
    ask.relate_no = "inv0001";
    ask.phone = "0912345678";
    ask.amount = 230;
    ask.items = items;
    ask.count = 3;
    json_t *o = ecpay_invoice_json(&keys, &ask);
    assert_non_null(o);
    return o;
}

static void field_is(const json_t *o, const char *name, const char *value)
{
    assert_string_equal(json_string_value(json_object_get(o, name)), value);
}

static void issue__is_kept_by_ecpay_for_a_member(void **state)
{
    (void)state;
    json_t *o = asked(&(struct ecpay_invoice){.relate_no = NULL});
    field_is(o, "CarrierType", "1");
    field_is(o, "CarrierNum", "");
    field_is(o, "Print", "0");
    field_is(o, "Donation", "0");
    assert_int_equal(json_integer_value(json_object_get(o, "SalesAmount")), 230);
    int64_t sum = 0;
    const json_t *list = json_object_get(o, "Items");
    for (size_t i = 0; i < json_array_size(list); i++)
        sum += json_integer_value(json_object_get(json_array_get(list, i), "ItemAmount"));
    assert_int_equal(sum, 230);
    json_decref(o);
}

static void issue__has_carrier_gift_or_company_and_never_two(void **state)
{
    (void)state;
    json_t *o = asked(&(struct ecpay_invoice){.carrier = "/ABC1234"});
    field_is(o, "CarrierType", "3");
    field_is(o, "CarrierNum", "/ABC1234");
    json_decref(o);
    o = asked(&(struct ecpay_invoice){.love_code = "168001"});
    field_is(o, "Donation", "1");
    field_is(o, "LoveCode", "168001");
    field_is(o, "CarrierType", "");
    field_is(o, "Print", "0");
    json_decref(o);
    o = asked(&(struct ecpay_invoice){
        .tax_id = "04595257", .title = "好公司", .address = "台北市信義路1號"});
    field_is(o, "CustomerIdentifier", "04595257");
    field_is(o, "Print", "1");
    field_is(o, "CustomerName", "好公司");
    field_is(o, "CarrierType", "");
    json_decref(o);
}

static const char *envelope(struct cx *cx, int trans, const char *data)
{
    struct buf sealed;
    buf_init(&sealed, 65536);
    assert_int_equal(ecpay_aes_seal(&keys, data, strlen(data), &sealed), ERR_OK);
    const char *text = arena_fmt(cx->arena,
                                 "{\"MerchantID\":\"2000132\",\"RpHeader\":{\"Timestamp\":1},"
                                 "\"TransCode\":%d,\"TransMsg\":\"x\",\"Data\":\"%s\"}",
                                 trans, sealed.data);
    buf_done(&sealed);
    return text;
}

static enum err open_it(struct cx *cx, const char *body)
{
    json_t *data = NULL;
    enum err e = ecpay_invoice_open(cx, &keys, body, strlen(body), &data);
    json_decref(data);
    return e;
}

static void envelope__has_two_codes_and_both_count(void **state)
{
    struct cx *cx = *state;
    assert_int_equal(open_it(cx, envelope(cx, 1, "{\"RtnCode\":1,\"InvoiceNo\":\"AB1\"}")), ERR_OK);
    assert_int_equal(open_it(cx, envelope(cx, 0, "{\"RtnCode\":1}")), ERR_BUSY);
    assert_int_equal(open_it(cx, envelope(cx, 1, "{\"RtnCode\":5070357,\"RtnMsg\":\"重複\"}")),
                     ERR_INPUT);
    assert_string_equal(cx->problem, "重複 (5070357)");
    assert_int_equal(open_it(cx, envelope(cx, 1, "{}")), ERR_UPSTREAM);
    assert_int_equal(open_it(cx, envelope(cx, 1, "[1]")), ERR_UPSTREAM);
    assert_int_equal(open_it(cx, "{\"TransCode\":1,\"Data\":\"AAAA\"}"), ERR_UPSTREAM);
    assert_int_equal(open_it(cx, "{\"TransCode\":1}"), ERR_UPSTREAM);
    assert_int_equal(open_it(cx, "<html>"), ERR_UPSTREAM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(issue__is_kept_by_ecpay_for_a_member),
        cmocka_unit_test(issue__has_carrier_gift_or_company_and_never_two),
        cmocka_unit_test_setup_teardown(envelope__has_two_codes_and_both_count, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
