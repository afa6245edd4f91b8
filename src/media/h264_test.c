#include "base/test.h"
#include "media/h264.h"

#include <string.h>

/* Made by x264 through ffmpeg: High with B-frames, 1280x720 at 30. */
static const uint8_t HD[] = {0x01, 0x64, 0x00, 0x1f, 0xff, 0xe1, 0x00, 0x1a, 0x67, 0x64, 0x00, 0x1f,
                             0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00,
                             0x10, 0x00, 0x00, 0x03, 0x03, 0xc0, 0xf1, 0x83, 0x19, 0x60, 0x01, 0x00,
                             0x04, 0x68, 0xef, 0x8f, 0xcb, 0xfd, 0xf8, 0xf8, 0x00};
/* 1920x1080 at 30000/1001: cropped from 1088 lines. */
static const uint8_t FULL_HD[] = {0x01, 0x64, 0x00, 0x28, 0xac, 0xe1, 0x00, 0x19, 0x67, 0x64,
                                  0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0xc0,
                                  0x44, 0x00, 0x00, 0x0f, 0xa4, 0x00, 0x03, 0xa9, 0x80, 0x3c,
                                  0x60, 0xc6, 0x58, 0x01, 0x00, 0x04, 0x68, 0xef, 0x8f, 0xcb};
/* Constrained Baseline, 854x480 at 24: cropped sideways. */
static const uint8_t SD[] = {0x01, 0x42, 0xc0, 0x1e, 0xff, 0xe1, 0x00, 0x19, 0x67, 0x42,
                             0xc0, 0x1e, 0xda, 0x03, 0x60, 0xf7, 0x9b, 0xc0, 0x44, 0x00,
                             0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xc2, 0x3c,
                             0x58, 0xba, 0x80, 0x01, 0x00, 0x04, 0x68, 0xce, 0x0f, 0xc8};

static struct h264_config read(const uint8_t *data, size_t len)
{
    struct h264_config c;
    assert_int_equal(h264_read_config(data, len, &c), ERR_OK);
    return c;
}

static void config__gives_size_rate_and_codec_string(void **state)
{
    (void)state;
    char codecs[12];
    struct h264_config c = read(HD, sizeof HD);
    assert_int_equal(c.sps.width, 1280);
    assert_int_equal(c.sps.height, 720);
    assert_int_equal(c.sps.fps_num / c.sps.fps_den, 30);
    assert_int_equal(c.nal_len_bytes, 4);
    assert_true(c.sps.reorders);
    h264_codecs(&c.sps, codecs);
    assert_string_equal(codecs, "avc1.64001f");

    c = read(FULL_HD, sizeof FULL_HD);
    assert_int_equal(c.sps.width, 1920);
    assert_int_equal(c.sps.height, 1080);
    assert_true((uint64_t)c.sps.fps_num * 1001 == (uint64_t)c.sps.fps_den * 30000);

    c = read(SD, sizeof SD);
    assert_int_equal(c.sps.width, 854);
    assert_int_equal(c.sps.height, 480);
    assert_false(c.sps.reorders);
    h264_codecs(&c.sps, codecs);
    assert_string_equal(codecs, "avc1.42c01e");
}

static void config__cut_anywhere_is_refused(void **state)
{
    (void)state;
    struct h264_config c;
    for (size_t len = 0; len < sizeof SD; len++)
        assert_int_not_equal(h264_read_config(SD, len, &c), ERR_OK);
    uint8_t bad[sizeof SD];
    memcpy(bad, SD, sizeof SD);
    bad[4] = 0xfe; /* NAL lengths of 3 bytes */
    assert_int_equal(h264_read_config(bad, sizeof bad, &c), ERR_MEDIA_TYPE);
    bad[4] = 0xff;
    bad[5] = 0xe0; /* no SPS */
    assert_int_equal(h264_read_config(bad, sizeof bad, &c), ERR_MEDIA_TYPE);
    bad[5] = 0xe1;
    bad[0] = 2;
    assert_int_equal(h264_read_config(bad, sizeof bad, &c), ERR_INPUT);
}

static void sps__of_any_bytes_ends(void **state)
{
    (void)state;
    struct h264_sps s;
    uint8_t nal[40];
    for (unsigned fill = 0; fill < 256; fill++) {
        memset(nal, (int)fill, sizeof nal);
        nal[0] = 0x67;
        if (h264_read_sps(nal, sizeof nal, &s) == ERR_OK)
            assert_true(s.width && s.height && s.width <= H264_SIDE_MAX);
    }
    assert_int_equal(h264_read_sps(nal, 2, &s), ERR_INPUT);
}

static void au__shows_key_frames_and_parameter_sets(void **state)
{
    (void)state;
    struct h264_au a;
    /* SPS, IDR with first_mb 0 and slice type I (7): bits 1 0001000 */
    const uint8_t key[] = {0, 0, 0, 2, 0x67, 1, 0, 0, 0, 3, 0x65, 0x88, 0x80};
    assert_int_equal(h264_look(key, sizeof key, 4, &a), ERR_OK);
    assert_true(a.key && a.slices && a.intra && !a.b);
    assert_int_equal(a.sps_len, 2);
    /* A slice of type B (1): bits 1 010 */
    const uint8_t b[] = {0, 2, 0x01, 0xa0};
    assert_int_equal(h264_look(b, sizeof b, 2, &a), ERR_OK);
    assert_true(!a.key && a.slices && a.b);
    const uint8_t sei[] = {2, 0x06, 0x05};
    assert_int_equal(h264_look(sei, sizeof sei, 1, &a), ERR_OK);
    assert_false(a.slices);
    const uint8_t past[] = {0, 0, 0, 9, 0x65};
    assert_int_equal(h264_look(past, sizeof past, 4, &a), ERR_INPUT);
    const uint8_t half[] = {0, 0, 0};
    assert_int_equal(h264_look(half, sizeof half, 4, &a), ERR_INPUT);
}

static void config__from_inband_sets_says_the_same(void **state)
{
    (void)state;
    struct h264_config c = read(HD, sizeof HD), old = read(SD, sizeof SD), made;
    struct h264_au a = {.sps = HD + 8, .sps_len = 26, .pps = HD + 37, .pps_len = 4};
    assert_int_equal(h264_config_from(&old, &a, &made), ERR_OK);
    assert_int_equal(made.sps.width, 1280);
    assert_true(h264_config_has_sps(&c, a.sps, a.sps_len));
    assert_true(h264_config_has_sps(&made, a.sps, a.sps_len));
    assert_false(h264_config_has_sps(&old, a.sps, a.sps_len));
    a.pps = NULL;
    assert_int_equal(h264_config_from(&old, &a, &made), ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config__gives_size_rate_and_codec_string),
        cmocka_unit_test(config__cut_anywhere_is_refused),
        cmocka_unit_test(sps__of_any_bytes_ends),
        cmocka_unit_test(au__shows_key_frames_and_parameter_sets),
        cmocka_unit_test(config__from_inband_sets_says_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
