/* The code flow of OpenID Connect Core 1.0 section 3.1, as a confidential client with PKCE. */
#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "login/id_token_in.h"
#include "login/openid_in.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FORM_MAX = 8192, BEARER_MAX = 8192 };
static const int64_t reproof_skew_ms = 60000;

static void free_json(void *o)
{
    json_decref(o);
}

/* ---- there ---- */

enum err openid_authorize(struct login *l, struct cx *cx, const struct provider *p,
                          const struct authorize *ask, struct buf *url)
{
    struct discovery d;
    enum err e = login_discovery(l, cx, p, &d);
    if (e)
        return e;
    buf_str(url, d.authorize);
    buf_ch(url, strchr(d.authorize, '?') ? '&' : '?');
    buf_str(url, "response_type=code");
    form_add(url, "client_id", p->client_id);
    form_add(url, "redirect_uri", ask->redirect_uri);
    form_add(url, "scope", p->scope);
    form_add(url, "state", ask->state);
    form_add(url, "nonce", ask->nonce);
    form_add(url, "code_challenge", ask->challenge);
    form_add(url, "code_challenge_method", "S256");
    if (ask->lang && ask->lang[0])
        form_add(url, "ui_locales", ask->lang);
    if (ask->reprove && p->reproof == REPROOF_MAX_AGE)
        buf_str(url, "&prompt=login&max_age=0");
    else
        buf_str(url, p->more);
    if (ask->retry)
        buf_str(url, p->retry);
    return buf_err(url);
}

/* ---- the token endpoint ---- */

const char *openid_basic(struct cx *cx, const char *id, const char *secret)
{
    struct buf plain, line;
    buf_init(&plain, FORM_MAX);
    buf_init(&line, 2 * FORM_MAX);
    form_escape(&plain, id);
    buf_ch(&plain, ':');
    form_escape(&plain, secret);
    buf_str(&line, "Authorization: Basic ");
    if (!plain.failed)
        crypto_base64(&line, plain.data, plain.len);
    const char *s = plain.failed || line.failed ? NULL : arena_dup(cx->arena, line.data, line.len);
    if (plain.data)
        crypto_wipe(plain.data, plain.len);
    buf_done(&plain);
    buf_done(&line);
    return s;
}

static enum err client_secret(struct exchange *x, const char **ret_secret)
{
    const struct provider *p = x->provider;
    *ret_secret = p->secret;
    return p->hooks && p->hooks->secret ? p->hooks->secret(x->login, x->cx, p, ret_secret) : ERR_OK;
}

static enum err post_code(struct exchange *x, const char *url, bool basic, const char *secret,
                          struct client_answer *a)
{
    const struct provider *p = x->provider;
    struct buf form;
    buf_init(&form, FORM_MAX);
    form_add(&form, "grant_type", "authorization_code");
    form_add(&form, "code", x->code);
    form_add(&form, "redirect_uri", x->redirect_uri);
    form_add(&form, "code_verifier", x->verifier);
    if (!basic) {
        form_add(&form, "client_id", p->client_id);
        form_add(&form, "client_secret", secret);
    }
    const char *auth = basic ? openid_basic(x->cx, p->client_id, secret) : NULL;
    const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded",
                                   "Accept: application/json", auth, NULL};
    const struct login_call call = {
        .method = "POST", .url = url, .headers = headers, .body = form.data, .once = true};
    enum err e =
        form.failed || (basic && !auth) ? ERR_NO_MEMORY : login_call(x->login, x->cx, p, &call, a);
    if (form.data)
        crypto_wipe(form.data, form.len);
    buf_done(&form);
    return e;
}

