/* sales - what the files of this bench share: a shop full of goods and buyers, and the load. */
#pragma once
#include "base/cx.h"
#include "base/id.h"
#include "room/room.h"
#include <stddef.h>

struct limits;
struct orders;
struct store;

enum { LISTINGS = 20, BUYERS = 20000, ARENA = 1 << 20 };

struct sales {
    struct store *store;
    struct limits *limits;
    struct room *room;
    struct orders *orders;
    struct room_who *buyers; /* BUYERS of them */
    char (*listings)[ID_TEXT];
    int64_t t0_ms; /* the clock of the first request */
};

/* A show on air with LISTINGS open listings and endless stock; BUYERS guests. NULL: it was said. */
struct sales *sales_make(const char *url);
void sales_free(struct sales *s);

/* Whom request `i` is of, and a context for it: its arena is the caller's. */
struct room_who *sales_buyer(struct sales *s, int64_t i);

/* ---- load.c ---- */

struct load {
    const char *name;
    /* Request `i` of all; false stops everything. */
    bool (*run)(void *arg, int64_t i, struct cx *cx);
    void *arg;
    int threads;
    int seconds;
    int64_t rate;  /* a second, by the clock, whether answered or not; 0: as fast as it goes */
    int64_t most;  /* requests in all; 0: no limit */
    int64_t t0_ms; /* now_ms of the first second */
};

/* Prints one line: name, requests, per second, p50, p95, p99 in ms. False: a request failed. */
bool load_run(const struct load *l);

bool bench_claims(struct sales *s, int threads, int seconds, int64_t rate);
bool bench_checkouts(struct sales *s, int threads, int seconds, int64_t rate);
