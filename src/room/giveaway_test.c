#include "base/test.h"

#include "base/arena.h"
#include "cart/cart.h"
#include "room/giveaway.sql.h"
#include "room/giveaway_in.h"
#include "room/sell_testkit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOW "shw_a"

static const unsigned char key[SECRET_KEY_LEN] = "a key of thirty-two bytes, or so";

static int make(void **state)
{
    struct test_room *k = test_room_make();
    (void)test_show(k, SHOW, SHOW_LIVE);
    test_goods(k, 12, 3, 1); /* var_120: three of them */
    *state = k;
    return 0;
}

static int drop(void **state)
{
    struct test_room *k = *state;
    test_sums(k);
    test_room_free(k);
    return 0;
}

/* ---- small words ---- */

static char last_id[ID_TEXT];

static enum err create(struct test_room *k, const struct room_who *who, const char *market,
                       const char *permit, int64_t winners)
{
    const struct giveaway_new ask = {.market = market,
                                     .text = {[LANG_EN] = "One bag for one of you"},
                                     .variant = "var_120",
                                     .winners = winners,
                                     .claim_hours = 1,
                                     .permit_no = permit};
    json_t *g = NULL;
    enum err e = giveaway_create(k->r, k->cx, who, SHOW, &ask, &g);
    if (!e)
        (void)snprintf(last_id, sizeof last_id, "%s", json_string_value(json_object_get(g, "id")));
    json_decref(g);
    return e;
}

typedef enum err step_fn(struct room *r, struct cx *cx, const struct room_who *who,
                         const char *giveaway, json_t **ret_giveaway);

static enum err open_it(struct room *r, struct cx *cx, const struct room_who *who, const char *id,
                        json_t **ret)
{
    return giveaway_open(r, cx, who, id, key, NULL, ret);
}

static enum err freeze_it(struct room *r, struct cx *cx, const struct room_who *who, const char *id,
                          json_t **ret)
{
    return giveaway_freeze(r, cx, who, id, NULL, ret);
}

static enum err draw_it(struct room *r, struct cx *cx, const struct room_who *who, const char *id,
                        json_t **ret)
{
    return giveaway_draw(r, cx, who, id, key, NULL, ret);
}

static enum err step(struct test_room *k, step_fn *fn, const struct room_who *who)
{
    json_t *g = NULL;
    struct cx cx;
    test_cx(k, &cx);
    enum err e = fn(k->r, &cx, who, last_id, &g);
    arena_free(cx.arena);
    json_decref(g);
    return e;
}

static enum err enter(struct test_room *k, const struct room_who *who)
{
    struct giveaway_entered in;
    struct cx cx;
    test_cx(k, &cx);
    enum err e = giveaway_enter(k->r, &cx, who, last_id, &in);
    arena_free(cx.arena);
    return e;
}

/* An open draw of so many winners with so many entries. */
static void draw_of(struct test_room *k, int64_t winners, int entries)
{
    assert_int_equal(create(k, &k->host, "TW", NULL, winners), ERR_OK);
    assert_int_equal(step(k, open_it, &k->host), ERR_OK);
    for (int i = 0; i < entries; i++) {
        struct room_who who = test_buyer(k, 1000 + i);
        assert_int_equal(enter(k, &who), ERR_OK);
    }
}

static json_t *proof_of(struct test_room *k)
{
    json_t *proof = NULL;
    struct db *db;
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(giveaway_proof(k->r, db, k->cx, &k->nobody, last_id, &proof), ERR_OK);
    store_read_end(db);
    return proof;
}

static const char *text_of(const json_t *o, const char *name)
{
    return json_string_value(json_object_get(o, name));
}

static int64_t winner_id(struct test_room *k, int rank)
{
    char sql[120];
    (void)snprintf(sql, sizeof sql, "SELECT viewer_id FROM entry WHERE rank = %d", rank);
    return test_number(k->t, sql);
}

static void tick(struct test_room *k)
{
    struct cx cx;
    test_cx(k, &cx);
    assert_int_equal(giveaway_tick(k->r, &cx), ERR_OK);
    arena_free(cx.arena);
}

/* ---- states ---- */

