#include "base/test.h"

#include "base/arena.h"
#include "base/json.h"
#include "catalog/edit.h"
#include "stock/turn.h"
#include "store/testkit.h"

#include <stdlib.h>
#include <string.h>

enum { SHOP = 1, OTHER = 2, OWNER = 10 };

static int make(void **state)
{
    struct test_store *t = test_store_make(&shop_schema);
    test_exec(t, "INSERT INTO shop (id, public_id, slug, name, created_at) VALUES"
                 " (1, 'shp_one', 'one', 'One', 1), (2, 'shp_two', 'two', 'Two', 1);"
                 "INSERT INTO viewer (id, public_id, kind, display_name, lang, created_at)"
                 " VALUES (10, 'viw_owner', 'account', 'Owner', 'zh', 1);"
                 "INSERT INTO category (id, public_id, shop_id, name, position) VALUES"
                 " (5, 'cat_bags', 1, '{\"en\":\"Bags\"}', 1),"
                 " (6, 'cat_theirs', 2, '{\"en\":\"X\"}', 1);"
                 "INSERT INTO file (id, public_id, shop_id, purpose, state, key, created_at) VALUES"
                 " (7, 'fil_ready', 1, 'product', 'ready', '0123456789abcdef0123456789abcdef', 1),"
                 " (8, 'fil_waits', 1, 'product', 'waiting', NULL, 1),"
                 " (9, 'fil_theirs', 2, 'product', 'ready', 'f', 1);");
    *state = t;
    return 0;
}

static int drop(void **state)
{
    test_store_free(*state);
    return 0;
}

struct work {
    struct product_save save;
    bool create;
};

static enum err work_run(struct tx *tx, void *arg)
{
    struct work *w = arg;
    struct stock_turn turn;
    turn_begin(&turn, tx, NULL);
    enum err e = w->create ? product_create(&turn, &w->save) : product_update(&turn, &w->save);
    return e ? e : turn_end(&turn);
}

static struct product again(struct test_store *t, const char *public_id)
{
    struct db *db;
    struct product p = {0};
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(product_by_public_id(db, t->cx.arena, SHOP, public_id, &p), ERR_OK);
    store_read_end(db);
    return p;
}

/* `body` with ' for ". `now` NULL: a new one; its public id comes back. */
static enum err save(struct test_store *t, const char *body, const struct product *now,
                     const char **ret_id)
{
    struct work w = {.create = !now};
    struct product_spec spec;
    json_t *o = NULL;
    char *text = arena_dup(t->cx.arena, body, strlen(body));
    for (char *s = text; *s; s++)
        if (*s == '\'')
            *s = '"';
    assert_int_equal(json_read_object(&t->cx, text, strlen(text), &o), ERR_OK);
    enum err e = spec_read(&t->cx, o, now, &spec);
    if (!e)
        e = product_make(&t->cx, SHOP, OWNER, &spec, now, &w.save);
    if (!e) {
        w.save.version = now ? now->version : 0;
        e = store_do(t->store, &t->cx, "save", work_run, &w);
    }
    if (!e && ret_id)
        *ret_id = arena_dup(t->cx.arena, w.save.public_id, strlen(w.save.public_id));
    json_decref(o);
    return e;
}

static struct product made(struct test_store *t, const char *body)
{
    const char *id = NULL;
    enum err e = save(t, body, NULL, &id);
    if (e)
        fail_msg("%s: %s", body, t->cx.problem);
    return again(t, id);
}

#define GRID                                                                               \
    "{'title':{'zh-TW':'帆布包'},'category':'cat_bags','media':['fil_ready','tw-bag']," \
    "'options':[{'name':'color','values':[['黑','black'],'白']}],"                       \
    "'variants':[{'options':['黑'],'sku':'B1','prices':{'TW':590,'TH':65000},'stock':5}," \
    "{'options':['白'],'sku':'B2','prices':{'TW':{'amount':600,'compare_at':700}},'stock':7}]}"

