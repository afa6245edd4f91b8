/* The runner: take an invoice, ask ECPay, write what it said. */
#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "store/store.h"
#include "till/invoice_in.h"

#include <stdlib.h>
#include <string.h>

enum { RUN_ARENA = 4 * 1024 * 1024, HEAR_MAX = 20 };

#define VOID_REASON "訂單取消"

const struct invoice_way invoice_ecpay = {.issue = ecpay_invoice_issue,
                                          .find = ecpay_invoice_find,
                                          .make_void = ecpay_invoice_void,
                                          .allow = ecpay_invoice_allow,
                                          .known = ecpay_invoice_known};

enum err invoices_make(const struct invoices_setup *setup, struct invoices **ret)
{
    struct invoices *v = calloc(1, sizeof *v);
    if (!v)
        return ERR_NO_MEMORY;
    v->set = *setup;
    if (!v->set.way)
        v->set.way = &invoice_ecpay;
    (void)pthread_mutex_init(&v->seen_lock, NULL);
    *ret = v;
    return ERR_OK;
}

void invoices_free(struct invoices *v)
{
    if (v)
        (void)pthread_mutex_destroy(&v->seen_lock);
    free(v);
}

enum err invoice_service(const struct invoices *v, struct db *db, struct cx *cx, int64_t shop_id,
                         struct pay_keys *keys, struct ecpay_service *ret)
{
    const struct pay_accounts *all = v->set.accounts;
    enum err e = pay_account_read(all, db, cx, shop_id, ACCOUNT_ECPAY_INVOICE, keys);
    if (!e)
        *ret = (struct ecpay_service){
            .keys = {.merchant_id = keys->name, .hash_key = keys->key, .hash_iv = keys->more},
            .base_url = all->base_url[ACCOUNT_ECPAY_INVOICE]};
    return e;
}

/* ---- one invoice ---- */

enum act { ACT_NOTHING, ACT_ISSUE, ACT_VOID, ACT_ALLOW, ACT_REST, ACT_DROP, ACT_NO_KEYS };

struct run {
    struct invoices *v;
    enum act act;
    struct invoice_row row;
    struct invoice_doc doc;
    struct invoice_allow allow;
    struct pay_keys keys;
    struct ecpay_service service;
    struct invoice_turn turn;
    bool taken, unclear; /* unclear: an earlier call may have done it */
    /* said */
    enum err said;
    struct ecpay_invoiced made;
    char number[ALLOWANCE_NUMBER];
    bool number_known;
    const char *why;
};

/* What an invoice of this kind wants next. Unclear calls come first: `asked` says which. */
static enum act want(const struct run *n, int64_t now_ms, bool waits)
{
    const struct invoice_row *r = &n->row;
    if (r->asked != ASKED_NOTHING)
        return r->asked == ASKED_ISSUE ? ACT_ISSUE : r->asked == ASKED_VOID ? ACT_VOID : ACT_ALLOW;
    if (!r->number)
        return r->undo ? ACT_DROP : ACT_ISSUE;
    if (r->undo)
        return !r->allowed && invoice_same_period(r->issued_ms, now_ms) ? ACT_VOID : ACT_REST;
    return waits ? ACT_ALLOW : ACT_NOTHING;
}

static enum err read_keys(struct run *n, struct db *db, struct cx *cx)
{
    bool needs = n->act == ACT_ISSUE || n->act == ACT_VOID || n->act == ACT_ALLOW;
    enum err e = invoice_service(n->v, db, cx, n->row.shop_id, &n->keys, &n->service);
    if (e != ERR_NOT_FOUND)
        return e;
    n->act = needs ? ACT_NO_KEYS : n->act;
    return ERR_OK;
}

