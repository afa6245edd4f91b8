#include "base/buf.h"
#include "base/bytes.h"
#include "base/test.h"
#include "media/playlist.h"
#include "media/playlist_check_testkit.h"

#include <stdio.h>
#include <string.h>

enum { PART = 18000, PARTS = 5, WALL_MS = 1700000000 };

struct live {
    struct playlist *p;
    struct playlist_check *check;
    struct bytes *bytes;
    uint64_t msn;
    unsigned index;
    int64_t at;
    unsigned init;
    bool discontinuity;
};

static void check(struct live *l, enum playlist_kind kind)
{
    struct bytes *text = playlist_text(l->p, kind);
    assert_non_null(text);
    const char *wrong = playlist_check_text(l->check, (const char *)text->data, text->len);
    if (wrong) {
        print_error("%s\n%s", wrong, (const char *)text->data);
        fail();
    }
    bytes_unref(text);
}

static void part(struct live *l)
{
    struct media_part part = {.bytes = l->bytes,
                              .msn = l->msn,
                              .index = l->index,
                              .init = l->init,
                              .start = l->at,
                              .duration = PART,
                              .wall_ms = WALL_MS * 1000LL + l->at / 90,
                              .independent = l->index == 0,
                              .discontinuity = l->discontinuity};
    assert_int_equal(playlist_add_part(l->p, &part), ERR_OK);
    l->at += PART;
    l->index++;
}

static void end(struct live *l)
{
    playlist_end_segment(l->p, l->msn++);
    l->index = 0;
    l->discontinuity = false;
}

static void segments(struct live *l, unsigned n)
{
    while (n--) {
        for (unsigned i = 0; i < PARTS; i++) {
            part(l);
            if (playlist_is_ready(l->p))
                check(l, PLAYLIST_LL);
        }
        end(l);
        if (playlist_is_ready(l->p)) {
            check(l, PLAYLIST_LL);
            check(l, PLAYLIST_LL_SKIP);
        }
    }
}

static void begin(struct live *l, const struct playlist_opts *opts)
{
    static const struct media_info info = {.video = true, .codecs = "avc1.64001f"};
    *l = (struct live){.p = playlist_make(opts), .init = 1, .msn = opts->first_msn};
    assert_non_null(l->p);
    l->check = playlist_check_make();
    l->bytes = bytes_make("0123456789", 10);
    assert_int_equal(playlist_add_init(l->p, 1, l->bytes, &info), ERR_OK);
    assert_null(playlist_text(l->p, PLAYLIST_LL));
    segments(l, 1);
    playlist_ready(l->p, 2, PART);
    check(l, PLAYLIST_LL);
}

static void done(struct live *l)
{
    playlist_free(l->p);
    playlist_check_free(l->check);
    assert_int_equal(atomic_load(&l->bytes->refs), 1); /* nothing is held any more */
    bytes_unref(l->bytes);
}

static bool has(struct live *l, enum playlist_kind kind, const char *line)
{
    struct bytes *text = playlist_text(l->p, kind);
    bool found = strstr((const char *)text->data, line) != NULL;
    bytes_unref(text);
    return found;
}

static void window__slides_and_keeps_what_it_drops_for_a_while(void **state)
{
    (void)state;
    struct live l;
    begin(&l, &(struct playlist_opts){0});
    segments(&l, 29);
    const struct playlist_seen *seen = playlist_check_seen(l.check);
    assert_int_equal(seen->complete, 10);
    assert_int_equal(seen->first_msn, 20);
    struct bytes *parts[PLAYLIST_PARTS_MAX];
    assert_int_equal(playlist_segment(l.p, 19, parts, PLAYLIST_PARTS_MAX), PARTS);
    for (unsigned i = 0; i < PARTS; i++)
        bytes_unref(parts[i]);
    assert_int_equal(playlist_segment(l.p, 8, parts, PLAYLIST_PARTS_MAX), 0);
    assert_int_equal(playlist_segment(l.p, 30, parts, PLAYLIST_PARTS_MAX), 0);
    done(&l);
}

static void dvr__keeps_as_many_seconds(void **state)
{
    (void)state;
    struct live l;
    begin(&l, &(struct playlist_opts){.dvr_s = 60, .prefix = "../x/"});
    segments(&l, 99);
    assert_int_equal(playlist_check_seen(l.check)->complete, 60);
    assert_true(has(&l, PLAYLIST_LL, "\n../x/seg-99.m4s\n"));
    assert_true(has(&l, PLAYLIST_LL, "URI=\"../x/part-100-0.m4s\""));
    done(&l);
}

static void skip__leaves_out_what_is_old_and_parses_to_the_same(void **state)
{
    (void)state;
    struct live l;
    begin(&l, &(struct playlist_opts){.dvr_s = 40});
    segments(&l, 49);
    check(&l, PLAYLIST_LL_SKIP);
    assert_int_equal(playlist_check_seen(l.check)->skipped, 28); /* 40 s less six targets */
    done(&l);
}

