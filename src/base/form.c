#include "base/form.h"

#include "base/arena.h"
#include "base/text.h"

#include <string.h>

static enum err decode(struct cx *cx, const char *s, size_t len, const char **ret_text)
{
    size_t n;
    char *copy = arena_dup(cx->arena, s, len);
    if (!copy)
        return ERR_NO_MEMORY;
    if (memchr(s, '\0', len))
        return problem(cx, ERR_INPUT, "the form has a zero byte");
    for (size_t i = 0; i < len; i++)
        if (copy[i] == '+')
            copy[i] = ' ';
    if (text_percent_decode(copy, &n) || !text_is_utf8(copy, n))
        return problem(cx, ERR_INPUT, "the form is not well encoded UTF-8");
    *ret_text = copy;
    return ERR_OK;
}

static enum err read_pair(struct cx *cx, const char *s, size_t len, struct form *f)
{
    const char *equals = memchr(s, '=', len);
    size_t name = equals ? (size_t)(equals - s) : len;
    size_t skip = equals ? name + 1 : len;
    struct form_pair *p = &f->pairs[f->n];
    if (f->n == FORM_PAIRS_MAX)
        return problem(cx, ERR_INPUT, "the form has more than %d fields", FORM_PAIRS_MAX);
    enum err e = decode(cx, s, name, &p->name);
    if (!e)
        e = decode(cx, s + skip, len - skip, &p->value);
    f->n += !e;
    return e;
}

enum err form_read(struct cx *cx, const char *text, size_t len, struct form *ret_form)
{
    enum err e = ERR_OK;
    ret_form->n = 0;
    while (len && !e) {
        const char *end = memchr(text, '&', len);
        size_t n = end ? (size_t)(end - text) : len;
        if (n)
            e = read_pair(cx, text, n, ret_form);
        text += end ? n + 1 : n;
        len -= end ? n + 1 : n;
    }
    return e;
}

const char *form_get(const struct form *f, const char *name)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->pairs[i].name, name) == 0)
            return f->pairs[i].value;
    return NULL;
}

const char *form_text(const struct form *f, const char *name)
{
    const char *value = form_get(f, name);
    return value ? value : "";
}
