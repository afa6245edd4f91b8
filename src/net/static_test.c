#include "base/test.h"
#include "net/http.h"
#include "net/net_testkit.h"
#include "net/static.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/nm-net-static-XXXXXX";
static struct static_files *files;
static struct kit kit;

static void serve(struct http_req *req)
{
    static_serve(files, req, http_param(req, "path"));
}

static const struct http_route routes[] = {
    {"GET", "/{path...}", HTTP_ON_LOOP, serve, 0, false, NULL}, {0}};

static const char *const contents[][2] = {
    {"index.html", "<!doctype html>"},
    {"assets/app-B1x9fQ2a.js", "console.log(1)"},
    {"assets/app-B1x9fQ2a.js.br", "BROTLI"},
    {"assets/app-B1x9fQ2a.js.gz", "GZIP"},
    {"assets/plainname.css", "body{}"},
    {"assets/plainname.css.gz", "GZ"},
    {"sw.js", "self"},
    {"lonely.br", "no original"},
    {".secret", "hidden"},
};

static void path_of(const char *name, char out[200])
{
    (void)snprintf(out, 200, "%s/%s", dir, name);
}

static int start(void **state)
{
    (void)state;
    char path[200], why[STATIC_WHY] = "";
    assert_non_null(mkdtemp(dir));
    path_of("assets", path);
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        path_of(contents[i][0], path);
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        assert_true(fputs(contents[i][1], f) >= 0);
        assert_int_equal(fclose(f), 0);
    }
    path_of("link.txt", path);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    enum err e = static_load(dir, why, &files);
    assert_string_equal(why, "");
    assert_int_equal(e, ERR_OK);
    kit_start(&kit, (struct http_server_opts){.routes = routes});
    return 0;
}

static int stop(void **state)
{
    (void)state;
    char path[200];
    kit_stop(&kit);
    static_free(files);
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        path_of(contents[i][0], path);
        (void)unlink(path);
    }
    path_of("link.txt", path);
    (void)unlink(path);
    path_of("assets", path);
    (void)rmdir(path);
    return rmdir(dir);
}

static struct kit_answer get(const char *path, const char *lines)
{
    struct kit_peer p;
    struct kit_answer a;
    char text[500];
    (void)snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: t\r\n%s\r\n", path, lines);
    kit_dial(&p, &kit.addr);
    kit_send(&p, text);
    kit_answer(&p, &a, strstr(lines, "If-None-Match") != NULL);
    kit_hang_up(&p);
    return a;
}

static void expect(const char *path, const char *lines, int status, const char *body,
                   const char *field, const char *value)
{
    struct kit_answer a = get(path, lines);
    assert_int_equal(a.status, status);
    if (body)
        assert_string_equal(a.body, body);
    if (field)
        assert_string_equal(kit_field(&a, field), value);
    kit_answer_done(&a);
}

#define APP "/assets/app-B1x9fQ2a.js"

static void file__has_type_and_cache_rules(void **state)
{
    (void)state;
    expect("/", "", 200, "<!doctype html>", "content-type", "text/html; charset=utf-8");
    expect("/index.html", "", 200, NULL, "cache-control", "no-cache");
    expect(APP, "", 200, "console.log(1)", "content-type", "text/javascript; charset=utf-8");
    expect(APP, "", 200, NULL, "cache-control", "public, max-age=31536000, immutable");
    expect("/assets/plainname.css", "", 200, "body{}", "cache-control", "no-cache");
    expect("/sw.js", "", 200, "self", "cache-control", "no-cache");
    expect("/sw.js", "", 200, "self", "vary", "");
}

static void encoding__is_chosen_by_the_client(void **state)
{
    (void)state;
    expect(APP, "Accept-Encoding: gzip, br\r\n", 200, "BROTLI", "content-encoding", "br");
    expect(APP, "Accept-Encoding: gzip\r\n", 200, "GZIP", "content-encoding", "gzip");
    expect(APP, "Accept-Encoding: br;q=0, gzip;q=0.5\r\n", 200, "GZIP", "vary", "Accept-Encoding");
    expect(APP, "Accept-Encoding: deflate\r\n", 200, "console.log(1)", "content-encoding", "");
    expect(APP, "", 200, "console.log(1)", "vary", "Accept-Encoding");
    expect("/assets/plainname.css", "Accept-Encoding: br, GZIP\r\n", 200, "GZ", NULL, NULL);
    expect("/lonely.br", "Accept-Encoding: br\r\n", 200, "no original", "content-encoding", "");
    expect(APP ".br", "", 404, NULL, NULL, NULL);
}

static void etag__differs_by_encoding_and_answers_304(void **state)
{
    (void)state;
    struct kit_answer plain = get(APP, ""), br = get(APP, "Accept-Encoding: br\r\n");
    char tag[64], other[64], line[128];
    (void)snprintf(tag, sizeof tag, "%s", kit_field(&plain, "etag"));
    (void)snprintf(other, sizeof other, "%s", kit_field(&br, "etag"));
    assert_int_equal(tag[0], '"');
    assert_string_not_equal(tag, other);
    kit_answer_done(&plain);
    kit_answer_done(&br);
    (void)snprintf(line, sizeof line, "If-None-Match: %s\r\n", tag);
    expect(APP, line, 304, NULL, "etag", tag);
    expect(APP, "Range: bytes=0-6\r\n", 206, "console", NULL, NULL);
}

static void paths__that_are_no_files_are_404(void **state)
{
    (void)state;
    expect("/nothing", "", 404, NULL, NULL, NULL);
    expect("/assets", "", 404, NULL, NULL, NULL);
    expect("/assets/", "", 404, NULL, NULL, NULL);
    expect("/.secret", "", 404, NULL, NULL, NULL);
    expect("/link.txt", "", 404, NULL, NULL, NULL);
    expect("//etc/passwd", "", 404, NULL, NULL, NULL);
    expect("/%2e/index.html", "", 404, NULL, NULL, NULL);
    assert_false(static_has(files, ".secret"));
    assert_true(static_has(files, "index.html"));
}

static void load__says_what_is_wrong(void **state)
{
    (void)state;
    char why[STATIC_WHY];
    struct static_files *none;
    assert_int_equal(static_load("/nonexistent-dist", why, &none), ERR_IO);
    assert_string_equal(why, "cannot open folder '/nonexistent-dist'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(file__has_type_and_cache_rules),
        cmocka_unit_test(encoding__is_chosen_by_the_client),
        cmocka_unit_test(etag__differs_by_encoding_and_answers_304),
        cmocka_unit_test(paths__that_are_no_files_are_404),
        cmocka_unit_test(load__says_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
