/* Comments that look like orders and are not sure ones: a moderator decides. */
#include "base/arena.h"
#include "base/json.h"
#include "room/claim_in.h"
#include "room/review.sql.h"

#include <stdlib.h>
#include <string.h>

static json_t *review_json(const char *id, json_t *message, json_t *items, int64_t at_ms)
{
    return json_pack("{s:s, s:o, s:o, s:I}", "id", id, "message", message, "items", items, "at",
                     (json_int_t)at_ms);
}

static json_t *short_message(const char *id, const char *name, const char *text, int64_t at_ms)
{
    return json_pack("{s:s, s:s, s:s, s:I}", "id", id, "name", name, "text", text, "at",
                     (json_int_t)at_ms);
}

enum err review_add(struct tx *tx, struct room *r, const struct message *m, int64_t message_id,
                    json_t *items)
{
    char public_id[ID_TEXT];
    int64_t made = 0, id = id_next(); /* nobody knows it before the commit */
    char *text = json_dumps(items, JSON_COMPACT);
    const struct event ev = {
        .show_id = m->show_id, .type = "staff.review", .audience = AUDIENCE_STAFF};
    id_make("rev", public_id);
    enum err e = text ? db_do(tx->db, &SQL_review_insert,
                              ARGS(V(id), V(public_id), V(m->show_id), V(message_id),
                                   V(m->viewer_id), V(text), V(tx->cx->now_ms)),
                              &made)
                      : ERR_NO_MEMORY;
    free(text);
    if (e || !made) {
        json_decref(items);
        return e;
    }
    json_t *message = short_message(m->public_id, m->name, m->text, m->at_ms);
    return event_add(
        tx, r, &ev,
        json_pack("{s:o}", "review", review_json(public_id, message, items, tx->cx->now_ms)));
}

enum err review_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                     const char *show, json_t **ret_list)
{
    struct show s;
    const char *id, *items, *message, *name, *text;
    int64_t at, message_at;
    enum err e = show_find_for(r, db, cx, who, show, ACTION_CLAIMS_ASSIST, &s);
    if (e)
        return e;
    json_t *list = json_array();
    struct rows rows = db_rows(db, &SQL_review_open, ARGS(V(s.id)));
    while (
        rows_next(&rows, cx->arena,
                  COLS(C(&id), C(&items), C(&at), C(&message), C(&name), C(&text), C(&message_at))))
        (void)json_array_append_new(list,
                                    review_json(id, short_message(message, name, text, message_at),
                                                stored_json(items), at));
    e = rows_end(&rows);
    if (e)
        json_decref(list);
    else
        *ret_list = json_pack("{s:o}", "items", list);
    return e;
}

/* ---- deciding ---- */

struct decide_job {
    struct room *r;
    const struct room_who *who;
    const char *review;
    const struct review_item *items;
    size_t count;
    int64_t audit_id;
    json_t *claims;
};

struct row {
    int64_t id, show_id, message_id, viewer_id;
    const char *items, *state, *message;
};

static enum err read_row(struct tx *tx, const struct decide_job *j, struct row *w, struct show *s)
{
    struct show found = {0};
    enum err e = id_ok(j->review, "rev")
                     ? db_row(tx->db, tx->cx->arena, &SQL_review_by_public_id, ARGS(V(j->review)),
                              COLS(C(&w->id), C(&w->show_id), C(&w->message_id), C(&w->viewer_id),
                                   C(&w->items), C(&w->state), C(&w->message)))
                     : ERR_NOT_FOUND;
    if (e)
        return e == ERR_NOT_FOUND ? problem(tx->cx, e, "no such review") : e;
    e = show_read_id(tx->db, tx->cx, w->show_id, &found);
    if (!e)
        e = show_check(tx->cx, &found, j->who, ACTION_CLAIMS_ASSIST);
    if (!e)
        *s = found;
    return e;
}

static enum err close_row(struct tx *tx, const struct decide_job *j, const struct row *w,
                          const char *state)
{
    int64_t changed = 0;
    enum err e =
        db_do(tx->db, &SQL_review_decide, ARGS(V(state), V(j->who->viewer_id), V(w->id)), &changed);
    if (e || changed)
        return e;
    return problem(tx->cx, ERR_TRANSITION, "it was decided already: %s", w->state);
}

static enum err tell_done(struct tx *tx, const struct decide_job *j, const struct row *w,
                          const char *state)
{
    const struct event ev = {
        .show_id = w->show_id, .type = "staff.review_done", .audience = AUDIENCE_STAFF};
    return event_add(tx, j->r, &ev, json_pack("{s:s, s:s}", "id", j->review, "state", state));
}

/* ---- accepting ---- */

struct accepting {
    struct claim_want want[CLAIM_ITEMS_MAX];
    struct claim_done done[CLAIM_ITEMS_MAX];
    size_t count;
};

enum { CUSTOM_ITEM = 100000 }; /* numbers of items that a moderator put together */

static void add_custom(const struct decide_job *j, struct accepting *a)
{
    for (size_t i = 0; i < j->count && a->count < CLAIM_ITEMS_MAX; i++)
        a->want[a->count++] = (struct claim_want){.listing = j->items[i].listing,
                                                  .variant = j->items[i].variant,
                                                  .qty = j->items[i].qty,
                                                  .item_no = CUSTOM_ITEM + (int64_t)i};
}

