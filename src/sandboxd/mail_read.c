#include "sandboxd/mail_read.h"
#include "base/arena.h"
#include "base/crypto.h"
#include "base/text.h"

#include <string.h>
#include <strings.h>

enum { PARTS_MAX = 10, BOUNDARY_MAX = 100 };

const char *mail_header(const struct mail_seen *m, const char *name)
{
    for (size_t i = 0; i < m->n; i++)
        if (strcasecmp(m->headers[i].name, name) == 0)
            return m->headers[i].value;
    return "";
}

/* ---- headers ---- */

/* Where the line at s ends, before its CRLF or LF; *next: where the next one begins. */
static const char *line_end(const char *s, const char *end, const char **next)
{
    const char *lf = memchr(s, '\n', (size_t)(end - s));
    *next = lf ? lf + 1 : end;
    const char *stop = lf ? lf : end;
    return stop > s && stop[-1] == '\r' ? stop - 1 : stop;
}

static enum err add_header(struct cx *cx, struct mail_seen *m, const char *s, const char *end)
{
    const char *colon = memchr(s, ':', (size_t)(end - s));
    if (!colon || m->n == MAIL_HEADERS_MAX)
        return ERR_OK;
    const char *value = colon + 1;
    while (value < end && *value == ' ')
        value++;
    struct mail_header *h = &m->headers[m->n];
    h->name = arena_dup(cx->arena, s, (size_t)(colon - s));
    h->value = arena_dup(cx->arena, value, (size_t)(end - value));
    m->n++;
    return h->name && h->value ? ERR_OK : ERR_NO_MEMORY;
}

/* A line that begins with a space goes on with the one before. */
static enum err go_on(struct cx *cx, struct mail_seen *m, const char *s, const char *end)
{
    if (!m->n)
        return ERR_OK;
    struct mail_header *h = &m->headers[m->n - 1];
    h->value = arena_fmt(cx->arena, "%s%.*s", h->value, (int)(end - s), s);
    return h->value ? ERR_OK : ERR_NO_MEMORY;
}

/* Up to the empty line; *ret_body is behind it. */
static enum err read_headers(struct cx *cx, const char *s, const char *end, struct mail_seen *m,
                             const char **ret_body)
{
    enum err e = ERR_OK;
    while (!e && s < end) {
        const char *next, *stop = line_end(s, end, &next);
        if (stop == s) {
            *ret_body = next;
            return ERR_OK;
        }
        e = *s == ' ' || *s == '\t' ? go_on(cx, m, s, stop) : add_header(cx, m, s, stop);
        s = next;
    }
    *ret_body = end;
    return e;
}

/* ---- what is encoded ---- */

