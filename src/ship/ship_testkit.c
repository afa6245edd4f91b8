#include "base/test.h"

#include "base/arena.h"
#include "ship/testkit.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct test_ship *w;

/* ---- ECPay's side ---- */

static bool has(const char *trade_no)
{
    for (int i = 0; i < w->count; i++)
        if (strcmp(w->made[i], trade_no) == 0)
            return true;
    return false;
}

static void write_made(const char *trade_no, struct ecpay_shipped *ret)
{
    for (int i = 0; i < w->count; i++)
        if (strcmp(w->made[i], trade_no) == 0)
            ret->provider_id = i ? "1718543" : "1718542";
    ret->payment_no = "C9681067";
    ret->validation_no = "1234";
    ret->code = 300;
}

static enum err create(struct cx *cx, const struct ecpay_service *s, const struct ecpay_ship *ask,
                       struct ecpay_shipped *ret)
{
    w->creates++;
    w->last = *ask;
    assert_string_equal(s->keys.merchant_id, "2000933");
    (void)snprintf(w->sender, sizeof w->sender, "%s", ask->sender);
    (void)snprintf(w->receiver, sizeof w->receiver, "%s", ask->receiver);
    (void)snprintf(w->goods, sizeof w->goods, "%s", ask->goods);
    (void)snprintf(w->notify, sizeof w->notify, "%s", ask->notify_url);
    (void)snprintf(w->sub_type, sizeof w->sub_type, "%s", ask->sub_type);
    (void)snprintf(w->store, sizeof w->store, "%s", ask->store_id);
    if (w->reenter) { /* while ECPay thinks, another process looks around, and a page asks too */
        json_t *p = NULL;
        w->reenter = false;
        ship_tick(w->other, cx->now_ms);
        assert_int_equal(ship_parcel(w->other, cx, &w->t->packer, w->parcel, &p), ERR_OK);
        json_decref(p);
    }
    if (w->mood == AWAY)
        return problem(cx, ERR_BUSY, "ECPay cannot be reached");
    if (w->mood == REFUSE)
        return problem(cx, ERR_INPUT, "收件人姓名錯誤");
    if (w->mood == CLOSE)
        return problem(cx, ERR_CLOSED, "門市關轉店");
    if (w->mood == LOSE_UNDONE)
        return problem(cx, ERR_TIMEOUT, "lost");
    if (has(ask->trade_no))
        return problem(cx, ERR_INPUT, "廠商交易編號重覆");
    (void)snprintf(w->made[w->count++], sizeof w->made[0], "%s", ask->trade_no);
    write_made(ask->trade_no, ret);
    return w->mood == LOSE ? problem(cx, ERR_TIMEOUT, "lost") : ERR_OK;
}

static enum err ask_for(struct cx *cx, const struct ecpay_service *s, const char *trade_no,
                        struct ecpay_shipped *ret)
{
    (void)s;
    w->asks++;
    if (w->mood == AWAY)
        return problem(cx, ERR_BUSY, "ECPay cannot be reached");
    if (!has(trade_no))
        return ERR_NOT_FOUND;
    write_made(trade_no, ret);
    return ERR_OK;
}

static const struct ship_way script = {create, ask_for};

/* ---- the world ---- */

static struct ship *room(void)
{
    struct ship *s = NULL;
    const struct ship_setup setup = {.store = w->t->k->t->store,
                                     .orders = w->t->o,
                                     .accounts = &w->accounts,
                                     .public_url = "https://shop.test",
                                     .way = &script};
    assert_int_equal(ship_make(&setup, &s), ERR_OK);
    return s;
}

static enum err sender_job(struct tx *tx, void *arg)
{
    return ship_sender_set(tx, 1, arg);
}

enum err set_sender(const char *kind, const char *name, const char *phone)
{
    struct ship_sender s = {kind, name, phone};
    return store_do(w->t->k->t->store, w->t->cx, "test.sender", sender_job, &s);
}

int test_ship_make(void **state)
{
    struct pay_keys *k;
    w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->t = test_orders_make();
    w->accounts.secret_key = w->t->key;
    k = &w->accounts.env[ACCOUNT_ECPAY_LOGISTICS];
    (void)snprintf(k->name, sizeof k->name, "2000933");
    (void)snprintf(k->key, sizeof k->key, "XBERn1YOvpM9nfZc");
    (void)snprintf(k->more, sizeof k->more, "h1ONHk4P4yqbl5LK");
    (void)snprintf(w->accounts.base_url[ACCOUNT_ECPAY_LOGISTICS], PAY_URL_MAX, "https://l.test");
    test_variant(w->t->k, MUG, 900);
    w->s = room();
    w->other = room();
    assert_int_equal(set_sender("c2c", "夜市小舖", "0911 222 333"), ERR_OK);
    json_decref(w->t->address);
    w->t->address = json_pack("{s:s,s:s,s:s,s:s,s:s}", "name", "陳怡君", "phone", "0912345678",
                              "chain", "711", "store_id", "131386", "store_name", "建安門市");
    *state = w;
    return 0;
}

