/*
 * state_in - the library's memory: inputs and their broadcasts, and the one state machine.
 *
 * Thread: everything of struct library is under its lock, except `setup`. Functions named _locked
 *         expect it held. The lock is short: no call out of the room under it but
 *         store_submit(), which only queues.
 */
#pragma once
#include "store/store.h"
#include "streamd/library/map_in.h"
#include "streamd/library/setup.h"
#include <pthread.h>

/* Of a live input; the words of the database are in state.c. */
enum input_state {
    INPUT_IDLE,      /* nobody publishes; video_uid may name the last broadcast */
    INPUT_CONNECTED, /* a publisher is on */
    INPUT_GAP,       /* it has gone; grace_due_ms says until when it may come back */
    INPUT_STATES
};

enum input_event {
    EVENT_CONNECT,
    EVENT_DISCONNECT,
    EVENT_GRACE_OVER,
    EVENT_STOP, /* disabled, deleted, or its video deleted */
    INPUT_EVENTS
};

/* What a transition asks for. */
enum {
    DO_BEGIN = 1,  /* a new video */
    DO_RESUME = 2, /* the same video goes on */
    DO_PAUSE = 4,  /* the grace clock starts */
    DO_END = 8,    /* the video is over: finish it */
    DO_KICK = 16,  /* the publisher must go */
};

/* Pure: the next state, and what to do. Events that mean nothing in a state do nothing. */
enum input_state state_next(enum input_state state, enum input_event event, unsigned *ret_todo);

struct status_entry {
    char state[16];     /* "connected", "reconnected", "disconnected" */
    char reason[64];    /* "connected", "client_disconnect", ... */
    char protocol[8];   /* "rtmp" */
    int64_t entered_ms; /* 0: there is no entry */
    int64_t seen_ms;
};

enum { HISTORY_MAX = 10 };

struct input_rec {
    struct map_node by_uid; /* first: the node is the record */
    struct map_node by_key;
    struct input_conf conf;
    enum input_state state;
    uint64_t generation;       /* of the last publisher, in this run of the program */
    char video_uid[UID_TEXT];  /* of this or the last broadcast; "" none */
    bool video_kept;           /* that broadcast is a video with a row */
    char replay_uid[UID_TEXT]; /* the last one that became ready; "" none */
    int64_t grace_due_ms;      /* monotonic; while INPUT_GAP */
    struct status_entry current;
    struct status_entry history[HISTORY_MAX]; /* newest first */
    bool has_stats;
    struct ingest_stats stats;
};

/* Where a video is on its way to being ready. */
enum video_state {
    VIDEO_LIVE,
    VIDEO_ENDED, /* in library.unfinished until a worker has it */
    VIDEO_READY,
    VIDEO_ERROR,
};

struct video_rec {
    struct map_node by_uid; /* first */
    char uid[UID_TEXT];
    char input_uid[UID_TEXT]; /* "" for none */
    enum video_state state;
    bool signed_only;
    int64_t thumb_ppm;      /* where its still picture is taken, in millionths of its length */
    char *origins;          /* space between two; NULL none */
    struct video_rec *next; /* in library.unfinished */
    int64_t next_try_ms;    /* monotonic */
    int tries;
    bool working; /* a worker has it: it may not be freed, only marked gone */
    bool gone;
};

struct deferred;

struct library {
    struct library_setup setup;
    pthread_mutex_t lock;
    struct urls urls;
    struct map inputs, keys, videos;
    struct video_rec *unfinished;
    struct deferred *backlog, **backlog_end; /* jobs not yet taken by the writer, oldest first */
    size_t backlog_n;
    bool running; /* between start and stop */
    int64_t sweep_due_ms;
    bool sweeping;
};

void library_urls(struct library *l, struct urls *ret_urls); /* a copy */
int64_t library_unix_ms(const struct library *l);
int64_t library_mono_ms(const struct library *l);

/* 32 characters that look like a uid. */
bool library_uid_ok(const char *uid);
struct input_rec *input_of_locked(struct library *l, const char *uid);
struct video_rec *video_of_locked(struct library *l, const char *uid);
/* The node's key of a uid, of a stream key. */
void uid_key(const char *uid, unsigned char ret_key[MAP_KEY]);
void stream_key_key(const char *key, unsigned char ret_key[MAP_KEY]);

/* state.c: the only place that changes input_rec.state. Returns what is still to do without the
 * lock (DO_KICK); the rest is done. `why` becomes status.current.reason. */
unsigned input_event_locked(struct library *l, struct input_rec *in, enum input_event event,
                            const char *why, const char *protocol);
const char *input_state_word(enum input_state state);
enum input_state input_state_of(const char *word);
const char *video_state_word(enum video_state state);

/* status.c */
void status_enter(struct input_rec *in, const char *state, const char *reason, const char *protocol,
                  int64_t now_ms);
/* {"current":…,"history":…} as text from malloc(); NULL when there was no broadcast. */
char *status_text(const struct input_rec *in);
void status_parse(struct input_rec *in, const char *text);

/* memory.c */
enum err input_remember_locked(struct library *l, const struct input_conf *conf, const char *key,
                               struct input_rec **ret_in) NODISCARD;
void input_forget_locked(struct library *l, struct input_rec *in);
enum err input_rekey_locked(struct library *l, struct input_rec *in, const char *key) NODISCARD;
enum err video_remember_locked(struct library *l, const char *uid, const char *input_uid,
                               enum video_state state, bool signed_only, const char *origins,
                               struct video_rec **ret_video) NODISCARD;
void video_forget_locked(struct library *l, struct video_rec *video);
/* JSON array of origins as text -> one space between two; false: does not fit. */
bool origins_flat(const char *json, char out[ORIGINS_TEXT]);
void memory_done(struct library *l);

/* finish.c */
void unfinished_add_locked(struct library *l, struct video_rec *video);
void finish_due(struct library *l); /* without the lock */
void sweep_due(struct library *l);  /* without the lock */
int64_t picture_at(int64_t duration_ms, int64_t ppm);

/*
 * defer.c: jobs for the writer that nobody waits for. They run in order, and again if their batch
 * was lost. `arg` has `size` bytes that are copied; `free_arg` (may be NULL) frees what they
 * point to, once.
 */
void defer_locked(struct library *l, const char *name, enum err (*run)(struct tx *tx, void *arg),
                  void *arg, size_t size, void (*free_arg)(void *arg));
void defer_pump_locked(struct library *l);
void defer_done(struct library *l); /* after the store has run everything */
