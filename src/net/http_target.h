/*
 * http_target - private to net/: is a request target fit to be routed, and where are its parts;
 *               and the small words around it.
 *
 * Source: RFC 9112 3.2; the refusals beyond it are in docs/decisions/0002-http-core.md.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

/* Where the parts lie in the target; offsets into it. */
struct http_target {
    size_t host_at, host_len;   /* of absolute-form; len 0 otherwise */
    size_t path_at, path_len;   /* len 0: absolute-form without a path, read as "/" */
    size_t query_at, query_len; /* after '?' */
};

/*
 * ERR_INPUT: *ret_why. Refused are bytes outside 0x21..0x7e, backslash, '#', bad escapes, %00,
 * escapes that are no UTF-8, and ".." as a whole path segment, plain or encoded.
 */
enum err http_target_split(const char *target, size_t len, struct http_target *ret_target,
                           const char **ret_why) NODISCARD;
/* A token (RFC 9110 5.6.2): a method, a field's name. */
bool http_token_ok(const char *s, size_t len);
/* host[:port] as in RFC 9110 7.2: a name, IPv4 or [IPv6]; not empty. */
bool http_host_ok(const char *host, size_t len);
/* Is `host` (of the Host header) the one that absolute-form names? Its default port may be left
 * out.
 */
bool http_target_of_host(const char *target, const struct http_target *t, const char *host);
