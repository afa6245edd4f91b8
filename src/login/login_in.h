/*
 * login_in - the engine inside, for what plugs into it (Facebook, Apple, LIFF, revocation). Private
 * to login.
 *
 * Shape:  one table row a provider: its settings, its documents as last seen, its calls in flight.
 * Thread: any worker; a lock per provider is held for looking only, never while calling out.
 */
#pragma once
#include "base/buf.h"
#include "base/json.h"
#include "login/login.h"
#include "net/client.h"

struct login;

/* ---- plugs: provider.hooks ---- */

/* One answer that is being turned into a person. All texts live in cx->arena. */
struct exchange {
    struct login *login;
    struct cx *cx;
    const struct provider *provider;
    const char *code, *redirect_uri, *verifier, *nonce;
    const char *user;  /* Apple's JSON, from outside; or NULL */
    bool must_reprove; /* LOGIN_PROOF of a provider with REPROOF_MAX_AGE */
    int64_t started_ms;
    const char *why; /* set with an error: static, for the log */
};

struct authorize {
    const char *redirect_uri, *state, *nonce, *challenge, *lang;
    bool retry, reprove, ask_email;
};

/* Any of them may be NULL: as plain OpenID does it. */
struct provider_hooks {
    /* The whole authorize URL; `url` is empty. ERR_UPSTREAM, ERR_TIMEOUT, ERR_BUSY. */
    enum err (*authorize)(struct login *l, struct cx *cx, const struct provider *p,
                          const struct authorize *ask, struct buf *url);
    /* Code in, person out. Errors as openid_exchange(). */
    enum err (*exchange)(struct exchange *x, struct login_who *ret_who);
    /* The client secret of the next call, made for it. ERR_INTERNAL */
    enum err (*secret)(struct login *l, struct cx *cx, const struct provider *p,
                       const char **ret_secret);
    /* After the id_token was checked: more of the person (Apple's `user`). */
    void (*complete)(struct exchange *x, struct login_who *who);
};

/* ---- calls to providers (call.c) ---- */

enum { CALL_MS = 5000, CALL_CONNECT_MS = 3000, CALL_ANSWER_MAX = 128 * 1024 };

struct login_call {
    const char *method, *url;   /* https, or http on loopback; of the provider's hosts */
    const char *const *headers; /* as struct client_ask; or NULL */
    const char *body;           /* or NULL */
    bool once;                  /* has an effect: never sent twice by itself */
    bool in_turn;               /* one at a time anyway: not counted */
};
/*
 * One bounded call, counted against the provider's and the engine's cap; waits a moment for its
 * place. Always
 * client_answer_done() afterwards, also after an error.
 *
 * ERR_BUSY      CALLS_PER_PROVIDER are running
 * ERR_UPSTREAM  cannot be reached, a host that is not the provider's, or its answer is 5xx or 429
 * ERR_TIMEOUT
 */
enum err login_call(struct login *l, struct cx *cx, const struct provider *p,
                    const struct login_call *ask, struct client_answer *ret_answer) NODISCARD;
/* "&name=value" (without '&' where `form` is empty or ends in '?'), value percent-encoded. */
void form_add(struct buf *form, const char *name, const char *value);
/* Is `host` of this URL one the provider may send us to? */
bool provider_may_call(const struct provider *p, const char *url);

/* ---- discovery and keys (documents.c) ---- */

struct discovery {
    char authorize[PROVIDER_URL_MAX], token[PROVIDER_URL_MAX], jwks[PROVIDER_URL_MAX];
    char userinfo[PROVIDER_URL_MAX], revocation[PROVIDER_URL_MAX]; /* or "" */
    bool says_iss; /* RFC 9207: every answer carries iss */
    bool auth_post, auth_basic;
};
/* As last seen, or asked for. ERR_UPSTREAM, ERR_TIMEOUT, ERR_BUSY: not there, and none kept. */
enum err login_discovery(struct login *l, struct cx *cx, const struct provider *p,
                         struct discovery *ret_discovery) NODISCARD;

/* ---- id_tokens (id_token.c) ---- */

/* What must be true of a token: all by our settings. */
struct id_rule {
    enum id_alg alg;
    const char *nonce;        /* NULL: none of ours (LIFF) */
    const char *access_token; /* for at_hash; or NULL */
    int64_t now_ms;
    int64_t iat_max_age_ms; /* 0: any */
    bool is_event;          /* Apple's notices: no sub, no nonce */
};
struct id_claims {
    const char *sub, *email, *name;       /* NULL: not there */
    bool email_verified;                  /* true or "true" */
    bool hosted;                          /* hd is there: an organisation of Google */
    int64_t iat_ms, exp_ms, auth_time_ms; /* the last 0: not there */
    json_t *all;                          /* freed with the arena */
};
/*
 * Signature and every claim (OIDC Core 3.1.3.7). The key: the provider's secret for HS256, else its
 * JWKS by kid; an unknown kid asks for the keys once more, not too often.
 *
 * ERR_INPUT     refused; *ret_why is a static text
 * ERR_UPSTREAM, ERR_TIMEOUT, ERR_BUSY  its keys cannot be had
 */
enum err login_check_id_token(struct login *l, struct cx *cx, const struct provider *p,
                              const char *token, const struct id_rule *rule,
                              struct id_claims *ret_claims, const char **ret_why) NODISCARD;

/* ---- the rest ---- */

/*
 * The exchange of plain OpenID.
 * ERR_INPUT: code or id_token refused (x->why). ERR_UPSTREAM, ERR_TIMEOUT, ERR_BUSY
 */
enum err openid_exchange(struct exchange *x, struct login_who *ret_who) NODISCARD;
/* From claims: provider, subject, e-mail as far as the provider's word on it goes, name, picture.
 */
void login_who_of(const struct provider *p, const struct id_claims *claims,
                  struct login_who *ret_who);

/* Kept once: ERR_EXISTS when `hash` was there already. A job body. */
enum err login_once(struct tx *tx, const char *provider, const unsigned char hash[SHA256_LEN],
                    int64_t until_ms) NODISCARD;

struct store *login_store(const struct login *l);
const unsigned char *login_key(const struct login *l);
const char *login_public_url(const struct login *l);