static void move__only_what_the_table_lists(void **state)
{
    (void)state;
    static const char *const may[GIVEAWAY_STATE_COUNT] = {
        [GIVEAWAY_DRAFT] = ".o...c", [GIVEAWAY_OPEN] = "..f..c",   [GIVEAWAY_FROZEN] = "...d.c",
        [GIVEAWAY_DRAWN] = "....x.", [GIVEAWAY_CLOSED] = "......", [GIVEAWAY_CANCELLED] = "......"};
    for (int from = 0; from < GIVEAWAY_STATE_COUNT; from++)
        for (int to = 0; to < GIVEAWAY_STATE_COUNT; to++)
            assert_int_equal(giveaway_may_move((enum giveaway_state)from, (enum giveaway_state)to),
                             may[from][to] != '.');
}

static void draw__refuses_every_step_out_of_turn(void **state)
{
    struct test_room *k = *state;
    assert_int_equal(create(k, &k->host, "TW", NULL, 1), ERR_OK);
    assert_int_equal(enter(k, &k->ann), ERR_NOT_FOUND); /* nobody knows of it */
    assert_int_equal(step(k, freeze_it, &k->host), ERR_TRANSITION);
    assert_int_equal(step(k, draw_it, &k->host), ERR_TRANSITION);
    assert_int_equal(step(k, open_it, &k->host), ERR_OK);
    assert_int_equal(step(k, open_it, &k->host), ERR_TRANSITION);
    assert_int_equal(step(k, freeze_it, &k->host), ERR_CONFLICT); /* nobody entered */
    assert_int_equal(enter(k, &k->ann), ERR_OK);
    assert_int_equal(step(k, draw_it, &k->host), ERR_TRANSITION);
    assert_int_equal(step(k, freeze_it, &k->host), ERR_OK);
    assert_int_equal(enter(k, &k->bob), ERR_TRANSITION);
    assert_int_equal(step(k, freeze_it, &k->host), ERR_TRANSITION);
    assert_int_equal(step(k, draw_it, &k->host), ERR_OK);
    assert_int_equal(step(k, draw_it, &k->host), ERR_TRANSITION);
    assert_int_equal(step(k, giveaway_cancel, &k->host), ERR_TRANSITION);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM entry"), 1);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM audit WHERE action LIKE 'giveaway.%'"),
                     4);
}

static void run__is_for_who_may(void **state)
{
    struct test_room *k = *state;
    assert_int_equal(create(k, &k->moderator, "TW", NULL, 1), ERR_FORBIDDEN);
    assert_int_equal(create(k, &k->rival, "TW", NULL, 1), ERR_NOT_FOUND);
    assert_int_equal(create(k, &k->host, "XX", NULL, 1), ERR_INPUT);
    assert_int_equal(create(k, &k->host, "TW", NULL, 21), ERR_INPUT);
    assert_int_equal(create(k, &k->host, "TW", NULL, 1), ERR_OK);
    assert_int_equal(step(k, open_it, &k->moderator), ERR_FORBIDDEN);
    assert_int_equal(step(k, open_it, &k->rival), ERR_NOT_FOUND);
    assert_int_equal(step(k, open_it, &k->ann), ERR_NOT_FOUND);
    assert_int_equal(step(k, giveaway_cancel, &k->owner), ERR_OK);
    assert_int_equal(create(k, &k->host, "TW", NULL, 4), ERR_OK);
    assert_int_equal(step(k, open_it, &k->host), ERR_SOLD_OUT); /* there are three */
    assert_int_equal(create(k, &k->host, "TW", NULL, 1), ERR_OK);
    assert_int_equal(step(k, open_it, &k->host), ERR_OK);
    assert_int_equal(create(k, &k->host, "TW", NULL, 1), ERR_OK);
    assert_int_equal(step(k, open_it, &k->host), ERR_CONFLICT); /* one at a time */
}

