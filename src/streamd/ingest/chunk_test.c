#include "base/test.h"
#include "streamd/ingest/chunk_in.h"

enum { MESSAGE_MAX = 1 << 20 };

struct got {
    unsigned n;
    unsigned type[16];
    uint32_t ts_ms[16];
    size_t len[16];
    unsigned sum[16];
    bool bad;
};

/* Feed in steps of `step` bytes and keep what is not taken, as a connection does. */
static struct got feed(struct chunk_reader *r, const struct buf *b, size_t step)
{
    struct got g = {0};
    const uint8_t *data = (const uint8_t *)b->data;
    for (size_t at = 0, end = 0; end < b->len || at < end;) {
        size_t before = at;
        end = end + step < b->len ? end + step : b->len;
        for (;;) {
            struct chunk_message m;
            size_t used;
            enum chunk_step s = chunk_read(r, data + at, end - at, &used, &m);
            at += used;
            if (s == CHUNK_BAD)
                g.bad = true;
            if (s != CHUNK_GOT)
                break;
            assert_true(g.n < 16);
            g.type[g.n] = m.type;
            g.ts_ms[g.n] = m.ts_ms;
            g.len[g.n] = m.len;
            for (size_t i = 0; i < m.len; i++)
                g.sum[g.n] += m.data[i];
            g.n++;
        }
        if (g.bad || (end == b->len && at == before))
            break;
    }
    return g;
}

static struct got feed_all(const struct buf *b, size_t step)
{
    struct chunk_reader r;
    chunk_reader_init(&r, MESSAGE_MAX);
    struct got g = feed(&r, b, step);
    chunk_reader_done(&r);
    return g;
}

static void message(struct buf *b, unsigned id, unsigned type, uint32_t ts_ms, size_t len)
{
    uint8_t *body = test_calloc(1, len + 1);
    memset(body, 1, len);
    struct chunk_message m = {type, ts_ms, 1, body, len};
    chunk_write(b, id, &m, CHUNK_SIZE_FIRST);
    test_free(body);
}

static void read__takes_the_same_messages_however_they_are_cut(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    message(&b, 4, 9, 40, 1000);
    message(&b, 6, 8, 0xFFFFFF, 300); /* just extended */
    message(&b, 4, 9, 0xFFFFFFF0, 5000);
    message(&b, 4, 9, 7, 0);
    static const size_t steps[] = {1, 2, 3, 17, 129, 1 << 20};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct got g = feed_all(&b, steps[i]);
        assert_false(g.bad);
        assert_int_equal(g.n, 4);
        assert_int_equal(g.len[0], 1000);
        assert_int_equal(g.sum[0], 1000);
        assert_int_equal(g.ts_ms[1], 0xFFFFFF);
        assert_int_equal(g.sum[1], 300);
        assert_int_equal(g.ts_ms[2], 0xFFFFFFF0);
        assert_int_equal(g.sum[2], 5000);
        assert_int_equal(g.len[3], 0);
    }
    buf_done(&b);
}

/* Type 1, 2 and 3 headers take from the one before what they leave out. */
static void read__short_headers_repeat_what_they_leave_out(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {
        0x04, 0,   0, 100, 0,   0, 2, 9, 1,   0, 0, 0, 'a', 'b', /* type 0: at 100, 2 bytes */
        0x44, 0,   0, 40,  0,   0, 1, 9, 'c',                    /* type 1: 40 later, 1 byte */
        0x84, 0,   0, 20,  'd',                                  /* type 2: 20 later */
        0xC4, 'e',                                               /* type 3: the same again */
        0x44, 0,   0, 0,   0,   0, 1, 8, 'f',                    /* type 1: no later */
    };
    struct buf b;
    buf_init(&b, 1024);
    buf_add(&b, bytes, sizeof(bytes));
    struct got g = feed_all(&b, 1);
    assert_false(g.bad);
    assert_int_equal(g.n, 5);
    static const uint32_t ts[] = {100, 140, 160, 180, 180};
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(g.ts_ms[i], ts[i]);
    assert_int_equal(g.type[4], 8);
    buf_done(&b);
}

/* ffmpeg repeats a small stamp as a delta; librtmp means the same stamp. */
static void read__a_message_like_a_type_0_one_is_no_hour_later(void **state)
{
    (void)state;
    static const uint8_t small[] = {0x04, 0, 0, 23, 0, 0, 1, 9, 1, 0, 0, 0, 'a', 0xC4, 'b'};
    static const uint8_t large[] = {0x04, 9, 0, 0, 0, 0, 1, 9, 1, 0, 0, 0, 'a', 0xC4, 'b'};
    struct buf b;
    buf_init(&b, 1024);
    buf_add(&b, small, sizeof(small));
    assert_int_equal(feed_all(&b, 64).ts_ms[1], 46);
    buf_clear(&b);
    buf_add(&b, large, sizeof(large));
    struct got g = feed_all(&b, 64);
    assert_int_equal(g.ts_ms[1], g.ts_ms[0]);
    buf_done(&b);
}

