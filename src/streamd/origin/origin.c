#include "streamd/origin/origin.h"
#include "base/crypto.h"
#include "base/text.h"
#include "streamd/origin/census_in.h"
#include "streamd/origin/origin_in.h"
#include "streamd/origin/still_in.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <semaphore.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PART_MS = 200, QUEUE_MAX_BYTES = 16 << 20 };

enum err origin_make(const struct origin_conf *conf, struct origin **ret_origin)
{
    assert(conf && conf->library && conf->loops && conf->pool && conf->media_dir);
    struct origin *o = calloc(1, sizeof(*o));
    if (!o)
        return ERR_NO_MEMORY;
    pthread_mutex_init(&o->lock, NULL);
    o->self = o;
    crypto_random(o->player_key, sizeof(o->player_key));
    o->library = conf->library;
    o->loops = conf->loops;
    o->pool = conf->pool;
    o->part_ms = conf->part_ms ? (unsigned)conf->part_ms : PART_MS;
    o->queue_max = conf->memory_max ? (size_t)conf->memory_max : QUEUE_MAX_BYTES;
    o->n_loops = loops_count(conf->loops);
    o->seats = calloc(o->n_loops, sizeof(*o->seats));
    o->shelf = shelf_make();
    o->census = census_make(o);
    o->stills = stills_make();
    enum err e = o->seats && o->shelf && o->census && o->stills ? ERR_OK : ERR_NO_MEMORY;
    if (!e && (!text_copy(o->media_dir, sizeof(o->media_dir), conf->media_dir) ||
               !text_copy(o->thumbnailer, sizeof(o->thumbnailer),
                          conf->thumbnailer ? conf->thumbnailer : "")))
        e = ERR_IO;
    if (!e && mkdir(o->media_dir, 0750) && errno != EEXIST)
        e = ERR_IO;
    if (e) {
        origin_free(o);
        return e;
    }
    for (unsigned i = 0; i < o->n_loops; i++)
        o->seats[i] = (struct seat){.o = o, .loop = loops_at(o->loops, i)};
    census_start(o->census);
    *ret_origin = o;
    return ERR_OK;
}

void origin_free(struct origin *o)
{
    if (!o)
        return;
    while (o->first) {
        struct broadcast *b = o->first;
        o->first = b->next;
        broadcast_unref(b);
    }
    census_free(o->census);
    shelf_free(o->shelf);
    stills_free(o->stills);
    free(o->seats);
    pthread_mutex_destroy(&o->lock);
    free(o);
}

bool origin_video_dir(const struct origin *o, const char *video_uid, char out[REC_PATH_MAX])
{
    return access_uid_ok(video_uid) && rec_path(o->media_dir, video_uid, out);
}

/* References to broadcasts of this input (NULL: all), at most `max`; returns how many. */
static size_t list_of(struct origin *o, const char *input_uid, struct broadcast **list, size_t max)
{
    size_t n = 0;
    pthread_mutex_lock(&o->lock);
    for (struct broadcast *b = o->first; b && n < max; b = b->next)
        if (!input_uid || strcmp(b->input_uid, input_uid) == 0)
            list[n++] = broadcast_ref(b);
    pthread_mutex_unlock(&o->lock);
    return n;
}

void origin_kick(struct origin *o, const char *input_uid, const char *reason)
{
    struct broadcast *list[16];
    size_t n = list_of(o, input_uid, list, 16);
    for (size_t i = 0; i < n; i++) {
        broadcast_kick(list[i], reason);
        broadcast_unref(list[i]);
    }
}

static void fill_codecs(struct recording *rec, const struct media_info *info)
{
    for (const char *p = info->codecs; *p;) {
        size_t n = strcspn(p, ",");
        bool audio = text_has_prefix(p, "mp4a");
        (void)snprintf(audio ? rec->audio_codec : rec->video_codec, sizeof(rec->audio_codec),
                       "%.*s", (int)n, p);
        p += n + (p[n] == ',');
    }
}

static struct recording recording_of(const struct rec_map *map)
{
    struct recording rec = {.duration_ms = map->duration * 1000 / MEDIA_HZ,
                            .size_bytes = (int64_t)map->media_len};
    if (!map->n_inits)
        return rec;
    const struct media_info *info = &map->inits[map->n_inits - 1].info;
    rec.width = (int)info->width;
    rec.height = (int)info->height;
    rec.fps = info->fps_den ? (double)info->fps_num / info->fps_den : 0;
    fill_codecs(&rec, info);
    return rec;
}

