#include "store/sqlite.sql.h"
#include "store/sqlite_in.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/* All pages within one snapshot: writers go on meanwhile, their changes are not in the copy. */
static int copy_pages(sqlite3 *to, sqlite3 *from)
{
    sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
    if (!b)
        return sqlite3_extended_errcode(to);
    int rc = sqlite3_backup_step(b, -1);
    int end = sqlite3_backup_finish(b);
    return rc == SQLITE_DONE || rc == SQLITE_OK ? end : rc;
}

static enum err copy(struct cx *cx, const char *from_url, const char *to_path)
{
    struct db *from = NULL;
    struct db *to = NULL;
    int64_t faults = 0;
    char to_url[PATH_MAX + 8];
    (void)snprintf(to_url, sizeof to_url, "sqlite:%s", to_path);
    enum err e = lite_open(cx, from_url, CONN_READER, &from);
    if (!e)
        e = lite_open(cx, to_url, CONN_WRITER, &to);
    if (!e)
        e = lite_check(lite_of(to), copy_pages(lite_of(to)->h, lite_of(from)->h), "backup");
    if (!e)
        e = db_i64(to, &SQL_lite_quick_check, ARGS(), &faults);
    if (!e && faults)
        e = ERR_STORE;
    lite_close(to);
    lite_close(from);
    return e;
}

enum err lite_backup(struct cx *cx, const char *url, const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST
                   ? problem(cx, ERR_EXISTS, "there is a file '%s' already", path)
                   : problem(cx, ERR_IO, "cannot make the file '%s' (errno %d)", path, errno);
    (void)close(fd);
    enum err e = copy(cx, url, path);
    if (!e)
        return ERR_OK;
    (void)unlink(path);
    return problem(cx, e, "the database could not be copied");
}
