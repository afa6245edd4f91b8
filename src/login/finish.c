/*
 * The way back. In this order: the try, by its state, is taken (and so used up); it is this
 * browser's; in time; of this provider; the answer is the provider's (iss); then what it says;
 * whose session it was; and only then anybody is called.
 */
#include "base/arena.h"
#include "login/openid_in.h"
#include "login/try_in.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

static void say(struct login_done *d, enum login_code code, const char *why)
{
    d->code = code;
    d->why = why;
}

/* ---- whose try it is ---- */

static enum err take(struct login *l, struct cx *cx, const char *state, struct try_taken *t)
{
    *t = (struct try_taken){.found = false};
    if (!state || strlen(state) != LOGIN_SECRET_TEXT - 1)
        return ERR_OK;
    crypto_sha256(state, strlen(state), t->state_hash);
    return store_do(l->set.store, cx, "login.take", try_take, t);
}

static bool same_browser(const struct try_taken *t, const char *cookie)
{
    unsigned char hash[SHA256_LEN];
    if (!cookie)
        return false;
    crypto_sha256(cookie, strlen(cookie), hash);
    return crypto_same(hash, sizeof hash, t->browser_hash.p, t->browser_hash.len);
}

/* RFC 9207 section 2.4; the mix-up defence beside one redirect URI a provider. */
static const char *iss_wrong(struct login *l, struct cx *cx, const struct provider *p,
                             const struct login_back *back)
{
    struct discovery d;
    if (back->iss)
        return strcmp(back->iss, p->issuer) == 0 ? NULL : "an answer of another issuer";
    if (p->kind == PROVIDER_FACEBOOK || back->error)
        return NULL;
    enum err e = login_discovery(l, cx, p, &d);
    cx->problem[0] = '\0'; /* if it is down the exchange will say so */
    return !e && d.says_iss ? "an answer without its issuer" : NULL;
}

static void judge_error(const char *error, struct login_done *d)
{
    static const char *const no[] = {"access_denied", "user_cancelled_authorize", "user_denied",
                                     "user_cancelled_login"};
    static const char *const down[] = {"temporarily_unavailable", "server_error"};
    say(d, LOGIN_FAILED, "the provider says error");
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        if (strcmp(error, no[i]) == 0)
            say(d, LOGIN_DENIED, "the person said no");
    for (size_t i = 0; i < sizeof down / sizeof down[0]; i++)
        if (strcmp(error, down[i]) == 0)
            say(d, LOGIN_PROVIDER_DOWN, "the provider says it is down");
}

