/*
 * id_tokens, every check ours (OIDC Core 3.1.3.7, RFC 7515, RFC 8725); cjose does the arithmetic.
 * What the token says of its own algorithm or keys is compared with our settings, never followed.
 */
#include "base/arena.h"
#include "base/text.h"
#include "login/id_token_in.h"

#include <string.h>
#include <strings.h>

enum { TOKEN_MAX = 16384, SKEW_MS = 60000, AUD_MAX = 16, TIME_MAX_S = INT32_MAX };

static void free_json(void *o)
{
    json_decref(o);
}

/* One part: strict base64url of a JSON object without repeated members. */
static enum err read_part(struct cx *cx, const char *text, size_t len, json_t **ret_object)
{
    size_t n = 0;
    char *plain = arena_bytes(cx->arena, len + 1, 1);
    if (!plain)
        return ERR_NO_MEMORY;
    enum err e = crypto_unbase64url(text, len, plain, len, &n);
    if (!e)
        e = json_read_object(cx, plain, n, ret_object);
    if (!e && arena_at_end(cx->arena, free_json, *ret_object) != 0)
        e = ERR_NO_MEMORY;
    return e;
}

enum err jws_read(struct cx *cx, const char *token, struct jws *ret_jws)
{
    struct jws j = {.len = strnlen(token, TOKEN_MAX + 1)};
    const char *dot = memchr(token, '.', j.len);
    const char *dot2 = dot ? memchr(dot + 1, '.', j.len - (size_t)(dot + 1 - token)) : NULL;
    if (j.len > TOKEN_MAX || !dot2 || memchr(dot2 + 1, '.', (size_t)(token + j.len - dot2 - 1)))
        return ERR_INPUT;
    size_t sig_len = (size_t)(token + j.len - dot2 - 1), n = 0;
    char *sig = arena_bytes(cx->arena, sig_len + 1, 1);
    if (!sig)
        return ERR_NO_MEMORY;
    enum err e = crypto_unbase64url(dot2 + 1, sig_len, sig, sig_len, &n);
    if (!e && !n)
        e = ERR_INPUT;
    if (!e)
        e = read_part(cx, token, (size_t)(dot - token), &j.header);
    if (!e)
        e = read_part(cx, dot + 1, (size_t)(dot2 - dot - 1), &j.claims);
    j.token = token;
    if (!e)
        *ret_jws = j;
    return e;
}

/* ---- the header ---- */

static bool is_jwt(const json_t *typ)
{
    const char *s = json_string_value(typ);
    if (s && strncasecmp(s, "application/", 12) == 0)
        s += 12;
    return !typ || (s && strcasecmp(s, "JWT") == 0);
}

const char *header_wrong(const struct jws *j, enum id_alg alg)
{
    static const char *const names[] = {
        [ID_RS256] = "RS256", [ID_ES256] = "ES256", [ID_HS256] = "HS256"};
    const char *says = json_string_value(json_object_get(j->header, "alg"));
    const json_t *kid = json_object_get(j->header, "kid");
    if (!says || strcmp(says, names[alg]) != 0)
        return "another algorithm";
    if (json_object_get(j->header, "crit") || json_object_get(j->header, "b64"))
        return "critical extensions";
    if (!is_jwt(json_object_get(j->header, "typ")))
        return "not an id_token";
    return kid && (!json_is_string(kid) || json_string_length(kid) >= KID_SIZE) ? "bad kid" : NULL;
}

/* ---- the claims ---- */

/* A NumericDate: a number of seconds, whole or not, of this era. Absent: 0 and true. */
static bool take_time(const json_t *o, const char *name, int64_t *ret_ms)
{
    const json_t *v = json_object_get(o, name);
    *ret_ms = 0;
    if (!v)
        return true;
    double s = json_number_value(v);
    if (!json_is_number(v) || !(s > 0 && s < TIME_MAX_S * 4.0))
        return false;
    *ret_ms = (int64_t)(s * 1000);
    return true;
}

static bool is_text(const json_t *v, const char *want)
{
    return json_is_string(v) && strcmp(json_string_value(v), want) == 0;
}

static const char *audience_wrong(const json_t *o, const char *us)
{
    const json_t *aud = json_object_get(o, "aud"), *azp = json_object_get(o, "azp"), *one;
    bool found = is_text(aud, us), others = false;
    size_t i;
    if (azp && !is_text(azp, us))
        return "made for another party";
    if (json_is_array(aud)) {
        if (json_array_size(aud) > AUD_MAX)
            return "aud is too long";
        json_array_foreach(aud, i, one)
        {
            if (!json_is_string(one))
                return "aud of a wrong type";
            found = found || is_text(one, us);
            others = others || !is_text(one, us);
        }
    }
    if (!found)
        return "not for us";
    return others && !azp ? "for others too" : NULL;
}

