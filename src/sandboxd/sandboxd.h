/*
 * sandboxd - sandboxes of the payment gateways: what both sides of it share.
 *
 * Shape:   one HTTP server; /omise is omise.h, /ecpay is ecpay.h, /line is line.h, /mail and /push
 * are where a shop's messages end (mail.h, push.h); /control switches faults, shows state and pays
 * by hand. Everything is kept in memory, bounded, and gone at the end. Thread:  the fields do not
 * change once it listens. Handlers run on workers: each side has one lock of its own, never held
 * while something is sent. Money:   none. What is here is never asked for by a shop in production.
 */
#pragma once
#include "base/cx.h"
#include "net/http.h"
#include "sandboxd/deliver.h"
#include "sandboxd/fault.h"

struct ecpay;
struct line;
struct mail_sink;
struct omise;
struct options;
struct push_sink;

enum { SANDBOXD_URL = 520 };

/* http_app() of every request. */
struct sandboxd {
    const char *(*variable)(const char *name); /* getenv(), while it opens only */
    char url[SANDBOXD_URL]; /* how browsers and shops reach us: "http://127.0.0.1:8790" */
    struct faults *faults;
    struct deliver *deliver;
    struct omise *omise;
    struct ecpay *ecpay;
    struct line *line;
    struct mail_sink *mail;
    struct push_sink *push;
};

static inline struct sandboxd *sandboxd_of(const struct http_req *req)
{
    return http_app(req);
}

/*
 * What is to happen with a call of a gateway's API: waits as the fault says; true: it was
 * dropped or answered already, return at once. After the work, sandboxd_lost() is asked: true: the
 * answer was dropped, send none.
 *
 *     struct fault f;
 *     if (sandboxd_down(req, FAULT_OMISE_API, &f))
 *         return;
 *     ... do it, build the answer ...
 *     if (!sandboxd_lost(req, &f))
 *         http_send_heap(...);
 */
bool sandboxd_down(struct http_req *req, enum fault_target t, struct fault *ret_fault);
bool sandboxd_lost(struct http_req *req, const struct fault *f);

/* How something is paid by hand, at a page or by /control/pay. */
enum pay_as { PAY_PAID, PAY_FAILED, PAY_EXPIRED, PAY_SIMULATED };

/* ---- life (server.c) ---- */

struct server;
/* Listens when it returns. ERR_INPUT: a setting, else what failed; cx->problem says it. */
enum err server_open(struct cx *cx, const struct options *o,
                     const char *(*variable)(const char *name), struct server **ret) NODISCARD;
void server_close(struct server *s); /* NULL is fine */
