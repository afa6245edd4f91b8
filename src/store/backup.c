#include "store/conn_in.h"

#include <errno.h>
#include <fcntl.h>
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

static enum err copy(struct cx *cx, const char *from_path, const char *to_path)
{
    static const struct sql quick_check = {"quick_check", "SELECT COUNT(*) FROM pragma_quick_check"
                                                          " WHERE quick_check <> 'ok'"};
    struct db *from = NULL;
    struct db *to = NULL;
    int64_t faults = 0;
    enum err e = db_conn_open(cx, from_path, CONN_READER, &from);
    if (!e)
        e = db_conn_open(cx, to_path, CONN_WRITER, &to);
    if (!e)
        e = db_conn_check(to, copy_pages(to->h, from->h), "backup");
    if (!e)
        e = db_i64(to, &quick_check, ARGS(), &faults);
    if (!e && faults)
        e = ERR_STORE;
    db_conn_close(to);
    db_conn_close(from);
    return e;
}

enum err store_backup(struct cx *cx, const char *url, const char *path)
{
    const char *from;
    enum err e = db_conn_path(cx, url, &from);
    if (e)
        return e;
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST
                   ? problem(cx, ERR_EXISTS, "there is a file '%s' already", path)
                   : problem(cx, ERR_IO, "cannot make the file '%s' (errno %d)", path, errno);
    (void)close(fd);
    e = copy(cx, from, path);
    if (!e)
        return ERR_OK;
    (void)unlink(path);
    return problem(cx, e, "the database could not be copied");
}
