/* The form that the buyer's browser posts: fields of each method, texts and times as ECPay takes
 * them. */
#include "base/arena.h"
#include "base/crypto.h"
#include "base/test.h"
#include "base/text.h"
#include "pay/ecpay_in.h"
#include "pay/ecpay_testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_MS INT64_C(3600000)

struct desk {
    struct gateway *g;
    struct cx cx;
    struct gateway_next next;
    struct gateway_news news;
};

static int set_up(void **state)
{
    struct desk *d = calloc(1, sizeof *d);
    assert_int_equal(crypto_init(), ERR_OK);
    d->cx = (struct cx){.arena = arena_make(4 << 20), .now_ms = BOOTH_NOW_MS};
    struct ecpay_setup setup = {.keys = booth_keys, .base_url = "http://127.0.0.1:8790/ecpay/"};
    assert_int_equal(ecpay_gateway_make(&d->cx, &setup, &d->g), ERR_OK);
    *state = d;
    return 0;
}

static int tear_down(void **state)
{
    struct desk *d = *state;
    gateway_free(d->g);
    arena_free(d->cx.arena);
    free(d);
    return 0;
}

static const char *const two_items[] = {"綠茶 x 2", "Tom's \"big\" mug"};

static struct gateway_start ask_for(const char *method)
{
    return (struct gateway_start){.our_ref = BOOTH_REF,
                                  .method = method,
                                  .order_no = "NM-1001",
                                  .shop_name = "夜市小舖",
                                  .items = two_items,
                                  .item_count = 2,
                                  .amount = 590,
                                  .currency = "TWD",
                                  .expires_ms = BOOTH_NOW_MS + 24 * HOUR_MS,
                                  .lang = "zh-TW",
                                  .notify_url =
                                      "https://shop.example/api/v1/webhooks/ecpay/payment/one",
                                  .info_url = "https://shop.example/api/v1/webhooks/ecpay/info/one",
                                  .return_url = "https://shop.example/api/v1/pay/ecpay/return/one",
                                  .code_url = "https://shop.example/api/v1/pay/ecpay/code/one",
                                  .back_url = "https://shop.example/o/ord_1"};
}

static enum err start(struct desk *d, const struct gateway_start *ask)
{
    return d->g->way->start(d->g, &d->cx, ask, &d->next, &d->news);
}

/* NULL: not sent */
static const char *field(const struct desk *d, const char *name)
{
    for (size_t i = 0; i < d->next.field_count; i++)
        if (strcmp(d->next.fields[i].name, name) == 0)
            return d->next.fields[i].value;
    return NULL;
}

/* What every form must be: signed over all it has, nothing twice, nothing empty. */
static void check_form(struct desk *d)
{
    struct ecpay_field fields[64];
    struct ecpay_form form = {.fields = fields};
    assert_int_equal(d->next.what, DO_FORM);
    assert_string_equal(d->next.url, "http://127.0.0.1:8790/ecpay/Cashier/AioCheckOut/V5");
    for (size_t i = 0; i < d->next.field_count; i++) {
        const struct gateway_field *f = &d->next.fields[i];
        assert_true(f->value && f->value[0]);
        assert_ptr_equal(field(d, f->name), f->value); /* the first of its name */
        fields[form.count++] = ECPAY_FIELD(f->name, f->value);
    }
    assert_int_equal(ecpay_mac_check(&d->cx, &booth_keys, ECPAY_SHA256, &form), ERR_OK);
    assert_string_equal(field(d, "MerchantID"), "3002607");
    assert_string_equal(field(d, "MerchantTradeNo"), BOOTH_REF);
    assert_string_equal(field(d, "MerchantTradeDate"), "2026/11/23 07:30:00");
    assert_string_equal(field(d, "PaymentType"), "aio");
    assert_string_equal(field(d, "EncryptType"), "1");
    assert_string_equal(field(d, "TotalAmount"), "590");
    assert_string_equal(field(d, "TradeDesc"), "夜市小舖");
    assert_string_equal(field(d, "ItemName"), "綠茶 x 2#Tom＇s ＂big＂ mug");
    assert_string_equal(field(d, "ReturnURL"),
                        "https://shop.example/api/v1/webhooks/ecpay/payment/one");
    assert_string_equal(field(d, "ClientBackURL"), "https://shop.example/o/ord_1");
    assert_null(field(d, "Language"));
    assert_int_equal(d->news.says, SAYS_PENDING);
    assert_string_equal(d->news.our_ref, BOOTH_REF);
}

