#include "base/picture.h"
#include "base/test.h"

#include <string.h>

static void sniff__knows_the_pictures_we_take_and_no_other(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *type;
    } rows[] = {
        {"\xff\xd8\xff\xe0........", 12, "image/jpeg"},
        {"\x89PNG\r\n\x1a\n....", 12, "image/png"},
        {"RIFF....WEBP", 12, "image/webp"},
        {"RIFF....WAVE", 12, NULL},
        {"....ftypheic", 12, "image/heic"},
        {"....ftypmif1", 12, "image/heic"},
        {"....ftypavif", 12, "image/avif"},
        {"....ftypmp42", 12, NULL},
        {"GIF89a......", 12, NULL},
        {"<svg xmlns='", 12, NULL},
        {"\xff\xd8\xff", 3, NULL},
        {"", 0, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *got = picture_sniff(rows[i].bytes, rows[i].len);
        assert_true(rows[i].type ? got && strcmp(got, rows[i].type) == 0 : !got);
    }
}

static bool reads(const char *text, struct picture_head *h)
{
    return picture_read_head(text, strlen(text), h);
}

static void head__says_size_and_lengths(void **state)
{
    struct picture_head h;
    (void)state;
    assert_true(reads("picture1 585 1266 1 2 3 4\nrest", &h));
    assert_int_equal(h.width, 585);
    assert_int_equal(h.height, 1266);
    assert_int_equal(h.len[0], 1);
    assert_int_equal(h.len[3], 4);
    assert_int_equal(h.bytes, strlen("picture1 585 1266 1 2 3 4\n"));
}

static void head__that_lies_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "picture1",
                                      "picture2 1 1 1 1 1 1\n",
                                      "picture1 1 1 1 1 1\n",
                                      "picture1 1 1 1 1 1 1",
                                      "picture1 1 1 1 1 1 1 1\n",
                                      "picture1 0 1 1 1 1 1\n",
                                      "picture1 1 16001 1 1 1 1\n",
                                      "picture1 1 1 2097153 1 1 1\n",
                                      "picture1 1 1 99999999999999999999 1 1 1\n",
                                      "picture1 -1 1 1 1 1 1\n",
                                      "picture1  1 1 1 1 1 1\n"};
    struct picture_head h;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(reads(bad[i], &h));
}

static void refusal__has_a_sentence_for_each_status(void **state)
{
    (void)state;
    assert_non_null(picture_refusal(PICTURE_BROKEN));
    assert_null(picture_refusal(PICTURE_DONE));
    assert_null(picture_refusal(PICTURE_MACHINE));
    assert_null(picture_refusal(139));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sniff__knows_the_pictures_we_take_and_no_other),
        cmocka_unit_test(head__says_size_and_lengths),
        cmocka_unit_test(head__that_lies_is_refused),
        cmocka_unit_test(refusal__has_a_sentence_for_each_status),
    };
    return cmocka_run_group_tests_name("picture", tests, NULL, NULL);
}
