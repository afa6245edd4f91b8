/* The server's everyday work, over real sockets. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/test.h"
#include "net/net_testkit.h"
#include "net/tls.h"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void hello(struct http_req *req)
{
    http_send_text(req, 200, "text/plain", "hello");
}

/* method|path|param|query|header|cookie|body */
static void echo(struct http_req *req)
{
    size_t len;
    const char *body = http_body(req, &len), *q = http_query(req, "q"),
               *h = http_header(req, "x-h");
    const char *cookie = http_cookie(req, "sid");
    char *text =
        arena_fmt(http_cx(req)->arena, "%s|%s|%s|%s|%s|%s|%s", http_method(req), http_path(req),
                  http_param(req, "id"), q ? q : "-", h ? h : "-", cookie ? cookie : "-", body);
    http_send_text(req, 200, "text/plain", text);
}

static void peer(struct http_req *req)
{
    char ip[ADDR_TEXT], out[ADDR_TEXT + 16];
    addr_text(http_peer(req), ip);
    (void)snprintf(out, sizeof out, "%s %s", ip, http_is_https(req) ? "https" : "http");
    http_send_text(req, 200, "text/plain", out);
}

static void silent(struct http_req *req)
{
    (void)req;
}

static void inject(struct http_req *req)
{
    http_add(req, "X-Evil", "a\r\nSet-Cookie: b");
    http_send_text(req, 200, "text/plain", "never");
}

static void refuse(struct http_req *req)
{
    http_fail(req, problem(http_cx(req), ERR_CONFLICT, "qty is %d", 7), NULL);
}

static void on_loop_again(struct http_req *req)
{
    http_send_text(req, 200, "text/plain", http_note(req));
}

static void on_worker_then_loop(struct http_req *req)
{
    http_set_note(req, arena_dup(http_cx(req)->arena, "back", 4));
    http_to_loop(req, on_loop_again);
}

static void on_loop_then_worker(struct http_req *req)
{
    http_to_worker(req, echo);
}

static void list(struct http_req *req)
{
    struct bytes *parts[3] = {bytes_make("abc", 3), bytes_make("defg", 4), bytes_make("hi", 2)};
    http_etag(req, "\"v1\"");
    http_ranges(req);
    http_send_list(req, 200, "text/plain", parts, 3);
    for (int i = 0; i < 3; i++)
        bytes_unref(parts[i]);
}

static void weak(struct http_req *req)
{
    http_etag(req, "W/\"w\"");
    http_ranges(req);
    http_send_text(req, 200, "text/plain", "0123456789");
}

enum { FILE_LEN = 3 << 20 };

static void file(struct http_req *req)
{
    int fd = open(http_app(req), O_RDONLY | O_CLOEXEC);
    http_ranges(req);
    http_send_file(req, 200, "video/mp4", fd, 0, FILE_LEN);
}

static void upload(struct http_req *req)
{
    char buf[10000];
    size_t n = 0;
    uint64_t total = 0, check = 0;
    enum err e;
    while (!(e = http_body_read(req, buf, sizeof buf, &n)) && n) {
        total += n;
        for (size_t i = 0; i < n; i++)
            check = check * 31 + (unsigned char)buf[i];
    }
    if (e) {
        http_fail(req, e, "upload broke off");
        return;
    }
    http_send_text(req, 200, "text/plain",
                   arena_fmt(http_cx(req)->arena, "%llu %llx", (unsigned long long)total,
                             (unsigned long long)check));
}

