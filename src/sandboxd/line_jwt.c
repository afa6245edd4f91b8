/* LINE's id_tokens: HS256 with the channel's secret for web logins, ES256 for LIFF. */
#include "base/json.h"
#include "sandboxd/line_in.h"

#include <stdlib.h>
#include <string.h>

enum { JWT_MAX = 8192, CLAIMS_MAX = 4096 };

static void add_part(struct buf *out, const json_t *o)
{
    char *text = json_dumps(o, JSON_COMPACT);
    if (text)
        crypto_base64url(out, text, strlen(text));
    else
        out->failed = true;
    free(text);
}

static json_t *claims(const struct line *l, const struct line_claims *c)
{
    char issuer[LINE_URL];
    bool late = c->tamper == TAMPER_EXPIRED;
    json_int_t now = c->now_ms / 1000 - (late ? 2 * LINE_ID_TOKEN_S : 0);
    line_issuer(l, issuer);
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:[s]}", "iss",
                  c->tamper == TAMPER_ISSUER ? "https://issuer.example" : issuer, "sub",
                  c->who->sub, "aud", c->tamper == TAMPER_AUDIENCE ? "9999999999" : l->channel,
                  "exp", now + LINE_ID_TOKEN_S, "iat", now, "auth_time", now, "amr", "pwd");
    const char *nonce = c->tamper == TAMPER_NONCE ? "another" : c->nonce;
    if (*nonce)
        (void)json_object_set_new(o, "nonce", json_string(nonce));
    if (c->who->profile)
        (void)json_object_set_new(o, "name", json_string(c->who->name));
    if (*c->who->email)
        (void)json_object_set_new(o, "email", json_string(c->who->email));
    return o;
}

/* header.claims */
static void add_content(struct buf *out, json_t *header, json_t *body)
{
    buf_init(out, JWT_MAX);
    add_part(out, header);
    buf_ch(out, '.');
    add_part(out, body);
    json_decref(header);
    json_decref(body);
}

static char *finish(struct buf *out, const unsigned char *signature, size_t len)
{
    buf_ch(out, '.');
    crypto_base64url(out, signature, len);
    if (!buf_err(out))
        return out->data; /* given away */
    buf_done(out);
    return NULL;
}

char *line_id_token(const struct line *l, const struct line_claims *c)
{
    struct buf out;
    unsigned char mac[SHA256_LEN] = {0};
    const char *alg = c->tamper == TAMPER_ALG ? "none" : "HS256";
    add_content(&out, json_pack("{s:s, s:s}", "typ", "JWT", "alg", alg), claims(l, c));
    if (!out.failed)
        crypto_hmac_sha256(l->secret, strlen(l->secret), out.data, out.len, mac);
    mac[0] ^= c->tamper == TAMPER_SIGNATURE;
    return finish(&out, mac, c->tamper == TAMPER_ALG ? 0 : sizeof mac);
}

char *line_liff_token(const struct line *l, const struct line_claims *c)
{
    struct buf out;
    unsigned char sig[ES256_SIGNATURE] = {0};
    add_content(&out, json_pack("{s:s, s:s, s:s}", "typ", "JWT", "alg", "ES256", "kid", l->kid),
                claims(l, c));
    if (!out.failed && es256_sign(l->key, out.data, out.len, sig))
        out.failed = true;
    sig[0] ^= c->tamper == TAMPER_SIGNATURE;
    return finish(&out, sig, sizeof sig);
}

static bool signed_by_us(const struct line *l, const char *token, size_t content,
                         const char *signature)
{
    unsigned char sig[ES256_SIGNATURE], mac[SHA256_LEN];
    size_t n;
    if (crypto_unbase64url(signature, strlen(signature), sig, sizeof sig, &n))
        return false;
    crypto_hmac_sha256(l->secret, strlen(l->secret), token, content, mac);
    return crypto_same(sig, n, mac, sizeof mac) ||
           (n == sizeof sig && es256_verify(l->key, token, content, sig));
}

json_t *line_read_token(const struct line *l, const char *token, int64_t now_ms)
{
    char text[CLAIMS_MAX];
    size_t n;
    const char *first = strchr(token, '.'), *second = first ? strchr(first + 1, '.') : NULL;
    if (!second || !signed_by_us(l, token, (size_t)(second - token), second + 1) ||
        crypto_unbase64url(first + 1, (size_t)(second - first - 1), text, sizeof text, &n))
        return NULL;
    json_t *o = json_loadb(text, n, 0, NULL);
    if (o && json_integer_value(json_object_get(o, "exp")) * 1000 > now_ms)
        return o;
    json_decref(o);
    return NULL;
}
