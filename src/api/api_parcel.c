/* Parcels, packing and labels. */
#include "api/order_in.h"
#include "base/arena.h"
#include "order/parcel.h"
#include "store/store.h"

#include <string.h>

enum { CSV_MAX = 4 * 1024 * 1024 };

static enum err read_orders(struct call *c, struct order_ref **ret_refs, size_t *ret_count)
{
    const json_t *many = json_object_get(c->body, "orders");
    const char *one = json_string_value(json_object_get(c->body, "order"));
    const char *shop = http_query(c->req, "shop");
    size_t n = one ? 1 : json_array_size(many);
    struct order_ref *refs =
        n && n <= PARCEL_BATCH_MAX ? arena_array(c->cx->arena, struct order_ref, n) : NULL;
    if (!refs)
        return problem(c->cx, ERR_INPUT, "'orders' must be 1 to %d", PARCEL_BATCH_MAX);
    for (size_t i = 0; i < n; i++) {
        refs[i].no = one ? one : json_string_value(json_array_get(many, i));
        refs[i].shop = shop && *shop ? shop : NULL;
        if (!refs[i].no)
            return problem(c->cx, ERR_INPUT, "'orders' must be numbers of orders");
    }
    *ret_refs = refs;
    *ret_count = n;
    return ERR_OK;
}

enum err staff_parcels_post(struct call *c)
{
    struct parcel_new ask = {.count = 0};
    struct order_ref *refs = NULL;
    json_t *list = NULL;
    bool one = json_is_string(json_object_get(c->body, "order"));
    enum err e = read_orders(c, &refs, &ask.count);
    ask.orders = refs;
    if (!e)
        e = json_opt_text(c->cx, c->body, "carrier", 20, &ask.carrier);
    const json_t *lines = json_object_get(c->body, "lines");
    ask.lines = one && !json_is_null(lines) ? lines : NULL;
    if (!e)
        e = parcel_make(c->api->set.orders, c->cx, &c->who, &ask, &list);
    if (e)
        return e;
    if (!one)
        return answer_json(c, 201, json_pack("{s:o}", "items", list));
    json_t *parcel = json_incref(json_array_get(list, 0));
    json_decref(list);
    return answer_json(c, 201, parcel);
}

enum err parcel_patch(struct call *c)
{
    struct parcel_set ask = {.state = NULL};
    json_t *parcel = NULL;
    enum err e = json_opt_text(c->cx, c->body, "state", 12, &ask.state);
    if (!e)
        e = json_opt_text(c->cx, c->body, "tracking", 40, &ask.tracking);
    if (!e)
        e = json_opt_text(c->cx, c->body, "carrier", 20, &ask.carrier);
    if (!e)
        e = json_opt_bool(c->cx, c->body, "inspected", &ask.inspected);
    if (!e)
        e = json_opt_bool(c->cx, c->body, "settled", &ask.settled);
    const json_t *restock = json_object_get(c->body, "restock");
    ask.restock = json_is_array(restock) ? restock : NULL;
    if (!e)
        e = parcel_edit(c->api->set.orders, c->cx, &c->who, http_param(c->req, "id"), &ask,
                        &parcel);
    return answer_made(c, e, 200, parcel);
}

enum err packing_get(struct call *c)
{
    const char *shop = http_query(c->req, "shop"), *show = http_query(c->req, "show");
    const char *format = http_query(c->req, "format");
    bool csv = format && strcmp(format, "csv") == 0;
    struct buf b;
    struct db *db = NULL;
    json_t *list = NULL;
    buf_init(&b, CSV_MAX);
    shop = shop && *shop ? shop : NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = csv ? packing_csv(db, c->cx, &c->who, shop, show, &b)
                : packing_list(db, c->cx, &c->who, shop, show, &list);
    store_read_end(db);
    if (csv)
        return answer_buf(c, e, "text/csv; charset=utf-8", "packing.csv", &b);
    buf_done(&b);
    return answer_made(c, e, 200, list);
}

enum err packing_tick_put(struct call *c)
{
    const char *shop = http_query(c->req, "shop");
    struct order_ref ref = {.shop = shop && *shop ? shop : NULL};
    int64_t no = 0, packed = 0;
    enum err e = json_need_text(c->cx, c->body, "order", 1, ID_TEXT, &ref.no);
    if (!e)
        e = json_need_i64(c->cx, c->body, "no", 1, 1000, &no);
    if (!e)
        e = json_need_i64(c->cx, c->body, "packed", 0, 1000, &packed);
    if (!e)
        e = packing_tick(c->api->set.orders, c->cx, &c->who, &ref, no, packed);
    return e ? e : answer_empty(c, 204);
}

enum err labels_get(struct call *c)
{
    const char *shop = http_query(c->req, "shop");
    struct buf b;
    struct db *db = NULL;
    buf_init(&b, CSV_MAX);
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = label_pages(db, c->cx, &c->who, shop && *shop ? shop : NULL, http_query(c->req, "ids"),
                        &b);
    store_read_end(db);
    return answer_buf(c, e, "text/html; charset=utf-8", NULL, &b);
}