static const struct http_route routes[] = {
    {"GET", "/hello", HTTP_ON_LOOP, hello, 0, false, NULL},
    {"GET", "/work", HTTP_ON_WORKER, hello, 0, false, NULL},
    {"POST", "/echo/{id}", HTTP_ON_WORKER, echo, 1000, false, NULL},
    {"GET", "/echo/{id}", HTTP_ON_LOOP, echo, 0, false, NULL},
    {"PUT", "/echo/{id}/x", HTTP_ON_LOOP, echo, 1000, false, NULL},
    {"GET", "/files/{id...}", HTTP_ON_LOOP, echo, 0, false, NULL},
    {"OPTIONS", "/{id...}", HTTP_ON_LOOP, echo, 0, false, NULL},
    {"GET", "/files/known", HTTP_ON_LOOP, hello, 0, false, NULL},
    {"GET", "/peer", HTTP_ON_LOOP, peer, 0, false, NULL},
    {"GET", "/silent", HTTP_ON_LOOP, silent, 0, false, NULL},
    {"GET", "/silent-work", HTTP_ON_WORKER, silent, 0, false, NULL},
    {"GET", "/inject", HTTP_ON_LOOP, inject, 0, false, NULL},
    {"GET", "/refuse", HTTP_ON_WORKER, refuse, 0, false, NULL},
    {"GET", "/there-and-back", HTTP_ON_WORKER, on_worker_then_loop, 0, false, NULL},
    {"GET", "/over/{id}", HTTP_ON_LOOP, on_loop_then_worker, 0, false, NULL},
    {"GET", "/list", HTTP_ON_LOOP, list, 0, false, NULL},
    {"GET", "/list-work", HTTP_ON_WORKER, list, 0, false, NULL},
    {"GET", "/weak", HTTP_ON_LOOP, weak, 0, false, NULL},
    {"GET", "/file", HTTP_ON_WORKER, file, 0, false, NULL},
    {"PUT", "/upload", HTTP_ON_WORKER, upload, 8 << 20, true, NULL},
    {0}};

static char file_name[] = "/tmp/nm-net-http-XXXXXX";
static struct kit kit;
static struct tls *tls_used;
static atomic_int done;

static void on_done(void *app, const struct http_req *req, int status, int64_t took_us)
{
    assert_ptr_equal(app, http_app(req));
    assert_true(took_us >= 0);
    done++;
    assert_true(status >= 200);
}

static void on_error(void *app, struct http_req *req, const struct http_fault *f, struct buf *body,
                     const char **ret_type)
{
    (void)app;
    *ret_type = "application/problem+json";
    buf_fmt(body, "{\"status\":%d,\"detail\":\"%s\",\"id\":%d}", f->status, f->detail,
            http_cx(req)->id[0] != '\0');
}

static int start(void **state)
{
    (void)state;
    int fd = mkstemp(file_name);
    assert_true(fd >= 0);
    unsigned char *bytes = malloc(FILE_LEN);
    assert_non_null(bytes);
    for (size_t i = 0; i < FILE_LEN; i++)
        bytes[i] = (unsigned char)(i * 7 + i / 251);
    assert_int_equal(write(fd, bytes, FILE_LEN), FILE_LEN);
    (void)close(fd);
    free(bytes);
    struct http_server_opts o = {
        .routes = routes, .app = file_name, .on_error = on_error, .on_done = on_done};
    assert_int_equal(cidrs_parse("127.0.0.1, 10.0.0.0/8", &o.trusted), ERR_OK);
    kit_start(&kit, o);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    kit_stop(&kit);
    tls_free(tls_used); /* it outlives its listener */
    (void)unlink(file_name);
    return 0;
}

/* Sends one request with these extra lines and compares status and body. */
static void expect(const char *request, const char *lines, int status, const char *body)
{
    struct kit_peer p;
    struct kit_answer a;
    char text[4096];
    (void)snprintf(text, sizeof text, "%s HTTP/1.1\r\nHost: t\r\n%s\r\n", request, lines);
    kit_dial(&p, &kit.addr);
    kit_send(&p, text);
    kit_answer(&p, &a, strncmp(request, "HEAD", 4) == 0 || status == 304);
    assert_int_equal(a.status, status);
    if (body)
        assert_string_equal(a.body, body);
    kit_answer_done(&a);
    kit_hang_up(&p);
}

static void request__reaches_loop_and_worker_handlers(void **state)
{
    (void)state;
    expect("GET /hello", "", 200, "hello");
    expect("GET /work", "", 200, "hello");
    expect("GET /there-and-back", "", 200, "back");
    expect("GET /over/7", "", 200, "GET|/over/7|7|-|-|-|");
}

