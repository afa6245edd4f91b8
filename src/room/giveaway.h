/*
 * giveaway - draws in a show that anybody can check afterwards.
 *
 * Shape:   draft -> open -> frozen -> drawn -> closed; draft, open, frozen -> cancelled. The end of
 *          a show leaves a draw as it is: it may be drawn afterwards, or called off.
 *          open    a seed is made and kept sealed; its SHA-256 (commit) is published
 *          frozen  no more entries; the hash of the list is published (entries_hash)
 *          drawn   HMAC-SHA-256(seed, entropy || giveaway || entry) of each entry, the lowest win;
 *                  seed, winners and, in the proof, the masked list are published
 *          closed  every prize was ordered or has nobody left to go to
 *          So the commit is older than the first entry, and the list is fixed before the seed is
 *          seen (I15). Limit: without outside entropy this proves that nothing was changed after
 *          opening, not that the shop entered nobody of its own.
 * Prize:   one unit for each winner, held from the opening on, put into their cart at price 0 (line
 *          of source prize) and held for claim_hours; they order it like anything else. One that
 *          they let go of, or that runs out, is kept for the next of the same draw; only when there
 *          is nobody left it is sold like any other.
 * Law:     a draw in Thailand is not opened without its permit number.
 * Rights:  GIVEAWAY_RUN. Entering: one for each viewer; not muted or banned, not of the shop.
 * Memory, Thread, Errors: as room.h. Statements in giveaway.sql.
 */
#pragma once
#include "base/buf.h"
#include "base/id.h"
#include "base/lang.h"
#include "room/room.h"

struct tx;

enum {
    GIVEAWAY_WINNERS_MAX = 20,
    GIVEAWAY_ENTRIES_MAX = 20000,
    GIVEAWAY_HOURS_MAX = 24 * 14,
    GIVEAWAY_RULE_CHARS_MAX = 500,
    GIVEAWAY_PERMIT_CHARS_MAX = 40,
    GIVEAWAY_ENTROPY_CHARS_MAX = 200,
    GIVEAWAY_LIST_MAX = 50
};

#define GIVEAWAY_STATE_TABLE(X) \
    X(DRAFT, "draft")           \
    X(OPEN, "open")             \
    X(FROZEN, "frozen")         \
    X(DRAWN, "drawn")           \
    X(CLOSED, "closed")         \
    X(CANCELLED, "cancelled")
enum giveaway_state {
#define X(name, text) GIVEAWAY_##name,
    GIVEAWAY_STATE_TABLE(X)
#undef X
        GIVEAWAY_STATE_COUNT
};
const char *giveaway_state_name(enum giveaway_state s);
/* May it go from one to the other? */
bool giveaway_may_move(enum giveaway_state from, enum giveaway_state to);

struct giveaway_new {
    const char *market;
    const char *text[LANG_COUNT]; /* the rule; NULL: none; at least one */
    bool login;                   /* accounts only */
    const char *variant;          /* var_… of the shop */
    int64_t winners, claim_hours;
    const char *permit_no; /* or NULL */
};

/* Each answers the object Giveaway as its caller may see it. */
enum err giveaway_create(struct room *r, struct cx *cx, const struct room_who *who,
                         const char *show, const struct giveaway_new *ask,
                         json_t **ret_giveaway) NODISCARD;
/*
 * key: SECRET_KEY_LEN bytes, seals the seed. permit_no NULL: the one it has.
 * ERR_CONFLICT: no permit; another one runs in this show. ERR_SOLD_OUT: fewer prizes than winners.
 */
enum err giveaway_open(struct room *r, struct cx *cx, const struct room_who *who,
                       const char *giveaway, const unsigned char *key, const char *permit_no,
                       json_t **ret_giveaway) NODISCARD;
/*
 * entropy: text from outside, announced now for the draw; NULL: none yet.
 * Again: a freeze that was cut off is finished. ERR_CONFLICT: nobody entered.
 */
enum err giveaway_freeze(struct room *r, struct cx *cx, const struct room_who *who,
                         const char *giveaway, const char *entropy,
                         json_t **ret_giveaway) NODISCARD;
/*
 * entropy: if none was announced, a public value that nobody could know before; NULL: none. The
 * proof says when it was said ("entropy_when"): one that is typed at the draw is worth something
 * only when anybody can look it up. ERR_CONFLICT: another was announced. ERR_SOLD_OUT
 */
enum err giveaway_draw(struct room *r, struct cx *cx, const struct room_who *who,
                       const char *giveaway, const unsigned char *key, const char *entropy,
                       json_t **ret_giveaway) NODISCARD;
enum err giveaway_cancel(struct room *r, struct cx *cx, const struct room_who *who,
                         const char *giveaway, json_t **ret_giveaway) NODISCARD;

struct giveaway_entered {
    char entry[ID_TEXT];
    int64_t n; /* entries so far */
    bool again;
};
/* ERR_MUTED, ERR_NEED_LOGIN, ERR_FORBIDDEN: they work there; ERR_TRANSITION: not open. */
enum err giveaway_enter(struct room *r, struct cx *cx, const struct room_who *who,
                        const char *giveaway, struct giveaway_entered *ret_entered) NODISCARD;

/* The object Giveaway. ERR_NOT_FOUND */
enum err giveaway_get(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                      const char *giveaway, json_t **ret_giveaway) NODISCARD;
/* Newest first; drafts and cancelled ones for staff. */
enum err giveaway_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                       const char *show, json_t **ret_list) NODISCARD;
/* All that is needed to draw again; no entries and no seed before it is drawn. */
enum err giveaway_proof(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                        const char *giveaway, json_t **ret_proof) NODISCARD;
/* entry,name_masked,at,score,rank by entry, as CSV. ERR_CONFLICT before it is drawn. */
enum err giveaway_csv(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                      const char *giveaway, struct buf *out) NODISCARD;
/* For the snapshot of a show: the one that is open or frozen, else the last drawn, else null. */
enum err giveaway_of_show(struct db *db, struct cx *cx, int64_t show_id,
                          json_t **ret_giveaway) NODISCARD;

/* In a job: a guest's entries become an account's, but where it has entered itself. */
enum err giveaway_merge(struct tx *tx, int64_t from_viewer, int64_t to_viewer) NODISCARD;

/*
 * Once a second, by room_tick(): tells rooms how many have entered, and hands prizes on. What fails
 * is tried again at the next tick.
 */
enum err giveaway_tick(struct room *r, struct cx *cx) NODISCARD;

/* ---- the draw itself: pure ---- */

enum { GIVEAWAY_SEED_LEN = 32, GIVEAWAY_SCORE_LEN = 32 };
struct giveaway_entry {
    const char *id, *name_masked;
    int64_t viewer_id, at_ms;
    unsigned char score[GIVEAWAY_SCORE_LEN];
};
/* Score all, and sort them: the first is rank 1. */
void giveaway_rank(const unsigned char seed[GIVEAWAY_SEED_LEN], const char *entropy,
                   const char *giveaway, struct giveaway_entry *entries, size_t n);
/* SHA-256 of the ids in order of their text, each with "\n" behind; sorts them so. Hex. */
void giveaway_hash(struct giveaway_entry *entries, size_t n, char ret_hex[65]);
