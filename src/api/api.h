/*
 * api - HTTP for people's browsers and for Cloudflare's callbacks: routes, guard, pages, events.
 *
 * Shape:   routes.def lists every route; each row names its handler, who may call it and how it is
 *          guarded. api_routes() is the table for net's server; errors leave as RFC 9457 problem
 *          documents by api_on_error().
 * Thread:  made before the server, freed after it. Handlers run on workers, but for the room's
 *          event streams, which live on the loops.
 * Source:  docs/api/openapi.yaml (made from routes.def), docs/threats.md
 */
#pragma once
#include "base/buf.h"
#include "base/cx.h"
#include <stddef.h>

struct api;
struct es256;
struct files;
struct http_fault;
struct http_req;
struct http_route;
struct http_server;
struct importer;
struct invoices;
struct limits;
struct login;
struct loops;
struct money_watch;
struct orders;
struct outbox;
struct pay_accounts;
struct pay_table;
struct privacy;
struct refunds;
struct revokes;
struct room;
struct ship;
struct stock_watch;
struct store;
struct stream;
struct till;

/* Origins that pages of payment reach, for the CSP; "" : none. */
struct api_pay_origins {
    const char *script, *connect, *frame, *form, *img;
};

struct api_setup {
    struct store *store;
    struct limits *limits;
    struct login *login;
    const struct revokes *revokes; /* their numbers for /metrics; or NULL */
    const struct outbox *outbox;   /* its numbers for /metrics; or NULL */
    const struct es256 *push_key;  /* whose public half pages are given; NULL: no push */
    bool mail;                     /* mail can be sent */
    bool local;                    /* the public URL is on loopback: so may be push services */
    struct room *room;
    struct orders *orders;
    struct privacy *privacy;
    struct till *till;
    struct ship *ship;
    struct invoices *invoices;           /* codes of invoices are looked up there; or NULL */
    const struct pay_accounts *accounts; /* outlives the api */
    struct api_pay_origins pay_origins;
    const struct pay_table *pay;           /* NULL: pay_builtin */
    const struct refunds *refunds;         /* their numbers for /metrics; or NULL */
    const struct money_watch *money_watch; /* likewise */
    const struct stock_watch *watch;       /* told of units that move; NULL: nobody */
    struct importer *importer;             /* works through files of products */
    struct loops *loops;
    struct stream *stream; /* NULL: no Stream account is set up */
    struct files *files;
    const char *file_origins;   /* of the bucket, for the CSP: where pictures go and lie; or NULL */
    const unsigned char *key;   /* SECRET_KEY_LEN bytes, outlives the api */
    const char *public_url;     /* no slash at the end */
    const char *media_origins;  /* of playback, for the CSP: "http://127.0.0.1:8787"; "" : none */
    const char *ca_url;         /* where a phone finds the engine's CA, or NULL */
    const char *webhook_secret; /* from the environment, or NULL */
    const char *notify_secret;  /* likewise */
    const char *web_dir;        /* built pages; without index.html a plain page says how to build */
    const struct http_server **server; /* filled in once it is made: for /metrics */
};

enum err api_make(struct cx *cx, const struct api_setup *setup, struct api **ret_api) NODISCARD;
void api_free(struct api *a); /* after the server was freed. NULL is fine */

/* For http_server_opts: the table (as long as the api lives), and the hook; app is the api. */
const struct http_route *api_routes(const struct api *a);
void api_on_error(void *app, struct http_req *req, const struct http_fault *f, struct buf *body,
                  const char **ret_type);
