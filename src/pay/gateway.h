/*
 * gateway - the one door to payment gateways: ECPay and Omise behind the same few calls.
 *
 * Shape:   an instance belongs to one shop and one provider and is made of that shop's keys
 *          (pay/ecpay.h, pay/omise.h). Each call asks the provider once and says what it answered
 *          in our words; nothing here reads or writes the database. Who calls has written down
 *          before what is about to happen (the payment's or the refund's row), so that an answer
 *          that is lost can be asked for: no call is ever repeated blindly.
 *          Callbacks of a provider are read by its own door into the same gateway_news.
 * Units:   amounts in minor units (base/money.h: TWD whole dollars, THB satang); times Unix ms.
 * Memory:  text in results lies in cx->arena or lives for ever; text asked is the caller's.
 * Thread:  workers and tick threads: calls block, up to their timeout (15 s). Several threads may
 *          use one instance at once. Never in a job, never while a reader is held.
 * Errors:  ERR_BUSY      nothing happened there: no connection was made, or a limit or closed hours
 *                        of the provider forbid to ask now; gateway_later says when to come again
 *          ERR_TIMEOUT, ERR_UPSTREAM  the answer was lost or makes no sense: nobody knows whether
 *                        it happened. ask() or refund_ask() before anything else
 *          ERR_INPUT     the provider refused and nothing was made; cx->problem has its reason, fit
 *                        for staff (no keys, no personal data)
 *          ERR_NO_MEMORY
 *          On an error no ret_ parameter is written, but for gateway_later.
 * Privacy: keys, card tokens, phones, names and addresses never go into logs or cx->problem.
 * Source:  docs/decisions/0011-payments.md
 */
#pragma once
#include "base/cx.h"
#include <stddef.h>

struct gateway;

enum { GATEWAY_REF = 20, GATEWAY_DETAILS_MAX = 4000 };

/* ---- what a provider says of a payment ---- */

enum gateway_says {
    SAYS_UNKNOWN, /* it knows no payment by this reference */
    SAYS_PENDING, /* it waits for the buyer or a bank */
    SAYS_CODE,    /* likewise, and details has a code to pay with (ATM, CVS, barcode, QR) */
    SAYS_PAID,
    SAYS_FAILED, /* and it may not be paid any more, as far as it knows */
    SAYS_EXPIRED,
};

/* Why a payment failed, stored in payment.fail_code and shown in the buyer's words by the pages. */
#define PAY_FAIL_TABLE(X)                               \
    X(DECLINED, "declined") /* no reason given */       \
    X(NO_FUNDS, "no_funds")                             \
    X(LOST_CARD, "lost_card")                           \
    X(BAD_CARD, "bad_card") /* number or expiry */      \
    X(BAD_CODE, "bad_code") /* security code */         \
    X(THREE_D, "three_d")   /* 3-D Secure */            \
    X(FRAUD, "fraud")                                   \
    X(CANCELLED, "cancelled") /* by the buyer */        \
    X(TIMEOUT, "timeout")                               \
    X(LIMIT, "limit")       /* amount not allowed */    \
    X(METHOD, "method")     /* not switched on there */ \
    X(PROVIDER, "provider") /* an error of its own */

/*
 * One message or answer about one payment. What a caller finds in details is put beside what
 * payment.details has already: a JSON object, absent members are simply not known. Members that
 * pages and staff read:
 *   bank_code, account            ATM
 *   code                          CVS payment number
 *   barcodes: [text x 3]          BARCODE
 *   qr: url of an image, or data: QR
 *   url                           where the buyer's browser goes on (authorize_uri)
 *   expires_at                    Unix ms, of the code or QR
 * and what refunds need later (gwsr, charge id, trade number, ...): the provider's own affair.
 */
struct gateway_news {
    const char *our_ref;      /* payment.our_ref, GATEWAY_REF characters */
    const char *provider_ref; /* its own number, or NULL: not said */
    enum gateway_says says;
    int64_t amount;        /* what it says was, or is to be, paid; 0: not said */
    const char *currency;  /* "TWD"; NULL: not said */
    bool simulated;        /* no money moved (ECPay's SimulatePaid): never confirms */
    const char *fail_code; /* a word of PAY_FAIL_TABLE with SAYS_FAILED, else NULL */
    const char *details;   /* JSON object, at most GATEWAY_DETAILS_MAX bytes; or NULL */
    int64_t paid_ms;       /* 0: not said */
};

/* ---- starting ---- */

struct gateway_start {
    const char *our_ref, *method; /* "ecpay_atm" */
    const char *order_no, *shop_name;
    const char *const *items; /* what is bought, plain text, the shop's words */
    size_t item_count;
    int64_t amount;
    const char *currency;
    int64_t expires_ms; /* of the payment */
    const char *lang;   /* of the buyer: "zh-TW", "th", "en" ... */
    /* Where things come back to, absolute URLs on our public address; by provider which are used.
     */
    const char *notify_url; /* server to server: the result */
    const char *info_url;   /* server to server: a code was issued (ECPay) */
    const char *return_url; /* the buyer's browser: after paying */
    const char *code_url;   /* the buyer's browser: after a code was issued (ECPay) */
    const char *back_url;   /* the buyer's browser: "back to the shop", without a result */
    const char *token;      /* of a card (tokn_...), once; or NULL */
    const char *phone;      /* TrueMoney; or NULL */
    const char *platform;   /* of the browser: "IOS", "ANDROID", "WEB" */
};

