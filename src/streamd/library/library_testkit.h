/* library_testkit - a library over a fresh database, with a clock by hand and recorded hooks. */
#pragma once
#include "store/testkit.h"
#include "streamd/library/input.h"
#include "streamd/library/setup.h"
#include "streamd/library/video.h"

enum { LIBKIT_EVENTS = 64, LIBKIT_BODY = 8192 };

struct libkit {
    struct test_store *db;
    struct library *l;
    struct urls urls;
    struct cx *cx;
    struct turn turn; /* of the last publisher */
    /* what the hooks saw */
    char events[LIBKIT_EVENTS][64]; /* "live_input.connected" in order */
    unsigned events_n, kicks, finishes, drops, dones, pictures;
    int64_t picture_ms;
    char kick_why[32], done_state[16], done_video[UID_TEXT], done_input[UID_TEXT];
    char done_body[LIBKIT_BODY];
    /* what they answer */
    enum err finish_says;
    struct finished recording;
    bool workers_busy;
    unsigned no_memory; /* for so many events more */
};

/* The time of every libkit, in ms; starts at 1,795,339,802,000 (2026-11-22T09:30:02Z). */
extern int64_t libkit_now;

struct libkit *libkit_make(void);
void libkit_free(struct libkit *k);
/* As a restart: nothing is told to the library before. */
void libkit_restart(struct libkit *k);
/* Until every background job has been committed. */
void libkit_settle(struct libkit *k);
/* ms later, with the ticks that come meanwhile. */
void libkit_later(struct libkit *k, int64_t ms);

/* A JSON object from text with ' instead of ". */
json_t *libkit_json(const char *text);
/* Create an input from such text; its uid and stream key. */
void libkit_input(struct libkit *k, const char *text, char uid[UID_TEXT], char key[STREAM_KEY_MAX]);
json_t *libkit_get_input(struct libkit *k, const char *uid);
json_t *libkit_get_video(struct libkit *k, const char *uid);
/* Text at a path as "status.current.state"; "(null)" for null, "(none)" when it is not there. */
const char *libkit_at(const json_t *o, const char *path);
/* `file` of test/fixtures/cloudflare; its result when it is an envelope. */
json_t *libkit_fixture(const char *file);
/* The same keys, at every depth that both have objects at. */
void libkit_same_keys(json_t *got, json_t *want, const char *where);
