#include "login/facebook_in.h"

#include "base/arena.h"
#include "base/text.h"

#include <string.h>

enum { FORM_MAX = 8192, TOKEN_MAX = 2048 };

#define VERSION "v25.0"
#define GRAPH   "https://graph.facebook.com"
#define DIALOG  "https://www.facebook.com"

void facebook_proof(const struct provider *p, const char *token, char out[APPSECRET_PROOF])
{
    unsigned char mac[SHA256_LEN];
    crypto_hmac_sha256(p->secret, strlen(p->secret), token, strlen(token), mac);
    crypto_hex(mac, sizeof mac, out);
}

void facebook_app_token(const struct provider *p, struct buf *out)
{
    buf_fmt(out, "%s|%s", p->client_id, p->secret);
}

static void add_url(const struct provider *p, const char *otherwise, const char *path,
                    struct buf *url)
{
    buf_str(url, p->graph_url[0] && strcmp(p->graph_url, GRAPH) != 0 ? p->graph_url : otherwise);
    buf_fmt(url, "/%s%s", p->graph_version[0] ? p->graph_version : VERSION, path);
}

void facebook_url(const struct provider *p, const char *path, struct buf *url)
{
    add_url(p, GRAPH, path, url);
}

/* ---- there ---- */

static enum err authorize(struct login *l, struct cx *cx, const struct provider *p,
                          const struct authorize *ask, struct buf *url)
{
    (void)l;
    (void)cx;
    add_url(p, DIALOG, "/dialog/oauth?", url);
    form_add(url, "client_id", p->client_id);
    form_add(url, "redirect_uri", ask->redirect_uri);
    form_add(url, "state", ask->state);
    form_add(url, "response_type", "code");
    form_add(url, "scope", p->scope);
    if (ask->ask_email || ask->reprove)
        form_add(url, "auth_type", ask->reprove ? "reauthenticate" : "rerequest");
    return buf_err(url);
}

/* ---- answers of Graph ---- */

static void free_json(void *o)
{
    json_decref(o);
}

/*
 * A call whose good answer is an object, which lives as long as the arena. ERR_INPUT: Graph refused
 * (`why`). The answer holds tokens: it is wiped.
 */
static enum err ask_graph(struct exchange *x, const struct login_call *call, const char *why,
                          json_t **ret_object)
{
    struct client_answer a = {.status = 0};
    enum err e = login_call(x->login, x->cx, x->provider, call, &a);
    if (!e && a.status != 200) {
        x->why = why;
        e = ERR_INPUT;
    }
    if (!e && json_read_object(x->cx, a.body.data ? a.body.data : "", a.body.len, ret_object))
        e = problem(x->cx, ERR_UPSTREAM, "%s: an answer that is no object", x->provider->name);
    if (!e && arena_at_end(x->cx->arena, free_json, *ret_object) != 0)
        e = ERR_NO_MEMORY;
    if (a.body.data)
        crypto_wipe(a.body.data, a.body.len);
    client_answer_done(&a);
    return e;
}

/* GET, with parameters that are secrets: the URL is wiped. */
static enum err get_graph(struct exchange *x, struct buf *url, const char *why, json_t **ret_object)
{
    enum err e = buf_err(url);
    if (!e)
        e = ask_graph(x, &(struct login_call){.method = "GET", .url = url->data}, why, ret_object);
    if (url->data)
        crypto_wipe(url->data, url->len);
    buf_done(url);
    return e;
}

/* A text, or a number as text: Graph's ids are both. NULL: neither. */
static const char *text_of(struct exchange *x, const json_t *o, const char *name, size_t max)
{
    const json_t *v = json_object_get(o, name);
    if (json_is_integer(v))
        return arena_fmt(x->cx->arena, "%lld", (long long)json_integer_value(v));
    const char *s = json_string_value(v);
    return s && *s && strlen(s) <= max ? s : NULL;
}

/* ---- and back ---- */

