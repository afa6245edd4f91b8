/* Comments that order: "A12 黑L+2" becomes claims in the job that posts it. */
#include "base/arena.h"
#include "room/claim.sql.h"
#include "room/claim_in.h"
#include "room/grammar.h"

#include <stdlib.h>
#include <string.h>

/* The commands of one comment, on their way to wants. */
struct reading {
    const struct menu *menu;
    struct grammar_reading words;
};

static bool fits(const struct menu_variant *v, const struct grammar_item *it)
{
    for (int i = 0; i < GRAMMAR_OPTIONS_MAX; i++)
        if (it->value[i] != GRAMMAR_NONE && it->value[i] != v->value[i])
            return false;
    return true;
}

/* The one variant that has all values said; NULL: none, or several. */
static const struct menu_variant *only_one(const struct menu_listing *l,
                                           const struct grammar_item *it)
{
    const struct menu_variant *found = NULL;
    for (size_t i = 0; i < l->variant_count; i++) {
        if (!fits(&l->variants[i], it))
            continue;
        if (found)
            return NULL;
        found = &l->variants[i];
    }
    return found;
}

/* ---- wants ---- */

static void add_want(struct comment *c, const struct menu_listing *l, const struct menu_variant *v,
                     int64_t qty, int64_t item_no)
{
    if (c->count == CLAIM_ITEMS_MAX)
        return;
    struct claim_done *done = &c->done[c->count];
    *done = (struct claim_done){.no = v ? NO_NOT : NO_NEED_OPTION, .code = l->code};
    done->listing = l->public_id;
    c->want[c->count++] = (struct claim_want){.listing = l->public_id,
                                              .variant_id = v ? v->id : 0,
                                              .qty = qty < CLAIM_QTY_MAX ? qty : CLAIM_QTY_MAX,
                                              .via = VIA_COMMENT,
                                              .message_id = c->message_id,
                                              .message = c->message,
                                              .item_no = item_no,
                                              .show_id = c->show->id};
}

/* Item 3, variant 0: 300; 包 makes several claims of one item. */
enum { ITEM_STEP = 100 };

static void add_adds(struct comment *c, const struct menu_listing *l, const struct grammar_item *it,
                     int64_t item_no)
{
    if (!it->all) {
        add_want(c, l, only_one(l, it), it->qty, item_no * ITEM_STEP);
        return;
    }
    for (size_t i = 0; i < l->variant_count; i++)
        if (fits(&l->variants[i], it))
            add_want(c, l, &l->variants[i], it->qty, item_no * ITEM_STEP + (int64_t)i);
}

static json_t *review_item(const struct menu_listing *l, const struct grammar_item *it, size_t i)
{
    const struct menu_variant *v = only_one(l, it);
    json_t *fitting = json_array();
    for (size_t k = 0; k < l->variant_count; k++)
        if (fits(&l->variants[k], it))
            (void)json_array_append_new(fitting, json_string(l->variants[k].public_id));
    return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:o, s:b, s:i, s:I}", "op",
                     grammar_op_name(it->op), "listing_id", l->public_id, "code", l->code,
                     "suggest", l->code, "variant_id", v ? v->public_id : NULL, "variants", fitting,
                     "all", (int)it->all, "qty", it->qty, "item_no", (json_int_t)i * ITEM_STEP);
}

/* ---- fewer ---- */

enum { MINE_MAX = 20 };

/* Their claims of it that can still be taken back, newest first. */
static enum err read_mine(struct tx *tx, const struct comment *c, const struct menu_listing *l,
                          const struct menu_variant *v, int64_t id[MINE_MAX], size_t *ret_n)
{
    int64_t one;
    size_t n = 0;
    struct rows rows =
        db_rows(tx->db, &SQL_claims_open_of,
                ARGS(V(c->buyer.viewer_id), V(c->show->id), V(l->id), V(v ? v->id : INT64_C(0))));
    while (n < MINE_MAX && rows_next(&rows, NULL, COLS(C(&one))))
        id[n++] = one;
    *ret_n = n;
    return rows_end(&rows);
}

