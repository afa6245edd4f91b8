#include "base/bytes.h"
#include "base/test.h"
#include "media/media_testkit.h"

#include <math.h>
#include <string.h>

#define VIDEO(rate) "-f lavfi -i testsrc2=size=192x320:rate=" rate " "
#define SOUND(hz)   "-f lavfi -i sine=f=440:r=" hz " "
#define X264        "-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p "
#define X264_B      "-c:v libx264 -preset veryfast -bf 2 -b_strategy 0 -pix_fmt yuv420p "
#define AAC         "-c:a aac -b:a 64k "

static const struct packager_opts DEFAULTS = {0};

/* What real publishers do wrong: one recording, cut up and stamped wrongly. */

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
    probe_assert_whole(&p.video, 300);
    probe_assert_whole(&p.audio, p.audio.packets);
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
    probe_assert_whole(&p.video, 300);
    probe_assert_whole(&p.audio, p.audio.packets);
    assert_true(fabs(recorder_part_s(&r) - 0.2) < 1e-4);
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
    recorder_assert_no_discontinuity(&r);
    struct probe p = recorder_probe(&r, 0);
    assert_int_equal(p.video.packets, 210);
    probe_assert_whole(&p.audio, p.audio.packets);
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
    recorder_assert_no_discontinuity(&r);
    recorder_assert_even_parts(&r);
    struct probe p = recorder_probe(&r, 0);
    probe_assert_whole(&p.video, 300);
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
    recorder_assert_no_discontinuity(&r);
    struct probe p = recorder_probe(&r, 0);
    probe_assert_whole(&p.video, 300);
    probe_assert_whole(&p.audio, p.audio.packets);
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
    recorder_assert_no_discontinuity(&r);
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

static bool is_header(const struct flv_tag *tag)
{
    return tag->type == FLV_SCRIPT || tag->body[1] == 0;
}

/* A key frame's message with the sets of an avcC (one SPS, one PPS) put in front of its NAL units.
 */
static void add_sets(struct buf *out, const struct flv_tag *header, const struct flv_tag *key)
{
    assert_true(header->len > 13 && key->len > 5);
    const uint8_t *sps = header->body + 5 + 6;
    size_t sps_len = (size_t)sps[0] << 8 | sps[1];
    const uint8_t *pps = sps + 2 + sps_len + 1;
    size_t pps_len = (size_t)pps[0] << 8 | pps[1];
    buf_add(out, key->body, 5);
    buf_be32(out, (uint32_t)sps_len);
    buf_add(out, sps + 2, sps_len);
    buf_be32(out, (uint32_t)pps_len);
    buf_add(out, pps + 2, pps_len);
    buf_add(out, key->body + 5, key->len - 5);
}

