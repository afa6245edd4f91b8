/* Reading listings and how a show sells. */
#include "base/arena.h"
#include "room/listing.sql.h"
#include "room/sale.sql.h"
#include "room/sell_in.h"

#include <assert.h>
#include <string.h>

/* ---- words ---- */

static const char *const state_names[] = {
#define X(name, text) [LISTING_##name] = (text),
    LISTING_STATE_TABLE(X)
#undef X
};
static const char *const mode_names[] = {
#define X(name, text) [CLAIM_MODE_##name] = (text),
    CLAIM_MODE_TABLE(X)
#undef X
};
static const char *const rule_names[] = {
#define X(name, text) [RULE_##name] = (text),
    CLAIM_RULE_TABLE(X)
#undef X
};

/* -1: not one of them. */
static int word_of(const char *text, const char *const *names, int count)
{
    for (int i = 0; text && i < count; i++)
        if (strcmp(text, names[i]) == 0)
            return i;
    return -1;
}

const char *listing_state_name(enum listing_state s)
{
    return state_names[s];
}

enum err listing_state_parse(const char *text, enum listing_state *ret_state)
{
    int i = word_of(text, state_names, LISTING_STATE_COUNT);
    if (i < 0)
        return ERR_INPUT;
    *ret_state = (enum listing_state)i;
    return ERR_OK;
}

const char *claim_mode_name(enum claim_mode m)
{
    return mode_names[m];
}

enum err claim_mode_parse(const char *text, enum claim_mode *ret_mode)
{
    int i = word_of(text, mode_names, CLAIM_MODE_COUNT);
    if (i < 0)
        return ERR_INPUT;
    *ret_mode = (enum claim_mode)i;
    return ERR_OK;
}

const char *claim_rule_name(enum claim_rule r)
{
    return rule_names[r];
}

enum err claim_rule_parse(const char *text, enum claim_rule *ret_rule)
{
    int i = word_of(text, rule_names, CLAIM_RULE_COUNT);
    if (i < 0)
        return ERR_INPUT;
    *ret_rule = (enum claim_rule)i;
    return ERR_OK;
}

/* ---- rows ---- */

struct raw {
    struct listing l;
    const char *state, *mode;
};

enum { LISTING_COLUMNS = 12 };

static void listing_columns(struct raw *r, struct col out[LISTING_COLUMNS + 1])
{
    struct listing *l = &r->l;
    const struct col cols[LISTING_COLUMNS + 1] = {
        C(&l->id),
        C(&l->public_id),
        C(&l->show_id),
        C(&l->product_id),
        C(&l->code),
        C(&l->position),
        C(&r->state),
        C(&r->mode),
        C(&l->claim_open),
        C(&l->each),
        C(&l->claim_n),
        C(&l->version),
        {0},
    };
    memcpy(out, cols, sizeof cols);
}

static enum err finish_row(struct raw *r)
{
    return listing_state_parse(r->state, &r->l.state) || claim_mode_parse(r->mode, &r->l.mode)
               ? ERR_STORE /* the schema's checks say it cannot be */
               : ERR_OK;
}

static enum err read_one(struct db *db, struct cx *cx, const struct sql *q, const struct val *args,
                         struct listing *ret_listing)
{
    struct raw raw = {.state = NULL};
    struct col cols[LISTING_COLUMNS + 1];
    listing_columns(&raw, cols);
    enum err e = db_row(db, cx->arena, q, args, cols);
    if (e == ERR_NOT_FOUND)
        return problem(cx, e, "no such listing");
    if (!e)
        e = finish_row(&raw);
    if (!e)
        *ret_listing = raw.l;
    return e;
}

enum err listing_read(struct db *db, struct cx *cx, const char *public_id,
                      struct listing *ret_listing)
{
    if (!id_ok(public_id, "lst"))
        return problem(cx, ERR_NOT_FOUND, "no such listing");
    return read_one(db, cx, &SQL_listing_by_public_id, ARGS(V(public_id)), ret_listing);
}

enum err listing_read_id(struct db *db, struct cx *cx, int64_t id, struct listing *ret_listing)
{
    return read_one(db, cx, &SQL_listing_by_id, ARGS(V(id)), ret_listing);
}

enum err listing_for(struct tx *tx, const struct room_who *who, const char *public_id,
                     enum action action, struct listing *ret_listing, struct show *ret_show)
{
    struct listing l = {0};
    struct show s = {0};
    enum err e = listing_read(tx->db, tx->cx, public_id, &l);
    if (!e)
        e = show_read_id(tx->db, tx->cx, l.show_id, &s);
    if (!e)
        e = show_check(tx->cx, &s, who, action);
    if (e)
        return e;
    *ret_listing = l;
    *ret_show = s;
    return ERR_OK;
}

enum err listings_read(struct db *db, struct cx *cx, int64_t show_id, struct listing **ret_list,
                       size_t *ret_count)
{
    struct raw raw = {.state = NULL};
    struct col cols[LISTING_COLUMNS + 1];
    int64_t max = 0;
    size_t n = 0;
    enum err e = db_i64(db, &SQL_listing_count, ARGS(V(show_id)), &max);
    if (e)
        return e;
    struct listing *list = arena_array(cx->arena, struct listing, (size_t)max + 1);
    if (!list)
        return ERR_NO_MEMORY;
    listing_columns(&raw, cols);
    struct rows rows = db_rows(db, &SQL_listings_of_show, ARGS(V(show_id)));
    while (!e && n < (size_t)max && rows_next(&rows, cx->arena, cols)) {
        e = finish_row(&raw);
        list[n++] = raw.l;
        raw = (struct raw){.state = NULL};
    }
    enum err end = rows_end(&rows);
    if (e || end)
        return e ? e : end;
    *ret_list = list;
    *ret_count = n;
    return ERR_OK;
}

/* ---- how a show sells ---- */

enum err sale_read(struct db *db, struct cx *cx, int64_t show_id, struct sale *ret_sale)
{
    struct sale sale = {.version = 0};
    const char *rule;
    enum err e =
        db_row(db, cx->arena, &SQL_sale_by_show, ARGS(V(show_id)),
               COLS(C(&rule), C(&sale.set.hold_s), C(&sale.set.cancel_ok), C(&sale.pinned_id),
                    C(&sale.segment_id), C(&sale.claim_no), C(&sale.chain), C(&sale.version)));
    if (e == ERR_NOT_FOUND || (!e && claim_rule_parse(rule, &sale.set.rule)))
        return ERR_STORE; /* every show has its row */
    if (!e)
        *ret_sale = sale;
    return e;
}
