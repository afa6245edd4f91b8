#include "base/bytes.h"
#include "net/pool.h"
#include "streamd/origin/index_in.h"
#include "streamd/origin/recorder_in.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 512 };

enum item_kind { ITEM_INIT, ITEM_PART, ITEM_NEXT, ITEM_TARGETS };

struct item {
    struct item *next;
    enum item_kind kind;
    bool hole;
    unsigned version;
    struct bytes *bytes; /* a reference; NULL where there is no media */
    struct media_info info;
    struct media_part part;
    struct packager_resume resume;
};

struct recorder {
    struct recorder_conf conf;
    /* the broadcast's loop */
    bool skipping, hole; /* parts are left out; the next one taken comes after a hole */
    /* lock */
    pthread_mutex_t lock;
    pthread_cond_t idle;
    struct item *first, **last;
    size_t waiting; /* bytes of queued items */
    bool running;
    /* the worker that runs, or nobody */
    int media, index;
    uint64_t media_len, index_len;
    bool failing, lost;    /* the last write failed; a part of this segment is missing */
    struct item *init;     /* the newest; written before the first part that needs it */
    unsigned init_written; /* its version, once it is on disk; 0: none */
};

static size_t weight(const struct item *it)
{
    return sizeof(*it) + (it->bytes ? it->bytes->len : 0);
}

static void item_free(struct item *it)
{
    bytes_unref(it->bytes);
    free(it);
}

