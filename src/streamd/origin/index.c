#include "base/bytes.h"
#include "base/text.h"
#include "streamd/origin/index_in.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INDEX_BYTES_MAX = 512 << 20, FIELDS_MAX = 12 };

bool rec_path(const char *dir, const char *name, char out[REC_PATH_MAX])
{
    int n = snprintf(out, REC_PATH_MAX, "%s/%s", dir, name);
    return n > 0 && n < REC_PATH_MAX;
}

void rec_put_init(struct buf *out, unsigned version, size_t len, const struct media_info *info)
{
    buf_fmt(out, "i %u %zu %d %d %u %u %u %u %u %u %s\n", version, len, info->video, info->audio,
            info->width, info->height, info->fps_num, info->fps_den, info->sample_hz,
            info->channels, info->codecs);
}

void rec_put_part(struct buf *out, const struct media_part *part, bool hole)
{
    unsigned flags = (part->discontinuity || hole ? REC_DISCONTINUITY : 0U) |
                     (part->independent ? REC_INDEPENDENT : 0U);
    buf_fmt(out, "p %" PRIu64 " %u %u %zu %" PRId64 " %" PRId64 " %u\n", part->msn, part->index,
            part->init, part->bytes->len, part->duration, part->wall_ms, flags);
}

void rec_put_next(struct buf *out, const struct packager_resume *next)
{
    buf_fmt(out, "n %" PRIu64 " %u %u %" PRId64 " %" PRId64 " %" PRIu64 "\n", next->msn, next->init,
            next->target_s, next->part_target, next->time, next->discontinuity);
}

void rec_put_targets(struct buf *out, unsigned target_s, int64_t part_target)
{
    buf_fmt(out, "t %u %" PRId64 "\n", target_s, part_target);
}

void rec_put_end(struct buf *out)
{
    buf_str(out, "e\n");
}

/* One line, cut at spaces. */
struct line {
    char text[256];
    const char *field[FIELDS_MAX];
    unsigned n;
};

static bool cut_line(const char *from, size_t len, struct line *l)
{
    if (len >= sizeof(l->text))
        return false;
    memcpy(l->text, from, len);
    l->text[len] = '\0';
    l->n = 0;
    for (char *p = l->text; *p && l->n < FIELDS_MAX;) {
        l->field[l->n++] = p;
        p += strcspn(p, " ");
        if (*p)
            *p++ = '\0';
    }
    return l->n > 0;
}

static bool number(const struct line *l, unsigned i, int64_t max, int64_t *ret)
{
    return i < l->n && text_i64(l->field[i], 0, max, ret) == ERR_OK;
}

static bool numbers(const struct line *l, unsigned n, int64_t max, int64_t ret[])
{
    for (unsigned i = 0; i < n; i++)
        if (!number(l, i + 1, max, &ret[i]))
            return false;
    return true;
}

/* Room for one more of `size` bytes in *array. */
static void *more(void *array, size_t n, size_t *cap, size_t size, size_t max)
{
    if (n < *cap)
        return array;
    if (n >= max)
        return NULL;
    size_t wanted = *cap ? *cap * 2 : 32;
    void *grown = reallocarray(array, wanted, size);
    if (grown)
        *cap = wanted;
    return grown;
}

