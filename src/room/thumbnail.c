/* The picture of a replay, copied once from the engine: its address may not last. */
#include "room/input.h"
#include "room/room_in.h"
#include "room/thumbnail.sql.h"

enum { FIRST_WAIT_MS = 10 * 1000, LONGEST_WAIT_MS = 60 * 60 * 1000, TRIES_MAX = 20 };

enum err thumbnail_next(struct db *db, struct cx *cx, struct thumbnail_task *ret_task)
{
    struct thumbnail_task t;
    enum err e = db_row(db, cx->arena, &SQL_thumbnail_due, ARGS(V(cx->now_ms), V(TRIES_MAX)),
                        COLS(C(&t.show_id), C(&t.shop_id), C(&t.show), C(&t.url), C(&t.tries)));
    if (!e)
        *ret_task = t;
    return e;
}

struct thumbnail_job {
    const struct thumbnail_task *task;
    const char *key; /* NULL: later */
};

static enum err thumbnail_run(struct tx *tx, void *arg)
{
    const struct thumbnail_job *j = arg;
    int64_t wait = FIRST_WAIT_MS;
    if (j->key)
        return db_do(tx->db, &SQL_thumbnail_kept, ARGS(V(j->key), V(j->task->show_id)), NULL);
    for (int i = 0; i < j->task->tries && wait < LONGEST_WAIT_MS; i++)
        wait *= 2;
    return db_do(tx->db, &SQL_thumbnail_later, ARGS(V(tx->cx->now_ms + wait), V(j->task->show_id)),
                 NULL);
}

enum err thumbnail_kept(struct room *r, struct cx *cx, const struct thumbnail_task *task,
                        const char *key)
{
    struct thumbnail_job j = {task, key};
    return store_do(r->store, cx, "show.thumbnail", thumbnail_run, &j);
}

enum err thumbnail_later(struct room *r, struct cx *cx, const struct thumbnail_task *task)
{
    struct thumbnail_job j = {task, NULL};
    return store_do(r->store, cx, "show.thumbnail", thumbnail_run, &j);
}
