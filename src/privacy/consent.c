#include "privacy/consent.h"
#include "base/arena.h"
#include "base/id.h"
#include "base/text.h"
#include "privacy/consent.sql.h"
#include "privacy/legal.h"
#include "privacy/privacy_in.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Kinds that can be set without an order, and the document they are about. */
static const struct {
    const char *kind, *doc;
} kinds[] = {{"terms", "terms"}, {"privacy", "privacy"}, {"marketing", "privacy"}};

static const char *doc_of(const char *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].kind, kind) == 0)
            return kinds[i].doc;
    return NULL;
}

/* The version in force, or the one that is said to have been shown if there is such a one. */
static enum err version_of(struct tx *tx, const struct consent *c, char out[24])
{
    int64_t newest = 0, asked = 0;
    enum err e =
        db_i64(tx->db, &SQL_consent_version, ARGS(V(c->shop_id), V(doc_of(c->kind))), &newest);
    if (e)
        return e;
    bool builtin = c->version ? strcmp(c->version, LEGAL_BUILTIN) == 0 : newest == 0;
    if (c->version && !builtin && text_i64(c->version, 1, newest, &asked))
        return problem(tx->cx, ERR_INPUT, "'version' is none that there was");
    if (builtin)
        (void)snprintf(out, 24, "%s", LEGAL_BUILTIN);
    else
        (void)snprintf(out, 24, "%" PRId64, asked ? asked : newest);
    return ERR_OK;
}

enum err consent_set(struct tx *tx, const struct consent *c)
{
    char version[24];
    bool granted = false;
    const char *before = NULL;
    if (!doc_of(c->kind))
        return problem(tx->cx, ERR_INPUT, "'kind' must be terms, privacy or marketing");
    enum err e = version_of(tx, c, version);
    if (e)
        return e;
    e = db_row(tx->db, tx->cx->arena, &SQL_consent_last,
               ARGS(V(c->viewer_id), V(c->kind), V(c->shop_id)), COLS(C(&granted), C(&before)));
    if (e && e != ERR_NOT_FOUND)
        return e;
    bool stands = e ? !c->granted : granted == c->granted && strcmp(before, version) == 0;
    if (stands || (!c->granted && !granted)) /* what was never granted is not taken back */
        return ERR_OK;
    return db_do(tx->db, &SQL_consent_add,
                 ARGS(V(c->id), V(c->viewer_id), V(c->kind), V(c->granted),
                      V((const char *)version), V(c->lang), V(c->source),
                      c->shop_id ? V(c->shop_id) : VNULL, V(c->ref), V(tx->cx->now_ms)),
                 NULL);
}

/* ---- reading ---- */

enum err consent_list(struct db *db, struct cx *cx, int64_t viewer_id, json_t **ret_list)
{
    const char *kind, *version, *lang, *source, *shop, *ref;
    bool granted, current;
    int64_t at;
    json_t *items = json_array();
    struct rows rows = db_rows(db, &SQL_consent_own, ARGS(V(viewer_id)));
    while (rows_next(&rows, cx->arena,
                     COLS(C(&kind), C(&granted), C(&version), C(&lang), C(&source), C(&shop),
                          C(&ref), C(&at), C(&current))))
        (void)json_array_append_new(
            items, json_pack("{s:s,s:b,s:s,s:s?,s:s,s:s?,s:s?,s:I,s:b}", "kind", kind, "granted",
                             granted, "version", version, "lang", lang, "source", source, "shop",
                             shop, "ref", ref, "at", (json_int_t)at, "current", current));
    enum err e = rows_end(&rows);
    if (e)
        json_decref(items);
    else
        *ret_list = json_pack("{s:o}", "items", items);
    return e;
}

enum err consent_log(struct db *db, struct cx *cx, int64_t shop_id, const char *cursor,
                     json_t **ret_list)
{
    const char *kind, *version, *lang, *source, *ref, *public_id, *name;
    bool granted;
    int64_t before, id = 0, at;
    json_t *items = json_array();
    enum err e = page_cursor(cx, cursor, &before);
    if (!e) {
        struct rows rows = db_rows(db, &SQL_consent_of_shop,
                                   ARGS(V(shop_id), V(before), V((int64_t)PRIVACY_PAGE)));
        while (rows_next(&rows, cx->arena,
                         COLS(C(&id), C(&kind), C(&granted), C(&version), C(&lang), C(&source),
                              C(&ref), C(&at), C(&public_id), C(&name))))
            (void)json_array_append_new(
                items,
                json_pack("{s:s,s:b,s:s,s:s?,s:s,s:s?,s:I,s:{s:s,s:s}}", "kind", kind, "granted",
                          granted, "version", version, "lang", lang, "source", source, "ref", ref,
                          "at", (json_int_t)at, "viewer", "id", public_id, "name", name));
        e = rows_end(&rows);
    }
    if (e)
        json_decref(items);
    else
        *ret_list = page_json(items, json_array_size(items), id);
    return e;
}
