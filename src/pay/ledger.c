/* The ledger of money: one door that writes, and a chain that shows what was changed. */
#include "pay/ledger.h"
#include "base/arena.h"
#include "base/buf.h"
#include "pay/ledger.sql.h"
#include "pay/pay.h"
#include "store/store.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ACCOUNT_SIZE = 40, CHAIN_TEXT_MAX = 512 };

/* Where a movement goes: an account, or one that depends on the payment. */
enum place {
    PROVIDER, /* what the gateway, or the carrier, owes */
    HOLDER,   /* orders or orphans: where the payment's money stands */
    PAYER,    /* who pays back: the gateway, or the shop itself */
    ORDERS,
    ORPHANS,
    REFUNDS_DUE,
    BANK
};

static const struct {
    const char *name;
    enum place into, out_of;
} kinds[] = {
#define X(name, text, into, out_of) [LEDGER_##name] = {(text), (into), (out_of)},
    LEDGER_KIND_TABLE(X)
#undef X
};

const char *ledger_kind_name(enum ledger_kind kind)
{
    assert((unsigned)kind < LEDGER_KIND_COUNT);
    return kinds[kind].name;
}

/* What the payment says of a movement. */
struct of {
    int64_t shop_id, order_id, orphaned;
    const char *provider, *currency, *state;
};

/* Queued: where the money was until now. Failed: where the payment's state says that it is again.
 */
static const char *holder(const struct movement *m, const struct of *of)
{
    bool orphan = m->kind == LEDGER_REFUND_QUEUED
                      ? of->orphaned < 0
                      : strcmp(of->state, payment_state_name(PAYMENT_ORPHANED)) == 0;
    return orphan ? "orphans" : "orders";
}

static void provider_account(const struct of *of, char out[ACCOUNT_SIZE])
{
    if (strcmp(of->provider, "cod") == 0)
        (void)snprintf(out, ACCOUNT_SIZE, "carrier");
    else if (strcmp(of->provider, "ecpay") == 0 || strcmp(of->provider, "omise") == 0)
        (void)snprintf(out, ACCOUNT_SIZE, "gateway:%s", of->provider);
    else
        (void)snprintf(out, ACCOUNT_SIZE, "bank");
}

static void account(enum place place, const struct movement *m, const struct of *of,
                    char out[ACCOUNT_SIZE])
{
    if (place == PROVIDER || (place == PAYER && !m->by_hand)) {
        provider_account(of, out);
        return;
    }
    (void)snprintf(out, ACCOUNT_SIZE, "%s",
                   place == HOLDER        ? holder(m, of)
                   : place == ORDERS      ? "orders"
                   : place == ORPHANS     ? "orphans"
                   : place == REFUNDS_DUE ? "refunds_due"
                                          : "bank");
}

/* ---- the chain ---- */

struct link {
    int64_t shop_id, no, at_ms, order_id, payment_id, refund_id, amount;
    const char *kind, *currency, *into, *out_of;
};

/* Every word of it is the program's own: nothing in it needs to be escaped. */
static void chain_hash(const unsigned char before[SHA256_LEN], const struct link *l,
                       unsigned char ret_chain[SHA256_LEN])
{
    unsigned char text[SHA256_LEN + CHAIN_TEXT_MAX];
    memcpy(text, before, SHA256_LEN);
    int n = snprintf((char *)text + SHA256_LEN, CHAIN_TEXT_MAX,
                     "[%" PRId64 ",%" PRId64 ",%" PRId64 ",\"%s\",%" PRId64 ",%" PRId64 ",%" PRId64
                     ",\"%s\",\"%s\",\"%s\",%" PRId64 "]",
                     l->shop_id, l->no, l->at_ms, l->kind, l->order_id, l->payment_id, l->refund_id,
                     l->currency, l->into, l->out_of, l->amount);
    assert(n > 0 && n < CHAIN_TEXT_MAX);
    crypto_sha256(text, SHA256_LEN + (size_t)n, ret_chain);
}

/* ---- writing ---- */

