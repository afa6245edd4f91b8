/*
 * liff - people inside LINE's own app, whose page hands us an id_token of theirs.
 *
 * Shape:   signed with ES256 by LINE's keys (never with the channel's secret, as web logins are),
 *          for our channel, at most LIFF_AGE_MS old, good once. It has no nonce of ours: the
 *          request that brings it must be checked against other sites.
 * Memory:  texts lie in cx->arena.
 * Thread:  a worker; LINE's keys may have to be fetched.
 * Source:  developers.line.biz, "Using user data in LIFF apps and servers"
 */
#pragma once
#include "login/login.h"

enum { LIFF_AGE_MS = 600000 };

/*
 * ERR_NOT_FOUND  LINE or its LIFF app is not set up
 * ERR_BAD_LOGIN  refused, or used before; `*ret_why` is a static text for the log, else ""
 * ERR_UPSTREAM, ERR_TIMEOUT  LINE's keys cannot be had
 */
enum err login_liff(struct login *l, struct cx *cx, const char *id_token, struct login_who *ret_who,
                    const char **ret_why) NODISCARD;
