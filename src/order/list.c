/* Pages of orders, for buyers and for staff. */
#include "account/account.h"
#include "base/arena.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "order/list.sql.h"
#include "order/order_in.h"

#include <inttypes.h>
#include <string.h>

static enum err read_cursor(struct cx *cx, const char *text, int64_t *ret_before)
{
    *ret_before = INT64_MAX;
    if (text && text[0] && text_i64(text, 1, INT64_MAX, ret_before))
        return problem(cx, ERR_INPUT, "'cursor' is not one of ours");
    return ERR_OK;
}

/* {"items","next"}: `last` is the id of the last row shown, 0 when there are no more. */
static enum err page(struct cx *cx, json_t *items, int64_t last, json_t **ret_list)
{
    char *next = last ? arena_fmt(cx->arena, "%" PRId64, last) : NULL;
    json_t *j = json_pack("{s:o,s:s?}", "items", items, "next", next);
    if (!j)
        return ERR_NO_MEMORY;
    *ret_list = j;
    return ERR_OK;
}

static enum err add_status(struct db *db, struct cx *cx, const int64_t *ids, json_t *items)
{
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < json_array_size(items); i++) {
        struct order_row r;
        enum order_status status = STATUS_PREPARING;
        e = order_by_id(db, cx, ids[i], &r);
        if (!e)
            e = order_status_of(db, cx, &r, &status);
        (void)json_object_set_new(json_array_get(items, i), "status",
                                  json_string(order_status_name(status)));
    }
    return e;
}

enum err order_list(struct db *db, struct cx *cx, const struct room_who *who, const char *cursor,
                    json_t **ret_list)
{
    int64_t before, id, total, created, lines, ids[ORDER_PAGE + 1] = {0};
    const char *no, *state, *currency, *shop, *slug, *name, *show, *image, *title;
    size_t n = 0;
    enum err e = read_cursor(cx, cursor, &before);
    if (e)
        return e;
    json_t *items = json_array();
    struct rows r = db_rows(db, &SQL_orders_of_viewer,
                            ARGS(V(who->viewer_id), V(before), V((int64_t)ORDER_PAGE + 1)));
    while (n <= ORDER_PAGE &&
           rows_next(&r, cx->arena,
                     COLS(C(&id), C(&no), C(&state), C(&currency), C(&total), C(&created), C(&shop),
                          C(&slug), C(&name), C(&show), C(&lines), C(&image), C(&title)))) {
        ids[n] = id;
        if (n++ < ORDER_PAGE)
            (void)json_array_append_new(
                items,
                json_pack("{s:s,s:s,s:o,s:I,s:I,s:o,s:o,s:{s:s,s:s,s:s},s:s?}", "no", no, "state",
                          state, "total", order_money(total, currency), "created_at",
                          (json_int_t)created, "lines_n", (json_int_t)lines, "image",
                          image_json(image), "title", title ? stored_json(title) : json_null(),
                          "shop", "id", shop, "slug", slug, "name", name, "show_id", show));
    }
    e = rows_end(&r);
    if (!e)
        e = add_status(db, cx, ids, items);
    if (!e)
        return page(cx, items, n > ORDER_PAGE ? ids[ORDER_PAGE - 1] : 0, ret_list);
    json_decref(items);
    return e;
}

/* ---- for staff ---- */

struct staff_ask {
    int64_t shop_id, before, show_id;
    const char *state, *like, *status;
};

