#include "base/buf.h"
#include "base/test.h"
#include "media/flv.h"

#include <string.h>

static struct flv_packet packets[FLV_PACKETS_MAX];
static unsigned n;

#define READ(type, ...)                                                                    \
    flv_read(type, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), \
             packets, &n)

static void avc__legacy_header_frame_and_end_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(READ(FLV_VIDEO, 0x17, 0, 0, 0, 0, 1, 2, 3), ERR_OK);
    assert_int_equal(n, 1);
    assert_int_equal(packets[0].kind, FLV_CONFIG);
    assert_int_equal(packets[0].len, 3);
    assert_string_equal(packets[0].codec, "H.264");
    assert_int_equal(READ(FLV_VIDEO, 0x27, 1, 0xff, 0xff, 0xfe, 9), ERR_OK);
    assert_int_equal(packets[0].kind, FLV_FRAME);
    assert_int_equal(packets[0].cts_ms, -2);
    assert_false(packets[0].key);
    assert_int_equal(READ(FLV_VIDEO, 0x17, 2, 0, 0, 0), ERR_OK);
    assert_int_equal(packets[0].kind, FLV_NOTHING);
}

static void aac__legacy_header_frame_and_silence_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(READ(FLV_AUDIO, 0xaf, 0, 0x11, 0x90), ERR_OK);
    assert_int_equal(packets[0].kind, FLV_CONFIG);
    assert_int_equal(READ(FLV_AUDIO, 0xaf, 1, 7), ERR_OK);
    assert_int_equal(packets[0].kind, FLV_FRAME);
    assert_int_equal(READ(FLV_AUDIO, 0xaf), ERR_OK);
    assert_int_equal(packets[0].kind, FLV_NOTHING);
}

static void fourcc__avc1_and_mp4a_are_taken(void **state)
{
    (void)state;
    assert_int_equal(READ(FLV_VIDEO, 0x91, 'a', 'v', 'c', '1', 0, 0, 80, 5), ERR_OK);
    assert_int_equal(packets[0].kind, FLV_FRAME);
    assert_int_equal(packets[0].cts_ms, 80);
    assert_true(packets[0].key && packets[0].enhanced);
    assert_int_equal(READ(FLV_VIDEO, 0xa3, 'a', 'v', 'c', '1', 5), ERR_OK);
    assert_int_equal(packets[0].kind, FLV_FRAME);
    assert_int_equal(packets[0].cts_ms, 0);
    assert_int_equal(READ(FLV_AUDIO, 0x90, 'm', 'p', '4', 'a', 0x11, 0x90), ERR_OK);
    assert_int_equal(packets[0].kind, FLV_CONFIG);
}

static void codecs__we_do_not_take_are_named(void **state)
{
    (void)state;
    assert_int_equal(READ(FLV_VIDEO, 0x90, 'h', 'v', 'c', '1', 1), ERR_OK);
    assert_int_equal(packets[0].kind, FLV_UNSUPPORTED);
    assert_string_equal(packets[0].codec, "HEVC");
    assert_int_equal(READ(FLV_VIDEO, 0x91, 'a', 'v', '0', '1', 1), ERR_OK);
    assert_string_equal(packets[0].codec, "AV1");
    assert_int_equal(READ(FLV_VIDEO, 0x22, 1), ERR_OK);
    assert_string_equal(packets[0].codec, "Sorenson H.263");
    assert_int_equal(READ(FLV_AUDIO, 0x2f, 1), ERR_OK);
    assert_string_equal(packets[0].codec, "MP3");
    assert_int_equal(READ(FLV_AUDIO, 0x91, 'O', 'p', 'u', 's', 1), ERR_OK);
    assert_int_equal(packets[0].kind, FLV_UNSUPPORTED);
    assert_string_equal(packets[0].codec, "Opus");
}

static void mod_ex__gives_nanoseconds_and_is_skipped(void **state)
{
    (void)state;
    /* ModEx, 3 bytes of TimestampOffsetNano, then CodedFramesX. */
    assert_int_equal(READ(FLV_VIDEO, 0x97, 2, 0x01, 0x00, 0x00, 0x03, 'a', 'v', 'c', '1', 9),
                     ERR_OK);
    assert_int_equal(packets[0].kind, FLV_FRAME);
    assert_int_equal(packets[0].nano, 65536);
    assert_int_equal(packets[0].len, 1);
}