static void product__is_read_as_it_was_made(void **state)
{
    struct test_store *t = *state;
    struct product p = made(t, GRID);
    assert_string_equal(p.title, "{\"zh-TW\":\"帆布包\"}");
    assert_string_equal(p.options,
                        "[{\"name\":\"color\",\"values\":[[\"黑\",\"black\"],[\"白\"]]}]");
    assert_string_equal(p.category, "cat_bags");
    assert_int_equal(p.variant_count, 2);
    assert_string_equal(p.variants[0].options, "[\"黑\"]");
    assert_int_equal(p.variants[0].price[1].amount, 65000);
    assert_int_equal(p.variants[1].price[0].compare_at, 700);
    assert_int_equal(p.variants[1].price[1].amount, -1);
    assert_int_equal(product_left(&p), 12);
    assert_int_equal(p.media_count, 2);
    assert_string_equal(p.media[0].file_id, "fil_ready");
    assert_string_equal(p.media[1].builtin, "tw-bag");
    assert_int_equal(test_number(t, "SELECT count(*) FROM stock_move WHERE reason = 'import'"), 2);
    assert_int_equal(test_number(t, "SELECT count(*) FROM price_log"), 3);
}

static void product__takes_no_category_or_picture_of_others(void **state)
{
    struct test_store *t = *state;
    assert_int_equal(save(t, "{'title':'x','category':'cat_theirs'}", NULL, NULL), ERR_NOT_FOUND);
    assert_int_equal(save(t, "{'title':'x','media':['fil_theirs']}", NULL, NULL), ERR_NOT_FOUND);
    assert_int_equal(save(t, "{'title':'x','media':['fil_waits']}", NULL, NULL), ERR_NOT_FOUND);
    assert_int_equal(test_number(t, "SELECT count(*) FROM product"), 0);
}

static void update__needs_the_version_that_was_seen(void **state)
{
    struct test_store *t = *state;
    struct product p = made(t, GRID), old = p;
    assert_int_equal(save(t, "{'title':'A'}", &p, NULL), ERR_OK);
    assert_int_equal(save(t, "{'title':'B'}", &old, NULL), ERR_PRECONDITION);
    p = again(t, p.public_id);
    assert_string_equal(p.title, "{\"en\":\"A\"}");
    assert_int_equal(p.version, 2);
    assert_int_equal(p.variants[0].price[0].amount, 590);
    assert_int_equal(test_number(t, "SELECT count(*) FROM price_log"), 3);
}

static void update__leaves_prices_that_were_changed_meanwhile(void **state)
{
    struct test_store *t = *state;
    struct product p = made(t, GRID);
    test_exec(t, "UPDATE price SET amount = 1 WHERE market = 'TH'");
    assert_int_equal(save(t, "{'status':'draft'}", &p, NULL), ERR_OK);
    p = again(t, p.public_id);
    assert_int_equal(p.variants[0].price[1].amount, 1);
    assert_int_equal(p.status, PRODUCT_DRAFT);
}

static void update__switches_off_what_it_leaves_out(void **state)
{
    struct test_store *t = *state;
    struct product p = made(t, GRID);
    assert_int_equal(save(t, "{'variants':[{'options':['白']}]}", &p, NULL), ERR_OK);
    p = again(t, p.public_id);
    assert_int_equal(p.variant_count, 2);
    assert_int_equal(product_left(&p), 7);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(p.variants[i].active, strcmp(p.variants[i].options, "[\"白\"]") == 0);
}

static void sku__may_change_places_and_is_unique_in_its_shop(void **state)
{
    struct test_store *t = *state;
    struct product p = made(t, GRID);
    assert_int_equal(save(t,
                          "{'variants':[{'options':['黑'],'sku':'B2'},"
                          "{'options':['白'],'sku':'B1'}]}",
                          &p, NULL),
                     ERR_OK);
    p = again(t, p.public_id);
    assert_string_equal(p.variants[0].sku, "B2");
    struct product q = made(t, "{'title':'q','sku':'Q'}");
    assert_int_equal(save(t, "{'title':'x','sku':'Q'}", NULL, NULL), ERR_EXISTS);
    assert_int_equal(save(t, "{'variants':[{'sku':'B1'}]}", &q, NULL), ERR_EXISTS);
    q = again(t, q.public_id);
    assert_string_equal(q.variants[0].sku, "Q");
}

