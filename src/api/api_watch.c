/* What a watching page sends by itself: heartbeats and hearts. */
#include "api/call_in.h"
#include "room/hub.h"
#include "store/store.h"

enum { DELAY_MAX_MS = 10 * 60 * 1000 };

enum err heartbeat_post(struct call *c)
{
    int64_t delay = -1;
    struct db *db = NULL;
    enum err e = json_opt_i64(c->cx, c->body, "delay_ms", 0, DELAY_MAX_MS, &delay);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = room_heartbeat(c->api->set.room, db, c->cx, &c->who, http_param(c->req, "id"), delay);
    store_read_end(db);
    return e ? e : answer_empty(c, 204);
}

enum err likes_post(struct call *c)
{
    int64_t n = 0, wait = -1;
    struct db *db = NULL;
    enum err e = json_need_i64(c->cx, c->body, "n", 1, LIKES_PER_CALL_MAX, &n);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = room_like(c->api->set.room, db, c->cx, &c->who, http_param(c->req, "id"), n, &wait);
    store_read_end(db);
    if (e == ERR_SLOW_DOWN)
        c->retry_ms = wait;
    return e ? e : answer_empty(c, 204);
}
