/*
 * origin_in - the origin's own parts: what is shared by all loops, a broadcast, a loop's views.
 *
 * Thread: struct origin after origin_make() is read-only but for `lock` and atomics. A broadcast
 *         belongs to its home loop, a seat and its views to one loop each. They meet by mail only:
 *         a broadcast sends `news` to every loop, and each applies it to its own view.
 * Locks:  origin.lock (the list of broadcasts and their homes) is held for moments and never
 *         together with another; no viewer's request takes it.
 */
#pragma once
#include "base/bytes.h"
#include "media/playlist.h"
#include "net/http.h"
#include "net/loop.h"
#include "streamd/origin/broadcast.h"
#include "streamd/origin/index_in.h"
#include "streamd/origin/origin.h"
#include "streamd/origin/recorder_in.h"
#include <pthread.h>
#include <stdatomic.h>

struct census;
struct crowd;
struct shelf;
struct stills;

enum {
    VIEW_BUCKETS = 256,
    VIEW_LINGER_MS = 60 * 1000, /* an ended broadcast stays, so that players see its end */
    VIEW_CHECK_MS = 1000,       /* how old a view's knowledge of who may watch gets */
};

/* What happened to a broadcast, for every loop. */
enum news_kind { NEWS_OPEN, NEWS_INIT, NEWS_PART, NEWS_SEGMENT_END, NEWS_READY, NEWS_END };

struct news_item {
    enum news_kind kind;
    unsigned version;       /* NEWS_INIT */
    unsigned target_s;      /* NEWS_READY */
    int64_t part_target;    /* NEWS_READY */
    uint64_t msn;           /* NEWS_SEGMENT_END; NEWS_OPEN: of the first segment */
    uint64_t discontinuity; /* NEWS_OPEN */
    struct bytes *init;     /* NEWS_INIT: a reference */
    struct media_info info; /* NEWS_INIT */
    struct media_part part; /* NEWS_PART: with a reference */
};

struct news {
    atomic_uint refs;
    struct origin *o;
    char input_uid[UID_TEXT], video_uid[UID_TEXT];
    size_t n, cap;
    struct news_item *item;
    struct loop_mail *mail; /* one a loop */
};

enum broadcast_state {
    BROADCAST_OPENING,  /* a worker opens its recording */
    BROADCAST_WAITING,  /* no publisher: between two, or before the first */
    BROADCAST_ON_AIR,   /* `owner` feeds it */
    BROADCAST_FINISHED, /* over; in the list no more, or about to leave it */
};

/* A publisher on its way to a broadcast. */
struct claim {
    struct loop_mail mail;
    struct broadcast *b; /* a reference */
    struct broadcast_ask ask;
    struct loop *from;
    unsigned kicks; /* of the broadcast when it was asked for */
};

struct broadcast {
    atomic_uint refs;
    struct origin *o;
    char input_uid[UID_TEXT], video_uid[UID_TEXT];
    bool record;
    struct broadcast *next; /* origin.lock */
    struct loop *home;      /* origin.lock to write; its loop reads without */
    atomic_bool on_air;
    atomic_llong told_ms; /* when it was told last that its recording fails; 0: never */
    atomic_uint kicks;    /* how often its publishers were told to go */
    /* the home loop */
    enum broadcast_state state;
    struct broadcast_ask owner;
    uint64_t generation; /* the last turn that asked for it */
    struct claim *pending;
    struct packager *packager;
    struct recorder *recorder; /* NULL: not recorded, or its folder cannot be used */
    struct packager_resume resume;
    struct news *news; /* being collected */
    struct loop_mail mail;
};

/* Who may watch, as the library said at checked_ms. */
struct view_access {
    int64_t checked_ms;
    enum err e; /* ERR_OK, or why nobody may watch */
    char allowed_origins[ORIGINS_TEXT];
};

struct view {
    struct view *next;
    struct seat *seat;
    char input_uid[UID_TEXT], video_uid[UID_TEXT];
    struct playlist *playlist;
    struct http_waiters waiters;
    struct crowd *crowd;
    struct bytes *key_part, *init, *key_init; /* newest key frame, init, and that one's init */
    struct timer linger;
    struct view_access by_input, by_video; /* for those who ask by the one uid or by the other */
};

