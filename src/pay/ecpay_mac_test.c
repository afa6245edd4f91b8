/* CheckMacValue and Data: ECPay's documented vectors, and what its SDK gives where Node's is wrong.
 */
#include "base/arena.h"
#include "base/crypto.h"
#include "base/test.h"
#include "pay/ecpay_aes.h"
#include "pay/ecpay_mac.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ecpay_keys pay = {"3002607", "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs"};
static const struct ecpay_keys invoice = {"2000132", "ejCk326UnaZWKisg", "q9jcZX8Ib9LM8wYk"};
static const struct ecpay_keys parcels = {"2000132", "5294y06JbISpM5x9", "v77hoKGq4kWxNNIS"};

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

struct vector {
    const struct ecpay_keys *keys;
    enum ecpay_hash hash;
    struct ecpay_field fields[13];
    const char *mac;
};
#define F(n, v)                            \
    {                                      \
        n, v, sizeof(n) - 1, sizeof(v) - 1 \
    }

static const struct vector vectors[] = {
    /* developers.ecpay.com.tw 2902 */
    {&pay,
     ECPAY_SHA256,
     {F("TradeDesc", "促銷方案"), F("PaymentType", "aio"),
      F("MerchantTradeDate", "2023/03/12 15:30:23"), F("MerchantTradeNo", "ecpay20230312153023"),
      F("MerchantID", "3002607"), F("ReturnURL", "https://www.ecpay.com.tw/receive.php"),
      F("ItemName", "Apple iphone 15"), F("TotalAmount", "30000"), F("ChoosePayment", "ALL"),
      F("EncryptType", "1")},
     "6C51C9E6888DE861FD62FB1DD17029FC742634498FD813DC43D4243B5685B840"},
    {&pay,
     ECPAY_SHA256,
     {F("MerchantID", "3002607"), F("ItemName", "Tom's Shop"), F("TotalAmount", "100")},
     "CF0A3D4901D99459D8641516EC57210700E8A5C9AB26B1D021301E9CB93EF78D"},
    {&pay,
     ECPAY_SHA256,
     {F("MerchantID", "3002607"), F("ItemName", "Test~Product"), F("TotalAmount", "200")},
     "CEEAE01D2F9A8E74D4AC0DCE7735B046D73F35A5EC99558A31A2EE03159DA1C9"},
    {&pay,
     ECPAY_SHA256,
     {F("MerchantID", "3002607"), F("ItemName", "My Test Product"), F("TotalAmount", "300")},
     "7712A5E6EDC3B57086063C88568084C66CE882A21D40E74DE5ACA3B478C6F316"},
    {&pay,
     ECPAY_SHA256,
     {F("MerchantID", "1"), F("ItemName", "plain")},
     "9E24178FB92110FE0184E3C5A269CD3FF66DF6A1E10622DE55940CC98A8E10F6"},
    /* the next two are wrong in ECPay's SDK for Node */
    {&pay,
     ECPAY_SHA256,
     {F("MerchantID", "1"), F("ItemName", "ＡＢＣ")},
     "0CE6C5147196CF8364BA0EFD8970509592633CD14221A9ACFD44850B7D80FE72"},
    {&pay,
     ECPAY_SHA256,
     {F("MerchantID", "1"), F("ItemName", "a\"b")},
     "E152CBC48E3846E51D25B5A60EE466503F62356EAC5A340FCFC5AE73DE10F283"},
    /* a callback */
    {&pay,
     ECPAY_SHA256,
     {F("MerchantID", "3002607"), F("MerchantTradeNo", "Test1234567890"), F("RtnCode", "1"),
      F("RtnMsg", "Succeeded"), F("TradeNo", "2301011234567890"), F("TradeAmt", "100"),
      F("PaymentDate", "2025/01/01 12:05:00"), F("PaymentType", "Credit_CreditCard"),
      F("TradeDate", "2025/01/01 12:00:00"), F("SimulatePaid", "0")},
     "2AB536D86AFF8E1086744D59175040A32538C96B1C28C4135B551BD728E913B8"},
    /* 38242: an empty value counts */
    {&invoice,
     ECPAY_MD5,
     {F("RtnCode", "1"), F("RtnMsg", ""), F("IA_Allow_No", "1909181313013546"),
      F("IA_Invoice_No", "UV11100019"), F("IA_Date", "2019-09-18 13:13:23"),
      F("IIS_Remain_Allowance_Amt", "0")},
     "50A276E71DAE26343013958B405EEEA0"},
    {&parcels,
     ECPAY_MD5,
     {F("MerchantID", "2000132"), F("LogisticsType", "CVS"), F("LogisticsSubType", "UNIMART"),
      F("MerchantTradeDate", "2025/01/01 12:00:00")},
     "545E6146FD45BDA683C88454DB34CE8D"},
};

static size_t count_of(const struct vector *v)
{
    size_t n = 0;
    while (n < sizeof v->fields / sizeof v->fields[0] && v->fields[n].name)
        n++;
    return n;
}

