/* The HTTP client against our own server. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/test.h"
#include "net/client.h"
#include "net/listen.h"
#include "net/net_testkit.h"
#include "net/tls.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct kit kit;
static struct tls *tls;
static struct addr tls_addr;
static char cert[] = "/tmp/nm-net-cert-XXXXXX", key[] = "/tmp/nm-net-key-XXXXXX";

static void echo(struct http_req *req)
{
    size_t len;
    const char *body = http_body(req, &len), *h = http_header(req, "x-h");
    http_add(req, "X-Answer", "  a b  ");
    char *text = arena_fmt(http_cx(req)->arena, "%s|%s|%s", http_method(req), h ? h : "-", body);
    http_send_text(req, 201, "text/plain", text);
}

static void no_content(struct http_req *req)
{
    http_send_empty(req, 204);
}

static void away(struct http_req *req)
{
    http_redirect(req, 303, "/echo");
}

static void large(struct http_req *req)
{
    http_send_heap(req, 200, "text/plain", calloc(1, 2 << 20), 2 << 20);
}

static atomic_int drops;

static void drop(struct http_req *req)
{
    atomic_fetch_add(&drops, 1);
    http_drop(req);
}

static void late(struct http_req *req)
{
    http_send_text(req, 200, "text/plain", "late");
}

static void never(struct http_req *req)
{
    http_park(req, NULL, 3000, late, NULL);
}

static const struct http_route routes[] = {
    {"GET", "/echo", HTTP_ON_LOOP, echo, 0, false, NULL},
    {"POST", "/echo", HTTP_ON_WORKER, echo, 1 << 20, false, NULL},
    {"PUT", "/echo", HTTP_ON_WORKER, echo, 1 << 20, false, NULL},
    {"DELETE", "/echo", HTTP_ON_WORKER, no_content, 0, false, NULL},
    {"POST", "/drop", HTTP_ON_WORKER, drop, 1 << 10, false, NULL},
    {"GET", "/away", HTTP_ON_LOOP, away, 0, false, NULL},
    {"GET", "/large", HTTP_ON_WORKER, large, 0, false, NULL},
    {"GET", "/never", HTTP_ON_LOOP, never, 0, false, NULL},
    {0}};

static int start(void **state)
{
    (void)state;
    char why[LISTEN_WHY] = "";
    assert_int_equal(client_init(), ERR_OK);
    (void)close(mkstemp(cert));
    (void)close(mkstemp(key));
    kit_cert(cert, key, "127.0.0.1");
    kit_start(&kit, (struct http_server_opts){.routes = routes});
    assert_int_equal(tls_make(cert, key, why, &tls), ERR_OK);
    assert_int_equal(http_server_listen(kit.server, "127.0.0.1:0", tls, why, &tls_addr), ERR_OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    client_thread_done();
    kit_stop(&kit);
    tls_free(tls);
    (void)unlink(cert);
    (void)unlink(key);
    return 0;
}

static const char *url(const char *scheme, const struct addr *a, const char *path)
{
    static char text[200];
    char at[ADDR_TEXT];
    addr_text_port(a, at);
    (void)snprintf(text, sizeof text, "%s://%s%s", scheme, at, path);
    return text;
}

static enum err run(struct client_ask ask, const char *method, const char *path,
                    struct client_answer *ret_answer)
{
    ask.method = method;
    ask.url = url("http", &kit.addr, path);
    return client_run(&ask, ret_answer);
}

static void client__carries_method_headers_and_body(void **state)
{
    (void)state;
    struct client_answer a;
    static const char *const headers[] = {"X-H: v", NULL};
    char value[20];
    struct client_ask ask = {.headers = headers, .body = "hi", .body_len = 2};
    for (int i = 0; i < 3; i++) { /* the handle is used again */
        assert_int_equal(run(ask, "POST", "/echo", &a), ERR_OK);
        assert_int_equal(a.status, 201);
        assert_string_equal(a.body.data, "POST|v|hi");
        assert_true(client_answer_header(&a, "x-answer", value, sizeof value));
        assert_string_equal(value, "a b");
        assert_false(client_answer_header(&a, "x-other", value, sizeof value));
        client_answer_done(&a);
        assert_int_equal(run((struct client_ask){0}, "GET", "/echo", &a), ERR_OK);
        assert_string_equal(a.body.data, "GET|-|");
        client_answer_done(&a);
        assert_int_equal(run((struct client_ask){0}, "DELETE", "/echo", &a), ERR_OK);
        assert_int_equal(a.status, 204);
        client_answer_done(&a);
        assert_int_equal(run((struct client_ask){0}, "POST", "/echo", &a), ERR_OK);
        assert_string_equal(a.body.data, "POST|-|");
        client_answer_done(&a);
    }
}

