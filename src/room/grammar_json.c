/* Listings from JSON, readings to JSON. */
#include "base/arena.h"
#include "room/grammar.h"

const char *grammar_op_name(enum grammar_op op)
{
    static const char *const names[] = {"add", "sub", "cancel", "queue", "review"};
    return names[op];
}

static enum err value_of(struct cx *cx, const json_t *from, struct grammar_value *to)
{
    bool plain = json_is_string(from);
    size_t n = plain ? 1 : json_array_size(from);
    if (n == 0 || n > GRAMMAR_WORDS_MAX)
        return problem(cx, ERR_INPUT, "a value has 1 to %d words", GRAMMAR_WORDS_MAX);
    const char **words = arena_array(cx->arena, const char *, n);
    if (!words)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        words[i] = json_string_value(plain ? from : json_array_get(from, i));
        if (!words[i])
            return problem(cx, ERR_INPUT, "the words of a value must be text");
    }
    *to = (struct grammar_value){words, n};
    return ERR_OK;
}

static enum err option_of(struct cx *cx, const json_t *from, struct grammar_option *to)
{
    const json_t *values = json_object_get(from, "values");
    size_t n = json_array_size(values);
    if (n == 0 || n > GRAMMAR_VALUES_MAX)
        return problem(cx, ERR_INPUT, "an option has 1 to %d values", GRAMMAR_VALUES_MAX);
    struct grammar_value *list = arena_array(cx->arena, struct grammar_value, n);
    enum err e = list ? ERR_OK : ERR_NO_MEMORY;
    for (size_t i = 0; !e && i < n; i++)
        e = value_of(cx, json_array_get(values, i), &list[i]);
    *to = (struct grammar_option){list, n};
    return e;
}

enum err grammar_listing_json(struct cx *cx, const char *code, const json_t *options,
                              struct grammar_listing *ret_listing)
{
    size_t n = json_array_size(options);
    if (options && !json_is_null(options) && !json_is_array(options))
        return problem(cx, ERR_INPUT, "'options' must be a list");
    if (n > GRAMMAR_OPTIONS_MAX)
        return problem(cx, ERR_INPUT, "at most %d options", GRAMMAR_OPTIONS_MAX);
    struct grammar_option *list = arena_array(cx->arena, struct grammar_option, n + 1);
    enum err e = list ? ERR_OK : ERR_NO_MEMORY;
    for (size_t i = 0; !e && i < n; i++)
        e = option_of(cx, json_array_get(options, i), &list[i]);
    if (e)
        return e;
    *ret_listing = (struct grammar_listing){code, list, n};
    return ERR_OK;
}

static json_t *item_json(const struct grammar_listing *l, const struct grammar_item *item)
{
    bool review = item->op == GRAMMAR_REVIEW;
    json_t *options = json_array();
    for (size_t o = 0; o < l->count; o++)
        if (item->value[o] != GRAMMAR_NONE)
            (void)json_array_append_new(options,
                                        json_string(l->options[o].values[item->value[o]].words[0]));
    if (item->all)
        (void)json_array_append_new(options, json_string("ALL"));
    json_t *o = json_pack("{s:s,s:s,s:o}", "op", grammar_op_name(item->op),
                          review ? "suggest" : "code", l->code, "options", options);
    if (item->qty && o)
        (void)json_object_set_new(o, "qty", json_integer(item->qty));
    if (o)
        (void)json_object_set_new(o, "need_option", json_boolean(item->need_option));
    return o;
}

json_t *grammar_reading_json(const struct grammar_listing *listings,
                             const struct grammar_reading *r)
{
    json_t *items = json_array();
    for (size_t i = 0; i < r->count; i++)
        (void)json_array_append_new(items, item_json(&listings[r->items[i].listing], &r->items[i]));
    return json_pack("{s:o}", "items", items);
}