static void request__has_its_parts_decoded(void **state)
{
    (void)state;
    expect("GET /echo/a%20b%2Fc?x=1&q=%E5%B8%86+%2B", "X-H:  v \r\nCookie: a=1; sid=s3\r\n", 200,
           "GET|/echo/a%20b%2Fc|a b/c|帆 +|v|s3|");
    expect("POST /echo/1", "Content-Length: 4\r\n\r\nbody", 200, "POST|/echo/1|1|-|-|-|body");
    expect("GET http://t/echo/1?q=z", "", 200, "GET|/echo/1|1|z|-|-|");
    expect("GET /ech%6f/1", "", 200, "GET|/ech%6f/1|1|-|-|-|");
}

static void body__may_come_in_chunks(void **state)
{
    (void)state;
    expect("POST /echo/1",
           "Transfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n", 200,
           "POST|/echo/1|1|-|-|-|abcde");
}

static void body__over_its_maximum_is_413(void **state)
{
    (void)state;
    expect("POST /echo/1", "Content-Length: 1001\r\n", 413, NULL);
    expect("GET /hello", "Content-Length: 16385\r\n", 413, NULL);
    char text[2100] = "Transfer-Encoding: chunked\r\n\r\n3e9\r\n";
    size_t n = strlen(text);
    memset(text + n, 'x', 1001);
    expect("POST /echo/1", text, 413, NULL);
}

static void body__that_nobody_wants_is_still_checked(void **state)
{
    (void)state;
    static const char chunked[] = "Transfer-Encoding: chunked\r\n\r\n";
    char text[200];
    expect("GET /hello", "Content-Length: 1\r\n\r\nx", 200, NULL);
    expect("POST /nothing", "Content-Length: 1\r\n\r\nx", 404, NULL);
    (void)snprintf(text, sizeof text, "%s1\r\nx\r\n0\r\n", chunked);
    expect("GET /hello", text, 200, NULL);
    (void)snprintf(text, sizeof text, "%szz\r\n", chunked);
    expect("GET /hello", text, 400, NULL);
    expect("POST /nothing", text, 400, NULL);
    (void)snprintf(text, sizeof text, "%s0\r\nContent-Length: 3\r\n", chunked);
    expect("PUT /hello", text, 400, NULL);
}

static void route__that_is_unknown_is_404_and_other_method_405(void **state)
{
    (void)state;
    expect("GET /nothing", "", 404, "{\"status\":404,\"detail\":\"no such path\",\"id\":1}");
    expect("GET /hello/", "", 404, NULL);
    expect("GET /echo/", "", 404, NULL);
    expect("POST /files/a", "", 404, NULL);
    struct kit_peer p;
    struct kit_answer a;
    kit_dial(&p, &kit.addr);
    kit_send(&p, "DELETE /echo/1 HTTP/1.1\r\nHost: t\r\n\r\n");
    kit_answer(&p, &a, false);
    assert_int_equal(a.status, 405);
    assert_string_equal(kit_field(&a, "allow"), "POST, GET, HEAD");
    assert_string_equal(kit_field(&a, "content-type"), "application/problem+json");
    kit_answer_done(&a);
    kit_hang_up(&p);
}

static void route__rest_takes_slashes_and_nothing(void **state)
{
    (void)state;
    expect("GET /files/a/b%20c", "", 200, "GET|/files/a/b%20c|a/b c|-|-|-|");
    expect("GET /files/", "", 200, "GET|/files/||-|-|-|");
    expect("GET /files/known", "", 200, "hello");
    expect("GET /files/known/x", "", 200, "GET|/files/known/x|known/x|-|-|-|");
}

static void head__is_get_without_the_body(void **state)
{
    (void)state;
    struct kit_peer p;
    struct kit_answer a;
    kit_dial(&p, &kit.addr);
    kit_send(&p, "HEAD /hello HTTP/1.1\r\nHost: t\r\n\r\nGET /hello HTTP/1.1\r\nHost: t\r\n\r\n");
    kit_answer(&p, &a, true);
    assert_int_equal(a.status, 200);
    assert_string_equal(kit_field(&a, "content-length"), "5");
    kit_answer_done(&a);
    kit_answer(&p, &a, false);
    assert_string_equal(a.body, "hello");
    kit_answer_done(&a);
    kit_hang_up(&p);
}

