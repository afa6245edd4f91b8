/* What clients send, made a product_spec: only the shape is checked here, sense in make.c. */
#include "base/arena.h"
#include "base/json.h"
#include "base/lang.h"
#include "base/text.h"
#include "catalog/edit.h"
#include "catalog/spec_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum err arena_json(struct arena *arena, json_t *o, const char **ret_text)
{
    char *heap = o ? json_text_of(o) : NULL;
    const char *text = heap ? arena_dup(arena, heap, strlen(heap)) : NULL;
    free(heap);
    if (!text)
        return ERR_NO_MEMORY;
    *ret_text = text;
    return ERR_OK;
}

/* ---- texts by language ---- */

/* Line ends stay, other control characters go. */
static size_t tidy_lines(char *s, size_t len)
{
    size_t to = 0;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] >= ' ' || s[i] == '\n')
            s[to++] = s[i];
    s[to] = '\0';
    return to;
}

static enum err add_lang(struct cx *cx, const struct text_rule *rule, const char *lang,
                         const char *text, json_t *to)
{
    char *own = arena_dup(cx->arena, text, strlen(text));
    if (!own)
        return ERR_NO_MEMORY;
    size_t len = rule->lines ? tidy_lines(own, strlen(own)) : text_tidy(own, strlen(own));
    if (text_chars(own, len) > rule->max_chars)
        return problem(cx, ERR_INPUT, "'%s' must have at most %zu characters", rule->name,
                       rule->max_chars);
    return !len || json_object_set_new(to, lang, json_string(own)) == 0 ? ERR_OK : ERR_NO_MEMORY;
}

/* By its letters: kana are Japanese wherever they stand. */
static enum lang lang_by_letters(const char *text)
{
    size_t len = strlen(text), n;
    uint32_t c;
    enum lang l = LANG_EN;
    for (size_t i = 0; (n = text_char(text + i, len - i, &c)); i += n) {
        if (c >= 0x0e00 && c < 0x0e80)
            return LANG_TH;
        if (c >= 0x3041 && c < 0x30fb)
            return LANG_JA;
        if (c >= 0x2e80 && c < 0xa000)
            l = LANG_ZH;
    }
    return l;
}

static enum err add_langs(struct cx *cx, const struct text_rule *rule, const json_t *o, json_t *to)
{
    const char *text = NULL;
    size_t known = 0;
    enum err e = ERR_OK;
    if (json_is_string(o)) {
        text = json_string_value(o);
        return add_lang(cx, rule, lang_name(lang_by_letters(text)), text, to);
    }
    for (int i = 0; !e && i < LANG_COUNT; i++) {
        const char *lang = lang_name((enum lang)i);
        json_t *v = json_object_get(o, lang);
        known += v != NULL;
        if (v && !json_is_null(v) && !json_is_string(v))
            return problem(cx, ERR_INPUT, "'%s.%s' must be a text", rule->name, lang);
        if (json_is_string(v))
            e = add_lang(cx, rule, lang, json_string_value(v), to);
    }
    if (!e && known != json_object_size(o))
        return problem(cx, ERR_INPUT, "'%s' has an unknown language", rule->name);
    return e;
}

enum err texts_read(struct cx *cx, const json_t *o, const struct text_rule *rule,
                    const char **ret_json)
{
    if (!json_is_object(o) && !json_is_string(o))
        return problem(cx, ERR_INPUT, "'%s' must be an object by language", rule->name);
    json_t *to = json_object();
    enum err e = to ? add_langs(cx, rule, o, to) : ERR_NO_MEMORY;
    if (!e && rule->need && !json_object_size(to))
        e = problem(cx, ERR_INPUT, "'%s' must have at least one language", rule->name);
    if (e) {
        json_decref(to);
        return e;
    }
    return arena_json(cx->arena, to, ret_json);
}

/* ---- prices ---- */

