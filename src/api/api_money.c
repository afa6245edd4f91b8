/* What staff see of the shop's money: payments, refunds, orphans, the ledger. */
#include "api/call_in.h"
#include "api/order_in.h"
#include "pay/pay.h"
#include "store/store.h"
#include "till/money.h"

#include <string.h>

enum { Q_MAX = 64, CSV_BYTES_MAX = 16 << 20 };

static const char *query(struct call *c, const char *name)
{
    const char *text = http_query(c->req, name);
    return text && *text ? text : NULL;
}

static bool on(struct call *c, const char *name)
{
    const char *text = query(c, name);
    return text && strcmp(text, "1") == 0;
}

static const struct pay_table *table_of(const struct call *c)
{
    return c->api->set.pay ? c->api->set.pay : &pay_builtin;
}

/* The shop, what is asked of it, and a reader. */
static enum err begin(struct call *c, enum action what, struct money_filter *f, struct db **ret_db)
{
    const struct staff *s = NULL;
    enum err e = call_shop(c, what, &s);
    if (!e)
        e = call_limit(c, MONEY_PAGE, &f->limit);
    if (e)
        return e;
    f->shop_id = s->shop_id;
    f->state = query(c, "state");
    f->provider = query(c, "provider");
    f->q = query(c, "q");
    f->cursor = query(c, "cursor");
    f->from = query(c, "from");
    f->to = query(c, "to");
    f->manual = on(c, "manual");
    f->open = on(c, "open");
    if (f->q && strlen(f->q) > Q_MAX)
        return problem(c->cx, ERR_INPUT, "'q' is too long");
    return store_read(c->api->set.store, ret_db);
}

enum err staff_payments_list(struct call *c)
{
    struct money_filter f = {.shop_id = 0};
    struct db *db = NULL;
    json_t *page = NULL;
    enum err e = begin(c, ACTION_ORDER_SEE, &f, &db);
    if (!e)
        e = money_payments(db, c->cx, &f, &page);
    store_read_end(db);
    return answer_made(c, e, 200, page);
}

enum err staff_payment_get(struct call *c)
{
    struct money_filter f = {.shop_id = 0};
    struct db *db = NULL;
    json_t *payment = NULL;
    enum err e = begin(c, ACTION_ORDER_SEE, &f, &db);
    if (!e)
        e = money_payment(db, c->cx, table_of(c), f.shop_id, http_param(c->req, "id"), &payment);
    store_read_end(db);
    return answer_made(c, e, 200, payment);
}

enum err staff_refunds_list(struct call *c)
{
    struct money_filter f = {.shop_id = 0};
    struct db *db = NULL;
    json_t *page = NULL;
    enum err e = begin(c, ACTION_ORDER_SEE, &f, &db);
    if (!e)
        e = money_refunds(db, c->cx, table_of(c), &f, &page);
    store_read_end(db);
    return answer_made(c, e, 200, page);
}

enum err staff_orphans_list(struct call *c)
{
    struct money_filter f = {.shop_id = 0};
    struct db *db = NULL;
    json_t *page = NULL;
    enum err e = begin(c, ACTION_ORDER_SEE, &f, &db);
    if (!e)
        e = money_orphans(db, c->cx, table_of(c), &f, &page);
    store_read_end(db);
    return answer_made(c, e, 200, page);
}

enum err staff_ledger_list(struct call *c)
{
    struct money_filter f = {.shop_id = 0};
    struct db *db = NULL;
    json_t *page = NULL;
    enum err e = begin(c, ACTION_REPORT_SEE, &f, &db);
    if (!e)
        e = money_ledger(db, c->cx, &f, &page);
    store_read_end(db);
    return answer_made(c, e, 200, page);
}

enum err staff_ledger_csv(struct call *c)
{
    struct money_filter f = {.shop_id = 0};
    struct db *db = NULL;
    struct buf b;
    buf_init(&b, CSV_BYTES_MAX);
    enum err e = begin(c, ACTION_REPORT_SEE, &f, &db);
    if (!e)
        e = money_ledger_csv(db, c->cx, &f, &b);
    store_read_end(db);
    return answer_buf(c, e, "text/csv; charset=utf-8", "ledger.csv", &b);
}

enum err staff_money_get(struct call *c)
{
    struct money_filter f = {.shop_id = 0};
    struct db *db = NULL;
    json_t *figures = NULL;
    enum err e = begin(c, ACTION_ORDER_SEE, &f, &db);
    if (!e)
        e = money_figures(db, c->cx, c->api->set.money_watch, f.shop_id, &figures);
    store_read_end(db);
    return answer_made(c, e, 200, figures);
}
