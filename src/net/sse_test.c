/* Event frames, and fans: broadcast, audiences, held streams, comments, slow viewers. */
#include "base/buf.h"
#include "base/test.h"
#include "net/http.h"
#include "net/loop.h"
#include "net/net_testkit.h"
#include "net/sse.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct kit kit;
static struct fan *fan;
static atomic_int gone;
static _Atomic(struct fan_stream *) held_stream;
static _Atomic(struct loop *) held_loop;

static void on_gone(struct fan_stream *s, void *arg)
{
    (void)s;
    assert_ptr_equal(arg, &gone);
    gone++;
}

/* ?bits=1&viewer=7&held=1 */
static void join(struct http_req *req)
{
    const char *bits = http_query(req, "bits"), *viewer = http_query(req, "viewer");
    struct fan_seat seat = {.audience = bits ? (uint32_t)strtoul(bits, NULL, 10) : 1,
                            .viewer = viewer ? strtol(viewer, NULL, 10) : 0,
                            .held = http_query(req, "held") != NULL,
                            .arg = &gone,
                            .on_gone = on_gone};
    held_loop = http_loop(req);
    struct fan_stream *s = fan_join(fan, req, &seat);
    if (seat.held)
        held_stream = s;
}

static const struct http_route routes[] = {{"GET", "/join", HTTP_ON_LOOP, join, 0, false, NULL},
                                           {0}};

static int start_with(int64_t comment_ms)
{
    gone = 0;
    held_stream = NULL;
    struct http_server_opts o = {.routes = routes};
    o.limits.stream_unsent = 100 << 10;
    kit_start(&kit, o);
    fan = fan_make(kit.loops, comment_ms);
    assert_non_null(fan);
    return 0;
}

static int start(void **state)
{
    (void)state;
    return start_with(0);
}

static int start_quick_comments(void **state)
{
    (void)state;
    return start_with(30);
}

static int stop(void **state)
{
    (void)state;
    fan_unref(fan);
    kit_stop(&kit);
    return 0;
}

static void view(struct kit_peer *p, const char *query)
{
    char text[200];
    (void)snprintf(text, sizeof text, "GET /join%s HTTP/1.1\r\nHost: t\r\n\r\n", query);
    kit_dial(p, &kit.addr);
    kit_send(p, text);
    assert_true(kit_read_until(p, "\r\n\r\n"));
}

static bool count_is(void *arg)
{
    return fan_count(fan) == *(size_t *)arg;
}

static void wait_count(size_t n)
{
    kit_wait(count_is, &n);
}

static void send_note(int64_t seq, uint32_t audience, int64_t only, const char *data)
{
    struct bytes *b = sse_bytes(seq, NULL, data, strlen(data));
    assert_non_null(b);
    struct fan_note n = {.bytes = b, .seq = seq, .audience = audience, .only = only};
    assert_int_equal(fan_send(fan, &n), ERR_OK);
    bytes_unref(b);
}

static void frame(int64_t id, const char *event, const char *data, const char *want)
{
    struct buf b;
    buf_init(&b, 1000);
    sse_frame(&b, id, event, data, strlen(data));
    assert_string_equal(b.data, want);
    buf_done(&b);
}

static void frame__follows_the_format(void **state)
{
    (void)state;
    frame(7, NULL, "{\"a\":1}", "id: 7\ndata: {\"a\":1}\n\n");
    frame(0, "ping", "", "event: ping\ndata: \n\n");
    frame(-1, NULL, "a\nb\r\nc\rd\n", "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n");
}

static void fan__reaches_all_in_order(void **state)
{
    (void)state;
    enum { VIEWERS = 30, EVENTS = 50 };
    struct kit_peer p[VIEWERS];
    for (int i = 0; i < VIEWERS; i++)
        view(&p[i], "");
    wait_count(VIEWERS);
    assert_non_null(strstr(p[0].got, "Content-Type: text/event-stream\r\n"));
    assert_non_null(strstr(p[0].got, "Cache-Control: no-store, no-transform\r\n"));
    assert_non_null(strstr(p[0].got, "X-Accel-Buffering: no\r\n"));
    for (int i = 1; i <= EVENTS; i++)
        send_note(i, 1, 0, "x");
    for (int i = 0; i < VIEWERS; i++) {
        assert_true(kit_read_until(&p[i], "id: 50\ndata: x\n\n"));
        const char *at = p[i].got;
        for (int k = 1; k <= EVENTS; k++) {
            char want[40];
            (void)snprintf(want, sizeof want, "id: %d\ndata: x\n\n", k);
            at = strstr(at, want);
            assert_non_null(at);
        }
        kit_hang_up(&p[i]);
    }
    wait_count(0);
    assert_int_equal(gone, VIEWERS);
}

