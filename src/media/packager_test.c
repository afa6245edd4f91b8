#include "base/bytes.h"
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

static void assert_whole(const struct probe_track *t, unsigned packets)
{
    assert_int_equal(t->packets, packets);
    assert_int_equal(t->backward, 0);
    assert_true(t->gap_s < 0.0021);
    assert_true(t->overlap_s < 0.0021);
}

static void assert_no_discontinuity(const struct recorder *r)
{
    assert_int_equal(playlist_check_seen(r->check)->discontinuities, 0);
    assert_int_equal(r->inits_n, 1);
}

static double part_s(const struct recorder *r)
{
    return (double)r->part_target / MEDIA_HZ;
}

/* All parts but the last of a segment last exactly the part target. */
static void assert_even_parts(const struct recorder *r)
{
    for (unsigned i = 0; i + 1 < r->n; i++)
        if (r->parts[i + 1].msn == r->parts[i].msn)
            assert_int_equal(r->parts[i].duration, r->part_target);
}

static void parts__of_30_fps_and_gop_1_s_are_six_frames_and_segments_a_second(void **state)
{
    (void)state;
    struct recorder r;
    struct probe p = package(&r, VIDEO("30") SOUND("48000") "-t 8 " X264 "-g 30 " AAC, &DEFAULTS);
    assert_whole(&p.video, 240);
    assert_true(p.audio.packets >= 375);
    assert_whole(&p.audio, p.audio.packets);
    assert_true(fabs(part_s(&r) - 0.2) < 1e-6);
    assert_int_equal(r.target_s, 2);
    assert_int_equal(r.segments, 8);
    assert_true(r.ready_at <= MEDIA_HZ);
    assert_even_parts(&r);
    assert_no_discontinuity(&r);
    for (unsigned i = 0; i < r.n; i++)
        assert_int_equal(r.parts[i].independent, r.parts[i].index == 0);
    recorder_done(&r);
}

static void segments__of_gop_2_s_are_two_seconds(void **state)
{
    (void)state;
    struct recorder r;
    struct probe p = package(&r, VIDEO("30") SOUND("44100") "-t 12 " X264 "-g 60 " AAC, &DEFAULTS);
    assert_whole(&p.video, 360);
    assert_whole(&p.audio, p.audio.packets);
    assert_int_equal(r.target_s, 2);
    assert_int_equal(r.segments, 6);
    assert_even_parts(&r);
    assert_no_discontinuity(&r);
    recorder_done(&r);
}

static void gop__of_10_s_is_shown_after_4_s_and_cut_at_part_edges(void **state)
{
    (void)state;
    struct recorder r;
    struct probe p = package(&r, VIDEO("30") SOUND("48000") "-t 25 " X264 "-g 300 " AAC, &DEFAULTS);
    assert_whole(&p.video, 750);
    assert_int_equal(r.target_s, 4);
    assert_true(r.ready_at >= 3.9 * MEDIA_HZ && r.ready_at <= 4.1 * MEDIA_HZ);
    assert_even_parts(&r);
    assert_no_discontinuity(&r);
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
    assert_even_parts(&r);
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
    assert_no_discontinuity(&r);
    recorder_done(&r);
}

static void rate__of_24_fps_gives_parts_of_five_frames(void **state)
{
    (void)state;
    struct recorder r;
    struct probe p = package(&r, VIDEO("24") SOUND("48000") "-t 6 " X264 "-g 24 " AAC, &DEFAULTS);
    assert_whole(&p.video, 144);
    assert_true(fabs(part_s(&r) - 5.0 / 24) < 1e-4);
    assert_even_parts(&r);
    recorder_done(&r);
}

static void rate__of_29_97_fps_does_not_drift(void **state)
{
    (void)state;
    struct recorder r;
    struct probe p =
        package(&r, VIDEO("30000/1001") SOUND("44100") "-t 60 " X264 "-g 60 " AAC, &DEFAULTS);
    assert_whole(&p.video, 1798);
    assert_true(fabs(part_s(&r) - 6 * 1001.0 / 30000) < 1e-4);
    assert_true(p.video.gap_s < 0.0001); /* on the grid all the way */
    assert_even_parts(&r);
    assert_int_equal(r.target_s, 2);
    recorder_done(&r);
}

