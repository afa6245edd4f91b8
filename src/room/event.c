/* The event log of a show: numbers without gaps, envelopes, and what may be told to everybody. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "room/event.sql.h"
#include "room/room_in.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const audience_names[] = {
    [AUDIENCE_ALL] = "all", [AUDIENCE_VIEWER] = "viewer", [AUDIENCE_STAFF] = "staff"};

/* ---- what everybody may be told (I16) ---- */

/*
 * The keys an event for everybody may have, at any depth. Names are those that people show in the
 * room; ids are public ones. Phone, e-mail, address and viewer ids are not among them.
 */
static const char *const open_keys[] = {
    "1080",       "160",         "480",           "TH",         "TW",         "amount",
    "at",         "badge",       "cancel_ok",     "chain",      "chat",       "claim_mode",
    "claim_open", "claim_rule",  "claims_head",   "closes_at",  "code",       "commit",
    "compare_at", "countdown_s", "coupon_id",     "cover",      "currency",   "deal",
    "deal_id",    "deals",       "duration_ms",   "en",         "ended_at",   "entries_hash",
    "entropy",    "entry",       "giveaway_id",   "hls",        "hold_s",     "host_name",
    "id",         "ids",         "image",         "ja",         "kind",       "lang",
    "left",       "likes",       "listing",       "listing_id", "listings",   "live_started_at",
    "market",     "message",     "min_spend",     "mode",       "more",       "n",
    "name",       "name_masked", "now",           "offset_ms",  "open",       "opens_at",
    "options",    "peak",        "per_buyer_max", "percent_bp", "pinned",     "place",
    "playback",   "position",    "prices",        "prize",      "product_id", "proof_url",
    "qty",        "quota",       "rank",          "reason",     "rule",       "run_s",
    "sale",       "seed",        "segment_start", "seq",        "shop",       "show",
    "sizes",      "slow_s",      "slug",          "source",     "starts_at",  "state",
    "text",       "th",          "thumbnail",     "title",      "until",      "url",
    "value",      "values",      "variant_id",    "variants",   "version",    "viewers",
    "winners",    "winners_n",   "words",         "zh-CN",      "zh-TW",
};

static bool key_ok(const char *key)
{
    for (size_t i = 0; i < sizeof open_keys / sizeof open_keys[0]; i++)
        if (strcmp(open_keys[i], key) == 0)
            return true;
    return false;
}

bool event_keys_ok(json_t *data)
{
    if (json_is_array(data)) {
        for (size_t i = 0; i < json_array_size(data); i++)
            if (!event_keys_ok(json_array_get(data, i)))
                return false;
        return true;
    }
    for (void *it = json_object_iter(data); it; it = json_object_iter_next(data, it))
        if (!key_ok(json_object_iter_key(it)) || !event_keys_ok(json_object_iter_value(it)))
            return false;
    return true;
}

/* ---- writing ---- */

enum err event_next(struct tx *tx, int64_t show_id, int64_t *ret_seq)
{
    enum err e = db_do(tx->db, &SQL_event_next, ARGS(V(show_id)), NULL);
    if (!e)
        e = db_i64(tx->db, &SQL_event_head, ARGS(V(show_id)), ret_seq);
    return e == ERR_NOT_FOUND ? ERR_STORE : e; /* every show has its row */
}

/* Whom a commit wakes: one of each show that ever had an event, so that a job names it once. */
struct wake {
    struct room *r;
    int64_t show_id;
    struct wake *next;
};

static void wake_after_commit(void *arg)
{
    const struct wake *w = arg;
    room_wake(w->r, w->show_id);
}

/* Thread: the writer. NULL: out of memory. */
static struct wake *wake_of(struct room *r, int64_t show_id)
{
    struct wake **slot = &r->wakes[((uint64_t)show_id * UINT64_C(0x9e3779b97f4a7c15)) >> 56];
    for (struct wake *w = *slot; w; w = w->next)
        if (w->show_id == show_id)
            return w;
    struct wake *w = calloc(1, sizeof *w);
    if (w) {
        *w = (struct wake){r, show_id, *slot};
        *slot = w;
    }
    return w;
}

void wakes_free(struct room *r)
{
    for (int i = 0; i < HUB_SLOTS; i++) {
        while (r->wakes[i]) {
            struct wake *w = r->wakes[i];
            r->wakes[i] = w->next;
            free(w);
        }
    }
}

