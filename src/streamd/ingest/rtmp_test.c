#include "base/crypto.h"
#include "base/test.h"
#include "streamd/ingest/chunk_in.h"
#include "streamd/ingest/encoder_testkit.h"
#include "streamd/ingest/rtmp_in.h"

enum { MESSAGE_MAX = 1 << 20 };

struct seen {
    struct rtmp *r;
    struct buf in;
    char key[RTMP_KEY_MAX + 1];
    unsigned asked, media, unpublished;
    enum flv_type type[32];
    uint32_t ts_ms[32];
    size_t len[32];
    uint8_t first[32];
    bool accept_at_once;
};

static void on_publish(void *arg, const char *key)
{
    struct seen *s = arg;
    s->asked++;
    (void)snprintf(s->key, sizeof(s->key), "%s", key);
    if (s->accept_at_once)
        rtmp_accept(s->r);
}

static void on_media(void *arg, enum flv_type type, uint32_t ts_ms, const uint8_t *body, size_t len)
{
    struct seen *s = arg;
    if (s->media < 32) {
        s->type[s->media] = type;
        s->ts_ms[s->media] = ts_ms;
        s->len[s->media] = len;
        s->first[s->media] = len ? body[0] : 0;
    }
    s->media++;
}

static void on_unpublish(void *arg)
{
    ((struct seen *)arg)->unpublished++;
}

static const struct rtmp_ops ops = {on_publish, on_media, on_unpublish};

static int setup(void **state)
{
    struct seen *s = test_calloc(1, sizeof(*s));
    s->r = rtmp_make(&ops, s, MESSAGE_MAX);
    s->accept_at_once = true;
    buf_init(&s->in, 4 << 20);
    *state = s;
    return s->r ? 0 : -1;
}

static int teardown(void **state)
{
    struct seen *s = *state;
    rtmp_free(s->r);
    buf_done(&s->in);
    test_free(s);
    return 0;
}

/* Give all that was scripted, `step` bytes at a time. */
static void run(struct seen *s, size_t step)
{
    for (size_t at = 0, end = 0; end < s->in.len;) {
        end = end + step < s->in.len ? end + step : s->in.len;
        at += rtmp_feed(s->r, (const uint8_t *)s->in.data + at, end - at);
    }
    buf_clear(&s->in);
}

static void hello(struct seen *s)
{
    encoder_hello(&s->in);
    encoder_hello_again(&s->in);
}

static void go_live(struct seen *s, const char *name)
{
    hello(s);
    encoder_connect(&s->in, "live", false);
    encoder_command(&s->in, "releaseStream");
    encoder_command(&s->in, "FCPublish");
    encoder_create_stream(&s->in);
    encoder_publish(&s->in, name);
}

static bool said(struct seen *s, const char *text)
{
    const struct buf *out = rtmp_out(s->r);
    return out->len && memmem(out->data, out->len, text, strlen(text)) != NULL;
}

static void handshake__sends_c1_back(void **state)
{
    struct seen *s = *state;
    hello(s);
    struct buf sent;
    buf_init(&sent, 8192);
    encoder_hello(&sent);
    run(s, 100);
    const struct buf *out = rtmp_out(s->r);
    assert_int_equal(out->len, 1 + 2 * ENCODER_SIGNATURE);
    assert_int_equal(out->data[0], 3);
    assert_memory_equal(out->data + 1 + ENCODER_SIGNATURE, sent.data + 1, ENCODER_SIGNATURE);
    assert_int_equal(rtmp_state(s->r), RTMP_OPEN);
    buf_done(&sent);
}

static void handshake__refuses_other_protocols(void **state)
{
    struct seen *s = *state;
    buf_str(&s->in, "GET / HTTP/1.1\r\n\r\n");
    run(s, 4096);
    assert_int_equal(rtmp_state(s->r), RTMP_CLOSED);
    assert_string_equal(rtmp_why(s->r), "not RTMP");
    assert_int_equal(rtmp_out(s->r)->len, 0);
}

static void publish__works_byte_by_byte(void **state)
{
    struct seen *s = *state;
    go_live(s, "abc_DEF-123");
    encoder_message(&s->in, 4, 9, 40, 1, "\x17\x00", 2, CHUNK_SIZE_FIRST);
    encoder_message(&s->in, 4, 8, 41, 1, "\xaf\x01", 2, CHUNK_SIZE_FIRST);
    run(s, 1);
    assert_int_equal(rtmp_state(s->r), RTMP_PUBLISHING);
    assert_string_equal(s->key, "abc_DEF-123");
    assert_true(said(s, "NetConnection.Connect.Success"));
    assert_true(said(s, "NetStream.Publish.Start"));
    assert_false(said(s, "abc_DEF-123"));
    assert_false(said(s, "fourCcList"));
    assert_int_equal(s->media, 2);
    assert_int_equal(s->type[0], FLV_VIDEO);
    assert_int_equal(s->ts_ms[1], 41);
}