/* Left half of SHA-256, for all three algorithms (OIDC Core 3.1.3.6). */
static bool at_hash_ok(const json_t *o, const char *access_token)
{
    const json_t *says = json_object_get(o, "at_hash");
    unsigned char sum[SHA256_LEN];
    char half[SHA256_LEN];
    if (!says || !access_token)
        return !says || json_is_string(says);
    crypto_sha256(access_token, strlen(access_token), sum);
    crypto_base64url_text(sum, SHA256_LEN / 2, half);
    return is_text(says, half);
}

static const char *times_wrong(const struct id_rule *rule, const struct id_claims *c)
{
    /* Apple signs a notice once, gives it no end, and may deliver it late. */
    if (!c->exp_ms && !rule->is_event)
        return "without exp";
    if (c->exp_ms && c->exp_ms <= rule->now_ms - SKEW_MS)
        return "expired";
    if (!c->iat_ms)
        return "without iat";
    if (c->iat_ms > rule->now_ms + SKEW_MS)
        return "from the future";
    return rule->iat_max_age_ms && c->iat_ms < rule->now_ms - rule->iat_max_age_ms - SKEW_MS
               ? "too old"
               : NULL;
}

static bool nonce_ok(const json_t *o, const char *want)
{
    const char *s = json_string_value(json_object_get(o, "nonce"));
    return !want || (s && crypto_same(s, strlen(s), want, strlen(want)));
}

static const char *text_claim(const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));
    return s && s[0] ? s : NULL;
}

void person_of(const json_t *o, struct id_claims *c)
{
    const json_t *proved = json_object_get(o, "email_verified");
    c->name = text_claim(o, "name");
    c->email = text_claim(o, "email");
    c->email_verified = json_is_true(proved) || is_text(proved, "true"); /* Apple: either */
    c->hosted = text_claim(o, "hd") != NULL;
}

static const char *subject_wrong(const json_t *o, struct id_claims *c)
{
    const json_t *sub = json_object_get(o, "sub");
    if (!json_is_string(sub) || !json_string_length(sub) || json_string_length(sub) > SUBJECT_MAX)
        return "no subject";
    c->sub = json_string_value(sub);
    return NULL;
}

const char *claims_wrong(const struct provider *p, json_t *o, const struct id_rule *rule,
                         struct id_claims *ret_claims)
{
    struct id_claims c = {.all = o};
    const json_t *iss = json_object_get(o, "iss");
    const char *why = NULL;
    if (!is_text(iss, p->issuer) && !(p->also_issuer[0] && is_text(iss, p->also_issuer)))
        return "another issuer";
    why = audience_wrong(o, p->client_id);
    if (!why && (!take_time(o, "exp", &c.exp_ms) || !take_time(o, "iat", &c.iat_ms) ||
                 !take_time(o, "auth_time", &c.auth_time_ms)))
        why = "a time of a wrong type";
    if (!why)
        why = times_wrong(rule, &c);
    if (!why && !rule->is_event)
        why = subject_wrong(o, &c);
    if (!why && !nonce_ok(o, rule->nonce))
        why = "another nonce";
    if (!why && !at_hash_ok(o, rule->access_token))
        why = "another access token";
    if (why)
        return why;
    person_of(o, &c);
    *ret_claims = c;
    return NULL;
}

/* ---- all of it ---- */

static enum err check_signature(struct login *l, struct cx *cx, const struct provider *p,
                                const struct jws *j, enum id_alg alg, const char **ret_why)
{
    struct jwk key;
    bool ok = false;
    if (alg == ID_HS256) {
        ok = secret_verify(p->secret, j->token, j->len);
    } else {
        const char *kid = json_string_value(json_object_get(j->header, "kid"));
        enum err e = login_key_of(l, cx, p, alg, kid, &key);
        if (e == ERR_NOT_FOUND)
            *ret_why = "signed with an unknown key";
        if (e)
            return e == ERR_NOT_FOUND ? ERR_INPUT : e;
        ok = jwk_verify(&key, j->token, j->len);
    }
    if (!ok)
        *ret_why = "bad signature";
    return ok ? ERR_OK : ERR_INPUT;
}

enum err login_check_id_token(struct login *l, struct cx *cx, const struct provider *p,
                              const char *token, const struct id_rule *rule,
                              struct id_claims *ret_claims, const char **ret_why)
{
    struct jws j;
    struct id_claims c;
    *ret_why = "not a signed token";
    enum err e = jws_read(cx, token, &j);
    if (e)
        return e;
    *ret_why = header_wrong(&j, rule->alg);
    if (*ret_why)
        return ERR_INPUT;
    /* Claims first: a token that is not for us costs nobody a fetch of keys. */
    *ret_why = claims_wrong(p, j.claims, rule, &c);
    e = *ret_why ? ERR_INPUT : check_signature(l, cx, p, &j, rule->alg, ret_why);
    if (!e)
        *ret_claims = c;
    return e;
}