enum err event_put_text(struct tx *tx, struct room *r, const struct event *ev, const char *text)
{
    struct wake *w = wake_of(r, ev->show_id);
    if (!w)
        return ERR_NO_MEMORY;
    enum err e =
        db_do(tx->db, &SQL_event_insert,
              ARGS(V(ev->show_id), V(ev->seq), V(ev->type), V(audience_names[ev->audience]),
                   ev->viewer_id ? V(ev->viewer_id) : VNULL, V(tx->cx->now_ms), V(text)),
              NULL);
    if (e)
        return e;
    tx_after_commit(tx, wake_after_commit, w);
    tx_tell(tx, ev->show_id, ev->seq);
    return ERR_OK;
}

enum err event_put(struct tx *tx, struct room *r, const struct event *ev, json_t *data)
{
    /* A bug, not an input: better the job fails than somebody's address goes out. */
    bool leaks = ev->audience == AUDIENCE_ALL && !event_keys_ok(data);
    assert(!leaks);
    char *text = json_text_of(data);
    enum err e = text ? event_put_text(tx, r, ev, text) : ERR_NO_MEMORY;
    free(text);
    return e;
}

enum err event_add(struct tx *tx, struct room *r, const struct event *ev, json_t *data)
{
    struct event numbered = *ev;
    enum err e = event_next(tx, ev->show_id, &numbered.seq);
    if (!e)
        return event_put(tx, r, &numbered, data);
    json_decref(data);
    return e;
}

/* ---- reading ---- */

enum err event_head(struct db *db, int64_t show_id, int64_t *ret_head)
{
    return db_i64(db, &SQL_event_head, ARGS(V(show_id)), ret_head);
}

static enum audience audience_of(const char *name)
{
    for (int i = AUDIENCE_ALL; i < AUDIENCE_STAFF; i++)
        if (strcmp(audience_names[i], name) == 0)
            return (enum audience)i;
    return AUDIENCE_STAFF;
}

enum { EVENT_ARENA = 64 * 1024, EVENTS_PER_ARENA = 32 };

/* Up to EVENTS_PER_ARENA of them; *after moves on, *ret_count says how many there were. */
static enum err each_some(struct db *db, int64_t show_id, int64_t *after, int64_t max,
                          enum err (*fn)(void *arg, const struct event *e), void *arg,
                          int64_t *ret_count)
{
    struct arena *arena = arena_make(EVENTS_PER_ARENA * EVENT_ARENA);
    if (!arena)
        return ERR_NO_MEMORY;
    struct event ev = {.show_id = show_id};
    const char *audience;
    int64_t n = 0;
    enum err e = ERR_OK;
    struct rows rows = db_rows(db, &SQL_events_after, ARGS(V(show_id), V(*after), V(max)));
    while (!e && rows_next(&rows, arena,
                           COLS(C(&ev.seq), C(&ev.type), C(&audience), C(&ev.viewer_id),
                                C(&ev.at_ms), C(&ev.media_at_ms), C(&ev.data)))) {
        ev.audience = audience_of(audience);
        e = fn(arg, &ev);
        *after = ev.seq;
        n++;
    }
    enum err end = rows_end(&rows);
    arena_free(arena);
    *ret_count = n;
    return e ? e : end;
}

enum err event_each(struct db *db, int64_t show_id, int64_t after, int64_t max,
                    enum err (*fn)(void *arg, const struct event *e), void *arg)
{
    while (max > 0) {
        int64_t ask = max < EVENTS_PER_ARENA ? max : EVENTS_PER_ARENA, got;
        enum err e = each_some(db, show_id, &after, ask, fn, arg, &got);
        if (e || got < ask)
            return e;
        max -= got;
    }
    return ERR_OK;
}

/* ---- frames ---- */

enum { FRAME_MAX = 256 * 1024 }; /* a snapshot: 70 KiB of chat, 120 KiB of goods at most */

struct bytes *event_frame(const struct event *ev, bool mine)
{
    struct buf b;
    buf_init(&b, FRAME_MAX);
    if (ev->seq >= 0)
        buf_fmt(&b, "id: %" PRId64 "\ndata: {\"seq\":%" PRId64 ",", ev->seq, ev->seq);
    else
        buf_str(&b, "data: {");
    buf_fmt(&b, "\"type\":\"%s\",\"at\":%" PRId64 ",\"media_at\":%" PRId64 ",\"data\":", ev->type,
            ev->at_ms, ev->media_at_ms);
    size_t len = strlen(ev->data);
    if (mine && len > 2) { /* {…} becomes {…,"mine":true} */
        buf_add(&b, ev->data, len - 1);
        buf_str(&b, ",\"mine\":true}");
    } else {
        buf_add(&b, ev->data, len);
    }
    buf_str(&b, "}\n\n");
    struct bytes *frame = b.failed ? NULL : bytes_make(b.data, b.len);
    buf_done(&b);
    return frame;
}