static void publish__takes_nothing_until_it_is_answered(void **state)
{
    struct seen *s = *state;
    s->accept_at_once = false;
    go_live(s, "KEY");
    encoder_message(&s->in, 4, 9, 40, 1, "\x17\x00", 2, CHUNK_SIZE_FIRST);
    size_t used = rtmp_feed(s->r, (const uint8_t *)s->in.data, s->in.len);
    assert_int_equal(rtmp_state(s->r), RTMP_ASKED);
    assert_true(used < s->in.len);
    assert_int_equal(rtmp_feed(s->r, (const uint8_t *)s->in.data + used, s->in.len - used), 0);
    rtmp_accept(s->r);
    assert_int_equal(rtmp_feed(s->r, (const uint8_t *)s->in.data + used, s->in.len - used),
                     s->in.len - used);
    assert_int_equal(s->media, 1);
}

static void publish__a_refused_key_is_told_and_closed(void **state)
{
    struct seen *s = *state;
    s->accept_at_once = false;
    go_live(s, "KEY");
    run(s, 4096);
    rtmp_refuse(s->r, "NetStream.Publish.BadName", "unknown stream key");
    assert_int_equal(rtmp_state(s->r), RTMP_CLOSED);
    assert_true(said(s, "NetStream.Publish.BadName"));
}

static void publish__the_key_ends_at_a_query(void **state)
{
    struct seen *s = *state;
    go_live(s, "/KEY?user=x&pass=y");
    run(s, 4096);
    assert_string_equal(s->key, "KEY");
}

static void publish__refuses_names_that_are_no_keys(void **state)
{
    static const char *const names[] = {"", "?x", "a/b", "a b", "key\x01", "\xe5\xa5\xbd", "a%20"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        teardown(state);
        assert_int_equal(setup(state), 0);
        struct seen *s = *state;
        go_live(s, names[i]);
        run(s, 4096);
        assert_int_equal(s->asked, 0);
        assert_int_equal(rtmp_state(s->r), RTMP_CLOSED);
        assert_true(said(s, "NetStream.Publish.BadName"));
    }
}

static void connect__refuses_other_applications(void **state)
{
    struct seen *s = *state;
    hello(s);
    encoder_connect(&s->in, "vod", false);
    run(s, 4096);
    assert_int_equal(rtmp_state(s->r), RTMP_CLOSED);
    assert_true(said(s, "NetConnection.Connect.Rejected"));
}

static void connect__takes_slash_and_query_behind_the_application(void **state)
{
    struct seen *s = *state;
    hello(s);
    encoder_connect(&s->in, "live/?vhost=x", false);
    run(s, 4096);
    assert_int_equal(rtmp_state(s->r), RTMP_CONNECTED);
}

static void connect__offers_only_what_is_taken(void **state)
{
    struct seen *s = *state;
    hello(s);
    encoder_connect(&s->in, "live", true);
    run(s, 4096);
    assert_true(said(s, "fourCcList"));
    assert_true(said(s, "avc1"));
    assert_true(said(s, "mp4a"));
    assert_false(said(s, "hvc1"));
    assert_false(said(s, "av01"));
}

static void play__is_refused(void **state)
{
    struct seen *s = *state;
    hello(s);
    encoder_connect(&s->in, "live", false);
    encoder_create_stream(&s->in);
    encoder_command(&s->in, "play");
    run(s, 4096);
    assert_true(said(s, "NetStream.Play.Failed"));
    assert_int_equal(rtmp_state(s->r), RTMP_CLOSED);
}

static void unpublish__comes_once_and_a_new_publish_may_follow(void **state)
{
    struct seen *s = *state;
    go_live(s, "KEY");
    encoder_command(&s->in, "FCUnpublish");
    encoder_command(&s->in, "deleteStream");
    run(s, 4096);
    assert_int_equal(s->unpublished, 1);
    assert_int_equal(rtmp_state(s->r), RTMP_CONNECTED);
    encoder_publish(&s->in, "KEY");
    run(s, 4096);
    assert_int_equal(s->asked, 2);
    assert_int_equal(rtmp_state(s->r), RTMP_PUBLISHING);
}

