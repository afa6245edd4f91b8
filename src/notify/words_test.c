#include "base/test.h"

#include "base/arena.h"
#include "notify/push.h"
#include "notify/words.h"

#include <stdlib.h>
#include <string.h>

enum { MARKS = 20 };

static struct cx cx;

static int make(void **state)
{
    (void)state;
    cx = (struct cx){.arena = arena_make(1 << 20), .now_ms = 1};
    return words_init();
}

static int drop(void **state)
{
    (void)state;
    arena_free(cx.arena);
    return 0;
}

/* How often "{mark}" stands in s; a mark without an end fails. */
static int count(const char *s, const char *mark)
{
    int n = 0;
    for (; (s = strstr(s, mark)); s += strlen(mark))
        n++;
    return n;
}

/* words_init() has seen that no key is missing and none is too many. */
static void words__have_the_same_marks_in_every_language(void **state)
{
    (void)state;
    for (int w = 0; w < WORD_COUNT; w++) {
        const char *en = word(LANG_EN, (enum word)w);
        for (int l = 0; l < LANG_COUNT; l++) {
            const char *text = word((enum lang)l, (enum word)w);
            if (!*text || strchr(text, '!') || strstr(text, "！"))
                fail_msg("%s in %s", word_key((enum word)w), lang_name((enum lang)l));
            for (const char *s = en; (s = strchr(s, '{')); s++) {
                char mark[MARKS] = "";
                size_t n = strcspn(s, "}") + 1;
                assert_true(n < sizeof mark);
                memcpy(mark, s, n);
                if (count(text, mark) != count(en, mark))
                    fail_msg("%s in %s: %s", word_key((enum word)w), lang_name((enum lang)l), mark);
            }
            if (count(text, "{") != count(en, "{"))
                fail_msg("%s in %s has another mark", word_key((enum word)w),
                         lang_name((enum lang)l));
        }
    }
}

static void money__is_written_as_in_its_market(void **state)
{
    static const struct {
        int64_t amount;
        const char *currency, *text;
    } rows[] = {{590, "TWD", "NT$590"},    {1234567, "TWD", "NT$1,234,567"},
                {65000, "THB", "฿650.00"}, {123456705, "THB", "฿1,234,567.05"},
                {-30, "TWD", "-NT$30"},    {0, "THB", "฿0.00"},
                {1000, "JPY", "¥1,000"},   {INT64_MIN, "TWD", "-NT$9,223,372,036,854,775,808"}};
    char text[MONEY_TEXT];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        money_words(rows[i].amount, rows[i].currency, text);
        assert_string_equal(text, rows[i].text);
    }
}

/* 2026-11-23T12:00:00Z is eight in the evening in Taipei, seven in Bangkok. */
static void times__are_those_of_the_market(void **state)
{
    const int64_t at = INT64_C(1795435200000);
    (void)state;
    assert_non_null(strstr(time_words(&cx, LANG_ZH, "TW", at), "20:00"));
    assert_non_null(strstr(time_words(&cx, LANG_ZH, "TW", at), "11月23日"));
    assert_non_null(strstr(time_words(&cx, LANG_ZH, "TW", at), "（台北時間）"));
    assert_non_null(strstr(time_words(&cx, LANG_TH, "TH", at), "19:00"));
    assert_non_null(strstr(time_words(&cx, LANG_TH, "TH", at), "พ.ย."));
    assert_non_null(strstr(time_words(&cx, LANG_EN, "TH", at), "(Bangkok time)"));
    assert_non_null(strstr(time_words(&cx, LANG_JA, NULL, at), "20:00"));
    assert_non_null(strstr(time_words(&cx, LANG_CN, NULL, at), "11月23日"));
}

