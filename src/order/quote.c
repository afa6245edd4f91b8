/* What a cart costs: items of the cart, fees of the market, a coupon, a method; and the hash. */
#include "order/quote.h"
#include "base/arena.h"
#include "base/buf.h"
#include "catalog/catalog.h"
#include "order/coupons_in.h"
#include "order/order_in.h"
#include "order/quote.sql.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- which cart ---- */

static bool works_in(const struct room_who *who, int64_t shop_id)
{
    return room_role(who, shop_id) != ROLE_NONE;
}

static enum err cart_by_bill(struct db *db, struct cx *cx, const struct cart_ref *ref,
                             struct cart *ret_cart, const char **ret_state)
{
    const char *secret;
    struct cart c;
    enum err e = db_row(db, cx->arena, &SQL_quote_cart_of_bill, ARGS(V(ref->bill)),
                        COLS(C(&c.id), C(&c.public_id), C(&c.viewer_id), C(&c.shop_id),
                             C(&c.market), C(&c.coupon_id), C(ret_state), C(&secret)));
    if (e)
        return e;
    if (!ref->secret || !crypto_same(secret, strlen(secret), ref->secret, strlen(ref->secret)))
        return ERR_NOT_FOUND;
    *ret_cart = c;
    return ERR_OK;
}

static enum err cart_by_public(struct db *db, struct cx *cx, const struct room_who *who,
                               const char *public_id, bool staff, struct cart *ret_cart,
                               const char **ret_state)
{
    struct cart c;
    enum err e = db_row(db, cx->arena, &SQL_quote_cart, ARGS(V(public_id)),
                        COLS(C(&c.id), C(&c.public_id), C(&c.viewer_id), C(&c.shop_id),
                             C(&c.market), C(&c.coupon_id), C(ret_state)));
    if (e)
        return e;
    bool mine = who->viewer_id && c.viewer_id == who->viewer_id;
    if (!mine && !(staff && works_in(who, c.shop_id)))
        return ERR_NOT_FOUND;
    *ret_cart = c;
    return ERR_OK;
}

static enum err cart_open_of(struct db *db, struct cx *cx, const struct room_who *who,
                             const struct cart_ref *ref, struct cart *ret_cart)
{
    struct shop shop;
    if (!who->viewer_id || !ref->market)
        return ERR_NOT_FOUND;
    enum err e = ref->shop ? shop_by_slug(db, cx->arena, ref->shop, &shop)
                           : shop_first(db, cx->arena, &shop);
    return e ? e : cart_of(db, cx, who->viewer_id, shop.id, ref->market, ret_cart);
}

enum err cart_by_ref(struct db *db, struct cx *cx, const struct room_who *who,
                     const struct cart_ref *ref, bool staff, struct cart *ret_cart, bool *ret_open)
{
    const char *state = "open";
    enum err e = ref->bill   ? cart_by_bill(db, cx, ref, ret_cart, &state)
                 : ref->cart ? cart_by_public(db, cx, who, ref->cart, staff, ret_cart, &state)
                             : cart_open_of(db, cx, who, ref, ret_cart);
    if (e == ERR_NOT_FOUND)
        return problem(cx, e, "there is no such cart");
    if (!e)
        *ret_open = strcmp(state, "open") == 0;
    return e;
}

/* ---- pricing ---- */

static int by_line(const void *a, const void *b)
{
    const struct cart_item *x = a, *y = b;
    return x->line.id < y->line.id ? -1 : x->line.id > y->line.id;
}

static bool has_deal(const struct quote *q)
{
    for (size_t i = 0; i < q->count; i++)
        if (q->items[i].line.source == LINE_DEAL)
            return true;
    return false;
}

const char *quote_method_problem(const struct quote *q, const struct pay_terms *m)
{
    bool at_door = m->method->carries_with_parcel;
    if (at_door && !q->at.cod)
        return "off";
    const char *why = pay_terms_problem(m, q->sum.total, has_deal(q));
    if (why)
        return why;
    return at_door && q->uncollected >= COD_OFF_AFTER ? "uncollected" : NULL;
}