/* What the provider says is wrong, as words of RFC 6749 5.2 only: no text of theirs is logged. */
static const char *refusal_of(struct cx *cx, const struct client_answer *a)
{
    static const char *const known[] = {"invalid_grant",   "invalid_client",
                                        "invalid_request", "unauthorized_client",
                                        "invalid_scope",   "unsupported_grant_type"};
    json_t *o = NULL;
    const char *why = "the code was refused";
    if (!a->body.data || json_read_object(cx, a->body.data, a->body.len, &o) != ERR_OK)
        return why;
    const char *says = json_string_value(json_object_get(o, "error"));
    for (size_t i = 0; says && i < sizeof known / sizeof known[0]; i++)
        if (strcmp(says, known[i]) == 0)
            why = known[i];
    json_decref(o);
    return why;
}

/*
 * A provider that takes both ways may take only the one that our client was registered with. To be
 * refused by `invalid_client` costs the code nothing: we are asked who we are before it is looked
 * at.
 */
static enum err redeem(struct exchange *x, const struct discovery *d, struct client_answer *a)
{
    const struct provider *p = x->provider;
    const char *secret = NULL;
    bool announced = p->auth == CLIENT_AUTH_ANNOUNCED;
    bool basic = p->auth == CLIENT_AUTH_BASIC || (announced && d->auth_basic);
    if (announced && !d->auth_basic && !d->auth_post) {
        x->why = "no way to say who we are";
        return ERR_INPUT;
    }
    enum err e = client_secret(x, &secret);
    if (!e)
        e = post_code(x, d->token, basic, secret, a);
    if (e || a->status == 200)
        return e;
    x->why = refusal_of(x->cx, a);
    if (announced && d->auth_basic && d->auth_post && strcmp(x->why, "invalid_client") == 0) {
        client_answer_done(a);
        e = post_code(x, d->token, !basic, secret, a);
        if (e || a->status == 200)
            return e;
        x->why = refusal_of(x->cx, a);
    }
    return ERR_INPUT;
}

struct tokens {
    const char *id_token, *access_token, *refresh_token; /* the latter two: or NULL */
};

static const char *short_text(const json_t *o, const char *name, size_t max)
{
    const json_t *v = json_object_get(o, name);
    return json_is_string(v) && json_string_length(v) && json_string_length(v) <= max
               ? json_string_value(v)
               : NULL;
}

static enum err read_tokens(struct exchange *x, const struct client_answer *a,
                            struct tokens *ret_tokens)
{
    json_t *o = NULL;
    x->why = "the answer to the code cannot be read";
    if (!a->body.data || json_read_object(x->cx, a->body.data, a->body.len, &o) != ERR_OK)
        return ERR_INPUT;
    if (arena_at_end(x->cx->arena, free_json, o) != 0)
        return ERR_NO_MEMORY;
    *ret_tokens = (struct tokens){.id_token = json_string_value(json_object_get(o, "id_token")),
                                  .access_token = short_text(o, "access_token", BEARER_MAX),
                                  .refresh_token = short_text(o, "refresh_token", REFRESH_MAX)};
    return ret_tokens->id_token ? ERR_OK : ERR_INPUT;
}

/* ---- userinfo ---- */

static bool is_bearer(const char *token)
{
    for (const char *s = token; *s; s++)
        if (*s <= ' ' || *s > '~')
            return false;
    return true;
}

static enum err read_userinfo(struct exchange *x, const struct client_answer *a,
                              struct id_claims *claims)
{
    json_t *o = NULL;
    struct id_claims more = {.sub = NULL};
    if (a->status != 200 || !a->body.data ||
        json_read_object(x->cx, a->body.data, a->body.len, &o) != ERR_OK)
        return ERR_OK; /* without it, then */
    if (arena_at_end(x->cx->arena, free_json, o) != 0)
        return ERR_NO_MEMORY;
    const char *sub = json_string_value(json_object_get(o, "sub"));
    if (!sub || strcmp(sub, claims->sub) != 0) { /* OIDC Core 5.3.2: token substitution */
        x->why = "userinfo of another person";
        return ERR_INPUT;
    }
    person_of(o, &more);
    if (!claims->name)
        claims->name = more.name;
    if (!claims->email) {
        claims->email = more.email;
        claims->email_verified = more.email_verified;
        claims->hosted = more.hosted;
    }
    return ERR_OK;
}

