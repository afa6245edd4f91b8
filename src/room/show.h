/*
 * show - one broadcast: its text, its state, how it is played.
 *
 * Shape:   draft - scheduled - backstage - live - interrupted - ended - replay_ready - archived,
 *          or cancelled; the table is in show_state.c and is the only thing that may change it.
 *          The public never sees backstage: it sees what the show came from.
 * Rest:    as room.h.
 */
#pragma once
#include "base/lang.h"
#include "files/link.h"
#include "room/room.h"

/* ---- state ---- */

/* The names are stored, shown by the API, and checked by the database. */
#define SHOW_STATE_TABLE(X)         \
    X(DRAFT, "draft")               \
    X(SCHEDULED, "scheduled")       \
    X(BACKSTAGE, "backstage")       \
    X(LIVE, "live")                 \
    X(INTERRUPTED, "interrupted")   \
    X(ENDED, "ended")               \
    X(REPLAY_READY, "replay_ready") \
    X(CANCELLED, "cancelled")       \
    X(ARCHIVED, "archived")

enum show_state {
#define X(name, text) SHOW_##name,
    SHOW_STATE_TABLE(X)
#undef X
        SHOW_STATE_COUNT
};
const char *show_state_name(enum show_state s);
enum err show_state_parse(const char *text, enum show_state *ret_state) NODISCARD;

#define SHOW_MOVE_TABLE(X)                                    \
    X(SCHEDULE, "schedule")                                   \
    X(INGEST_ON, "ingest_on") /* connected, first or again */ \
    X(INGEST_OFF, "ingest_off")                               \
    X(GO_LIVE, "go_live")                                     \
    X(END, "end")                                             \
    X(TIMEOUT, "timeout") /* 15 minutes interrupted */        \
    X(RECORDING, "recording")                                 \
    X(CANCEL, "cancel")                                       \
    X(ARCHIVE, "archive")

enum show_move {
#define X(name, text) SHOW_MOVE_##name,
    SHOW_MOVE_TABLE(X)
#undef X
        SHOW_MOVE_COUNT
};

/*
 * Where `move` leads from `from`; `came_from` is what a backstage show was before (SHOW_DRAFT or
 * SHOW_SCHEDULED). Pure: the table and nothing else.
 *
 * ERR_TRANSITION  not listed
 */
enum err show_next_state(enum show_state from, enum show_state came_from, enum show_move move,
                         enum show_state *ret_to) NODISCARD;

enum { SHOW_INTERRUPTED_MAX_MS = 15 * 60 * 1000 };

/* ---- a show ---- */

enum { TITLE_CHARS_MAX = 80, HOST_NAME_CHARS_MAX = 40, SHOW_LIST_MAX = 100 };

#define CHAT_MODE_TABLE(X) X(OPEN, "open") X(SLOW, "slow") X(MEMBERS, "members") X(OFF, "off")
enum chat_mode {
#define X(name, text) CHAT_##name,
    CHAT_MODE_TABLE(X)
#undef X
        CHAT_MODE_COUNT
};
const char *chat_mode_name(enum chat_mode m);
enum err chat_mode_parse(const char *text, enum chat_mode *ret_mode) NODISCARD;

struct show {
    int64_t id;
    const char *public_id; /* shw_… */
    int64_t shop_id;
    const char *shop_public_id, *shop_slug, *shop_name;
    const char *title[LANG_COUNT]; /* NULL where there is none; at least one is there */
    const char *cover;             /* id of a built-in cover or of a file, or NULL */
    const char *cover_key;         /* of the file (files/link.h), or NULL */
    const char *host_name;         /* never NULL, may be "" */
    enum show_state state;
    enum show_state came_from; /* of a backstage show: draft or scheduled */
    int64_t starts_ms, live_started_ms, interrupted_ms, ended_ms, created_ms;
    const char *input;                  /* uid of its live input; NULL until one was needed */
    bool input_connected;               /* the encoder is sending */
    const char *live_hls;               /* of the input, or NULL */
    const char *replay_hls, *thumbnail; /* the latter where the engine has it */
    const char *thumb_key;              /* of our own copy of it (files/link.h), or NULL */
    int64_t replay_offset_ms;           /* where the show begins in the recording */
    int64_t duration_ms;
    enum chat_mode chat_mode;
    int slow_s;
    int64_t peak, likes;
    int64_t version; /* for If-Match */
    int64_t head;    /* the number of its last event */
};

