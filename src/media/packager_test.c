#include "base/bytes.h"
#include "base/test.h"
#include "media/media_testkit.h"
#include "media/packager.h"

#include <math.h>
#include <string.h>

#define AV   "-f lavfi -i testsrc2=size=192x320:rate=%s -f lavfi -i sine=f=440:r=48000 "
#define X264 "-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p "
#define AAC  "-c:a aac -b:a 64k "

static const struct packager_opts DEFAULTS = {0};

/* Feed all of what ffmpeg makes of `args`, and check that both tracks are whole. */
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

static double part_s(const struct recorder *r)
{
    return (double)r->part_target / MEDIA_HZ;
}

/* Parts but the last of a segment hold exactly `frames` frames' time. */
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
    struct probe p = package(&r,
                             "-f lavfi -i testsrc2=size=192x320:rate=30 -f lavfi -i sine=r=48000 "
                             "-t 8 " X264 "-g 30 " AAC,
                             &DEFAULTS);
    assert_whole(&p.video, 240);
    assert_true(p.audio.packets >= 375);
    assert_whole(&p.audio, p.audio.packets);
    assert_true(fabs(part_s(&r) - 0.2) < 1e-6);
    assert_int_equal(r.target_s, 2);
    assert_int_equal(r.segments, 8);
    assert_even_parts(&r);
    assert_int_equal(playlist_check_seen(r.check)->discontinuities, 0);
    assert_int_equal(r.inits_n, 1);
    for (unsigned i = 0; i < r.n; i++)
        assert_int_equal(r.parts[i].independent, r.parts[i].index == 0);
    recorder_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts__of_30_fps_and_gop_1_s_are_six_frames_and_segments_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