static void open__in_thailand_needs_a_permit(void **state)
{
    struct test_room *k = *state;
    json_t *g = NULL;
    assert_int_equal(create(k, &k->host, "TH", NULL, 1), ERR_OK);
    assert_int_equal(step(k, open_it, &k->host), ERR_CONFLICT);
    assert_int_equal(giveaway_open(k->r, k->cx, &k->host, last_id, key, "  ", &g), ERR_CONFLICT);
    assert_int_equal(giveaway_open(k->r, k->cx, &k->host, last_id, key, "123/2569", &g), ERR_OK);
    assert_string_equal(text_of(g, "permit_no"), "123/2569");
    json_decref(g);
    assert_int_equal(step(k, giveaway_cancel, &k->host), ERR_OK);
    assert_int_equal(create(k, &k->host, "TH", "9/2569", 1), ERR_OK);
    assert_int_equal(step(k, open_it, &k->host), ERR_OK);
}

/* ---- entering ---- */

static void enter__is_once_and_not_for_all(void **state)
{
    struct test_room *k = *state;
    struct giveaway_entered first, again;
    struct message m;
    draw_of(k, 1, 0);
    assert_int_equal(giveaway_enter(k->r, k->cx, &k->ann, last_id, &first), ERR_OK);
    assert_int_equal(giveaway_enter(k->r, k->cx, &k->ann, last_id, &again), ERR_OK);
    assert_false(first.again);
    assert_true(again.again);
    assert_string_equal(first.entry, again.entry);
    assert_int_equal(again.n, 1);
    assert_int_equal(enter(k, &k->host), ERR_FORBIDDEN);
    assert_int_equal(test_say(k, &k->bob, SHOW, "spam", &m), ERR_OK);
    const struct sanction_new mute = {.message = m.public_id, .kind = SANCTION_MUTE, .minutes = 5};
    struct sanction san;
    assert_int_equal(sanction_create(k->r, k->cx, &k->moderator, SHOW, &mute, &san), ERR_OK);
    assert_int_equal(enter(k, &k->bob), ERR_MUTED);
    assert_int_equal(test_number(k->t, "SELECT entries FROM giveaway"), 1);
    tick(k);
    tick(k); /* told once */
    assert_int_equal(
        test_number(k->t, "SELECT count(*) FROM event WHERE type = 'giveaway.entries'"), 1);
}

static void enter__of_members_only(void **state)
{
    struct test_room *k = *state;
    const struct giveaway_new ask = {.market = "TW",
                                     .text = {[LANG_ZH] = "會員限定"},
                                     .login = true,
                                     .variant = "var_120",
                                     .winners = 1,
                                     .claim_hours = 1};
    json_t *g = NULL;
    assert_int_equal(giveaway_create(k->r, k->cx, &k->host, SHOW, &ask, &g), ERR_OK);
    (void)snprintf(last_id, sizeof last_id, "%s", text_of(g, "id"));
    json_decref(g);
    assert_int_equal(step(k, open_it, &k->host), ERR_OK);
    assert_int_equal(enter(k, &k->ann), ERR_NEED_LOGIN);
    assert_int_equal(enter(k, &k->member), ERR_OK);
}

struct crowd_part {
    struct test_room *k;
    int first, in;
    enum err last;
};

static void *enter_some(void *arg)
{
    struct crowd_part *c = arg;
    for (int i = 0; i < 25; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "B%d", c->first + i);
        const struct room_who who = {.viewer_id = 1000 + c->first + i, .name = name};
        c->last = enter(c->k, &who);
        c->in += c->last == ERR_OK;
    }
    return NULL;
}

/* I15: whoever got in is in the list that was hashed, and nobody else is. */
static void freeze__in_a_crowd_lets_nobody_slip_in(void **state)
{
    struct test_room *k = *state;
    struct crowd_part parts[4];
    pthread_t threads[4];
    int in = 2;
    draw_of(k, 1, 2);
    for (int i = 2; i < 102; i++)
        (void)test_buyer(k, 1000 + i);
    for (int i = 0; i < 4; i++) {
        parts[i] = (struct crowd_part){k, 2 + i * 25, 0, ERR_OK};
        assert_int_equal(pthread_create(&threads[i], NULL, enter_some, &parts[i]), 0);
    }
    assert_int_equal(step(k, freeze_it, &k->host), ERR_OK);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        in += parts[i].in;
    }
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM entry"), in);
    assert_int_equal(test_number(k->t, "SELECT entries FROM giveaway"), in);
    assert_int_equal(step(k, draw_it, &k->host), ERR_OK);
    json_t *proof = proof_of(k);
    assert_int_equal(json_array_size(json_object_get(proof, "entries")), in);
    json_decref(proof);
}

