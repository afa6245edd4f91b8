/* Waiting, slow, leaving and vanished peers; overload; shutdown. Times are small: they are limits.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/test.h"
#include "net/loop.h"
#include "net/net_testkit.h"
#include "net/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LOOPS = 2, MANY = 300 };

static struct kit kit;
static struct http_waiters waiters[LOOPS];
static struct pool *uploads;
static atomic_int gone, late, held_back, byes, streams_gone;
static atomic_bool gate_open;

static void on_late(struct http_req *req)
{
    late++;
    http_send_text(req, 200, "text/plain", "late");
}

static void on_gone(struct http_req *req)
{
    assert_non_null(http_note(req));
    gone++;
}

static void park_for(struct http_req *req, int64_t wait_ms)
{
    http_set_note(req, arena_dup(http_cx(req)->arena, "n", 1));
    http_park(req, &waiters[loop_index(http_loop(req))], wait_ms, on_late, on_gone);
}

static void park(struct http_req *req)
{
    park_for(req, 60000);
}

static void park_briefly(struct http_req *req)
{
    park_for(req, 30);
}

static void park_after_work(struct http_req *req)
{
    http_to_loop(req, park);
}

/* A worker that is still busy when its peer has long gone. */
static void work_until_gate(struct http_req *req)
{
    held_back++;
    while (!gate_open)
        (void)usleep(500);
    char *text = arena_fmt(http_cx(req)->arena, "path %s", http_path(req));
    http_send_text(req, 200, "text/plain", text);
    held_back--;
}

static void to_loop_after_gate(struct http_req *req)
{
    held_back++;
    while (!gate_open)
        (void)usleep(500);
    http_to_loop(req, park);
    held_back--;
}

static void hello(struct http_req *req)
{
    http_send_text(req, 200, "text/plain", "hello");
}

static struct bytes *big;

static void send_big(struct http_req *req)
{
    http_send_bytes(req, 200, "text/plain", big);
}

static void drain_body(struct http_req *req)
{
    char buf[1000];
    size_t n = 0;
    enum err e;
    while (!(e = http_body_read(req, buf, sizeof buf, &n)) && n)
        ;
    if (e)
        http_fail(req, e, "no body");
    else
        http_send_empty(req, 204);
}

static void stream_gone(struct http_stream *s, void *arg)
{
    assert_ptr_equal(arg, &streams_gone);
    assert_ptr_equal(http_stream_arg(s), arg);
    streams_gone++;
}

static void stream(struct http_req *req)
{
    struct http_stream *s = http_stream_begin(req, "text/plain", stream_gone, &streams_gone);
    if (!s)
        return;
    struct bytes *b = bytes_make("first\n", 6);
    http_stream_send(s, b);
    bytes_unref(b);
}

static void flood(struct http_req *req)
{
    struct http_stream *s = http_stream_begin(req, "text/plain", stream_gone, &streams_gone);
    for (int i = 0; s && i < 20; i++)
        http_stream_send(s, big);
}

static const struct http_route routes[] = {
    {"GET", "/park", HTTP_ON_LOOP, park, 0, false, NULL},
    {"GET", "/park-briefly", HTTP_ON_LOOP, park_briefly, 0, false, NULL},
    {"GET", "/park-after-work", HTTP_ON_WORKER, park_after_work, 0, false, NULL},
    {"GET", "/gate", HTTP_ON_WORKER, work_until_gate, 0, false, NULL},
    {"GET", "/gate-then-loop", HTTP_ON_WORKER, to_loop_after_gate, 0, false, NULL},
    {"GET", "/hello", HTTP_ON_LOOP, hello, 0, false, NULL},
    {"GET", "/big", HTTP_ON_LOOP, send_big, 0, false, NULL},
    {"PUT", "/drain", HTTP_ON_WORKER, drain_body, 1 << 20, true, NULL},
    {"POST", "/body", HTTP_ON_LOOP, hello, 100, false, NULL},
    {"GET", "/stream", HTTP_ON_LOOP, stream, 0, false, NULL},
    {"GET", "/flood", HTTP_ON_LOOP, flood, 0, false, NULL},
    {0}};

static void on_bye(void *app, struct http_stream *s)
{
    (void)app;
    struct bytes *b = bytes_make("bye\n", 4);
    http_stream_send(s, b);
    bytes_unref(b);
    byes++;
}

