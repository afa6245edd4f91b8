/*
 * account - people: viewers (guests and accounts), their passwords and their sessions.
 *
 * Shape:   a viewer is a person or a guest with a name; an account is a viewer with an e-mail
 *          identity. A session is a random token in a cookie; the database keeps its SHA-256 only.
 *          Shops, staff roles and the audit log: staff.h. Rate limits: limit.h.
 * Units:   times are Unix ms; lengths of names and passwords count characters.
 * Memory:  text in results lies in the arena given (or in cx->arena).
 * Thread:  functions with a struct tx run in a job; with a struct db on any thread that holds a
 *          reader; account_sign_in() blocks (store, argon2id): workers only.
 * Again:   ids, tokens and hashes are made before the job (session_make(), id_next(), ...).
 * Errors:  every function here may also return ERR_STORE, and ERR_NO_MEMORY for a full arena.
 * Source:  docs/threats.md; statements in viewer.sql and session.sql.
 */
#pragma once
#include "base/crypto.h"
#include "base/cx.h"
#include "base/id.h"
#include "store/store.h"
#include <stddef.h>

struct limits;

/* ---- names ---- */

enum { NAME_CHARS_MAX = 24, NAME_SIZE = NAME_CHARS_MAX * 4 + 1, EMAIL_SIZE = 255, LANG_SIZE = 8 };

/*
 * What a person calls themself, fit to show: 1..24 characters after text_tidy(), none of them
 * control or invisible alone. ERR_INPUT with cx->problem for anything else.
 */
enum err account_tidy_name(struct cx *cx, const char *typed, char ret_name[NAME_SIZE]) NODISCARD;

/* What somebody is called who has no name that we can show: "訪客". A constant. */
const char *account_neutral_name(const char *lang);

/*
 * The name as strangers may see it: first character, '*', last character when the name is CJK of
 * three or more ("王*明"); else the first two characters with their marks and "***" ("สม***").
 */
enum { MASKED_SIZE = 64 };
void account_mask_name(const char *name, char out[MASKED_SIZE]);

/* Lower-cased, trimmed, with one '@' and a domain. ERR_INPUT: not an address we could write to. */
enum err account_tidy_email(struct cx *cx, const char *typed, char ret_email[EMAIL_SIZE]) NODISCARD;

/* What we call the language that a client asks for: a tag or an Accept-Language; "en" for others.
 */
const char *account_lang(const char *asked);
/* Where somebody of this language buys until they say otherwise: "TH" for "th", else "TW". */
const char *account_market(const char *lang);

/* ---- viewers ---- */

enum viewer_kind { VIEWER_GUEST, VIEWER_ACCOUNT };

struct viewer {
    int64_t id;
    const char *public_id; /* viw_… */
    enum viewer_kind kind;
    const char *name;
    const char *lang;
    const char *market; /* "TW": where they buy (catalog/market.h) */
    int64_t created_ms;
};

/* ERR_NOT_FOUND: no such viewer, or deleted. */
enum err viewer_by_id(struct db *db, struct arena *arena, int64_t id,
                      struct viewer *ret_viewer) NODISCARD;
enum err viewer_by_public_id(struct db *db, struct arena *arena, const char *public_id,
                             struct viewer *ret_viewer) NODISCARD;
enum err viewer_by_email(struct db *db, struct arena *arena, const char *email,
                         struct viewer *ret_viewer) NODISCARD;

/* `name` from account_tidy_name(). ERR_NOT_FOUND. */
enum err viewer_rename(struct tx *tx, int64_t viewer_id, const char *name) NODISCARD;
enum err viewer_set_lang(struct tx *tx, int64_t viewer_id, const char *lang) NODISCARD;
/* `market` is one of catalog/market.h. */
enum err viewer_set_market(struct tx *tx, int64_t viewer_id, const char *market) NODISCARD;

/* ---- sessions ---- */

enum { TOKEN_LEN = 32, TOKEN_TEXT = 44 }; /* base64url of 32 bytes and a NUL */

/* A session about to be: everything random is made here, before the job. */
struct session_new {
    char cookie[TOKEN_TEXT]; /* goes to the browser, nowhere else */
    char csrf[TOKEN_TEXT];   /* csrf_of(cookie): the page sends it as X-CSRF-Token */
    unsigned char hash[SHA256_LEN];
    char public_id[ID_TEXT];     /* ses_…: the person may end it by this name */
    int64_t expires_ms, auth_ms; /* filled by the job */
};
void session_make(struct session_new *s);

/*
 * The page's token that goes with a cookie, also with an anonymous device's: made from it, so it is
 * kept nowhere, and the cookie cannot be made from it.
 */
void csrf_of(const char *cookie, char out[TOKEN_TEXT]);

