/* What an erasure would do, what it left, and the lists of requests. */
#include "base/arena.h"
#include "base/money.h"
#include "base/text.h"
#include "privacy/erase.sql.h"
#include "privacy/privacy_in.h"
#include "privacy/request.sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

static void add_stay(json_t *list, const char *what, int64_t n, const char *why, int64_t until_ms)
{
    if (n)
        (void)json_array_append_new(
            list, json_pack("{s:s,s:I,s:s,s:o}", "what", what, "n", (json_int_t)n, "why", why,
                            "until", until_ms ? json_integer((json_int_t)until_ms) : json_null()));
}

/* ---- what stays ---- */

static enum err stay_orders(struct db *db, int64_t viewer_id, const struct keep *keep, json_t *list)
{
    int64_t n = 0, last_ms = 0, personal = 0;
    enum err e = db_row(db, NULL, &SQL_stays_orders, ARGS(V(viewer_id)),
                        COLS(C(&n), C(&last_ms), C(&personal)));
    if (e)
        return e;
    add_stay(list, "orders", n, "tax", n ? keep_order_until(keep, last_ms) : 0);
    add_stay(list, "order_contacts", personal, "open", 0);
    return ERR_OK;
}

enum err request_stays(struct db *db, struct cx *cx, int64_t viewer_id, const struct keep *keep,
                       json_t **ret_stays)
{
    json_t *list = json_array();
    const char *what;
    int64_t n, until, gone_ms = 0;
    enum err e = stay_orders(db, viewer_id, keep, list);
    if (!e)
        e = db_i64(db, &SQL_stays_since, ARGS(V(cx->now_ms), V(viewer_id)), &gone_ms);
    if (!e) {
        struct rows rows = db_rows(db, &SQL_stays_others, ARGS(V(viewer_id), V(cx->now_ms)));
        while (rows_next(&rows, cx->arena, COLS(C(&what), C(&n), C(&until)))) {
            if (strcmp(what, "claims") == 0)
                add_stay(list, what, n, "ledger", 0);
            else if (strcmp(what, "bans") == 0)
                add_stay(list, what, n, "safety", until);
            else
                add_stay(list, what, n, "proof", gone_ms + keep->days[KEEP_CONSENTS] * DAY_MS);
        }
        e = rows_end(&rows);
    }
    if (e)
        json_decref(list);
    else
        *ret_stays = list;
    return e;
}

/* ---- the preview ---- */

static enum err read_goes(struct db *db, struct cx *cx, int64_t viewer_id, json_t *goes)
{
    const char *what;
    int64_t n;
    (void)json_array_append_new(goes, json_pack("{s:s,s:i}", "what", "profile", "n", 1));
    struct rows rows = db_rows(db, &SQL_preview_counts, ARGS(V(viewer_id)));
    while (rows_next(&rows, cx->arena, COLS(C(&what), C(&n))))
        if (n)
            (void)json_array_append_new(goes,
                                        json_pack("{s:s,s:I}", "what", what, "n", (json_int_t)n));
    return rows_end(&rows);
}

static enum err read_blocked(struct db *db, struct cx *cx, int64_t viewer_id, json_t *blocked)
{
    const char *slug, *name;
    struct rows rows = db_rows(db, &SQL_erase_alone, ARGS(V(viewer_id)));
    while (rows_next(&rows, cx->arena, COLS(C(&slug), C(&name))))
        (void)json_array_append_new(blocked, json_pack("{s:s,s:s}", "shop", slug, "name", name));
    return rows_end(&rows);
}

static enum err read_open(struct db *db, struct cx *cx, int64_t viewer_id, json_t *open)
{
    const char *no, *state, *currency;
    int64_t total;
    struct rows rows = db_rows(db, &SQL_preview_open, ARGS(V(viewer_id)));
    while (rows_next(&rows, cx->arena, COLS(C(&no), C(&state), C(&total), C(&currency))))
        (void)json_array_append_new(open, json_pack("{s:s,s:s,s:{s:I,s:s}}", "no", no, "state",
                                                    state, "total", "amount", (json_int_t)total,
                                                    "currency", currency));
    return rows_end(&rows);
}

