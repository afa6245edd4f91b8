#include "base/test.h"

#include "nightmarket/follow_round.h"

#include <string.h>

enum { INPUTS = 200, ON_AIR = 2 };

static void round__asks_a_show_on_air_every_few_turns(void **state)
{
    (void)state;
    struct input_watched in[INPUTS];
    struct follow_round r = {0};
    int asked[INPUTS] = {0};
    memset(in, 0, sizeof in);
    for (size_t i = 0; i < INPUTS; i++)
        in[i].state = SHOW_SCHEDULED;
    in[7].state = SHOW_LIVE;
    in[150].state = SHOW_INTERRUPTED;
    for (int turn = 0; turn < 4 * ON_AIR; turn++)
        asked[follow_next(&r, in, INPUTS)]++;
    assert_true(asked[7] >= 2 && asked[150] >= 2);
    for (int turn = 0; turn < 2 * INPUTS; turn++)
        asked[follow_next(&r, in, INPUTS)]++;
    for (size_t i = 0; i < INPUTS; i++)
        assert_true(asked[i] > 0); /* nobody is forgotten */
}

static void round__goes_over_all_when_nothing_is_on_air(void **state)
{
    (void)state;
    struct input_watched in[3];
    struct follow_round r = {0};
    memset(in, 0, sizeof in);
    for (size_t i = 0; i < 3; i++)
        in[i].state = SHOW_SCHEDULED;
    for (size_t turn = 0; turn < 6; turn++)
        assert_int_equal(follow_next(&r, in, 3), turn % 3);
    in[1].state = SHOW_LIVE;
    for (size_t turn = 0; turn < 10; turn++) /* shorter lists than before are fine */
        assert_true(follow_next(&r, in, 1 + turn % 3) < 1 + turn % 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round__asks_a_show_on_air_every_few_turns),
        cmocka_unit_test(round__goes_over_all_when_nothing_is_on_air),
    };
    return cmocka_run_group_tests_name("follow_round", tests, NULL, NULL);
}
