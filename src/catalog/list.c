/* Products of a shop: the newest, or those that words find; categories. */
#include "base/arena.h"
#include "base/text.h"
#include "catalog/edit.h"
#include "catalog/list.sql.h"
#include "catalog/product.sql.h"
#include "catalog/terms_in.h"
#include "store/store.h"

#include <string.h>

enum { LIMIT = 50, MOMENTS_MAX = 10 };

/* ---- pages ---- */

/* Where the page before ended: "123" or, with a score, "16.123". */
struct place {
    int64_t score, id;
};

static enum err read_cursor(struct cx *cx, const char *cursor, struct place *ret_place)
{
    struct place p = {INT64_MAX, INT64_MAX};
    const char *dot = cursor ? strchr(cursor, '.') : NULL;
    const char *score = dot ? arena_dup(cx->arena, cursor, (size_t)(dot - cursor)) : NULL;
    if (dot && !score)
        return ERR_NO_MEMORY;
    if ((score && text_i64(score, 0, INT64_MAX, &p.score)) ||
        (cursor && text_i64(dot ? dot + 1 : cursor, 0, INT64_MAX, &p.id)))
        return problem(cx, ERR_INPUT, "'cursor' must be the 'next' of a page");
    *ret_place = p;
    return ERR_OK;
}

/* The ids of a page, and one more if there is one. */
struct found {
    struct place *at;
    size_t count, limit;
};

/* The three statuses, '' for those that are not asked for. */
static const char *wanted(const struct product_ask *ask, enum product_status s)
{
    unsigned mask = ask->statuses ? ask->statuses : 1u << PRODUCT_DRAFT | 1u << PRODUCT_ACTIVE;
    return mask & 1u << s ? product_status_name(s) : "";
}

static enum err find_newest(struct db *db, const struct product_ask *ask, int64_t category_id,
                            const struct place *from, struct found *f)
{
    int64_t id = 0;
    struct rows r = db_rows(db, &SQL_list_newest,
                            ARGS(V(ask->shop_id), V(wanted(ask, PRODUCT_DRAFT)),
                                 V(wanted(ask, PRODUCT_ACTIVE)), V(wanted(ask, PRODUCT_ARCHIVED)),
                                 V(category_id), V(from->id), V((int64_t)f->limit + 1)));
    while (rows_next(&r, NULL, COLS(C(&id))))
        f->at[f->count++] = (struct place){0, id};
    return rows_end(&r);
}

static enum err find_words(struct db *db, struct cx *cx, const struct product_ask *ask,
                           int64_t category_id, const struct place *from, struct found *f)
{
    struct term_list words;
    const char *term[QUERY_TERMS_MAX], *more[QUERY_TERMS_MAX];
    enum err e = terms_init(&words, cx->arena, QUERY_TERMS_MAX);
    if (!e)
        e = terms_add(&words, ask->question, TERM_QUERY);
    if (e || !words.count)
        return e;
    for (size_t i = 0; i < QUERY_TERMS_MAX; i++) {
        term[i] = i < words.count ? words.items[i].text : "";
        more[i] = i < words.count ? arena_fmt(cx->arena, "%s*", term[i]) : "";
        if (!more[i])
            return ERR_NO_MEMORY;
    }
    struct place p = {0};
    struct rows r = db_rows(
        db, &SQL_list_found,
        ARGS(V(ask->shop_id), V(wanted(ask, PRODUCT_DRAFT)), V(wanted(ask, PRODUCT_ACTIVE)),
             V(wanted(ask, PRODUCT_ARCHIVED)), V(category_id), V(term[0]), V(term[1]), V(term[2]),
             V(term[3]), V(term[4]), V(term[5]), V(term[6]), V(term[7]), V(more[0]), V(more[1]),
             V(more[2]), V(more[3]), V(more[4]), V(more[5]), V(more[6]), V(more[7]),
             V((int64_t)words.count), V(from->score), V(from->id), V((int64_t)f->limit + 1)));
    while (rows_next(&r, NULL, COLS(C(&p.id), C(&p.score))))
        f->at[f->count++] = p;
    return rows_end(&r);
}

static enum err read_page(struct db *db, struct cx *cx, const struct product_ask *ask,
                          const struct found *f, bool scored, struct product_page *ret_page)
{
    struct product_page page = {.count = f->count < f->limit ? f->count : f->limit};
    page.items = arena_array(cx->arena, struct product, page.count + 1);
    enum err e = page.items ? ERR_OK : ERR_NO_MEMORY;
    for (size_t i = 0; !e && i < page.count; i++)
        e = product_by_id(db, cx->arena, ask->shop_id, f->at[i].id, &page.items[i]);
    if (!e && f->count > f->limit) {
        const struct place *last = &f->at[f->limit - 1];
        page.next =
            scored ? arena_fmt(cx->arena, "%lld.%lld", (long long)last->score, (long long)last->id)
                   : arena_fmt(cx->arena, "%lld", (long long)last->id);
        e = page.next ? ERR_OK : ERR_NO_MEMORY;
    }
    if (!e)
        *ret_page = page;
    return e;
}

