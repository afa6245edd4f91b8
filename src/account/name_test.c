#include "base/test.h"

#include "account/account.h"

#include <string.h>

static struct cx cx;

static void assert_name(const char *typed, const char *want)
{
    char name[NAME_SIZE];
    enum err e = account_tidy_name(&cx, typed, name);
    if (!want) {
        assert_int_equal(e, ERR_INPUT);
        return;
    }
    assert_int_equal(e, ERR_OK);
    assert_string_equal(name, want);
}

static void name__is_made_fit_to_show(void **state)
{
    (void)state;
    assert_name("Mei", "Mei");
    assert_name("  王\t 小明 \n", "王 小明");
    assert_name("a\x01\xe2\x80\xae"
                "b",
                "ab"); /* a control and a right-to-left override */
    assert_name("👩‍🌾 สมชาย", "👩‍🌾 สมชาย");
    assert_name("一二三四五六七八九十一二三四五六七八九十一二三四",
                "一二三四五六七八九十一二三四五六七八九十一二三四");
}

static void name__refuses_what_nobody_could_read(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        " \t ",
        "\xe2\x80\x8b\xe2\x80\x8b", /* zero-width spaces */
        "\xe3\x85\xa4",             /* Hangul filler */
        "\xe2\xa0\x80",             /* braille with no dot */
        "\xc3\x28",                 /* not UTF-8 */
        "\xed\xa0\x80",             /* a surrogate */
        "一二三四五六七八九十一二三四五六七八九十一二三四五",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_name(bad[i], NULL);
    char huge[5000];
    memset(huge, 'x', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    assert_name(huge, NULL);
    memset(huge, ' ', sizeof huge - 1);
    assert_name(huge, NULL);
}

static void assert_mask(const char *name, const char *want)
{
    char masked[MASKED_SIZE];
    account_mask_name(name, masked);
    assert_string_equal(masked, want);
}

static void mask__shows_little(void **state)
{
    (void)state;
    assert_mask("王小明", "王*明");
    assert_mask("歐陽小明", "歐*明");
    assert_mask("王明", "王*");
    assert_mask("王", "***");
    assert_mask("สมชาย", "สม***");
    assert_mask("กี้ปู่นา", "กี้ปู่***");
    assert_mask("กี้นา", "กี้น***");
    assert_mask("Mei Lin", "Me***");
    assert_mask("Al", "A***");
    assert_mask("A", "***");
    assert_mask("さくら", "さ*ら");
    assert_mask("王Mei", "王M***");
    assert_mask("", "***");
}

static void mask__stays_in_bounds_under_heaped_marks(void **state)
{
    (void)state;
    char name[NAME_SIZE] = "x";
    for (int i = 1; i < NAME_CHARS_MAX; i++)
        memcpy(name + 1 + 2 * (i - 1), "\xcc\x81", 3); /* combining acute */
    char masked[MASKED_SIZE];
    account_mask_name(name, masked);
    assert_true(strlen(masked) < MASKED_SIZE);
}

static void assert_email(const char *typed, const char *want)
{
    char email[EMAIL_SIZE];
    enum err e = account_tidy_email(&cx, typed, email);
    assert_int_equal(e, want ? ERR_OK : ERR_INPUT);
    if (want)
        assert_string_equal(email, want);
}

static void email__is_lower_case_and_one_address(void **state)
{
    (void)state;
    assert_email(" Owner@Example.TEST\n", "owner@example.test");
    assert_email("a+b.c@localhost", "a+b.c@localhost");
    static const char *const bad[] = {"",
                                      "@",
                                      "a@",
                                      "@b",
                                      "a",
                                      "a@b@c",
                                      "a b@c.de",
                                      "a@b..c",
                                      "a@-b.c",
                                      "a@b.c.",
                                      "a@b,c",
                                      "a@b\nBcc: x@y",
                                      "\xc3\xa4@b.c",
                                      "a@\xc3\xa4.c",
                                      "a@b c",
                                      "<a@b.c>"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_email(bad[i], NULL);
    char huge[400];
    memset(huge, 'a', sizeof huge);
    memcpy(huge + sizeof huge - 5, "@b.c", 5);
    assert_email(huge, NULL);
    assert_email(huge + sizeof huge - 5 - 65, NULL);
    assert_email(huge + sizeof huge - 5 - 64, huge + sizeof huge - 5 - 64);
}

static void lang__is_one_we_speak(void **state)
{
    (void)state;
    assert_string_equal(account_lang("zh-Hant-TW"), "zh-TW");
    assert_string_equal(account_lang("fr, zh-SG;q=0.5"), "zh-CN");
    assert_string_equal(account_lang("TH"), "th");
    assert_string_equal(account_lang("th_TH"), "th");
    assert_string_equal(account_lang("en-GB"), "en");
    assert_string_equal(account_lang("zhx"), "en");
    assert_string_equal(account_lang("z"), "en");
    assert_string_equal(account_lang(""), "en");
    assert_string_equal(account_lang(NULL), "en");
}

static void device__is_told_by_its_shape(void **state)
{
    (void)state;
    char id[ID_TEXT];
    device_make(id);
    assert_true(device_ok(id));
    id[19] = '\0';
    assert_false(device_ok(id));
    assert_false(device_ok("viw_0123456789abcdef"));
    assert_false(device_ok(""));
}

static void password__rules_are_length_and_no_common_ones(void **state)
{
    (void)state;
    char text[600];
    assert_int_equal(password_rules(&cx, "nine chars", "a@b.c"), ERR_OK);
    assert_int_equal(password_rules(&cx, "ninechars", "a@b.c"), ERR_INPUT);
    assert_int_equal(password_rules(&cx, "夜市夜市夜市夜市夜市", "a@b.c"), ERR_OK);
    assert_int_equal(password_rules(&cx, "夜市夜市夜市夜市夜", "a@b.c"), ERR_INPUT);
    assert_int_equal(password_rules(&cx, "Password123", "a@b.c"), ERR_INPUT);
    assert_int_equal(password_rules(&cx, "1234567890", "a@b.c"), ERR_INPUT);
    assert_int_equal(password_rules(&cx, "Somebody@Example.test", "somebody@example.test"),
                     ERR_INPUT);
    assert_null(strstr(cx.problem, "omebody"));
    assert_int_equal(password_rules(&cx, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "a@b.c"),
                     ERR_INPUT);
    memset(text, 'p', sizeof text);
    text[128] = '\0';
    assert_int_equal(password_rules(&cx, text, "a@b.c"), ERR_OK);
    text[128] = 'p';
    text[129] = '\0';
    assert_int_equal(password_rules(&cx, text, "a@b.c"), ERR_INPUT);
}

static void password__is_no_word_of_the_person_or_the_site(void **state)
{
    (void)state;
    static const char *const guessed[] = {
        "NightMarket2026", "nightmarketnightmarket", "live-stream-1!", "Mike-mike-mike",
        "MIKE123456",      "lanternshop26",          "lanternshop...!"};
    static const char *const good[] = {"mike and the lantern", "mike8462017395", "nightmarketeer",
                                       "my lanternshop"};
    for (size_t i = 0; i < sizeof guessed / sizeof *guessed; i++)
        assert_int_equal(password_rules(&cx, guessed[i], "mike@lanternshop.tw"), ERR_INPUT);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(password_rules(&cx, good[i], "mike@lanternshop.tw"), ERR_OK);
}

int main(void)
{
    if (crypto_init())
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(name__is_made_fit_to_show),
        cmocka_unit_test(name__refuses_what_nobody_could_read),
        cmocka_unit_test(mask__shows_little),
        cmocka_unit_test(mask__stays_in_bounds_under_heaped_marks),
        cmocka_unit_test(email__is_lower_case_and_one_address),
        cmocka_unit_test(lang__is_one_we_speak),
        cmocka_unit_test(device__is_told_by_its_shape),
        cmocka_unit_test(password__rules_are_length_and_no_common_ones),
        cmocka_unit_test(password__is_no_word_of_the_person_or_the_site),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
