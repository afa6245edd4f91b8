/* The hubs: one per show that somebody watches, and the thread that follows the event log. */
#include "base/log.h"
#include "room/room_in.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A big crowd gets what happened within BREATH_MS in one piece. */
enum { HUB_IDLE_TICKS = 120, RETRY_MS = 100, BIG_CROWD = 1000, BREATH_MS = 20 };

/* ---- the table of hubs ---- */

static struct hub **slot_of(struct room *r, int64_t show_id)
{
    return &r->hubs[((uint64_t)show_id * UINT64_C(0x9e3779b97f4a7c15)) >> 56];
}

static struct hub *find_locked(struct room *r, int64_t show_id)
{
    struct hub *h = *slot_of(r, show_id);
    while (h && h->show_id != show_id)
        h = h->next;
    if (h) {
        atomic_fetch_add(&h->refs, 1);
        h->idle_ticks = 0;
    }
    return h;
}

static void hub_free(struct hub *h)
{
    if (!h)
        return;
    for (int i = 0; h->ring && i < HUB_RING; i++) {
        bytes_unref(h->ring[i].frame);
        bytes_unref(h->ring[i].own);
    }
    for (int i = 0; i < SIDE_COUNT; i++)
        bytes_unref(h->side[i]);
    for (int i = 0; h->crowds && i < h->r->loops; i++)
        crowd_free(h->crowds[i]);
    bytes_unref(h->lines.text);
    bytes_unref(h->goods.text);
    free(h->ring);
    free(h->crowds);
    presence_free(h->presence);
    (void)pthread_mutex_destroy(&h->load_lock);
    (void)pthread_mutex_destroy(&h->lock);
    (void)pthread_mutex_destroy(&h->likes.lock);
    (void)pthread_mutex_destroy(&h->lines.lock);
    (void)pthread_mutex_destroy(&h->goods.lock);
    (void)pthread_mutex_destroy(&h->ingest.lock);
    free(h);
}

static struct hub *hub_make(struct room *r, int64_t show_id)
{
    struct hub *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->r = r;
    h->show_id = show_id;
    (void)pthread_mutex_init(&h->load_lock, NULL);
    (void)pthread_mutex_init(&h->lock, NULL);
    (void)pthread_mutex_init(&h->likes.lock, NULL);
    (void)pthread_mutex_init(&h->lines.lock, NULL);
    (void)pthread_mutex_init(&h->goods.lock, NULL);
    (void)pthread_mutex_init(&h->ingest.lock, NULL);
    h->ring = calloc(HUB_RING, sizeof *h->ring);
    h->crowds = calloc(HUB_LOOPS_MAX, sizeof(struct crowd *));
    h->presence = presence_make();
    if (h->ring && h->crowds && h->presence)
        return h;
    hub_free(h);
    return NULL;
}

struct hub *hub_get(struct room *r, int64_t show_id)
{
    (void)pthread_mutex_lock(&r->lock);
    struct hub *h = find_locked(r, show_id);
    if (!h) {
        h = hub_make(r, show_id);
        if (h) {
            struct hub **slot = slot_of(r, show_id);
            h->next = *slot;
            *slot = h;
            atomic_store(&h->refs, 1);
        }
    }
    (void)pthread_mutex_unlock(&r->lock);
    return h;
}

struct hub *hub_find(struct room *r, int64_t show_id)
{
    (void)pthread_mutex_lock(&r->lock);
    struct hub *h = find_locked(r, show_id);
    (void)pthread_mutex_unlock(&r->lock);
    return h;
}

void hub_ref(struct hub *h)
{
    atomic_fetch_add(&h->refs, 1);
}

/* A hub without references stays for a while, with its ring: hub_sweep() frees it. */
void hub_put(struct hub *h)
{
    if (h)
        atomic_fetch_sub(&h->refs, 1);
}

