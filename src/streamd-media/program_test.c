#include "base/buf.h"
#include "base/test.h"
#include "streamd-media/tasks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUT_MAX = 4 << 20 };

struct setting {
    char program[512]; /* the build's streamd-media */
    char file[64];     /* 3 s of 180x320 at 25 fps, one blue second, one green, one red */
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

static int setup(void **state)
{
    static struct setting s;
    char self[400], command[1024];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(n > 0);
    self[n] = '\0';
    *strrchr(self, '/') = '\0'; /* <build>/tests */
    (void)snprintf(s.program, sizeof s.program, "%s/../streamd-media", self);
    (void)snprintf(s.file, sizeof s.file, "/tmp/nm-media-XXXXXX");
    int fd = mkstemp(s.file);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    (void)snprintf(command, sizeof command,
                   "ffmpeg -nostdin -v error -y"
                   " -f lavfi -i color=blue:size=180x320:rate=25:duration=1"
                   " -f lavfi -i color=green:size=180x320:rate=25:duration=1"
                   " -f lavfi -i color=red:size=180x320:rate=25:duration=1"
                   " -filter_complex '[0][1][2]concat=n=3' -c:v libx264 -g 25 -pix_fmt yuv420p"
                   " -movflags frag_keyframe+empty_moov+default_base_moof -f mp4 %s",
                   s.file);
    struct buf out;
    int code = run(command, &out);
    buf_done(&out);
    *state = &s;
    return code;
}

static int teardown(void **state)
{
    struct setting *s = *state;
    return unlink(s->file);
}

/* The mean colour of the JPEG that `args` make, as 0xrrggbb; checks its size. */
static unsigned picture(const struct setting *s, const char *args, const char *size)
{
    char command[2048];
    struct buf out;
    (void)snprintf(command, sizeof command,
                   "%s thumbnail %s < %s | ffmpeg -nostdin -v error -f mjpeg -i - -vf"
                   " scale=1:1:flags=area -f rawvideo -pix_fmt rgb24 -",
                   s->program, args, s->file);
    assert_int_equal(run(command, &out), 0);
    assert_int_equal(out.len, 3);
    const uint8_t *p = (const uint8_t *)out.data;
    unsigned colour = (unsigned)p[0] << 16 | (unsigned)p[1] << 8 | p[2];
    buf_done(&out);
    (void)snprintf(command, sizeof command,
                   "%s thumbnail %s %s | ffprobe -v error -show_entries stream=width,height -of"
                   " csv=p=0 -f mjpeg -",
                   s->program, args, s->file);
    assert_int_equal(run(command, &out), 0);
    assert_string_equal(out.data, size);
    buf_done(&out);
    return colour;
}

static void thumbnail__shows_the_frame_of_that_time_in_that_size(void **state)
{
    struct setting *s = *state;
    unsigned blue = picture(s, "--time 0.5 --width 90 --height 90", "90,90\n");
    assert_true((blue & 0xff) > 200 && blue >> 16 < 40);
    unsigned red = picture(s, "--time 2.5 --fit clip --width 90 --height 90", "50,90\n");
    assert_true(red >> 16 > 200 && (red & 0xff) < 40);
    unsigned last = picture(s, "--time 999", "180,320\n");
    assert_true(last >> 16 > 200);
}

static void probe__names_tracks_size_and_duration(void **state)
{
    struct setting *s = *state;
    char command[1024];
    struct buf out;
    (void)snprintf(command, sizeof command, "%s probe %s", s->program, s->file);
    assert_int_equal(run(command, &out), 0);
    assert_non_null(strstr(out.data, "\"codec\":\"h264\",\"width\":180,\"height\":320"));
    assert_non_null(strstr(out.data, "\"duration\":3.0"));
    buf_done(&out);
}

static void outcomes__have_exit_codes_of_their_own(void **state)
{
    struct setting *s = *state;
    static const struct {
        const char *args;
        int code;
    } tries[] = {
        {"thumbnail < /dev/null", EXIT_INPUT},
        {"thumbnail --width 5", EXIT_USAGE},
        {"thumbnail --time nan", EXIT_USAGE},
        {"probe /nowhere", EXIT_INPUT},
        {"", EXIT_USAGE},
        {"probe < /bin/sh", EXIT_INPUT},
    };
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        char command[1024];
        struct buf out;
        (void)snprintf(command, sizeof command, "%s %s 2>/dev/null", s->program, tries[i].args);
        assert_int_equal(run(command, &out), tries[i].code);
        buf_done(&out);
    }
}

/* A playlist or a reference to another file must not make it open anything. */
static void input__cannot_name_other_files(void **state)
{
    struct setting *s = *state;
    char command[1024];
    struct buf out;
    (void)snprintf(command, sizeof command,
                   "printf 'ffconcat version 1.0\\nfile %s\\n' | %s probe 2>/dev/null", s->file,
                   s->program);
    assert_int_equal(run(command, &out), EXIT_INPUT);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thumbnail__shows_the_frame_of_that_time_in_that_size),
        cmocka_unit_test(probe__names_tracks_size_and_duration),
        cmocka_unit_test(outcomes__have_exit_codes_of_their_own),
        cmocka_unit_test(input__cannot_name_other_files),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
