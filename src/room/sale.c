/* How a show sells, what is held into the camera, and which claims are open. */
#include "base/arena.h"
#include "room/listing.sql.h"
#include "room/sale.sql.h"
#include "room/sell_in.h"

#include <string.h>

static bool on_air(const struct show *s)
{
    return s->state == SHOW_LIVE || s->state == SHOW_INTERRUPTED;
}

json_t *sale_json(const struct sale_settings *s)
{
    return json_pack("{s:s, s:I, s:b}", "claim_rule", claim_rule_name(s->rule), "hold_s",
                     (json_int_t)s->hold_s, "cancel_ok", (int)s->cancel_ok);
}

/* ---- settings ---- */

struct set_job {
    struct room *r;
    const struct room_who *who;
    const char *show;
    const struct sale_edit *ask;
    int64_t audit_id;
    struct sale_settings set;
};

static enum err set_run(struct tx *tx, void *arg)
{
    struct set_job *j = arg;
    struct show s;
    struct sale sale;
    enum err e = show_find_for(j->r, tx->db, tx->cx, j->who, j->show, ACTION_LISTING_EDIT, &s);
    if (!e)
        e = sale_read(tx->db, tx->cx, s.id, &sale);
    if (e)
        return e;
    const struct event ev = {
        .show_id = s.id, .type = "sale.changed", .audience = sell_audience(&s)};
    j->set = (struct sale_settings){
        .rule = j->ask->set_rule ? j->ask->to.rule : sale.set.rule,
        .hold_s = j->ask->set_hold ? j->ask->to.hold_s : sale.set.hold_s,
        .cancel_ok = j->ask->set_cancel ? j->ask->to.cancel_ok : sale.set.cancel_ok};
    e = db_do(tx->db, &SQL_sale_update,
              ARGS(V(claim_rule_name(j->set.rule)), V(j->set.hold_s), V(j->set.cancel_ok), V(s.id)),
              NULL);
    if (!e)
        e = event_add(tx, j->r, &ev, sale_json(&j->set));
    return e ? e : room_note(tx, j->who, j->audit_id, s.shop_id, "sale.set", s.public_id);
}

enum err sale_set(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                  const struct sale_edit *ask, struct sale_settings *ret_settings)
{
    struct set_job j = {.r = r, .who = who, .show = show, .ask = ask, .audit_id = id_next()};
    if (ask->set_hold && (ask->to.hold_s < HOLD_S_MIN || ask->to.hold_s > HOLD_S_MAX))
        return problem(cx, ERR_INPUT, "'hold_s' must be %d to %d", HOLD_S_MIN, HOLD_S_MAX);
    enum err e = store_do(r->store, cx, "sale.set", set_run, &j);
    if (!e)
        *ret_settings = j.set;
    return e;
}

enum err sale_get(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                  const char *show, struct sale_settings *ret_settings)
{
    struct show s;
    struct sale sale;
    enum err e = show_find(r, db, cx, who, show, &s);
    if (!e)
        e = sale_read(db, cx, s.id, &sale);
    if (!e)
        *ret_settings = sale.set;
    return e;
}

/* ---- the claim window ---- */

enum err sale_tell_window(struct tx *tx, struct room *r, const struct show *s,
                          const struct sale *sale, const struct listing *l)
{
    const struct event ev = {
        .show_id = s->id, .type = "claim.window", .audience = sell_audience(s)};
    return event_add(tx, r, &ev,
                     json_pack("{s:s, s:b, s:s, s:I, s:I}", "listing_id", l->public_id, "open",
                               (int)l->claim_open, "rule", claim_rule_name(sale->set.rule),
                               "per_buyer_max", (json_int_t)l->each, "hold_s",
                               (json_int_t)sale->set.hold_s));
}

struct window_job {
    struct room *r;
    const struct room_who *who;
    const char *listing;
    bool open;
    int64_t audit_id;
    json_t *made;
};

