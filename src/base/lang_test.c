#include "base/lang.h"
#include "base/test.h"

static void lang__nearest_is_told_by_script_then_place(void **state)
{
    (void)state;
    static const struct {
        const char *tag;
        enum lang l;
    } table[] = {{"zh", LANG_ZH},
                 {"zh-TW", LANG_ZH},
                 {"zh-Hant-TW", LANG_ZH},
                 {"zh-HK", LANG_ZH},
                 {"zh_MO", LANG_ZH},
                 {"zh-Hant-CN", LANG_ZH},
                 {"zh-CN-Hant", LANG_ZH},
                 {"zh-CN", LANG_CN},
                 {"ZH_hans", LANG_CN},
                 {"zh-SG", LANG_CN},
                 {"zh-Hans-HK", LANG_CN},
                 {"th-TH", LANG_TH},
                 {"TH", LANG_TH},
                 {"ja-JP", LANG_JA},
                 {"en-GB", LANG_EN},
                 {"fr", LANG_COUNT},
                 {"zhx", LANG_COUNT},
                 {"z", LANG_COUNT},
                 {"", LANG_COUNT},
                 {"*", LANG_COUNT},
                 {"-zh", LANG_COUNT},
                 {"then", LANG_COUNT},
                 {"zh-aVeryLongSubtagThatIsNone", LANG_ZH}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(lang_near(table[i].tag), table[i].l);
    assert_int_equal(lang_near(NULL), LANG_COUNT);
}

static void lang__weights_decide_and_the_first_of_equals(void **state)
{
    (void)state;
    static const struct {
        const char *asked;
        enum lang l;
    } table[] = {{"th,en;q=0.9,zh-TW;q=0.8", LANG_TH},
                 {"en;q=0.3, ja;q=0.31", LANG_JA},
                 {"fr-CH, fr;q=0.9, zh-CN;q=0.4, *;q=0.5", LANG_EN},
                 {"fr-CH, fr;q=0.9, zh-CN;q=0.6, *;q=0.5", LANG_CN},
                 {"ja ; q=1.000 , th", LANG_JA},
                 {"th;q=0, ja;q=0.001", LANG_JA},
                 {"th;q=2, ja;q=1.001, en;q=x, zh;q=.5", LANG_EN},
                 {"th;level=1, zh", LANG_ZH},
                 {",,;q=1, ,zh-HK", LANG_ZH},
                 {"fr", LANG_EN},
                 {"", LANG_EN}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(lang_of(table[i].asked), table[i].l);
    assert_int_equal(lang_of(NULL), LANG_EN);
}

static void lang__names_are_found_exactly(void **state)
{
    (void)state;
    for (int i = 0; i < LANG_COUNT; i++) {
        enum lang l = (enum lang)i;
        assert_int_equal(lang_find(lang_name(l)), l);
        assert_int_equal(lang_near(lang_tag(l)), l);
    }
    assert_int_equal(lang_find("zh"), LANG_COUNT);
    assert_int_equal(lang_find("zh-tw"), LANG_COUNT);
}

static void lang__every_order_names_each_language_once(void **state)
{
    (void)state;
    for (int i = 0; i < LANG_COUNT; i++) {
        unsigned seen = 0;
        assert_int_equal(lang_order((enum lang)i, 0), i);
        for (int place = 0; place < LANG_COUNT; place++)
            seen |= 1U << lang_order((enum lang)i, place);
        assert_int_equal(seen, (1U << LANG_COUNT) - 1);
    }
    assert_int_equal(lang_order(LANG_CN, 1), LANG_ZH);
    assert_int_equal(lang_order(LANG_JA, 1), LANG_EN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lang__nearest_is_told_by_script_then_place),
        cmocka_unit_test(lang__weights_decide_and_the_first_of_equals),
        cmocka_unit_test(lang__names_are_found_exactly),
        cmocka_unit_test(lang__every_order_names_each_language_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
