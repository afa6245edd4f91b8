#include "base/arena.h"
#include "catalog/catalog.h"
#include "catalog/product.sql.h"
#include "store/store.h"

#include <assert.h>
#include <string.h>

static const char *const status_names[PRODUCT_STATUS_COUNT] = {
#define X(name, text) text,
    PRODUCT_STATUS_TABLE(X)
#undef X
};

const char *product_status_name(enum product_status s)
{
    assert(s < PRODUCT_STATUS_COUNT);
    return status_names[s];
}

enum err product_status_parse(const char *text, enum product_status *ret_status)
{
    for (unsigned s = 0; s < PRODUCT_STATUS_COUNT; s++) {
        if (strcmp(text, status_names[s]) == 0) {
            *ret_status = (enum product_status)s;
            return ERR_OK;
        }
    }
    return ERR_INPUT;
}

bool product_exempt_ok(const char *word)
{
    static const char *const known[] = {"none",    "fresh", "custom",     "hygiene",
                                        "digital", "media", "periodical", "other"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(word, known[i]) == 0)
            return true;
    return false;
}

/* ---- variants and their prices ---- */

static void no_prices(struct variant *v)
{
    for (size_t i = 0; i < MARKET_COUNT; i++)
        v->price[i] = (struct price){-1, -1};
}

/* The columns of variant_list and variant_get. */
struct variant_row {
    struct variant v;
    bool has_weight, has_cost;
};
#define VARIANT_COLS(r)                                                                       \
    COLS(C(&(r).v.id), C(&(r).v.product_id), C(&(r).v.shop_id), C(&(r).v.public_id),          \
         C(&(r).v.sku), C(&(r).v.options), C(&(r).v.active), C(&(r).v.track_stock),           \
         C(&(r).v.stock_total), C(&(r).v.stock_held), C(&(r).has_weight), C(&(r).v.weight_g), \
         C(&(r).has_cost), C(&(r).v.cost))

static struct variant variant_of(const struct variant_row *r)
{
    struct variant v = r->v;
    v.weight_g = r->has_weight ? v.weight_g : -1;
    v.cost = r->has_cost ? v.cost : -1;
    no_prices(&v);
    return v;
}

/* Rows of (variant, market, amount, compare_at), variants in the order of the list. */
static enum err read_prices(struct db *db, struct arena *arena, const struct sql *q, int64_t id,
                            struct variant *list, size_t count)
{
    int64_t variant_id = 0, amount = 0, compare_at = 0;
    bool has_compare = false;
    const char *code = NULL;
    size_t at = 0;
    struct rows r = db_rows(db, q, ARGS(V(id), V((int64_t)(VARIANTS_MAX * MARKET_COUNT * 2))));
    while (rows_next(&r, arena,
                     COLS(C(&variant_id), C(&code), C(&amount), C(&has_compare), C(&compare_at)))) {
        const struct market *m = market_find(code);
        while (at < count && list[at].id != variant_id)
            at++;
        if (m && at < count)
            list[at].price[market_index(m)] = (struct price){amount, has_compare ? compare_at : -1};
    }
    return rows_end(&r);
}

enum err variant_list(struct db *db, struct arena *arena, int64_t product_id,
                      struct variant **ret_list, size_t *ret_count)
{
    struct variant *list = arena_array(arena, struct variant, VARIANTS_MAX);
    size_t count = 0;
    if (!list)
        return ERR_NO_MEMORY;
    struct variant_row row = {.has_cost = false};
    struct rows r = db_rows(db, &SQL_variant_list, ARGS(V(product_id), V(VARIANTS_MAX)));
    while (count < VARIANTS_MAX && rows_next(&r, arena, VARIANT_COLS(row)))
        list[count++] = variant_of(&row);
    enum err e = rows_end(&r);
    if (!e)
        e = read_prices(db, arena, &SQL_price_list_product, product_id, list, count);
    if (e)
        return e;
    *ret_list = list;
    *ret_count = count;
    return ERR_OK;
}

