#include "base/test.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "cloud/callback.h"
#include "cloud/shape_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char SECRET[] = "85011ed3a913c6ad5f9cf6c5573cc0a7";
static const char HEADER[] =
    "time=1795343551,sig1=ddec8d8eae57825007742601bc3383409dedd6c21264bbaf82a36026bc6d9329";
static const int64_t SENT_MS = 1795343551000;

struct desk {
    struct cx cx;
    char *body; /* the webhook of the published vector */
    size_t len;
};

static char *read_fixture(const char *name, size_t *ret_len)
{
    char path[200];
    (void)snprintf(path, sizeof path, "test/fixtures/cloudflare/%s", name);
    FILE *f = fopen(path, "rbe");
    assert_non_null(f);
    char *text = calloc(1, 64 * 1024);
    *ret_len = fread(text, 1, 64 * 1024 - 1, f);
    (void)fclose(f);
    return text;
}

static int set_up(void **state)
{
    struct desk *d = calloc(1, sizeof *d);
    d->cx.arena = arena_make(1 << 20);
    d->cx.now_ms = SENT_MS + 1000;
    d->body = read_fixture("webhook-video-ready.body.json", &d->len);
    *state = d;
    return crypto_init() ? -1 : 0;
}

static int tear_down(void **state)
{
    struct desk *d = *state;
    arena_free(d->cx.arena);
    free(d->body);
    free(d);
    return 0;
}

static const struct callback_secrets secrets = {{"another", SECRET}, 2};

static void video_webhook__of_the_published_vector_is_genuine(void **state)
{
    struct desk *d = *state;
    assert_int_equal(callback_check_video(&d->cx, &secrets, HEADER, d->body, d->len), ERR_OK);
}

static void video_webhook__is_refused_when_anything_is_wrong(void **state)
{
    struct desk *d = *state;
    static const char *const headers[] = {
        "",
        "time=1795343551",
        "sig1=ddec",
        "time=,sig1=",
        "time=x,sig1=00",
        "time=1795343552,sig1=ddec8d8eae57825007742601bc3383409dedd6c21264bbaf82a36026bc6d9329",
        "time=1795343551,sig1=edec8d8eae57825007742601bc3383409dedd6c21264bbaf82a36026bc6d9329",
        "time=99999999999999999999999,sig1=00"};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        assert_int_equal(callback_check_video(&d->cx, &secrets, headers[i], d->body, d->len),
                         ERR_FORBIDDEN);
    assert_int_equal(callback_check_video(&d->cx, &secrets, NULL, d->body, d->len), ERR_FORBIDDEN);
    assert_int_equal(callback_check_video(&d->cx, &secrets, HEADER, d->body, d->len - 1),
                     ERR_FORBIDDEN);
    const struct callback_secrets none = {.n = 0}, wrong = {{"85011ed3"}, 1};
    assert_int_equal(callback_check_video(&d->cx, &none, HEADER, d->body, d->len), ERR_FORBIDDEN);
    assert_int_equal(callback_check_video(&d->cx, &wrong, HEADER, d->body, d->len), ERR_FORBIDDEN);
    assert_null(strstr(d->cx.problem, SECRET));
}

static void video_webhook__counts_only_near_its_time(void **state)
{
    struct desk *d = *state;
    static const struct {
        int64_t away_ms;
        enum err e;
    } times[] = {{CALLBACK_WINDOW_MS, ERR_OK},
                 {-CALLBACK_WINDOW_MS, ERR_OK},
                 {CALLBACK_WINDOW_MS + 1, ERR_FORBIDDEN},
                 {-CALLBACK_WINDOW_MS - 1, ERR_FORBIDDEN}};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        d->cx.now_ms = SENT_MS + times[i].away_ms;
        assert_int_equal(callback_check_video(&d->cx, &secrets, HEADER, d->body, d->len),
                         times[i].e);
    }
}

static void video_webhook__says_which_recording_is_ready(void **state)
{
    struct desk *d = *state;
    struct stream_video v = {0};
    assert_int_equal(callback_read_video(&d->cx, d->body, d->len, &v), ERR_OK);
    assert_int_equal(v.state, VIDEO_READY);
    assert_true(v.duration_ms > 0);
    assert_int_equal(strlen(v.input_uid), 32);
    size_t len;
    char *body = read_fixture("webhook-video-error.body.json", &len);
    assert_int_equal(callback_read_video(&d->cx, body, len, &v), ERR_OK);
    assert_int_equal(v.state, VIDEO_ERROR);
    assert_true(v.error_code[0] != '\0');
    free(body);
    assert_int_equal(callback_read_video(&d->cx, "{}", 2, &v), ERR_UPSTREAM);
    assert_int_equal(callback_read_video(&d->cx, "[]", 2, &v), ERR_INPUT);
}

