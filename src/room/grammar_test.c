/* Every comment here was decided once, by a person: what would a good host understand? */
#include "base/test.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "room/grammar_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unicode/utf8.h>

/* ---- a show ---- */

static const char shop_json[] =
    "[{\"code\":\"A12\",\"options\":[{\"values\":[[\"黑\",\"black\",\"ดำ\"],[\"白\",\"white\","
    "\"ขาว\"]]},"
    "{\"values\":[[\"M\"],[\"L\"]]}]},"
    "{\"code\":\"A13\",\"options\":[]},"
    "{\"code\":\"P1\",\"options\":[{\"values\":[[\"粉\",\"pink\",\"ชมพู\"],[\"白\",\"white\","
    "\"ขาว\"]]}]},"
    "{\"code\":\"A1\",\"options\":[]},{\"code\":\"Q1\",\"options\":[]},{\"code\":\"88\","
    "\"options\":[]},"
    "{\"code\":\"S2\",\"options\":[{\"values\":[\"36\",\"37\",\"38\",\"F\"]}]},"
    "{\"code\":\"12\",\"options\":[]},{\"code\":\"15\",\"options\":[]}]";

enum { A13 = 1, P1 = 2, LISTINGS_MAX = 16 };

struct fixture {
    struct cx cx;
    json_t *json;
    struct grammar_listing listings[LISTINGS_MAX];
    size_t count;
    struct grammar *g;
};

static struct fixture *fixture_of(const char *json)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->cx.arena = arena_make(1 << 20);
    f->json = json_loads(json, 0, NULL);
    f->count = json_array_size(f->json);
    assert_in_range(f->count, 1, LISTINGS_MAX);
    for (size_t i = 0; i < f->count; i++) {
        const json_t *l = json_array_get(f->json, i);
        assert_int_equal(grammar_listing_json(&f->cx, json_string_value(json_object_get(l, "code")),
                                              json_object_get(l, "options"), &f->listings[i]),
                         ERR_OK);
    }
    assert_int_equal(grammar_make(f->listings, f->count, &f->g), ERR_OK);
    return f;
}

static void fixture_free(struct fixture *f)
{
    grammar_free(f->g);
    json_decref(f->json);
    arena_free(f->cx.arena);
    free(f);
}

static int setup(void **state)
{
    *state = fixture_of(shop_json);
    return 0;
}

static int teardown(void **state)
{
    fixture_free(*state);
    return 0;
}

/* "add A12 黑/L 2, review P1 1 ?": '?' is need_option. */
static void describe(const struct fixture *f, const struct grammar_reading *r, char *out,
                     size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < r->count; i++) {
        const struct grammar_item *item = &r->items[i];
        const struct grammar_listing *l = &f->listings[item->listing];
        const char *mark = " ";
        n += (size_t)snprintf(out + n, size - n, "%s%s %s", i ? ", " : "",
                              grammar_op_name(item->op), l->code);
        for (size_t o = 0; o < l->count; o++) {
            if (item->value[o] == GRAMMAR_NONE)
                continue;
            n += (size_t)snprintf(out + n, size - n, "%s%s", mark,
                                  l->options[o].values[item->value[o]].words[0]);
            mark = "/";
        }
        if (item->all)
            n += (size_t)snprintf(out + n, size - n, "%sALL", mark);
        if (item->qty)
            n += (size_t)snprintf(out + n, size - n, " %d", item->qty);
        n += (size_t)snprintf(out + n, size - n, "%s", item->need_option ? " ?" : "");
    }
}

static void expect(const struct fixture *f, const char *text, int pinned, const char *want)
{
    struct grammar_reading r;
    char got[2000];
    grammar_read(f->g, text, pinned, &r);
    describe(f, &r, got, sizeof got);
    if (strcmp(got, want) != 0)
        fail_msg("'%s' reads as '%s', not '%s'", text, got, want);
}

/* ---- comments ---- */

enum { COMMENTS_MAX = 1000 };

/* test/claim/comments.jsonl: {"text", "reading"}, with P1 pinned. */
static json_t *read_comments(void)
{
    char line[2000];
    json_t *all = json_array();
    FILE *f = fopen("test/claim/comments.jsonl", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        json_t *one = json_loads(line, 0, NULL);
        assert_non_null(one);
        assert_int_equal(json_array_append_new(all, one), 0);
    }
    (void)fclose(f);
    assert_in_range(json_array_size(all), 200, COMMENTS_MAX);
    return all;
}

static const char *field(const json_t *comments, size_t i, const char *name)
{
    const char *text = json_string_value(json_object_get(json_array_get(comments, i), name));
    assert_non_null(text);
    return text;
}