static int start(void **state)
{
    (void)state;
    gone = late = held_back = byes = streams_gone = 0;
    gate_open = false;
    big = bytes_make(NULL, 8 << 20);
    uploads = pool_make(1, 4);
    struct http_server_opts o = {.routes = routes, .on_bye = on_bye, .upload_pool = uploads};
    o.limits = (struct http_limits){.head_ms = 500,
                                    .idle_ms = 700,
                                    .body_ms = 400,
                                    .body_min_bps = 1000,
                                    .stall_ms = 400,
                                    .gone_ms = 100,
                                    .conns_max = 400};
    kit_start(&kit, o);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    gate_open = true;
    if (kit.server)
        kit_stop(&kit);
    pool_free(uploads);
    bytes_unref(big);
    for (int i = 0; i < LOOPS; i++)
        assert_int_equal(waiters[i].n, 0);
    return 0;
}

static void ask(struct kit_peer *p, const char *path)
{
    char text[200];
    (void)snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: t\r\n\r\n", path);
    kit_dial(p, &kit.addr);
    kit_send(p, text);
}

static void expect_text(struct kit_peer *p, int status, const char *body)
{
    struct kit_answer a;
    kit_answer(p, &a, false);
    assert_int_equal(a.status, status);
    if (body)
        assert_string_equal(a.body, body);
    kit_answer_done(&a);
    kit_hang_up(p);
}

/* Waits until one of the gauges has this value. */
struct want {
    char which; /* p(arked) c(onnections) s(treams) g(one) h(eld back) w(orking) a(nswered) */
    unsigned value;
};

static bool reached(void *arg)
{
    const struct want *w = arg;
    struct http_stats s = kit_stats(&kit);
    switch (w->which) {
    case 'p': return s.parked == w->value;
    case 'c': return s.conns == w->value;
    case 's': return s.streams == w->value;
    case 'a': return s.requests[2] == w->value;
    case 'g': return (unsigned)gone == w->value;
    case 'h': return (unsigned)held_back == w->value;
    default: return s.working == w->value;
    }
}

static void wait_for(char which, unsigned value)
{
    kit_wait(reached, &(struct want){which, value});
}

static void answer_one(struct http_req *req, void *arg)
{
    http_send_text(req, 200, "text/plain", arg);
}

static void answer_all(void *arg)
{
    http_waiters_each(&waiters[loop_index(loop_here())], answer_one, arg);
}

static char news[] = "news";

static void parked__are_answered_by_one_wake_up(void **state)
{
    (void)state;
    struct kit_peer peers[40];
    for (int i = 0; i < 40; i++)
        ask(&peers[i], i % 2 ? "/park" : "/park-after-work");
    wait_for('p', 40);
    for (unsigned i = 0; i < LOOPS; i++)
        assert_int_equal(loop_post(loops_at(kit.loops, i), answer_all, news), ERR_OK);
    for (int i = 0; i < 40; i++)
        expect_text(&peers[i], 200, "news");
    wait_for('p', 0);
    assert_int_equal(gone, 0);
}

static void parked__are_answered_late(void **state)
{
    (void)state;
    struct kit_peer p;
    ask(&p, "/park-briefly");
    expect_text(&p, 200, "late");
    assert_int_equal(late, 1);
}

static void parked__pipelined_requests_come_after_each_other(void **state)
{
    (void)state;
    struct kit_peer p;
    kit_dial(&p, &kit.addr);
    kit_send(&p, "GET /park-briefly HTTP/1.1\r\nHost: t\r\n\r\n"
                 "GET /hello HTTP/1.1\r\nHost: t\r\n\r\n");
    assert_true(kit_read_until(&p, "hello"));
    assert_non_null(strstr(p.got, "late"));
    kit_hang_up(&p);
}

/* Other servers kept all of them: sockets that waited for a playlist were never looked at again. */
static void departed__waiting_peers_leave_nothing(void **state)
{
    (void)state;
    struct kit_peer peers[MANY];
    for (int i = 0; i < MANY; i++)
        ask(&peers[i], "/park");
    wait_for('p', MANY);
    for (int i = 0; i < MANY; i++)
        kit_hang_up(&peers[i]);
    wait_for('c', 0);
    assert_int_equal(gone, MANY);
    assert_int_equal(kit_stats(&kit).parked, 0);
    assert_int_equal(kit_stats(&kit).requests[0], MANY);
}

static void departed__by_reset_leaves_nothing(void **state)
{
    (void)state;
    struct kit_peer peers[20];
    for (int i = 0; i < 20; i++)
        ask(&peers[i], i % 2 ? "/park" : "/stream");
    wait_for('p', 10);
    wait_for('s', 10);
    for (int i = 0; i < 20; i++) {
        struct linger hard = {.l_onoff = 1};
        assert_int_equal(setsockopt(peers[i].fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard), 0);
        kit_hang_up(&peers[i]);
    }
    wait_for('c', 0);
    assert_int_equal(gone, 10);
    assert_int_equal(streams_gone, 10);
}