/* As it was read; the texts stay in the arena. */
static enum err add_read(struct tx *tx, const struct row *w, struct accepting *a)
{
    json_t *items = stored_json(w->items);
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < json_array_size(items) && a->count < CLAIM_ITEMS_MAX; i++) {
        const json_t *o = json_array_get(items, i);
        const char *listing = json_string_value(json_object_get(o, "listing_id"));
        const char *variant = json_string_value(json_object_get(o, "variant_id"));
        int64_t qty = json_integer_value(json_object_get(o, "qty"));
        struct claim_want *want = &a->want[a->count];
        if (!listing || qty < 1)
            continue;
        *want = (struct claim_want){
            .listing = arena_dup(tx->cx->arena, listing, strlen(listing)),
            .variant = variant ? arena_dup(tx->cx->arena, variant, strlen(variant)) : NULL,
            .qty = qty < CLAIM_QTY_MAX ? qty : CLAIM_QTY_MAX,
            .item_no = json_integer_value(json_object_get(o, "item_no"))};
        a->count++;
        if (!want->listing || (variant && !want->variant))
            e = ERR_NO_MEMORY;
    }
    json_decref(items);
    return e;
}

static enum err accept_all(struct tx *tx, struct decide_job *j, const struct row *w,
                           struct accepting *a)
{
    struct claim_run run;
    struct buyer b;
    enum err e = buyer_read(tx->db, tx->cx, w->viewer_id, &b);
    claim_run_begin(&run, tx, j->r);
    for (size_t i = 0; !e && i < a->count; i++) {
        a->want[i].via = VIA_STAFF;
        a->want[i].show_id = w->show_id;
        a->want[i].message_id = w->message_id;
        a->want[i].message = w->message;
        e = claim_one(&run, &b, &a->want[i], &a->done[i]);
        if (!e && a->done[i].no == NO_NEED_OPTION)
            e = claim_refused(tx->cx, NO_NEED_OPTION); /* the moderator can say which one */
    }
    if (!e)
        e = claim_run_number(&run);
    for (size_t i = 0; !e && i < a->count; i++)
        if (a->done[i].no)
            e = claim_tell_no(tx, j->r, w->show_id, &b, &a->want[i], &a->done[i]);
    return e ? e : claim_run_end(&run);
}

static enum err accept_run(struct tx *tx, void *arg)
{
    struct decide_job *j = arg;
    struct row w = {.id = 0};
    struct show s = {0};
    struct accepting *a = arena_new(tx->cx->arena, struct accepting);
    enum err e = a ? read_row(tx, j, &w, &s) : ERR_NO_MEMORY;
    if (!e)
        e = close_row(tx, j, &w, "accepted");
    if (!e && j->count)
        add_custom(j, a);
    else if (!e)
        e = add_read(tx, &w, a);
    if (!e && !a->count)
        e = problem(tx->cx, ERR_INPUT, "nothing in it could be claimed");
    if (!e)
        e = accept_all(tx, j, &w, a);
    if (!e)
        e = tell_done(tx, j, &w, "accepted");
    if (e)
        return e;
    json_decref(j->claims); /* of a run that was lost */
    j->claims = json_array();
    for (size_t i = 0; i < a->count; i++)
        if (a->done[i].text)
            (void)json_array_append_new(j->claims, json_loads(a->done[i].text, 0, NULL));
    return room_note(tx, j->who, j->audit_id, s.shop_id, "review.accept", j->review);
}

enum err review_accept(struct room *r, struct cx *cx, const struct room_who *who,
                       const char *review, const struct review_item *items, size_t count,
                       json_t **ret_claims)
{
    struct decide_job j = {.r = r,
                           .who = who,
                           .review = review,
                           .items = items,
                           .count = count,
                           .audit_id = id_next()};
    if (count > CLAIM_ITEMS_MAX)
        return problem(cx, ERR_INPUT, "'items' has more than %d", CLAIM_ITEMS_MAX);
    for (size_t i = 0; i < count; i++)
        if (items[i].qty < 1 || items[i].qty > CLAIM_QTY_MAX)
            return problem(cx, ERR_INPUT, "'qty' must be 1 to %d", CLAIM_QTY_MAX);
    enum err e = store_do(r->store, cx, "review.accept", accept_run, &j);
    if (e)
        json_decref(j.claims);
    else
        *ret_claims = j.claims;
    return e;
}

static enum err dismiss_run(struct tx *tx, void *arg)
{
    const struct decide_job *j = arg;
    struct row w = {.id = 0};
    struct show s = {0};
    enum err e = read_row(tx, j, &w, &s);
    if (!e)
        e = close_row(tx, j, &w, "dismissed");
    if (!e)
        e = tell_done(tx, j, &w, "dismissed");
    return e ? e : room_note(tx, j->who, j->audit_id, s.shop_id, "review.dismiss", j->review);
}

enum err review_dismiss(struct room *r, struct cx *cx, const struct room_who *who,
                        const char *review)
{
    struct decide_job j = {.r = r, .who = who, .review = review, .audit_id = id_next()};
    return store_do(r->store, cx, "review.dismiss", dismiss_run, &j);
}
