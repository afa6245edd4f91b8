/*
 * code - eight digits that were sent to a mailbox: whoever types them reads its mail.
 *
 * Shape:   for CODE_EMAIL the code makes an address the account's own; for CODE_PASSWORD it opens
 *          the account that has the address. One code is under way for each: a newer one takes its
 *          place. It lasts CODE_MS and CODE_TRIES tries, and is used once.
 *          An address that nobody has is kept like any other, with nothing sent: asking and trying
 *          look the same from outside.
 * Pace:    one mail in CODE_PAUSE_MS and CODES_AN_HOUR, for each key; and CODES_TO an hour to an
 *          address that strangers name as theirs, however many they are.
 * Kept:    HMAC-SHA-256 by NM_SECRET_KEY: a copy of the database has no codes in it.
 * Memory, Thread, Errors: as account.h. code_make() before the job.
 * Source:  docs/decisions/0013-people.md; statements in code.sql
 */
#pragma once
#include "account/account.h"

enum { CODE_TEXT = 9, CODE_TRIES = 5, CODE_MINUTES = 10, CODES_AN_HOUR = 5, CODES_TO = 10 };
#define CODE_MS       ((int64_t)CODE_MINUTES * 60 * 1000)
#define CODE_PAUSE_MS (INT64_C(60) * 1000)

enum code_purpose { CODE_EMAIL, CODE_PASSWORD };

/* What a code is for. */
struct code_about {
    enum code_purpose purpose;
    int64_t viewer_id; /* CODE_EMAIL: whose address it is to become */
    const char *email; /* in lower case; not read when a CODE_EMAIL is tried */
};

struct code_new {
    char code[CODE_TEXT]; /* goes into the mail, nowhere else */
    unsigned char hash[SHA256_LEN];
};
void code_make(const unsigned char *key, const struct code_about *about, struct code_new *c);

/*
 * Keep it. *ret_viewer_id is whom to send it to: for CODE_PASSWORD whoever has the address; 0:
 * nobody, so nothing is sent.
 *
 * ERR_SLOW_DOWN  too soon after the last one; *ret_wait_ms says when; the last one stays good
 */
enum err code_put(struct tx *tx, const struct code_about *about, const struct code_new *c,
                  int64_t *ret_viewer_id, int64_t *ret_wait_ms) NODISCARD;

/*
 * Use up one try. Returns ERR_OK for a wrong one as well, or the try would not count; then
 * right is false. A right one is not used up yet: code_use() does that.
 */
struct code_try {
    bool right;
    unsigned char hash[SHA256_LEN]; /* for code_use() */
    const char *email;              /* the address it was sent to; in the arena */
    int64_t viewer_id;
};
enum err code_check(struct tx *tx, const unsigned char *key, const struct code_about *about,
                    const char *typed, struct code_try *ret_try) NODISCARD;
/* ERR_BAD_CODE: used or replaced meanwhile. */
enum err code_use(struct tx *tx, const struct code_about *about,
                  const struct code_try *t) NODISCARD;

/* Drop up to `max` that are over and whose pace is too. */
enum err code_sweep(struct tx *tx, int64_t max, int64_t *ret_dropped) NODISCARD;

/* ---- what a right code does ---- */

/*
 * The address is the account's own from now on, proved; one that it had before goes. An account
 * that only claimed this address - typed when signing up, never proved - loses it, its password and
 * the sessions that began with it. Other sessions of the account end, but the one with keep_hash.
 *
 * ERR_EXISTS  another account has proved it, or works in a shop under it
 * ERR_LIMIT   IDENTITIES_MAX
 */
enum err account_take_email(struct tx *tx, int64_t viewer_id, const char *identity_id,
                            const char *email, const unsigned char *keep_hash) NODISCARD;

/*
 * A new password by a code sent to `email`; every session ends. Where the address had only been
 * claimed, it is proved now, and every other way in goes: whoever signed up first may have been a
 * stranger who waits inside.
 *
 * ERR_BAD_CODE  the account has not that address any more
 */
enum err account_reset(struct tx *tx, int64_t viewer_id, const char *email, const char *hash,
                       bool *ret_was_claimed) NODISCARD;