/* Some encoders leave the extended timestamp out of type 3 chunks. */
static void read__extended_timestamps_need_not_be_repeated(void **state)
{
    (void)state;
    for (int repeated = 0; repeated < 2; repeated++) {
        struct buf b;
        buf_init(&b, 4096);
        static const uint8_t head[] = {0x04, 255, 255, 255, 0, 0, 200, 9, 1, 0, 0, 0, 1, 2, 3, 4};
        static const uint8_t stamp[] = {1, 2, 3, 4};
        buf_add(&b, head, sizeof(head));
        for (unsigned i = 0; i < 128; i++)
            buf_u8(&b, 5);
        buf_u8(&b, 0xC4);
        if (repeated)
            buf_add(&b, stamp, sizeof(stamp));
        for (unsigned i = 0; i < 72; i++)
            buf_u8(&b, 5);
        struct got g = feed_all(&b, 1);
        assert_false(g.bad);
        assert_int_equal(g.n, 1);
        assert_int_equal(g.ts_ms[0], 0x01020304);
        assert_int_equal(g.sum[0], 1000);
        buf_done(&b);
    }
}

static void read__messages_of_two_chunk_streams_interleave(void **state)
{
    (void)state;
    struct buf one, two, b;
    buf_init(&one, 4096);
    buf_init(&two, 4096);
    buf_init(&b, 4096);
    message(&one, 4, 9, 1, 200); /* 12 + 128, 1 + 72 */
    message(&two, 64 - 1, 8, 2, 200);
    buf_add(&b, one.data, 140);
    buf_add(&b, two.data, 140);
    buf_add(&b, one.data + 140, one.len - 140);
    buf_add(&b, two.data + 140, two.len - 140);
    struct got g = feed_all(&b, 7);
    assert_int_equal(g.n, 2);
    assert_int_equal(g.type[0], 9);
    assert_int_equal(g.sum[1], 200);
    buf_done(&one);
    buf_done(&two);
    buf_done(&b);
}

static void abort__forgets_the_unfinished_message(void **state)
{
    (void)state;
    struct buf b;
    struct chunk_reader r;
    buf_init(&b, 4096);
    chunk_reader_init(&r, MESSAGE_MAX);
    message(&b, 4, 9, 1, 200);
    b.len = 140; /* the first chunk only */
    assert_int_equal(feed(&r, &b, 64).n, 0);
    assert_int_equal(r.held, 128);
    chunk_abort(&r, 4);
    assert_int_equal(r.held, 0);
    buf_clear(&b);
    message(&b, 4, 9, 2, 100);
    struct got g = feed(&r, &b, 64);
    assert_int_equal(g.n, 1);
    assert_int_equal(g.sum[0], 100);
    chunk_reader_done(&r);
    buf_done(&b);
}

/* A message begun and given up on every chunk stream, for as long as somebody likes. */
static void abort__leaves_no_memory_behind(void **state)
{
    (void)state;
    enum { BEGUN = 900 * 1000 };
    struct buf b;
    struct chunk_reader r;
    buf_init(&b, 2 << 20);
    chunk_reader_init(&r, MESSAGE_MAX);
    assert_true(chunk_set_size(&r, BEGUN));
    for (unsigned id = 4; id < 4 + CHUNK_STREAMS_MAX; id++) {
        const uint8_t head[] = {(uint8_t)id, 0, 0, 0, 0x0F, 0xFF, 0xFF, 9, 1, 0, 0, 0};
        buf_clear(&b);
        buf_add(&b, head, sizeof(head));
        memset(buf_room(&b, BEGUN), 1, BEGUN);
        b.len += BEGUN;
        assert_false(feed(&r, &b, 1 << 16).bad);
        chunk_abort(&r, id);
    }
    size_t kept = 0;
    for (unsigned i = 0; i < r.n; i++)
        kept += r.at[i].body.cap;
    assert_int_equal(r.held, 0);
    assert_int_equal(kept, 0);
    chunk_reader_done(&r);
    buf_done(&b);
}

