/* A listing as the API and the events tell it. */
#include "base/arena.h"
#include "base/json.h"
#include "room/listing.sql.h"
#include "room/sale.sql.h"
#include "room/sell_in.h"

#include <string.h>

json_t *money_json(int64_t amount, const char *currency)
{
    return json_pack("{s:I, s:s}", "amount", (json_int_t)amount, "currency", currency);
}

json_t *amounts_json(const int64_t amount[MARKET_COUNT])
{
    json_t *o = json_object();
    for (int m = 0; o && m < MARKET_COUNT; m++)
        if (amount[m] >= 0)
            (void)json_object_set_new(o, markets[m].code,
                                      money_json(amount[m], markets[m].currency));
    return o;
}

/* [{"name","values":[[name, alias …]]}] becomes [{"name","values":[name]}]. */
static json_t *option_names(const char *stored)
{
    json_t *in = stored_json(stored), *out = json_array();
    for (size_t i = 0; i < json_array_size(in); i++) {
        const json_t *option = json_array_get(in, i);
        const json_t *values = json_object_get(option, "values");
        json_t *names = json_array();
        for (size_t k = 0; k < json_array_size(values); k++)
            (void)json_array_append(names, json_array_get(json_array_get(values, k), 0));
        (void)json_array_append_new(out, json_pack("{s:O?, s:o, s:O?}", "name",
                                                   json_object_get(option, "name"), "values", names,
                                                   "words", values));
    }
    json_decref(in);
    return out;
}

/* ---- all of a show ---- */

/* The listings being told of, by position; objects are the array's. */
struct telling {
    struct listing *list;
    json_t **object; /* NULL: not told of */
    size_t count;
};

static json_t *listing_object(const struct listing *l)
{
    return json_pack("{s:s, s:s, s:I, s:s, s:s, s:b, s:I, s:I, s:[], s:n}", "id", l->public_id,
                     "code", l->code, "position", (json_int_t)l->position, "state",
                     listing_state_name(l->state), "claim_mode", claim_mode_name(l->mode),
                     "claim_open", (int)l->claim_open, "per_buyer_max", (json_int_t)l->each,
                     "version", (json_int_t)l->version, "variants", "deal");
}

static enum err begin(struct db *db, struct cx *cx, int64_t show_id, int64_t listing_id, bool staff,
                      struct telling *t, json_t *array)
{
    enum err e = listings_read(db, cx, show_id, &t->list, &t->count);
    if (e)
        return e;
    t->object = arena_array(cx->arena, json_t *, t->count + 1);
    if (!t->object)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < t->count; i++) {
        const struct listing *l = &t->list[i];
        if (listing_id ? l->id != listing_id : l->state == LISTING_WITHDRAWN && !staff)
            continue;
        t->object[i] = listing_object(l);
        if (!t->object[i] || json_array_append_new(array, t->object[i]))
            return ERR_NO_MEMORY;
    }
    return ERR_OK;
}

/* Rows come in the listings' order: `*at` only grows. NULL: not told of. */
static json_t *object_of(const struct telling *t, int64_t listing_id, size_t *at)
{
    while (*at < t->count && t->list[*at].id != listing_id)
        (*at)++;
    return *at < t->count ? t->object[*at] : NULL;
}

static enum err add_texts(struct db *db, struct cx *cx, int64_t show_id, int64_t listing_id,
                          const struct telling *t)
{
    int64_t id;
    const char *product, *title, *options, *key = NULL, *builtin = NULL;
    size_t at = 0;
    struct rows rows = db_rows(db, &SQL_listing_texts, ARGS(V(show_id), V(listing_id)));
    while (rows_next(&rows, cx->arena,
                     COLS(C(&id), C(&product), C(&title), C(&options), C(&key), C(&builtin)))) {
        json_t *o = object_of(t, id, &at);
        struct product_media media = {.key = key, .builtin = builtin};
        const struct product p = {.media = &media, .media_count = key || builtin ? 1 : 0};
        if (!o)
            continue;
        (void)json_object_set_new(o, "product_id", json_string(product));
        (void)json_object_set_new(o, "title", stored_json(title));
        (void)json_object_set_new(o, "options", option_names(options));
        (void)json_object_set_new(o, "image", product_image_json(&p));
        key = builtin = NULL;
    }
    return rows_end(&rows);
}

/* One row for each variant and market. */
struct variant_row {
    int64_t listing_id, id, total, held, amount, compare_at;
    const char *public_id, *options, *market;
    bool tracked;
};

