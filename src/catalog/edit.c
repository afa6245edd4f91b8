#include "catalog/edit.h"
#include "base/arena.h"
#include "catalog/product.sql.h"
#include "catalog/terms_in.h"
#include "stock/stock.h"
#include "store/store.h"

#include <string.h>

static struct val number_or_null(int64_t n)
{
    return n < 0 ? VNULL : V(n);
}

/* ---- prices ---- */

static enum err put_price(struct tx *tx, int64_t variant_id, int64_t actor_id,
                          const struct market *m, struct price p)
{
    enum err e;
    if (p.amount < 0)
        e = db_do(tx->db, &SQL_price_drop, ARGS(V(variant_id), V(m->code)), NULL);
    else
        e = db_do(tx->db, &SQL_price_put,
                  ARGS(V(variant_id), V(m->code), V(p.amount), number_or_null(p.compare_at)), NULL);
    if (e)
        return e;
    return db_do(tx->db, &SQL_price_log_insert,
                 ARGS(V(id_next()), V(variant_id), V(m->code), number_or_null(p.amount),
                      number_or_null(p.compare_at), actor_id ? V(actor_id) : VNULL,
                      V(tx->cx->now_ms)),
                 NULL);
}

/* What differs from `now` (NULL: everything that has an amount). */
static enum err put_prices(struct tx *tx, int64_t variant_id, int64_t actor_id,
                           const struct price now[MARKET_COUNT], const bool set[MARKET_COUNT],
                           const struct price price[MARKET_COUNT])
{
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < MARKET_COUNT; i++) {
        struct price was = now ? now[i] : (struct price){-1, -1};
        if (set[i] && (was.amount != price[i].amount || was.compare_at != price[i].compare_at))
            e = put_price(tx, variant_id, actor_id, &markets[i], price[i]);
    }
    return e;
}

enum err product_set_prices(struct tx *tx, int64_t shop_id, int64_t variant_id, int64_t actor_id,
                            const bool set[MARKET_COUNT], const struct price price[MARKET_COUNT])
{
    struct variant v;
    enum err e = variant_by_id(tx->db, tx->cx->arena, shop_id, variant_id, &v);
    if (e == ERR_NOT_FOUND)
        return problem(tx->cx, e, "no such variant");
    return e ? e : put_prices(tx, variant_id, actor_id, v.price, set, price);
}

/* ---- parts of a product ---- */

static enum err find_category(struct tx *tx, const struct product_save *save, struct val *ret_id)
{
    int64_t id = 0;
    *ret_id = VNULL;
    if (!save->spec.category)
        return ERR_OK;
    enum err e =
        db_i64(tx->db, &SQL_category_find, ARGS(V(save->spec.category), V(save->shop_id)), &id);
    if (e == ERR_NOT_FOUND)
        return problem(tx->cx, e, "no such category");
    *ret_id = V(id);
    return e;
}

static enum err put_one_media(struct tx *tx, const struct product_save *save, size_t i)
{
    const char *name = save->spec.media[i];
    int64_t file_id = 0;
    bool builtin = builtin_media_ok(name);
    enum err e = builtin
                     ? ERR_OK
                     : db_i64(tx->db, &SQL_file_find, ARGS(V(name), V(save->shop_id)), &file_id);
    if (e == ERR_NOT_FOUND)
        return problem(tx->cx, e, "no such picture, or it is not ready");
    return e ? e
             : db_do(tx->db, &SQL_product_media_insert,
                     ARGS(V(save->id), V((int64_t)i + 1), builtin ? VNULL : V(file_id),
                          V(builtin ? name : NULL)),
                     NULL);
}

static enum err put_media(struct tx *tx, const struct product_save *save)
{
    enum err e = db_do(tx->db, &SQL_product_media_drop, ARGS(V(save->id)), NULL);
    for (size_t i = 0; !e && i < save->spec.media_count; i++)
        e = put_one_media(tx, save, i);
    return e;
}

static enum err put_terms(struct tx *tx, const struct product_save *save)
{
    if (!save->terms)
        return ERR_OK;
    enum err e = db_do(tx->db, &SQL_product_term_drop, ARGS(V(save->id)), NULL);
    for (size_t i = 0; !e && i < save->term_count; i++)
        e = db_do(
            tx->db, &SQL_product_term_insert,
            ARGS(V(save->shop_id), V(save->terms[i].text), V(save->id), V(save->terms[i].weight)),
            NULL);
    return e;
}