/* What one loop knows. */
struct seat {
    struct origin *o;
    struct loop *loop;
    struct view *bucket[VIEW_BUCKETS];
    struct http_waiters early; /* for broadcasts this loop has no view of yet */
};

struct origin {
    struct origin *self; /* what routes carry */
    struct library *library;
    struct loops *loops;
    struct pool *pool;
    char media_dir[REC_PATH_MAX];
    char thumbnailer[REC_PATH_MAX]; /* "": none */
    unsigned part_ms;
    size_t queue_max;
    unsigned n_loops;
    unsigned char player_key[32]; /* proves that a player's number is ours */
    struct seat *seats;           /* by loop_index() */
    struct shelf *shelf;
    struct census *census;
    struct stills *stills;
    atomic_llong parts, part_bytes, disk_errors, viewers, broadcasts;
    pthread_mutex_t lock;
    struct broadcast *first;
    bool stopping; /* lock */
};

/* ---- broadcast.c ---- */
struct broadcast *broadcast_ref(struct broadcast *b);
void broadcast_unref(struct broadcast *b);
/* The one of this video, with a reference; NULL. */
struct broadcast *broadcast_find(struct origin *o, const char *video_uid);
void broadcast_unlist(struct broadcast *b);
/* Blocks: end it on its loop and close its recording; `complete`: it will not go on after a restart
 * either. ERR_CONFLICT: on air. */
enum err broadcast_finish(struct broadcast *b, bool complete) NODISCARD;
/* Detach its publisher, from any thread. */
void broadcast_kick(struct broadcast *b, const char *reason);

/*
 * Somebody watches a broadcast that nobody has opened since the server started: bring back what
 * its recording knows, so that its playlist is there before its publisher is. On a loop.
 */
void broadcast_revive(struct origin *o, const struct playback *pb);

/* ---- tail.c ---- */
/* Blocks. Add the end of the recording to b->news: what the window showed before a restart. */
void tail_read(struct broadcast *b, const char *dir);

/* ---- news.c ---- */
/* Add to what is being collected; NULL: out of memory. */
struct news_item *news_add(struct broadcast *b, enum news_kind kind);
/* Send what was collected to every loop. On the home loop. */
void news_send(struct broadcast *b);

/* ---- view.c ---- */
struct seat *seat_here(struct origin *o);
struct view *view_find(struct seat *s, const char *video_uid);
void view_apply(struct seat *s, const struct news *n);
void views_drop_all(struct seat *s);

/* ---- live.c: requests of viewers, on the loop ---- */
void live_manifest(struct http_req *req);
void live_media(struct http_req *req);
/* Look again at every request that waits for this view; `gone`: the view will be freed. */
void live_wake(struct view *v, bool gone);
/* The same for those who wait for a view. */
void live_wake_early(struct seat *s, bool gone);

/* ---- vod.c: the same from disk; they answer, on a worker ---- */
void vod_manifest(struct http_req *req);
void vod_media(struct http_req *req);
struct shelf *shelf_make(void);
void shelf_free(struct shelf *s);
/* A recording has changed or gone. */
void shelf_forget(struct shelf *s, const char *video_uid);
bool origin_video_dir(const struct origin *o, const char *video_uid, char out[REC_PATH_MAX]);

/* ---- route.c ---- */
struct origin *origin_of(const struct http_req *req);

/* ---- access.c ---- */
/* Fields every answer has (CORS). */
void access_headers(struct http_req *req);
/* May this request see something limited to these origins? "" allows all. */
bool access_origin_ok(struct http_req *req, const char *allowed_origins);
/* Answer an error of delivery: CORS fields, status, JSON. */
void access_fail(struct http_req *req, int status, const char *why);
/* False: it is answered; `e` is what the library said of it. */
bool access_may_watch(struct http_req *req, enum err e, const char *allowed_origins);
void access_options(struct http_req *req);
/* 32 lower-case hex digits? */
bool access_uid_ok(const char *uid);