static enum err choose_method(struct orders *o, struct db *db, struct cx *cx, struct quote *q,
                              const char *asked)
{
    q->methods = arena_array(cx->arena, struct pay_terms, PAY_METHODS_MAX);
    if (!q->methods)
        return ERR_NO_MEMORY;
    enum err e = pay_terms_read(db, cx->arena, o->pay, q->cart.shop_id, q->at.market->code,
                                q->methods, &q->method_count);
    if (e || !q->sum.total)
        return e;
    for (size_t i = 0; i < q->method_count && !q->method; i++) {
        const struct pay_terms *m = &q->methods[i];
        if ((asked && strcmp(asked, m->method->id) != 0) || quote_method_problem(q, m))
            continue;
        q->method = m->method;
        q->minutes = m->minutes;
    }
    return ERR_OK;
}

static enum err make_hash(struct quote *q)
{
    unsigned char sum[SHA256_LEN];
    struct buf b;
    buf_init(&b, 256 * 1024);
    buf_fmt(&b, "1|%s|%s|%s|%s|%s|%s", q->cart.public_id, q->at.market->code,
            q->at.market->currency, delivery_name(q->delivery), q->method ? q->method->id : "none",
            q->coupon.id ? q->coupon.public_id : "");
    buf_fmt(&b, "|%" PRId64 "|%" PRId64 "|%" PRId64 "|%" PRId64 "|%" PRId64 "\n", q->sum.subtotal,
            q->sum.discount, q->sum.shipping, q->sum.tax, q->sum.total);
    for (size_t i = 0; i < q->count; i++)
        buf_fmt(&b, "%s|%s|%" PRId64 "|%" PRId64 "|%" PRId64 "|%" PRId64 "|%s|%s\n",
                q->items[i].line.public_id, q->items[i].variant_public, q->lines[i].qty,
                q->lines[i].unit, q->lines[i].discount, q->lines[i].tax,
                line_source_name(q->items[i].line.source), q->items[i].exempt);
    enum err e = buf_err(&b);
    if (!e) {
        crypto_sha256(b.data, b.len, sum);
        crypto_hex(sum, sizeof sum, q->hash);
    }
    buf_done(&b);
    return e;
}

/*
 * What the shop took out of its catalogue costs nothing it could be had for. A price promised in a
 * show stands without one in the catalogue; a prize is its winner's whatever becomes of the goods.
 */
static enum err mark_withdrawn(struct db *db, struct quote *q)
{
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < q->count; i++) {
        struct cart_item *item = &q->items[i];
        int64_t withdrawn = 0;
        if (item->for_sale || item->line.source == LINE_PRIZE)
            continue;
        e = db_i64(db, &SQL_quote_withdrawn, ARGS(V(item->line.variant_id)), &withdrawn);
        if (withdrawn)
            item->unit_now = -1;
    }
    return e;
}

/* A prize is sent free; goods beside it pay as ever. */
static void take_items(struct quote *q)
{
    bool prizes = true;
    for (size_t i = 0; i < q->count; i++) {
        const struct cart_item *item = &q->items[i];
        q->gone = q->gone || item->unit_now < 0;
        q->lines[i].qty = item->line.qty;
        q->lines[i].unit = item->unit_now < 0 ? 0 : item->unit_now;
        prizes = prizes && item->line.source == LINE_PRIZE;
    }
    q->sum.ship_free = prizes;
}

