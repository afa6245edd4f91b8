#include "streamd/library/check_in.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "streamd/library/state_in.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool field_given(const json_t *o, const char *name)
{
    return json_object_get(o, name) != NULL;
}

enum err check_bool(struct cx *cx, const json_t *o, const char *name, bool *ret_b)
{
    const json_t *v = json_object_get(o, name);
    if (!json_is_boolean(v))
        return problem(cx, ERR_INPUT, "'%s' must be true or false", name);
    *ret_b = json_is_true(v);
    return ERR_OK;
}

static enum err dump(struct cx *cx, const json_t *v, const char **ret_text)
{
    char *text = json_dumps(v, JSON_COMPACT);
    const char *copy = text ? arena_dup(cx->arena, text, strlen(text)) : NULL;
    free(text);
    if (!copy)
        return ERR_NO_MEMORY;
    *ret_text = copy;
    return ERR_OK;
}

enum err check_object(struct cx *cx, const json_t *o, const char *name, const char **ret_text)
{
    const json_t *v = json_object_get(o, name);
    const char *text;
    if (!json_is_object(v))
        return problem(cx, ERR_INPUT, "'%s' must be an object", name);
    enum err e = dump(cx, v, &text);
    if (e)
        return e;
    if (strlen(text) > META_MAX)
        return problem(cx, ERR_INPUT, "'%s' must have at most %d bytes", name, META_MAX);
    *ret_text = text;
    return ERR_OK;
}

enum err check_text_or_null(struct cx *cx, const json_t *o, const char *name, size_t max,
                            const char **ret_text)
{
    const json_t *v = json_object_get(o, name);
    if (json_is_null(v)) {
        *ret_text = NULL;
        return ERR_OK;
    }
    if (!json_is_string(v))
        return problem(cx, ERR_INPUT, "'%s' must be text or null", name);
    const char *s = json_string_value(v);
    if (text_chars(s, strlen(s)) > max)
        return problem(cx, ERR_INPUT, "'%s' must have at most %zu characters", name, max);
    const char *copy = arena_dup(cx->arena, s, strlen(s));
    if (!copy)
        return ERR_NO_MEMORY;
    *ret_text = copy;
    return ERR_OK;
}

/* A host, perhaps "*." in front and a port behind: no scheme, no path, no spaces. */
static bool origin_ok(const char *s)
{
    static const char fine[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]*";
    size_t n = s ? strlen(s) : 0;
    return n > 0 && n < 256 && strspn(s, fine) == n;
}

enum err check_origins(struct cx *cx, const json_t *o, const char *name, const char **ret_text)
{
    const json_t *v = json_object_get(o, name);
    char flat[ORIGINS_TEXT];
    const char *text;
    if (json_is_null(v)) {
        *ret_text = NULL;
        return ERR_OK;
    }
    if (!json_is_array(v))
        return problem(cx, ERR_INPUT, "'%s' must be an array of host names or null", name);
    for (size_t i = 0; i < json_array_size(v); i++)
        if (!origin_ok(json_string_value(json_array_get(v, i))))
            return problem(cx, ERR_INPUT, "'%s' must hold host names without scheme or path", name);
    enum err e = dump(cx, v, &text);
    if (e)
        return e;
    if (!origins_flat(text, flat))
        return problem(cx, ERR_INPUT, "'%s' must have less than %d bytes", name, ORIGINS_TEXT);
    *ret_text = text;
    return ERR_OK;
}

enum err check_time_or_null(struct cx *cx, const json_t *o, const char *name, int64_t *ret_ms)
{
    const json_t *v = json_object_get(o, name);
    int64_t ms = 0;
    if (!json_is_null(v) &&
        (!json_is_string(v) || clock_parse(json_string_value(v), &ms) || ms <= 0))
        return problem(cx, ERR_INPUT, "'%s' must be a time as in RFC 3339, or null", name);
    *ret_ms = ms;
    return ERR_OK;
}

enum err check_number_or_null(struct cx *cx, const json_t *o, const char *name, int64_t lo,
                              int64_t hi, int64_t *ret_n)
{
    const json_t *v = json_object_get(o, name);
    int64_t n = 0;
    if (json_is_integer(v))
        n = json_integer_value(v);
    else if (json_is_real(v) && fabs(json_real_value(v)) < 1e15 &&
             floor(json_real_value(v)) == json_real_value(v))
        n = (int64_t)json_real_value(v);
    else if (!json_is_null(v))
        return problem(cx, ERR_INPUT, "'%s' must be a whole number or null", name);
    if (!json_is_null(v) && (n < lo || n > hi))
        return problem(cx, ERR_INPUT, "'%s' must be %lld to %lld", name, (long long)lo,
                       (long long)hi);
    *ret_n = n;
    return ERR_OK;
}

void meta_name(const char *meta, char *out, size_t size)
{
    json_t *o = json_loads(meta, 0, NULL);
    const char *s = json_string_value(json_object_get(o, "name"));
    size_t n = s ? strlen(s) : 0;
    out[0] = '\0';
    if (n) {
        while (n >= size) { /* cut between characters */
            n = size - 1;
            while (n && ((unsigned char)s[n] & 0xC0) == 0x80)
                n--;
        }
        memcpy(out, s, n);
        out[text_tidy(out, n)] = '\0';
    }
    json_decref(o);
}