static bool write_all(int fd, const void *data, size_t len, uint64_t at)
{
    const char *p = data;
    while (len) {
        ssize_t n = pwrite(fd, p, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

/* After a failure: no half-written tail may stay. What cannot be cut is overwritten later. */
static void cut_back(struct recorder *r)
{
    if (ftruncate(r->media, (off_t)r->media_len) || ftruncate(r->index, (off_t)r->index_len))
        atomic_fetch_add(r->conf.failures, 1);
}

static void put_line(struct buf *line, const struct item *it, bool hole)
{
    switch (it->kind) {
    case ITEM_INIT: rec_put_init(line, it->version, it->bytes->len, &it->info); break;
    case ITEM_PART: rec_put_part(line, &it->part, hole); break;
    case ITEM_NEXT: rec_put_next(line, &it->resume); break;
    case ITEM_TARGETS: rec_put_targets(line, it->resume.target_s, it->resume.part_target); break;
    }
}

static bool append(struct recorder *r, const struct item *it, bool hole)
{
    struct buf line;
    buf_init(&line, LINE_MAX_BYTES);
    put_line(&line, it, hole);
    size_t len = it->bytes ? it->bytes->len : 0;
    bool ok = !line.failed && (!len || write_all(r->media, it->bytes->data, len, r->media_len)) &&
              write_all(r->index, line.data, line.len, r->index_len);
    if (ok) {
        r->media_len += len;
        r->index_len += line.len;
    }
    buf_done(&line);
    return ok;
}

/* What could not be written: a segment that lacks a part takes no more of its parts. */
static void note_failure(struct recorder *r, bool part)
{
    cut_back(r);
    r->lost = r->lost || part;
    atomic_fetch_add(r->conf.failures, 1);
    if (!r->failing && r->conf.on_trouble)
        r->conf.on_trouble(r->conf.arg);
    r->failing = true;
}

static bool append_init(struct recorder *r, unsigned version)
{
    if (!r->init || r->init->version != version || r->init_written == version)
        return true;
    if (!append(r, r->init, false))
        return false;
    r->init_written = version;
    return true;
}

static void write_part(struct recorder *r, const struct item *it)
{
    if (r->lost && it->part.index > 0)
        return;
    if (!append_init(r, it->part.init) || !append(r, it, it->hole || r->lost)) {
        note_failure(r, true);
        return;
    }
    r->failing = false;
    r->lost = false;
}

/* Takes the item over. */
static void write_item(struct recorder *r, struct item *it)
{
    if (it->kind == ITEM_INIT) {
        if (r->init)
            item_free(r->init);
        r->init = it;
        return;
    }
    if (it->kind == ITEM_PART)
        write_part(r, it);
    else if (!append(r, it, false))
        note_failure(r, false);
    item_free(it);
}

static struct item *take_items(struct recorder *r)
{
    pthread_mutex_lock(&r->lock);
    struct item *items = r->first;
    r->first = NULL;
    r->last = &r->first;
    if (!items) {
        r->running = false;
        pthread_cond_broadcast(&r->idle);
    }
    pthread_mutex_unlock(&r->lock);
    return items;
}

/* A worker: write until the queue is empty. */
static void drain(void *arg)
{
    struct recorder *r = arg;
    for (struct item *it; (it = take_items(r));) {
        while (it) {
            struct item *next = it->next;
            size_t bytes = weight(it);
            write_item(r, it);
            pthread_mutex_lock(&r->lock);
            r->waiting -= bytes;
            pthread_mutex_unlock(&r->lock);
            it = next;
        }
    }
}

/* False: the queue is full; `it` is freed. Only parts are ever refused: all else is small. */
static bool push(struct recorder *r, struct item *it)
{
    size_t bytes = weight(it);
    pthread_mutex_lock(&r->lock);
    bool fits = it->kind != ITEM_PART || r->waiting + bytes <= r->conf.queue_max;
    bool start = fits && !r->running;
    if (fits) {
        *r->last = it;
        r->last = &it->next;
        r->waiting += bytes;
        r->running = true;
    }
    pthread_mutex_unlock(&r->lock);
    if (!fits)
        item_free(it);
    if (start && pool_run(r->conf.pool, drain, r) != ERR_OK) {
        pthread_mutex_lock(&r->lock);
        r->running = false; /* the next part tries again */
        pthread_cond_broadcast(&r->idle);
        pthread_mutex_unlock(&r->lock);
    }
    return fits;
}

static struct item *item_make(enum item_kind kind, struct bytes *bytes)
{
    struct item *it = calloc(1, sizeof(*it));
    if (it) {
        it->kind = kind;
        it->bytes = bytes_ref(bytes);
    }
    return it;
}

void recorder_add_init(struct recorder *r, unsigned version, struct bytes *init,
                       const struct media_info *info)
{
    struct item *it = item_make(ITEM_INIT, init);
    if (!it)
        return;
    it->version = version;
    it->info = *info;
    push(r, it);
}

void recorder_add_part(struct recorder *r, const struct media_part *part)
{
    if (r->skipping && part->index > 0)
        return;
    struct item *it = item_make(ITEM_PART, part->bytes);
    if (it) {
        it->part = *part;
        it->hole = r->hole;
    }
    r->skipping = !it || !push(r, it);
    r->hole = r->skipping;
    if (r->skipping)
        atomic_fetch_add(r->conf.failures, 1);
}

void recorder_add_next(struct recorder *r, const struct packager_resume *next)
{
    struct item *it = item_make(ITEM_NEXT, NULL);
    if (!it)
        return;
    it->resume = *next;
    push(r, it);
}

void recorder_add_targets(struct recorder *r, unsigned target_s, int64_t part_target)
{
    struct item *it = item_make(ITEM_TARGETS, NULL);
    if (!it)
        return;
    it->resume.target_s = target_s;
    it->resume.part_target = part_target;
    push(r, it);
}

void recorder_flush(struct recorder *r)
{
    pthread_mutex_lock(&r->lock);
    while (r->running)
        pthread_cond_wait(&r->idle, &r->lock);
    bool left = r->first != NULL;
    r->running = left;
    pthread_mutex_unlock(&r->lock);
    if (left)
        drain(r); /* what the pool would not take */
}

enum err recorder_close(struct recorder *r, bool ended)
{
    recorder_flush(r);
    bool ok = true;
    if (ended) {
        struct buf line;
        buf_init(&line, LINE_MAX_BYTES);
        rec_put_end(&line);
        ok = !line.failed && write_all(r->index, line.data, line.len, r->index_len);
        buf_done(&line);
    }
    ok = !fdatasync(r->media) && !fdatasync(r->index) && ok;
    close(r->media);
    close(r->index);
    r->media = r->index = -1;
    return ok ? ERR_OK : ERR_IO;
}

void recorder_free(struct recorder *r)
{
    if (!r)
        return;
    assert(!r->running && !r->first);
    if (r->init)
        item_free(r->init);
    if (r->media >= 0)
        close(r->media);
    if (r->index >= 0)
        close(r->index);
    pthread_cond_destroy(&r->idle);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

static int open_in(const char *dir, const char *name)
{
    char path[REC_PATH_MAX];
    return rec_path(dir, name, path) ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640) : -1;
}

/* Continue what is there; nothing there, or nothing that adds up: start empty. */
static enum err continue_from(struct recorder *r, struct packager_resume *next)
{
    struct rec_map map;
    enum err e = rec_read(r->conf.dir, &map);
    if (e && e != ERR_NOT_FOUND)
        return e;
    *next = (struct packager_resume){0};
    if (!e) {
        *next = map.next;
        r->media_len = map.media_len;
        r->index_len = map.index_len;
        rec_map_done(&map);
    }
    if (ftruncate(r->media, (off_t)r->media_len) || ftruncate(r->index, (off_t)r->index_len))
        return ERR_IO;
    return ERR_OK;
}

enum err recorder_open(const struct recorder_conf *conf, struct recorder **ret_recorder,
                       struct packager_resume *ret_next)
{
    assert(conf && conf->dir && conf->pool && conf->failures);
    if (mkdir(conf->dir, 0750) && errno != EEXIST)
        return ERR_IO;
    struct recorder *r = calloc(1, sizeof(*r));
    if (!r)
        return ERR_NO_MEMORY;
    r->conf = *conf;
    r->last = &r->first;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->idle, NULL);
    r->media = open_in(conf->dir, "media.mp4");
    r->index = open_in(conf->dir, "index");
    struct packager_resume next;
    enum err e = r->media < 0 || r->index < 0 ? ERR_IO : continue_from(r, &next);
    r->conf.dir = NULL; /* the caller's; not needed any more */
    if (e) {
        recorder_free(r);
        return e;
    }
    *ret_recorder = r;
    *ret_next = next;
    return ERR_OK;
}
