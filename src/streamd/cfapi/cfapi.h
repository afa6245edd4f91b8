/*
 * cfapi - Cloudflare Stream's REST API over the library: routes, authentication, the envelope.
 *
 * Shape:   every answer under /client/v4 is {result, success, errors, messages}; errors have a code
 *          of Cloudflare's. Authentication comes before existence. What this engine does not have
 *          (uploads, captions, clips, downloads, watermarks, tokens) answers 501 with code 10005.
 *          Also /healthz, /metrics, and /ca.pem for encoders that must trust our certificate.
 * Memory:  cfapi_make() allocates; it must outlive the server.
 * Thread:  handlers run on workers, /healthz on the loop.
 * Source:  Cloudflare API reference and npm cloudflare 7.3.0, mid-2026; docs/guides/streamd.md.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct buf;
struct cfapi;
struct http_fault;
struct http_req;
struct http_route;
struct http_server;
struct ingest;
struct library;
struct notify;
struct origin;

struct cfapi_conf {
    struct library *library;
    struct notify *notify;
    const char *account;     /* 32 hex; copied */
    const char *token;       /* only its SHA-256 is kept */
    struct ingest *ingest;   /* for /metrics; may be NULL */
    struct origin *origin;   /* likewise */
    const char *ca_file;     /* our authority's certificate, for encoders; NULL: none. Copied */
    int64_t storage_minutes; /* totalStorageMinutesLimit; 0: 1,000,000 */
};

/* ERR_NO_MEMORY */
enum err cfapi_make(const struct cfapi_conf *conf, struct cfapi **ret_cfapi) NODISCARD;
void cfapi_free(struct cfapi *c); /* NULL is fine */

/* *ret_n routes, to be put into the server's table together with others'. */
const struct http_route *cfapi_routes(const struct cfapi *c, size_t *ret_n);
/* Once the server is made: its numbers are in /metrics. */
void cfapi_set_server(struct cfapi *c, struct http_server *server);

/* The server's on_error: the envelope under /client/v4, one line of text elsewhere. */
void cfapi_on_error(void *app, struct http_req *req, const struct http_fault *f, struct buf *body,
                    const char **ret_type);
