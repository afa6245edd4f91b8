/* The API over a real socket: who may ask, the envelope, the errors, what comes before a handler.
 */
#include "streamd/cfapi/cfapi.h"

#include "base/test.h"
#include "net/net_testkit.h"
#include "streamd/library/library_testkit.h"
#include "streamd/notify/notify.h"

#include <string.h>

#define ACCOUNT "023e105f4ecef8ad9ca31a8372d0c353"
#define OTHER   "0123456789abcdef0123456789abcdef"
#define STREAM  "/client/v4/accounts/" ACCOUNT "/stream"
#define GOOD    "Authorization: Bearer tok-123\r\n"

enum { ROUTES_MAX = 160, REQUEST_MAX = 4096 };

struct bench {
    struct libkit *lib;
    struct notify *notify;
    struct cfapi *api;
    struct kit net;
    struct http_route routes[ROUTES_MAX];
    unsigned posts;
};

static enum err run(void *arg, void (*fn)(void *fn_arg), void *fn_arg)
{
    (void)arg;
    fn(fn_arg);
    return ERR_OK;
}

static enum err post(void *arg, const struct notify_post *p, int *ret_status, char why[NOTIFY_WHY])
{
    struct bench *b = arg;
    (void)p;
    why[0] = '\0';
    b->posts++;
    *ret_status = 200;
    return ERR_OK;
}

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->lib = libkit_make();
    const struct notify_setup notify = {
        .store = b->lib->db->store, .account = ACCOUNT, .arg = b, .run = run, .post = post};
    assert_int_equal(notify_make(&notify, &b->notify), ERR_OK);
    const struct cfapi_conf conf = {
        .library = b->lib->l, .notify = b->notify, .account = ACCOUNT, .token = "tok-123"};
    assert_int_equal(cfapi_make(&conf, &b->api), ERR_OK);
    size_t n;
    const struct http_route *routes = cfapi_routes(b->api, &n);
    assert_in_range(n, 1, ROUTES_MAX - 1);
    memcpy(b->routes, routes, n * sizeof *routes);
    kit_start(&b->net, (struct http_server_opts){.routes = b->routes, .on_error = cfapi_on_error});
    cfapi_set_server(b->api, b->net.server);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    kit_stop(&b->net);
    cfapi_free(b->api);
    libkit_free(b->lib);
    notify_free(b->notify);
    free(b);
    return 0;
}

/* Ask; the status, and the body as JSON (the caller's) unless it is none. */
static int ask(struct bench *b, const char *method, const char *path, const char *head,
               const char *body, json_t **ret_json)
{
    char request[REQUEST_MAX];
    struct kit_peer p;
    struct kit_answer a;
    int n = snprintf(request, sizeof request,
                     "%s %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n%s", method, path,
                     head, strlen(body), body);
    assert_in_range(n, 1, REQUEST_MAX - 1);
    kit_dial(&p, &b->net.addr);
    kit_send(&p, request);
    kit_answer(&p, &a, false);
    kit_hang_up(&p);
    *ret_json = json_loads(a.body ? a.body : "", 0, NULL);
    int status = a.status;
    kit_answer_done(&a);
    return status;
}

static void refused(struct bench *b, const char *method, const char *path, const char *head,
                    const char *body, int status, int code)
{
    json_t *o, *fixtures = libkit_fixture("error-envelopes.json");
    int got = ask(b, method, path, head, body, &o);
    if (got != status || !o)
        fail_msg("%s %s: %d, not %d", method, path, got, status);
    libkit_same_keys(o, json_object_get(json_object_get(fixtures, "notFound"), "body"), path);
    assert_true(json_is_null(json_object_get(o, "result")));
    assert_true(json_is_false(json_object_get(o, "success")));
    const json_t *error = json_array_get(json_object_get(o, "errors"), 0);
    assert_int_equal(json_integer_value(json_object_get(error, "code")), code);
    assert_true(json_string_length(json_object_get(error, "message")) > 0);
    json_decref(o);
    json_decref(fixtures);
}

static json_t *taken(struct bench *b, const char *method, const char *path, const char *body)
{
    json_t *o;
    int status = ask(b, method, path, GOOD, body, &o);
    if (status != 200 || !o)
        fail_msg("%s %s: %d", method, path, status);
    assert_true(json_is_true(json_object_get(o, "success")));
    assert_int_equal(json_array_size(json_object_get(o, "errors")), 0);
    return o;
}

static void auth__comes_before_everything(void **state)
{
    struct bench *b = *state;
    static const char *const paths[] = {
        STREAM "/live_inputs", STREAM "/live_inputs/" OTHER "/outputs", STREAM "/no/such/path",
        STREAM "/clip", "/client/v4/nothing"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        refused(b, "POST", paths[i], "", "{", 401, 10000);
        refused(b, "POST", paths[i], "Authorization: Bearer tok-124\r\n", "{", 401, 10000);
        refused(b, "POST", paths[i], "Authorization: Bearer \r\n", "{", 400, 6003);
        refused(b, "POST", paths[i], "Authorization: Basic tok-123\r\n", "{", 400, 6003);
        refused(b, "POST", paths[i], "Authorization: Bearer tok-123 x\r\n", "{", 400, 6003);
    }
    refused(b, "GET", "/client/v4/accounts/" OTHER "/stream", GOOD, "", 403, 10000);
    json_decref(taken(b, "GET", "/client/v4/user/tokens/verify", ""));
    json_decref(taken(b, "GET", "/client/v4/accounts/" ACCOUNT "/tokens/verify", ""));
}

