#include "store/store.h"
#include "store/engine_in.h"
#include "store/migrate_in.h"
#include "store/writer_in.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum { READERS_DEFAULT = 4, READERS_MAX = 64, QUEUE_DEFAULT = 4096, READER_WAIT_S = 2 };

struct store {
    const struct engine *engine;
    struct listener *listener; /* or NULL */
    struct writer writer;
    pthread_mutex_t lock; /* guards the readers */
    pthread_cond_t back;
    struct db *idle[READERS_MAX];
    size_t idle_count, reader_count;
};

/* ---- open and close ---- */

static enum err open_writer(struct cx *cx, const struct engine *engine,
                            const struct store_setup *setup, struct store *s)
{
    struct db *db;
    enum err e = engine->open(cx, setup->url, CONN_WRITER, &db);
    if (e)
        return e;
    e = migrate_check(cx, db, setup->schema);
    if (!e && engine->ready)
        e = engine->ready(cx, db);
    if (!e)
        e = migrate(cx, db, setup->schema);
    if (e) {
        engine->close(db);
        return e;
    }
    e = writer_start(&s->writer, db, setup->queue_max ? setup->queue_max : QUEUE_DEFAULT);
    return e ? problem(cx, e, "the writer did not start") : ERR_OK;
}

static enum err open_readers(struct cx *cx, const struct engine *engine, const char *url,
                             size_t count, struct store *s)
{
    assert(count <= READERS_MAX);
    for (; s->reader_count < count; s->reader_count++) {
        struct db *db;
        enum err e = engine->open(cx, url, CONN_READER, &db);
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
    const struct engine *engine;
    enum err e = engine_of(cx, setup->url, &engine);
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
    s->engine = engine;
    e = open_writer(cx, engine, setup, s);
    if (!e)
        e = open_readers(cx, engine, setup->url, setup->readers ? setup->readers : READERS_DEFAULT,
                         s);
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
    store_listen_end(s);
    while (s->idle_count)
        s->engine->close(s->idle[--s->idle_count]);
    writer_stop(&s->writer); /* last: SQLite folds the log and removes it */
    (void)pthread_cond_destroy(&s->back);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

/* ---- other processes ---- */

enum err store_listen(struct store *s, void (*heard)(void *arg, int64_t about, int64_t n),
                      void *arg)
{
    assert(!s->listener);
    if (!s->engine->listen)
        return ERR_OK;
    const struct listen_ask ask = {s->writer.db, s->writer.self, heard, arg};
    s->listener = s->engine->listen(&ask);
    return s->listener ? ERR_OK : ERR_NO_MEMORY;
}

void store_listen_end(struct store *s)
{
    if (s->listener)
        s->engine->listen_stop(s->listener);
    s->listener = NULL;
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
    enum err e = db->engine->read_begin(db);
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
    db->engine->read_end(db);
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
