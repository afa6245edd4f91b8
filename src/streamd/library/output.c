/* Simulcast targets of a live input: kept and shown; nothing is pushed to them yet. */
#include "streamd/library/input.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "streamd/library/check_in.h"
#include "streamd/library/output.sql.h"
#include "streamd/library/state_in.h"

#include <assert.h>
#include <string.h>

enum { URL_MAX = 2048, KEY_MAX = 1024 };

struct output {
    const char *uid, *url, *key;
    bool enabled;
};

static json_t *output_json(const struct output *o)
{
    return json_pack("{s:s, s:s, s:s, s:b}", "uid", o->uid, "url", o->url, "streamKey", o->key,
                     "enabled", o->enabled);
}

static enum err to_json(const struct output *o, json_t **ret_object)
{
    json_t *j = output_json(o);
    if (!j)
        return ERR_NO_MEMORY;
    *ret_object = j;
    return ERR_OK;
}

static bool url_ok(const char *url)
{
    static const char *const schemes[] = {"rtmp://", "rtmps://", "srt://"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (text_has_prefix(url, schemes[i]) && url[strlen(schemes[i])] &&
            url[strlen(schemes[i])] != '/')
            return url[strcspn(url, " \t\r\n\"<>\\")] == '\0';
    return false;
}

static bool input_known(struct library *l, const char *uid)
{
    struct input_conf conf;
    return !library_input(l, uid, &conf);
}

/* ---- list ---- */

static enum err read_rows(struct cx *cx, struct db *db, const char *input_uid, json_t *rows)
{
    struct output o;
    enum err e = ERR_OK;
    struct rows r = db_rows(db, &SQL_output_list, ARGS(V(input_uid), V(OUTPUTS_MAX)));
    while (!e && rows_next(&r, cx->arena, COLS(C(&o.uid), C(&o.url), C(&o.key), C(&o.enabled))))
        if (json_array_append_new(rows, output_json(&o)))
            e = ERR_NO_MEMORY;
    enum err read = rows_end(&r);
    return e ? e : read;
}

enum err library_list_outputs(struct library *l, struct cx *cx, const char *input_uid,
                              json_t **ret_rows)
{
    assert(l && cx && input_uid && ret_rows);
    struct db *db;
    if (!input_known(l, input_uid))
        return ERR_NOT_FOUND;
    enum err e = store_read(l->setup.store, &db);
    if (e)
        return e;
    json_t *rows = json_array();
    e = rows ? read_rows(cx, db, input_uid, rows) : ERR_NO_MEMORY;
    store_read_end(db);
    if (e)
        json_decref(rows);
    else
        *ret_rows = rows;
    return e;
}

/* ---- create ---- */

struct output_job {
    const char *input_uid;
    struct output o;
};

static enum err create_run(struct tx *tx, void *arg)
{
    const struct output_job *j = arg;
    int64_t n = 0;
    enum err e = db_i64(tx->db, &SQL_output_count, ARGS(V(j->input_uid)), &n);
    if (e)
        return e;
    if (n >= OUTPUTS_MAX)
        return problem(tx->cx, ERR_INPUT, "a live input has at most %d outputs", OUTPUTS_MAX);
    e = db_do(tx->db, &SQL_output_add,
              ARGS(V(j->o.uid), V(j->o.url), V(j->o.key), V(j->o.enabled), V(j->input_uid)), &n);
    return !e && !n ? ERR_NOT_FOUND : e;
}

enum err library_create_output(struct library *l, struct cx *cx, const char *input_uid,
                               const json_t *body, json_t **ret_object)
{
    assert(l && cx && input_uid && body && ret_object);
    char uid[UID_TEXT];
    struct output_job j = {.input_uid = input_uid, .o = {.uid = uid, .enabled = true}};
    if (!input_known(l, input_uid))
        return ERR_NOT_FOUND;
    enum err e = json_need_text(cx, body, "url", 1, URL_MAX, &j.o.url);
    if (!e && !url_ok(j.o.url))
        e = problem(cx, ERR_INPUT, "'url' must begin with rtmp://, rtmps:// or srt://");
    if (!e)
        e = json_need_text(cx, body, "streamKey", 1, KEY_MAX, &j.o.key);
    if (!e && field_given(body, "enabled"))
        e = check_bool(cx, body, "enabled", &j.o.enabled);
    if (e)
        return e;
    crypto_random_hex(uid, UID_TEXT - 1);
    e = store_do(l->setup.store, cx, "output.create", create_run, &j);
    return e ? e : to_json(&j.o, ret_object);
}

/* ---- change and delete ---- */

static enum err update_run(struct tx *tx, void *arg)
{
    struct output_job *j = arg;
    int64_t n = 0;
    enum err e =
        db_do(tx->db, &SQL_output_put, ARGS(V(j->o.enabled), V(j->o.uid), V(j->input_uid)), &n);
    if (e || !n)
        return e ? e : ERR_NOT_FOUND;
    return db_row(tx->db, tx->cx->arena, &SQL_output_get, ARGS(V(j->input_uid), V(j->o.uid)),
                  COLS(C(&j->o.uid), C(&j->o.url), C(&j->o.key), C(&j->o.enabled)));
}

enum err library_update_output(struct library *l, struct cx *cx, const char *input_uid,
                               const char *uid, const json_t *body, json_t **ret_object)
{
    assert(l && cx && input_uid && uid && body && ret_object);
    struct output_job j = {.input_uid = input_uid, .o = {.uid = uid}};
    if (!library_uid_ok(uid) || !input_known(l, input_uid))
        return ERR_NOT_FOUND;
    enum err e = check_bool(cx, body, "enabled", &j.o.enabled);
    if (!e)
        e = store_do(l->setup.store, cx, "output.update", update_run, &j);
    return e ? e : to_json(&j.o, ret_object);
}

static enum err drop_run(struct tx *tx, void *arg)
{
    const struct output_job *j = arg;
    int64_t n = 0;
    enum err e = db_do(tx->db, &SQL_output_drop, ARGS(V(j->o.uid), V(j->input_uid)), &n);
    return !e && !n ? ERR_NOT_FOUND : e;
}

enum err library_delete_output(struct library *l, struct cx *cx, const char *input_uid,
                               const char *uid)
{
    assert(l && cx && input_uid && uid);
    struct output_job j = {.input_uid = input_uid, .o = {.uid = uid}};
    if (!library_uid_ok(uid) || !input_known(l, input_uid))
        return ERR_NOT_FOUND;
    return store_do(l->setup.store, cx, "output.delete", drop_run, &j);
}
