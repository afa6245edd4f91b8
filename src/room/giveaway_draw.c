/* Frozen and drawn: the list is fixed and hashed, then the seed is shown and ranks it. */
#include "base/arena.h"
#include "base/text.h"
#include "cart/cart.h"
#include "room/giveaway.sql.h"
#include "room/giveaway_in.h"

#include <stdlib.h>
#include <string.h>

/* ---- pure ---- */

static int by_score(const void *a, const void *b)
{
    const struct giveaway_entry *x = a, *y = b;
    int c = memcmp(x->score, y->score, sizeof x->score);
    return c ? c : strcmp(x->id, y->id);
}

static int by_id(const void *a, const void *b)
{
    const struct giveaway_entry *x = a, *y = b;
    return strcmp(x->id, y->id);
}

void giveaway_rank(const unsigned char seed[GIVEAWAY_SEED_LEN], const char *entropy,
                   const char *giveaway, struct giveaway_entry *entries, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct crypto_piece pieces[] = {{entropy, strlen(entropy)},
                                              {giveaway, strlen(giveaway)},
                                              {entries[i].id, strlen(entries[i].id)}};
        crypto_hmac_sha256_of(seed, GIVEAWAY_SEED_LEN, pieces, 3, entries[i].score);
    }
    if (n)
        qsort(entries, n, sizeof *entries, by_score);
}

void giveaway_hash(struct giveaway_entry *entries, size_t n, char ret_hex[65])
{
    unsigned char hash[SHA256_LEN];
    struct buf all;
    if (n)
        qsort(entries, n, sizeof *entries, by_id);
    buf_init(&all, (n + 1) * (ID_TEXT + 1));
    for (size_t i = 0; i < n; i++) {
        buf_str(&all, entries[i].id);
        buf_ch(&all, '\n');
    }
    crypto_sha256(all.data ? all.data : "", all.len, hash);
    crypto_hex(hash, sizeof hash, ret_hex);
    buf_done(&all);
}

/* ---- frozen ---- */

static enum err tidy_entropy(struct cx *cx, const char *typed, const char **ret_entropy)
{
    size_t len = typed ? strlen(typed) : 0;
    *ret_entropy = NULL;
    if (!len)
        return ERR_OK;
    char *tidy = text_is_utf8(typed, len) ? arena_dup(cx->arena, typed, len) : NULL;
    len = tidy ? text_tidy(tidy, len) : 0;
    if (!tidy || text_chars(tidy, len) > GIVEAWAY_ENTROPY_CHARS_MAX)
        return problem(cx, ERR_INPUT, "'entropy' has at most %d characters",
                       GIVEAWAY_ENTROPY_CHARS_MAX);
    *ret_entropy = len ? tidy : NULL;
    return ERR_OK;
}

struct freeze_job {
    struct room *r;
    const struct room_who *who;
    const char *giveaway, *hash, *entropy;
    int64_t audit_id;
    struct giveaway g;
    json_t *result;
};

/* First: nobody comes in any more. One that is frozen without its hash goes on from here. */
static enum err stop_run(struct tx *tx, void *arg)
{
    struct freeze_job *j = arg;
    struct show s;
    int64_t changed = 0;
    enum err e = giveaway_for(j->r, tx->db, tx->cx, j->who, j->giveaway, &j->g, &s);
    if (e || (j->g.state == GIVEAWAY_FROZEN && !j->g.entries_hash))
        return e;
    if (!giveaway_may_move(j->g.state, GIVEAWAY_FROZEN))
        return problem(tx->cx, ERR_TRANSITION, "a draw that is %s cannot be frozen",
                       giveaway_state_name(j->g.state));
    if (!j->g.entries)
        return problem(tx->cx, ERR_CONFLICT, "nobody has entered");
    e = db_do(tx->db, &SQL_giveaway_set_frozen,
              ARGS(V(tx->cx->now_ms), V(j->entropy), V(j->entropy ? "freeze" : NULL), V(j->g.id)),
              &changed);
    if (!e && !changed)
        e = problem(tx->cx, ERR_TRANSITION, "the draw was frozen or called off just now");
    if (!e)
        e = room_note(tx, j->who, j->audit_id, j->g.shop_id, "giveaway.freeze", j->g.public_id);
    return e;
}

