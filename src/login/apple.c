#include "login/apple.h"

#include "base/arena.h"
#include "base/es256.h"
#include "base/text.h"
#include "login/apple_in.h"

#include <stdlib.h>
#include <string.h>

enum { JWT_MAX = 2048, SECRET_S = 3600, USER_MAX = 4096, NAME_PART_MAX = 100 };

#define AUDIENCE "https://appleid.apple.com"

/* ---- the client secret ---- */

static void add_part(struct buf *out, json_t *o)
{
    char *text = json_text_of(o);
    if (text)
        crypto_base64url(out, text, strlen(text));
    else
        out->failed = true;
    free(text);
}

static enum err sign(struct cx *cx, const struct provider *p, const struct es256 *key,
                     const char **ret_secret)
{
    struct buf out;
    unsigned char sig[ES256_SIGNATURE];
    json_int_t now_s = cx->now_ms / 1000;
    buf_init(&out, JWT_MAX);
    add_part(&out, json_pack("{s:s, s:s}", "alg", "ES256", "kid", p->key_id));
    buf_ch(&out, '.');
    add_part(&out, json_pack("{s:s, s:I, s:I, s:s, s:s}", "iss", p->team_id, "iat", now_s, "exp",
                             now_s + SECRET_S, "aud", AUDIENCE, "sub", p->client_id));
    enum err e = out.failed ? ERR_NO_MEMORY : es256_sign(key, out.data, out.len, sig);
    if (!e) {
        buf_ch(&out, '.');
        crypto_base64url(&out, sig, sizeof sig);
        e = buf_err(&out);
    }
    const char *secret = e ? NULL : arena_dup(cx->arena, out.data, out.len);
    if (out.data)
        crypto_wipe(out.data, out.len);
    buf_done(&out);
    if (!e && !secret)
        e = ERR_NO_MEMORY;
    if (!e)
        *ret_secret = secret;
    return e;
}

/* Made anew for each call: none can be stolen that is of use tomorrow, and none runs out. */
enum err apple_secret(struct login *l, struct cx *cx, const struct provider *p,
                      const char **ret_secret)
{
    struct es256 *key = NULL;
    (void)l;
    enum err e = es256_read_pem(p->private_key, strlen(p->private_key), &key);
    if (e)
        return problem(cx, e == ERR_INPUT ? ERR_INTERNAL : e, "APPLE_PRIVATE_KEY is no P-256 key");
    e = sign(cx, p, key, ret_secret);
    es256_free(key);
    return e;
}

/* ---- the name, which comes once ---- */

static const char *part(const json_t *name, const char *which)
{
    const char *s = json_string_value(json_object_get(name, which));
    return s && strlen(s) <= NAME_PART_MAX ? s : "";
}

/* Chinese, Japanese, Korean: the family name is first, and no space between. */
static bool family_first(const char *s)
{
    uint32_t ch = 0;
    (void)text_char(s, strlen(s), &ch);
    return (ch >= 0x3040 && ch <= 0x30ff) || (ch >= 0x3400 && ch <= 0x9fff) ||
           (ch >= 0xac00 && ch <= 0xd7a3) || (ch >= 0x20000 && ch <= 0x323af);
}

const char *apple_name(struct cx *cx, const char *user)
{
    json_t *o = NULL;
    struct cx quiet = {.arena = cx->arena, .now_ms = cx->now_ms}; /* it is no error to have none */
    size_t len = strnlen(user, USER_MAX + 1);
    if (len > USER_MAX || json_read_object(&quiet, user, len, &o))
        return NULL;
    const json_t *name = json_object_get(o, "name");
    const char *first = part(name, "firstName"), *last = part(name, "lastName");
    const char *made = NULL;
    if (*first && *last)
        made = family_first(last) && family_first(first)
                   ? arena_fmt(cx->arena, "%s%s", last, first)
                   : arena_fmt(cx->arena, "%s %s", first, last);
    else if (*first || *last)
        made = arena_fmt(cx->arena, "%s%s", first, last);
    json_decref(o);
    return made;
}