static void half_closed__waiting_peer_ends_soon(void **state)
{
    (void)state;
    struct kit_peer p;
    ask(&p, "/park");
    kit_half_close(&p);
    assert_true(kit_ends(&p));
    wait_for('g', 1);
    kit_hang_up(&p);
}

/* The first prototype crashed exactly here. */
static void departed__peer_of_a_working_handler(void **state)
{
    (void)state;
    struct kit_peer peers[30];
    for (int i = 0; i < 30; i++)
        ask(&peers[i], i % 3 ? "/gate" : "/gate-then-loop");
    wait_for('w', 30);
    wait_for('h', 3);
    for (int i = 0; i < 30; i++) {
        struct linger hard = {.l_onoff = 1};
        assert_int_equal(setsockopt(peers[i].fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard), 0);
        kit_hang_up(&peers[i]);
    }
    wait_for('c', 0);
    gate_open = true;
    wait_for('w', 0);
    wait_for('h', 0);
    assert_int_equal(kit_stats(&kit).requests[0], 30);
}

static void worker_queue__that_is_full_answers_503(void **state)
{
    (void)state;
    struct kit_peer peers[80], extra;
    for (int i = 0; i < 67; i++) { /* three work, 64 wait */
        ask(&peers[i], "/gate");
        if (i == 2)
            wait_for('h', 3);
    }
    wait_for('w', 67);
    ask(&extra, "/gate");
    expect_text(&extra, 503, NULL);
    gate_open = true;
    for (int i = 0; i < 67; i++)
        expect_text(&peers[i], 200, "path /gate");
}

static void upload__has_workers_of_its_own(void **state)
{
    (void)state;
    struct kit_peer busy[5], p;
    for (int i = 0; i < 5; i++)
        ask(&busy[i], "/gate");
    wait_for('h', 3);
    kit_dial(&p, &kit.addr);
    kit_send(&p, "PUT /drain HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc");
    expect_text(&p, 204, "");
    gate_open = true;
    for (int i = 0; i < 5; i++)
        expect_text(&busy[i], 200, NULL);
}

static void slow_sender__of_a_head_is_408(void **state)
{
    (void)state;
    struct kit_peer p;
    kit_dial(&p, &kit.addr);
    kit_send(&p, "GET /hel");
    expect_text(&p, 408, NULL);
    kit_dial(&p, &kit.addr); /* one that says nothing at all gets nothing */
    assert_true(kit_ends(&p));
    assert_int_equal(p.len, 0);
    kit_hang_up(&p);
}

static void slow_sender__of_a_body_is_408(void **state)
{
    (void)state;
    struct kit_peer p;
    kit_dial(&p, &kit.addr);
    kit_send(&p, "POST /body HTTP/1.1\r\nHost: t\r\nContent-Length: 50\r\n\r\nabc");
    expect_text(&p, 408, NULL);
    kit_dial(&p, &kit.addr);
    kit_send(&p, "PUT /drain HTTP/1.1\r\nHost: t\r\nContent-Length: 50\r\n\r\nabc");
    expect_text(&p, 500, NULL);
}