static void pipelining__answers_in_order(void **state)
{
    (void)state;
    struct kit_peer p;
    kit_dial(&p, &kit.addr);
    for (int i = 0; i < 50; i++) {
        char text[200];
        (void)snprintf(text, sizeof text,
                       "GET /over/%d HTTP/1.1\r\nHost: t\r\n\r\n"
                       "POST /echo/%d HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\nab",
                       i, i);
        kit_send(&p, text);
    }
    for (int i = 0; i < 50; i++) {
        struct kit_answer a;
        char want[64];
        kit_answer(&p, &a, false);
        (void)snprintf(want, sizeof want, "GET|/over/%d|%d|-|-|-|", i, i);
        assert_string_equal(a.body, want);
        kit_answer_done(&a);
        kit_answer(&p, &a, false);
        (void)snprintf(want, sizeof want, "POST|/echo/%d|%d|-|-|-|ab", i, i);
        assert_string_equal(a.body, want);
        kit_answer_done(&a);
    }
    kit_hang_up(&p);
}

static void request__may_come_byte_by_byte(void **state)
{
    (void)state;
    struct kit_peer p;
    struct kit_answer a;
    const char *text = "\r\nPOST /echo/1?q=2 HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc";
    kit_dial(&p, &kit.addr);
    for (const char *s = text; *s; s++)
        kit_send_bytes(&p, s, 1);
    kit_answer(&p, &a, false);
    assert_string_equal(a.body, "POST|/echo/1|1|2|-|-|abc");
    kit_answer_done(&a);
    kit_hang_up(&p);
}