static void mac__gives_ecpays_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const struct vector *v = &vectors[i];
        char mac[ECPAY_MAC_TEXT];
        assert_int_equal(ecpay_mac(v->keys, v->hash, v->fields, count_of(v), mac), ERR_OK);
        assert_string_equal(mac, v->mac);
    }
}

/* The same through a body: encoded, with the mac among the fields, read back. */
static void check__takes_every_vector_as_a_callback(void **state)
{
    struct cx *cx = *state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const struct vector *v = &vectors[i];
        struct ecpay_field fields[14];
        struct ecpay_form form;
        struct buf body;
        size_t n = count_of(v);
        memcpy(fields, v->fields, sizeof v->fields);
        fields[n++] = ECPAY_FIELD("CheckMacValue", v->mac);
        buf_init(&body, 4096);
        ecpay_form_write(&body, fields, n);
        assert_int_equal(ecpay_form_read(cx, body.data, body.len, &form), ERR_OK);
        buf_done(&body);
        assert_int_equal(form.count, n);
        assert_int_equal(ecpay_mac_check(cx, v->keys, v->hash, &form), ERR_OK);
        form.count--; /* and not without it */
        assert_int_equal(ecpay_mac_check(cx, v->keys, v->hash, &form), ERR_FORBIDDEN);
    }
}

static enum err check_body(struct cx *cx, const char *body)
{
    struct ecpay_form form;
    enum err e = ecpay_form_read(cx, body, strlen(body), &form);
    return e ? e : ecpay_mac_check(cx, &pay, ECPAY_SHA256, &form);
}

#define MAC5 "9E24178FB92110FE0184E3C5A269CD3FF66DF6A1E10622DE55940CC98A8E10F6"

