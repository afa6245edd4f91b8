#include "streamd/library/library_testkit.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "base/test.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

int64_t libkit_now;

static int64_t now(void)
{
    return libkit_now;
}

static enum err run(void *arg, void (*fn)(void *fn_arg), void *fn_arg)
{
    struct libkit *k = arg;
    if (k->workers_busy)
        return ERR_BUSY;
    fn(fn_arg);
    return ERR_OK;
}

static void kick(void *arg, const char *input_uid, const char *reason)
{
    struct libkit *k = arg;
    (void)input_uid;
    k->kicks++;
    (void)text_copy(k->kick_why, sizeof k->kick_why, reason);
}

static enum err finish(void *arg, const char *video_uid, struct finished *ret_finished)
{
    struct libkit *k = arg;
    (void)video_uid;
    k->finishes++;
    if (!k->finish_says)
        *ret_finished = k->recording;
    return k->finish_says;
}

static void picture(void *arg, const char *video_uid, int64_t at_ms)
{
    struct libkit *k = arg;
    (void)video_uid;
    k->pictures++;
    k->picture_ms = at_ms;
}

static enum err drop(void *arg, const char *video_uid)
{
    struct libkit *k = arg;
    (void)video_uid;
    k->drops++;
    return ERR_OK;
}

static enum err live_event(void *arg, struct tx *tx, const struct live_event *event)
{
    struct libkit *k = arg;
    (void)tx;
    assert_int_equal(strlen(event->id), 32);
    assert_int_equal(strlen(event->input_uid), 32);
    if (k->no_memory) {
        k->no_memory--;
        return ERR_NO_MEMORY;
    }
    assert_in_range(k->events_n, 0, LIBKIT_EVENTS - 1);
    (void)snprintf(k->events[k->events_n++], sizeof k->events[0], "%s%s%s", event->event_type,
                   event->error_code ? " " : "", event->error_code ? event->error_code : "");
    return ERR_OK;
}

static enum err video_done(void *arg, struct tx *tx, const char *video_uid, const char *input_uid,
                           const char *state, const char *body)
{
    struct libkit *k = arg;
    (void)tx;
    k->dones++;
    (void)text_copy(k->done_state, sizeof k->done_state, state);
    (void)text_copy(k->done_video, sizeof k->done_video, video_uid);
    (void)text_copy(k->done_input, sizeof k->done_input, input_uid);
    (void)text_copy(k->done_body, sizeof k->done_body, body);
    return ERR_OK;
}

static void open_library(struct libkit *k)
{
    const struct library_setup setup = {.store = k->db->store,
                                        .hooks = {.arg = k,
                                                  .run = run,
                                                  .kick = kick,
                                                  .finish = finish,
                                                  .picture = picture,
                                                  .drop = drop,
                                                  .live_event = live_event,
                                                  .video_done = video_done},
                                        .unix_ms = now,
                                        .mono_ms = now};
    assert_int_equal(library_open(&k->db->cx, &setup, &k->l), ERR_OK);
    library_set_urls(k->l, &k->urls);
    library_start(k->l);
}

struct libkit *libkit_make(void)
{
    assert_int_equal(crypto_init(), ERR_OK);
    struct libkit *k = calloc(1, sizeof *k);
    assert_non_null(k);
    libkit_now = 1795339802000;
    k->db = test_store_make(&streamd_schema);
    k->cx = &k->db->cx;
    k->cx->now_ms = libkit_now;
    k->urls = (struct urls){.http = "http://127.0.0.1:8787",
                            .rtmps = "rtmps://localhost:1936/live/",
                            .host = "localhost"};
    k->recording = (struct finished){
        .duration_ms = 61700, .size_bytes = 12345678, .width = 720, .height = 1280};
    open_library(k);
    return k;
}

void libkit_free(struct libkit *k)
{
    libkit_settle(k);
    library_stop(k->l);
    libkit_settle(k);
    library_close(k->l);
    test_store_free(k->db);
    free(k);
}

