/* Packing: what to fetch, what goes into which order, and the labels. */
#include "account/account.h"
#include "base/arena.h"
#include "base/csv.h"
#include "base/lang.h"
#include "catalog/catalog.h"
#include "order/list.sql.h"
#include "order/order_in.h"
#include "order/packing_in.h"
#include "order/parcel.h"
#include "order/parcel.sql.h"

#include <string.h>

static enum err find_shop(struct db *db, struct cx *cx, const struct room_who *who,
                          const char *shop, const char *show, int64_t *ret_shop, int64_t *ret_show)
{
    *ret_show = 0;
    enum err e = shop_for(cx, who, shop, ACTION_ORDER_PACK, ret_shop);
    if (e || !show || !show[0])
        return e;
    e = db_i64(db, &SQL_show_of_shop, ARGS(V(show), V(*ret_shop)), ret_show);
    return e == ERR_NOT_FOUND ? problem(cx, e, "there is no such show of this shop") : e;
}

/* ---- pick ---- */

static enum err pick_json(struct db *db, struct cx *cx, int64_t shop_id, int64_t show_id,
                          json_t **ret_list)
{
    const char *id, *title, *options, *code, *image;
    int64_t qty, packed;
    json_t *list = json_array();
    struct rows r = db_rows(db, &SQL_packing_pick, ARGS(V(shop_id), V(show_id)));
    while (
        rows_next(&r, cx->arena,
                  COLS(C(&id), C(&title), C(&options), C(&code), C(&image), C(&qty), C(&packed))))
        (void)json_array_append_new(list, json_pack("{s:s,s:o,s:o,s:s?,s:o,s:I,s:I}", "variant_id",
                                                    id, "title", stored_json(title), "options",
                                                    stored_json(options), "code", code, "image",
                                                    image_json(image), "qty", (json_int_t)qty,
                                                    "packed", (json_int_t)packed));
    enum err e = rows_end(&r);
    if (e)
        json_decref(list);
    else
        *ret_list = list;
    return e;
}

/* ---- by order ---- */

static json_t *pack_lines(const struct order_row *r, const struct order_line *lines, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        if (lines[i].qty == lines[i].refunded)
            continue;
        (void)json_array_append_new(
            list,
            json_pack("{s:s,s:I,s:s,s:o,s:o,s:s?,s:o,s:I,s:I}", "order", r->no, "no",
                      (json_int_t)lines[i].line_no, "variant_id", lines[i].variant_public, "title",
                      stored_json(lines[i].title), "options", stored_json(lines[i].options), "code",
                      lines[i].code, "image", image_json(lines[i].image), "qty",
                      (json_int_t)(lines[i].qty - lines[i].refunded), "packed",
                      (json_int_t)lines[i].packed));
    }
    return list;
}

static enum err pack_order(struct db *db, struct cx *cx, int64_t id, json_t *list)
{
    struct order_row r;
    struct order_line *lines = NULL;
    size_t n = 0;
    const char *parcel = NULL;
    enum err e = order_by_id(db, cx, id, &r);
    if (!e)
        e = order_lines(db, cx, id, &lines, &n);
    if (!e)
        e = db_row(db, cx->arena, &SQL_packing_parcel, ARGS(V(id)), COLS(C(&parcel)));
    if (e && e != ERR_NOT_FOUND)
        return e;
    json_t *to = json_loads(r.address, 0, NULL);
    const char *name = json_string_value(json_object_get(to, "name"));
    (void)json_array_append_new(list,
                                json_pack("{s:s,s:s,s:s,s:s?,s:o,s:s?}", "no", r.no, "buyer",
                                          name ? name : "", "delivery", r.delivery, "note", r.note,
                                          "lines", pack_lines(&r, lines, n), "parcel_id", parcel));
    json_decref(to);
    return ERR_OK;
}

enum { PACK_MAX = 500 };