static enum err put(struct tx *tx, const struct link *l, int line, const unsigned char *chain)
{
    return db_do(tx->db, &SQL_ledger_insert,
                 ARGS(V(l->shop_id), V(l->no), V(line), V(line == 1 ? l->into : l->out_of),
                      V(line == 1 ? l->amount : -l->amount), V(l->currency), V(l->kind),
                      V(l->order_id), V(l->payment_id), l->refund_id ? V(l->refund_id) : VNULL,
                      V(l->at_ms), VBLOB(chain, SHA256_LEN)),
                 NULL);
}

static enum err append(struct tx *tx, struct link *l)
{
    static const unsigned char first[SHA256_LEN];
    unsigned char chain[SHA256_LEN];
    struct blob before;
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_ledger_next,
                        ARGS(V(l->shop_id), VBLOB(first, SHA256_LEN)), COLS(C(&l->no), C(&before)));
    if (e || before.len != SHA256_LEN)
        return e && e != ERR_NOT_FOUND ? e : ERR_STORE;
    chain_hash(before.p, l, chain);
    e = put(tx, l, 1, chain);
    if (!e)
        e = put(tx, l, 2, chain);
    return e ? e
             : db_do(tx->db, &SQL_ledger_head_set, ARGS(VBLOB(chain, SHA256_LEN), V(l->shop_id)),
                     NULL);
}

enum err ledger_post(struct tx *tx, const struct movement *m)
{
    char into[ACCOUNT_SIZE], out_of[ACCOUNT_SIZE];
    struct of of;
    assert(m->amount > 0 && (unsigned)m->kind < LEDGER_KIND_COUNT);
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_ledger_of_payment, ARGS(V(m->payment_id)),
                        COLS(C(&of.shop_id), C(&of.order_id), C(&of.provider), C(&of.currency),
                             C(&of.state), C(&of.orphaned)));
    if (e)
        return e == ERR_NOT_FOUND ? ERR_STORE : e;
    account(kinds[m->kind].into, m, &of, into);
    account(kinds[m->kind].out_of, m, &of, out_of);
    struct link l = {.shop_id = of.shop_id,
                     .at_ms = tx->cx->now_ms,
                     .order_id = of.order_id,
                     .payment_id = m->payment_id,
                     .refund_id = m->refund_id,
                     .amount = m->amount,
                     .kind = kinds[m->kind].name,
                     .currency = of.currency,
                     .into = into,
                     .out_of = out_of};
    return append(tx, &l);
}

/* ---- reading ---- */

enum err ledger_read(struct db *db, struct arena *arena, const struct ledger_filter *f,
                     struct ledger_row ret_rows[LEDGER_PAGE], size_t *ret_count)
{
    struct ledger_row w;
    struct blob chain;
    size_t n = 0;
    struct rows r = db_rows(db, &SQL_ledger_rows,
                            ARGS(V(f->shop_id), V(f->from_ms), V(f->to_ms), V(f->before_no),
                                 V(f->payment_id), V((int64_t)LEDGER_PAGE)));
    while (
        n < LEDGER_PAGE &&
        rows_next(&r, arena,
                  COLS(C(&w.no), C(&w.amount), C(&w.at_ms), C(&w.kind), C(&w.into), C(&w.out_of),
                       C(&w.currency), C(&w.order_no), C(&w.payment), C(&w.refund), C(&chain)))) {
        w.chain.p = chain.p;
        w.chain.len = chain.len;
        ret_rows[n++] = w;
    }
    enum err e = rows_end(&r);
    if (!e)
        *ret_count = n;
    return e;
}

enum err ledger_balances(struct db *db, struct arena *arena, int64_t shop_id,
                         struct ledger_balance ret_list[LEDGER_BALANCES_MAX], size_t *ret_count)
{
    struct ledger_balance b;
    size_t n = 0;
    struct rows r =
        db_rows(db, &SQL_ledger_balances, ARGS(V(shop_id), V((int64_t)LEDGER_BALANCES_MAX)));
    while (n < LEDGER_BALANCES_MAX &&
           rows_next(&r, arena, COLS(C(&b.account), C(&b.currency), C(&b.amount))))
        ret_list[n++] = b;
    enum err e = rows_end(&r);
    if (!e)
        *ret_count = n;
    return e;
}