static void price__is_of_what_may_be_bought(void **state)
{
    struct test_store *t = *state;
    struct product p = made(t, GRID);
    struct db *db;
    int64_t amount = 0, id = p.variants[1].id;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(price_of(db, SHOP, id, "TW", &amount), ERR_OK);
    assert_int_equal(amount, 600);
    assert_int_equal(price_of(db, SHOP, id, "TH", &amount), ERR_NOT_FOUND);
    assert_int_equal(price_of(db, OTHER, id, "TW", &amount), ERR_NOT_FOUND);
    store_read_end(db);
    assert_int_equal(save(t, "{'status':'draft'}", &p, NULL), ERR_OK);
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(price_of(db, SHOP, id, "TW", &amount), ERR_NOT_FOUND);
    store_read_end(db);
}

static void reading__keeps_to_the_shop(void **state)
{
    struct test_store *t = *state;
    struct product p = made(t, GRID), got;
    struct variant v;
    struct db *db;
    const char *var = p.variants[0].public_id;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(product_by_public_id(db, t->cx.arena, OTHER, p.public_id, &got),
                     ERR_NOT_FOUND);
    assert_int_equal(product_by_id(db, t->cx.arena, OTHER, p.id, &got), ERR_NOT_FOUND);
    assert_int_equal(product_of_variant(db, t->cx.arena, OTHER, p.variants[0].id, &got),
                     ERR_NOT_FOUND);
    assert_int_equal(variant_by_public_id(db, t->cx.arena, OTHER, var, &v), ERR_NOT_FOUND);
    assert_int_equal(variant_by_public_id(db, t->cx.arena, SHOP, var, &v), ERR_OK);
    assert_int_equal(v.price[1].amount, 65000);
    assert_int_equal(product_of_variant(db, t->cx.arena, SHOP, v.id, &got), ERR_OK);
    assert_string_equal(got.public_id, p.public_id);
    store_read_end(db);
}

static size_t found(struct test_store *t, const char *words)
{
    struct db *db;
    struct product_page page;
    const struct product_ask ask = {.shop_id = SHOP, .question = words};
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(product_list(db, &t->cx, &ask, &page), ERR_OK);
    store_read_end(db);
    return page.count;
}

static void search__has_all_words_and_follows_edits(void **state)
{
    struct test_store *t = *state;
    struct product p = made(t, GRID);
    (void)made(t, "{'title':{'en':'Canvas shoes','th':'ขายรองเท้าผ้าใบ'}}");
    assert_int_equal(found(t, "帆布"), 1);
    assert_int_equal(found(t, "รองเท้า"), 1);
    assert_int_equal(found(t, "can sho"), 1);
    assert_int_equal(found(t, "canvas 帆布"), 0);
    assert_int_equal(found(t, "b1"), 1);
    assert_int_equal(found(t, ""), 2);
    assert_int_equal(save(t, "{'title':'Tote'}", &p, NULL), ERR_OK);
    assert_int_equal(found(t, "帆布"), 0);
    assert_int_equal(found(t, "tote black"), 1);
}

static enum err delete_run(struct tx *tx, void *arg)
{
    const struct product *p = arg;
    bool archived = false;
    return product_delete(tx, SHOP, p->public_id, p->version, &archived);
}

static void delete__leaves_no_row_of_what_was_never_used(void **state)
{
    struct test_store *t = *state;
    struct product p = made(t, "{'title':'x','price':{'TW':1},'media':['tw-bag']}");
    struct product used = made(t, "{'title':'y','quantity':1}");
    assert_int_equal(store_do(t->store, &t->cx, "delete", delete_run, &p), ERR_OK);
    assert_int_equal(store_do(t->store, &t->cx, "delete", delete_run, &used), ERR_OK);
    assert_int_equal(store_do(t->store, &t->cx, "delete", delete_run, &used), ERR_PRECONDITION);
    assert_int_equal(test_number(t, "SELECT count(*) FROM product"), 1);
    assert_int_equal(test_number(t, "SELECT count(*) FROM variant"), 1);
    assert_int_equal(test_number(t, "SELECT count(*) FROM product_media"), 0);
    assert_int_equal(again(t, used.public_id).status, PRODUCT_ARCHIVED);
}

static enum err market_run(struct tx *tx, void *arg)
{
    return shop_market_set(tx, SHOP, arg);
}

