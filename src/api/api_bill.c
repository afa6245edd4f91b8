/* After a show: links for those who have not paid. */
#include "api/order_in.h"
#include "order/bill.h"
#include "store/store.h"

enum err bills_post(struct call *c)
{
    json_t *body = NULL;
    enum err e = bill_make(c->api->set.orders, c->cx, &c->who, http_param(c->req, "id"), &body);
    return answer_made(c, e, 200, body);
}

enum err bills_list(struct call *c)
{
    struct db *db = NULL;
    json_t *body = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = bill_list(db, c->cx, &c->who, http_param(c->req, "id"), &body);
    store_read_end(db);
    return answer_made(c, e, 200, body);
}

enum err remind_post(struct call *c)
{
    json_t *body = NULL;
    enum err e = bill_remind(c->api->set.orders, c->cx, &c->who, http_param(c->req, "id"), &body);
    return answer_made(c, e, 200, body);
}

enum err bill_get(struct call *c)
{
    json_t *body = NULL;
    enum err e = bill_open(c->api->set.orders, c->cx, &c->who, http_param(c->req, "id"),
                           http_query(c->req, "secret"), &body);
    return answer_made(c, e, 200, body);
}
