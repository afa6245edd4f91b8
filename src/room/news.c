/* What units did: claims follow their lines and offers, buyers hear of it, rooms see what is left.
 */
#include "base/arena.h"
#include "room/claim.sql.h"
#include "room/claim_in.h"
#include "room/news.sql.h"
#include "room/reach_in.h"

#include <string.h>

/* ---- a claim follows ---- */

/* Where the news take a claim; NULL: nowhere. */
static const char *next_state(const struct claim *c, const struct news_item *n)
{
    switch (n->kind) {
    case NEWS_LINE_HELD: {
        bool first = strcmp(c->state, "waitlisted") == 0 || strcmp(c->state, "expired") == 0;
        return first ? "granted" : NULL;
    }
    case NEWS_LINE_CHANGED: return n->qty < c->given ? "reduced" : c->state;
    case NEWS_LINE_EXPIRED:
    case NEWS_OFFER_LAPSED: return "expired";
    case NEWS_LINE_REMOVED: return strcmp(c->state, "expired") == 0 ? NULL : "cancelled";
    case NEWS_WAITING_LEFT: return "cancelled";
    case NEWS_LINE_ORDERED: return "ordered";
    case NEWS_HOLD_GONE: /* its order is no more; money that comes late is not told here */
        return strcmp(c->state, "ordered") == 0 ? "cancelled" : NULL;
    case NEWS_WAITING:
    case NEWS_WAITING_CHANGED:
    case NEWS_OFFER:
    case NEWS_OFFER_TAKEN: break;
    }
    return NULL;
}

static enum err count_anew(struct tx *tx, const struct claim *c)
{
    return db_do(tx->db, &SQL_take_count, ARGS(V(c->viewer_id), V(c->show_id), V(c->listing_id)),
                 NULL);
}

static enum err move_claim(struct tx *tx, struct room *r, const struct news_item *n)
{
    struct claim c;
    if (n->kind == NEWS_WAITING || claim_run_made(r->fresh, n->claim_id))
        return ERR_OK;
    enum err e = claim_read_id(tx->db, tx->cx, n->claim_id, &c);
    const char *to = e ? NULL : next_state(&c, n);
    if (!e && n->kind == NEWS_OFFER) /* of fewer than they wait for, when fewer came free */
        return count_anew(tx, &c);
    if (e || !to)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    bool gone = strcmp(to, "expired") == 0 || strcmp(to, "cancelled") == 0;
    int64_t given = gone ? 0 : strcmp(to, "ordered") == 0 ? c.given : n->qty;
    const char *line; /* taken again it costs something else */
    if (n->kind == NEWS_LINE_HELD)
        e = db_row(tx->db, tx->cx->arena, &SQL_news_line, ARGS(V(n->line_id)),
                   COLS(C(&line), C(&c.unit_amount)));
    if (e)
        return e == ERR_NOT_FOUND ? ERR_STORE : e;
    int64_t line_id = n->line_id ? n->line_id : c.line_id, until = gone ? 0 : n->until_ms;
    e = db_do(tx->db, &SQL_claim_move,
              ARGS(V(to), V(given), line_id ? V(line_id) : VNULL, until ? V(until) : VNULL,
                   V(c.unit_amount), V(c.id)),
              NULL);
    if (!e)
        e = count_anew(tx, &c);
    if (!e)
        e = claim_read_id(tx->db, tx->cx, c.id, &c);
    return e ? e : claim_tell(tx, r, &c, NULL);
}

/* ---- what buyers hear ---- */

struct names {
    const char *variant, *listing; /* listing NULL: none */
};

static enum err read_names(struct tx *tx, const struct news_item *n, struct names *names)
{
    enum err e =
        db_row(tx->db, tx->cx->arena, &SQL_news_names, ARGS(V(n->listing_id), V(n->variant_id)),
               COLS(C(&names->variant), C(&names->listing)));
    return e == ERR_NOT_FOUND ? ERR_STORE : e;
}

static enum err tell_viewer(struct tx *tx, struct room *r, const struct news_item *n,
                            const char *type, json_t *data)
{
    const struct event ev = {.show_id = n->show_id,
                             .type = type,
                             .audience = AUDIENCE_VIEWER,
                             .viewer_id = n->viewer_id};
    return event_add(tx, r, &ev, data);
}

static enum err tell_line(struct tx *tx, struct room *r, const struct news_item *n,
                          const char *reason)
{
    struct names names;
    const char *line = NULL;
    int64_t unit;
    enum err e = read_names(tx, n, &names);
    if (!e)
        e = db_row(tx->db, tx->cx->arena, &SQL_news_line, ARGS(V(n->line_id)),
                   COLS(C(&line), C(&unit)));
    if (e && e != ERR_NOT_FOUND)
        return e;
    return tell_viewer(tx, r, n, "cart.changed",
                       json_pack("{s:s, s:s?, s:s, s:s?, s:I, s:o}", "reason", reason, "line_id",
                                 line, "variant_id", names.variant, "listing_id", names.listing,
                                 "qty", (json_int_t)n->qty, "hold_until",
                                 show_ms_json(n->until_ms)));
}

