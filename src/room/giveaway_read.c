/* Draws as they are read, and their JSON. */
#include "base/arena.h"
#include "base/csv.h"
#include "base/json.h"
#include "catalog/catalog.h"
#include "room/giveaway.sql.h"
#include "room/giveaway_in.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_names[] = {
#define X(name, text) [GIVEAWAY_##name] = (text),
    GIVEAWAY_STATE_TABLE(X)
#undef X
};

const char *giveaway_state_name(enum giveaway_state s)
{
    return state_names[s];
}

bool giveaway_may_move(enum giveaway_state from, enum giveaway_state to)
{
    static const struct {
        enum giveaway_state from, to;
    } moves[] = {{GIVEAWAY_DRAFT, GIVEAWAY_OPEN},      {GIVEAWAY_OPEN, GIVEAWAY_FROZEN},
                 {GIVEAWAY_FROZEN, GIVEAWAY_DRAWN},    {GIVEAWAY_DRAWN, GIVEAWAY_CLOSED},
                 {GIVEAWAY_DRAFT, GIVEAWAY_CANCELLED}, {GIVEAWAY_OPEN, GIVEAWAY_CANCELLED},
                 {GIVEAWAY_FROZEN, GIVEAWAY_CANCELLED}};
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
        if (moves[i].from == from && moves[i].to == to)
            return true;
    return false;
}

/* ---- rows ---- */

enum { COLUMNS = 21 };

static void columns_of(struct giveaway *g, const char **state, struct col *cols)
{
    const struct col all[COLUMNS] = {
        C(&g->id),           C(&g->public_id),   C(&g->show_id),   C(&g->show_public_id),
        C(&g->shop_id),      C(&g->market),      C(&g->rule),      C(&g->variant_id),
        C(&g->winners),      C(&g->claim_hours), C(&g->permit_no), C(state),
        C(&g->commit),       C(&g->sealed),      C(&g->seed),      C(&g->entropy),
        C(&g->entries_hash), C(&g->opened_ms),   C(&g->frozen_ms), C(&g->drawn_ms),
        C(&g->entries)};
    memcpy(cols, all, sizeof all);
}

static enum err state_of(const char *name, enum giveaway_state *ret_state)
{
    for (int i = 0; i < GIVEAWAY_STATE_COUNT; i++) {
        if (strcmp(name, state_names[i]) == 0) {
            *ret_state = (enum giveaway_state)i;
            return ERR_OK;
        }
    }
    return ERR_STORE;
}

static enum err read_one(struct db *db, struct cx *cx, const struct sql *q, const struct val *args,
                         struct giveaway *ret_giveaway)
{
    struct giveaway g = {.id = 0};
    const char *state = NULL;
    struct col cols[COLUMNS + 1] = {{0}};
    columns_of(&g, &state, cols);
    enum err e = db_row(db, cx->arena, q, args, cols);
    if (e == ERR_NOT_FOUND)
        return problem(cx, e, "no such draw");
    if (!e)
        e = state_of(state, &g.state);
    if (!e)
        *ret_giveaway = g;
    return e;
}

enum err giveaway_read(struct db *db, struct cx *cx, const char *public_id,
                       struct giveaway *ret_giveaway)
{
    if (!id_ok(public_id, "giv"))
        return problem(cx, ERR_NOT_FOUND, "no such draw");
    return read_one(db, cx, &SQL_giveaway_by_public_id, ARGS(V(public_id)), ret_giveaway);
}

enum err giveaway_read_id(struct db *db, struct cx *cx, int64_t id, struct giveaway *ret_giveaway)
{
    return read_one(db, cx, &SQL_giveaway_by_id, ARGS(V(id)), ret_giveaway);
}

enum err giveaway_for(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                      const char *public_id, struct giveaway *ret_giveaway, struct show *ret_show)
{
    enum err e = giveaway_read(db, cx, public_id, ret_giveaway);
    if (e)
        return e;
    e = show_find_for(r, db, cx, who, ret_giveaway->show_public_id, ACTION_GIVEAWAY_RUN, ret_show);
    bool stranger = e && room_role(who, ret_giveaway->shop_id) == ROLE_NONE;
    return e == ERR_NOT_FOUND || stranger ? problem(cx, ERR_NOT_FOUND, "no such draw") : e;
}

