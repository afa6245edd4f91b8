#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "media/packager.h"
#include "net/pool.h"
#include "streamd/origin/origin_in.h"
#include <assert.h>
#include <semaphore.h>

enum { TELL_AGAIN_MS = 5 * 60 * 1000 }; /* a disk that comes and goes is told of so often */

struct broadcast *broadcast_ref(struct broadcast *b)
{
    atomic_fetch_add(&b->refs, 1);
    return b;
}

void broadcast_unref(struct broadcast *b)
{
    if (!b || atomic_fetch_sub(&b->refs, 1) != 1)
        return;
    packager_free(b->packager);
    recorder_free(b->recorder);
    atomic_fetch_sub(&b->o->broadcasts, 1);
    free(b);
}

/* The only place where the state changes. */
static void become(struct broadcast *b, enum broadcast_state state)
{
    static const bool may[4][4] = {
        [BROADCAST_OPENING] = {[BROADCAST_WAITING] = true, [BROADCAST_FINISHED] = true},
        [BROADCAST_WAITING] = {[BROADCAST_ON_AIR] = true, [BROADCAST_FINISHED] = true},
        [BROADCAST_ON_AIR] = {[BROADCAST_WAITING] = true},
    };
    assert(may[b->state][state]);
    b->state = state;
    atomic_store(&b->on_air, state == BROADCAST_ON_AIR);
}

/* ---- the list ---- */

static struct broadcast *find_locked(struct origin *o, const char *video_uid)
{
    for (struct broadcast *b = o->first; b; b = b->next)
        if (strcmp(b->video_uid, video_uid) == 0)
            return broadcast_ref(b);
    return NULL;
}

struct broadcast *broadcast_find(struct origin *o, const char *video_uid)
{
    pthread_mutex_lock(&o->lock);
    struct broadcast *b = find_locked(o, video_uid);
    pthread_mutex_unlock(&o->lock);
    return b;
}

void broadcast_unlist(struct broadcast *b)
{
    struct origin *o = b->o;
    pthread_mutex_lock(&o->lock);
    struct broadcast **at = &o->first;
    while (*at && *at != b)
        at = &(*at)->next;
    bool listed = *at != NULL;
    if (listed)
        *at = b->next;
    pthread_mutex_unlock(&o->lock);
    if (listed)
        broadcast_unref(b);
}

bool broadcast_on_air(struct origin *o, const char *video_uid)
{
    struct broadcast *b = broadcast_find(o, video_uid);
    bool on_air = b && atomic_load(&b->on_air);
    broadcast_unref(b);
    return on_air;
}

static struct loop *home_of(struct broadcast *b)
{
    pthread_mutex_lock(&b->o->lock);
    struct loop *home = b->home;
    pthread_mutex_unlock(&b->o->lock);
    return home;
}

/* ---- what the packager makes ---- */

static void on_init(void *arg, unsigned version, struct bytes *init, const struct media_info *info)
{
    struct broadcast *b = arg;
    struct news_item *it = news_add(b, NEWS_INIT);
    if (it) {
        it->version = version;
        it->init = bytes_ref(init);
        it->info = *info;
    }
    if (b->recorder)
        recorder_add_init(b->recorder, version, init, info);
}

static void on_part(void *arg, const struct media_part *part)
{
    struct broadcast *b = arg;
    struct news_item *it = news_add(b, NEWS_PART);
    if (it) {
        it->part = *part;
        bytes_ref(part->bytes);
    }
    if (b->recorder)
        recorder_add_part(b->recorder, part);
    atomic_fetch_add(&b->o->parts, 1);
    atomic_fetch_add(&b->o->part_bytes, (long long)part->bytes->len);
}

static void on_segment_end(void *arg, uint64_t msn, const struct packager_resume *next)
{
    struct broadcast *b = arg;
    struct news_item *it = news_add(b, NEWS_SEGMENT_END);
    if (it)
        it->msn = msn;
    if (b->recorder)
        recorder_add_next(b->recorder, next);
}

