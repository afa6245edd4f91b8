/* What a shop's server asks LINE. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "sandboxd/control.h"
#include "sandboxd/line_in.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BEARER = 7, CHANNEL_TOKEN = 96 };

/* ---- answers ---- */

static void answer(struct http_req *req, const struct fault *f, int status, json_t *o)
{
    if (sandboxd_lost(req, f))
        json_decref(o);
    else
        line_send(req, status, o);
}

static void refuse(struct http_req *req, const struct fault *f, const char *error,
                   const char *description)
{
    answer(req, f, 400, json_pack("{s:s, s:s}", "error", error, "error_description", description));
}

/* The form of a call; NULL: it was answered. */
static struct form *read_call(struct http_req *req, struct fault *ret_fault)
{
    size_t len;
    const char *body = http_body(req, &len);
    if (sandboxd_down(req, FAULT_LINE_API, ret_fault))
        return NULL;
    struct form *f = arena_new(http_cx(req)->arena, struct form);
    enum err e = f ? form_read(http_cx(req), body, len, f) : ERR_NO_MEMORY;
    if (e)
        http_fail(req, e, NULL);
    return e ? NULL : f;
}

/* Is it the shop's own server? It is answered if not. */
static bool is_channel(struct http_req *req, const struct form *form, const struct fault *f)
{
    const struct line *l = sandboxd_of(req)->line;
    const char *secret = form_text(form, "client_secret");
    bool ok = strcmp(form_text(form, "client_id"), l->channel) == 0 &&
              crypto_same(secret, strlen(secret), l->secret, strlen(l->secret));
    if (!ok)
        refuse(req, f, "invalid_client", "client_id or client_secret is wrong");
    return ok;
}

/* ---- rings, with the lock held ---- */

static struct line_code *find_code_locked(struct line *l, const char *code)
{
    for (size_t i = 0; *code && i < LINE_CODES; i++)
        if (strcmp(l->codes[i].code, code) == 0)
            return &l->codes[i];
    return NULL;
}

static struct line_token *find_token_locked(struct line *l, const char *access, const char *refresh)
{
    for (size_t i = 0; i < LINE_TOKENS; i++) {
        struct line_token *t = &l->tokens[i];
        if (t->state == LINE_LIVE && ((*access && strcmp(t->access, access) == 0) ||
                                      (*refresh && strcmp(t->refresh, refresh) == 0)))
            return t;
    }
    return NULL;
}

static void end_tokens_locked(struct line *l, const char *sub, enum line_token_state state)
{
    for (size_t i = 0; i < LINE_TOKENS; i++)
        if (*l->tokens[i].access && strcmp(l->tokens[i].who.sub, sub) == 0 &&
            l->tokens[i].state == LINE_LIVE)
            l->tokens[i].state = state;
}

static struct line_token *new_token_locked(struct line *l, const struct line_person *who,
                                           int64_t now_ms)
{
    struct line_token *t = &l->tokens[l->tokens_n++ % LINE_TOKENS];
    *t = (struct line_token){.who = *who, .made_ms = now_ms};
    line_random(t->access);
    line_random(t->refresh);
    return t;
}

/* ---- the token endpoint ---- */

struct grant {
    struct line_token token;
    char nonce[LINE_TEXT];
    const char *error, *why; /* static; NULL: it is granted */
};

static bool proves(const struct line_code *c, const char *verifier)
{
    unsigned char hash[SHA256_LEN];
    char text[LINE_RANDOM];
    crypto_sha256(verifier, strlen(verifier), hash);
    crypto_base64url_text(hash, sizeof hash, text);
    return !*c->challenge || strcmp(text, c->challenge) == 0;
}

