/* Products from a CSV file. */
#include "api/call_in.h"
#include "catalog/import.h"
#include "store/store.h"

#include <string.h>

struct note_job {
    struct audit audit;
};

static enum err note_run(struct tx *tx, void *arg)
{
    const struct note_job *j = arg;
    return audit_write(tx, &j->audit);
}

static enum err start(struct call *c, int64_t shop_id, const char *data, size_t len)
{
    json_t *o = NULL;
    enum err e = import_start(c->api->set.store, c->cx, shop_id, c->who.viewer_id, data, len, &o);
    if (e)
        return e;
    const char *id = json_string_value(json_object_get(o, "id"));
    struct note_job note = {call_audit(c, shop_id, "product.import", id)};
    importer_wake(c->api->set.importer);
    if (store_do(c->api->set.store, c->cx, "import.note", note_run, &note))
        log_warn("an import was not noted", LOG_S("req", c->cx->id));
    return answer_json(c, 202, o);
}

enum err api_import_post(struct call *c)
{
    const struct staff *s = NULL;
    size_t len = 0;
    json_t *o = NULL;
    const char *dry = http_query(c->req, "dry_run"), *data = http_body(c->req, &len);
    enum err e = call_shop(c, ACTION_PRODUCT_EDIT, &s);
    if (!e && !len)
        e = problem(c->cx, ERR_INPUT, "the file is empty");
    if (e)
        return e;
    if (!dry || strcmp(dry, "1") != 0)
        return start(c, s->shop_id, data, len);
    e = import_check(c->api->set.store, c->cx, s->shop_id, data, len, &o);
    return e ? e : answer_json(c, 200, o);
}

enum err api_import_get(struct call *c)
{
    struct db *db = NULL;
    int64_t shop_id = 0;
    json_t *o = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = import_get(db, c->cx, http_param(c->req, "id"), &shop_id, &o);
    store_read_end(db);
    if (e == ERR_NOT_FOUND)
        return problem(c->cx, e, "there is no such import");
    if (!e)
        e = call_may(c, shop_id, ACTION_PRODUCT_EDIT);
    if (!e)
        return answer_json(c, 200, o);
    json_decref(o);
    return e;
}

enum err import_template_get(struct call *c)
{
    add_security_headers(c->req, c->api, false);
    http_add(c->req, "Content-Disposition", "attachment; filename=\"products.csv\"");
    http_add(c->req, "Cache-Control", "no-store");
    http_send(c->req, 200, "text/csv; charset=utf-8", import_template, strlen(import_template));
    return ERR_OK;
}
