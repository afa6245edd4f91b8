/*
 * privacy - what a person may ask about their data: a copy of it, and to be forgotten; and what is
 * forgotten by itself when its days are over.
 *
 * Doors:   privacy.h  export, erasure, the runner of both and of the sweeps
 *          consent.h  what people agreed to; legal.h the texts they agreed to
 *          keep.h     how long what is kept; tables.h every table of the schema, and what becomes
 *                     of a person's rows there
 * Shape:   a request is a row with a code. An erasure does at once what others could see or use:
 *          the name, the ways in, the sessions, addresses. All else goes in slices by the runner,
 *          step by step (tables.h), so a person with very many rows holds nobody up; a crash goes
 *          on where it was. Their orders stay, under a pseudonym, as the law of taxes wants; what
 *          is personal in an order goes once nothing is open about it.
 *          An export is written by the runner as a zip that lies in the database for a day.
 * Units:   times Unix ms; days are 24 hours.
 * Memory:  json_t results belong to the caller; text in cx->arena.
 * Thread:  the runner has one of its own, and calls nobody. With PostgreSQL several may run: a
 *          request is taken with a lease. Calls with a tx run in a job, those with a db hold a
 *          reader, those with a store are for workers.
 * Errors:  on error no ret_ parameter is written. ERR_STORE, ERR_BUSY, ERR_NO_MEMORY from all.
 * Source:  docs/guides/privacy.md, docs/decisions/0013-people.md; statements in *.sql
 */
#pragma once
#include "account/account.h"
#include "base/cx.h"
#include "base/id.h"

#include <jansson.h>
#include <stddef.h>

struct db;
struct keep;
struct orders;
struct privacy;
struct room;
struct stock_watch;
struct store;
struct tx;

struct privacy_setup {
    struct store *store;
    struct room *room;               /* whose rooms hear that messages are gone; or NULL */
    struct orders *orders;           /* whose unpaid orders are cancelled */
    const struct stock_watch *watch; /* told of units that come free; or NULL */
    const char *keep_days;           /* NM_KEEP_DAYS, checked by keep_parse(); or NULL */
};
enum err privacy_make(const struct privacy_setup *setup, struct privacy **ret_privacy) NODISCARD;
enum err privacy_run(struct privacy *p) NODISCARD; /* starts its thread */
void privacy_stop(struct privacy *p);              /* after the slice it is at. NULL is fine */
void privacy_free(struct privacy *p);              /* stops first. NULL is fine */

/* How long what is kept, as NM_KEEP_DAYS says. */
const struct keep *privacy_keep(const struct privacy *p);

/* What is due at now_ms, some slices of it: what the thread does all the time. */
void privacy_tick(struct privacy *p, int64_t now_ms);
/* Do not wait for the next second: a request was made. Any thread, also as a hook of a commit. */
void privacy_wake(void *privacy);

/* ---- erasure ---- */

/* Made before the job: what is random about it. */
struct erasure {
    int64_t request_id;
    char code[ID_TEXT];       /* req_…: whoever has it may see how far it is */
    char new_public[ID_TEXT]; /* the person's public id from then on */
    /* filled by the job: sessions that have ended */
    unsigned char sessions[SESSIONS_MAX][SHA256_LEN];
    size_t session_count;
};
void erasure_make(struct erasure *e);

/*
 * Begin to forget a person (an account or a guest), in the caller's job. At once: the sessions end,
 * the name becomes a neutral one and is no more than that for ever, ways in, password and addresses
 * go, what providers must be told is queued. The runner does the rest. `source`: "self",
 * "facebook", "apple", "sweep". Asking again for somebody who is being forgotten gives the code of
 * the first time.
 *
 * ERR_NOT_FOUND  no such person
 * ERR_CONFLICT   they alone own a shop: another owner first, or the shop is closed; cx->problem
 */
enum err privacy_erase(struct tx *tx, struct privacy *p, int64_t viewer_id, const char *source,
                       struct erasure *x) NODISCARD;
/*
 * The same of somebody of whom we have nothing (any more): a request that is done at once, so that
 * who asked for them gets a page that says so.
 */
enum err privacy_nobody(struct tx *tx, const char *source, struct erasure *x) NODISCARD;
/* After that job has committed: open streams of the sessions end. */
void privacy_erased(struct privacy *p, const struct erasure *x);

/*
 * What an erasure would do: {"owner_of":[{"shop","name"}],"goes":[{"what","n"}],
 * "stays":[{"what","n","why","until"}],"open_orders":[{"no","state"}],"signs_out":n}.
 */
enum err privacy_preview(struct db *db, struct cx *cx, const struct privacy *p, int64_t viewer_id,
                         json_t **ret_preview) NODISCARD;

/* {"code","kind","state","at","done_at","stays":[…]}: nothing that says whose it is. ERR_NOT_FOUND
 */
enum err privacy_request_state(struct db *db, struct cx *cx, const struct privacy *p,
                               const char *code, json_t **ret_request) NODISCARD;
/* {"items","next"}: of people who had to do with the shop, newest first; cursor may be NULL. */
enum { PRIVACY_PAGE = 50 };
enum err privacy_requests(struct db *db, struct cx *cx, int64_t shop_id, const char *cursor,
                          json_t **ret_list) NODISCARD;

/* ---- export ---- */

enum {
    EXPORT_PER_DAY = 3,
    EXPORT_KEEP_MS = 24 * 60 * 60 * 1000,
    EXPORT_BYTES_MAX = 64 * 1024 * 1024,
};

struct export_ask {
    int64_t request_id;
    char code[ID_TEXT];      /* req_… */
    char public_id[ID_TEXT]; /* exp_… */
    int64_t viewer_id;
    const char *lang; /* of README.txt */
};
void export_make(struct export_ask *ask, int64_t viewer_id, const char *lang);
/* ERR_CONFLICT: one is being written. ERR_LIMIT: EXPORT_PER_DAY in the last 24 hours. */
enum err export_begin(struct tx *tx, struct privacy *p, const struct export_ask *ask) NODISCARD;

/* {"id","state":"running"|"ready"|"failed","bytes","at","ready_at","expires_at"} ERR_NOT_FOUND */
enum err export_read(struct db *db, struct cx *cx, int64_t viewer_id, const char *public_id,
                     json_t **ret_export) NODISCARD;
/* {"items"}: theirs, newest first. */
enum err export_list(struct db *db, struct cx *cx, int64_t viewer_id, json_t **ret_list) NODISCARD;
/* The n-th piece of the file; *ret_len 0: after the last. ERR_NOT_FOUND: none, or not ready. */
enum err export_chunk(struct db *db, struct cx *cx, int64_t viewer_id, const char *public_id,
                      int64_t n, const unsigned char **ret_bytes, size_t *ret_len) NODISCARD;