static void comment__reads_as_decided(void **state)
{
    json_t *comments = read_comments();
    for (size_t i = 0; i < json_array_size(comments); i++)
        expect(*state, field(comments, i, "text"), P1, field(comments, i, "reading"));
    json_decref(comments);
}

static void comment__with_nothing_pinned_orders_by_code_alone(void **state)
{
    static const char *const nothing[] = {"+1",   "CF",    "CF2", "CC",  "粉+1",
                                          "我要", "เอา 2", "2件", "包+1"};
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
        expect(*state, nothing[i], GRAMMAR_NONE, "");
    expect(*state, "A13+1", GRAMMAR_NONE, "add A13 1");
    expect(*state, "cf2 a13", GRAMMAR_NONE, "queue A13 1");
}

static void comment__pinned_with_one_variant_needs_no_option(void **state)
{
    expect(*state, "+1", A13, "add A13 1");
    expect(*state, "CF", A13, "add A13 1");
    expect(*state, "CF3", A13, "queue A13 1");
    expect(*state, "要", A13, "review A13 1");
    expect(*state, "藍+1", A13, "");
    expect(*state, "+1", 99, "");
}

static void code__named_cf2_wins_over_the_queue(void **state)
{
    (void)state;
    struct fixture *f = fixture_of("[{\"code\":\"CF2\"},{\"code\":\"X5\"},{\"code\":\"FA1\"},"
                                   "{\"code\":\"A1\"},{\"code\":\"555\"},{\"code\":\"粉1\"}]");
    expect(f, "CF2", 3, "add CF2 1");
    expect(f, "CF3", 3, "queue A1 1");
    expect(f, "fa1", 3, "add FA1 1");
    expect(f, "cf a1 x5", 3, "add A1 1, add X5 1");
    expect(f, "A1x5", 3, "add A1 5");
    expect(f, "A1 x 5", 3, "add A1 5");
    expect(f, "555", 3, "");
    expect(f, "555+1", 3, "add 555 1");
    expect(f, "cf555", 3, "add 555 1");
    expect(f, "粉1+2", 3, "add 粉1 2");
    expect(f, "我要粉1", 3, "add 粉1 1");
    fixture_free(f);
}

static void near_miss__is_suggested_only_when_unique(void **state)
{
    (void)state;
    struct fixture *f =
        fixture_of("[{\"code\":\"A12\"},{\"code\":\"A13\"},{\"code\":\"B10\"},{\"code\":\"C1\"}]");
    expect(f, "AI2+1", GRAMMAR_NONE, "review A12 1");
    expect(f, "BlO+2", GRAMMAR_NONE, "review B10 2");
    expect(f, "A14+1", GRAMMAR_NONE, ""); /* A12 or A13? */
    expect(f, "B1O", GRAMMAR_NONE, "review B10 1");
    expect(f, "CF B1O ค่ะ", GRAMMAR_NONE, "review B10 1");
    expect(f, "cfB1O", GRAMMAR_NONE, "review B10 1");
    expect(f, "B100+1", GRAMMAR_NONE, "review B10 1");
    expect(f, "B0+1", GRAMMAR_NONE, "review B10 1");
    expect(f, "B1O-1", GRAMMAR_NONE, "");
    expect(f, "hello B1O people", GRAMMAR_NONE, "");
    fixture_free(f);
}

static void option__with_one_value_is_said_by_itself(void **state)
{
    (void)state;
    struct fixture *f =
        fixture_of("[{\"code\":\"A1\",\"options\":[{\"values\":[\"F\"]},{\"values\":"
                   "[[\"น้ำเงิน\",\"深 藍\"],[\"ดำ\"]]}]}]");
    expect(f, "A1 ดำ", GRAMMAR_NONE, "add A1 F/ดำ 1");
    expect(f, "A1 น้ำเงิน 2 ตัว", GRAMMAR_NONE, "add A1 F/น้ำเงิน 2");
    expect(f, "a1 深　藍 +1", GRAMMAR_NONE, "add A1 F/น้ำเงิน 1");
    expect(f, "A1+1", GRAMMAR_NONE, "add A1 F 1 ?");
    expect(f, "F+1", 0, "add A1 F 1 ?");
    fixture_free(f);
}