/* ERR_INPUT, here and below: the line does not add up, the recording ends before it. */
static enum err take_init(struct rec_map *m, const struct line *l, uint64_t media_len)
{
    int64_t v[10];
    if (!numbers(l, 10, INT32_MAX, v))
        return ERR_INPUT;
    if (m->media_len + (uint64_t)v[1] > media_len)
        return ERR_INPUT;
    void *grown = more(m->inits, m->n_inits, &m->cap_inits, sizeof(*m->inits), REC_INITS_MAX);
    if (!grown)
        return ERR_NO_MEMORY;
    m->inits = grown;
    struct rec_init *in = &m->inits[m->n_inits++];
    *in = (struct rec_init){.version = (unsigned)v[0], .off = m->media_len, .len = (uint64_t)v[1]};
    in->info = (struct media_info){.video = v[2] != 0,
                                   .audio = v[3] != 0,
                                   .width = (unsigned)v[4],
                                   .height = (unsigned)v[5],
                                   .fps_num = (unsigned)v[6],
                                   .fps_den = (unsigned)v[7],
                                   .sample_hz = (unsigned)v[8],
                                   .channels = (unsigned)v[9]};
    text_copy(in->info.codecs, sizeof(in->info.codecs), l->n > 11 ? l->field[11] : "");
    m->media_len += in->len;
    if (m->next.init < in->version)
        m->next.init = in->version;
    return ERR_OK;
}

/* A part that begins a segment moves the restart point past that segment. */
static enum err begin_segment(struct rec_map *m, const int64_t v[7])
{
    bool discontinuity = v[6] & REC_DISCONTINUITY;
    if (m->n && (uint64_t)v[0] <= m->segments[m->n - 1].msn)
        return ERR_INPUT;
    void *grown = more(m->segments, m->n, &m->cap, sizeof(*m->segments), REC_SEGMENTS_MAX);
    if (!grown)
        return ERR_NO_MEMORY;
    m->segments = grown;
    m->segments[m->n++] = (struct rec_segment){.msn = (uint64_t)v[0],
                                               .init = (unsigned)v[2],
                                               .wall_ms = v[5],
                                               .off = m->media_len,
                                               .discontinuity = discontinuity};
    m->next.msn = (uint64_t)v[0] + 1;
    m->next.discontinuity += discontinuity;
    return ERR_OK;
}

/* A segment has begun: the parts of one have left the tail. */
static void shorten_tail(struct rec_map *m)
{
    if (m->n <= REC_TAIL_SEGMENTS)
        return;
    uint64_t first = m->segments[m->n - REC_TAIL_SEGMENTS].msn;
    size_t gone = 0;
    while (gone < m->n_tail && m->tail[gone].part.msn < first)
        gone++;
    m->n_tail -= gone;
    memmove(m->tail, m->tail + gone, m->n_tail * sizeof(*m->tail));
}

static enum err add_to_tail(struct rec_map *m, const int64_t v[7])
{
    void *grown = more(m->tail, m->n_tail, &m->cap_tail, sizeof(*m->tail), REC_SEGMENTS_MAX);
    if (!grown)
        return ERR_NO_MEMORY;
    m->tail = grown;
    m->tail[m->n_tail++] =
        (struct rec_part){.off = m->media_len,
                          .len = (uint64_t)v[3],
                          .part = {.msn = (uint64_t)v[0],
                                   .index = (unsigned)v[1],
                                   .init = (unsigned)v[2],
                                   .duration = v[4],
                                   .wall_ms = v[5],
                                   .independent = v[6] & REC_INDEPENDENT,
                                   .discontinuity = m->segments[m->n - 1].discontinuity}};
    return ERR_OK;
}

static enum err take_part(struct rec_map *m, const struct line *l, uint64_t media_len)
{
    int64_t v[7]; /* msn, index, init, bytes, duration, wall_ms, flags */
    if (!numbers(l, 7, INT64_MAX / 4, v) || v[1] > INT32_MAX || v[2] > INT32_MAX)
        return ERR_INPUT;
    if ((uint64_t)v[3] > media_len || m->media_len + (uint64_t)v[3] > media_len)
        return ERR_INPUT;
    if (!m->n || m->segments[m->n - 1].msn != (uint64_t)v[0]) {
        enum err e = begin_segment(m, v);
        if (e)
            return e;
        shorten_tail(m);
    }
    enum err e = add_to_tail(m, v);
    if (e)
        return e;
    struct rec_segment *s = &m->segments[m->n - 1];
    s->len += (uint64_t)v[3];
    s->duration += v[4];
    m->duration += v[4];
    m->next.time += v[4];
    m->media_len += (uint64_t)v[3];
    return ERR_OK;
}

