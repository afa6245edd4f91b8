/* A cart as its viewer sees it: lines with their goods, prices and clocks; as JSON. */
#include "base/arena.h"
#include "cart/cart_in.h"
#include "cart/line.sql.h"
#include "cart/read.sql.h"
#include "catalog/catalog.h"

#include <string.h>

/* ---- rows ---- */

struct item_row {
    struct cart_item i;
    const char *source, *state;
};

static enum err next_item(struct rows *r, struct arena *arena, struct item_row *row, bool *ret_got)
{
    struct cart_item *i = &row->i;
    struct cart_line *l = &i->line;
    *ret_got = rows_next(
        r, arena,
        COLS(C(&l->id), C(&l->cart_id), C(&l->hold_id), C(&l->variant_id), C(&l->public_id),
             C(&l->viewer_id), C(&l->shop_id), C(&l->market), C(&l->qty), C(&l->unit_amount),
             C(&row->source), C(&row->state), C(&l->show_id), C(&l->listing_id), C(&l->claim_id),
             C(&l->deal_id), C(&l->until_ms), C(&l->at_ms), C(&i->variant_public),
             C(&i->product_public), C(&i->title), C(&i->options), C(&i->product_options),
             C(&i->image_key), C(&i->image_builtin), C(&i->exempt), C(&i->code), C(&i->show_public),
             C(&i->listing_public), C(&i->claim_public), C(&i->unit_now), C(&i->for_sale),
             C(&i->left), C(&i->tracked)));
    if (!*ret_got)
        return ERR_OK;
    enum err e = line_source_of(row->source, &l->source);
    if (!e)
        e = line_state_of(row->state, &l->state);
    if (l->source != LINE_LIST && l->state == LINE_STATE_HELD)
        i->unit_now = l->unit_amount; /* what was promised when it was taken */
    return e;
}

enum err cart_read(struct db *db, struct cx *cx, int64_t cart_id, struct cart_item **ret_items,
                   size_t *ret_count)
{
    struct cart_item *items = NULL;
    size_t n = 0, room = 0;
    bool got = true;
    enum err e = ERR_OK;
    struct item_row row;
    struct rows r = db_rows(db, &SQL_cart_items, ARGS(V(cart_id), V(CART_ITEMS_MAX)));
    while (!e && n < CART_ITEMS_MAX) {
        e = next_item(&r, cx->arena, &row, &got);
        if (e || !got)
            break;
        if (n == room) {
            struct cart_item *more = arena_array(cx->arena, struct cart_item, room ? room * 4 : 4);
            if (more && n)
                memcpy(more, items, n * sizeof *items);
            room = room ? room * 4 : 4;
            items = more;
            e = more ? ERR_OK : ERR_NO_MEMORY;
        }
        if (!e)
            items[n++] = row.i;
    }
    enum err end = rows_end(&r);
    if (e || end)
        return e ? e : end;
    *ret_items = items;
    *ret_count = n;
    return ERR_OK;
}

/* ---- JSON ---- */

static json_t *ms_json(int64_t ms)
{
    return ms ? json_integer(ms) : json_null();
}

static json_t *text_json(const char *s)
{
    return s ? json_string(s) : json_null();
}

static json_t *money_json(int64_t amount, const char *currency)
{
    return json_pack("{s:I,s:s}", "amount", (json_int_t)amount, "currency", currency);
}

static json_t *image_json(const char *key, const char *builtin)
{
    struct product_media m = {.key = key, .builtin = builtin};
    const struct product p = {.media = &m, .media_count = key || builtin ? 1 : 0};
    return product_image_json(&p);
}

/* The names of a product's options: ["color", "size"]. */
static json_t *names_json(const char *product_options)
{
    json_t *options = stored_json(product_options);
    json_t *names = json_array();
    size_t n;
    json_t *o;
    json_array_foreach(options, n, o)(void) json_array_append(names, json_object_get(o, "name"));
    json_decref(options);
    return names;
}

static json_t *line_json(const struct cart_item *i, const char *currency)
{
    const struct cart_line *l = &i->line;
    bool changed = i->unit_now >= 0 && i->unit_now != l->unit_amount;
    int64_t unit = i->unit_now >= 0 ? i->unit_now : l->unit_amount;
    const char *source = line_source_name(l->source);
    json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:I,s:o,s:o,s:o}", "id",
                          l->public_id, "state", l->state == LINE_STATE_HELD ? "held" : "expired",
                          "variant_id", i->variant_public, "product_id", i->product_public, "title",
                          stored_json(i->title), "options", stored_json(i->options), "option_names",
                          names_json(i->product_options), "option_words",
                          option_words_json(i->options, i->product_options), "image",
                          image_json(i->image_key, i->image_builtin), "qty", (json_int_t)l->qty,
                          "unit", money_json(unit, currency), "was",
                          changed ? money_json(l->unit_amount, currency) : json_null(), "amount",
                          money_json(unit * l->qty, currency));
    if (!o)
        return NULL;
    json_t *rest = json_pack(
        "{s:s,s:o,s:o,s:o,s:o,s:o,s:b,s:o,s:s}", "source", source, "code", text_json(i->code),
        "show_id", text_json(i->show_public), "listing_id", text_json(i->listing_public),
        "claim_id", text_json(i->claim_public), "hold_until", ms_json(l->until_ms), "for_sale",
        (int)i->for_sale, "left", left_json(i->tracked ? i->left : INT64_MAX), "exempt", i->exempt);
    if (!rest || json_object_update(o, rest)) {
        json_decref(o);
        o = NULL;
    }
    json_decref(rest);
    return o;
}

