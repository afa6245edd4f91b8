#include "base/arena.h"
#include "base/id.h"
#include "base/text.h"
#include "cloud/file_store.h"
#include "files/files.sql.h"
#include "files/files_in.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const state_names[FILE_STATE_COUNT] = {
#define X(name, text) [FILE_##name] = (text),
    FILE_STATE_TABLE(X)
#undef X
};

/* A key for this alone, so that no other signature of ours opens an upload. */
static void derive(const unsigned char *key, unsigned char out[SHA256_LEN])
{
    static const char use[] = "nightmarket upload addresses 1";
    crypto_hmac_sha256(key, SECRET_KEY_LEN, use, sizeof use - 1, out);
}

static void init_waiting(struct files *f)
{
    pthread_condattr_t attr;
    (void)pthread_mutex_init(&f->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&f->freed, &attr);
    (void)pthread_condattr_destroy(&attr);
}

enum err files_make(struct cx *cx, const struct files_setup *setup, struct files **ret_files)
{
    struct files *f = calloc(1, sizeof *f);
    if (!f)
        return ERR_NO_MEMORY;
    f->set = *setup;
    init_waiting(f);
    derive(setup->key, f->sign_key);
    enum err e = ERR_OK;
    if (!text_copy(f->work_dir, sizeof f->work_dir, setup->work_dir) ||
        !text_copy(f->program, sizeof f->program, setup->program))
        e = problem(cx, ERR_INPUT, "a path is too long");
    else if (mkdir(f->work_dir, 0700) != 0 && errno != EEXIST)
        e = problem(cx, ERR_IO, "the work folder cannot be made: %s", strerrordesc_np(errno));
    if (e) {
        files_free(f);
        return e;
    }
    *ret_files = f;
    return ERR_OK;
}

void files_free(struct files *f)
{
    if (!f)
        return;
    (void)pthread_cond_destroy(&f->freed);
    (void)pthread_mutex_destroy(&f->lock);
    crypto_wipe(f, sizeof *f);
    free(f);
}

struct file_store *files_objects(struct files *f)
{
    return f->set.objects;
}

enum err files_scratch(struct files *f, struct cx *cx, int *ret_fd)
{
    char path[PATH_MAX + 16];
    int fd = open(f->work_dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) { /* not every file system has unnamed files */
        (void)snprintf(path, sizeof path, "%s/pic-XXXXXX", f->work_dir);
        fd = mkostemp(path, O_CLOEXEC);
        if (fd >= 0)
            (void)unlink(path);
    }
    if (fd < 0)
        return problem(cx, ERR_IO, "no room for an upload: %s", strerrordesc_np(errno));
    *ret_fd = fd;
    return ERR_OK;
}

/* ---- reading ---- */

enum err files_find(struct db *db, struct cx *cx, const char *public_id, struct file *ret_file)
{
    struct file f = {.id = 0};
    const char *state = NULL;
    enum err e = id_ok(public_id, "fil")
                     ? db_row(db, cx->arena, &SQL_file_by_public_id, ARGS(V(public_id)),
                              COLS(C(&f.id), C(&f.public_id), C(&f.shop_id), C(&f.purpose),
                                   C(&state), C(&f.why), C(&f.key), C(&f.mime), C(&f.width),
                                   C(&f.height), C(&f.bytes), C(&f.upload_key)))
                     : ERR_NOT_FOUND;
    if (e == ERR_NOT_FOUND)
        return problem(cx, e, "no such file");
    if (e)
        return e;
    while (f.state < FILE_STATE_COUNT && strcmp(state_names[f.state], state) != 0)
        f.state++;
    *ret_file = f;
    return f.state < FILE_STATE_COUNT ? ERR_OK : ERR_STORE;
}

enum err files_ready_id(struct db *db, struct cx *cx, int64_t shop_id, const char *purpose,
                        const char *public_id, int64_t *ret_id)
{
    enum err e =
        id_ok(public_id, "fil")
            ? db_i64(db, &SQL_file_ready_id, ARGS(V(public_id), V(shop_id), V(purpose)), ret_id)
            : ERR_NOT_FOUND;
    return e == ERR_NOT_FOUND ? problem(cx, ERR_INPUT, "no such picture, or it is not ready") : e;
}

static json_t *text_or_null(const char *s)
{
    return s ? json_string(s) : json_null();
}

static json_t *number_or_null(int64_t n)
{
    return n ? json_integer(n) : json_null();
}

json_t *files_json(const struct file *file)
{
    char url[FILE_URL_MAX], share[FILE_URL_MAX];
    bool ready = file_url(file->key, FILE_1080, url);
    (void)file_url(file->key, FILE_SHARE, share);
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "id", file->public_id,
                     "purpose", file->purpose, "state", state_names[file->state], "why",
                     text_or_null(file->why), "url", text_or_null(ready ? url : NULL), "sizes",
                     file_sizes_json(file->key), "share", text_or_null(ready ? share : NULL),
                     "width", number_or_null(file->width), "height", number_or_null(file->height));
}

/* ---- serving ---- */

/* One of the few workers that may wait for the bucket at a time. */
static bool fetch_begin(struct files *f)
{
    (void)pthread_mutex_lock(&f->lock);
    bool in = f->fetching < FETCHING_MAX;
    f->fetching += in;
    (void)pthread_mutex_unlock(&f->lock);
    return in;
}

static void fetch_end(struct files *f)
{
    (void)pthread_mutex_lock(&f->lock);
    f->fetching--;
    (void)pthread_mutex_unlock(&f->lock);
}

enum err files_open(struct files *f, struct cx *cx, const char *name, int *ret_fd,
                    uint64_t *ret_len, struct buf *out)
{
    *ret_fd = -1;
    if (!file_type(name))
        return problem(cx, ERR_NOT_FOUND, "no such file");
    if (!file_store_s3(f->set.objects))
        return file_store_open(f->set.objects, cx, name, ret_fd, ret_len);
    if (!fetch_begin(f))
        return problem(cx, ERR_BUSY, "pictures are slow to come just now");
    enum err e = file_store_get(f->set.objects, cx, name, out);
    fetch_end(f);
    if (!e)
        *ret_len = out->len;
    return e;
}
