#include "base/test.h"

#include "account/limit.h"
#include "room/room_in.h"
#include "room/testkit.h"
#include "room/words.sql.h"

#include <stdlib.h>
#include <string.h>

static bool holds(const char *text, const char *word)
{
    static struct folded t, w;
    assert_int_equal(words_fold(word, &w), ERR_OK);
    return words_fold(text, &t) == ERR_OK && words_hold(&t, &w);
}

static void words__of_scripts_without_spaces_are_found_anywhere(void **state)
{
    (void)state;
    assert_true(holds("這根本是詐騙集團", "詐騙"));
    assert_true(holds("詐 騙", "詐騙"));
    assert_true(holds("詐。騙", "詐騙"));
    assert_true(holds("詐\u200b騙", "詐騙"));
    assert_false(holds("詐欺", "詐騙"));
    assert_true(holds("ร้านนี้โกงลูกค้า", "โกง"));
    assert_true(holds("โ ก ง", "โกง"));
    assert_true(holds("น้ำมนต์ดำ", "ดำ")); /* NFKC takes ำ apart, in both */
    assert_true(holds("加LINE聊", "加line"));
    assert_true(holds("so 🖕 there", "🖕"));
}

static void words__of_scripts_with_spaces_are_whole(void **state)
{
    (void)state;
    assert_true(holds("What a SCAM!", "scam"));
    assert_true(holds("ｓｃａｍ", "scam"));
    assert_true(holds("s c a m", "scam"));
    assert_true(holds("it is s.c.a.m ok", "scam"));
    assert_true(holds("s\u0336c\u0336a\u0336m", "scam"));
    assert_true(holds("你scam嗎", "scam"));
    assert_true(holds("buy   now!!", "Buy now"));
    assert_false(holds("scampi for dinner", "scam"));
    assert_false(holds("a scan", "scam"));
    assert_false(holds("I am a b", "ab")); /* two letters alone are no word */
    assert_false(holds("", "scam"));
    assert_false(holds("!!!", "scam"));
}

static void words__bounds_hold_for_the_longest(void **state)
{
    (void)state;
    static struct folded f;
    char *text = malloc(CHAT_CHARS_MAX * 3 + 1);
    assert_non_null(text);
    for (int i = 0; i < CHAT_CHARS_MAX; i++)
        memcpy(text + i * 3, "ﷺ", 4); /* one character that folds to eighteen */
    enum err e = words_fold(text, &f);
    assert_true(e == ERR_OK || e == ERR_INPUT);
    free(text);
    assert_int_equal(words_fold(" ... ", &f), ERR_INPUT);
}

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    (void)state;
    struct test_room *k = test_room_make();
#define X(q) assert_int_equal(test_check_sql(k->t, &(q)), ERR_OK);
    SQL_ALL(X)
#undef X
    test_room_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words__of_scripts_without_spaces_are_found_anywhere),
        cmocka_unit_test(words__of_scripts_with_spaces_are_whole),
        cmocka_unit_test(words__bounds_hold_for_the_longest),
        cmocka_unit_test(sql__every_statement_prepares_with_ordered_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