/* A guest with a session: one job. `name` from account_tidy_name(). */
struct guest_new {
    int64_t viewer_id;       /* id_next() */
    char public_id[ID_TEXT]; /* id_make("viw") */
    const char *name, *lang;
    const char *agent; /* User-Agent, or NULL; set after guest_make() */
    struct session_new session;
};
void guest_make(struct guest_new *g, const char *name, const char *lang);
enum err guest_create(struct tx *tx, struct guest_new *g) NODISCARD;

/* Who sends this cookie. */
struct session {
    struct viewer viewer;
    char csrf[TOKEN_TEXT];
    unsigned char hash[SHA256_LEN];
    int64_t expires_ms;
    int64_t auth_ms; /* when they last proved who they are; 0: never */
    bool stale; /* last seen long ago: have session_touch() run in a job, nobody waits for it */
};

/*
 * ERR_NEED_LOGIN  no such session, ended, or past its time; all look the same
 */
enum err session_find(struct db *db, struct cx *cx, const char *cookie,
                      struct session *ret_session) NODISCARD;
/* Whose session this is. ERR_NOT_FOUND: nobody's, or not any more. */
enum err session_viewer(struct db *db, const unsigned char hash[SHA256_LEN], int64_t now_ms,
                        int64_t *ret_viewer_id) NODISCARD;
/* Compares in constant time. */
bool session_csrf_ok(const struct session *s, const char *csrf);

/* How a session begins. */
struct session_how {
    const char *provider; /* "email" (password or code), a login provider's name, "guest" */
    const char *agent;    /* the browser's User-Agent, or NULL; its device_words() are kept */
    int64_t auth_ms;      /* when they proved who they are; 0: never */
};

/*
 * A session for somebody who has proved who they are; the one this browser had before (a cookie, or
 * NULL) ends, so that one planted by a stranger is worthless. A viewer keeps the SESSIONS_MAX last
 * used. ERR_NOT_FOUND: no such viewer, or deleted.
 */
enum { SESSIONS_MAX = 20 };
enum err session_start(struct tx *tx, int64_t viewer_id, const char *old_cookie,
                       const struct session_how *how, struct session_new *s) NODISCARD;

/*
 * Who holds this session has proved again who they are. ERR_NOT_FOUND: it is not this viewer's any
 * more.
 */
enum err session_prove(struct tx *tx, const unsigned char hash[SHA256_LEN], int64_t viewer_id,
                       int64_t auth_ms) NODISCARD;
/* How long a proof is fresh: linking, leaving and the like want one. */
enum { PROOF_MS = 600000 };
bool session_is_proved(const struct session *s, int64_t now_ms);

/*
 * Moves the end of the session: a guest's 180 days from now, an account's 30 days, but never past
 * 90 days from its beginning: then the person signs in again. (A guest who was seen once only has 8
 * days: anybody may make as many guests as they like.)
 */
enum err session_touch(struct tx *tx, const unsigned char hash[SHA256_LEN]) NODISCARD;
/* Ending a session that is not there is fine. */
enum err session_end(struct tx *tx, const unsigned char hash[SHA256_LEN]) NODISCARD;
enum err session_end_all(struct tx *tx, int64_t viewer_id) NODISCARD;
/* All but the one with this hash; NULL: all. */
enum err session_end_others(struct tx *tx, int64_t viewer_id,
                            const unsigned char *keep_hash) NODISCARD;

/* The sessions of a person as they see them, last used first, at most SESSIONS_MAX. */
struct session_seen {
    const char *public_id;
    const char *device;   /* "Chrome · Android"; "" : not known */
    const char *provider; /* as in session_how */
    int64_t created_ms, seen_ms;
    struct blob hash; /* SHA256_LEN bytes: for room_session_ended(); never leaves the server */
};
enum err session_list(struct db *db, struct cx *cx, int64_t viewer_id,
                      struct session_seen **ret_list, size_t *ret_count) NODISCARD;
/* End one of theirs. ERR_NOT_FOUND: it is not theirs, or has ended. */
enum err session_end_named(struct tx *tx, int64_t viewer_id, const char *public_id) NODISCARD;

/*
 * What a person would call the browser that sends this User-Agent: "Chrome · Android", "LINE ·
 * iPhone"; "" where nothing is known. Of a stranger's text it takes known words only.
 */
enum { DEVICE_WORDS_SIZE = 48 };
void device_words(const char *agent, char out[DEVICE_WORDS_SIZE]);
/*
 * Drop up to `max` (at most SESSION_SWEEP_MAX) sessions whose time has passed. A guest who has none
 * left and never wrote goes too, here and when a session ends.
 */
enum { SESSION_SWEEP_MAX = 1000 };
enum err session_sweep(struct tx *tx, int64_t max, int64_t *ret_dropped) NODISCARD;

/* A device that has no session: the cookie that tells anonymous viewers apart ("dev_…"). */
void device_make(char out[ID_TEXT]);
bool device_ok(const char *cookie);

/* ---- passwords ---- */