/* ---- variants ---- */

static enum err sku_taken(struct cx *cx, const struct variant_spec *v)
{
    return problem(cx, ERR_EXISTS, "the SKU '%s' is taken", v->sku);
}

static enum err add_variant(struct stock_turn *turn, const struct product_save *save, size_t i)
{
    const struct variant_spec *v = &save->spec.variants[i];
    struct tx *tx = turn->tx;
    struct stock_level level;
    int64_t added = 0;
    enum err e =
        db_do(tx->db, &SQL_variant_insert,
              ARGS(V(v->new_id), V(v->new_public_id), V(save->id), V(save->shop_id),
                   V((int64_t)i + 1), V(v->sku), V(v->options), V(v->active), V(v->track_stock),
                   number_or_null(v->weight_g), number_or_null(v->cost)),
              &added);
    if (!e && !added)
        return sku_taken(tx->cx, v);
    if (!e)
        e = put_prices(tx, v->new_id, save->actor_id, NULL, v->set_price, v->price);
    if (e || !v->stock)
        return e;
    const struct stock_adjust first = {.variant_id = v->new_id,
                                       .delta = v->stock,
                                       .reason = STOCK_IMPORT,
                                       .actor_id = save->actor_id};
    return stock_adjust(turn, &first, &level);
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_variant(const struct variant *v, size_t at, const struct variant_spec *s, size_t i)
{
    return at == i && same_text(v->sku, s->sku) && strcmp(v->options, s->options) == 0 &&
           v->active == s->active && v->track_stock == s->track_stock &&
           v->weight_g == s->weight_g && v->cost == s->cost;
}

static enum err edit_variant(struct tx *tx, const struct product_save *save, size_t i,
                             const struct variant *v, size_t at)
{
    const struct variant_spec *s = &save->spec.variants[i];
    int64_t changed = 1;
    enum err e = ERR_OK;
    if (!same_variant(v, at, s, i))
        e = db_do(tx->db, &SQL_variant_edit,
                  ARGS(V((int64_t)i + 1), V(s->sku), V(s->options), V(s->active), V(s->track_stock),
                       number_or_null(s->weight_g), number_or_null(s->cost), V(v->id),
                       V(save->shop_id)),
                  &changed);
    if (!e && !changed)
        return sku_taken(tx->cx, s);
    return e ? e : put_prices(tx, v->id, save->actor_id, v->price, s->set_price, s->price);
}

/* What is there, and which of the spec is for it. */
struct grid {
    struct variant *now;
    size_t count;
    bool kept[VARIANTS_MAX];
};

static enum err match(struct tx *tx, struct grid *g, const struct variant_spec *s, size_t *ret_at)
{
    for (size_t i = 0; i < g->count; i++) {
        const struct variant *v = &g->now[i];
        if (!g->kept[i] && (s->public_id ? strcmp(v->public_id, s->public_id) == 0
                                         : strcmp(v->options, s->options) == 0)) {
            g->kept[i] = true;
            *ret_at = i;
            return ERR_OK;
        }
    }
    *ret_at = SIZE_MAX;
    return s->public_id ? problem(tx->cx, ERR_NOT_FOUND, "no such variant") : ERR_OK;
}

/* In the order in which all jobs take variants: by id. */
static enum err lock_all(struct tx *tx, const struct grid *g)
{
    int64_t ids[VARIANTS_MAX];
    enum err e = ERR_OK;
    for (size_t i = 0; i < g->count; i++) {
        size_t at = i;
        for (; at && ids[at - 1] > g->now[i].id; at--)
            ids[at] = ids[at - 1];
        ids[at] = g->now[i].id;
    }
    for (size_t i = 0; !e && i < g->count; i++)
        e = db_do(tx->db, &SQL_variant_lock, ARGS(V(ids[i])), NULL);
    return e;
}

/* Those that get another SKU lose theirs first. */
static enum err free_skus(struct tx *tx, const struct product_save *save, const struct grid *g,
                          const size_t *at)
{
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < save->spec.variant_count; i++) {
        const struct variant *v = at[i] == SIZE_MAX ? NULL : &g->now[at[i]];
        if (v && v->sku && !same_text(v->sku, save->spec.variants[i].sku))
            e = db_do(tx->db, &SQL_variant_drop_sku, ARGS(V(v->id)), NULL);
    }
    return e;
}

