/* openid - the code flow of plain OpenID. Private to login. */
#pragma once
#include "login/engine_in.h"

enum { REFRESH_MAX = 4000 }; /* bytes of a refresh token that we keep */

/* The authorize URL. ERR_UPSTREAM, ERR_TIMEOUT, ERR_BUSY; ERR_NO_MEMORY: it became too long. */
enum err openid_authorize(struct login *l, struct cx *cx, const struct provider *p,
                          const struct authorize *ask, struct buf *url) NODISCARD;

/* RFC 7636 4.2; both 43 characters. */
enum { PKCE_TEXT = 44 };
void pkce_challenge(const char *verifier, char out[PKCE_TEXT]);
/* Exactly what is registered with the provider; NULL: the arena is full. */
const char *redirect_uri_of(struct login *l, struct cx *cx, const struct provider *p);
/* "Authorization: Basic ..." in the arena, both halves form-encoded first (RFC 6749 2.3.1); NULL:
 * no room. */
const char *openid_basic(struct cx *cx, const char *id, const char *secret);