static void complete(struct exchange *x, struct login_who *who)
{
    if (x->user && !who->proof.name)
        who->proof.name = apple_name(x->cx, x->user);
}

const struct provider_hooks apple_hooks = {.secret = apple_secret, .complete = complete};

/* ---- notices ---- */

static enum apple_event event_of(const char *type)
{
    if (strcmp(type, "consent-revoked") == 0)
        return APPLE_CONSENT_REVOKED;
    if (strcmp(type, "account-deleted") == 0 || strcmp(type, "account-delete") == 0)
        return APPLE_ACCOUNT_DELETED;
    return APPLE_OTHER;
}

enum err apple_event_read(struct cx *cx, const char *events, size_t len,
                          struct apple_notice *ret_notice)
{
    json_t *o = NULL;
    const char *type = "", *sub = "";
    enum err e = json_read_object(cx, events, len, &o);
    if (!e)
        e = json_need_text(cx, o, "type", 1, 64, &type);
    if (!e)
        e = json_need_text(cx, o, "sub", 1, SUBJECT_MAX, &sub);
    if (!e) {
        ret_notice->event = event_of(type);
        ret_notice->subject = arena_dup(cx->arena, sub, strlen(sub));
        e = ret_notice->subject ? ERR_OK : ERR_NO_MEMORY;
    }
    json_decref(o);
    return e;
}

static const char *const NAME = "apple";

/* Documented as JSON in a text; an object is taken as well. */
static enum err read_events(struct cx *cx, const json_t *events, struct apple_notice *n)
{
    if (json_is_string(events))
        return apple_event_read(cx, json_string_value(events), json_string_length(events), n);
    char *text = json_is_object(events) ? json_dumps(events, JSON_COMPACT) : NULL;
    enum err e = text ? apple_event_read(cx, text, strlen(text), n)
                      : problem(cx, ERR_INPUT, "the notice has no event");
    free(text);
    return e;
}

static enum err read_claims(struct cx *cx, const struct id_claims *claims, struct apple_notice *n)
{
    const char *jti = json_string_value(json_object_get(claims->all, "jti"));
    if (!jti || !*jti)
        return problem(cx, ERR_INPUT, "the notice has no jti");
    crypto_sha256(jti, strlen(jti), n->once);
    n->until_ms = cx->now_ms + 2 * APPLE_NOTICE_DAYS * INT64_C(86400000);
    return read_events(cx, json_object_get(claims->all, "events"), n);
}

static enum err check_notice(struct login *l, struct cx *cx, const struct provider *p,
                             const char *token, struct apple_notice *n)
{
    const struct id_rule rule = {.alg = p->alg,
                                 .now_ms = cx->now_ms,
                                 .iat_max_age_ms = APPLE_NOTICE_DAYS * INT64_C(86400000),
                                 .is_event = true};
    struct id_claims claims;
    const char *why = "";
    enum err e = login_check_id_token(l, cx, p, token, &rule, &claims, &why);
    if (e == ERR_INPUT)
        return problem(cx, ERR_FORBIDDEN, "the notice is %s", why);
    return e ? e : read_claims(cx, &claims, n);
}

enum err apple_notice_read(struct login *l, struct cx *cx, const char *body, size_t len,
                           struct apple_notice *ret_notice)
{
    const struct provider *p = provider_find(login_providers(l), NAME);
    struct apple_notice n = {.event = APPLE_OTHER};
    const char *token = "";
    json_t *o = NULL;
    if (!p)
        return problem(cx, ERR_NOT_FOUND, "Sign in with Apple is not set up");
    enum err e = json_read_object(cx, body, len, &o);
    if (!e)
        e = json_need_text(cx, o, "payload", 1, APPLE_NOTICE_MAX, &token);
    if (!e)
        e = check_notice(l, cx, p, token, &n);
    json_decref(o);
    if (!e)
        *ret_notice = n;
    return e;
}

enum err apple_notice_once(struct tx *tx, const struct apple_notice *n)
{
    return login_once(tx, NAME, n->once, n->until_ms);
}
