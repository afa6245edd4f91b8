/* What goes by itself: orders of people who were erased, and all that is past its days. */
#include "base/arena.h"
#include "base/log.h"
#include "privacy/privacy_in.h"
#include "privacy/sweep.sql.h"
#include "room/forget.h"

#include <time.h>

#define DAY_MS INT64_C(86400000)
enum { ORDERS_EACH = 20, GUESTS_EACH = 20, CHUNKS_EACH = 4 };

/* ---- orders ---- */

/* Taxes want what was sold until some years after the end of its year. */
int64_t keep_order_until(const struct keep *k, int64_t created_ms)
{
    time_t at = (time_t)(created_ms / 1000) + 8 * 3600; /* Taipei; Bangkok is an hour behind */
    struct tm day = {.tm_year = 0};
    (void)gmtime_r(&at, &day);
    struct tm next = {.tm_year = day.tm_year + 1, .tm_mday = 1};
    return (int64_t)timegm(&next) * 1000 + k->days[KEEP_ORDERS] * DAY_MS;
}

/* What was made before this has had its years. */
static int64_t taxes_done_before(const struct keep *k, int64_t now_ms)
{
    time_t at = (time_t)((now_ms - k->days[KEEP_ORDERS] * DAY_MS) / 1000);
    struct tm day = {.tm_year = 0};
    (void)gmtime_r(&at, &day);
    struct tm first = {.tm_year = day.tm_year, .tm_mday = 1};
    return (int64_t)timegm(&first) * 1000 - 8 * 3600 * INT64_C(1000);
}

struct due_order {
    int64_t id, created_ms;
    bool open;
};

struct due_orders {
    const struct keep *keep;
    struct due_order list[ORDERS_EACH];
    size_t count;
};

static enum err forget_order(struct tx *tx, const struct keep *keep, const struct due_order *o)
{
    static const struct sql *const person[] = {&SQL_sweep_order_returns, &SQL_sweep_order_parcels,
                                               &SQL_sweep_order_shipments, &SQL_sweep_order_picks};
    static const struct sql *const rest[] = {&SQL_sweep_order_all, &SQL_sweep_order_payments,
                                             &SQL_sweep_order_refunds};
    int64_t now_ms = tx->cx->now_ms, until_ms = keep_order_until(keep, o->created_ms);
    if (o->open)
        return db_do(tx->db, &SQL_sweep_order_later, ARGS(V(now_ms + DAY_MS), V(o->id)), NULL);
    enum err e = db_do(tx->db, &SQL_sweep_order_person, ARGS(V(until_ms), V(o->id)), NULL);
    for (size_t i = 0; !e && i < sizeof person / sizeof person[0]; i++)
        e = db_do(tx->db, person[i], ARGS(V(o->id)), NULL);
    for (size_t i = 0; !e && until_ms <= now_ms && i < sizeof rest / sizeof rest[0]; i++)
        e = db_do(tx->db, rest[i], ARGS(V(o->id)), NULL);
    return e;
}

static enum err orders_job(struct tx *tx, void *arg)
{
    const struct due_orders *d = arg;
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < d->count; i++)
        e = forget_order(tx, d->keep, &d->list[i]);
    return e;
}

enum err forget_orders_tick(struct privacy *p, struct cx *cx, bool *ret_more)
{
    struct due_orders d = {.keep = &p->keep};
    struct db *db;
    enum err e = store_read(p->set.store, &db);
    if (e)
        return e;
    struct rows rows =
        db_rows(db, &SQL_sweep_orders_due, ARGS(V(cx->now_ms), V((int64_t)ORDERS_EACH)));
    for (struct due_order *o = d.list;
         d.count < ORDERS_EACH &&
         rows_next(&rows, NULL, COLS(C(&o->id), C(&o->created_ms), C(&o->open)));
         o++)
        d.count++;
    e = rows_end(&rows);
    store_read_end(db);
    *ret_more = d.count == ORDERS_EACH;
    return e || !d.count ? e : store_do(p->set.store, cx, "privacy.orders", orders_job, &d);
}

/* ---- one statement ---- */

struct simple {
    const struct sql *q;
    int64_t before_ms, max, changed;
};

static enum err simple_job(struct tx *tx, void *arg)
{
    struct simple *s = arg;
    return db_do(tx->db, s->q, ARGS(V(s->before_ms), V(s->max)), &s->changed);
}

static enum err old_orders_job(struct tx *tx, void *arg)
{
    struct simple *s = arg;
    return db_do(tx->db, s->q, ARGS(V(tx->cx->now_ms), V(s->before_ms), V(s->max)), &s->changed);
}

static enum err sweep_old_orders(struct privacy *p, struct cx *cx, bool *ret_more)
{
    struct simple s = {&SQL_sweep_old_orders, taxes_done_before(&p->keep, cx->now_ms), SLICE, 0};
    enum err e = store_do(p->set.store, cx, "privacy.old_orders", old_orders_job, &s);
    *ret_more = !e && s.changed > 0;
    return e;
}