static enum err window_check(struct tx *tx, const struct window_job *j, const struct show *s,
                             const struct listing *l)
{
    if (!j->open)
        return ERR_OK;
    if (!on_air(s))
        return problem(tx->cx, ERR_CONFLICT, "claims open while the show is on air");
    if (l->state == LISTING_WITHDRAWN)
        return problem(tx->cx, ERR_CONFLICT, "%s is withdrawn", l->code);
    if (l->mode == CLAIM_MODE_OFF)
        return problem(tx->cx, ERR_CONFLICT, "the claims of %s are off", l->code);
    return ERR_OK;
}

static enum err window_write(struct tx *tx, struct window_job *j, const struct show *s,
                             struct listing *l)
{
    struct sale sale;
    enum err e = sale_read(tx->db, tx->cx, s->id, &sale);
    l->claim_open = j->open;
    if (!e)
        e = db_do(tx->db, &SQL_listing_open, ARGS(V(j->open), V(l->id)), NULL);
    if (!e)
        e = db_do(tx->db, &SQL_sale_changed, ARGS(V(s->id)), NULL);
    if (!e)
        e = sale_tell_window(tx, j->r, s, &sale, l);
    return e ? e
             : room_note(tx, j->who, j->audit_id, s->shop_id,
                         j->open ? "claims.open" : "claims.close", l->public_id);
}

static enum err window_run(struct tx *tx, void *arg)
{
    struct window_job *j = arg;
    struct listing l;
    struct show s;
    json_t *list = NULL;
    enum err e = listing_for(tx, j->who, j->listing, ACTION_SHOW_RUN, &l, &s);
    if (!e)
        e = window_check(tx, j, &s, &l);
    if (!e && l.claim_open != j->open)
        e = window_write(tx, j, &s, &l);
    if (!e)
        e = listings_json(tx->db, tx->cx, s.id, l.id, true, &list);
    if (e)
        return e;
    json_decref(j->made);
    j->made = json_incref(json_array_get(list, 0));
    json_decref(list);
    return ERR_OK;
}

enum err listing_window(struct room *r, struct cx *cx, const struct room_who *who,
                        const char *listing, bool open, json_t **ret_listing)
{
    struct window_job j = {
        .r = r, .who = who, .listing = listing, .open = open, .audit_id = id_next()};
    enum err e = store_do(r->store, cx, "listing.window", window_run, &j);
    if (e)
        json_decref(j.made);
    else
        *ret_listing = j.made;
    return e;
}

/* ---- pin ---- */

enum err sale_unpin(struct tx *tx, struct room *r, const struct show *s, int64_t listing_id,
                    bool *ret_was)
{
    struct sale sale;
    struct listing l;
    enum err e = sale_read(tx->db, tx->cx, s->id, &sale);
    *ret_was = !e && sale.pinned_id && (!listing_id || sale.pinned_id == listing_id);
    if (e || !*ret_was)
        return e;
    const struct event ev = {
        .show_id = s->id, .type = "listing.unpinned", .audience = sell_audience(s)};
    e = listing_read_id(tx->db, tx->cx, sale.pinned_id, &l);
    if (!e)
        e = db_do(tx->db, &SQL_segment_end, ARGS(V(tx->cx->now_ms), V(sale.segment_id)), NULL);
    if (!e)
        e = db_do(tx->db, &SQL_sale_pin, ARGS(VNULL, VNULL, V(s->id)), NULL);
    return e ? e
             : event_add(tx, r, &ev,
                         json_pack("{s:s, s:s}", "listing_id", l.public_id, "code", l.code));
}

struct pin_job {
    struct room *r;
    const struct room_who *who;
    const char *show, *listing; /* listing NULL: unpin */
    enum pin_window window;
    int64_t segment_id, audit_id;
    json_t *made;
};

