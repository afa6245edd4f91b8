#include "streamd/folder.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_TEXT = 1024 };

static const char *reason(int number, char *out, size_t size)
{
    return strerror_r(number, out, size);
}

static enum err fail(struct cx *cx, const char *what, const char *path, int number)
{
    char why[100];
    return problem(cx, ERR_IO, "%s '%.80s': %s", what, path, reason(number, why, sizeof why));
}

static enum err make_all(struct cx *cx, const char *dir)
{
    char path[PATH_TEXT];
    if (!*dir || !text_copy(path, sizeof path, dir))
        return problem(cx, ERR_IO, "the data folder's name is empty or too long");
    for (char *s = path + 1;; s++) {
        if (*s && *s != '/')
            continue;
        char was = *s;
        *s = '\0';
        if (mkdir(path, 0700) && errno != EEXIST)
            return fail(cx, "cannot make the data folder", path, errno);
        if (!was)
            return ERR_OK;
        *s = was;
    }
}

enum err folder_open(struct cx *cx, const char *dir, int *ret_lock_fd)
{
    char path[PATH_TEXT + 16];
    enum err e = make_all(cx, dir);
    if (e)
        return e;
    (void)snprintf(path, sizeof path, "%s/lock", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(cx, "cannot write into the data folder", dir, errno);
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        (void)close(fd);
        return problem(cx, ERR_CONFLICT, "another streamd uses the data folder '%.80s'", dir);
    }
    *ret_lock_fd = fd;
    return ERR_OK;
}

static enum err write_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return ERR_IO;
        data += n;
        len -= (size_t)n;
    }
    return fsync(fd) ? ERR_IO : ERR_OK;
}

enum err folder_write(struct cx *cx, const char *path, unsigned mode, const void *data, size_t len)
{
    char fresh[PATH_TEXT + 32];
    (void)snprintf(fresh, sizeof fresh, "%.1000s.new", path);
    (void)unlink(fresh); /* of a program that was killed here */
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return fail(cx, "cannot write", path, errno);
    enum err e = write_all(fd, data, len);
    int number = errno;
    if (close(fd) && !e)
        e = ERR_IO;
    if (!e && rename(fresh, path)) {
        number = errno;
        e = ERR_IO;
    }
    if (!e)
        return ERR_OK;
    (void)unlink(fresh);
    return fail(cx, "cannot write", path, number);
}

static enum err read_line(struct cx *cx, int fd, const char *path, char *out, size_t size)
{
    ssize_t n = read(fd, out, size - 1);
    if (n < 0)
        return fail(cx, "cannot read", path, errno);
    out[n] = '\0';
    size_t len = strcspn(out, "\r\n");
    if (!len || (size_t)n == size - 1)
        return problem(cx, ERR_INPUT, "'%.100s' is empty or too long", path);
    out[len] = '\0';
    return ERR_OK;
}

enum err folder_keep(struct cx *cx, const char *dir, const char *name, const char *fresh, char *out,
                     size_t size)
{
    char path[PATH_TEXT];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        enum err e = read_line(cx, fd, path, out, size);
        (void)close(fd);
        return e;
    }
    if (errno != ENOENT)
        return fail(cx, "cannot read", path, errno);
    char line[PATH_TEXT];
    (void)snprintf(line, sizeof line, "%s\n", fresh);
    enum err e = folder_write(cx, path, 0600, line, strlen(line));
    if (!e && !text_copy(out, size, fresh))
        e = ERR_INPUT;
    return e;
}