static void comment__has_at_most_twenty_items(void **state)
{
    (void)state;
    static char json[4000] = "[", text[4000];
    for (int i = 10; i < 26; i++)
        (void)snprintf(json + strlen(json), sizeof json - strlen(json), "%s{\"code\":\"K%d\"}",
                       i > 10 ? "," : "", i);
    (void)snprintf(json + strlen(json), sizeof json - strlen(json), "]");
    struct fixture *f = fixture_of(json);
    for (int i = 10; i < 26; i++)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "K%d+1 K%d-1 ", i, i);
    struct grammar_reading r;
    grammar_read(f->g, text, GRAMMAR_NONE, &r);
    assert_int_equal(r.count, GRAMMAR_ITEMS_MAX);
    memset(text, 'a', 600);
    text[600] = '\0';
    grammar_read(f->g, text, GRAMMAR_NONE, &r);
    assert_int_equal(r.count, 0);
    grammar_read(f->g, "K10+1 \xff", GRAMMAR_NONE, &r);
    assert_int_equal(r.count, 0);
    fixture_free(f);
}

/* ---- keys ---- */

static void key__is_the_code_as_comments_say_it(void **state)
{
    (void)state;
    static const struct {
        const char *code, *key;
    } keys[] = {{"A12", "a12"},  {"Ａ１２", "a12"}, {"a 12", "a12"},
                {"A-12", "a12"}, {"๑๒", "12"},      {"粉1", "粉1"},
                {"CF2", "cf2"},  {"CF", NULL},      {"f", NULL},
                {"CC", NULL},    {"要", NULL},      {"件", NULL},
                {"", NULL},      {"A+1", NULL},     {"❤", NULL},
                {"A_1", "a1"},   {"?", NULL},       {"ABCDEFGHIJKLMNOPQ", NULL}};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char key[GRAMMAR_KEY_SIZE] = "";
        enum err e = grammar_code_key(keys[i].code, key);
        if (e != (keys[i].key ? ERR_OK : ERR_INPUT))
            fail_msg("the code '%s'", keys[i].code);
        if (keys[i].key)
            assert_string_equal(key, keys[i].key);
    }
}

static void listings__past_the_limits_are_refused(void **state)
{
    (void)state;
    static struct grammar_listing many[GRAMMAR_LISTINGS_MAX + 1];
    struct grammar *g = NULL;
    for (size_t i = 0; i <= GRAMMAR_LISTINGS_MAX; i++)
        many[i].code = "A1"; /* the first has it */
    assert_int_equal(grammar_make(many, GRAMMAR_LISTINGS_MAX + 1, &g), ERR_INPUT);
    assert_int_equal(grammar_make(many, GRAMMAR_LISTINGS_MAX, &g), ERR_OK);
    struct grammar_reading r;
    grammar_read(g, "A1+1", GRAMMAR_NONE, &r);
    assert_int_equal(r.count, 1);
    assert_int_equal(r.items[0].listing, 0);
    grammar_free(g);
    static const struct grammar_option none = {NULL, 0};
    const struct grammar_listing empty = {"A1", &none, 1};
    assert_int_equal(grammar_make(&empty, 1, &g), ERR_INPUT);
    assert_int_equal(grammar_make(NULL, 0, &g), ERR_OK);
    grammar_read(g, "A1+1", GRAMMAR_NONE, &r);
    assert_int_equal(r.count, 0);
    grammar_free(g);
}

/* ---- what is always so ---- */

static const char *const pieces[] = {
    "A12",  "a13",    "P1",     "88",   "12",      "S2",   "+1",    "+2",  "-1",  "*3", " ",
    " ",    ",",      "、",     "黑",   "白",      "L",    "m",     "ดำ",  "ขาว", "สี",  "2ตัว",
    "兩件", "包",     "*",      "CF",   "CC",      "取消", "ยกเลิก", "เอา", "รับ",  "要", "我要",
    "各1",  "ค่ะ",     "555",    "2",    "๓",       "+",    "=",     "x",   "AI2", "好", "น้ำ",
    "+0",   "+99999", "❤",      "：",   "1️⃣", "+100", "ＡＢ",  "粉",  "F",   "38", "號",
    "\n",   "/",      "อย่างละ", "每色", "no",      "1"};

static void check_reading(const struct fixture *f, const struct grammar_reading *r)
{
    assert_in_range(r->count, 0, GRAMMAR_ITEMS_MAX);
    for (size_t i = 0; i < r->count; i++) {
        const struct grammar_item *a = &r->items[i];
        assert_in_range(a->listing, 0, f->count - 1);
        if (a->op == GRAMMAR_CANCEL)
            assert_int_equal(a->qty, 0);
        else
            assert_in_range(a->qty, 1, GRAMMAR_QTY_MAX);
        bool missing = false;
        for (size_t o = 0; o < GRAMMAR_OPTIONS_MAX; o++) {
            const struct grammar_listing *l = &f->listings[a->listing];
            bool there = o < l->count;
            missing = missing || (there && a->value[o] == GRAMMAR_NONE);
            assert_true(a->value[o] == GRAMMAR_NONE ||
                        (there && (size_t)a->value[o] < l->options[o].count));
        }
        if (a->op != GRAMMAR_SUB && a->op != GRAMMAR_CANCEL)
            assert_int_equal(a->need_option, missing && !a->all);
        for (size_t j = 0; j < i; j++) {
            const struct grammar_item *b = &r->items[j];
            assert_false(a->op == b->op && a->listing == b->listing && a->all == b->all &&
                         memcmp(a->value, b->value, sizeof a->value) == 0);
        }
    }
}