static enum err shop_json(struct db *db, struct cx *cx, int64_t shop_id, json_t **ret_json)
{
    const char *id, *slug, *name;
    enum err e =
        db_row(db, cx->arena, &SQL_cart_shop, ARGS(V(shop_id)), COLS(C(&id), C(&slug), C(&name)));
    if (e)
        return e;
    *ret_json = json_pack("{s:s,s:s,s:s}", "id", id, "slug", slug, "name", name);
    return *ret_json ? ERR_OK : ERR_NO_MEMORY;
}

static enum err waiting_array(struct db *db, struct cx *cx, const struct cart_view *view,
                              json_t *array)
{
    struct waiting *rows;
    size_t n = 0;
    enum err e = waiting_of_viewer(db, cx, view->viewer_id, view->shop_id, &rows, &n);
    for (size_t i = 0; !e && i < n; i++) {
        json_t *w = NULL;
        if (strcmp(rows[i].market, view->market) == 0)
            e = waiting_json(db, cx, &rows[i], &w);
        if (!e && w && json_array_append_new(array, w))
            e = ERR_NO_MEMORY;
    }
    return e;
}

/* What the held lines come to. */
struct sums {
    int64_t count, subtotal, until_ms;
};

static enum err lines_array(struct db *db, struct cx *cx, const struct cart *cart,
                            const char *currency, json_t *array, struct sums *sums)
{
    struct cart_item *items = NULL;
    size_t n = 0;
    enum err e = cart_read(db, cx, cart->id, &items, &n);
    for (size_t i = 0; !e && i < n; i++) {
        const struct cart_line *l = &items[i].line;
        int64_t unit = items[i].unit_now >= 0 ? items[i].unit_now : l->unit_amount;
        if (json_array_append_new(array, line_json(&items[i], currency)))
            e = ERR_NO_MEMORY;
        if (l->state != LINE_STATE_HELD)
            continue;
        sums->count += l->qty;
        sums->subtotal += l->qty * unit;
        if (!sums->until_ms || l->until_ms < sums->until_ms)
            sums->until_ms = l->until_ms;
    }
    return e;
}

enum err cart_json(struct db *db, struct cx *cx, const struct cart_view *view, json_t **ret_json)
{
    struct cart cart = {.id = 0};
    struct sums sums = {.count = 0};
    const char *coupon = NULL;
    json_t *lines = json_array(), *waiting = json_array(), *shop = NULL, *o = NULL;
    const struct market *m = market_find(view->market);
    enum err e = m ? shop_json(db, cx, view->shop_id, &shop) : ERR_NOT_FOUND;
    if (!e && view->viewer_id)
        e = cart_of(db, cx, view->viewer_id, view->shop_id, view->market, &cart);
    if (e == ERR_NOT_FOUND && shop)
        e = ERR_OK;
    if (!e && cart.id)
        e = lines_array(db, cx, &cart, m->currency, lines, &sums);
    if (!e && view->viewer_id)
        e = waiting_array(db, cx, view, waiting);
    if (!e && cart.id && cart.coupon_id)
        e = db_row(db, cx->arena, &SQL_cart_coupon, ARGS(V(cart.coupon_id)), COLS(C(&coupon)));
    if (!e)
        o = json_pack("{s:o,s:O,s:s,s:s,s:O,s:O,s:I,s:o,s:o,s:s?}", "id",
                      text_json(cart.id ? cart.public_id : NULL), "shop", shop, "market", m->code,
                      "currency", m->currency, "lines", lines, "waiting", waiting, "count",
                      (json_int_t)sums.count, "subtotal", money_json(sums.subtotal, m->currency),
                      "held_until", ms_json(sums.until_ms), "coupon_id", coupon);
    json_decref(lines);
    json_decref(waiting);
    json_decref(shop);
    if (e)
        return e;
    *ret_json = o;
    return o ? ERR_OK : ERR_NO_MEMORY;
}

enum err cart_badge(struct db *db, int64_t viewer_id, int64_t shop_id, const char *market,
                    json_t **ret_json)
{
    int64_t count = 0, until = 0, offers = 0;
    enum err e = ERR_OK;
    if (viewer_id)
        e = db_row(db, NULL, &SQL_cart_badge, ARGS(V(viewer_id), V(shop_id), V(market)),
                   COLS(C(&count), C(&until), C(&offers)));
    if (e)
        return e;
    *ret_json = json_pack("{s:I,s:o,s:I}", "count", (json_int_t)count, "held_until", ms_json(until),
                          "offers", (json_int_t)offers);
    return *ret_json ? ERR_OK : ERR_NO_MEMORY;
}

