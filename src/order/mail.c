/* What a buyer is told outside the page: the receipt, that it was sent, that money went back. */
#include "account/account.h"
#include "base/arena.h"
#include "base/lang.h"
#include "catalog/catalog.h"
#include "catalog/market.h"
#include "notify/notify.h"
#include "order/mail.sql.h"
#include "order/order_in.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { RECEIPT_LINES_MAX = 50, LETTER_ARENA = 512 * 1024 };

/* One message on its way, in an arena of its own: the caller's job has little to spare. */
struct letter {
    struct arena *callers;
    const struct orders *o;
    struct tx *tx;
    struct order_row r;
    enum lang lang;
    json_t *address, *args;
    const char *email; /* typed at checkout, or NULL */
};

static const char *copy(struct letter *l, const char *s)
{
    return s ? arena_dup(l->tx->cx->arena, s, strlen(s)) : NULL;
}

static enum err begin(const struct orders *o, struct tx *tx, int64_t order_id, struct letter *l)
{
    char link[ORDER_LINK_SIZE];
    struct viewer v = {.lang = "en"};
    *l = (struct letter){.o = o, .tx = tx, .callers = tx->cx->arena};
    tx->cx->arena = arena_make(LETTER_ARENA);
    if (!tx->cx->arena)
        return ERR_NO_MEMORY;
    enum err e = order_by_id(tx->db, tx->cx, order_id, &l->r);
    if (!e)
        e = viewer_by_id(tx->db, tx->cx->arena, l->r.viewer_id, &v);
    if (e && e != ERR_NOT_FOUND)
        return e;
    tx->cx->problem[0] = '\0';
    l->lang = lang_of(v.lang);
    l->address = stored_json(l->r.address);
    l->email = copy(l, json_string_value(json_object_get(l->address, "email")));
    order_link(o, l->r.public_id, l->r.no, link);
    l->args = json_pack("{s:s,s:s,s:s,s:s,s:s+}", "no", l->r.no, "shop", l->r.shop_name, "url",
                        link, "currency", l->r.currency, "tag", "order:", l->r.no);
    return l->args ? ERR_OK : ERR_NO_MEMORY;
}

/* Said once for each thing that it is about. */
static enum err end(struct letter *l, enum err e, enum notice_kind kind, int64_t about)
{
    struct arena *own = l->tx->cx->arena;
    const char *key = e ? NULL : arena_fmt(own, "%s:%" PRId64, notice_kind_name(kind), about);
    const struct notice n = {.kind = kind,
                             .to_viewer = l->r.viewer_id,
                             .to_email = l->email,
                             .lang = lang_name(l->lang),
                             .args = l->args,
                             .key = key,
                             .shop_id = l->r.shop_id};
    if (!e)
        e = key ? notice_put(l->tx, &n) : ERR_NO_MEMORY;
    json_decref(l->args);
    json_decref(l->address);
    l->tx->cx->arena = l->callers;
    arena_free(own);
    return e;
}

/* ---- the receipt ---- */

static const char *title_in(const struct letter *l, const json_t *titles)
{
    const char *text = NULL;
    for (int i = 0; i < LANG_COUNT && !text; i++)
        text = json_string_value(json_object_get(titles, lang_name(lang_order(l->lang, i))));
    return text ? text : "";
}

static const char *options_text(struct letter *l, const struct order_line *line)
{
    json_t *options = stored_json(line->options);
    const char *text = "";
    for (size_t i = 0; text && i < json_array_size(options); i++) {
        const char *option = json_string_value(json_array_get(options, i));
        if (option)
            text = arena_fmt(l->tx->cx->arena, "%s%s%s", text, *text ? " / " : "", option);
    }
    json_decref(options);
    return text;
}