static enum err read_run(struct run *n, struct db *db, struct cx *cx, int64_t id)
{
    enum err e = invoice_read(db, cx, id, &n->row);
    if (e)
        return e;
    e = invoice_allow_read(db, cx, id, &n->allow);
    bool waits = !e;
    if (e && e != ERR_NOT_FOUND)
        return e;
    n->act = want(n, cx->now_ms, waits);
    if (n->act == ACT_ALLOW && !waits)
        return problem(cx, ERR_STORE, "asked for an allowance that is not there");
    e = n->act == ACT_ISSUE ? invoice_doc(db, cx, n->row.order_id, &n->doc) : ERR_OK;
    return e ? e : read_keys(n, db, cx);
}

static enum err take_job(struct tx *tx, void *arg)
{
    struct run *n = arg;
    return invoice_take(tx, &n->turn, &n->taken);
}

/* ---- calls ---- */

static struct ecpay_invoiced known(const struct run *n)
{
    struct ecpay_invoiced k = {.left = -1};
    (void)text_copy(k.number, sizeof k.number, n->row.number);
    (void)text_copy(k.date, sizeof k.date, n->row.date);
    (void)text_copy(k.random, sizeof k.random, n->row.random);
    return k;
}

static const struct invoice_item *items_of(struct cx *cx, const struct invoice_line *lines,
                                           size_t count)
{
    struct invoice_item *items = arena_array(cx->arena, struct invoice_item, count + 1);
    for (size_t i = 0; items && i < count; i++)
        items[i] =
            (struct invoice_item){lines[i].name, lines[i].qty, lines[i].price, lines[i].amount};
    return items;
}

static enum err send_issue(struct run *n, struct cx *cx)
{
    const struct invoice_doc *d = &n->doc;
    const struct ecpay_invoice ask = {.relate_no = n->row.relate_no,
                                      .tax_id = d->tax_id,
                                      .title = d->title,
                                      .address = d->address,
                                      .carrier = d->carrier,
                                      .love_code = d->love_code,
                                      .phone = d->phone,
                                      .email = d->email,
                                      .amount = n->row.amount,
                                      .items = items_of(cx, d->lines, d->count),
                                      .count = d->count};
    if (!ask.items)
        return ERR_NO_MEMORY;
    return n->v->set.way->issue(cx, &n->service, &ask, &n->made);
}

static enum err find(struct run *n, struct cx *cx, struct ecpay_invoiced *ret)
{
    return n->v->set.way->find(cx, &n->service, n->row.relate_no, ret);
}

/* What a lost question did; ERR_NOT_FOUND: nothing. */
static enum err look_up(struct run *n, struct cx *cx)
{
    struct ecpay_invoiced f;
    enum err e = find(n, cx, &f);
    if (e || n->act == ACT_ISSUE) {
        n->made = f;
        return e == ERR_NOT_FOUND && n->act != ACT_ISSUE
                   ? problem(cx, ERR_INPUT, "ECPay does not know the invoice")
                   : e;
    }
    if (n->act == ACT_VOID)
        return f.is_void ? ERR_OK : ERR_NOT_FOUND;
    int64_t left = n->row.amount - n->allow.made;
    if (f.left == left - n->allow.amount)
        return ERR_OK;
    return f.left == left ? ERR_NOT_FOUND
                          : problem(cx, ERR_INPUT, "an allowance may be there: look at ECPay");
}

static enum err send_it(struct run *n, struct cx *cx)
{
    const struct invoice_way *way = n->v->set.way;
    if (n->act == ACT_ISSUE)
        return send_issue(n, cx);
    const struct ecpay_invoiced of = known(n);
    if (n->act == ACT_VOID)
        return way->make_void(cx, &n->service, &of, VOID_REASON);
    const struct invoice_item *items = items_of(cx, n->allow.lines, n->allow.count);
    if (!items)
        return ERR_NO_MEMORY;
    enum err e =
        way->allow(cx, &n->service, &of, items, n->allow.count, n->allow.amount, n->number);
    n->number_known = !e;
    return e;
}

