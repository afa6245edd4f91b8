/* The program itself, on pictures that ffmpeg makes. */
#include "base/buf.h"
#include "base/picture.h"
#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUT_MAX = 8 << 20, PATH_TEXT = 600 };

struct setting {
    char program[PATH_TEXT]; /* the build's nightmarket-image */
    char folder[64];
};

/* Run a shell command; fills `out`. Returns its exit code, 128 when a signal ended it. */
static int run(const char *command, struct buf *out)
{
    char chunk[8192];
    size_t n;
    buf_init(out, OUT_MAX);
    FILE *f = popen(command, "r"); /* NOLINT(cert-env33-c): fixed commands of this test */
    assert_non_null(f);
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(out, chunk, n);
    int status = pclose(f);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static int do_quietly(const char *command)
{
    struct buf out;
    int code = run(command, &out);
    buf_done(&out);
    return code;
}

static int setup(void **state)
{
    static struct setting s;
    char self[400];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(n > 0);
    self[n] = '\0';
    *strrchr(self, '/') = '\0'; /* <build>/tests */
    (void)snprintf(s.program, sizeof s.program, "%s/../nightmarket-image", self);
    (void)snprintf(s.folder, sizeof s.folder, "/tmp/nm-image-XXXXXX");
    *state = &s;
    return mkdtemp(s.folder) ? 0 : -1;
}

static int teardown(void **state)
{
    struct setting *s = *state;
    char command[PATH_TEXT];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", s->folder);
    return do_quietly(command);
}

/* A picture of one colour, by ffmpeg: "red:size=90x60", "-pix_fmt rgb48be", "x.png". */
static void make(const struct setting *s, const char *source, const char *options, const char *name)
{
    char command[2 * PATH_TEXT];
    (void)snprintf(
        command, sizeof command,
        "ffmpeg -nostdin -v error -y -f lavfi -i color=duration=1:rate=4:color=%s %s %s/%s", source,
        options, s->folder, name);
    assert_int_equal(do_quietly(command), 0);
}

/* The program's exit status for a file of the folder; the answer in `out`. */
static int image_of(const struct setting *s, const char *name, struct buf *out)
{
    char command[2 * PATH_TEXT];
    (void)snprintf(command, sizeof command, "%s < %s/%s 2>/dev/null", s->program, s->folder, name);
    return run(command, out);
}

static int status_of(const struct setting *s, const char *name)
{
    struct buf out;
    int code = image_of(s, name, &out);
    buf_done(&out);
    return code;
}

struct look {
    int width, height;
    unsigned colour; /* 0xrrggbb, the mean */
};

/* One of the sizes of an answer, as another program sees it. */
static struct look look_at(const struct setting *s, const struct buf *answer, int size)
{
    struct picture_head h;
    struct look l = {0};
    char path[PATH_TEXT], command[2 * PATH_TEXT];
    assert_true(picture_read_head(answer->data, answer->len, &h));
    size_t at = h.bytes;
    for (int i = 0; i < size; i++)
        at += h.len[i];
    (void)snprintf(path, sizeof path, "%s/size%d", s->folder, size);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_int_equal(fwrite(answer->data + at, 1, h.len[size], f), h.len[size]);
    assert_int_equal(fclose(f), 0);
    struct buf out;
    (void)snprintf(command, sizeof command,
                   "ffprobe -v error -show_entries stream=width,height -of csv=p=0 %s", path);
    assert_int_equal(run(command, &out), 0);
    assert_int_equal(sscanf(out.data, "%d,%d", &l.width, &l.height), 2);
    buf_done(&out);
    (void)snprintf(command, sizeof command,
                   "ffmpeg -nostdin -v error -i %s -vf scale=1:1:flags=area -f rawvideo -pix_fmt"
                   " rgb24 -",
                   path);
    assert_int_equal(run(command, &out), 0);
    assert_int_equal(out.len, 3);
    const uint8_t *p = (const uint8_t *)out.data;
    l.colour = (unsigned)p[0] << 16 | (unsigned)p[1] << 8 | p[2];
    buf_done(&out);
    return l;
}

static bool is_red(unsigned colour)
{
    return colour >> 16 > 225 && (colour >> 8 & 0xff) < 30 && (colour & 0xff) < 30;
}

static void image__makes_sizes_of_every_kind_it_takes(void **state)
{
    static const struct {
        const char *options, *name;
    } kinds[] = {{"-frames:v 1 -pix_fmt rgb24", "a.png"},
                 {"-frames:v 1 -pix_fmt rgb48be", "deep.png"},
                 {"-frames:v 1 -pix_fmt gray", "grey.png"},
                 {"-frames:v 1 -pix_fmt yuvj420p", "a.jpg"},
                 {"-frames:v 1 -c:v libwebp", "a.webp"}};
    struct setting *s = *state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct buf answer;
        make(s, "red:size=1300x700", kinds[i].options, kinds[i].name);
        assert_int_equal(image_of(s, kinds[i].name, &answer), PICTURE_DONE);
        struct look small = look_at(s, &answer, 0), share = look_at(s, &answer, 3);
        assert_int_equal(small.width, 160);
        assert_int_equal(small.height, 86);
        assert_int_equal(look_at(s, &answer, 2).width, 1080);
        assert_int_equal(share.width, PICTURE_SHARE_WIDTH);
        assert_int_equal(share.height, PICTURE_SHARE_HEIGHT);
        if (strcmp(kinds[i].name, "grey.png") != 0)
            assert_true(is_red(small.colour) && is_red(share.colour));
        buf_done(&answer);
    }
}

