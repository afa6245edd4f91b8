#include "base/json.h"
#include "base/text.h"

#include <stdlib.h>

/*
 * jansson calls a string that it has no memory for an invalid token. So its allocations go through
 * here, from before main() on: what it allocates is still freed by free().
 */
static _Thread_local bool starved;

static void *note_malloc(size_t n)
{
    void *p = malloc(n);
    starved |= !p;
    return p;
}

__attribute__((constructor)) static void watch_memory(void)
{
    json_set_alloc_funcs(note_malloc, free);
}

enum err json_read_object(struct cx *cx, const char *data, size_t len, json_t **ret_object)
{
    json_error_t why;
    starved = false;
    json_t *o = json_loadb(data, len, JSON_REJECT_DUPLICATES, &why);
    if (!o && (starved || !why.text[0])) /* every fault of the text has a name */
        return problem(cx, ERR_NO_MEMORY, "out of memory");
    if (!o)
        return problem(cx, ERR_INPUT, "the body is not JSON: %.100s at byte %d", why.text,
                       why.position);
    if (!json_is_object(o)) {
        json_decref(o);
        return problem(cx, ERR_INPUT, "the body is not a JSON object");
    }
    *ret_object = o;
    return ERR_OK;
}

static const json_t *present(const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);
    return json_is_null(v) ? NULL : v;
}

static enum err check_text(struct cx *cx, const json_t *v, const char *name, size_t min, size_t max,
                           const char **ret_text)
{
    if (!json_is_string(v))
        return problem(cx, ERR_INPUT, "'%s' must be text", name);
    const char *s = json_string_value(v);
    size_t n = text_chars(s, json_string_length(v));
    if (n < min || n > max)
        return problem(cx, ERR_INPUT, "'%s' must have %zu to %zu characters", name, min, max);
    *ret_text = s;
    return ERR_OK;
}

enum err json_need_text(struct cx *cx, const json_t *o, const char *name, size_t min_chars,
                        size_t max_chars, const char **ret_text)
{
    const json_t *v = present(o, name);
    if (!v)
        return problem(cx, ERR_INPUT, "'%s' is missing", name);
    return check_text(cx, v, name, min_chars, max_chars, ret_text);
}

enum err json_opt_text(struct cx *cx, const json_t *o, const char *name, size_t max_chars,
                       const char **ret_text)
{
    const json_t *v = present(o, name);
    return v ? check_text(cx, v, name, 0, max_chars, ret_text) : ERR_OK;
}

static enum err check_i64(struct cx *cx, const json_t *v, const char *name, int64_t lo, int64_t hi,
                          int64_t *ret_n)
{
    if (!json_is_integer(v))
        return problem(cx, ERR_INPUT, "'%s' must be a whole number", name);
    int64_t n = json_integer_value(v);
    if (n < lo || n > hi)
        return problem(cx, ERR_INPUT, "'%s' must be %lld to %lld", name, (long long)lo,
                       (long long)hi);
    *ret_n = n;
    return ERR_OK;
}

enum err json_need_i64(struct cx *cx, const json_t *o, const char *name, int64_t lo, int64_t hi,
                       int64_t *ret_n)
{
    const json_t *v = present(o, name);
    return v ? check_i64(cx, v, name, lo, hi, ret_n)
             : problem(cx, ERR_INPUT, "'%s' is missing", name);
}

enum err json_opt_i64(struct cx *cx, const json_t *o, const char *name, int64_t lo, int64_t hi,
                      int64_t *ret_n)
{
    const json_t *v = present(o, name);
    return v ? check_i64(cx, v, name, lo, hi, ret_n) : ERR_OK;
}

enum err json_opt_bool(struct cx *cx, const json_t *o, const char *name, bool *ret_b)
{
    const json_t *v = present(o, name);
    if (!v)
        return ERR_OK;
    if (!json_is_boolean(v))
        return problem(cx, ERR_INPUT, "'%s' must be true or false", name);
    *ret_b = json_is_true(v);
    return ERR_OK;
}

char *json_text_of(json_t *o)
{
    char *text = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    return text;
}
