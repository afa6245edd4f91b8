#include "base/text.h"
#include "streamd/origin/crowd_in.h"
#include "streamd/origin/origin_in.h"
#include <assert.h>

struct seat *seat_here(struct origin *o)
{
    return &o->seats[loop_index(loop_here())];
}

static unsigned bucket_of(const char *uid)
{
    unsigned h = 0;
    for (unsigned i = 0; i < 8 && uid[i]; i++)
        h = h * 31 + (unsigned char)uid[i];
    return h % VIEW_BUCKETS;
}

struct view *view_find(struct seat *s, const char *video_uid)
{
    struct view *v = s->bucket[bucket_of(video_uid)];
    while (v && strcmp(v->video_uid, video_uid) != 0)
        v = v->next;
    return v;
}

static void view_free(struct view *v)
{
    if (!v)
        return;
    playlist_free(v->playlist);
    bytes_unref(v->key_part);
    bytes_unref(v->key_init);
    bytes_unref(v->init);
    crowd_free(v->crowd);
    free(v);
}

static void view_add(struct seat *s, const struct news *n)
{
    struct view *v = calloc(1, sizeof(*v));
    if (!v)
        return;
    const struct playlist_opts opts = {.first_msn = n->item[0].msn};
    v->seat = s;
    v->crowd = crowd_make();
    v->playlist = playlist_make(&opts);
    if (!v->playlist || !v->crowd) {
        view_free(v);
        return;
    }
    text_copy(v->input_uid, UID_TEXT, n->input_uid);
    text_copy(v->video_uid, UID_TEXT, n->video_uid);
    v->by_input.checked_ms = v->by_video.checked_ms = INT64_MIN / 2;
    playlist_begin_at(v->playlist, n->item[0].discontinuity);
    struct view **at = &s->bucket[bucket_of(v->video_uid)];
    v->next = *at;
    *at = v;
}

static void view_drop(struct view *v)
{
    live_wake(v, true);
    timer_cancel(v->seat->loop, &v->linger);
    struct view **at = &v->seat->bucket[bucket_of(v->video_uid)];
    while (*at != v)
        at = &(*at)->next;
    *at = v->next;
    view_free(v);
}

static void lingered(void *arg)
{
    view_drop(arg);
}

void views_drop_all(struct seat *s)
{
    for (unsigned i = 0; i < VIEW_BUCKETS; i++)
        while (s->bucket[i])
            view_drop(s->bucket[i]);
    live_wake_early(s, true);
}

static void keep(struct bytes **slot, struct bytes *b)
{
    bytes_ref(b);
    bytes_unref(*slot);
    *slot = b;
}

/* What a picture of now can be made of. */
static void keep_key_frame(struct view *v, const struct media_part *part)
{
    if (!part->independent)
        return;
    keep(&v->key_part, part->bytes);
    keep(&v->key_init, v->init);
}

/* Returns false when the view can no longer show an unbroken stream: out of memory. */
static bool apply_item(struct view *v, const struct news_item *it)
{
    enum err e = ERR_OK;
    switch (it->kind) {
    case NEWS_OPEN: break;
    case NEWS_INIT:
        keep(&v->init, it->init);
        e = playlist_add_init(v->playlist, it->version, it->init, &it->info);
        break;
    case NEWS_PART:
        keep_key_frame(v, &it->part);
        e = playlist_add_part(v->playlist, &it->part);
        break;
    case NEWS_SEGMENT_END: playlist_end_segment(v->playlist, it->msn); break;
    case NEWS_READY: playlist_ready(v->playlist, it->target_s, it->part_target); break;
    case NEWS_END: playlist_end(v->playlist); break;
    }
    return e == ERR_OK;
}

void view_apply(struct seat *s, const struct news *n)
{
    if (n->n && n->item[0].kind == NEWS_OPEN && !view_find(s, n->video_uid))
        view_add(s, n);
    struct view *v = view_find(s, n->video_uid);
    if (!v)
        return;
    for (size_t i = 0; i < n->n; i++) {
        if (apply_item(v, &n->item[i]))
            continue;
        view_drop(v);
        return;
    }
    live_wake(v, false);
    live_wake_early(s, false);
    if (playlist_has_ended(v->playlist))
        timer_set(s->loop, &v->linger, VIEW_LINGER_MS, lingered, v);
}
