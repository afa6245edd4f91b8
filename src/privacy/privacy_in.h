/* privacy_in - what the files of this room share. Nothing outside includes it. */
#pragma once
#include "privacy/keep.h"
#include "privacy/privacy.h"
#include "store/store.h"

#include <pthread.h>

enum { PSEUDONYM_SIZE = 8 };

struct privacy {
    struct privacy_setup set;
    struct keep keep;
    /* the runner's own */
    int64_t sweep_ms;     /* when to sweep again */
    size_t sweep_part;    /* where the sweep is */
    int64_t guest_after;  /* and how far with guests */
    pthread_mutex_t lock; /* of stop and awake */
    pthread_cond_t wake;
    pthread_t thread;
    bool running, stop, awake;
};

enum { SLICE = 100 }; /* rows of a job */
enum { SWEEP_EVERY_MS = 6 * 60 * 60 * 1000 };

/* ---- the runner's parts: one slice each; *ret_more: there may be more at once ---- */

enum err erase_tick(struct privacy *p, struct cx *cx, bool *ret_more) NODISCARD;
/* Orders whose personal fields may go. */
enum err forget_orders_tick(struct privacy *p, struct cx *cx, bool *ret_more) NODISCARD;
enum err export_tick(struct privacy *p, struct cx *cx, bool *ret_more) NODISCARD;
enum err sweep_tick(struct privacy *p, struct cx *cx, bool *ret_more) NODISCARD;

/* Until when taxes want an order. */
int64_t keep_order_until(const struct keep *k, int64_t created_ms);

/* A request taken from the table, with its lease. */
struct request {
    int64_t id, viewer_id, step, after, tries, lease_until;
    bool again; /* its steps were done once */
};
enum { REQUEST_LEASE_S = 60 };
/* The next one of this kind that is due, now ours. ERR_NOT_FOUND: none. */
enum err request_take(struct privacy *p, struct cx *cx, const char *kind,
                      struct request *ret_request) NODISCARD;

/* Give it back: at its next slice, done, or after a while because it failed. */
enum err request_move(struct privacy *p, struct cx *cx, struct request *r) NODISCARD;
/* After the first time the steps are done once more, ERASE_AGAIN_MS later. */
enum { ERASE_AGAIN_MS = 2 * 60 * 1000 };
enum err request_done(struct privacy *p, struct cx *cx, struct request *r) NODISCARD;
enum err request_wait(struct privacy *p, struct cx *cx, struct request *r) NODISCARD;

/* Rows that are dropped at once, by the table of tables. */
enum err erase_rows(struct tx *tx, int64_t viewer_id) NODISCARD;

/* What stays of a person who is erased, as the pages show it. */
enum err request_stays(struct db *db, struct cx *cx, int64_t viewer_id, const struct keep *keep,
                       json_t **ret_stays) NODISCARD;

/* ?cursor= of lists, newest first; ERR_INPUT. {"items","next"}: takes the items. */
enum err page_cursor(struct cx *cx, const char *cursor, int64_t *ret_before) NODISCARD;
json_t *page_json(json_t *items, size_t count, int64_t last_id);