static void data__set_data_frame_is_taken_off(void **state)
{
    struct seen *s = *state;
    go_live(s, "KEY");
    static const char meta[] = "\x02\x00\x0d@setDataFrame\x02\x00\x0aonMetaData\x05";
    encoder_message(&s->in, 4, 18, 0, 1, meta, sizeof(meta) - 1, CHUNK_SIZE_FIRST);
    encoder_message(&s->in, 4, 15, 0, 1, "\0\x02\x00\x01x", 5, CHUNK_SIZE_FIRST);
    run(s, 4096);
    assert_int_equal(s->media, 2);
    assert_int_equal(s->type[0], FLV_SCRIPT);
    assert_int_equal(s->len[0], sizeof("\x02\x00\x0aonMetaData\x05") - 1);
    assert_int_equal(s->len[1], 4);
}

static void aggregate__gives_every_tag_its_own_time(void **state)
{
    struct seen *s = *state;
    go_live(s, "KEY");
    static const uint8_t tags[] = {
        9, 0, 0, 1, 0, 0, 10, 0, 0, 0, 0, 'v', 0, 0, 0, 12, /* at 10 */
        8, 0, 0, 1, 0, 0, 33, 0, 0, 0, 0, 'a', 0, 0, 0, 12, /* 23 later */
        9, 0, 9, 9, 0, 0, 50, 0, 0, 0, 0, 'x',              /* longer than what is there */
    };
    encoder_message(&s->in, 4, 22, 1000, 1, tags, sizeof(tags), CHUNK_SIZE_FIRST);
    run(s, 4096);
    assert_int_equal(s->media, 2);
    assert_int_equal(s->ts_ms[0], 1000);
    assert_int_equal(s->ts_ms[1], 1023);
    assert_int_equal(s->first[1], 'a');
}

static void control__pings_are_answered(void **state)
{
    struct seen *s = *state;
    hello(s);
    run(s, 4096);
    buf_clear(rtmp_out(s->r));
    encoder_message(&s->in, 2, 4, 0, 0, "\0\6\1\2\3\4", 6, CHUNK_SIZE_FIRST);
    run(s, 4096);
    const struct buf *out = rtmp_out(s->r);
    assert_int_equal(out->len, 12 + 6);
    assert_memory_equal(out->data + 12, "\0\7\1\2\3\4", 6);
}

static void control__bytes_are_acknowledged(void **state)
{
    struct seen *s = *state;
    go_live(s, "KEY");
    encoder_message(&s->in, 2, 5, 0, 0, "\0\0\0\1", 4, CHUNK_SIZE_FIRST); /* raised to our least */
    encoder_set_chunk_size(&s->in, 65536, CHUNK_SIZE_FIRST);
    run(s, 4096);
    buf_clear(rtmp_out(s->r));
    char *body = test_calloc(1, 70000);
    encoder_message(&s->in, 4, 9, 0, 1, body, 70000, 65536);
    test_free(body);
    run(s, 4096);
    assert_int_equal(s->media, 1);
    assert_int_equal(s->len[0], 70000);
    const struct buf *out = rtmp_out(s->r);
    assert_int_equal(out->len, 12 + 4);
    assert_int_equal(out->data[7], 3); /* Acknowledgement */
}

static void control__a_chunk_size_of_nothing_closes(void **state)
{
    struct seen *s = *state;
    go_live(s, "KEY");
    encoder_set_chunk_size(&s->in, 0, CHUNK_SIZE_FIRST);
    run(s, 4096);
    assert_int_equal(rtmp_state(s->r), RTMP_CLOSED);
}

static void control__an_oversize_message_closes(void **state)
{
    struct seen *s = *state;
    go_live(s, "KEY");
    static const uint8_t head[] = {4, 0, 0, 0, 0xFF, 0xFF, 0xFF, 9, 1, 0, 0, 0};
    buf_add(&s->in, head, sizeof(head));
    run(s, 4096);
    assert_int_equal(rtmp_state(s->r), RTMP_CLOSED);
    assert_string_equal(rtmp_why(s->r), "broken chunks");
}

static void control__a_flood_of_pings_is_not_kept(void **state)
{
    struct seen *s = *state;
    hello(s);
    for (unsigned i = 0; i < 8000; i++)
        encoder_message(&s->in, 2, 4, 0, 0, "\0\6\1\2\3\4", 6, CHUNK_SIZE_FIRST);
    run(s, 1 << 20);
    assert_int_equal(rtmp_state(s->r), RTMP_CLOSED);
    assert_true(rtmp_out(s->r)->len <= RTMP_OUT_MAX);
}

