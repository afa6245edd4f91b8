#include "api/call_in.h"
#include "catalog/edit.h"
#include "store/store.h"

#include <string.h>

struct category_job {
    int64_t shop_id;
    struct category category;
    const char *public_id, *name; /* name NULL: stays */
    int64_t position;             /* 0: stays */
};

static json_t *category_json(const struct category *k)
{
    return json_pack("{s:s,s:o,s:I,s:I}", "id", k->public_id, "name", stored_json(k->name),
                     "position", (json_int_t)k->position, "products", (json_int_t)k->products);
}

static enum err read_list(struct call *c, int64_t shop_id, struct category **ret_list,
                          size_t *ret_count)
{
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = category_list(db, c->cx->arena, shop_id, ret_list, ret_count);
    store_read_end(db);
    return e;
}

/* Everybody: ?shop=slug, or the first shop. */
static enum err public_shop(struct call *c, int64_t *ret_shop_id)
{
    struct shop shop;
    struct db *db = NULL;
    const char *slug = http_query(c->req, "shop");
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = slug && *slug ? shop_by_slug(db, c->cx->arena, slug, &shop)
                          : shop_first(db, c->cx->arena, &shop);
    store_read_end(db);
    if (e == ERR_NOT_FOUND)
        return problem(c->cx, e, "there is no such shop");
    if (!e)
        *ret_shop_id = shop.id;
    return e;
}

enum err categories_list(struct call *c)
{
    struct category *list = NULL;
    size_t count = 0;
    int64_t shop_id = 0;
    const struct staff *s = NULL;
    enum err e = ERR_OK;
    if (c->who.staff_count && !http_query(c->req, "shop")) { /* theirs, in the studio */
        e = call_shop(c, ACTION_PRODUCT_SEE, &s);
        shop_id = s ? s->shop_id : 0;
    } else {
        e = public_shop(c, &shop_id);
    }
    if (!e)
        e = read_list(c, shop_id, &list, &count);
    if (e)
        return e;
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(items, category_json(&list[i]));
    return answer_json(c, 200, json_pack("{s:o}", "items", items));
}

/* One of the list, as it is now. */
static enum err answer_category(struct call *c, int status, const struct category_job *j)
{
    struct category *list = NULL;
    size_t count = 0;
    enum err e = read_list(c, j->shop_id, &list, &count);
    for (size_t i = 0; !e && i < count; i++)
        if (strcmp(list[i].public_id, j->public_id) == 0)
            return answer_json(c, status, category_json(&list[i]));
    return e ? e : problem(c->cx, ERR_NOT_FOUND, "there is no such category");
}

static enum err create_job(struct tx *tx, void *arg)
{
    const struct category_job *j = arg;
    return category_create(tx, j->shop_id, &j->category);
}

enum err categories_create(struct call *c)
{
    const struct staff *s = NULL;
    char public_id[ID_TEXT];
    struct category_job j = {.public_id = public_id};
    enum err e = call_shop(c, ACTION_PRODUCT_EDIT, &s);
    if (!e)
        e = category_read_name(c->cx, c->body, &j.category.name);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "position", 1, CATEGORIES_MAX, &j.category.position);
    if (e)
        return e;
    id_make("cat", public_id);
    j.shop_id = s->shop_id;
    j.category.id = id_next();
    j.category.public_id = public_id;
    e = store_do(c->api->set.store, c->cx, "category.create", create_job, &j);
    return e ? e : answer_category(c, 201, &j);
}

/* Whose category it is: one of the shops they work in. */
static enum err find_shop(struct call *c, const char *public_id, int64_t *ret_shop_id)
{
    for (size_t i = 0; i < c->who.staff_count; i++) {
        struct category *list = NULL;
        size_t count = 0;
        int64_t shop_id = c->who.staff[i].shop_id;
        enum err e = read_list(c, shop_id, &list, &count);
        for (size_t k = 0; !e && k < count; k++) {
            if (strcmp(list[k].public_id, public_id) == 0) {
                *ret_shop_id = shop_id;
                return call_may(c, shop_id, ACTION_PRODUCT_EDIT);
            }
        }
        if (e)
            return e;
    }
    return problem(c->cx, ERR_NOT_FOUND, "there is no such category");
}

static enum err edit_job(struct tx *tx, void *arg)
{
    const struct category_job *j = arg;
    return category_edit(tx, j->shop_id, j->public_id, j->name, j->position);
}

enum err api_category_patch(struct call *c)
{
    struct category_job j = {.public_id = http_param(c->req, "id")};
    json_t *name = json_object_get(c->body, "name");
    enum err e = find_shop(c, j.public_id, &j.shop_id);
    if (!e && name && !json_is_null(name))
        e = category_read_name(c->cx, c->body, &j.name);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "position", 1, CATEGORIES_MAX, &j.position);
    if (!e)
        e = store_do(c->api->set.store, c->cx, "category.edit", edit_job, &j);
    return e ? e : answer_category(c, 200, &j);
}

static enum err delete_job(struct tx *tx, void *arg)
{
    const struct category_job *j = arg;
    return category_delete(tx, j->shop_id, j->public_id);
}

enum err api_category_delete(struct call *c)
{
    struct category_job j = {.public_id = http_param(c->req, "id")};
    enum err e = find_shop(c, j.public_id, &j.shop_id);
    if (!e)
        e = store_do(c->api->set.store, c->cx, "category.delete", delete_job, &j);
    return e ? e : answer_empty(c, 204);
}