/* Only for what the id_token lacks; a provider that fails here has vouched for them all the same.
 */
static enum err ask_userinfo(struct exchange *x, const struct discovery *d, const struct tokens *t,
                             struct id_claims *claims)
{
    const struct provider *p = x->provider;
    bool enough = claims->name && (claims->email || p->email == EMAIL_UNPROVED);
    if (enough || !d->userinfo[0] || !t->access_token || !is_bearer(t->access_token))
        return ERR_OK;
    const char *auth = arena_fmt(x->cx->arena, "Authorization: Bearer %s", t->access_token);
    if (!auth)
        return ERR_NO_MEMORY;
    const char *const headers[] = {auth, "Accept: application/json", NULL};
    const struct login_call call = {.method = "GET", .url = d->userinfo, .headers = headers};
    struct client_answer a = {.status = 0};
    enum err e = login_call(x->login, x->cx, p, &call, &a);
    if (!e)
        e = read_userinfo(x, &a, claims);
    else if (e != ERR_NO_MEMORY)
        e = ERR_OK;
    x->cx->problem[0] = '\0';
    client_answer_done(&a);
    return e;
}

/* ---- all of it ---- */

static bool ends_nocase(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && strcasecmp(s + n - m, end) == 0;
}

void login_who_of(const struct provider *p, const struct id_claims *claims,
                  struct login_who *ret_who)
{
    bool proved = p->email != EMAIL_UNPROVED && claims->email && claims->email_verified;
    /* Google's own word only: a stand-in for it runs nobody's mailbox. */
    bool theirs = proved && p->email == EMAIL_GOOGLE && p->also_issuer[0] &&
                  (claims->hosted || ends_nocase(claims->email, "@gmail.com"));
    ret_who->proof = (struct identity_proof){.provider = p->name,
                                             .subject = claims->sub,
                                             .email = claims->email,
                                             .email_verified = proved,
                                             .email_authoritative = theirs,
                                             .name = claims->name};
    ret_who->auth_time_ms = claims->auth_time_ms;
}

static bool reproved(const struct exchange *x, const struct id_claims *c)
{
    return !x->must_reprove ||
           (c->auth_time_ms && c->auth_time_ms >= x->started_ms - reproof_skew_ms);
}

static enum err check_tokens(struct exchange *x, const struct tokens *t, struct id_claims *claims)
{
    const struct id_rule rule = {.alg = x->provider->alg,
                                 .nonce = x->nonce,
                                 .access_token = t->access_token,
                                 .now_ms = x->cx->now_ms};
    enum err e =
        login_check_id_token(x->login, x->cx, x->provider, t->id_token, &rule, claims, &x->why);
    if (!e && !reproved(x, claims)) {
        x->why = "did not prove anew who they are";
        e = ERR_INPUT;
    }
    return e;
}

enum err openid_exchange(struct exchange *x, struct login_who *ret_who)
{
    struct discovery d;
    struct tokens t = {.id_token = NULL};
    struct id_claims claims = {.sub = NULL};
    struct client_answer a = {.status = 0};
    struct login_who who = {.refresh_token = NULL};
    enum err e = login_discovery(x->login, x->cx, x->provider, &d);
    if (e)
        return e;
    e = redeem(x, &d, &a);
    if (!e)
        e = read_tokens(x, &a, &t);
    if (a.body.data)
        crypto_wipe(a.body.data, a.body.len);
    client_answer_done(&a);
    if (!e)
        e = check_tokens(x, &t, &claims);
    if (!e)
        e = ask_userinfo(x, &d, &t, &claims);
    if (e)
        return e;
    x->why = "";
    who.refresh_token = t.refresh_token;
    login_who_of(x->provider, &claims, &who);
    if (x->provider->hooks && x->provider->hooks->complete)
        x->provider->hooks->complete(x, &who);
    *ret_who = who;
    return ERR_OK;
}
