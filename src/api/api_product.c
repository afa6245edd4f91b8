#include "api/call_in.h"
#include "base/arena.h"
#include "catalog/edit.h"
#include "stock/stock.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

/* ---- jobs ---- */

struct product_job {
    struct api *api;
    struct product_save save;
    struct audit audit;
    bool create;
    struct product done; /* as it is afterwards */
};

static enum err save_job(struct tx *tx, void *arg)
{
    struct product_job *j = arg;
    struct stock_turn turn;
    turn_begin(&turn, tx, j->api->set.watch);
    enum err e = j->create ? product_create(&turn, &j->save) : product_update(&turn, &j->save);
    if (!e)
        e = audit_write(tx, &j->audit);
    if (!e)
        e = turn_end(&turn);
    return e ? e : product_by_id(tx->db, tx->cx->arena, j->save.shop_id, j->save.id, &j->done);
}

static enum err answer_product(struct call *c, int status, const struct product *p)
{
    return answer_json(c, status, product_json(p, true));
}

static enum err save(struct call *c, int64_t shop_id, const struct product *now, int64_t version)
{
    struct product_job j = {.api = c->api, .create = !now};
    struct product_spec spec;
    enum err e = spec_read(c->cx, c->body, now, &spec);
    if (!e)
        e = product_make(c->cx, shop_id, c->who.viewer_id, &spec, now, &j.save);
    j.save.version = version;
    j.audit = call_audit(c, shop_id, now ? "product.edit" : "product.create", j.save.public_id);
    if (!e)
        e = store_do(c->api->set.store, c->cx, "product.save", save_job, &j);
    if (!e && now)
        call_product_changed(c, now->public_id);
    return e ? e : answer_product(c, now ? 200 : 201, &j.done);
}

/* ---- lists ---- */

static enum err read_statuses(struct call *c, unsigned *ret_statuses)
{
    const char *text = http_query(c->req, "status");
    enum product_status s;
    *ret_statuses = 0;
    if (!text || !*text)
        return ERR_OK;
    if (product_status_parse(text, &s))
        return problem(c->cx, ERR_INPUT, "'status' must be draft, active or archived");
    *ret_statuses = 1u << s;
    return ERR_OK;
}

static enum err read_ask(struct call *c, struct product_ask *ask)
{
    ask->question = http_query(c->req, "q");
    ask->category = http_query(c->req, "category");
    ask->cursor = http_query(c->req, "cursor");
    if (ask->category && !*ask->category)
        ask->category = NULL;
    if (ask->cursor && !*ask->cursor)
        ask->cursor = NULL;
    return call_limit(c, PRODUCT_LIST_MAX, &ask->limit);
}

static json_t *page_json(const struct product_page *page, bool staff)
{
    json_t *items = json_array();
    for (size_t i = 0; i < page->count; i++)
        (void)json_array_append_new(items, product_json(&page->items[i], staff));
    return json_pack("{s:o,s:s?}", "items", items, "next", page->next);
}

enum err products_list(struct call *c)
{
    const struct staff *s = NULL;
    struct product_ask ask = {.limit = 0};
    struct product_page page = {.count = 0};
    int64_t counts[PRODUCT_STATUS_COUNT] = {0};
    struct db *db = NULL;
    enum err e = call_shop(c, ACTION_PRODUCT_SEE, &s);
    if (!e)
        e = read_ask(c, &ask);
    if (!e)
        e = read_statuses(c, &ask.statuses);
    if (!e)
        e = store_read(c->api->set.store, &db);
    ask.shop_id = s ? s->shop_id : 0;
    if (!e)
        e = product_list(db, c->cx, &ask, &page);
    if (!e)
        e = product_counts(db, ask.shop_id, counts);
    store_read_end(db);
    if (e)
        return e;
    json_t *o = page_json(&page, true), *n = json_object();
    for (unsigned i = 0; i < PRODUCT_STATUS_COUNT; i++)
        (void)json_object_set_new(n, product_status_name((enum product_status)i),
                                  json_integer(counts[i]));
    (void)json_object_set_new(o, "counts", n);
    return answer_json(c, 200, o);
}