/* A12-1 takes from the newest; CC A12 takes all. */
static enum err take_back(struct comment *c, const struct menu_listing *l,
                          const struct grammar_item *it)
{
    struct tx *tx = c->run.tx;
    bool all = it->op == GRAMMAR_CANCEL;
    int64_t id[MINE_MAX], left = it->qty;
    size_t n = 0;
    enum err e = read_mine(tx, c, l, only_one(l, it), id, &n);
    for (size_t i = 0; !e && i < n && (all || left > 0); i++) {
        struct claim claim;
        e = claim_read_id(tx->db, tx->cx, id[i], &claim);
        if (e)
            break;
        int64_t less = all || claim.given <= left ? claim.given : left;
        e = claim_fewer(&c->run, &claim, claim.given - less);
        left -= less ? less : 1; /* a place in the waiting list counts as one */
    }
    if (e == ERR_TRANSITION || e == ERR_NOT_FOUND) { /* ordered or expired just now */
        tx->cx->problem[0] = '\0';
        return ERR_OK;
    }
    return e;
}

/* ---- in the job ---- */

static int by_variant(const void *a, const void *b)
{
    const struct claim_want *x = a, *y = b;
    return x->variant_id < y->variant_id ? -1 : x->variant_id > y->variant_id;
}

enum err comment_read(struct tx *tx, struct room *r, const struct show *s, const char *text,
                      struct comment *c, bool *ret_orders)
{
    const struct menu *menu;
    struct reading *rd = arena_new(tx->cx->arena, struct reading);
    bool on_air = s->state == SHOW_LIVE || s->state == SHOW_INTERRUPTED;
    *ret_orders = false;
    if (!on_air)
        return ERR_OK;
    enum err e = rd ? menu_get(tx, r, s->id, &c->sale, &menu) : ERR_NO_MEMORY;
    if (e || !menu->count)
        return e;
    rd->menu = menu;
    grammar_read(menu->grammar, text, menu->pinned, &rd->words);
    size_t n = 0;
    for (size_t i = 0; i < rd->words.count; i++) { /* of those whose claims are off: chat */
        const struct grammar_item *it = &rd->words.items[i];
        if (it->listing >= 0 && menu->list[it->listing].mode != CLAIM_MODE_OFF)
            rd->words.items[n++] = *it;
    }
    rd->words.count = n;
    c->reading = rd;
    *ret_orders = n > 0;
    return ERR_OK;
}

/* One item: a want, a row for review, or fewer of what they have. */
static enum err hold_item(struct comment *c, const struct grammar_item *it, size_t i)
{
    const struct menu_listing *l = &c->reading->menu->list[it->listing];
    bool order = it->op == GRAMMAR_ADD || it->op == GRAMMAR_QUEUE;
    if (it->op == GRAMMAR_REVIEW || (order && l->mode == CLAIM_MODE_REVIEW)) {
        if (!c->review)
            c->review = json_array();
        return json_array_append_new(c->review, review_item(l, it, i)) ? ERR_NO_MEMORY : ERR_OK;
    }
    if (order)
        add_adds(c, l, it, (int64_t)i);
    else if (c->sale.set.cancel_ok)
        return take_back(c, l, it);
    return ERR_OK;
}

enum err comment_hold(struct comment *c)
{
    const struct grammar_reading *words = &c->reading->words;
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < words->count; i++)
        e = hold_item(c, &words->items[i], i);
    if (!e && c->count > 1) {
        for (size_t i = 0; i < c->count; i++)
            c->want[i].done = &c->done[i];
        qsort(c->want, c->count, sizeof c->want[0], by_variant);
    }
    for (size_t i = 0; !e && i < c->count; i++) {
        struct claim_done *done = c->count > 1 ? c->want[i].done : &c->done[i];
        c->want[i].done = done;
        if (!done->no)
            e = claim_one(&c->run, &c->buyer, &c->want[i], done);
        if (e == ERR_NOT_FOUND) { /* taken out of the catalogue within the last half second */
            done->no = NO_UNKNOWN_CODE;
            c->run.tx->cx->problem[0] = '\0';
            e = ERR_OK;
        }
    }
    return e ? e : claim_run_number(&c->run);
}

enum err comment_write(struct comment *c, const struct message *m)
{
    struct tx *tx = c->run.tx;
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < c->count; i++)
        if (c->want[i].done->no)
            e = claim_tell_no(tx, c->run.r, c->show->id, &c->buyer, &c->want[i], c->want[i].done);
    if (!e && c->review) {
        e = review_add(tx, c->run.r, m, c->message_id, c->review);
        c->review = NULL;
    }
    return e ? e : claim_run_end(&c->run);
}