/* What this person may see; drafts and cancelled ones are the staff's. */
static enum err find_visible(struct room *r, struct db *db, struct cx *cx,
                             const struct room_who *who, const char *public_id,
                             struct giveaway *ret_giveaway, bool *ret_staff)
{
    struct show s = {.id = 0};
    enum err e = giveaway_read(db, cx, public_id, ret_giveaway);
    if (!e)
        e = show_find(r, db, cx, who, ret_giveaway->show_public_id, &s);
    bool hidden =
        !e && (ret_giveaway->state == GIVEAWAY_DRAFT || ret_giveaway->state == GIVEAWAY_CANCELLED);
    *ret_staff = !e && room_role(who, s.shop_id) != ROLE_NONE;
    if (e == ERR_NOT_FOUND || (hidden && !*ret_staff))
        return problem(cx, ERR_NOT_FOUND, "no such draw");
    return e;
}

enum { ENTRY_BYTES = 192 };

enum err giveaway_entries(struct db *db, const struct giveaway *g, struct arena **ret_arena,
                          struct giveaway_entry **ret_list, size_t *ret_count)
{
    size_t max = (size_t)g->entries, n = 0;
    struct arena *arena = arena_make((max + 16) * ENTRY_BYTES);
    struct giveaway_entry *list = calloc(max + 1, sizeof *list), one = {.id = NULL};
    enum err e = arena && list ? ERR_OK : ERR_NO_MEMORY;
    if (!e) {
        struct rows rows = db_rows(db, &SQL_entry_list, ARGS(V(g->id), V(g->entries + 1)));
        while (n <= max &&
               rows_next(&rows, arena,
                         COLS(C(&one.id), C(&one.name_masked), C(&one.viewer_id), C(&one.at_ms)))) {
            if (n < max)
                list[n] = one;
            n++;
        }
        e = rows_end(&rows);
    }
    if (!e && n != max)
        e = ERR_BUSY; /* somebody came in since the row was read */
    if (e) {
        free(list);
        arena_free(arena);
        return e;
    }
    *ret_arena = arena;
    *ret_list = list;
    *ret_count = n;
    return ERR_OK;
}

/* ---- JSON ---- */

static json_t *text_or_null(const char *s)
{
    return s ? json_string(s) : json_null();
}

static json_t *proof_url(const struct giveaway *g)
{
    return json_sprintf("/api/v1/giveaways/%s/proof", g->public_id);
}

/* {"product_id","variant_id","title","options","image"} */
static enum err prize_json(struct db *db, struct cx *cx, const struct giveaway *g,
                           json_t **ret_prize)
{
    struct product p = {.id = 0};
    enum err e = product_of_variant(db, cx->arena, g->shop_id, g->variant_id, &p);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_STORE : e;
    const struct variant *v = NULL;
    for (size_t i = 0; i < p.variant_count; i++)
        if (p.variants[i].id == g->variant_id)
            v = &p.variants[i];
    if (!v)
        return ERR_STORE;
    *ret_prize = json_pack("{s:s,s:s,s:o,s:o,s:o}", "product_id", p.public_id, "variant_id",
                           v->public_id, "title", stored_json(p.title), "options",
                           stored_json(v->options), "image", product_image_json(&p));
    return *ret_prize ? ERR_OK : ERR_NO_MEMORY;
}

static json_t *rule_text(const struct giveaway *g, bool *ret_login)
{
    json_t *rule = stored_json(g->rule);
    json_t *text = json_incref(json_object_get(rule, "text"));
    *ret_login = json_is_true(json_object_get(rule, "login"));
    json_decref(rule);
    return text;
}