static void check__refuses_any_change(void **state)
{
    struct cx *cx = *state;
    assert_int_equal(check_body(cx, "MerchantID=1&ItemName=plain&CheckMacValue=" MAC5), ERR_OK);
    assert_int_equal(check_body(cx, "CheckMacValue=" MAC5 "&ItemName=%70lain&MerchantID=1"),
                     ERR_OK);
    static const char *const bad[] = {
        "MerchantID=1&ItemName=plain",
        "MerchantID=1&ItemName=plain&CheckMacValue=",
        "MerchantID=1&ItemName=plain&CheckMacValue=" MAC5 "0",
        "MerchantID=1&ItemName=plain&CheckMacValue=" MAC5 "%00",
        "MerchantID=1&ItemName=plaim&CheckMacValue=" MAC5,
        "MerchantID=1&ItemName=plain&New=&CheckMacValue=" MAC5, /* unknown and empty, yet it counts
                                                                 */
        "MerchantID=1&ItemName=plain%00&CheckMacValue=" MAC5,
        "MerchantID=1&CheckMacValue=" MAC5,
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(check_body(cx, bad[i]), ERR_FORBIDDEN);
    assert_int_equal(check_body(cx, "MerchantID=1&ItemName=plain&ItemName=x&CheckMacValue=" MAC5),
                     ERR_INPUT);
}

static void mac__sorts_without_case_and_keeps_the_order_of_equal_names(void **state)
{
    (void)state;
    char a[ECPAY_MAC_TEXT], b[ECPAY_MAC_TEXT], c[ECPAY_MAC_TEXT];
    /* '_' is after upper-case letters and before lower-case ones: lower case is what counts */
    const struct ecpay_field one[] = {F("Ab", "1"), F("A_", "2"), F("aB", "3")};
    const struct ecpay_field two[] = {F("A_", "2"), F("Ab", "1"), F("aB", "3")};
    const struct ecpay_field other[] = {F("aB", "3"), F("A_", "2"), F("Ab", "1")};
    assert_int_equal(ecpay_mac(&pay, ECPAY_SHA256, one, 3, a), ERR_OK);
    assert_int_equal(ecpay_mac(&pay, ECPAY_SHA256, two, 3, b), ERR_OK);
    assert_int_equal(ecpay_mac(&pay, ECPAY_SHA256, other, 3, c), ERR_OK);
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
    assert_string_equal(
        a, "314E9C05DB693B3DBB9E23BDF80EABF6D6C1F849A796A9E233F7A1524BAF6600"); /* PHP's */
}

static void form__decodes_once_and_leaves_what_is_no_escape(void **state)
{
    struct cx *cx = *state;
    static const char body[] = "a=%2541+b&&flag&c=%e7%b6%A0%zz%4&=x&d=1=2&n=a%00b";
    struct ecpay_form form;
    assert_int_equal(ecpay_form_read(cx, body, sizeof body - 1, &form), ERR_OK);
    assert_int_equal(form.count, 6);
    assert_string_equal(ecpay_form_text(&form, "a"), "%41 b");
    assert_string_equal(ecpay_form_text(&form, "flag"), "");
    assert_string_equal(ecpay_form_text(&form, "c"), "綠%zz%4");
    assert_string_equal(ecpay_form_text(&form, ""), "x");
    assert_string_equal(ecpay_form_text(&form, "d"), "1=2");
    assert_null(ecpay_form_text(&form, "n")); /* a NUL inside is no text */
    assert_null(ecpay_form_text(&form, "A"));
}

static void form__refuses_more_than_its_bounds(void **state)
{
    struct cx *cx = *state;
    struct ecpay_form form;
    char many[2 * ECPAY_FIELDS_MAX + 1];
    memset(many, '&', sizeof many);
    assert_int_equal(ecpay_form_read(cx, many, ECPAY_FIELDS_MAX - 1, &form), ERR_OK);
    assert_int_equal(form.count, 0);
    assert_int_equal(ecpay_form_read(cx, many, ECPAY_FIELDS_MAX, &form), ERR_INPUT);
    char *large = calloc(1, ECPAY_FORM_MAX + 1);
    assert_non_null(large);
    assert_int_equal(ecpay_form_read(cx, large, ECPAY_FORM_MAX + 1, &form), ERR_INPUT);
    free(large);
    assert_int_equal(ecpay_form_read(cx, "", 0, &form), ERR_OK);
    assert_int_equal(form.count, 0);
}

static const struct {
    const char *json, *data;
} sealed[] = {
    {"{\"MerchantID\":\"2000132\",\"BarCode\":\"/1234567\"}",
     "XeEOdHpTRvxKEqs/JD9RSd16s7VtpyWVCN6AV44pKTW3DVa6yI7vKmjBRp2eulDhXoru/"
     "qBqFDBH3fEqlkMn3bbJfJBfGAq+v+SvttutYnc="},
    {"{\"Name\":\"test!*'()~value\"}", "uvI4yrErM37XNQkXGAgRgBuDOiJoVs72Xn/"
                                       "rum9Ejl1DSna4HyLSoY7764PmhTR7JXb9jJWLSjCGcZEDeFiABg=="},
    {"{\"MerchantID\":\"2000132\",\"RelateNumber\":\"Inv1\",\"CustomerName\":\"\\u738b\\u5c0f"
     "\\u660e\",\"SalesAmount\":100}",
     "XeEOdHpTRvxKEqs/JD9RSd16s7VtpyWVCN6AV44pKTV7XoPByaStato0iqOI39rIS/SN/2RaBsq7m7SVgBBRSFD5k"
     "LhShlJF/S3k5iK4sJmwf1OoKgbSuhgEFBLv/US0e79cil/E+2Af+Nnd7q5iKYqCGhlPmJAp4HqAAYSafTLEvn5B2WW"
     "XcDk3nCRXGGmZlYVMnsUbn7BCIhfmBcE9pA=="},
};

static void aes__gives_ecpays_vectors_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sealed / sizeof sealed[0]; i++) {
        struct buf data, json;
        buf_init(&data, 4096);
        buf_init(&json, 4096);
        assert_int_equal(ecpay_aes_seal(&invoice, sealed[i].json, strlen(sealed[i].json), &data),
                         ERR_OK);
        assert_string_equal(data.data, sealed[i].data);
        assert_int_equal(ecpay_aes_open(&invoice, data.data, data.len, &json), ERR_OK);
        assert_string_equal(json.data, sealed[i].json);
        buf_done(&data);
        buf_done(&json);
    }
}

static void aes__refuses_what_is_no_data(void **state)
{
    (void)state;
    struct buf out;
    static const struct ecpay_keys brief = {"1", "short", "q9jcZX8Ib9LM8wYk"};
    static const char *const bad[] = {"", "AAAA", "not base64!", "XeEOdHpTRvxKEqs/JD9RSQ==",
                                      "XeEOdHpTRvxKEqs/JD9RSd16s7VtpyWVCN6AV44pKTU="};
    buf_init(&out, 4096);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(ecpay_aes_open(&invoice, bad[i], strlen(bad[i]), &out), ERR_INPUT);
    assert_int_equal(ecpay_aes_seal(&brief, "{}", 2, &out), ERR_INPUT);
    assert_int_equal(ecpay_aes_open(&brief, sealed[0].data, strlen(sealed[0].data), &out),
                     ERR_INPUT);
    assert_int_equal(out.len, 0);
    assert_int_equal(ecpay_aes_seal(&invoice, "", 0, &out), ERR_OK); /* a block of padding */
    assert_int_equal(out.len, 24);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mac__gives_ecpays_vectors),
        cmocka_unit_test(check__takes_every_vector_as_a_callback),
        cmocka_unit_test(check__refuses_any_change),
        cmocka_unit_test(mac__sorts_without_case_and_keeps_the_order_of_equal_names),
        cmocka_unit_test(form__decodes_once_and_leaves_what_is_no_escape),
        cmocka_unit_test(form__refuses_more_than_its_bounds),
        cmocka_unit_test(aes__gives_ecpays_vectors_both_ways),
        cmocka_unit_test(aes__refuses_what_is_no_data),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
