/* The run order: putting products in, editing, taking out, ordering. */
#include "room/listing.h"
#include "base/arena.h"
#include "room/grammar.h"
#include "room/listing.sql.h"
#include "room/sale.sql.h"
#include "room/sell_in.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum audience sell_audience(const struct show *s)
{
    return show_public(s) ? AUDIENCE_ALL : AUDIENCE_STAFF;
}

enum err listing_tell(struct tx *tx, struct room *r, const struct show *s, int64_t listing_id,
                      const char *type)
{
    json_t *list;
    const struct event ev = {.show_id = s->id, .type = type, .audience = sell_audience(s)};
    enum err e = listings_json(tx->db, tx->cx, s->id, listing_id, false, &list);
    if (e)
        return e;
    json_t *data = json_pack("{s:O}", "listing", json_array_get(list, 0));
    json_decref(list);
    return event_add(tx, r, &ev, data);
}

/* The object as staff see it, for the answer. */
static enum err answer_listing(struct tx *tx, int64_t show_id, int64_t listing_id, json_t **ret)
{
    json_t *list;
    enum err e = listings_json(tx->db, tx->cx, show_id, listing_id, true, &list);
    if (e)
        return e;
    json_decref(*ret); /* of a run that was lost */
    *ret = json_incref(json_array_get(list, 0));
    json_decref(list);
    return *ret ? ERR_OK : ERR_STORE;
}

static enum err note_sale(struct tx *tx, int64_t show_id)
{
    return db_do(tx->db, &SQL_sale_changed, ARGS(V(show_id)), NULL);
}

static bool is_over(const struct show *s)
{
    return s->state == SHOW_ENDED || s->state == SHOW_REPLAY_READY || s->state == SHOW_CANCELLED ||
           s->state == SHOW_ARCHIVED;
}

/* ---- codes ---- */

struct code {
    char text[CODE_MAX + 1];
    char key[GRAMMAR_KEY_SIZE];
};

/* Upper case to show; compared as comments are. Words such as CF are no codes. */
static bool code_of(const char *typed, struct code *ret)
{
    size_t n = strlen(typed);
    if (n < 1 || n > CODE_MAX)
        return false;
    for (size_t i = 0; i <= n; i++) {
        char c = typed[i];
        bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';
        if (c && !upper && !lower && !(c >= '0' && c <= '9'))
            return false;
        ret->text[i] = (char)(lower ? c - 32 : c);
    }
    return grammar_code_key(ret->text, ret->key) == ERR_OK;
}

/* A1, A2 …: one more than the highest that there is. */
static enum err next_code(struct tx *tx, int64_t show_id, struct code *ret)
{
    const char *key;
    long last = 0;
    struct rows rows = db_rows(tx->db, &SQL_listing_codes, ARGS(V(show_id)));
    while (rows_next(&rows, tx->cx->arena, COLS(C(&key)))) {
        char *end = NULL;
        long n = key[0] == 'a' ? strtol(key + 1, &end, 10) : 0;
        if (end && n > last && n < 100000 && !*end)
            last = n;
    }
    char text[24];
    (void)snprintf(text, sizeof text, "A%ld", last + 1);
    enum err e = rows_end(&rows);
    if (!e && !code_of(text, ret))
        e = ERR_INTERNAL;
    return e;
}

/* ---- add ---- */

struct add_job {
    struct room *r;
    const struct room_who *who;
    const char *show;
    const struct listing_new *ask;
    const struct code *code; /* NULL: to be found */
    int64_t id, audit_id;
    char public_id[ID_TEXT];
    json_t *made;
};

