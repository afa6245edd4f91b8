/*
 * money - what staff see of a shop's money: payments, refunds, orphans, the ledger, and figures.
 *
 * Rights:  the caller has found the shop and what its asker may; rows of other shops are not there
 *          (ERR_NOT_FOUND).
 * Units:   minor units with their currency; times Unix ms, null: not yet.
 * Memory:  json_t results belong to the caller; cx->arena for the rest.
 * Thread:  any that holds a reader.
 * Errors:  ERR_INPUT: a filter that is none; ERR_STORE, ERR_NO_MEMORY.
 * Source:  statements in money.sql
 */
#pragma once
#include "base/buf.h"
#include "base/cx.h"
#include <jansson.h>

struct db;
struct pay_table;
struct money_watch;

enum { MONEY_PAGE = 50 };

/* Which rows of a shop; texts may be NULL: all. */
struct money_filter {
    int64_t shop_id;
    const char *state, *provider, *q, *cursor;
    const char *from, *to; /* a day (YYYY-MM-DD, of the shop's first market; `to` counts), or ms */
    bool manual, open;
    int limit; /* 0: MONEY_PAGE */
};

/* {"items":[StaffPayment],"next"}; q: an order's number, our or the provider's reference. */
enum err money_payments(struct db *db, struct cx *cx, const struct money_filter *f,
                        json_t **ret_page) NODISCARD;
/* With its refunds, movements and messages. ERR_NOT_FOUND */
enum err money_payment(struct db *db, struct cx *cx, const struct pay_table *table, int64_t shop_id,
                       const char *payment, json_t **ret_payment) NODISCARD;
/* state: one of a refund's, or "open": what is not done. */
enum err money_refunds(struct db *db, struct cx *cx, const struct pay_table *table,
                       const struct money_filter *f, json_t **ret_page) NODISCARD;
/* {"items","next","sums"}: money that no order could take, and what became of it. */
enum err money_orphans(struct db *db, struct cx *cx, const struct pay_table *table,
                       const struct money_filter *f, json_t **ret_page) NODISCARD;

/* {"items":[Movement],"next","balances","head"} */
enum err money_ledger(struct db *db, struct cx *cx, const struct money_filter *f,
                      json_t **ret_page) NODISCARD;
/* All movements of a span, oldest first. ERR_TOO_LARGE: more than MONEY_CSV_MAX */
enum { MONEY_CSV_MAX = 50000 };
enum err money_ledger_csv(struct db *db, struct cx *cx, const struct money_filter *f,
                          struct buf *out) NODISCARD;

/* The figures of a shop; `watch` may be NULL. */
enum err money_figures(struct db *db, struct cx *cx, const struct money_watch *watch,
                       int64_t shop_id, json_t **ret_figures) NODISCARD;
