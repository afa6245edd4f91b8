/*
 * pay - how an order is paid: payment methods, payments with their states, and refunds.
 *
 * Doors:   pay.h      rows and methods; gateway.h the providers; ledger.h the money book
 * Shape:   a method ("cod") belongs to a provider and to a market. A payment is one try to pay one
 *          order; at most one of an order's payments counts (I5: an index of the database). What
 *          was paid back of it stands in payment.refunded, changed by one conditional UPDATE (I7).
 *          Providers are rows of a table: checkout and the room above know no provider by name.
 * Units:   amounts in minor units of the order's currency; times Unix ms.
 * Memory:  text in results lies in the arena given.
 * Thread:  functions with a struct tx run in a job; with a struct db on any thread with a reader.
 * Again:   ids and references are made before the job (payment_make(), refund_make()).
 * Errors:  on error no ret_ parameter is written; every call may return ERR_STORE, ERR_NO_MEMORY.
 * Source:  statements in pay.sql; docs/decisions/0011-payments.md
 */
#pragma once
#include "base/cx.h"
#include "base/id.h"
#include <stddef.h>

struct db;
struct tx;

/* ---- states ---- */

/* The names are stored, shown by the API and checked by the database. */
#define PAYMENT_STATE_TABLE(X)                                   \
    X(CREATED, "created")                                        \
    X(PENDING, "pending") /* cod: with the carrier */            \
    X(PAID, "paid")                                              \
    X(FAILED, "failed")                                          \
    X(EXPIRED, "expired")                                        \
    X(PART_REFUNDED, "part_refunded")                            \
    X(REFUNDED, "refunded")                                      \
    X(ORPHANED, "orphaned")   /* money that no order can take */ \
    X(COLLECTED, "collected") /* cod: the carrier has it */      \
    X(SETTLED, "settled")     /* cod: the shop has it */         \
    X(REFUSED, "refused")     /* cod: the parcel came back */

enum payment_state {
#define X(name, text) PAYMENT_##name,
    PAYMENT_STATE_TABLE(X)
#undef X
        PAYMENT_STATE_COUNT
};
const char *payment_state_name(enum payment_state s);
enum err payment_state_parse(const char *text, enum payment_state *ret_state) NODISCARD;
/* Is this move listed (model 3.6)? Pure. A state does not lead to itself. */
bool payment_may(enum payment_state from, enum payment_state to);
/* Has the shop, or its carrier, money of it that could be paid back? */
bool payment_counts(enum payment_state s);

#define REFUND_STATE_TABLE(X) \
    X(QUEUED, "queued") X(SENT, "sent") X(DONE, "done") X(FAILED, "failed")
enum refund_state {
#define X(name, text) REFUND_##name,
    REFUND_STATE_TABLE(X)
#undef X
        REFUND_STATE_COUNT
};
const char *refund_state_name(enum refund_state s);
enum err refund_state_parse(const char *text, enum refund_state *ret_state) NODISCARD;
/* `manual`: a person pays back, so queued leads to done at once. */
bool refund_may(enum refund_state from, enum refund_state to, bool manual);

/* ---- methods ---- */

struct pay_provider {
    const char *name;      /* stored; one of the schema's */
    bool confirms_at_once; /* checkout confirms the order: the money comes with the parcel */
    bool manual_refund;    /* of all its methods */
};

enum pay_kind { PAY_COD, PAY_CARD, PAY_CODE, PAY_QR, PAY_REDIRECT };
const char *pay_kind_name(enum pay_kind k);
/* Of stored names; a method that this program does not know any more is PAY_REDIRECT. */
enum pay_kind pay_kind_of(const char *provider, const char *method);

struct pay_method {
    const char *id; /* stored and shown: "cod" */
    const struct pay_provider *provider;
    const char *market;
    int64_t min_amount, max_amount; /* 0: none */
    int64_t minutes;                /* until an unpaid order ends; 0: it does not */
    enum pay_kind kind;
    bool carries_with_parcel; /* off for buyers who left parcels uncollected */
    bool not_for_deals;       /* it holds goods for too long: the shop may allow it */
    bool manual_refund;       /* the provider cannot pay it back: a person does */
    bool off;                 /* until the shop switches it on */
};

/* What this instance offers, in the order in which buyers see it. */
struct pay_table {
    const struct pay_method *methods;
    size_t count;
    /* Can this shop have it now: its gateway is set up and says so? Asked for methods of gateways,
     * also in jobs: from memory, at once. NULL: all of the table. pay_builtin's: none. */
    bool (*offered)(void *arg, int64_t shop_id, const struct pay_method *m);
    /* The gateway's own window, in memory: narrows what it is given. May be NULL. */
    void (*narrow)(void *arg, int64_t shop_id, const struct pay_method *m, int64_t *min,
                   int64_t *max);
    void *arg;
};
extern const struct pay_table pay_builtin;
/* NULL: no such method in this market. */
const struct pay_method *pay_find(const struct pay_table *t, const char *market, const char *id);
/* Of what was stored; NULL for a provider that this program does not know. */
const struct pay_provider *pay_provider_find(const struct pay_table *t, const char *name);
/* Must a person pay back what was paid like this (stored names)? */
bool pay_refund_is_manual(const struct pay_table *t, const char *provider, const char *method);

/* A method as a shop has it: the table's, changed by the shop's settings and the gateway. */
struct pay_terms {
    const struct pay_method *method;
    int64_t min_amount, max_amount, minutes; /* 0: none */
    bool active;                             /* the shop wants it */
    bool there;                              /* its gateway is set up and says it can */
    bool for_deals;
};
enum { PAY_METHODS_MAX = 40 };
/* Of one market, in the order of the table. */
enum err pay_terms_read(struct db *db, struct arena *arena, const struct pay_table *t,
                        int64_t shop_id, const char *market,
                        struct pay_terms ret_list[PAY_METHODS_MAX], size_t *ret_count) NODISCARD;