static void on_ready(void *arg, unsigned target_s, int64_t part_target)
{
    struct broadcast *b = arg;
    struct news_item *it = news_add(b, NEWS_READY);
    if (it) {
        it->target_s = target_s;
        it->part_target = part_target;
    }
    if (b->recorder)
        recorder_add_targets(b->recorder, target_s, part_target);
}

/* An input that does not record is packaged for its figures only. */
static void no_init(void *arg, unsigned version, struct bytes *init, const struct media_info *info)
{
    (void)arg, (void)version, (void)init, (void)info;
}

static void no_part(void *arg, const struct media_part *part)
{
    (void)arg, (void)part;
}

static void no_segment_end(void *arg, uint64_t msn, const struct packager_resume *next)
{
    (void)arg, (void)msn, (void)next;
}

static void no_ready(void *arg, unsigned target_s, int64_t part_target)
{
    (void)arg, (void)target_s, (void)part_target;
}

static bool make_packager(struct broadcast *b)
{
    static const struct packager_sink sink = {on_init, on_part, on_segment_end, on_ready};
    static const struct packager_sink deaf = {no_init, no_part, no_segment_end, no_ready};
    struct packager_opts opts = {.part_ms = b->o->part_ms, .resume = b->resume};
    b->packager = packager_make(&opts, b->record ? &sink : &deaf, b);
    return b->packager != NULL;
}

/* ---- opening and taking over ---- */

static void answer_claim(struct claim *c, struct broadcast *b, enum err e)
{
    struct broadcast_ask ask = c->ask;
    broadcast_unref(c->b);
    free(c);
    ask.opened(ask.arg, b, e);
}

static void refuse_here(void *arg)
{
    answer_claim(arg, NULL, ERR_BUSY);
}

/* The claim may have come from another loop: its answer belongs there. */
static void refuse(struct claim *c)
{
    loop_post_mail(c->from, &c->mail, refuse_here, c);
}

static void release(struct broadcast *b)
{
    packager_stop(b->packager);
    become(b, BROADCAST_WAITING);
    news_send(b);
}

/* The publisher that feeds it hears that it does no longer. */
static void evict(struct broadcast *b, const char *reason)
{
    struct broadcast_ask old = b->owner;
    release(b);
    old.lost(old.arg, reason);
}

static void grant(struct broadcast *b, struct claim *c)
{
    become(b, BROADCAST_ON_AIR);
    b->owner = c->ask;
    packager_begin(b->packager);
    news_send(b);
    answer_claim(c, b, ERR_OK);
}

/* A claim goes to the broadcast's loop, and with the broadcast back to the publisher's. */
static void claim_arrives(void *arg)
{
    struct claim *c = arg;
    struct broadcast *b = c->b;
    struct loop *home = home_of(b);
    if (home != loop_here()) {
        loop_post_mail(home, &c->mail, claim_arrives, c);
        return;
    }
    /* The library knows the last turn only, so an older one may not have it, however late it is;
     * nor may one that was meant by a kick and was between two loops when that came. */
    if (b->state == BROADCAST_FINISHED || c->ask.turn.generation < b->generation ||
        c->kicks != atomic_load(&b->kicks)) {
        refuse(c);
        return;
    }
    b->generation = c->ask.turn.generation;
    if (b->state == BROADCAST_OPENING) {
        if (b->pending)
            refuse(b->pending);
        b->pending = c;
        return;
    }
    if (b->state == BROADCAST_ON_AIR)
        evict(b, "taken over");
    if (c->from == home) {
        grant(b, c);
        return;
    }
    pthread_mutex_lock(&b->o->lock);
    b->home = c->from;
    pthread_mutex_unlock(&b->o->lock);
    loop_post_mail(c->from, &c->mail, claim_arrives, c);
}

