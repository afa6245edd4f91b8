/* The row of an invoice: made, taken by the runner, told what became of it. */
#include "order/invoice.h"
#include "base/arena.h"
#include "base/json.h"
#include "catalog/market.h"
#include "order/invoice.sql.h"
#include "order/invoice_in.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { RELATE_MAX = 24 };

static const char *const names[] = {
#define X(name, text) [INVOICE_##name] = (text),
    INVOICE_STATE_TABLE(X)
#undef X
};

const char *invoice_state_name(enum invoice_state s)
{
    assert((unsigned)s < INVOICE_STATE_COUNT);
    return names[s];
}

enum err invoice_state_parse(const char *text, enum invoice_state *ret_state)
{
    for (int i = 0; i < INVOICE_STATE_COUNT; i++) {
        if (strcmp(names[i], text) == 0) {
            *ret_state = (enum invoice_state)i;
            return ERR_OK;
        }
    }
    return ERR_INPUT;
}

/* ---- what happens to orders ---- */

/* Letters and digits alone, unique for ever; the provider sees no difference of case. */
static void make_relate_no(char out[RELATE_MAX])
{
    char id[ID_TEXT];
    id_make("inv", id);
    memcpy(out, "inv", 3);
    memcpy(out + 3, id + 4, 16);
    out[19] = '\0';
}

enum err invoice_begin(struct tx *tx, const struct invoice_new *n)
{
    char public_id[ID_TEXT], relate_no[RELATE_MAX];
    const struct market *m = market_find(n->market);
    if (!n->total || !m || !invoice_wanted(m))
        return ERR_OK;
    id_make("inv", public_id);
    make_relate_no(relate_no);
    return db_do(tx->db, &SQL_invoice_begin,
                 ARGS(V(id_next()), V((const char *)public_id), V(n->order_id), V(n->shop_id),
                      V(invoice_state_name(n->due ? INVOICE_QUEUED : INVOICE_NONE)),
                      V((const char *)relate_no), V(n->total), n->due ? V(tx->cx->now_ms) : VNULL,
                      V(tx->cx->now_ms)),
                 NULL);
}

enum err invoice_due(struct tx *tx, int64_t order_id)
{
    return db_do(tx->db, &SQL_invoice_due, ARGS(V(tx->cx->now_ms), V(order_id)), NULL);
}

enum err invoice_undo(struct tx *tx, int64_t order_id)
{
    return db_do(tx->db, &SQL_invoice_undo, ARGS(V(tx->cx->now_ms), V(order_id)), NULL);
}

/* ---- reading ---- */

enum err invoice_due_list(struct db *db, int64_t now_ms, int64_t ret_ids[INVOICE_BATCH],
                          size_t *ret_count)
{
    size_t n = 0;
    int64_t id;
    struct rows r = db_rows(db, &SQL_invoice_due_list, ARGS(V(now_ms)));
    while (n < INVOICE_BATCH && rows_next(&r, NULL, COLS(C(&id))))
        ret_ids[n++] = id;
    *ret_count = n;
    return rows_end(&r);
}

enum err invoice_read(struct db *db, struct cx *cx, int64_t id, struct invoice_row *ret_row)
{
    struct invoice_row r;
    const char *state;
    int64_t asked;
    enum err e = db_row(db, cx->arena, &SQL_invoice_read, ARGS(V(id)),
                        COLS(C(&r.id), C(&r.public_id), C(&r.order_id), C(&r.order_no),
                             C(&r.shop_id), C(&state), C(&r.relate_no), C(&r.amount), C(&r.number),
                             C(&r.date), C(&r.random), C(&r.issued_ms), C(&r.undo), C(&r.allowed),
                             C(&asked), C(&r.tries)));
    if (e)
        return e;
    if (invoice_state_parse(state, &r.state) || asked < ASKED_NOTHING || asked > ASKED_ALLOWANCE)
        return ERR_STORE;
    r.asked = (enum invoice_asked)asked;
    *ret_row = r;
    return ERR_OK;
}

