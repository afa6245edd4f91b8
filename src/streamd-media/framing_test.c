#include "base/test.h"
#include "streamd-media/tasks.h"

static struct framing frame(enum fit fit, unsigned w, unsigned h)
{
    return thumbnail_frame(&(struct thumbnail_ask){.fit = fit, .width = w, .height = h}, 720, 1280);
}

static void crop__fills_the_box_from_the_middle(void **state)
{
    (void)state;
    struct framing f = frame(FIT_CROP, 640, 640);
    assert_int_equal(f.x, 0);
    assert_int_equal(f.y, 280);
    assert_int_equal(f.width, 720);
    assert_int_equal(f.height, 720);
    assert_int_equal(f.out_width, 640);
    assert_int_equal(f.out_height, 640);
}

static void clip__keeps_the_shape_inside_the_box(void **state)
{
    (void)state;
    struct framing f = frame(FIT_CLIP, 2000, 2560);
    assert_int_equal(f.height, 1280);
    assert_int_equal(f.out_width, 1440);
    assert_int_equal(f.out_height, 2560);
}

static void scale__never_enlarges(void **state)
{
    (void)state;
    struct framing f = frame(FIT_SCALE, 2000, 2560);
    assert_int_equal(f.out_width, 720);
    assert_int_equal(f.out_height, 1280);
}

static void fill__takes_the_box_as_it_is(void **state)
{
    (void)state;
    struct framing f = frame(FIT_FILL, 100, 50);
    assert_int_equal(f.width, 720);
    assert_int_equal(f.out_width, 100);
    assert_int_equal(f.out_height, 50);
}

static void one_side__follows_the_other(void **state)
{
    (void)state;
    struct framing f = frame(FIT_CROP, 360, 0);
    assert_int_equal(f.out_width, 360);
    assert_int_equal(f.out_height, 640);
    f = frame(FIT_CLIP, 0, 0);
    assert_int_equal(f.out_width, 720);
    assert_int_equal(f.out_height, 1280);
}

static void sizes__stay_possible_for_extreme_shapes(void **state)
{
    (void)state;
    const struct thumbnail_ask ask = {.width = SIDE_MAX, .height = SIDE_MIN};
    for (enum fit fit = FIT_CROP; fit <= FIT_FILL; fit++) {
        struct thumbnail_ask a = ask;
        a.fit = fit;
        struct framing f = thumbnail_frame(&a, 2, 8192);
        assert_true(f.width >= 2 && f.height >= 2 && f.x + f.width <= 2 && f.y + f.height <= 8192);
        assert_true(f.out_width >= 2 && f.out_width <= SIDE_MAX);
        assert_true(f.out_height >= 2 && f.out_height <= SIDE_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crop__fills_the_box_from_the_middle),
        cmocka_unit_test(clip__keeps_the_shape_inside_the_box),
        cmocka_unit_test(scale__never_enlarges),
        cmocka_unit_test(fill__takes_the_box_as_it_is),
        cmocka_unit_test(one_side__follows_the_other),
        cmocka_unit_test(sizes__stay_possible_for_extreme_shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
