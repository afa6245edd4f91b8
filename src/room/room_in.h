/* room_in - what the files of this room share. Nothing outside includes it. */
#pragma once
#include "base/bytes.h"
#include "base/crypto.h"
#include "base/id.h"
#include "room/chat.h"
#include "room/hub.h"
#include "room/input.h"
#include "room/show.h"
#include "stock/turn.h"
#include "store/store.h"
#include <pthread.h>
#include <stdatomic.h>

/* ---- the room ---- */

enum { HUB_SLOTS = 256, RIGHTS_SLOTS = 256, WORDS_SHOPS_MAX = 64, SNAPSHOT_MESSAGES = 50 };

struct word_list; /* words.c */
struct wake;      /* event.c */
struct pulse;     /* pulse.c */
struct menus;     /* menu.c */
struct claim_run; /* sell_in.h */

struct room {
    struct store *store;
    struct limits *limits;

    /* Order of locks: room.lock, then one of a hub's; hub.load_lock before both. */
    pthread_mutex_t lock; /* hubs, dirty list, stop */
    pthread_cond_t wake;
    struct hub *hubs[HUB_SLOTS];
    struct hub *dirty_first, *dirty_last;
    bool stop, started;
    pthread_t follower;

    int loops; /* set once, before the first subscriber */
    void (*post)(void *arg, int loop, struct loop_mail *mail, void (*fn)(void *), void *fn_arg);
    void *post_arg;

    struct {
        pthread_mutex_t lock; /* before a hub's */
        struct right *first[RIGHTS_SLOTS];
        int next_slot; /* of viewers' streams to look at */
        int ticks;     /* of the thread that ticks */
    } rights;

    struct wake *wakes[HUB_SLOTS]; /* the writer's alone */
    struct menus *menus;           /* likewise */
    struct pulse *pulse;
    struct stock_watch watch;      /* sell_tell() */
    const struct claim_run *fresh; /* whose turn is ending: its claims are as they shall be */

    struct {
        struct word_list *list[WORDS_SHOPS_MAX]; /* the writer's alone */
        size_t next;                             /* the one to go when all are taken */
        int read_at;                             /* the epoch of the lists; likewise */
        atomic_int epoch;                        /* grows when another process changes words */
    } words;

    struct {
        atomic_llong subscribers, events, frames, lost, messages, held, refused;
    } stats;
};

/* ---- room.c ---- */

/* A row of the audit log; `audit_id` from id_next(), before the job. */
enum err room_note(struct tx *tx, const struct room_who *who, int64_t audit_id, int64_t shop_id,
                   const char *action, const char *object) NODISCARD;

/* ---- show_read.c ---- */

/* By public id, internal id, input: no rights are looked at. ERR_NOT_FOUND */
enum err show_read(struct db *db, struct cx *cx, const char *public_id,
                   struct show *ret_show) NODISCARD;
enum err show_read_id(struct db *db, struct cx *cx, int64_t id, struct show *ret_show) NODISCARD;
enum err show_read_input(struct db *db, struct cx *cx, const char *uid,
                         struct show *ret_show) NODISCARD;
/* Not a draft, cancelled or archived: what happens in those is told to staff alone. */
bool show_public(const struct show *s);
bool show_visible(const struct show *s, const struct room_who *who);
/* ERR_NOT_FOUND for strangers, ERR_FORBIDDEN for staff that may not. */
enum err show_check(struct cx *cx, const struct show *s, const struct room_who *who,
                    enum action action) NODISCARD;
/* What `who` sees of the state. */
enum show_state show_seen_state(const struct show *s, bool staff);

/* ---- show_state.c ---- */

/*
 * The one function that changes a state: checks the table, writes the row and the event
 * show.state, puts calls on the to-do list. On success *s is as afterwards. ERR_TRANSITION
 */
enum err show_move(struct tx *tx, struct room *r, struct show *s, enum show_move move) NODISCARD;

/* ---- show.c ---- */