static void parts__may_be_100_ms(void **state)
{
    (void)state;
    struct recorder r;
    (void)package(&r, VIDEO("30") SOUND("48000") "-t 4 " X264 "-g 30 " AAC,
                  &(struct packager_opts){.part_ms = 100});
    assert_true(fabs(part_s(&r) - 0.1) < 1e-6);
    assert_even_parts(&r);
    recorder_done(&r);
}

static void b_frames__keep_order_and_presentation_times(void **state)
{
    (void)state;
    struct recorder r;
    struct probe p = package(&r, VIDEO("30") SOUND("48000") "-t 8 " X264_B "-g 60 " AAC, &DEFAULTS);
    assert_whole(&p.video, 240);
    assert_true(packager_info(r.packager)->b_frames);
    /* Both tracks are presented from about the same moment. */
    assert_true(fabs(p.video.start_s - p.audio.start_s) < 0.05);
    assert_even_parts(&r);
    assert_no_discontinuity(&r);
    recorder_done(&r);
}

static void video__alone_is_packaged_without_waiting_for_sound(void **state)
{
    (void)state;
    struct recorder r;
    struct probe p = package(&r, VIDEO("25") "-t 6 " X264 "-g 50 ", &DEFAULTS);
    assert_whole(&p.video, 150);
    assert_int_equal(p.audio.packets, 0);
    assert_even_parts(&r);
    assert_string_equal(packager_info(r.packager)->codecs, "avc1.42c00c");
    recorder_done(&r);
}

static void audio__alone_has_even_parts_and_two_second_segments(void **state)
{
    (void)state;
    struct recorder r;
    struct probe p = package(&r, SOUND("44100") "-t 12 " AAC, &DEFAULTS);
    assert_whole(&p.audio, p.audio.packets);
    assert_true(fabs(part_s(&r) - 9 * 1024.0 / 44100) < 1e-4);
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
    assert_true(fabs(part_s(&r) - 0.25) < 1e-6);
    assert_int_equal(p.video.backward, 0);
    assert_no_discontinuity(&r);
    recorder_done(&r);
}

/* ---- faults: one recording, cut up and stamped wrongly ---- */

struct faults {
    struct buf flv, other; /* 10 s at 30 fps, GOP 1 s; the same in another size */
};

static int faults_make(void **state)
{
    static struct faults f;
    f.flv = media_make_flv(VIDEO("30") SOUND("48000") "-t 10 " X264 "-g 30 " AAC);
    f.other = media_make_flv(
        "-f lavfi -i testsrc2=size=320x192:rate=30 " SOUND("48000") "-t 6 " X264 "-g 30 " AAC);
    *state = &f;
    return 0;
}

static int faults_done(void **state)
{
    struct faults *f = *state;
    buf_done(&f->flv);
    buf_done(&f->other);
    return 0;
}

static void begin(struct recorder *r)
{
    recorder_init(r, &DEFAULTS);
    packager_begin(r->packager);
}

static uint64_t finish(struct recorder *r)
{
    packager_finish(r->packager);
    assert_true(r->ready);
    assert_int_equal(r->target_s, 2);
    return playlist_check_seen(r->check)->discontinuities;
}

static void jump(struct faults *f, int64_t shift_ms, uint64_t discontinuities)
{
    struct recorder r;
    begin(&r);
    recorder_feed(&r, &f->flv, 0, 4000, 0);
    recorder_feed(&r, &f->flv, 4000, 8000, shift_ms);
    assert_int_equal(finish(&r), discontinuities);
    assert_int_equal(r.inits_n, 1);
    struct probe p = recorder_probe(&r, 0);
    assert_int_equal(p.video.backward, 0);
    assert_int_equal(p.audio.backward, 0);
    if (discontinuities)
        assert_true(p.video.gap_s < 0.1); /* the timeline goes on without a hole */
    recorder_done(&r);
}

