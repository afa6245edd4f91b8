/* Labels: one A6 page for each parcel, made to be printed by a browser; nothing on it is cut. */
#include "base/arena.h"
#include "base/csv.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "order/order_in.h"
#include "order/packing_in.h"
#include "order/parcel.h"
#include "order/parcel.sql.h"

#include <string.h>

enum { LABELS_MAX = 100, LABEL_ITEMS = 4, ITEM_CHARS = 34 };

static const char HEAD[] =
    "<!doctype html><html lang=\"zh-Hant-TW\"><head><meta charset=\"utf-8\">"
    "<title>Labels</title><style>"
    "@page{size:105mm 148mm;margin:0}*{box-sizing:border-box;margin:0}"
    "body{font:11pt/1.35 'Noto Sans TC','Noto Sans CJK TC','Noto Sans Thai',sans-serif;color:#000}"
    ".label{width:105mm;height:147.5mm;padding:6mm;display:flex;flex-direction:column;gap:2.5mm;"
    "break-after:page;overflow:hidden}.label:last-child{break-after:auto}"
    ".row{display:flex;justify-content:space-between;gap:3mm;align-items:baseline}"
    ".no{font-weight:700;font-size:13pt}.to{border-top:.4mm solid #000;padding-top:2.5mm}"
    ".name{font-weight:700;font-size:17pt;line-height:1.25;overflow-wrap:anywhere}"
    ".tel{font-size:13pt}.addr{font-size:13pt;overflow-wrap:anywhere}.long{font-size:10pt}.longer{"
    "font-size:8.5pt}"
    ".items{border-top:.2mm dashed "
    "#000;padding-top:2mm;font-size:9pt;list-style:none;padding-left:0}"
    ".items li{display:flex;justify-content:space-between;gap:3mm}"
    ".cod{margin-top:auto;border:.6mm solid #000;padding:2mm 3mm;font-weight:700;font-size:15pt}"
    ".from{font-size:8.5pt}@media screen{body{background:#ddd}.label{background:#fff;margin:8px "
    "auto}}"
    "</style></head><body>";

static void html(struct buf *b, const char *text)
{
    for (; text && *text; text++) {
        switch (*text) {
        case '&': buf_str(b, "&amp;"); break;
        case '<': buf_str(b, "&lt;"); break;
        case '>': buf_str(b, "&gt;"); break;
        case '"': buf_str(b, "&quot;"); break;
        default: buf_ch(b, *text);
        }
    }
}

static const char *field(const json_t *o, const char *name)
{
    const char *t = json_string_value(json_object_get(o, name));
    return t ? t : "";
}

static void add_to(struct buf *b, const json_t *to)
{
    struct buf where;
    buf_init(&where, 2048);
    if (strcmp(field(to, "kind"), "cvs") == 0)
        buf_fmt(&where, "%s %s (%s)", field(to, "chain"), field(to, "store_name"),
                field(to, "store_id"));
    else
        buf_fmt(&where, "%s %s%s%s %s", field(to, "postcode"), field(to, "city"),
                field(to, "district"), field(to, "subdistrict"), field(to, "line"));
    const char *text = where.data ? where.data : "";
    size_t chars = text_chars(text, strlen(text));
    const char *name = field(to, "name");
    buf_fmt(b, "<div class=\"to\"><div class=\"name%s\">",
            text_chars(name, strlen(name)) > 24 ? " long" : "");
    html(b, name);
    buf_str(b, "</div><div class=\"tel\">");
    html(b, field(to, "phone"));
    buf_fmt(b, "</div><div class=\"addr%s\">", chars > 100 ? " longer" : chars > 60 ? " long" : "");
    html(b, text);
    buf_str(b, "</div></div>");
    buf_done(&where);
}