static enum err read_amount(struct cx *cx, const json_t *v, const char *name, const char *code,
                            struct price *ret_price)
{
    json_t *amount = json_is_object(v) ? json_object_get(v, "amount") : NULL;
    json_t *compare = json_is_object(v) ? json_object_get(v, "compare_at") : NULL;
    struct price p = {-1, -1};
    if (json_is_null(v)) {
        *ret_price = p;
        return ERR_OK;
    }
    const json_t *number = json_is_object(v) ? amount : v;
    bool ok =
        json_is_integer(number) && (!compare || json_is_null(compare) || json_is_integer(compare));
    p.amount = ok ? json_integer_value(number) : -1;
    p.compare_at = json_is_integer(compare) ? json_integer_value(compare) : -1;
    if (!ok || p.amount < 0 || p.amount > PRICE_MAX || p.compare_at > PRICE_MAX ||
        (json_is_integer(compare) && p.compare_at < p.amount))
        return problem(cx, ERR_INPUT, "'%s.%s' must be an amount in minor units", name, code);
    *ret_price = p;
    return ERR_OK;
}

/* {"amount":590,"currency":"TWD"} */
static enum err read_money(struct cx *cx, const json_t *o, const char *name,
                           bool ret_set[MARKET_COUNT], struct price ret_price[MARKET_COUNT])
{
    const char *currency = json_string_value(json_object_get(o, "currency"));
    for (size_t i = 0; currency && i < MARKET_COUNT; i++) {
        if (strcmp(markets[i].currency, currency) == 0) {
            ret_set[i] = true;
            return read_amount(cx, o, name, "amount", &ret_price[i]);
        }
    }
    return problem(cx, ERR_INPUT, "'%s.currency' must be one of a market", name);
}

enum err prices_read(struct cx *cx, const json_t *o, const char *name, bool ret_set[MARKET_COUNT],
                     struct price ret_price[MARKET_COUNT])
{
    size_t known = 0;
    enum err e = ERR_OK;
    if (!json_is_object(o))
        return problem(cx, ERR_INPUT, "'%s' must be an object by market", name);
    if (json_object_get(o, "amount"))
        return read_money(cx, o, name, ret_set, ret_price);
    for (size_t i = 0; !e && i < MARKET_COUNT; i++) {
        json_t *v = json_object_get(o, markets[i].code);
        const char *currency = json_string_value(json_object_get(v, "currency"));
        known += v != NULL;
        if (currency && strcmp(currency, markets[i].currency) != 0)
            return problem(cx, ERR_INPUT, "'%s.%s' must be in %s", name, markets[i].code,
                           markets[i].currency);
        ret_set[i] = v != NULL;
        if (v)
            e = read_amount(cx, v, name, markets[i].code, &ret_price[i]);
    }
    if (!e && known != json_object_size(o))
        return problem(cx, ERR_INPUT, "'%s' has an unknown market", name);
    return e;
}

/* ---- variants ---- */

static struct variant_spec spec_of_variant(const struct variant *v)
{
    return (struct variant_spec){.public_id = v->public_id,
                                 .options = v->options,
                                 .sku = v->sku,
                                 .active = v->active,
                                 .track_stock = v->track_stock,
                                 .weight_g = v->weight_g,
                                 .cost = v->cost};
}

static const struct variant *known_variant(const struct product *now, const char *public_id,
                                           const char *options)
{
    for (size_t i = 0; now && i < now->variant_count; i++) {
        const struct variant *v = &now->variants[i];
        if (public_id ? strcmp(v->public_id, public_id) == 0 : strcmp(v->options, options) == 0)
            return v;
    }
    return NULL;
}

static enum err read_options(struct cx *cx, const json_t *o, const char **ret_options)
{
    json_t *list = json_object_get(o, "options");
    if (list && !json_is_null(list) && !json_is_array(list))
        return problem(cx, ERR_INPUT, "'variants.options' must be a list of texts");
    json_t *own = json_array();
    for (size_t i = 0; own && i < json_array_size(list); i++) {
        json_t *v = json_array_get(list, i);
        if (!json_is_string(v)) {
            json_decref(own);
            return problem(cx, ERR_INPUT, "'variants.options' must be a list of texts");
        }
        (void)json_array_append(own, v);
    }
    return arena_json(cx->arena, own, ret_options);
}

