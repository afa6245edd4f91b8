#include "base/test.h"

#include "base/arena.h"
#include "catalog/terms_in.h"

#include <stdio.h>
#include <string.h>

enum { ARENA = 1 << 20 };

static int make(void **state)
{
    struct term_list *l = test_malloc(sizeof *l);
    assert_int_equal(terms_init(l, arena_make(ARENA), 400), ERR_OK);
    *state = l;
    return 0;
}

static int drop(void **state)
{
    struct term_list *l = *state;
    arena_free(l->arena);
    test_free(l);
    return 0;
}

static int64_t weight(const struct term_list *l, const char *term)
{
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->items[i].text, term) == 0)
            return l->items[i].weight;
    return 0;
}

/* Every term of the question is a term, or a beginning, of the title. */
static bool finds(struct term_list *l, const char *title, const char *question)
{
    struct term_list ask;
    char beginning[TERM_BYTES_MAX + 2];
    l->count = 0;
    assert_int_equal(terms_add(l, title, TERM_TITLE), ERR_OK);
    assert_int_equal(terms_init(&ask, l->arena, QUERY_TERMS_MAX), ERR_OK);
    assert_int_equal(terms_add(&ask, question, TERM_QUERY), ERR_OK);
    for (size_t i = 0; i < ask.count; i++) {
        (void)snprintf(beginning, sizeof beginning, "%s*", ask.items[i].text);
        if (!weight(l, ask.items[i].text) && !weight(l, beginning))
            return false;
    }
    return ask.count > 0;
}

static void search__finds_pieces_of_chinese_words(void **state)
{
    static const char title[] = "手作帆布包（黑色）";
    assert_true(finds(*state, title, "帆布"));
    assert_true(finds(*state, title, "帆布包"));
    assert_true(finds(*state, title, "包"));
    assert_true(finds(*state, title, "黑色 帆布"));
    assert_false(finds(*state, title, "布帆"));
    assert_false(finds(*state, title, "茶"));
    assert_true(finds(*state, "T恤 L號", "t恤"));
    assert_true(finds(*state, "カバン", "バン"));
}

static void search__finds_words_inside_thai_sentences(void **state)
{
    static const char title[] = "ขายกระเป๋าผ้าทำมือราคาถูก";
    assert_true(finds(*state, title, "กระเป๋า"));
    assert_true(finds(*state, title, "กระเป๋าผ้า"));
    assert_true(finds(*state, title, "ผ้า"));
    assert_false(finds(*state, title, "แก้ว"));
    assert_true(finds(*state, "กระเป๋าสีดำ", "ดำ"));
    assert_true(finds(*state, "น้ำชาภูเขา ๑๒ กล่อง", "น้ำชา 12"));
}

static void search__finds_latin_words_by_their_beginning(void **state)
{
    static const char title[] = "Canvas Tote Bag";
    assert_true(finds(*state, title, "can"));
    assert_true(finds(*state, title, "CANVAS bag"));
    assert_true(finds(*state, title, "ｔｏｔｅ"));
    assert_false(finds(*state, title, "anvas"));
    assert_false(finds(*state, title, "canvasses"));
    assert_false(finds(*state, title, "***"));
}

static void weight__a_word_is_worth_more_than_a_beginning(void **state)
{
    struct term_list *l = *state;
    assert_int_equal(terms_add(l, "tea", TERM_BODY), ERR_OK);
    int64_t body = weight(l, "tea");
    assert_int_equal(terms_add(l, "Tea teapot", TERM_TITLE), ERR_OK);
    assert_true(weight(l, "tea") > weight(l, "teap*") && weight(l, "teap*") > body && body > 0);
    assert_int_equal(weight(l, "teapot*"), 0);
}

static void code__is_found_whole_and_by_its_beginning(void **state)
{
    struct term_list *l = *state;
    assert_int_equal(terms_add_code(l, " BAG-ＢＫ-M* "), ERR_OK);
    assert_true(weight(l, "bag-bk-m") > 0);
    assert_true(weight(l, "bag-bk*") > 0);
}

static void list__is_bounded(void **state)
{
    struct term_list *l = *state, few;
    assert_int_equal(terms_init(&few, l->arena, 3), ERR_OK);
    assert_int_equal(terms_add(&few, "one two three four five", TERM_BODY), ERR_OK);
    assert_int_equal(few.count, 3);
    assert_int_equal(terms_add(&few, "\xff\xfe broken", TERM_BODY), ERR_OK);
    assert_int_equal(terms_add(&few, "", TERM_TITLE), ERR_OK);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        T(search__finds_pieces_of_chinese_words),
        T(search__finds_words_inside_thai_sentences),
        T(search__finds_latin_words_by_their_beginning),
        T(weight__a_word_is_worth_more_than_a_beginning),
        T(code__is_found_whole_and_by_its_beginning),
        T(list__is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
