#include "streamd/strays.h"

#include "base/log.h"
#include "streamd/library/library.h"

#include <dirent.h>
#include <string.h>

static bool is_uid(const char *name)
{
    return strlen(name) == UID_TEXT - 1 && strspn(name, "0123456789abcdef") == UID_TEXT - 1;
}

size_t strays_count(struct library *l, const char *media_dir)
{
    size_t n = 0;
    struct playback p;
    DIR *d = opendir(media_dir);
    if (!d)
        return 0;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else has this DIR */
    for (const struct dirent *f; (f = readdir(d));)
        n += is_uid(f->d_name) && library_playback(l, f->d_name, &p) == ERR_NOT_FOUND;
    (void)closedir(d);
    return n;
}

void strays_tell(struct library *l, const char *media_dir)
{
    size_t n = strays_count(l, media_dir);
    if (n)
        log_warn("recordings without a video: they can be removed", LOG_S("folder", media_dir),
                 LOG_I("recordings", n));
}
