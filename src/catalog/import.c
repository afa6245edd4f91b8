/* Files are checked or stored here; import_run.c works through them. */
#include "catalog/import.h"
#include "base/arena.h"
#include "catalog/import.sql.h"
#include "catalog/import_in.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 65536, PRODUCT_ARENA = 8 << 20 };

/* ---- checking ---- */

struct tally {
    int64_t of[IMPORT_FAULT + 1];
};

/* One product at a time, each with an arena of its own. */
static enum err check_products(struct store *store, struct cx *cx, int64_t shop_id,
                               struct import_file *f, struct tally *t)
{
    struct db *db = NULL;
    enum err e = store_read(store, &db);
    for (size_t i = 0; !e && i < f->product_count; i++) {
        struct cx own = {.arena = arena_make(PRODUCT_ARENA), .now_ms = cx->now_ms};
        struct import_plan plan = {.fate = IMPORT_FAULT};
        e = own.arena ? import_plan(db, &own, shop_id, 0, f, &f->products[i], false, &plan)
                      : ERR_NO_MEMORY;
        t->of[plan.fate]++;
        arena_free(own.arena);
    }
    store_read_end(db);
    return e;
}

static json_t *import_json(const char *public_id, const char *state, const struct import_file *f,
                           const struct tally *t)
{
    return json_pack(
        "{s:s?,s:s,s:I,s:I,s:i,s:I,s:I,s:I,s:O,s:I,s:n,s:n}", "id", public_id, "state", state,
        "rows", (json_int_t)f->row_count, "products", (json_int_t)f->product_count, "done", 0,
        "created", (json_int_t)t->of[IMPORT_CREATES], "updated", (json_int_t)t->of[IMPORT_UPDATES],
        "same", (json_int_t)t->of[IMPORT_SAME], "errors", f->errors, "error_count",
        (json_int_t)f->error_count, "created_at", "ended_at");
}

enum err import_check(struct store *store, struct cx *cx, int64_t shop_id, const char *data,
                      size_t len, json_t **ret_json)
{
    struct import_file f;
    struct tally t = {{0}};
    enum err e = import_parse(cx, data, len, &f);
    if (e)
        return e;
    e = check_products(store, cx, shop_id, &f, &t);
    json_t *o = e ? NULL : import_json(NULL, "checked", &f, &t);
    import_free(&f);
    if (!e && !o)
        e = ERR_NO_MEMORY;
    if (!e)
        *ret_json = o;
    return e;
}

/* ---- storing ---- */

struct storing {
    int64_t id, shop_id, actor_id, n;
    char public_id[ID_TEXT];
    const struct import_file *f;
    const char *errors, *data;
    size_t len;
};

static enum err insert_job(struct tx *tx, void *arg)
{
    const struct storing *s = arg;
    return db_do(tx->db, &SQL_import_insert,
                 ARGS(V(s->id), V(s->public_id), V(s->shop_id), V(s->actor_id),
                      V((int64_t)s->f->row_count), V((int64_t)s->f->product_count),
                      V(s->f->error_count), V(s->errors), V(tx->cx->now_ms)),
                 NULL);
}

static enum err chunk_job(struct tx *tx, void *arg)
{
    const struct storing *s = arg;
    return db_do(tx->db, &SQL_import_chunk_insert, ARGS(V(s->id), V(s->n), VBLOB(s->data, s->len)),
                 NULL);
}

static enum err ready_job(struct tx *tx, void *arg)
{
    const struct storing *s = arg;
    return db_do(tx->db, &SQL_import_ready, ARGS(V(s->id)), NULL);
}

/* In pieces, so that no other job waits long behind it. */
static enum err store_file(struct store *store, struct cx *cx, struct storing *s, const char *data,
                           size_t len)
{
    enum err e = store_do(store, cx, "import.insert", insert_job, s);
    for (size_t at = 0; !e && at < len; at += CHUNK) {
        s->data = data + at;
        s->len = len - at < CHUNK ? len - at : CHUNK;
        s->n = (int64_t)(at / CHUNK);
        e = store_do(store, cx, "import.chunk", chunk_job, s);
    }
    return e ? e : store_do(store, cx, "import.ready", ready_job, s);
}

enum err import_start(struct store *store, struct cx *cx, int64_t shop_id, int64_t actor_id,
                      const char *data, size_t len, json_t **ret_json)
{
    struct import_file f;
    struct storing s = {.id = id_next(), .shop_id = shop_id, .actor_id = actor_id, .f = &f};
    const struct tally none = {{0}};
    enum err e = import_parse(cx, data, len, &f);
    if (e)
        return e;
    id_make("imp", s.public_id);
    char *errors = json_dumps(f.errors, JSON_COMPACT);
    s.errors = errors;
    e = errors ? store_file(store, cx, &s, data, len) : ERR_NO_MEMORY;
    free(errors);
    json_t *o = e ? NULL : import_json(s.public_id, "running", &f, &none);
    if (o)
        (void)json_object_set_new(o, "created_at", json_integer(cx->now_ms));
    import_free(&f);
    if (!e && !o)
        e = ERR_NO_MEMORY;
    if (!e)
        *ret_json = o;
    return e;
}

/* ---- how far it is ---- */

enum err import_get(struct db *db, struct cx *cx, const char *public_id, int64_t *ret_shop_id,
                    json_t **ret_json)
{
    const char *id = NULL, *state = NULL, *errors = NULL;
    int64_t shop_id = 0, rows = 0, products = 0, done = 0, created = 0, updated = 0, same = 0;
    int64_t faults = 0, created_ms = 0, ended_ms = 0;
    enum err e =
        db_row(db, cx->arena, &SQL_import_get, ARGS(V(public_id)),
               COLS(C(&shop_id), C(&id), C(&state), C(&rows), C(&products), C(&done), C(&created),
                    C(&updated), C(&same), C(&faults), C(&errors), C(&created_ms), C(&ended_ms)));
    if (e)
        return e;
    bool loading = strcmp(state, "loading") == 0;
    json_t *ended = ended_ms ? json_integer(ended_ms) : json_null();
    json_t *o = json_pack(
        "{s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:I,s:I,s:o}", "id", id, "state",
        loading ? "running" : state, "rows", (json_int_t)rows, "products", (json_int_t)products,
        "done", (json_int_t)done, "created", (json_int_t)created, "updated", (json_int_t)updated,
        "same", (json_int_t)same, "errors", stored_json(errors), "error_count", (json_int_t)faults,
        "created_at", (json_int_t)created_ms, "ended_at", ended);
    if (!o)
        return ERR_NO_MEMORY;
    *ret_shop_id = shop_id;
    *ret_json = o;
    return ERR_OK;
}
