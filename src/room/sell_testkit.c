#include "base/test.h"

#include "base/arena.h"
#include "room/claim_in.h"
#include "room/pulse.h"
#include "room/sell_testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Product `id` with one variant for each stock given; ids of variants: id * 10 + 0, 1 … */
void test_goods(struct test_room *k, int id, int stock, int variants)
{
    char sql[900];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO product (id, public_id, shop_id, title, body, options, status,"
                   " exempt, created_at, updated_at) VALUES (%d, 'prd_%d', 1, '{\"en\":\"P%d\"}',"
                   " '{}', '%s', 'active', 'none', 1, 1)",
                   id, id, id,
                   variants > 1 ? "[{\"name\":\"color\",\"values\":[[\"黑\",\"black\",\"ดำ\"],"
                                  "[\"白\",\"white\"]]}]"
                                : "[]");
    test_exec(k->t, sql);
    for (int i = 0; i < variants; i++) {
        int v = id * 10 + i;
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO variant (id, public_id, product_id, shop_id, position, sku,"
                       " options, stock_total) VALUES (%d, 'var_%d', %d, 1, %d, 'SKU%d', '%s', %d)",
                       v, v, id, i + 1, v,
                       variants == 1 ? "[]"
                       : i == 0      ? "[\"黑\"]"
                                     : "[\"白\"]",
                       stock);
        test_exec(k->t, sql);
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO price (variant_id, market, amount) VALUES (%d, 'TW', 590),"
                       " (%d, 'TH', 65000)",
                       v, v);
        test_exec(k->t, sql);
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO stock_move (id, variant_id, d_total, d_held, reason, at)"
                       " VALUES (%d, %d, %d, 0, 'import', 1)",
                       v, v, stock);
        test_exec(k->t, sql);
    }
}

const char *test_list_goods(struct test_room *k, const char *show, int id, int stock, int variants,
                            const char *code, char out[ID_TEXT])
{
    char product[ID_TEXT];
    json_t *listing;
    test_goods(k, id, stock, variants);
    (void)snprintf(product, sizeof product, "prd_%d", id);
    const struct listing_new ask = {.product = product, .code = code, .mode = CLAIM_MODE_AUTO};
    assert_int_equal(listing_add(k->r, k->cx, &k->host, show, &ask, &listing), ERR_OK);
    (void)snprintf(out, ID_TEXT, "%s", json_string_value(json_object_get(listing, "id")));
    json_decref(listing);
    return out;
}

void test_pin(struct test_room *k, const char *show, const char *listing)
{
    json_t *pinned;
    assert_int_equal(listing_pin(k->r, k->cx, &k->host, show, listing, PIN_FIRST_OPENS, &pinned),
                     ERR_OK);
    json_decref(pinned);
}

struct room_who test_buyer(struct test_room *k, int id)
{
    static char names[400][16];
    char sql[300];
    assert_in_range(id, 1000, 1399);
    char *name = names[id - 1000];
    (void)snprintf(name, 16, "Buyer%d", id);
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO viewer (id, public_id, kind, display_name, lang, market, created_at)"
        " VALUES (%d, 'viw_%d', 'guest', '%s', 'zh', 'TW', 1)",
        id, id, name);
    test_exec(k->t, sql);
    return (struct room_who){.viewer_id = id, .name = name, .lang = "zh", .market = "TW"};
}

void test_cx(struct test_room *k, struct cx *cx)
{
    *cx = (struct cx){.arena = arena_make(4 << 20), .now_ms = k->cx->now_ms};
    assert_non_null(cx->arena);
}

enum err test_tap(struct test_room *k, const struct room_who *who, const char *listing,
                  const char *variant, int64_t qty, const char *idem, struct test_claim *ret)
{
    const struct claim_ask ask = {.listing = listing, .variant = variant, .qty = qty, .idem = idem};
    struct claim_refusal why = {0};
    struct cx cx;
    json_t *o = NULL;
    bool again = false;
    test_cx(k, &cx);
    enum err e = claim_tap(k->r, &cx, who, &ask, &o, &again, &why);
    arena_free(cx.arena);
    *ret = (struct test_claim){.opens_ms = why.opens_ms};
    if (e)
        return e;
    *ret = test_claim_of(o);
    ret->again = again;
    json_decref(o);
    return e;
}

