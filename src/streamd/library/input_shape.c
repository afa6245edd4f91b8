/* The LiveInput object: Cloudflare Stream API, "Live inputs" (field order as its examples). */
#include "streamd/library/input_in.h"

#include "streamd/library/shape_in.h"
#include "streamd/library/status_in.h"
#include "streamd/library/video_in.h"

#include <string.h>

static void add_credentials(json_t *o, const struct urls *u, const struct input_row *row)
{
    json_t *srt = json_sprintf("srt://%s:778", u->host);
    (void)json_object_set_new(
        o, "rtmps", json_pack("{s:s, s:s}", "url", u->rtmps, "streamKey", row->rtmps_key));
    (void)json_object_set_new(
        o, "rtmpsPlayback",
        json_pack("{s:s, s:s}", "url", u->rtmps, "streamKey", row->rtmps_play_key));
    (void)json_object_set_new(o, "srt",
                              json_pack("{s:O, s:s, s:s}", "url", srt, "streamId", row->uid,
                                        "passphrase", row->srt_pass));
    (void)json_object_set_new(o, "srtPlayback",
                              json_pack("{s:O, s:o, s:s}", "url", srt, "streamId",
                                        json_sprintf("play%s", row->uid), "passphrase",
                                        row->srt_play_pass));
    (void)json_object_set_new(
        o, "webRTC",
        json_pack("{s:o}", "url",
                  json_sprintf("%s/%s/webRTC/publish", u->http, row->webrtc_secret)));
    (void)json_object_set_new(
        o, "webRTCPlayback",
        json_pack("{s:o}", "url", json_sprintf("%s/%s/webRTC/play", u->http, row->uid)));
    json_decref(srt);
}

static json_t *recording_of(const struct input_row *row)
{
    json_t *origins = shape_stored(row->origins, json_null());
    return json_pack("{s:s, s:I, s:b, s:o, s:b}", "mode", row->record ? "automatic" : "off",
                     "timeoutSeconds", (json_int_t)row->timeout_s, "requireSignedURLs",
                     row->signed_only, "allowedOrigins", origins, "hideLiveViewerCount",
                     row->hide_viewers);
}

/* An extension: Cloudflare tells nothing about the feed here. */
static json_t *ingest_of(const struct ingest_stats *s)
{
    return json_pack("{s:I, s:f, s:I, s:i, s:i, s:s, s:s, s:b, s:I, s:o}", "bitrateBps",
                     (json_int_t)s->bitrate_bps, "fps", s->fps, "keyIntervalMs",
                     (json_int_t)s->key_interval_ms, "width", s->width, "height", s->height,
                     "videoCodec", s->video_codec, "audioCodec", s->audio_codec, "bFrames",
                     s->b_frames, "dropped", (json_int_t)s->dropped, "since",
                     shape_time(s->since_ms));
}

static json_t *status_word(const struct input_rec *in)
{
    const char *state = in->current.state;
    if (!in->current.entered_ms)
        return json_null();
    return json_string(strcmp(state, "disconnected") == 0 ? "client_disconnect" : state);
}

/* A copy of the record, so that JSON is made without the lock. */
static json_t *status_of(struct library *l, const char *uid)
{
    struct input_rec copy = {0};
    (void)pthread_mutex_lock(&l->lock);
    const struct input_rec *in = input_of_locked(l, uid);
    if (in)
        copy = *in;
    (void)pthread_mutex_unlock(&l->lock);
    if (l->setup.status_as_text)
        return status_word(&copy);
    json_t *status = status_json(&copy);
    if (copy.has_stats)
        (void)json_object_set_new(json_object_get(status, "current"), "ingest",
                                  ingest_of(&copy.stats));
    return status;
}

json_t *input_json(struct library *l, const struct input_row *row)
{
    struct urls urls;
    json_t *o = json_pack("{s:s}", "uid", row->uid);
    if (!o)
        return NULL;
    library_urls(l, &urls);
    add_credentials(o, &urls, row);
    (void)json_object_set_new(o, "playback", playback_urls(&urls, row->uid));
    (void)json_object_set_new(o, "created", shape_time(row->created_ms));
    (void)json_object_set_new(o, "modified", shape_time(row->modified_ms));
    (void)json_object_set_new(o, "meta", shape_stored(row->meta, json_object()));
    (void)json_object_set_new(o, "status", status_of(l, row->uid));
    (void)json_object_set_new(o, "recording", recording_of(row));
    (void)json_object_set_new(o, "enabled", json_boolean(row->enabled));
    (void)json_object_set_new(o, "deleteRecordingAfterDays", shape_number(row->delete_after_days));
    (void)json_object_set_new(o, "preferLowLatency", json_boolean(row->prefer_ll));
    (void)json_object_set_new(o, "defaultCreator", shape_text(row->default_creator));
    if (row->rotated_ms)
        (void)json_object_set_new(o, "keysRotatedAt", shape_time(row->rotated_ms));
    return o;
}