static enum err orders_json(struct db *db, struct cx *cx, int64_t shop_id, int64_t show_id,
                            json_t **ret_list)
{
    int64_t id;
    size_t n = 0;
    int64_t *ids = arena_array(cx->arena, int64_t, PACK_MAX);
    json_t *list = json_array();
    if (!ids) {
        json_decref(list);
        return ERR_NO_MEMORY;
    }
    struct rows r = db_rows(db, &SQL_packing_orders, ARGS(V(shop_id), V(show_id)));
    while (n < PACK_MAX && rows_next(&r, NULL, COLS(C(&id))))
        ids[n++] = id;
    enum err e = rows_end(&r);
    for (size_t i = 0; !e && i < n; i++)
        e = pack_order(db, cx, ids[i], list);
    if (e)
        json_decref(list);
    else
        *ret_list = list;
    return e;
}

enum err packing_list(struct db *db, struct cx *cx, const struct room_who *who, const char *shop,
                      const char *show, json_t **ret_list)
{
    int64_t shop_id, show_id;
    json_t *pick = NULL, *orders = NULL;
    enum err e = find_shop(db, cx, who, shop, show, &shop_id, &show_id);
    if (!e)
        e = pick_json(db, cx, shop_id, show_id, &pick);
    if (!e)
        e = orders_json(db, cx, shop_id, show_id, &orders);
    json_t *j = e ? NULL : json_pack("{s:O,s:O}", "pick", pick, "orders", orders);
    json_decref(pick);
    json_decref(orders);
    if (!e && !j)
        return ERR_NO_MEMORY;
    if (!e)
        *ret_list = j;
    return e;
}

/* ---- as a spreadsheet ---- */

/* As a packer in Taiwan reads it best. */
const char *title_text(const json_t *title)
{
    for (int i = 0; i < LANG_COUNT; i++) {
        enum lang l = lang_order(LANG_ZH, i);
        const char *t = json_string_value(json_object_get(title, lang_name(l)));
        if (t && *t)
            return t;
    }
    return "";
}

void options_text(struct buf *b, const json_t *options)
{
    for (size_t i = 0; i < json_array_size(options); i++)
        buf_fmt(b, "%s%s", i ? " / " : "", json_string_value(json_array_get(options, i)));
}

static void csv_pick(struct buf *out, const json_t *p)
{
    struct buf options;
    buf_init(&options, 1024);
    options_text(&options, json_object_get(p, "options"));
    csv_text(out, json_string_value(json_object_get(p, "code")));
    csv_text(out, title_text(json_object_get(p, "title")));
    csv_text(out, options.data);
    csv_i64(out, json_integer_value(json_object_get(p, "qty")));
    csv_i64(out, json_integer_value(json_object_get(p, "packed")));
    csv_row_end(out);
    buf_done(&options);
}

enum err packing_csv(struct db *db, struct cx *cx, const struct room_who *who, const char *shop,
                     const char *show, struct buf *out)
{
    static const char *const head[] = {"code", "title", "options", "qty", "packed"};
    int64_t shop_id, show_id;
    json_t *pick = NULL;
    enum err e = find_shop(db, cx, who, shop, show, &shop_id, &show_id);
    if (!e)
        e = pick_json(db, cx, shop_id, show_id, &pick);
    if (e)
        return e;
    csv_begin(out);
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
        csv_text(out, head[i]);
    csv_row_end(out);
    for (size_t i = 0; i < json_array_size(pick); i++)
        csv_pick(out, json_array_get(pick, i));
    json_decref(pick);
    return buf_err(out);
}

/* ---- ticking ---- */

struct tick {
    const struct room_who *who;
    const struct order_ref *ref;
    int64_t line_no, packed;
};

static enum err tick_job(struct tx *tx, void *arg)
{
    const struct tick *t = arg;
    struct order_row r;
    int64_t changed = 0;
    enum err e = order_for_staff(tx->db, tx->cx, t->who, t->ref, ACTION_ORDER_PACK, &r);
    if (!e)
        e = db_do(tx->db, &SQL_packing_tick, ARGS(V(t->packed), V(r.id), V(t->line_no)), &changed);
    if (!e && !changed)
        e = problem(tx->cx, ERR_INPUT, "'packed' must be 0 to the line's quantity");
    return e;
}

enum err packing_tick(struct orders *o, struct cx *cx, const struct room_who *who,
                      const struct order_ref *ref, int64_t line_no, int64_t packed)
{
    struct tick t = {who, ref, line_no, packed};
    if (packed < 0)
        return problem(cx, ERR_INPUT, "'packed' must be 0 to the line's quantity");
    return store_do(o->store, cx, "packing.tick", tick_job, &t);
}
