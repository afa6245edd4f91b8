/* What the report of a show needs: its viewers minute by minute, and how many there were in all. */
#include "base/arena.h"
#include "base/log.h"
#include "room/audience.sql.h"
#include "room/room_in.h"

enum { SEEN_SLICE = 256, SEEN_SLICES = 16, LOOK_TICKS = 5, MINUTE_MS = 60000 };

struct audience_new {
    int64_t show_id, at_ms, viewers; /* at_ms 0: no sample */
    uint64_t keys[SEEN_SLICE];
    size_t count;
};

static enum err keep_job(struct tx *tx, void *arg)
{
    const struct audience_new *a = arg;
    enum err e = ERR_OK;
    if (a->at_ms)
        e = db_do(tx->db, &SQL_audience_sample, ARGS(V(a->show_id), V(a->at_ms), V(a->viewers)),
                  NULL);
    for (size_t i = 0; !e && i < a->count; i++)
        e = db_do(tx->db, &SQL_audience_seen, ARGS(V(a->show_id), V((int64_t)a->keys[i])), NULL);
    return e;
}

static bool is_live(struct room *r, int64_t show_id)
{
    struct db *db;
    int64_t live = 0;
    if (store_read(r->store, &db))
        return false;
    enum err e = db_i64(db, &SQL_audience_live, ARGS(V(show_id)), &live);
    store_read_end(db);
    return !e && live;
}

static enum err keep(struct hub *h, struct audience_new *a, int64_t now_ms)
{
    struct cx cx = {.arena = arena_make(4096), .now_ms = now_ms};
    enum err e =
        cx.arena ? store_do(h->r->store, &cx, "room.audience", keep_job, a) : ERR_NO_MEMORY;
    arena_free(cx.arena);
    if (e) {
        log_warn("audience not stored", LOG_S("err", err_api(e)), LOG_I("show", h->show_id));
        return e;
    }
    presence_keep(h->presence, a->keys, a->count);
    if (a->at_ms)
        h->sampled_ms = a->at_ms;
    return ERR_OK;
}

/* Those who came before a show is live wait in the table until it is. */
void audience_tick(struct hub *h, int64_t now_ms)
{
    struct audience_new a = {.show_id = h->show_id};
    int64_t peak, minute = now_ms - now_ms % MINUTE_MS;
    if (h->ticks % LOOK_TICKS)
        return;
    presence_now(h->presence, &a.viewers, &peak);
    a.at_ms = minute > h->sampled_ms ? minute : 0;
    a.count = presence_new(h->presence, a.keys, SEEN_SLICE);
    if ((!a.at_ms && !a.count) || (!a.viewers && !a.count) || !is_live(h->r, h->show_id))
        return;
    for (int i = 0; i < SEEN_SLICES; i++) {
        if (keep(h, &a, now_ms) || a.count < SEEN_SLICE)
            return;
        a.at_ms = 0;
        a.count = presence_new(h->presence, a.keys, SEEN_SLICE);
    }
}