static void jump__of_an_hour_is_one_discontinuity(void **state)
{
    jump(*state, 3600 * 1000, 1);
}

static void jump__back_5_s_is_one_discontinuity(void **state)
{
    jump(*state, -5000, 1);
}

static void jump__back_to_zero_is_one_discontinuity(void **state)
{
    jump(*state, -4000, 1);
}

static void pause__of_2_s_in_the_whole_stream_is_no_discontinuity(void **state)
{
    jump(*state, 2000, 0);
}

static void step__back_of_300_ms_is_no_discontinuity(void **state)
{
    jump(*state, -300, 0);
}

static void stamps__wrap_after_32_bits_unseen(void **state)
{
    struct faults *f = *state;
    struct recorder r;
    begin(&r);
    recorder_feed(&r, &f->flv, 0, UINT32_MAX, (int64_t)UINT32_MAX - 4000);
    assert_int_equal(finish(&r), 0);
    struct probe p = recorder_probe(&r, 0);
    assert_whole(&p.video, 300);
    assert_whole(&p.audio, p.audio.packets);
    recorder_done(&r);
}

#define LEFT_OUT ((int64_t)-1)

/* Gives a tag another stamp, or LEFT_OUT. */
typedef int64_t spoil_fn(const struct flv_tag *tag, unsigned i);

static void feed_spoiled(struct recorder *r, const struct buf *flv, spoil_fn *spoil)
{
    size_t at = 0;
    struct flv_tag tag;
    int64_t start = r->now_ms;
    for (unsigned i = 0; flv_file_next((const uint8_t *)flv->data, flv->len, &at, &tag) == ERR_OK;
         i++) {
        int64_t ts = spoil(&tag, i);
        r->now_ms = start + tag.ts_ms;
        if (ts >= 0)
            recorder_take(r, tag.type, (uint32_t)ts, tag.body, tag.len);
    }
}

static int64_t duplicate_and_step_back(const struct flv_tag *tag, unsigned i)
{
    int64_t ts = tag->ts_ms;
    ts -= i % 7 == 3 && ts > 140 ? 34 : 0;
    ts -= i % 11 == 5 && ts > 140 ? 60 : 0;
    return ts;
}

static void stamps__that_repeat_or_step_back_do_not_stop_parts(void **state)
{
    struct faults *f = *state;
    struct recorder r;
    begin(&r);
    feed_spoiled(&r, &f->flv, duplicate_and_step_back);
    assert_int_equal(finish(&r), 0);
    assert_true(packager_stats(r.packager)->parts >= 45);
    struct probe p = recorder_probe(&r, 0);
    assert_int_equal(p.video.packets, 300);
    assert_int_equal(p.video.backward, 0);
    assert_true(p.video.gap_s < 0.05);
    recorder_done(&r);
}

static int64_t stuck(const struct flv_tag *tag, unsigned i)
{
    (void)i;
    return tag->ts_ms > 3000 ? 3000 : tag->ts_ms;
}

static void stamps__that_stand_still_do_not_grow_a_part_for_ever(void **state)
{
    struct faults *f = *state;
    struct recorder r;
    begin(&r);
    feed_spoiled(&r, &f->flv, stuck);
    (void)finish(&r);
    assert_true(packager_stats(r.packager)->parts > 20);
    recorder_done(&r);
}

static int64_t jitter(const struct flv_tag *tag, unsigned i)
{
    return tag->ts_ms + (tag->type == FLV_VIDEO ? (i * 7919) % 15 : (i * 104729) % 9);
}

static void stamps__that_jitter_like_a_phone_s_come_out_even(void **state)
{
    struct faults *f = *state;
    struct recorder r;
    begin(&r);
    feed_spoiled(&r, &f->flv, jitter);
    assert_int_equal(finish(&r), 0);
    struct probe p = recorder_probe(&r, 0);
    assert_whole(&p.video, 300);
    assert_whole(&p.audio, p.audio.packets);
    assert_true(fabs(part_s(&r) - 0.2) < 1e-4);
    recorder_done(&r);
}

