#include "base/bytes.h"
#include "base/test.h"
#include "streamd/origin/index_in.h"

enum { TEXT_MAX = 1 << 20 };

static void put_part(struct buf *b, uint64_t msn, unsigned index, size_t len, bool hole)
{
    struct bytes *bytes = bytes_make(NULL, len);
    struct media_part part = {.bytes = bytes,
                              .msn = msn,
                              .index = index,
                              .init = 1,
                              .duration = 18000,
                              .wall_ms = 1700000000000 + (int64_t)msn * 1000,
                              .independent = index == 0};
    rec_put_part(b, &part, hole);
    bytes_unref(bytes);
}

static void put_init(struct buf *b, unsigned version)
{
    struct media_info info = {.video = true,
                              .audio = true,
                              .width = 1280,
                              .height = 720,
                              .fps_num = 60,
                              .fps_den = 2,
                              .codecs = "avc1.64001f,mp4a.40.2"};
    rec_put_init(b, version, 1000, &info);
}

/* init and two segments of two parts, 100 bytes each */
static struct buf two_segments(void)
{
    struct buf b;
    buf_init(&b, TEXT_MAX);
    put_init(&b, 1);
    rec_put_targets(&b, 2, 18000);
    put_part(&b, 0, 0, 100, false);
    put_part(&b, 0, 1, 100, false);
    put_part(&b, 1, 0, 100, true);
    put_part(&b, 1, 1, 100, false);
    return b;
}

static void parse__finds_segments_as_byte_ranges(void **state)
{
    (void)state;
    struct buf b = two_segments();
    struct rec_map m;
    assert_int_equal(rec_parse(b.data, b.len, 1400, &m), ERR_OK);
    assert_int_equal(m.n, 2);
    assert_int_equal(m.segments[0].off, 1000);
    assert_int_equal(m.segments[0].len, 200);
    assert_int_equal(m.segments[1].off, 1200);
    assert_false(m.segments[0].discontinuity);
    assert_true(m.segments[1].discontinuity);
    assert_int_equal(m.duration, 4 * 18000);
    assert_int_equal(m.media_len, 1400);
    assert_int_equal(m.index_len, b.len);
    assert_false(m.ended);
    assert_int_equal(m.next.msn, 2);
    assert_int_equal(m.next.target_s, 2);
    assert_string_equal(rec_init_of(&m, 1)->info.codecs, "avc1.64001f,mp4a.40.2");
    assert_null(rec_init_of(&m, 2));
    assert_ptr_equal(rec_segment_of(&m, 1), &m.segments[1]);
    assert_null(rec_segment_of(&m, 2));
    rec_map_done(&m);
    buf_done(&b);
}

/* Cut the index anywhere: what is whole before the cut stays, and nothing else is believed. */
static void parse__a_torn_index_loses_its_last_line_only(void **state)
{
    (void)state;
    struct buf b = two_segments();
    for (size_t len = 0; len <= b.len; len++) {
        struct rec_map m;
        enum err e = rec_parse(b.data, len, 1400, &m);
        if (e) {
            assert_int_equal(e, ERR_NOT_FOUND);
            continue;
        }
        assert_true(m.index_len <= len);
        assert_int_equal((m.media_len - 1000) % 100, 0);
        rec_map_done(&m);
    }
    buf_done(&b);
}

static void parse__ends_where_the_media_ends(void **state)
{
    (void)state;
    struct buf b = two_segments();
    struct rec_map m;
    assert_int_equal(rec_parse(b.data, b.len, 1399, &m), ERR_OK);
    assert_int_equal(m.media_len, 1300);
    assert_int_equal(m.segments[1].len, 100);
    rec_map_done(&m);
    assert_int_equal(rec_parse(b.data, b.len, 999, &m), ERR_NOT_FOUND);
    buf_done(&b);
}

static void parse__the_end_mark_counts_only_at_the_end(void **state)
{
    (void)state;
    struct buf b = two_segments();
    struct rec_map m;
    rec_put_end(&b);
    assert_int_equal(rec_parse(b.data, b.len, 1400, &m), ERR_OK);
    assert_true(m.ended);
    rec_map_done(&m);
    put_part(&b, 2, 0, 100, false);
    assert_int_equal(rec_parse(b.data, b.len, 1500, &m), ERR_OK);
    assert_false(m.ended);
    rec_map_done(&m);
    buf_done(&b);
}

static void parse__goes_on_where_the_packager_said_or_after_a_crash_behind_it(void **state)
{
    (void)state;
    struct buf b = two_segments();
    struct packager_resume next = {.msn = 2,
                                   .init = 1,
                                   .target_s = 3,
                                   .part_target = 18000,
                                   .time = 5000000,
                                   .discontinuity = 7};
    rec_put_next(&b, &next);
    struct rec_map m;
    assert_int_equal(rec_parse(b.data, b.len, 1400, &m), ERR_OK);
    assert_memory_equal(&m.next, &next, sizeof(next));
    rec_map_done(&m);
    put_part(&b, 2, 0, 50, true);
    assert_int_equal(rec_parse(b.data, b.len, 1450, &m), ERR_OK);
    assert_int_equal(m.next.msn, 3);
    assert_int_equal(m.next.time, 5000000 + 18000);
    assert_int_equal(m.next.discontinuity, 8);
    rec_map_done(&m);
    buf_done(&b);
}

static void parse__stops_at_a_line_that_cannot_be(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "p 1 0 1 -5 1 1 0\n",
        "p 1 0 1 9999999999999999999 1 1 0\n",
        "p 0 0 1 1 1 1 0\n",
        "p 5\n",
        "x\n",
        "\n",
        "i 1 1\n",
        "n 1 2 3\n",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct buf b = two_segments();
        size_t len = b.len;
        buf_str(&b, lines[i]);
        put_part(&b, 9, 0, 10, false);
        struct rec_map m;
        assert_int_equal(rec_parse(b.data, b.len, 5000, &m), ERR_OK);
        assert_int_equal(m.index_len, len);
        assert_int_equal(m.n, 2);
        rec_map_done(&m);
        buf_done(&b);
    }
}

static void parse__knows_the_parts_of_the_last_segments(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, TEXT_MAX);
    put_init(&b, 1);
    for (unsigned msn = 0; msn < 40; msn++)
        for (unsigned i = 0; i < 5; i++)
            put_part(&b, msn, i, 10, false);
    struct rec_map m;
    assert_int_equal(rec_parse(b.data, b.len, 1 << 20, &m), ERR_OK);
    assert_int_equal(m.n_tail, REC_TAIL_SEGMENTS * 5);
    assert_int_equal(m.tail[0].part.msn, 30);
    assert_int_equal(m.tail[0].off, 1000 + 30 * 50);
    assert_true(m.tail[0].part.independent);
    assert_false(m.tail[1].part.independent);
    rec_map_done(&m);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse__finds_segments_as_byte_ranges),
        cmocka_unit_test(parse__a_torn_index_loses_its_last_line_only),
        cmocka_unit_test(parse__ends_where_the_media_ends),
        cmocka_unit_test(parse__the_end_mark_counts_only_at_the_end),
        cmocka_unit_test(parse__goes_on_where_the_packager_said_or_after_a_crash_behind_it),
        cmocka_unit_test(parse__stops_at_a_line_that_cannot_be),
        cmocka_unit_test(parse__knows_the_parts_of_the_last_segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
