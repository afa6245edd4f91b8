/*
 * chat - what people write in a show, and the moderators' tools.
 *
 * Shape:   a message is shown, held (a blocked word; moderators decide) or hidden. Chat is open
 *          while the show is scheduled, backstage, live or interrupted. Text is plain text:
 *          tidied, 1..200 characters, never made into links.
 * Pace:    1 message a second per viewer, slow mode on top, the same words again only after a
 *          while. Staff of the shop are not slowed.
 * Events:  chat.message, chat.removed, chat.pinned, chat.mode; staff.held to staff; me.sanction to
 *          the viewer.
 * Rest:    as room.h.
 */
#pragma once
#include "room/show.h"

enum {
    CHAT_CHARS_MAX = 200,
    CHAT_PAGE_MAX = 100,
    CHAT_SLOW_MIN_S = 3,
    CHAT_SLOW_MAX_S = 120,
    CHAT_REPEAT_MS = 30000, /* the same words of the same viewer */
    WORDS_MAX = 200,
    WORD_CHARS_MAX = 40,
    SANCTION_LIST_MAX = 200
};

enum message_state { MESSAGE_SHOWN, MESSAGE_HELD, MESSAGE_HIDDEN };

struct message {
    const char *public_id; /* msg_… */
    int64_t show_id;
    int64_t viewer_id; /* never leaves the server */
    const char *name;
    const char *badge; /* "host", "moderator" or NULL */
    const char *text;
    const char *lang;
    bool system; /* kind "system": a pinned notice */
    enum message_state state;
    int64_t at_ms;
    int64_t seq;
};
/* The object Message of the API; `mine` adds "mine":true. NULL: out of memory. */
json_t *message_json(const struct message *m, bool mine);

/* ---- writing ---- */

struct chat_new {
    const char *text;
    const char *lang; /* NULL: of who asks */
};
/* Written only with ERR_SLOW_DOWN (wait_ms) and ERR_MUTED (until_ms; 0: no end). */
struct chat_refusal {
    int64_t wait_ms;
    int64_t until_ms;
};

/*
 * ERR_NEED_LOGIN  nobody with a name; or the chat is for members and this is a guest
 * ERR_INPUT       empty after tidying, too long, not UTF-8
 * ERR_MUTED       muted or banned
 * ERR_SLOW_DOWN   too quick, slow mode, or the same words again
 * ERR_CONFLICT    the chat is off, or the show is not open
 * ERR_NOT_FOUND
 */
enum err chat_post(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                   const struct chat_new *ask, struct message *ret_message,
                   struct chat_refusal *ret_refusal) NODISCARD;

struct chat_page {
    struct message *items; /* newest first */
    size_t count;
    const char *next;
};
/* Shown messages; staff see held and hidden ones too, everybody their own held ones. ERR_INPUT */
enum err chat_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                   const char *show, const char *cursor, int limit,
                   struct chat_page *ret_page) NODISCARD;

/* ---- moderating: moderator and above ---- */

/* MESSAGE_SHOWN or MESSAGE_HIDDEN. ERR_NOT_FOUND, ERR_FORBIDDEN, ERR_INPUT */
enum err chat_set_state(struct room *r, struct cx *cx, const struct room_who *who,
                        const char *message, enum message_state state,
                        struct message *ret_message) NODISCARD;

/* NULL takes the pinned notice away. ERR_INPUT, ERR_NOT_FOUND, ERR_FORBIDDEN */
enum err chat_pin(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                  const char *text) NODISCARD;

struct chat_settings {
    enum chat_mode mode;
    int slow_s;
};
/* `set_mode`, `set_slow`: which of *settings to take. *ret_settings is how it is afterwards. */
enum err chat_set_mode(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                       bool set_mode, bool set_slow, const struct chat_settings *settings,
                       struct chat_settings *ret_settings) NODISCARD;

enum sanction_kind { SANCTION_MUTE, SANCTION_BAN };

struct sanction {
    const char *public_id; /* san_… */
    enum sanction_kind kind;
    int64_t until_ms; /* 0: no end */
    int64_t at_ms;
    const char *name; /* of the viewer */
    const char *why;  /* or NULL */
};
struct sanction_new {
    const char *message; /* whose writer */
    enum sanction_kind kind;
    int minutes; /* 1..1440; 0: no end */
    const char *why;
};
/*
 * A mute holds in this show, a ban in every show of the shop and hides what they wrote in this one.
 *
 * ERR_FORBIDDEN  no moderator; or the writer is staff of the shop
 * ERR_NOT_FOUND  no such message in this show
 * ERR_INPUT
 */
enum err sanction_create(struct room *r, struct cx *cx, const struct room_who *who,
                         const char *show, const struct sanction_new *ask,
                         struct sanction *ret_sanction) NODISCARD;
/* Those in force, newest first, at most SANCTION_LIST_MAX. */
enum err sanction_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                       const char *show, struct sanction **ret_list, size_t *ret_count) NODISCARD;
/* ERR_NOT_FOUND */
enum err sanction_end(struct room *r, struct cx *cx, const struct room_who *who,
                      const char *sanction) NODISCARD;
/* {"id","kind","until","name","why","at"}; NULL: out of memory. */
json_t *sanction_json(const struct sanction *s);

/* ---- blocked words: they belong to the show's shop ---- */

enum err words_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                    const char *show, const char ***ret_words, size_t *ret_count) NODISCARD;
/* Replaces all. ERR_INPUT: over WORDS_MAX words, or one not of 1..40 characters. */
enum err words_put(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                   const char *const *words, size_t count) NODISCARD;