static enum err find_product(struct tx *tx, const struct add_job *j, const struct show *s,
                             int64_t *ret_id)
{
    const struct listing_new *ask = j->ask;
    struct code code;
    char lower[SKU_CHARS_MAX * 4 + 1];
    if (ask->product) {
        enum err e =
            db_i64(tx->db, &SQL_product_by_public, ARGS(V(ask->product), V(s->shop_id)), ret_id);
        return e == ERR_NOT_FOUND ? problem(tx->cx, e, "no such product") : e;
    }
    size_t n = strlen(ask->find);
    if (n >= sizeof lower)
        return problem(tx->cx, ERR_NOT_FOUND, "nothing is called that");
    for (size_t i = 0; i <= n; i++)
        lower[i] =
            (char)(ask->find[i] >= 'A' && ask->find[i] <= 'Z' ? ask->find[i] + 32 : ask->find[i]);
    enum err e = db_i64(tx->db, &SQL_product_by_sku, ARGS(V(s->shop_id), V(lower)), ret_id);
    if (e == ERR_NOT_FOUND && code_of(ask->find, &code))
        e = db_i64(tx->db, &SQL_product_by_old_code, ARGS(V(s->shop_id), V(code.key), V(s->id)),
                   ret_id);
    return e == ERR_NOT_FOUND ? problem(tx->cx, e, "nothing is called that") : e;
}

/* What was said; else what was typed to find it, when it is free; else the next one. */
static enum err pick_code(struct tx *tx, const struct add_job *j, const struct show *s,
                          struct code *ret_code)
{
    int64_t other;
    if (j->code) {
        *ret_code = *j->code;
        return ERR_OK;
    }
    if (j->ask->find && !j->ask->product && code_of(j->ask->find, ret_code)) {
        enum err e = db_i64(tx->db, &SQL_listing_code_taken,
                            ARGS(V(s->id), V(ret_code->key), V(INT64_C(0))), &other);
        if (e == ERR_NOT_FOUND)
            return ERR_OK;
        if (e)
            return e;
    }
    return next_code(tx, s->id, ret_code);
}

static enum err insert_listing(struct tx *tx, struct add_job *j, const struct show *s,
                               int64_t product_id)
{
    struct listing *list;
    struct code code;
    size_t n;
    int64_t made = 0, each = j->ask->per_buyer_max ? j->ask->per_buyer_max : LISTING_EACH;
    enum err e = listings_read(tx->db, tx->cx, s->id, &list, &n);
    if (!e && n >= LISTINGS_MAX)
        e = problem(tx->cx, ERR_CONFLICT, "a show has at most %d listings", LISTINGS_MAX);
    if (!e)
        e = pick_code(tx, j, s, &code);
    if (!e)
        e = db_do(tx->db, &SQL_listing_insert,
                  ARGS(V(j->id), V(j->public_id), V(s->id), V(product_id), V(code.text),
                       V(code.key), V(claim_mode_name(j->ask->mode)), V(each)),
                  &made);
    if (!e && !made)
        e = problem(tx->cx, ERR_EXISTS, "the code %s is taken in this show", code.text);
    return e;
}

static enum err add_run(struct tx *tx, void *arg)
{
    struct add_job *j = arg;
    struct show s;
    int64_t product_id = 0;
    enum err e = show_find_for(j->r, tx->db, tx->cx, j->who, j->show, ACTION_LISTING_EDIT, &s);
    if (!e && is_over(&s))
        e = problem(tx->cx, ERR_CONFLICT, "the show is %s", show_state_name(s.state));
    if (!e)
        e = find_product(tx, j, &s, &product_id);
    if (!e)
        e = insert_listing(tx, j, &s, product_id);
    if (!e)
        e = note_sale(tx, s.id);
    if (!e)
        e = answer_listing(tx, s.id, j->id, &j->made);
    if (!e)
        e = listing_tell(tx, j->r, &s, j->id, "listing.added");
    return e ? e : room_note(tx, j->who, j->audit_id, s.shop_id, "listing.add", j->public_id);
}

/* A job's answer: the caller's, or nobody's. */
static enum err hand_over(enum err e, json_t *made, json_t **ret)
{
    if (e)
        json_decref(made);
    else
        *ret = made;
    return e;
}