static int64_t no_video_3_to_6_s(const struct flv_tag *tag, unsigned i)
{
    (void)i;
    bool gap = tag->type == FLV_VIDEO && tag->ts_ms >= 3000 && tag->ts_ms < 6000;
    return gap ? LEFT_OUT : tag->ts_ms;
}

static void gap__of_3_s_in_video_goes_on_with_sound(void **state)
{
    struct faults *f = *state;
    struct recorder r;
    begin(&r);
    feed_spoiled(&r, &f->flv, no_video_3_to_6_s);
    assert_int_equal(finish(&r), 0);
    assert_no_discontinuity(&r);
    struct probe p = recorder_probe(&r, 0);
    assert_int_equal(p.video.packets, 210);
    assert_whole(&p.audio, p.audio.packets);
    assert_true(packager_stats(r.packager)->parts >= 48);
    assert_int_equal(packager_stats(r.packager)->holes, 0);
    recorder_done(&r);
}

static int64_t no_audio_3_to_6_s(const struct flv_tag *tag, unsigned i)
{
    (void)i;
    bool gap = tag->type == FLV_AUDIO && tag->ts_ms >= 3000 && tag->ts_ms < 6000;
    return gap ? LEFT_OUT : tag->ts_ms;
}

static void gap__of_3_s_in_sound_leaves_video_alone(void **state)
{
    struct faults *f = *state;
    struct recorder r;
    begin(&r);
    feed_spoiled(&r, &f->flv, no_audio_3_to_6_s);
    assert_int_equal(finish(&r), 0);
    assert_no_discontinuity(&r);
    assert_even_parts(&r);
    struct probe p = recorder_probe(&r, 0);
    assert_whole(&p.video, 300);
    assert_true(fabs(p.audio.end_s - p.video.end_s) < 0.2);
    recorder_done(&r);
}

static int64_t audio_1_s_ahead(const struct flv_tag *tag, unsigned i)
{
    (void)i;
    return tag->ts_ms + (tag->type == FLV_AUDIO && tag->body[1] ? 1000 : 0);
}

static void audio__ahead_of_video_does_not_cut_parts(void **state)
{
    struct faults *f = *state;
    struct recorder r;
    begin(&r);
    feed_spoiled(&r, &f->flv, audio_1_s_ahead);
    assert_int_equal(finish(&r), 0);
    assert_no_discontinuity(&r);
    struct probe p = recorder_probe(&r, 0);
    assert_whole(&p.video, 300);
    assert_whole(&p.audio, p.audio.packets);
    recorder_done(&r);
}

static int64_t audio_after_3_s(const struct flv_tag *tag, unsigned i)
{
    (void)i;
    return tag->type == FLV_AUDIO && tag->ts_ms < 3000 ? LEFT_OUT : tag->ts_ms;
}

static void audio__that_comes_late_is_one_discontinuity_and_a_new_init(void **state)
{
    struct faults *f = *state;
    struct recorder r;
    struct flv_tag header;
    size_t at = 0;
    begin(&r);
    feed_spoiled(&r, &f->flv, audio_after_3_s); /* without a header: dropped, not refused */
    assert_int_equal(r.inits_n, 1);
    do
        assert_int_equal(flv_file_next((const uint8_t *)f->flv.data, f->flv.len, &at, &header), 0);
    while (header.type != FLV_AUDIO);
    recorder_take(&r, FLV_AUDIO, 10000, header.body, header.len);
    recorder_feed(&r, &f->flv, 0, 4000, 10000);
    assert_int_equal(finish(&r), 1);
    assert_int_equal(r.inits_n, 2);
    assert_non_null(strstr(packager_info(r.packager)->codecs, ",mp4a.40.2"));
    recorder_done(&r);
}

static int64_t from_half_a_gop(const struct flv_tag *tag, unsigned i)
{
    (void)i;
    bool header = tag->type == FLV_SCRIPT || tag->body[1] == 0;
    return header || tag->ts_ms >= 500 ? tag->ts_ms : LEFT_OUT;
}

