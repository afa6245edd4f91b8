/*
 * till - money in motion: payments are started, providers' messages taken, and asked for when they
 * do not come.
 *
 * Doors:   till.h    this; refund.h the refund runner; check.h reconciliation
 * Shape:   a payment's row is committed before its provider is called; the answer is a second job.
 *          A message of a provider, and the answer to a question, are the same thing: gateway_news
 *          about one payment, acted upon by one function in one job: inbox row, comparison of
 *          amount, currency and shop, order_paid(), events. Told twice, late, or out of order
 *          changes nothing twice (I5, I6, I8, I10). A lost answer is asked for by our_ref, never
 *          repeated.
 * Clock:   a round takes what is due: messages to look into, payments to ask about, payments whose
 *          time is over. What is due is claimed by a conditional UPDATE that moves it ahead (a
 *          lease): two processes do not both ask, and one that dies is followed by the other.
 * Rights:  a buyer's payment is theirs, or of who has the secret of its order. Staff calls are
 *          bound to a shop of theirs: another shop's payments are ERR_NOT_FOUND.
 * Units:   minor units; Unix ms.
 * Memory:  text in cx->arena; json_t results belong to the caller.
 * Thread:  workers; calls that reach a provider block for up to 15 s and hold no reader.
 * Errors:  on error no ret_ parameter is written, unless it says so. Every call may return
 *          ERR_STORE, ERR_BUSY, ERR_NO_MEMORY.
 *          ERR_PAY_DOWN: the provider does not answer; nothing is lost; try later or another way.
 * Source:  docs/decisions/0011-payments.md
 */
#pragma once
#include "order/order.h"
#include "pay/account.h"
#include "pay/gateway.h"

struct till;

struct till_setup {
    struct store *store;
    struct room *room;
    const struct stock_watch *watch;
    const struct pay_accounts *accounts; /* outlives the till */
    const char *public_url;              /* no slash at the end; outlives the till */
    /* A gateway of these keys. ERR_INPUT: they are no such keys; cx->problem says which. */
    enum err (*make)(void *arg, struct cx *cx, enum pay_account a, const struct pay_keys *keys,
                     struct gateway **ret_gateway);
    /* A payment read again by the provider's own number, for messages that only say that something
     * happened (omise_fetch()). NULL: none such come. */
    enum err (*fetch)(struct gateway *g, struct cx *cx, const char *provider_ref,
                      struct gateway_news *ret_news);
    /* As clock_mono_ms(), for tests; NULL: that. */
    int64_t (*mono_ms)(void *arg);
    void *arg;
};

/* Reads which shops have which gateways. ERR_NO_MEMORY, ERR_STORE */
enum err till_make(struct cx *cx, const struct till_setup *setup, struct till **ret_till) NODISCARD;
/* For orders_setup: what shops offer depends on their gateways. Lives as long as the till. */
const struct pay_table *till_table(const struct till *t);
/* Before anything else is called: the room of orders, which was made with till_table(). */
void till_join(struct till *t, struct orders *o);
/* Start its threads, and end them; what they were doing is finished, or taken up again later. */
enum err till_run(struct till *t) NODISCARD;
void till_stop(struct till *t); /* not running is fine */
void till_free(struct till *t); /* stops first. NULL is fine */

/* All that is due at `now_ms`, once, in this thread: what the threads do each second; for tests. */
void till_round(struct till *t, int64_t now_ms);

/*
 * The gateway of a shop; NULL: it has none, or its keys do not work. `till` is a struct till. Give
 * it back with till_gateway_end(): it stays whole meanwhile, also when the shop changes its keys.
 */
struct gateway *till_gateway(void *till, int64_t shop_id, const char *provider);
void till_gateway_end(void *till, struct gateway *g); /* NULL is fine */

/* ---- buyers ---- */

enum { TILL_TRIES_MAX = 10, PAY_TOKEN_MAX = 80, PAY_PHONE_MAX = 20 };

struct till_ask {
    const char *method, *idem;
    const char *token, *phone, *platform, *lang; /* each may be NULL */
};
/*
 * Start a payment of an order: {"payment":Payment,"next":Next,"order":{...}}. *ret_again: this key
 * had started it before; `next` is said again where it can be.
 *
 * ERR_TRANSITION  the order does not wait for money (any more)
 * ERR_INPUT       the method cannot be had for it; cx->problem begins with the field in quotes
 * ERR_LIMIT       TILL_TRIES_MAX payments were started
 * ERR_CONFLICT    the key began a payment by another method
 * ERR_NOT_FOUND   no such order of theirs
 * ERR_PAY_DOWN    *ret_later_ms (written) is when to try again; also when many wait already
 */
enum err till_start(struct till *t, struct cx *cx, const struct room_who *who,
                    const struct order_ref *ref, const struct till_ask *ask, json_t **ret_started,
                    bool *ret_again, int64_t *ret_later_ms) NODISCARD;

/* The object Payment. ERR_NOT_FOUND */
enum err till_read(struct till *t, struct cx *cx, const struct room_who *who, const char *payment,
                   const char *secret, json_t **ret_payment) NODISCARD;

/*
 * The buyer's browser came back from the provider's pages. Nothing is believed of it but that it
 * came: the provider is asked soon. ret_url: our page to go to.
 *
 * ERR_NOT_FOUND  no such payment, or the token is not its own
 */
enum { TILL_URL_MAX = 600 };
enum err till_returned(struct till *t, struct cx *cx, const char *payment, const char *token,
                       char ret_url[TILL_URL_MAX]) NODISCARD;
/* The same, by our_ref, where the provider has signed it. */
enum err till_returned_ref(struct till *t, struct cx *cx, int64_t shop_id, const char *our_ref,
                           char ret_url[TILL_URL_MAX]) NODISCARD;

/* ---- providers' messages ---- */

struct till_message {
    int64_t shop_id;
    const char *provider;
    const char *event_key; /* the same message has the same; at most 200 bytes */
    const char *kind;      /* "payment", "info", "charge.complete" */
    const char *body;      /* UTF-8 text to keep */
    /* What it says; or NULL: provider_ref is to be fetched, by a round ("" : nothing to fetch). */
    const struct gateway_news *news;
    const char *provider_ref;
};
/*
 * Keep it and act on it, in one job. Returns after the commit: only now may the provider be told
 * that it was received. ERR_OK also for what was told before, is of nobody, or changes nothing.
 */
enum err till_take(struct till *t, struct cx *cx, const struct till_message *m) NODISCARD;

/*
 * Somebody says, without proof, that something happened to what the provider calls provider_ref. If
 * that is an open payment of the shop its provider is asked soon; nothing is kept.
 */
enum err till_rumour(struct till *t, struct cx *cx, int64_t shop_id, const char *provider,
                     const char *provider_ref) NODISCARD;

/* ---- staff ---- */

/* Ask the provider now. The object Payment. ERR_PAY_DOWN, ERR_NOT_FOUND, ERR_FORBIDDEN */
enum err till_ask_now(struct till *t, struct cx *cx, const struct room_who *who,
                      const char *payment, json_t **ret_payment) NODISCARD;

/* ---- numbers ---- */

struct till_stats {
    int64_t started, paid, failed, orphaned, simulated; /* payments, since the start */
    int64_t taken, repeated, unknown;                   /* messages */
    int64_t asked, ask_errors, start_errors;            /* calls */
    int64_t inbox_waiting, asks_waiting;                /* now, as of the last round */
    int64_t last_round_ms;
};
void till_read_stats(struct till *t, struct till_stats *ret_stats);