static void fan__keeps_audiences_apart(void **state)
{
    (void)state;
    struct kit_peer guest, staff, buyer;
    view(&guest, "?bits=1");
    view(&staff, "?bits=3");
    view(&buyer, "?bits=1&viewer=7");
    wait_count(3);
    send_note(1, 2, 0, "for-staff");
    send_note(2, 1, 7, "for-buyer");
    send_note(3, 1, 0, "for-all");
    assert_true(kit_read_until(&guest, "for-all\n\n"));
    assert_true(kit_read_until(&staff, "for-all\n\n"));
    assert_true(kit_read_until(&buyer, "for-all\n\n"));
    assert_null(strstr(guest.got, "for-staff"));
    assert_null(strstr(guest.got, "for-buyer"));
    assert_non_null(strstr(staff.got, "for-staff"));
    assert_null(strstr(staff.got, "for-buyer"));
    assert_non_null(strstr(buyer.got, "for-buyer"));
    kit_hang_up(&guest);
    kit_hang_up(&staff);
    kit_hang_up(&buyer);
}

static void release_after_5(void *arg)
{
    struct fan_stream *s = held_stream;
    struct bytes *b = sse_bytes(5, "room.snapshot", "snap", 4);
    (void)arg;
    fan_stream_send(s, b);
    bytes_unref(b);
    fan_release(s, 5);
    held_stream = NULL;
}

static bool held_is_set(void *arg)
{
    (void)arg;
    return held_stream != NULL;
}

static bool held_is_clear(void *arg)
{
    (void)arg;
    return held_stream == NULL;
}

static void held__stream_gets_each_event_once(void **state)
{
    (void)state;
    struct kit_peer p;
    view(&p, "?held=1");
    kit_wait(held_is_set, NULL);
    for (int i = 3; i <= 8; i++)
        send_note(i, 1, 0, "live");
    send_note(0, 1, 0, "unnumbered");
    assert_true(kit_read_until(&p, "unnumbered\n\n"));
    assert_null(strstr(p.got, "live"));
    assert_int_equal(loop_post(held_loop, release_after_5, NULL), ERR_OK);
    kit_wait(held_is_clear, NULL);
    send_note(9, 1, 0, "live");
    assert_true(kit_read_until(&p, "id: 9\ndata: live\n\n"));
    const char *want = "data: unnumbered\n\nid: 5\nevent: room.snapshot\ndata: snap\n\n"
                       "id: 6\ndata: live\n\nid: 7\ndata: live\n\nid: 8\ndata: live\n\n"
                       "id: 9\ndata: live\n\n";
    assert_string_equal(strstr(p.got, "\r\n\r\n") + 4, want);
    kit_hang_up(&p);
}

static void held__too_long_ends_the_stream(void **state)
{
    (void)state;
    struct kit_peer p;
    view(&p, "?held=1");
    wait_count(1);
    for (int i = 1; i <= FAN_HELD_MAX + 1; i++)
        send_note(i, 1, 0, "live");
    assert_true(kit_ends(&p));
    assert_null(strstr(p.got, "live"));
    kit_hang_up(&p);
    wait_count(0);
}

static void comments__come_to_idle_viewers(void **state)
{
    (void)state;
    struct kit_peer p[3];
    for (int i = 0; i < 3; i++)
        view(&p[i], "");
    for (int i = 0; i < 3; i++) {
        assert_true(kit_read_until(&p[i], ":\n\n:\n\n:\n\n"));
        kit_hang_up(&p[i]);
    }
}

static void slow_viewer__is_closed_and_others_go_on(void **state)
{
    (void)state;
    struct kit_peer slow, quick;
    char data[8192];
    memset(data, 'x', sizeof data - 1);
    data[sizeof data - 1] = '\0';
    view(&slow, "");
    view(&quick, "");
    wait_count(2);
    for (int i = 1; fan_count(fan) == 2 && i < 20000; i++) {
        char want[40];
        send_note(i, 1, 0, data);
        (void)snprintf(want, sizeof want, "id: %d\n", i);
        assert_true(kit_read_until(&quick, want));
        kit_drop(&quick, (size_t)(strstr(quick.got, want) - quick.got));
    }
    wait_count(1);
    send_note(99999, 1, 0, "last");
    assert_true(kit_read_until(&quick, "last\n\n"));
    kit_hang_up(&slow);
    kit_hang_up(&quick);
}

static void close__sends_the_last_words(void **state)
{
    (void)state;
    struct kit_peer p[4];
    for (int i = 0; i < 4; i++)
        view(&p[i], "");
    wait_count(4);
    struct bytes *bye = sse_bytes(0, NULL, "bye", 3);
    fan_close(fan, bye);
    bytes_unref(bye);
    for (int i = 0; i < 4; i++) {
        assert_true(kit_ends(&p[i]));
        assert_non_null(strstr(p[i].got, "data: bye\n\n"));
        kit_hang_up(&p[i]);
    }
    wait_count(0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frame__follows_the_format),
        TEST(fan__reaches_all_in_order),
        TEST(fan__keeps_audiences_apart),
        TEST(held__stream_gets_each_event_once),
        TEST(held__too_long_ends_the_stream),
        cmocka_unit_test_setup_teardown(comments__come_to_idle_viewers, start_quick_comments, stop),
        TEST(slow_viewer__is_closed_and_others_go_on),
        TEST(close__sends_the_last_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
