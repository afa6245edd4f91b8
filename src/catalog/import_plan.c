/*
 * A product of a file, over what the shop has: written as the request that an editor would send, so
 * that one place alone knows what a product may be.
 */
#include "base/arena.h"
#include "base/text.h"
#include "catalog/import.sql.h"
#include "catalog/import_in.h"
#include "catalog/spec_in.h"
#include "store/store.h"

#include <string.h>

struct planning {
    struct db *db;
    struct cx *cx;
    int64_t shop_id;
    struct import_file *f;
    const struct import_product *p;
    struct product now; /* with `known` */
    bool known;
    bool changed_units;
    struct import_count *counts;
    size_t count_count;
    bool used[VARIANTS_MAX]; /* of now.variants: a row is for it */
};

/* The first row that says something in this column. */
static const char *cell(const struct import_product *p, enum import_column c)
{
    for (const struct import_row *r = p->rows; r; r = r->next)
        if (r->cell[c])
            return r->cell[c];
    return NULL;
}

/* ---- which product it is ---- */

static enum err refuse(struct planning *pl, const struct import_row *r, enum import_column c,
                       const char *code, const char *why)
{
    import_fault(pl->f, r->line, import_column_name(c), code, why);
    return problem(pl->cx, ERR_CONFLICT, "%s", why);
}

static enum err find_by_skus(struct planning *pl, int64_t *ret_id)
{
    int64_t found = 0;
    for (const struct import_row *r = pl->p->rows; r; r = r->next) {
        int64_t id = 0;
        const char *sku = r->cell[COLUMN_SKU];
        enum err e = sku ? db_i64(pl->db, &SQL_import_find_sku, ARGS(V(pl->shop_id), V(sku)), &id)
                         : ERR_NOT_FOUND;
        if (e == ERR_NOT_FOUND)
            continue;
        if (e)
            return e;
        if (found && id != found)
            return refuse(pl, r, COLUMN_SKU, "duplicate", "this SKU is of another product");
        found = id;
    }
    *ret_id = found;
    return ERR_OK;
}

static json_t *texts_of(const struct import_product *p, enum import_column zh, json_t *over)
{
    static const char *const langs[] = {"zh-TW", "th", "en"};
    json_t *o = json_is_object(over) ? json_copy(over) : json_object();
    for (unsigned i = 0; i < 3; i++) {
        const char *text = cell(p, (enum import_column)(zh + i));
        if (text)
            (void)json_object_set_new(o, langs[i], json_string(text));
    }
    return o;
}

/* As it would be stored: one that was made by this file before is the same. */
static enum err find_by_title(struct planning *pl, int64_t *ret_id)
{
    static const struct text_rule rule = {"title", PRODUCT_TITLE_CHARS_MAX, false, true};
    const char *title = NULL;
    json_t *o = texts_of(pl->p, COLUMN_TITLE_ZH, NULL);
    enum err e = texts_read(pl->cx, o, &rule, &title);
    json_decref(o);
    if (!e)
        e = db_i64(pl->db, &SQL_import_find_title, ARGS(V(pl->shop_id), V(title)), ret_id);
    pl->cx->problem[0] = '\0';
    return e == ERR_NOT_FOUND || e == ERR_INPUT ? ERR_OK : e;
}

static enum err find(struct planning *pl)
{
    int64_t id = 0;
    enum err e = find_by_skus(pl, &id);
    if (!e && !id && !cell(pl->p, COLUMN_SKU))
        e = find_by_title(pl, &id);
    if (e || !id)
        return e;
    pl->known = true;
    return product_by_id(pl->db, pl->cx->arena, pl->shop_id, id, &pl->now);
}

/* ---- options ---- */

/* "黑|black|ดำ" */
static json_t *words_of(struct arena *arena, const char *text)
{
    json_t *list = json_array();
    while (*text) {
        size_t n = strcspn(text, "|");
        char *word = arena_dup(arena, text, n);
        if (word && text_tidy(word, strlen(word)))
            (void)json_array_append_new(list, json_string(word));
        text += n + (text[n] == '|');
    }
    return list;
}

