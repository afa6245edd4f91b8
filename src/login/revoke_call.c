/* What each provider wants to hear. None of it does harm when it is said twice. */
#include "login/revoke_in.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "login/facebook_in.h"
#include "login/openid_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORM_MAX = 8192, URL_MAX = 1024, TEXT_MAX = 4096 };

#define LINE_API "https://api.line.me"

static const char FORM_TYPE[] = "Content-Type: application/x-www-form-urlencoded";

/* ---- asking ---- */

static void wipe_done(struct buf *b)
{
    if (b->data)
        crypto_wipe(b->data, b->len);
    buf_done(b);
}

/* The answer's status, and its object if it has one: the caller's. ERR_UPSTREAM ... */
static enum err ask(struct login *l, struct cx *cx, const struct provider *p,
                    const struct login_call *call, int *ret_status, json_t **ret_object)
{
    struct client_answer a = {.status = 0};
    struct cx quiet = {.arena = cx->arena, .now_ms = cx->now_ms};
    struct login_call mine = *call;
    mine.in_turn = true; /* one thread asks: logins have the places */
    enum err e = login_call(l, cx, p, &mine, &a);
    *ret_object = NULL;
    if (!e && a.body.len && json_read_object(&quiet, a.body.data, a.body.len, ret_object))
        *ret_object = NULL; /* an answer without a word will do */
    *ret_status = e ? 0 : a.status;
    if (a.body.data)
        crypto_wipe(a.body.data, a.body.len);
    client_answer_done(&a);
    return e;
}

/* Records what came instead of a good answer. */
static enum revoke_says again(struct cx *cx, const struct provider *p, const char *what, int status)
{
    (void)problem(cx, ERR_UPSTREAM, "%s: %s answered %d", p->name, what, status);
    return REVOKE_AGAIN;
}

/* A POST of a form; the form is wiped. */
static enum err post(struct login *l, struct cx *cx, const struct provider *p, const char *url,
                     const char *auth, struct buf *form, int *ret_status, json_t **ret_object)
{
    const char *const headers[] = {FORM_TYPE, "Accept: application/json", auth, NULL};
    enum err e = buf_err(form);
    *ret_object = NULL;
    if (!e)
        e = ask(l, cx, p,
                &(struct login_call){
                    .method = "POST", .url = url, .headers = headers, .body = form->data},
                ret_status, ret_object);
    wipe_done(form);
    return e;
}

static bool error_is(const json_t *o, const char *word)
{
    const char *s = json_string_value(json_object_get(o, "error"));
    return s && strcmp(s, word) == 0;
}

/* ---- RFC 7009: Google, Apple, others ---- */

static enum err add_client(struct login *l, struct cx *cx, const struct provider *p,
                           const struct discovery *d, struct buf *form, const char **ret_auth)
{
    const char *secret = p->secret;
    bool basic = p->auth == CLIENT_AUTH_BASIC ||
                 (p->auth == CLIENT_AUTH_ANNOUNCED && d->auth_basic && !d->auth_post);
    enum err e = p->hooks && p->hooks->secret ? p->hooks->secret(l, cx, p, &secret) : ERR_OK;
    *ret_auth = NULL;
    if (e)
        return e;
    if (basic) {
        *ret_auth = openid_basic(cx, p->client_id, secret);
        return *ret_auth ? ERR_OK : ERR_NO_MEMORY;
    }
    form_add(form, "client_id", p->client_id);
    form_add(form, "client_secret", secret);
    return ERR_OK;
}

static enum revoke_says tell_openid(struct login *l, struct cx *cx, const struct provider *p,
                                    const char *token)
{
    struct discovery d;
    struct buf form;
    const char *auth = NULL;
    int status = 0;
    json_t *o = NULL;
    if (login_discovery(l, cx, p, &d))
        return REVOKE_AGAIN;
    if (!d.revocation[0])
        return REVOKE_MOOT;
    buf_init(&form, FORM_MAX);
    form_add(&form, "token", token);
    form_add(&form, "token_type_hint", "refresh_token");
    enum err e = add_client(l, cx, p, &d, &form, &auth);
    if (e)
        wipe_done(&form);
    else
        e = post(l, cx, p, d.revocation, auth, &form, &status, &o);
    bool dead = status == 400 && (error_is(o, "invalid_token") || error_is(o, "invalid_grant"));
    json_decref(o);
    if (e)
        return REVOKE_AGAIN;
    return status == 200 || status == 204 ? REVOKE_TOLD
           : dead                         ? REVOKE_MOOT
                                          : again(cx, p, "revocation", status);
}

/* ---- LINE: the app is taken off the person's list ---- */

static const char *line_url(struct cx *cx, const struct provider *p, const char *path)
{
    return arena_fmt(cx->arena, "%s%s", p->hosts[0] ? LINE_API : p->issuer, path);
}

static const char *token_of(struct cx *cx, json_t *o)
{
    const char *s = json_string_value(json_object_get(o, "access_token"));
    bool plain = s && *s && strlen(s) < TEXT_MAX && !strpbrk(s, "\r\n \t\"\\");
    return plain ? arena_dup(cx->arena, s, strlen(s)) : NULL;
}