static enum err read_sku(struct cx *cx, const json_t *o, const char **ret_sku)
{
    const char *sku = NULL;
    if (!json_object_get(o, "sku"))
        return ERR_OK;
    enum err e = json_opt_text(cx, o, "sku", SKU_CHARS_MAX, &sku);
    char *own = !e && sku ? arena_dup(cx->arena, sku, strlen(sku)) : NULL;
    if (e || (sku && !own))
        return e ? e : ERR_NO_MEMORY;
    *ret_sku = own && text_tidy(own, strlen(own)) ? own : NULL;
    return ERR_OK;
}

static enum err read_variant(struct cx *cx, const json_t *o, const struct product *now,
                             struct variant_spec *ret_variant)
{
    struct variant_spec s = {.active = true, .track_stock = true, .weight_g = -1, .cost = -1};
    const char *id = NULL, *options = NULL;
    enum err e = json_is_object(o) ? json_opt_text(cx, o, "id", ID_TEXT, &id)
                                   : problem(cx, ERR_INPUT, "'variants' must be a list of objects");
    if (!e)
        e = read_options(cx, o, &options);
    if (e)
        return e;
    const struct variant *v = known_variant(now, id, options);
    if (id && !v)
        return problem(cx, ERR_INPUT, "'variants.id' is none of this product");
    if (v)
        s = spec_of_variant(v);
    if (!v || json_object_get(o, "options"))
        s.options = options;
    json_t *prices = json_object_get(o, "prices");
    e = read_sku(cx, o, &s.sku);
    if (!e)
        e = json_opt_bool(cx, o, "active", &s.active);
    if (!e)
        e = json_opt_bool(cx, o, "track_stock", &s.track_stock);
    if (!e)
        e = json_opt_i64(cx, o, "weight_g", 0, 1000000, &s.weight_g);
    if (!e)
        e = json_opt_i64(cx, o, "cost", 0, PRICE_MAX, &s.cost);
    if (!e && !v)
        e = json_opt_i64(cx, o, "stock", 0, STOCK_MAX, &s.stock);
    if (!e && prices)
        e = prices_read(cx, prices, "variants.prices", s.set_price, s.price);
    if (!e)
        *ret_variant = s;
    return e;
}

static enum err read_variants(struct cx *cx, const json_t *list, const struct product *now,
                              struct product_spec *s)
{
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n < 1 || n > VARIANTS_MAX)
        return problem(cx, ERR_INPUT, "'variants' must be a list of 1 to %d", VARIANTS_MAX);
    s->variants = arena_array(cx->arena, struct variant_spec, n);
    s->variant_count = n;
    enum err e = s->variants ? ERR_OK : ERR_NO_MEMORY;
    for (size_t i = 0; !e && i < n; i++)
        e = read_variant(cx, json_array_get(list, i), now, &s->variants[i]);
    return e;
}

/* Quick add: one price and one quantity for each combination of the options. */
static enum err read_quick(struct cx *cx, const json_t *body, struct product_spec *s)
{
    struct variant_spec v = {.active = true, .track_stock = true, .weight_g = -1, .cost = -1};
    json_t *price = json_object_get(body, "price");
    enum err e = json_opt_i64(cx, body, "quantity", 0, STOCK_MAX, &v.stock);
    if (!e && price)
        e = prices_read(cx, price, "price", v.set_price, v.price);
    if (!e)
        e = read_sku(cx, body, &v.sku);
    return e ? e : spec_combine(cx, &v, s);
}

/* ---- the rest ---- */