static void start__without_a_key_frame_waits_for_one(void **state)
{
    struct faults *f = *state;
    struct recorder r;
    begin(&r);
    feed_spoiled(&r, &f->flv, from_half_a_gop);
    assert_int_equal(finish(&r), 0);
    assert_true(r.parts[0].independent);
    assert_true(packager_stats(r.packager)->dropped_frames >= 14);
    assert_int_equal(recorder_decode_complaints(&r, 0), 0);
    recorder_done(&r);
}

static void headers__repeated_are_no_change(void **state)
{
    struct faults *f = *state;
    struct recorder r;
    begin(&r);
    recorder_feed(&r, &f->flv, 0, 3000, 0);
    for (uint32_t from = 3000; from < 9000; from += 700) /* each feed sends the headers again */
        recorder_feed(&r, &f->flv, from, from + 700, 0);
    assert_int_equal(finish(&r), 0);
    assert_no_discontinuity(&r);
    struct probe p = recorder_probe(&r, 0);
    assert_int_equal(p.video.backward, 0);
    assert_true(p.video.gap_s < 0.0021);
    recorder_done(&r);
}

static void picture_size__changed_is_one_discontinuity_and_a_new_init(void **state)
{
    struct faults *f = *state;
    struct recorder r;
    begin(&r);
    recorder_feed(&r, &f->flv, 0, 4000, 0);
    recorder_feed(&r, &f->other, 0, 5000, 4000);
    assert_int_equal(finish(&r), 1);
    assert_int_equal(r.inits_n, 2);
    assert_int_equal(packager_info(r.packager)->width, 320);
    assert_int_equal(recorder_decode_complaints(&r, 1), 0);
    assert_int_equal(recorder_decode_complaints(&r, 2), 0);
    struct probe p = recorder_probe(&r, 2);
    assert_true(p.video.start_s >= 3.9 && p.video.start_s < 4.2);
    recorder_done(&r);
}

static void publisher__who_returns_continues_the_same_playlist(void **state)
{
    struct faults *f = *state;
    struct recorder r;
    begin(&r);
    recorder_feed(&r, &f->flv, 0, 4300, 0);
    packager_stop(r.packager);
    uint64_t msn = r.resume.msn;
    r.now_ms += 5000;
    packager_begin(r.packager);
    recorder_feed(&r, &f->flv, 0, 5000, 0);
    assert_int_equal(finish(&r), 1);
    assert_int_equal(r.inits_n, 1);
    for (unsigned i = 0; i < r.n; i++) {
        if (r.parts[i].msn != msn || r.parts[i].index)
            continue;
        assert_true(r.parts[i].discontinuity);
        const struct media_part *last = &r.parts[i - 1];
        int64_t away = r.parts[i].wall_ms - last->wall_ms - last->duration * 1000 / MEDIA_HZ;
        assert_true(away > 4900 && away < 5200);
    }
    recorder_done(&r);
}

static void publisher__who_is_replaced_without_a_stop_continues_too(void **state)
{
    struct faults *f = *state;
    struct recorder r;
    begin(&r);
    recorder_feed(&r, &f->flv, 0, 3150, 0);
    packager_begin(r.packager);
    recorder_feed(&r, &f->other, 0, 5000, 77777);
    assert_int_equal(finish(&r), 1);
    assert_int_equal(r.inits_n, 2);
    recorder_done(&r);
}

static void restart__of_the_server_never_takes_the_media_sequence_back(void **state)
{
    struct faults *f = *state;
    struct recorder r;
    begin(&r);
    recorder_feed(&r, &f->flv, 0, 5000, 0);
    assert_int_equal(finish(&r), 0);
    struct packager_opts again = {.resume = r.resume};
    recorder_done(&r);
    recorder_init(&r, &again);
    packager_begin(r.packager);
    recorder_feed(&r, &f->flv, 0, 5000, 0);
    assert_int_equal(finish(&r), 1);
    assert_int_equal(r.parts[0].msn, again.resume.msn);
    assert_true(r.parts[0].discontinuity);
    assert_int_equal(r.parts[0].init, again.resume.init + 1);
    assert_true(r.parts[0].start >= again.resume.time);
    recorder_done(&r);
}

