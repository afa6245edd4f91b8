#include "cloud/file_store.h"
#include "cloud/file_folder_in.h"

#include <stdlib.h>
#include <unistd.h>

struct file_store {
    struct s3 *s3; /* or */
    struct folder *folder;
};

enum err file_store_folder(struct cx *cx, const char *path, struct file_store **ret_store)
{
    struct file_store *f = calloc(1, sizeof *f);
    if (!f)
        return ERR_NO_MEMORY;
    enum err e = folder_make(cx, path, &f->folder);
    if (e) {
        free(f);
        return e;
    }
    *ret_store = f;
    return ERR_OK;
}

enum err file_store_bucket(struct s3 *s3, struct file_store **ret_store)
{
    struct file_store *f = calloc(1, sizeof *f);
    if (!f)
        return ERR_NO_MEMORY;
    f->s3 = s3;
    *ret_store = f;
    return ERR_OK;
}

void file_store_end(struct file_store *f)
{
    if (f)
        s3_end(f->s3);
}

void file_store_free(struct file_store *f)
{
    if (!f)
        return;
    s3_free(f->s3);
    folder_free(f->folder);
    free(f);
}

struct s3 *file_store_s3(struct file_store *f)
{
    return f->s3;
}

enum err file_store_put(struct file_store *f, struct cx *cx, const struct s3_put *put)
{
    return f->s3 ? s3_put(f->s3, cx, put, NULL) : folder_put(f->folder, cx, put);
}

enum err file_store_size(struct file_store *f, struct cx *cx, const char *key, uint64_t *ret_size)
{
    struct s3_head head;
    int fd = -1;
    if (f->s3) {
        enum err e = s3_head(f->s3, cx, key, &head);
        if (!e)
            *ret_size = head.size;
        return e;
    }
    enum err e = folder_open(f->folder, cx, key, &fd, ret_size);
    if (!e)
        (void)close(fd);
    return e;
}

enum err file_store_get(struct file_store *f, struct cx *cx, const char *key, struct buf *out)
{
    return f->s3 ? s3_get(f->s3, cx, key, 0, 0, out) : folder_get(f->folder, cx, key, out);
}

enum err file_store_get_file(struct file_store *f, struct cx *cx, const char *key, int fd,
                             uint64_t max, uint64_t *ret_len)
{
    return f->s3 ? s3_get_file(f->s3, cx, key, fd, max, ret_len)
                 : folder_get_file(f->folder, cx, key, fd, max, ret_len);
}

enum err file_store_open(struct file_store *f, struct cx *cx, const char *key, int *ret_fd,
                         uint64_t *ret_len)
{
    return f->s3 ? problem(cx, ERR_INPUT, "a bucket's objects are not opened")
                 : folder_open(f->folder, cx, key, ret_fd, ret_len);
}

enum err file_store_delete(struct file_store *f, struct cx *cx, const char *key)
{
    return f->s3 ? s3_delete(f->s3, cx, key) : folder_delete(f->folder, cx, key);
}
