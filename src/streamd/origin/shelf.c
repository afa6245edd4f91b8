#include "base/bytes.h"
#include "base/clock.h"
#include "base/text.h"
#include "streamd/origin/origin_in.h"
#include "streamd/origin/shelf_in.h"
#include <inttypes.h>

enum {
    PLAYLIST_BYTES_MAX = 256 << 20,
    URI_TEXT = 40,
    GROWING_TARGET_S = 4, /* the packager's longest, while it has not settled */
};

struct shelf {
    pthread_mutex_t lock;
    struct book *first; /* latest first */
    unsigned n;
};

struct shelf *shelf_make(void)
{
    struct shelf *s = calloc(1, sizeof(*s));
    if (s)
        pthread_mutex_init(&s->lock, NULL);
    return s;
}

void book_unref(struct book *b)
{
    if (!b || atomic_fetch_sub(&b->refs, 1) != 1)
        return;
    rec_map_done(&b->map);
    bytes_unref(b->playlist);
    free(b);
}

void shelf_free(struct shelf *s)
{
    if (!s)
        return;
    while (s->first) {
        struct book *b = s->first;
        s->first = b->next;
        book_unref(b);
    }
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* Take the video's book off the list; NULL: it is not there. */
static struct book *take_locked(struct shelf *s, const char *video_uid)
{
    struct book **at = &s->first;
    while (*at && strcmp((*at)->video_uid, video_uid) != 0)
        at = &(*at)->next;
    struct book *b = *at;
    if (b) {
        *at = b->next;
        s->n--;
    }
    return b;
}

static void put_locked(struct shelf *s, struct book *b)
{
    b->next = s->first;
    s->first = b;
    s->n++;
}

void shelf_forget(struct shelf *s, const char *video_uid)
{
    pthread_mutex_lock(&s->lock);
    struct book *b = take_locked(s, video_uid);
    pthread_mutex_unlock(&s->lock);
    book_unref(b);
}

/* The segments whose init is on disk, as a playlist. */
static struct bytes *render(const struct rec_map *map)
{
    struct playlist_vod_segment *list = calloc(map->n, sizeof(*list));
    char(*uris)[2][URI_TEXT] = calloc(map->n, sizeof(*uris));
    struct bytes *text = NULL;
    size_t n = 0;
    bool hole = false;
    struct buf out;
    buf_init(&out, PLAYLIST_BYTES_MAX);
    for (size_t i = 0; list && uris && i < map->n; i++) {
        const struct rec_segment *s = &map->segments[i];
        if (!rec_init_of(map, s->init)) {
            hole = true;
            continue;
        }
        (void)snprintf(uris[n][0], URI_TEXT, "seg-%" PRIu64 ".m4s", s->msn);
        (void)snprintf(uris[n][1], URI_TEXT, "init-%u.mp4", s->init);
        list[n] = (struct playlist_vod_segment){.uri = uris[n][0],
                                                .init_uri = uris[n][1],
                                                .duration = s->duration,
                                                .wall_ms = s->wall_ms,
                                                .discontinuity = n && (s->discontinuity || hole)};
        hole = false;
        n++;
    }
    unsigned target_s = map->next.target_s ? map->next.target_s : GROWING_TARGET_S;
    if (n)
        playlist_write_vod(&out, list, n, map->ended ? 0 : target_s);
    if (out.len && !out.failed)
        text = bytes_make(out.data, out.len);
    buf_done(&out);
    free(uris);
    free(list);
    return text;
}

static enum err read_book(struct origin *o, const char *video_uid, struct book **ret_book)
{
    char dir[REC_PATH_MAX];
    if (!origin_video_dir(o, video_uid, dir))
        return ERR_NOT_FOUND;
    struct book *b = calloc(1, sizeof(*b));
    if (!b)
        return ERR_NO_MEMORY;
    atomic_init(&b->refs, 1);
    text_copy(b->video_uid, sizeof(b->video_uid), video_uid);
    b->read_ms = clock_mono_ms();
    enum err e = rec_read(dir, &b->map);
    if (!e && !(b->playlist = render(&b->map)))
        e = ERR_NOT_FOUND;
    if (e)
        book_unref(b);
    else
        *ret_book = b;
    return e;
}

enum err shelf_get(struct origin *o, const char *video_uid, struct book **ret_book)
{
    struct shelf *s = o->shelf;
    pthread_mutex_lock(&s->lock);
    struct book *b = take_locked(s, video_uid), *stale = NULL;
    if (b && !b->map.ended && clock_mono_ms() - b->read_ms > SHELF_FRESH_MS) {
        stale = b;
        b = NULL;
    }
    if (b) {
        put_locked(s, b);
        atomic_fetch_add(&b->refs, 1);
    }
    pthread_mutex_unlock(&s->lock);
    book_unref(stale);
    if (!b) {
        enum err e = read_book(o, video_uid, &b);
        if (e)
            return e;
        pthread_mutex_lock(&s->lock);
        struct book *twin = take_locked(s, video_uid); /* another worker was faster */
        struct book *oldest = NULL;
        if (s->n == SHELF_BOOKS) {
            struct book *last = s->first;
            while (last->next)
                last = last->next;
            oldest = take_locked(s, last->video_uid);
        }
        put_locked(s, b);
        atomic_fetch_add(&b->refs, 1);
        pthread_mutex_unlock(&s->lock);
        book_unref(twin);
        book_unref(oldest);
    }
    *ret_book = b;
    return ERR_OK;
}
