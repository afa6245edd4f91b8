/* Policies of live notifications: alerting v3, alert type stream_live_notifications. */
#include "streamd/notify/notify_in.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "base/json.h"
#include "streamd/notify/alert.sql.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    POLICIES_MAX = 1000,
    NAME_MAX_CHARS = 256,
    TEXT_MAX_CHARS = 1024,
    JSON_TEXT_MAX = 16 << 10,
    ROW_ARENA = 1 << 20
};

#define ALERT_TYPE "stream_live_notifications"

struct policy {
    const char *uid, *name, *description;
    bool enabled;
    const char *alert_type, *mechanisms, *filters;
    int64_t created_ms, modified_ms;
};

#define POLICY_COLS(p)                                                                             \
    COLS(C(&(p)->uid), C(&(p)->name), C(&(p)->description), C(&(p)->enabled), C(&(p)->alert_type), \
         C(&(p)->mechanisms), C(&(p)->filters), C(&(p)->created_ms), C(&(p)->modified_ms))

static json_t *stored(const char *text)
{
    json_t *o = json_loads(text, 0, NULL);
    return o ? o : json_object();
}

static json_t *to_object(const struct policy *p)
{
    return json_pack("{s:s, s:s, s:s, s:b, s:s, s:o, s:o, s:o, s:o}", "id", p->uid, "name", p->name,
                     "description", p->description, "enabled", p->enabled, "alert_type",
                     p->alert_type, "mechanisms", stored(p->mechanisms), "filters",
                     stored(p->filters), "created", time_json(p->created_ms), "modified",
                     time_json(p->modified_ms));
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

/* The texts of one row live until its object is made. */
static bool next_row(struct rows *r, json_t *rows, enum err *e)
{
    struct policy p;
    struct arena *a = arena_make(ROW_ARENA);
    bool more = a && rows_next(r, a, POLICY_COLS(&p));
    if (!a || (more && json_array_append_new(rows, to_object(&p))))
        *e = ERR_NO_MEMORY;
    arena_free(a);
    return more && !*e;
}

static enum err read_rows(struct db *db, json_t *rows)
{
    enum err e = ERR_OK;
    struct rows r = db_rows(db, &SQL_policy_list, ARGS(V(POLICIES_MAX)));
    while (next_row(&r, rows, &e))
        continue;
    enum err read = rows_end(&r);
    return e ? e : read;
}

enum err notify_list_policies(struct notify *n, struct cx *cx, json_t **ret_rows)
{
    assert(n && cx && ret_rows);
    struct db *db;
    enum err e = store_read(n->setup.store, &db);
    if (e)
        return e;
    json_t *rows = json_array();
    e = rows ? read_rows(db, rows) : ERR_NO_MEMORY;
    store_read_end(db);
    if (e)
        json_decref(rows);
    else
        *ret_rows = rows;
    return e;
}

enum err notify_get_policy(struct notify *n, struct cx *cx, const char *id, json_t **ret_object)
{
    assert(n && cx && id && ret_object);
    struct db *db;
    struct policy p;
    enum err e = store_read(n->setup.store, &db);
    if (e)
        return e;
    e = db_row(db, cx->arena, &SQL_policy_get, ARGS(V(id)), POLICY_COLS(&p));
    store_read_end(db);
    if (e)
        return e;
    json_t *o = to_object(&p);
    if (!o)
        return ERR_NO_MEMORY;
    *ret_object = o;
    return ERR_OK;
}

/* ---- what a policy may say ---- */

static enum err keep_object(struct cx *cx, const json_t *v, const char *name, const char **ret_text)
{
    if (!json_is_object(v))
        return problem(cx, ERR_INPUT, "'%s' must be an object", name);
    char *text = json_dumps(v, JSON_COMPACT);
    size_t len = text ? strlen(text) : 0;
    const char *copy = text && len <= JSON_TEXT_MAX ? arena_dup(cx->arena, text, len) : NULL;
    free(text);
    if (len > JSON_TEXT_MAX)
        return problem(cx, ERR_INPUT, "'%s' must have at most %d bytes", name, JSON_TEXT_MAX);
    if (!copy)
        return ERR_NO_MEMORY;
    *ret_text = copy;
    return ERR_OK;
}

static enum err check_list(struct cx *cx, const json_t *filters, const char *name)
{
    const json_t *list = json_object_get(filters, name);
    if (!list)
        return ERR_OK;
    if (!json_is_array(list))
        return problem(cx, ERR_INPUT, "'filters.%s' must be an array", name);
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!json_is_string(json_array_get(list, i)))
            return problem(cx, ERR_INPUT, "'filters.%s' must hold texts", name);
    return ERR_OK;
}

/* In the job: each webhook named must be a destination. */
static enum err check_mechanisms(struct tx *tx, const char *text)
{
    json_t *o = stored(text);
    const json_t *webhooks = json_object_get(o, "webhooks");
    enum err e = ERR_OK;
    if (webhooks && !json_is_array(webhooks))
        e = problem(tx->cx, ERR_INPUT, "'mechanisms.webhooks' must be an array");
    for (size_t i = 0; !e && i < json_array_size(webhooks); i++) {
        const char *id = json_string_value(json_object_get(json_array_get(webhooks, i), "id"));
        int64_t known;
        e = id ? db_i64(tx->db, &SQL_destination_known, ARGS(V(id)), &known) : ERR_NOT_FOUND;
        if (e == ERR_NOT_FOUND)
            e = problem(tx->cx, ERR_INPUT, "'mechanisms.webhooks' names an unknown destination");
    }
    json_decref(o);
    return e;
}

