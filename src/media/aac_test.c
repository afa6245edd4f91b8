#include "base/test.h"
#include "media/aac.h"

static struct aac_config c;

#define READ(...) \
    aac_read_config((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), &c)

static void config__of_common_encoders_is_read(void **state)
{
    (void)state;
    char codecs[12];
    assert_int_equal(READ(0x11, 0x90), ERR_OK);
    assert_int_equal(c.sample_hz, 48000);
    assert_int_equal(c.channels, 2);
    assert_int_equal(c.frame_samples, 1024);
    aac_codecs(&c, codecs);
    assert_string_equal(codecs, "mp4a.40.2");
    assert_int_equal(READ(0x12, 0x10, 0x56, 0xe5, 0x00), ERR_OK); /* ffmpeg: no SBR, said aloud */
    assert_int_equal(c.sample_hz, 44100);
    assert_int_equal(c.out_hz, 44100);
    assert_int_equal(READ(0x11, 0x88), ERR_OK);
    assert_int_equal(c.channels, 1);
}

static void config__of_he_aac_names_both_rates(void **state)
{
    (void)state;
    char codecs[12];
    /* AOT 5, 24000 (6), 2 channels, extension 48000 (3), AOT 2 */
    assert_int_equal(READ(0x2b, 0x11, 0x88, 0x00), ERR_OK);
    assert_int_equal(c.object_type, 5);
    assert_int_equal(c.sample_hz, 24000);
    assert_int_equal(c.out_hz, 48000);
    aac_codecs(&c, codecs);
    assert_string_equal(codecs, "mp4a.40.5");
    /* AOT 2 at 24000 with the sync extension: SBR to 48000 */
    assert_int_equal(READ(0x13, 0x10, 0x56, 0xe5, 0x98), ERR_OK);
    assert_int_equal(c.object_type, 2);
    assert_int_equal(c.out_hz, 48000);
}

static void config__with_a_rate_of_its_own_is_read(void **state)
{
    (void)state;
    /* AOT 2, index 15, 24 bits of 48000, 2 channels */
    assert_int_equal(READ(0x17, 0x80, 0x5d, 0xc0, 0x10), ERR_OK);
    assert_int_equal(c.sample_hz, 48000);
    assert_int_equal(c.channels, 2);
    assert_int_equal(READ(0x17, 0x80, 0x00, 0x00, 0x10), ERR_INPUT);
}

static void config__we_cannot_use_is_refused(void **state)
{
    (void)state;
    assert_int_equal(READ(0x11), ERR_INPUT);
    assert_int_equal(READ(0x16, 0x90), ERR_INPUT);             /* reserved rate */
    assert_int_equal(READ(0x11, 0x80), ERR_MEDIA_TYPE);        /* channels in a program config */
    assert_int_equal(READ(0xff, 0xff, 0xff, 0xff), ERR_INPUT); /* escape into nothing */
    assert_int_equal(READ(0xf9, 0x46, 0x20, 0x00), ERR_MEDIA_TYPE); /* USAC */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config__of_common_encoders_is_read),
        cmocka_unit_test(config__of_he_aac_names_both_rates),
        cmocka_unit_test(config__with_a_rate_of_its_own_is_read),
        cmocka_unit_test(config__we_cannot_use_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