/* Part of a number, with nothing that LIKE would read as more. */
static enum err read_like(struct cx *cx, const char *q, const char **ret_like)
{
    *ret_like = "";
    if (!q || !q[0])
        return ERR_OK;
    if (strlen(q) > 20 || strspn(q, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != strlen(q))
        return problem(cx, ERR_INPUT, "'q' must be part of an order's number");
    *ret_like = arena_fmt(cx->arena, "%%%s%%", q);
    return *ret_like ? ERR_OK : ERR_NO_MEMORY;
}

static enum err read_filter(struct db *db, struct cx *cx, const struct room_who *who,
                            const struct order_filter *f, struct staff_ask *a)
{
    enum order_state state;
    a->state = f->state ? f->state : "";
    a->status = f->status ? f->status : "";
    enum err e = shop_for(cx, who, f->shop, ACTION_ORDER_SEE, &a->shop_id);
    if (!e)
        e = read_cursor(cx, f->cursor, &a->before);
    if (!e)
        e = read_like(cx, f->q, &a->like);
    if (!e && a->state[0] && order_state_parse(a->state, &state))
        return problem(cx, ERR_INPUT, "'state' is not a state of an order");
    if (!e && f->show && f->show[0])
        e = db_i64(db, &SQL_show_of_shop, ARGS(V(f->show), V(a->shop_id)), &a->show_id);
    return e == ERR_NOT_FOUND && cx->problem[0] == '\0'
               ? problem(cx, e, "there is no such show of this shop")
               : e;
}

static json_t *staff_item(const char *const text[10], const int64_t n[7])
{
    char masked[MASKED_SIZE];
    account_mask_name(text[6], masked);
    return json_pack("{s:s,s:s,s:s,s:o,s:s,s:s?,s:s,s:I,s:I,s:I,s:s?,s:s?,s:b,s:I}", "no", text[0],
                     "state", text[1], "buyer", masked, "total", order_money(n[0], text[2]),
                     "pay_method", text[3], "payment_state", text[8][0] ? text[8] : NULL,
                     "delivery", text[4], "created_at", (json_int_t)n[1], "lines_n",
                     (json_int_t)n[3], "qty", (json_int_t)n[4], "staff_note", text[5], "show_id",
                     text[7], "to_pack", n[5] != 0, "version", (json_int_t)n[2]);
}

enum err order_list_staff(struct db *db, struct cx *cx, const struct room_who *who,
                          const struct order_filter *f, json_t **ret_list)
{
    struct staff_ask a = {.shop_id = 0};
    int64_t id, num[7], ids[ORDER_PAGE + 1] = {0};
    const char *text[10];
    size_t n = 0;
    enum err e = read_filter(db, cx, who, f, &a);
    if (e)
        return e;
    json_t *items = json_array();
    struct rows r = db_rows(db, &SQL_orders_of_shop,
                            ARGS(V(a.shop_id), V(a.before), V(a.show_id), V(a.state), V(a.like),
                                 V(a.status), V((int64_t)ORDER_PAGE + 1)));
    while (n <= ORDER_PAGE &&
           rows_next(&r, cx->arena,
                     COLS(C(&id), C(&text[0]), C(&text[1]), C(&text[2]), C(&num[0]), C(&num[1]),
                          C(&text[3]), C(&text[4]), C(&num[2]), C(&text[5]), C(&text[6]),
                          C(&text[7]), C(&num[3]), C(&num[4]), C(&text[8]), C(&num[5])))) {
        ids[n] = id;
        if (n++ < ORDER_PAGE)
            (void)json_array_append_new(items, staff_item(text, num));
    }
    e = rows_end(&r);
    if (!e)
        e = add_status(db, cx, ids, items);
    if (!e)
        return page(cx, items, n > ORDER_PAGE ? ids[ORDER_PAGE - 1] : 0, ret_list);
    json_decref(items);
    return e;
}

/* ---- one ---- */

enum err order_read(struct db *db, struct cx *cx, const struct room_who *who,
                    const struct order_ref *ref, json_t **ret_order)
{
    struct order_row r;
    enum err e = order_for_buyer(db, cx, who, ref, &r);
    return e ? e : order_json(db, cx, &r, false, ret_order);
}

enum err order_read_staff(struct db *db, struct cx *cx, const struct room_who *who,
                          const struct order_ref *ref, json_t **ret_order)
{
    struct order_row r;
    enum err e = order_for_staff(db, cx, who, ref, ACTION_ORDER_SEE, &r);
    return e ? e : order_json(db, cx, &r, true, ret_order);
}
