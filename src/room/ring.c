/* The ring of a hub: the last events of a show as frames, without what was hidden meanwhile. */
#include "base/text.h"
#include "room/claim_in.h"
#include "room/room_in.h"

#include <string.h>

/* More than a second's worth of chat is sampled for viewers; staff and its writer get all of it. */
static bool is_thin_locked(struct hub *h, const struct event *ev)
{
    if (ev->audience != AUDIENCE_ALL || strcmp(ev->type, "chat.message") != 0)
        return false;
    int64_t second = ev->at_ms / 1000;
    if (second != h->sample_s) {
        h->sample_s = second;
        h->sample_n = 0;
    }
    return ++h->sample_n > CHAT_SAMPLED_PER_S;
}

static void drop_frames(struct ring_entry *at)
{
    bytes_unref(at->frame);
    bytes_unref(at->own);
    at->frame = at->own = NULL;
}

/* What a message said is nobody's any more; its number stays, so that there is no gap. */
static void forget_locked(struct hub *h, const char *message)
{
    for (int i = 0; i < HUB_RING; i++)
        if (strcmp(h->ring[i].message, message) == 0)
            drop_frames(&h->ring[i]);
}

static void forget_all_locked(struct hub *h, const json_t *ids)
{
    for (size_t i = 0; i < json_array_size(ids); i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        if (id && id[0])
            forget_locked(h, id);
    }
}

static enum err make_entry(const struct event *ev, const json_t *data, struct ring_entry *ret_entry)
{
    bool chat = strcmp(ev->type, "chat.message") == 0;
    const char *id = json_string_value(json_object_get(data, "id"));
    struct ring_entry fresh = {
        .viewer_id = ev->viewer_id,
        .audience = ev->audience,
        .frame = event_frame(ev, false),
        .own = chat && ev->viewer_id ? event_frame(ev, true) : NULL,
    };
    if (!fresh.frame || (chat && ev->viewer_id && !fresh.own)) {
        drop_frames(&fresh);
        return ERR_NO_MEMORY;
    }
    if (id && (chat || strcmp(ev->type, "staff.held") == 0))
        (void)text_copy(fresh.message, sizeof fresh.message, id);
    *ret_entry = fresh;
    return ERR_OK;
}

/* False when the event is there already: two read the same part of the log. */
static bool put_locked(struct hub *h, const struct event *ev, const json_t *data,
                       struct ring_entry *fresh)
{
    if (ev->seq <= h->head)
        return false;
    if (ev->seq != h->head + 1) /* never, while the log has no gaps: nobody may resume over one */
        h->tail = ev->seq - 1;
    if (strcmp(ev->type, "chat.removed") == 0)
        forget_all_locked(h, json_object_get(data, "ids"));
    if (goods_event(ev->type))
        h->goods_seq = ev->seq;
    fresh->thin = is_thin_locked(h, ev);
    struct ring_entry *at = &h->ring[ev->seq % HUB_RING];
    drop_frames(at);
    *at = *fresh;
    h->head = ev->seq;
    if (h->head - h->tail > HUB_RING)
        h->tail = h->head - HUB_RING;
    return true;
}

enum err ring_add(void *arg, const struct event *ev)
{
    struct hub *h = arg;
    struct ring_entry fresh;
    json_t *data = json_loads(ev->data, 0, NULL); /* we wrote it: only memory can be missing */
    enum err e = data ? make_entry(ev, data, &fresh) : ERR_NO_MEMORY;
    if (!e) {
        (void)pthread_mutex_lock(&h->lock);
        bool taken = put_locked(h, ev, data, &fresh);
        (void)pthread_mutex_unlock(&h->lock);
        if (taken)
            atomic_fetch_add(&h->r->stats.events, 1);
        else
            drop_frames(&fresh);
    }
    json_decref(data);
    return e;
}
