#include "net/http_chunk.h"
#include "net/http_target.h"

#include <string.h>
#include <strings.h>

enum { DIGITS_MAX = 15 };

enum place {
    AT_SIZE,
    AT_BLANK, /* after the size: an extension must follow */
    AT_EXTENSION,
    AT_SIZE_LF,
    AT_DATA,
    AT_DATA_CR,
    AT_DATA_LF,
    AT_LINE, /* a trailer's first byte, or the end */
    AT_NAME,
    AT_VALUE,
    AT_VALUE_LF,
    AT_END_LF
};

static enum http_chunk_news bad(struct http_chunk *c, const char *why)
{
    c->why = why;
    return CHUNK_BAD;
}

static enum http_chunk_news go(struct http_chunk *c, enum place to)
{
    c->at = (uint8_t)to;
    return CHUNK_MORE;
}

static enum http_chunk_news expect(struct http_chunk *c, char got, char want, enum place to)
{
    return got == want ? go(c, to) : bad(c, "a chunk does not end in CR LF");
}

static bool printable(char ch)
{
    return ch == '\t' || ((unsigned char)ch >= ' ' && ch != 0x7f);
}

static int hex_value(char ch)
{
    if (ch >= '0' && ch <= '9')
        return ch - '0';
    if (ch >= 'a' && ch <= 'f')
        return ch - 'a' + 10;
    return ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : -1;
}

static enum http_chunk_news take_size(struct http_chunk *c, char ch)
{
    int digit = hex_value(ch);
    if (digit >= 0 && c->digits < DIGITS_MAX) {
        c->left = c->left * 16 + (unsigned)digit;
        c->digits++;
        return CHUNK_MORE;
    }
    if (digit >= 0 || !c->digits)
        return bad(c, "a chunk's size is malformed");
    if (ch == '\r')
        return go(c, AT_SIZE_LF);
    if (ch == ';')
        return go(c, AT_EXTENSION);
    return ch == ' ' || ch == '\t' ? go(c, AT_BLANK) : bad(c, "a chunk's size is malformed");
}

static enum http_chunk_news take_blank(struct http_chunk *c, char ch)
{
    if (ch == ';')
        return go(c, AT_EXTENSION);
    return ch == ' ' || ch == '\t' ? CHUNK_MORE : bad(c, "a chunk's size is malformed");
}

static enum http_chunk_news take_text(struct http_chunk *c, char ch, enum place end)
{
    if (ch == '\r')
        return go(c, end);
    return printable(ch) ? CHUNK_MORE : bad(c, "a chunk has a control character");
}

static enum http_chunk_news end_size(struct http_chunk *c, char ch)
{
    c->digits = 0;
    return expect(c, ch, '\n', c->left ? AT_DATA : AT_LINE);
}

static enum http_chunk_news end_name(struct http_chunk *c)
{
    static const char *const framing[] = {"content-length", "transfer-encoding"};
    for (size_t i = 0; i < sizeof framing / sizeof framing[0]; i++)
        if (c->name_len == strlen(framing[i]) && strncasecmp(c->name, framing[i], c->name_len) == 0)
            return bad(c, "a trailer may not frame the body");
    return c->name_len ? go(c, AT_VALUE) : bad(c, "a trailer has no name");
}

static enum http_chunk_news take_name(struct http_chunk *c, char ch)
{
    if (ch == ':')
        return end_name(c);
    if (!http_token_ok(&ch, 1))
        return bad(c, "a trailer's name is malformed");
    if (c->name_len < sizeof c->name)
        c->name[c->name_len++] = ch;
    return go(c, AT_NAME);
}

static enum http_chunk_news take_line(struct http_chunk *c, char ch)
{
    c->name_len = 0;
    if (ch == ' ' || ch == '\t')
        return bad(c, "folded trailers are not accepted");
    return ch == '\r' ? go(c, AT_END_LF) : take_name(c, ch);
}

static enum http_chunk_news take(struct http_chunk *c, char ch)
{
    switch ((enum place)c->at) {
    case AT_SIZE: return take_size(c, ch);
    case AT_BLANK: return take_blank(c, ch);
    case AT_EXTENSION: return take_text(c, ch, AT_SIZE_LF);
    case AT_SIZE_LF: return end_size(c, ch);
    case AT_DATA_CR: return expect(c, ch, '\r', AT_DATA_LF);
    case AT_DATA_LF: return expect(c, ch, '\n', AT_SIZE);
    case AT_LINE: return take_line(c, ch);
    case AT_NAME: return take_name(c, ch);
    case AT_VALUE: return take_text(c, ch, AT_VALUE_LF);
    case AT_VALUE_LF: return expect(c, ch, '\n', AT_LINE);
    case AT_END_LF: return ch == '\n' ? CHUNK_END : bad(c, "a chunk does not end in CR LF");
    case AT_DATA: break; /* is taken in pieces */
    }
    return CHUNK_MORE;
}

enum http_chunk_news http_chunk_read(struct http_chunk *c, const char *data, size_t len,
                                     size_t *ret_used)
{
    enum http_chunk_news news = CHUNK_MORE;
    size_t used = 0;
    while (used < len && news == CHUNK_MORE) {
        if (c->at != AT_DATA) {
            news = take(c, data[used++]);
            continue;
        }
        c->data_len = c->left < len - used ? (size_t)c->left : len - used;
        c->left -= c->data_len;
        used += c->data_len;
        news = CHUNK_DATA;
        if (!c->left)
            c->at = AT_DATA_CR;
    }
    *ret_used = used;
    return news;
}