static void http10__closes_unless_asked_to_keep(void **state)
{
    (void)state;
    bool closed;
    assert_int_equal(kit_ask_close(&kit.addr, "GET /hello HTTP/1.0\r\n\r\n", &closed), 200);
    assert_true(closed);
    struct kit_peer p;
    struct kit_answer a;
    kit_dial(&p, &kit.addr);
    for (int i = 0; i < 2; i++) {
        kit_send(&p, "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        kit_answer(&p, &a, false);
        assert_string_equal(kit_field(&a, "connection"), "keep-alive");
        kit_answer_done(&a);
    }
    kit_hang_up(&p);
}

static void half_closed_peer__gets_its_answers(void **state)
{
    (void)state;
    struct kit_peer p;
    struct kit_answer a;
    kit_dial(&p, &kit.addr);
    kit_send(&p, "GET /work HTTP/1.1\r\nHost: t\r\n\r\nGET /work HTTP/1.1\r\nHost: t\r\n\r\n");
    kit_half_close(&p);
    for (int i = 0; i < 2; i++) {
        kit_answer(&p, &a, false);
        assert_string_equal(a.body, "hello");
        kit_answer_done(&a);
    }
    assert_true(kit_ends(&p));
    kit_hang_up(&p);
}

static void handler__without_an_answer_is_500(void **state)
{
    (void)state;
    expect("GET /silent", "", 500, NULL);
    expect("GET /silent-work", "", 500, NULL);
    expect("GET /inject", "", 500, NULL);
}

static void error__carries_the_problem_text(void **state)
{
    (void)state;
    expect("GET /refuse", "", 409, "{\"status\":409,\"detail\":\"qty is 7\",\"id\":1}");
}

static void peer__is_read_past_trusted_proxies_only(void **state)
{
    (void)state;
    expect("GET /peer", "", 200, "127.0.0.1 http");
    expect("GET /peer", "X-Forwarded-For: 6.6.6.6, 192.0.2.9, 10.1.2.3\r\n", 200, "192.0.2.9 http");
    expect("GET /peer",
           "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2001:db8::7\r\n"
           "X-Forwarded-Proto: https\r\n",
           200, "2001:db8::7 https");
    expect("GET /peer", "X-Forwarded-For: 3.3.3.3, nonsense, 10.0.0.1\r\n", 200, "10.0.0.1 http");
}

static void ranges__of_gathered_bytes(void **state)
{
    (void)state;
    expect("GET /list", "", 200, "abcdefghi");
    expect("GET /list-work", "", 200, "abcdefghi");
    expect("GET /list", "Range: bytes=2-4\r\n", 206, "cde");
    expect("GET /list-work", "Range: bytes=-3\r\n", 206, "ghi");
    expect("GET /list", "Range: bytes=3-\r\n", 206, "defghi");
    expect("GET /list", "Range: bytes=9-\r\n", 416, "");
    expect("GET /list", "Range: bytes=1-2,4-5\r\n", 200, "abcdefghi");
    expect("GET /list", "Range: bytes=4-2\r\n", 200, "abcdefghi");
    expect("GET /list", "Range: bytes=0-0\r\nIf-Range: \"v1\"\r\n", 206, "a");
    expect("GET /list", "Range: bytes=0-0\r\nIf-Range: \"v2\"\r\n", 200, "abcdefghi");
    expect("GET /weak", "Range: bytes=1-2\r\nIf-Range: W/\"w\"\r\n", 200, "0123456789");
    expect("GET /weak", "Range: bytes=1-2\r\n", 206, "12");
}

static void etag__answers_304(void **state)
{
    (void)state;
    expect("GET /list", "If-None-Match: \"v0\", \"v1\"\r\n", 304, "");
    expect("GET /list", "If-None-Match: W/\"v1\"\r\n", 304, "");
    expect("GET /list", "If-None-Match: *\r\n", 304, "");
    expect("HEAD /weak", "If-None-Match: \"w\"\r\n", 304, "");
    expect("GET /list", "If-None-Match: \"v10\"\r\n", 200, "abcdefghi");
}

static void file__is_sent_whole_and_in_part(void **state)
{
    (void)state;
    struct kit_peer p;
    struct kit_answer a;
    kit_dial(&p, &kit.addr);
    kit_send(&p, "GET /file HTTP/1.1\r\nHost: t\r\n\r\n"
                 "GET /file HTTP/1.1\r\nHost: t\r\nRange: bytes=1000000-2999999\r\n\r\n");
    for (size_t part = 0; part < 2; part++) {
        size_t from = part ? 1000000 : 0, len = part ? 2000000 : FILE_LEN;
        kit_answer(&p, &a, false);
        assert_int_equal(a.status, part ? 206 : 200);
        assert_int_equal(a.len, len);
        for (size_t i = 0; i < len; i++)
            if ((unsigned char)a.body[i] != (unsigned char)((from + i) * 7 + (from + i) / 251))
                fail_msg("byte %zu differs", i);
        kit_answer_done(&a);
    }
    kit_hang_up(&p);
}

/* Files, shared bytes and pipelined requests, as records. */
static void tls__serves_the_same(void **state)
{
    (void)state;
    char cert[] = "/tmp/nm-net-cert-XXXXXX", key[] = "/tmp/nm-net-key-XXXXXX", why[TLS_WHY] = "";
    struct tls *tls;
    struct addr addr;
    (void)close(mkstemp(cert));
    (void)close(mkstemp(key));
    kit_cert(cert, key, "t");
    assert_int_equal(tls_make(cert, key, why, &tls), ERR_OK);
    (void)unlink(cert);
    (void)unlink(key);
    assert_int_equal(http_server_listen(kit.server, "127.0.0.1:0", tls, why, &addr), ERR_OK);
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    for (int v = 0; v < 2; v++) {
        struct kit_peer p;
        struct kit_answer a;
        kit_dial_tls(&p, &addr, versions[v]);
        kit_send(&p, "GET /peer HTTP/1.1\r\nHost: t\r\n\r\n"
                     "GET /list HTTP/1.1\r\nHost: t\r\nRange: bytes=2-7\r\n\r\n"
                     "GET /file HTTP/1.1\r\nHost: t\r\n\r\n"
                     "GET /work HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
        static const char *const bodies[] = {"127.0.0.1 https", "cdefgh", NULL, "hello"};
        for (int i = 0; i < 4; i++) {
            kit_answer(&p, &a, false);
            if (bodies[i])
                assert_string_equal(a.body, bodies[i]);
            else
                assert_int_equal(a.len, FILE_LEN);
            for (size_t k = 0; !bodies[i] && k < FILE_LEN; k++)
                if ((unsigned char)a.body[k] != (unsigned char)(k * 7 + k / 251))
                    fail_msg("byte %zu differs", k);
            kit_answer_done(&a);
        }
        assert_true(kit_ends(&p));
        kit_hang_up(&p);
    }
    tls_used = tls;
}

static void upload__streams_to_a_worker(void **state)
{
    (void)state;
    enum { LEN = 5 << 20 };
    char head[200], want[64];
    char *bytes = malloc(LEN);
    assert_non_null(bytes);
    uint64_t check = 0;
    for (size_t i = 0; i < LEN; i++) {
        bytes[i] = (char)(i * 13 + i / 97);
        check = check * 31 + (unsigned char)bytes[i];
    }
    (void)snprintf(want, sizeof want, "%d %llx", LEN, (unsigned long long)check);
    struct kit_peer p;
    struct kit_answer a;
    kit_dial(&p, &kit.addr);
    (void)snprintf(head, sizeof head,
                   "PUT /upload HTTP/1.1\r\nHost: t\r\nContent-Length: %d\r\n"
                   "Expect: 100-continue\r\n\r\n",
                   LEN);
    kit_send(&p, head);
    assert_true(kit_read_until(&p, "HTTP/1.1 100 Continue\r\n\r\n"));
    kit_drop(&p, p.len);
    kit_send_bytes(&p, bytes, LEN);
    kit_send(&p, "GET /hello HTTP/1.1\r\nHost: t\r\n\r\n");
    kit_answer(&p, &a, false);
    assert_string_equal(a.body, want);
    kit_answer_done(&a);
    kit_answer(&p, &a, false);
    assert_string_equal(a.body, "hello");
    kit_answer_done(&a);
    kit_hang_up(&p);
    free(bytes);
}

static void upload__tells_the_worker_when_it_breaks_off(void **state)
{
    (void)state;
    struct kit_peer p;
    struct kit_answer a;
    kit_dial(&p, &kit.addr);
    kit_send(&p, "PUT /upload HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\nabc");
    kit_half_close(&p);
    kit_answer(&p, &a, false);
    assert_int_equal(a.status, 500);
    assert_non_null(strstr(a.body, "upload broke off"));
    kit_answer_done(&a);
    kit_hang_up(&p);
    expect("PUT /upload", "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, NULL);
}

static bool any_done(void *arg)
{
    (void)arg;
    return done > 0;
}

/* The first test: nothing was answered before. */
static void on_done__is_called_once_for_each_answer(void **state)
{
    (void)state;
    expect("GET /work", "", 200, NULL);
    kit_wait(any_done, NULL);
    assert_int_equal(done, 1);
}

static void options__reach_every_path(void **state)
{
    (void)state;
    expect("OPTIONS *", "", 204, "");
    expect("OPTIONS /hello", "", 200, "OPTIONS|/hello|hello|-|-|-|");
    expect("OPTIONS /any/thing", "", 200, "OPTIONS|/any/thing|any/thing|-|-|-|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_done__is_called_once_for_each_answer),
        cmocka_unit_test(request__reaches_loop_and_worker_handlers),
        cmocka_unit_test(request__has_its_parts_decoded),
        cmocka_unit_test(body__may_come_in_chunks),
        cmocka_unit_test(body__over_its_maximum_is_413),
        cmocka_unit_test(body__that_nobody_wants_is_still_checked),
        cmocka_unit_test(route__that_is_unknown_is_404_and_other_method_405),
        cmocka_unit_test(route__rest_takes_slashes_and_nothing),
        cmocka_unit_test(head__is_get_without_the_body),
        cmocka_unit_test(pipelining__answers_in_order),
        cmocka_unit_test(request__may_come_byte_by_byte),
        cmocka_unit_test(http10__closes_unless_asked_to_keep),
        cmocka_unit_test(half_closed_peer__gets_its_answers),
        cmocka_unit_test(handler__without_an_answer_is_500),
        cmocka_unit_test(error__carries_the_problem_text),
        cmocka_unit_test(peer__is_read_past_trusted_proxies_only),
        cmocka_unit_test(ranges__of_gathered_bytes),
        cmocka_unit_test(etag__answers_304),
        cmocka_unit_test(file__is_sent_whole_and_in_part),
        cmocka_unit_test(tls__serves_the_same),
        cmocka_unit_test(upload__streams_to_a_worker),
        cmocka_unit_test(upload__tells_the_worker_when_it_breaks_off),
        cmocka_unit_test(options__reach_every_path),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
