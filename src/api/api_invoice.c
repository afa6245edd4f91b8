/* E-invoices that wait for staff. */
#include "api/order_in.h"
#include "order/invoice.h"

enum err invoice_retry_post(struct call *c)
{
    json_t *order = NULL;
    const json_t *invoice = json_object_get(c->body, "invoice");
    if (invoice && !json_is_object(invoice) && !json_is_null(invoice))
        return problem(c->cx, ERR_INPUT, "'invoice' must be an object");
    enum err e = invoice_retry(c->api->set.orders, c->cx, &c->who, http_param(c->req, "id"),
                               json_is_object(invoice) ? invoice : NULL, &order);
    return answer_made(c, e, 200, order);
}