/* On the home loop, after the recording was opened. */
static void prepared(void *arg)
{
    struct broadcast *b = arg;
    struct claim *c = b->pending;
    b->pending = NULL;
    if (!make_packager(b)) {
        become(b, BROADCAST_FINISHED);
        broadcast_unlist(b);
        if (c)
            refuse(c);
        broadcast_unref(b);
        return;
    }
    become(b, BROADCAST_WAITING);
    struct news_item *it = b->record && !b->news ? news_add(b, NEWS_OPEN) : NULL;
    if (it) {
        it->msn = b->resume.msn;
        it->discontinuity = b->resume.discontinuity;
    }
    news_send(b);
    if (c)
        claim_arrives(c);
    broadcast_unref(b);
}

static void on_trouble(void *arg)
{
    struct broadcast *b = arg;
    log_error("recording cannot be written", LOG_S("video", b->video_uid));
    int64_t now = clock_mono_ms();
    long long told = atomic_load(&b->told_ms);
    if ((!told || now - told >= TELL_AGAIN_MS) &&
        atomic_compare_exchange_strong(&b->told_ms, &told, now))
        library_errored(b->o->library, b->input_uid, "ERR_STORAGE_QUOTA_EXHAUSTED",
                        "the recording cannot be written; the broadcast goes on", "", "");
}

/* A worker. Without a recording the broadcast goes on all the same. */
static void prepare(void *arg)
{
    struct broadcast *b = arg;
    char dir[REC_PATH_MAX];
    struct recorder_conf conf = {.dir = dir,
                                 .pool = b->o->pool,
                                 .queue_max = b->o->queue_max,
                                 .failures = &b->o->disk_errors,
                                 .on_trouble = on_trouble,
                                 .arg = b};
    if (!origin_video_dir(b->o, b->video_uid, dir) ||
        recorder_open(&conf, &b->recorder, &b->resume) != ERR_OK) {
        atomic_fetch_add(&b->o->disk_errors, 1);
        on_trouble(b);
    }
    if (b->recorder && b->resume.msn)
        tail_read(b, dir);
    shelf_forget(b->o->shelf, b->video_uid); /* what grows is read anew */
    loop_post_mail(b->home, &b->mail, prepared, b);
}

static struct broadcast *make(struct origin *o, const char *input_uid, const char *video_uid,
                              bool record)
{
    struct broadcast *b = calloc(1, sizeof(*b));
    if (!b)
        return NULL;
    atomic_init(&b->refs, 1); /* the list's */
    b->o = o;
    b->record = record;
    b->home = loop_here();
    text_copy(b->input_uid, UID_TEXT, input_uid);
    text_copy(b->video_uid, UID_TEXT, video_uid);
    atomic_fetch_add(&o->broadcasts, 1);
    return b;
}

/* The one of this video, or a new one on this loop; with a reference. NULL: no memory, stopping. */
static struct broadcast *find_or_make(struct origin *o, const char *input_uid,
                                      const char *video_uid, bool record, bool *ret_fresh)
{
    pthread_mutex_lock(&o->lock);
    struct broadcast *b = o->stopping ? NULL : find_locked(o, video_uid);
    *ret_fresh = !b && !o->stopping;
    if (*ret_fresh && (b = make(o, input_uid, video_uid, record))) {
        broadcast_ref(b);
        b->next = o->first;
        o->first = b;
    }
    pthread_mutex_unlock(&o->lock);
    return b;
}

static void begin_opening(struct broadcast *b)
{
    broadcast_ref(b); /* of prepared() */
    if (!b->record || pool_run(b->o->pool, prepare, b) != ERR_OK)
        loop_post_mail(b->home, &b->mail, prepared, b);
}

enum err broadcast_open(struct origin *o, const struct broadcast_ask *ask)
{
    assert(o && ask && ask->opened && ask->lost && loop_here());
    struct claim *c = calloc(1, sizeof(*c));
    if (!c)
        return ERR_NO_MEMORY;
    bool fresh;
    c->ask = *ask;
    c->from = loop_here();
    c->b = find_or_make(o, ask->conf.uid, ask->turn.video_uid, ask->turn.record, &fresh);
    if (!c->b) {
        free(c);
        return ERR_NO_MEMORY;
    }
    c->kicks = atomic_load(&c->b->kicks);
    if (fresh) {
        c->b->generation = ask->turn.generation;
        c->b->pending = c;
        begin_opening(c->b);
    } else {
        loop_post_mail(c->from, &c->mail, claim_arrives, c);
    }
    return ERR_OK;
}