enum err listing_add(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                     const struct listing_new *ask, json_t **ret_listing)
{
    struct add_job j = {
        .r = r, .who = who, .show = show, .ask = ask, .id = id_next(), .audit_id = id_next()};
    struct code code;
    if (!ask->product && !ask->find)
        return problem(cx, ERR_INPUT, "'product_id' or 'find' must say what");
    if (ask->per_buyer_max < 0 || ask->per_buyer_max > LISTING_EACH_MAX)
        return problem(cx, ERR_INPUT, "'per_buyer_max' must be 1 to %d", LISTING_EACH_MAX);
    if (ask->code && !code_of(ask->code, &code))
        return problem(cx, ERR_INPUT,
                       "'code' must be 1 to %d of A-Z and 0-9, and no word such as CF", CODE_MAX);
    if (ask->code)
        j.code = &code;
    id_make("lst", j.public_id);
    enum err e = store_do(r->store, cx, "listing.add", add_run, &j);
    return hand_over(e, j.made, ret_listing);
}

/* ---- edit ---- */

struct edit_job {
    struct room *r;
    const struct room_who *who;
    const char *listing;
    int64_t version, audit_id;
    const struct listing_edit *ask;
    const struct code *code;
    json_t *made;
};

static enum err edit_check(struct tx *tx, const struct edit_job *j, const struct listing *l)
{
    int64_t other;
    if (l->version != j->version)
        return problem(tx->cx, ERR_PRECONDITION, "the listing has changed meanwhile");
    if (!j->code)
        return ERR_OK;
    enum err e = db_i64(tx->db, &SQL_listing_code_taken,
                        ARGS(V(l->show_id), V(j->code->key), V(l->id)), &other);
    if (e == ERR_NOT_FOUND)
        return ERR_OK;
    return e ? e : problem(tx->cx, ERR_EXISTS, "the code %s is taken in this show", j->code->text);
}

static enum err edit_write(struct tx *tx, const struct edit_job *j, const struct listing *l)
{
    struct code code;
    enum listing_state state = j->ask->set_state ? j->ask->state : l->state;
    enum claim_mode mode = j->ask->set_mode ? j->ask->mode : l->mode;
    if (j->code)
        code = *j->code;
    else if (!code_of(l->code, &code))
        return ERR_STORE;
    bool open = l->claim_open && state != LISTING_WITHDRAWN && mode != CLAIM_MODE_OFF;
    return db_do(tx->db, &SQL_listing_update,
                 ARGS(V(code.text), V(code.key), V(claim_mode_name(mode)),
                      V(j->ask->set_each ? j->ask->per_buyer_max : l->each),
                      V(listing_state_name(state)), V(open), V(l->id)),
                 NULL);
}

static enum err edit_tell(struct tx *tx, struct edit_job *j, const struct show *s,
                          const struct listing *l)
{
    const struct event gone = {
        .show_id = s->id, .type = "listing.removed", .audience = sell_audience(s)};
    bool withdrawn = j->ask->set_state && j->ask->state == LISTING_WITHDRAWN, was = false;
    enum err e = withdrawn ? sale_unpin(tx, j->r, s, l->id, &was) : ERR_OK;
    if (!e && !was)
        e = note_sale(tx, s->id);
    if (!e)
        e = answer_listing(tx, s->id, l->id, &j->made);
    if (e)
        return e;
    return withdrawn ? event_add(tx, j->r, &gone, json_pack("{s:s}", "id", l->public_id))
                     : listing_tell(tx, j->r, s, l->id, "listing.updated");
}

static enum err edit_run(struct tx *tx, void *arg)
{
    struct edit_job *j = arg;
    struct listing l;
    struct show s;
    enum err e = listing_for(tx, j->who, j->listing, ACTION_LISTING_EDIT, &l, &s);
    if (!e)
        e = edit_check(tx, j, &l);
    if (!e)
        e = edit_write(tx, j, &l);
    if (!e)
        e = edit_tell(tx, j, &s, &l);
    return e ? e : room_note(tx, j->who, j->audit_id, s.shop_id, "listing.edit", l.public_id);
}