static void errors__have_cloudflares_codes(void **state)
{
    struct bench *b = *state;
    refused(b, "GET", STREAM "/" OTHER, GOOD, "", 404, 10003);
    refused(b, "GET", STREAM "/not-a-uid", GOOD, "", 404, 10003);
    refused(b, "DELETE", STREAM "/live_inputs/" OTHER, GOOD, "", 404, 10003);
    refused(b, "GET", STREAM "/a/b/c", GOOD, "", 404, 7003);
    refused(b, "PATCH", STREAM "/live_inputs", GOOD, "", 405, 10405);
    refused(b, "POST", STREAM "/live_inputs", GOOD, "[1]", 400, 10005);
    refused(b, "POST", STREAM "/live_inputs", GOOD, "{\"meta\":1}", 400, 10005);
    refused(b, "PUT", STREAM "/webhook", GOOD, "{}", 400, 10005);
    refused(b, "GET", STREAM "/webhook", GOOD, "", 404, 10003);
    refused(b, "POST", STREAM "/direct_upload", GOOD, "{}", 501, 10005);
    refused(b, "GET", STREAM "?limit=0", GOOD, "", 400, 10005);
    refused(b, "GET", STREAM "?after=yesterday", GOOD, "", 400, 10005);
    refused(b, "GET", STREAM "?type=film", GOOD, "", 400, 10005);
}

static void inputs__go_round(void **state)
{
    struct bench *b = *state;
    char path[256];
    json_t *o = taken(b, "POST", STREAM "/live_inputs", "{\"meta\":{\"name\":\"a\"}}");
    const char *uid = libkit_at(o, "result.uid");
    (void)snprintf(path, sizeof path, STREAM "/live_inputs/%s", uid);
    json_decref(o);
    o = taken(b, "PUT", path, "{\"enabled\":false}");
    assert_string_equal(libkit_at(o, "result.enabled"), "false");
    json_decref(o);
    o = taken(b, "GET", STREAM "/live_inputs?include_counts=true", "");
    assert_string_equal(libkit_at(o, "result.total"), "1");
    json_decref(o);
    o = taken(b, "GET", STREAM "/live_inputs", "");
    assert_string_equal(libkit_at(o, "result.total"), "(none)");
    json_decref(o);
    json_decref(taken(b, "DELETE", path, ""));
    refused(b, "DELETE", path, GOOD, "", 404, 10003);
}

static void videos__list_with_counts(void **state)
{
    struct bench *b = *state;
    json_t *o = taken(b, "GET", STREAM "?include_counts=true&status=ready,error&asc=true", "");
    json_t *want =
        json_load_file("test/fixtures/cloudflare/videos-list-include-counts.json", 0, NULL);
    libkit_same_keys(o, want, "list");
    json_decref(want);
    json_decref(o);
    want = libkit_fixture("storage-usage-response.json");
    o = taken(b, "GET", STREAM "/storage-usage", "");
    libkit_same_keys(json_object_get(o, "result"), want, "usage");
    json_decref(want);
    json_decref(o);
}

static void subscriptions__go_round(void **state)
{
    struct bench *b = *state;
#define ALERT "/client/v4/accounts/" ACCOUNT "/alerting/v3"
    char path[256];
    json_t *o = taken(b, "PUT", STREAM "/webhook", "{\"notification_url\":\"http://127.0.0.1/\"}");
    assert_string_equal(libkit_at(o, "result.notificationUrl"), "http://127.0.0.1/");
    json_decref(o);
    o = taken(b, "DELETE", STREAM "/webhook", "");
    assert_true(json_is_string(json_object_get(o, "result")));
    json_decref(o);
    o = taken(b, "POST", ALERT "/destinations/webhooks",
              "{\"name\":\"x\",\"url\":\"http://127.0.0.1/\"}");
    assert_int_equal(b->posts, 1);
    (void)snprintf(path, sizeof path, ALERT "/destinations/webhooks/%s", libkit_at(o, "result.id"));
    json_decref(o);
    json_decref(taken(b, "GET", path, ""));
    json_decref(taken(b, "GET", ALERT "/available_alerts", ""));
    json_decref(taken(b, "GET", ALERT "/policies", ""));
    json_decref(taken(b, "DELETE", path, ""));
    refused(b, "GET", path, GOOD, "", 404, 10003);
}

static void roots__tell_health_and_numbers(void **state)
{
    struct bench *b = *state;
    json_t *none;
    struct kit_peer p;
    struct kit_answer a;
    assert_int_equal(ask(b, "GET", "/healthz", "", "", &none), 200);
    assert_int_equal(ask(b, "GET", "/nothing/here", "", "", &none), 404);
    kit_dial(&p, &b->net.addr);
    kit_send(&p, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    kit_answer(&p, &a, false);
    kit_hang_up(&p);
    assert_int_equal(a.status, 200);
    assert_string_equal(kit_field(&a, "Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    assert_non_null(strstr(a.body, "\nstreamd_live_inputs 0\n"));
    assert_non_null(strstr(a.body, "streamd_http_requests_total{class=\"2xx\"} 1\n"));
    kit_answer_done(&a);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(auth__comes_before_everything),
        T(errors__have_cloudflares_codes),
        T(inputs__go_round),
        T(videos__list_with_counts),
        T(subscriptions__go_round),
        T(roots__tell_health_and_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