static void market__starts_as_built_in_and_is_edited_by_version(void **state)
{
    struct test_store *t = *state;
    struct shop_market m;
    struct db *db;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(shop_market_get(db, SHOP, "US", &m), ERR_NOT_FOUND);
    assert_int_equal(shop_market_get(db, SHOP, "TH", &m), ERR_OK);
    store_read_end(db);
    assert_true(m.active && m.ship_cvs == -1 && m.version == 0);
    m.ship_home = 6000;
    m.free_over = -1;
    assert_int_equal(store_do(t->store, &t->cx, "market", market_run, &m), ERR_OK);
    assert_int_equal(store_do(t->store, &t->cx, "market", market_run, &m), ERR_PRECONDITION);
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(shop_market_get(db, SHOP, "TH", &m), ERR_OK);
    store_read_end(db);
    assert_true(m.ship_home == 6000 && m.free_over == -1 && m.version == 1);
    m.active = false;
    assert_int_equal(store_do(t->store, &t->cx, "market", market_run, &m), ERR_OK);
    m = (struct shop_market){.market = &markets[0]};
    assert_int_equal(store_do(t->store, &t->cx, "market", market_run, &m), ERR_CONFLICT);
}

static void left__is_exact_up_to_ten(void **state)
{
    (void)state;
    static const struct {
        int64_t left;
        const char *said;
    } rows[] = {{0, "0"},        {10, "10"},       {11, "\"10+\""},   {50, "\"10+\""},
                {51, "\"50+\""}, {100, "\"50+\""}, {101, "\"100+\""}, {INT64_MAX, "null"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *o = left_json(rows[i].left);
        char *text = json_dumps(o, JSON_ENCODE_ANY);
        assert_string_equal(text, rows[i].said);
        free(text);
        json_decref(o);
    }
}

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    struct test_store *t = *state;
    /* Each header brings its own SQL_ALL, the last one counts. */
#define X(q) assert_int_equal(test_check_sql(t, &(q)), ERR_OK);
#include "catalog/product.sql.h"
    SQL_ALL(X)
#include "catalog/list.sql.h"
    SQL_ALL(X)
#include "catalog/market.sql.h"
    SQL_ALL(X)
#include "catalog/import.sql.h"
    SQL_ALL(X)
#undef X
}

static void options__of_a_variant_keep_all_their_words(void **state)
{
    (void)state;
    static const char product[] =
        "[{\"name\":\"color\",\"values\":[[\"白\",\"white\"],"
        "[\"黑\",\"black\",\"ดำ\"]]},{\"name\":\"size\",\"values\":[[\"M\"]]}]";
    static const struct {
        const char *variant, *product, *words;
    } table[] = {
        {"[\"黑\",\"M\"]", product, "[[\"黑\",\"black\",\"ดำ\"],[\"M\"]]"},
        {"[\"紅\",\"M\",\"x\"]", product,
         "[[\"紅\"],[\"M\"],[\"x\"]]"}, /* no longer the product's */
        {"[\"黑\"]", "[]", "[[\"黑\"]]"},
        {"[]", product, "[]"},
        {NULL, NULL, "[]"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        json_t *o = option_words_json(table[i].variant, table[i].product);
        char *text = json_dumps(o, JSON_COMPACT);
        assert_string_equal(text, table[i].words);
        free(text);
        json_decref(o);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        T(product__is_read_as_it_was_made),
        T(product__takes_no_category_or_picture_of_others),
        T(update__needs_the_version_that_was_seen),
        T(update__leaves_prices_that_were_changed_meanwhile),
        T(update__switches_off_what_it_leaves_out),
        T(sku__may_change_places_and_is_unique_in_its_shop),
        T(price__is_of_what_may_be_bought),
        T(reading__keeps_to_the_shop),
        T(search__has_all_words_and_follows_edits),
        T(delete__leaves_no_row_of_what_was_never_used),
        T(market__starts_as_built_in_and_is_edited_by_version),
        cmocka_unit_test(options__of_a_variant_keep_all_their_words),
        cmocka_unit_test(left__is_exact_up_to_ten),
        T(sql__every_statement_prepares_with_ordered_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
