/*
 * line - LINE Login v2.1 in the sandbox, at /line: a page where one types a name, and the API that
 * a shop's server calls. The same name is the same person.
 *
 * GET  /line/.well-known/openid-configuration    the issuer is <public URL>/line
 * GET  /line/oauth2/v2.1/authorize               the page; ui_locales or the browser names its
 *                                                language
 * POST /line/oauth2/v2.1/token                   client_secret in the form, PKCE, a code once
 * GET  /line/oauth2/v2.1/certs                   the key of LIFF's tokens (ES256)
 * POST /line/oauth2/v2.1/verify, GET likewise    an id_token; an access token
 * GET  /line/oauth2/v2.1/userinfo, /line/v2/profile
 * POST /line/oauth2/v2.1/revoke, /line/oauth2/v3/token, /line/user/v1/deauthorize
 *
 * POST /control/line/liff  {"name"}: {"id_token"} as liff.getIDToken() would give it
 *
 * Faults:  line.api (the calls of servers), line.token (the id_token of a login: `tamper`).
 * Keys:    SANDBOXD_LINE_CHANNEL_ID and SANDBOXD_LINE_CHANNEL_SECRET, or 1234567890 and
 *          0123456789abcdef0123456789abcdef.
 * Thread:  any; one lock of its own.
 * Source:  developers.line.biz, LINE Login v2.1 API reference, 2026
 */
#pragma once
#include "sandboxd/sandboxd.h"
#include <jansson.h>
#include <stddef.h>

enum { LINE_ROUTES_MAX = 20 };

/* Reads SANDBOXD_LINE_... by s->variable. ERR_INPUT, ERR_NO_MEMORY */
enum err line_make(struct cx *cx, struct sandboxd *s, struct line **ret_line) NODISCARD;
void line_free(struct line *l); /* NULL is fine */
/* Its rows of the route table; returns how many. */
size_t line_routes(struct http_route out[LINE_ROUTES_MAX]);
/* For /control/state: {tokens:[{sub,name,state}], newest first}. */
json_t *line_state(struct line *l);
