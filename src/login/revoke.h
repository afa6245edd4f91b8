/*
 * revoke - telling providers that somebody left: unlinked, deleted, forgotten.
 *
 * Shape:   a row for each identity that is gone, with its sealed token, written in the job that
 *          takes the identity away; a thread tells the provider, again and again with longer waits,
 *          at most REVOKE_TRIES_MAX times. Then the row and its token are deleted. One that was
 *          given up keeps neither token nor subject, and is counted.
 *          LINE: deauthorize. Google and others: RFC 7009. Facebook: DELETE /{id}/permissions.
 *          Apple: /auth/revoke. Where we have no token, there is nothing to tell (but Facebook,
 *          which takes our own). Somebody who linked it again meanwhile keeps it.
 * Thread:  its own, or revokes_tick() by hand on one that may block: providers are called, with no
 *          reader and outside of jobs. Several processes: a row is taken with a lease.
 * Errors:  every call may return ERR_STORE.
 * Source:  docs/decisions/0013-people.md; statements in revoke.sql
 */
#pragma once
#include "base/cx.h"

#include <stddef.h>

struct login;
struct revokes;
struct store;
struct tx;

enum {
    REVOKE_TRIES_MAX = 20,
    REVOKE_BATCH = 20,
    REVOKE_WAIT_S = 30, /* after the first failure; doubles */
    REVOKE_WAIT_MAX_S = 6 * 3600,
    REVOKE_LEASE_S = 120,
    REVOKE_KEEP_DAYS = 30 /* of the row of one that was given up */
};

/* In the job that takes this identity away; `token_sealed` as identity_unlink() gives it. */
enum err revoke_put(struct tx *tx, const char *provider, const char *subject,
                    const void *token_sealed, size_t token_len) NODISCARD;
/* All of an account's, in the job that erases it, before its identities are dropped. */
enum err revoke_viewer(struct tx *tx, int64_t viewer_id) NODISCARD;

struct revokes_setup {
    struct store *store;
    struct login *login; /* outlives it */
};
enum err revokes_make(const struct revokes_setup *setup, struct revokes **ret_revokes) NODISCARD;
enum err revokes_run(struct revokes *r) NODISCARD; /* starts its thread */
void revokes_stop(struct revokes *r);              /* after the call it is at. NULL is fine */
void revokes_free(struct revokes *r);              /* stops first. NULL is fine */

/* What is due at now_ms, at most REVOKE_BATCH: what its thread does each second. */
void revokes_tick(struct revokes *r, int64_t now_ms);

struct revoke_numbers {
    int64_t due, given_up;
};
void revokes_numbers(const struct revokes *r, struct revoke_numbers *ret_numbers); /* any thread */
