/*
 * Any sequence of messages: records of [type, time step (signed, ms), length (2 bytes), body].
 * A type's high bits stop, begin or jump. What comes out must keep the rules of part.h.
 */
#include "base/bytes.h"
#include "media/packager.h"
#include "media/playlist.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct watch {
    struct playlist *playlist;
    struct media_part last;
    unsigned parts, init;
    int64_t part_target;
};

static void on_init(void *arg, unsigned version, struct bytes *init, const struct media_info *info)
{
    struct watch *w = arg;
    assert(version == w->init + 1);
    w->init = version;
    if (playlist_add_init(w->playlist, version, init, info))
        abort();
}

static void on_part(void *arg, const struct media_part *part)
{
    struct watch *w = arg;
    assert(part->init == w->init && part->duration > 0 && part->bytes->len > 8);
    if (w->parts++) {
        assert(part->start >= w->last.start + w->last.duration);
        assert(part->msn == w->last.msn ? part->index == w->last.index + 1
                                        : part->msn == w->last.msn + 1 && part->index == 0);
    }
    w->last = *part;
    if (playlist_add_part(w->playlist, part))
        abort();
}

static void on_segment_end(void *arg, uint64_t msn, const struct packager_resume *next)
{
    struct watch *w = arg;
    assert(msn == w->last.msn && next->msn == msn + 1);
    playlist_end_segment(w->playlist, msn);
}

static void on_ready(void *arg, unsigned target_s, int64_t part_target)
{
    struct watch *w = arg;
    assert(!w->part_target && part_target > 0 && target_s >= 2);
    w->part_target = part_target;
    playlist_ready(w->playlist, target_s, part_target);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct packager_sink sink = {on_init, on_part, on_segment_end, on_ready};
    static const enum flv_type types[] = {FLV_AUDIO, FLV_VIDEO, FLV_SCRIPT, FLV_VIDEO};
    struct watch w = {.playlist = playlist_make(&(struct playlist_opts){0})};
    struct packager *p = packager_make(&(struct packager_opts){0}, &sink, &w);
    assert(w.playlist && p);
    uint32_t ts = 0;
    int64_t now = 1700000000000;
    while (len >= 4) {
        size_t body = (size_t)data[2] << 8 | data[3];
        body = body < len - 4 ? body : len - 4;
        ts += (uint32_t)(int32_t)(int8_t)data[1] << (data[0] >> 2 & 7);
        now += data[1];
        if (data[0] & 0x80)
            packager_stop(p);
        if (data[0] & 0x40)
            packager_begin(p);
        if (packager_take(p, types[data[0] & 3], ts, data + 4, body, now) == ERR_INTERNAL)
            abort();
        data += 4 + body;
        len -= 4 + body;
    }
    packager_finish(p);
    bytes_unref(playlist_text(w.playlist, PLAYLIST_LL));
    packager_free(p);
    playlist_free(w.playlist);
    return 0;
}
