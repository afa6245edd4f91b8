/* The Video object: Cloudflare Stream API, "Videos" (field order as its examples). */
#include "streamd/library/video_in.h"

#include "streamd/library/shape_in.h"

#include <string.h>

static json_t *url_of(const struct urls *urls, const char *uid, const char *path)
{
    return json_sprintf("%s/%s/%s", urls->http, uid, path);
}

json_t *playback_urls(const struct urls *urls, const char *uid)
{
    return json_pack("{s:o, s:o}", "hls", url_of(urls, uid, "manifest/video.m3u8"), "dash",
                     url_of(urls, uid, "manifest/video.mpd"));
}

static json_t *status_of(const struct video_row *v)
{
    json_t *o = json_pack("{s:s}", "state", v->state);
    if (strcmp(v->state, "ready") == 0)
        (void)json_object_set_new(o, "pctComplete", json_string("100.000000"));
    if (strcmp(v->state, "inprogress") == 0)
        (void)json_object_set_new(o, "pctComplete", json_string("0.000000"));
    (void)json_object_set_new(o, "errorReasonCode", json_string(v->error_code));
    (void)json_object_set_new(o, "errorReasonText", json_string(v->error_text));
    return o;
}

static json_t *details_of(const struct video_row *v)
{
    json_t *o = json_pack("{s:n, s:n, s:n, s:n}", "title", "share_link", "channel_link", "logo");
    json_t *set = shape_stored(v->details, json_object());
    (void)json_object_update(o, set);
    json_decref(set);
    return o;
}

/* Seconds with what milliseconds give; -1 while unknown. */
static json_t *duration_of(int64_t ms)
{
    if (ms < 0)
        return json_integer(-1);
    return ms % 1000 ? json_real((double)ms / 1000.0) : json_integer(ms / 1000);
}

static void add_state(json_t *o, const struct video_row *v)
{
    bool playable = strcmp(v->state, "ready") == 0 || strcmp(v->state, "live-inprogress") == 0;
    double pct = (double)v->thumb_ppm / 1e6;
    (void)json_object_set_new(o, "thumbnailTimestampPct",
                              v->thumb_ppm ? json_real(pct) : json_integer(0));
    (void)json_object_set_new(o, "readyToStream", json_boolean(playable));
    (void)json_object_set_new(o, "readyToStreamAt", shape_time(v->ready_ms));
    (void)json_object_set_new(o, "status", status_of(v));
    (void)json_object_set_new(o, "meta", shape_stored(v->meta, json_object()));
    (void)json_object_set_new(o, "created", shape_time(v->created_ms));
    (void)json_object_set_new(o, "modified", shape_time(v->modified_ms));
    (void)json_object_set_new(o, "scheduledDeletion", shape_time(v->delete_ms));
    (void)json_object_set_new(o, "size", json_integer(v->size_bytes));
}

static void add_limits(json_t *o, const struct video_row *v)
{
    (void)json_object_set_new(o, "allowedOrigins", shape_stored(v->origins, json_array()));
    (void)json_object_set_new(o, "requireSignedURLs", json_boolean(v->signed_only));
    (void)json_object_set_new(o, "uploaded", shape_time(v->uploaded_ms));
    (void)json_object_set_new(o, "uploadExpiry", shape_time(v->upload_expiry_ms));
    (void)json_object_set_new(o, "maxSizeBytes", json_null());
    (void)json_object_set_new(o, "maxDurationSeconds", shape_number(v->max_duration_s));
    (void)json_object_set_new(o, "duration", duration_of(v->duration_ms));
    (void)json_object_set_new(o, "input",
                              json_pack("{s:i, s:i}", "width", v->width, "height", v->height));
}

json_t *video_json(struct library *l, const struct video_row *v)
{
    struct urls copy;
    const struct urls *urls = &copy;
    library_urls(l, &copy);
    json_t *o = json_pack("{s:s}", "uid", v->uid);
    if (!o)
        return NULL;
    (void)json_object_set_new(o, "creator", shape_text(v->creator));
    (void)json_object_set_new(o, "thumbnail", url_of(urls, v->uid, "thumbnails/thumbnail.jpg"));
    add_state(o, v);
    (void)json_object_set_new(o, "preview", url_of(urls, v->uid, "watch"));
    add_limits(o, v);
    (void)json_object_set_new(o, "playback", playback_urls(urls, v->uid));
    (void)json_object_set_new(o, "watermark", json_null());
    if (v->input_uid)
        (void)json_object_set_new(o, "liveInput", json_string(v->input_uid));
    (void)json_object_set_new(o, "clippedFrom", json_null());
    (void)json_object_set_new(o, "publicDetails", details_of(v));
    return o;
}