static void picture_size__changed_by_inband_sets_alone_is_seen(void **state)
{
    struct faults *f = *state;
    struct recorder r;
    static const uint8_t none[16];
    struct flv_tag tag, header = {.body = none};
    size_t at = 0;
    begin(&r);
    recorder_feed(&r, &f->flv, 0, 4000, 0);
    while (flv_file_next((const uint8_t *)f->other.data, f->other.len, &at, &tag) == ERR_OK) {
        if (is_header(&tag)) {
            header = tag.type == FLV_VIDEO ? tag : header;
            continue;
        }
        struct buf message;
        buf_init(&message, 1 << 20);
        if (tag.type == FLV_VIDEO && tag.body[0] == 0x17 && tag.body[1] == 1)
            add_sets(&message, &header, &tag);
        else
            buf_add(&message, tag.body, tag.len);
        recorder_take(&r, tag.type, tag.ts_ms + 4000, (const uint8_t *)message.data, message.len);
        buf_done(&message);
    }
    assert_int_equal(finish(&r), 1);
    assert_int_equal(r.inits_n, 2);
    assert_int_equal(packager_info(r.packager)->width, 320);
    assert_int_equal(recorder_decode_complaints(&r, 2), 0);
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

/* The first 200 ms are held up on their way, as behind a slow connect. */
static void dates__follow_the_unit_that_travelled_fastest(void **state)
{
    struct faults *f = *state;
    struct recorder r;
    struct flv_tag tag;
    size_t at = 0;
    begin(&r);
    int64_t start = r.now_ms;
    while (flv_file_next((const uint8_t *)f->flv.data, f->flv.len, &at, &tag) == ERR_OK) {
        int64_t held_up = tag.ts_ms < 200 || is_header(&tag) ? 150 : 0;
        r.now_ms = start + tag.ts_ms + held_up;
        recorder_take(&r, tag.type, tag.ts_ms, tag.body, tag.len);
    }
    (void)finish(&r);
    int64_t at_ms = r.parts[0].start * 1000 / MEDIA_HZ;
    assert_in_range(r.parts[0].wall_ms - start - at_ms + 10, 0, 20);
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

static void colours__that_no_browser_shows_are_refused(void **state)
{
    (void)state;
    static const char *const formats[] = {"yuv444p", "yuv422p", "yuv420p10le"};
    for (unsigned i = 0; i < 3; i++) {
        char args[256];
        (void)snprintf(args, sizeof args,
                       VIDEO("30") "-t 0.2 -c:v libx264 -preset ultrafast -pix_fmt %s", formats[i]);
        struct buf flv = media_make_flv(args);
        struct recorder r;
        begin(&r);
        enum err e = ERR_OK;
        struct flv_tag tag;
        for (size_t at = 0;
             !e && flv_file_next((const uint8_t *)flv.data, flv.len, &at, &tag) == ERR_OK;)
            e = packager_take(r.packager, tag.type, tag.ts_ms, tag.body, tag.len, 0);
        assert_int_equal(e, ERR_MEDIA_TYPE);
        assert_string_equal(packager_stats(r.packager)->unsupported,
                            "H.264 other than 8 bits 4:2:0");
        recorder_done(&r);
        buf_done(&flv);
    }
}

/* 480 Mbit/s without a key frame. */
static void segments__that_get_too_big_end(void **state)
{
    struct faults *f = *state;
    enum { FRAME = 2 << 20, FRAMES = 60, SEGMENT_MAX = 48 << 20 };
    static const uint8_t head[] = {0x27, 1,    0,    0,    0,
                                   0,    0x1F, 0xFF, 0xF7, 0x41}; /* NAL of the rest */
    uint8_t *frame = test_calloc(1, FRAME);
    memcpy(frame, head, sizeof head);
    struct recorder r;
    begin(&r);
    recorder_feed(&r, &f->flv, 0, 2000, 0);
    unsigned before = r.segments;
    for (uint32_t i = 0; i < FRAMES; i++)
        recorder_take(&r, FLV_VIDEO, 2000 + i * 33, frame, FRAME);
    assert_true(r.segments - before >= FRAMES / (SEGMENT_MAX / FRAME));
    size_t sum = 0;
    for (unsigned i = 0; i < r.n; i++) {
        sum = r.parts[i].index ? sum + r.parts[i].bytes->len : r.parts[i].bytes->len;
        assert_in_range(sum, 0, SEGMENT_MAX);
    }
    finish(&r);
    recorder_done(&r);
    test_free(frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
        cmocka_unit_test(picture_size__changed_by_inband_sets_alone_is_seen),
        cmocka_unit_test(publisher__who_returns_continues_the_same_playlist),
        cmocka_unit_test(publisher__who_is_replaced_without_a_stop_continues_too),
        cmocka_unit_test(restart__of_the_server_never_takes_the_media_sequence_back),
        cmocka_unit_test(dates__follow_the_unit_that_travelled_fastest),
        cmocka_unit_test(ready__comes_even_when_the_stream_ends_at_once),
        cmocka_unit_test(nothing__sent_gives_nothing_and_hurts_nobody),
        cmocka_unit_test(colours__that_no_browser_shows_are_refused),
        cmocka_unit_test(segments__that_get_too_big_end),
        cmocka_unit_test(messages__that_are_broken_are_counted_and_skipped),
    };
    return cmocka_run_group_tests(tests, faults_make, faults_done);
}
