#include "base/test.h"
#include "streamd/origin/crowd_in.h"
#include "streamd/origin/file_in.h"

static void crowd__counts_each_player_once_and_forgets_it(void **state)
{
    (void)state;
    struct crowd *c = crowd_make();
    for (uint64_t i = 1; i <= 5000; i++)
        for (unsigned again = 0; again < 3; again++)
            crowd_see(c, i * 0x10001, 1000);
    assert_int_equal(crowd_count(c, 1000), 5000);
    assert_int_equal(crowd_count(c, 1000 + CROWD_MS), 0);
    crowd_free(c);
}

/* Players that come and go for days do not make it grow. */
static void crowd__gives_the_places_of_the_departed_to_others(void **state)
{
    (void)state;
    struct crowd *c = crowd_make();
    for (int64_t turn = 1; turn <= 200; turn++)
        for (uint64_t i = 1; i <= 100; i++)
            crowd_see(c, (uint64_t)turn * 1000 + i, turn * CROWD_MS);
    assert_int_equal(crowd_count(c, 200 * CROWD_MS), 100);
    crowd_free(c);
}

static void file__names_are_read_one_way_only(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "seg-.m4s",
        "seg-01.m4s",
        "seg--1.m4s",
        "seg-1.m4s ",
        "seg-1.mp4",
        "part-1.m4s",
        "part-1-.m4s",
        "init-1.m4s",
        "init-99999999999.mp4",
        "LIVE.m3u8",
        "live.m3u",
        "../index",
        "index",
        "media.mp4",
        "seg-1e3.m4s",
        "seg-99999999999999999999.m4s",
    };
    struct file_name f;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (file_read_name(wrong[i], &f))
            fail_msg("'%s' was read", wrong[i]);
    assert_true(file_read_name("part-12-0.m4s", &f));
    assert_int_equal(f.kind, FILE_PART);
    assert_int_equal(f.msn, 12);
    assert_int_equal(f.index, 0);
    assert_true(file_read_name("seg-9007199254740992.m4s", &f));
    assert_true(file_read_name("init-3.mp4", &f));
    assert_int_equal(f.index, 3);
    assert_true(file_read_name("live.m3u8", &f));
    assert_int_equal(f.kind, FILE_PLAYLIST);
    assert_true(file_read_name("plain.m3u8", &f));
    assert_int_equal(f.kind, FILE_PLAIN_PLAYLIST);
    assert_true(file_read_name("vod.m3u8", &f));
    assert_int_equal(f.kind, FILE_VOD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crowd__counts_each_player_once_and_forgets_it),
        cmocka_unit_test(crowd__gives_the_places_of_the_departed_to_others),
        cmocka_unit_test(file__names_are_read_one_way_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