enum { PASSWORD_CHARS_MIN = 10, PASSWORD_CHARS_MAX = 128 };

/*
 * 10..128 characters, not the e-mail, not one of the most common, not a word of this site or of the
 * e-mail with a few digits; nothing else is asked.
 * ERR_INPUT with cx->problem; the password is never repeated.
 */
enum err password_rules(struct cx *cx, const char *password, const char *email) NODISCARD;

/*
 * argon2id; at most two run at once in this process, four more wait up to 5 s, all others are
 * ERR_BUSY at once: a crowd that signs in does not hold every worker.
 */
enum err password_hash(struct cx *cx, const char *password,
                       char ret_hash[PASSWORD_HASH_MAX]) NODISCARD;

struct account_new {
    int64_t viewer_id;
    char public_id[ID_TEXT], identity_id[ID_TEXT];
    char email[EMAIL_SIZE];
    char name[NAME_SIZE];
    char lang[LANG_SIZE];
    char password_hash[PASSWORD_HASH_MAX];
};

/*
 * Check and hash everything that comes before the job. Blocks: a worker or a subcommand.
 * ERR_INPUT, ERR_BUSY
 */
enum err account_make(struct cx *cx, const char *email, const char *name, const char *lang,
                      const char *password, struct account_new *ret_account) NODISCARD;
/* ERR_EXISTS: the e-mail has an account. */
enum err account_create(struct tx *tx, const struct account_new *a) NODISCARD;
/*
 * A new password ends every session of the account but the one with `keep_hash` (or NULL), and
 * takes back codes that are under way. ERR_NOT_FOUND
 */
enum err account_set_password(struct tx *tx, int64_t viewer_id, const char *hash,
                              const unsigned char *keep_hash) NODISCARD;

struct sign_in {
    const char *email, *password;
    const char *fence;      /* the peer's address or network, for the limits */
    const char *old_cookie; /* as for session_start() */
    int64_t *ret_wait_ms;   /* with ERR_SLOW_DOWN: when to try again; may be NULL */
    const char *agent;      /* User-Agent, or NULL */
};

/*
 * E-mail and password in, a fresh session out. An unknown e-mail takes as long as a wrong password
 * and says the same.
 *
 * ERR_SLOW_DOWN  5 failures a minute for the account from this network, 100 from anywhere (so that
 *                a stranger does not lock somebody out), or 500 for the network
 * ERR_BAD_LOGIN
 * ERR_BUSY       too many are signing in
 */
enum err account_sign_in(struct store *store, struct limits *limits, struct cx *cx,
                         const struct sign_in *ask, struct session_new *ret_session,
                         struct viewer *ret_viewer) NODISCARD;

struct sign_up {
    const char *email, *name, *lang, *password;
    const char *fence, *old_cookie; /* as for signing in */
    int64_t *ret_wait_ms;           /* likewise */
    const char *agent;              /* likewise */
};

/*
 * A new account and its first session, in one job. Takes as long for an e-mail that has an account,
 * and answering so counts as a failure to sign in: nobody tries lists of addresses through here.
 *
 * ERR_INPUT      e-mail, name or password
 * ERR_EXISTS     the e-mail cannot be used
 * ERR_SLOW_DOWN, ERR_BUSY
 */
enum err account_sign_up(struct store *store, struct limits *limits, struct cx *cx,
                         const struct sign_up *ask, struct session_new *ret_session,
                         struct viewer *ret_viewer) NODISCARD;

/*
 * The account's password again: a fresh session takes the place of the one with `session_hash`, so
 * that a token somebody copied before is worth nothing. Limits, time and errors as for signing in.
 * ERR_BAD_LOGIN also for an account that has none.
 */
struct proof_ask {
    const char *email; /* of the account; NULL: it has none */
    const char *password, *fence, *agent;
    int64_t viewer_id;
    const unsigned char *session_hash;
    int64_t *ret_wait_ms;
};
enum err account_prove(struct store *store, struct limits *limits, struct cx *cx,
                       const struct proof_ask *ask, struct session_new *ret_session) NODISCARD;

/*
 * Where to write to this person: the address that a code proved, or that a login provider says it
 * proved; *ret_verified false: as typed when signing up, perhaps a stranger's - nothing private
 * goes there. NULL: none.
 */
enum err viewer_mailbox(struct db *db, struct arena *arena, int64_t viewer_id,
                        const char **ret_email, bool *ret_verified) NODISCARD;

/* The address of an account, and whether a code that was sent there came back. NULL: none. */
enum err viewer_own_email(struct db *db, struct arena *arena, int64_t viewer_id,
                          const char **ret_email, bool *ret_proved) NODISCARD;
/* The address of an account, as it signs in; NULL for guests and for those who have none. */
enum err viewer_email(struct db *db, struct arena *arena, int64_t viewer_id,
                      const char **ret_email) NODISCARD;