/* `open`: as the room is told, those who have the prize now, without times and states. */
static enum err winners_json(struct db *db, struct cx *cx, const struct giveaway *g, bool open,
                             json_t **ret_list)
{
    json_t *list = json_array();
    int64_t rank = 0, until = 0;
    const char *entry = NULL, *name = NULL, *state = NULL;
    struct rows rows =
        db_rows(db, &SQL_entry_winners, ARGS(V(g->id), V(GIVEAWAY_WINNERS_MAX + GIVEAWAY_RESERVE)));
    while (rows_next(&rows, cx->arena, COLS(C(&rank), C(&entry), C(&name), C(&state), C(&until)))) {
        if (open && strcmp(state, "passed") == 0)
            continue;
        json_t *w = json_pack("{s:I,s:s,s:s}", "rank", (json_int_t)rank, "entry", entry,
                              "name_masked", name);
        if (w && !open) {
            (void)json_object_set_new(w, "state", json_string(state));
            (void)json_object_set_new(w, "until", show_ms_json(until));
        }
        (void)json_array_append_new(list, w);
    }
    enum err e = rows_end(&rows);
    if (e) {
        json_decref(list);
        return e;
    }
    *ret_list = list;
    return ERR_OK;
}

static enum err me_json(struct db *db, struct cx *cx, const struct giveaway *g, int64_t viewer_id,
                        json_t **ret_me)
{
    const char *entry = NULL, *state = NULL;
    int64_t rank = 0, until = 0;
    enum err e = ERR_NOT_FOUND;
    if (viewer_id)
        e = db_row(db, cx->arena, &SQL_entry_of_viewer, ARGS(V(g->id), V(viewer_id)),
                   COLS(C(&entry), C(&rank), C(&state), C(&until)));
    if (e == ERR_NOT_FOUND) {
        *ret_me = json_null();
        return ERR_OK;
    }
    if (e)
        return e;
    bool drawn = g->state == GIVEAWAY_DRAWN || g->state == GIVEAWAY_CLOSED;
    *ret_me = json_pack("{s:s,s:o,s:s,s:o}", "entry", entry, "rank",
                        rank && drawn ? json_integer(rank) : json_null(), "state", state, "until",
                        show_ms_json(until));
    return *ret_me ? ERR_OK : ERR_NO_MEMORY;
}

static void put(json_t *o, const char *name, json_t *value)
{
    (void)json_object_set_new(o, name, value);
}

enum err giveaway_json(struct db *db, struct cx *cx, const struct giveaway *g, int64_t viewer_id,
                       json_t **ret_giveaway)
{
    json_t *prize = NULL, *winners = NULL, *me = NULL;
    bool login = false;
    enum err e = prize_json(db, cx, g, &prize);
    if (!e)
        e = winners_json(db, cx, g, false, &winners);
    if (!e)
        e = me_json(db, cx, g, viewer_id, &me);
    if (e) {
        json_decref(prize);
        json_decref(winners);
        return e;
    }
    json_t *text = rule_text(g, &login);
    json_t *o = json_pack("{s:s,s:s,s:s,s:o,s:b,s:o,s:I,s:I,s:s,s:I}", "id", g->public_id,
                          "show_id", g->show_public_id, "market", g->market, "rule", text, "login",
                          login, "prize", prize, "winners_n", (json_int_t)g->winners, "claim_hours",
                          (json_int_t)g->claim_hours, "state", giveaway_state_name(g->state), "n",
                          (json_int_t)g->entries);
    put(o, "permit_no", text_or_null(g->permit_no));
    put(o, "commit", text_or_null(g->commit));
    put(o, "entries_hash", text_or_null(g->entries_hash));
    put(o, "seed", text_or_null(g->seed));
    put(o, "entropy", text_or_null(g->entropy));
    put(o, "opened_at", show_ms_json(g->opened_ms));
    put(o, "frozen_at", show_ms_json(g->frozen_ms));
    put(o, "drawn_at", show_ms_json(g->drawn_ms));
    put(o, "winners", winners);
    put(o, "me", me);
    put(o, "proof_url", proof_url(g));
    *ret_giveaway = o;
    return o ? ERR_OK : ERR_NO_MEMORY;
}

