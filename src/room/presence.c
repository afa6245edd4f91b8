/* Who is watching: distinct viewers by heartbeat, how far behind they are; and hearts. */
#include "account/limit.h"
#include "base/arena.h"
#include "base/crypto.h"
#include "base/log.h"
#include "room/room_in.h"
#include "room/show.sql.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table of viewers of one show ---- */

enum {
    HERE_MS = 30000,
    TELL_MS = 5000,
    TABLE_MIN = 64,
    TABLE_MAX = 1 << 18, /* half of it is used: 131,072 viewers of one show */
    DELAY_STEP_MS = 100,
    DELAY_STEPS = 600
};

struct seen {
    uint64_t key; /* 0: free */
    int64_t at_ms;
    int32_t delay_ms; /* -1: did not say */
    bool kept;        /* counted among those who have watched (audience.c) */
};

struct presence {
    pthread_mutex_t lock;
    struct seen *table;
    size_t size, used;
    int64_t now, peak, p95;
    int64_t told_now, told_peak, told_ms;
    int64_t full_ms; /* when the largest table was last found full */
};

struct presence *presence_make(void)
{
    struct presence *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->size = TABLE_MIN;
    p->p95 = -1;
    p->table = calloc(p->size, sizeof *p->table);
    if (!p->table) {
        free(p);
        return NULL;
    }
    (void)pthread_mutex_init(&p->lock, NULL);
    return p;
}

void presence_free(struct presence *p)
{
    if (!p)
        return;
    (void)pthread_mutex_destroy(&p->lock);
    free(p->table);
    free(p);
}

static struct seen *place_of(struct seen *table, size_t size, uint64_t key)
{
    size_t i = (size_t)key & (size - 1);
    while (table[i].key && table[i].key != key)
        i = (i + 1) & (size - 1);
    return &table[i];
}

/* A table for `wanted` viewers with those that are still here. Without memory all stays. */
static void rebuild_locked(struct presence *p, size_t wanted, int64_t now_ms)
{
    size_t size = TABLE_MIN;
    while (size < TABLE_MAX && size < wanted * 4)
        size *= 2;
    struct seen *fresh = calloc(size, sizeof *fresh);
    if (!fresh)
        return;
    size_t used = 0;
    for (size_t i = 0; i < p->size && used < size / 2; i++) {
        const struct seen *s = &p->table[i];
        if (s->key && s->at_ms > now_ms - HERE_MS) {
            *place_of(fresh, size, s->key) = *s;
            used++;
        }
    }
    free(p->table);
    p->table = fresh;
    p->size = size;
    p->used = used;
}

/* A table that cannot grow is gone through once a second, not for every viewer over its size. */
static bool may_rebuild_locked(struct presence *p, int64_t now_ms)
{
    if (p->size < TABLE_MAX)
        return true;
    bool due = now_ms - p->full_ms >= 1000 || now_ms < p->full_ms;
    if (due)
        p->full_ms = now_ms;
    return due;
}

/* One viewer on two devices is one; a device without a viewer is one. 0: nobody. */
static uint64_t key_of(const struct room_who *who)
{
    unsigned char sum[SHA256_LEN];
    char text[ID_TEXT + 8];
    uint64_t key;
    if (who->viewer_id)
        (void)snprintf(text, sizeof text, "v%" PRId64, who->viewer_id);
    else if (who->device)
        (void)snprintf(text, sizeof text, "d%s", who->device);
    else
        return 0;
    crypto_sha256(text, strlen(text), sum);
    memcpy(&key, sum, sizeof key);
    return key ? key : 1;
}

void presence_beat(struct presence *p, const struct room_who *who, int64_t now_ms, int64_t delay_ms)
{
    uint64_t key = key_of(who);
    if (!key)
        return;
    (void)pthread_mutex_lock(&p->lock);
    if (p->used >= p->size / 2 && may_rebuild_locked(p, now_ms))
        rebuild_locked(p, p->used, now_ms);
    struct seen *s = place_of(p->table, p->size, key);
    if (s->key || p->used < p->size / 2) {
        bool fresh = !s->key || s->at_ms <= now_ms - HERE_MS;
        p->used += !s->key;
        p->now += fresh;
        if (p->now > p->peak)
            p->peak = p->now;
        *s = (struct seen){key, now_ms, delay_ms < 0 ? -1 : (int32_t)delay_ms, s->key && s->kept};
    }
    (void)pthread_mutex_unlock(&p->lock);
}

size_t presence_new(struct presence *p, uint64_t *keys, size_t max)
{
    size_t n = 0;
    (void)pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < p->size && n < max; i++)
        if (p->table[i].key && !p->table[i].kept)
            keys[n++] = p->table[i].key;
    (void)pthread_mutex_unlock(&p->lock);
    return n;
}

