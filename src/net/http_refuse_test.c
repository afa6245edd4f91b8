/* What the server refuses, each over a real socket: the status, and that it then closes. */
#include "base/test.h"
#include "net/net_testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void ok(struct http_req *req)
{
    http_send_text(req, 200, "text/plain", "ok");
}

/* What a handler does with texts that seem to be absent. */
static void look(struct http_req *req)
{
    bool all = http_param(req, "p")[0] && http_query(req, "q") && http_cookie(req, "c");
    if (all)
        http_send_text(req, 200, "text/plain", "ok");
    else
        http_fail(req, ERR_NOT_FOUND, "no such thing");
}

static const struct http_route routes[] = {{"GET", "/", HTTP_ON_LOOP, ok, 0, false, NULL},
                                           {"GET", "/a", HTTP_ON_LOOP, ok, 0, false, NULL},
                                           {"GET", "/{p}/b", HTTP_ON_LOOP, ok, 0, false, NULL},
                                           {"GET", "/look/{p}", HTTP_ON_LOOP, look, 0, false, NULL},
                                           {"POST", "/a", HTTP_ON_LOOP, ok, 100, false, NULL},
                                           {0}};
static struct kit kit;
enum { ARENA = 600 };

static int start(void **state)
{
    (void)state;
    struct http_server_opts o = {.routes = routes};
    o.limits.target_max = 1000;
    o.limits.head_max = 4000;
    o.limits.fields_max = 20;
    o.limits.arena_max = ARENA;
    kit_start(&kit, o);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    kit_stop(&kit);
    return 0;
}

/* Answered with `status`, and the connection is closed. */
static void refused(const char *request, int status)
{
    bool closed = false;
    int got = kit_ask_close(&kit.addr, request, &closed);
    if (got != status || !closed)
        fail_msg("%d, %s, for:\n%s", got, closed ? "closed" : "open", request);
}

static void accepted(const char *request)
{
    int got = kit_ask(&kit.addr, request);
    if (got != 200)
        fail_msg("%d for:\n%s", got, request);
}

#define GET(target) "GET " target " HTTP/1.1\r\nHost: t\r\n\r\n"
#define WITH(lines) "GET /a HTTP/1.1\r\n" lines "\r\n"
#define POST(lines) "POST /a HTTP/1.1\r\nHost: t\r\n" lines

static void good_requests__pass(void **state)
{
    (void)state;
    accepted(GET("/a"));
    accepted(GET("/a?x=%E5%B8%86&y=%2e%2e/.."));
    accepted(GET("/a%2Fc/b"));
    accepted(GET("/..a/b"));
    accepted(GET("/.../b"));
    accepted(GET("http://t/a"));
    accepted(GET("HTTP://T/a?x"));
    accepted(GET("http://t"));
    accepted(GET("http://t?x=1"));
    accepted(WITH("Host: example.com:80\r\n"));
    accepted(WITH("Host: [::1]:8080\r\n"));
    accepted(WITH("Host: 127.0.0.1\r\nX:\r\nY: \t v \t\r\n"));
    accepted("GET /a HTTP/1.0\r\n\r\n");
    accepted("\r\n\r\nGET /a HTTP/1.1\r\nHost: t\r\n\r\n");
    accepted(WITH("Host: t\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"));
    accepted(POST("Content-Length: 0\r\n\r\n"));
    accepted(POST("Transfer-Encoding: Chunked\r\n\r\n1;name=\"v\"\r\nx\r\n0\r\nT: v\r\n\r\n"));
}

static void folded_header__is_refused(void **state)
{
    (void)state;
    refused(WITH("Host: t\r\nX: a\r\n b\r\n"), 400);
    refused(WITH("Host: t\r\nX: a\r\n\tb\r\n"), 400);
    refused(WITH(" Host: t\r\n"), 400);
}