/* Refused may mean that an earlier call, which we think did nothing, did it. */
static enum err after_refusal(struct run *n, struct cx *cx)
{
    char why[sizeof cx->problem];
    (void)text_copy(why, sizeof why, cx->problem);
    enum err e = n->act == ACT_ALLOW ? ERR_NOT_FOUND : look_up(n, cx);
    if (e != ERR_NOT_FOUND)
        return e;
    (void)text_copy(cx->problem, sizeof cx->problem, why);
    return ERR_INPUT;
}

static enum err ask(struct run *n, struct cx *cx)
{
    enum err e = n->unclear ? look_up(n, cx) : ERR_NOT_FOUND;
    if (e != ERR_NOT_FOUND) /* it happened; or nobody can say yet */
        return e;
    n->unclear = false;
    cx->problem[0] = '\0';
    if (n->act == ACT_ISSUE && n->row.undo) { /* it never was, and is not wanted any more */
        n->act = ACT_DROP;
        return ERR_OK;
    }
    e = send_it(n, cx);
    if (e == ERR_INPUT)
        e = after_refusal(n, cx);
    n->unclear = e && e != ERR_BUSY && e != ERR_INPUT;
    return e;
}

/* ---- what it came to ---- */

static int64_t again_ms(const struct run *n, int64_t now_ms)
{
    int64_t wait_s = INVOICE_WAIT_S;
    for (int64_t i = 0; i < n->row.tries && wait_s < INVOICE_WAIT_MAX_S; i++)
        wait_s *= 2;
    return now_ms + (wait_s < INVOICE_WAIT_MAX_S ? wait_s : INVOICE_WAIT_MAX_S) * 1000;
}

static enum err done(struct run *n, struct tx *tx)
{
    struct orders *o = n->v->set.orders;
    if (n->act == ACT_ISSUE)
        return invoice_issued(o, tx, &n->turn, n->made.number, n->made.date, n->made.random);
    if (n->act == ACT_ALLOW)
        return invoice_allowed(o, tx, &n->turn, n->number_known ? n->number : NULL);
    return invoice_voided(o, tx, &n->turn);
}

static enum err said_job(struct tx *tx, void *arg)
{
    struct run *n = arg;
    int64_t now_ms = tx->cx->now_ms;
    switch (n->act) {
    case ACT_NOTHING: return invoice_later(tx, &n->turn, false, 0, NULL);
    case ACT_DROP: return invoice_voided(n->v->set.orders, tx, &n->turn);
    case ACT_REST: return invoice_rest(tx, &n->turn);
    case ACT_NO_KEYS:
        return invoice_later(tx, &n->turn, n->unclear, now_ms + INVOICE_NO_KEYS_S * INT64_C(1000),
                             "the shop has no e-invoice account");
    case ACT_ISSUE:
    case ACT_VOID:
    case ACT_ALLOW: break;
    }
    if (!n->said)
        return done(n, tx);
    if (n->said == ERR_INPUT)
        return invoice_failed(tx, &n->turn, n->why);
    return invoice_later(tx, &n->turn, n->unclear, again_ms(n, now_ms), n->why);
}

static void count(struct run *n)
{
    struct invoices *v = n->v;
    bool called = n->act == ACT_ISSUE || n->act == ACT_VOID || n->act == ACT_ALLOW;
    if (!called)
        return;
    atomic_fetch_add(n->said == ERR_INPUT  ? &v->refused
                     : n->said             ? &v->lost
                     : n->act == ACT_ISSUE ? &v->issued
                     : n->act == ACT_VOID  ? &v->voided
                                           : &v->allowed,
                     1);
    if (n->said == ERR_INPUT)
        log_error("invoice refused", LOG_S("order", n->row.order_no), LOG_S("why", n->why));
    else if (n->said)
        log_warn("invoice waits", LOG_S("order", n->row.order_no), LOG_I("tries", n->row.tries),
                 LOG_S("why", n->why));
}

static enum invoice_asked asked_for(enum act a)
{
    return a == ACT_ISSUE   ? ASKED_ISSUE
           : a == ACT_VOID  ? ASKED_VOID
           : a == ACT_ALLOW ? ASKED_ALLOWANCE
                            : ASKED_NOTHING;
}

