/* Does a spec make sense; and what must be made before its job: ids and search terms. */
#include "base/arena.h"
#include "base/text.h"
#include "catalog/edit.h"
#include "catalog/spec_in.h"
#include "catalog/terms_in.h"

#include <string.h>

enum { TERMS_MAX = 300, BODY_TERMS_CHARS = 300 };

/* ---- sense ---- */

static bool names_value(const json_t *option, const char *name)
{
    const json_t *values = json_object_get(option, "values");
    for (size_t i = 0; name && i < json_array_size(values); i++)
        if (strcmp(json_string_value(json_array_get(json_array_get(values, i), 0)), name) == 0)
            return true;
    return false;
}

static bool fits(const json_t *options, const json_t *chosen)
{
    if (json_array_size(chosen) != json_array_size(options))
        return false;
    for (size_t i = 0; i < json_array_size(options); i++)
        if (!names_value(json_array_get(options, i), json_string_value(json_array_get(chosen, i))))
            return false;
    return true;
}

/* One that is switched off may be left from options that are gone. */
static enum err check_fit(struct cx *cx, const struct product_spec *s, const json_t *options)
{
    for (size_t i = 0; i < s->variant_count; i++) {
        json_t *chosen = stored_json(s->variants[i].options);
        bool ok = !s->variants[i].active || fits(options, chosen);
        json_decref(chosen);
        if (!ok)
            return problem(cx, ERR_INPUT, "'variants' has one that is no choice of 'options': %s",
                           s->variants[i].options);
    }
    return ERR_OK;
}

static enum err check_twins(struct cx *cx, const struct product_spec *s)
{
    for (size_t i = 0; i < s->variant_count; i++) {
        const struct variant_spec *a = &s->variants[i];
        for (size_t k = 0; k < i; k++) {
            const struct variant_spec *b = &s->variants[k];
            if (strcmp(a->options, b->options) == 0)
                return problem(cx, ERR_INPUT, "'variants' has %s twice", a->options);
            if (a->sku && b->sku && strcmp(a->sku, b->sku) == 0)
                return problem(cx, ERR_EXISTS, "the SKU '%s' is there twice", a->sku);
        }
    }
    return ERR_OK;
}

enum err product_check(struct cx *cx, const struct product_spec *s)
{
    size_t on = 0;
    for (size_t i = 0; i < s->variant_count; i++)
        on += s->variants[i].active;
    if (!on)
        return problem(cx, ERR_INPUT, "'variants' must have one that is active");
    json_t *options = stored_json(s->options);
    enum err e = check_fit(cx, s, options);
    json_decref(options);
    return e ? e : check_twins(cx, s);
}

/* ---- search terms ---- */

static enum err add_texts(struct term_list *l, const char *json, enum term_use use)
{
    json_t *o = stored_json(json), *v;
    const char *lang;
    enum err e = ERR_OK;
    json_object_foreach(o, lang, v)
    {
        const char *text = json_string_value(v);
        size_t cut =
            use == TERM_BODY ? text_prefix(text, strlen(text), BODY_TERMS_CHARS) : strlen(text);
        const char *own = arena_dup(l->arena, text, cut);
        if (!e)
            e = own ? terms_add(l, own, use) : ERR_NO_MEMORY;
    }
    json_decref(o);
    return e;
}

/* Every name and alias. */
static enum err add_options(struct term_list *l, const char *json)
{
    json_t *o = stored_json(json), *option, *value, *word;
    size_t i, k, n;
    enum err e = ERR_OK;
    json_array_foreach(o, i, option) json_array_foreach(json_object_get(option, "values"), k, value)
        json_array_foreach(value, n, word) if (!e) e =
            terms_add(l, json_string_value(word), TERM_BODY);
    json_decref(o);
    return e;
}

static enum err make_terms(struct cx *cx, const struct product_spec *s, struct product_save *save)
{
    struct term_list l;
    enum err e = terms_init(&l, cx->arena, TERMS_MAX);
    if (!e)
        e = add_texts(&l, s->title, TERM_TITLE);
    for (size_t i = 0; !e && i < s->variant_count; i++)
        if (s->variants[i].sku)
            e = terms_add_code(&l, s->variants[i].sku);
    if (!e)
        e = add_options(&l, s->options);
    if (!e)
        e = add_texts(&l, s->body, TERM_BODY);
    save->terms = l.items;
    save->term_count = l.count;
    return e;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Nothing that search looks at is another than before. */
static bool same_words(const struct product_spec *s, const struct product *now)
{
    bool same = strcmp(s->title, now->title) == 0 && strcmp(s->body, now->body) == 0 &&
                strcmp(s->options, now->options) == 0 && s->variant_count == now->variant_count;
    for (size_t i = 0; same && i < s->variant_count; i++)
        same = same_text(s->variants[i].sku, now->variants[i].sku);
    return same;
}

enum err product_make(struct cx *cx, int64_t shop_id, int64_t actor_id,
                      const struct product_spec *spec, const struct product *now,
                      struct product_save *ret_save)
{
    struct product_save save = {
        .shop_id = shop_id, .actor_id = actor_id, .spec = *spec, .id = now ? now->id : id_next()};
    enum err e = product_check(cx, spec);
    if (!e && !(now && same_words(spec, now)))
        e = make_terms(cx, spec, &save);
    if (e)
        return e;
    for (size_t i = 0; i < spec->variant_count; i++) {
        spec->variants[i].new_id = id_next();
        id_make("var", spec->variants[i].new_public_id);
    }
    if (now)
        (void)text_copy(save.public_id, sizeof save.public_id, now->public_id);
    else
        id_make("prd", save.public_id);
    *ret_save = save;
    return ERR_OK;
}