static json_t *find_value(const json_t *values, const char *name)
{
    for (size_t i = 0; i < json_array_size(values); i++) {
        json_t *v = json_array_get(values, i);
        if (strcmp(json_string_value(json_array_get(v, 0)), name) == 0)
            return v;
    }
    return NULL;
}

/* Values that are new go behind; aliases that a file gives are taken over. */
static void add_value(json_t *all, json_t *words)
{
    const char *name = json_string_value(json_array_get(words, 0));
    json_t *known = name ? find_value(all, name) : NULL;
    if (name && !known)
        (void)json_array_append(all, words);
    else if (known && json_array_size(words) > 1) {
        (void)json_array_clear(known);
        (void)json_array_extend(known, words);
    }
    json_decref(words);
}

static json_t *option_json(struct planning *pl, unsigned slot, const json_t *was)
{
    enum import_column at = (enum import_column)(COLUMN_OPTION1 + 2 * slot);
    const char *name = cell(pl->p, (enum import_column)(at - 1));
    json_t *values = json_deep_copy(json_object_get(was, "values"));
    if (!values)
        values = json_array();
    for (const struct import_row *r = pl->p->rows; r; r = r->next)
        if (r->cell[at])
            add_value(values, words_of(pl->cx->arena, r->cell[at]));
    if (!json_array_size(values)) {
        json_decref(values);
        return NULL;
    }
    if (!name)
        name = json_string_value(json_object_get(was, "name"));
    return json_pack("{s:s,s:o}", "name", name ? name : import_column_name(at), "values", values);
}

static json_t *options_json(struct planning *pl)
{
    json_t *list = json_array();
    json_t *was = pl->known ? stored_json(pl->now.options) : json_null();
    for (unsigned slot = 0; slot < OPTIONS_MAX; slot++) {
        json_t *o = option_json(pl, slot, json_array_get(was, slot));
        if (o)
            (void)json_array_append_new(list, o);
    }
    json_decref(was);
    return list;
}

/* What this row chose; NULL when it says nothing of options. */
static json_t *choice_json(struct planning *pl, const struct import_row *r)
{
    json_t *list = json_array();
    for (unsigned slot = 0; slot < OPTIONS_MAX; slot++) {
        const char *text = r->cell[COLUMN_OPTION1 + 2 * slot];
        json_t *words = text ? words_of(pl->cx->arena, text) : NULL;
        if (json_array_size(words))
            (void)json_array_append(list, json_array_get(words, 0));
        json_decref(words);
    }
    if (json_array_size(list))
        return list;
    json_decref(list);
    return NULL;
}

/* ---- variants ---- */

static enum err match(struct planning *pl, const struct import_row *r, const json_t *choice,
                      const struct variant **ret_variant)
{
    const char *sku = r->cell[COLUMN_SKU], *options = NULL;
    enum err e =
        arena_json(pl->cx->arena, choice ? json_deep_copy(choice) : json_array(), &options);
    *ret_variant = NULL;
    for (size_t i = 0; !e && pl->known && i < pl->now.variant_count; i++) {
        const struct variant *v = &pl->now.variants[i];
        bool same = sku && v->sku ? strcmp(v->sku, sku) == 0
                                  : (!sku || !v->sku) && strcmp(v->options, options) == 0;
        if (!same)
            continue;
        if (pl->used[i])
            return refuse(pl, r, COLUMN_OPTION1, "duplicate", "another row is for this variant");
        pl->used[i] = true;
        *ret_variant = v;
        return ERR_OK;
    }
    return e;
}

static void add_price(json_t *prices, const struct import_row *r, const struct variant *v,
                      size_t market, enum import_column at)
{
    struct price p = v ? v->price[market] : (struct price){-1, -1};
    const char *amount = r->cell[at], *compare = r->cell[at + 1];
    const char *currency = markets[market].currency;
    if ((!amount && !compare) || (amount && !import_amount(amount, currency, &p.amount)) ||
        (compare && !import_amount(compare, currency, &p.compare_at)) || p.amount < 0)
        return;
    json_t *was = p.compare_at < 0 ? json_null() : json_integer(p.compare_at);
    (void)json_object_set_new(
        prices, markets[market].code,
        json_pack("{s:I,s:o}", "amount", (json_int_t)p.amount, "compare_at", was));
}