/* ---- the proof ---- */

static void check_hashes(const json_t *proof)
{
    unsigned char seed[GIVEAWAY_SEED_LEN], hash[SHA256_LEN];
    char hex[2 * SHA256_LEN + 1];
    struct buf ids;
    assert_int_equal(crypto_unhex(text_of(proof, "seed"), seed, sizeof seed), ERR_OK);
    crypto_sha256(seed, sizeof seed, hash);
    crypto_hex(hash, sizeof hash, hex);
    assert_string_equal(hex, text_of(proof, "commit"));
    const json_t *entries = json_object_get(proof, "entries");
    buf_init(&ids, 100000);
    for (size_t i = 0; i < json_array_size(entries); i++)
        buf_fmt(&ids, "%s\n", text_of(json_array_get(entries, i), "id"));
    crypto_sha256(ids.data, ids.len, hash);
    crypto_hex(hash, sizeof hash, hex);
    buf_done(&ids);
    assert_string_equal(hex, text_of(proof, "entries_hash"));
}

static void proof__holds_back_the_seed_until_the_list_is_fixed(void **state)
{
    struct test_room *k = *state;
    draw_of(k, 2, 12);
    json_t *before = proof_of(k);
    assert_true(json_is_null(json_object_get(before, "seed")));
    assert_int_equal(json_array_size(json_object_get(before, "entries")), 0);
    assert_int_equal(strlen(text_of(before, "commit")), 64);
    assert_true(json_is_null(json_object_get(before, "entries_hash")));
    k->cx->now_ms += 1000;
    assert_int_equal(step(k, freeze_it, &k->host), ERR_OK);
    json_t *frozen = proof_of(k);
    assert_true(json_is_null(json_object_get(frozen, "seed")));
    assert_int_equal(strlen(text_of(frozen, "entries_hash")), 64);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM giveaway WHERE seed IS NOT NULL"), 0);
    json_t *g = NULL;
    k->cx->now_ms += 1000;
    assert_int_equal(giveaway_draw(k->r, k->cx, &k->host, last_id, key, " 發票 12345678 ", &g),
                     ERR_OK);
    json_t *after = proof_of(k);
    assert_string_equal(text_of(after, "commit"), text_of(before, "commit"));
    assert_string_equal(text_of(after, "entries_hash"), text_of(frozen, "entries_hash"));
    assert_string_equal(text_of(after, "entropy"), "發票 12345678");
    assert_int_equal(json_array_size(json_object_get(after, "winners")), 2);
    assert_int_equal(json_array_size(json_object_get(g, "winners")), 2);
    check_hashes(after);
    /* The winners of the draw are those of the proof. */
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(text_of(json_array_get(json_object_get(after, "winners"), i), "entry"),
                            text_of(json_array_get(json_object_get(g, "winners"), i), "entry"));
    json_decref(g);
    json_decref(before);
    json_decref(frozen);
    json_decref(after);
}

static void draw__with_another_key_does_not_open_the_seed(void **state)
{
    struct test_room *k = *state;
    static const unsigned char wrong[SECRET_KEY_LEN] = "another key";
    json_t *g = NULL;
    draw_of(k, 1, 1);
    assert_int_equal(step(k, freeze_it, &k->host), ERR_OK);
    assert_int_equal(giveaway_draw(k->r, k->cx, &k->host, last_id, wrong, NULL, &g), ERR_INTERNAL);
    assert_int_equal(step(k, draw_it, &k->host), ERR_OK);
}

