/*
 * facebook_in - Facebook, which has no id_token: a code becomes a token, the token is looked at,
 * and only then it says who somebody is. Private to login.
 *
 * Source: developers.facebook.com: "Manually Build a Login Flow", "Securing Graph API Requests",
 *         changelog (v25.0 until 2028-07-29)
 */
#pragma once
#include "base/crypto.h"
#include "login/login_in.h"

extern const struct provider_hooks facebook_hooks;

enum { APPSECRET_PROOF = 2 * SHA256_LEN + 1, FACEBOOK_URL_MAX = 4096 };

/* hex(HMAC-SHA256(app secret, token)): a token that leaked is of no use without our secret. */
void facebook_proof(const struct provider *p, const char *token, char out[APPSECRET_PROOF]);
/* "APPID|SECRET": our own token. Into `out`, which is a secret from then on. */
void facebook_app_token(const struct provider *p, struct buf *out);
/* "https://graph.facebook.com/v25.0" and `path`, which begins with '/'. */
void facebook_url(const struct provider *p, const char *path, struct buf *url);