/* To link or prove is for the session that asked for it, while it lasts. */
static enum err check_session(struct login *l, struct cx *cx, const struct login_back *back,
                              const struct try_taken *t, struct login_done *d)
{
    struct db *db = NULL;
    int64_t viewer_id = 0;
    bool now = back->session_hash != NULL;
    if (t->purpose == LOGIN_ENTER)
        return ERR_OK;
    say(d, LOGIN_WRONG_ACCOUNT, "another session than the one that asked");
    if (!t->session_hash.p || (!now && !back->posted) ||
        (now &&
         !crypto_same(back->session_hash, SHA256_LEN, t->session_hash.p, t->session_hash.len)))
        return ERR_OK;
    enum err e = store_read(l->set.store, &db);
    if (e)
        return e;
    e = session_viewer(db, t->session_hash.p, cx->now_ms, &viewer_id);
    store_read_end(db);
    if (!e && viewer_id == t->viewer_id)
        say(d, LOGIN_DONE, "");
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err judge(struct login *l, struct cx *cx, const struct provider *p,
                      const struct login_back *back, const struct try_taken *t,
                      struct login_done *d)
{
    const char *why = NULL;
    if (!same_browser(t, back->browser))
        say(d, LOGIN_MISMATCH, "another browser than the one that asked");
    else if (t->expires_ms <= cx->now_ms)
        say(d, LOGIN_EXPIRED, "the try is too old");
    else if (strcmp(t->provider, p->name) != 0)
        say(d, LOGIN_FAILED, "a try with another provider");
    else if (p->form_post && !back->posted && !back->error)
        say(d, LOGIN_FAILED, "an answer by GET");
    else if ((why = iss_wrong(l, cx, p, back)))
        say(d, LOGIN_FAILED, why);
    else if (back->error)
        judge_error(back->error, d);
    else if (!back->code || !back->code[0])
        say(d, LOGIN_FAILED, "no code");
    else
        return check_session(l, cx, back, t, d);
    return ERR_OK;
}

/* ---- who it is ---- */

/* The person learns that it failed or that the provider is down; the log says why. */
static enum err say_error(struct login_done *d, enum err e, const char *why)
{
    switch ((int)e) {
    case ERR_OK: return ERR_OK;
    case ERR_UPSTREAM: say(d, LOGIN_PROVIDER_DOWN, "it cannot be reached"); return ERR_OK;
    case ERR_TIMEOUT: say(d, LOGIN_PROVIDER_DOWN, "it is too slow"); return ERR_OK;
    case ERR_BUSY: say(d, LOGIN_PROVIDER_DOWN, "too many wait for it"); return ERR_OK;
    case ERR_INPUT: say(d, LOGIN_FAILED, why && why[0] ? why : "refused"); return ERR_OK;
    default: return e;
    }
}

static enum err exchange(struct login *l, struct cx *cx, const struct provider *p,
                         const struct login_back *back, const struct try_taken *t,
                         struct login_done *d)
{
    char plain[TRY_PLAIN];
    struct exchange x = {.login = l,
                         .cx = cx,
                         .provider = p,
                         .code = back->code,
                         .redirect_uri = redirect_uri_of(l, cx, p),
                         .nonce = plain,
                         .verifier = plain + LOGIN_SECRET_TEXT,
                         .user = back->user,
                         .must_reprove = t->purpose == LOGIN_PROOF && p->reproof == REPROOF_MAX_AGE,
                         .started_ms = t->created_ms};
    if (!x.redirect_uri)
        return ERR_NO_MEMORY;
    if (t->sealed.len != TRY_SEALED ||
        crypto_open(l->set.key, t->sealed.p, t->sealed.len, (unsigned char *)plain) != ERR_OK)
        return say_error(d, ERR_INPUT, "kept with another key");
    enum err e = p->hooks && p->hooks->exchange ? p->hooks->exchange(&x, &d->who)
                                                : openid_exchange(&x, &d->who);
    crypto_wipe(plain, sizeof plain);
    return say_error(d, e, x.why);
}

/* Tells one person's lines in the log from another's, and nothing else. */
static void tag_subject(const struct login *l, struct login_done *d)
{
    unsigned char mac[SHA256_LEN];
    const struct identity_proof *p = &d->who.proof;
    const struct crypto_piece pieces[] = {{"subject:", 8},
                                          {p->provider, strlen(p->provider)},
                                          {":", 1},
                                          {p->subject, strlen(p->subject)}};
    crypto_hmac_sha256_of(l->set.key, SECRET_KEY_LEN, pieces, 4, mac);
    crypto_hex(mac, LOGIN_TAG / 2, d->tag);
}

enum err login_finish(struct login *l, struct cx *cx, const struct login_back *back,
                      struct login_done *ret_done)
{
    const struct provider *p = provider_find(l->set.list, back->provider);
    struct login_done d = {.next = "/", .provider = back->provider, .why = ""};
    struct try_taken t;
    if (!p) {
        say(&d, LOGIN_UNSUPPORTED, "no such provider");
        *ret_done = d;
        return ERR_OK;
    }
    enum err e = take(l, cx, back->state, &t);
    if (e)
        return e;
    say(&d, t.found ? LOGIN_DONE : LOGIN_EXPIRED, t.found ? "" : "no such try");
    if (t.found) {
        d.next = t.next;
        d.purpose = t.purpose;
        d.viewer_id = t.viewer_id;
        e = judge(l, cx, p, back, &t, &d);
    }
    if (!e && d.code == LOGIN_DONE)
        e = exchange(l, cx, p, back, &t, &d);
    if (e)
        return e;
    d.had_session = d.code == LOGIN_DONE && t.session_hash.len == SHA256_LEN;
    if (d.had_session)
        memcpy(d.session_hash, t.session_hash.p, SHA256_LEN);
    if (d.code == LOGIN_DONE)
        tag_subject(l, &d);
    *ret_done = d;
    return ERR_OK;
}
