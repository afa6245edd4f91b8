/*
 * room - shows and what happens in them: state, chat, viewers, likes, and the stream of events.
 *
 * Doors:   room.h     the room itself: making it, who asks, the once-a-second tick
 *          show.h     shows: create, edit, list, run; their JSON
 *          chat.h     messages, moderation, blocked words
 *          hub.h      the event stream of a show, heartbeats, likes
 *          listing.h  what a show sells: run order, pins, claim windows, chapters
 *          claim.h    claims by tap, comment and staff; their ledger; the review queue
 *          deal.h     prices for some pieces and some minutes
 *          pulse.h    the fast clock, and whom turns of stock tell
 *          input.h    what comes from the Stream API: encoder on and off, health, recordings, and
 *                     the to-do list of calls to make there
 * Shape:   every change is one job: rows, and the events that tell of it, in one transaction. What
 *          viewers see is read from the event log after the commit, never from the request.
 *          An event has a number in its show: no gaps, only growing.
 * Rights:  every call takes `who` and checks it here. Staff of another shop are strangers: what
 *          they may not see is ERR_NOT_FOUND, what they may not do is ERR_FORBIDDEN.
 * Units:   times are Unix ms, 0 means "not yet" or "none" (null in JSON).
 * Memory:  text in results lies in cx->arena. json_t results belong to the caller.
 * Thread:  workers, unless a function says otherwise. Calls with a struct db use the reader given;
 *          calls without one write through store_do() and want no reader held meanwhile.
 * Errors:  on error no ret_ parameter is written. Every call may return ERR_STORE, ERR_BUSY and
 *          ERR_NO_MEMORY.
 * Source:  docs/architecture.md; statements in *.sql.
 */
#pragma once
#include "account/staff.h"
#include "base/cx.h"
#include <jansson.h>
#include <stddef.h>

struct db;
struct limits;
struct room;
struct store;
struct tx;

struct room_setup {
    struct store *store;
    struct limits *limits; /* chat and likes per viewer */
};

/* Starts the thread that follows the event log. ERR_NO_MEMORY, ERR_INTERNAL. */
enum err room_make(const struct room_setup *setup, struct room **ret_room) NODISCARD;
/*
 * Writes hearts that wait, stops the thread. No subscriber may be left, and the event loops must
 * have stopped: what was posted to them and has not run may not run any more. NULL is fine.
 */
void room_free(struct room *r);

/*
 * Once a second, from one thread that may block: interrupted shows that time out, viewer counts,
 * hearts, peaks. A late or missed tick loses nothing.
 */
void room_tick(struct room *r, int64_t now_ms);

/*
 * An event into a show's log for one viewer alone, in a job, last of its rows. Takes `data`; NULL
 * is ERR_NO_MEMORY. Source: of rooms above (order.state, payment.state).
 */
enum err room_tell_viewer(struct tx *tx, struct room *r, int64_t show_id, int64_t viewer_id,
                          const char *type, json_t *data) NODISCARD;

/* ---- who asks ---- */

struct room_who {
    int64_t viewer_id;            /* 0: nobody with a name yet */
    const char *name;             /* NULL with viewer_id 0 */
    const char *lang;             /* or NULL */
    const char *market;           /* "TW": where they buy; or NULL */
    bool account;                 /* signed in, not a guest */
    const char *device;           /* of the nm_device cookie, or NULL */
    const char *addr;             /* of the peer, for the audit log; or NULL */
    const char *fence;            /* the network of the peer, for the wide limits; or NULL */
    const unsigned char *session; /* SHA256_LEN bytes, of the cookie; NULL: none */
    const struct staff *staff;    /* where they work (staff_of_viewer()) */
    size_t staff_count;
};

/*
 * This session has ended: so do the event streams that were opened with it, and their browsers come
 * back as who they are now. Any thread. (Streams of staff also end within seconds when another
 * process ends the session or takes the role away: room_tick() looks.)
 */
void room_session_ended(struct room *r, const unsigned char *session);

/* Their role in a shop; ROLE_NONE for strangers. */
enum role room_role(const struct room_who *who, int64_t shop_id);

/* ---- small words used by all doors ---- */

/* Numbers for /metrics. */
struct room_stats {
    int64_t shows_open;  /* shows with subscribers or viewers now */
    int64_t subscribers; /* open event streams */
    int64_t viewers;     /* distinct, all shows */
    int64_t events;      /* read from the log and handed on, since the start */
    int64_t frames;      /* frames given to streams */
    int64_t lost;        /* streams ended because they fell behind */
    int64_t messages;    /* posted */
    int64_t held, refused;
};
void room_read_stats(struct room *r, struct room_stats *ret_stats);
