/* What a product's page says of itself: title, text and picture of its link preview. */
#include "api/call_in.h"
#include "base/arena.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "files/link.h"
#include "room/show.h"
#include "store/store.h"

#include <string.h>

enum { TEXT_CHARS = 160 };

/* In this language, else in any. */
static const char *text_in(struct arena *arena, const char *json, const char *lang)
{
    json_t *o = stored_json(json), *v = json_object_get(o, lang);
    if (!v)
        v = json_object_iter_value(json_object_iter(o));
    const char *text = json_string_value(v);
    const char *own =
        text ? arena_dup(arena, text, text_prefix(text, strlen(text), TEXT_CHARS)) : "";
    json_decref(o);
    return own;
}

/* The size made for previews; a drawing that ships with the app is none: apps show no SVG there. */
static const char *picture(struct arena *arena, const struct product *p)
{
    char url[FILE_URL_MAX];
    if (!p->media_count || !file_url(p->media[0].key, FILE_SHARE, url))
        return NULL;
    return arena_dup(arena, url, strlen(url));
}

enum err page_product(struct call *c, const char *lang, bool *ret_found, struct show_link *ret_link)
{
    struct product p;
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = product_by_public_id(db, c->cx->arena, 0, http_param(c->req, "id"), &p);
    store_read_end(db);
    *ret_found = !e && (p.status == PRODUCT_ACTIVE || call_is_staff(c, p.shop_id));
    if (!*ret_found)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    struct show_link link = {.title = text_in(c->cx->arena, p.title, lang),
                             .description = text_in(c->cx->arena, p.body, lang),
                             .image = picture(c->cx->arena, &p)};
    if (!link.title || !link.description)
        return ERR_NO_MEMORY;
    *ret_link = link;
    return ERR_OK;
}