static const char *why_not_locked(struct line *l, const struct line_code *c, const struct form *f,
                                  int64_t now_ms)
{
    if (!c || now_ms - c->made_ms > LINE_CODE_MS)
        return "invalid authorization code";
    if (c->used) { /* stolen, maybe: what it was changed for ends (RFC 6749 10.5) */
        end_tokens_locked(l, c->who.sub, LINE_REVOKED);
        return "authorization code was used";
    }
    if (strcmp(c->redirect_uri, form_text(f, "redirect_uri")) != 0)
        return "redirect_uri does not match";
    return proves(c, form_text(f, "code_verifier")) ? NULL : "code_verifier does not match";
}

static void by_code_locked(struct line *l, const struct form *f, int64_t now_ms, struct grant *g)
{
    struct line_code *c = find_code_locked(l, form_text(f, "code"));
    g->why = why_not_locked(l, c, f, now_ms);
    g->error = g->why ? "invalid_grant" : NULL;
    if (g->error)
        return;
    c->used = true;
    g->token = *new_token_locked(l, &c->who, now_ms);
    (void)text_copy(g->nonce, sizeof g->nonce, c->nonce);
}

static void by_refresh_locked(struct line *l, const struct form *f, struct grant *g)
{
    struct line_token *t = find_token_locked(l, "", form_text(f, "refresh_token"));
    if (!t) {
        g->error = "invalid_grant";
        g->why = "invalid refresh token";
        return;
    }
    line_random(t->access);
    g->token = *t;
}

static json_t *granted(const struct line *l, const struct grant *g, bool with_id, int64_t now_ms,
                       enum tamper tamper)
{
    char *id = with_id ? line_id_token(l, &(struct line_claims){.who = &g->token.who,
                                                                .nonce = g->nonce,
                                                                .now_ms = now_ms,
                                                                .tamper = tamper})
                       : NULL;
    json_t *o =
        json_pack("{s:s, s:I, s:s, s:s, s:s}", "access_token", g->token.access, "expires_in",
                  (json_int_t)LINE_ACCESS_S, "refresh_token", g->token.refresh, "scope",
                  g->token.who.profile ? "profile openid" : "openid", "token_type", "Bearer");
    if (id)
        (void)json_object_set_new(o, "id_token", json_string(id));
    free(id);
    return o;
}

void line_token(struct http_req *req)
{
    struct fault f;
    struct line *l = sandboxd_of(req)->line;
    struct form *form = read_call(req, &f);
    if (!form || !is_channel(req, form, &f))
        return;
    int64_t now_ms = clock_unix_ms();
    struct grant g = {.error = "unsupported_grant_type", .why = "grant_type"};
    const char *type = form_text(form, "grant_type");
    bool code = strcmp(type, "authorization_code") == 0;
    (void)pthread_mutex_lock(&l->lock);
    if (code)
        by_code_locked(l, form, now_ms, &g);
    else if (strcmp(type, "refresh_token") == 0) {
        g.error = NULL;
        by_refresh_locked(l, form, &g);
    }
    (void)pthread_mutex_unlock(&l->lock);
    if (g.error)
        refuse(req, &f, g.error, g.why);
    else
        answer(
            req, &f, 200,
            granted(l, &g, code, now_ms,
                    code ? fault_take(sandboxd_of(req)->faults, FAULT_LINE_TOKEN, "id_token").tamper
                         : TAMPER_NONE));
}

/* ---- the channel's own token: its end and a MAC over that ---- */

static void channel_token(const struct line *l, int64_t until_s, char out[CHANNEL_TOKEN])
{
    unsigned char mac[SHA256_LEN];
    char hex[2 * SHA256_LEN + 1];
    int n = snprintf(out, CHANNEL_TOKEN, "%" PRId64, until_s);
    crypto_hmac_sha256(l->secret, strlen(l->secret), out, (size_t)n, mac);
    crypto_hex(mac, sizeof mac, hex);
    (void)snprintf(out + n, CHANNEL_TOKEN - (size_t)n, ".%s", hex);
}

static bool is_channel_token(const struct line *l, const char *token, int64_t now_ms)
{
    char ours[CHANNEL_TOKEN], number[24] = "";
    int64_t until_s;
    (void)text_copy(number, sizeof number, token);
    number[strcspn(number, ".")] = '\0';
    if (text_i64(number, 0, INT64_MAX / 1000, &until_s) || until_s * 1000 < now_ms)
        return false;
    channel_token(l, until_s, ours);
    return crypto_same(ours, strlen(ours), token, strlen(token));
}

