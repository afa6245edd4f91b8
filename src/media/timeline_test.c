#include "base/test.h"
#include "media/timeline.h"

enum { MS = MEDIA_HZ / 1000 };

static struct timeline t;
static bool jumped;

/* Where the stamp lies on the timeline, in ms. */
static int64_t map(enum timeline_track track, uint32_t ts_ms)
{
    int64_t at;
    jumped = timeline_map(&t, track, ts_ms, 0, &at);
    assert_int_equal(at % MS, 0);
    return at / MS;
}

static int setup(void **state)
{
    (void)state;
    timeline_init(&t, 10 * MS);
    return 0;
}

static void stamps__start_where_told_and_go_on(void **state)
{
    (void)state;
    assert_int_equal(map(TIMELINE_VIDEO, 5000), 10);
    assert_int_equal(map(TIMELINE_AUDIO, 5003), 13);
    assert_int_equal(map(TIMELINE_VIDEO, 5033), 43);
    assert_int_equal(map(TIMELINE_VIDEO, 8033), 3043); /* 3 s: still a pause */
    assert_false(jumped);
}

static void stamps__slightly_back_are_no_jump(void **state)
{
    (void)state;
    (void)map(TIMELINE_VIDEO, 1000);
    assert_int_equal(map(TIMELINE_VIDEO, 500), -490);
    assert_false(jumped);
}

static void jump__of_both_tracks_is_told_once(void **state)
{
    (void)state;
    (void)map(TIMELINE_VIDEO, 1000);
    (void)map(TIMELINE_AUDIO, 1000);
    (void)map(TIMELINE_VIDEO, 1033);
    (void)map(TIMELINE_VIDEO, 3600000);
    assert_true(jumped);
    /* Audio sent before the jump arrives after it. */
    assert_int_equal(map(TIMELINE_AUDIO, 1021), 31);
    assert_false(jumped);
    assert_int_equal(map(TIMELINE_AUDIO, 3600010), 53);
    assert_false(jumped);
    assert_int_equal(map(TIMELINE_VIDEO, 3600033), 76);
    assert_false(jumped);
}

static void jump__back_goes_on_without_a_hole(void **state)
{
    (void)state;
    (void)map(TIMELINE_VIDEO, 9000);
    assert_int_equal(map(TIMELINE_VIDEO, 0), 10);
    assert_true(jumped);
    assert_int_equal(map(TIMELINE_VIDEO, 33), 43);
    assert_false(jumped);
}

static void track__silent_for_long_has_not_jumped(void **state)
{
    (void)state;
    (void)map(TIMELINE_VIDEO, 0);
    for (uint32_t ts = 0; ts < 20000; ts += 20)
        (void)map(TIMELINE_AUDIO, ts);
    assert_int_equal(map(TIMELINE_VIDEO, 20000), 20010);
    assert_false(jumped);
}

static void stamps__wrap_unseen(void **state)
{
    (void)state;
    (void)map(TIMELINE_VIDEO, UINT32_MAX - 10);
    (void)map(TIMELINE_AUDIO, UINT32_MAX - 12);
    assert_int_equal(map(TIMELINE_VIDEO, 22), 43);
    assert_false(jumped);
    assert_int_equal(map(TIMELINE_AUDIO, UINT32_MAX - 2), 18);
    assert_int_equal(map(TIMELINE_AUDIO, 20), 41);
    assert_false(jumped);
}

static void track__that_starts_far_off_is_brought_near(void **state)
{
    (void)state;
    (void)map(TIMELINE_VIDEO, 500000);
    assert_int_equal(map(TIMELINE_AUDIO, 0), 10);
    assert_false(jumped);
    assert_int_equal(map(TIMELINE_AUDIO, 21), 31);
    assert_int_equal(map(TIMELINE_VIDEO, 500033), 43);
    assert_false(jumped);
}

static void nanoseconds__are_added(void **state)
{
    (void)state;
    int64_t at;
    (void)map(TIMELINE_VIDEO, 0);
    assert_false(timeline_map(&t, TIMELINE_VIDEO, 1, 500000, &at));
    assert_int_equal(at, 10 * MS + MS + MS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(stamps__start_where_told_and_go_on, setup),
        cmocka_unit_test_setup(stamps__slightly_back_are_no_jump, setup),
        cmocka_unit_test_setup(jump__of_both_tracks_is_told_once, setup),
        cmocka_unit_test_setup(jump__back_goes_on_without_a_hole, setup),
        cmocka_unit_test_setup(track__silent_for_long_has_not_jumped, setup),
        cmocka_unit_test_setup(stamps__wrap_unseen, setup),
        cmocka_unit_test_setup(track__that_starts_far_off_is_brought_near, setup),
        cmocka_unit_test_setup(nanoseconds__are_added, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