/* End the shows that have been interrupted for too long. */
enum err show_end_overdue(struct room *r, struct cx *cx) NODISCARD;

/* ---- show_json.c ---- */

/* For the public and (staff) with the staff's fields. */
json_t *show_json_for(struct room *r, const struct show *s, bool staff);
json_t *show_playback_json(const struct show *s);
json_t *show_preview_json(const struct show *s); /* for staff, backstage */
json_t *show_ms_json(int64_t ms);                /* null for 0 */

/* ---- event.c ---- */

enum audience { AUDIENCE_ALL, AUDIENCE_VIEWER, AUDIENCE_STAFF };

struct event {
    int64_t show_id, seq;
    const char *type;
    enum audience audience;
    int64_t viewer_id; /* for whom; of audience all: who caused it, who must get it; or 0 */
    int64_t at_ms;
    int64_t media_at_ms;
    const char *data; /* JSON object */
};

/* The number for an event whose data names it; event_put() must follow in the same job. */
enum err event_next(struct tx *tx, int64_t show_id, int64_t *ret_seq) NODISCARD;
/* Write the event and have the hub woken after the commit. Takes `data`; NULL: ERR_NO_MEMORY. */
enum err event_put(struct tx *tx, struct room *r, const struct event *ev, json_t *data) NODISCARD;
/* Likewise, `text` being JSON. Of audience all only by those who know every key in it (I16). */
enum err event_put_text(struct tx *tx, struct room *r, const struct event *ev,
                        const char *text) NODISCARD;
/* Number and event in one. */
enum err event_add(struct tx *tx, struct room *r, const struct event *ev, json_t *data) NODISCARD;

void wakes_free(struct room *r);
enum err event_head(struct db *db, int64_t show_id, int64_t *ret_head) NODISCARD;
/*
 * Up to `max` events after `seq` to fn, in order; the text is gone when fn returns. An error of fn
 * ends it and is returned.
 */
enum err event_each(struct db *db, int64_t show_id, int64_t after, int64_t max,
                    enum err (*fn)(void *arg, const struct event *e), void *arg) NODISCARD;

/* "id: …\ndata: {envelope}\n\n"; seq below 0: neither. `mine` marks a message as the reader's. */
struct bytes *event_frame(const struct event *ev, bool mine);
/* Is every key of `data` one that an event for everybody may have (I16)? */
bool event_keys_ok(json_t *data);

/* ---- hub.c ---- */

/* Frames that are not logged: only the newest of a kind is kept. */
enum side { SIDE_VIEWERS, SIDE_LIKES, SIDE_INGEST, SIDE_BYE, SIDE_COUNT };

struct ring_entry {
    int64_t viewer_id;
    enum audience audience;
    bool thin;             /* past the sampling rate: for staff and its writer only */
    struct bytes *frame;   /* owned; NULL: a message that was hidden since */
    struct bytes *own;     /* owned, or NULL: as the writer sees it */
    char message[ID_TEXT]; /* public id of the message it tells of, or "" */
};

struct crowd; /* subscriber.c: of one loop */

struct presence; /* presence.c */

struct hub {
    struct room *r;
    int64_t show_id;
    atomic_int refs;
    struct hub *next;       /* room.lock */
    struct hub *dirty_next; /* room.lock */
    struct hub *round_next; /* the follower's alone */
    bool dirty;             /* room.lock */
    int idle_ticks;         /* room.lock */

    pthread_mutex_t load_lock; /* held while the ring is filled from the log, before hub.lock */
    pthread_mutex_t lock;
    bool loaded;                    /* lock; never false again */
    int64_t tail, head;             /* lock; the ring holds tail + 1 .. head */
    struct ring_entry *ring;        /* lock; HUB_RING entries, at seq % HUB_RING */
    int64_t goods_seq;              /* lock; of the last event that goods.text is older than */
    int64_t sample_s;               /* lock; the second in which chat is being counted */
    int sample_n;                   /* lock */
    struct bytes *side[SIDE_COUNT]; /* lock */
    uint64_t side_no[SIDE_COUNT];   /* lock; grows with each new frame */
    struct crowd **crowds;          /* lock; one per loop, made when first needed */