enum err giveaway_open_json(struct db *db, struct cx *cx, const struct giveaway *g,
                            json_t **ret_data)
{
    json_t *prize = NULL;
    bool login;
    enum err e = prize_json(db, cx, g, &prize);
    if (e)
        return e;
    json_t *text = rule_text(g, &login);
    *ret_data = json_pack("{s:s,s:o,s:o,s:I,s:s,s:s,s:i}", "giveaway_id", g->public_id, "rule",
                          text, "prize", prize, "winners_n", (json_int_t)g->winners, "market",
                          g->market, "commit", g->commit, "n", 0);
    return *ret_data ? ERR_OK : ERR_NO_MEMORY;
}

enum err giveaway_drawn_json(struct db *db, struct cx *cx, const struct giveaway *g,
                             json_t **ret_data)
{
    json_t *winners = NULL;
    enum err e = winners_json(db, cx, g, true, &winners);
    if (e)
        return e;
    *ret_data =
        json_pack("{s:s,s:o,s:o,s:o,s:o,s:o}", "giveaway_id", g->public_id, "winners", winners,
                  "seed", text_or_null(g->seed), "entropy", text_or_null(g->entropy),
                  "entries_hash", text_or_null(g->entries_hash), "proof_url", proof_url(g));
    return *ret_data ? ERR_OK : ERR_NO_MEMORY;
}

enum err giveaway_get(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                      const char *giveaway, json_t **ret_giveaway)
{
    struct giveaway g = {.id = 0};
    bool staff;
    enum err e = find_visible(r, db, cx, who, giveaway, &g, &staff);
    return e ? e : giveaway_json(db, cx, &g, who->viewer_id, ret_giveaway);
}

enum err giveaway_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                       const char *show, json_t **ret_list)
{
    struct giveaway list[GIVEAWAY_LIST_MAX], one;
    struct show s = {.id = 0};
    const char *state = NULL;
    struct col cols[COLUMNS + 1] = {{0}};
    size_t n = 0;
    enum err e = show_find(r, db, cx, who, show, &s);
    if (e)
        return e;
    bool staff = room_role(who, s.shop_id) != ROLE_NONE;
    memset(&one, 0, sizeof one);
    columns_of(&one, &state, cols);
    struct rows rows = db_rows(db, &SQL_giveaway_list, ARGS(V(s.id), V(GIVEAWAY_LIST_MAX)));
    while (!e && n < GIVEAWAY_LIST_MAX && rows_next(&rows, cx->arena, cols)) {
        e = state_of(state, &one.state);
        if (staff || (one.state != GIVEAWAY_DRAFT && one.state != GIVEAWAY_CANCELLED))
            list[n++] = one;
    }
    enum err end = rows_end(&rows);
    e = e ? e : end;
    json_t *items = json_array();
    for (size_t i = 0; !e && i < n; i++) {
        json_t *o = NULL;
        e = giveaway_json(db, cx, &list[i], who->viewer_id, &o);
        (void)json_array_append_new(items, o);
    }
    if (e) {
        json_decref(items);
        return e;
    }
    *ret_list = items;
    return ERR_OK;
}

enum err giveaway_of_show(struct db *db, struct cx *cx, int64_t show_id, json_t **ret_giveaway)
{
    struct giveaway g = {.id = 0};
    enum err e = read_one(db, cx, &SQL_giveaway_in_room, ARGS(V(show_id)), &g);
    if (e == ERR_NOT_FOUND) {
        cx->problem[0] = '\0';
        *ret_giveaway = json_null();
        return ERR_OK;
    }
    return e ? e : giveaway_json(db, cx, &g, 0, ret_giveaway);
}

/* ---- proof ---- */

/* The entries with their scores, by rank. The caller frees both. */
static enum err ranked(struct db *db, struct cx *cx, const struct giveaway *g,
                       struct arena **ret_arena, struct giveaway_entry **ret_list,
                       size_t *ret_count)
{
    unsigned char seed[GIVEAWAY_SEED_LEN];
    if (!g->seed || crypto_unhex(g->seed, seed, sizeof seed))
        return problem(cx, ERR_CONFLICT, "it is not drawn yet");
    enum err e = giveaway_entries(db, g, ret_arena, ret_list, ret_count);
    if (!e)
        giveaway_rank(seed, g->entropy ? g->entropy : "", g->public_id, *ret_list, *ret_count);
    return e;
}