static void slow_reader__is_closed(void **state)
{
    (void)state;
    struct kit_peer p;
    int small = 4096;
    kit_dial(&p, &kit.addr);
    assert_int_equal(setsockopt(p.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    kit_send(&p, "GET /big HTTP/1.1\r\nHost: t\r\n\r\n");
    wait_for('a', 1);
    wait_for('c', 0);
    kit_hang_up(&p);
}

static void slow_viewer__of_a_stream_is_closed(void **state)
{
    (void)state;
    struct kit_peer p;
    ask(&p, "/flood");
    wait_for('a', 1);
    wait_for('c', 0);
    assert_int_equal(streams_gone, 1);
    kit_hang_up(&p);
}

static void idle_connection__is_closed(void **state)
{
    (void)state;
    struct kit_peer p;
    kit_dial(&p, &kit.addr);
    kit_send(&p, "GET /hello HTTP/1.1\r\nHost: t\r\n\r\n");
    assert_true(kit_read_until(&p, "hello"));
    assert_true(kit_ends(&p));
    kit_hang_up(&p);
}

static void stream__sends_until_either_side_ends(void **state)
{
    (void)state;
    struct kit_peer p;
    ask(&p, "/stream");
    assert_true(kit_read_until(&p, "first\n"));
    assert_null(strstr(p.got, "Content-Length"));
    assert_non_null(strstr(p.got, "Connection: close\r\n"));
    wait_for('s', 1);
    kit_hang_up(&p);
    wait_for('s', 0);
    assert_int_equal(streams_gone, 1);
}

static void connections__over_the_maximum_are_turned_away(void **state)
{
    (void)state;
    struct kit_peer peers[400], extra;
    for (int i = 0; i < 400; i++)
        ask(&peers[i], "/park");
    wait_for('p', 400);
    kit_dial(&extra, &kit.addr);
    assert_true(kit_ends(&extra));
    assert_int_equal(extra.len, 0);
    assert_int_equal(kit_stats(&kit).turned_away, 1);
    kit_hang_up(&extra);
    for (int i = 0; i < 400; i++)
        kit_hang_up(&peers[i]);
}

/* ---- shutdown ---- */

static void *stop_server(void *arg)
{
    (void)arg;
    http_server_stop(kit.server, 3000);
    return NULL;
}

static void shutdown__answers_those_in_flight(void **state)
{
    (void)state;
    struct kit_peer waiting, working, viewer, idle;
    ask(&waiting, "/park");
    ask(&working, "/gate");
    ask(&viewer, "/stream");
    kit_dial(&idle, &kit.addr);
    wait_for('p', 1);
    wait_for('w', 1);
    assert_true(kit_read_until(&viewer, "first\n"));
    pthread_t t;
    assert_int_equal(pthread_create(&t, NULL, stop_server, NULL), 0);
    expect_text(&waiting, 200, "late");
    assert_true(kit_read_until(&viewer, "bye\n"));
    assert_true(kit_ends(&viewer));
    assert_true(kit_ends(&idle));
    gate_open = true;
    expect_text(&working, 200, "path /gate");
    kit_hang_up(&viewer);
    kit_hang_up(&idle);
    assert_int_equal(pthread_join(t, NULL), 0);
    assert_int_equal(byes, 1);
    assert_int_equal(streams_gone, 1);
    assert_int_equal(kit_stats(&kit).conns, 0);
}

static atomic_bool loading;

static void *load(void *arg)
{
    static const char *const paths[] = {"/hello", "/park-briefly", "/gate", "/big", "/stream"};
    unsigned seed = *(const unsigned *)arg;
    while (loading) {
        struct kit_peer p = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
        struct sockaddr_storage sock;
        socklen_t len = addr_to_sock(&kit.addr, &sock);
        char text[200], got[100];
        if (connect(p.fd, (struct sockaddr *)&sock, len) == 0) {
            seed = seed * 1103515245 + 12345;
            (void)snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: t\r\n\r\n",
                           paths[(seed >> 16) % 5]);
            (void)kit_try_send(&p, text, strlen(text));
            (void)recv(p.fd, got, sizeof got, 0);
        }
        (void)close(p.fd);
    }
    return NULL;
}

static void shutdown__under_load_leaves_nothing(void **state)
{
    (void)state;
    pthread_t threads[4];
    unsigned seeds[4] = {1, 2, 3, 4};
    gate_open = true;
    loading = true;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, load, &seeds[i]), 0);
    int64_t until = clock_mono_ms() + 300;
    while (clock_mono_ms() < until || !kit_stats(&kit).requests[2])
        (void)usleep(1000);
    http_server_stop(kit.server, 200);
    struct http_stats s = kit_stats(&kit);
    loading = false;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(s.conns, 0);
    assert_int_equal(s.parked, 0);
    assert_int_equal(s.streams, 0);
    assert_int_equal(s.working, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(parked__are_answered_by_one_wake_up),
        TEST(parked__are_answered_late),
        TEST(parked__pipelined_requests_come_after_each_other),
        TEST(departed__waiting_peers_leave_nothing),
        TEST(departed__by_reset_leaves_nothing),
        TEST(half_closed__waiting_peer_ends_soon),
        TEST(departed__peer_of_a_working_handler),
        TEST(worker_queue__that_is_full_answers_503),
        TEST(upload__has_workers_of_its_own),
        TEST(slow_sender__of_a_head_is_408),
        TEST(slow_sender__of_a_body_is_408),
        TEST(slow_reader__is_closed),
        TEST(slow_viewer__of_a_stream_is_closed),
        TEST(idle_connection__is_closed),
        TEST(stream__sends_until_either_side_ends),
        TEST(connections__over_the_maximum_are_turned_away),
        TEST(shutdown__answers_those_in_flight),
        TEST(shutdown__under_load_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
