/* Legal texts: read by anybody, written by a shop. */
#include "base/arena.h"
#include "base/text.h"
#include "privacy/legal.sql.h"
#include "privacy/legal_in.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const doc_names[] = {
#define X(name, text) text,
    LEGAL_DOC_TABLE(X)
#undef X
};

const char *legal_doc_name(enum legal_doc d)
{
    return doc_names[d];
}

enum err legal_doc_parse(const char *text, enum legal_doc *ret_doc)
{
    for (int i = 0; i < LEGAL_DOC_COUNT; i++) {
        if (strcmp(doc_names[i], text) != 0)
            continue;
        *ret_doc = (enum legal_doc)i;
        return ERR_OK;
    }
    return ERR_NOT_FOUND;
}

/* ---- rows ---- */

struct shop_row {
    const char *slug, *name, *contact;
};

static enum err read_shop(struct db *db, struct cx *cx, int64_t shop_id, struct shop_row *s)
{
    enum err e = db_row(db, cx->arena, &SQL_legal_shop, ARGS(V(shop_id)),
                        COLS(C(&s->slug), C(&s->name), C(&s->contact)));
    return e == ERR_NOT_FOUND ? problem(cx, e, "there is no such shop") : e;
}

struct text_row {
    const char *title, *body;
    int64_t version, at_ms; /* version 0: the template */
};

static enum err read_text(struct db *db, struct cx *cx, const struct legal_ask *ask, enum lang lang,
                          int64_t version, struct text_row *t)
{
    enum err e =
        db_row(db, cx->arena, &SQL_legal_text_at,
               ARGS(V(ask->shop_id), V(legal_doc_name(ask->doc)), V(lang_name(lang)), V(version)),
               COLS(C(&t->title), C(&t->body), C(&t->version), C(&t->at_ms)));
    if (e != ERR_NOT_FOUND)
        return e;
    struct legal_template own = legal_template(ask->doc, lang);
    *t = (struct text_row){.title = arena_dup(cx->arena, own.title, own.title_len),
                           .body = own.body};
    return t->title ? ERR_OK : ERR_NO_MEMORY;
}

static enum err read_newest(struct db *db, const struct legal_ask *ask, int64_t *ret_version,
                            int64_t *ret_at)
{
    return db_row(db, NULL, &SQL_legal_newest, ARGS(V(ask->shop_id), V(legal_doc_name(ask->doc))),
                  COLS(C(ret_version), C(ret_at)));
}

static json_t *version_json(int64_t version)
{
    char text[24];
    if (!version)
        return json_string(LEGAL_BUILTIN);
    (void)snprintf(text, sizeof text, "%" PRId64, version);
    return json_string(text);
}

static json_t *at_json(int64_t at_ms)
{
    return at_ms ? json_integer((json_int_t)at_ms) : json_null();
}

/* Newest first; the template is the oldest. */
static enum err versions_json(struct db *db, struct cx *cx, const struct legal_ask *ask,
                              json_t **ret_list)
{
    int64_t version, at, last = -1;
    const char *lang;
    json_t *list = json_array();
    struct rows rows =
        db_rows(db, &SQL_legal_versions, ARGS(V(ask->shop_id), V(legal_doc_name(ask->doc))));
    while (rows_next(&rows, cx->arena, COLS(C(&version), C(&at), C(&lang)))) {
        if (version != last)
            (void)json_array_append_new(list,
                                        json_pack("{s:o,s:o,s:s}", "version", version_json(version),
                                                  "at", at_json(at), "lang", lang));
        last = version;
    }
    enum err e = rows_end(&rows);
    if (e) {
        json_decref(list);
        return e;
    }
    (void)json_array_append_new(list,
                                json_pack("{s:s,s:n,s:n}", "version", LEGAL_BUILTIN, "at", "lang"));
    *ret_list = list;
    return ERR_OK;
}

static json_t *langs_json(void)
{
    json_t *list = json_array();
    for (int l = 0; l < LANG_COUNT; l++)
        (void)json_array_append_new(list, json_string(lang_name((enum lang)l)));
    return list;
}

/* ---- for everybody ---- */

/* Which version is asked for: 0 the template. */
static enum err asked_version(struct db *db, struct cx *cx, const struct legal_ask *ask,
                              int64_t *ret_version)
{
    int64_t newest = 0, at = 0, asked = 0;
    enum err e = read_newest(db, ask, &newest, &at);
    if (e)
        return e;
    if (!ask->version)
        asked = newest;
    else if (strcmp(ask->version, LEGAL_BUILTIN) != 0 && text_i64(ask->version, 1, newest, &asked))
        return problem(cx, ERR_NOT_FOUND, "there is no such version");
    *ret_version = asked;
    return ERR_OK;
}