static int by_id(const void *a, const void *b)
{
    const struct giveaway_entry *x = a, *y = b;
    return strcmp(x->id, y->id);
}

/* Entries by id, winners by rank, and when the first came in. */
static enum err add_entries(struct db *db, struct cx *cx, const struct giveaway *g, json_t *proof)
{
    struct arena *arena = NULL;
    struct giveaway_entry *list = NULL;
    size_t n = 0;
    int64_t first = 0;
    enum err e = ranked(db, cx, g, &arena, &list, &n);
    if (e)
        return e;
    json_t *winners = json_object_get(proof, "winners"), *items = json_object_get(proof, "entries");
    for (size_t i = 0; i < n && i < (size_t)g->winners; i++)
        (void)json_array_append_new(
            winners, json_pack("{s:I,s:s}", "rank", (json_int_t)i + 1, "entry", list[i].id));
    if (n)
        qsort(list, n, sizeof *list, by_id);
    for (size_t i = 0; i < n; i++) {
        first = first && first < list[i].at_ms ? first : list[i].at_ms;
        (void)json_array_append_new(items, json_pack("{s:s,s:s,s:I}", "id", list[i].id,
                                                     "name_masked", list[i].name_masked, "at",
                                                     (json_int_t)list[i].at_ms));
    }
    put(proof, "first_entry_at", show_ms_json(first));
    free(list);
    arena_free(arena);
    return ERR_OK;
}

enum err giveaway_proof(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                        const char *giveaway, json_t **ret_proof)
{
    struct giveaway g = {.id = 0};
    const char *when = NULL;
    bool staff;
    enum err e = find_visible(r, db, cx, who, giveaway, &g, &staff);
    if (e)
        return e;
    json_t *o =
        json_pack("{s:s,s:s,s:s,s:s,s:I,s:I,s:n,s:[],s:[]}", "giveaway", g.public_id, "show_id",
                  g.show_public_id, "state", giveaway_state_name(g.state), "algorithm",
                  "sha256-commit hmac-sha256-lowest v1", "winners_n", (json_int_t)g.winners, "n",
                  (json_int_t)g.entries, "first_entry_at", "entries", "winners");
    if (!o)
        return ERR_NO_MEMORY;
    put(o, "commit", text_or_null(g.commit));
    put(o, "seed", text_or_null(g.seed));
    put(o, "entropy", text_or_null(g.entropy));
    e = db_row(db, cx->arena, &SQL_giveaway_entropy_when, ARGS(V(g.id)), COLS(C(&when)));
    put(o, "entropy_when", text_or_null(when));
    put(o, "entries_hash", text_or_null(g.entries_hash));
    put(o, "opened_at", show_ms_json(g.opened_ms));
    put(o, "frozen_at", show_ms_json(g.frozen_ms));
    put(o, "drawn_at", show_ms_json(g.drawn_ms));
    if (!e && g.seed)
        e = add_entries(db, cx, &g, o);
    if (e) {
        json_decref(o);
        return e;
    }
    *ret_proof = o;
    return ERR_OK;
}

enum err giveaway_csv(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                      const char *giveaway, struct buf *out)
{
    struct giveaway g = {.id = 0};
    struct arena *arena = NULL;
    struct giveaway_entry *list = NULL;
    size_t n = 0;
    bool staff;
    enum err e = find_visible(r, db, cx, who, giveaway, &g, &staff);
    if (!e)
        e = ranked(db, cx, &g, &arena, &list, &n);
    if (e)
        return e;
    buf_str(out, "\xef\xbb\xbf"
                 "rank,entry,name_masked,at,score\r\n");
    for (size_t i = 0; i < n; i++) {
        char score[2 * GIVEAWAY_SCORE_LEN + 1];
        crypto_hex(list[i].score, GIVEAWAY_SCORE_LEN, score);
        buf_fmt(out, "%zu,%s,", i + 1, list[i].id);
        csv_cell(out, list[i].name_masked);
        buf_fmt(out, ",%" PRId64 ",%s\r\n", list[i].at_ms, score);
    }
    free(list);
    arena_free(arena);
    return buf_err(out);
}