static enum err read_buyer(struct db *db, struct quote *q)
{
    enum err e = db_i64(db, &SQL_quote_uncollected, ARGS(V(q->cart.viewer_id), V(q->cart.shop_id)),
                        &q->uncollected);
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* A parcel of prizes alone costs its winner nothing. */
static bool only_prizes(const struct quote *q)
{
    for (size_t i = 0; i < q->count; i++)
        if (q->items[i].line.source != LINE_PRIZE)
            return false;
    return q->count > 0;
}

enum err quote_make(struct orders *o, struct db *db, struct cx *cx, const struct cart *cart,
                    struct cart_item *items, size_t count, const struct quote_ask *ask,
                    struct quote *ret_quote)
{
    struct quote q = {.cart = *cart, .items = items, .count = count, .delivery = ask->delivery};
    enum err e = shop_by_id(db, cx->arena, cart->shop_id, &q.shop);
    if (!e)
        e = shop_market_get(db, cart->shop_id, cart->market, &q.at);
    if (!e)
        e = read_buyer(db, &q);
    if (e)
        return e;
    if (count > SUM_LINES_MAX || !(q.lines = arena_array(cx->arena, struct sum_line, count + 1)))
        return ERR_NO_MEMORY;
    if (ask->delivery == DELIVERY_CVS && q.at.ship_cvs < 0)
        return problem(cx, ERR_INPUT, "'delivery' cvs is not offered here");
    if (count && items)
        qsort(items, count, sizeof *items, by_line);
    e = mark_withdrawn(db, &q);
    if (e)
        return e;
    take_items(&q);
    q.sum.tax_bp = q.at.market->tax_bp;
    q.sum.ship_fee = ask->delivery == DELIVERY_CVS ? q.at.ship_cvs : q.at.ship_home;
    q.sum.free_over = q.at.free_over;
    e = coupon_apply(db, cx, &q, ask->coupon);
    q.sum.ship_free = q.sum.ship_free || only_prizes(&q);
    if (!e && sum_make(&q.sum, q.lines, count))
        e = problem(cx, ERR_INPUT, "the sum is too large");
    if (e)
        return e;
    e = choose_method(o, db, cx, &q, ask->pay_method);
    if (!e)
        e = make_hash(&q);
    if (!e)
        *ret_quote = q;
    return e;
}

/* ---- JSON ---- */

static json_t *money(const struct quote *q, int64_t amount)
{
    return order_money(amount, q->at.market->currency);
}

static json_t *lines_json(const struct quote *q)
{
    json_t *list = json_array();
    for (size_t i = 0; i < q->count; i++) {
        const struct cart_item *it = &q->items[i];
        const struct sum_line *l = &q->lines[i];
        struct product_media pic = {.key = it->image_key, .builtin = it->image_builtin};
        struct product p = {.media = &pic, .media_count = pic.key || pic.builtin ? 1 : 0};
        json_t *o = json_pack(
            "{s:i,s:s,s:s,s:s,s:o,s:o,s:o,s:s?,s:o,s:I,s:o,s:o,s:o,s:o}", "no", (int)i + 1,
            "line_id", it->line.public_id, "variant_id", it->variant_public, "product_id",
            it->product_public, "title", stored_json(it->title), "options",
            stored_json(it->options), "option_words",
            option_words_json(it->options, it->product_options), "code", it->code, "image",
            product_image_json(&p), "qty", (json_int_t)l->qty, "unit", money(q, l->unit), "amount",
            money(q, l->amount), "discount", money(q, l->discount), "tax", money(q, l->tax));
        if (!o)
            break;
        (void)json_object_set_new(o, "source", json_string(line_source_name(it->line.source)));
        (void)json_object_set_new(o, "exempt", json_string(it->exempt));
        (void)json_object_set_new(o, "hold_until", ms_or_null(it->line.until_ms));
        (void)json_object_set_new(o, "show_id",
                                  it->show_public ? json_string(it->show_public) : json_null());
        (void)json_object_set_new(o, "gone", json_boolean(it->unit_now < 0));
        (void)json_array_append_new(list, o);
    }
    return list;
}

static json_t *deliveries_json(const struct quote *q)
{
    json_t *list = json_array(), *chains = json_array();
    (void)json_array_append_new(
        list, json_pack("{s:s,s:o}", "id", "home", "fee", money(q, q->at.ship_home)));
    for (size_t i = 0; cvs_chains[i]; i++)
        (void)json_array_append_new(chains, json_string(cvs_chains[i]));
    if (q->at.ship_cvs >= 0)
        (void)json_array_append_new(list, json_pack("{s:s,s:o,s:O}", "id", "cvs", "fee",
                                                    money(q, q->at.ship_cvs), "chains", chains));
    json_decref(chains);
    return list;
}

static json_t *methods_json(const struct quote *q)
{
    json_t *list = json_array();
    for (size_t i = 0; i < q->method_count; i++)
        (void)json_array_append_new(list, order_method_json(&q->methods[i],
                                                            quote_method_problem(q, &q->methods[i]),
                                                            q->at.market->currency));
    return list;
}

static json_t *exempt_json(const struct quote *q)
{
    json_t *list = json_array();
    for (size_t i = 0; i < q->count; i++)
        if (strcmp(q->items[i].exempt, "none") != 0)
            (void)json_array_append_new(
                list, json_pack("{s:i,s:s}", "no", (int)i + 1, "reason", q->items[i].exempt));
    return list;
}

static json_t *addresses_json(struct db *db, struct cx *cx, const struct quote *q, bool own)
{
    json_t *list = json_array();
    const char *text;
    if (!own)
        return list;
    struct rows r =
        db_rows(db, &SQL_quote_addresses, ARGS(V(q->cart.viewer_id), V(q->at.market->code)));
    while (rows_next(&r, cx->arena, COLS(C(&text))))
        (void)json_array_append_new(list, stored_json(text));
    if (rows_end(&r)) {
        json_decref(list);
        return NULL;
    }
    return list;
}

static int64_t first_clock(const struct quote *q)
{
    int64_t until = 0;
    for (size_t i = 0; i < q->count; i++)
        if (!until || q->items[i].line.until_ms < until)
            until = q->items[i].line.until_ms;
    return until;
}

static json_t *coupon_json(const struct quote *q)
{
    if (!q->coupon.id)
        return json_null();
    return json_pack("{s:s,s:s,s:s,s:o}", "id", q->coupon.public_id, "code", q->coupon.code, "kind",
                     q->coupon.kind, "discount", money(q, q->sum.discount));
}

static void put(json_t *o, const char *key, json_t *v)
{
    (void)json_object_set_new(o, key, v);
}

json_t *quote_json(struct db *db, struct cx *cx, const struct quote *q, bool own)
{
    const struct market *m = q->at.market;
    json_t *j =
        json_pack("{s:s,s:{s:s,s:s,s:s},s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:I,s:o}", "cart",
                  q->cart.public_id, "shop", "id", q->shop.public_id, "slug", q->shop.slug, "name",
                  q->shop.name, "market", m->code, "currency", m->currency, "lines", lines_json(q),
                  "subtotal", money(q, q->sum.subtotal), "discount", money(q, q->sum.discount),
                  "shipping", money(q, q->sum.shipping), "tax", money(q, q->sum.tax), "tax_bp",
                  (json_int_t)m->tax_bp, "total", money(q, q->sum.total));
    if (!j)
        return NULL;
    put(j, "free_over", q->at.free_over >= 0 ? money(q, q->at.free_over) : json_null());
    put(j, "free_remaining",
        q->sum.free_remaining > 0 ? money(q, q->sum.free_remaining) : json_null());
    put(j, "hold_until", ms_or_null(first_clock(q)));
    put(j, "coupon", coupon_json(q));
    put(j, "coupon_problem", q->coupon.problem ? json_string(q->coupon.problem) : json_null());
    put(j, "delivery", json_string(delivery_name(q->delivery)));
    put(j, "deliveries", deliveries_json(q));
    put(j, "pay_method", json_string(q->method ? q->method->id : "none"));
    put(j, "pay_methods", methods_json(q));
    put(j, "withdrawal",
        json_pack("{s:I,s:s}", "days", (json_int_t)m->return_days, "version", "2026-11"));
    put(j, "exempt", exempt_json(q));
    put(j, "addresses", addresses_json(db, cx, q, own));
    put(j, "quote_hash", json_string(q->hash));
    return j;
}

static size_t keep_held(struct cart_item *items, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (items[i].line.state == LINE_STATE_HELD)
            items[kept++] = items[i];
    return kept;
}

enum err quote_read(struct orders *o, struct db *db, struct cx *cx, const struct room_who *who,
                    const struct cart_ref *ref, const struct quote_ask *ask, json_t **ret_quote)
{
    struct cart cart = {.id = 0};
    struct cart_item *items = NULL;
    struct quote q = {.gone = false};
    size_t n = 0;
    bool open = true;
    enum err e = cart_by_ref(db, cx, who, ref, true, &cart, &open);
    if (!e && open)
        e = cart_read(db, cx, cart.id, &items, &n);
    if (!e)
        e = quote_make(o, db, cx, &cart, items, keep_held(items, n), ask, &q);
    if (e)
        return e;
    assert(q.at.market); /* a cart has one, and quote_make() read it */
    json_t *j = quote_json(db, cx, &q, who->viewer_id && who->viewer_id == cart.viewer_id);
    if (!j)
        return ERR_NO_MEMORY;
    *ret_quote = j;
    return ERR_OK;
}