struct hub **hub_all(struct room *r, size_t *ret_count)
{
    size_t n = 0, max = 0;
    (void)pthread_mutex_lock(&r->lock);
    for (int i = 0; i < HUB_SLOTS; i++)
        for (struct hub *h = r->hubs[i]; h; h = h->next)
            max++;
    struct hub **all = max ? calloc(max, sizeof(struct hub *)) : NULL;
    for (int i = 0; all && i < HUB_SLOTS; i++) {
        for (struct hub *h = r->hubs[i]; h; h = h->next) {
            atomic_fetch_add(&h->refs, 1);
            all[n++] = h;
        }
    }
    (void)pthread_mutex_unlock(&r->lock);
    *ret_count = n;
    return all;
}

static bool hub_busy(struct hub *h)
{
    int64_t now, peak;
    if (atomic_load(&h->refs) > 0)
        return true;
    presence_now(h->presence, &now, &peak);
    (void)pthread_mutex_lock(&h->likes.lock);
    bool likes = h->likes.pending > 0;
    (void)pthread_mutex_unlock(&h->likes.lock);
    return now > 0 || likes;
}

void hub_sweep(struct room *r)
{
    (void)pthread_mutex_lock(&r->lock);
    for (int i = 0; i < HUB_SLOTS; i++) {
        for (struct hub **at = &r->hubs[i]; *at;) {
            struct hub *h = *at;
            if (hub_busy(h) || ++h->idle_ticks < HUB_IDLE_TICKS) {
                at = &h->next;
                continue;
            }
            *at = h->next;
            hub_free(h);
        }
    }
    (void)pthread_mutex_unlock(&r->lock);
}

/* ---- filling the ring ---- */

enum err hub_load(struct hub *h, struct db *db)
{
    enum err e = ERR_OK;
    (void)pthread_mutex_lock(&h->load_lock);
    (void)pthread_mutex_lock(&h->lock);
    bool loaded = h->loaded;
    (void)pthread_mutex_unlock(&h->lock);
    if (!loaded) {
        int64_t head = 0;
        e = event_head(db, h->show_id, &head);
        int64_t from = head > HUB_RING ? head - HUB_RING : 0;
        (void)pthread_mutex_lock(&h->lock);
        if (h->head < from) /* a load that failed half-way may have been further */
            h->tail = h->head = from;
        (void)pthread_mutex_unlock(&h->lock);
        if (!e)
            e = event_each(db, h->show_id, from, HUB_RING, ring_add, h);
        (void)pthread_mutex_lock(&h->lock);
        h->loaded = !e;
        (void)pthread_mutex_unlock(&h->lock);
    }
    (void)pthread_mutex_unlock(&h->load_lock);
    if (!loaded && !e)
        room_wake(h->r, h->show_id); /* what was committed while we read */
    return e;
}

void hub_side(struct hub *h, enum side side, struct bytes *frame)
{
    if (!frame)
        return;
    (void)pthread_mutex_lock(&h->lock);
    struct bytes *old = h->side[side];
    h->side[side] = frame;
    h->side_no[side]++;
    (void)pthread_mutex_unlock(&h->lock);
    bytes_unref(old);
    crowd_wake_all(h);
}

/* ---- following the log ---- */

static void enqueue_locked(struct room *r, struct hub *h)
{
    if (h->dirty)
        return;
    h->dirty = true;
    h->dirty_next = NULL;
    atomic_fetch_add(&h->refs, 1);
    if (r->dirty_last)
        r->dirty_last->dirty_next = h;
    else
        r->dirty_first = h;
    r->dirty_last = h;
    (void)pthread_cond_signal(&r->wake);
}

void room_wake(struct room *r, int64_t show_id)
{
    (void)pthread_mutex_lock(&r->lock);
    struct hub *h = find_locked(r, show_id);
    if (h) {
        enqueue_locked(r, h);
        atomic_fetch_sub(&h->refs, 1); /* the queue has its own */
    }
    (void)pthread_mutex_unlock(&r->lock);
}

static void wake_all(struct room *r)
{
    size_t n;
    struct hub **all = hub_all(r, &n);
    for (size_t i = 0; i < n; i++) {
        room_wake(r, all[i]->show_id);
        hub_put(all[i]);
    }
    free(all);
}