void line_channel_token(struct http_req *req)
{
    struct fault f;
    char token[CHANNEL_TOKEN];
    const struct line *l = sandboxd_of(req)->line;
    struct form *form = read_call(req, &f);
    if (!form || !is_channel(req, form, &f))
        return;
    if (strcmp(form_text(form, "grant_type"), "client_credentials") != 0) {
        refuse(req, &f, "unsupported_grant_type", "grant_type");
        return;
    }
    channel_token(l, clock_unix_ms() / 1000 + LINE_CHANNEL_S, token);
    answer(req, &f, 200,
           json_pack("{s:s, s:i, s:s}", "access_token", token, "expires_in", LINE_CHANNEL_S,
                     "token_type", "Bearer"));
}

/* ---- checks ---- */

void line_verify_id(struct http_req *req)
{
    struct fault f;
    struct form *form = read_call(req, &f);
    if (!form)
        return;
    const struct line *l = sandboxd_of(req)->line;
    json_t *o = line_read_token(l, form_text(form, "id_token"), clock_unix_ms());
    const char *nonce = form_get(form, "nonce"), *user = form_get(form, "user_id");
    const char *was = json_string_value(json_object_get(o, "nonce"));
    const char *sub = json_string_value(json_object_get(o, "sub"));
    const char *why = !o                                                      ? "Invalid IdToken."
                      : strcmp(form_text(form, "client_id"), l->channel) != 0 ? "Invalid clientId."
                      : nonce && strcmp(nonce, was ? was : "") != 0           ? "Invalid nonce."
                      : user && strcmp(user, sub ? sub : "") != 0             ? "Invalid userId."
                                                                              : NULL;
    if (why) {
        json_decref(o);
        refuse(req, &f, "invalid_request", why);
    } else {
        answer(req, &f, 200, o);
    }
}

/* Who the bearer is; false: it was answered. */
static bool bearer(struct http_req *req, const struct fault *f, struct line_person *ret_who)
{
    struct line *l = sandboxd_of(req)->line;
    const char *header = http_header(req, "authorization");
    const char *access = header && text_has_prefix(header, "Bearer ") ? header + BEARER : "";
    (void)pthread_mutex_lock(&l->lock);
    const struct line_token *t = find_token_locked(l, access, "");
    if (t)
        *ret_who = t->who;
    (void)pthread_mutex_unlock(&l->lock);
    if (!t)
        answer(req, f, 401, json_pack("{s:s}", "message", "The access token is not valid"));
    return t != NULL;
}

void line_userinfo(struct http_req *req)
{
    struct fault f;
    struct line_person who;
    if (!sandboxd_down(req, FAULT_LINE_API, &f) && bearer(req, &f, &who))
        answer(req, &f, 200,
               json_pack("{s:s, s:s*}", "sub", who.sub, "name", who.profile ? who.name : NULL));
}

void line_profile(struct http_req *req)
{
    struct fault f;
    struct line_person who;
    if (!sandboxd_down(req, FAULT_LINE_API, &f) && bearer(req, &f, &who))
        answer(req, &f, 200, json_pack("{s:s, s:s}", "userId", who.sub, "displayName", who.name));
}

void line_verify_access(struct http_req *req)
{
    struct fault f;
    struct line *l = sandboxd_of(req)->line;
    const char *access = http_query(req, "access_token");
    if (sandboxd_down(req, FAULT_LINE_API, &f))
        return;
    (void)pthread_mutex_lock(&l->lock);
    bool live = access && find_token_locked(l, access, "");
    (void)pthread_mutex_unlock(&l->lock);
    if (live)
        answer(req, &f, 200,
               json_pack("{s:s, s:s, s:i}", "scope", "profile openid", "client_id", l->channel,
                         "expires_in", LINE_ACCESS_S));
    else
        refuse(req, &f, "invalid_request", "access token expired");
}

