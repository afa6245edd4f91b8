/* http_route - private to net/: from method and path to the route and its parameters. */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct http_route;
struct router;

enum { ROUTE_PARAMS_MAX = 8, ROUTE_SEGMENTS_MAX = 32, ROUTE_ALLOW = 96 };

struct route_match {
    const struct http_route *route; /* NULL: none */
    const char *allow;              /* without a route: methods the path has; NULL: unknown path */
    unsigned n;
    struct {
        const char *at; /* into the path, still percent-encoded */
        size_t len;
    } params[ROUTE_PARAMS_MAX];
};

/* Ends in an assert for a table that contradicts itself. NULL: out of memory. */
struct router *router_make(const struct http_route *routes);
void router_free(struct router *r); /* NULL is fine */
/* `path` begins with '/'. */
void router_find(const struct router *r, const char *method, const char *path,
                 struct route_match *ret_match);
/* Which parameter of the pattern has that name; -1: none. */
int route_param_index(const struct http_route *route, const char *name);
