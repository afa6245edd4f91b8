/*
 * login - who one is, on another's word: the way to a provider and back.
 *
 * Shape:   login_start() keeps a try (what was asked, of which browser) and says where to send the
 *          browser; login_finish() takes the try that an answer belongs to, asks the provider and
 *          checks every claim; login_enter(), login_link(), login_prove() then act on it in one
 * job. A try is used once, within TRY_MS, by the browser that began it; several may be open.
 *          Documents and keys of providers are kept in memory and asked for again by their age.
 * Units:   times are Unix ms.
 * Memory:  text in results lies in cx->arena.
 * Thread:  any worker. login_start() and login_finish() call the provider: they block up to some
 *          seconds, never inside a job nor with a reader; a slow provider takes CALLS_PER_PROVIDER
 *          workers at most, then ERR_BUSY.
 * Errors:  every call may return ERR_STORE, ERR_NO_MEMORY, ERR_BUSY. `why` and cx->problem never
 *          hold a code, a token, a secret, a name or an address.
 * Source:  docs/decisions/0013-people.md, docs/guides/login.md; OpenID Connect Core 1.0, RFC 6749,
 *          7636 (PKCE), 9207 (iss), 9700 (security)
 */
#pragma once
#include "account/account.h"
#include "account/identity.h"
#include "login/provider.h"

struct limits;
struct login;
struct store;
struct tx;

enum { TRY_MS = 600000, NEXT_MAX = 512, CALLS_PER_PROVIDER = 6, CALLS_MAX = 16 };

struct login_setup {
    struct store *store;
    const unsigned char *key;         /* SECRET_KEY_LEN bytes, outlives it */
    const char *public_url;           /* no slash at the end; copied */
    const struct provider_list *list; /* outlives it */
};
enum err login_make(struct cx *cx, const struct login_setup *setup, struct login **ret) NODISCARD;
void login_free(struct login *l); /* NULL is fine */

const struct provider_list *login_providers(const struct login *l);

/* ---- there ---- */

enum login_purpose { LOGIN_ENTER, LOGIN_LINK, LOGIN_PROOF };

struct login_start {
    const char *provider;
    enum login_purpose purpose;
    const char *next;    /* where to be afterwards; anything but a local path becomes "/" */
    const char *lang;    /* of the person */
    const char *browser; /* the browser's key as its cookie says, or NULL */
    const unsigned char *session_hash; /* the session of this browser, or NULL */
    int64_t viewer_id;                 /* whose it is, for LINK and PROOF */
    bool retry;     /* they came back in another browser: ask for no automatic login */
    bool ask_email; /* ask again for the e-mail that was refused */
};
struct login_sent {
    const char *url;     /* of the provider, for a 303 */
    const char *browser; /* the cookie's value, for TRY_MS */
    bool form_post;      /* the answer comes as a cross-site POST: SameSite=None */
};
/*
 * ERR_NOT_FOUND  no such provider
 * ERR_UPSTREAM, ERR_TIMEOUT  it cannot be asked where to go
 */
enum err login_start(struct login *l, struct cx *cx, const struct login_start *ask,
                     struct login_sent *ret_sent) NODISCARD;

/* A path of ours to go to: starts with '/', no "//" in it, no '\', no control, not the API; else
 * "/". In the arena, percent-encoded where a header needs it; NULL: the arena is full. */
const char *login_next(struct cx *cx, const char *next);

/* ---- and back ---- */

/*      name           in ?error= */
#define LOGIN_CODE_TABLE(X)           \
    X(DONE, "done")                   \
    X(DENIED, "denied")               \
    X(EXPIRED, "expired")             \
    X(MISMATCH, "mismatch")           \
    X(PROVIDER_DOWN, "provider_down") \
    X(FAILED, "failed")               \
    X(TAKEN, "taken")                 \
    X(WRONG_ACCOUNT, "wrong_account") \
    X(UNSUPPORTED, "unsupported")
enum login_code {
#define X(name, text) LOGIN_##name,
    LOGIN_CODE_TABLE(X)
#undef X
};
const char *login_code_text(enum login_code code);

/* What the provider's answer says; NULL where it says nothing. */
struct login_back {
    const char *provider; /* of the path */
    const char *state, *code, *error, *iss;
    const char *user;                  /* Apple's JSON: what somebody typed */
    const char *browser;               /* the browser's key as its cookie says, or NULL */
    const unsigned char *session_hash; /* of the browser now, or NULL */
    bool posted;                       /* came as a form: cookies of SameSite=Lax were not sent */
};

/* Who came back. */
struct login_who {
    struct identity_proof proof;
    const char *refresh_token; /* or NULL */
    int64_t auth_time_ms;      /* when they proved it to the provider; 0: not said */
};

enum { LOGIN_TAG = 12 };
struct login_done {
    enum login_code code;
    enum login_purpose purpose;
    const char *provider;    /* name */
    const char *next;        /* a local path, "/" when no try was found */
    const char *why;         /* static, for the log; "" */
    char tag[LOGIN_TAG + 1]; /* for the log: tells people apart, and no more */
    struct login_who who;    /* of LOGIN_DONE only */
    int64_t viewer_id;       /* who asked to link or prove */
    /* The session of then: for a posted answer, whose cookie did not come. */
    bool had_session;
    unsigned char session_hash[SHA256_LEN];
};
/*
 * Whatever went wrong with the person's login is *ret_done's code, and ERR_OK; the try is used up
 * then as well.
 */
enum err login_finish(struct login *l, struct cx *cx, const struct login_back *back,
                      struct login_done *ret_done) NODISCARD;

/* ---- what comes of it: one job each ---- */

/*
 * Be the account of this identity, a new one if there is none, in a fresh session.
 */
struct login_enter {
    const struct login_who *who;
    const char *lang;       /* of a new account */
    const char *agent;      /* User-Agent, or NULL */
    const char *old_cookie; /* the session's that ends, or NULL */
    const unsigned char
        *old_hash; /* the same by its hash, where the cookie did not come; or NULL */
};
struct login_entered {
    struct session_new session;
    struct viewer viewer;
    bool is_new;     /* a new account was made */
    bool was_linked; /* to the account that had proved this address, which should hear of it */
};
enum err login_enter(struct login *l, struct cx *cx, const struct login_enter *ask,
                     struct login_entered *ret_entered) NODISCARD;
/*
 * For the session that asked, if it has not ended while the provider was called: who was thrown out
 * meanwhile must not leave a way in behind.
 * ERR_EXISTS: another account has it. ERR_CONFLICT: the session has ended.
 */
enum err login_link(struct login *l, struct cx *cx, int64_t viewer_id,
                    const unsigned char session_hash[SHA256_LEN],
                    const struct login_who *who) NODISCARD;
/*
 * Who holds the session has proved that it is still them: it goes on as a fresh one, as after any
 * sign-in, so that a token which somebody else has is worth nothing.
 * ERR_CONFLICT: that is another account's identity, or nobody's; or the session has ended.
 */
struct login_prove {
    const struct login_who *who;
    int64_t viewer_id;
    const unsigned char *session_hash;
    const char *agent; /* User-Agent, or NULL */
};
enum err login_prove(struct login *l, struct cx *cx, const struct login_prove *ask,
                     struct session_new *ret_session, struct viewer *ret_viewer) NODISCARD;

/* Drop up to `max` tries and nonces whose time has passed. */
enum err login_sweep(struct tx *tx, int64_t max) NODISCARD;