enum err variant_by_id(struct db *db, struct arena *arena, int64_t shop_id, int64_t id,
                       struct variant *ret_variant)
{
    struct variant_row row = {.has_cost = false};
    enum err e = db_row(db, arena, &SQL_variant_get, ARGS(V(shop_id), V(id)), VARIANT_COLS(row));
    if (e)
        return e;
    struct variant v = variant_of(&row);
    e = read_prices(db, arena, &SQL_price_list_variant, id, &v, 1);
    if (!e)
        *ret_variant = v;
    return e;
}

enum err variant_by_public_id(struct db *db, struct arena *arena, int64_t shop_id,
                              const char *public_id, struct variant *ret_variant)
{
    int64_t id = 0;
    enum err e = db_i64(db, &SQL_variant_id, ARGS(V(shop_id), V(public_id)), &id);
    return e ? e : variant_by_id(db, arena, shop_id, id, ret_variant);
}

enum err price_of(struct db *db, int64_t shop_id, int64_t variant_id, const char *market,
                  int64_t *ret_amount)
{
    return db_i64(db, &SQL_price_now, ARGS(V(variant_id), V(shop_id), V(market)), ret_amount);
}

int64_t variant_left(const struct variant *v)
{
    return v->track_stock ? v->stock_total - v->stock_held : INT64_MAX;
}

int64_t product_left(const struct product *p)
{
    int64_t sum = 0;
    for (size_t i = 0; i < p->variant_count; i++) {
        const struct variant *v = &p->variants[i];
        if (v->active && __builtin_add_overflow(sum, variant_left(v), &sum))
            return INT64_MAX;
    }
    return sum;
}

/* ---- products ---- */

static enum err read_media(struct db *db, struct arena *arena, struct product *p)
{
    struct product_media m = {0};
    p->media = arena_array(arena, struct product_media, MEDIA_MAX);
    if (!p->media)
        return ERR_NO_MEMORY;
    struct rows r = db_rows(db, &SQL_product_media_list, ARGS(V(p->id), V(MEDIA_MAX)));
    while (p->media_count < MEDIA_MAX &&
           rows_next(&r, arena,
                     COLS(C(&m.file_id), C(&m.key), C(&m.builtin), C(&m.width), C(&m.height))))
        p->media[p->media_count++] = m;
    return rows_end(&r);
}

enum err product_by_id(struct db *db, struct arena *arena, int64_t shop_id, int64_t id,
                       struct product *ret_product)
{
    struct product p = {0};
    const char *status = NULL;
    enum err e = db_row(db, arena, &SQL_product_get, ARGS(V(shop_id), V(id)),
                        COLS(C(&p.id), C(&p.shop_id), C(&p.public_id), C(&p.title), C(&p.body),
                             C(&p.options), C(&p.category), C(&status), C(&p.exempt), C(&p.version),
                             C(&p.created_ms), C(&p.updated_ms)));
    if (!e && product_status_parse(status, &p.status))
        return ERR_INTERNAL;
    if (!e)
        e = read_media(db, arena, &p);
    if (!e)
        e = variant_list(db, arena, id, &p.variants, &p.variant_count);
    if (!e)
        *ret_product = p;
    return e;
}

enum err product_by_public_id(struct db *db, struct arena *arena, int64_t shop_id,
                              const char *public_id, struct product *ret_product)
{
    int64_t id = 0;
    enum err e = db_i64(db, &SQL_product_id, ARGS(V(shop_id), V(public_id)), &id);
    return e ? e : product_by_id(db, arena, shop_id, id, ret_product);
}

enum err product_of_variant(struct db *db, struct arena *arena, int64_t shop_id, int64_t variant_id,
                            struct product *ret_product)
{
    int64_t id = 0;
    enum err e = db_i64(db, &SQL_product_id_of_variant, ARGS(V(shop_id), V(variant_id)), &id);
    return e ? e : product_by_id(db, arena, shop_id, id, ret_product);
}
