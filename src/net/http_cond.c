#include "net/http_cond.h"

#include <string.h>
#include <strings.h>

static const char *opaque(const char *etag)
{
    return strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag;
}

bool http_etag_listed(const char *list, const char *etag)
{
    etag = opaque(etag);
    size_t want = strlen(etag);
    const char *s = list + strspn(list, " \t,");
    if (*s == '*')
        return true;
    while (*s) {
        s = opaque(s);
        const char *end = *s == '"' ? strchr(s + 1, '"') : NULL;
        if (!end)
            return false;
        size_t len = (size_t)(end + 1 - s);
        if (len == want && memcmp(s, etag, len) == 0)
            return true;
        s = end + 1;
        s += strspn(s, " \t,");
    }
    return false;
}

bool http_etag_same_strong(const char *a, const char *b)
{
    return a[0] == '"' && strcmp(a, b) == 0;
}

/* Digits at *s, moved past; false: none, or too many. */
static bool number(const char **s, uint64_t *ret_n)
{
    const char *from = *s;
    uint64_t n = 0;
    for (; **s >= '0' && **s <= '9'; ++*s) {
        if (n > UINT64_MAX / 10 - 1)
            return false;
        n = n * 10 + (uint64_t)(**s - '0');
    }
    *ret_n = n;
    return *s > from;
}

enum http_range http_range_read(const char *value, uint64_t body_len, uint64_t *ret_from,
                                uint64_t *ret_len)
{
    if (strncasecmp(value, "bytes=", 6) != 0)
        return RANGE_NONE;
    const char *s = value + 6 + strspn(value + 6, " \t");
    uint64_t from = 0, to = UINT64_MAX;
    bool has_from = number(&s, &from);
    if (*s++ != '-')
        return RANGE_NONE;
    bool has_to = number(&s, &to);
    if (s[strspn(s, " \t")] || (!has_from && !has_to) || (has_from && has_to && to < from))
        return RANGE_NONE;
    if (!has_from) { /* the last `to` bytes */
        if (!to || !body_len)
            return RANGE_BAD;
        from = to < body_len ? body_len - to : 0;
        to = body_len - 1;
    }
    if (from >= body_len)
        return RANGE_BAD;
    if (!has_to || to >= body_len)
        to = body_len - 1;
    *ret_from = from;
    *ret_len = to - from + 1;
    return RANGE_PART;
}
