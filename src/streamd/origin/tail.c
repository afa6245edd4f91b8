#include "base/bytes.h"
#include "streamd/origin/origin_in.h"
#include <fcntl.h>
#include <unistd.h>

/* A piece of the media file; NULL: cannot be had. */
static struct bytes *read_piece(int fd, uint64_t off, uint64_t len)
{
    struct bytes *b = bytes_make(NULL, len);
    uint64_t at = 0;
    while (b && at < len) {
        ssize_t n = pread(fd, b->data + at, len - at, (off_t)(off + at));
        if (n <= 0) {
            bytes_unref(b);
            return NULL;
        }
        at += (uint64_t)n;
    }
    return b;
}

static bool add_init(struct broadcast *b, int fd, const struct rec_map *m, unsigned version)
{
    const struct rec_init *in = rec_init_of(m, version);
    struct bytes *init = in ? read_piece(fd, in->off, in->len) : NULL;
    struct news_item *it = init ? news_add(b, NEWS_INIT) : NULL;
    if (!it) {
        bytes_unref(init);
        return false;
    }
    it->version = version;
    it->init = init;
    it->info = in->info;
    return true;
}

/* `last` is left false: the segment's end is told by itself. */
static bool add_part(struct broadcast *b, int fd, const struct rec_part *from, int64_t start)
{
    struct bytes *bytes = read_piece(fd, from->off, from->len);
    struct news_item *it = bytes ? news_add(b, NEWS_PART) : NULL;
    if (!it) {
        bytes_unref(bytes);
        return false;
    }
    it->part = from->part;
    it->part.bytes = bytes;
    it->part.start = start;
    return true;
}

static bool add_end(struct broadcast *b, uint64_t msn)
{
    struct news_item *it = news_add(b, NEWS_SEGMENT_END);
    if (it)
        it->msn = msn;
    return it != NULL;
}

static bool add_parts(struct broadcast *b, int fd, const struct rec_map *m)
{
    int64_t start = m->next.time;
    for (size_t i = 0; i < m->n_tail; i++)
        start -= m->tail[i].part.duration;
    unsigned init = 0;
    for (size_t i = 0; i < m->n_tail; i++) {
        const struct rec_part *p = &m->tail[i];
        if (p->part.init != init && !add_init(b, fd, m, p->part.init))
            return false;
        init = p->part.init;
        bool ends = i + 1 == m->n_tail || p[1].part.msn != p->part.msn;
        if (!add_part(b, fd, p, start) || (ends && !add_end(b, p->part.msn)))
            return false;
        start += p->part.duration;
    }
    return true;
}

/* DISCONTINUITYs before the tail: those in it are told with its segments. */
static uint64_t discontinuities_before(const struct rec_map *m)
{
    uint64_t in_tail = 0;
    for (size_t i = m->n; i-- > 0 && m->n_tail && m->segments[i].msn >= m->tail[0].part.msn;)
        in_tail += m->segments[i].discontinuity;
    return m->next.discontinuity > in_tail ? m->next.discontinuity - in_tail : 0;
}

void tail_read(struct broadcast *b, const char *dir)
{
    char media[REC_PATH_MAX];
    struct rec_map m;
    if (!rec_path(dir, "media.mp4", media) || rec_read(dir, &m) != ERR_OK)
        return;
    int fd = open(media, O_RDONLY | O_CLOEXEC);
    struct news_item *it = news_add(b, NEWS_OPEN);
    if (it) {
        it->msn = m.n_tail ? m.tail[0].part.msn : m.next.msn;
        it->discontinuity = discontinuities_before(&m);
    }
    bool whole = it && fd >= 0 && add_parts(b, fd, &m);
    if (whole && m.next.target_s && (it = news_add(b, NEWS_READY))) {
        it->target_s = m.next.target_s;
        it->part_target = m.next.part_target;
    }
    if (fd >= 0)
        close(fd);
    rec_map_done(&m);
}
