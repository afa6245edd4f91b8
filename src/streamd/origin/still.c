#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "streamd/origin/origin_in.h"
#include "streamd/origin/still_child_in.h"
#include "streamd/origin/still_in.h"
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_TEXT = 96, SIDE_MIN = 16, SIDE_MAX = 4096, TIME_MAX_S = 7 * 24 * 3600, WIDTH = 640 };

struct still {
    char key[KEY_TEXT]; /* video, time, size */
    struct bytes *jpeg;
    int64_t made_ms;
};

struct stills {
    pthread_mutex_t lock;
    struct still at[STILLS];
    unsigned children;
};

/* What a request wants; in its arena. */
struct want {
    char video_uid[UID_TEXT];
    bool live, plain; /* plain: no parameter was given */
    int64_t time_s;
    int64_t width, height;
    const char *fit;
    char key[KEY_TEXT];
    struct bytes *media[2]; /* live: init and key frame, references of the arena */
};

struct stills *stills_make(void)
{
    struct stills *s = calloc(1, sizeof(*s));
    if (s)
        pthread_mutex_init(&s->lock, NULL);
    return s;
}

void stills_free(struct stills *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < STILLS; i++)
        bytes_unref(s->at[i].jpeg);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* ---- what was made before ---- */

/* A reference; NULL: none, or too old unless `stale` will do. */
static struct bytes *recall(struct stills *s, const struct want *w, bool stale)
{
    int64_t age_max = w->live ? STILL_LIVE_MS : STILL_KEPT_MS, now = clock_mono_ms();
    struct bytes *found = NULL;
    pthread_mutex_lock(&s->lock);
    for (unsigned i = 0; i < STILLS && !found; i++)
        if (s->at[i].jpeg && strcmp(s->at[i].key, w->key) == 0 &&
            (stale || now - s->at[i].made_ms < age_max))
            found = bytes_ref(s->at[i].jpeg);
    pthread_mutex_unlock(&s->lock);
    return found;
}

static void remember(struct stills *s, const struct want *w, struct bytes *jpeg)
{
    pthread_mutex_lock(&s->lock);
    struct still *to = &s->at[0];
    for (unsigned i = 0; i < STILLS; i++) {
        if (strcmp(s->at[i].key, w->key) == 0) {
            to = &s->at[i];
            break;
        }
        if (s->at[i].made_ms < to->made_ms)
            to = &s->at[i];
    }
    bytes_unref(to->jpeg);
    to->jpeg = bytes_ref(jpeg);
    to->made_ms = clock_mono_ms();
    text_copy(to->key, sizeof(to->key), w->key);
    pthread_mutex_unlock(&s->lock);
}

static bool take_turn(struct stills *s)
{
    pthread_mutex_lock(&s->lock);
    bool mine = s->children < STILL_CHILDREN;
    s->children += mine;
    pthread_mutex_unlock(&s->lock);
    return mine;
}

static void end_turn(struct stills *s)
{
    pthread_mutex_lock(&s->lock);
    s->children--;
    pthread_mutex_unlock(&s->lock);
}

/* ---- making one, on a worker ---- */

static void send_jpeg(struct http_req *req, const struct want *w, struct bytes *jpeg)
{
    access_headers(req);
    http_add(req, "Cache-Control", w->live ? "max-age=4" : "max-age=3600");
    http_send_bytes(req, 200, "image/jpeg", jpeg);
}

static enum err make(struct origin *o, const struct want *w, struct bytes **ret_jpeg)
{
    char dir[REC_PATH_MAX], file[REC_PATH_MAX];
    if (!origin_video_dir(o, w->video_uid, dir) || !rec_path(dir, "media.mp4", file))
        return ERR_NOT_FOUND;
    struct still_ask ask = {.program = o->thumbnailer,
                            .media = w->media,
                            .n_media = w->live ? 2 : 0,
                            .file = file,
                            .time_s = w->live ? 0 : (double)w->time_s,
                            .width = (unsigned)w->width,
                            .height = (unsigned)w->height,
                            .fit = w->fit};
    if (!w->live && access(file, R_OK))
        return ERR_NOT_FOUND;
    return still_child(&ask, ret_jpeg);
}

static void make_still(struct http_req *req)
{
    struct origin *o = origin_of(req);
    const struct want *w = http_note(req);
    struct bytes *jpeg = recall(o->stills, w, false);
    enum err e = jpeg ? ERR_OK : ERR_BUSY;
    if (e && take_turn(o->stills)) {
        e = make(o, w, &jpeg);
        end_turn(o->stills);
        if (!e)
            remember(o->stills, w, jpeg);
    }
    if (e == ERR_BUSY && (jpeg = recall(o->stills, w, true)))
        e = ERR_OK;
    if (!e)
        send_jpeg(req, w, jpeg);
    else if (e == ERR_NOT_FOUND)
        access_fail(req, 404, "no picture there");
    else
        access_fail(req, 503, "no picture now");
    if (!e)
        bytes_unref(jpeg);
}