static void text__is_made_once_per_change(void **state)
{
    (void)state;
    struct live l;
    begin(&l, &(struct playlist_opts){0});
    struct bytes *a = playlist_text(l.p, PLAYLIST_LL), *b = playlist_text(l.p, PLAYLIST_LL);
    assert_ptr_equal(a, b);
    part(&l);
    struct bytes *c = playlist_text(l.p, PLAYLIST_LL);
    assert_ptr_not_equal(a, c);
    bytes_unref(a);
    bytes_unref(b);
    bytes_unref(c);
    done(&l);
}

static void plain__has_no_low_latency_tags(void **state)
{
    (void)state;
    struct live l;
    begin(&l, &(struct playlist_opts){0});
    part(&l);
    assert_false(has(&l, PLAYLIST_PLAIN, "PART"));
    assert_false(has(&l, PLAYLIST_PLAIN, "SERVER-CONTROL"));
    assert_true(has(&l, PLAYLIST_PLAIN, "#EXT-X-VERSION:6\n"));
    assert_true(has(&l, PLAYLIST_PLAIN, "seg-0.m4s"));
    done(&l);
}

static void discontinuity__is_counted_when_it_leaves_the_text(void **state)
{
    (void)state;
    struct live l;
    begin(&l, &(struct playlist_opts){0});
    segments(&l, 3);
    l.discontinuity = true;
    l.init = 2;
    static const struct media_info info = {.video = true};
    assert_int_equal(playlist_add_init(l.p, 2, l.bytes, &info), ERR_OK);
    segments(&l, 5);
    assert_true(has(&l, PLAYLIST_LL, "#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"init-2.mp4\"\n"));
    assert_int_equal(playlist_check_seen(l.check)->discontinuities, 1);
    segments(&l, 30);
    assert_true(has(&l, PLAYLIST_LL, "#EXT-X-DISCONTINUITY-SEQUENCE:1\n"));
    assert_int_equal(playlist_check_seen(l.check)->discontinuities, 1);
    assert_null(playlist_init(l.p, 1)); /* nobody needs it any more */
    struct bytes *init = playlist_init(l.p, 2);
    assert_non_null(init);
    bytes_unref(init);
    done(&l);
}

static void hint__knows_how_many_parts_a_segment_has(void **state)
{
    (void)state;
    struct live l;
    begin(&l, &(struct playlist_opts){0});
    for (unsigned i = 0; i < PARTS - 1; i++)
        part(&l);
    assert_true(has(&l, PLAYLIST_LL, "TYPE=PART,URI=\"part-1-4.m4s\""));
    part(&l);
    assert_true(has(&l, PLAYLIST_LL, "TYPE=PART,URI=\"part-2-0.m4s\""));
    assert_true(playlist_expects_part(l.p, 2, 0));
    assert_true(playlist_expects_part(l.p, 1, 5));
    assert_false(playlist_expects_part(l.p, 1, 6));
    assert_false(playlist_expects_part(l.p, 3, 0));
    done(&l);
}

/* A reconnect ends a segment early: how many parts that one had tells nothing about the next. */
static void hint__a_segment_cut_short_does_not_mislead(void **state)
{
    (void)state;
    struct live l;
    begin(&l, &(struct playlist_opts){0});
    segments(&l, 2);
    part(&l);
    part(&l);
    end(&l);
    l.discontinuity = true;
    part(&l);
    part(&l);
    assert_true(has(&l, PLAYLIST_LL, "TYPE=PART,URI=\"part-4-2.m4s\""));
    assert_true(playlist_expects_part(l.p, 4, 2));
    done(&l);
}

static void window__drops_sooner_what_is_beyond_its_bytes(void **state)
{
    (void)state;
    enum { SEGMENT = PARTS * 10 };
    struct live l;
    begin(&l, &(struct playlist_opts){.window_bytes = 4 * SEGMENT});
    for (unsigned n = 0; n < 20; n++) {
        for (unsigned i = 0; i < PARTS; i++)
            part(&l);
        end(&l);
    }
    struct bytes *parts[PARTS];
    assert_int_equal(playlist_segment(l.p, l.msn - 5, parts, PARTS), 0);
    assert_int_equal(playlist_segment(l.p, l.msn - 4, parts, PARTS), PARTS);
    for (unsigned i = 0; i < PARTS; i++)
        bytes_unref(parts[i]);
    assert_true(has(&l, PLAYLIST_LL, "#EXT-X-MEDIA-SEQUENCE:17\n"));
    for (unsigned i = 0; i < 6 * PARTS; i++) /* the newest stays, however big it is */
        part(&l);
    end(&l);
    assert_true(has(&l, PLAYLIST_LL, "#EXT-X-MEDIA-SEQUENCE:21\n"));
    done(&l);
}