static void multitrack__gives_one_packet_per_track(void **state)
{
    (void)state;
    /* Multitrack, ManyTracks | CodedFramesX, one FourCC, two sized tracks. */
    assert_int_equal(
        READ(FLV_VIDEO, 0x96, 0x13, 'a', 'v', 'c', '1', 0, 0, 0, 2, 7, 8, 1, 0, 0, 1, 9), ERR_OK);
    assert_int_equal(n, 2);
    assert_int_equal(packets[0].len, 2);
    assert_int_equal(packets[1].track, 1);
    assert_int_equal(packets[1].len, 1);
    /* One track: no size. */
    assert_int_equal(READ(FLV_AUDIO, 0x95, 0x01, 'm', 'p', '4', 'a', 3, 7, 8, 9), ERR_OK);
    assert_int_equal(n, 1);
    assert_int_equal(packets[0].track, 3);
    assert_int_equal(packets[0].len, 3);
    /* Many codecs: a FourCC each. */
    assert_int_equal(READ(FLV_VIDEO, 0x96, 0x23, 'a', 'v', 'c', '1', 0, 0, 0, 1, 7, 'h', 'v', 'c',
                          '1', 1, 0, 0, 1, 9),
                     ERR_OK);
    assert_int_equal(packets[0].kind, FLV_FRAME);
    assert_int_equal(packets[1].kind, FLV_UNSUPPORTED);
}

static void seek_marks__are_nothing(void **state)
{
    (void)state;
    assert_int_equal(READ(FLV_VIDEO, 0x57, 0), ERR_OK);
    assert_int_equal(packets[0].kind, FLV_NOTHING);
    assert_int_equal(READ(FLV_VIDEO, 0xd1, 0), ERR_OK);
    assert_int_equal(n, 0);
}

static void messages__cut_short_are_refused(void **state)
{
    (void)state;
    assert_int_equal(READ(FLV_VIDEO, 0x17), ERR_INPUT);
    assert_int_equal(READ(FLV_VIDEO, 0x17, 1, 0, 0), ERR_INPUT);
    assert_int_equal(READ(FLV_VIDEO, 0x17, 9, 0, 0, 0), ERR_INPUT);
    assert_int_equal(READ(FLV_VIDEO, 0x91, 'a', 'v', 'c'), ERR_INPUT);
    assert_int_equal(READ(FLV_VIDEO, 0x97, 200, 1), ERR_INPUT);
    assert_int_equal(READ(FLV_VIDEO, 0x96, 0x13, 'a', 'v', 'c', '1', 0, 0, 0, 9, 7), ERR_INPUT);
    assert_int_equal(READ(FLV_VIDEO, 0x96, 0x16, 'a', 'v', 'c', '1'), ERR_INPUT);
    assert_int_equal(READ(FLV_AUDIO, 0xaf, 7), ERR_INPUT);
    assert_int_equal(flv_read(FLV_VIDEO, NULL, 0, packets, &n), ERR_OK);
    assert_int_equal(n, 0);
}

static void file__written_is_read_back(void **state)
{
    (void)state;
    const uint8_t body[] = {0xaf, 1, 2};
    struct buf b;
    buf_init(&b, 1000);
    flv_file_begin(&b, true, true);
    flv_file_add(&b, &(struct flv_tag){FLV_AUDIO, 0xfedcba98, body, sizeof body});
    flv_file_add(&b, &(struct flv_tag){FLV_VIDEO, 5, body, 2});
    size_t at = 0;
    struct flv_tag tag;
    assert_int_equal(flv_file_next((const uint8_t *)b.data, b.len, &at, &tag), ERR_OK);
    assert_int_equal(tag.type, FLV_AUDIO);
    assert_int_equal(tag.ts_ms, 0xfedcba98);
    assert_memory_equal(tag.body, body, sizeof body);
    assert_int_equal(flv_file_next((const uint8_t *)b.data, b.len, &at, &tag), ERR_OK);
    assert_int_equal(tag.len, 2);
    assert_int_equal(flv_file_next((const uint8_t *)b.data, b.len, &at, &tag), ERR_NOT_FOUND);
    at = 0;
    assert_int_equal(flv_file_next((const uint8_t *)"FLX", 3, &at, &tag), ERR_INPUT);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(avc__legacy_header_frame_and_end_are_told_apart),
        cmocka_unit_test(aac__legacy_header_frame_and_silence_are_told_apart),
        cmocka_unit_test(fourcc__avc1_and_mp4a_are_taken),
        cmocka_unit_test(codecs__we_do_not_take_are_named),
        cmocka_unit_test(mod_ex__gives_nanoseconds_and_is_skipped),
        cmocka_unit_test(multitrack__gives_one_packet_per_track),
        cmocka_unit_test(seek_marks__are_nothing),
        cmocka_unit_test(messages__cut_short_are_refused),
        cmocka_unit_test(file__written_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