enum err legal_read(struct db *db, struct cx *cx, const struct legal_ask *ask, json_t **ret_text)
{
    struct shop_row shop;
    struct text_row t;
    int64_t version = 0;
    json_t *versions = NULL;
    const char *title = NULL, *body = NULL;
    enum lang lang = lang_of(ask->lang);
    enum err e = read_shop(db, cx, ask->shop_id, &shop);
    if (!e)
        e = asked_version(db, cx, ask, &version);
    if (!e)
        e = read_text(db, cx, ask, lang, version, &t);
    const struct legal_marks marks = {shop.name, ask->site, shop.contact, ask->keep, lang};
    if (!e)
        e = legal_fill(cx, t.title, &marks, &title);
    if (!e)
        e = legal_fill(cx, t.body, &marks, &body);
    if (!e)
        e = versions_json(db, cx, ask, &versions);
    if (e)
        return e;
    json_t *o = json_pack("{s:s,s:{s:s,s:s},s:o,s:s,s:o,s:s,s:s,s:o,s:b,s:o}", "doc",
                          legal_doc_name(ask->doc), "shop", "slug", shop.slug, "name", shop.name,
                          "version", version_json(t.version), "lang", lang_name(lang), "langs",
                          langs_json(), "title", title, "body_md", body, "at", at_json(t.at_ms),
                          "own", t.version > 0, "versions", versions);
    if (!o)
        return ERR_NO_MEMORY;
    *ret_text = o;
    return ERR_OK;
}

/* ---- for staff ---- */

static enum err add_doc(struct db *db, struct cx *cx, const struct legal_ask *ask, json_t *items)
{
    int64_t newest = 0, at = 0, version, drafts;
    const char *lang;
    bool own[LANG_COUNT] = {false};
    json_t *own_list = json_array(), *missing = json_array(), *draft_list = json_array();
    enum err e = read_newest(db, ask, &newest, &at);
    struct rows rows =
        db_rows(db, &SQL_legal_langs, ARGS(V(ask->shop_id), V(legal_doc_name(ask->doc))));
    while (!e && rows_next(&rows, cx->arena, COLS(C(&lang), C(&version), C(&drafts)))) {
        enum lang l = lang_find(lang);
        if (l != LANG_COUNT)
            own[l] = version > 0;
        if (drafts)
            (void)json_array_append_new(draft_list, json_string(lang));
    }
    enum err end = rows_end(&rows);
    for (int l = 0; l < LANG_COUNT; l++)
        (void)json_array_append_new(own[l] ? own_list : missing,
                                    json_string(lang_name((enum lang)l)));
    json_t *o = json_pack("{s:s,s:o,s:o,s:o,s:o,s:o}", "doc", legal_doc_name(ask->doc), "version",
                          version_json(newest), "at", at_json(at), "langs", own_list, "missing",
                          missing, "drafts", draft_list);
    (void)json_array_append_new(items, o);
    return e ? e : end;
}

enum err legal_overview(struct db *db, struct cx *cx, int64_t shop_id, json_t **ret_list)
{
    json_t *items = json_array();
    enum err e = ERR_OK;
    for (int d = 0; !e && d < LEGAL_DOC_COUNT; d++) {
        const struct legal_ask ask = {.shop_id = shop_id, .doc = (enum legal_doc)d};
        e = add_doc(db, cx, &ask, items);
    }
    if (e)
        json_decref(items);
    else
        *ret_list = json_pack("{s:o}", "items", items);
    return e;
}

static enum err add_lang(struct db *db, struct cx *cx, const struct legal_ask *ask, enum lang lang,
                         json_t *items)
{
    struct text_row t;
    const char *title, *body;
    int64_t at;
    struct legal_template own = legal_template(ask->doc, lang);
    enum err e = read_text(db, cx, ask, lang, INT64_MAX, &t);
    if (e)
        return e;
    e = db_row(db, cx->arena, &SQL_legal_draft,
               ARGS(V(ask->shop_id), V(legal_doc_name(ask->doc)), V(lang_name(lang))),
               COLS(C(&title), C(&body), C(&at)));
    if (e && e != ERR_NOT_FOUND)
        return e;
    json_t *draft =
        e ? json_null()
          : json_pack("{s:s,s:s,s:I}", "title", title, "body_md", body, "at", (json_int_t)at);
    json_t *from = json_pack("{s:s%,s:s}", "title", own.title, own.title_len, "body_md", own.body);
    (void)json_array_append_new(items, json_pack("{s:s,s:b,s:o,s:s,s:s,s:o,s:o,s:o}", "lang",
                                                 lang_name(lang), "own", t.version > 0, "version",
                                                 version_json(t.version), "title", t.title,
                                                 "body_md", t.body, "at", at_json(t.at_ms), "draft",
                                                 draft, "template", from));
    return ERR_OK;
}