enum err invoice_allow_read(struct db *db, struct cx *cx, int64_t invoice_id,
                            struct invoice_allow *ret_allow)
{
    struct invoice_allow a;
    const char *items;
    enum err e = db_row(db, cx->arena, &SQL_invoice_allowance_next, ARGS(V(invoice_id)),
                        COLS(C(&a.id), C(&a.amount), C(&a.asked), C(&items)));
    if (!e)
        e = db_i64(db, &SQL_invoice_allowance_sum, ARGS(V(invoice_id)), &a.made);
    if (!e)
        e = invoice_lines_parse(cx, items, &a.lines, &a.count);
    if (!e)
        *ret_allow = a;
    return e;
}

/* Months since 1970 of Taipei's calendar, of civil days (Hinnant, days_from_civil turned round). */
static int64_t month_of(int64_t unix_ms)
{
    int64_t days = (unix_ms + INT64_C(8) * 3600000) / 86400000 + 719468;
    int64_t era = days / 146097, doe = days % 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153; /* 0: March */
    int64_t month = mp < 10 ? mp + 2 : mp - 10;
    return (yoe + era * 400 + (month <= 1)) * 12 + month;
}

bool invoice_same_period(int64_t issued_ms, int64_t now_ms)
{
    return month_of(issued_ms) / 2 == month_of(now_ms) / 2;
}

/* ---- the runner's jobs ---- */

enum err invoice_take(struct tx *tx, const struct invoice_turn *t, bool *ret_taken)
{
    int64_t changed = 0;
    *ret_taken = false;
    enum err e =
        db_do(tx->db, &SQL_invoice_take,
              ARGS(V(t->lease_until), V((int64_t)t->asked), V(t->id), V(tx->cx->now_ms)), &changed);
    if (!e && changed && t->asked == ASKED_ALLOWANCE)
        e = db_do(tx->db, &SQL_invoice_take_allowance, ARGS(V(t->allow_id)), NULL);
    if (!e)
        *ret_taken = changed > 0;
    return e;
}

/* The timeline of its order, and the buyer's room. */
static enum err tell(struct orders *o, struct tx *tx, int64_t id, const char *step)
{
    struct invoice_row i;
    struct order_row r;
    enum err e = invoice_read(tx->db, tx->cx, id, &i);
    if (!e)
        e = order_step(tx, i.order_id, step, 0);
    if (!e)
        e = order_by_id(tx->db, tx->cx, i.order_id, &r);
    return e ? e : order_tell(o, tx, &r);
}

enum err invoice_issued(struct orders *o, struct tx *tx, const struct invoice_turn *t,
                        const char *number, const char *date, const char *random)
{
    int64_t changed = 0;
    enum err e =
        db_do(tx->db, &SQL_invoice_issued,
              ARGS(V(number), V(date), V(random), V(tx->cx->now_ms), V(t->id), V(t->lease_until)),
              &changed);
    return e || !changed ? e : tell(o, tx, t->id, "invoice_issued");
}

enum err invoice_voided(struct orders *o, struct tx *tx, const struct invoice_turn *t)
{
    int64_t changed = 0;
    const char *number = NULL;
    struct invoice_row i;
    enum err e = invoice_read(tx->db, tx->cx, t->id, &i);
    if (!e)
        e = db_do(tx->db, &SQL_invoice_voided, ARGS(V(tx->cx->now_ms), V(t->id), V(t->lease_until)),
                  &changed);
    number = e ? NULL : i.number; /* one that never was tells nobody anything */
    return e || !changed || !number ? e : tell(o, tx, t->id, "invoice_void");
}

enum err invoice_allowed(struct orders *o, struct tx *tx, const struct invoice_turn *t,
                         const char *number)
{
    int64_t changed = 0, waiting = 0;
    enum err e = db_i64(tx->db, &SQL_invoice_allowance_waiting, ARGS(V(t->id)), &waiting);
    if (!e)
        e = db_do(tx->db, &SQL_invoice_allowed,
                  ARGS(V(tx->cx->now_ms), V(waiting - 1), V(t->id), V(t->lease_until)), &changed);
    if (e || !changed)
        return e;
    e = db_do(tx->db, &SQL_invoice_allowance_made,
              ARGS(V(number), V(tx->cx->now_ms), V(t->allow_id)), NULL);
    return e ? e : tell(o, tx, t->id, "invoice_allowance");
}