static void ready__comes_even_when_the_stream_ends_at_once(void **state)
{
    struct faults *f = *state;
    struct recorder r;
    begin(&r);
    recorder_feed(&r, &f->flv, 0, 300, 0);
    packager_finish(r.packager);
    assert_true(r.ready);
    assert_true(r.n > 0);
    recorder_done(&r);
}

static void nothing__sent_gives_nothing_and_hurts_nobody(void **state)
{
    (void)state;
    struct recorder r;
    begin(&r);
    packager_stop(r.packager);
    packager_finish(r.packager);
    assert_false(r.ready);
    assert_int_equal(r.n, 0);
    recorder_done(&r);
}

static void messages__that_are_broken_are_counted_and_skipped(void **state)
{
    struct faults *f = *state;
    static const uint8_t cut[] = {0x17, 1, 0}, hevc[] = {0x90, 'h', 'v', 'c', '1', 1},
                         lengths[] = {0x27, 1, 0, 0, 0, 0, 0, 9, 9, 1};
    struct recorder r;
    begin(&r);
    recorder_feed(&r, &f->flv, 0, 2000, 0);
    assert_int_equal(packager_take(r.packager, FLV_VIDEO, 2000, cut, sizeof cut, r.now_ms),
                     ERR_INPUT);
    assert_int_equal(packager_take(r.packager, FLV_VIDEO, 2000, lengths, sizeof lengths, r.now_ms),
                     ERR_INPUT);
    assert_int_equal(packager_take(r.packager, FLV_VIDEO, 2000, hevc, sizeof hevc, r.now_ms),
                     ERR_MEDIA_TYPE);
    assert_string_equal(packager_stats(r.packager)->unsupported, "HEVC");
    assert_int_equal(packager_stats(r.packager)->bad_messages, 2);
    recorder_feed(&r, &f->flv, 2000, 4000, 0);
    assert_int_equal(finish(&r), 0);
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
        cmocka_unit_test(jump__of_an_hour_is_one_discontinuity),
        cmocka_unit_test(jump__back_5_s_is_one_discontinuity),
        cmocka_unit_test(jump__back_to_zero_is_one_discontinuity),
        cmocka_unit_test(pause__of_2_s_in_the_whole_stream_is_no_discontinuity),
        cmocka_unit_test(step__back_of_300_ms_is_no_discontinuity),
        cmocka_unit_test(stamps__wrap_after_32_bits_unseen),
        cmocka_unit_test(stamps__that_repeat_or_step_back_do_not_stop_parts),
        cmocka_unit_test(stamps__that_stand_still_do_not_grow_a_part_for_ever),
        cmocka_unit_test(stamps__that_jitter_like_a_phone_s_come_out_even),
        cmocka_unit_test(gap__of_3_s_in_video_goes_on_with_sound),
        cmocka_unit_test(gap__of_3_s_in_sound_leaves_video_alone),
        cmocka_unit_test(audio__ahead_of_video_does_not_cut_parts),
        cmocka_unit_test(audio__that_comes_late_is_one_discontinuity_and_a_new_init),
        cmocka_unit_test(start__without_a_key_frame_waits_for_one),
        cmocka_unit_test(headers__repeated_are_no_change),
        cmocka_unit_test(picture_size__changed_is_one_discontinuity_and_a_new_init),
        cmocka_unit_test(publisher__who_returns_continues_the_same_playlist),
        cmocka_unit_test(publisher__who_is_replaced_without_a_stop_continues_too),
        cmocka_unit_test(restart__of_the_server_never_takes_the_media_sequence_back),
        cmocka_unit_test(ready__comes_even_when_the_stream_ends_at_once),
        cmocka_unit_test(nothing__sent_gives_nothing_and_hurts_nobody),
        cmocka_unit_test(messages__that_are_broken_are_counted_and_skipped),
    };
    return cmocka_run_group_tests(tests, faults_make, faults_done);
}
