#include "base/bytes.h"
#include "base/test.h"
#include "media/aac.h"
#include "media/fmp4.h"
#include "media/h264.h"

#include <string.h>

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The n-th box at `path` ("moof/traf/trun"), counting down *n on the way; NULL: not there. */
static const uint8_t *find_next(const uint8_t *data, size_t len, const char *path, unsigned *n)
{
    for (size_t at = 0; at + 8 <= len;) {
        size_t size = be32(data + at);
        assert_in_range(size, 8, len - at);
        if (memcmp(data + at + 4, path, 4) == 0) {
            if (!path[4] && (*n)-- == 0)
                return data + at;
            const uint8_t *inner = path[4] ? find_next(data + at + 8, size - 8, path + 5, n) : NULL;
            if (inner)
                return inner;
        }
        at += size;
    }
    return NULL;
}

static const uint8_t *find(const uint8_t *data, size_t len, const char *path, unsigned n)
{
    return find_next(data, len, path, &n);
}

static void part__says_where_each_track_s_bytes_are(void **state)
{
    (void)state;
    const struct fmp4_sample video[] = {{3, 3000, 6000, true}, {2, 3000, -3000, false}};
    const struct fmp4_sample audio[] = {{1, 1024, 0, true}, {2, 1030, 0, true}};
    const struct fmp4_track tracks[] = {
        {FMP4_TRACK_VIDEO, 0x123456789a, video, 2, (const uint8_t *)"VVVvv", 5},
        {FMP4_TRACK_AUDIO, 777, audio, 2, (const uint8_t *)"Aaa", 3}};
    struct bytes *b;
    assert_int_equal(fmp4_part(7, tracks, 2, &b), ERR_OK);
    const uint8_t *moof = find(b->data, b->len, "moof", 0);
    assert_int_equal(be32(find(b->data, b->len, "moof/mfhd", 0) + 12), 7);

    const uint8_t *tfdt = find(b->data, b->len, "moof/traf/tfdt", 0);
    assert_int_equal(tfdt[8], 1);
    assert_int_equal(be32(tfdt + 12), 0x12);
    assert_int_equal(be32(tfdt + 16), 0x3456789a);

    const uint8_t *trun = find(b->data, b->len, "moof/traf/trun", 0);
    assert_int_equal(trun[8], 1); /* signed offsets */
    assert_int_equal(be32(trun + 12), 2);
    assert_memory_equal(moof + be32(trun + 16), "VVVvv", 5);
    assert_int_equal(be32(trun + 20), 0x2000000); /* the first is a key frame */
    assert_int_equal(be32(trun + 24), 3);
    assert_int_equal((int32_t)be32(trun + 28), 6000);
    assert_int_equal((int32_t)be32(trun + 36), -3000);

    trun = find(b->data, b->len, "moof/traf/trun", 1);
    assert_memory_equal(moof + be32(trun + 16), "Aaa", 3);
    assert_int_equal(be32(trun + 24), 1024); /* durations differ: each says its own */
    assert_int_equal(be32(trun + 32), 1030);
    bytes_unref(b);
}

static void part__of_one_track_has_one_traf(void **state)
{
    (void)state;
    const struct fmp4_sample audio[] = {{1, 1024, 0, true}};
    const struct fmp4_track tracks[] = {{FMP4_TRACK_VIDEO, 0, NULL, 0, NULL, 0},
                                        {FMP4_TRACK_AUDIO, 1, audio, 1, (const uint8_t *)"A", 1}};
    struct bytes *b;
    assert_int_equal(fmp4_part(1, tracks, 2, &b), ERR_OK);
    assert_int_equal(find(b->data, b->len, "moof/traf/tfhd", 0)[15], FMP4_TRACK_AUDIO);
    assert_null(find(b->data, b->len, "moof/traf/tfhd", 1));
    assert_int_equal(be32(find(b->data, b->len, "mdat", 0)), 9);
    bytes_unref(b);
}

static void init__has_a_track_for_each_configuration(void **state)
{
    (void)state;
    struct h264_config video = {.nal_len_bytes = 4, .len = 3, .avcc = {1, 2, 3}};
    video.sps = (struct h264_sps){.width = 720, .height = 576, .sar_num = 16, .sar_den = 15};
    struct aac_config audio = {.sample_hz = 48000, .channels = 2, .len = 2, .asc = {0x11, 0x90}};
    struct bytes *b;
    assert_int_equal(fmp4_init(&video, &audio, &b), ERR_OK);
    const uint8_t *tkhd = find(b->data, b->len, "moov/trak/tkhd", 0);
    assert_int_equal(be32(tkhd + 20), FMP4_TRACK_VIDEO);
    assert_int_equal(be32(tkhd + 84) >> 16, 768); /* as shown, not as coded */
    assert_int_equal(be32(find(b->data, b->len, "moov/trak/mdia/mdhd", 1) + 20), 48000);
    assert_non_null(find(b->data, b->len, "moov/mvex/trex", 1));
    bytes_unref(b);
    assert_int_equal(fmp4_init(NULL, &audio, &b), ERR_OK);
    assert_null(find(b->data, b->len, "moov/trak/tkhd", 1));
    bytes_unref(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(part__says_where_each_track_s_bytes_are),
        cmocka_unit_test(part__of_one_track_has_one_traf),
        cmocka_unit_test(init__has_a_track_for_each_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