void presence_keep(struct presence *p, const uint64_t *keys, size_t n)
{
    (void)pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < n; i++) {
        struct seen *s = place_of(p->table, p->size, keys[i]);
        s->kept = s->key != 0;
    }
    (void)pthread_mutex_unlock(&p->lock);
}

void presence_now(struct presence *p, int64_t *ret_now, int64_t *ret_peak)
{
    (void)pthread_mutex_lock(&p->lock);
    *ret_now = p->now;
    *ret_peak = p->peak;
    (void)pthread_mutex_unlock(&p->lock);
}

void presence_peak(struct presence *p, int64_t peak)
{
    (void)pthread_mutex_lock(&p->lock);
    if (peak > p->peak)
        p->peak = peak;
    (void)pthread_mutex_unlock(&p->lock);
}

int64_t presence_p95(struct presence *p)
{
    (void)pthread_mutex_lock(&p->lock);
    int64_t p95 = p->p95;
    (void)pthread_mutex_unlock(&p->lock);
    return p95;
}

/* The upper end of the step in which the 95th of 100 viewers is. */
static int64_t p95_of(const uint32_t steps[DELAY_STEPS], uint64_t count)
{
    uint64_t below = 0;
    for (int i = 0; i < DELAY_STEPS; i++) {
        below += steps[i];
        if (count && below * 100 >= count * 95)
            return (int64_t)(i + 1) * DELAY_STEP_MS;
    }
    return -1;
}

static void count_locked(struct presence *p, int64_t now_ms)
{
    uint32_t steps[DELAY_STEPS] = {0};
    uint64_t says = 0;
    p->now = 0;
    for (size_t i = 0; i < p->size; i++) {
        const struct seen *s = &p->table[i];
        if (!s->key || s->at_ms <= now_ms - HERE_MS)
            continue;
        p->now++;
        if (s->delay_ms < 0)
            continue;
        int32_t step = s->delay_ms / DELAY_STEP_MS;
        steps[step < DELAY_STEPS ? step : DELAY_STEPS - 1]++;
        says++;
    }
    p->p95 = p95_of(steps, says);
}

bool presence_tick(struct presence *p, int64_t now_ms)
{
    (void)pthread_mutex_lock(&p->lock);
    count_locked(p, now_ms);
    if (p->used - (size_t)p->now > p->size / 8)
        rebuild_locked(p, (size_t)p->now, now_ms);
    bool tell = (p->now != p->told_now || p->peak != p->told_peak) &&
                (now_ms - p->told_ms >= TELL_MS || now_ms < p->told_ms);
    if (tell) {
        p->told_now = p->now;
        p->told_peak = p->peak;
        p->told_ms = now_ms;
    }
    (void)pthread_mutex_unlock(&p->lock);
    return tell;
}

/* ---- counts of a show ---- */

struct room_counts room_counts(struct room *r, const struct show *s)
{
    struct room_counts n = {.peak = s->peak, .likes = s->likes};
    struct hub *h = hub_find(r, s->id);
    if (!h)
        return n;
    int64_t peak;
    presence_now(h->presence, &n.now, &peak);
    if (peak > n.peak)
        n.peak = peak;
    (void)pthread_mutex_lock(&h->likes.lock);
    if (h->likes.total > n.likes)
        n.likes = h->likes.total;
    (void)pthread_mutex_unlock(&h->likes.lock);
    hub_put(h);
    return n;
}

/* The hub of a show that was just read; it learns what is stored. */
static struct hub *hub_of(struct room *r, const struct show *s)
{
    struct hub *h = hub_get(r, s->id);
    if (!h)
        return NULL;
    presence_peak(h->presence, s->peak);
    (void)pthread_mutex_lock(&h->likes.lock);
    if (h->likes.total < s->likes)
        h->likes.total = s->likes;
    (void)pthread_mutex_unlock(&h->likes.lock);
    return h;
}

enum err room_heartbeat(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                        const char *show, int64_t delay_ms)
{
    struct show s;
    enum err e = show_find(r, db, cx, who, show, &s);
    if (e)
        return e;
    struct hub *h = hub_of(r, &s);
    if (!h)
        return ERR_NO_MEMORY;
    bool sane = delay_ms >= 0 && delay_ms <= INT64_C(600) * 1000;
    presence_beat(h->presence, who, cx->now_ms, sane ? delay_ms : -1);
    hub_put(h);
    return ERR_OK;
}

int64_t room_delay_p95_ms(struct room *r, const struct show *s)
{
    struct hub *h = hub_find(r, s->id);
    int64_t p95 = h ? presence_p95(h->presence) : -1;
    hub_put(h);
    return p95;
}

