#include "nightmarket/follow_thumb.h"
#include "base/log.h"
#include "files/files.h"
#include "net/client.h"
#include "room/input.h"
#include "store/store.h"

#include <unistd.h>

enum { THUMBNAIL_MAX = 4 << 20, FETCH_MS = 15000 };

static enum err fetch(const struct follow_thumb *t, struct cx *cx, const char *url, int fd)
{
    struct client_answer a;
    const struct client_ask ask = {.method = "GET",
                                   .url = url,
                                   .timeout_ms = FETCH_MS,
                                   .answer_max = THUMBNAIL_MAX,
                                   .go_on = t->go_on,
                                   .arg = t->arg};
    enum err e = client_run(&ask, &a);
    if (e)
        e = problem(cx, e, "the thumbnail cannot be fetched: %s", a.reason);
    else if (a.status != 200)
        e = problem(cx, ERR_UPSTREAM, "the thumbnail is answered with %d", a.status);
    else if (!a.body.len || write(fd, a.body.data, a.body.len) != (ssize_t)a.body.len)
        e = problem(cx, ERR_IO, "the thumbnail cannot be written");
    client_answer_done(&a);
    return e;
}

static enum err keep(const struct follow_thumb *t, struct cx *cx, const struct thumbnail_task *task)
{
    struct file file;
    int fd = -1;
    enum err e = files_scratch(t->files, cx, &fd);
    if (e)
        return e;
    e = fetch(t, cx, task->url, fd);
    if (!e)
        e = files_adopt(t->files, cx, task->shop_id, "thumbnail", fd, &file);
    (void)close(fd);
    return e ? e : thumbnail_kept(t->room, cx, task, file.key);
}

void follow_thumb_turn(const struct follow_thumb *t, struct cx *cx)
{
    struct thumbnail_task task;
    struct db *db = NULL;
    enum err e = store_read(t->store, &db);
    if (!e)
        e = thumbnail_next(db, cx, &task);
    store_read_end(db);
    if (e) /* ERR_NOT_FOUND: nothing is due */
        return;
    e = keep(t, cx, &task);
    if (!e) {
        log_info("thumbnail kept", LOG_S("show", task.show));
        return;
    }
    if (!t->go_on(t->arg))
        return;
    log_warn("thumbnail not kept yet", LOG_S("show", task.show), LOG_I("tries", task.tries),
             LOG_S("why", cx->problem));
    e = thumbnail_later(t->room, cx, &task);
    if (e)
        log_warn("thumbnail cannot be put off", LOG_S("show", task.show), LOG_S("err", err_api(e)));
}