static enum err add_lines(struct letter *l, bool *ret_returnable)
{
    struct order_line *lines;
    size_t n;
    json_t *list = json_array();
    enum err e = order_lines(l->tx->db, l->tx->cx, l->r.id, &lines, &n);
    *ret_returnable = false;
    for (size_t i = 0; !e && i < n; i++) {
        json_t *titles = stored_json(lines[i].title);
        const char *options = options_text(l, &lines[i]);
        *ret_returnable = *ret_returnable || strcmp(lines[i].exempt, "none") == 0;
        if (i < RECEIPT_LINES_MAX &&
            json_array_append_new(list, json_pack("{s:s,s:s,s:I,s:I}", "title", title_in(l, titles),
                                                  "options", options ? options : "", "qty",
                                                  (json_int_t)lines[i].qty, "amount",
                                                  (json_int_t)lines[i].unit * lines[i].qty)))
            e = ERR_NO_MEMORY;
        json_decref(titles);
    }
    if (e)
        json_decref(list);
    else if (json_object_set_new(l->args, "lines", list))
        e = ERR_NO_MEMORY;
    return e;
}

static const char *part(const struct letter *l, const char *name)
{
    const char *text = json_string_value(json_object_get(l->address, name));
    return text ? text : "";
}

/*
 * Whom and where to, without phone and house number: mails are read by many programs. Nothing of it
 * becomes a link: a guest may have typed a stranger's address.
 */
static const char *address_text(struct letter *l)
{
    bool store = strcmp(l->r.delivery, delivery_name(DELIVERY_CVS)) == 0;
    char *text = store
                     ? arena_fmt(l->tx->cx->arena, "%s, %s", part(l, "name"), part(l, "store_name"))
                     : arena_fmt(l->tx->cx->arena, "%s, %s %s", part(l, "name"), part(l, "city"),
                                 part(l, "district"));
    for (char *c = text; c && *c; c++)
        if (strchr(".:/@\\", *c))
            *c = ' ';
    return text;
}

static enum err add_receipt(struct letter *l)
{
    bool returnable = false, later = strcmp(l->r.pay_method, "cod") == 0;
    const struct market *m = market_find(l->r.market);
    const char *address = address_text(l);
    enum err e = add_lines(l, &returnable);
    json_t *sums =
        json_pack("{s:I,s:I,s:I,s:I,s:b,s:s?,s:I}", "subtotal", (json_int_t)l->r.subtotal,
                  "discount", (json_int_t)l->r.discount, "shipping", (json_int_t)l->r.shipping,
                  "total", (json_int_t)l->r.total, "paid", !later, "address", address,
                  "withdrawal_days", (json_int_t)(m && returnable ? m->return_days : 0));
    if (!e && (!sums || json_object_update(l->args, sums)))
        e = ERR_NO_MEMORY;
    json_decref(sums);
    return e;
}

enum err order_mail_receipt(const struct orders *o, struct tx *tx, int64_t order_id)
{
    struct letter l;
    enum err e = begin(o, tx, order_id, &l);
    if (!e)
        e = add_receipt(&l);
    return end(&l, e, NOTICE_ORDER_RECEIPT, order_id);
}

enum err order_mail_shipped(const struct orders *o, struct tx *tx, int64_t order_id,
                            int64_t parcel_id)
{
    struct letter l;
    const char *carrier = "", *tracking = "";
    enum err e = begin(o, tx, order_id, &l);
    if (!e)
        e = db_row(tx->db, tx->cx->arena, &SQL_mail_parcel, ARGS(V(parcel_id)),
                   COLS(C(&carrier), C(&tracking)));
    if (!e && *carrier && *tracking) {
        (void)json_object_set_new(l.args, "carrier", json_string(carrier));
        (void)json_object_set_new(l.args, "tracking", json_string(tracking));
    }
    return end(&l, e, NOTICE_ORDER_SHIPPED, parcel_id);
}

enum err order_mail_refunded(const struct orders *o, struct tx *tx, int64_t order_id,
                             int64_t refund_id, int64_t amount, const char *currency)
{
    struct letter l;
    enum err e = begin(o, tx, order_id, &l);
    if (!e && (json_object_set_new(l.args, "amount", json_integer(amount)) ||
               json_object_set_new(l.args, "currency", json_string(currency))))
        e = ERR_NO_MEMORY;
    return end(&l, e, NOTICE_ORDER_REFUNDED, refund_id);
}
