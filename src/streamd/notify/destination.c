/* Destinations of live notifications: alerting v3, "webhooks". */
#include "streamd/notify/notify_in.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "base/json.h"
#include "streamd/notify/alert.sql.h"
#include "streamd/notify/queue.sql.h"

#include <assert.h>
#include <string.h>

enum { NAME_MAX_CHARS = 256 };

/* Word for word what Cloudflare posts first. */
#define TEST_MESSAGE                                                                            \
    "{\"text\":\"Hello World! This is a test message sent from https://cloudflare.com. If you " \
    "can see this, your webhook is configured properly.\"}"

struct destination {
    const char *uid, *name, *url, *secret;
    int64_t created_ms, success_ms, failure_ms;
};

#define DESTINATION_COLS(d)                                                                   \
    COLS(C(&(d)->uid), C(&(d)->name), C(&(d)->url), C(&(d)->created_ms), C(&(d)->success_ms), \
         C(&(d)->failure_ms))

static json_t *to_object(const struct destination *d)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "id", d->uid, "name", d->name, "url",
                     d->url, "type", "generic", "created_at", time_json(d->created_ms),
                     "last_success", time_json(d->success_ms), "last_failure",
                     time_json(d->failure_ms));
}

static enum err id_only(const char *id, json_t **ret_object)
{
    json_t *o = json_pack("{s:s}", "id", id);
    if (!o)
        return ERR_NO_MEMORY;
    *ret_object = o;
    return ERR_OK;
}

/* ---- read ---- */

static enum err read_rows(struct cx *cx, struct db *db, json_t *rows)
{
    struct destination d;
    enum err e = ERR_OK;
    struct rows r = db_rows(db, &SQL_destination_list, ARGS(V(DESTINATIONS_MAX)));
    while (!e && rows_next(&r, cx->arena, DESTINATION_COLS(&d)))
        if (json_array_append_new(rows, to_object(&d)))
            e = ERR_NO_MEMORY;
    enum err read = rows_end(&r);
    return e ? e : read;
}

enum err notify_list_destinations(struct notify *n, struct cx *cx, json_t **ret_rows)
{
    assert(n && cx && ret_rows);
    struct db *db;
    enum err e = store_read(n->setup.store, &db);
    if (e)
        return e;
    json_t *rows = json_array();
    e = rows ? read_rows(cx, db, rows) : ERR_NO_MEMORY;
    store_read_end(db);
    if (e)
        json_decref(rows);
    else
        *ret_rows = rows;
    return e;
}

static enum err read_one(struct notify *n, struct cx *cx, const char *id, struct destination *ret)
{
    struct db *db;
    enum err e = store_read(n->setup.store, &db);
    if (e)
        return e;
    e = db_row(db, cx->arena, &SQL_destination_get, ARGS(V(id)), DESTINATION_COLS(ret));
    store_read_end(db);
    return e;
}

enum err notify_get_destination(struct notify *n, struct cx *cx, const char *id,
                                json_t **ret_object)
{
    assert(n && cx && id && ret_object);
    struct destination d;
    enum err e = read_one(n, cx, id, &d);
    if (e)
        return e;
    json_t *o = to_object(&d);
    if (!o)
        return ERR_NO_MEMORY;
    *ret_object = o;
    return ERR_OK;
}

/* ---- write ---- */

/* Header values: visible ASCII and spaces. */
static bool header_ok(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < ' ' || (unsigned char)*s > '~')
            return false;
    return true;
}

static enum err read_body(struct cx *cx, const json_t *body, struct destination *d)
{
    enum err e = json_need_text(cx, body, "name", 1, NAME_MAX_CHARS, &d->name);
    if (!e)
        e = json_need_text(cx, body, "url", 1, URL_MAX, &d->url);
    if (!e)
        e = json_opt_text(cx, body, "secret", SECRET_TEXT_MAX, &d->secret);
    if (e)
        return e;
    if (!receiver_url_ok(d->url))
        return problem(cx, ERR_INPUT, "'url' must be a http or https URL");
    if (d->secret && !header_ok(d->secret))
        return problem(cx, ERR_INPUT, "'secret' must be fit for a header");
    return ERR_OK;
}

