/*
 * setup - opening and closing the library, and what it asks of the rooms above and beside it.
 *
 * Order:   library_open(), library_start() when every hook can be called, library_tick() about five
 *          times a second, library_stop() once nobody publishes any more, then the end of the
 *          workers, store_close() (its last jobs still tell the library), library_close().
 * Thread:  as said; library_tick() may run on an event loop.
 */
#pragma once
#include "base/cx.h"
#include "streamd/library/library.h"

struct schema;
struct store;
struct tx;

extern const struct schema streamd_schema; /* of the whole program */

/* What became of a recording; zeros and "" where there was no such track. */
struct finished {
    int64_t duration_ms, size_bytes;
    int width, height;
};

/* Something happened to a live input that the world may want to know. */
struct live_event {
    const char *input_uid;
    const char *event_type; /* "live_input.connected" */
    const char *id;         /* 32 hex digits, different for each event */
    int64_t at_ms;
    const char *error_code, *error_message, *video_codec, *audio_codec; /* NULL: no error */
};

struct library_hooks {
    void *arg;
    /* Run fn(fn_arg) on a worker. ERR_BUSY: it is asked again later. */
    enum err (*run)(void *arg, void (*fn)(void *fn_arg), void *fn_arg);
    /* End the broadcast of this input now. Called without the lock. */
    void (*kick)(void *arg, const char *input_uid, const char *reason);
    /* On a worker. As origin_finish(): ERR_CONFLICT and ERR_IO are tried again. */
    enum err (*finish)(void *arg, const char *video_uid, struct finished *ret_finished);
    /* On a worker: make the still picture of a finished video; a failure is its own matter. */
    void (*picture)(void *arg, const char *video_uid, int64_t at_ms);
    /* On a worker: remove the files of a video. */
    enum err (*drop)(void *arg, const char *video_uid);
    /* In a job of its own, in the order things happened. */
    enum err (*live_event)(void *arg, struct tx *tx, const struct live_event *event);
    /* In the job that makes a video ready or error; `body` is the Video object as text. */
    enum err (*video_done)(void *arg, struct tx *tx, const char *video_uid, const char *input_uid,
                           const char *state, const char *body);
};

/* Where the world finds this engine, for the URLs in its objects. No trailing slash. */
struct urls {
    char http[256];  /* "http://127.0.0.1:8787" */
    char rtmps[256]; /* "rtmps://localhost:1936/live/": with the slash, keys are appended */
    char host[128];  /* "localhost", for srt */
};

struct library_setup {
    struct store *store;
    struct library_hooks hooks;
    int64_t grace_ms;         /* for recording.timeoutSeconds 0; 0: 10 s */
    bool status_as_text;      /* live input status in the SDK's form: one word */
    int64_t (*unix_ms)(void); /* NULL: the real clocks */
    int64_t (*mono_ms)(void);
};

/*
 * Reads every input and video into memory. A broadcast that was on air when the program ended is
 * inside its grace period again, from now on; that its publisher is gone is told (live_event).
 *
 * ERR_STORE, ERR_NO_MEMORY, ERR_BUSY
 */
enum err library_open(struct cx *cx, const struct library_setup *setup,
                      struct library **ret_library) NODISCARD;
/* From here on recordings are finished and old ones deleted. */
void library_start(struct library *l);
/* Ends grace periods that are over, retries what failed. Never blocks. */
void library_tick(struct library *l);
/* To be called before the first object is asked for; again when the port is known. */
void library_set_urls(struct library *l, const struct urls *urls);
/* Begins no more background work. */
void library_stop(struct library *l);
void library_close(struct library *l); /* NULL is fine */

struct library_counts {
    int64_t inputs, inputs_live, videos, unfinished;
};
void library_count(struct library *l, struct library_counts *ret_counts);