static bool twice(void *arg)
{
    int *asked = arg;
    return ++*asked < 2;
}

static void client__exchange_that_hangs_can_be_given_up(void **state)
{
    (void)state;
    struct client_answer a;
    int asked = 0;
    struct client_ask ask = {.go_on = twice, .arg = &asked};
    int64_t began_ms = clock_mono_ms();
    assert_int_equal(run(ask, "GET", "/never", &a), ERR_BUSY);
    assert_true(clock_mono_ms() - began_ms < 2500);
    assert_string_equal(a.reason, "given up before the answer");
    client_answer_done(&a);
    assert_int_equal(run((struct client_ask){0}, "GET", "/echo", &a), ERR_OK);
    client_answer_done(&a); /* the next one on this thread is not asked about */
    assert_int_equal(asked, 2);
}

static size_t some_more(void *arg, void *out, size_t max)
{
    int *left = arg;
    size_t n = *left > 0 && max ? 1 : 0;
    if (n)
        memset(out, 'a' + --*left % 26, 1);
    return n;
}

static bool collect(void *arg, const void *data, size_t len)
{
    buf_add(arg, data, len);
    return true;
}

static bool stop_at_once(void *arg, const void *data, size_t len)
{
    (void)arg;
    (void)data;
    (void)len;
    return false;
}

static void client__streams_both_ways(void **state)
{
    (void)state;
    struct client_answer a;
    int left = 5;
    struct client_ask ask = {.more_body = some_more, .arg = &left, .body_len = 5};
    assert_int_equal(run(ask, "PUT", "/echo", &a), ERR_OK);
    assert_string_equal(a.body.data, "PUT|-|edcba");
    client_answer_done(&a);

    struct buf got;
    buf_init(&got, 4 << 20);
    ask = (struct client_ask){.on_body = collect, .arg = &got};
    assert_int_equal(run(ask, "GET", "/large", &a), ERR_OK);
    assert_int_equal(got.len, 2 << 20);
    assert_int_equal(a.body.len, 0);
    client_answer_done(&a);
    buf_done(&got);
    ask.on_body = stop_at_once;
    assert_int_equal(run(ask, "GET", "/large", &a), ERR_UPSTREAM);
    client_answer_done(&a);
}

static void client__does_not_follow_redirects(void **state)
{
    (void)state;
    struct client_answer a;
    char where[20];
    assert_int_equal(run((struct client_ask){0}, "GET", "/away", &a), ERR_OK);
    assert_int_equal(a.status, 303);
    assert_true(client_answer_header(&a, "location", where, sizeof where));
    assert_string_equal(where, "/echo");
    client_answer_done(&a);
}

/* How often a POST arrives whose answer never comes, on a connection that was used before. */
static int times_sent(bool once)
{
    struct client_answer a;
    assert_int_equal(run((struct client_ask){.body = "x", .body_len = 1}, "POST", "/echo", &a),
                     ERR_OK);
    client_answer_done(&a);
    atomic_store(&drops, 0);
    struct client_ask ask = {.body = "x", .body_len = 1, .once = once};
    assert_int_equal(run(ask, "POST", "/drop", &a), ERR_UPSTREAM);
    assert_false(a.unsent);
    client_answer_done(&a);
    return atomic_load(&drops);
}