void line_certs(struct http_req *req)
{
    struct fault f;
    unsigned char x[ES256_NUMBER], y[ES256_NUMBER];
    char x_text[LINE_RANDOM], y_text[LINE_RANDOM];
    const struct line *l = sandboxd_of(req)->line;
    if (sandboxd_down(req, FAULT_LINE_API, &f))
        return;
    es256_public(l->key, x, y);
    crypto_base64url_text(x, sizeof x, x_text);
    crypto_base64url_text(y, sizeof y, y_text);
    answer(req, &f, 200,
           json_pack("{s:[{s:s, s:s, s:s, s:s, s:s, s:s, s:s}]}", "keys", "kty", "EC", "crv",
                     "P-256", "alg", "ES256", "use", "sig", "kid", l->kid, "x", x_text, "y",
                     y_text));
}

/* ---- ends ---- */

void line_revoke(struct http_req *req)
{
    struct fault f;
    struct line *l = sandboxd_of(req)->line;
    struct form *form = read_call(req, &f);
    if (!form || !is_channel(req, form, &f))
        return;
    (void)pthread_mutex_lock(&l->lock);
    struct line_token *t =
        find_token_locked(l, form_text(form, "access_token"), form_text(form, "refresh_token"));
    if (t)
        t->state = LINE_REVOKED;
    (void)pthread_mutex_unlock(&l->lock);
    if (!sandboxd_lost(req, &f))
        http_send_empty(req, 200);
}

/* All that the person gave this channel ends. */
static bool deauthorize(struct line *l, const char *access)
{
    (void)pthread_mutex_lock(&l->lock);
    const struct line_token *t = find_token_locked(l, access, "");
    struct line_person who = t ? t->who : (struct line_person){0};
    if (t)
        end_tokens_locked(l, who.sub, LINE_DEAUTHORIZED);
    (void)pthread_mutex_unlock(&l->lock);
    return t != NULL;
}

void line_deauthorize(struct http_req *req)
{
    struct fault f;
    size_t len;
    json_t *o = NULL;
    const char *access = "", *body = http_body(req, &len);
    const char *header = http_header(req, "authorization");
    struct line *l = sandboxd_of(req)->line;
    if (sandboxd_down(req, FAULT_LINE_API, &f))
        return;
    bool ours = header && text_has_prefix(header, "Bearer ") &&
                is_channel_token(l, header + BEARER, clock_unix_ms());
    enum err e = json_read_object(http_cx(req), body, len, &o);
    if (!e)
        e = json_need_text(http_cx(req), o, "userAccessToken", 1, LINE_RANDOM, &access);
    bool done = !e && ours && deauthorize(l, access);
    json_decref(o);
    if (!ours)
        answer(req, &f, 401, json_pack("{s:s}", "message", "The channel access token is wrong"));
    else if (!done)
        answer(req, &f, 400, json_pack("{s:s}", "message", "The user access token is not valid"));
    else if (!sandboxd_lost(req, &f))
        http_send_empty(req, 204);
}

/* ---- /control ---- */

void line_liff(struct http_req *req)
{
    json_t *body;
    const char *name = NULL;
    struct line_person who = {.profile = true};
    if (!control_open(req, &body))
        return;
    enum err e = json_need_text(http_cx(req), body, "name", 1, 24, &name);
    if (!e && text_copy(who.name, sizeof who.name, name))
        line_sub(who.name, who.sub);
    json_decref(body);
    if (e) {
        control_done(req, e);
        return;
    }
    char *token = line_liff_token(
        sandboxd_of(req)->line,
        &(struct line_claims){
            .who = &who,
            .nonce = "",
            .now_ms = clock_unix_ms(),
            .tamper = fault_take(sandboxd_of(req)->faults, FAULT_LINE_TOKEN, "liff").tamper});
    line_send(req, 200, json_pack("{s:s?}", "id_token", token));
    free(token);
}
