/* What comments of a show are read against: kept from one comment to the next. */
#include "base/arena.h"
#include "room/claim_in.h"
#include "room/grammar.h"
#include "room/menu.sql.h"

#include <stdlib.h>
#include <string.h>

enum { MENU_ARENA = 32 << 20, SIGN_MS = 500, MENU_VARIANTS_MAX = 30000 };

struct menus {
    struct menu *menu[MENU_SHOWS_MAX];
    size_t next; /* the one to go when all are taken */
};

static void menu_free(struct menu *m)
{
    if (!m)
        return;
    grammar_free(m->grammar);
    arena_free(m->arena);
    free(m);
}

void menus_free(struct room *r)
{
    for (size_t i = 0; r->menus && i < MENU_SHOWS_MAX; i++)
        menu_free(r->menus->menu[i]);
    free(r->menus);
    r->menus = NULL;
}

/* ---- loading ---- */

struct loading {
    struct menu *m;
    struct cx cx; /* with the menu's arena */
    struct grammar_listing *words;
};

static enum err add_listings(struct db *db, struct loading *l, int64_t pinned_id)
{
    struct menu *m = l->m;
    struct menu_listing one = {.id = 0};
    const char *mode, *options;
    enum err e = ERR_OK;
    struct rows rows = db_rows(db, &SQL_menu_listings, ARGS(V(m->show_id)));
    while (!e && m->count < LISTINGS_MAX &&
           rows_next(&rows, m->arena,
                     COLS(C(&one.id), C(&one.public_id), C(&one.code), C(&mode), C(&one.selling),
                          C(&options)))) {
        json_t *o = json_loads(options, 0, NULL);
        e = o && arena_at_end(m->arena, (void (*)(void *))json_decref, o) == 0 ? ERR_OK
                                                                               : ERR_NO_MEMORY;
        if (!e && (claim_mode_parse(mode, &one.mode) ||
                   grammar_listing_json(&l->cx, one.code, o, &l->words[m->count])))
            e = ERR_STORE;
        one.option_count = e ? 0 : l->words[m->count].count;
        if (one.id == pinned_id && one.selling && one.mode != CLAIM_MODE_OFF)
            m->pinned = (int)m->count;
        m->list[m->count++] = one;
        one = (struct menu_listing){.id = 0};
    }
    enum err end = rows_end(&rows);
    return e ? e : end;
}

/* ["黑","M"] by the options' values. */
static void find_values(const struct grammar_listing *words, const char *options,
                        struct menu_variant *v)
{
    json_t *names = json_loads(options, 0, NULL);
    for (size_t i = 0; i < 3; i++) {
        const char *name = json_string_value(json_array_get(names, i));
        v->value[i] = -1;
        for (size_t k = 0; name && i < words->count && k < words->options[i].count; k++)
            if (strcmp(words->options[i].values[k].words[0], name) == 0)
                v->value[i] = (int)k;
    }
    json_decref(names);
}

static enum err add_variants(struct db *db, struct loading *l)
{
    struct menu *m = l->m;
    struct menu_variant *all = arena_array(m->arena, struct menu_variant, MENU_VARIANTS_MAX);
    struct menu_variant one;
    const char *options;
    int64_t listing_id;
    size_t n = 0, at = 0;
    if (!all)
        return ERR_NO_MEMORY;
    struct rows rows = db_rows(db, &SQL_menu_variants, ARGS(V(m->show_id)));
    while (n < MENU_VARIANTS_MAX &&
           rows_next(&rows, m->arena,
                     COLS(C(&listing_id), C(&one.id), C(&one.public_id), C(&options)))) {
        while (at < m->count && m->list[at].id != listing_id)
            at++;
        if (at == m->count)
            break;
        find_values(&l->words[at], options, &one);
        all[n] = one;
        if (!m->list[at].variant_count++)
            m->list[at].variants = &all[n];
        n++;
    }
    return rows_end(&rows);
}

static enum err load(struct db *db, int64_t show_id, const struct sale *sale, struct menu **ret)
{
    struct menu *m = calloc(1, sizeof *m);
    if (!m)
        return ERR_NO_MEMORY;
    *m = (struct menu){.show_id = show_id, .version = sale->version, .pinned = -1};
    m->arena = arena_make(MENU_ARENA);
    struct loading l = {.m = m, .cx = {.arena = m->arena}};
    enum err e = m->arena ? ERR_OK : ERR_NO_MEMORY;
    if (!e) {
        m->list = arena_array(m->arena, struct menu_listing, LISTINGS_MAX);
        l.words = arena_array(m->arena, struct grammar_listing, LISTINGS_MAX);
        e = m->list && l.words ? add_listings(db, &l, sale->pinned_id) : ERR_NO_MEMORY;
    }
    if (!e)
        e = add_variants(db, &l);
    if (!e)
        e = grammar_make(l.words, m->count, &m->grammar);
    if (e == ERR_INPUT)
        e = ERR_STORE; /* the catalogue and the codes keep to the grammar's limits */
    if (e)
        menu_free(m);
    else
        *ret = m;
    return e;
}

/* ---- keeping ---- */

static struct menu **slot_of(struct menus *all, int64_t show_id)
{
    struct menu **free_one = NULL;
    for (size_t i = 0; i < MENU_SHOWS_MAX; i++) {
        if (all->menu[i] && all->menu[i]->show_id == show_id)
            return &all->menu[i];
        if (!all->menu[i] && !free_one)
            free_one = &all->menu[i];
    }
    return free_one ? free_one : &all->menu[all->next++ % MENU_SHOWS_MAX];
}

/* The show's version is read each time; the catalogue's a few times a second at most. */
static enum err still_good(struct tx *tx, struct menu *m, const struct sale *sale, bool *ret_good)
{
    int64_t now = tx->cx->now_ms, sign;
    *ret_good = m->version == sale->version;
    if (!*ret_good || (now - m->checked_ms < SIGN_MS && now >= m->checked_ms))
        return ERR_OK;
    enum err e = db_i64(tx->db, &SQL_menu_sign, ARGS(V(m->show_id)), &sign);
    *ret_good = !e && sign == m->sign;
    m->checked_ms = now;
    return e;
}

enum err menu_get(struct tx *tx, struct room *r, int64_t show_id, struct sale *ret_sale,
                  const struct menu **ret_menu)
{
    bool good = false;
    if (!r->menus)
        r->menus = calloc(1, sizeof *r->menus);
    if (!r->menus)
        return ERR_NO_MEMORY;
    struct menu **slot = slot_of(r->menus, show_id), *fresh;
    enum err e = sale_read(tx->db, tx->cx, show_id, ret_sale);
    if (!e && *slot && (*slot)->show_id == show_id)
        e = still_good(tx, *slot, ret_sale, &good);
    if (!e && !good) {
        int64_t sign = 0;
        e = db_i64(tx->db, &SQL_menu_sign, ARGS(V(show_id)), &sign);
        if (!e)
            e = load(tx->db, show_id, ret_sale, &fresh);
        if (e)
            return e;
        menu_free(*slot);
        *slot = fresh;
        fresh->sign = sign;
        fresh->checked_ms = tx->cx->now_ms;
    }
    if (!e)
        *ret_menu = *slot;
    return e;
}