enum gateway_do {
    DO_WAIT,     /* nothing: the result, or a code in details, is or will be known here */
    DO_FORM,     /* post these fields to url, in the same window */
    DO_REDIRECT, /* go to url */
    DO_QR,       /* show the image at url until the payment's end */
};
struct gateway_field {
    const char *name, *value;
};
struct gateway_next {
    enum gateway_do what;
    const char *url;
    const struct gateway_field *fields;
    size_t field_count;
};

/* ---- asking, closing ---- */

/* A payment as our row has it. */
struct gateway_payment {
    const char *our_ref, *provider_ref; /* the latter NULL: not known yet */
    const char *method;
    int64_t amount;
    const char *currency;
    const char *details; /* payment.details, or NULL */
    int64_t started_ms, expires_ms;
};

/* ---- refunds ---- */

struct gateway_refund {
    struct gateway_payment payment;
    const char *refund_ref; /* refund.our_ref */
    int64_t amount;         /* to pay back now */
    int64_t refunded;       /* of the payment, done before by its gateway */
    int64_t by_hand;        /* and by people: there too, or by a bank's transfer */
    int64_t paid_ms;        /* 0: not known */
};
enum gateway_refund_says {
    REFUND_SAYS_DONE,
    REFUND_SAYS_PENDING, /* accepted there; refund_ask() will know */
    REFUND_SAYS_FAILED,  /* it will not be done: a person must look */
    REFUND_SAYS_UNCLEAR, /* nobody knows whether it was done: refund_ask() later */
    REFUND_SAYS_LATER,   /* it was not done, surely; refund() again, not before later_ms */
    REFUND_SAYS_MANUAL,  /* this provider cannot: a person pays back by hand */
};
struct gateway_refunded {
    enum gateway_refund_says says;
    const char *provider_ref; /* or NULL */
    const char *why;          /* for staff, no secrets; or NULL */
    int64_t later_ms;         /* with LATER and UNCLEAR: when to come again; 0: as you like */
};

/* ---- what no notice told ---- */

enum { GATEWAY_EVENT_TEXT = 64, GATEWAY_EVENTS_MAX = 500 };
/* Something that happened to a payment there. */
struct gateway_event {
    char key[GATEWAY_EVENT_TEXT];  /* of the notice of it: the inbox's event_key */
    char kind[GATEWAY_EVENT_TEXT]; /* "charge.complete" */
    char ref[GATEWAY_EVENT_TEXT];  /* the provider's number of what is to be read again */
    int64_t at_ms;
};

/* ---- the way ---- */

struct gateway_way {
    const char *provider; /* "ecpay", "omise": payment.provider */
    bool start_is_local;  /* start() makes no call: it may be said again */
    /*
     * Begin a payment there. A declined card is ERR_OK with ret_news SAYS_FAILED. ret_news->our_ref
     * is ask's. ECPay makes no call: the buyer's browser posts the form.
     */
    enum err (*start)(struct gateway *g, struct cx *cx, const struct gateway_start *ask,
                      struct gateway_next *ret_next, struct gateway_news *ret_news) NODISCARD;
    /* What became of it? A payment whose start was lost is looked for by our_ref. */
    enum err (*ask)(struct gateway *g, struct cx *cx, const struct gateway_payment *p,
                    struct gateway_news *ret_news) NODISCARD;
    /* End it there if that can be, so that no money comes any more; says what it is afterwards:
     * PAID if it was paid meanwhile, PENDING or CODE where it cannot be ended. */
    enum err (*close)(struct gateway *g, struct cx *cx, const struct gateway_payment *p,
                      struct gateway_news *ret_news) NODISCARD;
    /* Errors are said by ret_refunded alone; always written. */
    void (*refund)(struct gateway *g, struct cx *cx, const struct gateway_refund *ask,
                   struct gateway_refunded *ret_refunded);
    void (*refund_ask)(struct gateway *g, struct cx *cx, const struct gateway_refund *ask,
                       struct gateway_refunded *ret_refunded);
    /* From memory, at once, on any thread, also in a job: can this method be had there now, and
     * within which amounts (0: no limit known)? */
    bool (*offers)(struct gateway *g, const char *method, int64_t *ret_min, int64_t *ret_max);
    /* Now and then, from a thread that may block: look up what is old (Omise's /capability).
     * May be NULL. */
    void (*tick)(struct gateway *g, struct cx *cx);
    /* What happened there since since_ms, oldest first, at most GATEWAY_EVENTS_MAX, whether its
     * notices came or not; *ret_until_ms: all before it was told. NULL: it does not say. */
    enum err (*missed)(struct gateway *g, struct cx *cx, int64_t since_ms,
                       struct gateway_event *ret_events, size_t *ret_count,
                       int64_t *ret_until_ms) NODISCARD;
    /* When calls are allowed again after ERR_BUSY, Unix ms; 0: not known. May be NULL. */
    int64_t (*later)(struct gateway *g);
    void (*free)(struct gateway *g);
};

/* First member of each provider's own struct. */
struct gateway {
    const struct gateway_way *way;
};

void gateway_free(struct gateway *g); /* NULL is fine */
/* 0 when the provider does not say. */
int64_t gateway_later(struct gateway *g);
const char *gateway_says_name(enum gateway_says s); /* "paid", for logs and inbox results */
/* Is it a word of PAY_FAIL_TABLE? */
bool pay_fail_known(const char *code);
/* GATEWAY_REF digits [0-9a-z] of randomness, and a NUL: payment.our_ref. */
void gateway_ref_make(char out[GATEWAY_REF + 1]);