/* ---- shows ---- */

struct show_job {
    int64_t show_id;
    bool more;
};

static enum err show_run(struct tx *tx, void *arg)
{
    struct show_job *j = arg;
    return forget_show(tx, j->show_id, &j->more);
}

static enum err sweep_shows(struct privacy *p, struct cx *cx, bool *ret_more)
{
    struct show_job j = {.show_id = 0};
    struct db *db;
    enum err e = store_read(p->set.store, &db);
    if (e)
        return e;
    e = db_i64(db, &SQL_sweep_show, ARGS(V(cx->now_ms - p->keep.days[KEEP_CHAT] * DAY_MS)),
               &j.show_id);
    store_read_end(db);
    *ret_more = !e;
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    return store_do(p->set.store, cx, "privacy.show", show_run, &j);
}

/* ---- guests ---- */

struct guest_job {
    int64_t viewer_id;
    struct erasure x;
};

static enum err guest_run(struct tx *tx, void *arg)
{
    struct guest_job *j = arg;
    enum err e = privacy_erase(tx, NULL, j->viewer_id, "sweep", &j->x);
    return e == ERR_NOT_FOUND || e == ERR_CONFLICT ? ERR_OK : e;
}

static enum err sweep_guests(struct privacy *p, struct cx *cx, bool *ret_more)
{
    int64_t ids[GUESTS_EACH];
    size_t n = 0;
    struct db *db;
    enum err e = store_read(p->set.store, &db);
    if (e)
        return e;
    struct rows rows = db_rows(db, &SQL_sweep_guests,
                               ARGS(V(cx->now_ms - p->keep.days[KEEP_GUESTS] * DAY_MS),
                                    V(p->guest_after), V((int64_t)GUESTS_EACH)));
    while (n < GUESTS_EACH && rows_next(&rows, NULL, COLS(C(&ids[n]))))
        n++;
    e = rows_end(&rows);
    store_read_end(db);
    for (size_t i = 0; !e && i < n; i++) {
        struct guest_job j = {.viewer_id = ids[i]};
        erasure_make(&j.x);
        e = store_do(p->set.store, cx, "privacy.guest", guest_run, &j);
        p->guest_after = ids[i];
    }
    *ret_more = !e && n == GUESTS_EACH;
    if (!*ret_more)
        p->guest_after = 0;
    return e;
}

/* ---- all of them ---- */

/* keep: -1: by the clock itself. */
static const struct {
    const struct sql *q;
    int keep, max;
    enum err (*run)(struct privacy *p, struct cx *cx, bool *ret_more);
} parts[] = {
    {NULL, 0, 0, sweep_old_orders},
    {NULL, 0, 0, sweep_shows},
    {NULL, 0, 0, sweep_guests},
    {&SQL_sweep_sanctions, KEEP_CHAT, SLICE, NULL},
    {&SQL_sweep_inbox, KEEP_INBOX, SLICE, NULL},
    {&SQL_sweep_outbox, KEEP_OUTBOX, SLICE, NULL},
    {&SQL_sweep_addresses, KEEP_ADDRESSES, SLICE, NULL},
    {&SQL_sweep_audit, KEEP_AUDIT, SLICE, NULL},
    {&SQL_sweep_consents, KEEP_CONSENTS, SLICE, NULL},
    {&SQL_sweep_chunks, -1, CHUNKS_EACH, NULL},
    {&SQL_sweep_exports, -1, SLICE, NULL},
    {&SQL_sweep_requests, KEEP_REQUESTS, SLICE, NULL},
};
enum { PARTS = sizeof parts / sizeof parts[0] };

static enum err run_one(struct privacy *p, struct cx *cx, size_t i, bool *ret_more)
{
    if (parts[i].run)
        return parts[i].run(p, cx, ret_more);
    int64_t keep_ms = parts[i].keep < 0 ? 0 : p->keep.days[parts[i].keep] * DAY_MS;
    struct simple s = {parts[i].q, cx->now_ms - keep_ms, parts[i].max, 0};
    enum err e = store_do(p->set.store, cx, "privacy.sweep", simple_job, &s);
    *ret_more = !e && s.changed > 0;
    return e;
}

/* One that fails is tried again at the next round; the others go on. */
enum err sweep_tick(struct privacy *p, struct cx *cx, bool *ret_more)
{
    bool more = false;
    enum err e = run_one(p, cx, p->sweep_part, &more);
    if (!more)
        p->sweep_part++;
    *ret_more = p->sweep_part < PARTS;
    if (p->sweep_part == PARTS) {
        p->sweep_part = 0;
        p->sweep_ms = cx->now_ms + SWEEP_EVERY_MS;
    }
    if (e) {
        log_warn("a sweep failed", LOG_I("part", (int64_t)p->sweep_part), LOG_S("err", err_api(e)));
        cx->problem[0] = '\0';
    }
    return ERR_OK;
}
