/*
 * handover - the link out of an in-app browser: it carries a guest's place into another browser,
 * once.
 *
 * Shape:   a token of 256 bits stands in the fragment of the link, which no server sees, and no
 *          preview fetches. Looking uses nothing up; taking does. A guest comes along; of an
 *          account only path and draft do, never its session.
 * Units:   times are Unix ms.
 * Kept:    the SHA-256 of the token, HANDOVER_MS long; HANDOVERS_MAX for each who makes them.
 * Memory, Thread, Errors: as account.h. handover_make() before the job.
 * Source:  docs/decisions/0013-people.md; statements in handover.sql
 */
#pragma once
#include "account/account.h"

enum { HANDOVER_MS = 600000, HANDOVERS_MAX = 3, PATH_MAX_CHARS = 512, DRAFT_CHARS_MAX = 500 };

struct handover_new {
    char token[TOKEN_TEXT]; /* goes into the link, nowhere else */
    unsigned char hash[SHA256_LEN];
};
void handover_make(struct handover_new *n);

struct handover {
    const char *owner; /* public id of the viewer, or the device, that makes it */
    int64_t guest_id;  /* who comes along; 0: nobody */
    const char *path;  /* "/s/shw_…": handover_path_ok() */
    const char *draft; /* what was being typed, "" for nothing */
    /* of one that was kept */
    int64_t expires_ms;
    int64_t goods; /* units in the guest's carts */
};

/* A path of ours: starts with '/', no "//" in it, no '\', no control character, at most
 * PATH_MAX_CHARS. */
bool handover_path_ok(const char *path);

/* The oldest of the owner's beyond HANDOVERS_MAX goes. ERR_INPUT: path or draft. */
enum err handover_put(struct tx *tx, const struct handover *h, const struct handover_new *n,
                      int64_t *ret_expires_ms) NODISCARD;
/* ERR_NOT_FOUND: used, over, or never was. Of a guest that is gone, path and draft stay. */
enum err handover_look(struct db *db, struct cx *cx, const char *token,
                       struct handover *ret_handover) NODISCARD;
/* The same, and it is used up. */
enum err handover_take(struct tx *tx, const char *token, struct handover *ret_handover) NODISCARD;
enum err handover_sweep(struct tx *tx, int64_t max, int64_t *ret_dropped) NODISCARD;
