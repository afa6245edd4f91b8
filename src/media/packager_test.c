#include "base/test.h"
#include "media/media_testkit.h"
#include "media/packager.h"

#include <math.h>
#include <string.h>

#define VIDEO(rate) "-f lavfi -i testsrc2=size=192x320:rate=" rate " "
#define SOUND(hz)   "-f lavfi -i sine=f=440:r=" hz " "
#define X264        "-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p "
#define X264_B      "-c:v libx264 -preset veryfast -bf 2 -b_strategy 0 -pix_fmt yuv420p "
#define AAC         "-c:a aac -b:a 64k "

static const struct packager_opts DEFAULTS = {0};

/* Feed all of what ffmpeg makes of `args`; every playlist is checked on the way. */
static struct probe package(struct recorder *r, const char *args, const struct packager_opts *opts)
{
    struct buf flv = media_make_flv(args);
    recorder_init(r, opts);
    packager_begin(r->packager);
    recorder_feed(r, &flv, 0, UINT32_MAX, 0);
    packager_finish(r->packager);
    buf_done(&flv);
    assert_true(r->ready);
    assert_int_equal(recorder_decode_complaints(r, 0), 0);
    return recorder_probe(r, 0);
}

static void parts__of_30_fps_and_gop_1_s_are_six_frames_and_segments_a_second(void **state)
{
    (void)state;
    struct recorder r;
    struct probe p = package(&r, VIDEO("30") SOUND("48000") "-t 8 " X264 "-g 30 " AAC, &DEFAULTS);
    probe_assert_whole(&p.video, 240);
    assert_true(p.audio.packets >= 375);
    probe_assert_whole(&p.audio, p.audio.packets);
    assert_true(fabs(recorder_part_s(&r) - 0.2) < 1e-6);
    assert_int_equal(r.target_s, 2);
    assert_int_equal(r.segments, 8);
    assert_true(r.ready_at <= MEDIA_HZ);
    recorder_assert_even_parts(&r);
    recorder_assert_no_discontinuity(&r);
    for (unsigned i = 0; i < r.n; i++)
        assert_int_equal(r.parts[i].independent, r.parts[i].index == 0);
    recorder_done(&r);
}

static void segments__of_gop_2_s_are_two_seconds(void **state)
{
    (void)state;
    struct recorder r;
    struct probe p = package(&r, VIDEO("30") SOUND("44100") "-t 12 " X264 "-g 60 " AAC, &DEFAULTS);
    probe_assert_whole(&p.video, 360);
    probe_assert_whole(&p.audio, p.audio.packets);
    assert_int_equal(r.target_s, 2);
    assert_int_equal(r.segments, 6);
    recorder_assert_even_parts(&r);
    recorder_assert_no_discontinuity(&r);
    recorder_done(&r);
}

static void gop__of_10_s_is_shown_after_4_s_and_cut_at_part_edges(void **state)
{
    (void)state;
    struct recorder r;
    struct probe p = package(&r, VIDEO("30") SOUND("48000") "-t 25 " X264 "-g 300 " AAC, &DEFAULTS);
    probe_assert_whole(&p.video, 750);
    assert_int_equal(r.target_s, 4);
    assert_true(r.ready_at >= 3.9 * MEDIA_HZ && r.ready_at <= 4.1 * MEDIA_HZ);
    recorder_assert_even_parts(&r);
    recorder_assert_no_discontinuity(&r);
    unsigned keys = 0;
    for (unsigned i = 0; i < r.n; i++)
        keys += r.parts[i].independent;
    assert_int_equal(keys, 3);
    recorder_done(&r);
}

static void segments__of_gop_half_a_second_last_a_second(void **state)
{
    (void)state;
    struct recorder r;
    (void)package(&r, VIDEO("30") SOUND("48000") "-t 6 " X264 "-g 15 " AAC, &DEFAULTS);
    assert_int_equal(r.segments, 6);
    recorder_assert_even_parts(&r);
    recorder_done(&r);
}

static void gop__that_grows_later_never_passes_the_target_duration(void **state)
{
    (void)state;
    struct recorder r;
    (void)package(
        &r, VIDEO("30") SOUND("48000") "-t 16 " X264 "-g 999 -force_key_frames 0,1,2,10.3,15 " AAC,
        &DEFAULTS);
    assert_int_equal(r.target_s, 2); /* the reader has checked every segment against it */
    recorder_assert_no_discontinuity(&r);
    recorder_done(&r);
}

static void rate__of_24_fps_gives_parts_of_five_frames(void **state)
{
    (void)state;
    struct recorder r;
    struct probe p = package(&r, VIDEO("24") SOUND("48000") "-t 6 " X264 "-g 24 " AAC, &DEFAULTS);
    probe_assert_whole(&p.video, 144);
    assert_true(fabs(recorder_part_s(&r) - 5.0 / 24) < 1e-4);
    recorder_assert_even_parts(&r);
    recorder_done(&r);
}

