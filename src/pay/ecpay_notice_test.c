/* What ECPay posts: paid, failed, codes, simulated; forged, of others, and broken. */
#include "base/arena.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/test.h"
#include "pay/ecpay_testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMON                                                                       \
    "MerchantID=3002607&MerchantTradeNo=" BOOTH_REF "&TradeNo=" BOOTH_TRADE          \
    "&TradeAmt=590&StoreID=&CustomField1=&CustomField2=&CustomField3=&CustomField4=" \
    "&TradeDate=2026/11/23 07:29:10"
#define PAID COMMON "&PaymentDate=2026/11/23 07:30:00&PaymentTypeChargeFee=16&SimulatePaid=0"
#define CARD                                                                              \
    PAID "&PaymentType=Credit_CreditCard&gwsr=" BOOTH_GWSR "&card4no=2222&card6no=431195" \
         "&stage=0&stast=0&staed=0&eci=0&auth_code=777777&red_dan=0"

static int set_up(void **state)
{
    struct cx *cx = calloc(1, sizeof *cx);
    assert_int_equal(crypto_init(), ERR_OK);
    *cx = (struct cx){.arena = arena_make(4 << 20), .now_ms = BOOTH_NOW_MS};
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

typedef enum err reader(struct cx *cx, const struct ecpay_keys *keys, const char *body, size_t len,
                        struct ecpay_notice *ret_notice);

static enum err take(struct cx *cx, reader *read, const char *plain, struct ecpay_notice *n)
{
    const char *body = booth_form(cx, &booth_keys, plain);
    memset(n, 0, sizeof *n);
    return read(cx, &booth_keys, body, strlen(body), n);
}

static void details_are(const struct ecpay_notice *n, const char *want)
{
    json_error_t why;
    json_t *got = json_loads(n->news.details ? n->news.details : "{}", 0, &why);
    json_t *expected = json_loads(want, 0, &why);
    assert_non_null(expected);
    if (!json_equal(got, expected))
        fail_msg("details are %s", n->news.details ? n->news.details : "none");
    json_decref(got);
    json_decref(expected);
}

static void paid__is_read_whole(void **state)
{
    struct cx *cx = *state;
    struct ecpay_notice n, again;
    assert_int_equal(take(cx, ecpay_read_paid, CARD "&RtnCode=1&RtnMsg=交易成功", &n), ERR_OK);
    assert_string_equal(n.news.our_ref, BOOTH_REF);
    assert_string_equal(n.news.provider_ref, BOOTH_TRADE);
    assert_int_equal(n.news.says, SAYS_PAID);
    assert_int_equal(n.news.amount, 590);
    assert_string_equal(n.news.currency, "TWD");
    assert_false(n.news.simulated);
    assert_null(n.news.fail_code);
    assert_int_equal(n.news.paid_ms, BOOTH_NOW_MS);
    assert_int_equal(strlen(n.event_key), 64);
    details_are(&n, "{\"type\":\"Credit_CreditCard\",\"gwsr\":\"" BOOTH_GWSR "\","
                    "\"last4\":\"2222\"}");
    /* the same form is the same message, another text is another */
    assert_int_equal(take(cx, ecpay_read_paid, CARD "&RtnCode=1&RtnMsg=交易成功", &again), ERR_OK);
    assert_string_equal(n.event_key, again.event_key);
    assert_int_equal(take(cx, ecpay_read_paid, CARD "&RtnCode=1&RtnMsg=paid", &again), ERR_OK);
    assert_string_not_equal(n.event_key, again.event_key);
    assert_int_equal(again.news.says, SAYS_PAID); /* the text says nothing */
    assert_int_equal(take(cx, ecpay_read_paid, PAID "&stage=6&gwsr=1&RtnCode=1", &n), ERR_OK);
    details_are(&n, "{\"gwsr\":\"1\",\"terms\":6}");
}

static void paid__by_the_press_of_a_button_is_marked(void **state)
{
    struct cx *cx = *state;
    struct ecpay_notice n;
    assert_int_equal(take(cx, ecpay_read_paid,
                          COMMON "&RtnCode=1&SimulatePaid=1&PaymentType=ATM_CHINATRUST", &n),
                     ERR_OK);
    assert_true(n.news.simulated);
    assert_int_equal(n.news.says, SAYS_PAID);
}

static void paid__that_failed_says_why(void **state)
{
    struct cx *cx = *state;
    struct ecpay_notice n;
    static const struct {
        const char *code, *word;
        enum gateway_says says;
    } table[] = {{"10200043", "three_d", SAYS_FAILED},
                 {"10200058", "declined", SAYS_FAILED},
                 {"10100252", "no_funds", SAYS_FAILED},
                 {"10300023", "method", SAYS_FAILED},
                 {"0", "declined", SAYS_FAILED},
                 {"-1", "declined", SAYS_FAILED},
                 {"12345678", "declined", SAYS_FAILED},
                 {"10100058", NULL, SAYS_EXPIRED},
                 {"2", NULL, SAYS_CODE},
                 {"10100073", NULL, SAYS_CODE}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *plain = arena_fmt(cx->arena, "%s&RtnCode=%s", PAID, table[i].code);
        assert_int_equal(take(cx, ecpay_read_paid, plain, &n), ERR_OK);
        assert_int_equal(n.news.says, table[i].says);
        if (!table[i].word) {
            assert_null(n.news.fail_code);
            continue;
        }
        assert_string_equal(n.news.fail_code, table[i].word);
        assert_true(pay_fail_known(n.news.fail_code));
    }
}

static void info__has_the_code_of_each_method(void **state)
{
    struct cx *cx = *state;
    struct ecpay_notice n;
    assert_int_equal(take(cx, ecpay_read_info,
                          COMMON
                          "&RtnCode=2&RtnMsg=Get VirtualAccount Succeeded"
                          "&PaymentType=ATM_CHINATRUST&BankCode=822&vAccount=9103522175887271"
                          "&ExpireDate=2026/11/24",
                          &n),
                     ERR_OK);
    assert_int_equal(n.news.says, SAYS_CODE);
    assert_int_equal(n.news.amount, 590);
    details_are(&n, "{\"type\":\"ATM_CHINATRUST\",\"bank_code\":\"822\","
                    "\"account\":\"9103522175887271\",\"expires_at\":1795535999000}");
    assert_int_equal(take(cx, ecpay_read_info,
                          COMMON "&RtnCode=10100073&PaymentType=CVS_CVS&PaymentNo=LLL26327012345"
                                 "&ExpireDate=2026/11/24 07:30:00&Barcode1=&Barcode2=&Barcode3=",
                          &n),
                     ERR_OK);
    assert_int_equal(n.news.says, SAYS_CODE);
    details_are(&n, "{\"type\":\"CVS_CVS\",\"code\":\"LLL26327012345\","
                    "\"expires_at\":1795476600000}");
    assert_int_equal(take(cx, ecpay_read_info,
                          COMMON "&RtnCode=10100073&PaymentType=BARCODE_BARCODE&PaymentNo="
                                 "&ExpireDate=2026/11/24 23:59:59&Barcode1=1511246EA"
                                 "&Barcode2=9103522175887271&Barcode3=112455000000590",
                          &n),
                     ERR_OK);
    details_are(&n, "{\"type\":\"BARCODE_BARCODE\",\"barcodes\":[\"1511246EA\","
                    "\"9103522175887271\",\"112455000000590\"],\"expires_at\":1795535999000}");
}

static void info__is_never_money(void **state)
{
    struct cx *cx = *state;
    struct ecpay_notice n;
    assert_int_equal(take(cx, ecpay_read_info, PAID "&RtnCode=1", &n), ERR_OK);
    assert_int_equal(n.news.says, SAYS_PENDING);
    assert_int_equal(n.news.paid_ms, 0);
    assert_int_equal(take(cx, ecpay_read_info, COMMON "&RtnCode=10200105", &n), ERR_OK);
    assert_int_equal(n.news.says, SAYS_FAILED);
    assert_string_equal(n.news.fail_code, "provider");
}

static void details__keep_out_what_is_no_code(void **state)
{
    struct cx *cx = *state;
    struct ecpay_notice n;
    assert_int_equal(take(cx, ecpay_read_info,
                          COMMON "&RtnCode=2&PaymentType=ATM<b>&BankCode=82200&vAccount=9 1"
                                 "&PaymentNo=<script>&ExpireDate=soon&gwsr=-1&card4no=22222",
                          &n),
                     ERR_OK);
    assert_null(n.news.details);
}

static void returned__says_whose_it_is(void **state)
{
    struct cx *cx = *state;
    struct ecpay_notice n;
    assert_int_equal(take(cx, ecpay_read_return, CARD "&RtnCode=1&RtnMsg=Succeeded", &n), ERR_OK);
    assert_string_equal(n.news.our_ref, BOOTH_REF);
    assert_int_equal(take(cx, ecpay_read_return, COMMON "&RtnCode=10200043", &n), ERR_OK);
    assert_int_equal(n.news.says, SAYS_FAILED);
}

static void notice__is_refused_when_forged(void **state)
{
    struct cx *cx = *state;
    struct ecpay_notice n;
    reader *const readers[] = {ecpay_read_paid, ecpay_read_info, ecpay_read_return};
    static const struct ecpay_keys other = {"3002607", "spPjZn66i0OhqJsQ", "hT5OJckN45isQTTs"};
    const char *body = booth_form(cx, &booth_keys, CARD "&RtnCode=1");
    const char *with_other_keys = booth_form(cx, &other, CARD "&RtnCode=1");
    const char *more = arena_fmt(cx->arena, "%s&RtnMsg=paid", body);
    char *changed = arena_dup(cx->arena, body, strlen(body));
    char *amount = strstr(changed, "TradeAmt=590");
    assert_non_null(amount);
    amount[9] = '1';
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        const char *const bad[] = {with_other_keys, more, changed, "", CARD "&RtnCode=1"};
        for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++)
            assert_int_equal(readers[i](cx, &booth_keys, bad[k], strlen(bad[k]), &n),
                             ERR_FORBIDDEN);
        assert_int_equal(readers[i](cx, &booth_keys, body, strlen(body), &n), ERR_OK);
    }
}

