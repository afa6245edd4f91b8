#include "files/big.h"
#include "base/arena.h"
#include "base/id.h"
#include "base/log.h"
#include "cloud/file_store.h"
#include "files/big.sql.h"
#include "store/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PART_SIZE = 16 * 1024 * 1024, MARK_TEXT = 80, ROUNDS = 2 };

struct sending {
    struct store *store;
    struct s3 *s3;
    struct cx *cx;
    const struct big_file *file;
    int fd;
    int64_t bytes, part_size;
    char mark[MARK_TEXT];
    /* of the row */
    int64_t id;
    char upload[S3_UPLOAD_MAX];
    struct s3_part *parts; /* etag NULL: has not arrived */
    int count;
};

/* ---- the row ---- */

struct row {
    int64_t id, bytes, part_size;
    const char *upload, *mark;
};

static enum err read_row(struct store *store, struct cx *cx, const char *key, struct row *ret)
{
    struct db *db = NULL;
    enum err e = store_read(store, &db);
    if (!e)
        e = db_row(
            db, cx->arena, &SQL_multipart_by_key, ARGS(V(key)),
            COLS(C(&ret->id), C(&ret->upload), C(&ret->bytes), C(&ret->part_size), C(&ret->mark)));
    store_read_end(db);
    return e;
}

static enum err delete_run(struct tx *tx, void *arg)
{
    const int64_t *id = arg;
    enum err e = db_do(tx->db, &SQL_part_delete_all, ARGS(V(*id)), NULL);
    return e ? e : db_do(tx->db, &SQL_multipart_delete, ARGS(V(*id)), NULL);
}

static enum err insert_run(struct tx *tx, void *arg)
{
    const struct sending *s = arg;
    int64_t made = 0;
    enum err e = db_do(tx->db, &SQL_multipart_insert,
                       ARGS(V(s->id), V(s->file->key), V((const char *)s->upload), V(s->bytes),
                            V(s->part_size), V((const char *)s->mark), V(tx->cx->now_ms)),
                       &made);
    return e || made ? e : problem(tx->cx, ERR_CONFLICT, "the file is being sent already");
}

struct part_job {
    int64_t id;
    int number;
    const char *etag;
};

static enum err part_run(struct tx *tx, void *arg)
{
    const struct part_job *j = arg;
    return db_do(tx->db, &SQL_part_put, ARGS(V(j->id), V(j->number), V(j->etag)), NULL);
}

/* ---- begin, or go on ---- */

static enum err read_parts(struct sending *s)
{
    struct db *db = NULL;
    enum err e = store_read(s->store, &db);
    if (e)
        return e;
    struct rows r = db_rows(db, &SQL_part_list, ARGS(V(s->id)));
    int64_t number;
    const char *etag;
    while (rows_next(&r, s->cx->arena, COLS(C(&number), C(&etag))))
        if (number >= 1 && number <= s->count)
            s->parts[number - 1].etag = etag;
    e = rows_end(&r);
    store_read_end(db);
    return e;
}

static enum err begin(struct sending *s)
{
    enum err e = s3_multipart_begin(s->s3, s->cx, s->file->key, s->file->type, s->upload);
    if (e)
        return e;
    s->id = id_next();
    e = store_do(s->store, s->cx, "file.multipart", insert_run, s);
    if (e && s3_multipart_abort(s->s3, s->cx, s->file->key, s->upload) != ERR_OK)
        log_warn("upload in parts is left behind", LOG_S("key", s->file->key));
    return e;
}

enum err big_forget(struct store *store, struct file_store *objects, struct cx *cx, const char *key)
{
    struct row row;
    struct s3 *s3 = file_store_s3(objects);
    enum err e = read_row(store, cx, key, &row);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    e = s3 ? s3_multipart_abort(s3, cx, key, row.upload) : ERR_OK;
    if (e && e != ERR_NOT_FOUND)
        return e;
    cx->problem[0] = '\0';
    return store_do(store, cx, "file.multipart", delete_run, &row.id);
}

static enum err prepare(struct sending *s, struct file_store *objects)
{
    struct row row;
    enum err e = read_row(s->store, s->cx, s->file->key, &row);
    bool same = !e && row.bytes == s->bytes && row.part_size == s->part_size &&
                strcmp(row.mark, s->mark) == 0 && strlen(row.upload) < sizeof s->upload;
    if (e && e != ERR_NOT_FOUND)
        return e;
    for (int i = 0; i < s->count; i++)
        s->parts[i].etag = NULL;
    if (same) {
        s->id = row.id;
        (void)snprintf(s->upload, sizeof s->upload, "%s", row.upload);
        return read_parts(s);
    }
    if (!e)
        e = big_forget(s->store, objects, s->cx, s->file->key);
    return e && e != ERR_NOT_FOUND ? e : begin(s);
}