static enum err pin_check(struct tx *tx, const struct pin_job *j, struct show *s, struct listing *l)
{
    enum err e = show_find_for(j->r, tx->db, tx->cx, j->who, j->show, ACTION_SHOW_RUN, s);
    if (!e)
        e = listing_read(tx->db, tx->cx, j->listing, l);
    if (!e && l->show_id != s->id)
        e = problem(tx->cx, ERR_NOT_FOUND, "no such listing");
    if (e)
        return e;
    if (!on_air(s) && s->state != SHOW_BACKSTAGE)
        return problem(tx->cx, ERR_CONFLICT, "the show is %s", show_state_name(s->state));
    if (l->state == LISTING_WITHDRAWN)
        return problem(tx->cx, ERR_CONFLICT, "%s is withdrawn", l->code);
    return ERR_OK;
}

/* Its first time in sight, or a window to open: then viewers hear of that too. */
static enum err pin_shown(struct tx *tx, const struct pin_job *j, const struct show *s,
                          const struct sale *sale, struct listing *l)
{
    bool first = l->state == LISTING_QUEUED;
    bool open =
        l->claim_open || (on_air(s) && l->mode != CLAIM_MODE_OFF &&
                          (j->window == PIN_OPENS || (j->window == PIN_FIRST_OPENS && first)));
    bool opened = open && !l->claim_open;
    if (!first && !opened)
        return ERR_OK;
    l->state = LISTING_SHOWN;
    l->claim_open = open;
    enum err e = db_do(tx->db, &SQL_listing_show, ARGS(V(open), V(l->id)), NULL);
    if (!e && first)
        e = listing_tell(tx, j->r, s, l->id, "listing.updated");
    return e || !opened ? e : sale_tell_window(tx, j->r, s, sale, l);
}

static enum err pin_write(struct tx *tx, struct pin_job *j, const struct show *s,
                          const struct sale *sale, struct listing *l)
{
    bool was;
    const struct event ev = {
        .show_id = s->id, .type = "listing.pinned", .audience = sell_audience(s)};
    enum err e = sale_unpin(tx, j->r, s, 0, &was);
    if (!e)
        e = db_do(tx->db, &SQL_segment_start,
                  ARGS(V(j->segment_id), V(s->id), V(l->id), V(tx->cx->now_ms)), NULL);
    if (!e)
        e = db_do(tx->db, &SQL_sale_pin, ARGS(V(l->id), V(j->segment_id), V(s->id)), NULL);
    if (!e)
        e = pin_shown(tx, j, s, sale, l);
    if (!e)
        e = event_add(tx, j->r, &ev,
                      json_pack("{s:s, s:s, s:I}", "listing_id", l->public_id, "code", l->code,
                                "segment_start", (json_int_t)tx->cx->now_ms));
    return e ? e : room_note(tx, j->who, j->audit_id, s->shop_id, "listing.pin", l->public_id);
}

static enum err pin_run(struct tx *tx, void *arg)
{
    struct pin_job *j = arg;
    struct listing l;
    struct show s;
    struct sale sale;
    enum err e = pin_check(tx, j, &s, &l);
    if (!e)
        e = sale_read(tx->db, tx->cx, s.id, &sale);
    if (!e && sale.pinned_id != l.id)
        e = pin_write(tx, j, &s, &sale, &l);
    if (!e)
        e = sale_read(tx->db, tx->cx, s.id, &sale);
    if (e)
        return e;
    json_decref(j->made);
    j->made = NULL;
    return pinned_json(tx->db, tx->cx, &sale, &j->made);
}

enum err listing_pin(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                     const char *listing, enum pin_window window, json_t **ret_pinned)
{
    struct pin_job j = {.r = r,
                        .who = who,
                        .show = show,
                        .listing = listing,
                        .window = window,
                        .segment_id = id_next(),
                        .audit_id = id_next()};
    enum err e = store_do(r->store, cx, "listing.pin", pin_run, &j);
    if (e)
        json_decref(j.made);
    else
        *ret_pinned = j.made;
    return e;
}

