#include "base/buf.h"
#include "base/test.h"
#include "media/amf.h"

#include <math.h>
#include <string.h>

static struct amf amf;

#define READ(...) \
    amf_read((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), &amf)

static void values__written_are_read_back(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    amf_put_text(&b, "connect");
    amf_put_number(&b, 1);
    amf_put_object(&b);
    amf_put_name(&b, "app");
    amf_put_text(&b, "live");
    amf_put_name(&b, "inner");
    amf_put_object(&b);
    amf_put_name(&b, "fpad");
    amf_put_bool(&b, true);
    amf_put_end(&b);
    amf_put_name(&b, "last");
    amf_put_number(&b, -2.5);
    amf_put_end(&b);
    amf_put_null(&b);
    assert_int_equal(amf_read((const uint8_t *)b.data, b.len, &amf), ERR_OK);

    assert_true(amf_is(amf_arg(&amf, 0), "connect"));
    assert_false(amf_is(amf_arg(&amf, 0), "connec"));
    assert_true(amf_number(amf_arg(&amf, 1), 0) == 1.0);
    const struct amf_node *o = amf_arg(&amf, 2);
    assert_true(amf_is(amf_member(&amf, o, "app"), "live"));
    const struct amf_node *inner = amf_member(&amf, o, "inner");
    assert_int_equal(inner->type, AMF_OBJECT);
    assert_true(amf_member(&amf, inner, "fpad")->number == 1.0);
    assert_null(amf_member(&amf, o, "fpad")); /* a member's member is not a member */
    assert_true(amf_number(amf_member(&amf, o, "last"), 0) == -2.5);
    assert_int_equal(amf_arg(&amf, 3)->type, AMF_NULL);
    assert_null(amf_arg(&amf, 4));
    buf_done(&b);
}

static void arrays__of_both_kinds_and_dates_are_read(void **state)
{
    (void)state;
    assert_int_equal(READ(8, 0, 0, 0, 99, 0, 1, 'a', 1, 1, 0, 0, 9, 10, 0, 0, 0, 2, 5, 6, 11, 0x40,
                          0, 0, 0, 0, 0, 0, 0, 0, 0),
                     ERR_OK);
    assert_int_equal(amf_arg(&amf, 0)->type, AMF_OBJECT); /* its count was a lie */
    assert_int_equal(amf_arg(&amf, 1)->type, AMF_ARRAY);
    assert_int_equal(amf_arg(&amf, 2)->type, AMF_DATE);
    assert_true(amf_arg(&amf, 2)->number == 2.0);
}

static void strings__are_copied_only_when_they_fit(void **state)
{
    (void)state;
    char text[4];
    assert_int_equal(READ(2, 0, 3, 'a', 'b', 'c', 2, 0, 4, 'a', 'b', 'c', 'd', 2, 0, 2, 'a', 0),
                     ERR_OK);
    assert_true(amf_copy(amf_arg(&amf, 0), text, sizeof text));
    assert_string_equal(text, "abc");
    assert_false(amf_copy(amf_arg(&amf, 1), text, sizeof text));
    assert_false(amf_copy(amf_arg(&amf, 2), text, sizeof text));
    assert_false(amf_copy(NULL, text, sizeof text));
}

static void numbers__that_are_none_become_the_default(void **state)
{
    (void)state;
    assert_int_equal(READ(0, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0, 5), ERR_OK);
    assert_true(amf_number(amf_arg(&amf, 0), 7) == 7.0);
    assert_true(amf_number(amf_arg(&amf, 1), 7) == 7.0);
    assert_true(amf_number(NULL, 7) == 7.0);
}

static void garbage__is_refused(void **state)
{
    (void)state;
    assert_int_equal(READ(0, 1, 2), ERR_INPUT);                       /* half a number */
    assert_int_equal(READ(2, 0, 9, 'a'), ERR_INPUT);                  /* a string past the end */
    assert_int_equal(READ(3, 0, 1, 'a'), ERR_INPUT);                  /* a member without value */
    assert_int_equal(READ(3, 0, 1, 'a', 5), ERR_INPUT);               /* no end */
    assert_int_equal(READ(10, 0xff, 0xff, 0xff, 0xff, 5), ERR_INPUT); /* an array of 4 G */
    assert_int_equal(READ(7, 0, 0), ERR_INPUT);                       /* a reference */
    assert_int_equal(READ(17, 4), ERR_INPUT);                         /* AMF3 */
    assert_int_equal(READ(12, 0xff, 0xff, 0xff, 0xff), ERR_INPUT);
    assert_int_equal(amf.n, 0);
}

static void depth_and_count__are_limited(void **state)
{
    (void)state;
    uint8_t deep[5 * 20], many[300];
    for (unsigned i = 0; i < sizeof deep; i += 5)
        memcpy(deep + i, (const uint8_t[]){10, 0, 0, 0, 1}, 5);
    assert_int_equal(amf_read(deep, sizeof deep, &amf), ERR_INPUT);
    memset(many, 5, sizeof many);
    assert_int_equal(amf_read(many, AMF_NODES_MAX, &amf), ERR_OK);
    assert_int_equal(amf_read(many, AMF_NODES_MAX + 1, &amf), ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values__written_are_read_back),
        cmocka_unit_test(arrays__of_both_kinds_and_dates_are_read),
        cmocka_unit_test(strings__are_copied_only_when_they_fit),
        cmocka_unit_test(numbers__that_are_none_become_the_default),
        cmocka_unit_test(garbage__is_refused),
        cmocka_unit_test(depth_and_count__are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
