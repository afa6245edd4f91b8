/* Legal texts: for everybody, and as a shop writes them. */
#include "api/call_in.h"
#include "base/arena.h"
#include "privacy/legal.h"
#include "privacy/privacy.h"
#include "store/store.h"

#include <string.h>

/* ?shop=slug, or the oldest shop. */
static enum err shop_asked(struct call *c, struct db *db, int64_t *ret_shop_id)
{
    struct shop shop;
    const char *slug = http_query(c->req, "shop");
    enum err e = slug && *slug ? shop_by_slug(db, c->cx->arena, slug, &shop)
                               : shop_first(db, c->cx->arena, &shop);
    if (e == ERR_NOT_FOUND)
        return problem(c->cx, e, "there is no such shop");
    if (!e)
        *ret_shop_id = shop.id;
    return e;
}

static enum err asked(struct call *c, struct legal_ask *ask)
{
    const char *lang = http_query(c->req, "lang");
    if (!lang && c->signed_on)
        lang = c->session.viewer.lang;
    *ask = (struct legal_ask){.lang = lang ? lang : http_header(c->req, "accept-language"),
                              .version = http_query(c->req, "version"),
                              .site = c->api->public_url,
                              .keep = privacy_keep(c->api->set.privacy)};
    return legal_doc_parse(http_param(c->req, "doc"), &ask->doc)
               ? problem(c->cx, ERR_NOT_FOUND, "there is no such text")
               : ERR_OK;
}

enum err legal_get(struct call *c)
{
    struct legal_ask ask;
    struct db *db = NULL;
    json_t *text = NULL;
    enum err e = asked(c, &ask);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = shop_asked(c, db, &ask.shop_id);
    if (!e)
        e = legal_read(db, c->cx, &ask, &text);
    store_read_end(db);
    return e ? e : answer_json(c, 200, text);
}

/* ---- staff ---- */

enum err staff_legal_list(struct call *c)
{
    const struct staff *s = NULL;
    struct db *db = NULL;
    json_t *list = NULL;
    enum err e = call_shop(c, ACTION_LEGAL_EDIT, &s);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = legal_overview(db, c->cx, s->shop_id, &list);
    store_read_end(db);
    return e ? e : answer_json(c, 200, list);
}

static enum err answer_texts(struct call *c, const struct legal_ask *ask)
{
    struct db *db = NULL;
    json_t *texts = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = legal_edit(db, c->cx, ask, &texts);
    store_read_end(db);
    return e ? e : answer_json(c, 200, texts);
}

enum err staff_legal_get(struct call *c)
{
    const struct staff *s = NULL;
    struct legal_ask ask;
    enum err e = call_shop(c, ACTION_LEGAL_EDIT, &s);
    if (!e)
        e = asked(c, &ask);
    if (e)
        return e;
    ask.shop_id = s->shop_id;
    return answer_texts(c, &ask);
}

struct put_job {
    struct legal_put put;
    struct audit audit;
    int64_t version;
};

static enum err put_job(struct tx *tx, void *arg)
{
    struct put_job *j = arg;
    enum err e = legal_set(tx, &j->put, &j->version);
    return e ? e : audit_write(tx, &j->audit);
}

static enum err read_put(struct call *c, struct legal_put *put)
{
    enum err e = json_need_text(c->cx, c->body, "lang", 1, 20, &put->lang);
    if (!e)
        e = json_need_text(c->cx, c->body, "title", 1, 1000, &put->title);
    if (!e)
        e = json_need_text(c->cx, c->body, "body_md", 1, LEGAL_BODY_MAX, &put->body);
    return e ? e : json_opt_bool(c->cx, c->body, "publish", &put->publish);
}

enum err staff_legal_put(struct call *c)
{
    const struct staff *s = NULL;
    struct legal_ask ask;
    struct put_job j = {.version = 0};
    enum err e = call_shop(c, ACTION_LEGAL_EDIT, &s);
    if (!e)
        e = asked(c, &ask);
    if (!e)
        e = read_put(c, &j.put);
    if (e)
        return e;
    ask.shop_id = j.put.shop_id = s->shop_id;
    j.put.doc = ask.doc;
    j.put.by_id = c->who.viewer_id;
    j.audit = call_audit(c, s->shop_id, j.put.publish ? "legal.publish" : "legal.draft",
                         legal_doc_name(ask.doc));
    e = call_note(c, NULL, json_pack("{s:s,s:s}", "lang", j.put.lang, "title", j.put.title),
                  &j.audit);
    if (!e)
        e = store_do(c->api->set.store, c->cx, "legal.set", put_job, &j);
    return e ? e : answer_texts(c, &ask);
}
