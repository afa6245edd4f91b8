/*
 * remind - who wants to be told when a show begins, and telling them.
 *
 * Shape:   a reminder is a row for a person and a show: by push, by mail, or both. Ten minutes
 *          before the start, when it goes live, and when it is called off a notice is put into the
 *          outbox (notify/notify.h) for each, in slices, each a job. A start that moves is told
 *          anew. A mail has a link that stops it without signing in.
 * Rest:    as room.h.
 */
#pragma once
#include "base/buf.h"
#include "base/crypto.h"
#include "room/show.h"

#define REMIND_BEFORE_MS INT64_C(600000)

struct reminder {
    bool push, email; /* what is set; both false: nothing */
    bool can_email;   /* there is a proved address */
    bool staff;       /* who asks may see the count */
    int64_t count;    /* how many are to be reminded; 0 for strangers */
};

/* ERR_NOT_FOUND */
enum err remind_get(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                    const char *show, struct reminder *ret_reminder) NODISCARD;
/*
 * Replaces what was set. ERR_NOT_FOUND; ERR_CLOSED: it is on air, or over; ERR_CONFLICT: by mail,
 * and there is no proved address; ERR_NEED_LOGIN: nobody asks
 */
enum err remind_set(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                    bool push, bool email) NODISCARD;
/* One that is not there is fine. ERR_NOT_FOUND: no such show */
enum err remind_drop(struct room *r, struct cx *cx, const struct room_who *who,
                     const char *show) NODISCARD;

/* Once a second, from a thread that may block: put what is due. `key` makes the links that stop. */
void remind_tick(struct room *r, const unsigned char key[SECRET_KEY_LEN], int64_t now_ms);

/* ---- links that stop ---- */

enum { REMIND_TOKEN = 128 };
/*
 * What such a link names; *ret_title is the show's title for `lang`. ERR_NOT_FOUND: no such link,
 * or its show or person is gone.
 */
enum err remind_stop_look(struct db *db, struct cx *cx, const unsigned char key[SECRET_KEY_LEN],
                          const char *token, enum lang lang, const char **ret_title) NODISCARD;
/* No more mail about this show for this person; push as before. */
enum err remind_stop(struct room *r, struct cx *cx, const unsigned char key[SECRET_KEY_LEN],
                     const char *token) NODISCARD;

/* ---- people ---- */

enum err remind_merge(struct tx *tx, int64_t from_viewer, int64_t to_viewer) NODISCARD;
enum err remind_erase(struct tx *tx, int64_t viewer_id) NODISCARD;

/* ---- calendars ---- */

/*
 * The show as an iCalendar file (RFC 5545), titles for `lang`. `base` is the public URL.
 * ERR_NOT_FOUND: it has no start.
 */
enum err remind_calendar(struct cx *cx, const struct show *s, enum lang lang, const char *base,
                         struct buf *out) NODISCARD;