enum err invoice_later(struct tx *tx, const struct invoice_turn *t, bool asked, int64_t next_ms,
                       const char *problem)
{
    enum err e =
        db_do(tx->db, &SQL_invoice_later,
              ARGS(V((int64_t)(asked ? t->asked : ASKED_NOTHING)), next_ms ? V(next_ms) : VNULL,
                   V(problem), V(tx->cx->now_ms), V(t->id), V(t->lease_until)),
              NULL);
    if (!e && !asked && t->allow_id)
        e = db_do(tx->db, &SQL_invoice_allowance_unasked, ARGS(V(t->allow_id)), NULL);
    return e;
}

enum err invoice_failed(struct tx *tx, const struct invoice_turn *t, const char *problem)
{
    enum err e = db_do(tx->db, &SQL_invoice_failed,
                       ARGS(V(problem), V(tx->cx->now_ms), V(t->id), V(t->lease_until)), NULL);
    if (!e && t->allow_id)
        e = db_do(tx->db, &SQL_invoice_allowance_unasked, ARGS(V(t->allow_id)), NULL);
    return e;
}

/* ---- staff ---- */

struct again {
    struct orders *o;
    const struct room_who *who;
    const char *id;
    const json_t *invoice;
    int64_t audit_id, order_id;
};

struct found {
    int64_t id, asked;
    const char *state, *number;
};

static enum err find(struct tx *tx, struct again *a, struct found *f, struct order_row *r)
{
    enum err e =
        db_row(tx->db, tx->cx->arena, &SQL_invoice_by_public_id, ARGS(V(a->id)),
               COLS(C(&f->id), C(&a->order_id), C(&f->state), C(&f->number), C(&f->asked)));
    if (!e)
        e = order_by_id(tx->db, tx->cx, a->order_id, r);
    if (e == ERR_NOT_FOUND || (!e && room_role(a->who, r->shop_id) == ROLE_NONE))
        return problem(tx->cx, ERR_NOT_FOUND, "there is no such invoice");
    if (!e && !account_may(room_role(a->who, r->shop_id), ACTION_ORDER_EDIT))
        return problem(tx->cx, ERR_FORBIDDEN, "your role may not do this");
    return e;
}

/* What stands on it may be mended while nobody has it. */
static enum err replace(struct tx *tx, const struct again *a, const struct found *f,
                        const struct order_row *r)
{
    const char *text = NULL;
    if (!a->invoice)
        return ERR_OK;
    if (f->number || f->asked)
        return problem(tx->cx, ERR_TRANSITION, "it may be issued already");
    enum err e = invoice_check(tx->cx, market_find(r->market), a->invoice, &text);
    return e ? e : db_do(tx->db, &SQL_invoice_asked_for, ARGS(V(text), V(r->id)), NULL);
}

static enum err again_job(struct tx *tx, void *arg)
{
    struct again *a = arg;
    struct found f = {.state = ""};
    struct order_row r = {.market = ""};
    int64_t changed = 0;
    enum err e = find(tx, a, &f, &r);
    if (e)
        return e;
    bool waits = strcmp(f.state, "error") == 0 || strcmp(f.state, "queued") == 0;
    if (!waits)
        return problem(tx->cx, ERR_TRANSITION, "the invoice is %s", f.state);
    e = replace(tx, a, &f, &r);
    if (!e)
        e = db_do(tx->db, &SQL_invoice_again,
                  ARGS(V(f.number ? "issued" : "queued"), V(tx->cx->now_ms), V(f.id), V(f.state)),
                  &changed);
    if (!e && !changed)
        e = problem(tx->cx, ERR_TRANSITION, "it is being sent just now");
    if (e)
        return e;
    const struct audit note = {.id = a->audit_id,
                               .actor_id = a->who->viewer_id,
                               .shop_id = r.shop_id,
                               .action = "invoice.retry",
                               .object = r.no,
                               .addr = a->who->addr};
    return audit_write(tx, &note);
}

enum err invoice_retry(struct orders *o, struct cx *cx, const struct room_who *who,
                       const char *invoice_id, const json_t *invoice, json_t **ret_order)
{
    struct again a = {
        .o = o, .who = who, .id = invoice_id, .invoice = invoice, .audit_id = id_next()};
    enum err e = store_do(o->store, cx, "invoice.retry", again_job, &a);
    return e ? e : order_json_id(o, cx, a.order_id, true, ret_order);
}