/* A value or NULL for each method, in the order of the rows below. */
static const struct {
    const char *method, *choose, *extra, *terms, *result, *info, *days, *store;
} rows[] = {
    {"ecpay_card", "Credit", "Y", NULL, "return", NULL, NULL, NULL},
    {"ecpay_installment", "Credit", "Y", "3,6,12,18,24", "return", NULL, NULL, NULL},
    {"ecpay_applepay", "ApplePay", "Y", NULL, "return", NULL, NULL, NULL},
    {"ecpay_webatm", "WebATM", NULL, NULL, "return", NULL, NULL, NULL},
    {"ecpay_twqr", "TWQR", NULL, NULL, "return", NULL, NULL, NULL},
    {"ecpay_atm", "ATM", NULL, NULL, NULL, "info", "1", NULL},
    {"ecpay_cvs", "CVS", NULL, NULL, NULL, "info", NULL, "1440"},
    {"ecpay_barcode", "BARCODE", NULL, NULL, NULL, "info", NULL, "1"},
};

static void same(const char *got, const char *want)
{
    if (!want)
        assert_null(got);
    else
        assert_string_equal(got ? got : "(none)", want);
}

static void start__has_the_fields_of_each_method(void **state)
{
    struct desk *d = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct gateway_start ask = ask_for(rows[i].method);
        assert_int_equal(start(d, &ask), ERR_OK);
        check_form(d);
        same(field(d, "ChoosePayment"), rows[i].choose);
        same(field(d, "NeedExtraPaidInfo"), rows[i].extra);
        same(field(d, "CreditInstallment"), rows[i].terms);
        same(field(d, "OrderResultURL"), rows[i].result ? ask.return_url : NULL);
        same(field(d, "PaymentInfoURL"), rows[i].info ? ask.info_url : NULL);
        same(field(d, "ClientRedirectURL"), rows[i].info ? ask.code_url : NULL);
        same(field(d, "ExpireDate"), rows[i].days);
        same(field(d, "StoreExpireDate"), rows[i].store);
    }
}

