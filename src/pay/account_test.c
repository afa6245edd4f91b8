/* Keys of shops: sealed, and good for their own shop and provider alone. */
#include "base/test.h"

#include "pay/account.h"
#include "pay/pay.h"
#include "store/testkit.h"

#include <string.h>

static const unsigned char secret[SECRET_KEY_LEN] = "not so secret";
static const struct pay_accounts all = {.secret_key = secret};

static int make(void **state)
{
    struct test_store *t = test_store_make(&shop_schema);
    test_exec(t, "INSERT INTO shop (id, public_id, name, slug, created_at) VALUES"
                 " (1, 'shp_1', 'a', 'a', 1), (2, 'shp_2', 'b', 'b', 1)");
    *state = t;
    return 0;
}

static int drop(void **state)
{
    test_store_free(*state);
    return 0;
}

static enum err put_job(struct tx *tx, void *arg)
{
    return pay_account_put(&all, tx, 1, ACCOUNT_ECPAY, arg);
}

static enum err keys_of(struct test_store *t, int64_t shop_id, enum pay_account a,
                        struct pay_keys *k)
{
    struct db *db;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    enum err e = pay_account_read(&all, db, &t->cx, shop_id, a, k);
    store_read_end(db);
    return e;
}

static void keys__come_back_as_they_were(void **state)
{
    struct test_store *t = *state;
    struct pay_keys k = {.name = "3002607", .key = "hash", .more = "iv", .check = "62861749"};
    struct pay_keys got = {.name = ""};
    assert_int_equal(store_do(t->store, &t->cx, "put", put_job, &k), ERR_OK);
    assert_int_equal(keys_of(t, 1, ACCOUNT_ECPAY, &got), ERR_OK);
    assert_string_equal(got.name, k.name);
    assert_string_equal(got.key, k.key);
    assert_string_equal(got.more, k.more);
    assert_string_equal(got.check, k.check);
    assert_int_equal(keys_of(t, 2, ACCOUNT_ECPAY, &got), ERR_NOT_FOUND);
}

static void keys__of_another_shop_do_not_open(void **state)
{
    struct test_store *t = *state;
    struct pay_keys k = {.name = "3002607", .key = "hash", .more = "iv"}, got;
    assert_int_equal(store_do(t->store, &t->cx, "put", put_job, &k), ERR_OK);
    test_exec(t, "INSERT INTO gateway_account (shop_id, provider, name, sealed, changed_at)"
                 " SELECT 2, 'ecpay', name, sealed, 1 FROM gateway_account");
    test_exec(t, "INSERT INTO gateway_account (shop_id, provider, name, sealed, changed_at)"
                 " SELECT 1, 'ecpay_invoice', name, sealed, 1 FROM gateway_account"
                 " WHERE shop_id = 1");
    assert_int_equal(keys_of(t, 2, ACCOUNT_ECPAY, &got), ERR_INTERNAL);
    assert_int_equal(keys_of(t, 1, ACCOUNT_ECPAY_INVOICE, &got), ERR_INTERNAL);
    assert_int_equal(keys_of(t, 1, ACCOUNT_ECPAY, &got), ERR_OK);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keys__come_back_as_they_were, make, drop),
        cmocka_unit_test_setup_teardown(keys__of_another_shop_do_not_open, make, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