static void reading__is_within_its_bounds_whatever_is_typed(void **state)
{
    const struct fixture *f = *state;
    uint32_t seed = 12345;
    for (int round = 0; round < 20000; round++) {
        char text[400] = "";
        int n = 1 + round % 9;
        for (int i = 0; i < n; i++) {
            seed = seed * 1664525 + 1013904223;
            const char *piece = pieces[(seed >> 8) % (sizeof pieces / sizeof pieces[0])];
            (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s", piece);
        }
        struct grammar_reading r, again;
        grammar_read(f->g, text, round % 3 == 0 ? GRAMMAR_NONE : round % 9, &r);
        check_reading(f, &r);
        grammar_read(f->g, text, round % 3 == 0 ? GRAMMAR_NONE : round % 9, &again);
        assert_int_equal(r.count, again.count);
    }
}

static void folding__twice_is_folding_once(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Ａ１２＋１", "ดำ ดํา น้ำ",       "①② ㈠ ½ ﷺ", "A1️⃣ ➕ ➖ ✖️",
        "ÀÉİSS ß ﬁ",  "\u200bA\u200d1", "กกกก ๑๒๓",  "好好好好",
        "e\u0301 é"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint32_t once[GRAMMAR_FOLDED_MAX], twice[GRAMMAR_FOLDED_MAX];
        char text[2000];
        size_t n, m;
        int32_t bytes = 0;
        UBool bad = false;
        assert_int_equal(grammar_fold(texts[i], once, GRAMMAR_FOLDED_MAX, &n), ERR_OK);
        for (size_t k = 0; k < n; k++)
            U8_APPEND((uint8_t *)text, bytes, 1999, once[k], bad);
        assert_false(bad);
        text[bytes] = '\0';
        assert_int_equal(grammar_fold(text, twice, GRAMMAR_FOLDED_MAX, &m), ERR_OK);
        assert_int_equal(n, m);
        assert_memory_equal(once, twice, n * sizeof once[0]);
    }
    uint32_t a[8], b[8];
    size_t n, m;
    assert_int_equal(grammar_fold("ดำ", a, 8, &n), ERR_OK); /* U+0E33 */
    assert_int_equal(grammar_fold("ด\u0e4dา", b, 8, &m), ERR_OK);
    assert_int_equal(n, 3);
    assert_int_equal(m, 3);
    assert_memory_equal(a, b, 3 * sizeof a[0]);
}

/* No time is asserted: other things run on this machine. The figure is printed. */
static void reading__takes_microseconds(void **state)
{
    const struct fixture *f = *state;
    enum { ROUNDS = 200 };
    json_t *comments = read_comments();
    const char *texts[COMMENTS_MAX];
    size_t n = json_array_size(comments);
    for (size_t i = 0; i < n; i++)
        texts[i] = field(comments, i, "text");
    struct timespec a, b;
    (void)clock_gettime(CLOCK_MONOTONIC, &a);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < n; i++) {
            struct grammar_reading r;
            grammar_read(f->g, texts[i], P1, &r);
        }
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &b);
    double ns = (double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec);
    print_message("%.2f us a comment\n", ns / 1e3 / (double)(ROUNDS * n));
    json_decref(comments);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(comment__reads_as_decided),
        cmocka_unit_test(comment__with_nothing_pinned_orders_by_code_alone),
        cmocka_unit_test(comment__pinned_with_one_variant_needs_no_option),
        cmocka_unit_test(code__named_cf2_wins_over_the_queue),
        cmocka_unit_test(near_miss__is_suggested_only_when_unique),
        cmocka_unit_test(option__with_one_value_is_said_by_itself),
        cmocka_unit_test(comment__has_at_most_twenty_items),
        cmocka_unit_test(key__is_the_code_as_comments_say_it),
        cmocka_unit_test(listings__past_the_limits_are_refused),
        cmocka_unit_test(reading__is_within_its_bounds_whatever_is_typed),
        cmocka_unit_test(folding__twice_is_folding_once),
        cmocka_unit_test(reading__takes_microseconds),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