static void note_units(struct planning *pl, const struct import_row *r, const struct variant *v,
                       json_t *o)
{
    int64_t units = 0;
    if (!r->cell[COLUMN_QUANTITY] || text_i64(r->cell[COLUMN_QUANTITY], 0, STOCK_MAX, &units))
        return;
    if (!v) {
        (void)json_object_set_new(o, "stock", json_integer(units));
        return;
    }
    pl->changed_units |= units != v->stock_total;
    pl->counts[pl->count_count++] = (struct import_count){v->public_id, units};
}

static enum err variant_json(struct planning *pl, const struct import_row *r, json_t *list)
{
    json_t *choice = choice_json(pl, r), *prices = json_object(), *o = json_object();
    const struct variant *v = NULL;
    int64_t weight = 0;
    enum err e = match(pl, r, choice, &v);
    if (v)
        (void)json_object_set_new(o, "id", json_string(v->public_id));
    if (choice || !v)
        (void)json_object_set(o, "options", choice);
    if (r->cell[COLUMN_SKU])
        (void)json_object_set_new(o, "sku", json_string(r->cell[COLUMN_SKU]));
    if (r->cell[COLUMN_WEIGHT] && !text_i64(r->cell[COLUMN_WEIGHT], 0, 1000000, &weight))
        (void)json_object_set_new(o, "weight_g", json_integer(weight));
    add_price(prices, r, v, 0, COLUMN_PRICE_TWD);
    add_price(prices, r, v, 1, COLUMN_PRICE_THB);
    (void)json_object_set_new(o, "prices", prices);
    note_units(pl, r, v, o);
    json_decref(choice);
    return json_array_append_new(list, o) && !e ? ERR_NO_MEMORY : e;
}

static enum err variants_json(struct planning *pl, json_t *list)
{
    enum err e = ERR_OK;
    for (const struct import_row *r = pl->p->rows; !e && r; r = r->next)
        e = variant_json(pl, r, list);
    for (size_t i = 0; !e && pl->known && i < pl->now.variant_count; i++)
        if (!pl->used[i])
            (void)json_array_append_new(list,
                                        json_pack("{s:s}", "id", pl->now.variants[i].public_id));
    return e;
}

/* ---- the request ---- */

static void set_texts(struct planning *pl, json_t *body, const char *name, enum import_column zh,
                      const char *was)
{
    json_t *over = was ? stored_json(was) : json_null();
    json_t *o = texts_of(pl->p, zh, over);
    json_decref(over);
    if (json_object_size(o))
        (void)json_object_set(body, name, o);
    json_decref(o);
}

static void set_word(struct planning *pl, json_t *body, const char *name, enum import_column c)
{
    const char *text = cell(pl->p, c);
    if (text)
        (void)json_object_set_new(body, name, json_string(text));
}

/* A category by its name in any language; one that is not there is made before the product. */
static enum err set_category(struct planning *pl, json_t *body, const char **ret_new)
{
    struct category *list = NULL;
    size_t count = 0;
    const char *name = cell(pl->p, COLUMN_CATEGORY);
    enum err e = name ? category_list(pl->db, pl->cx->arena, pl->shop_id, &list, &count) : ERR_OK;
    for (size_t i = 0; !e && i < count; i++) {
        const char *lang;
        json_t *names = stored_json(list[i].name), *v;
        bool same = false;
        json_object_foreach(names, lang, v) same = same || strcmp(json_string_value(v), name) == 0;
        json_decref(names);
        if (same)
            return json_object_set_new(body, "category", json_string(list[i].public_id))
                       ? ERR_NO_MEMORY
                       : ERR_OK;
    }
    *ret_new = name;
    return e;
}

static enum err body_json(struct planning *pl, json_t *body, const char **ret_category)
{
    json_t *variants = json_array();
    const char *image = cell(pl->p, COLUMN_IMAGE);
    set_texts(pl, body, "title", COLUMN_TITLE_ZH, pl->known ? pl->now.title : NULL);
    set_texts(pl, body, "body", COLUMN_BODY_ZH, pl->known ? pl->now.body : NULL);
    set_word(pl, body, "status", COLUMN_STATUS);
    set_word(pl, body, "exempt", COLUMN_EXEMPT);
    if (image)
        (void)json_object_set_new(body, "media", words_of(pl->cx->arena, image));
    (void)json_object_set_new(body, "options", options_json(pl));
    (void)json_object_set_new(body, "variants", variants);
    enum err e = variants ? variants_json(pl, variants) : ERR_NO_MEMORY;
    return e ? e : set_category(pl, body, ret_category);
}