struct show_new {
    const char *title[LANG_COUNT];
    int64_t starts_ms;     /* 0: none, the show stays a draft */
    const char *cover;     /* NULL: none */
    const char *host_name; /* NULL: the name of who asks */
    const char *shop;      /* public id, or NULL: where they work; with several: an error */
    const char *public_id; /* NULL: a fresh one. Seeds give their own (shw_demo) */
};

/*
 * Host and above. With a start time the show is scheduled, else a draft.
 *
 * ERR_INPUT      a title or name too long or empty, no such cover, starts_ms in the past
 * ERR_FORBIDDEN  no role that may
 * ERR_NOT_FOUND  no such shop of theirs
 * ERR_EXISTS     public_id is taken
 */
enum err show_create(struct room *r, struct cx *cx, const struct room_who *who,
                     const struct show_new *ask, struct show *ret_show) NODISCARD;

struct show_edit {
    bool set_title, set_starts, set_cover, set_host_name;
    const char *title[LANG_COUNT]; /* replaces all titles */
    int64_t starts_ms;             /* 0 takes it away (drafts only) */
    const char *cover;             /* NULL: none */
    const char *host_name;         /* NULL: none */
    bool schedule;                 /* draft -> scheduled, after the fields above */
};

/*
 * Host and above. `version` is what they edited (If-Match). Writes the event show.updated.
 *
 * ERR_PRECONDITION  the show has moved on; read it again
 * ERR_TRANSITION    a start time for a show that has begun; scheduling what is no draft; cancelled
 * ERR_INPUT, ERR_FORBIDDEN, ERR_NOT_FOUND
 */
enum err show_edit(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                   int64_t version, const struct show_edit *ask, struct show *ret_show) NODISCARD;

/*
 * SHOW_MOVE_GO_LIVE, _END, _CANCEL (host and above) or _ARCHIVE (owner). End and cancel put
 * "switch the input off" on the to-do list (input.h); end also "find the recording".
 *
 * ERR_TRANSITION, ERR_FORBIDDEN, ERR_NOT_FOUND
 */
enum err show_run(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                  enum show_move move, struct show *ret_show) NODISCARD;

/*
 * One show as `who` may see it: drafts, cancelled and archived shows only for the shop's staff.
 *
 * ERR_NOT_FOUND
 */
enum err show_find(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                   const char *show, struct show *ret_show) NODISCARD;

/* As show_find(), for staff who may do `action`; ERR_FORBIDDEN for those who may only look. */
enum err show_find_for(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                       const char *show, enum action action, struct show *ret_show) NODISCARD;

struct show_list_ask {
    bool staff;         /* all shows of the shops where `who` works, newest first */
    unsigned states;    /* bits 1u << enum show_state; 0: all that `who` may see */
    int limit;          /* 1..SHOW_LIST_MAX; 0: 20 */
    const char *cursor; /* of the page before, or NULL */
};
struct show_page {
    struct show *items;
    size_t count;
    const char *next; /* cursor, or NULL: no more */
};

/*
 * The public list: on air first, then what comes soonest, then replays newest first.
 *
 * ERR_INPUT      limit or cursor
 * ERR_FORBIDDEN  `staff` asked by somebody who works nowhere
 */
enum err show_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                   const struct show_list_ask *ask, struct show_page *ret_page) NODISCARD;

/* The object Show of the API, with staff fields for the shop's staff. NULL: out of memory. */
json_t *show_json(struct room *r, const struct show *s, const struct room_who *who);

/* ---- covers and link previews ---- */

struct cover {
    const char *id, *url; /* "tw-bag", "/img/tw-bag.jpg" */
};
/* The built-in set, ended by a row of NULLs. */
extern const struct cover show_covers[];
/* NULL for an unknown id (and for NULL). */
const char *show_cover_url(const char *id);
/* The cover that pages show: built in, or uploaded; false: none. */
bool show_cover_link(const struct show *s, char out[FILE_URL_MAX]);

/* What a page about this show says of itself to other sites, in one language. */
struct show_link {
    const char *title;
    const char *description;
    const char *image; /* path of the cover or URL of the thumbnail; NULL: the site's own */
};
enum err show_link(struct cx *cx, const struct show *s, enum lang lang,
                   struct show_link *ret_link) NODISCARD;
/* The title in that language or the nearest there is. */
const char *show_title(const struct show *s, enum lang lang);
