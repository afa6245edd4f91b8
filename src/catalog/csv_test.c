#include "base/test.h"

#include "base/arena.h"
#include "catalog/csv_in.h"

#include <stdlib.h>
#include <string.h>

struct table {
    struct arena *arena;
    struct csv csv;
    const char *field[CSV_FIELDS_MAX];
    size_t count;
};

static int make(void **state)
{
    struct table *t = test_calloc(1, sizeof *t);
    t->arena = arena_make(1 << 20);
    *state = t;
    return 0;
}

static int drop(void **state)
{
    struct table *t = *state;
    arena_free(t->arena);
    test_free(t);
    return 0;
}

static void open_text(struct table *t, const char *text)
{
    csv_open(&t->csv, text, strlen(text));
}

/* The next row's fields joined by '|'; "END", "BAD". */
static const char *row(struct table *t)
{
    enum err e = csv_row(&t->csv, t->arena, t->field, &t->count);
    if (e == ERR_NOT_FOUND)
        return "END";
    if (e)
        return "BAD";
    const char *all = t->field[0];
    for (size_t i = 1; i < t->count; i++)
        all = arena_fmt(t->arena, "%s|%s", all, t->field[i]);
    return all;
}

static void rows__end_in_any_line_end(void **state)
{
    struct table *t = *state;
    open_text(t, "\xef\xbb\xbf"
                 "a,b\r\n1,2\n\n\r\n3,4\r5,");
    assert_string_equal(row(t), "a|b");
    assert_string_equal(row(t), "1|2");
    assert_int_equal(t->csv.line, 2);
    assert_string_equal(row(t), "3|4");
    assert_int_equal(t->csv.line, 5);
    assert_string_equal(row(t), "5|");
    assert_string_equal(row(t), "END");
    assert_string_equal(row(t), "END");
}

static void quotes__hold_separators_line_ends_and_quotes(void **state)
{
    struct table *t = *state;
    open_text(t, "\"a,\"\"b\"\"\",\"two\nlines\", c \n\"\",x\n");
    assert_string_equal(row(t), "a,\"b\"|two\nlines|c");
    assert_string_equal(row(t), "|x");
    assert_int_equal(t->csv.line, 3);
}

static void bad_quotes__cost_their_row_alone(void **state)
{
    struct table *t = *state;
    open_text(t, "\"a\"b,c\n1,2\n\"open");
    assert_string_equal(row(t), "BAD");
    assert_string_equal(row(t), "1|2");
    assert_string_equal(row(t), "BAD");
    assert_string_equal(row(t), "END");
}

static void separator__is_the_first_lines(void **state)
{
    struct table *t = *state;
    open_text(t, "a;b\n1,5;2\n");
    assert_string_equal(row(t), "a|b");
    assert_string_equal(row(t), "1,5|2");
    open_text(t, "a\tb\n1,5\t2\n");
    assert_string_equal(row(t), "a|b");
    open_text(t, "alone\nx\n");
    assert_string_equal(row(t), "alone");
    open_text(t, "");
    assert_string_equal(row(t), "END");
}

static void row__is_bounded(void **state)
{
    struct table *t = *state;
    char *many = calloc(1, CSV_FIELD_MAX + 64);
    memset(many, ',', 200);
    open_text(t, many);
    assert_int_equal(csv_row(&t->csv, t->arena, t->field, &t->count), ERR_OK);
    assert_int_equal(t->count, CSV_FIELDS_MAX);
    memset(many, 'x', CSV_FIELD_MAX + 1);
    memcpy(many + CSV_FIELD_MAX + 1, "\n1", 3);
    open_text(t, many);
    assert_string_equal(row(t), "BAD");
    assert_string_equal(row(t), "1");
    free(many);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        T(rows__end_in_any_line_end),
        T(quotes__hold_separators_line_ends_and_quotes),
        T(bad_quotes__cost_their_row_alone),
        T(separator__is_the_first_lines),
        T(row__is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