/* Nobody has it open: read it, and give it the end mark that a crash has left out. */
static enum err seal(struct origin *o, const char *dir, struct recording *ret)
{
    struct rec_map map;
    enum err e = rec_read(dir, &map);
    if (e)
        return e;
    *ret = recording_of(&map);
    bool ended = map.ended;
    rec_map_done(&map);
    if (ended)
        return ERR_OK;
    struct recorder *r;
    struct packager_resume next;
    struct recorder_conf conf = {
        .dir = dir, .pool = o->pool, .queue_max = 1, .failures = &o->disk_errors};
    e = recorder_open(&conf, &r, &next);
    if (e)
        return e;
    e = recorder_close(r, true);
    recorder_free(r);
    return e;
}

enum err origin_finish(struct origin *o, const char *video_uid, struct recording *ret_recording)
{
    char dir[REC_PATH_MAX];
    if (!origin_video_dir(o, video_uid, dir))
        return ERR_NOT_FOUND;
    struct broadcast *b = broadcast_find(o, video_uid);
    enum err e = ERR_OK;
    if (b) {
        e = broadcast_finish(b, true);
        if (e != ERR_CONFLICT)
            broadcast_unlist(b);
        broadcast_unref(b);
    }
    if (e == ERR_CONFLICT)
        return e;
    e = seal(o, dir, ret_recording);
    shelf_forget(o->shelf, video_uid);
    return e;
}

enum err origin_drop(struct origin *o, const char *video_uid)
{
    char dir[REC_PATH_MAX], path[REC_PATH_MAX];
    if (!origin_video_dir(o, video_uid, dir))
        return ERR_OK;
    struct recording rec;
    if (origin_finish(o, video_uid, &rec) == ERR_CONFLICT)
        return ERR_CONFLICT;
    shelf_forget(o->shelf, video_uid);
    DIR *d = opendir(dir);
    if (!d)
        return errno == ENOENT ? ERR_OK : ERR_IO;
    bool ok = true;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else has this DIR */
    for (struct dirent *f; (f = readdir(d));) {
        if (f->d_name[0] == '.')
            continue;
        ok = rec_path(dir, f->d_name, path) && !unlink(path) && ok;
    }
    closedir(d);
    return !rmdir(dir) && ok ? ERR_OK : ERR_IO;
}

enum err origin_media_path(struct origin *o, const char *video_uid, char *ret_path, size_t size)
{
    char dir[REC_PATH_MAX], path[REC_PATH_MAX];
    if (!origin_video_dir(o, video_uid, dir) || !rec_path(dir, "media.mp4", path) ||
        access(path, R_OK))
        return ERR_NOT_FOUND;
    if (strlen(path) >= size)
        return ERR_INPUT;
    text_copy(ret_path, size, path);
    return ERR_OK;
}

void origin_count(struct origin *o, struct origin_counts *ret_counts)
{
    *ret_counts = (struct origin_counts){.broadcasts = atomic_load(&o->broadcasts),
                                         .viewers = atomic_load(&o->viewers),
                                         .parts = atomic_load(&o->parts),
                                         .part_bytes = atomic_load(&o->part_bytes),
                                         .disk_errors = atomic_load(&o->disk_errors)};
}

int64_t origin_viewers(struct origin *o, const char *input_uid)
{
    return census_count(o->census, input_uid);
}

/* ---- stopping ---- */

struct leave {
    struct origin *o;
    sem_t done;
};

static void leave_loop(void *arg)
{
    struct leave *l = arg;
    struct seat *s = seat_here(l->o);
    views_drop_all(s);
    if (loop_index(s->loop) == 0)
        census_stop(l->o->census);
    sem_post(&l->done);
}

void origin_stop(struct origin *o)
{
    assert(!loop_here());
    pthread_mutex_lock(&o->lock);
    o->stopping = true;
    pthread_mutex_unlock(&o->lock);
    for (struct broadcast *b; list_of(o, NULL, &b, 1);) {
        broadcast_kick(b, "the server is stopping");
        /* The kick is posted first, so the broadcast waits when this arrives. */
        while (broadcast_finish(b, false) == ERR_CONFLICT)
            usleep(1000); /* a worker still opens its recording */
        broadcast_unlist(b);
        broadcast_unref(b);
    }
    struct leave l = {.o = o};
    struct loop_mail mail[LOOPS_MAX];
    sem_init(&l.done, 0, 0);
    for (unsigned i = 0; i < o->n_loops; i++)
        loop_post_mail(loops_at(o->loops, i), &mail[i], leave_loop, &l);
    for (unsigned i = 0; i < o->n_loops; i++)
        while (sem_wait(&l.done))
            ;
    sem_destroy(&l.done);
}
