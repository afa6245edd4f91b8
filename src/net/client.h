/*
 * client - HTTP requests to other servers, blocking: for workers, never on a loop.
 *
 * Safety: https certificates are verified; redirects are not followed; only http and https; the
 *         answer is bounded. `why` never contains header values, bodies, or the query of the URL.
 * Thread: any; each thread keeps one connection cache of its own, closed by client_thread_done()
 *         or when the thread ends.
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include <stddef.h>

enum { CLIENT_WHY = 200 };

struct client_ask {
    const char *method; /* "GET" */
    const char *url;
    const char *const *headers; /* "Name: value" lines, NULL-ended; NULL: none */
    const void *body;           /* NULL: none */
    size_t body_len;
    int64_t timeout_ms;  /* whole exchange; 0: 10 s */
    int64_t connect_ms;  /* 0: 5 s */
    size_t answer_max;   /* bytes of body; 0: 1 MiB */
    const char *ca_file; /* NULL: the system's */
    /* Sent at most once, on a connection of its own. Without it a request whose kept connection
     * ends before any answer is sent again by itself: not for what moves money. */
    bool once;
    /* Only hosts of the internet (addr_is_public()), by the address that is connected to: for URLs
     * that strangers gave. ERR_INPUT otherwise, before a byte is sent. A thread that asks so asks
     * always so: the connections it keeps were made by this rule. */
    bool public_only;
    /* Instead of collecting the body: called as it comes; false stops (ERR_UPSTREAM). */
    bool (*on_body)(void *arg, const void *data, size_t len);
    /* Instead of `body`: up to max bytes into out, 0 at the end; body_len is the total. */
    size_t (*more_body)(void *arg, void *out, size_t max);
    /* Asked about once a second, also while nothing comes; false gives the exchange up: ERR_BUSY.
     * NULL: it runs to its end. */
    bool (*go_on)(void *arg);
    void *arg;
};

struct client_answer {
    int status;
    struct buf headers;   /* "name: value\n" lines, names in lower case */
    struct buf body;      /* NUL-terminated; empty with on_body */
    char why[CLIENT_WHY]; /* after an error: for the log; names the host */
    const char *reason;   /* the same without the host, for people outside; static */
    bool unsent;          /* after an error: not a byte of the request left here */
};

/* Once, in main() and in tests, before threads start. ERR_INTERNAL. */
enum err client_init(void) NODISCARD;
/*
 * Any status that came back is ERR_OK. ERR_UPSTREAM: no connection, bad TLS, broken or too large
 * an answer; ERR_TIMEOUT; ERR_BUSY: go_on said no; ERR_INPUT: bad URL or header. Always
 * client_answer_done() afterwards.
 */
enum err client_run(const struct client_ask *ask, struct client_answer *ret_answer) NODISCARD;
void client_answer_done(struct client_answer *a);
/* Value of the first header of that name (lower case), copied; false: absent or cut. */
bool client_answer_header(const struct client_answer *a, const char *name, char *out, size_t size);
void client_thread_done(void);
