/* Goods that come back. */
#include "api/order_in.h"
#include "order/returns.h"

enum err order_returns_post(struct call *c)
{
    const struct order_ref ref = call_order(c);
    struct return_ask ask = {.lines = json_object_get(c->body, "lines")};
    struct return_refusal refusal = {.reason = NULL};
    json_t *order = NULL;
    bool again = false;
    enum err e = call_idem(c, &ask.idem);
    if (!e)
        e = json_opt_text(c->cx, c->body, "reason", 200, &ask.reason);
    if (!e)
        e = return_open(c->api->set.orders, c->cx, &c->who, &ref, &ask, &refusal, &order, &again);
    if (e == ERR_RETURN_REFUSED)
        c->extra = json_pack("{s:s?,s:s?}", "reason", refusal.reason, "last_day", refusal.last_day);
    return answer_made(c, e, again ? 200 : 201, order);
}

enum err return_patch(struct call *c)
{
    struct return_set ask = {.state = NULL};
    json_t *body = NULL;
    enum err e = json_need_text(c->cx, c->body, "state", 1, 12, &ask.state);
    if (!e)
        e = json_opt_text(c->cx, c->body, "note", 200, &ask.note);
    if (!e)
        e = json_opt_bool(c->cx, c->body, "restock", &ask.restock);
    if (!e)
        e = return_edit(c->api->set.orders, c->cx, &c->who, http_param(c->req, "id"), &ask, &body);
    return answer_made(c, e, 200, body);
}
