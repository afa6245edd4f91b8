#include "base/arena.h"
#include "base/clock.h"
#include "cloud/shape_in.h"

#include <math.h>
#include <string.h>

const char *shape_text(struct cx *cx, const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);
    const char *copy = NULL;
    if (json_is_string(v))
        copy = arena_dup(cx->arena, json_string_value(v), json_string_length(v));
    return copy ? copy : "";
}

int64_t shape_time(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));
    int64_t ms;
    return text && clock_parse(text, &ms) == ERR_OK ? ms : 0;
}

bool shape_uid_ok(const char *uid)
{
    size_t n = strspn(uid, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return n >= 32 && n <= 64 && uid[n] == '\0';
}

static int64_t number(const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);
    if (json_is_real(v) && fabs(json_real_value(v)) < 9e15)
        return (int64_t)json_real_value(v);
    return json_is_integer(v) ? json_integer_value(v) : 0;
}

static bool in_list(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(word, *list) == 0)
            return true;
    return false;
}

static void read_ingest(struct cx *cx, const json_t *o, struct stream_ingest *ret)
{
    *ret = (struct stream_ingest){.video_codec = "", .audio_codec = ""};
    if (!json_is_object(o))
        return;
    ret->known = true;
    ret->bitrate_bps = number(o, "bitrateBps");
    ret->fps = json_number_value(json_object_get(o, "fps"));
    ret->key_interval_ms = number(o, "keyIntervalMs");
    ret->width = number(o, "width");
    ret->height = number(o, "height");
    ret->dropped = number(o, "dropped");
    ret->since_ms = shape_time(o, "since");
    ret->b_frames = json_is_true(json_object_get(o, "bFrames"));
    ret->video_codec = shape_text(cx, o, "videoCodec");
    ret->audio_codec = shape_text(cx, o, "audioCodec");
}

/* `status`: null, one of the SDK's words, or the object that the real API sends. */
static void read_status(struct cx *cx, const json_t *status, struct stream_input *in)
{
    static const char *const on[] = {"connected", "reconnected", "new_configuration_accepted",
                                     NULL};
    const json_t *current = json_object_get(status, "current");
    const char *state =
        json_string_value(json_is_object(current) ? json_object_get(current, "state") : status);
    in->ever_connected = state != NULL;
    in->connected = state && in_list(state, on);
    in->status_ms = shape_time(current, "statusEnteredAt");
    read_ingest(cx, json_object_get(current, "ingest"), &in->ingest);
}

enum err shape_input(struct cx *cx, const json_t *o, struct stream_input *ret_input)
{
    const json_t *rtmps = json_object_get(o, "rtmps");
    struct stream_input in = {
        .uid = shape_text(cx, o, "uid"),
        .rtmps_url = shape_text(cx, rtmps, "url"),
        .rtmps_key = shape_text(cx, rtmps, "streamKey"),
        .hls = shape_text(cx, json_object_get(o, "playback"), "hls"),
        .name = shape_text(cx, json_object_get(o, "meta"), "name"),
        .created_ms = shape_time(o, "created"),
        .modified_ms = shape_time(o, "modified"),
        .keys_rotated_ms = shape_time(o, "keysRotatedAt"),
        .enabled = !json_is_false(json_object_get(o, "enabled")),
    };
    if (!shape_uid_ok(in.uid))
        return problem(cx, ERR_UPSTREAM, "Stream answered with no live input");
    read_status(cx, json_object_get(o, "status"), &in);
    *ret_input = in;
    return ERR_OK;
}

static enum stream_video_state state_named(const char *name)
{
    return strcmp(name, "live-inprogress") == 0 ? VIDEO_LIVE
           : strcmp(name, "ready") == 0         ? VIDEO_READY
           : strcmp(name, "error") == 0         ? VIDEO_ERROR
                                                : VIDEO_OTHER;
}

static int64_t duration_ms(const json_t *o)
{
    double s = json_number_value(json_object_get(o, "duration"));
    return s > 0 && s < 1e9 ? (int64_t)llround(s * 1000) : -1;
}

enum err shape_video(struct cx *cx, const json_t *o, struct stream_video *ret_video)
{
    const json_t *status = json_object_get(o, "status"), *input = json_object_get(o, "input");
    struct stream_video v = {
        .uid = shape_text(cx, o, "uid"),
        .input_uid = shape_text(cx, o, "liveInput"),
        .name = shape_text(cx, json_object_get(o, "meta"), "name"),
        .hls = shape_text(cx, json_object_get(o, "playback"), "hls"),
        .thumbnail = shape_text(cx, o, "thumbnail"),
        .error_code = shape_text(cx, status, "errorReasonCode"),
        .state = state_named(shape_text(cx, status, "state")),
        .created_ms = shape_time(o, "created"),
        .modified_ms = shape_time(o, "modified"),
        .duration_ms = duration_ms(o),
        .width = number(input, "width"),
        .height = number(input, "height"),
    };
    if (!v.error_code[0])
        v.error_code = shape_text(cx, status, "errReasonCode"); /* as the webhook's docs spell it */
    if (!shape_uid_ok(v.uid))
        return problem(cx, ERR_UPSTREAM, "Stream answered with no video");
    *ret_video = v;
    return ERR_OK;
}

void shape_row(struct cx *cx, const json_t *o, struct stream_row *ret_row)
{
    const json_t *hooks = json_object_get(json_object_get(o, "mechanisms"), "webhooks");
    *ret_row = (struct stream_row){
        .id = shape_text(cx, o, "id"),
        .name = shape_text(cx, o, "name"),
        .url = shape_text(cx, o, "url"),
        .destination = shape_text(cx, json_array_get(hooks, 0), "id"),
        .alert_type = shape_text(cx, o, "alert_type"),
        .enabled = !json_is_false(json_object_get(o, "enabled")),
    };
}
