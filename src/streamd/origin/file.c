#include "streamd/origin/file_in.h"
#include <string.h>

/* Moves *p past the number. */
static bool read_number(const char **p, uint64_t max, uint64_t *ret)
{
    const char *s = *p;
    uint64_t n = 0;
    if (*s == '0' && s[1] >= '0' && s[1] <= '9')
        return false;
    for (; *s >= '0' && *s <= '9'; s++) {
        n = n * 10 + (uint64_t)(*s - '0');
        if (n > max)
            return false;
    }
    if (s == *p)
        return false;
    *p = s;
    *ret = n;
    return true;
}

static bool skip(const char **p, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(*p, word, n) != 0)
        return false;
    *p += n;
    return true;
}

bool file_read_name(const char *name, struct file_name *ret_name)
{
    const uint64_t msn_max = UINT64_C(1) << 53, index_max = 1 << 30;
    struct file_name f = {0};
    uint64_t index = 0;
    const char *p = name, *end = ".m4s";
    bool ok = true;
    if (strcmp(p, "live.m3u8") == 0 || strcmp(p, "plain.m3u8") == 0 || strcmp(p, "vod.m3u8") == 0) {
        f.kind = *p == 'l' ? FILE_PLAYLIST : *p == 'p' ? FILE_PLAIN_PLAYLIST : FILE_VOD;
        end = "";
        p = "";
    } else if (skip(&p, "seg-")) {
        f.kind = FILE_SEGMENT;
        ok = read_number(&p, msn_max, &f.msn);
    } else if (skip(&p, "part-")) {
        f.kind = FILE_PART;
        ok =
            read_number(&p, msn_max, &f.msn) && skip(&p, "-") && read_number(&p, index_max, &index);
    } else if (skip(&p, "init-")) {
        f.kind = FILE_INIT;
        ok = read_number(&p, index_max, &index);
        end = ".mp4";
    } else {
        return false;
    }
    if (!ok || strcmp(p, end) != 0)
        return false;
    f.index = (unsigned)index;
    *ret_name = f;
    return true;
}
