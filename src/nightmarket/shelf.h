/*
 * shelf - where this instance keeps its files: the bucket of R2_…, else data_dir/files.
 *
 * Thread:  shelf_make() before the threads that link pictures; shelf_tick() from one thread, which
 *          it never holds up. The pool is freed before shelf_done().
 */
#pragma once
#include "base/cx.h"
#include "nightmarket/config.h"
#include <stdatomic.h>

struct file_store;
struct files;
struct pool;
struct store;

enum { SHELF_ORIGINS_MAX = 2 * CONFIG_URL + 2 };

struct shelf {
    struct file_store *objects;
    struct files *files;
    char origins[SHELF_ORIGINS_MAX]; /* for the CSP: of the bucket; "" : ours alone */
    int64_t next_sweep_ms;
    atomic_bool sweeping;
};

/* The store of objects alone: for subcommands. ERR_INPUT, ERR_IO */
enum err shelf_open(struct cx *cx, const struct config *c,
                    struct file_store **ret_objects) NODISCARD;
/* Into a zeroed one. Also sets the base of all pictures' addresses. */
enum err shelf_make(struct cx *cx, const struct config *c, struct store *store,
                    struct shelf *s) NODISCARD;
/* Now and then a worker sweeps uploads that nobody finished. */
void shelf_tick(struct shelf *s, struct pool *pool, int64_t now_ms);
void shelf_end(struct shelf *s);  /* calls to the bucket that are on their way are given up */
void shelf_done(struct shelf *s); /* of a zeroed one: nothing */