static json_t *variant_object(const struct variant_row *v)
{
    int64_t left = v->tracked ? v->total - v->held : INT64_MAX;
    return json_pack("{s:s, s:o, s:o, s:{}, s:{}}", "id", v->public_id, "options",
                     stored_json(v->options), "left", left_json(left), "prices", "compare_at");
}

static void add_price(json_t *variant, const struct variant_row *v)
{
    const struct market *m = market_find(v->market);
    if (!variant || !m)
        return;
    (void)json_object_set_new(json_object_get(variant, "prices"), m->code,
                              money_json(v->amount, m->currency));
    if (v->compare_at >= 0)
        (void)json_object_set_new(json_object_get(variant, "compare_at"), m->code,
                                  money_json(v->compare_at, m->currency));
}

static enum err add_variants(struct db *db, struct cx *cx, int64_t show_id, int64_t listing_id,
                             const struct telling *t)
{
    struct variant_row v = {.market = NULL};
    int64_t last = 0, last_listing = 0;
    json_t *variant = NULL;
    size_t at = 0;
    struct rows rows = db_rows(db, &SQL_listing_variants, ARGS(V(show_id), V(listing_id)));
    while (
        rows_next(&rows, cx->arena,
                  COLS(C(&v.listing_id), C(&v.id), C(&v.public_id), C(&v.options), C(&v.total),
                       C(&v.held), C(&v.tracked), C(&v.market), C(&v.amount), C(&v.compare_at)))) {
        json_t *o = object_of(t, v.listing_id, &at);
        if (v.id != last || v.listing_id != last_listing) {
            last = v.id;
            last_listing = v.listing_id;
            variant = o ? variant_object(&v) : NULL;
            if (variant)
                (void)json_array_append_new(json_object_get(o, "variants"), variant);
        }
        add_price(variant, &v);
        v.market = NULL;
    }
    return rows_end(&rows);
}

static enum err add_deals(struct db *db, struct cx *cx, int64_t show_id, bool staff,
                          const struct telling *t)
{
    struct deal *list;
    size_t n;
    enum err e = deals_read(db, cx, show_id, staff, &list, &n);
    for (size_t i = 0; !e && i < n; i++) {
        size_t at = 0;
        json_t *o = object_of(t, list[i].listing_id, &at);
        if (o && list[i].state != DEAL_CLOSED && list[i].state != DEAL_CANCELLED)
            (void)json_object_set_new(o, "deal", deal_json(&list[i]));
    }
    return e;
}

enum err listings_json(struct db *db, struct cx *cx, int64_t show_id, int64_t listing_id,
                       bool staff, json_t **ret_array)
{
    struct telling t = {.count = 0};
    json_t *array = json_array();
    enum err e = array ? begin(db, cx, show_id, listing_id, staff, &t, array) : ERR_NO_MEMORY;
    if (!e && t.count)
        e = add_texts(db, cx, show_id, listing_id, &t);
    if (!e && t.count)
        e = add_variants(db, cx, show_id, listing_id, &t);
    if (!e && t.count)
        e = add_deals(db, cx, show_id, staff, &t);
    if (e)
        json_decref(array);
    else
        *ret_array = array;
    return e;
}

enum err pinned_json(struct db *db, struct cx *cx, const struct sale *sale, json_t **ret_pinned)
{
    struct listing l;
    int64_t start = 0;
    if (!sale->pinned_id) {
        *ret_pinned = json_null();
        return ERR_OK;
    }
    enum err e = listing_read_id(db, cx, sale->pinned_id, &l);
    if (!e)
        e = db_i64(db, &SQL_segment_by_id, ARGS(V(sale->segment_id)), &start);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_STORE : e;
    *ret_pinned = json_pack("{s:s, s:s, s:I}", "listing_id", l.public_id, "code", l.code,
                            "segment_start", (json_int_t)start);
    return *ret_pinned ? ERR_OK : ERR_NO_MEMORY;
}

enum err listing_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                      const char *show, json_t **ret_list)
{
    struct show s;
    struct sale sale;
    json_t *items = NULL, *pinned = NULL;
    enum err e = show_find(r, db, cx, who, show, &s);
    if (!e)
        e = sale_read(db, cx, s.id, &sale);
    if (!e)
        e = pinned_json(db, cx, &sale, &pinned);
    if (!e)
        e = listings_json(db, cx, s.id, 0,
                          account_may(room_role(who, s.shop_id), ACTION_STUDIO_SEE), &items);
    if (e) {
        json_decref(pinned);
        return e;
    }
    *ret_list = json_pack("{s:o, s:o, s:o}", "items", items, "pinned", pinned, "sale",
                          sale_json(&sale.set));
    return *ret_list ? ERR_OK : ERR_NO_MEMORY;
}
