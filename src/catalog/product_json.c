#include "catalog/catalog.h"
#include "files/link.h"

#include <stdio.h>
#include <string.h>

/* Drawings and scenes that come with the program, by the file's name without its ending. */
static const struct builtin {
    const char *name, *url;
} builtin_media[] = {
    {"bag", "/img/bag.svg"},           {"bagblack", "/img/bagblack.svg"},
    {"candle", "/img/candle.svg"},     {"earring", "/img/earring.svg"},
    {"mango", "/img/mango.svg"},       {"mug", "/img/mug.svg"},
    {"scarf", "/img/scarf.svg"},       {"tea", "/img/tea.svg"},
    {"tw-bag", "/img/tw-bag.jpg"},     {"tw-mug", "/img/tw-mug.jpg"},
    {"tw-tea", "/img/tw-tea.jpg"},     {"th-mango", "/img/th-mango.jpg"},
    {"th-scarf", "/img/th-scarf.jpg"},
};

enum { BUILTIN_URL = 64 };

static const char *url_of(const char *name)
{
    for (size_t i = 0; i < sizeof builtin_media / sizeof *builtin_media; i++)
        if (strcmp(builtin_media[i].name, name) == 0)
            return builtin_media[i].url;
    return NULL;
}

bool builtin_media_ok(const char *name)
{
    return url_of(name) != NULL;
}

static void builtin_url(const struct product_media *m, char out[BUILTIN_URL])
{
    const char *url = url_of(m->builtin);
    (void)snprintf(out, BUILTIN_URL, "%s", url ? url : "/icon.svg"); /* one that is no more */
}

json_t *stored_json(const char *text)
{
    json_t *o = text ? json_loads(text, 0, NULL) : NULL;
    return o ? o : json_null();
}

/* The words of the value called `name`; a list of the name alone when there are none. */
static json_t *words_of(const json_t *option, json_t *name)
{
    const json_t *values = json_object_get(option, "values");
    for (size_t i = 0; i < json_array_size(values); i++) {
        json_t *words = json_array_get(values, i);
        if (json_equal(json_array_get(words, 0), name))
            return json_incref(words);
    }
    return json_pack("[O]", name);
}

json_t *option_words_json(const char *variant_options, const char *product_options)
{
    json_t *names = stored_json(variant_options), *options = stored_json(product_options);
    json_t *all = json_array();
    for (size_t i = 0; i < json_array_size(names); i++)
        (void)json_array_append_new(all,
                                    words_of(json_array_get(options, i), json_array_get(names, i)));
    json_decref(names);
    json_decref(options);
    return all;
}

json_t *left_json(int64_t left)
{
    if (left == INT64_MAX)
        return json_null();
    if (left <= 10)
        return json_integer(left);
    return json_string(left <= 50 ? "10+" : left <= 100 ? "50+" : "100+");
}

json_t *prices_json(const struct variant *v)
{
    json_t *o = json_object();
    for (size_t i = 0; i < MARKET_COUNT; i++) {
        const struct price *p = &v->price[i];
        if (p->amount < 0)
            continue;
        json_t *was = p->compare_at < 0 ? json_null() : json_integer(p->compare_at);
        (void)json_object_set_new(o, markets[i].code,
                                  json_pack("{s:I,s:s,s:o}", "amount", (json_int_t)p->amount,
                                            "currency", markets[i].currency, "compare_at", was));
    }
    return o;
}

/* ---- pictures ---- */

json_t *media_json(const struct product_media *m)
{
    char url[FILE_URL_MAX] = "";
    json_t *sizes = NULL;
    if (m->builtin) {
        builtin_url(m, url);
        sizes = json_pack("{s:s,s:s,s:s}", "160", url, "480", url, "1080", url);
    } else {
        (void)file_url(m->key, FILE_1080, url);
        sizes = file_sizes_json(m->key);
    }
    json_t *width = m->width ? json_integer(m->width) : json_null();
    json_t *height = m->height ? json_integer(m->height) : json_null();
    return json_pack("{s:s?,s:s?,s:s,s:o,s:o,s:o}", "id", m->file_id, "builtin", m->builtin, "url",
                     url, "sizes", sizes, "width", width, "height", height);
}

json_t *product_image_json(const struct product *p)
{
    char url[FILE_URL_MAX] = "";
    if (!p->media_count)
        return json_null();
    const struct product_media *m = &p->media[0];
    if (m->builtin)
        builtin_url(m, url);
    else if (!file_url(m->key, FILE_480, url))
        return json_null();
    return json_string(url);
}

/* ---- a product ---- */

static json_t *number_or_null(int64_t n)
{
    return n < 0 ? json_null() : json_integer(n);
}

static json_t *variant_json(const struct variant *v, bool staff)
{
    int64_t left = variant_left(v);
    json_t *o = json_pack("{s:s,s:o,s:o}", "id", v->public_id, "options", stored_json(v->options),
                          "prices", prices_json(v));
    if (!staff) {
        (void)json_object_set_new(o, "left", left_json(left));
        return o;
    }
    json_t *exact = left == INT64_MAX ? json_null() : json_integer(left);
    json_t *own =
        json_pack("{s:s?,s:b,s:b,s:I,s:I,s:o,s:o,s:o}", "sku", v->sku, "active", v->active,
                  "track_stock", v->track_stock, "stock_total", (json_int_t)v->stock_total,
                  "stock_held", (json_int_t)v->stock_held, "left", exact, "weight_g",
                  number_or_null(v->weight_g), "cost", number_or_null(v->cost));
    (void)json_object_update(o, own);
    json_decref(own);
    return o;
}

static void add_staff_fields(json_t *o, const struct product *p, int64_t left)
{
    json_t *own = json_pack("{s:s,s:I,s:I,s:I}", "status", product_status_name(p->status),
                            "version", (json_int_t)p->version, "created_at",
                            (json_int_t)p->created_ms, "updated_at", (json_int_t)p->updated_ms);
    (void)json_object_update(o, own);
    json_decref(own);
    (void)json_object_set_new(o, "left", left == INT64_MAX ? json_null() : json_integer(left));
}

json_t *product_json(const struct product *p, bool staff)
{
    json_t *media = json_array(), *variants = json_array();
    int64_t left = product_left(p);
    for (size_t i = 0; i < p->media_count; i++)
        (void)json_array_append_new(media, media_json(&p->media[i]));
    for (size_t i = 0; i < p->variant_count; i++)
        if (staff || p->variants[i].active)
            (void)json_array_append_new(variants, variant_json(&p->variants[i], staff));
    json_t *o = json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:s?,s:s,s:o}", "id", p->public_id, "title",
                          stored_json(p->title), "body", stored_json(p->body), "options",
                          stored_json(p->options), "media", media, "image", product_image_json(p),
                          "category", p->category, "exempt", p->exempt, "variants", variants);
    if (!o)
        return NULL;
    if (staff)
        add_staff_fields(o, p, left);
    else
        (void)json_object_set_new(o, "left", left_json(left));
    return o;
}