static enum err take_next(struct rec_map *m, const struct line *l)
{
    int64_t v[6];
    if (!numbers(l, 6, INT64_MAX / 4, v) || v[1] > INT32_MAX || v[2] > INT32_MAX)
        return ERR_INPUT;
    m->next = (struct packager_resume){.msn = (uint64_t)v[0],
                                       .init = (unsigned)v[1],
                                       .target_s = (unsigned)v[2],
                                       .part_target = v[3],
                                       .time = v[4],
                                       .discontinuity = (uint64_t)v[5]};
    return ERR_OK;
}

static enum err take_targets(struct rec_map *m, const struct line *l)
{
    int64_t v[2];
    if (!numbers(l, 2, INT32_MAX, v))
        return ERR_INPUT;
    m->next.target_s = (unsigned)v[0];
    m->next.part_target = v[1];
    return ERR_OK;
}

static enum err take_line(struct rec_map *m, const struct line *l, uint64_t media_len)
{
    m->ended = false;
    switch (l->field[0][0]) {
    case 'i': return take_init(m, l, media_len);
    case 'p': return take_part(m, l, media_len);
    case 'n': return take_next(m, l);
    case 't': return take_targets(m, l);
    case 'e': m->ended = true; return ERR_OK;
    default: return ERR_INPUT;
    }
}

enum err rec_parse(const char *text, size_t len, uint64_t media_len, struct rec_map *ret_map)
{
    assert(ret_map);
    struct rec_map m = {0};
    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        struct line l;
        if (!end || !cut_line(text + at, (size_t)(end - text) - at, &l))
            break;
        enum err e = take_line(&m, &l, media_len);
        if (e == ERR_NO_MEMORY) {
            rec_map_done(&m);
            return e;
        }
        if (e)
            break;
        at = (size_t)(end - text) + 1;
        m.index_len = at;
    }
    if (!m.n) {
        rec_map_done(&m);
        return ERR_NOT_FOUND;
    }
    *ret_map = m;
    return ERR_OK;
}

void rec_map_done(struct rec_map *m)
{
    free(m->segments);
    free(m->inits);
    free(m->tail);
    *m = (struct rec_map){0};
}

/* The whole file, from malloc(). */
static enum err read_all(const char *path, char **ret_text, size_t *ret_len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    enum err e = ERR_IO;
    char *text = NULL;
    struct stat st;
    if (fstat(fd, &st) || st.st_size > INDEX_BYTES_MAX)
        goto out;
    e = ERR_NO_MEMORY;
    size_t size = (size_t)st.st_size, len = 0;
    text = malloc(size + 1);
    if (!text)
        goto out;
    while (len < size) {
        ssize_t n = read(fd, text + len, size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    *ret_text = text;
    *ret_len = len;
    text = NULL;
    e = ERR_OK;
out:
    free(text);
    close(fd);
    return e;
}

enum err rec_read(const char *dir, struct rec_map *ret_map)
{
    char media[REC_PATH_MAX], index[REC_PATH_MAX], *text;
    if (!rec_path(dir, "media.mp4", media) || !rec_path(dir, "index", index))
        return ERR_IO;
    struct stat st;
    if (stat(media, &st))
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    size_t len;
    enum err e = read_all(index, &text, &len);
    if (e)
        return e;
    e = rec_parse(text, len, (uint64_t)st.st_size, ret_map);
    free(text);
    return e;
}

const struct rec_segment *rec_segment_of(const struct rec_map *m, uint64_t msn)
{
    size_t lo = 0, hi = m->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (m->segments[mid].msn < msn)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < m->n && m->segments[lo].msn == msn ? &m->segments[lo] : NULL;
}

const struct rec_init *rec_init_of(const struct rec_map *m, unsigned version)
{
    for (size_t i = m->n_inits; i-- > 0;)
        if (m->inits[i].version == version)
            return &m->inits[i];
    return NULL;
}