/* The one that was made when the recording became ready, for those who ask for no other. */
static void send_ready_made(struct http_req *req)
{
    const struct want *w = http_note(req);
    char dir[REC_PATH_MAX], file[REC_PATH_MAX];
    struct stat st;
    int fd = -1;
    if (origin_video_dir(origin_of(req), w->video_uid, dir) && rec_path(dir, "thumbnail.jpg", file))
        fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st)) {
        if (fd >= 0)
            close(fd);
        make_still(req);
        return;
    }
    access_headers(req);
    http_add(req, "Cache-Control", "max-age=3600");
    http_send_file(req, 200, "image/jpeg", fd, 0, (uint64_t)st.st_size);
}

/* ---- what is asked ---- */

/* "90", "90s", "8m", "5m2s", "1h30m" */
static bool read_time(const char *text, int64_t *ret_s)
{
    int64_t total = 0;
    while (*text) {
        char *end;
        if (*text < '0' || *text > '9')
            return false;
        int64_t n = strtoll(text, &end, 10);
        if (n > TIME_MAX_S)
            return false;
        if (*end == 'h')
            n *= 3600;
        else if (*end == 'm')
            n *= 60;
        text = end + (*end == 'h' || *end == 'm' || *end == 's');
        total += n;
    }
    *ret_s = total;
    return total <= TIME_MAX_S;
}

static bool read_fit(const char *text, const char **ret_fit)
{
    static const char *const words[] = {"crop", "clip", "scale", "fill"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(text, words[i]) == 0)
            *ret_fit = words[i];
    return *ret_fit != NULL;
}

static bool read_want(struct http_req *req, struct want *w)
{
    const char *at = http_query(req, "time"), *width = http_query(req, "width"),
               *height = http_query(req, "height"), *fit = http_query(req, "fit");
    w->plain = !at && !width && !height && !fit;
    if ((at && !read_time(at, &w->time_s)) ||
        (width && text_i64(width, SIDE_MIN, SIDE_MAX, &w->width) != ERR_OK) ||
        (height && text_i64(height, SIDE_MIN, SIDE_MAX, &w->height) != ERR_OK) ||
        (fit && !read_fit(fit, &w->fit)))
        return false;
    if (!w->width && !w->height)
        w->width = WIDTH;
    return true;
}

static void drop_bytes(void *obj)
{
    bytes_unref(obj);
}

/* The newest key frame and its init, if this loop has a view of the video. False: no memory. */
static bool take_key_frame(struct http_req *req, struct want *w)
{
    struct view *v = view_find(seat_here(origin_of(req)), w->video_uid);
    if (!v || !v->key_part || !v->key_init)
        return true;
    struct arena *a = http_cx(req)->arena;
    w->media[0] = bytes_ref(v->key_init);
    w->media[1] = bytes_ref(v->key_part);
    bool first = arena_at_end(a, drop_bytes, w->media[0]) == 0;
    bool second = arena_at_end(a, drop_bytes, w->media[1]) == 0;
    w->live = true;
    return first && second;
}

void still_get(struct http_req *req)
{
    struct origin *o = origin_of(req);
    const char *id = http_param(req, "id");
    struct playback pb = {.state = PLAYBACK_IDLE};
    enum err e = access_uid_ok(id) ? library_playback(o->library, id, &pb) : ERR_NOT_FOUND;
    if (!e && pb.signed_only)
        e = ERR_NEED_LOGIN;
    if (!access_may_watch(req, e, e ? "" : pb.allowed_origins))
        return;
    struct want *w = arena_new(http_cx(req)->arena, struct want);
    if (!w) {
        access_fail(req, 500, "out of memory");
        return;
    }
    memcpy(w->video_uid, pb.video_uid, UID_TEXT);
    http_set_note(req, w);
    if (!read_want(req, w)) {
        access_fail(req, 400, "time, width, height or fit is not what they can be");
        return;
    }
    bool now = !http_query(req, "time") && pb.state == PLAYBACK_LIVE;
    if (now && !take_key_frame(req, w)) {
        access_fail(req, 500, "out of memory");
        return;
    }
    (void)snprintf(w->key, sizeof(w->key), "%s %" PRId64 " %" PRId64 "x%" PRId64 " %s %d",
                   w->video_uid, w->time_s, w->width, w->height, w->fit ? w->fit : "", w->live);
    if (!w->video_uid[0] || pb.state == PLAYBACK_IDLE || !o->thumbnailer[0])
        access_fail(req, 404, "no picture there");
    else
        http_to_worker(req, w->plain && !w->live ? send_ready_made : make_still);
}
