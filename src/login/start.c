/* The way there: a try is kept, and the browser is sent off. */
#include "base/arena.h"
#include "login/openid_in.h"
#include "login/try_in.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

enum { AUTHORIZE_MAX = 4096 };

/* ---- where to be afterwards ---- */

static bool is_local(const char *s)
{
    size_t end = strcspn(s, "?#");
    if (s[0] != '/' || strlen(s) >= NEXT_MAX)
        return false;
    for (size_t i = 1; i < end; i++) /* browsers make "//evil.example" of "/.//evil.example" */
        if (s[i] == '/' && s[i - 1] == '/')
            return false;
    for (const unsigned char *c = (const unsigned char *)s; *c; c++)
        if (*c < ' ' || *c == 0x7f || *c == '\\')
            return false;
    return strncmp(s, "/api/", 5) != 0;
}

const char *login_next(struct cx *cx, const char *next)
{
    struct buf out;
    if (!next || !is_local(next))
        return "/";
    buf_init(&out, 4 * NEXT_MAX);
    for (const char *s = next; *s; s++)
        if (*s > ' ' && *s <= '~' && !strchr("\"<>^`{|}", *s))
            buf_ch(&out, *s);
        else
            buf_fmt(&out, "%%%02X", (unsigned)(unsigned char)*s);
    const char *path = out.failed ? NULL : arena_dup(cx->arena, out.data, out.len);
    buf_done(&out);
    return path;
}

/* ---- what is made up for a try ---- */

struct secrets {
    char state[LOGIN_SECRET_TEXT], nonce[LOGIN_SECRET_TEXT], verifier[LOGIN_SECRET_TEXT];
};

static void make_secret(char out[LOGIN_SECRET_TEXT])
{
    unsigned char bytes[TOKEN_LEN];
    crypto_random(bytes, sizeof bytes);
    crypto_base64url_text(bytes, sizeof bytes, out);
}

void pkce_challenge(const char *verifier, char out[PKCE_TEXT])
{
    unsigned char sum[SHA256_LEN];
    crypto_sha256(verifier, strlen(verifier), sum);
    crypto_base64url_text(sum, sizeof sum, out);
}

/* One key a browser for all of its tabs; a value that is not ours by its looks is replaced. */
static bool browser_ok(const char *cookie)
{
    static const char digit[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    return cookie && strlen(cookie) == LOGIN_SECRET_TEXT - 1 &&
           strspn(cookie, digit) == LOGIN_SECRET_TEXT - 1;
}

static enum err browser_key(struct cx *cx, const char *cookie, const char **ret_key)
{
    char fresh[LOGIN_SECRET_TEXT];
    make_secret(fresh);
    *ret_key = arena_dup(cx->arena, browser_ok(cookie) ? cookie : fresh, LOGIN_SECRET_TEXT - 1);
    return *ret_key ? ERR_OK : ERR_NO_MEMORY;
}

static void fill_try(const struct login *l, const struct login_start *ask, const struct secrets *s,
                     const char *browser, struct try_new *t)
{
    char plain[TRY_PLAIN];
    memcpy(plain, s->nonce, LOGIN_SECRET_TEXT);
    memcpy(plain + LOGIN_SECRET_TEXT, s->verifier, LOGIN_SECRET_TEXT);
    crypto_seal(l->set.key, plain, sizeof plain, t->sealed);
    crypto_wipe(plain, sizeof plain);
    crypto_sha256(s->state, strlen(s->state), t->state_hash);
    crypto_sha256(browser, strlen(browser), t->browser_hash);
    t->purpose = ask->purpose;
    t->viewer_id = ask->viewer_id;
    t->session_hash = ask->session_hash;
}

/* ---- the URL ---- */

const char *redirect_uri_of(struct login *l, struct cx *cx, const struct provider *p)
{
    return arena_fmt(cx->arena, "%s/api/v1/auth/%s/callback", l->public_url, p->name);
}

static enum err authorize_url(struct login *l, struct cx *cx, const struct provider *p,
                              const struct login_start *ask, const struct secrets *s,
                              const char **ret_url)
{
    char challenge[PKCE_TEXT];
    struct buf url;
    pkce_challenge(s->verifier, challenge);
    const struct authorize a = {.redirect_uri = redirect_uri_of(l, cx, p),
                                .state = s->state,
                                .nonce = s->nonce,
                                .challenge = challenge,
                                .lang = ask->lang,
                                .retry = ask->retry,
                                .reprove = ask->purpose == LOGIN_PROOF,
                                .ask_email = ask->ask_email};
    if (!a.redirect_uri)
        return ERR_NO_MEMORY;
    buf_init(&url, AUTHORIZE_MAX);
    enum err e = p->hooks && p->hooks->authorize ? p->hooks->authorize(l, cx, p, &a, &url)
                                                 : openid_authorize(l, cx, p, &a, &url);
    if (!e && url.failed)
        e = ERR_NO_MEMORY;
    if (!e && !(*ret_url = arena_dup(cx->arena, url.data, url.len)))
        e = ERR_NO_MEMORY;
    buf_done(&url);
    return e;
}

enum err login_start(struct login *l, struct cx *cx, const struct login_start *ask,
                     struct login_sent *ret_sent)
{
    const struct provider *p = provider_find(l->set.list, ask->provider);
    struct secrets s;
    struct login_sent sent = {.url = NULL};
    if (!p)
        return problem(cx, ERR_NOT_FOUND, "no such way to sign in");
    struct try_new t = {.provider = p->name, .next = login_next(cx, ask->next)};
    make_secret(s.state);
    make_secret(s.nonce);
    make_secret(s.verifier);
    enum err e = t.next ? browser_key(cx, ask->browser, &sent.browser) : ERR_NO_MEMORY;
    if (!e)
        e = authorize_url(l, cx, p, ask, &s, &sent.url);
    if (!e) {
        fill_try(l, ask, &s, sent.browser, &t);
        e = store_do(l->set.store, cx, "login.start", try_put, &t);
    }
    crypto_wipe(&s, sizeof s);
    if (e)
        return e;
    sent.form_post = p->form_post;
    *ret_sent = sent;
    return ERR_OK;
}
