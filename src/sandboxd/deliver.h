/*
 * deliver - messages to the shop: callbacks, notices, webhooks. Each leaves when it is due, is
 * tried again by its sender's rule, and suffers the faults that were set when it was added.
 *
 * Shape:   a thread for each gateway, so that they do not hold up one another; each sends one
 *          message at a time, the earliest due first.
 * Memory:  everything given is copied. The last DELIVERIES_MAX are kept for /control/state.
 * Thread:  deliver_add() and deliver_json() from any; `write` and `taken` are called on the
 *          thread that sends.
 */
#pragma once
#include "base/buf.h"
#include "sandboxd/fault.h"
#include <stddef.h>

enum { DELIVERIES_MAX = 1000, DELIVER_REF = 64, DELIVER_URL = 1024, DELIVER_HEADERS_MAX = 6 };

struct deliver;

/* One message as it goes out; `write` fills it in, at each try. */
struct outgoing {
    struct buf body;
    const char *type;                       /* Content-Type */
    char headers[DELIVER_HEADERS_MAX][400]; /* "Name: value"; "" ends them */
};

struct deliver_ask {
    enum fault_target target;
    const char *ref;  /* what it is about: a trade number, a charge */
    const char *what; /* its kind: "charge.complete", "ReturnURL" */
    const char *url;  /* http or https */
    const char *data; /* handed to `write` */
    /* Make the message out of `data`: sign it, and spoil it as `t` says. */
    void (*write)(void *arg, const char *data, enum tamper t, struct outgoing *out);
    void *arg; /* for `write`; outlives the deliverer */
    /* Did the shop take it? NULL: any 2xx. */
    bool (*taken)(int status, const char *answer);
    const int64_t *again_ms; /* pauses before the second try, the third ...; static */
    size_t again_n;
    int64_t delay_ms; /* before the first; a fault's delay comes on top */
};

struct deliver *deliver_make(struct faults *faults); /* NULL: no memory or no threads */
/* A URL that is none, or no room because everything waits: noted in the log, and left out. */
void deliver_add(struct deliver *d, const struct deliver_ask *ask);
/* Newest first: [{id, on, ref, what, url, state, tries, status, answer, at}]; `ref` NULL: all.
 * state: waiting, sending, taken, refused (no try was taken), dropped (no try left us). */
json_t *deliver_json(struct deliver *d, const char *ref);
/* What is being sent ends by itself, at once or within seconds; what waits is forgotten. */
void deliver_free(struct deliver *d);