static enum err apply_texts(struct cx *cx, const json_t *body, bool whole, struct policy *p)
{
    enum err e = whole ? json_need_text(cx, body, "name", 1, NAME_MAX_CHARS, &p->name)
                       : json_opt_text(cx, body, "name", NAME_MAX_CHARS, &p->name);
    if (!e && !*p->name)
        e = problem(cx, ERR_INPUT, "'name' must not be empty");
    if (!e)
        e = json_opt_text(cx, body, "description", TEXT_MAX_CHARS, &p->description);
    if (!e)
        e = json_opt_bool(cx, body, "enabled", &p->enabled);
    if (!e)
        e = whole ? json_need_text(cx, body, "alert_type", 1, NAME_MAX_CHARS, &p->alert_type)
                  : json_opt_text(cx, body, "alert_type", NAME_MAX_CHARS, &p->alert_type);
    if (!e && strcmp(p->alert_type, ALERT_TYPE) != 0)
        e = problem(cx, ERR_INPUT, "'alert_type' must be " ALERT_TYPE);
    return e;
}

static enum err apply(struct cx *cx, const json_t *body, bool whole, struct policy *p)
{
    const json_t *mechanisms = json_object_get(body, "mechanisms");
    const json_t *filters = json_object_get(body, "filters");
    enum err e = apply_texts(cx, body, whole, p);
    if (!e && (mechanisms || whole))
        e = keep_object(cx, mechanisms, "mechanisms", &p->mechanisms);
    if (!e && filters && !json_is_null(filters))
        e = keep_object(cx, filters, "filters", &p->filters);
    if (!e)
        e = check_list(cx, filters, "input_id");
    return e ? e : check_list(cx, filters, "event_type");
}

/* ---- write ---- */

struct policy_job {
    const json_t *body;
    const char *uid;
    struct policy p;
};

static enum err create_run(struct tx *tx, void *arg)
{
    const struct policy_job *j = arg;
    const struct policy *p = &j->p;
    int64_t n = 0;
    enum err e = db_i64(tx->db, &SQL_policy_count, ARGS(), &n);
    if (!e && n >= POLICIES_MAX)
        e = problem(tx->cx, ERR_INPUT, "there are at most %d policies", POLICIES_MAX);
    if (!e)
        e = check_mechanisms(tx, p->mechanisms);
    if (e)
        return e;
    return db_do(tx->db, &SQL_policy_add,
                 ARGS(V(p->uid), V(p->name), V(p->description), V(p->enabled), V(p->alert_type),
                      V(p->mechanisms), V(p->filters), V(tx->cx->now_ms)),
                 NULL);
}

enum err notify_create_policy(struct notify *n, struct cx *cx, const json_t *body,
                              json_t **ret_object)
{
    assert(n && cx && body && ret_object);
    char uid[ID_LEN];
    struct policy_job j = {
        .p = {.uid = uid, .name = "", .description = "", .enabled = true, .filters = "{}"}};
    enum err e = apply(cx, body, true, &j.p);
    if (e)
        return e;
    crypto_random_hex(uid, ID_LEN - 1);
    e = store_do(n->setup.store, cx, "policy.create", create_run, &j);
    return e ? e : id_only(uid, ret_object);
}

static enum err update_run(struct tx *tx, void *arg)
{
    struct policy_job *j = arg;
    struct policy *p = &j->p;
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_policy_get, ARGS(V(j->uid)), POLICY_COLS(p));
    if (!e)
        e = apply(tx->cx, j->body, false, p);
    if (!e)
        e = check_mechanisms(tx, p->mechanisms);
    if (e)
        return e;
    return db_do(tx->db, &SQL_policy_put,
                 ARGS(V(p->name), V(p->description), V(p->enabled), V(p->alert_type),
                      V(p->mechanisms), V(p->filters), V(tx->cx->now_ms), V(j->uid)),
                 NULL);
}

enum err notify_update_policy(struct notify *n, struct cx *cx, const char *id, const json_t *body,
                              json_t **ret_object)
{
    assert(n && cx && id && body && ret_object);
    struct policy_job j = {.uid = id, .body = body};
    enum err e = store_do(n->setup.store, cx, "policy.update", update_run, &j);
    return e ? e : id_only(id, ret_object);
}

static enum err drop_run(struct tx *tx, void *arg)
{
    const struct policy_job *j = arg;
    int64_t gone = 0;
    enum err e = db_do(tx->db, &SQL_policy_drop, ARGS(V(j->uid)), &gone);
    return !e && !gone ? ERR_NOT_FOUND : e;
}

enum err notify_delete_policy(struct notify *n, struct cx *cx, const char *id, json_t **ret_object)
{
    assert(n && cx && id && ret_object);
    struct policy_job j = {.uid = id};
    enum err e = store_do(n->setup.store, cx, "policy.delete", drop_run, &j);
    return e ? e : id_only(id, ret_object);
}
