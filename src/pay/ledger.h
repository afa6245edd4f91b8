/*
 * ledger - every movement of money, in double entry: written once, never changed.
 *
 * Shape:   a movement is two lines that sum to 0, numbered 1, 2, 3 ... within its shop and chained
 *          by SHA-256, so that a row that was changed or taken out shows. What it is of (shop,
 *          order, currency, provider) is read from the payment: a movement in another currency than
 *          its payment cannot be written.
 * Signs:   above 0 it went into the account, below 0 out of it.
 *              gateway:<provider>  what a gateway owes the shop        (>= 0 but for refunds that
 *                                                                       it takes from later money)
 *              carrier             cash that a carrier collected       (>= 0)
 *              bank                what reached the shop, less what it paid back by hand
 *              orders              received for orders that stand      (<= 0)
 *              orphans             received, and no order can take it  (<= 0)
 *              refunds_due         queued or sent, not paid back yet   (<= 0)
 *          A parcel that is refused moves no money, so it has no movement.
 * Thread:  functions with a struct tx run in a job, in the same transaction as the rows whose money
 *          they say; with a struct db on any thread with a reader.
 * Errors:  ERR_STORE, ERR_NO_MEMORY; on error no ret_ parameter is written.
 * Source:  statements in ledger.sql
 */
#pragma once
#include "base/crypto.h"
#include "base/cx.h"
#include <stddef.h>

struct db;
struct tx;

/*      name               stored             into       out of */
#define LEDGER_KIND_TABLE(X)                                   \
    X(PAID, "paid", PROVIDER, ORDERS)                          \
    X(PAID_LATE, "paid_late", PROVIDER, ORDERS)                \
    X(ORPHAN_DOUBLE, "orphan_double", PROVIDER, ORPHANS)       \
    X(ORPHAN_LATE, "orphan_late", PROVIDER, ORPHANS)           \
    X(ORPHAN_CANCELLED, "orphan_cancelled", PROVIDER, ORPHANS) \
    X(ORPHAN_AMOUNT, "orphan_amount", PROVIDER, ORPHANS)       \
    X(REFUND_QUEUED, "refund_queued", HOLDER, REFUNDS_DUE)     \
    X(REFUND_FAILED, "refund_failed", REFUNDS_DUE, HOLDER)     \
    X(REFUND_DONE, "refund_done", REFUNDS_DUE, PAYER)          \
    X(COD_COLLECTED, "cod_collected", PROVIDER, ORDERS)        \
    X(COD_SETTLED, "cod_settled", BANK, PROVIDER)

enum ledger_kind {
#define X(name, text, into, out_of) LEDGER_##name,
    LEDGER_KIND_TABLE(X)
#undef X
        LEDGER_KIND_COUNT
};
const char *ledger_kind_name(enum ledger_kind kind);

struct movement {
    enum ledger_kind kind;
    int64_t payment_id;
    int64_t refund_id; /* of refund_*; else 0 */
    int64_t amount;    /* > 0, in the payment's currency */
    bool by_hand;      /* refund_done: from the shop's bank, not through the gateway */
};

/*
 * Write it. Call it after the rows of payment and refund were changed: where a failed refund's
 * money is again (orders or orphans) is read from the payment's state.
 */
enum err ledger_post(struct tx *tx, const struct movement *m) NODISCARD;

/* ---- reading ---- */

/* One movement; text in the arena. */
struct ledger_row {
    int64_t no, amount, at_ms;
    const char *kind, *into, *out_of, *currency;
    const char *order_no, *payment, *refund; /* public ids; refund NULL: none */
    struct {
        const unsigned char *p;
        size_t len;
    } chain;
};
struct ledger_filter {
    int64_t shop_id;
    int64_t from_ms, to_ms; /* at >= from, at < to; 0: open */
    int64_t before_no;      /* below it; 0: from the newest */
    int64_t payment_id;     /* 0: of all */
};
enum { LEDGER_PAGE = 100 };
/* Newest first. */
enum err ledger_read(struct db *db, struct arena *arena, const struct ledger_filter *f,
                     struct ledger_row ret_rows[LEDGER_PAGE], size_t *ret_count) NODISCARD;

/* What is in an account of a shop. */
struct ledger_balance {
    const char *account, *currency;
    int64_t amount;
};
enum { LEDGER_BALANCES_MAX = 64 };
/* By account and currency, those that are not 0 and those that were. */
enum err ledger_balances(struct db *db, struct arena *arena, int64_t shop_id,
                         struct ledger_balance ret_list[LEDGER_BALANCES_MAX],
                         size_t *ret_count) NODISCARD;

/*
 * Go along a shop's chain from its first movement. *ret_bad: the number of the first that does not
 * fit (changed, missing, or not the head's); 0: all do. Reads all rows: for reconcile.
 */
enum err ledger_verify(struct db *db, int64_t shop_id, int64_t *ret_bad) NODISCARD;