static enum err unpin_run(struct tx *tx, void *arg)
{
    const struct pin_job *j = arg;
    struct show s;
    bool was = false;
    enum err e = show_find_for(j->r, tx->db, tx->cx, j->who, j->show, ACTION_SHOW_RUN, &s);
    if (!e)
        e = sale_unpin(tx, j->r, &s, 0, &was);
    if (e || !was)
        return e;
    return room_note(tx, j->who, j->audit_id, s.shop_id, "listing.unpin", s.public_id);
}

enum err listing_unpin(struct room *r, struct cx *cx, const struct room_who *who, const char *show)
{
    struct pin_job j = {.r = r, .who = who, .show = show, .audit_id = id_next()};
    return store_do(r->store, cx, "listing.unpin", unpin_run, &j);
}

/* ---- the end ---- */

enum err sale_end(struct tx *tx, struct room *r, const struct show *s)
{
    struct listing *list;
    struct sale sale;
    size_t n;
    bool was;
    enum err e = deals_end(tx, r, s);
    if (!e)
        e = sale_unpin(tx, r, s, 0, &was);
    if (!e)
        e = sale_read(tx->db, tx->cx, s->id, &sale);
    if (!e)
        e = listings_read(tx->db, tx->cx, s->id, &list, &n);
    if (!e)
        e = db_do(tx->db, &SQL_listing_close_all, ARGS(V(s->id)), NULL);
    if (!e)
        e = db_do(tx->db, &SQL_sale_changed, ARGS(V(s->id)), NULL);
    for (size_t i = 0; !e && i < n; i++) {
        if (!list[i].claim_open)
            continue;
        list[i].claim_open = false;
        e = sale_tell_window(tx, r, s, &sale, &list[i]);
    }
    return e;
}

/* ---- chapters ---- */

struct chapter {
    int64_t listing_id, starts, ends;
    const char *public_id;
};

static json_t *listing_named(const json_t *listings, const char *public_id)
{
    for (size_t i = 0; i < json_array_size(listings); i++) {
        json_t *l = json_array_get(listings, i);
        const char *id = json_string_value(json_object_get(l, "id"));
        if (id && strcmp(id, public_id) == 0)
            return l;
    }
    return NULL;
}

/* Where in the recording a moment of the show is. */
static int64_t in_recording(const struct show *s, int64_t at_ms)
{
    int64_t ms = at_ms - s->live_started_ms + s->replay_offset_ms;
    return ms > 0 ? ms : 0;
}

static json_t *chapter_json(const struct show *s, const struct chapter *c, json_t *l)
{
    return json_pack("{s:s, s:O, s:O, s:O, s:I, s:o, s:O}", "listing_id", c->public_id, "code",
                     json_object_get(l, "code"), "title", json_object_get(l, "title"), "image",
                     json_object_get(l, "image"), "start_ms",
                     (json_int_t)in_recording(s, c->starts), "end_ms",
                     c->ends ? json_integer(in_recording(s, c->ends)) : json_null(), "listing", l);
}

/* What was held up before the show was live is in no recording: it begins with the show. */
static bool has_chapter(const struct show *s, const struct chapter *c)
{
    return s->live_started_ms && (!c->ends || c->ends > s->live_started_ms);
}

enum err chapter_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                      const char *show, json_t **ret_list)
{
    struct show s;
    struct chapter c = {.ends = 0};
    json_t *listings = NULL, *items;
    enum err e = show_find(r, db, cx, who, show, &s);
    if (!e)
        e = listings_json(db, cx, s.id, 0, false, &listings);
    if (e)
        return e;
    items = json_array();
    struct rows rows = db_rows(db, &SQL_segments_of_show, ARGS(V(s.id)));
    while (rows_next(&rows, cx->arena,
                     COLS(C(&c.listing_id), C(&c.public_id), C(&c.starts), C(&c.ends)))) {
        json_t *l = listing_named(listings, c.public_id);
        if (l && has_chapter(&s, &c))
            (void)json_array_append_new(items, chapter_json(&s, &c, l));
    }
    e = rows_end(&rows);
    json_decref(listings);
    if (e)
        json_decref(items);
    else
        *ret_list = json_pack("{s:o}", "items", items);
    return e;
}