enum err shop_products(struct call *c)
{
    struct shop shop = {.id = 0};
    struct product_ask ask = {.statuses = 1u << PRODUCT_ACTIVE};
    struct product_page page = {.count = 0};
    struct db *db = NULL;
    enum err e = read_ask(c, &ask);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = shop_by_slug(db, c->cx->arena, http_param(c->req, "slug"), &shop);
    if (e == ERR_NOT_FOUND)
        e = problem(c->cx, e, "there is no such shop");
    if (!e) {
        ask.shop_id = shop.id;
        e = product_list(db, c->cx, &ask, &page);
    }
    store_read_end(db);
    if (e)
        return e;
    json_t *o = page_json(&page, false);
    (void)json_object_set_new(
        o, "shop",
        json_pack("{s:s,s:s,s:s}", "id", shop.public_id, "slug", shop.slug, "name", shop.name));
    return answer_json(c, 200, o);
}

/* ---- one product ---- */

enum err products_create(struct call *c)
{
    const struct staff *s = NULL;
    enum err e = call_shop(c, ACTION_PRODUCT_EDIT, &s);
    return e ? e : save(c, s->shop_id, NULL, 0);
}

static enum err no_product(struct call *c, enum err e)
{
    return e == ERR_NOT_FOUND ? problem(c->cx, e, "there is no such product") : e;
}

/* Beside the product itself: whose it is, and where replays show it. */
static enum err answer_page(struct call *c, struct db *db, const struct product *p, bool staff)
{
    struct shop shop = {.id = 0};
    json_t *moments = NULL, *o = NULL;
    enum err e = shop_by_id(db, c->cx->arena, p->shop_id, &shop);
    if (!e)
        e = product_moments(db, c->cx, p->id, &moments);
    if (e)
        return e;
    o = product_json(p, staff);
    (void)json_object_set_new(o, "moments", moments);
    (void)json_object_set_new(
        o, "shop",
        json_pack("{s:s,s:s,s:s}", "id", shop.public_id, "slug", shop.slug, "name", shop.name));
    return answer_json(c, 200, o);
}

enum err product_get(struct call *c)
{
    struct product p = {.id = 0};
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = product_by_public_id(db, c->cx->arena, 0, http_param(c->req, "id"), &p);
    bool staff = !e && call_is_staff(c, p.shop_id);
    if (!e && !staff && p.status != PRODUCT_ACTIVE)
        e = ERR_NOT_FOUND;
    if (!e)
        e = answer_page(c, db, &p, staff);
    store_read_end(db);
    return no_product(c, e);
}

/* The product that staff want to act on. */
static enum err find(struct call *c, enum action what, struct product *ret_product)
{
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = product_by_public_id(db, c->cx->arena, 0, http_param(c->req, "id"), ret_product);
    store_read_end(db);
    return e ? no_product(c, e) : call_may(c, ret_product->shop_id, what);
}

enum err product_patch(struct call *c)
{
    struct product now = {.id = 0};
    int64_t version = 0;
    enum err e = find(c, ACTION_PRODUCT_EDIT, &now);
    if (!e)
        e = call_if_match(c, &version);
    if (!e && version != now.version)
        return problem(c->cx, ERR_PRECONDITION, "the product was changed meanwhile");
    return e ? e : save(c, now.shop_id, &now, version);
}

struct delete_job {
    int64_t shop_id, version;
    const char *public_id;
    struct audit audit;
    bool archived;
};

static enum err delete_run(struct tx *tx, void *arg)
{
    struct delete_job *j = arg;
    enum err e = product_delete(tx, j->shop_id, j->public_id, j->version, &j->archived);
    j->audit.action = j->archived ? "product.archive" : "product.delete";
    return e ? e : audit_write(tx, &j->audit);
}

enum err api_product_delete(struct call *c)
{
    struct product now = {.id = 0};
    struct delete_job j = {.archived = false};
    enum err e = find(c, ACTION_PRODUCT_EDIT, &now);
    if (!e)
        e = call_if_match(c, &j.version);
    if (e)
        return e;
    j.shop_id = now.shop_id;
    j.public_id = now.public_id;
    j.audit = call_audit(c, now.shop_id, "product.delete", now.public_id);
    e = store_do(c->api->set.store, c->cx, "product.delete", delete_run, &j);
    if (!e && j.archived)
        call_product_changed(c, now.public_id);
    return e ? e : answer_empty(c, 204);
}
