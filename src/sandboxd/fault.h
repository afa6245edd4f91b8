/*
 * fault - what goes wrong on purpose, for each thing that can: set by /control/faults, taken by the
 * side that is about to do it.
 *
 * Thread: any; one lock.
 */
#pragma once
#include "base/cx.h"
#include <jansson.h>

/* What a fault is for. Those of an API are about the calls that come in. */
#define FAULT_TARGET_TABLE(X)             \
    X(ECPAY_PAYMENT, "ecpay.payment")     \
    X(ECPAY_INFO, "ecpay.info")           \
    X(ECPAY_LOGISTICS, "ecpay.logistics") \
    X(OMISE_WEBHOOK, "omise.webhook")     \
    X(ECPAY_API, "ecpay.api")             \
    X(OMISE_API, "omise.api")             \
    X(LINE_API, "line.api")               \
    X(LINE_TOKEN, "line.token")           \
    X(MAIL, "mail")                       \
    X(PUSH, "push")

enum fault_target {
#define X(name, text) FAULT_##name,
    FAULT_TARGET_TABLE(X)
#undef X
        FAULT_TARGETS
};
const char *fault_target_name(enum fault_target t);

/* The first three of money, then of a login's id_token; both have signatures. */
enum tamper {
    TAMPER_NONE,
    TAMPER_AMOUNT,
    TAMPER_SIGNATURE,
    TAMPER_CURRENCY,
    TAMPER_NONCE,
    TAMPER_AUDIENCE,
    TAMPER_ISSUER,
    TAMPER_EXPIRED,
    TAMPER_ALG /* "none", without a signature */
};

enum { FAULT_MATCH = 80 };

struct fault {
    int64_t delay_ms; /* before a message leaves, or a call is answered */
    int64_t repeat;   /* each message is sent so often: 1 */
    int64_t drop;     /* of each message the first so many tries are lost; -1: all */
    bool reorder;     /* a message waits until the next of its kind has left, at most 3 s */
    enum tamper tamper;
    bool down;               /* a call's connection is closed, and nothing done */
    int64_t status;          /* with `down`: it is answered so instead, 429 or 503; 0: not at all */
    bool lose_answer;        /* a call is done, then its connection is closed */
    int64_t count;           /* messages or calls it is for; 0: until changed */
    char match[FAULT_MATCH]; /* only those whose name ("charge.complete", "POST /omise/charges")
                                has this in it; "" all */
};

struct faults;

struct faults *faults_make(void); /* NULL: out of memory */
void faults_free(struct faults *f);

/* What is to go wrong with `name` now; counts it. Nothing is all zero, with repeat 1. */
struct fault fault_take(struct faults *f, enum fault_target t, const char *name);
/* {"on":"omise.webhook", ...}: replaces what was set for it. ERR_INPUT */
enum err faults_set(struct cx *cx, struct faults *f, const json_t *o) NODISCARD;
void faults_clear(struct faults *f);
json_t *faults_json(struct faults *f); /* a list; NULL: out of memory */