/* ---- hearts ---- */

static enum err like_allowed(struct room *r, struct cx *cx, const struct room_who *who,
                             int64_t *ret_wait_ms)
{
    char key[ID_TEXT + 8];
    if (who->viewer_id)
        (void)snprintf(key, sizeof key, "%" PRId64, who->viewer_id);
    else
        (void)snprintf(key, sizeof key, "%.40s", who->device ? who->device : "");
    enum err e = limit_take_both(r->limits, LIMIT_LIKE_VIEWER, key, LIMIT_LIKE_ADDR, who->fence,
                                 cx->now_ms, ret_wait_ms);
    return e ? problem(cx, e, "hearts come too quickly") : ERR_OK;
}

enum err room_like(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                   const char *show, int64_t n, int64_t *ret_wait_ms)
{
    struct show s;
    if (n < 1 || n > LIKES_PER_CALL_MAX)
        return problem(cx, ERR_INPUT, "'n' must be 1 to %d", LIKES_PER_CALL_MAX);
    enum err e = show_find(r, db, cx, who, show, &s);
    if (!e)
        e = like_allowed(r, cx, who, ret_wait_ms);
    if (e)
        return e;
    struct hub *h = hub_of(r, &s);
    if (!h)
        return ERR_NO_MEMORY;
    (void)pthread_mutex_lock(&h->likes.lock);
    h->likes.total += n;
    h->likes.burst += n;
    h->likes.pending += n;
    (void)pthread_mutex_unlock(&h->likes.lock);
    hub_put(h);
    return ERR_OK;
}

/* ---- once a second ---- */

static void tell(struct hub *h, enum side side, const char *type, int64_t now_ms, const char *data)
{
    const struct event ev = {
        .seq = -1, .type = type, .at_ms = now_ms, .media_at_ms = now_ms, .data = data};
    hub_side(h, side, event_frame(&ev, false));
}

static void tell_likes(struct hub *h, int64_t now_ms)
{
    char data[80];
    (void)pthread_mutex_lock(&h->likes.lock);
    int64_t n = h->likes.burst, total = h->likes.total;
    h->likes.burst = 0;
    (void)pthread_mutex_unlock(&h->likes.lock);
    if (!n)
        return;
    (void)snprintf(data, sizeof data, "{\"n\":%" PRId64 ",\"total\":%" PRId64 "}", n, total);
    tell(h, SIDE_LIKES, "like.burst", now_ms, data);
}

static void tell_viewers(struct hub *h, int64_t now_ms)
{
    char data[80];
    int64_t now, peak;
    if (!presence_tick(h->presence, now_ms))
        return;
    presence_now(h->presence, &now, &peak);
    (void)snprintf(data, sizeof data, "{\"now\":%" PRId64 ",\"peak\":%" PRId64 "}", now, peak);
    tell(h, SIDE_VIEWERS, "viewers.count", now_ms, data);
}

struct counts_job {
    int64_t show_id, likes, peak;
};

static enum err counts_run(struct tx *tx, void *arg)
{
    const struct counts_job *j = arg;
    return db_do(tx->db, &SQL_show_add_counts, ARGS(V(j->likes), V(j->peak), V(j->show_id)), NULL);
}

void hub_flush(struct hub *h, int64_t now_ms)
{
    struct counts_job j = {.show_id = h->show_id};
    int64_t now;
    (void)pthread_mutex_lock(&h->likes.lock);
    j.likes = h->likes.pending;
    h->likes.pending = 0;
    (void)pthread_mutex_unlock(&h->likes.lock);
    presence_now(h->presence, &now, &j.peak);
    if (!j.likes && j.peak <= h->stored_peak)
        return;
    struct cx cx = {.arena = arena_make(4096), .now_ms = now_ms};
    enum err e =
        cx.arena ? store_do(h->r->store, &cx, "room.counts", counts_run, &j) : ERR_NO_MEMORY;
    arena_free(cx.arena);
    if (!e) {
        h->stored_peak = j.peak;
        return;
    }
    (void)pthread_mutex_lock(&h->likes.lock);
    h->likes.pending += j.likes; /* at the next tick */
    (void)pthread_mutex_unlock(&h->likes.lock);
    log_warn("counts not stored", LOG_S("err", err_api(e)), LOG_I("show", h->show_id));
}

enum { FLUSH_TICKS = 5 };

void hub_tick(struct hub *h, int64_t now_ms)
{
    tell_viewers(h, now_ms);
    tell_likes(h, now_ms);
    audience_tick(h, now_ms);
    if (++h->ticks % FLUSH_TICKS == 0)
        hub_flush(h, now_ms);
}
