#include "net/http_route.h"
#include "base/text.h"
#include "net/http.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { METHODS_MAX = 8, SEGMENT_MAX = 256 };

/* One segment of patterns that begin alike. */
struct node {
    struct node *next;     /* sibling literal */
    struct node *literals; /* children */
    struct node *param, *rest;
    const char *text; /* literal, inside the pattern */
    size_t len;
    const struct http_route *routes[METHODS_MAX];
    unsigned n;
    char allow[ROUTE_ALLOW];
};

struct router {
    struct node root;
};

static size_t segment_len(const char *s)
{
    return strcspn(s, "/");
}

/* "{name...}": ends the pattern and takes the rest of the path */
static bool is_rest(const char *s, size_t len)
{
    return len > 5 && s[0] == '{' && memcmp(s + len - 4, "...}", 4) == 0;
}

static bool is_param(const char *s, size_t len)
{
    return len > 2 && s[0] == '{' && s[len - 1] == '}';
}

static struct node *child(struct node *n, const char *s, size_t len)
{
    struct node **slot;
    if (is_rest(s, len)) {
        assert(s[len] == '\0');
        slot = &n->rest;
    } else if (is_param(s, len)) {
        slot = &n->param;
    } else {
        assert(!memchr(s, '{', len) && len < SEGMENT_MAX);
        for (slot = &n->literals; *slot; slot = &(*slot)->next)
            if ((*slot)->len == len && memcmp((*slot)->text, s, len) == 0)
                break;
    }
    if (!*slot) {
        *slot = calloc(1, sizeof **slot);
        if (*slot) {
            (*slot)->text = s;
            (*slot)->len = len;
        }
    }
    return *slot;
}

static void allow_also(struct node *n, const char *method)
{
    size_t used = strlen(n->allow);
    assert(used + strlen(method) + 3 < sizeof n->allow);
    if (used)
        used += (size_t)(stpcpy(n->allow + used, ", ") - (n->allow + used));
    (void)text_copy(n->allow + used, sizeof n->allow - used, method);
}

static bool add(struct router *r, const struct http_route *route)
{
    struct node *n = &r->root;
    const char *s = route->pattern;
    assert(*s == '/' && route->fn && (!route->body_stream || route->where == HTTP_ON_WORKER));
    unsigned segments = 0, params = 0;
    while (*s == '/') {
        s++;
        size_t len = segment_len(s);
        params += is_param(s, len);
        assert(++segments <= ROUTE_SEGMENTS_MAX && params <= ROUTE_PARAMS_MAX);
        n = child(n, s, len);
        if (!n)
            return false;
        s += len;
    }
    for (unsigned i = 0; i < n->n; i++)
        assert(strcmp(n->routes[i]->method, route->method) != 0); /* two routes for one request */
    assert(n->n < METHODS_MAX);
    n->routes[n->n++] = route;
    allow_also(n, route->method);
    if (strcmp(route->method, "GET") == 0)
        allow_also(n, "HEAD");
    return true;
}

static void free_below(struct node *n)
{
    struct node *parts[2] = {n->param, n->rest};
    for (int i = 0; i < 2; i++)
        if (parts[i]) {
            free_below(parts[i]);
            free(parts[i]);
        }
    while (n->literals) {
        struct node *l = n->literals;
        n->literals = l->next;
        free_below(l);
        free(l);
    }
}

struct router *router_make(const struct http_route *routes)
{
    struct router *r = calloc(1, sizeof *r);
    for (; r && routes->method; routes++)
        if (!add(r, routes)) {
            router_free(r);
            return NULL;
        }
    return r;
}

void router_free(struct router *r)
{
    if (!r)
        return;
    free_below(&r->root);
    free(r);
}

/* ---- finding ---- */

static bool same_segment(const struct node *n, const char *s, size_t len)
{
    if (!memchr(s, '%', len))
        return n->len == len && memcmp(n->text, s, len) == 0;
    char plain[SEGMENT_MAX];
    size_t plain_len;
    if (len >= sizeof plain)
        return false;
    memcpy(plain, s, len);
    plain[len] = '\0';
    return !text_percent_decode(plain, &plain_len) && n->len == plain_len &&
           memcmp(n->text, plain, plain_len) == 0;
}

static const struct http_route *by_method(const struct node *n, const char *method)
{
    bool head = strcmp(method, "HEAD") == 0;
    const struct http_route *get = NULL;
    for (unsigned i = 0; i < n->n; i++) {
        if (strcmp(n->routes[i]->method, method) == 0)
            return n->routes[i];
        if (head && strcmp(n->routes[i]->method, "GET") == 0)
            get = n->routes[i];
    }
    return get;
}

static bool at_end(const struct node *n, const char *method, struct route_match *m)
{
    if (!n->n)
        return false;
    m->route = by_method(n, method);
    if (!m->route && !m->allow)
        m->allow = n->allow;
    return m->route != NULL;
}

static bool find(const struct node *n, const char *method, const char *s, unsigned depth,
                 struct route_match *m);

static bool find_param(const struct node *n, const char *method, const char *s, size_t len,
                       unsigned depth, struct route_match *m)
{
    m->params[m->n].at = s;
    m->params[m->n++].len = len;
    if (find(n, method, s + len, depth + 1, m))
        return true;
    m->n--;
    return false;
}

static bool find_rest(const struct node *n, const char *method, const char *s,
                      struct route_match *m)
{
    m->route = by_method(n, method);
    if (!m->route)
        return false;
    m->params[m->n].at = s;
    m->params[m->n++].len = strlen(s);
    return true;
}

/* `s` is at a '/' or at the end. Literal, then parameter, then rest, stepping back as needed. */
static bool find(const struct node *n, const char *method, const char *s, unsigned depth,
                 struct route_match *m)
{
    if (!*s)
        return at_end(n, method, m);
    if (depth == ROUTE_SEGMENTS_MAX && !n->rest)
        return false;
    s++;
    size_t len = segment_len(s);
    for (const struct node *l = depth < ROUTE_SEGMENTS_MAX ? n->literals : NULL; l; l = l->next)
        if (same_segment(l, s, len)) {
            if (find(l, method, s + len, depth + 1, m))
                return true;
            break;
        }
    if (n->param && len && depth < ROUTE_SEGMENTS_MAX &&
        find_param(n->param, method, s, len, depth, m))
        return true;
    bool known = m->allow && strcmp(method, "OPTIONS") != 0; /* 405, not the rest's business */
    return n->rest && !known && find_rest(n->rest, method, s, m);
}

void router_find(const struct router *r, const char *method, const char *path,
                 struct route_match *ret_match)
{
    *ret_match = (struct route_match){0};
    if (*path == '/' && find(&r->root, method, path, 0, ret_match))
        ret_match->allow = NULL;
}

int route_param_index(const struct http_route *route, const char *name)
{
    size_t want = strlen(name);
    int i = 0;
    for (const char *s = route->pattern; *s; s++) {
        if (*s != '{')
            continue;
        size_t len = strcspn(s + 1, ".}");
        if (len == want && memcmp(s + 1, name, len) == 0)
            return i;
        i++;
    }
    return -1;
}
