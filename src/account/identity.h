/*
 * identity - the ways in of a person: an e-mail address with its password, and accounts elsewhere
 * (LINE, Google, ...) that a login proved.
 *
 * Shape:   an identity is (provider, subject) and belongs to one account; an account has up to
 *          IDENTITIES_MAX. provider: "line", "google", "facebook", "apple", the lower-case name of
 *          any OIDC_<NAME>_*, or "email", whose subject is the address in lower case. What a
 *          provider says of addresses finds nobody's account but in the one case that
 *          identity_enter() names.
 * Units:   times are Unix ms.
 * Memory:  as account.h.
 * Thread:  functions with a struct tx run in a job; with a struct db wherever a reader is held.
 * Again:   identity_entry_make() and identity_make_id() before the job.
 * Errors:  every function may also return ERR_STORE and ERR_NO_MEMORY.
 * Source:  docs/decisions/0013-people.md; statements in identity.sql
 */
#pragma once
#include "account/account.h"

enum { IDENTITIES_MAX = 10, SUBJECT_MAX = 255, TOKEN_SEALED_MAX = 4096 };

/* What a provider vouches for. Texts outlive the call; NULL: not said. */
struct identity_proof {
    const char *provider, *subject; /* never NULL; 1..SUBJECT_MAX bytes */
    const char *email;              /* as the provider wrote it; nonsense counts as not said */
    bool email_verified;            /* the provider says that it asked the mailbox */
    /*
     * The provider runs the mailbox, so its word is as good as a code that came back: Google's own
     * issuer with email_verified, and the address ends in @gmail.com or hd is there. Never for a
     * relay address.
     */
    bool email_authoritative;
    const char *name; /* what people see; tidied, cut, replaced by a neutral one */
};

/* Somebody who comes in by a provider. Filled by identity_entry_make(), then by the job. */
struct identity_entry {
    int64_t viewer_id; /* of the account that is made if it is needed */
    char viewer_public_id[ID_TEXT], public_id[ID_TEXT];
    char name[NAME_SIZE], lang[LANG_SIZE];
    struct session_new session;
    /* the job's */
    struct viewer viewer; /* who they are; texts in the job's arena */
    bool is_new;          /* a new account was made */
    bool was_linked;      /* to the account that has this address, which we had verified */
};
void identity_entry_make(struct identity_entry *n, const struct identity_proof *p,
                         const char *lang);

/*
 * A known identity is its account; an unknown one is a NEW account, whoever else has its address -
 * but for an authoritative address onto an account for which WE verified the same address, which is
 * not a colleague's: staff link by hand. Then a fresh session: see session_start(). Address and
 * name that we keep of the identity become what the provider says now; the account's own stay.
 *
 * ERR_INPUT      provider or subject is no text that we keep
 * ERR_NOT_FOUND  the account is deleted
 */
enum err identity_enter(struct tx *tx, const struct identity_proof *p,
                        const struct session_how *how, const char *old_cookie,
                        struct identity_entry *n) NODISCARD;

/*
 * One more way into an account, which the caller has freshly proved (c5: need_proof). Linking what
 * is linked already is fine. `public_id` from identity_make_id().
 *
 * ERR_EXISTS     another account has it
 * ERR_LIMIT      IDENTITIES_MAX
 * ERR_NOT_FOUND  no such account
 */
void identity_make_id(char out[ID_TEXT]);
enum err identity_link(struct tx *tx, int64_t viewer_id, const char *public_id,
                       const struct identity_proof *p) NODISCARD;

struct identity {
    const char *public_id; /* idn_… */
    const char *provider, *subject;
    const char *email; /* or NULL */
    bool email_verified;
    const char *name; /* or NULL */
    int64_t linked_ms, last_used_ms;
};

/*
 * Take one away; its token is the caller's to revoke. Sessions that began with this provider end,
 * but the one with `keep_hash` (or NULL). For "email" the password goes as well.
 *
 * ERR_NOT_FOUND  not theirs
 * ERR_CONFLICT   it is the last way in
 */
struct identity_gone {
    const char *provider, *subject;
    const void *token_sealed; /* or NULL */
    size_t token_len;
};
enum err identity_unlink(struct tx *tx, int64_t viewer_id, const char *public_id,
                         const unsigned char *keep_hash, struct identity_gone *ret_gone) NODISCARD;

/* All of an account, oldest first; at most IDENTITIES_MAX, in the arena. */
enum err identity_list(struct db *db, struct arena *arena, int64_t viewer_id,
                       struct identity **ret_list, size_t *ret_count) NODISCARD;
/* Whose it is. ERR_NOT_FOUND: nobody's, or a deleted account's. */
enum err identity_find(struct db *db, const char *provider, const char *subject,
                       int64_t *ret_viewer_id) NODISCARD;
/* Does this account sign in by a password? */
enum err identity_has_password(struct db *db, int64_t viewer_id, bool *ret_has) NODISCARD;

/*
 * The provider says that the person took their word back (Apple's consent-revoked, Facebook's
 * deauthorize): sessions that began with it end, and what it told us (address, name, token) is
 * forgotten. The row stays, so that they may come back; orders stay. Nobody's: fine.
 */
enum err identity_drop_sessions(struct tx *tx, const char *provider, const char *subject) NODISCARD;

/* The sealed refresh token, at most TOKEN_SEALED_MAX bytes; len 0 forgets it. Nobody's: fine. */
enum err identity_keep_token(struct tx *tx, const char *provider, const char *subject,
                             const void *sealed, size_t len) NODISCARD;
/* In the arena; len 0: none. ERR_NOT_FOUND: no such identity. */
enum err identity_token(struct db *db, struct arena *arena, const char *provider,
                        const char *subject, const void **ret_sealed, size_t *ret_len) NODISCARD;