static enum playlist_answer ask(const struct live *l, const char *query)
{
    struct playlist_ask a;
    assert_int_equal(playlist_read_ask(query, strlen(query), &a), ERR_OK);
    return playlist_answer(l->p, &a);
}

static void ask__waits_for_what_is_next_and_refuses_what_is_far(void **state)
{
    (void)state;
    struct live l;
    begin(&l, &(struct playlist_opts){.first_msn = 100});
    part(&l); /* 100 is complete, 101 has its first part */
    assert_int_equal(ask(&l, ""), PLAYLIST_NOW);
    assert_int_equal(ask(&l, "_HLS_msn=7"), PLAYLIST_NOW);
    assert_int_equal(ask(&l, "_HLS_msn=100&_HLS_part=4"), PLAYLIST_NOW);
    assert_int_equal(ask(&l, "_HLS_msn=100&_HLS_part=5"), PLAYLIST_NOW); /* is 101.0 */
    assert_int_equal(ask(&l, "_HLS_msn=101&_HLS_part=0"), PLAYLIST_NOW);
    assert_int_equal(ask(&l, "_HLS_msn=101&_HLS_part=1"), PLAYLIST_WAIT);
    assert_int_equal(ask(&l, "_HLS_msn=101"), PLAYLIST_WAIT);
    assert_int_equal(ask(&l, "_HLS_msn=102&_HLS_part=0"), PLAYLIST_WAIT);
    assert_int_equal(ask(&l, "_HLS_msn=103"), PLAYLIST_BAD);
    assert_int_equal(ask(&l, "_HLS_msn=101&_HLS_part=99"), PLAYLIST_BAD);
    assert_int_equal(playlist_wait_ms(l.p), 6000);
    playlist_end(l.p);
    assert_int_equal(ask(&l, "_HLS_msn=101&_HLS_part=1"), PLAYLIST_NOW);
    assert_true(has(&l, PLAYLIST_LL, "#EXT-X-ENDLIST"));
    assert_false(has(&l, PLAYLIST_LL, "PRELOAD-HINT"));
    done(&l);
}

static void ask__that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"_HLS_part=1",
                                      "_HLS_msn=",
                                      "_HLS_msn=-1",
                                      "_HLS_msn=1x",
                                      "_HLS_msn=1&_HLS_msn=2",
                                      "_HLS_msn=99999999999999999999",
                                      "_HLS_msn=1&_HLS_part=1&_HLS_part=1",
                                      "_HLS_msn"};
    struct playlist_ask a;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(playlist_read_ask(bad[i], strlen(bad[i]), &a), ERR_INPUT);
    const char *good = "x=1&_HLS_msn=5&_HLS_part=0&_HLS_skip=YES&protocol=hls&&y";
    assert_int_equal(playlist_read_ask(good, strlen(good), &a), ERR_OK);
    assert_true(a.wait && a.has_part && a.skip && a.plain && a.msn == 5 && a.part == 0);
}

static void master__names_codecs_size_and_rate(void **state)
{
    (void)state;
    const struct media_info info = {.video = true,
                                    .audio = true,
                                    .codecs = "avc1.64001f,mp4a.40.2",
                                    .width = 720,
                                    .height = 1280,
                                    .fps_num = 30000,
                                    .fps_den = 1001};
    struct buf b;
    buf_init(&b, 1000);
    playlist_write_master(&b, &(struct playlist_variant){&info, "live.m3u8", 2000000, 1500000}, 1);
    assert_string_equal(b.data, "#EXTM3U\n#EXT-X-VERSION:6\n"
                                "#EXT-X-STREAM-INF:BANDWIDTH=2000000,AVERAGE-BANDWIDTH=1500000,"
                                "CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=720x1280,"
                                "FRAME-RATE=29.970\nlive.m3u8\n");
    buf_done(&b);
}

static void rates__come_from_the_window(void **state)
{
    (void)state;
    struct live l;
    uint64_t peak, average;
    begin(&l, &(struct playlist_opts){0});
    segments(&l, 2);
    playlist_rates(l.p, &peak, &average);
    assert_int_equal(peak, 400); /* 50 bytes a second */
    assert_int_equal(average, 400);
    done(&l);
}

static void reports__show_where_other_renditions_stand(void **state)
{
    (void)state;
    struct live l;
    begin(&l, &(struct playlist_opts){0});
    playlist_set_reports(l.p, &(struct playlist_report){"../low/video.m3u8", 7, 3}, 1);
    assert_true(has(&l, PLAYLIST_LL,
                    "#EXT-X-RENDITION-REPORT:URI=\"../low/video.m3u8\",LAST-MSN=7,LAST-PART=3\n"));
    check(&l, PLAYLIST_LL);
    done(&l);
}

