/* apple_in - Sign in with Apple: OpenID but for the client secret and the name. Private to login.
 */
#pragma once
#include "login/login_in.h"

extern const struct provider_hooks apple_hooks;

/*
 * A client secret for the calls of the next minutes: an ES256 JWT made of team, key and client.
 * ERR_INTERNAL: the key is none; it was checked when the settings were read.
 */
enum err apple_secret(struct login *l, struct cx *cx, const struct provider *p,
                      const char **ret_secret) NODISCARD;

/*
 * The name in `user`, which anybody can write: as the person typed it, "First Last", or "LastFirst"
 * where the family name is written first. Never an address. NULL: there is none.
 */
const char *apple_name(struct cx *cx, const char *user);

/* The event of a notice: type and subject. ERR_INPUT */
struct apple_notice;
enum err apple_event_read(struct cx *cx, const char *events, size_t len,
                          struct apple_notice *ret_notice) NODISCARD;