/* ---- proving ---- */

enum { VERIFY_SLICE = 200, VERIFY_ARENA = 512 * 1024 };

struct walk {
    int64_t shop_id, last_no, bad;
    unsigned char chain[SHA256_LEN];
};

struct line {
    struct link l;
    int64_t line, amount;
    const char *account;
    struct blob chain;
};

static bool line_next(struct rows *r, struct arena *arena, int64_t shop_id, struct line *w)
{
    struct link *l = &w->l;
    l->shop_id = shop_id;
    return rows_next(r, arena,
                     COLS(C(&l->no), C(&w->line), C(&l->at_ms), C(&l->kind), C(&l->order_id),
                          C(&l->payment_id), C(&l->refund_id), C(&l->currency), C(&w->account),
                          C(&w->amount), C(&w->chain)));
}

static bool same_movement(const struct line *a, const struct line *b)
{
    return b->line == 2 && b->l.no == a->l.no && b->amount == -a->amount &&
           b->l.at_ms == a->l.at_ms && b->l.order_id == a->l.order_id &&
           b->l.payment_id == a->l.payment_id && b->l.refund_id == a->l.refund_id &&
           strcmp(b->l.kind, a->l.kind) == 0 && strcmp(b->l.currency, a->l.currency) == 0;
}

/* Two lines of a movement against the chain so far. */
static bool fits(struct walk *w, struct line *a, const struct line *b)
{
    unsigned char chain[SHA256_LEN];
    if (a->line != 1 || a->l.no != w->last_no + 1 || !same_movement(a, b))
        return false;
    a->l.into = a->account;
    a->l.out_of = b->account;
    a->l.amount = a->amount;
    chain_hash(w->chain, &a->l, chain);
    if (a->chain.len != SHA256_LEN || memcmp(a->chain.p, chain, SHA256_LEN) != 0 ||
        b->chain.len != SHA256_LEN || memcmp(b->chain.p, chain, SHA256_LEN) != 0)
        return false;
    memcpy(w->chain, chain, SHA256_LEN);
    w->last_no++;
    return true;
}

static enum err walk_slice(struct db *db, struct walk *w, bool *ret_more)
{
    struct arena *arena = arena_make(VERIFY_ARENA);
    struct line a, b;
    int64_t before = w->last_no;
    if (!arena)
        return ERR_NO_MEMORY;
    struct rows r = db_rows(db, &SQL_ledger_chain,
                            ARGS(V(w->shop_id), V(w->last_no), V((int64_t)VERIFY_SLICE)));
    while (!w->bad && line_next(&r, arena, w->shop_id, &a))
        if (!line_next(&r, arena, w->shop_id, &b) || !fits(w, &a, &b))
            w->bad = w->last_no + 1;
    enum err e = rows_end(&r);
    arena_free(arena);
    *ret_more = !e && !w->bad && w->last_no > before;
    return e;
}

enum err ledger_verify(struct db *db, int64_t shop_id, int64_t *ret_bad)
{
    struct walk w = {.shop_id = shop_id};
    struct blob head;
    int64_t last_no;
    bool more = true;
    enum err e = ERR_OK;
    while (!e && more)
        e = walk_slice(db, &w, &more);
    struct arena *arena = arena_make(1024);
    if (!e)
        e = arena
                ? db_row(db, arena, &SQL_ledger_head, ARGS(V(shop_id)), COLS(C(&last_no), C(&head)))
                : ERR_NO_MEMORY;
    if (!e && !w.bad &&
        (last_no != w.last_no || head.len != SHA256_LEN ||
         memcmp(head.p, w.chain, SHA256_LEN) != 0))
        w.bad = w.last_no + 1;
    if (e == ERR_NOT_FOUND) { /* nothing was ever written: then nothing may be there */
        w.bad = w.last_no ? 1 : w.bad;
        e = ERR_OK;
    }
    arena_free(arena);
    if (!e)
        *ret_bad = w.bad;
    return e;
}