void broadcast_revive(struct origin *o, const struct playback *pb)
{
    bool fresh;
    struct broadcast *b = find_or_make(o, pb->input_uid, pb->video_uid, true, &fresh);
    if (b && fresh)
        begin_opening(b);
    broadcast_unref(b);
}

/* ---- on air ---- */

enum err broadcast_take(struct broadcast *b, enum flv_type type, uint32_t ts_ms,
                        const uint8_t *body, size_t len)
{
    assert(b->state == BROADCAST_ON_AIR && b->home == loop_here());
    enum err e = packager_take(b->packager, type, ts_ms, body, len, clock_unix_ms());
    news_send(b);
    return e;
}

const struct packager_stats *broadcast_stats(const struct broadcast *b)
{
    return packager_stats(b->packager);
}

const struct media_info *broadcast_info(const struct broadcast *b)
{
    return packager_info(b->packager);
}

void broadcast_close(struct broadcast *b)
{
    assert(b->state == BROADCAST_ON_AIR && b->home == loop_here());
    release(b);
    if (b->record)
        return; /* waits for its publisher to come back, or for origin_finish() */
    become(b, BROADCAST_FINISHED);
    broadcast_unlist(b);
}

/* ---- ends that come from other threads ---- */

struct order {
    struct loop_mail mail;
    struct broadcast *b; /* a reference */
    void (*run)(struct order *order);
    const char *reason; /* kick: static or the order's own */
    char text[64];
    bool complete; /* finish */
    sem_t done;
    enum err e;
};

static void order_arrives(void *arg)
{
    struct order *order = arg;
    struct loop *home = home_of(order->b);
    if (home == loop_here())
        order->run(order);
    else
        loop_post_mail(home, &order->mail, order_arrives, order);
}

static void run_kick(struct order *order)
{
    struct broadcast *b = order->b;
    if (b->state == BROADCAST_ON_AIR) {
        evict(b, order->text);
        if (!b->record) {
            become(b, BROADCAST_FINISHED);
            broadcast_unlist(b);
        }
    } else if (b->pending) {
        refuse(b->pending);
        b->pending = NULL;
    }
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the order holds a reference of its own */
    broadcast_unref(b);
    free(order);
}

void broadcast_kick(struct broadcast *b, const char *reason)
{
    struct order *order = calloc(1, sizeof(*order));
    if (!order)
        return; /* its publisher stays until it goes by itself */
    atomic_fetch_add(&b->kicks, 1);
    order->b = broadcast_ref(b);
    order->run = run_kick;
    text_copy(order->text, sizeof(order->text), reason);
    loop_post_mail(home_of(b), &order->mail, order_arrives, order);
}

static void run_finish(struct order *order)
{
    struct broadcast *b = order->b;
    if (b->state == BROADCAST_WAITING) {
        /* One that goes on after a restart has no end: its players shall ask again. */
        if (order->complete) {
            packager_finish(b->packager);
            news_add(b, NEWS_END);
        }
        become(b, BROADCAST_FINISHED);
        news_send(b);
    }
    order->e = b->state == BROADCAST_FINISHED ? ERR_OK : ERR_CONFLICT;
    sem_post(&order->done);
}

enum err broadcast_finish(struct broadcast *b, bool complete)
{
    assert(!loop_here());
    struct order order = {.b = b, .run = run_finish, .complete = complete};
    sem_init(&order.done, 0, 0);
    loop_post_mail(home_of(b), &order.mail, order_arrives, &order);
    while (sem_wait(&order.done))
        ;
    sem_destroy(&order.done);
    if (order.e)
        return order.e;
    pthread_mutex_lock(&b->o->lock);
    struct recorder *r = b->recorder; /* the loop is done with it */
    b->recorder = NULL;
    pthread_mutex_unlock(&b->o->lock);
    enum err e = r ? recorder_close(r, complete) : ERR_OK;
    recorder_free(r);
    return e;
}
