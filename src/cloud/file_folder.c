#include "base/crypto.h"
#include "base/text.h"
#include "cloud/file_folder_in.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SEGMENTS_MAX = 4, SEGMENT_MAX = 200, CHUNK = 64 * 1024, LEFT_OVER_S = 3600 };

#define FRESH_FOLDER ".new" /* what is being written; no key begins with '.' */

struct folder {
    int fd;    /* of the folder */
    int fresh; /* of FRESH_FOLDER in it */
};

static enum err failed(struct cx *cx, const char *what)
{
    return problem(cx, ERR_IO, "%s: %s", what, strerrordesc_np(errno));
}

/* ---- keys ---- */

bool folder_key_ok(const char *key)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    int segments = 0;
    for (const char *s = key;; s++) {
        size_t len = strspn(s, plain);
        if (!len || len > SEGMENT_MAX || s[0] == '.' || ++segments > SEGMENTS_MAX)
            return false;
        s += len;
        if (*s == '\0')
            return true;
        if (*s != '/')
            return false;
    }
}

/* The folder that holds the key's last segment, opened; `make`: made where absent. */
static enum err open_parent(struct folder *d, struct cx *cx, const char *key, bool make,
                            int *ret_fd, const char **ret_name)
{
    char segment[SEGMENT_MAX + 1];
    if (!folder_key_ok(key))
        return problem(cx, ERR_INPUT, "a key is letters, digits, '.', '_', '-' and '/'");
    int at = fcntl(d->fd, F_DUPFD_CLOEXEC, 0);
    for (const char *slash; at >= 0 && (slash = strchr(key, '/')); key = slash + 1) {
        (void)snprintf(segment, sizeof segment, "%.*s", (int)(slash - key), key);
        if (make && mkdirat(at, segment, 0700) != 0 && errno != EEXIST) {
            (void)close(at);
            return failed(cx, "a folder for files cannot be made");
        }
        int below = openat(at, segment, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        (void)close(at);
        at = below;
    }
    if (at < 0)
        return errno == ENOENT || errno == ENOTDIR ? problem(cx, ERR_NOT_FOUND, "no such file")
                                                   : failed(cx, "a folder cannot be opened");
    *ret_fd = at;
    *ret_name = key;
    return ERR_OK;
}

/* ---- making ---- */

/* Only what is surely nobody's any more: another process may be writing beside us. */
static void sweep(const struct folder *d)
{
    int fd = openat(d->fresh, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    time_t before = time(NULL) - LEFT_OVER_S;
    const struct dirent *entry;
    struct stat st;
    while (dir && (entry = readdir(dir))) /* NOLINT(concurrency-mt-unsafe): our own stream */
        if (entry->d_name[0] != '.' &&
            fstatat(d->fresh, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            st.st_mtim.tv_sec < before)
            (void)unlinkat(d->fresh, entry->d_name, 0);
    if (dir)
        (void)closedir(dir);
}

enum err folder_make(struct cx *cx, const char *path, struct folder **ret_folder)
{
    struct folder *d = calloc(1, sizeof *d);
    if (!d)
        return ERR_NO_MEMORY;
    *d = (struct folder){.fd = -1, .fresh = -1};
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        d->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (d->fd >= 0 && (mkdirat(d->fd, FRESH_FOLDER, 0700) == 0 || errno == EEXIST))
        d->fresh = openat(d->fd, FRESH_FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (d->fresh < 0) {
        enum err e = failed(cx, "the folder for files cannot be made");
        folder_free(d);
        return e;
    }
    sweep(d);
    *ret_folder = d;
    return ERR_OK;
}

void folder_free(struct folder *d)
{
    if (!d)
        return;
    if (d->fresh >= 0)
        (void)close(d->fresh);
    if (d->fd >= 0)
        (void)close(d->fd);
    free(d);
}

/* ---- writing ---- */

static bool write_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

/* `len` bytes of `from` to the end of `to`; false: errno says why. */
static bool copy(int from, uint64_t off, uint64_t len, int to)
{
    char chunk[CHUNK];
    while (len) {
        size_t want = len < sizeof chunk ? (size_t)len : sizeof chunk;
        ssize_t n = pread(from, chunk, want, (off_t)off);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO; /* it has become shorter */
        if (n <= 0 || !write_all(to, chunk, (size_t)n))
            return false;
        off += (uint64_t)n;
        len -= (uint64_t)n;
    }
    return true;
}

static bool write_body(int fd, const struct s3_body *b)
{
    bool ok = b->data ? write_all(fd, b->data, (size_t)b->len) : copy(b->fd, b->off, b->len, fd);
    return ok && fsync(fd) == 0;
}

/* Whole and on the disk under a name of its own, then in place. */
static enum err put_in(struct folder *d, struct cx *cx, const struct s3_put *put, int parent,
                       const char *name)
{
    char fresh[40];
    crypto_random_hex(fresh, 32);
    int fd = openat(d->fresh, fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed(cx, "a file cannot be made");
    bool ok = write_body(fd, &put->body);
    int why = errno;
    ok = close(fd) == 0 && ok;
    if (ok) {
        ok = put->once ? linkat(d->fresh, fresh, parent, name, 0) == 0
                       : renameat(d->fresh, fresh, parent, name) == 0;
        why = errno;
    }
    if (ok)
        (void)fsync(parent);
    if (!ok || put->once)
        (void)unlinkat(d->fresh, fresh, 0);
    errno = why;
    if (ok)
        return ERR_OK;
    return put->once && why == EEXIST ? problem(cx, ERR_PRECONDITION, "the file is there already")
                                      : failed(cx, "a file cannot be written");
}

enum err folder_put(struct folder *d, struct cx *cx, const struct s3_put *put)
{
    const char *name = "";
    int parent = -1;
    enum err e = open_parent(d, cx, put->key, true, &parent, &name);
    if (e)
        return e;
    e = put_in(d, cx, put, parent, name);
    (void)close(parent);
    return e;
}

enum err folder_delete(struct folder *d, struct cx *cx, const char *key)
{
    const char *name = "";
    int parent = -1;
    enum err e = open_parent(d, cx, key, false, &parent, &name);
    if (e == ERR_NOT_FOUND) {
        cx->problem[0] = '\0';
        return ERR_OK;
    }
    if (e)
        return e;
    if (unlinkat(parent, name, 0) != 0 && errno != ENOENT)
        e = failed(cx, "a file cannot be deleted");
    (void)close(parent);
    return e;
}

/* ---- reading ---- */

enum err folder_open(struct folder *d, struct cx *cx, const char *key, int *ret_fd,
                     uint64_t *ret_len)
{
    const char *name = "";
    struct stat st;
    int parent = -1;
    enum err e = open_parent(d, cx, key, false, &parent, &name);
    if (e)
        return e;
    int fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    (void)close(parent);
    if (fd < 0)
        return errno == ENOENT || errno == ELOOP ? problem(cx, ERR_NOT_FOUND, "no such file")
                                                 : failed(cx, "a file cannot be opened");
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        (void)close(fd);
        return problem(cx, ERR_NOT_FOUND, "no such file");
    }
    *ret_fd = fd;
    *ret_len = (uint64_t)st.st_size;
    return ERR_OK;
}

enum err folder_get(struct folder *d, struct cx *cx, const char *key, struct buf *out)
{
    uint64_t len = 0;
    int fd = -1;
    enum err e = folder_open(d, cx, key, &fd, &len);
    if (e)
        return e;
    char *to = len <= out->max ? buf_room(out, (size_t)len + 1) : NULL;
    ssize_t n = to ? pread(fd, to, (size_t)len, 0) : -1;
    if (!to)
        e = problem(cx, ERR_TOO_LARGE, "the file is larger than expected");
    else if (n != (ssize_t)len)
        e = failed(cx, "a file cannot be read");
    else
        out->len += (size_t)len;
    (void)close(fd);
    return e;
}

enum err folder_get_file(struct folder *d, struct cx *cx, const char *key, int fd, uint64_t max,
                         uint64_t *ret_len)
{
    uint64_t len = 0;
    int from = -1;
    enum err e = folder_open(d, cx, key, &from, &len);
    if (e)
        return e;
    if (len > max)
        e = problem(cx, ERR_TOO_LARGE, "the file is larger than expected");
    else if (lseek(fd, 0, SEEK_SET) != 0 || !copy(from, 0, len, fd))
        e = failed(cx, "a file cannot be copied");
    (void)close(from);
    if (!e)
        *ret_len = len;
    return e;
}