/* What the pings overflow is closed before its key is asked for, and later answers are harmless. */
static void control__who_does_not_read_is_never_asked_for_a_key(void **state)
{
    struct seen *s = *state;
    s->accept_at_once = false;
    hello(s);
    encoder_connect(&s->in, "live", false);
    for (unsigned i = 0; i < 8000; i++)
        encoder_message(&s->in, 2, 4, 0, 0, "\0\6\1\2\3\4", 6, CHUNK_SIZE_FIRST);
    encoder_publish(&s->in, "KEY");
    run(s, 1 << 20);
    assert_int_equal(rtmp_state(s->r), RTMP_CLOSED);
    assert_int_equal(s->asked, 0);
    rtmp_accept(s->r);
    rtmp_refuse(s->r, "NetStream.Publish.BadName", "too late");
    assert_int_equal(rtmp_state(s->r), RTMP_CLOSED);
    assert_false(said(s, "too late"));
}

static void control__a_stranger_sends_short_messages_only(void **state)
{
    struct seen *s = *state;
    hello(s);
    static const uint8_t head[] = {4, 0, 0, 0, 1, 0, 1, 9, 1, 0, 0, 0}; /* RTMP_STRANGER_MAX + 1 */
    buf_add(&s->in, head, sizeof(head));
    run(s, 4096);
    assert_int_equal(rtmp_state(s->r), RTMP_CLOSED);
    teardown(state);
    assert_int_equal(setup(state), 0);
    s = *state;
    go_live(s, "KEY");
    buf_add(&s->in, head, sizeof(head));
    run(s, 4096);
    assert_int_equal(rtmp_state(s->r), RTMP_PUBLISHING);
}

static void command__garbage_closes(void **state)
{
    static const char *const bodies[] = {"\x03", "\xff\xff\xff", "\x02\xff\xffxx", "\x00 1234567"};
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        teardown(state);
        assert_int_equal(setup(state), 0);
        struct seen *s = *state;
        hello(s);
        encoder_message(&s->in, 3, 20, 0, 0, bodies[i], strlen(bodies[i]) + 1, CHUNK_SIZE_FIRST);
        run(s, 4096);
        assert_int_equal(rtmp_state(s->r), RTMP_CLOSED);
    }
}

static void command__amf3_commands_are_amf0_behind_a_byte(void **state)
{
    struct seen *s = *state;
    hello(s);
    encoder_connect(&s->in, "live", false);
    run(s, 4096);
    struct buf amf;
    buf_init(&amf, 1024);
    buf_add(&amf,
            "\0\x02\0\x0c"
            "createStream\0\x40\0\0\0\0\0\0\0\x05",
            26);
    encoder_message(&s->in, 3, 17, 0, 0, amf.data, amf.len, CHUNK_SIZE_FIRST);
    buf_clear(rtmp_out(s->r));
    run(s, 4096);
    assert_true(said(s, "_result"));
    buf_done(&amf);
}

static void command__out_of_place_closes(void **state)
{
    struct seen *s = *state;
    hello(s);
    encoder_publish(&s->in, "KEY");
    run(s, 4096);
    assert_int_equal(s->asked, 0);
    assert_int_equal(rtmp_state(s->r), RTMP_CLOSED);
}

static void media__before_publish_is_dropped(void **state)
{
    struct seen *s = *state;
    hello(s);
    encoder_message(&s->in, 4, 9, 40, 1, "\x17\x00", 2, CHUNK_SIZE_FIRST);
    run(s, 4096);
    assert_int_equal(s->media, 0);
    assert_int_equal(rtmp_state(s->r), RTMP_OPEN);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(handshake__sends_c1_back),
        T(handshake__refuses_other_protocols),
        T(publish__works_byte_by_byte),
        T(publish__takes_nothing_until_it_is_answered),
        T(publish__a_refused_key_is_told_and_closed),
        T(publish__the_key_ends_at_a_query),
        T(publish__refuses_names_that_are_no_keys),
        T(connect__refuses_other_applications),
        T(connect__takes_slash_and_query_behind_the_application),
        T(connect__offers_only_what_is_taken),
        T(play__is_refused),
        T(unpublish__comes_once_and_a_new_publish_may_follow),
        T(data__set_data_frame_is_taken_off),
        T(aggregate__gives_every_tag_its_own_time),
        T(control__pings_are_answered),
        T(control__bytes_are_acknowledged),
        T(control__a_chunk_size_of_nothing_closes),
        T(control__an_oversize_message_closes),
        T(control__a_flood_of_pings_is_not_kept),
        T(control__who_does_not_read_is_never_asked_for_a_key),
        T(control__a_stranger_sends_short_messages_only),
        T(command__garbage_closes),
        T(command__amf3_commands_are_amf0_behind_a_byte),
        T(command__out_of_place_closes),
        T(media__before_publish_is_dropped),
    };
    if (crypto_init() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
