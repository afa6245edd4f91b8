/*
 * outbox - the threads that send what notice_put() has put.
 *
 * Shape:   rows whose time has come are taken under a lease by a conditional UPDATE, so several
 *          processes may run, sent with nothing held, and what became of them is written in a
 *          second job. What fails is tried again, later each time; a push service or mail server
 *          that does not answer is left alone for a while and its rows wait, so that it holds up
 *          nobody else. A browser that is gone (404, 410) is forgotten. A row that was sent just
 *          before a crash may be sent again: its Message-ID and Topic are the same.
 * Units:   times Unix ms.
 * Thread:  its own; or outbox_tick() by hand, on one thread that may block. The numbers: any.
 * Source:  RFC 8030; docs/guides/notify.md; statements in outbox.sql
 */
#pragma once
#include "base/cx.h"
#include <jansson.h>

struct db;
struct es256;
struct outbox;
struct store;

struct outbox_setup {
    struct store *store;
    const char *public_url;       /* put before local paths */
    const struct es256 *push_key; /* NULL: no push */
    const char *smtp_url;         /* NULL or "": no mail */
    const char *mail_from;        /* likewise */
    const char *ca_file;          /* NULL: the system's */
    bool local_ok;                /* push to loopback is fine: we are there ourselves */
};
/* What setup points to outlives it. ERR_INPUT: a bad setting. */
enum err outbox_make(const struct outbox_setup *setup, struct outbox **ret_outbox) NODISCARD;
enum err outbox_run(struct outbox *o) NODISCARD;
/* Within 2 s: what is not sent by then is put back. NULL, or not running, is fine. */
void outbox_stop(struct outbox *o);
void outbox_free(struct outbox *o); /* stops first. NULL is fine */

enum {
    OUTBOX_TAKE = 8, /* rows at once by one thread */
    OUTBOX_TRIES_MAX = 20,
    OUTBOX_LIST_TRIES_MAX = 5, /* of reminders */
    OUTBOX_LEASE_S = 300,
    OUTBOX_WAIT_S = 5, /* before the second try; twice as long each time, up to */
    OUTBOX_WAIT_MAX_S = 3600,
    OUTBOX_DOWN_S = 30,     /* how long who does not answer is left alone */
    OUTBOX_MAIL_DOWN_S = 5, /* our own mail server: codes wait for it */
    OUTBOX_KEEP_S = 30 * 86400
};
/* Send at most OUTBOX_TAKE mails and as many pushes that are due; returns how many were taken. */
size_t outbox_tick(struct outbox *o, int64_t now_ms);

struct outbox_numbers {
    int64_t queued, dead;                     /* rows, as counted within the last 15 s */
    int64_t sent, dropped, retried, oldest_s; /* of this process; the longest wait of what is due */
};
void outbox_numbers(const struct outbox *o, struct outbox_numbers *ret_numbers);

enum { OUTBOX_PAGE = 50 };
/*
 * {"items":[{"id","kind","channel","tries","result","created_at","at"}],"next"}: what could not be
 * sent for this shop, newest first. No address, no content: they are not kept.
 */
enum err outbox_dead(struct db *db, struct cx *cx, int64_t shop_id, const char *cursor,
                     json_t **ret_list) NODISCARD;