static const char *from_base64(struct cx *cx, const char *s, size_t len)
{
    char *clean = arena_bytes(cx->arena, len + 1, 1), *out = arena_bytes(cx->arena, len + 1, 1);
    size_t n = 0, got = 0;
    if (!clean || !out)
        return NULL;
    for (size_t i = 0; i < len; i++)
        if (!strchr(" \t\r\n", s[i]))
            clean[n++] = s[i];
    if (crypto_unbase64(clean, n, out, len, &got))
        return arena_dup(cx->arena, s, len); /* as it is */
    out[got] = '\0';
    return out;
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

static const char *from_quoted(struct cx *cx, const char *s, size_t len)
{
    char *out = arena_bytes(cx->arena, len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; out && i < len; i++) {
        if (s[i] == '=' && i + 2 < len && hex(s[i + 1]) >= 0 && hex(s[i + 2]) >= 0) {
            out[n++] = (char)(hex(s[i + 1]) * 16 + hex(s[i + 2]));
            i += 2;
        } else if (s[i] == '=' && i + 1 < len && (s[i + 1] == '\n' || s[i + 1] == '\r'))
            i += s[i + 1] == '\r' && i + 2 < len && s[i + 2] == '\n' ? 2 : 1;
        else
            out[n++] = s[i];
    }
    return out;
}

/* One "=?UTF-8?B?...?=" at s; *ret_len is its length. NULL: none. */
static const char *word_at(struct cx *cx, const char *s, size_t *ret_len)
{
    static const char head[] = "=?UTF-8?B?";
    const char *end =
        strncasecmp(s, head, sizeof head - 1) == 0 ? strstr(s + sizeof head - 1, "?=") : NULL;
    if (!end)
        return NULL;
    *ret_len = (size_t)(end + 2 - s);
    return from_base64(cx, s + sizeof head - 1, (size_t)(end - s) - (sizeof head - 1));
}

/* White space between two words is none (RFC 2047 6.2). */
static const char *decoded(struct cx *cx, const char *s)
{
    const char *out = "";
    bool after_word = false;
    while (out && *s) {
        size_t len, spaces = strspn(s, " \t");
        const char *w = word_at(cx, s + (after_word ? spaces : 0), &len);
        if (w) {
            s += (after_word ? spaces : 0) + len;
            out = arena_fmt(cx->arena, "%s%s", out, w);
        } else {
            size_t n = 1 + strcspn(s + 1, "= \t");
            out = arena_fmt(cx->arena, "%s%.*s", out, (int)n, s);
            s += n;
        }
        after_word = w != NULL;
    }
    return out;
}

/* ---- parts ---- */

static const char *utf8_of(struct cx *cx, const char *s)
{
    return s && text_is_utf8(s, strlen(s)) ? s : arena_dup(cx->arena, "(not UTF-8)", 11);
}

static enum err take_part(struct cx *cx, struct mail_seen *m, const struct mail_seen *part,
                          const char *s, const char *end)
{
    const char *type = mail_header(part, "content-type");
    const char *how = mail_header(part, "content-transfer-encoding");
    const char **to = strncasecmp(type, "text/html", 9) == 0 ? &m->html : &m->text;
    size_t len = (size_t)(end - s);
    if ((*to)[0])
        return ERR_OK;
    const char *text = strcasecmp(how, "base64") == 0             ? from_base64(cx, s, len)
                       : strcasecmp(how, "quoted-printable") == 0 ? from_quoted(cx, s, len)
                                                                  : arena_dup(cx->arena, s, len);
    *to = text ? utf8_of(cx, text) : NULL;
    return *to ? ERR_OK : ERR_NO_MEMORY;
}

/* boundary="x" of a content type. */
static bool boundary_of(const char *type, char out[BOUNDARY_MAX])
{
    const char *at = strstr(type, "boundary=");
    if (strncasecmp(type, "multipart/", 10) != 0 || !at)
        return false;
    at += 9;
    bool quoted = *at == '"';
    at += quoted;
    size_t n = strcspn(at, quoted ? "\"" : "; ");
    if (!n || n + 3 > BOUNDARY_MAX)
        return false;
    memcpy(out, "--", 2);
    memcpy(out + 2, at, n);
    out[n + 2] = '\0';
    return true;
}

static const char *find(const char *s, const char *end, const char *what)
{
    return memmem(s, (size_t)(end - s), what, strlen(what));
}

static enum err take_parts(struct cx *cx, struct mail_seen *m, const char *boundary, const char *s,
                           const char *end)
{
    enum err e = ERR_OK;
    const char *at = find(s, end, boundary);
    for (int i = 0; !e && at && i < PARTS_MAX; i++) {
        struct mail_seen part = {.n = 0};
        const char *body, *begin;
        (void)line_end(at, end, &begin);
        at = find(begin, end, boundary);
        if (!at)
            break;
        e = read_headers(cx, begin, at, &part, &body);
        if (!e)
            e = take_part(cx, m, &part, body, at);
    }
    return e;
}

enum err mail_see(struct cx *cx, const char *raw, size_t len, struct mail_seen *ret_seen)
{
    struct mail_seen m = {.subject = "", .text = "", .html = ""};
    char boundary[BOUNDARY_MAX];
    const char *body, *end = raw + len;
    enum err e = read_headers(cx, raw, end, &m, &body);
    if (e)
        return e;
    const char *subject = decoded(cx, mail_header(&m, "subject"));
    m.subject = subject ? utf8_of(cx, subject) : NULL;
    if (!m.subject)
        return ERR_NO_MEMORY;
    e = boundary_of(mail_header(&m, "content-type"), boundary)
            ? take_parts(cx, &m, boundary, body, end)
            : take_part(cx, &m, &m, body, end);
    if (!e)
        *ret_seen = m;
    return e;
}