/* Then the list that was fixed by it is hashed, by a reader, and the hash is published. */
static enum err hash_run(struct tx *tx, void *arg)
{
    struct freeze_job *j = arg;
    struct giveaway *g = &j->g;
    int64_t changed = 0;
    enum err e = db_do(tx->db, &SQL_giveaway_set_hash, ARGS(V(j->hash), V(g->id)), &changed);
    if (!e)
        e = giveaway_read_id(tx->db, tx->cx, g->id, g);
    json_decref(j->result);
    j->result = NULL;
    if (!e)
        e = giveaway_json(tx->db, tx->cx, g, j->who->viewer_id, &j->result);
    if (e || !changed)
        return e;
    const struct event ev = {
        .show_id = g->show_id, .type = "giveaway.entries", .audience = AUDIENCE_ALL};
    return event_add(tx, j->r, &ev,
                     json_pack("{s:s,s:I,s:s,s:s?}", "giveaway_id", g->public_id, "n",
                               (json_int_t)g->entries, "entries_hash", g->entries_hash, "entropy",
                               g->entropy));
}

/* The list, and the row as it is with it. */
static enum err read_list(struct room *r, struct cx *cx, struct giveaway *g,
                          struct arena **ret_arena, struct giveaway_entry **ret_list,
                          size_t *ret_count)
{
    struct db *db = NULL;
    enum err e = store_read(r->store, &db);
    if (!e)
        e = giveaway_read_id(db, cx, g->id, g);
    if (!e)
        e = giveaway_entries(db, g, ret_arena, ret_list, ret_count);
    store_read_end(db);
    return e;
}

enum err giveaway_freeze(struct room *r, struct cx *cx, const struct room_who *who,
                         const char *giveaway, const char *entropy, json_t **ret_giveaway)
{
    struct freeze_job j = {.r = r, .who = who, .giveaway = giveaway, .audit_id = id_next()};
    struct arena *arena = NULL;
    struct giveaway_entry *list = NULL;
    size_t n = 0;
    char hash[2 * SHA256_LEN + 1];
    enum err e = tidy_entropy(cx, entropy, &j.entropy);
    if (!e)
        e = store_do(r->store, cx, "giveaway.freeze", stop_run, &j);
    if (!e)
        e = read_list(r, cx, &j.g, &arena, &list, &n);
    if (e)
        return e;
    giveaway_hash(list, n, hash);
    free(list);
    arena_free(arena);
    j.hash = hash;
    e = store_do(r->store, cx, "giveaway.hash", hash_run, &j);
    if (e) {
        json_decref(j.result);
        return e;
    }
    *ret_giveaway = j.result;
    return ERR_OK;
}

/* ---- drawn ---- */

struct draw_job {
    struct room *r;
    const struct room_who *who;
    const char *entropy;
    char seed[2 * GIVEAWAY_SEED_LEN + 1];
    struct giveaway g;
    const struct giveaway_entry *ranked;
    size_t count; /* of those that get a rank */
    struct line_ids *ids;
    struct giveaway_winner *winners; /* count of them */
    const char *when;                /* entropy was said; or NULL */
    int64_t audit_id;
    json_t *result;
};

enum err giveaway_tell_drawn(struct tx *tx, struct room *r, const struct giveaway *g)
{
    json_t *data = NULL;
    enum err e = giveaway_drawn_json(tx->db, tx->cx, g, &data);
    const struct event ev = {
        .show_id = g->show_id, .type = "giveaway.drawn", .audience = AUDIENCE_ALL};
    return e ? e : event_add(tx, r, &ev, data);
}

/* Ranks, and prizes from the first rank down until there is one for each. */
static enum err give_prizes(struct stock_turn *turn, struct draw_job *j)
{
    const struct giveaway *g = &j->g;
    int64_t given = 0;
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < j->count; i++) {
        struct giveaway_winner *w = &j->winners[i];
        *w = (struct giveaway_winner){
            .viewer_id = j->ranked[i].viewer_id, .rank = (int64_t)i + 1, .ids = &j->ids[i]};
        e = db_do(turn->tx->db, &SQL_entry_set_rank, ARGS(V(w->rank), V(g->id), V(w->viewer_id)),
                  NULL);
        if (!e && given < g->winners)
            e = giveaway_give(turn, g, w);
        given += w->won;
    }
    return e;
}