static void notification__needs_the_shared_secret(void **state)
{
    struct desk *d = *state;
    assert_int_equal(callback_check_live(&d->cx, &secrets, SECRET), ERR_OK);
    assert_int_equal(callback_check_live(&d->cx, &secrets, "another"), ERR_OK);
    assert_int_equal(callback_check_live(&d->cx, &secrets, "Another"), ERR_FORBIDDEN);
    assert_int_equal(callback_check_live(&d->cx, &secrets, ""), ERR_FORBIDDEN);
    assert_int_equal(callback_check_live(&d->cx, &secrets, NULL), ERR_FORBIDDEN);
}

static void notification__is_read_in_all_its_kinds(void **state)
{
    struct desk *d = *state;
    static const struct {
        const char *name;
        enum live_event event;
    } kinds[] = {{"notification-destination-test.json", LIVE_TEST},
                 {"notification-live-input-connected.json", LIVE_CONNECTED},
                 {"notification-live-input-connected-full.json", LIVE_CONNECTED},
                 {"notification-live-input-disconnected.json", LIVE_DISCONNECTED},
                 {"notification-live-input-errored.json", LIVE_ERRORED}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct live_notice n = {0};
        size_t len;
        char *body = read_fixture(kinds[i].name, &len);
        assert_int_equal(callback_read_live(&d->cx, body, len, &n), ERR_OK);
        assert_int_equal(n.event, kinds[i].event);
        if (n.event == LIVE_TEST)
            assert_string_equal(n.input_uid, "");
        else
            assert_true(n.updated_ms > 1795000000000);
        if (n.event == LIVE_ERRORED)
            assert_string_equal(n.error_code, "ERR_GOP_OUT_OF_RANGE");
        free(body);
    }
    struct live_notice n;
    assert_int_equal(callback_read_live(&d->cx, "{}", 2, &n), ERR_INPUT);
}

static void read_input(struct desk *d, const char *text, struct stream_input *ret)
{
    json_t *o = json_loads(text, 0, NULL);
    assert_non_null(o);
    assert_int_equal(shape_input(&d->cx, o, ret), ERR_OK);
    json_decref(o);
}

#define UID "66be4bf738797e01e1fca35a7bdecdcd"

static void live_input__status_is_null_text_or_an_object(void **state)
{
    struct desk *d = *state;
    struct stream_input in;
    read_input(d, "{\"uid\":\"" UID "\",\"status\":null}", &in);
    assert_false(in.ever_connected || in.connected);
    read_input(d, "{\"uid\":\"" UID "\",\"status\":\"reconnected\"}", &in);
    assert_true(in.connected);
    read_input(d, "{\"uid\":\"" UID "\",\"status\":\"client_disconnect\"}", &in);
    assert_true(in.ever_connected && !in.connected);
    read_input(d, "{\"uid\":\"" UID "\",\"status\":{\"current\":null,\"history\":[]}}", &in);
    assert_false(in.connected);
    size_t len;
    char *body = read_fixture("live-input-get-connected.json", &len);
    json_t *o = json_loads(body, 0, NULL);
    assert_int_equal(shape_input(&d->cx, json_object_get(o, "result"), &in), ERR_OK);
    assert_true(in.connected && in.enabled && !in.ingest.known);
    assert_true(in.status_ms > 0);
    assert_int_equal(strlen(in.rtmps_key), 65);
    json_decref(o);
    free(body);
}

static void client__refuses_a_setup_that_cannot_work(void **state)
{
    struct desk *d = *state;
#define ACCOUNT "023e105f4ecef8ad9ca31a8372d0c353"
    static const struct stream_setup bad[] = {
        {.base_url = "ftp://x", .account_id = ACCOUNT, .token = "t"},
        {.base_url = "https://x", .account_id = "023e105f", .token = "t"},
        {.base_url = "https://x", .account_id = ACCOUNT, .token = ""},
        {.base_url = "https://x", .account_id = ACCOUNT, .token = "a\r\nX: y"}};
    struct stream *s = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(stream_make(&d->cx, &bad[i], &s), ERR_INPUT);
    assert_null(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
        T(video_webhook__of_the_published_vector_is_genuine),
        T(video_webhook__is_refused_when_anything_is_wrong),
        T(video_webhook__counts_only_near_its_time),
        T(video_webhook__says_which_recording_is_ready),
        T(notification__needs_the_shared_secret),
        T(notification__is_read_in_all_its_kinds),
        T(live_input__status_is_null_text_or_an_object),
        T(client__refuses_a_setup_that_cannot_work),
#undef T
    };
    return cmocka_run_group_tests_name("cloud", tests, NULL, NULL);
}