/* ---- parts ---- */

static enum err send_part(struct sending *s, int number)
{
    int64_t off = (number - 1) * s->part_size, left = s->bytes - off;
    char etag[S3_ETAG_MAX];
    const struct s3_body body = {.fd = s->fd,
                                 .off = (uint64_t)off,
                                 .len = (uint64_t)(left < s->part_size ? left : s->part_size)};
    enum err e = s3_multipart_part(s->s3, s->cx, s->file->key, s->upload, number, &body, etag);
    struct part_job j = {s->id, number, etag};
    if (!e)
        e = store_do(s->store, s->cx, "file.part", part_run, &j);
    if (e)
        return e;
    s->parts[number - 1].etag = arena_dup(s->cx->arena, etag, strlen(etag));
    return s->parts[number - 1].etag ? ERR_OK : ERR_NO_MEMORY;
}

static enum err send_missing(struct sending *s)
{
    for (int i = 1; i <= s->count; i++) {
        if (s->parts[i - 1].etag)
            continue;
        enum err e = send_part(s, i);
        int64_t sent = i < s->count ? i * s->part_size : s->bytes;
        if (!e && s->file->go_on && !s->file->go_on(s->file->arg, sent))
            e = problem(s->cx, ERR_BUSY, "sending was stopped");
        if (e)
            return e;
    }
    return ERR_OK;
}

/* The end may have come through although we never heard of it. */
static enum err end_upload(struct sending *s)
{
    struct s3_head head;
    enum err e = s3_multipart_end(s->s3, s->cx, s->file->key, s->upload, s->parts, s->count);
    if (e != ERR_NOT_FOUND)
        return e;
    enum err found = s3_head(s->s3, s->cx, s->file->key, &head);
    if (!found && head.size == (uint64_t)s->bytes)
        return ERR_OK;
    return found ? found : e;
}

static enum err send_all(struct sending *s, struct file_store *objects)
{
    for (int round = 1;; round++) {
        enum err e = prepare(s, objects);
        if (!e)
            e = send_missing(s);
        if (!e)
            e = end_upload(s);
        if (!e)
            return store_do(s->store, s->cx, "file.multipart", delete_run, &s->id);
        if (e != ERR_NOT_FOUND || round == ROUNDS)
            return e;
        /* The bucket has given the upload up: begin it anew. */
        e = big_forget(s->store, objects, s->cx, s->file->key);
        if (e)
            return e;
    }
}

/* ---- the file ---- */

static int64_t part_size_of(const struct big_file *file, int64_t bytes)
{
    int64_t size = file->part_size ? file->part_size : PART_SIZE;
    if (size < S3_PART_MIN)
        size = S3_PART_MIN;
    while ((bytes + size - 1) / size > S3_PARTS_MAX)
        size *= 2;
    return size;
}

static enum err measure(struct sending *s)
{
    struct stat st;
    if (fstat(s->fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0)
        return problem(s->cx, ERR_INPUT, "only a file with something in it can be sent");
    s->bytes = st.st_size;
    s->part_size = part_size_of(s->file, s->bytes);
    s->count = (int)((s->bytes + s->part_size - 1) / s->part_size);
    s->parts = arena_array(s->cx->arena, struct s3_part, (size_t)s->count);
    (void)snprintf(s->mark, sizeof s->mark, "%lld.%09ld", (long long)st.st_mtim.tv_sec,
                   st.st_mtim.tv_nsec);
    return s->parts ? ERR_OK : ERR_NO_MEMORY;
}

enum err big_send(struct store *store, struct file_store *objects, struct cx *cx,
                  const struct big_file *file)
{
    struct sending s = {.store = store,
                        .s3 = file_store_s3(objects),
                        .cx = cx,
                        .file = file,
                        .fd = open(file->path, O_RDONLY | O_CLOEXEC)};
    if (s.fd < 0)
        return problem(cx, ERR_IO, "the file to send cannot be opened");
    enum err e = measure(&s);
    if (!e && s.s3) {
        e = send_all(&s, objects);
    } else if (!e) {
        const struct s3_put put = {
            .key = file->key, .type = file->type, .body = {.fd = s.fd, .len = (uint64_t)s.bytes}};
        e = file_store_put(objects, cx, &put);
    }
    (void)close(s.fd);
    return e;
}
