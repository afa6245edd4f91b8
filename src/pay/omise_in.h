/* omise_in - what the files of the Omise client share. Private to pay. */
#pragma once
#include "base/clock.h"
#include "pay/omise.h"
#include <jansson.h>
#include <stdatomic.h>

enum { OMISE_BASE_MAX = 200, OMISE_PATH_MAX = 400, OMISE_URL_MAX = 1500, OMISE_CODE_MAX = 64 };

struct omise {
    struct gateway base;
    char api[OMISE_BASE_MAX];
    char secret_auth[3 * OMISE_KEY_MAX], public_auth[3 * OMISE_KEY_MAX]; /* header lines */
    char ca_file[OMISE_BASE_MAX];
    int64_t timeout_ms;
    bool live;
    _Atomic int64_t later_ms; /* Unix ms; no call before it */
    /* What /capability said; `mask` has a bit for each row of omise_methods, and one more. */
    _Atomic unsigned types;
    _Atomic int64_t min, max, look_ms; /* look_ms: when to look again, Unix ms */
};

/* ---- calls (omise_call.c) ---- */

struct omise_call {
    const char *method;
    json_t *body;       /* taken over; NULL: none */
    bool once;          /* moves money: sent at most once */
    bool by_public_key; /* else by the secret one */
    int64_t timeout_ms; /* 0: the instance's */
};

struct omise_reply {
    json_t *body;              /* with ERR_OK: an object, the caller's to json_decref() */
    char code[OMISE_CODE_MAX]; /* with ERR_INPUT: of Omise's error object */
    char message[160];
};

/*
 * One exchange with api + path (made like printf).
 *
 * ERR_OK         2xx with an object that is no error
 * ERR_INPUT      refused by an error object; nothing was made
 * ERR_NOT_FOUND  likewise, for there is no such thing
 * ERR_BUSY       nothing left here, or our keys are not taken, or it asks us to wait
 * ERR_TIMEOUT, ERR_UPSTREAM  lost, or nothing that can be read
 */
__attribute__((format(printf, 5, 6))) enum err omise_do(struct omise *o, struct cx *cx,
                                                        const struct omise_call *call,
                                                        struct omise_reply *ret_reply,
                                                        const char *path, ...) NODISCARD;
/* May it have happened, as far as this error tells? */
bool omise_lost(enum err e);
/* prefix(_test)?_[0-9a-z]+, short enough for OMISE_ID: fit for a path. */
bool omise_id_ok(const char *id, const char *prefix);
/* A copy in the arena, "" when absent, not text, or the arena is full. */
const char *omise_text(struct cx *cx, const json_t *o, const char *name);
int64_t omise_when(const json_t *o, const char *name); /* 0: absent or not a time */
/* "2026-11-22T09:15:00Z": whole seconds, as its documents write times. */
void omise_when_text(int64_t unix_ms, char out[CLOCK_TEXT]);

/* ---- methods (omise_method.c) ---- */

enum omise_kind { OMISE_CARD, OMISE_QR, OMISE_REDIRECT };
struct omise_method {
    const char *id;    /* ours */
    const char *type;  /* of the source, and its name in /capability; cards have "card" */
    const char *other; /* taken when the account has this one only; or NULL */
    enum omise_kind kind;
    bool phone, platform, manual; /* manual: Omise cannot pay it back */
    int64_t min, max;             /* satang */
};
/* NULL: unknown. */
const struct omise_method *omise_method_find(const char *id);
/* The source's type to ask for, by what the account has. */
const char *omise_method_type(struct omise *o, const struct omise_method *m);
bool omise_offers(struct gateway *g, const char *method, int64_t *ret_min, int64_t *ret_max);
void omise_look(struct gateway *g, struct cx *cx);

struct omise_capability {
    unsigned types;
    int64_t min, max; /* 0: none said */
};
/* ERR_UPSTREAM: not a capability object. */
enum err omise_read_capability(const json_t *o, struct omise_capability *ret) NODISCARD;

/* ---- charges (omise_charge.c) ---- */

struct omise_charge {
    const char *id;
    const char *url, *qr; /* where the buyer goes on, and the QR's image; "" */
    bool live;
    struct gateway_news news; /* our_ref: of the metadata, or NULL */
};
/* ERR_UPSTREAM: not a charge. */
enum err omise_read_charge(struct cx *cx, const json_t *o, struct omise_charge *ret) NODISCARD;
/* Our word for a failure_code or an error code of Omise's. */
const char *omise_fail_code(const char *code);

/* ---- asking (omise_ask.c) ---- */

/* The charge of one attempt among those made around started_ms (0: not known), at most `pages`
 * hundred of them. ERR_NOT_FOUND: there is none. */
struct omise_look_for {
    const char *our_ref;
    int64_t started_ms;
    int64_t timeout_ms; /* of one page; 0: the instance's */
    int pages;
};
enum err omise_find(struct omise *o, struct cx *cx, const struct omise_look_for *what,
                    struct omise_charge *ret) NODISCARD;
enum err omise_ask(struct gateway *g, struct cx *cx, const struct gateway_payment *p,
                   struct gateway_news *ret_news) NODISCARD;
enum err omise_close(struct gateway *g, struct cx *cx, const struct gateway_payment *p,
                     struct gateway_news *ret_news) NODISCARD;

/* Events of charges (omise_event.c). */
enum err omise_missed(struct gateway *g, struct cx *cx, int64_t since_ms,
                      struct gateway_event *ret_events, size_t *ret_count,
                      int64_t *ret_until_ms) NODISCARD;

enum err omise_start(struct gateway *g, struct cx *cx, const struct gateway_start *ask,
                     struct gateway_next *ret_next, struct gateway_news *ret_news) NODISCARD;
void omise_refund(struct gateway *g, struct cx *cx, const struct gateway_refund *ask,
                  struct gateway_refunded *ret_refunded);
void omise_refund_ask(struct gateway *g, struct cx *cx, const struct gateway_refund *ask,
                      struct gateway_refunded *ret_refunded);