static void host__must_be_there_once_and_be_a_host(void **state)
{
    (void)state;
    refused(WITH(""), 400);
    refused(WITH("Host: a\r\nHost: a\r\n"), 400);
    refused(WITH("Host: a\r\nhost: b\r\n"), 400);
    refused("GET /a HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400);
    refused(WITH("Host:\r\n"), 400);
    refused(WITH("Host: a b\r\n"), 400);
    refused(WITH("Host: a/b\r\n"), 400);
    refused(WITH("Host: u@a\r\n"), 400);
    refused(WITH("Host: a:99999\r\n"), 400);
    refused(WITH("Host: a:\r\n"), 400);
    refused(WITH("Host: a:8o\r\n"), 400);
    refused(WITH("Host: [::1\r\n"), 400);
    refused(WITH("Host: [1.2.3.4]\r\n"), 400);
    refused(WITH("Host: a,b\r\n"), 400);
}

static void field_names__must_be_tokens(void **state)
{
    (void)state;
    refused(WITH("Host: t\r\n: empty\r\n"), 400);
    refused(WITH("Host: t\r\nno colon\r\n"), 400);
    refused(WITH("Host: t\r\nX : a\r\n"), 400);
    refused(WITH("Host: t\r\nX\t: a\r\n"), 400);
    refused(WITH("Host: t\r\nX(y): a\r\n"), 400);
    refused(WITH("Host: t\r\nX: a\x01\r\n"), 400);
}

static void lines__must_end_in_crlf(void **state)
{
    (void)state;
    refused("GET /a HTTP/1.1\nHost: t\n\n", 400);
    refused("GET /a HTTP/1.1\r\nHost: t\n\r\n", 400);
    refused("GET /a HTTP/1.1\r\nHost: t\r\n\n", 400);
    refused("GET /a HTTP/1.1\r\nHost: t\r\nX: a\rb\r\n\r\n", 400);
    refused("\r\n\r\n\r\n\r\n\r\nGET /a HTTP/1.1\r\nHost: t\r\n\r\n", 400);
}

static void nul_byte__is_refused(void **state)
{
    (void)state;
    struct kit_peer p;
    struct kit_answer a;
    static const char text[] = "GET /a HTTP/1.1\r\nHost: t\r\nX: a\0b\r\n\r\n";
    kit_dial(&p, &kit.addr);
    kit_send_bytes(&p, text, sizeof text - 1);
    kit_answer(&p, &a, false);
    assert_int_equal(a.status, 400);
    kit_answer_done(&a);
    kit_hang_up(&p);
}

static void framing__that_can_be_read_two_ways_is_refused(void **state)
{
    (void)state;
    refused(POST("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
    refused(POST("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"), 400);
    refused(POST("Content-Length: 1\r\nContent-Length: 2\r\n\r\nx"), 400);
    refused(POST("Content-Length: 1\r\nContent-Length: 1\r\n\r\nx"), 400);
    refused(POST("Content-Length: 1, 1\r\n\r\nx"), 400);
    refused(POST("Content-Length: +1\r\n\r\nx"), 400);
    refused(POST("Content-Length: -1\r\n\r\nx"), 400);
    refused(POST("Content-Length: 0x1\r\n\r\nx"), 400);
    refused(POST("Content-Length:\r\n\r\nx"), 400);
    refused(POST("Content-Length: 99999999999999999999\r\n\r\nx"), 400);
    refused(POST("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), 400);
    refused(POST("Transfer-Encoding: gzip\r\n\r\n"), 400);
    refused(POST("Transfer-Encoding: identity\r\n\r\n"), 400);
    refused(POST("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"), 400);
    refused(POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
    refused("POST /a HTTP/1.0\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
}

#define CHUNKED POST("Transfer-Encoding: chunked\r\n\r\n")

static void chunks__that_are_malformed_are_refused(void **state)
{
    (void)state;
    refused(CHUNKED "zz\r\nab\r\n0\r\n\r\n", 400);
    refused(CHUNKED "1\r\nabc\r\n0\r\n\r\n", 400);
    refused(CHUNKED "-1\r\na\r\n0\r\n\r\n", 400);
    refused(CHUNKED "fffffffffffffffff\r\na\r\n0\r\n\r\n", 400);
    refused(CHUNKED "1\r\na\r\n0\r\nContent-Length: 5\r\n\r\n", 400);
    refused(CHUNKED "1\r\na\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
    refused(CHUNKED "1\r\na\r\n0\r\nX: 1\r\ncontent-LENGTH: 5\r\n\r\n", 400);
}

static void chunk_extensions__are_read_over(void **state)
{
    (void)state;
    accepted(CHUNKED "2;a=b;c=\"d\"\r\nxy\r\n0\r\n\r\n");
    accepted(CHUNKED "2; a=b\r\nxy\r\n0\r\n\r\n");
    accepted(CHUNKED "2 ; a = \"b;\\\"c\" \r\nxy\r\n0;z\r\n\r\n");
    accepted(CHUNKED "2;\r\nxy\r\n00;x=y\r\n\r\n");
    accepted(CHUNKED "0002\r\nxy\r\nA\r\n0123456789\r\n0\r\n\r\n");
    refused(CHUNKED "2 \r\nxy\r\n0\r\n\r\n", 400);
    refused(CHUNKED " 2\r\nxy\r\n0\r\n\r\n", 400);
    refused(CHUNKED "2 a\r\nxy\r\n0\r\n\r\n", 400);
    refused(CHUNKED "2;a\nxy\r\n0\r\n\r\n", 400);
    refused(CHUNKED "2;a\rb\r\nxy\r\n0\r\n\r\n", 400);
    refused(CHUNKED "2;a\x01\r\nxy\r\n0\r\n\r\n", 400);
    refused(CHUNKED "2\nxy\n0\n\n", 400);
    refused(CHUNKED ";a\r\n\r\n", 400);
    refused(CHUNKED "2\r\nxy0\r\n\r\n", 400);
    refused(CHUNKED "0\r\nX: y\r\n\rGET", 400);
}

static void trailers__are_checked_like_fields(void **state)
{
    (void)state;
    accepted(CHUNKED "1\r\na\r\n0\r\nX-A:\r\nX-B: \t v \xe5\r\n\r\n");
    refused(CHUNKED "0\r\nX: a\r\n b\r\n\r\n", 400);
    refused(CHUNKED "0\r\nX: a\r\n\tb\r\n\r\n", 400);
    refused(CHUNKED "0\r\n X: a\r\n\r\n", 400);
    refused(CHUNKED "0\r\nX: a\r\n Content-Length: 3\r\n\r\n", 400);
    refused(CHUNKED "0\r\n: 5\r\n\r\n", 400);
    refused(CHUNKED "0\r\nX : 5\r\n\r\n", 400);
    refused(CHUNKED "0\r\nno colon\r\n\r\n", 400);
    refused(CHUNKED "0\r\nX: a\x01\r\n\r\n", 400);
    refused(CHUNKED "0\r\nX: a\n\r\n", 400);
}

static void chunk_extensions__have_an_end(void **state)
{
    (void)state;
    size_t n = 40000;
    char *text = calloc(1, n + 200);
    assert_non_null(text);
    int head = snprintf(text, 200, "%s1;x=", CHUNKED);
    memset(text + head, 'y', n);
    refused(text, 400);
    free(text);
}

static void version__other_than_1_is_refused(void **state)
{
    (void)state;
    refused("GET /a\r\n\r\n", 400);
    refused("GET /a RTSP/1.0\r\nHost: t\r\n\r\n", 400);
    refused("GET /a ICE/1.0\r\nHost: t\r\n\r\n", 400);
    refused("GET /a HTTP/0.9\r\nHost: t\r\n\r\n", 400);
    refused("GET /a HTTP/2.0\r\nHost: t\r\n\r\n", 505);
    refused("GET /a HTTP/1.2\r\nHost: t\r\n\r\n", 505);
    refused("GET /a HTTP/1.10\r\nHost: t\r\n\r\n", 400);
    refused("GET /a http/1.1\r\nHost: t\r\n\r\n", 400);
    refused("GET /a HTTP/1.1 \r\nHost: t\r\n\r\n", 400);
    refused("GET  /a HTTP/1.1\r\nHost: t\r\n\r\n", 400);
    refused("GET /a b HTTP/1.1\r\nHost: t\r\n\r\n", 400);
    refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
}

static void method__that_tunnels_or_echoes_is_501(void **state)
{
    (void)state;
    refused("TRACE /a HTTP/1.1\r\nHost: t\r\n\r\n", 501);
    refused("CONNECT t:443 HTTP/1.1\r\nHost: t\r\n\r\n", 501);
    refused("FROBNICATE /a HTTP/1.1\r\nHost: t\r\n\r\n", 501);
    refused("get /a HTTP/1.1\r\nHost: t\r\n\r\n", 501);
    refused("G\x01T /a HTTP/1.1\r\nHost: t\r\n\r\n", 400);
}

static void target__with_bad_bytes_is_refused(void **state)
{
    (void)state;
    refused(GET("/a\x80"), 400);
    refused(GET("/\xe5\xb8\x86"), 400);
    refused(GET("/a\\b"), 400);
    refused(GET("/a\x7f"), 400);
    refused(GET("/a\tb"), 400);
    refused(GET("/a#b"), 400);
    refused(GET("/%zz"), 400);
    refused(GET("/%4"), 400);
    refused(GET("/%"), 400);
    refused(GET("/%00"), 400);
    refused(GET("/a?%00"), 400);
    refused(GET("/%ff"), 400);
    refused(GET("/%c0%af"), 400);
    refused(GET("/%ed%a0%80"), 400);
    refused(GET("/a?x=%ff"), 400);
    refused(GET("a"), 400);
    refused(GET("*"), 400);
    refused(GET("ftp://t/a"), 400);
}

static void target__that_climbs_is_refused(void **state)
{
    (void)state;
    refused(GET("/.."), 400);
    refused(GET("/../a"), 400);
    refused(GET("/x/../a"), 400);
    refused(GET("/x/.."), 400);
    refused(GET("/%2e%2e/a"), 400);
    refused(GET("/x/%2E./a"), 400);
    refused(GET("/x%2f..%2fa"), 400);
    refused(GET("/x%5c..%5ca"), 400);
    refused(GET("http://t/../a"), 400);
}

static void target__of_another_host_is_refused(void **state)
{
    (void)state;
    refused(GET("http://other/a"), 400);
    refused(GET("http://t:81/a"), 400);
    refused(GET("http://t:443/a"), 400);
    refused(GET("https://t:80/a"), 400);
    accepted(GET("http://t:80/a"));
    accepted(GET("https://t:443/a"));
    accepted("GET http://t/a HTTP/1.1\r\nHost: t:80\r\n\r\n");
    refused(GET("http://u@t/a"), 400);
    refused(GET("http:///a"), 400);
}

static void expectation__that_is_unknown_is_417(void **state)
{
    (void)state;
    refused(WITH("Host: t\r\nExpect: tea\r\n"), 417);
    refused(POST("Content-Length: 1\r\nExpect: 100-continue\r\nExpect: tea\r\n\r\nx"), 417);
}

#define LOOK(target) "GET " target " HTTP/1.1\r\nHost: t\r\nCookie: c=d\r\n\r\n"

/* The arena is full: a parameter, a pair of the query, a cookie cannot be copied. */
static void memory__that_is_short_is_500_not_404(void **state)
{
    (void)state;
    char text[4096], pad[ARENA + 1];
    memset(pad, 'x', sizeof pad - 1);
    pad[sizeof pad - 1] = '\0';
    accepted(LOOK("/look/p?q=1"));
    assert_int_equal(kit_ask(&kit.addr, LOOK("/look/p?q=")), 200);
    assert_int_equal(kit_ask(&kit.addr, LOOK("/look/p")), 404);
    (void)snprintf(text, sizeof text, LOOK("/look/%s?q=1"), pad);
    assert_int_equal(kit_ask(&kit.addr, text), 500);
    (void)snprintf(text, sizeof text, LOOK("/look/p?q=%s"), pad);
    assert_int_equal(kit_ask(&kit.addr, text), 500);
    (void)snprintf(text, sizeof text, LOOK("/look/p?%s+=1&q=1"), pad);
    assert_int_equal(kit_ask(&kit.addr, text), 500);
    (void)snprintf(text, sizeof text, "GET /look/p?q=1 HTTP/1.1\r\nHost: t\r\nCookie: c=%s\r\n\r\n",
                   pad);
    assert_int_equal(kit_ask(&kit.addr, text), 500);
}

static void sizes__have_their_own_statuses(void **state)
{
    (void)state;
    char text[8192];
    char pad[5001];
    memset(pad, 'x', sizeof pad - 1);
    pad[sizeof pad - 1] = '\0';
    (void)snprintf(text, sizeof text, "GET /%.1001s HTTP/1.1\r\nHost: t\r\n\r\n", pad);
    refused(text, 414);
    (void)snprintf(text, sizeof text, "GET /%s", pad);
    refused(text, 414);
    (void)snprintf(text, sizeof text, "GET /a HTTP/1.1\r\nHost: t\r\nX: %s", pad);
    refused(text, 431);
    size_t n = (size_t)snprintf(text, sizeof text, "GET /a HTTP/1.1\r\nHost: t\r\n");
    for (int i = 0; i < 20; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "X%d: y\r\n", i);
    (void)snprintf(text + n, sizeof text - n, "\r\n");
    refused(text, 431);
    refused(POST("Content-Length: 101\r\n\r\n"), 413);
    assert_true(kit_stats(&kit).refused > 90);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_requests__pass),
        cmocka_unit_test(folded_header__is_refused),
        cmocka_unit_test(host__must_be_there_once_and_be_a_host),
        cmocka_unit_test(field_names__must_be_tokens),
        cmocka_unit_test(lines__must_end_in_crlf),
        cmocka_unit_test(nul_byte__is_refused),
        cmocka_unit_test(framing__that_can_be_read_two_ways_is_refused),
        cmocka_unit_test(chunks__that_are_malformed_are_refused),
        cmocka_unit_test(chunk_extensions__are_read_over),
        cmocka_unit_test(chunk_extensions__have_an_end),
        cmocka_unit_test(trailers__are_checked_like_fields),
        cmocka_unit_test(version__other_than_1_is_refused),
        cmocka_unit_test(method__that_tunnels_or_echoes_is_501),
        cmocka_unit_test(target__with_bad_bytes_is_refused),
        cmocka_unit_test(target__that_climbs_is_refused),
        cmocka_unit_test(target__of_another_host_is_refused),
        cmocka_unit_test(expectation__that_is_unknown_is_417),
        cmocka_unit_test(memory__that_is_short_is_500_not_404),
        cmocka_unit_test(sizes__have_their_own_statuses),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
