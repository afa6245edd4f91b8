#include "base/qr.h"
#include "base/test.h"

#include <string.h>

/* The three corners that a camera looks for: a ring of dark, a ring of light, a dark middle. */
static void corner(const struct qr *q, int left, int top)
{
    for (int y = 0; y < 7; y++)
        for (int x = 0; x < 7; x++) {
            int ring = x < y ? x : y, other = 6 - (x > y ? x : y);
            ring = ring < other ? ring : other;
            assert_int_equal(qr_dark(q, left + x, top + y), ring != 1);
        }
}

static void qr__has_its_corners_and_light_around(void **state)
{
    (void)state;
    struct qr *q = qr_make("00020101021230", QR_MIDDLE);
    assert_non_null(q);
    int n = qr_size(q);
    assert_int_equal(n % 4, 1);
    corner(q, 0, 0);
    corner(q, n - 7, 0);
    corner(q, 0, n - 7);
    assert_false(qr_dark(q, -1, 0));
    assert_false(qr_dark(q, 0, n));
    qr_free(q);
}

static void qr__is_a_picture_with_a_quiet_zone(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 256 << 10);
    struct qr *q = qr_make("x", QR_LOW);
    assert_non_null(q);
    qr_svg(q, &b);
    assert_int_equal(buf_err(&b), ERR_OK);
    assert_non_null(strstr(b.data, "viewBox=\"0 0 29 29\""));
    assert_non_null(strstr(b.data, "\"M4 4h1v1h-1z"));
    qr_free(q);
    buf_done(&b);
}

static void qr__of_what_fits_in_no_code_is_none(void **state)
{
    (void)state;
    char text[4000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_null(qr_make(text, QR_LOW));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(qr__has_its_corners_and_light_around),
        cmocka_unit_test(qr__is_a_picture_with_a_quiet_zone),
        cmocka_unit_test(qr__of_what_fits_in_no_code_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
