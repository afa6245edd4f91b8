#include "base/arena.h"
#include "catalog/csv_in.h"

#include <string.h>

static char separator_of(const char *data, size_t len)
{
    size_t commas = 0, semicolons = 0, tabs = 0;
    for (size_t i = 0; i < len && data[i] != '\n' && data[i] != '\r'; i++) {
        commas += data[i] == ',';
        semicolons += data[i] == ';';
        tabs += data[i] == '\t';
    }
    if (tabs > commas && tabs >= semicolons)
        return '\t';
    return semicolons > commas ? ';' : ',';
}

void csv_open(struct csv *c, const char *data, size_t len)
{
    *c = (struct csv){.data = data, .len = len};
    if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
        c->at = 3;
    c->separator = separator_of(data + c->at, len - c->at);
}

static bool at_end_of_row(const struct csv *c)
{
    return c->at >= c->len || c->data[c->at] == '\n' || c->data[c->at] == '\r';
}

static void pass_line_end(struct csv *c)
{
    if (c->at >= c->len)
        return;
    bool crlf = c->data[c->at] == '\r' && c->at + 1 < c->len && c->data[c->at + 1] == '\n';
    c->at += crlf ? 2 : 1;
    c->lines_seen++;
}

static enum err keep(struct arena *arena, const char *s, size_t len, const char **ret_field)
{
    while (len && (*s == ' ' || *s == '\t')) {
        s++;
        len--;
    }
    while (len && (s[len - 1] == ' ' || s[len - 1] == '\t'))
        len--;
    if (len > CSV_FIELD_MAX)
        return ERR_INPUT;
    *ret_field = arena_dup(arena, s, len);
    return *ret_field ? ERR_OK : ERR_NO_MEMORY;
}

/* c->at is behind the first quote. Two quotes are one; the row goes on behind the last. */
static enum err quoted(struct csv *c, struct arena *arena, const char **ret_field)
{
    size_t from = c->at, len = 0, twice = 0;
    while (c->at < c->len) {
        char ch = c->data[c->at];
        if (ch == '"' && (c->at + 1 >= c->len || c->data[c->at + 1] != '"'))
            break;
        twice += ch == '"';
        c->lines_seen += ch == '\n';
        c->at += ch == '"' ? 2 : 1;
    }
    if (c->at >= c->len)
        return ERR_INPUT;
    size_t size = c->at - from - twice;
    c->at++;
    if (size > CSV_FIELD_MAX)
        return ERR_INPUT;
    char *own = arena_bytes(arena, size + 1, 1);
    if (!own)
        return ERR_NO_MEMORY;
    for (size_t i = from; len < size; i += c->data[i] == '"' ? 2 : 1)
        own[len++] = c->data[i];
    return keep(arena, own, len, ret_field);
}

static enum err plain(struct csv *c, struct arena *arena, const char **ret_field)
{
    size_t from = c->at;
    while (!at_end_of_row(c) && c->data[c->at] != c->separator)
        c->at++;
    return keep(arena, c->data + from, c->at - from, ret_field);
}

static enum err field(struct csv *c, struct arena *arena, const char **ret_field)
{
    if (c->at >= c->len || c->data[c->at] != '"')
        return plain(c, arena, ret_field);
    c->at++;
    enum err e = quoted(c, arena, ret_field);
    if (!e && !at_end_of_row(c) && c->data[c->at] != c->separator)
        e = ERR_INPUT;
    return e;
}

static void pass_row(struct csv *c)
{
    while (!at_end_of_row(c))
        c->at++;
    pass_line_end(c);
}

enum err csv_row(struct csv *c, struct arena *arena, const char *ret_fields[CSV_FIELDS_MAX],
                 size_t *ret_count)
{
    size_t count = 0;
    while (c->at < c->len && at_end_of_row(c))
        pass_line_end(c);
    if (c->at >= c->len)
        return ERR_NOT_FOUND;
    c->line = c->lines_seen + 1;
    for (;;) {
        const char *text = NULL;
        enum err e = field(c, arena, &text);
        if (e) {
            pass_row(c);
            return e;
        }
        if (count < CSV_FIELDS_MAX)
            ret_fields[count++] = text;
        if (at_end_of_row(c))
            break;
        c->at++; /* the separator */
    }
    pass_line_end(c);
    *ret_count = count;
    return ERR_OK;
}