static void line_client(struct buf *form, const struct provider *p, const char *grant)
{
    buf_init(form, FORM_MAX);
    form_add(form, "grant_type", grant);
    form_add(form, "client_id", p->client_id);
    form_add(form, "client_secret", p->secret);
}

/* An access token of theirs, by the refresh token. NULL with *ret_says. */
static const char *line_user_token(struct login *l, struct cx *cx, const struct provider *p,
                                   const char *refresh, enum revoke_says *ret_says)
{
    struct buf form;
    int status = 0;
    json_t *o = NULL;
    const char *url = line_url(cx, p, "/oauth2/v2.1/token");
    line_client(&form, p, "refresh_token");
    form_add(&form, "refresh_token", refresh);
    if (!url)
        wipe_done(&form);
    enum err e = url ? post(l, cx, p, url, NULL, &form, &status, &o) : ERR_NO_MEMORY;
    const char *token = !e && status == 200 ? token_of(cx, o) : NULL;
    bool dead = status == 400 && error_is(o, "invalid_grant"); /* 90 days, or taken back there */
    json_decref(o);
    if (!token)
        *ret_says = e ? REVOKE_AGAIN : dead ? REVOKE_MOOT : again(cx, p, "token", status);
    return token;
}

/* The channel's own, for a quarter of an hour. NULL: not to be had. */
static const char *line_channel_token(struct login *l, struct cx *cx, const struct provider *p)
{
    struct buf form;
    int status = 0;
    json_t *o = NULL;
    const char *url = line_url(cx, p, "/oauth2/v3/token");
    line_client(&form, p, "client_credentials");
    if (!url)
        wipe_done(&form);
    enum err e = url ? post(l, cx, p, url, NULL, &form, &status, &o) : ERR_NO_MEMORY;
    const char *token = !e && status == 200 ? token_of(cx, o) : NULL;
    json_decref(o);
    if (!token && !e)
        (void)again(cx, p, "channel token", status);
    return token;
}

static enum revoke_says tell_line(struct login *l, struct cx *cx, const struct provider *p,
                                  const char *refresh)
{
    enum revoke_says says = REVOKE_AGAIN;
    int status = 0;
    json_t *o = NULL;
    const char *user = line_user_token(l, cx, p, refresh, &says);
    if (!user)
        return says;
    const char *channel = line_channel_token(l, cx, p);
    const char *auth = channel ? arena_fmt(cx->arena, "Authorization: Bearer %s", channel) : NULL;
    const char *body = arena_fmt(cx->arena, "{\"userAccessToken\":\"%s\"}", user);
    const char *url = line_url(cx, p, "/user/v1/deauthorize");
    if (!auth || !body || !url)
        return REVOKE_AGAIN;
    const char *const headers[] = {"Content-Type: application/json", auth, NULL};
    enum err e =
        ask(l, cx, p,
            &(struct login_call){.method = "POST", .url = url, .headers = headers, .body = body},
            &status, &o);
    json_decref(o);
    if (e)
        return REVOKE_AGAIN;
    return status == 200 || status == 204 ? REVOKE_TOLD : again(cx, p, "deauthorize", status);
}

/* ---- Facebook: by our own token ---- */

enum { GRAPH_NO_OBJECT = 100 };

static enum revoke_says tell_facebook(struct login *l, struct cx *cx, const struct provider *p,
                                      const char *subject)
{
    struct buf url, ours;
    char proof[APPSECRET_PROOF], path[SUBJECT_MAX + 16];
    int status = 0;
    json_t *o = NULL;
    if (strspn(subject, "0123456789") != strlen(subject))
        return REVOKE_MOOT; /* no id of Graph's: it would be another path */
    buf_init(&url, FACEBOOK_URL_MAX);
    buf_init(&ours, URL_MAX);
    facebook_app_token(p, &ours);
    (void)snprintf(path, sizeof path, "/%s/permissions?", subject);
    facebook_url(p, path, &url);
    if (!ours.failed) {
        facebook_proof(p, ours.data, proof);
        form_add(&url, "access_token", ours.data);
        form_add(&url, "appsecret_proof", proof);
    }
    enum err e = ours.failed || url.failed ? ERR_NO_MEMORY : ERR_OK;
    if (!e)
        e = ask(l, cx, p, &(struct login_call){.method = "DELETE", .url = url.data}, &status, &o);
    wipe_done(&url);
    wipe_done(&ours);
    const json_t *code = json_object_get(json_object_get(o, "error"), "code");
    bool gone = status == 400 && json_integer_value(code) == GRAPH_NO_OBJECT;
    json_decref(o);
    if (e)
        return REVOKE_AGAIN;
    return status == 200 ? REVOKE_TOLD : gone ? REVOKE_MOOT : again(cx, p, "permissions", status);
}

enum revoke_says revoke_tell(struct login *l, struct cx *cx, const struct provider *p,
                             const char *subject, const char *token)
{
    if (p->kind == PROVIDER_FACEBOOK)
        return tell_facebook(l, cx, p, subject);
    if (!token)
        return REVOKE_MOOT;
    return strcmp(p->name, "line") == 0 ? tell_line(l, cx, p, token) : tell_openid(l, cx, p, token);
}