static void rank__is_the_hmac_of_entropy_draw_and_entry(void **state)
{
    (void)state;
    /* printf '%s' 'Rgiv_1ent_a' | openssl dgst -sha256 -mac HMAC -macopt hexkey:00…1f */
    unsigned char seed[GIVEAWAY_SEED_LEN];
    struct giveaway_entry e[3] = {{.id = "ent_a"}, {.id = "ent_b"}, {.id = "ent_c"}};
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (unsigned char)i;
    giveaway_rank(seed, "R", "giv_1", e, 3);
    for (size_t i = 0; i < 3; i++) {
        unsigned char want[SHA256_LEN];
        char text[40];
        (void)snprintf(text, sizeof text, "Rgiv_1%s", e[i].id);
        crypto_hmac_sha256(seed, sizeof seed, text, strlen(text), want);
        assert_memory_equal(want, e[i].score, sizeof want);
        if (i)
            assert_true(memcmp(e[i - 1].score, e[i].score, sizeof want) < 0);
    }
}

/* ---- prizes ---- */

static int64_t state_count(struct test_room *k, const char *st)
{
    char sql[120];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM entry WHERE state = '%s'", st);
    return test_number(k->t, sql);
}

static void prize__lies_in_the_winners_cart_for_nothing(void **state)
{
    struct test_room *k = *state;
    draw_of(k, 2, 6);
    assert_int_equal(step(k, freeze_it, &k->host), ERR_OK);
    assert_int_equal(step(k, draw_it, &k->host), ERR_OK);
    assert_int_equal(state_count(k, "won"), 2);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM cart_line WHERE source = 'prize' AND"
                                       " unit_amount = 0 AND state = 'held' AND qty = 1"),
                     2);
    assert_int_equal(test_number(k->t, "SELECT stock_held FROM variant WHERE id = 120"), 2);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM event WHERE type = 'giveaway.won'"),
                     2);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM entry WHERE rank IS NULL"), 0);
}

static void sweep(struct test_room *k)
{
    size_t ended;
    struct cx cx;
    test_cx(k, &cx);
    assert_int_equal(cart_sweep_all(k->t->store, &cx, &k->r->watch, &ended), ERR_OK);
    arena_free(cx.arena);
}

static void prize__that_runs_out_goes_to_the_next(void **state)
{
    struct test_room *k = *state;
    draw_of(k, 1, 3);
    assert_int_equal(step(k, freeze_it, &k->host), ERR_OK);
    assert_int_equal(step(k, draw_it, &k->host), ERR_OK);
    tick(k);
    assert_int_equal(state_count(k, "passed"), 0);
    for (int rank = 1; rank <= 3; rank++) {
        char sql[160];
        (void)snprintf(sql, sizeof sql,
                       "SELECT count(*) FROM cart_line l JOIN cart c ON c.id = l.cart_id"
                       " WHERE l.state = 'held' AND c.viewer_id = %d",
                       (int)winner_id(k, rank));
        assert_int_equal(test_number(k->t, sql), 1);
        k->cx->now_ms += 3600 * 1000 + 1;
        sweep(k);
        tick(k);
        assert_int_equal(state_count(k, "passed"), rank);
    }
    tick(k);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM giveaway WHERE state = 'closed'"), 1);
    assert_int_equal(test_number(k->t, "SELECT stock_held FROM variant WHERE id = 120"), 0);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM event WHERE type = 'giveaway.won'"),
                     3);
}

static void prize__that_was_ordered_closes_the_draw(void **state)
{
    struct test_room *k = *state;
    draw_of(k, 1, 3);
    assert_int_equal(step(k, freeze_it, &k->host), ERR_OK);
    assert_int_equal(step(k, draw_it, &k->host), ERR_OK);
    /* As an order does. */
    test_exec(k->t, "UPDATE hold SET owner = 'order' WHERE state = 'active'");
    test_exec(k->t, "UPDATE cart_line SET state = 'ordered' WHERE state = 'held'");
    tick(k);
    assert_int_equal(state_count(k, "ordered"), 1);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM giveaway WHERE state = 'closed'"), 1);
}

