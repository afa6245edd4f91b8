/* Calls to a Stream that hangs, refuses or is away. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/test.h"
#include "cloud/stream.h"
#include "net/client.h"
#include "net/net_testkit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACCOUNT "023e105f4ecef8ad9ca31a8372d0c353"
#define UID     "66be4bf738797e01e1fca35a7bdecdcd"

static struct kit kit;

static void late(struct http_req *req)
{
    http_send_text(req, 200, "application/json", "{\"result\":{\"uid\":\"" UID "\"}}");
}

static void never(struct http_req *req)
{
    http_park(req, NULL, 9000, late, NULL);
}

static void unwell(struct http_req *req)
{
    http_send_text(req, 503, "text/plain", "unwell");
}

static const struct http_route routes[] = {
    {"GET", "/accounts/{a}/stream/live_inputs/{uid}", HTTP_ON_LOOP, never, 0, false, NULL},
    {"GET", "/accounts/{a}/stream/live_inputs", HTTP_ON_LOOP, unwell, 0, false, NULL},
    {0}};

struct desk {
    struct stream *s;
    char at[ADDR_TEXT];
};

/* One call on a thread of its own. */
struct caller {
    pthread_t thread;
    struct stream *s;
    struct cx cx;
    enum err e;
};

static int set_up(void **state)
{
    struct desk *d = calloc(1, sizeof *d);
    assert_int_equal(client_init(), ERR_OK);
    kit_start(&kit, (struct http_server_opts){.routes = routes});
    addr_text_port(&kit.addr, d->at);
    *state = d;
    return 0;
}

static int tear_down(void **state)
{
    struct desk *d = *state;
    client_thread_done();
    stream_free(d->s);
    kit_stop(&kit);
    free(d);
    return 0;
}

static void connect_to(struct desk *d, struct stream_setup setup)
{
    char base[ADDR_TEXT + 8];
    struct cx cx = {.now_ms = 1};
    (void)snprintf(base, sizeof base, "http://%s", d->at);
    setup.base_url = base;
    setup.account_id = ACCOUNT;
    setup.token = "t";
    assert_int_equal(stream_make(&cx, &setup, &d->s), ERR_OK);
}

static void *call(void *arg)
{
    struct caller *c = arg;
    struct stream_input in;
    c->cx.arena = arena_make(1 << 16);
    c->e = stream_input_get(c->s, &c->cx, UID, &in);
    arena_free(c->cx.arena);
    client_thread_done();
    return NULL;
}

static void begin(struct caller *c, struct stream *s)
{
    *c = (struct caller){.s = s};
    assert_int_equal(pthread_create(&c->thread, NULL, call, c), 0);
}

static bool one_parked(void *arg)
{
    (void)arg;
    return kit_stats(&kit).parked == 1;
}

static void stream__that_hangs_takes_only_so_many_callers(void **state)
{
    struct desk *d = *state;
    struct caller first, second;
    connect_to(d, (struct stream_setup){.calls_max = 1});
    begin(&first, d->s);
    kit_wait(one_parked, NULL);
    int64_t began_ms = clock_mono_ms();
    begin(&second, d->s);
    assert_int_equal(pthread_join(second.thread, NULL), 0);
    assert_int_equal(second.e, ERR_BUSY);
    assert_true(clock_mono_ms() - began_ms < 1000);
    stream_end(d->s, 0);
    assert_int_equal(pthread_join(first.thread, NULL), 0);
}

static void stream__end_calls_off_what_hangs(void **state)
{
    struct desk *d = *state;
    struct caller first, second;
    connect_to(d, (struct stream_setup){0});
    begin(&first, d->s);
    kit_wait(one_parked, NULL);
    int64_t began_ms = clock_mono_ms();
    stream_end(d->s, 0);
    assert_int_equal(pthread_join(first.thread, NULL), 0);
    assert_int_equal(first.e, ERR_BUSY);
    assert_true(clock_mono_ms() - began_ms < 2500);
    begin(&second, d->s); /* and nothing begins any more */
    assert_int_equal(pthread_join(second.thread, NULL), 0);
    assert_int_equal(second.e, ERR_BUSY);
    assert_string_equal(second.cx.problem, "the server is ending");
}

static void stream__end_leaves_a_call_its_time(void **state)
{
    struct desk *d = *state;
    struct caller c;
    connect_to(d, (struct stream_setup){.timeout_ms = 500, .tries = 1});
    begin(&c, d->s);
    kit_wait(one_parked, NULL);
    stream_end(d->s, 5000);
    assert_int_equal(pthread_join(c.thread, NULL), 0);
    assert_int_equal(c.e, ERR_TIMEOUT);
}

static void stream__that_is_away_is_not_named_to_people(void **state)
{
    struct desk *d = *state;
    struct caller c;
    connect_to(d, (struct stream_setup){.tries = 1});
    kit_stop(&kit);
    begin(&c, d->s);
    assert_int_equal(pthread_join(c.thread, NULL), 0);
    assert_int_equal(c.e, ERR_UPSTREAM);
    assert_non_null(strstr(c.cx.problem, "Stream cannot be reached"));
    assert_null(strstr(c.cx.problem, "127.0.0.1"));
    kit_start(&kit, (struct http_server_opts){.routes = routes});
}

static void stream__waits_between_tries_end_too(void **state)
{
    struct desk *d = *state;
    struct cx cx = {.now_ms = 1};
    connect_to(d, (struct stream_setup){0});
    stream_end(d->s, 500);
    int64_t began_ms = clock_mono_ms();
    assert_int_not_equal(stream_account_check(d->s, &cx), ERR_OK);
    assert_true(clock_mono_ms() - began_ms < 900); /* all of them would be 1,200 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
        T(stream__that_hangs_takes_only_so_many_callers),
        T(stream__end_calls_off_what_hangs),
        T(stream__end_leaves_a_call_its_time),
        T(stream__that_is_away_is_not_named_to_people),
        T(stream__waits_between_tries_end_too),
#undef T
    };
    return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