int test_ship_drop(void **state)
{
    struct test_orders *t = w->t;
    (void)state;
    free(w->parcel);
    json_decref(w->order);
    ship_free(w->s);
    ship_free(w->other);
    test_orders_free(t);
    free(w);
    return 0;
}

int64_t number(const char *sql)
{
    return test_number(w->t->k->t, sql);
}

static json_t *quote_cvs(const char *method)
{
    struct db *db;
    json_t *quote = NULL;
    const struct room_who who = test_buyer(ANN);
    const struct cart_ref ref = {.shop = "one", .market = "TW"};
    const struct quote_ask ask = {.delivery = DELIVERY_CVS, .pay_method = method};
    assert_int_equal(store_read(w->t->k->t->store, &db), ERR_OK);
    enum err e = quote_read(w->t->o, db, w->t->cx, &who, &ref, &ask, &quote);
    store_read_end(db);
    assert_int_equal(e, ERR_OK);
    return quote;
}

/* An order to a store, and its parcel. */
void buy(const char *method, int64_t qty)
{
    static int count;
    static const char *const none[] = {NULL};
    char idem[20];
    bool again;
    const struct room_who who = test_buyer(ANN);
    assert_int_equal(test_add(w->t->k, ANN, MUG, qty).qty, qty);
    json_t *quote = quote_cvs(method);
    (void)snprintf(idem, sizeof idem, "s%d", ++count);
    const struct checkout ask = {.cart = {.cart = test_text(quote, "cart")},
                                 .quote_hash = test_text(quote, "quote_hash"),
                                 .delivery = DELIVERY_CVS,
                                 .pay_method = method,
                                 .address = w->t->address,
                                 .invoice = w->t->invoice,
                                 .consent = {true, true, true, false, w->t->exempt},
                                 .idem = idem};
    enum err e = order_checkout(w->t->o, w->t->cx, &who, &ask, &w->order, &again);
    if (e)
        print_error("%s\n", w->t->cx->problem);
    assert_int_equal(e, ERR_OK);
    json_decref(quote);
    if (strcmp(method, "cod") != 0) {
        int64_t payment = number("SELECT id FROM payment ORDER BY id DESC LIMIT 1");
        assert_int_equal(test_paid(w->t, payment, test_amount(w->order, "total"), "TWD"), ERR_OK);
    }
    w->parcel = test_parcel(w->t, w->order, none);
}

enum err ship_it(const struct room_who *who, json_t **ret_parcel)
{
    w->t->cx->problem[0] = '\0';
    return ship_parcel(w->s, w->t->cx, who, w->parcel, ret_parcel);
}

json_t *read_parcel(void)
{
    json_t *p = NULL;
    assert_int_equal(parcel_read(w->t->o, w->t->cx, &w->t->packer, w->parcel, &p), ERR_OK);
    return p;
}

void parcel_is(const char *state)
{
    json_t *p = read_parcel();
    assert_string_equal(test_text(p, "state"), state);
    json_decref(p);
}

void shipment_is(const char *state)
{
    json_t *p = read_parcel();
    assert_string_equal(test_text(json_object_get(p, "shipment"), "state"), state);
    json_decref(p);
}

void made_now(void)
{
    json_t *p = NULL;
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_OK);
    assert_string_equal(test_text(json_object_get(p, "shipment"), "state"), "made");
    json_decref(p);
}

void tick(int64_t later_ms)
{
    w->t->cx->now_ms += later_ms;
    ship_tick(w->s, w->t->cx->now_ms);
}

enum err tell_of(const char *provider_id, int64_t code, const char *at)
{
    const struct parcel_notice n = {.provider_id = provider_id,
                                    .trade_no = "",
                                    .payment_no = "C9681067",
                                    .validation_no = "",
                                    .text = "貨態",
                                    .at = at,
                                    .code = code};
    w->t->cx->problem[0] = '\0';
    return ship_notice(w->s, w->t->cx, 1, &n);
}

void tell(int64_t code, int minute)
{
    char at[24];
    (void)snprintf(at, sizeof at, "2026/11/23 10:%02d:00", minute % 60);
    assert_int_equal(tell_of("1718542", code, at), ERR_OK);
}
