/*
 * notify - messages that reach people outside the page: web push and e-mail.
 *
 * Doors:   notify.h   what is said to whom: notice_put(), in the caller's own job
 *          outbox.h   the threads that send what was put, and what they could not send
 *          push.h     browsers that take push messages; RFC 8030, 8188, 8291, 8292
 *          mail.h     one e-mail as text, and an SMTP server that takes it
 *          words.h    the texts, in five languages
 * Shape:   a notice becomes one row of the outbox for each browser and for the address that shall
 *          have it. It commits with what it tells of, or neither happens. Rows are sent later,
 *          with retries; what is sent or given up keeps neither address nor content.
 * Units:   times Unix ms.
 * Memory:  text in results lies in the arena given, or in cx->arena.
 * Thread:  functions with a struct tx run in a job; with a struct db on any thread with a reader.
 * Errors:  every function may return ERR_STORE, and ERR_NO_MEMORY for a full arena.
 * Source:  docs/guides/notify.md; statements in notify.sql and outbox.sql
 */
#pragma once
#include "base/cx.h"
#include <jansson.h>
#include <stddef.h>

struct arena;
struct db;
struct tx;

enum notice_channel { NOTICE_PUSH = 1, NOTICE_EMAIL = 2 };

/*
 * Every kind of message. NAME, stored name, channels, keep (how long it may wait, in minutes),
 * urgent (push wakes a sleeping phone), list (a person asked for it and may stop it: mail has
 * List-Unsubscribe).
 *
 * Their args, by which words.c fills in the texts (all are text unless said; "url" is a local path
 * or an absolute address; those in brackets may be missing):
 *   show_soon show_live show_cancelled  title, at (ms), url, shop, [stop]
 *   order_receipt  no, url, shop, currency, lines [{title, options, qty, amount}], subtotal,
 *                  discount, shipping, total, [address], [withdrawal_days], paid (bool)
 *   order_shipped  no, url, shop, [carrier], [tracking]
 *   order_refunded no, url, shop, amount, currency
 *   email_code password_code  code, minutes (number)
 *   security_notice  what ("identity_added" "identity_removed" "password" "email" "new_device"
 *                  "role"), [detail], at (ms), url
 *   draw_won       title, url, shop, until (ms)
 *   waitlist_offer title, url, shop, until (ms)
 *   budget         what, percent (number), url
 */
#define NOTICE_TABLE(X)                                                                 \
    X(SHOW_SOON, "show_soon", NOTICE_PUSH, 60, true, true)                              \
    X(SHOW_LIVE, "show_live", NOTICE_PUSH, 30, true, true)                              \
    X(SHOW_CANCELLED, "show_cancelled", NOTICE_PUSH, 1440, false, true)                 \
    X(ORDER_RECEIPT, "order_receipt", NOTICE_EMAIL, 4320, false, false)                 \
    X(ORDER_SHIPPED, "order_shipped", NOTICE_PUSH | NOTICE_EMAIL, 4320, false, false)   \
    X(ORDER_REFUNDED, "order_refunded", NOTICE_PUSH | NOTICE_EMAIL, 4320, false, false) \
    X(EMAIL_CODE, "email_code", NOTICE_EMAIL, 15, true, false)                          \
    X(PASSWORD_CODE, "password_code", NOTICE_EMAIL, 15, true, false)                    \
    X(SECURITY_NOTICE, "security_notice", NOTICE_EMAIL, 4320, false, false)             \
    X(DRAW_WON, "draw_won", NOTICE_PUSH | NOTICE_EMAIL, 1440, false, false)             \
    X(WAITLIST_OFFER, "waitlist_offer", NOTICE_PUSH | NOTICE_EMAIL, 30, true, false)    \
    X(BUDGET, "budget", NOTICE_EMAIL, 1440, false, false)

enum notice_kind {
#define X(name, text, channels, keep_min, urgent, list) NOTICE_##name,
    NOTICE_TABLE(X)
#undef X
        NOTICE_KIND_COUNT
};
const char *notice_kind_name(enum notice_kind k);
/* ERR_INPUT: no such kind. */
enum err notice_kind_parse(const char *text, enum notice_kind *ret_kind) NODISCARD;

struct notice {
    enum notice_kind kind;
    int64_t to_viewer;     /* 0: nobody, only `to_email` */
    const char *to_email;  /* NULL: where the viewer proved to be reached, if anywhere */
    const char *lang;      /* NULL: the viewer's */
    json_t *args;          /* an object, borrowed; NULL: none */
    const char *key;       /* the same key is said once to each browser and address; NULL: always */
    unsigned channels;     /* enum notice_channel; 0: those of the kind */
    int64_t not_before_ms; /* 0: now */
    int64_t until_ms;      /* worthless afterwards; 0: the kind's time from not_before_ms on */
    int64_t shop_id;       /* whose staff may see that it failed; 0: nobody's */
};

enum { NOTICE_ARGS_MAX = 16 * 1024, NOTICE_KEY_MAX = 120 };

/*
 * Put a notice into the outbox. Who has no browser and no address gets none: no error. Nothing is
 * sent here.
 *
 * ERR_INPUT  args longer than NOTICE_ARGS_MAX, an address that mail cannot go to
 */
enum err notice_put(struct tx *tx, const struct notice *n) NODISCARD;

/* Where a viewer proved to be reached by mail; *ret_email NULL: nowhere. */
enum err notify_address(struct db *db, struct arena *arena, int64_t viewer_id,
                        const char **ret_email) NODISCARD;

/* What a guest gathered becomes the account's: browsers, and what waits to be sent. */
enum err notify_merge(struct tx *tx, int64_t from_viewer, int64_t to_viewer) NODISCARD;
/* The viewer goes on elsewhere, as somebody else perhaps: browsers of until now hear no more. */
enum err notify_leave(struct tx *tx, int64_t viewer_id) NODISCARD;
/* A person is to be forgotten: their browsers and every message to them, sent or not. */
enum err notify_erase(struct tx *tx, int64_t viewer_id) NODISCARD;