/* NULL: not one of them. */
const struct pay_terms *pay_terms_find(const struct pay_terms *list, size_t n, const char *id);
/*
 * Why an amount cannot be paid like this; NULL: it can. "off" (the shop does not offer it), "down"
 * (its gateway is not there), "over_limit", "under_limit", "deal" (goods of a deal are not held
 * that long).
 */
const char *pay_terms_problem(const struct pay_terms *t, int64_t amount, bool has_deal);

/* What a shop sets; -1: as the program has it. */
struct pay_setting {
    int64_t active, minutes, min_amount, max_amount, for_deals;
};
/* A job body. ERR_INPUT: a number that makes no sense */
enum err pay_setting_put(struct tx *tx, int64_t shop_id, const struct pay_method *m,
                         const struct pay_setting *s) NODISCARD;
/* Nothing was set: all -1. */
enum err pay_setting_get(struct db *db, int64_t shop_id, const struct pay_method *m,
                         struct pay_setting *ret_setting) NODISCARD;

/* ---- payments ---- */

struct payment_new {
    int64_t id;
    char public_id[ID_TEXT], our_ref[ID_TEXT]; /* the latter GATEWAY_REF characters [0-9a-z] */
};
void payment_make(struct payment_new *p);

struct payment {
    int64_t id, order_id, amount, refunded, expires_ms, created_ms;
    const char *public_id, *provider, *method, *currency;
    enum payment_state state;
    bool settled;   /* cash that the shop had (settled), whatever was paid back since */
    bool simulated; /* a test notice came: no money moved */
    const char *our_ref, *provider_ref; /* the latter NULL: not known */
    const char *details;                /* JSON (gateway_news), or NULL */
    const char *fail_code;              /* or NULL */
    int64_t started_ms, paid_ms;        /* 0: not yet */
    int64_t next_ask_ms, asks;          /* 0: the provider is not to be asked */
};

/* A new try to pay `amount` for an order, in state created; expires_ms 0: never. */
enum err payment_start(struct tx *tx, const struct payment_new *made, int64_t order_id,
                       const struct pay_method *method, int64_t amount, const char *currency,
                       int64_t expires_ms) NODISCARD;

/* The one that counts, else the newest. ERR_NOT_FOUND: the order has none. */
enum err payment_of_order(struct db *db, struct arena *arena, int64_t order_id,
                          struct payment *ret_payment) NODISCARD;
/* ERR_NOT_FOUND */
enum err payment_by_id(struct db *db, struct arena *arena, int64_t id,
                       struct payment *ret_payment) NODISCARD;
enum err payment_by_public_id(struct db *db, struct arena *arena, const char *public_id,
                              struct payment *ret_payment) NODISCARD;
enum err payment_by_our_ref(struct db *db, struct arena *arena, const char *our_ref,
                            struct payment *ret_payment) NODISCARD;
enum err payment_by_idem(struct db *db, struct arena *arena, int64_t order_id, const char *idem,
                         struct payment *ret_payment) NODISCARD;
enum { PAYMENT_LIST_MAX = 20 };
/* Those the buyer was sent on with, and cash; newest first. */
enum err payment_list(struct db *db, struct arena *arena, int64_t order_id,
                      struct payment ret_list[PAYMENT_LIST_MAX], size_t *ret_count) NODISCARD;

/*
 * The one function that changes a payment's state; p->state is as afterwards.
 *
 * ERR_TRANSITION  not listed, or it has another state by now
 */
enum err payment_move(struct tx *tx, struct payment *p, enum payment_state to) NODISCARD;
/* Every payment of an order that is still open (created, pending) becomes `to`; none is fine. */
enum err payment_close_open(struct tx *tx, int64_t order_id, enum payment_state to) NODISCARD;

/* ---- refunds ---- */

struct refund_new {
    int64_t id;
    char public_id[ID_TEXT], our_ref[ID_TEXT];
    const char *idem; /* or NULL; unique */
    const char *reason, *note;
    int64_t by_id;
};
void refund_make(struct refund_new *r);

struct refund {
    int64_t id, payment_id, amount, created_ms;
    const char *public_id, *reason, *note;
    enum refund_state state;
};

/*
 * Note that `amount` of p is to be paid back: state queued; p->refunded and p->state follow.
 *
 * ERR_CONFLICT    more than is left of what was paid
 * ERR_TRANSITION  nothing was paid yet
 */
enum err refund_add(struct tx *tx, struct payment *p, const struct refund_new *made,
                    int64_t amount) NODISCARD;
/* ERR_NOT_FOUND */
enum err refund_by_idem(struct db *db, struct arena *arena, const char *idem,
                        struct refund *ret_refund) NODISCARD;
enum err refund_by_public_id(struct db *db, struct arena *arena, const char *public_id,
                             struct refund *ret_refund, int64_t *ret_order_id) NODISCARD;
struct refund_step {
    enum refund_state to;
    enum payment_state back; /* what its payment is when this fails, if it was refunded by it */
    bool manual;
    const char *note; /* or NULL */
    int64_t by_id;    /* 0: nobody */
};
/* Failed gives the amount back to what may be refunded; queued takes it again. ERR_TRANSITION */
enum err refund_move(struct tx *tx, struct refund *r, const struct refund_step *step) NODISCARD;
enum { REFUND_LIST_MAX = 50 };
enum err refund_list(struct db *db, struct arena *arena, int64_t order_id,
                     struct refund ret_list[REFUND_LIST_MAX], size_t *ret_count) NODISCARD;
