#include "base/log.h"
#include "store/sqlite_in.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *path_of(const char *url)
{
    return url + strlen("sqlite:");
}

enum err lite_check_url(struct cx *cx, const char *url)
{
    const char *path = path_of(url);
    /* A database in memory belongs to one connection; we have several. */
    if (!*path || strcmp(path, ":memory:") == 0)
        return problem(cx, ERR_INPUT, "the database URL must name a file");
    return ERR_OK;
}

/* SQLite gives its -wal and -shm files the mode of the main file, so that one is made first. */
static enum err make_private_file(struct cx *cx, const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) {
        (void)close(fd);
        return ERR_OK;
    }
    struct stat st;
    if (errno == ENOENT || errno == ENOTDIR)
        return problem(cx, ERR_INPUT, "the folder of the database file is not there");
    if (errno != EEXIST || stat(path, &st) != 0)
        return problem(cx, ERR_STORE, "the database file cannot be made: %s",
                       strerrordesc_np(errno));
    if (!S_ISREG(st.st_mode)) /* and its mode is not ours to change */
        return problem(cx, ERR_INPUT, "the database is not a file");
    /* Closing a descriptor of it would drop the locks of this process: chmod goes by name. */
    if ((st.st_mode & 077) && chmod(path, 0600) != 0)
        return problem(cx, ERR_STORE, "the database file is not ours alone: %s",
                       strerrordesc_np(errno));
    return ERR_OK;
}

/* Short, even waits: SQLite's own handler backs off to 100 ms and loses every race with a busy
 * writer in another process. */
static int wait_for_lock(void *arg, int tries)
{
    (void)arg;
    if (tries >= BUSY_MS)
        return 0;
    const struct timespec one_ms = {.tv_nsec = 1000000};
    (void)nanosleep(&one_ms, NULL);
    return 1;
}

static int note_wal(void *arg, sqlite3 *h, const char *name, int pages)
{
    (void)h;
    (void)name;
    ((struct lite *)arg)->wal_pages = pages;
    return SQLITE_OK;
}

static enum err set_up(struct lite *l, enum conn_kind kind)
{
    (void)sqlite3_busy_handler(l->h, wait_for_lock, NULL);
    (void)sqlite3_db_config(l->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(l->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(l->h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    (void)sqlite3_db_config(l->h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    (void)sqlite3_limit(l->h, SQLITE_LIMIT_ATTACHED, 0);
    if (kind == CONN_READER)
        return lite_script(&l->db, "set up a reader",
                           "PRAGMA query_only = 1; PRAGMA cache_size = -4096;");
    (void)sqlite3_wal_hook(l->h, note_wal, l); /* replaces the automatic checkpoint */
    return lite_script(&l->db, "set up the writer",
                       "PRAGMA synchronous = FULL; PRAGMA foreign_keys = 1;"
                       "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;"
                       "PRAGMA journal_size_limit = 67108864;");
}

/*
 * Nobody asks SQLite how much memory it uses; counting it would take a lock at every allocation.
 * Fails harmlessly if something has opened a database already.
 */
static void before_all(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

enum err lite_open(struct cx *cx, const char *url, enum conn_kind kind, struct db **ret_db)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const char *path = path_of(url);
    (void)pthread_once(&once, before_all);
    enum err e = kind == CONN_WRITER ? make_private_file(cx, path) : ERR_OK;
    if (e)
        return e;
    struct lite *l = calloc(1, sizeof *l);
    if (!l)
        return problem(cx, ERR_NO_MEMORY, "no memory for a connection");
    l->db.engine = &engine_sqlite;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int rc = sqlite3_open_v2(path, &l->h, flags, NULL);
    e = rc == SQLITE_OK ? set_up(l, kind) : lite_check(l, rc, "open");
    if (e) {
        lite_close(&l->db);
        return problem(cx, e, "the database cannot be opened");
    }
    *ret_db = &l->db;
    return ERR_OK;
}

void lite_close(struct db *db)
{
    if (!db)
        return;
    struct lite *l = lite_of(db);
    for (size_t i = 0; i < STMT_SLOTS; i++) {
        if (!l->slots[i])
            continue;
        (void)sqlite3_finalize(l->slots[i]->h);
        free(l->slots[i]);
    }
    int rc = sqlite3_close(l->h);
    assert(rc == SQLITE_OK); /* a statement was left open */
    free(l);
}

enum err lite_check(struct lite *l, int rc, const char *what)
{
    int kind = rc & 0xff;
    if (kind == SQLITE_OK || kind == SQLITE_ROW || kind == SQLITE_DONE)
        return ERR_OK;
    if (rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC) {
        /* The kernel may have dropped the pages: what is on disk is known to nobody now. */
        log_error("the disk did not keep what was written, the process stops",
                  LOG_S("statement", what), LOG_I("sqlite", rc));
        _exit(EXIT_FAILED_FSYNC);
    }
    if (kind == SQLITE_BUSY)
        return ERR_BUSY;
    log_error("a statement failed", LOG_S("statement", what), LOG_I("sqlite", rc),
              LOG_S("why", l->h ? sqlite3_errmsg(l->h) : sqlite3_errstr(rc)));
    return ERR_STORE;
}

enum err lite_script(struct db *db, const char *what, const char *text)
{
    struct lite *l = lite_of(db);
    return lite_check(l, sqlite3_exec(l->h, text, NULL, NULL, NULL), what);
}