/* By POST: the secret stays out of URLs. */
static enum err redeem(struct exchange *x, const char **ret_token)
{
    static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded", NULL};
    const struct provider *p = x->provider;
    struct buf form, url;
    json_t *o = NULL;
    buf_init(&form, FORM_MAX);
    buf_init(&url, FACEBOOK_URL_MAX);
    form_add(&form, "client_id", p->client_id);
    form_add(&form, "client_secret", p->secret);
    form_add(&form, "redirect_uri", x->redirect_uri);
    form_add(&form, "code", x->code);
    facebook_url(p, "/oauth/access_token", &url);
    enum err e = form.failed || url.failed ? ERR_NO_MEMORY : ERR_OK;
    if (!e)
        e = ask_graph(x,
                      &(struct login_call){.method = "POST",
                                           .url = url.data,
                                           .headers = headers,
                                           .body = form.data,
                                           .once = true},
                      "the code was refused", &o);
    if (form.data)
        crypto_wipe(form.data, form.len);
    buf_done(&form);
    buf_done(&url);
    if (e)
        return e;
    *ret_token = text_of(x, o, "access_token", TOKEN_MAX);
    if (!*ret_token)
        return problem(x->cx, ERR_UPSTREAM, "%s: an answer without a token", p->name);
    return ERR_OK;
}

/* What is wrong with a token by debug_token's word; NULL: it is a person's, for us, and good. */
static const char *token_wrong(struct exchange *x, const json_t *o, const char **ret_user)
{
    const json_t *data = json_object_get(o, "data");
    const char *app = text_of(x, data, "app_id", PROVIDER_ID_MAX);
    const char *type = json_string_value(json_object_get(data, "type"));
    const json_t *expires = json_object_get(data, "expires_at");
    int64_t expires_s = json_integer_value(expires);
    if (!app || strcmp(app, x->provider->client_id) != 0)
        return "a token of another app";
    if (!json_is_true(json_object_get(data, "is_valid")))
        return "a token that is not valid";
    if (!type || strcmp(type, "USER") != 0)
        return "a token of no person";
    if (expires && (!json_is_integer(expires) || (expires_s && expires_s * 1000 < x->cx->now_ms)))
        return "a token that has ended";
    *ret_user = text_of(x, data, "user_id", SUBJECT_MAX);
    return *ret_user ? NULL : "a token of nobody";
}

/* Graph is asked whose the token is, as itself, before anything is believed (token substitution).
 */
static enum err check_token(struct exchange *x, const char *token, const char **ret_user)
{
    struct buf url, ours;
    json_t *o = NULL;
    buf_init(&url, FACEBOOK_URL_MAX);
    buf_init(&ours, FORM_MAX);
    facebook_app_token(x->provider, &ours);
    facebook_url(x->provider, "/debug_token?", &url);
    form_add(&url, "input_token", token);
    if (!ours.failed)
        form_add(&url, "access_token", ours.data);
    url.failed = url.failed || ours.failed;
    if (ours.data)
        crypto_wipe(ours.data, ours.len);
    buf_done(&ours);
    enum err e = get_graph(x, &url, "the token was not known", &o);
    if (e)
        return e;
    x->why = token_wrong(x, o, ret_user);
    return x->why ? ERR_INPUT : ERR_OK;
}

static enum err read_person(struct exchange *x, const char *token, const char *user,
                            struct login_who *who)
{
    struct buf url;
    char proof[APPSECRET_PROOF];
    json_t *o = NULL;
    buf_init(&url, FACEBOOK_URL_MAX);
    facebook_url(x->provider, "/me?fields=id,name,email", &url);
    facebook_proof(x->provider, token, proof);
    form_add(&url, "access_token", token);
    form_add(&url, "appsecret_proof", proof);
    enum err e = get_graph(x, &url, "the token does not say whose it is", &o);
    if (e)
        return e;
    const char *id = text_of(x, o, "id", SUBJECT_MAX);
    if (!id || strcmp(id, user) != 0) {
        x->why = "a token of another person";
        return ERR_INPUT;
    }
    /* Facebook does not say that anybody asked the mailbox. */
    who->proof = (struct identity_proof){.provider = x->provider->name,
                                         .subject = id,
                                         .email = text_of(x, o, "email", EMAIL_SIZE - 1),
                                         .name = text_of(x, o, "name", 400)};
    return ERR_OK;
}

/* Nothing is kept of the token: our own takes their word back for us (revoke.c). */
static enum err exchange(struct exchange *x, struct login_who *ret_who)
{
    struct login_who who = {.refresh_token = NULL};
    const char *token = NULL, *user = NULL;
    enum err e = redeem(x, &token);
    if (!e)
        e = check_token(x, token, &user);
    if (!e)
        e = read_person(x, token, user, &who);
    if (!e)
        *ret_who = who;
    return e;
}

const struct provider_hooks facebook_hooks = {.authorize = authorize, .exchange = exchange};