static enum err read_media(struct cx *cx, const json_t *list, struct product_spec *s)
{
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n > MEDIA_MAX)
        return problem(cx, ERR_INPUT, "'media' must be a list of up to %d", MEDIA_MAX);
    s->media = arena_array(cx->arena, const char *, n + 1);
    s->media_count = 0;
    if (!s->media)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        const char *name = json_string_value(json_array_get(list, i));
        if (!name || (!id_ok(name, "fil") && !builtin_media_ok(name)))
            return problem(cx, ERR_INPUT, "'media' must be ids of files");
        s->media[s->media_count++] = name;
    }
    return ERR_OK;
}

static enum err read_words(struct cx *cx, const json_t *body, struct product_spec *s)
{
    const char *status = NULL, *exempt = NULL;
    enum err e = json_opt_text(cx, body, "status", 20, &status);
    if (!e && status && product_status_parse(status, &s->status))
        return problem(cx, ERR_INPUT, "'status' must be draft, active or archived");
    if (!e)
        e = json_opt_text(cx, body, "exempt", 20, &exempt);
    if (!e && exempt && !product_exempt_ok(exempt))
        return problem(cx, ERR_INPUT, "'exempt' is an unknown word");
    if (exempt)
        s->exempt = exempt;
    if (!e && json_object_get(body, "category")) {
        s->category = NULL;
        e = json_opt_text(cx, body, "category", ID_TEXT, &s->category);
    }
    return e;
}

static enum err spec_of_product(struct cx *cx, const struct product *p, struct product_spec *s)
{
    *s = (struct product_spec){.title = p->title,
                               .body = p->body,
                               .options = p->options,
                               .category = p->category,
                               .status = p->status,
                               .exempt = p->exempt,
                               .media_count = p->media_count,
                               .variant_count = p->variant_count};
    s->media = arena_array(cx->arena, const char *, p->media_count + 1);
    s->variants = arena_array(cx->arena, struct variant_spec, p->variant_count + 1);
    if (!s->media || !s->variants)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < p->media_count; i++)
        s->media[i] = p->media[i].builtin ? p->media[i].builtin : p->media[i].file_id;
    for (size_t i = 0; i < p->variant_count; i++)
        s->variants[i] = spec_of_variant(&p->variants[i]);
    return ERR_OK;
}

enum err spec_read(struct cx *cx, const json_t *body, const struct product *now,
                   struct product_spec *ret_spec)
{
    static const struct text_rule title = {"title", PRODUCT_TITLE_CHARS_MAX, false, true};
    static const struct text_rule text = {"body", PRODUCT_BODY_CHARS_MAX, true, false};
    struct product_spec s = {
        .body = "{}", .options = "[]", .status = PRODUCT_ACTIVE, .exempt = "none"};
    json_t *body_text = json_object_get(body, "body"), *options = json_object_get(body, "options");
    json_t *media = json_object_get(body, "media"), *list = json_object_get(body, "variants");
    enum err e = now ? spec_of_product(cx, now, &s) : ERR_OK;
    if (!e && (!now || json_object_get(body, "title")))
        e = texts_read(cx, json_object_get(body, "title"), &title, &s.title);
    if (!e && body_text && !json_is_null(body_text))
        e = texts_read(cx, body_text, &text, &s.body);
    if (!e && options && !json_is_null(options))
        e = options_read(cx, options, &s.options);
    if (!e)
        e = read_words(cx, body, &s);
    if (!e && media && !json_is_null(media))
        e = read_media(cx, media, &s);
    if (!e && list && !json_is_null(list))
        e = read_variants(cx, list, now, &s);
    else if (!e && !now)
        e = read_quick(cx, body, &s);
    if (!e)
        *ret_spec = s;
    return e;
}

enum err category_read_name(struct cx *cx, const json_t *body, const char **ret_name)
{
    static const struct text_rule name = {"name", CATEGORY_CHARS_MAX, false, true};
    return texts_read(cx, json_object_get(body, "name"), &name, ret_name);
}