static enum err draw_run(struct tx *tx, void *arg)
{
    struct draw_job *j = arg;
    struct giveaway *g = &j->g;
    struct stock_turn turn;
    int64_t changed = 0;
    turn_begin(&turn, tx, &j->r->watch);
    enum err e = db_do(
        tx->db, &SQL_giveaway_set_drawn,
        ARGS(V((const char *)j->seed), V(j->entropy), V(j->when), V(tx->cx->now_ms), V(g->id)),
        &changed);
    if (!e && !changed)
        e = problem(tx->cx, ERR_TRANSITION, "it was drawn just now");
    if (!e) /* and taken again at once, by the winners */
        e = giveaway_unhold(&turn, g);
    if (!e)
        e = give_prizes(&turn, j);
    if (!e)
        e = room_note(tx, j->who, j->audit_id, g->shop_id, "giveaway.draw", g->public_id);
    if (!e)
        e = turn_end(&turn);
    if (!e)
        e = giveaway_read_id(tx->db, tx->cx, g->id, g);
    if (!e)
        e = giveaway_tell_drawn(tx, j->r, g);
    for (size_t i = 0; !e && i < j->count; i++)
        if (j->winners[i].won)
            e = giveaway_tell_winner(tx, j->r, g, &j->winners[i]);
    json_decref(j->result);
    j->result = NULL;
    return e ? e : giveaway_json(tx->db, tx->cx, g, j->who->viewer_id, &j->result);
}

static enum err check_draw(struct room *r, struct cx *cx, const struct room_who *who,
                           const char *giveaway, struct giveaway *ret_giveaway)
{
    struct db *db = NULL;
    struct show s;
    enum err e = store_read(r->store, &db);
    if (!e)
        e = giveaway_for(r, db, cx, who, giveaway, ret_giveaway, &s);
    store_read_end(db);
    if (!e &&
        !(giveaway_may_move(ret_giveaway->state, GIVEAWAY_DRAWN) && ret_giveaway->entries_hash))
        e = problem(cx, ERR_TRANSITION, "a draw that is %s cannot be drawn",
                    giveaway_state_name(ret_giveaway->state));
    return e;
}

/* The seed out of its seal. */
static enum err unseal(struct cx *cx, const struct giveaway *g, const unsigned char *key,
                       unsigned char seed[GIVEAWAY_SEED_LEN])
{
    if (g->sealed.len != GIVEAWAY_SEED_LEN + SEAL_OVERHEAD ||
        crypto_open(key, g->sealed.p, g->sealed.len, seed))
        return problem(cx, ERR_INTERNAL, "the seed does not open: another NM_SECRET_KEY sealed it");
    return ERR_OK;
}

enum err giveaway_draw(struct room *r, struct cx *cx, const struct room_who *who,
                       const char *giveaway, const unsigned char *key, const char *entropy,
                       json_t **ret_giveaway)
{
    struct draw_job j = {.r = r, .who = who, .audit_id = id_next()};
    unsigned char seed[GIVEAWAY_SEED_LEN];
    struct arena *arena = NULL;
    struct giveaway_entry *list = NULL;
    size_t n = 0;
    enum err e = check_draw(r, cx, who, giveaway, &j.g);
    if (!e)
        e = tidy_entropy(cx, entropy, &j.entropy);
    if (!e && j.g.entropy && j.entropy && strcmp(j.g.entropy, j.entropy) != 0)
        e = problem(cx, ERR_CONFLICT, "another 'entropy' was announced when the list was fixed");
    j.when = !e && j.g.entropy ? "freeze" : j.entropy ? "draw" : NULL;
    if (!e && j.g.entropy)
        j.entropy = j.g.entropy;
    if (!e)
        e = unseal(cx, &j.g, key, seed);
    if (!e)
        e = read_list(r, cx, &j.g, &arena, &list, &n);
    if (e)
        return e;
    giveaway_rank(seed, j.entropy ? j.entropy : "", j.g.public_id, list, n);
    crypto_hex(seed, sizeof seed, j.seed);
    crypto_wipe(seed, sizeof seed);
    size_t most = (size_t)j.g.winners + GIVEAWAY_RESERVE;
    j.count = n < most ? n : most;
    j.ranked = list;
    j.ids = arena_array(cx->arena, struct line_ids, j.count + 1);
    j.winners = arena_array(cx->arena, struct giveaway_winner, j.count + 1);
    e = j.ids && j.winners ? ERR_OK : ERR_NO_MEMORY;
    for (size_t i = 0; !e && i < j.count; i++)
        line_ids(&j.ids[i]);
    if (!e)
        e = store_do(r->store, cx, "giveaway.draw", draw_run, &j);
    free(list);
    arena_free(arena);
    if (e) {
        json_decref(j.result);
        return e;
    }
    *ret_giveaway = j.result;
    return ERR_OK;
}