static void notice__of_another_merchant_or_without_its_fields_is_refused(void **state)
{
    struct cx *cx = *state;
    struct ecpay_notice n;
    static const char *const bad[] = {
        "MerchantID=3002608&MerchantTradeNo=" BOOTH_REF "&TradeAmt=590&RtnCode=1",
        "MerchantTradeNo=" BOOTH_REF "&TradeAmt=590&RtnCode=1",
        "MerchantID=3002607&MerchantTradeNo=&TradeAmt=590&RtnCode=1",
        "MerchantID=3002607&MerchantTradeNo=a b&TradeAmt=590&RtnCode=1",
        "MerchantID=3002607&MerchantTradeNo=" BOOTH_REF "x&TradeAmt=590&RtnCode=1",
        "MerchantID=3002607&MerchantTradeNo=" BOOTH_REF "&RtnCode=1",
        "MerchantID=3002607&MerchantTradeNo=" BOOTH_REF "&TradeAmt=590.5&RtnCode=1",
        "MerchantID=3002607&MerchantTradeNo=" BOOTH_REF "&TradeAmt=-590&RtnCode=1",
        "MerchantID=3002607&MerchantTradeNo=" BOOTH_REF "&TradeAmt=590",
        "MerchantID=3002607&MerchantTradeNo=" BOOTH_REF "&TradeAmt=590&RtnCode=1 ",
        "MerchantID=3002607&MerchantTradeNo=" BOOTH_REF "&TradeAmt=590&RtnCode=99999999999999",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(take(cx, ecpay_read_paid, bad[i], &n), ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paid__is_read_whole),
        cmocka_unit_test(paid__by_the_press_of_a_button_is_marked),
        cmocka_unit_test(paid__that_failed_says_why),
        cmocka_unit_test(info__has_the_code_of_each_method),
        cmocka_unit_test(info__is_never_money),
        cmocka_unit_test(details__keep_out_what_is_no_code),
        cmocka_unit_test(returned__says_whose_it_is),
        cmocka_unit_test(notice__is_refused_when_forged),
        cmocka_unit_test(notice__of_another_merchant_or_without_its_fields_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