/* A title of any length takes one line: it is cut at a character, with a mark. */
static void add_item(struct buf *b, const char *title, const char *options, const char *code,
                     int64_t qty)
{
    struct buf name;
    json_t *t = stored_json(title), *o = stored_json(options);
    buf_init(&name, 2048);
    if (code)
        buf_fmt(&name, "%s ", code);
    buf_fmt(&name, "%s ", title_text(t));
    options_text(&name, o);
    const char *text = name.data ? name.data : "";
    size_t len = strlen(text), fits = text_prefix(text, len, ITEM_CHARS);
    buf_str(b, "<li><span>");
    if (fits < len && name.data) {
        name.data[text_prefix(text, len, ITEM_CHARS - 1)] = '\0';
        html(b, name.data);
        buf_str(b, "…");
    } else {
        html(b, text);
    }
    buf_fmt(b, "</span><b>× %lld</b></li>", (long long)qty);
    buf_done(&name);
    json_decref(t);
    json_decref(o);
}

static enum err add_items(struct db *db, struct cx *cx, int64_t parcel_id, struct buf *b)
{
    const char *title, *options, *code;
    int64_t qty, shown = 0, more = 0;
    struct rows r = db_rows(db, &SQL_label_lines, ARGS(V(parcel_id)));
    buf_str(b, "<ul class=\"items\">");
    while (rows_next(&r, cx->arena, COLS(C(&title), C(&options), C(&code), C(&qty)))) {
        if (shown++ < LABEL_ITEMS)
            add_item(b, title, options, code, qty);
        else
            more += qty;
    }
    if (more)
        buf_fmt(b, "<li><span>…</span><b>+ %lld</b></li>", (long long)more);
    buf_str(b, "</ul>");
    return rows_end(&r);
}

static void add_money(struct buf *b, int64_t cod, const char *currency)
{
    struct buf amount;
    buf_init(&amount, 64);
    if (cod) {
        csv_money(&amount, cod, currency);
        buf_fmt(b, "<div class=\"cod\">%s%s</div>",
                strcmp(currency, "THB") == 0 ? "COD ฿" : "貨到付款 NT$", amount.data);
    }
    buf_done(&amount);
}

static enum err add_label(struct db *db, struct cx *cx, int64_t shop_id, const char *parcel,
                          struct buf *b)
{
    int64_t id, order_id, cod;
    const char *carrier, *tracking;
    struct order_row r;
    enum err e = db_row(db, cx->arena, &SQL_label_parcel, ARGS(V(parcel), V(shop_id)),
                        COLS(C(&id), C(&order_id), C(&carrier), C(&tracking), C(&cod)));
    if (e == ERR_NOT_FOUND)
        return problem(cx, e, "there is no such parcel");
    if (!e)
        e = order_by_id(db, cx, order_id, &r);
    if (e)
        return e;
    json_t *to = json_loads(r.address, 0, NULL);
    buf_str(b, "<section class=\"label\"><div class=\"row\"><span class=\"no\">");
    html(b, r.no);
    buf_str(b, "</span><span>");
    html(b, carrier);
    buf_str(b, " ");
    html(b, tracking);
    buf_str(b, "</span></div>");
    add_to(b, to);
    json_decref(to);
    e = add_items(db, cx, id, b);
    add_money(b, cod, r.currency);
    buf_str(b, "<div class=\"from\">");
    html(b, r.shop_name);
    buf_str(b, "</div></section>");
    return e;
}

enum err label_pages(struct db *db, struct cx *cx, const struct room_who *who, const char *shop,
                     const char *parcels, struct buf *out)
{
    int64_t shop_id;
    char id[ID_TEXT];
    size_t count = 0;
    enum err e = shop_for(cx, who, shop, ACTION_ORDER_PACK, &shop_id);
    buf_str(out, HEAD);
    while (!e && parcels && *parcels) {
        size_t n = strcspn(parcels, ",");
        if (n >= sizeof id || ++count > LABELS_MAX)
            return problem(cx, ERR_INPUT, "'ids' must be 1 to %d parcels", LABELS_MAX);
        memcpy(id, parcels, n);
        id[n] = '\0';
        e = add_label(db, cx, shop_id, id, out);
        parcels += n + (parcels[n] == ',');
    }
    if (!e && !count)
        e = problem(cx, ERR_INPUT, "'ids' must be 1 to %d parcels", LABELS_MAX);
    buf_str(out, "</body></html>");
    return e ? e : buf_err(out);
}