static enum err put_grid(struct stock_turn *turn, const struct product_save *save)
{
    struct tx *tx = turn->tx;
    struct grid g = {.count = 0};
    size_t at[VARIANTS_MAX];
    enum err e = variant_list(tx->db, tx->cx->arena, save->id, &g.now, &g.count);
    if (!e)
        e = lock_all(tx, &g);
    for (size_t i = 0; !e && i < save->spec.variant_count; i++)
        e = match(tx, &g, &save->spec.variants[i], &at[i]);
    if (!e)
        e = free_skus(tx, save, &g, at);
    for (size_t i = 0; !e && i < save->spec.variant_count; i++)
        e = at[i] == SIZE_MAX ? add_variant(turn, save, i)
                              : edit_variant(tx, save, i, &g.now[at[i]], at[i]);
    for (size_t i = 0; !e && i < g.count; i++)
        if (!g.kept[i])
            e = db_do(tx->db, &SQL_variant_off, ARGS(V(g.now[i].id)), NULL);
    return e;
}

/* ---- a product ---- */

enum err product_create(struct stock_turn *turn, struct product_save *save)
{
    const struct product_spec *s = &save->spec;
    struct tx *tx = turn->tx;
    struct val category;
    enum err e = find_category(tx, save, &category);
    if (!e)
        e = db_do(tx->db, &SQL_product_insert,
                  ARGS(V(save->id), V(save->public_id), V(save->shop_id), V(s->title), V(s->body),
                       V(s->options), category, V(product_status_name(s->status)), V(s->exempt),
                       V(tx->cx->now_ms)),
                  NULL);
    if (!e)
        e = put_media(tx, save);
    if (!e)
        e = put_terms(tx, save);
    for (size_t i = 0; !e && i < s->variant_count; i++)
        e = add_variant(turn, save, i);
    return e;
}

/* Of the shop, and as the editor saw it. */
static enum err check_version(struct tx *tx, int64_t shop_id, const char *public_id,
                              int64_t version)
{
    int64_t now = 0;
    enum err e = db_i64(tx->db, &SQL_product_version, ARGS(V(shop_id), V(public_id)), &now);
    if (e == ERR_NOT_FOUND)
        return problem(tx->cx, e, "no such product");
    if (!e && now != version)
        return problem(tx->cx, ERR_PRECONDITION, "the product was changed meanwhile");
    return e;
}

enum err product_update(struct stock_turn *turn, struct product_save *save)
{
    const struct product_spec *s = &save->spec;
    struct tx *tx = turn->tx;
    struct val category;
    int64_t changed = 0;
    enum err e = find_category(tx, save, &category);
    if (!e)
        e = db_do(tx->db, &SQL_product_edit,
                  ARGS(V(s->title), V(s->body), V(s->options), category,
                       V(product_status_name(s->status)), V(s->exempt), V(tx->cx->now_ms),
                       V(save->id), V(save->shop_id), V(save->version)),
                  &changed);
    if (!e && !changed)
        e = check_version(tx, save->shop_id, save->public_id, save->version);
    if (!e && !changed)
        return ERR_INTERNAL;
    if (!e)
        e = put_media(tx, save);
    if (!e)
        e = put_terms(tx, save);
    return e ? e : put_grid(turn, save);
}

static enum err drop_all(struct tx *tx, int64_t id)
{
    static const struct sql *const all[] = {&SQL_product_term_drop,
                                            &SQL_product_media_drop,
                                            &SQL_price_drop_product,
                                            &SQL_price_log_drop_product,
                                            &SQL_variant_drop_product,
                                            &SQL_product_drop,
                                            NULL};
    enum err e = ERR_OK;
    for (size_t i = 0; !e && all[i]; i++)
        e = db_do(tx->db, all[i], ARGS(V(id)), NULL);
    return e;
}

enum err product_delete(struct tx *tx, int64_t shop_id, const char *public_id, int64_t version,
                        bool *ret_archived)
{
    int64_t id = 0;
    bool used = false;
    enum err e = check_version(tx, shop_id, public_id, version);
    if (!e)
        e = db_i64(tx->db, &SQL_product_id, ARGS(V(shop_id), V(public_id)), &id);
    if (!e)
        e = db_row(tx->db, NULL, &SQL_product_used, ARGS(V(id)), COLS(C(&used)));
    if (!e)
        e = used ? db_do(tx->db, &SQL_product_archive, ARGS(V(tx->cx->now_ms), V(id)), NULL)
                 : drop_all(tx, id);
    if (!e)
        *ret_archived = used;
    return e;
}
