/* id_token - the parts of the check, for tests and fuzzing. Private to login. */
#pragma once
#include "login/jwks_in.h"
#include "login/login_in.h"

/* A compact JWS, taken apart; both objects are freed with the arena. */
struct jws {
    const char *token;
    size_t len;
    json_t *header, *claims;
};
/* ERR_INPUT: not three parts, not strict base64url, not JSON objects, repeated members, too long.
 */
enum err jws_read(struct cx *cx, const char *token, struct jws *ret_jws) NODISCARD;
/* Why it is refused, or NULL. */
const char *header_wrong(const struct jws *j, enum id_alg alg);
const char *claims_wrong(const struct provider *p, json_t *o, const struct id_rule *rule,
                         struct id_claims *ret_claims);
/* Name and e-mail, of an id_token or of userinfo. */
void person_of(const json_t *o, struct id_claims *c);

/* A copy of the key. ERR_NOT_FOUND: the provider has no such key, asked anew if that may be. */
enum err login_key_of(struct login *l, struct cx *cx, const struct provider *p, enum id_alg alg,
                      const char *kid, struct jwk *ret_key) NODISCARD;
