/*
 * invoice - the e-invoice (統一發票) of an order: its row, what stands on it, what becomes of it.
 *
 * Shape:   one row an order, made when the order is confirmed, in that transaction, where orders
 *          are invoiced (Taiwan) and something is to be paid. It is due at once; with cash on
 *          delivery once the first parcel leaves (state none until then). Calls to the provider are
 *          made by till/invoice.h, which takes a row, with a lease, and tells what was said:
 *          `asked` is written before a call, so that one whose answer was lost is looked up before
 *          anything is sent again.
 *          Money that goes back is heard of from the refunds themselves, each once: all of it at
 *          once voids the invoice (within its two months), anything else is an allowance of the
 *          lines that went back. The allowances are never more than the invoice (a CHECK).
 * Units:   whole TWD, tax inside; times Unix ms.
 * Memory:  text in cx->arena.
 * Thread:  functions with a struct tx run in a job; those with a struct db with a reader.
 * Errors:  on error no ret_ parameter is written; every call may return ERR_STORE, ERR_NO_MEMORY.
 * Privacy: what is read here is personal data: for the provider alone.
 * Source:  docs/decisions/0012-taiwan.md; statements in invoice.sql
 */
#pragma once
#include "order/order.h"

#define INVOICE_STATE_TABLE(X) \
    X(NONE, "none")            \
    X(QUEUED, "queued")        \
    X(ISSUED, "issued") X(VOID, "void") X(ALLOWANCE, "allowance") X(ERROR, "error")
enum invoice_state {
#define X(name, text) INVOICE_##name,
    INVOICE_STATE_TABLE(X)
#undef X
        INVOICE_STATE_COUNT
};
const char *invoice_state_name(enum invoice_state s);
enum err invoice_state_parse(const char *text, enum invoice_state *ret_state) NODISCARD;

/* ---- called by what happens to orders, in that job ---- */

struct invoice_new {
    int64_t order_id, shop_id, total;
    const char *market;
    bool due; /* else once a parcel leaves */
};
/* Nothing where orders are not invoiced, or when nothing is to be paid. */
enum err invoice_begin(struct tx *tx, const struct invoice_new *n) NODISCARD;
/* A parcel of it leaves. */
enum err invoice_due(struct tx *tx, int64_t order_id) NODISCARD;
/* The order does not stand any more, and nothing was or will be paid. */
enum err invoice_undo(struct tx *tx, int64_t order_id) NODISCARD;

/* ---- reading, for the runner ---- */

/* What a call was sent for, and not yet answered. */
enum invoice_asked { ASKED_NOTHING, ASKED_ISSUE, ASKED_VOID, ASKED_ALLOWANCE };

struct invoice_row {
    int64_t id, order_id, shop_id, amount, allowed, tries, issued_ms;
    const char *public_id, *order_no, *relate_no;
    const char *number, *date, *random; /* NULL before it is issued */
    enum invoice_state state;
    enum invoice_asked asked;
    bool undo;
};
/* Ids of what is due, oldest first. */
enum { INVOICE_BATCH = 16 };
enum err invoice_due_list(struct db *db, int64_t now_ms, int64_t ret_ids[INVOICE_BATCH],
                          size_t *ret_count) NODISCARD;
/* ERR_NOT_FOUND */
enum err invoice_read(struct db *db, struct cx *cx, int64_t id,
                      struct invoice_row *ret_row) NODISCARD;

/* amount = qty * price; a discount is below 0. */
struct invoice_line {
    const char *name;
    int64_t qty, price, amount;
};
struct invoice_doc {
    const char *kind; /* member, mobile, donate, company */
    const char *carrier, *love_code, *tax_id, *title, *address, *phone, *email; /* NULL: none */
    struct invoice_line *lines;
    size_t count;
};
enum { INVOICE_LINES_MAX = 402 };
/* What the whole invoice says; its lines sum to the order's total. */
enum err invoice_doc(struct db *db, struct cx *cx, int64_t order_id,
                     struct invoice_doc *ret_doc) NODISCARD;

struct invoice_allow {
    int64_t id, amount;
    bool asked;
    struct invoice_line *lines;
    size_t count;
    int64_t made; /* sum of the invoice's allowances that are there */
};
/* The first that waits. ERR_NOT_FOUND: none does */
enum err invoice_allow_read(struct db *db, struct cx *cx, int64_t invoice_id,
                            struct invoice_allow *ret_allow) NODISCARD;
/* Two months of Taipei's calendar, odd and even: is `now` in the one of `issued`? */
bool invoice_same_period(int64_t issued_ms, int64_t now_ms);

/* ---- jobs of the runner ---- */

/* Is there a refund that its invoice has not heard of? Cheap. */
enum err invoice_unheard(struct db *db, bool *ret_any) NODISCARD;
/* Refunds that invoices have not heard of; *ret_more: there may be others. Some each time. */
enum err invoice_hear(struct tx *tx, bool *ret_more) NODISCARD;

struct invoice_turn {
    int64_t id, lease_until;
    enum invoice_asked asked; /* what a call is about to be made for */
    int64_t allow_id;         /* with ASKED_ALLOWANCE */
};
/* *ret_taken false: another has it, or it is as it was no more. */
enum err invoice_take(struct tx *tx, const struct invoice_turn *t, bool *ret_taken) NODISCARD;
/*
 * What came of it; each gives the lease back, and does nothing when it was lost meanwhile. date is
 * "2026-11-23 10:00:00" of Taipei.
 */
enum err invoice_issued(struct orders *o, struct tx *tx, const struct invoice_turn *t,
                        const char *number, const char *date, const char *random) NODISCARD;
enum err invoice_voided(struct orders *o, struct tx *tx, const struct invoice_turn *t) NODISCARD;
/* number NULL: it is there, and its number is the provider's affair. */
enum err invoice_allowed(struct orders *o, struct tx *tx, const struct invoice_turn *t,
                         const char *number) NODISCARD;
/* To be tried again at `next_ms` (0: when something happens to it); asked: nobody knows whether it
 * happened. */
enum err invoice_later(struct tx *tx, const struct invoice_turn *t, bool asked, int64_t next_ms,
                       const char *problem) NODISCARD;
/* A person must look: state error. */
enum err invoice_failed(struct tx *tx, const struct invoice_turn *t, const char *problem) NODISCARD;
/* Void is too late: all that is left of it becomes an allowance. */
enum err invoice_rest(struct tx *tx, const struct invoice_turn *t) NODISCARD;

/* ---- staff ---- */

/*
 * Again, now; order.edit. `invoice` (or NULL) replaces what the buyer had chosen, while it was not
 * issued. *ret_order is for staff.
 *
 * ERR_TRANSITION  it does not wait for anything
 * ERR_NOT_FOUND, ERR_FORBIDDEN, ERR_INPUT
 */
enum err invoice_retry(struct orders *o, struct cx *cx, const struct room_who *who,
                       const char *invoice_id, const json_t *invoice, json_t **ret_order) NODISCARD;