static void image__is_never_enlarged_but_for_the_preview(void **state)
{
    struct setting *s = *state;
    struct buf answer;
    make(s, "red:size=90x60", "-frames:v 1", "small.png");
    assert_int_equal(image_of(s, "small.png", &answer), PICTURE_DONE);
    assert_int_equal(look_at(s, &answer, 2).width, 90);
    assert_int_equal(look_at(s, &answer, 3).width, PICTURE_SHARE_WIDTH);
    buf_done(&answer);
}

static void image__that_is_clear_becomes_white_in_the_preview(void **state)
{
    struct setting *s = *state;
    struct buf answer;
    make(s, "red@0:size=90x60,format=rgba", "-frames:v 1", "clear.png");
    assert_int_equal(image_of(s, "clear.png", &answer), PICTURE_DONE);
    assert_true(look_at(s, &answer, 3).colour > 0xf0f0f0);
    buf_done(&answer);
}

static void image__of_the_same_bytes_is_the_same(void **state)
{
    struct setting *s = *state;
    struct buf one, two;
    make(s, "red:size=300x200", "-frames:v 1", "same.png");
    assert_int_equal(image_of(s, "same.png", &one), PICTURE_DONE);
    assert_int_equal(image_of(s, "same.png", &two), PICTURE_DONE);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    buf_done(&one);
    buf_done(&two);
}

static void image__refuses_with_a_status_for_each_reason(void **state)
{
    struct setting *s = *state;
    char command[2 * PATH_TEXT];
    make(s, "red:size=90x60", "", "moving.gif");
    assert_int_equal(status_of(s, "moving.gif"), PICTURE_TYPE);
    make(s, "red:size=90x60,hue=h=90*t", "-c:v libwebp_anim -loop 0", "moving.webp");
    assert_int_equal(status_of(s, "moving.webp"), PICTURE_MOVING);
    make(s, "red:size=8x4", "-frames:v 1", "tiny.png");
    assert_int_equal(status_of(s, "tiny.png"), PICTURE_SMALL);
    make(s, "red:size=16384x16", "-frames:v 1", "long.png");
    assert_int_equal(status_of(s, "long.png"), PICTURE_PIXELS);
    make(s, "red:size=7200x7200", "-frames:v 1", "large.png");
    assert_int_equal(status_of(s, "large.png"), PICTURE_PIXELS);
    (void)snprintf(command, sizeof command,
                   "cd %s && head -c 500 a.jpg > cut.jpg &&"
                   " head -c 16000000 /dev/zero > zero",
                   s->folder);
    assert_int_equal(do_quietly(command), 0);
    assert_int_equal(status_of(s, "cut.jpg"), PICTURE_BROKEN);
    assert_int_equal(status_of(s, "zero"), PICTURE_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(image__makes_sizes_of_every_kind_it_takes),
        cmocka_unit_test(image__is_never_enlarged_but_for_the_preview),
        cmocka_unit_test(image__that_is_clear_becomes_white_in_the_preview),
        cmocka_unit_test(image__of_the_same_bytes_is_the_same),
        cmocka_unit_test(image__refuses_with_a_status_for_each_reason),
    };
    return cmocka_run_group_tests_name("nightmarket-image", tests, setup, teardown);
}