/* No reader and no job is held while ECPay is called. */
static enum err run(struct run *n, struct cx *cx)
{
    struct store *store = n->v->set.store;
    n->unclear = n->row.asked != ASKED_NOTHING;
    n->turn = (struct invoice_turn){.id = n->row.id,
                                    .lease_until = cx->now_ms + INVOICE_LEASE_S * INT64_C(1000),
                                    .asked = n->unclear ? n->row.asked : asked_for(n->act),
                                    .allow_id = n->act == ACT_ALLOW ? n->allow.id : 0};
    enum err e = store_do(store, cx, "invoice.take", take_job, n);
    if (e || !n->taken)
        return e;
    if (asked_for(n->act) != ASKED_NOTHING)
        n->said = ask(n, cx);
    n->why = n->said ? arena_dup(cx->arena, cx->problem, strlen(cx->problem)) : NULL;
    cx->problem[0] = '\0';
    e = store_do(store, cx, "invoice.said", said_job, n);
    if (!e)
        count(n);
    return e;
}

/* *ret_away: ECPay does not answer. */
static enum err run_id(struct invoices *v, struct cx *cx, int64_t id, bool *ret_away)
{
    struct run n = {.v = v};
    struct db *db = NULL;
    enum err e = store_read(v->set.store, &db);
    if (!e)
        e = read_run(&n, db, cx, id);
    store_read_end(db);
    if (!e)
        e = run(&n, cx);
    crypto_wipe(&n.keys, sizeof n.keys);
    *ret_away = n.said && n.said != ERR_INPUT;
    return e;
}

/* ---- the tick ---- */

static enum err hear_job(struct tx *tx, void *arg)
{
    return invoice_hear(tx, arg);
}

static enum err read_due(struct invoices *v, int64_t now_ms, int64_t ids[INVOICE_BATCH],
                         size_t *ret_count)
{
    struct db *db = NULL;
    bool unheard = false;
    enum err e = store_read(v->set.store, &db);
    if (!e)
        e = invoice_unheard(db, &unheard);
    store_read_end(db);
    for (int i = 0; !e && unheard && i < HEAR_MAX; i++) {
        struct cx cx = {.arena = arena_make(RUN_ARENA), .now_ms = now_ms};
        e = cx.arena ? store_do(v->set.store, &cx, "invoice.hear", hear_job, &unheard)
                     : ERR_NO_MEMORY;
        arena_free(cx.arena);
    }
    if (!e)
        e = store_read(v->set.store, &db);
    if (e)
        return e;
    e = invoice_due_list(db, now_ms, ids, ret_count);
    store_read_end(db);
    return e;
}

/* One that fails does not stop the others; when ECPay is away, they need not all find that out. */
void invoices_tick(struct invoices *v, int64_t now_ms)
{
    int64_t ids[INVOICE_BATCH];
    size_t n = 0;
    bool away = false;
    enum err e = read_due(v, now_ms, ids, &n);
    for (size_t i = 0; !e && !away && i < n; i++) {
        struct cx cx = {.arena = arena_make(RUN_ARENA), .now_ms = now_ms};
        enum err x = cx.arena ? run_id(v, &cx, ids[i], &away) : ERR_NO_MEMORY;
        if (x)
            log_warn("invoice's step failed", LOG_I("invoice", ids[i]), LOG_S("err", err_api(x)));
        arena_free(cx.arena);
    }
    if (e)
        log_warn("invoices' tick failed", LOG_S("err", err_api(e)));
}

void invoices_numbers(const struct invoices *v, struct invoice_numbers *ret_numbers)
{
    *ret_numbers = (struct invoice_numbers){.issued = atomic_load(&v->issued),
                                            .voided = atomic_load(&v->voided),
                                            .allowed = atomic_load(&v->allowed),
                                            .refused = atomic_load(&v->refused),
                                            .lost = atomic_load(&v->lost)};
}
