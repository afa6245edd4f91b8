#include "base/arena.h"
#include "streamd/origin/origin_in.h"
#include "streamd/origin/still_in.h"
#include <assert.h>
#include <inttypes.h>

struct origin *origin_of(const struct http_req *req)
{
    return *(struct origin *const *)http_route_of(req)->arg;
}

/* False: it is answered with 404. */
static bool read_playback(struct http_req *req, struct playback *ret)
{
    const char *id = http_param(req, "id");
    if (access_uid_ok(id) && library_playback(origin_of(req)->library, id, ret) == ERR_OK)
        return true;
    access_fail(req, 404, "not found");
    return false;
}

static void send_json(struct http_req *req, const char *text)
{
    access_headers(req);
    http_add(req, "Cache-Control", "no-store");
    http_send_text(req, text ? 200 : 500, "application/json", text ? text : "");
}

/* {"isInput":true,"videoUID":"…","live":true} */
static void get_lifecycle(struct http_req *req)
{
    struct playback pb;
    if (!read_playback(req, &pb))
        return;
    bool known = pb.video_uid[0] && (pb.state != PLAYBACK_IDLE || !pb.is_input);
    send_json(req,
              arena_fmt(http_cx(req)->arena, "{\"isInput\":%s,\"videoUID\":%s%s%s,\"live\":%s}",
                        pb.is_input ? "true" : "false", known ? "\"" : "",
                        known ? pb.video_uid : "null", known ? "\"" : "",
                        pb.state == PLAYBACK_LIVE ? "true" : "false"));
}

/* {"liveViewers":113} */
static void get_views(struct http_req *req)
{
    struct playback pb;
    if (!read_playback(req, &pb))
        return;
    int64_t n = pb.hide_viewers ? 0 : origin_viewers(origin_of(req), pb.input_uid);
    send_json(req, arena_fmt(http_cx(req)->arena, "{\"liveViewers\":%" PRId64 "}", n));
}

/* The public page of a video: the address `preview` of the API. */
static void get_watch(struct http_req *req)
{
    static const char page[] =
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width\"><title>Watch</title>"
        "<style>html,body{margin:0;height:100%%;background:#000}video{width:100%%;height:100%%}"
        "</style><video controls autoplay muted playsinline src=\"/%s/manifest/video.m3u8\">"
        "</video></html>\n";
    struct playback pb;
    if (!read_playback(req, &pb) ||
        !access_may_watch(req, pb.signed_only ? ERR_NEED_LOGIN : ERR_OK, ""))
        return;
    char *text = arena_fmt(http_cx(req)->arena, page, http_param(req, "id"));
    http_add(req, "Cache-Control", "no-store");
    http_add(req, "Content-Security-Policy",
             "default-src 'none'; media-src 'self' blob:; style-src 'unsafe-inline'");
    http_send_text(req, text ? 200 : 500, "text/html; charset=utf-8", text ? text : "");
}

size_t origin_routes(struct origin *o, struct http_route ret_routes[ORIGIN_ROUTES_MAX])
{
    static const struct {
        const char *pattern;
        void (*fn)(struct http_req *req);
    } table[] = {
        {"/{id}/manifest/video.m3u8", live_manifest},
        {"/{id}/hls/{video}/{file}", live_media},
        {"/{id}/lifecycle", get_lifecycle},
        {"/{id}/views", get_views},
        {"/{id}/watch", get_watch},
        {"/{id}/iframe", get_watch},
        {"/{id}/thumbnails/thumbnail.jpg", still_get},
    };
    size_t n = 0;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        assert(n + 2 <= ORIGIN_ROUTES_MAX);
        ret_routes[n++] = (struct http_route){.method = "GET",
                                              .pattern = table[i].pattern,
                                              .where = HTTP_ON_LOOP,
                                              .fn = table[i].fn,
                                              .arg = &o->self};
        ret_routes[n++] = (struct http_route){.method = "OPTIONS",
                                              .pattern = table[i].pattern,
                                              .where = HTTP_ON_LOOP,
                                              .fn = access_options,
                                              .arg = &o->self};
    }
    return n;
}