enum err privacy_preview(struct db *db, struct cx *cx, const struct privacy *p, int64_t viewer_id,
                         json_t **ret_preview)
{
    const char *kind, *market;
    json_t *blocked = json_array(), *goes = json_array(), *open = json_array(), *stays = NULL;
    enum err e =
        db_row(db, cx->arena, &SQL_preview_viewer, ARGS(V(viewer_id)), COLS(C(&kind), C(&market)));
    if (!e)
        e = read_blocked(db, cx, viewer_id, blocked);
    if (!e)
        e = read_goes(db, cx, viewer_id, goes);
    if (!e)
        e = read_open(db, cx, viewer_id, open);
    if (!e)
        e = request_stays(db, cx, viewer_id, &p->keep, &stays);
    if (e) {
        json_decref(blocked);
        json_decref(goes);
        json_decref(open);
        return e == ERR_NOT_FOUND ? problem(cx, e, "there is no such person") : e;
    }
    *ret_preview = json_pack("{s:s,s:o,s:o,s:o,s:o}", "kind", kind, "blocked", blocked, "goes",
                             goes, "stays", stays, "open_orders", open);
    return *ret_preview ? ERR_OK : ERR_NO_MEMORY;
}

/* ---- requests ---- */

enum err privacy_request_state(struct db *db, struct cx *cx, const struct privacy *p,
                               const char *code, json_t **ret_request)
{
    const char *kind, *state;
    int64_t viewer_id, at, done_ms;
    json_t *stays = NULL;
    enum err e = id_ok(code, "req")
                     ? db_row(db, cx->arena, &SQL_request_by_code, ARGS(V(code)),
                              COLS(C(&kind), C(&state), C(&viewer_id), C(&at), C(&done_ms)))
                     : ERR_NOT_FOUND;
    if (e)
        return e == ERR_NOT_FOUND ? problem(cx, e, "there is no such request") : e;
    if (strcmp(kind, "erase") == 0 && viewer_id) /* 0: there was nobody */
        e = request_stays(db, cx, viewer_id, &p->keep, &stays);
    if (e)
        return e;
    *ret_request = json_pack("{s:s,s:s,s:s,s:I,s:o,s:o}", "code", code, "kind", kind, "state",
                             state, "at", (json_int_t)at, "done_at",
                             done_ms ? json_integer((json_int_t)done_ms) : json_null(), "stays",
                             stays ? stays : json_array());
    return *ret_request ? ERR_OK : ERR_NO_MEMORY;
}

enum err page_cursor(struct cx *cx, const char *cursor, int64_t *ret_before)
{
    *ret_before = INT64_MAX;
    if (cursor && text_i64(cursor, 0, INT64_MAX, ret_before))
        return problem(cx, ERR_INPUT, "'cursor' is not one of ours");
    return ERR_OK;
}

json_t *page_json(json_t *items, size_t count, int64_t last_id)
{
    char next[24];
    (void)snprintf(next, sizeof next, "%" PRId64, last_id);
    return json_pack("{s:o,s:o}", "items", items, "next",
                     count == PRIVACY_PAGE ? json_string(next) : json_null());
}

enum err privacy_requests(struct db *db, struct cx *cx, int64_t shop_id, const char *cursor,
                          json_t **ret_list)
{
    const char *code, *kind, *state, *source, *public_id, *name;
    int64_t before, id = 0, orders, at, done_ms;
    json_t *items = json_array();
    enum err e = page_cursor(cx, cursor, &before);
    if (!e) {
        struct rows rows = db_rows(db, &SQL_requests_of_shop,
                                   ARGS(V(shop_id), V(before), V((int64_t)PRIVACY_PAGE)));
        while (rows_next(&rows, cx->arena,
                         COLS(C(&id), C(&code), C(&kind), C(&state), C(&source), C(&public_id),
                              C(&name), C(&orders), C(&at), C(&done_ms))))
            (void)json_array_append_new(
                items,
                json_pack("{s:s,s:s,s:s,s:s,s:{s:s,s:s},s:I,s:I,s:o}", "code", code, "kind", kind,
                          "state", state, "source", source, "viewer", "id", public_id, "name", name,
                          "orders", (json_int_t)orders, "at", (json_int_t)at, "done_at",
                          done_ms ? json_integer((json_int_t)done_ms) : json_null()));
        e = rows_end(&rows);
    }
    if (e)
        json_decref(items);
    else
        *ret_list = page_json(items, json_array_size(items), id);
    return e;
}