static void rate__of_29_97_fps_does_not_drift(void **state)
{
    (void)state;
    struct recorder r;
    struct probe p =
        package(&r, VIDEO("30000/1001") SOUND("44100") "-t 60 " X264 "-g 60 " AAC, &DEFAULTS);
    probe_assert_whole(&p.video, 1798);
    assert_true(fabs(recorder_part_s(&r) - 6 * 1001.0 / 30000) < 1e-4);
    assert_true(p.video.gap_s < 0.0001); /* on the grid all the way */
    recorder_assert_even_parts(&r);
    assert_int_equal(r.target_s, 2);
    recorder_done(&r);
}

static void parts__may_be_100_ms(void **state)
{
    (void)state;
    struct recorder r;
    (void)package(&r, VIDEO("30") SOUND("48000") "-t 4 " X264 "-g 30 " AAC,
                  &(struct packager_opts){.part_ms = 100});
    assert_true(fabs(recorder_part_s(&r) - 0.1) < 1e-6);
    recorder_assert_even_parts(&r);
    recorder_done(&r);
}

static void b_frames__keep_order_and_presentation_times(void **state)
{
    (void)state;
    struct recorder r;
    struct probe p = package(&r, VIDEO("30") SOUND("48000") "-t 8 " X264_B "-g 60 " AAC, &DEFAULTS);
    probe_assert_whole(&p.video, 240);
    assert_true(packager_info(r.packager)->b_frames);
    /* Both tracks are presented from about the same moment. */
    assert_true(fabs(p.video.start_s - p.audio.start_s) < 0.05);
    recorder_assert_even_parts(&r);
    recorder_assert_no_discontinuity(&r);
    recorder_done(&r);
}

static void video__alone_is_packaged_without_waiting_for_sound(void **state)
{
    (void)state;
    struct recorder r;
    struct probe p = package(&r, VIDEO("25") "-t 6 " X264 "-g 50 ", &DEFAULTS);
    probe_assert_whole(&p.video, 150);
    assert_int_equal(p.audio.packets, 0);
    recorder_assert_even_parts(&r);
    assert_string_equal(packager_info(r.packager)->codecs, "avc1.42c00c");
    recorder_done(&r);
}

static void audio__alone_has_even_parts_and_two_second_segments(void **state)
{
    (void)state;
    struct recorder r;
    struct probe p = package(&r, SOUND("44100") "-t 12 " AAC, &DEFAULTS);
    probe_assert_whole(&p.audio, p.audio.packets);
    assert_true(fabs(recorder_part_s(&r) - 9 * 1024.0 / 44100) < 1e-4);
    assert_int_equal(r.target_s, 2);
    assert_true(r.segments >= 6 && r.segments <= 7);
    assert_string_equal(packager_info(r.packager)->codecs, "mp4a.40.2");
    for (unsigned i = 0; i < r.n; i++)
        assert_true(r.parts[i].independent);
    recorder_done(&r);
}

static void variable_rate__cuts_parts_early_rather_than_late(void **state)
{
    (void)state;
    struct recorder r;
    struct probe p = package(
        &r,
        VIDEO("60")
            SOUND("48000") "-t 8 -vf select='not(mod(n\\,3))+not(mod(n\\,7))' -vsync vfr " X264
                           "-g 40 " AAC,
        &DEFAULTS);
    assert_true(fabs(recorder_part_s(&r) - 0.25) < 1e-6);
    assert_int_equal(p.video.backward, 0);
    recorder_assert_no_discontinuity(&r);
    recorder_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts__of_30_fps_and_gop_1_s_are_six_frames_and_segments_a_second),
        cmocka_unit_test(segments__of_gop_2_s_are_two_seconds),
        cmocka_unit_test(gop__of_10_s_is_shown_after_4_s_and_cut_at_part_edges),
        cmocka_unit_test(segments__of_gop_half_a_second_last_a_second),
        cmocka_unit_test(gop__that_grows_later_never_passes_the_target_duration),
        cmocka_unit_test(rate__of_24_fps_gives_parts_of_five_frames),
        cmocka_unit_test(rate__of_29_97_fps_does_not_drift),
        cmocka_unit_test(parts__may_be_100_ms),
        cmocka_unit_test(b_frames__keep_order_and_presentation_times),
        cmocka_unit_test(video__alone_is_packaged_without_waiting_for_sound),
        cmocka_unit_test(audio__alone_has_even_parts_and_two_second_segments),
        cmocka_unit_test(variable_rate__cuts_parts_early_rather_than_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