enum err product_list(struct db *db, struct cx *cx, const struct product_ask *ask,
                      struct product_page *ret_page)
{
    struct place from = {0};
    struct found f = {.limit = ask->limit ? (size_t)ask->limit : LIMIT};
    int64_t category_id = 0;
    bool scored = ask->question && ask->question[0];
    f.at = arena_array(cx->arena, struct place, f.limit + 1);
    enum err e = f.at ? read_cursor(cx, ask->cursor, &from) : ERR_NO_MEMORY;
    if (!e && ask->category)
        e = db_i64(db, &SQL_category_find, ARGS(V(ask->category), V(ask->shop_id)), &category_id);
    if (e == ERR_NOT_FOUND)
        return problem(cx, e, "no such category");
    if (!e)
        e = scored ? find_words(db, cx, ask, category_id, &from, &f)
                   : find_newest(db, ask, category_id, &from, &f);
    return e ? e : read_page(db, cx, ask, &f, scored, ret_page);
}

enum err product_counts(struct db *db, int64_t shop_id, int64_t ret_counts[PRODUCT_STATUS_COUNT])
{
    struct arena *arena = arena_make(4096);
    const char *name = NULL;
    int64_t n = 0;
    enum product_status s;
    if (!arena)
        return ERR_NO_MEMORY;
    memset(ret_counts, 0, PRODUCT_STATUS_COUNT * sizeof *ret_counts);
    struct rows r = db_rows(db, &SQL_list_counts, ARGS(V(shop_id)));
    while (rows_next(&r, arena, COLS(C(&name), C(&n))))
        if (!product_status_parse(name, &s))
            ret_counts[s] = n;
    arena_free(arena);
    return rows_end(&r);
}

enum err product_moments(struct db *db, struct cx *cx, int64_t product_id, json_t **ret_list)
{
    const char *show = NULL, *title = NULL, *code = NULL;
    int64_t at_ms = 0;
    json_t *list = json_array();
    struct rows r = db_rows(db, &SQL_list_moments, ARGS(V(product_id), V(MOMENTS_MAX)));
    while (rows_next(&r, cx->arena, COLS(C(&show), C(&title), C(&at_ms), C(&code))))
        (void)json_array_append_new(list, json_pack("{s:s,s:o,s:I,s:s}", "show_id", show, "title",
                                                    stored_json(title), "at_ms", (json_int_t)at_ms,
                                                    "code", code));
    enum err e = rows_end(&r);
    if (!e && !list)
        e = ERR_NO_MEMORY;
    if (e)
        json_decref(list);
    else
        *ret_list = list;
    return e;
}

/* ---- categories ---- */

enum err category_list(struct db *db, struct arena *arena, int64_t shop_id,
                       struct category **ret_list, size_t *ret_count)
{
    struct category *list = arena_array(arena, struct category, CATEGORIES_MAX), c = {0};
    size_t count = 0;
    if (!list)
        return ERR_NO_MEMORY;
    struct rows r = db_rows(db, &SQL_category_list, ARGS(V(shop_id), V(CATEGORIES_MAX)));
    while (count < CATEGORIES_MAX &&
           rows_next(&r, arena,
                     COLS(C(&c.id), C(&c.public_id), C(&c.name), C(&c.position), C(&c.products))))
        list[count++] = c;
    enum err e = rows_end(&r);
    if (e)
        return e;
    *ret_list = list;
    *ret_count = count;
    return ERR_OK;
}

enum err category_create(struct tx *tx, int64_t shop_id, const struct category *c)
{
    int64_t count = 0;
    enum err e = db_i64(tx->db, &SQL_category_count, ARGS(V(shop_id)), &count);
    if (!e && count >= CATEGORIES_MAX)
        return problem(tx->cx, ERR_CONFLICT, "a shop has at most %d categories", CATEGORIES_MAX);
    return e ? e
             : db_do(tx->db, &SQL_category_insert,
                     ARGS(V(c->id), V(c->public_id), V(shop_id), V(c->name), V(c->position)), NULL);
}

static enum err unknown_unless(struct tx *tx, enum err e, int64_t changed)
{
    return !e && !changed ? problem(tx->cx, ERR_NOT_FOUND, "no such category") : e;
}

enum err category_edit(struct tx *tx, int64_t shop_id, const char *public_id, const char *name,
                       int64_t position)
{
    int64_t changed = 0;
    enum err e = db_do(tx->db, &SQL_category_edit,
                       ARGS(V(name), V(position), V(public_id), V(shop_id)), &changed);
    return unknown_unless(tx, e, changed);
}

enum err category_delete(struct tx *tx, int64_t shop_id, const char *public_id)
{
    int64_t changed = 0;
    enum err e = db_do(tx->db, &SQL_category_leave, ARGS(V(public_id), V(shop_id)), NULL);
    if (!e)
        e = db_do(tx->db, &SQL_category_drop, ARGS(V(public_id), V(shop_id)), &changed);
    return unknown_unless(tx, e, changed);
}