static void prize__is_kept_from_the_opening_until_nobody_is_left(void **state)
{
    struct test_room *k = *state;
    struct test_claim c;
    char listing[ID_TEXT];
    struct room_who hog = test_buyer(k, 1390), waiter = test_buyer(k, 1391);
    test_exec(k->t, "UPDATE variant SET stock_total = 1 WHERE id = 120");
    (void)test_list_goods(k, SHOW, 13, 1, 1, "A13", listing);
    test_exec(k->t, "UPDATE listing SET product_id = 12");
    test_pin(k, SHOW, listing);
    draw_of(k, 1, 2);
    assert_int_equal(test_tap(k, &hog, listing, "var_120", 1, "a", &c), ERR_OK);
    assert_string_equal(c.state, "waitlisted"); /* the prize is nobody's to buy */
    assert_int_equal(step(k, freeze_it, &k->host), ERR_OK);
    assert_int_equal(step(k, draw_it, &k->host), ERR_OK);
    assert_int_equal(test_tap(k, &waiter, listing, "var_120", 1, "a", &c), ERR_OK);
    k->cx->now_ms += 3600 * 1000 + 1;
    sweep(k);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM waiting WHERE state <> 'waiting'"), 0);
    tick(k); /* to the second rank, past those who wait */
    assert_int_equal(state_count(k, "won"), 1);
    assert_int_equal(test_number(k->t, "SELECT rank FROM entry WHERE state = 'won'"), 2);
    k->cx->now_ms += 3600 * 1000 + 1;
    sweep(k);
    tick(k); /* nobody is left */
    assert_int_equal(test_number(k->t, "SELECT viewer_id FROM waiting WHERE state = 'offered'"),
                     1390);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM giveaway WHERE state = 'closed'"), 1);
}

static void prize__passes_by_full_carts(void **state)
{
    struct test_room *k = *state;
    char sql[600];
    draw_of(k, 1, 3);
    assert_int_equal(step(k, freeze_it, &k->host), ERR_OK);
    assert_int_equal(step(k, draw_it, &k->host), ERR_OK);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO cart (id, public_id, viewer_id, shop_id, market, state, created_at,"
                   " changed_at) VALUES (77, 'crt_77', %d, 1, 'TW', 'open', 1, 1)",
                   (int)winner_id(k, 2));
    test_exec(k->t, sql);
    for (int i = 0; i < CART_LINES_MAX; i++) {
        (void)snprintf(
            sql, sizeof sql,
            "INSERT INTO hold (id, variant_id, qty, viewer_id, owner, owner_id, state,"
            " created_at, expires_at) VALUES (%d, 120, 1, 1, 'cart', %d, 'expired', 1, 1)",
            5000 + i, 5000 + i);
        test_exec(k->t, sql);
        (void)snprintf(
            sql, sizeof sql,
            "INSERT INTO cart_line (id, public_id, cart_id, variant_id, qty, unit_amount,"
            " source, state, hold_id, at) VALUES (%d, 'cln_%d', 77, 120, 1, 1, 'list',"
            " 'expired', %d, 1)",
            5000 + i, i, 5000 + i);
        test_exec(k->t, sql);
    }
    k->cx->now_ms += 3600 * 1000 + 1;
    sweep(k);
    tick(k);
    assert_int_equal(test_number(k->t, "SELECT rank FROM entry WHERE state = 'won'"), 3);
    assert_int_equal(state_count(k, "passed"), 2);
}

static void entropy__that_was_announced_is_the_one(void **state)
{
    struct test_room *k = *state;
    json_t *g = NULL;
    draw_of(k, 1, 3);
    assert_int_equal(giveaway_freeze(k->r, k->cx, &k->host, last_id, "TAIEX 1122", &g), ERR_OK);
    json_decref(g);
    assert_int_equal(giveaway_draw(k->r, k->cx, &k->host, last_id, key, "a better one", &g),
                     ERR_CONFLICT);
    assert_int_equal(step(k, draw_it, &k->host), ERR_OK);
    json_t *proof = proof_of(k);
    assert_string_equal(text_of(proof, "entropy"), "TAIEX 1122");
    assert_string_equal(text_of(proof, "entropy_when"), "freeze");
    check_hashes(proof);
    json_decref(proof);
}

