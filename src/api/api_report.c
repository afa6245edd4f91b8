/* What a show brought. */
#include "api/order_in.h"
#include "order/report.h"
#include "store/store.h"

enum { CSV_MAX = 1024 * 1024 };

enum err report_get(struct call *c)
{
    struct db *db = NULL;
    json_t *body = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = report_read(db, c->cx, &c->who, http_param(c->req, "id"), &body);
    store_read_end(db);
    return answer_made(c, e, 200, body);
}

enum err report_csv_get(struct call *c)
{
    struct buf b;
    struct db *db = NULL;
    buf_init(&b, CSV_MAX);
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = report_csv(db, c->cx, &c->who, http_param(c->req, "id"), &b);
    store_read_end(db);
    return answer_buf(c, e, "text/csv; charset=utf-8", "report.csv", &b);
}