static void start__gives_codes_no_longer_than_the_payment_has(void **state)
{
    struct desk *d = *state;
    static const struct {
        const char *method, *field;
        int64_t hours;
        const char *want;
    } cases[] = {
        /* from 07:30: a code of 2 days would end on the 25th at 23:59:59 */
        {"ecpay_atm", "ExpireDate", 1, "1"},
        {"ecpay_atm", "ExpireDate", 64, "1"}, /* until the 25th, 23:30 */
        {"ecpay_atm", "ExpireDate", 65, "2"}, /* the 26th, 00:30 */
        {"ecpay_atm", "ExpireDate", 24 * 90, "60"},
        {"ecpay_barcode", "StoreExpireDate", 65, "2"},
        {"ecpay_barcode", "StoreExpireDate", 24 * 90, "30"},
        {"ecpay_cvs", "StoreExpireDate", 2, "120"},
        {"ecpay_cvs", "StoreExpireDate", 24 * 90, "43200"},
        {"ecpay_cvs", "StoreExpireDate", -1, "1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gateway_start ask = ask_for(cases[i].method);
        ask.expires_ms = BOOTH_NOW_MS + cases[i].hours * HOUR_MS;
        assert_int_equal(start(d, &ask), ERR_OK);
        assert_string_equal(field(d, cases[i].field), cases[i].want);
    }
}

static void start__speaks_the_buyers_language_where_ecpay_does(void **state)
{
    struct desk *d = *state;
    static const char *const table[][2] = {{"zh-TW", NULL},  {"zh", NULL},  {"", NULL},
                                           {"zh-CN", "CHI"}, {"ja", "JPN"}, {"ko-KR", "KOR"},
                                           {"en-GB", "ENG"}, {"th", "ENG"}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct gateway_start ask = ask_for("ecpay_card");
        ask.lang = table[i][0];
        assert_int_equal(start(d, &ask), ERR_OK);
        same(field(d, "Language"), table[i][1]);
    }
}

static void start__leaves_out_what_there_is_not(void **state)
{
    struct desk *d = *state;
    struct gateway_start ask = ask_for("ecpay_card");
    static const char *const nothing[] = {"", "😀"};
    ask.return_url = ""; /* an empty field would count in the CheckMacValue */
    ask.back_url = ask.lang = NULL;
    ask.shop_name = "";
    ask.items = nothing;
    assert_int_equal(start(d, &ask), ERR_OK);
    assert_null(field(d, "OrderResultURL"));
    assert_null(field(d, "ClientBackURL"));
    assert_string_equal(field(d, "ItemName"), "NM-1001"); /* what is required is there */
    assert_string_equal(field(d, "TradeDesc"), "NM-1001");
    char large[300];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    ask.back_url = large; /* a link that ECPay would refuse is no reason not to be paid */
    assert_int_equal(start(d, &ask), ERR_OK);
    assert_null(field(d, "ClientBackURL"));
}

static void start__refuses_what_ecpay_would(void **state)
{
    struct desk *d = *state;
    struct gateway_start good = ask_for("ecpay_card"), ask = good;
    ask.method = "omise_card";
    assert_int_equal(start(d, &ask), ERR_INPUT);
    ask = good;
    ask.our_ref = "with-hyphen";
    assert_int_equal(start(d, &ask), ERR_INPUT);
    ask.our_ref = BOOTH_REF "1";
    assert_int_equal(start(d, &ask), ERR_INPUT);
    ask = good;
    ask.currency = "THB";
    assert_int_equal(start(d, &ask), ERR_INPUT);
    ask = good;
    ask.amount = 0;
    assert_int_equal(start(d, &ask), ERR_INPUT);
    ask = good;
    ask.notify_url = "https://shop.example/a;b";
    assert_int_equal(start(d, &ask), ERR_INPUT);
    ask.notify_url = NULL;
    assert_int_equal(start(d, &ask), ERR_INPUT);
}

/* ---- texts ---- */

static void item__has_no_mark_or_word_that_is_refused(void **state)
{
    struct desk *d = *state;
    static const char *const cases[][2] = {
        {"茶 (大) 1.5L - A/B: c_d, e", "茶 (大) 1.5L - A/B: c_d, e"},
        {"<b>30% off</b> & more", "＜b＞30％ off＜/b＞ ＆ more"},
        {"C# = a+b|c;d`e\\f", "C＃ ＝ a＋b｜c；d｀e＼f"},
        {"Curling iron, javascript, BASH", "Ｃurling iron, javaｓcript, ＢASH"},
        {"a\tb\r\n  c\x01", "a b c"},
        {"cat 😺 mug", "cat  mug"},
        {"\xff\xfe", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(ecpay_item_name(&d->cx, &cases[i][0], 1), cases[i][1]);
    assert_string_equal(ecpay_trade_desc(&d->cx, "夜市 (一) No.1"), "夜市 （一） No.1");
}

static void item__is_cut_between_characters_at_both_limits(void **state)
{
    struct desk *d = *state;
    char thai[1600] = "", latin[1200] = "";
    for (int i = 0; i < 500; i++)
        (void)snprintf(thai + 3 * (size_t)i, 4, "ก");
    memset(latin, 'a', sizeof latin - 1);
    const char *const three[] = {thai, latin, "x"};
    const char *cut = ecpay_item_name(&d->cx, three, 3);
    assert_int_equal(strlen(cut), 399); /* 133 of three bytes: 400 is within the 134th */
    assert_true(text_is_utf8(cut, strlen(cut)));
    cut = ecpay_item_name(&d->cx, three + 1, 2);
    assert_int_equal(strlen(cut), 200);
    const char *const spaced[] = {"ab", "", "😀", "cd"};
    assert_string_equal(ecpay_item_name(&d->cx, spaced, 4), "ab#cd");
    latin[199] = '#'; /* no separator at the end */
    latin[200] = '\0';
    const char *const ends[] = {"a", "b"};
    assert_string_equal(ecpay_item_name(&d->cx, ends, 2), "a#b");
    assert_string_equal(ecpay_item_name(&d->cx, ends, 0), "");
}

/* ---- times ---- */

static void time__is_taipeis_both_ways(void **state)
{
    (void)state;
    char text[ECPAY_TIME_TEXT];
    int64_t ms;
    ecpay_time_text(BOOTH_NOW_MS, text);
    assert_string_equal(text, "2026/11/23 07:30:00");
    assert_int_equal(ecpay_time_parse(text, &ms), ERR_OK);
    assert_int_equal(ms, BOOTH_NOW_MS);
    assert_int_equal(ecpay_time_parse("2026/11/23", &ms), ERR_OK); /* its last second */
    assert_int_equal(ms, BOOTH_NOW_MS + 16 * HOUR_MS + 1799 * 1000);
    static const char *const bad[] = {"",
                                      "2026-11-23",
                                      "2026/13/23",
                                      "2026/11/23T07:30:00",
                                      "2026/11/23 25:00:00",
                                      "2026/11/23 07:30"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(ecpay_time_parse(bad[i], &ms), ERR_INPUT);
}

static void time__knows_when_the_capture_runs(void **state)
{
    (void)state;
    const int64_t at_20 = BOOTH_NOW_MS + 12 * HOUR_MS + HOUR_MS / 2, minute = 60000;
    assert_int_equal(ecpay_closed_until(at_20 + 14 * minute - 1), 0);
    assert_int_equal(ecpay_closed_until(at_20 + 14 * minute), at_20 + 30 * minute);
    assert_int_equal(ecpay_closed_until(at_20 + 15 * minute), at_20 + 30 * minute);
    assert_int_equal(ecpay_closed_until(at_20 + 30 * minute - 1), at_20 + 30 * minute);
    assert_int_equal(ecpay_closed_until(at_20 + 30 * minute), 0);
    assert_int_equal(ecpay_closed_until(at_20 + 24 * HOUR_MS + 20 * minute),
                     at_20 + 24 * HOUR_MS + 30 * minute);
}

/* ---- keys ---- */

static void setup__names_what_is_wrong_without_its_value(void **state)
{
    struct desk *d = *state;
    struct gateway *g = NULL;
    static const struct {
        struct ecpay_setup setup;
        const char *word;
    } bad[] = {
        {{.keys = {"", "k", "v"}}, "MerchantID"},
        {{.keys = {"12345678901", "k", "v"}}, "MerchantID"},
        {{.keys = {"3002607", "secr et", "v"}}, "HashKey"},
        {{.keys = {"3002607", "k", NULL}}, "HashIV"},
        {{.keys = {"3002607", "k", "v"}, .base_url = "ftp://x"}, "URL"},
        {{.keys = {"3002607", "k", "v"}, .check_code = "secr et"}, "CreditCheckCode"},
        {{.keys = {"3002607", "k", "v"}, .terms = "3,,6"}, "instalments"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(ecpay_gateway_make(&d->cx, &bad[i].setup, &g), ERR_INPUT);
        assert_non_null(strstr(d->cx.problem, bad[i].word));
        assert_null(strstr(d->cx.problem, "secr"));
    }
    assert_null(g);
}

static void offers__its_own_methods_alone(void **state)
{
    struct desk *d = *state;
    int64_t min, max;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_true(d->g->way->offers(d->g, rows[i].method, &min, &max));
    assert_false(d->g->way->offers(d->g, "omise_card", &min, &max));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start__has_the_fields_of_each_method),
        cmocka_unit_test(start__gives_codes_no_longer_than_the_payment_has),
        cmocka_unit_test(start__speaks_the_buyers_language_where_ecpay_does),
        cmocka_unit_test(start__leaves_out_what_there_is_not),
        cmocka_unit_test(start__refuses_what_ecpay_would),
        cmocka_unit_test(item__has_no_mark_or_word_that_is_refused),
        cmocka_unit_test(item__is_cut_between_characters_at_both_limits),
        cmocka_unit_test(time__is_taipeis_both_ways),
        cmocka_unit_test(time__knows_when_the_capture_runs),
        cmocka_unit_test(setup__names_what_is_wrong_without_its_value),
        cmocka_unit_test(offers__its_own_methods_alone),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