void libkit_restart(struct libkit *k)
{
    libkit_settle(k);
    library_stop(k->l);
    libkit_settle(k);
    library_close(k->l);
    test_store_reopen(k->db, &streamd_schema);
    open_library(k);
}

static enum err nothing(struct tx *tx, void *arg)
{
    (void)tx;
    (void)arg;
    return ERR_OK;
}

void libkit_settle(struct libkit *k)
{
    assert_int_equal(store_do(k->db->store, k->cx, "nothing", nothing, NULL), ERR_OK);
}

void libkit_later(struct libkit *k, int64_t ms)
{
    for (int64_t end = libkit_now + ms; libkit_now < end;) {
        int64_t step = end - libkit_now > 200 ? 200 : end - libkit_now;
        libkit_now += step;
        library_tick(k->l);
    }
    k->cx->now_ms = libkit_now;
    k->cx->problem[0] = '\0';
    libkit_settle(k);
}

json_t *libkit_json(const char *text)
{
    char copy[4096];
    assert_true(text_copy(copy, sizeof copy, text));
    for (char *s = copy; *s; s++)
        if (*s == '\'')
            *s = '"';
    json_t *o = json_loads(copy, 0, NULL);
    assert_non_null(o);
    return o;
}

void libkit_input(struct libkit *k, const char *text, char uid[UID_TEXT], char key[STREAM_KEY_MAX])
{
    json_t *body = libkit_json(text), *o = NULL;
    assert_int_equal(library_create_input(k->l, k->cx, body, NULL, &o), ERR_OK);
    (void)text_copy(uid, UID_TEXT, libkit_at(o, "uid"));
    (void)text_copy(key, STREAM_KEY_MAX, libkit_at(o, "rtmps.streamKey"));
    json_decref(o);
    json_decref(body);
}

json_t *libkit_get_input(struct libkit *k, const char *uid)
{
    json_t *o = NULL;
    libkit_settle(k);
    assert_int_equal(library_get_input(k->l, k->cx, uid, &o), ERR_OK);
    return o;
}

json_t *libkit_get_video(struct libkit *k, const char *uid)
{
    json_t *o = NULL;
    libkit_settle(k);
    assert_int_equal(library_get_video(k->l, k->cx, uid, &o), ERR_OK);
    return o;
}

const char *libkit_at(const json_t *o, const char *path)
{
    static char number[64];
    char step[64];
    while (*path) {
        size_t n = strcspn(path, ".");
        (void)snprintf(step, sizeof step, "%.*s", (int)n, path);
        o = json_object_get(o, step);
        path += n + (path[n] == '.');
    }
    if (!o)
        return "(none)";
    if (json_is_string(o))
        return json_string_value(o);
    if (json_is_integer(o))
        (void)snprintf(number, sizeof number, "%lld", (long long)json_integer_value(o));
    else if (json_is_real(o))
        (void)snprintf(number, sizeof number, "%.3f", json_real_value(o));
    else
        return json_is_null(o) ? "(null)" : json_is_true(o) ? "true" : "false";
    return number;
}

json_t *libkit_fixture(const char *file)
{
    char path[256];
    (void)snprintf(path, sizeof path, "test/fixtures/cloudflare/%s", file);
    json_t *o = json_load_file(path, 0, NULL);
    assert_non_null(o);
    json_t *result = json_object_get(o, "result");
    if (!result)
        return o;
    json_incref(result);
    json_decref(o);
    return result;
}

void libkit_same_keys(json_t *got, json_t *want, const char *where)
{
    const char *key;
    json_t *value;
    json_object_foreach(want, key, value)
    {
        json_t *mine = json_object_get(got, key);
        if (!mine)
            fail_msg("%s.%s is missing", where, key);
        if (json_is_object(value) && json_is_object(mine) && strcmp(key, "meta") != 0)
            libkit_same_keys(mine, value, key);
    }
    json_object_foreach(got, key, value)
    {
        if (!json_object_get(want, key))
            fail_msg("%s.%s is not Cloudflare's", where, key);
    }
}
