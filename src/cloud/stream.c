#include "cloud/stream.h"
#include "base/arena.h"
#include "cloud/call_in.h"
#include "cloud/shape_in.h"

#include <string.h>

#define GET    ((struct stream_call){.method = "GET", .repeat = true})
#define DELETE ((struct stream_call){.method = "DELETE", .repeat = true})

static enum err check_uid(struct cx *cx, const char *uid)
{
    return shape_uid_ok(uid) ? ERR_OK : problem(cx, ERR_INPUT, "not a uid of Stream");
}

/* One call whose result is a live input. */
static enum err input_call(struct stream *s, struct cx *cx, struct stream_call call,
                           const char *tail, struct stream_input *ret_input)
{
    json_t *result = NULL;
    enum err e = stream_do(s, cx, &call, &result, "/accounts/%s/stream/live_inputs%s",
                           stream_account(s), tail);
    if (e)
        return e;
    e = shape_input(cx, result, ret_input);
    json_decref(result);
    return e;
}

enum err stream_input_create(struct stream *s, struct cx *cx, const struct stream_input_ask *ask,
                             struct stream_input *ret_input)
{
    json_t *body =
        json_pack("{s:{s:s},s:{s:s,s:I},s:b}", "meta", "name", ask->name, "recording", "mode",
                  "automatic", "timeoutSeconds", (json_int_t)ask->timeout_s, "preferLowLatency", 1);
    if (!body)
        return problem(cx, ERR_INPUT, "the input's name is not UTF-8");
    struct stream_call call = {.method = "POST",
                               .body = body,
                               .idempotency_key = ask->idempotency_key,
                               .repeat = true}; /* the key makes it so */
    return input_call(s, cx, call, "", ret_input);
}

enum err stream_input_get(struct stream *s, struct cx *cx, const char *uid,
                          struct stream_input *ret_input)
{
    const char *tail = arena_fmt(cx->arena, "/%s", uid);
    enum err e = check_uid(cx, uid);
    return e ? e : !tail ? ERR_NO_MEMORY : input_call(s, cx, GET, tail, ret_input);
}

enum err stream_input_enable(struct stream *s, struct cx *cx, const char *uid, bool enabled,
                             struct stream_input *ret_input)
{
    const char *tail = arena_fmt(cx->arena, "/%s", uid);
    enum err e = check_uid(cx, uid);
    if (e || !tail)
        return e ? e : ERR_NO_MEMORY;
    struct stream_call call = {.method = "PUT", .repeat = true};
    call.body = json_pack("{s:b}", "enabled", (int)enabled);
    return input_call(s, cx, call, tail, ret_input);
}

enum err stream_input_rotate(struct stream *s, struct cx *cx, const char *uid,
                             struct stream_input *ret_input)
{
    const char *tail = arena_fmt(cx->arena, "/%s/rotate_keys", uid);
    enum err e = check_uid(cx, uid);
    if (e || !tail)
        return e ? e : ERR_NO_MEMORY;
    return input_call(s, cx, (struct stream_call){.method = "POST"}, tail, ret_input);
}

enum err stream_input_delete(struct stream *s, struct cx *cx, const char *uid)
{
    enum err e = check_uid(cx, uid);
    return e ? e
             : stream_do(s, cx, &DELETE, NULL, "/accounts/%s/stream/live_inputs/%s",
                         stream_account(s), uid);
}

enum err stream_input_videos(struct stream *s, struct cx *cx, const char *uid,
                             struct stream_video *ret_videos, size_t *ret_n)
{
    json_t *result = NULL;
    enum err e = check_uid(cx, uid);
    if (!e)
        e = stream_do(s, cx, &GET, &result, "/accounts/%s/stream/live_inputs/%s/videos",
                      stream_account(s), uid);
    if (e)
        return e;
    size_t n = 0;
    const json_t *row;
    size_t i;
    json_array_foreach(result, i, row)
    {
        if (n == STREAM_VIDEOS_MAX || e)
            break;
        e = shape_video(cx, row, &ret_videos[n++]);
    }
    json_decref(result);
    if (!e)
        *ret_n = n;
    return e;
}

enum err stream_video_get(struct stream *s, struct cx *cx, const char *uid,
                          struct stream_video *ret_video)
{
    json_t *result = NULL;
    enum err e = check_uid(cx, uid);
    if (!e)
        e = stream_do(s, cx, &GET, &result, "/accounts/%s/stream/%s", stream_account(s), uid);
    if (e)
        return e;
    e = shape_video(cx, result, ret_video);
    json_decref(result);
    return e;
}