static void set_message_max__counts_from_the_next_message(void **state)
{
    (void)state;
    struct buf b;
    struct chunk_reader r;
    buf_init(&b, 1 << 20);
    chunk_reader_init(&r, 1000);
    message(&b, 4, 9, 1, 1000);
    assert_int_equal(feed(&r, &b, 64).n, 1);
    assert_int_equal(r.at[0].body.cap, 0); /* a stranger's messages leave nothing */
    chunk_set_message_max(&r, MESSAGE_MAX);
    buf_clear(&b);
    message(&b, 4, 9, 2, 100 * 1000);
    struct got g = feed(&r, &b, 64);
    assert_int_equal(g.n, 1);
    assert_int_equal(g.sum[0], 100 * 1000);
    chunk_reader_done(&r);
    buf_done(&b);
}

static void read__refuses_what_passes_its_limits(void **state)
{
    (void)state;
    static const uint8_t too_long[] = {0x04, 0, 0, 0, 0x20, 0, 0, 9, 1, 0, 0, 0};
    static const uint8_t like_nothing[] = {0xC4, 1};
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add(&b, too_long, sizeof(too_long));
    assert_true(feed_all(&b, 64).bad);
    buf_clear(&b);
    buf_add(&b, like_nothing, sizeof(like_nothing));
    assert_true(feed_all(&b, 64).bad);
    buf_clear(&b);
    for (unsigned id = 2; id < 2 + CHUNK_STREAMS_MAX; id++)
        message(&b, id, 9, 0, 0);
    struct chunk_reader r;
    chunk_reader_init(&r, MESSAGE_MAX);
    struct chunk_message m;
    size_t used, at = 0;
    for (unsigned i = 0; i < CHUNK_STREAMS_MAX; i++, at += used)
        assert_int_equal(chunk_read(&r, (uint8_t *)b.data + at, b.len - at, &used, &m), CHUNK_GOT);
    buf_clear(&b);
    message(&b, 60, 9, 0, 0);
    assert_int_equal(chunk_read(&r, (uint8_t *)b.data, b.len, &used, &m), CHUNK_BAD);
    chunk_reader_done(&r);
    buf_done(&b);
}

/* Many begun messages at once may not hold more than one whole message. */
static void read__bounds_what_unfinished_messages_hold(void **state)
{
    (void)state;
    struct chunk_reader r;
    struct buf b;
    chunk_reader_init(&r, 100000);
    assert_true(chunk_set_size(&r, 60000));
    buf_init(&b, 1 << 20);
    for (unsigned id = 4; id < 6; id++) {
        const uint8_t head[] = {(uint8_t)id, 0, 0, 0, 1, 0x86, 0xA0, 9, 1, 0, 0, 0}; /* 100000 */
        buf_add(&b, head, sizeof(head));
        for (unsigned i = 0; i < 60000; i++)
            buf_u8(&b, 0);
    }
    assert_true(feed(&r, &b, 4096).bad);
    chunk_reader_done(&r);
    buf_done(&b);
}

static void set_size__takes_one_to_its_maximum(void **state)
{
    (void)state;
    struct chunk_reader r;
    chunk_reader_init(&r, MESSAGE_MAX);
    assert_false(chunk_set_size(&r, 0));
    assert_false(chunk_set_size(&r, 0x80000000U));
    assert_true(chunk_set_size(&r, 1));
    struct buf b;
    buf_init(&b, 4096);
    struct chunk_message m = {9, 5, 1, (const uint8_t *)"abc", 3};
    chunk_write(&b, 4, &m, 1);
    struct got g = feed(&r, &b, 1);
    assert_int_equal(g.n, 1);
    assert_int_equal(g.sum[0], 'a' + 'b' + 'c');
    assert_true(chunk_set_size(&r, 0x7FFFFFFF));
    assert_int_equal(r.size, CHUNK_SIZE_MAX);
    chunk_reader_done(&r);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__takes_the_same_messages_however_they_are_cut),
        cmocka_unit_test(read__short_headers_repeat_what_they_leave_out),
        cmocka_unit_test(read__a_message_like_a_type_0_one_is_no_hour_later),
        cmocka_unit_test(read__extended_timestamps_need_not_be_repeated),
        cmocka_unit_test(read__messages_of_two_chunk_streams_interleave),
        cmocka_unit_test(abort__forgets_the_unfinished_message),
        cmocka_unit_test(abort__leaves_no_memory_behind),
        cmocka_unit_test(set_message_max__counts_from_the_next_message),
        cmocka_unit_test(read__refuses_what_passes_its_limits),
        cmocka_unit_test(read__bounds_what_unfinished_messages_hold),
        cmocka_unit_test(set_size__takes_one_to_its_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
