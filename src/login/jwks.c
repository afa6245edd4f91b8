#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "login/jwks_in.h"

#include <cjose/cjose.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RSA_MIN = 256, RSA_MAX = 1024, EC_LEN = 32, E_MAX = 8 };

/* ---- reading ---- */

/* A number in strict base64url of lo..hi bytes, without a zero in front where `lead` says so. */
static bool take_number(const json_t *o, const char *name, size_t lo, size_t hi, bool lead,
                        char *out, size_t size)
{
    unsigned char bytes[RSA_MAX + 8];
    size_t len = 0;
    const char *s = json_string_value(json_object_get(o, name));
    if (!s || crypto_unbase64url(s, strlen(s), bytes, sizeof bytes, &len) != ERR_OK)
        return false;
    return len >= lo && len <= hi && (!lead || bytes[0]) && text_copy(out, size, s);
}

/* Keys that name a use, an algorithm or operations name ours. */
static bool for_us(const json_t *o, const char *alg)
{
    const json_t *use = json_object_get(o, "use"), *says = json_object_get(o, "alg");
    const json_t *ops = json_object_get(o, "key_ops"), *op;
    bool verify = !ops;
    size_t i;
    json_array_foreach(ops, i, op)
    {
        const char *s = json_string_value(op);
        verify = verify || (s && strcmp(s, "verify") == 0);
    }
    return verify &&
           (!use || (json_is_string(use) && strcmp(json_string_value(use), "sig") == 0)) &&
           (!says || (json_is_string(says) && strcmp(json_string_value(says), alg) == 0));
}

static bool take_rsa(const json_t *o, struct jwk *k)
{
    unsigned char e[E_MAX];
    size_t len = 0;
    k->alg = ID_RS256;
    if (!for_us(o, "RS256") ||
        !take_number(o, "n", RSA_MIN, RSA_MAX, true, k->n_or_x, sizeof k->n_or_x) ||
        !take_number(o, "e", 1, E_MAX, true, k->e_or_y, sizeof k->e_or_y) ||
        crypto_unbase64url(k->e_or_y, strlen(k->e_or_y), e, sizeof e, &len) != ERR_OK)
        return false;
    return e[len - 1] % 2 == 1 && (len > 1 || e[0] > 1); /* odd, and not 1 */
}

static bool take_ec(const json_t *o, struct jwk *k)
{
    const char *crv = json_string_value(json_object_get(o, "crv"));
    k->alg = ID_ES256;
    return crv && strcmp(crv, "P-256") == 0 && for_us(o, "ES256") &&
           take_number(o, "x", EC_LEN, EC_LEN, false, k->n_or_x, sizeof k->n_or_x) &&
           take_number(o, "y", EC_LEN, EC_LEN, false, k->e_or_y, sizeof k->e_or_y);
}

static bool take_key(const json_t *o, struct jwk *k)
{
    const char *kty = json_string_value(json_object_get(o, "kty"));
    const json_t *kid = json_object_get(o, "kid");
    *k = (struct jwk){.kid = ""};
    if (!kty || (kid && (!json_is_string(kid) ||
                         !text_copy(k->kid, sizeof k->kid, json_string_value(kid)))))
        return false;
    return strcmp(kty, "RSA") == 0 ? take_rsa(o, k) : strcmp(kty, "EC") == 0 && take_ec(o, k);
}

enum err jwks_read(struct cx *cx, const char *text, size_t len, struct jwks **ret_set)
{
    json_t *all = NULL;
    const json_t *o;
    size_t i;
    enum err e = json_read_object(cx, text, len, &all);
    if (e)
        return e;
    const json_t *keys = json_object_get(all, "keys");
    struct jwks *set = json_is_array(keys) ? calloc(1, sizeof *set) : NULL;
    if (!set) {
        e = json_is_array(keys) ? ERR_NO_MEMORY : problem(cx, ERR_INPUT, "'keys' must be a list");
        json_decref(all);
        return e;
    }
    json_array_foreach(keys, i, o)
    {
        if (set->n < JWKS_KEYS_MAX && take_key(o, &set->key[set->n]))
            set->n++;
    }
    json_decref(all);
    *ret_set = set;
    return ERR_OK;
}

const struct jwk *jwks_find(const struct jwks *set, enum id_alg alg, const char *kid)
{
    const struct jwk *only = NULL;
    size_t n = 0;
    for (size_t i = 0; i < set->n; i++) {
        const struct jwk *k = &set->key[i];
        if (k->alg != alg)
            continue;
        if (kid && strcmp(k->kid, kid) == 0)
            return k;
        only = k;
        n++;
    }
    return !kid && n == 1 ? only : NULL;
}

/* ---- signatures ---- */

static bool verify(const cjose_jwk_t *key, const char *token, size_t len)
{
    cjose_err err;
    cjose_jws_t *jws = cjose_jws_import(token, len, &err);
    bool ok = jws && cjose_jws_verify(jws, key, &err);
    cjose_jws_release(jws);
    return ok;
}

bool jwk_verify(const struct jwk *k, const char *token, size_t len)
{
    char text[JWK_NUMBER_SIZE + 256];
    cjose_err err;
    int n = k->alg == ID_RS256
                ? snprintf(text, sizeof text, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}",
                           k->n_or_x, k->e_or_y)
                : snprintf(text, sizeof text,
                           "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"}",
                           k->n_or_x, k->e_or_y);
    cjose_jwk_t *key = cjose_jwk_import(text, (size_t)n, &err);
    bool ok = key && verify(key, token, len);
    (void)cjose_jwk_release(key);
    return ok;
}

bool secret_verify(const char *secret, const char *token, size_t len)
{
    cjose_err err;
    size_t n = strlen(secret);
    cjose_jwk_t *key = n ? cjose_jwk_create_oct_spec((const uint8_t *)secret, n, &err) : NULL;
    bool ok = key && verify(key, token, len);
    (void)cjose_jwk_release(key);
    return ok;
}
