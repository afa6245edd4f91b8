/*
 * hub - the events of a show, to everybody who watches it.
 *
 * Shape:   one hub per show that somebody watches; it follows the event log and keeps the last
 *          HUB_RING frames. Subscribers live in crowds, one per event loop; a new event wakes each
 *          loop once, and the loop gives one shared frame to all of its subscribers.
 * Frame:   "id: <seq>\ndata: <envelope>\n\n"; frames that are not logged (viewers.count,
 *          like.burst, staff.ingest, server.bye) have no id line.
 * Joining: subscriber_make() on a worker reads a snapshot (or what was missed since `after`);
 *          subscriber_start() on the loop gives it that, then everything the hub got since the
 *          snapshot, then joins the crowd: no gap, nothing twice.
 * Limits:  SUBSCRIBERS_MAX streams per process; a loop that is HUB_RING events behind has its
 *          streams ended (`lost`), and they come back with Last-Event-ID.
 * Nodes:   a commit of another process (PostgreSQL) wakes us by store_listen(), then the event is
 * read from the log as our own are. viewers.count, like.burst and staff.ingest are of this process
 * alone: each tells its viewers what it knows itself.
 */
#pragma once
#include "base/bytes.h"
#include "room/show.h"

struct loop_mail;

enum { HUB_RING = 2000, HUB_LOOPS_MAX = 64, SUBSCRIBERS_MAX = 100000, CHAT_SAMPLED_PER_S = 20 };

/*
 * Say once, before the first subscriber, how to run something on event loop `loop`
 * (0..loops-1): net's loop_post_mail(), which cannot fail and keeps order. `mail` is the room's,
 * and in use until fn is entered.
 */
void room_set_loops(struct room *r, int loops,
                    void (*post)(void *arg, int loop, struct loop_mail *mail, void (*fn)(void *),
                                 void *fn_arg),
                    void *arg);

struct subscriber;

/* What a stream gives to the hub. Both are called on its loop. */
struct subscriber_ops {
    void (*send)(void *arg, struct bytes *frame); /* borrows the frame; may end the subscriber */
    /* Too far behind, or its session is over: close the stream; nothing more is sent. */
    void (*lost)(void *arg);
};

/*
 * Thread: a worker. `after`: the last event the client has, or -1 for a fresh start. An `after`
 * that is too old or not of this log gives a snapshot.
 *
 * ERR_NOT_FOUND  no such show for `who`
 * ERR_BUSY       SUBSCRIBERS_MAX
 */
enum err subscriber_make(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                         const char *show, int64_t after,
                         struct subscriber **ret_subscriber) NODISCARD;
/* Thread: the loop `loop`. Sends the first frames before it returns. */
void subscriber_start(struct subscriber *s, int loop, const struct subscriber_ops *ops, void *arg);
/* Thread: its loop; any thread if it was never started. NULL is fine. */
void subscriber_free(struct subscriber *s);

/* The snapshot's data alone; *ret_seq is the head of the log it was read at. ERR_NOT_FOUND */
enum err room_snapshot(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                       const char *show, json_t **ret_data, int64_t *ret_seq) NODISCARD;

/* Something was committed for this show: read the log. Any thread, never blocks for long. */
void room_wake(struct room *r, int64_t show_id);
/* server.bye to everybody. Any thread. */
void room_bye(struct room *r, int64_t retry_ms);

/* ---- presence ---- */

/*
 * A viewer is there: call every 10 s; counted for 30. `delay_ms`: how far behind the live edge
 * their picture is, or -1. Somebody without viewer_id and device counts nowhere. Writes nothing.
 *
 * ERR_NOT_FOUND
 */
enum err room_heartbeat(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                        const char *show, int64_t delay_ms) NODISCARD;
/* 95 of 100 viewers are less than this behind; -1: nobody says. */
int64_t room_delay_p95_ms(struct room *r, const struct show *s);

enum { LIKES_PER_CALL_MAX = 20 };
/*
 * `n` hearts. Kept in memory, shown once a second, stored every few seconds.
 *
 * ERR_INPUT, ERR_NOT_FOUND, ERR_SLOW_DOWN (*ret_wait_ms, may be NULL, is written)
 */
enum err room_like(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                   const char *show, int64_t n, int64_t *ret_wait_ms) NODISCARD;
