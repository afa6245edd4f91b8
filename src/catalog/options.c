/* Options of a product: colours, sizes; and the variants that they make. */
#include "base/arena.h"
#include "base/text.h"
#include "catalog/spec_in.h"

#include <string.h>

static enum err bad(struct cx *cx)
{
    return problem(cx, ERR_INPUT,
                   "'options' must be up to %d of {name, values}, each value a text or "
                   "[name, aliases]",
                   OPTIONS_MAX);
}

/* A word of an option, tidied, 1 to OPTION_CHARS_MAX characters, new to this option. */
static enum err add_word(struct cx *cx, const json_t *v, json_t *words, json_t *to)
{
    const char *text = json_string_value(v);
    char *own = text ? arena_dup(cx->arena, text, strlen(text)) : NULL;
    if (!text)
        return bad(cx);
    if (!own)
        return ERR_NO_MEMORY;
    size_t len = text_tidy(own, strlen(own)), chars = text_chars(own, len);
    if (chars < 1 || chars > OPTION_CHARS_MAX)
        return problem(cx, ERR_INPUT, "'options' has a word that is empty or over %d characters",
                       OPTION_CHARS_MAX);
    for (size_t i = 0; i < json_array_size(words); i++)
        if (text_same_nocase(own, json_string_value(json_array_get(words, i))))
            return problem(cx, ERR_INPUT, "'options' has '%s' twice", own);
    return json_array_append_new(words, json_string(own)) ||
                   json_array_append_new(to, json_string(own))
               ? ERR_NO_MEMORY
               : ERR_OK;
}

static enum err read_value(struct cx *cx, const json_t *v, json_t *words, json_t *to)
{
    size_t n = json_array_size(v);
    json_t *value = json_array();
    if (!value || json_array_append_new(to, value))
        return ERR_NO_MEMORY;
    if (json_is_string(v))
        return add_word(cx, v, words, value);
    if (!json_is_array(v) || n < 1 || n > 1 + OPTION_ALIASES_MAX)
        return bad(cx);
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < n; i++)
        e = add_word(cx, json_array_get(v, i), words, value);
    return e;
}

static enum err read_values(struct cx *cx, const json_t *list, json_t *to)
{
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n < 1 || n > OPTION_VALUES_MAX)
        return bad(cx);
    json_t *words = json_array();
    enum err e = words ? ERR_OK : ERR_NO_MEMORY;
    for (size_t i = 0; !e && i < n; i++)
        e = read_value(cx, json_array_get(list, i), words, to);
    json_decref(words);
    return e;
}

static enum err read_option(struct cx *cx, const json_t *o, json_t *names, json_t *to)
{
    json_t *name = json_array(), *values = json_array();
    enum err e =
        !name || !values ? ERR_NO_MEMORY : add_word(cx, json_object_get(o, "name"), names, name);
    if (!e)
        e = read_values(cx, json_object_get(o, "values"), values);
    if (!e && json_array_append_new(
                  to, json_pack("{s:O,s:O}", "name", json_array_get(name, 0), "values", values)))
        e = ERR_NO_MEMORY;
    json_decref(name);
    json_decref(values);
    return e;
}

enum err options_read(struct cx *cx, const json_t *list, const char **ret_json)
{
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n > OPTIONS_MAX)
        return bad(cx);
    json_t *to = json_array(), *names = json_array();
    enum err e = to && names ? ERR_OK : ERR_NO_MEMORY;
    for (size_t i = 0; !e && i < n; i++)
        e = read_option(cx, json_array_get(list, i), names, to);
    json_decref(names);
    if (!e)
        return arena_json(cx->arena, to, ret_json);
    json_decref(to);
    return e;
}

/* ---- the variants they make ---- */

static json_t *values_of(const json_t *options, size_t i)
{
    return json_object_get(json_array_get(options, i), "values");
}

static size_t combinations(const json_t *options)
{
    size_t n = 1;
    for (size_t i = 0; i < json_array_size(options) && n <= VARIANTS_MAX; i++)
        n *= json_array_size(values_of(options, i));
    return n;
}

/* The nth: the last option turns fastest. */
static enum err combination(struct cx *cx, const json_t *options, size_t nth, const char **ret_text)
{
    json_t *names = json_array();
    for (size_t i = json_array_size(options); names && i-- > 0;) {
        const json_t *values = values_of(options, i);
        size_t n = json_array_size(values);
        (void)json_array_insert(names, 0, json_array_get(json_array_get(values, nth % n), 0));
        nth /= n;
    }
    return arena_json(cx->arena, names, ret_text);
}

enum err spec_combine(struct cx *cx, const struct variant_spec *like, struct product_spec *s)
{
    json_t *options = stored_json(s->options);
    size_t n = combinations(options);
    enum err e = ERR_OK;
    if (n > VARIANTS_MAX)
        e = problem(cx, ERR_INPUT, "'options' make more than %d variants", VARIANTS_MAX);
    if (!e && n > 1 && like->sku)
        e = problem(cx, ERR_INPUT, "'sku' is of one variant: give 'variants'");
    s->variants = e ? NULL : arena_array(cx->arena, struct variant_spec, n);
    s->variant_count = n;
    if (!e && !s->variants)
        e = ERR_NO_MEMORY;
    for (size_t i = 0; !e && i < n; i++) {
        s->variants[i] = *like;
        e = combination(cx, options, i, &s->variants[i].options);
    }
    json_decref(options);
    return e;
}
