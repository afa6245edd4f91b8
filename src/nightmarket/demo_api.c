#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "net/client.h"
#include "nightmarket/demo_in.h"

#include <stdio.h>
#include <string.h>

enum { TIMEOUT_MS = 5000, ANSWER_MAX = 256 << 10 };

bool demo_answers(const char *url)
{
    const struct client_ask ask = {
        .method = "GET", .url = url, .timeout_ms = 2000, .connect_ms = 1000};
    struct client_answer got;
    enum err e = client_run(&ask, &got);
    bool good = !e && got.status == 200;
    client_answer_done(&got);
    return good;
}

static enum err refused(struct cx *cx, const char *path, const struct client_answer *got)
{
    struct cx inner = {.arena = cx->arena};
    json_t *o = NULL;
    const char *detail = "";
    if (json_read_object(&inner, got->body.data, got->body.len, &o) == ERR_OK)
        detail = json_string_value(json_object_get(o, "detail"));
    enum err e =
        problem(cx, ERR_UPSTREAM, "%s: %d %.100s", path, got->status, detail ? detail : "");
    json_decref(o);
    return e;
}

/* One request; *ret_object belongs to the caller. `cookie` may be NULL. */
static enum err exchange(struct cx *cx, const struct demo_api *api, const char *method,
                         const char *path, const char *body, char *ret_cookie, json_t **ret_object)
{
    const char *headers[] = {arena_fmt(cx->arena, "Origin: %s", api->base),
                             arena_fmt(cx->arena, "Cookie: nm_session=%s", api->cookie),
                             arena_fmt(cx->arena, "X-CSRF-Token: %s", api->csrf),
                             "Content-Type: application/json", NULL};
    struct client_ask ask = {.method = method,
                             .url = arena_fmt(cx->arena, "%s/api/v1%s", api->base, path),
                             .headers = headers,
                             .body = body,
                             .body_len = body ? strlen(body) : 0,
                             .timeout_ms = TIMEOUT_MS,
                             .answer_max = ANSWER_MAX};
    struct client_answer got;
    if (!ask.url || !headers[0] || !headers[1] || !headers[2])
        return ERR_NO_MEMORY;
    enum err e = client_run(&ask, &got);
    if (e)
        e = problem(cx, e, "%.180s", got.why);
    else if (got.status / 100 != 2)
        e = refused(cx, path, &got);
    else
        e = json_read_object(cx, got.body.data, got.body.len, ret_object);
    if (!e && ret_cookie && !client_answer_header(&got, "set-cookie", ret_cookie, DEMO_URL))
        ret_cookie[0] = '\0';
    client_answer_done(&got);
    return e;
}

enum err demo_sign_in(struct cx *cx, struct demo_api *api, const char *password)
{
    char cookie[DEMO_URL] = "";
    const char *csrf = "";
    json_t *o = NULL;
    const char *body =
        arena_fmt(cx->arena, "{\"email\":\"" DEMO_EMAIL "\",\"password\":\"%s\"}", password);
    if (!body)
        return ERR_NO_MEMORY;
    enum err e = exchange(cx, api, "POST", "/sessions", body, cookie, &o);
    if (!e)
        e = json_need_text(cx, o, "csrf", 1, sizeof api->csrf - 1, &csrf);
    const char *value = strstr(cookie, "nm_session=");
    if (!e && !value)
        e = problem(cx, ERR_UPSTREAM, "/sessions gave no session");
    if (!e && value) {
        cookie[(size_t)(value - cookie) + strcspn(value, ";")] = '\0';
        (void)text_copy(api->cookie, sizeof api->cookie, value + strlen("nm_session="));
        (void)text_copy(api->csrf, sizeof api->csrf, csrf);
    }
    json_decref(o);
    return e;
}

enum err demo_get_show(struct cx *cx, const struct demo_api *api, const char *show,
                       struct demo_show *ret)
{
    json_t *o = NULL;
    const char *state = "", *path = arena_fmt(cx->arena, "/shows/%s", show);
    *ret = (struct demo_show){.connected = false};
    if (!path)
        return ERR_NO_MEMORY;
    enum err e = exchange(cx, api, "GET", path, NULL, NULL, &o);
    if (!e)
        e = json_need_text(cx, o, "state", 1, sizeof ret->state - 1, &state);
    if (!e)
        e = json_opt_i64(cx, o, "live_started_at", 0, INT64_MAX, &ret->live_started_ms);
    (void)text_copy(ret->state, sizeof ret->state, state);
    ret->connected = json_is_true(json_object_get(json_object_get(o, "ingest"), "connected"));
    json_decref(o);
    return e;
}

enum err demo_get_ingest(struct cx *cx, const struct demo_api *api, const char *show,
                         struct demo_ingest *ret)
{
    json_t *o = NULL;
    const char *path = arena_fmt(cx->arena, "/shows/%s/ingest", show), *url = "", *key = "";
    const char *grove = "";
    if (!path)
        return ERR_NO_MEMORY;
    enum err e = exchange(cx, api, "GET", path, NULL, NULL, &o);
    const json_t *rtmps = json_object_get(o, "rtmps");
    if (!e)
        e = json_need_text(cx, rtmps, "url", 1, 255, &url);
    if (!e)
        e = json_need_text(cx, rtmps, "key", 1, 255, &key);
    if (!e)
        e = json_need_text(cx, o, "grove", 1, sizeof ret->grove - 1, &grove);
    if (!e)
        (void)snprintf(ret->url, sizeof ret->url, "%s%s", url, key);
    (void)text_copy(ret->grove, sizeof ret->grove, grove);
    json_decref(o);
    return e;
}

enum err demo_run_show(struct cx *cx, const struct demo_api *api, const char *show,
                       const char *verb)
{
    json_t *o = NULL;
    const char *path = arena_fmt(cx->arena, "/shows/%s/%s", show, verb);
    if (!path)
        return ERR_NO_MEMORY;
    enum err e = exchange(cx, api, "POST", path, "{}", NULL, &o);
    json_decref(o);
    return e;
}

enum err demo_pin(struct cx *cx, const struct demo_api *api, const char *show, size_t nth,
                  bool first)
{
    json_t *o = NULL, *done = NULL;
    const char *list = arena_fmt(cx->arena, "/shows/%s/listings", show), *id = NULL;
    const char *pin = arena_fmt(cx->arena, "/shows/%s/pin", show), *body = NULL;
    if (!list || !pin)
        return ERR_NO_MEMORY;
    enum err e = exchange(cx, api, "GET", list, NULL, NULL, &o);
    const json_t *items = json_object_get(o, "items");
    size_t n = json_array_size(items);
    bool busy = first && json_is_object(json_object_get(o, "pinned"));
    if (!e && n && !busy)
        e = json_need_text(cx, json_array_get(items, nth % n), "id", 1, ID_TEXT, &id);
    if (!e && id) {
        body = arena_fmt(cx->arena, "{\"listing_id\":\"%s\"}", id);
        e = body ? exchange(cx, api, "PUT", pin, body, NULL, &done) : ERR_NO_MEMORY;
    }
    json_decref(o);
    json_decref(done);
    return e;
}