    struct presence *presence; /* its own lock inside */
    int ticks;                 /* of the thread that ticks */
    int64_t stored_peak;       /* likewise */
    int64_t sampled_ms;        /* likewise; the minute whose viewers were stored */

    struct {
        pthread_mutex_t lock;
        int64_t total;   /* shown: stored and not yet stored */
        int64_t burst;   /* since the last like.burst */
        int64_t pending; /* not yet stored */
    } likes;

    struct {
        pthread_mutex_t lock;
        struct bytes *text;                /* the chat of a snapshot; NULL: none yet */
        int64_t seq;                       /* the head it was read at */
        int64_t writer[SNAPSHOT_MESSAGES]; /* whose messages: they get their own marked */
        size_t writers;
    } lines;

    struct {
        pthread_mutex_t lock;
        struct bytes *text; /* what a snapshot says of the goods; NULL: none yet */
        int64_t seq;        /* the head it was read at */
    } goods;

    struct {
        pthread_mutex_t lock;
        bool known;
        struct ingest_health last;
        int64_t fps[8]; /* the last readings, oldest overwritten */
        int fps_count;
    } ingest;
};

/* The hub of a show, made when there is none; one reference. NULL: out of memory. */
struct hub *hub_get(struct room *r, int64_t show_id);
/* As hub_get(), but NULL when there is none. */
struct hub *hub_find(struct room *r, int64_t show_id);
void hub_ref(struct hub *h);
void hub_put(struct hub *h); /* NULL is fine */
/* Fill the ring from the log, once. ERR_NO_MEMORY: the ring ends where it could not go on. */
enum err hub_load(struct hub *h, struct db *db) NODISCARD;
/* A frame that is not logged; takes the reference of `frame`. */
void hub_side(struct hub *h, enum side side, struct bytes *frame);
/* Every hub, each with a reference, in memory from malloc(). NULL and 0: none. */
struct hub **hub_all(struct room *r, size_t *ret_count);
/* Free hubs that nobody has used for a while. */
void hub_sweep(struct room *r);
/* With tx_tell(), n of a shop whose blocked words have changed. Of a show it is a seq. */
enum { HEARD_WORDS = -1 };
enum err hub_start(struct room *r) NODISCARD;
void hub_stop(struct room *r);

/* ---- ring.c ---- */

/*
 * The next event into the ring of the hub `arg`; one that is there already is fine. A chat.removed
 * takes the frames of its messages out: who resumes over them does not see them.
 *
 * ERR_NO_MEMORY  the ring is as before: the same event must come again
 */
enum err ring_add(void *arg, const struct event *ev) NODISCARD;

/* ---- snapshot.c ---- */

/*
 * Data of room.snapshot for one viewer, from malloc(); it was read at s->head. What all viewers get
 * of the chat is kept in `h` (may be NULL) until the head moves.
 */
enum err snapshot_text(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                       const struct show *s, struct hub *h, char **ret_text) NODISCARD;

/* ---- rights.c ---- */

/* What a stream was opened with. Part of a subscriber; those with a session are in a table. */
struct right {
    struct right *next, **at; /* rights.lock; at NULL: not in the table */
    struct hub *hub;          /* the subscriber's reference */
    unsigned char session[SHA256_LEN];
    int64_t shop_id;
    bool staff;       /* gets what is for the staff of that shop */
    atomic_bool over; /* the stream must end */
};
void right_begin(struct right *right, struct hub *h, const struct show *s,
                 const struct room_who *who);
void right_end(struct right *right);
/* From the tick: is what streams of staff were opened with still so? */
void rights_tick(struct room *r, int64_t now_ms);

/* ---- subscriber.c ---- */

