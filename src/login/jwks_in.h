/*
 * jwks - a provider's public keys (RFC 7517), and signatures checked by them. Private to login.
 *
 * Shape:  only what we can use is kept: RSA of 2048 to 8192 bits and P-256, for signatures, their
 *         numbers in strict base64url; what else is in the set is passed over.
 * Thread: a set does not change after jwks_read().
 */
#pragma once
#include "base/cx.h"
#include "login/provider.h"
#include <stddef.h>

enum { JWKS_KEYS_MAX = 32, KID_SIZE = 256, JWK_NUMBER_SIZE = 1368, JWK_SHORT_SIZE = 44 };

struct jwk {
    enum id_alg alg;    /* ID_RS256 or ID_ES256 */
    char kid[KID_SIZE]; /* "" : without */
    char n_or_x[JWK_NUMBER_SIZE], e_or_y[JWK_SHORT_SIZE];
};
struct jwks {
    size_t n;
    struct jwk key[JWKS_KEYS_MAX];
};

/* From malloc(). ERR_INPUT: not a JWK Set. */
enum err jwks_read(struct cx *cx, const char *text, size_t len, struct jwks **ret_set) NODISCARD;
/* The key of this algorithm and id; without an id the only one of that algorithm. Or NULL. */
const struct jwk *jwks_find(const struct jwks *set, enum id_alg alg, const char *kid);

/* Is the signature of a compact JWS right? Its header has been read and says this algorithm. */
bool jwk_verify(const struct jwk *key, const char *token, size_t len);
bool secret_verify(const char *secret, const char *token, size_t len); /* HS256 */