struct test_claim test_claim_of(const json_t *o)
{
    struct test_claim c = {
        .given = json_integer_value(json_object_get(o, "given")),
        .asked = json_integer_value(json_object_get(o, "asked")),
        .place = json_integer_value(json_object_get(o, "place")),
        .seq_no = json_integer_value(json_object_get(o, "seq_no")),
        .unit = json_integer_value(json_object_get(json_object_get(o, "unit"), "amount")),
        .until = json_integer_value(json_object_get(o, "hold_until"))};
    const char *id = json_string_value(json_object_get(o, "id"));
    const char *state = json_string_value(json_object_get(o, "state"));
    const char *reason = json_string_value(json_object_get(o, "reason"));
    const char *message = json_string_value(json_object_get(o, "message_id"));
    (void)snprintf(c.id, sizeof c.id, "%s", id ? id : "");
    (void)snprintf(c.state, sizeof c.state, "%s", state ? state : "");
    (void)snprintf(c.reason, sizeof c.reason, "%s", reason ? reason : "");
    (void)snprintf(c.message, sizeof c.message, "%s", message ? message : "");
    return c;
}

struct last {
    int64_t viewer_id;
    const char *type;
    char data[2000];
    int64_t count;
};

static enum err keep_last(void *arg, const struct event *ev)
{
    struct last *l = arg;
    if (strcmp(ev->type, l->type) != 0 || (l->viewer_id && ev->viewer_id != l->viewer_id))
        return ERR_OK;
    (void)snprintf(l->data, sizeof l->data, "%s", ev->data);
    l->count++;
    return ERR_OK;
}

int64_t test_events(struct test_room *k, const char *show, const char *type, int64_t viewer_id,
                    json_t **ret_last)
{
    struct last l = {.viewer_id = viewer_id, .type = type};
    struct db *db;
    struct cx cx;
    struct show s;
    test_cx(k, &cx);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(show_read(db, &cx, show, &s), ERR_OK);
    assert_int_equal(event_each(db, s.id, 0, INT64_MAX, keep_last, &l), ERR_OK);
    store_read_end(db);
    arena_free(cx.arena);
    if (ret_last)
        *ret_last = l.count ? json_loads(l.data, 0, NULL) : NULL;
    return l.count;
}

struct test_claim test_last_result(struct test_room *k, const char *show,
                                   const struct room_who *who)
{
    json_t *o;
    assert_true(test_events(k, show, "claim.result", who->viewer_id, &o) > 0);
    struct test_claim c = test_claim_of(o);
    json_decref(o);
    return c;
}

/* Holds, counts and the ledger agree with each other. */
void test_sums(struct test_room *k)
{
    static const char *const zero[] = {
        "SELECT COUNT(*) FROM variant WHERE stock_held < 0 OR stock_held > stock_total",
        "SELECT COUNT(*) FROM variant v WHERE v.stock_held <> (SELECT CAST(COALESCE(SUM(h.qty), 0)"
        " AS BIGINT) FROM hold h WHERE h.variant_id = v.id AND h.state = 'active')",
        "SELECT COUNT(*) FROM deal WHERE taken > quota",
        "SELECT COUNT(*) FROM deal d WHERE d.taken <> (SELECT CAST(COALESCE(SUM(h.qty), 0) AS "
        "BIGINT)"
        " FROM hold h WHERE h.deal_id = d.id AND h.state IN ('active', 'used'))",
        "SELECT COUNT(*) FROM deal_take t JOIN deal d ON d.id = t.deal_id"
        " WHERE t.qty > d.per_buyer_max",
        "SELECT COUNT(*) FROM listing_take t JOIN listing l ON l.id = t.listing_id"
        " WHERE t.qty > l.per_buyer_max",
        "SELECT COUNT(*) FROM claim c WHERE c.seq_no > (SELECT COUNT(*) FROM claim x"
        " WHERE x.show_id = c.show_id)",
        "SELECT COUNT(*) FROM show_log g WHERE g.head <> (SELECT COUNT(*) FROM event e"
        " WHERE e.show_id = g.show_id)",
        "SELECT COUNT(*) FROM show_sale a WHERE a.claim_no <> (SELECT COUNT(*) FROM claim c"
        " WHERE c.show_id = a.show_id)",
    };
    for (size_t i = 0; i < sizeof zero / sizeof zero[0]; i++) {
        int64_t n = test_number(k->t, zero[i]);
        if (n)
            print_error("%s\n", zero[i]);
        assert_int_equal(n, 0);
    }
}
