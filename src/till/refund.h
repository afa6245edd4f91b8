/*
 * refund - the runner that pays back through the gateways what is queued, each once.
 *
 * Shape:   rows of `refund` in state queued or sent whose time has come are taken one by one: a
 *          conditional UPDATE writes `sent` and a lease, and only then is the gateway called, so
 *          several processes may run. What the gateway says is written in a second job. An answer
 *          that is lost leaves `sent`: from then on the gateway is asked what became of it, never
 *          told again, until it says that nothing happened. One that the gateway cannot pay back
 *          waits for a person (manual), and so does one that has failed.
 * Units:   times Unix ms.
 * Thread:  its own; or refunds_tick() by hand, on one thread that may block: gateways are called
 *          there. The numbers: any.
 * Source:  docs/decisions/0011-payments.md; statements in refund.sql
 */
#pragma once
#include "base/cx.h"
#include "order/order.h"
#include <stddef.h>

struct gateway;
struct money_watch;
struct refunds;
struct store;
struct till;

struct refunds_setup {
    struct store *store;
    struct orders *orders;
    const struct pay_table *pay;
    /* What a shop has at a provider, until `keep` is given back; NULL: no keys are set. */
    struct gateway *(*gateway)(void *arg, int64_t shop_id, const char *provider, void **ret_keep);
    void (*gateway_end)(void *arg, void *keep);
    void *arg;
    struct money_watch *watch; /* looked at in the same thread; or NULL */
};
/* Gateways and methods as the till has them; the till outlives the runner. */
void refunds_of_till(struct till *t, struct refunds_setup *setup);
enum err refunds_make(const struct refunds_setup *setup, struct refunds **ret_refunds) NODISCARD;
/* Start its thread, and end it; what it was doing is finished first. */
enum err refunds_run(struct refunds *r) NODISCARD;
void refunds_stop(struct refunds *r); /* NULL, or not running, is fine */
void refunds_free(struct refunds *r); /* stops first. NULL is fine */

/* Between two looks at the same refund: at least, at most; a lease; tries before it has failed. */
enum { REFUND_WAIT_S = 30, REFUND_WAIT_MAX_S = 3600, REFUND_LEASE_S = 300, REFUND_TRIES_MAX = 20 };

/* What is due at now_ms, at most REFUND_BATCH: what its thread does each second. */
enum { REFUND_BATCH = 16 };
void refunds_tick(struct refunds *r, int64_t now_ms);

struct refund_numbers {
    int64_t queued, sent, failed, manual; /* manual: of those queued */
    int64_t unclear;                      /* of those sent: asked about for long */
};
/* As the last tick found them. */
void refunds_numbers(const struct refunds *r, struct refund_numbers *ret_numbers);