static void vod__is_whole_and_ends(void **state)
{
    (void)state;
    const struct playlist_vod_segment segs[] = {
        {"s0.m4s", "i1.mp4", 90000 * 2, 1700000000000, false},
        {"s1.m4s", "i1.mp4", 90000 * 2 + 900, 1700000002000, false},
        {"s2.m4s", "i2.mp4", 45000, 1700000009000, true},
    };
    struct buf b;
    buf_init(&b, 4000);
    playlist_write_vod(&b, segs, 3, 0);
    struct playlist_check *c = playlist_check_make();
    assert_null(playlist_check_text(c, b.data, b.len));
    const struct playlist_seen *seen = playlist_check_seen(c);
    assert_true(seen->ended);
    assert_int_equal(seen->complete, 3);
    assert_int_equal(seen->maps, 2);
    assert_int_equal(seen->discontinuities, 1);
    playlist_check_free(c);
    buf_done(&b);
}

/* RFC 8216 4.3.3.5: one of type VOD must not change, and a player stops at ENDLIST. */
static void vod__that_grows_is_an_event_without_an_end(void **state)
{
    (void)state;
    const struct playlist_vod_segment one = {"s0.m4s", "i1.mp4", 90000, 1700000000000, false};
    struct buf b;
    buf_init(&b, 4000);
    playlist_write_vod(&b, &one, 1, 2);
    assert_non_null(strstr(b.data, "#EXT-X-PLAYLIST-TYPE:EVENT\n"));
    assert_non_null(strstr(b.data, "#EXT-X-TARGETDURATION:2\n"));
    assert_null(strstr(b.data, "#EXT-X-ENDLIST"));
    buf_done(&b);
}

static void reader__sees_what_is_wrong(void **state)
{
    (void)state;
#define HEAD "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:5\n"
#define MAP  "#EXT-X-MAP:URI=\"i.mp4\"\n"
#define DATE "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z\n"
    static const char *const bad[] = {
        "",
        "#EXTM3U\n",
        HEAD,
        HEAD MAP DATE "#EXTINF:2.6,\ns.m4s\n",
        HEAD MAP "#EXTINF:2.0,\ns.m4s\n",
        HEAD DATE "#EXTINF:2.0,\ns.m4s\n",
        HEAD MAP DATE "s.m4s\n",
        HEAD MAP DATE "#EXTINF:2.0,\ns.m4s\n#EXT-X-NEW\n",
        HEAD MAP DATE "#EXT-X-PART:DURATION=0.2,URI=\"p\"\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct playlist_check *c = playlist_check_make();
        assert_non_null(playlist_check_text(c, bad[i], strlen(bad[i])));
        playlist_check_free(c);
    }
    static const char good[] = HEAD MAP DATE "#EXTINF:2.0,\ns.m4s\n";
    static const char back[] = "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:2\n"
                               "#EXT-X-MEDIA-SEQUENCE:4\n" MAP DATE "#EXTINF:2.0,\ns.m4s\n";
    static const char other[] = HEAD MAP DATE "#EXTINF:1.9,\ns.m4s\n";
    struct playlist_check *c = playlist_check_make();
    assert_null(playlist_check_text(c, good, sizeof good - 1));
    assert_null(playlist_check_text(c, good, sizeof good - 1));
    assert_non_null(playlist_check_text(c, back, sizeof back - 1));
    assert_non_null(playlist_check_text(c, other, sizeof other - 1));
    playlist_check_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(window__slides_and_keeps_what_it_drops_for_a_while),
        cmocka_unit_test(dvr__keeps_as_many_seconds),
        cmocka_unit_test(skip__leaves_out_what_is_old_and_parses_to_the_same),
        cmocka_unit_test(text__is_made_once_per_change),
        cmocka_unit_test(plain__has_no_low_latency_tags),
        cmocka_unit_test(discontinuity__is_counted_when_it_leaves_the_text),
        cmocka_unit_test(hint__knows_how_many_parts_a_segment_has),
        cmocka_unit_test(hint__a_segment_cut_short_does_not_mislead),
        cmocka_unit_test(window__drops_sooner_what_is_beyond_its_bytes),
        cmocka_unit_test(ask__waits_for_what_is_next_and_refuses_what_is_far),
        cmocka_unit_test(ask__that_makes_no_sense_is_refused),
        cmocka_unit_test(master__names_codecs_size_and_rate),
        cmocka_unit_test(rates__come_from_the_window),
        cmocka_unit_test(reports__show_where_other_renditions_stand),
        cmocka_unit_test(vod__is_whole_and_ends),
        cmocka_unit_test(vod__that_grows_is_an_event_without_an_end),
        cmocka_unit_test(reader__sees_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