static void cancel__of_a_frozen_draw_lets_the_prizes_go(void **state)
{
    struct test_room *k = *state;
    draw_of(k, 2, 3);
    assert_int_equal(test_number(k->t, "SELECT stock_held FROM variant WHERE id = 120"), 2);
    assert_int_equal(step(k, freeze_it, &k->host), ERR_OK);
    assert_int_equal(step(k, giveaway_cancel, &k->host), ERR_OK);
    assert_int_equal(test_number(k->t, "SELECT stock_held FROM variant WHERE id = 120"), 0);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM audit WHERE action ="
                                       " 'giveaway.cancel'"),
                     1);
    assert_int_equal(test_events(k, SHOW, "giveaway.gone", 0, NULL), 1);
    assert_int_equal(create(k, &k->host, "TW", NULL, 1), ERR_OK);
    assert_int_equal(step(k, open_it, &k->host), ERR_OK); /* it is in nobody's way */
}

struct merge_job {
    int64_t from, to;
};

static enum err merge_run(struct tx *tx, void *arg)
{
    const struct merge_job *j = arg;
    return giveaway_merge(tx, j->from, j->to);
}

static void merge__keeps_one_entry_for_one_person(void **state)
{
    struct test_room *k = *state;
    draw_of(k, 1, 0);
    assert_int_equal(enter(k, &k->ann), ERR_OK);
    assert_int_equal(enter(k, &k->bob), ERR_OK);
    struct merge_job j = {k->ann.viewer_id, k->member.viewer_id};
    assert_int_equal(store_do(k->t->store, k->cx, "t", merge_run, &j), ERR_OK);
    struct giveaway_entered in;
    assert_int_equal(giveaway_enter(k->r, k->cx, &k->member, last_id, &in), ERR_OK);
    assert_true(in.again);
    j.from = k->bob.viewer_id;
    assert_int_equal(store_do(k->t->store, k->cx, "t", merge_run, &j), ERR_OK);
    assert_int_equal(test_number(k->t, "SELECT count(*) FROM entry"), 2);
}

static void list__shows_drafts_to_staff_alone(void **state)
{
    struct test_room *k = *state;
    struct db *db;
    json_t *list = NULL, *one = NULL;
    struct buf csv;
    assert_int_equal(create(k, &k->host, "TW", NULL, 1), ERR_OK);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(giveaway_list(k->r, db, k->cx, &k->moderator, SHOW, &list), ERR_OK);
    assert_int_equal(json_array_size(list), 1);
    json_decref(list);
    assert_int_equal(giveaway_list(k->r, db, k->cx, &k->ann, SHOW, &list), ERR_OK);
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
    assert_int_equal(giveaway_get(k->r, db, k->cx, &k->rival, last_id, &one), ERR_NOT_FOUND);
    buf_init(&csv, 10000);
    assert_int_equal(giveaway_csv(k->r, db, k->cx, &k->host, last_id, &csv), ERR_CONFLICT);
    store_read_end(db);
    buf_done(&csv);
}

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    struct test_room *k = *state;
#define X(q) assert_int_equal(test_check_sql(k->t, &(q)), ERR_OK);
    SQL_ALL(X)
#undef X
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(move__only_what_the_table_lists),
        cmocka_unit_test(rank__is_the_hmac_of_entropy_draw_and_entry),
        T(draw__refuses_every_step_out_of_turn),
        T(run__is_for_who_may),
        T(open__in_thailand_needs_a_permit),
        T(enter__is_once_and_not_for_all),
        T(enter__of_members_only),
        T(freeze__in_a_crowd_lets_nobody_slip_in),
        T(proof__holds_back_the_seed_until_the_list_is_fixed),
        T(draw__with_another_key_does_not_open_the_seed),
        T(prize__lies_in_the_winners_cart_for_nothing),
        T(prize__that_runs_out_goes_to_the_next),
        T(prize__that_was_ordered_closes_the_draw),
        T(prize__is_kept_from_the_opening_until_nobody_is_left),
        T(prize__passes_by_full_carts),
        T(entropy__that_was_announced_is_the_one),
        T(cancel__of_a_frozen_draw_lets_the_prizes_go),
        T(merge__keeps_one_entry_for_one_person),
        T(list__shows_drafts_to_staff_alone),
        T(sql__every_statement_prepares_with_ordered_parameters),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