enum err listing_edit(struct room *r, struct cx *cx, const struct room_who *who,
                      const char *listing, int64_t version, const struct listing_edit *ask,
                      json_t **ret_listing)
{
    struct edit_job j = {.r = r,
                         .who = who,
                         .listing = listing,
                         .version = version,
                         .ask = ask,
                         .audit_id = id_next()};
    struct code code;
    if (ask->set_each && (ask->per_buyer_max < 1 || ask->per_buyer_max > LISTING_EACH_MAX))
        return problem(cx, ERR_INPUT, "'per_buyer_max' must be 1 to %d", LISTING_EACH_MAX);
    if (ask->set_state && ask->state == LISTING_SHOWN)
        return problem(cx, ERR_INPUT, "'state' must be queued or withdrawn: pinning shows it");
    if (ask->code && !code_of(ask->code, &code))
        return problem(cx, ERR_INPUT,
                       "'code' must be 1 to %d of A-Z and 0-9, and no word such as CF", CODE_MAX);
    if (ask->code)
        j.code = &code;
    enum err e = store_do(r->store, cx, "listing.edit", edit_run, &j);
    return hand_over(e, j.made, ret_listing);
}

/* ---- remove ---- */

struct remove_job {
    struct room *r;
    const struct room_who *who;
    const char *listing;
    int64_t audit_id;
};

static enum err remove_run(struct tx *tx, void *arg)
{
    const struct remove_job *j = arg;
    struct listing l;
    struct show s;
    int64_t used = 0;
    enum err e = listing_for(tx, j->who, j->listing, ACTION_LISTING_EDIT, &l, &s);
    if (!e)
        e = db_i64(tx->db, &SQL_listing_used, ARGS(V(l.id)), &used);
    if (!e && (used || l.state == LISTING_SHOWN))
        e = problem(tx->cx, ERR_CONFLICT, "%s was shown or claimed: withdraw it", l.code);
    if (!e)
        e = db_do(tx->db, &SQL_listing_take_delete, ARGS(V(l.id)), NULL);
    if (!e)
        e = db_do(tx->db, &SQL_listing_delete, ARGS(V(l.id)), NULL);
    if (!e)
        e = note_sale(tx, s.id);
    const struct event ev = {.show_id = s.id,
                             .type = "listing.removed",
                             .audience = e ? AUDIENCE_ALL : sell_audience(&s)};
    if (!e)
        e = event_add(tx, j->r, &ev, json_pack("{s:s}", "id", l.public_id));
    return e ? e : room_note(tx, j->who, j->audit_id, s.shop_id, "listing.remove", l.public_id);
}

enum err listing_remove(struct room *r, struct cx *cx, const struct room_who *who,
                        const char *listing)
{
    struct remove_job j = {r, who, listing, id_next()};
    return store_do(r->store, cx, "listing.remove", remove_run, &j);
}

/* ---- order ---- */

struct order_job {
    struct room *r;
    const struct room_who *who;
    const char *show;
    const char *const *ids;
    size_t count;
};

static const struct listing *named(const struct listing *list, size_t n, const char *public_id)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].state != LISTING_WITHDRAWN && strcmp(list[i].public_id, public_id) == 0)
            return &list[i];
    return NULL;
}

/* Each that is not withdrawn once; those withdrawn go behind. */
static enum err write_order(struct tx *tx, const struct order_job *j, const struct show *s)
{
    struct listing *list;
    size_t n, open = 0;
    enum err e = listings_read(tx->db, tx->cx, s->id, &list, &n);
    for (size_t i = 0; !e && i < n; i++)
        open += list[i].state != LISTING_WITHDRAWN;
    if (!e && open != j->count)
        return problem(tx->cx, ERR_INPUT, "'ids' must name each listing of the show once");
    for (size_t i = 0; !e && i < j->count; i++) {
        const struct listing *l = named(list, n, j->ids[i]);
        for (size_t k = 0; l && k < i; k++)
            if (strcmp(j->ids[k], j->ids[i]) == 0)
                l = NULL;
        if (!l)
            return problem(tx->cx, ERR_INPUT, "'ids' must name each listing of the show once");
        if (l->position != (int64_t)i + 1)
            e = db_do(tx->db, &SQL_listing_position, ARGS(V((int64_t)i + 1), V(l->id), V(s->id)),
                      NULL);
    }
    for (size_t i = 0; !e && i < n; i++)
        if (list[i].state == LISTING_WITHDRAWN)
            e = db_do(tx->db, &SQL_listing_position,
                      ARGS(V((int64_t)(j->count + i) + 1), V(list[i].id), V(s->id)), NULL);
    return e;
}

