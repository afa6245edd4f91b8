/* The one subscription to finished videos. */
#include "streamd/notify/notify_in.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "streamd/notify/queue.sql.h"

#include <assert.h>

struct webhook {
    const char *url;
    const char *secret;
    int64_t modified_ms;
};

static enum err read_row(struct cx *cx, struct db *db, struct webhook *w)
{
    return db_row(db, cx->arena, &SQL_webhook_get, ARGS(),
                  COLS(C(&w->url), C(&w->secret), C(&w->modified_ms)));
}

static enum err to_json(const struct webhook *w, json_t **ret_object)
{
    json_t *o = json_pack("{s:s, s:o, s:s}", "notificationUrl", w->url, "modified",
                          time_json(w->modified_ms), "secret", w->secret);
    if (!o)
        return ERR_NO_MEMORY;
    *ret_object = o;
    return ERR_OK;
}

static enum err set_run(struct tx *tx, void *arg)
{
    struct webhook *w = arg;
    enum err e =
        db_do(tx->db, &SQL_webhook_put, ARGS(V(w->url), V(w->secret), V(tx->cx->now_ms)), NULL);
    return e ? e : read_row(tx->cx, tx->db, w);
}

enum err notify_set_webhook(struct notify *n, struct cx *cx, const char *url, json_t **ret_object)
{
    assert(n && cx && url && ret_object);
    char secret[ID_LEN];
    if (!receiver_url_ok(url))
        return problem(cx, ERR_INPUT, "'notificationUrl' must be a http or https URL");
    crypto_random_hex(secret, ID_LEN - 1);
    struct webhook w = {.url = url, .secret = secret};
    enum err e = store_do(n->setup.store, cx, "webhook.set", set_run, &w);
    return e ? e : to_json(&w, ret_object);
}

enum err notify_get_webhook(struct notify *n, struct cx *cx, json_t **ret_object)
{
    assert(n && cx && ret_object);
    struct db *db;
    struct webhook w;
    enum err e = store_read(n->setup.store, &db);
    if (e)
        return e;
    e = read_row(cx, db, &w);
    store_read_end(db);
    return e ? e : to_json(&w, ret_object);
}

static enum err drop_run(struct tx *tx, void *arg)
{
    (void)arg;
    int64_t gone = 0;
    enum err e = db_do(tx->db, &SQL_webhook_drop, ARGS(), &gone);
    if (e)
        return e;
    return gone ? db_do(tx->db, &SQL_delivery_cancel, ARGS(V("")), NULL) : ERR_NOT_FOUND;
}

enum err notify_delete_webhook(struct notify *n, struct cx *cx)
{
    assert(n && cx);
    return store_do(n->setup.store, cx, "webhook.delete", drop_run, NULL);
}
