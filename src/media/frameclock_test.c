#include "base/test.h"
#include "media/frameclock_in.h"

enum { MS = 90 };

static struct frame_clock c;
static bool late;

static void rounded_stamps__of_29_97_fps_come_out_exact(void **state)
{
    (void)state;
    frame_clock_init(&c, 3003, 1, MS, 20 * MS);
    for (int64_t i = 0; i < 100000; i++)
        assert_int_equal(frame_clock_next(&c, i * 1001 * 1000 / 30000 * MS, &late), i * 3003);
}

static void duplicates_and_steps_back__keep_their_place(void **state)
{
    (void)state;
    static const int64_t stamps[] = {0, 33, 33, 100, 80, 167, 60, 233};
    frame_clock_init(&c, 3000, 1, MS, 20 * MS);
    for (int64_t i = 0; i < 8; i++)
        assert_int_equal(frame_clock_next(&c, stamps[i] * MS, &late), i * 3000);
}

static void pause__is_kept(void **state)
{
    (void)state;
    frame_clock_init(&c, 3000, 1, MS, 20 * MS);
    (void)frame_clock_next(&c, 0, &late);
    assert_int_equal(frame_clock_next(&c, 700 * MS, &late), 700 * MS);
    assert_int_equal(frame_clock_next(&c, 733 * MS, &late), 700 * MS + 3000);
}

static void drift__is_followed_in_small_steps(void **state)
{
    (void)state;
    int64_t last = 0, largest = 0;
    frame_clock_init(&c, 3000, 1, MS, 20 * MS);
    for (int64_t i = 0; i < 36000; i++) { /* 20 minutes of a clock 0.1 % slow */
        int64_t stamp = i * 3003 / MS * MS, at = frame_clock_next(&c, stamp, &late);
        if (i)
            largest = at - last > largest ? at - last : largest;
        last = at;
        assert_in_range(stamp - at + 10 * MS, 0, 20 * MS);
    }
    assert_true(largest <= 3000 + MS);
}

static void rate__that_was_wrong_is_survived(void **state)
{
    (void)state;
    int64_t last = -1;
    frame_clock_init(&c, 3000, 1, MS, 20 * MS);
    for (int64_t i = 0; i < 3000; i++) { /* 60 frames per second on a clock of 30 */
        int64_t at = frame_clock_next(&c, i * 1500, &late);
        assert_true(at > last);
        assert_in_range(at - i * 1500 + 1000 * MS, 0, 2000 * MS);
        last = at;
    }
}

static void clock__without_a_rate_only_moves_on(void **state)
{
    (void)state;
    frame_clock_init(&c, 0, 1, MS, 20 * MS);
    assert_int_equal(frame_clock_next(&c, 500, &late), 500);
    assert_false(late);
    assert_int_equal(frame_clock_next(&c, 500, &late), 500 + MS);
    assert_true(late);
    assert_int_equal(frame_clock_next(&c, 9000, &late), 9000);
    assert_int_equal(frame_clock_span(&c, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounded_stamps__of_29_97_fps_come_out_exact),
        cmocka_unit_test(duplicates_and_steps_back__keep_their_place),
        cmocka_unit_test(pause__is_kept),
        cmocka_unit_test(drift__is_followed_in_small_steps),
        cmocka_unit_test(rate__that_was_wrong_is_survived),
        cmocka_unit_test(clock__without_a_rate_only_moves_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