static enum err order_run(struct tx *tx, void *arg)
{
    const struct order_job *j = arg;
    struct show s;
    enum err e = show_find_for(j->r, tx->db, tx->cx, j->who, j->show, ACTION_LISTING_EDIT, &s);
    if (!e)
        e = write_order(tx, j, &s);
    if (!e)
        e = note_sale(tx, s.id);
    if (e)
        return e;
    const struct event ev = {
        .show_id = s.id, .type = "listing.order", .audience = sell_audience(&s)};
    json_t *ids = json_array();
    for (size_t i = 0; i < j->count; i++)
        (void)json_array_append_new(ids, json_string(j->ids[i]));
    return event_add(tx, j->r, &ev, json_pack("{s:o}", "ids", ids));
}

enum err listing_order(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                       const char *const *ids, size_t count)
{
    struct order_job j = {r, who, show, ids, count};
    if (count > LISTINGS_MAX)
        return problem(cx, ERR_INPUT, "'ids' has more than %d", LISTINGS_MAX);
    return store_do(r->store, cx, "listing.order", order_run, &j);
}

/* ---- the catalogue has changed ---- */

struct changed_job {
    struct room *r;
    int64_t show_id;
    const char *listing;
    bool prices;
};

/* price.changed for each of its variants: clients that show one need not look for it. */
static enum err tell_prices(struct tx *tx, struct room *r, const struct show *s,
                            const struct listing *l)
{
    json_t *list;
    const struct event ev = {
        .show_id = s->id, .type = "price.changed", .audience = sell_audience(s)};
    enum err e = listings_json(tx->db, tx->cx, s->id, l->id, false, &list);
    if (e)
        return e;
    const json_t *variants = json_object_get(json_array_get(list, 0), "variants");
    for (size_t i = 0; !e && i < json_array_size(variants); i++) {
        const json_t *v = json_array_get(variants, i);
        e = event_add(tx, r, &ev,
                      json_pack("{s:s, s:O, s:O, s:s}", "listing_id", l->public_id, "variant_id",
                                json_object_get(v, "id"), "prices", json_object_get(v, "prices"),
                                "source", "list"));
    }
    json_decref(list);
    return e;
}

static enum err changed_run(struct tx *tx, void *arg)
{
    const struct changed_job *j = arg;
    struct listing l;
    struct show s;
    enum err e = listing_read(tx->db, tx->cx, j->listing, &l);
    if (!e)
        e = show_read_id(tx->db, tx->cx, j->show_id, &s);
    if (!e)
        e = note_sale(tx, s.id);
    if (!e)
        e = listing_tell(tx, j->r, &s, l.id, "listing.updated");
    return e || !j->prices ? e : tell_prices(tx, j->r, &s, &l);
}

enum { CHANGED_MAX = 100 };

static enum err product_changed(struct room *r, struct cx *cx, const char *product, bool prices)
{
    struct changed_job job[CHANGED_MAX];
    size_t n = 0;
    struct db *db;
    enum err e = store_read(r->store, &db);
    if (e)
        return e;
    struct rows rows = db_rows(db, &SQL_listings_of_product, ARGS(V(product)));
    while (n < CHANGED_MAX &&
           rows_next(&rows, cx->arena, COLS(C(&job[n].listing), C(&job[n].show_id)))) {
        job[n].prices = prices;
        job[n++].r = r;
    }
    e = rows_end(&rows);
    store_read_end(db);
    for (size_t i = 0; !e && i < n; i++) {
        e = store_do(r->store, cx, "listing.changed", changed_run, &job[i]);
        if (e == ERR_NOT_FOUND)
            e = ERR_OK; /* gone meanwhile */
    }
    return e;
}

enum err room_product_changed(struct room *r, struct cx *cx, const char *product)
{
    return product_changed(r, cx, product, false);
}

enum err room_prices_changed(struct room *r, struct cx *cx, const char *product)
{
    return product_changed(r, cx, product, true);
}
