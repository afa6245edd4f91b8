#include "store/store.h"
#include "base/clock.h"
#include "store/conn_in.h"
#include "store/control.sql.h"
#include "store/migrate_in.h"
#include "store/writer_in.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum { READERS_DEFAULT = 4, READERS_MAX = 64, QUEUE_DEFAULT = 4096, READER_WAIT_S = 2 };

struct store {
    struct writer writer;
    pthread_mutex_t lock; /* guards the readers */
    pthread_cond_t back;
    struct db *idle[READERS_MAX];
    size_t idle_count, reader_count;
};

/* ---- open and close ---- */

/* The log is written ahead, so readers and the writer do not wait for each other. */
static enum err write_ahead(struct cx *cx, struct db *db)
{
    static const struct sql mode = {"journal_mode", "PRAGMA journal_mode = WAL"};
    enum err e = ERR_BUSY;
    int64_t until_ms = clock_mono_ms() + BUSY_MS;
    /* Switching does not ask the busy handler. */
    while ((e = db_conn_run(db, &mode)) == ERR_BUSY && clock_mono_ms() < until_ms)
        (void)nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    return e ? problem(cx, e, "the database is locked by another program") : ERR_OK;
}

static enum err open_writer(struct cx *cx, const char *path, const struct store_setup *setup,
                            struct store *s)
{
    struct db *db;
    enum err e = db_conn_open(cx, path, CONN_WRITER, &db);
    if (e)
        return e;
    e = migrate_check(cx, db, setup->schema);
    if (!e)
        e = write_ahead(cx, db);
    if (!e)
        e = migrate(cx, db, setup->schema);
    if (e) {
        db_conn_close(db);
        return e;
    }
    e = writer_start(&s->writer, db, setup->queue_max ? setup->queue_max : QUEUE_DEFAULT);
    return e ? problem(cx, e, "the writer did not start") : ERR_OK;
}

static enum err open_readers(struct cx *cx, const char *path, size_t count, struct store *s)
{
    assert(count <= READERS_MAX);
    for (; s->reader_count < count; s->reader_count++) {
        struct db *db;
        enum err e = db_conn_open(cx, path, CONN_READER, &db);
        if (e)
            return e;
        db->home = s;
        s->idle[s->idle_count++] = db;
    }
    return ERR_OK;
}

enum err store_open(struct cx *cx, const struct store_setup *setup, struct store **ret_store)
{
    assert(cx && setup && setup->schema && ret_store);
    const char *path;
    enum err e = db_conn_path(cx, setup->url, &path);
    if (e)
        return e;
    struct store *s = calloc(1, sizeof *s);
    if (!s)
        return problem(cx, ERR_NO_MEMORY, "no memory for the store");
    pthread_condattr_t attr;
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->back, &attr);
    (void)pthread_condattr_destroy(&attr);
    e = open_writer(cx, path, setup, s);
    if (!e)
        e = open_readers(cx, path, setup->readers ? setup->readers : READERS_DEFAULT, s);
    if (e) {
        store_close(s);
        return e;
    }
    *ret_store = s;
    return ERR_OK;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    assert(s->idle_count == s->reader_count); /* a reader is out */
    while (s->idle_count)
        db_conn_close(s->idle[--s->idle_count]);
    writer_stop(&s->writer); /* last: it folds the log and removes it */
    (void)pthread_cond_destroy(&s->back);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

/* ---- readers ---- */

static struct db *take_reader(struct store *s)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += READER_WAIT_S;
    struct db *db = NULL;
    (void)pthread_mutex_lock(&s->lock);
    int rc = 0;
    while (!s->idle_count && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&s->back, &s->lock, &until);
    if (s->idle_count)
        db = s->idle[--s->idle_count];
    (void)pthread_mutex_unlock(&s->lock);
    return db;
}

static void return_reader(struct db *db)
{
    struct store *s = db->home;
    (void)pthread_mutex_lock(&s->lock);
    s->idle[s->idle_count++] = db;
    (void)pthread_cond_signal(&s->back);
    (void)pthread_mutex_unlock(&s->lock);
}

enum err store_read(struct store *s, struct db **ret_db)
{
    struct db *db = take_reader(s);
    if (!db)
        return ERR_BUSY;
    enum err e = db_conn_run(db, &SQL_begin_read);
    if (e) {
        return_reader(db);
        return e;
    }
    *ret_db = db;
    return ERR_OK;
}

void store_read_end(struct db *db)
{
    if (!db)
        return;
    assert(db->home && db->open_rows == 0);
    /* Nothing was written: whether the end is a commit or a rollback, the next BEGIN tells. */
    if (sqlite3_get_autocommit(db->h) || db_conn_run(db, &SQL_commit))
        db_conn_roll_back(db);
    return_reader(db);
}

/* ---- jobs ---- */

enum err store_submit(struct store *s, struct job *job)
{
    assert(job->run && job->done && job->cx && job->name);
    return writer_submit(&s->writer, job);
}

/* One who waits for a job. */
struct waiter {
    struct job job;
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool done;
};

static void wake(struct job *job)
{
    struct waiter *w = (struct waiter *)job; /* its first member */
    (void)pthread_mutex_lock(&w->lock);
    w->done = true;
    (void)pthread_cond_signal(&w->answered);
    (void)pthread_mutex_unlock(&w->lock);
}

enum err store_do(struct store *s, struct cx *cx, const char *name,
                  enum err (*run)(struct tx *tx, void *arg), void *arg)
{
    assert(!pthread_equal(pthread_self(), s->writer.thread)); /* it would wait for itself */
    struct waiter w = {.job = {.name = name, .run = run, .arg = arg, .cx = cx, .done = wake},
                       .lock = PTHREAD_MUTEX_INITIALIZER,
                       .answered = PTHREAD_COND_INITIALIZER};
    enum err e = store_submit(s, &w.job);
    if (e)
        return problem(cx, e, "too many writes are waiting");
    (void)pthread_mutex_lock(&w.lock);
    while (!w.done)
        (void)pthread_cond_wait(&w.answered, &w.lock);
    (void)pthread_mutex_unlock(&w.lock);
    (void)pthread_cond_destroy(&w.answered);
    (void)pthread_mutex_destroy(&w.lock);
    return w.job.e;
}