static enum err tell_waiting(struct tx *tx, struct room *r, const struct news_item *n,
                             const char *state)
{
    struct names names;
    const char *waiting = NULL;
    int64_t place = 0;
    bool offer = n->kind == NEWS_OFFER;
    enum err e = read_names(tx, n, &names);
    if (!e)
        e = db_row(tx->db, tx->cx->arena, &SQL_news_waiting, ARGS(V(n->waiting_id)),
                   COLS(C(&waiting), C(&place)));
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    return tell_viewer(tx, r, n, offer ? "waitlist.offer" : "waitlist.changed",
                       json_pack("{s:s, s:s?, s:s, s:s, s:I, s:I, s:o}", "waiting_id", waiting,
                                 "listing_id", names.listing, "variant_id", names.variant, "state",
                                 state, "place", (json_int_t)place, "qty", (json_int_t)n->qty,
                                 "until", show_ms_json(n->until_ms)));
}

/* The word for what became of a line or a place; NULL: nothing is told of it. */
static const char *word_of(enum news_kind kind)
{
    switch (kind) {
    case NEWS_LINE_HELD: return "added";
    case NEWS_LINE_CHANGED: return "changed";
    case NEWS_LINE_EXPIRED: return "expired";
    case NEWS_LINE_REMOVED: return "removed";
    case NEWS_LINE_ORDERED: return "ordered";
    case NEWS_WAITING:
    case NEWS_WAITING_CHANGED: return "waiting";
    case NEWS_OFFER: return "offered";
    case NEWS_OFFER_TAKEN: return "taken";
    case NEWS_WAITING_LEFT: return "passed";
    case NEWS_OFFER_LAPSED: return "lapsed";
    case NEWS_HOLD_GONE: break;
    }
    return NULL;
}

/* A claim's own event says it all; offers, and what has no claim, are told here. */
static enum err tell_item(struct tx *tx, struct room *r, const struct news_item *n)
{
    const char *word = word_of(n->kind);
    bool waiting = n->kind == NEWS_WAITING || n->kind == NEWS_WAITING_CHANGED ||
                   n->kind == NEWS_OFFER || n->kind == NEWS_OFFER_TAKEN ||
                   n->kind == NEWS_WAITING_LEFT || n->kind == NEWS_OFFER_LAPSED;
    if (!word || (n->claim_id && (!waiting || n->kind == NEWS_WAITING)))
        return ERR_OK;
    enum err e = n->kind == NEWS_OFFER ? reach_offer(tx, n) : ERR_OK;
    if (e)
        return e;
    return waiting ? tell_waiting(tx, r, n, word) : tell_line(tx, r, n, word);
}

/* ---- after the commit ---- */

struct moved {
    struct room *r;
    size_t variants, deals;
    const struct news_variant *variant;
    const struct news_deal *deal;
};

static void mark_moved(void *arg)
{
    const struct moved *m = arg;
    for (size_t i = 0; i < m->variants; i++)
        pulse_variant(m->r, m->variant[i].id);
    for (size_t i = 0; i < m->deals; i++)
        pulse_deal(m->r, m->deal[i].id);
}

static enum err mark_later(struct tx *tx, struct room *r, const struct stock_news *news)
{
    struct moved *m = arena_new(tx->cx->arena, struct moved);
    struct news_variant *v =
        arena_array(tx->cx->arena, struct news_variant, news->variant_count + 1);
    struct news_deal *d = arena_array(tx->cx->arena, struct news_deal, news->deal_count + 1);
    if (!m || !v || !d)
        return ERR_NO_MEMORY;
    if (news->variant_count)
        memcpy(v, news->variants, news->variant_count * sizeof *v);
    if (news->deal_count)
        memcpy(d, news->deals, news->deal_count * sizeof *d);
    *m = (struct moved){r, news->variant_count, news->deal_count, v, d};
    tx_after_commit(tx, mark_moved, m);
    return ERR_OK;
}

/* Did somebody give units back? */
static bool came_back(const struct stock_news *news)
{
    for (size_t i = 0; i < news->count; i++)
        if (news->items[i].qty_back > 0)
            return true;
    return false;
}

enum err sell_tell(void *arg, struct tx *tx, const struct stock_news *news)
{
    struct room *r = arg;
    bool back = came_back(news);
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < news->deal_count; i++)
        if (back || news->deals[i].taken >= news->deals[i].quota)
            e = deal_moved(tx, r, news->deals[i].id);
    for (size_t i = 0; !e && i < news->count; i++) {
        const struct news_item *n = &news->items[i];
        if (n->claim_id && n->show_id)
            e = move_claim(tx, r, n);
        if (!e && n->show_id)
            e = tell_item(tx, r, n);
    }
    return e ? e : mark_later(tx, r, news);
}