enum err cart_goods(struct db *db, struct cx *cx, const char *variant, const char *listing,
                    const char *market, struct cart_goods *ret_goods)
{
    struct cart_goods g = {.listing_id = 0};
    int64_t product_id = 0;
    bool for_sale = false;
    enum err e = db_row(db, NULL, &SQL_goods_variant, ARGS(V(market), V(variant)),
                        COLS(C(&g.variant_id), C(&g.shop_id), C(&product_id), C(&for_sale),
                             C(&g.unit_amount), C(&g.waits)));
    if (e == ERR_NOT_FOUND || (!e && !for_sale))
        return problem(cx, ERR_NOT_FOUND, "this is not for sale");
    if (!e && g.unit_amount < 0)
        return problem(cx, ERR_CONFLICT, "this is not sold in your country");
    if (!e && listing)
        e = db_row(db, NULL, &SQL_goods_listing, ARGS(V(listing), V(product_id)),
                   COLS(C(&g.listing_id), C(&g.show_id)));
    if (e == ERR_NOT_FOUND)
        return problem(cx, e, "no such listing of it");
    if (!e)
        *ret_goods = g;
    return e;
}

enum err line_may(struct db *db, struct cx *cx, const struct cart_line *line, int64_t qty)
{
    int64_t more = 0, first = 0;
    bool cancel_ok = true;
    if (line->state == LINE_STATE_HELD && qty > line->qty) {
        enum err waits = db_i64(db, &SQL_line_waited_for, ARGS(V(line->variant_id)), &first);
        if (waits != ERR_NOT_FOUND)
            return waits ? waits : problem(cx, ERR_SOLD_OUT, "others wait for it");
    }
    if (line->source == LINE_LIST && line->state == LINE_STATE_HELD && qty > line->qty) {
        enum err one = line_plain_room(db, line->viewer_id, line->variant_id, &more);
        return one || qty - line->qty <= more ? one : line_enough(cx);
    }
    if (!line->claim_id || line->state != LINE_STATE_HELD || qty == line->qty)
        return ERR_OK;
    if (line->deal_id && qty > line->qty)
        return problem(cx, ERR_LIMIT, "more of a deal is claimed in the room");
    enum err e = db_row(db, NULL, &SQL_line_terms, ARGS(V(line->viewer_id), V(line->listing_id)),
                        COLS(C(&more), C(&cancel_ok)));
    if (e)
        return e == ERR_NOT_FOUND ? ERR_STORE : e;
    if (qty < line->qty && !cancel_ok)
        return problem(cx, ERR_FORBIDDEN, "this shop takes no claims back");
    if (qty - line->qty > more)
        return problem(cx, ERR_LIMIT, "one buyer may not have so many");
    return ERR_OK;
}

/* ---- the waiting list ---- */

struct goods {
    const char *variant, *product, *title, *options, *all_options, *key, *builtin, *code;
    const char *show, *listing;
    const char *shop, *slug, *shop_name;
};

static json_t *waiting_object(const struct waiting *w, const struct goods *g, const char *currency)
{
    bool offered = w->state == WAITING_OFFERED;
    json_t *shop = json_pack("{s:s,s:s,s:s}", "id", g->shop, "slug", g->slug, "name", g->shop_name);
    return json_pack("{s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:I,s:I,s:o,s:s,s:o,s:o,s:o,s:o,s:o,s:s,s:I}",
                     "id", w->public_id, "variant_id", g->variant, "product_id", g->product,
                     "title", stored_json(g->title), "options", stored_json(g->options),
                     "option_words", option_words_json(g->options, g->all_options), "image",
                     image_json(g->key, g->builtin), "qty", (json_int_t)w->qty, "place",
                     (json_int_t)w->place, "unit", money_json(w->unit_amount, currency), "state",
                     waiting_state_name(w->state), "offer_until",
                     ms_json(offered ? w->offer_until_ms : 0), "code", text_json(g->code),
                     "show_id", text_json(g->show), "listing_id", text_json(g->listing), "shop",
                     shop, "market", w->market, "at", (json_int_t)w->at_ms);
}

enum err waiting_json(struct db *db, struct cx *cx, const struct waiting *w, json_t **ret_json)
{
    struct goods g;
    const struct market *m = market_find(w->market);
    enum err e = db_row(db, cx->arena, &SQL_waiting_goods, ARGS(V(w->id)),
                        COLS(C(&g.variant), C(&g.product), C(&g.title), C(&g.options),
                             C(&g.all_options), C(&g.key), C(&g.builtin), C(&g.code), C(&g.show),
                             C(&g.listing), C(&g.shop), C(&g.slug), C(&g.shop_name)));
    if (e)
        return e;
    *ret_json = m ? waiting_object(w, &g, m->currency) : NULL;
    return *ret_json ? ERR_OK : ERR_NO_MEMORY;
}