static void client__sends_once_what_must_not_happen_twice(void **state)
{
    (void)state;
    assert_int_equal(times_sent(true), 1);
    assert_true(times_sent(false) > 1); /* curl's own second try: why there is `once` */
}

static void client__bounds_size_and_time(void **state)
{
    (void)state;
    struct client_answer a;
    assert_int_equal(run((struct client_ask){0}, "GET", "/large", &a), ERR_UPSTREAM);
    assert_non_null(strstr(a.why, "too large"));
    client_answer_done(&a);
    assert_int_equal(run((struct client_ask){.timeout_ms = 50}, "GET", "/never?token=secret", &a),
                     ERR_TIMEOUT);
    assert_non_null(strstr(a.why, "no answer in time"));
    assert_false(a.unsent);
    assert_null(strstr(a.why, "secret"));
    client_answer_done(&a);
}

static void client__refuses_what_is_no_request(void **state)
{
    (void)state;
    struct client_answer a;
    static const char *const evil[] = {"X: a\r\nY: b", NULL};
    struct client_ask ask = {.method = "GET", .url = "file:///etc/passwd"};
    assert_int_equal(client_run(&ask, &a), ERR_INPUT);
    client_answer_done(&a);
    assert_int_equal(run((struct client_ask){.headers = evil}, "GET", "/echo", &a), ERR_INPUT);
    assert_true(a.unsent);
    client_answer_done(&a);
    ask.url = "http://user:secret@127.0.0.1:1/path?key=secret";
    assert_int_equal(client_run(&ask, &a), ERR_UPSTREAM);
    assert_true(a.unsent);
    assert_null(strstr(a.why, "secret"));
    assert_non_null(strstr(a.why, "'127.0.0.1:1'"));
    client_answer_done(&a);
}

static void client__checks_certificates(void **state)
{
    (void)state;
    struct client_answer a;
    struct client_ask ask = {.method = "GET", .url = url("https", &tls_addr, "/echo")};
    assert_int_equal(client_run(&ask, &a), ERR_UPSTREAM);
    assert_non_null(strstr(a.why, "certificate"));
    assert_true(a.unsent);
    client_answer_done(&a);
    ask.ca_file = cert;
    assert_int_equal(client_run(&ask, &a), ERR_OK);
    assert_string_equal(a.body.data, "GET|-|");
    client_answer_done(&a);
    ask.ca_file = NULL; /* no connection of the trusting exchange is used again */
    assert_int_equal(client_run(&ask, &a), ERR_UPSTREAM);
    client_answer_done(&a);
}

/* What a stranger's URL names is looked at once its name was looked up. */
static void client__goes_to_the_internet_alone_when_told_so(void **state)
{
    (void)state;
    struct client_answer a;
    char by_name[100];
    client_thread_done();
    assert_int_equal(run((struct client_ask){.public_only = true}, "GET", "/echo", &a), ERR_INPUT);
    assert_non_null(strstr(a.why, "not a host of the internet"));
    assert_true(a.unsent);
    client_answer_done(&a);
    (void)snprintf(by_name, sizeof by_name, "http://localhost:%u/echo", kit.addr.port);
    const struct client_ask ask = {.method = "GET", .url = by_name, .public_only = true};
    assert_int_equal(client_run(&ask, &a), ERR_INPUT);
    client_answer_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client__carries_method_headers_and_body),
        cmocka_unit_test(client__goes_to_the_internet_alone_when_told_so),
        cmocka_unit_test(client__streams_both_ways),
        cmocka_unit_test(client__does_not_follow_redirects),
        cmocka_unit_test(client__sends_once_what_must_not_happen_twice),
        cmocka_unit_test(client__bounds_size_and_time),
        cmocka_unit_test(client__exchange_that_hangs_can_be_given_up),
        cmocka_unit_test(client__refuses_what_is_no_request),
        cmocka_unit_test(client__checks_certificates),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
