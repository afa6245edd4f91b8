/* Requests of viewers for what lies on disk, answered on a worker. */
#include "base/arena.h"
#include "base/buf.h"
#include "streamd/origin/file_in.h"
#include "streamd/origin/origin_in.h"
#include "streamd/origin/shelf_in.h"
#include <fcntl.h>
#include <unistd.h>

static const char PLAYLIST_TYPE[] = "application/vnd.apple.mpegurl";

static void fail(struct http_req *req, enum err e)
{
    if (e == ERR_NOT_FOUND)
        access_fail(req, 404, "not found");
    else
        access_fail(req, 500, "the recording cannot be read");
}

static uint64_t bits_per_s(uint64_t bytes, int64_t duration)
{
    return duration > 0 ? bytes * 8 * MEDIA_HZ / (uint64_t)duration : 0;
}

static struct playlist_variant variant_of(const struct rec_map *map)
{
    struct playlist_variant v = {.info = &map->inits[map->n_inits - 1].info};
    uint64_t bytes = 0;
    for (size_t i = 0; i < map->n; i++) {
        const struct rec_segment *s = &map->segments[i];
        uint64_t rate = bits_per_s(s->len, s->duration);
        /* A last segment of a few frames says nothing about the rate. */
        if (rate > v.peak_bps && (s->duration >= MEDIA_HZ || map->n == 1))
            v.peak_bps = rate;
        bytes += s->len;
    }
    v.average_bps = bits_per_s(bytes, map->duration);
    if (v.peak_bps < v.average_bps)
        v.peak_bps = v.average_bps;
    return v;
}

void vod_manifest(struct http_req *req)
{
    const char *video = http_note(req);
    struct book *b;
    enum err e = shelf_get(origin_of(req), video, &b);
    if (e) {
        fail(req, e);
        return;
    }
    char uri[96];
    (void)snprintf(uri, sizeof(uri), "../hls/%s/vod.m3u8", video);
    struct playlist_variant v = variant_of(&b->map);
    v.uri = uri;
    struct buf text;
    buf_init(&text, 4096);
    playlist_write_master(&text, &v, 1);
    book_unref(b);
    if (text.failed) {
        buf_done(&text);
        access_fail(req, 500, "out of memory");
        return;
    }
    access_headers(req);
    http_add(req, "Cache-Control", "no-cache");
    http_send_heap(req, 200, PLAYLIST_TYPE, text.data, text.len);
}

static void send_playlist(struct http_req *req, const struct book *b)
{
    access_headers(req);
    http_add(req, "Cache-Control", b->map.ended ? "max-age=10" : "no-cache");
    http_send_bytes(req, 200, PLAYLIST_TYPE, b->playlist);
}

static void send_range(struct http_req *req, const char *video, uint64_t off, uint64_t len)
{
    char dir[REC_PATH_MAX], path[REC_PATH_MAX];
    int fd = -1;
    if (origin_video_dir(origin_of(req), video, dir) && rec_path(dir, "media.mp4", path))
        fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fail(req, ERR_NOT_FOUND);
        return;
    }
    access_headers(req);
    http_add(req, "Cache-Control", "public, max-age=31536000, immutable");
    http_ranges(req);
    http_send_file(req, 200, "video/mp4", fd, off, len);
}

void vod_media(struct http_req *req)
{
    const char *video = http_param(req, "video");
    struct file_name f;
    struct book *b;
    enum err e = file_read_name(http_param(req, "file"), &f) ? shelf_get(origin_of(req), video, &b)
                                                             : ERR_NOT_FOUND;
    if (e) {
        fail(req, e);
        return;
    }
    const struct rec_init *init = f.kind == FILE_INIT ? rec_init_of(&b->map, f.index) : NULL;
    const struct rec_segment *segment =
        f.kind == FILE_SEGMENT ? rec_segment_of(&b->map, f.msn) : NULL;
    if (f.kind == FILE_PLAYLIST || f.kind == FILE_PLAIN_PLAYLIST || f.kind == FILE_VOD)
        send_playlist(req, b);
    else if (init)
        send_range(req, video, init->off, init->len);
    else if (segment)
        send_range(req, video, segment->off, segment->len);
    else
        fail(req, ERR_NOT_FOUND); /* single parts live only as long as the window */
    book_unref(b);
}