static json_t *args_of(enum notice_kind k)
{
    json_t *o =
        json_pack("{s:s,s:s,s:s,s:s,s:I,s:I,s:s,s:i,s:s,s:s,s:i,s:I,s:s}", "title",
                  "<b>\"包\" & {no}</b>", "shop", "小巷", "url", "/s/shw_1?a=1&b=2", "no",
                  "T261123-0001", "at", (json_int_t)1795435200000, "until",
                  (json_int_t)1795435200000, "code", "12345678", "minutes", 15, "detail", "LINE",
                  "what", "password", "percent", 80, "amount", (json_int_t)590, "currency", "TWD");
    if (k == NOTICE_ORDER_RECEIPT)
        json_object_update_new(
            o, json_pack("{s:[{s:s,s:s,s:i,s:i}],s:i,s:i,s:i,s:i,s:s,s:i,s:b}", "lines", "title",
                         "帆布包", "options", "黑／L", "qty", 2, "amount", 1180, "subtotal", 1180,
                         "discount", 100, "shipping", 60, "total", 1140, "address",
                         "王小明 台北市中正區…", "withdrawal_days", 7, "paid", 1));
    return o;
}

static void every_kind__says_something_in_every_language(void **state)
{
    (void)state;
    for (int k = 0; k < NOTICE_KIND_COUNT; k++) {
        json_t *args = args_of((enum notice_kind)k);
        for (int l = 0; l < LANG_COUNT; l++) {
            struct words w;
            const char *text, *html, *push;
            assert_int_equal(words_fill_in(&cx, (enum notice_kind)k, (enum lang)l, "TW", args, &w),
                             ERR_OK);
            assert_int_equal(words_mail(&cx, &w, "https://shop.example", &text, &html), ERR_OK);
            assert_null(strstr(html, "<b>"));
            assert_int_equal(words_push(&cx, &w, "tag", &push), ERR_OK);
            /* no mark is left but the one in the title that a person wrote */
            assert_int_equal(count(w.body, "{"), count(w.body, "{no}</b>"));
            assert_int_equal(count(w.title, "{"), count(w.title, "{no}</b>"));
        }
        json_decref(args);
    }
}

static void receipt__has_lines_sums_and_the_link(void **state)
{
    json_t *args = args_of(NOTICE_ORDER_RECEIPT);
    struct words w;
    const char *text, *html;
    (void)state;
    assert_int_equal(words_fill_in(&cx, NOTICE_ORDER_RECEIPT, LANG_ZH, "TW", args, &w), ERR_OK);
    assert_int_equal(words_mail(&cx, &w, "https://shop.example", &text, &html), ERR_OK);
    assert_string_equal(w.title, "訂單 T261123-0001 已成立");
    assert_non_null(strstr(text, "帆布包 × 2 (黑／L)  NT$1,180"));
    assert_non_null(strstr(text, "優惠  -NT$100"));
    assert_non_null(strstr(text, "總計  NT$1,140"));
    assert_non_null(strstr(text, "7 天內可以退貨"));
    assert_non_null(strstr(text, "https://shop.example/s/shw_1?a=1&b=2"));
    assert_non_null(strstr(html, "href=\"https://shop.example/s/shw_1?a=1&amp;b=2\""));
    json_object_set_new(args, "url", json_string("javascript:alert(1)"));
    assert_int_equal(words_fill_in(&cx, NOTICE_ORDER_RECEIPT, LANG_ZH, "TW", args, &w), ERR_OK);
    assert_int_equal(words_mail(&cx, &w, "https://shop.example", &text, &html), ERR_OK);
    assert_null(strstr(html, "javascript"));
    json_decref(args);
}

static void fill__refuses_what_lacks_its_subject(void **state)
{
    json_t *args = json_object();
    struct words w;
    (void)state;
    assert_int_equal(words_fill_in(&cx, NOTICE_EMAIL_CODE, LANG_EN, NULL, args, &w), ERR_INPUT);
    json_object_set_new(args, "what", json_string("other"));
    assert_int_equal(words_fill_in(&cx, NOTICE_SECURITY_NOTICE, LANG_EN, NULL, args, &w),
                     ERR_INPUT);
    json_decref(args);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words__have_the_same_marks_in_every_language),
        cmocka_unit_test(money__is_written_as_in_its_market),
        cmocka_unit_test(times__are_those_of_the_market),
        cmocka_unit_test(every_kind__says_something_in_every_language),
        cmocka_unit_test(receipt__has_lines_sums_and_the_link),
        cmocka_unit_test(fill__refuses_what_lacks_its_subject),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