enum err legal_edit(struct db *db, struct cx *cx, const struct legal_ask *ask, json_t **ret_texts)
{
    struct shop_row shop;
    int64_t newest = 0, at = 0;
    json_t *items = json_array(), *versions = NULL;
    enum err e = read_shop(db, cx, ask->shop_id, &shop);
    if (!e)
        e = read_newest(db, ask, &newest, &at);
    for (int l = 0; !e && l < LANG_COUNT; l++)
        e = add_lang(db, cx, ask, (enum lang)l, items);
    if (!e)
        e = versions_json(db, cx, ask, &versions);
    if (e) {
        json_decref(items);
        return e;
    }
    const struct legal_marks marks = {shop.name, ask->site, shop.contact, ask->keep,
                                      lang_of(ask->lang)};
    *ret_texts = json_pack("{s:s,s:o,s:o,s:o,s:o}", "doc", legal_doc_name(ask->doc), "version",
                           version_json(newest), "items", items, "marks",
                           legal_marks_json(cx, &marks), "versions", versions);
    return *ret_texts ? ERR_OK : ERR_NO_MEMORY;
}

/* ---- writing ---- */

static enum err check_put(struct cx *cx, const struct legal_put *put)
{
    size_t title = text_chars(put->title, strlen(put->title)), body = strlen(put->body);
    if (lang_find(put->lang) == LANG_COUNT)
        return problem(cx, ERR_INPUT, "'lang' is none that we speak");
    if (!text_is_utf8(put->title, strlen(put->title)) || title < 1 || title > LEGAL_TITLE_CHARS_MAX)
        return problem(cx, ERR_INPUT, "'title' must have 1 to %d characters",
                       LEGAL_TITLE_CHARS_MAX);
    if (!text_is_utf8(put->body, body) || body < 1 || body > LEGAL_BODY_MAX)
        return problem(cx, ERR_INPUT, "'body_md' must have 1 to %d bytes", LEGAL_BODY_MAX);
    return legal_check(cx, put->body);
}

enum err legal_set(struct tx *tx, const struct legal_put *put, int64_t *ret_version)
{
    const struct legal_ask ask = {.shop_id = put->shop_id, .doc = put->doc};
    int64_t newest = 0, at = 0;
    enum err e = check_put(tx->cx, put);
    if (!e && put->publish)
        e = read_newest(tx->db, &ask, &newest, &at);
    int64_t version = put->publish ? newest + 1 : 0;
    if (!e)
        e = db_do(tx->db, &SQL_legal_insert,
                  ARGS(V(put->shop_id), V(legal_doc_name(put->doc)), V(put->lang), V(version),
                       V(put->title), V(put->body), V(put->by_id), V(tx->cx->now_ms)),
                  NULL);
    if (!e && put->publish)
        e = db_do(tx->db, &SQL_legal_draft_gone,
                  ARGS(V(put->shop_id), V(legal_doc_name(put->doc)), V(put->lang)), NULL);
    if (!e)
        *ret_version = version;
    return e;
}

enum err legal_set_contact(struct tx *tx, int64_t shop_id, const char *contact)
{
    size_t len = contact ? strlen(contact) : 0;
    if (len && (!text_is_utf8(contact, len) || text_chars(contact, len) > LEGAL_CONTACT_CHARS_MAX))
        return problem(tx->cx, ERR_INPUT, "'contact' must have at most %d characters",
                       LEGAL_CONTACT_CHARS_MAX);
    return db_do(tx->db, &SQL_legal_contact_set, ARGS(len ? V(contact) : VNULL, V(shop_id)), NULL);
}

enum err legal_contact(struct db *db, struct cx *cx, int64_t shop_id, const char **ret_contact)
{
    struct shop_row shop;
    enum err e = read_shop(db, cx, shop_id, &shop);
    if (!e)
        *ret_contact = shop.contact;
    return e;
}
