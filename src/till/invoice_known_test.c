/* What a buyer typed for the invoice is looked up, and not more often than it must. */
#include "base/test.h"

#include "order/testkit.h"
#include "store/store.h"
#include "till/invoice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct world {
    struct test_orders *t;
    struct pay_accounts accounts;
    struct invoices *v;
    int asked;
    enum err says;
    bool exists;
    int64_t shop_id;
};
static struct world *w; /* of the test that runs: the ways have no argument */

static enum err known(struct cx *cx, const struct ecpay_service *s, enum invoice_code kind,
                      const char *code, bool *ret_known)
{
    w->asked++;
    assert_string_equal(s->keys.merchant_id, "2000132");
    assert_string_equal(code, kind == INVOICE_CARRIER ? "/ABC1234" : "168001");
    if (w->says)
        return problem(cx, w->says, "not now");
    *ret_known = w->exists;
    return ERR_OK;
}

static const struct invoice_way script = {.known = known};

static int make(void **state)
{
    (void)state;
    w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->t = test_orders_make();
    w->accounts.secret_key = w->t->key;
    struct pay_keys *k = &w->accounts.env[ACCOUNT_ECPAY_INVOICE];
    (void)snprintf(k->name, sizeof k->name, "2000132");
    (void)snprintf(k->key, sizeof k->key, "ejCk326UnaZWKisg");
    (void)snprintf(k->more, sizeof k->more, "q9jcZX8Ib9LM8wYk");
    w->shop_id = test_number(w->t->k->t, "SELECT min(id) FROM shop");
    const struct invoices_setup setup = {
        .store = w->t->k->t->store, .orders = w->t->o, .accounts = &w->accounts, .way = &script};
    assert_int_equal(invoices_make(&setup, &w->v), ERR_OK);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    invoices_free(w->v);
    test_orders_free(w->t);
    free(w);
    return 0;
}

static enum err vouch(const char *field, const char *code)
{
    json_t *invoice = json_pack("{s:s?}", field, code);
    w->t->cx->problem[0] = '\0';
    enum err e = invoices_vouch(w->v, w->t->cx, w->shop_id, invoice);
    json_decref(invoice);
    return e;
}

static void vouch__a_code_that_does_not_exist_is_named(void **state)
{
    (void)state;
    assert_int_equal(vouch("carrier", "/ABC1234"), ERR_INPUT);
    assert_string_equal(w->t->cx->problem, "'invoice.carrier' does not exist");
    assert_int_equal(vouch("love_code", "168001"), ERR_INPUT);
    assert_string_equal(w->t->cx->problem, "'invoice.love_code' does not exist");
    assert_int_equal(w->asked, 2);
}

static void vouch__an_answer_is_kept_for_a_minute(void **state)
{
    (void)state;
    w->exists = true;
    assert_int_equal(vouch("carrier", "/ABC1234"), ERR_OK);
    w->exists = false;
    assert_int_equal(vouch("carrier", "/ABC1234"), ERR_OK);
    assert_int_equal(w->asked, 1);
    w->t->cx->now_ms += INVOICE_KNOWN_S * INT64_C(1000);
    assert_int_equal(vouch("carrier", "/ABC1234"), ERR_INPUT);
    assert_int_equal(w->asked, 2);
}

static void vouch__an_outage_lets_pass_and_is_found_out_once(void **state)
{
    (void)state;
    w->says = ERR_TIMEOUT;
    assert_int_equal(vouch("carrier", "/ABC1234"), ERR_OK);
    assert_int_equal(vouch("love_code", "168001"), ERR_OK);
    assert_int_equal(w->asked, 1);
    w->says = ERR_OK;
    w->t->cx->now_ms += INVOICE_KNOWN_S * INT64_C(1000);
    assert_int_equal(vouch("carrier", "/ABC1234"), ERR_INPUT);
}

static void vouch__only_where_there_is_something_to_ask(void **state)
{
    (void)state;
    assert_int_equal(vouch("kind", "member"), ERR_OK);
    w->accounts.env[ACCOUNT_ECPAY_INVOICE].name[0] = '\0';
    assert_int_equal(vouch("carrier", "/ABC1234"), ERR_OK);
    assert_int_equal(w->asked, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        T(vouch__a_code_that_does_not_exist_is_named),
        T(vouch__an_answer_is_kept_for_a_minute),
        T(vouch__an_outage_lets_pass_and_is_found_out_once),
        T(vouch__only_where_there_is_something_to_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