static enum err try_receiver(struct notify *n, struct cx *cx, const struct destination *d)
{
    int status;
    char why[NOTIFY_WHY];
    const struct posting p = {.url = d->url, .body = TEST_MESSAGE, .auth = d->secret};
    if (post_message(n, &p, &status, why))
        return problem(cx, ERR_INPUT, "the test message was not taken: %s", why);
    return ERR_OK;
}

static enum err create_run(struct tx *tx, void *arg)
{
    const struct destination *d = arg;
    int64_t n = 0;
    enum err e = db_i64(tx->db, &SQL_destination_count, ARGS(), &n);
    if (e)
        return e;
    if (n >= DESTINATIONS_MAX)
        return problem(tx->cx, ERR_INPUT, "there are at most %d destinations", DESTINATIONS_MAX);
    return db_do(tx->db, &SQL_destination_add,
                 ARGS(V(d->uid), V(d->name), V(d->url), V(d->secret), V(tx->cx->now_ms)), NULL);
}

enum err notify_create_destination(struct notify *n, struct cx *cx, const json_t *body,
                                   json_t **ret_object)
{
    assert(n && cx && body && ret_object);
    char uid[ID_LEN];
    struct destination d = {.uid = uid};
    enum err e = read_body(cx, body, &d);
    if (!e)
        e = try_receiver(n, cx, &d);
    if (e)
        return e;
    crypto_random_hex(uid, ID_LEN - 1);
    e = store_do(n->setup.store, cx, "destination.create", create_run, &d);
    return e ? e : id_only(uid, ret_object);
}

static enum err update_run(struct tx *tx, void *arg)
{
    const struct destination *d = arg;
    int64_t changed = 0;
    enum err e =
        db_do(tx->db, &SQL_destination_put,
              ARGS(V(d->name), V(d->url), V(d->secret), V(tx->cx->now_ms), V(d->uid)), &changed);
    return !e && !changed ? ERR_NOT_FOUND : e;
}

/* Its secret goes on with the same URL only: to another host it would be given away. */
static enum err keep_secret(struct notify *n, struct cx *cx, struct destination *d)
{
    const char *url, *secret;
    struct db *db;
    enum err e = store_read(n->setup.store, &db);
    if (e)
        return e;
    e = db_row(db, cx->arena, &SQL_receiver_get, ARGS(V(d->uid)), COLS(C(&url), C(&secret)));
    store_read_end(db);
    if (e || d->secret || !secret || !*secret)
        return e;
    if (strcmp(url, d->url) != 0)
        return problem(cx, ERR_INPUT, "another 'url' needs its 'secret' too");
    d->secret = secret;
    return ERR_OK;
}

enum err notify_update_destination(struct notify *n, struct cx *cx, const char *id,
                                   const json_t *body, json_t **ret_object)
{
    assert(n && cx && id && body && ret_object);
    struct destination d, before;
    enum err e = read_one(n, cx, id, &before); /* unknown, rather than a bad body */
    if (e)
        return e;
    d = (struct destination){.uid = id};
    e = read_body(cx, body, &d);
    if (!e)
        e = keep_secret(n, cx, &d);
    if (!e)
        e = try_receiver(n, cx, &d);
    if (!e)
        e = store_do(n->setup.store, cx, "destination.update", update_run, &d);
    return e ? e : id_only(id, ret_object);
}

static enum err drop_run(struct tx *tx, void *arg)
{
    const struct destination *d = arg;
    int64_t gone = 0;
    enum err e = db_do(tx->db, &SQL_destination_drop, ARGS(V(d->uid)), &gone);
    if (e)
        return e;
    return gone ? db_do(tx->db, &SQL_delivery_cancel, ARGS(V(d->uid)), NULL) : ERR_NOT_FOUND;
}

enum err notify_delete_destination(struct notify *n, struct cx *cx, const char *id)
{
    assert(n && cx && id);
    if (!*id) /* the webhook's own name in the queue */
        return ERR_NOT_FOUND;
    struct destination d = {.uid = id};
    return store_do(n->setup.store, cx, "destination.delete", drop_run, &d);
}
