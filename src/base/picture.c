#include "base/picture.h"

#include <string.h>

const char *picture_refusal(int status)
{
    switch (status) {
#define X(name, exit, text) \
    case exit: return text;
        PICTURE_REFUSAL_TABLE(X)
#undef X
    default: return NULL;
    }
}

/* ISO/IEC 23008-12: "ftyp", then the brand. */
static const char *sniff_heif(const char *brand)
{
    static const char *const heic[] = {"heic", "heix", "heim", "heis", "mif1"};
    for (size_t i = 0; i < sizeof heic / sizeof heic[0]; i++)
        if (memcmp(brand, heic[i], 4) == 0)
            return "image/heic";
    return memcmp(brand, "avif", 4) == 0 ? "image/avif" : NULL;
}

const char *picture_sniff(const void *data, size_t len)
{
    const char *s = data;
    if (len < 12)
        return NULL;
    if (memcmp(s, "\xff\xd8\xff", 3) == 0)
        return "image/jpeg";
    if (memcmp(s, "\x89PNG\r\n\x1a\n", 8) == 0)
        return "image/png";
    if (memcmp(s, "RIFF", 4) == 0 && memcmp(s + 8, "WEBP", 4) == 0)
        return "image/webp";
    return memcmp(s + 4, "ftyp", 4) == 0 ? sniff_heif(s + 8) : NULL;
}

/* " 123": a blank and digits, at most max. */
static bool read_number(const char **at, const char *end, uint32_t max, uint32_t *ret_n)
{
    uint64_t n = 0;
    const char *s = *at;
    if (s == end || *s++ != ' ' || s == end || *s < '0' || *s > '9')
        return false;
    for (; s < end && *s >= '0' && *s <= '9'; s++) {
        n = n * 10 + (uint64_t)(*s - '0');
        if (n > max)
            return false;
    }
    *at = s;
    *ret_n = (uint32_t)n;
    return n > 0;
}

bool picture_read_head(const char *data, size_t len, struct picture_head *ret_head)
{
    static const char mark[] = "picture1";
    struct picture_head h;
    const char *at = data + sizeof mark - 1, *end = data + len;
    if (len < sizeof mark || memcmp(data, mark, sizeof mark - 1) != 0 ||
        !read_number(&at, end, PICTURE_SIDE_MAX, &h.width) ||
        !read_number(&at, end, PICTURE_SIDE_MAX, &h.height))
        return false;
    for (int i = 0; i < PICTURE_SIZES; i++)
        if (!read_number(&at, end, PICTURE_SIZE_BYTES_MAX, &h.len[i]))
            return false;
    if (at == end || *at != '\n')
        return false;
    h.bytes = (size_t)(at - data) + 1;
    *ret_head = h;
    return true;
}