/* ---- is it the same? ---- */

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_variant(const struct variant_spec *s, const struct variant *v)
{
    bool same = same_text(s->sku, v->sku) && strcmp(s->options, v->options) == 0 &&
                s->weight_g == v->weight_g && s->active == v->active;
    for (size_t i = 0; i < MARKET_COUNT; i++)
        same = same && (!s->set_price[i] || (s->price[i].amount == v->price[i].amount &&
                                             s->price[i].compare_at == v->price[i].compare_at));
    return same;
}

static bool same_product(const struct planning *pl, const struct product_spec *s)
{
    const struct product *p = &pl->now;
    bool same = same_text(s->title, p->title) && same_text(s->body, p->body) &&
                same_text(s->options, p->options) && same_text(s->category, p->category) &&
                s->status == p->status && strcmp(s->exempt, p->exempt) == 0 &&
                s->variant_count == p->variant_count && s->media_count == p->media_count;
    for (size_t i = 0; same && i < s->media_count; i++)
        same =
            same_text(s->media[i], p->media[i].builtin ? p->media[i].builtin : p->media[i].file_id);
    for (size_t i = 0; same && i < s->variant_count; i++) {
        const struct variant *v = NULL;
        for (size_t k = 0; k < p->variant_count && !v; k++)
            if (same_text(s->variants[i].public_id, p->variants[k].public_id))
                v = &p->variants[k];
        same = v && same_variant(&s->variants[i], v);
    }
    return same && !pl->changed_units;
}

/* ---- the plan ---- */

/* The spec points into it. */
static void drop_json(void *o)
{
    json_decref(o);
}

static enum err make(struct planning *pl, int64_t actor_id, const json_t *body, bool whole,
                     struct import_plan *plan)
{
    const struct product *now = pl->known ? &pl->now : NULL;
    struct product_spec spec;
    enum err e = spec_read(pl->cx, body, now, &spec);
    if (e)
        return e;
    if (pl->known && !plan->category && same_product(pl, &spec)) {
        plan->fate = IMPORT_SAME;
        return ERR_OK;
    }
    plan->fate = pl->known ? IMPORT_UPDATES : IMPORT_CREATES;
    e = whole ? product_make(pl->cx, pl->shop_id, actor_id, &spec, now, &plan->save)
              : product_check(pl->cx, &spec);
    plan->save.version = pl->known ? pl->now.version : 0;
    return e;
}

enum err import_plan(struct db *db, struct cx *cx, int64_t shop_id, int64_t actor_id,
                     struct import_file *f, const struct import_product *p, bool whole,
                     struct import_plan *ret_plan)
{
    struct planning pl = {.db = db, .cx = cx, .shop_id = shop_id, .f = f, .p = p};
    struct import_plan plan = {.fate = IMPORT_FAULT};
    json_t *body = json_object();
    int64_t faults = f->error_count;
    pl.counts = arena_array(cx->arena, struct import_count, VARIANTS_MAX);
    if (!body || !pl.counts || arena_at_end(cx->arena, drop_json, body) != 0)
        return ERR_NO_MEMORY;
    enum err e = p->bad ? ERR_CONFLICT : find(&pl);
    if (!e)
        e = body_json(&pl, body, &plan.category);
    if (!e)
        e = make(&pl, actor_id, body, whole, &plan);
    plan.counts = pl.counts;
    plan.count_count = pl.count_count;
    if (err_http(e) >= 400 && err_http(e) < 500) { /* the file's fault, not ours */
        if (!p->bad && f->error_count == faults)
            import_fault(f, p->line, NULL, "product", cx->problem);
        cx->problem[0] = '\0';
        plan.fate = IMPORT_FAULT;
        e = ERR_OK;
    }
    if (!e)
        *ret_plan = plan;
    return e;
}
