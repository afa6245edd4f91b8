/* LINE's side as a whole: its settings, its routes, what /control sees of it. */
#include "sandboxd/line.h"

#include "base/json.h"
#include "base/text.h"
#include "sandboxd/line_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_MAX = 16 << 10, SHOWN = 200, SUB_BYTES = 16 };

void line_random(char out[LINE_RANDOM])
{
    unsigned char bytes[32];
    crypto_random(bytes, sizeof bytes);
    crypto_base64url_text(bytes, sizeof bytes, out);
}

void line_sub(const char *name, char out[LINE_SUB])
{
    unsigned char hash[SHA256_LEN];
    crypto_sha256(name, strlen(name), hash);
    out[0] = 'U';
    crypto_hex(hash, SUB_BYTES, out + 1);
}

void line_issuer(const struct line *l, char out[LINE_URL])
{
    (void)snprintf(out, LINE_URL, "%s/line", l->s->url);
}

void line_send(struct http_req *req, int status, json_t *o)
{
    char *text = json_text_of(o);
    http_add(req, "Cache-Control", "no-store");
    http_send_heap(req, status, "application/json", text, text ? strlen(text) : 0);
}

/* ---- settings ---- */

static enum err take(struct cx *cx, const struct line *l, const char *name, const char *otherwise,
                     char out[LINE_WORD])
{
    const char *v = l->s->variable(name);
    return text_copy(out, LINE_WORD, v && *v ? v : otherwise)
               ? ERR_OK
               : problem(cx, ERR_INPUT, "%s is too long", name);
}

enum err line_make(struct cx *cx, struct sandboxd *s, struct line **ret_line)
{
    struct line *l = calloc(1, sizeof *l);
    if (!l)
        return problem(cx, ERR_NO_MEMORY, "out of memory");
    l->s = s;
    (void)pthread_mutex_init(&l->lock, NULL);
    crypto_random_hex(l->kid, sizeof l->kid - 1);
    enum err e = es256_make(&l->key);
    if (!e)
        e = take(cx, l, "SANDBOXD_LINE_CHANNEL_ID", "1234567890", l->channel);
    if (!e)
        e = take(cx, l, "SANDBOXD_LINE_CHANNEL_SECRET", "0123456789abcdef0123456789abcdef",
                 l->secret);
    if (e)
        line_free(l);
    else
        *ret_line = l;
    return e;
}

void line_free(struct line *l)
{
    if (!l)
        return;
    es256_free(l->key);
    (void)pthread_mutex_destroy(&l->lock);
    free(l);
}

/* ---- what servers read first ---- */

static json_t *endpoint(const char *issuer, const char *path)
{
    return json_sprintf("%s%s", issuer, path);
}

/* LINE names ES256 here, and signs web logins with HS256 all the same. */
static void discovery(struct http_req *req)
{
    struct fault f;
    char at[LINE_URL];
    if (sandboxd_down(req, FAULT_LINE_API, &f))
        return;
    line_issuer(sandboxd_of(req)->line, at);
    line_send(req, 200,
              json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:[sss], s:[s], s:[s], s:[s], s:[s]}",
                        "issuer", at, "authorization_endpoint",
                        endpoint(at, "/oauth2/v2.1/authorize"), "token_endpoint",
                        endpoint(at, "/oauth2/v2.1/token"), "userinfo_endpoint",
                        endpoint(at, "/oauth2/v2.1/userinfo"), "revocation_endpoint",
                        endpoint(at, "/oauth2/v2.1/revoke"), "jwks_uri",
                        endpoint(at, "/oauth2/v2.1/certs"), "scopes_supported", "openid", "profile",
                        "email", "response_types_supported", "code", "subject_types_supported",
                        "pairwise", "id_token_signing_alg_values_supported", "ES256",
                        "code_challenge_methods_supported", "S256"));
}

size_t line_routes(struct http_route out[LINE_ROUTES_MAX])
{
    static const struct http_route rows[] = {
        {"GET", "/line/.well-known/openid-configuration", HTTP_ON_WORKER, discovery, 0, false,
         NULL},
        {"GET", "/line/oauth2/v2.1/authorize", HTTP_ON_WORKER, line_page, 0, false, NULL},
        {"POST", "/line/oauth2/v2.1/authorize", HTTP_ON_WORKER, line_decide, BODY_MAX, false, NULL},
        {"POST", "/line/oauth2/v2.1/token", HTTP_ON_WORKER, line_token, BODY_MAX, false, NULL},
        {"GET", "/line/oauth2/v2.1/certs", HTTP_ON_WORKER, line_certs, 0, false, NULL},
        {"POST", "/line/oauth2/v2.1/verify", HTTP_ON_WORKER, line_verify_id, BODY_MAX, false, NULL},
        {"GET", "/line/oauth2/v2.1/verify", HTTP_ON_WORKER, line_verify_access, 0, false, NULL},
        {"GET", "/line/oauth2/v2.1/userinfo", HTTP_ON_WORKER, line_userinfo, 0, false, NULL},
        {"POST", "/line/oauth2/v2.1/revoke", HTTP_ON_WORKER, line_revoke, BODY_MAX, false, NULL},
        {"POST", "/line/oauth2/v3/token", HTTP_ON_WORKER, line_channel_token, BODY_MAX, false,
         NULL},
        {"GET", "/line/v2/profile", HTTP_ON_WORKER, line_profile, 0, false, NULL},
        {"POST", "/line/user/v1/deauthorize", HTTP_ON_WORKER, line_deauthorize, BODY_MAX, false,
         NULL},
        {"POST", "/control/line/liff", HTTP_ON_WORKER, line_liff, BODY_MAX, false, NULL},
    };
    memcpy(out, rows, sizeof rows);
    return sizeof rows / sizeof *rows;
}

/* ---- /control ---- */

json_t *line_state(struct line *l)
{
    static const char *const states[] = {
        [LINE_LIVE] = "live", [LINE_REVOKED] = "revoked", [LINE_DEAUTHORIZED] = "deauthorized"};
    json_t *list = json_array();
    (void)pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->tokens_n && i < LINE_TOKENS && i < SHOWN; i++) {
        const struct line_token *t = &l->tokens[(l->tokens_n - 1 - i) % LINE_TOKENS];
        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "sub", t->who.sub, "name",
                                                    t->who.name, "state", states[t->state]));
    }
    (void)pthread_mutex_unlock(&l->lock);
    return json_pack("{s:o}", "tokens", list);
}