/* Have every crowd look at the ring. Thread: any, no lock held. */
void crowd_wake_all(struct hub *h);
void crowd_free(struct crowd *c);

/* ---- presence.c ---- */

struct presence *presence_make(void);
void presence_free(struct presence *p);
void presence_now(struct presence *p, int64_t *ret_now, int64_t *ret_peak);
/* What the row says; peaks only grow. */
void presence_peak(struct presence *p, int64_t peak);
/* Up to `max` who were not counted among those who have watched; and now they are. */
size_t presence_new(struct presence *p, uint64_t *keys, size_t max);
void presence_keep(struct presence *p, const uint64_t *keys, size_t n);
/* Drop those not heard of for 30 s. True: the count is to be told (each 5 s, when changed). */
bool presence_tick(struct presence *p, int64_t now_ms);
int64_t presence_p95(struct presence *p);
void presence_beat(struct presence *p, const struct room_who *who, int64_t now_ms,
                   int64_t delay_ms);

/* Numbers for the JSON of a show: what is stored, or newer from its hub. */
struct room_counts {
    int64_t now, peak, likes;
};
struct room_counts room_counts(struct room *r, const struct show *s);
/* Counts and hearts of one hub: tell what changed, store what is due. */
void hub_tick(struct hub *h, int64_t now_ms);
/* Store hearts and peak at once. */
void hub_flush(struct hub *h, int64_t now_ms);

/* ---- audience.c ---- */

/* For the report of a live show: how many watch, each minute; who has watched, each once. */
void audience_tick(struct hub *h, int64_t now_ms);

/* ---- chat_read.c ---- */

const char *message_state_name(enum message_state s);
struct message_row {
    struct message m;
    int64_t id;
    int64_t device;
};
/* By public id. ERR_NOT_FOUND */
enum err message_read(struct db *db, struct cx *cx, const char *public_id,
                      struct message_row *ret_row) NODISCARD;
/* The last `max` shown messages, newest first, in the arena. */
enum err message_last(struct db *db, struct cx *cx, int64_t show_id, int max,
                      struct message **ret_items, size_t *ret_count) NODISCARD;
/* The pinned notice as JSON, null when there is none. */
enum err message_pinned(struct db *db, struct cx *cx, int64_t show_id,
                        json_t **ret_message) NODISCARD;

/* The strictest sanction in force for somebody in a show. ERR_NOT_FOUND: none. */
enum err sanction_in_force(struct db *db, struct cx *cx, const struct show *s, int64_t viewer_id,
                           int64_t device, struct sanction *ret_sanction) NODISCARD;
/* 63 bits that tell devices apart; 0 for none. */
int64_t device_hash(const char *device);

/* ---- words.c ---- */

/*
 * Text made comparable: NFKC, case folded, marks of decoration and invisible characters dropped.
 * `spaced` has the words of scripts with spaces between single spaces, with letters that stood
 * alone joined ("f u c k"); `dense` has every letter, digit and symbol without anything between.
 */
enum { FOLDED_SIZE = 8192 };
struct folded {
    char spaced[FOLDED_SIZE], dense[FOLDED_SIZE];
    bool unspaced; /* some of it is of a script without spaces (Han, Thai, …) or a symbol */
};
/* ERR_INPUT: too long to fold, or nothing to compare is in it. */
enum err words_fold(const char *text, struct folded *ret_folded) NODISCARD;
/* Does `text` hold `word`? A word with unspaced script anywhere in it, others as whole words. */
bool words_hold(const struct folded *text, const struct folded *word);

/* Is a blocked word of the shop in the text? In a job: the list is kept from one to the next. */
enum err words_match(struct tx *tx, struct room *r, int64_t shop_id, const struct folded *text,
                     bool *ret_match) NODISCARD;
void words_free_all(struct room *r);

/* ---- input.c ---- */

enum err task_add(struct tx *tx, int64_t show_id, enum task_kind kind, int64_t delay_ms) NODISCARD;
