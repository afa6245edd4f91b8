/*
 * pool - worker threads that run plain blocking C, fed by one bounded queue.
 *
 * Thread: pool_run() from any thread.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct pool;

/* `threads` and `queue_max` at least 1. NULL: no memory or no threads. */
struct pool *pool_make(unsigned threads, size_t queue_max);
/* Run fn(arg) on a worker. ERR_BUSY: queue_max jobs are waiting, or the pool is being freed. */
enum err pool_run(struct pool *p, void (*fn)(void *arg), void *arg) NODISCARD;
size_t pool_waiting(struct pool *p); /* jobs not yet begun */
void pool_free(struct pool *p);      /* runs what waits, joins; NULL is fine */
