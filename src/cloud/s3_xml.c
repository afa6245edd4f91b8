#include "base/arena.h"
#include "base/text.h"
#include "cloud/s3_xml_in.h"

#include <string.h>

enum { REFERENCE_MAX = 12 };

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == ':';
}

void xml_init(struct xml *x, const char *data, size_t len, struct arena *arena, size_t text_max)
{
    *x = (struct xml){
        .at = data, .end = data ? data + len : data, .arena = arena, .text_max = text_max};
}

/* Just past `mark`, or NULL. */
static const char *past(const struct xml *x, const char *mark)
{
    const char *found = memmem(x->at, (size_t)(x->end - x->at), mark, strlen(mark));
    return found ? found + strlen(mark) : NULL;
}

static bool begins(const struct xml *x, const char *mark)
{
    size_t n = strlen(mark);
    return (size_t)(x->end - x->at) >= n && memcmp(x->at, mark, n) == 0;
}

/* ---- texts ---- */

static size_t put_utf8(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* "#38", "#x26" */
static bool read_number(const char *s, uint32_t *ret_char)
{
    uint32_t c = 0, base = 10;
    if (*s == 'x') {
        base = 16;
        s++;
    }
    if (!*s)
        return false;
    for (; *s; s++) {
        uint32_t digit = *s >= '0' && *s <= '9'   ? (uint32_t)(*s - '0')
                         : *s >= 'a' && *s <= 'f' ? (uint32_t)(*s - 'a' + 10)
                         : *s >= 'A' && *s <= 'F' ? (uint32_t)(*s - 'A' + 10)
                                                  : 99;
        if (digit >= base || c > 0x10ffff)
            return false;
        c = c * base + digit;
    }
    *ret_char = c;
    return c && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

/* At the '&'; how many bytes it took, 0: bad. */
static size_t read_reference(const char *s, size_t len, uint32_t *ret_char)
{
    static const struct {
        const char *name;
        uint32_t c;
    } known[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    char name[REFERENCE_MAX];
    const char *end = memchr(s, ';', len < REFERENCE_MAX ? len : REFERENCE_MAX);
    if (!end)
        return 0;
    size_t n = (size_t)(end - s - 1);
    memcpy(name, s + 1, n);
    name[n] = '\0';
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(name, known[i].name) == 0) {
            *ret_char = known[i].c;
            return n + 2;
        }
    return name[0] == '#' && read_number(name + 1, ret_char) ? n + 2 : 0;
}

static enum xml_event read_text(struct xml *x)
{
    const char *end = memchr(x->at, '<', (size_t)(x->end - x->at));
    size_t len = (size_t)((end ? end : x->end) - x->at), kept = 0;
    char *out = len <= x->text_max ? arena_bytes(x->arena, len + 1, 1) : NULL;
    if (!out || !end || !x->depth)
        return XML_BAD;
    for (const char *s = x->at; s < end;) {
        uint32_t c = 0;
        size_t took = 1;
        if (*s == '&') {
            took = read_reference(s, (size_t)(end - s), &c);
            if (!took)
                return XML_BAD;
            kept += put_utf8(c, out + kept);
        } else {
            out[kept++] = *s;
        }
        s += took;
    }
    out[kept] = '\0';
    x->at = end;
    x->text = out;
    return text_is_utf8(out, kept) && !memchr(out, '\0', kept) ? XML_TEXT : XML_BAD;
}

/* ---- marks ---- */

static bool read_name(struct xml *x)
{
    size_t n = 0;
    while (x->at < x->end && is_name(*x->at) && n + 1 < XML_NAME) {
        if (*x->at == ':')
            n = 0;
        else
            x->name[n++] = *x->at;
        x->at++;
    }
    x->name[n] = '\0';
    return n && x->at < x->end && !is_name(*x->at);
}

static enum xml_event read_close(struct xml *x)
{
    x->at += 2;
    if (!read_name(x))
        return XML_BAD;
    while (x->at < x->end && is_space(*x->at))
        x->at++;
    if (x->at == x->end || *x->at != '>' || !x->depth ||
        strcmp(x->open[x->depth - 1], x->name) != 0)
        return XML_BAD;
    x->at++;
    x->depth--;
    return XML_CLOSE;
}

/* Attributes are passed over, with what may stand in their quotes. */
static enum xml_event read_open(struct xml *x)
{
    char quote = '\0';
    x->at++;
    if ((x->begun && !x->depth) || !read_name(x) || x->depth == XML_DEPTH)
        return XML_BAD;
    while (x->at < x->end && (quote || *x->at != '>')) {
        if (*x->at == '<')
            return XML_BAD;
        if (!quote && (*x->at == '"' || *x->at == '\''))
            quote = *x->at;
        else if (*x->at == quote)
            quote = '\0';
        x->at++;
    }
    if (x->at == x->end)
        return XML_BAD;
    x->closing = x->at[-1] == '/';
    x->at++;
    x->begun = true;
    (void)text_copy(x->open[x->depth++], XML_NAME, x->name);
    return XML_OPEN;
}

/* Declarations and comments; false: bad. */
static bool pass_over(struct xml *x)
{
    while (x->at < x->end && *x->at == '<') {
        const char *next = begins(x, "<?")     ? past(x, "?>")
                           : begins(x, "<!--") ? past(x, "-->")
                                               : x->at;
        if (!next || begins(x, "<![") || begins(x, "<!D"))
            return false;
        if (next == x->at)
            return true;
        x->at = next;
        if (!x->depth)
            while (x->at < x->end && is_space(*x->at))
                x->at++;
    }
    return true;
}

enum xml_event xml_next(struct xml *x)
{
    if (x->closing) {
        x->closing = false;
        (void)text_copy(x->name, XML_NAME, x->open[--x->depth]);
        return XML_CLOSE;
    }
    const char *s = x->at;
    while (s < x->end && is_space(*s))
        s++;
    if (s == x->end || *s == '<')
        x->at = s;
    if (!pass_over(x))
        return XML_BAD;
    if (x->at == x->end)
        return x->begun && !x->depth ? XML_END : XML_BAD;
    if (*x->at != '<')
        return read_text(x);
    if (begins(x, "</"))
        return read_close(x);
    return read_open(x);
}

bool xml_leaf(struct xml *x, const char **ret_text)
{
    enum xml_event ev = xml_next(x);
    const char *text = "";
    if (ev == XML_TEXT) {
        text = x->text;
        ev = xml_next(x);
    }
    if (ev != XML_CLOSE)
        return false;
    *ret_text = text;
    return true;
}

bool xml_skip(struct xml *x)
{
    unsigned depth = 1;
    while (depth) {
        enum xml_event ev = xml_next(x);
        if (ev == XML_BAD || ev == XML_END)
            return false;
        depth += ev == XML_OPEN;
        depth -= ev == XML_CLOSE;
    }
    return true;
}
