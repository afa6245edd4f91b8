#include "base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Length of the character at s (1..4) and its value; 0 if it is not valid. */
static size_t decode(const unsigned char *s, size_t len, uint32_t *ret_c)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char b = s[0];
    size_t n = b < 0x80             ? 1
               : (b & 0xe0) == 0xc0 ? 2
               : (b & 0xf0) == 0xe0 ? 3
               : (b & 0xf8) == 0xf0 ? 4
                                    : 0;
    if (n == 0 || n > len)
        return 0;
    uint32_t c = n == 1 ? b : (uint32_t)(b & (0x7f >> n));
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3fu);
    }
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *ret_c = c;
    return n;
}

size_t text_char(const char *s, size_t len, uint32_t *ret_char)
{
    return len ? decode((const unsigned char *)s, len, ret_char) : 0;
}

bool text_is_utf8(const char *s, size_t len)
{
    const unsigned char *p = (const unsigned char *)s;
    uint32_t c;
    for (size_t i = 0; i < len;) {
        size_t n = decode(p + i, len - i, &c);
        if (!n)
            return false;
        i += n;
    }
    return true;
}

size_t text_chars(const char *s, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)s[i] & 0xc0) != 0x80;
    return n;
}

size_t text_prefix(const char *s, size_t len, size_t chars)
{
    size_t i = 0;
    for (; i < len; i++)
        if (((unsigned char)s[i] & 0xc0) != 0x80 && chars-- == 0)
            break;
    return i;
}

static bool is_space(uint32_t c)
{
    return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xa0 || c == 0x3000 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029;
}

static bool is_unfit(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x200b || c == 0x200e || c == 0x200f ||
           c == 0x2060 || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb);
}

size_t text_tidy(char *s, size_t len)
{
    size_t out = 0;
    bool gap = false;
    for (size_t i = 0; i < len;) {
        uint32_t c;
        size_t n = decode((unsigned char *)s + i, len - i, &c);
        if (!n)
            break; /* the caller checked; never loop on a bad byte */
        if (is_space(c)) {
            gap = out > 0;
        } else if (!is_unfit(c)) {
            if (gap)
                s[out++] = ' ';
            gap = false;
            memmove(s + out, s + i, n);
            out += n;
        }
        i += n;
    }
    if (out < len)
        s[out] = '\0';
    return out;
}

enum err text_i64(const char *s, int64_t lo, int64_t hi, int64_t *ret_n)
{
    bool neg = *s == '-';
    const char *p = s + neg;
    int64_t n = 0;
    if (!*p)
        return ERR_INPUT;
    for (; *p; p++) {
        if (!isdigit((unsigned char)*p) || __builtin_mul_overflow(n, 10, &n) ||
            __builtin_sub_overflow(n, (int64_t)(*p - '0'), &n)) /* counts down: holds INT64_MIN */
            return ERR_INPUT;
    }
    if (!neg && __builtin_sub_overflow((int64_t)0, n, &n))
        return ERR_INPUT;
    if (n < lo || n > hi)
        return ERR_INPUT;
    *ret_n = n;
    return ERR_OK;
}

bool text_copy(char *dst, size_t size, const char *src)
{
    size_t len = strlen(src);
    bool fits = len < size;
    if (!fits)
        len = size - 1;
    memcpy(dst, src, len);
    dst[len] = '\0';
    return fits;
}

bool text_has_prefix(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_has_suffix(const char *s, const char *suffix)
{
    size_t n = strlen(s), m = strlen(suffix);
    return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

bool text_same_nocase(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
    return *a == *b;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

enum err text_percent_decode(char *s, size_t *ret_len)
{
    size_t out = 0;
    for (size_t i = 0; s[i]; i++) {
        if (s[i] != '%') {
            s[out++] = s[i];
            continue;
        }
        int hi = hex_digit(s[i + 1]), lo = hi < 0 ? -1 : hex_digit(s[i + 2]);
        if (lo < 0 || (hi | lo) == 0)
            return ERR_INPUT;
        s[out++] = (char)(hi * 16 + lo);
        i += 2;
    }
    s[out] = '\0';
    *ret_len = out;
    return ERR_OK;
}