/* What another process has committed; `about` 0: anything, while we could not hear it. */
static void heard(void *arg, int64_t about, int64_t n)
{
    struct room *r = arg;
    if (!about || n == HEARD_WORDS)
        atomic_fetch_add(&r->words.epoch, 1);
    if (!about)
        wake_all(r);
    else if (n > 0)
        room_wake(r, about);
}

static enum err catch_up(struct hub *h)
{
    (void)pthread_mutex_lock(&h->lock);
    bool loaded = h->loaded;
    int64_t head = h->head;
    (void)pthread_mutex_unlock(&h->lock);
    if (!loaded)
        return ERR_OK; /* hub_load() wakes us again */
    struct db *db;
    enum err e = store_read(h->r->store, &db);
    if (e)
        return e;
    e = event_each(db, h->show_id, head, INT64_MAX, ring_add, h);
    store_read_end(db);
    crowd_wake_all(h);
    return e;
}

static void pause_locked(struct room *r)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += RETRY_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    (void)pthread_cond_timedwait(&r->wake, &r->lock, &until);
}

/*
 * Each wake-up of a big crowd goes through all of it: what comes next is waited for a little. Once
 * for all hubs that are dirty then, so that a busy show is not paid for by the others.
 */
static void breathe(const struct room *r)
{
    const struct timespec breath = {.tv_nsec = BREATH_MS * 1000000L};
    if (atomic_load(&r->stats.subscribers) >= BIG_CROWD)
        (void)nanosleep(&breath, NULL);
}

/* The hubs that are dirty now, as a list of their own; they may become dirty again meanwhile. */
static struct hub *take_dirty_locked(struct room *r)
{
    struct hub *first = r->dirty_first;
    r->dirty_first = r->dirty_last = NULL;
    for (struct hub *h = first; h; h = h->dirty_next)
        h->round_next = h->dirty_next;
    for (struct hub *h = first; h; h = h->round_next)
        h->dirty = false;
    return first;
}

/* ERR_OK, or what the last hub that failed said: it is in the list again. */
static enum err catch_up_all(struct room *r, struct hub *first)
{
    enum err failed = ERR_OK;
    for (struct hub *h = first, *next; h; h = next) {
        next = h->round_next;
        enum err e = catch_up(h);
        if (e) {
            failed = e;
            room_wake(r, h->show_id);
        }
        hub_put(h);
    }
    return failed;
}

static void *follow(void *arg)
{
    struct room *r = arg;
    (void)pthread_mutex_lock(&r->lock);
    for (;;) {
        while (!r->dirty_first && !r->stop)
            (void)pthread_cond_wait(&r->wake, &r->lock);
        if (r->stop)
            break;
        (void)pthread_mutex_unlock(&r->lock);
        breathe(r);
        (void)pthread_mutex_lock(&r->lock);
        struct hub *round = take_dirty_locked(r);
        (void)pthread_mutex_unlock(&r->lock);
        enum err e = catch_up_all(r, round);
        (void)pthread_mutex_lock(&r->lock);
        if (e)
            pause_locked(r);
    }
    (void)pthread_mutex_unlock(&r->lock);
    return NULL;
}

enum err hub_start(struct room *r)
{
    if (pthread_create(&r->follower, NULL, follow, r))
        return ERR_INTERNAL;
    r->started = true;
    return store_listen(r->store, heard, r);
}

void hub_stop(struct room *r)
{
    if (r->started)
        store_listen_end(r->store);
    (void)pthread_mutex_lock(&r->lock);
    r->stop = true;
    (void)pthread_cond_broadcast(&r->wake);
    (void)pthread_mutex_unlock(&r->lock);
    if (r->started)
        (void)pthread_join(r->follower, NULL);
    for (int i = 0; i < HUB_SLOTS; i++) {
        while (r->hubs[i]) {
            struct hub *h = r->hubs[i];
            r->hubs[i] = h->next;
            hub_free(h);
        }
    }
}
