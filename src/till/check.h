/*
 * check - does the money still agree with itself? What statements cannot say of it, and a watch
 * that looks again and again while the server runs.
 *
 * Thread:  money_check_chain(): any that holds a reader. The watch: ticked by one thread that may
 *          block, read by any.
 * Errors:  ERR_STORE, ERR_NO_MEMORY.
 */
#pragma once
#include "stock/reconcile.h"
#include <stdbool.h>
#include <stdint.h>

struct store;

/* "money.chain": the ledger of each shop (0: all) is the one that was written. Adds to the report.
 */
enum err money_check_chain(struct db *db, struct cx *cx, int64_t shop_id,
                           struct reconcile_report *report) NODISCARD;

struct money_watch;
/* The first look is a minute after the first tick, then one each MONEY_WATCH_EVERY_S. */
enum { MONEY_WATCH_FIRST_S = 60, MONEY_WATCH_EVERY_S = 900 };
enum err money_watch_make(struct store *store, struct money_watch **ret_watch) NODISCARD;
void money_watch_free(struct money_watch *w); /* NULL is fine */
/* Orders, payments, refunds and the ledger of all shops; what does not agree is logged. */
void money_watch_tick(struct money_watch *w, int64_t now_ms);
/* Of the last look; checked_ms 0: none yet. */
void money_watch_read(const struct money_watch *w, int64_t *ret_differences,
                      int64_t *ret_checked_ms);
