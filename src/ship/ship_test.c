/* Stores chosen on the map, pick-up orders made once, notices that move parcels forward only. */
#include "base/test.h"

#include "base/arena.h"
#include "order/testkit.h"
#include "ship/ship.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MUG = 1, ANN = 1, BOB = 2, MADE_MAX = 8 };
enum mood { WELL, LOSE, LOSE_UNDONE, AWAY, REFUSE, CLOSE };

static struct world {
    struct test_orders *t;
    struct pay_accounts accounts;
    struct ship *s, *other;
    char made[MADE_MAX][24]; /* trade numbers ECPay has */
    int count, creates, asks;
    enum mood mood;
    bool reenter;
    struct ecpay_ship last;
    char sender[ECPAY_NAME], receiver[ECPAY_NAME], goods[ECPAY_GOODS], notify[200], store[10],
        sub_type[20];
    json_t *order;
    char *parcel;
} * w;

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

static enum err set_sender(const char *kind, const char *name, const char *phone)
{
    struct ship_sender s = {kind, name, phone};
    return store_do(w->t->k->t->store, w->t->cx, "test.sender", sender_job, &s);
}

static int make(void **state)
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

static int drop(void **state)
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

static int64_t number(const char *sql)
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
static void buy(const char *method, int64_t qty)
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

static enum err ship_it(const struct room_who *who, json_t **ret_parcel)
{
    w->t->cx->problem[0] = '\0';
    return ship_parcel(w->s, w->t->cx, who, w->parcel, ret_parcel);
}

static json_t *read_parcel(void)
{
    json_t *p = NULL;
    assert_int_equal(parcel_read(w->t->o, w->t->cx, &w->t->packer, w->parcel, &p), ERR_OK);
    return p;
}

static void parcel_is(const char *state)
{
    json_t *p = read_parcel();
    assert_string_equal(test_text(p, "state"), state);
    json_decref(p);
}

static void shipment_is(const char *state)
{
    json_t *p = read_parcel();
    assert_string_equal(test_text(json_object_get(p, "shipment"), "state"), state);
    json_decref(p);
}

static void made_now(void)
{
    json_t *p = NULL;
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_OK);
    assert_string_equal(test_text(json_object_get(p, "shipment"), "state"), "made");
    json_decref(p);
}

static void tick(int64_t later_ms)
{
    w->t->cx->now_ms += later_ms;
    ship_tick(w->s, w->t->cx->now_ms);
}

/* ---- pick-up orders ---- */

static void parcel__is_ordered_once(void **state)
{
    json_t *p = NULL;
    (void)state;
    buy("cod", 2);
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_OK);
    const json_t *s = json_object_get(p, "shipment");
    assert_string_equal(test_text(s, "state"), "made");
    assert_string_equal(test_text(s, "payment_no"), "C9681067");
    assert_string_equal(test_text(p, "state"), "packed");
    assert_string_equal(test_text(p, "tracking"), "C9681067");
    assert_true(json_is_true(json_object_get(s, "can_label")));
    assert_int_equal(w->last.amount, test_amount(w->order, "total"));
    assert_true(w->last.collect);
    assert_string_equal(w->sender, "夜市小舖");
    assert_string_equal(w->receiver, "陳怡君");
    assert_string_equal(w->store, "131386");
    assert_string_equal(w->notify, "https://shop.test/api/v1/webhooks/ecpay/logistics/one");
    json_decref(p);
    made_now();
    tick(3600 * 1000);
    assert_int_equal(w->creates, 1);
    assert_int_equal(number("SELECT count(*) FROM audit WHERE action = 'parcel.ship'"), 1);
}

static void paid__parcel_collects_nothing(void **state)
{
    (void)state;
    buy("card", 3);
    made_now();
    assert_false(w->last.collect);
    assert_int_equal(w->last.amount, 300); /* what is in it is worth */
}

static void strangers__may_not(void **state)
{
    json_t *p = NULL;
    (void)state;
    buy("cod", 1);
    const struct room_who ann = test_buyer(ANN);
    assert_int_equal(ship_it(&w->t->rival, &p), ERR_NOT_FOUND);
    assert_int_equal(ship_it(&ann, &p), ERR_NOT_FOUND);
    assert_int_equal(ship_it(&w->t->moderator, &p), ERR_FORBIDDEN);
    assert_int_equal(ship_label(w->s, w->t->cx, &w->t->rival, w->parcel, &p), ERR_NOT_FOUND);
    assert_int_equal(ship_label(w->s, w->t->cx, &w->t->packer, w->parcel, &p), ERR_TRANSITION);
    assert_int_equal(w->creates, 0);
}

static void rules__are_told_before_anything_is_sent(void **state)
{
    json_t *p = NULL;
    (void)state;
    buy("card", 300); /* 30000 */
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_INPUT);
    assert_non_null(strstr(w->t->cx->problem, "'amount'"));
    test_exec(w->t->k->t, "UPDATE order_line SET unit_amount = 1");
    assert_int_equal(set_sender("c2c", "夜市小舖", NULL), ERR_OK);
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_INPUT);
    assert_non_null(strstr(w->t->cx->problem, "'sender_phone'"));
    assert_int_equal(set_sender("b2c", "夜市小舖", NULL), ERR_OK);
    test_exec(w->t->k->t, "UPDATE orders SET address = replace(address, '\"711\"', '\"ok\"')");
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_INPUT);
    assert_non_null(strstr(w->t->cx->problem, "'chain'"));
    assert_int_equal(set_sender("x2c", NULL, NULL), ERR_INPUT);
    assert_int_equal(set_sender("c2c", "王", NULL), ERR_INPUT);
    assert_int_equal(set_sender("c2c", NULL, "12"), ERR_INPUT);
    assert_int_equal(w->creates, 0);
    test_exec(w->t->k->t, "UPDATE order_line SET unit_amount = 100");
}

static void lost__is_asked_for_and_not_made_twice(void **state)
{
    json_t *p = NULL;
    (void)state;
    buy("cod", 1);
    w->mood = LOSE;
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_OK);
    assert_string_equal(test_text(json_object_get(p, "shipment"), "state"), "sent");
    json_decref(p);
    w->mood = WELL;
    tick(60 * 1000);
    shipment_is("made");
    assert_int_equal(w->creates, 1);
    assert_int_equal(w->asks, 1);
}

static void lost__and_not_there_goes_again_by_the_same_number(void **state)
{
    json_t *p = NULL;
    (void)state;
    buy("cod", 1);
    w->mood = LOSE_UNDONE;
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_OK);
    json_decref(p);
    w->mood = WELL;
    tick(60 * 1000);
    shipment_is("made");
    assert_int_equal(w->creates, 2);
    assert_int_equal(w->count, 1);
}

static void two_processes__order_once(void **state)
{
    (void)state;
    buy("cod", 1);
    w->reenter = true;
    made_now();
    assert_int_equal(w->creates, 1);
}

static void away__goes_on_by_itself(void **state)
{
    json_t *p = NULL;
    (void)state;
    buy("cod", 1);
    w->mood = AWAY;
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_OK);
    assert_string_equal(test_text(json_object_get(p, "shipment"), "state"), "queued");
    json_decref(p);
    tick(1000);
    assert_int_equal(w->creates, 1);
    w->mood = WELL;
    tick(3600 * 1000);
    shipment_is("made");
    assert_int_equal(w->asks, 0); /* nothing ever left here */
}

static void refused__is_staff_s_to_mend(void **state)
{
    json_t *p = NULL;
    char before[24];
    (void)state;
    buy("cod", 1);
    w->mood = REFUSE;
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_CONFLICT);
    assert_string_equal(w->t->cx->problem, "收件人姓名錯誤");
    shipment_is("refused");
    (void)snprintf(before, sizeof before, "%s", w->last.trade_no);
    tick(3600 * 1000);
    assert_int_equal(w->creates, 1);
    w->mood = WELL;
    made_now();
    assert_int_equal(w->creates, 2);
    assert_string_not_equal(before, w->made[0]);
}

static void many__are_queued_and_made_behind(void **state)
{
    json_t *items = NULL;
    (void)state;
    buy("cod", 1);
    json_t *ids = json_pack("[s,s]", w->parcel, "pcl_nobody");
    assert_int_equal(ship_parcels(w->s, w->t->cx, &w->t->packer, ids, &items), ERR_OK);
    assert_string_equal(test_text(json_array_get(items, 0), "state"), "queued");
    assert_true(json_is_false(json_object_get(json_array_get(items, 1), "ok")));
    assert_int_equal(w->creates, 0);
    tick(1000);
    shipment_is("made");
    json_decref(items);
    json_decref(ids);
}

static void label__is_the_contract_s_page(void **state)
{
    json_t *page = NULL;
    (void)state;
    buy("cod", 1);
    made_now();
    assert_int_equal(ship_label(w->s, w->t->cx, &w->t->packer, w->parcel, &page), ERR_OK);
    assert_string_equal(test_text(page, "action"),
                        "https://l.test/Express/PrintUniMartC2COrderInfo");
    const json_t *f = json_object_get(page, "fields");
    assert_string_equal(test_text(f, "CVSPaymentNo"), "C9681067");
    assert_int_equal(strlen(test_text(f, "CheckMacValue")), 32);
    assert_null(strstr(test_text(page, "action"), "XBERn1YOvpM9nfZc"));
    json_decref(page);
}

/* Lost, and meanwhile it could not be made as it is: what is there is there. */
static void lost__is_asked_for_whatever_became_of_the_parcel(void **state)
{
    json_t *p = NULL;
    (void)state;
    buy("cod", 1);
    w->mood = LOSE;
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_OK);
    json_decref(p);
    test_exec(w->t->k->t, "UPDATE orders SET address = replace(address, '陳怡君', '陳')");
    w->mood = WELL;
    w->accounts.env[ACCOUNT_ECPAY_LOGISTICS].name[0] = '\0';
    tick(60 * 1000);
    shipment_is("sent");
    w->accounts.env[ACCOUNT_ECPAY_LOGISTICS].name[0] = '2';
    tick(3600 * 1000);
    shipment_is("made");
    assert_int_equal(w->creates, 1);
}

/* It waited for ECPay, and meanwhile nobody wants it sent any more. */
static void cancelled__is_not_ordered(void **state)
{
    json_t *p = NULL;
    (void)state;
    buy("cod", 1);
    w->mood = AWAY;
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_OK);
    json_decref(p);
    const struct order_ref ref = test_ref(w->order);
    assert_int_equal(order_cancel_staff(w->t->o, w->t->cx, &w->t->owner, &ref, "gone", &p), ERR_OK);
    json_decref(p);
    w->mood = WELL;
    tick(3600 * 1000);
    assert_int_equal(w->creates, 1);
    shipment_is("refused");
}

/* ---- notices ---- */

static enum err tell_of(const char *provider_id, int64_t code, const char *at)
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

static void tell(int64_t code, int minute)
{
    char at[24];
    (void)snprintf(at, sizeof at, "2026/11/23 10:%02d:00", minute % 60);
    assert_int_equal(tell_of("1718542", code, at), ERR_OK);
}

static void notices__take_the_parcel_to_its_buyer(void **state)
{
    (void)state;
    buy("cod", 1);
    made_now();
    tell(300, 1);
    parcel_is("packed");
    tell(2068, 2);
    parcel_is("shipped");
    assert_int_equal(number("SELECT count(*) FROM payment WHERE state = 'pending'"), 1);
    assert_int_equal(number("SELECT count(*) FROM invoice WHERE state = 'queued'"), 1);
    tell(2073, 3);
    parcel_is("at_store");
    tell(2067, 4);
    parcel_is("collected");
    assert_int_equal(number("SELECT count(*) FROM payment WHERE state = 'collected'"), 1);
    assert_int_equal(number("SELECT count(*) FROM inbox WHERE state = 'done'"), 4);
    tell(2067, 4); /* once more */
    assert_int_equal(number("SELECT count(*) FROM inbox"), 4);
    assert_int_equal(number("SELECT count(*) FROM order_step WHERE what = 'collected'"), 1);
    assert_int_equal(number("SELECT count(*) FROM inbox WHERE body LIKE '%0912%'"), 0);
}

static void notices__out_of_order_go_forward_only(void **state)
{
    (void)state;
    buy("cod", 1);
    made_now();
    tell(2067, 40); /* fetched: the others were lost or are late */
    parcel_is("collected");
    tell(2073, 30);
    tell(2030, 20);
    tell(2074, 50);
    parcel_is("collected");
    assert_int_equal(number("SELECT count(*) FROM payment WHERE state = 'collected'"), 1);
    assert_int_equal(number("SELECT count(*) FROM shipment WHERE code = '2074'"), 1);
    assert_int_equal(number("SELECT count(*) FROM order_step WHERE what = 'at_store'"), 1);
}

static void notices__of_what_nobody_fetched(void **state)
{
    (void)state;
    buy("cod", 1);
    made_now();
    tell(2030, 1);
    tell(2063, 2);
    tell(2074, 3);
    parcel_is("returned");
    assert_int_equal(number("SELECT count(*) FROM payment WHERE state = 'refused'"), 1);
    assert_int_equal(number("SELECT uncollected FROM buyer_stat"), 1);
    tell(2067, 4);
    parcel_is("returned");
}

static void notices__of_nobody_are_kept_and_ignored(void **state)
{
    (void)state;
    buy("cod", 1);
    made_now();
    assert_int_equal(tell_of("999", 2067, "2026/11/23 10:00:00"), ERR_OK);
    parcel_is("packed");
    assert_int_equal(number("SELECT count(*) FROM inbox WHERE state = 'ignored'"), 1);
}

static void notice__proves_an_order_whose_answer_was_lost(void **state)
{
    json_t *p = NULL;
    (void)state;
    buy("cod", 1);
    w->mood = LOSE;
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_OK);
    json_decref(p);
    const struct parcel_notice n = {.provider_id = "1718542",
                                    .trade_no = w->made[0],
                                    .payment_no = "",
                                    .validation_no = "",
                                    .text = "",
                                    .at = "",
                                    .code = 2030};
    assert_int_equal(ship_notice(w->s, w->t->cx, 1, &n), ERR_OK);
    shipment_is("made");
    parcel_is("shipped");
    tick(3600 * 1000);
    assert_int_equal(w->creates, 1);
}

/* Staff had it elsewhere already: the notice is kept, ECPay need not repeat it. */
static void notice__that_cannot_be_acted_on_is_kept(void **state)
{
    (void)state;
    buy("cod", 1);
    made_now();
    test_exec(w->t->k->t, "UPDATE payment SET state = 'failed'");
    tell(2030, 1);
    parcel_is("packed");
    assert_int_equal(number("SELECT count(*) FROM inbox WHERE state = 'failed'"), 1);
    test_exec(w->t->k->t, "UPDATE payment SET state = 'created'");
}

/* ---- the map ---- */

static json_t *map_for(int64_t viewer, const struct ship_map_ask *ask, enum err want)
{
    json_t *map = NULL;
    const struct room_who who = test_buyer(viewer);
    w->t->cx->problem[0] = '\0';
    assert_int_equal(ship_map(w->s, w->t->cx, &who, ask, &map), want);
    return map;
}

static const char *post(const char *key)
{
    static char url[PICK_URL_MAX];
    char body[300];
    (void)snprintf(body, sizeof body,
                   "CVSStoreID=991182&CVSStoreName=%%E8%%A5%%BF%%E9%%96%%80&CVSAddress="
                   "%%E5%%8F%%B0%%E5%%8C%%97&LogisticsSubType=UNIMARTC2C&ExtraData=%s",
                   key);
    enum err e = ship_picked(w->s, w->t->cx, body, strlen(body), url);
    assert_true(e == ERR_OK || e == ERR_TRANSITION);
    return url;
}

static enum err read_pick(int64_t viewer, const char *key, json_t **ret)
{
    const struct room_who who = test_buyer(viewer);
    return ship_pick_read(w->s, w->t->cx, &who, key, ret);
}

static void map__gives_a_key_that_comes_back_once(void **state)
{
    json_t *pick = NULL;
    char want[120];
    (void)state;
    json_t *map = map_for(ANN, &(struct ship_map_ask){.chain = "unimart", .phone = true}, ERR_OK);
    const char *key = test_text(map, "key");
    const json_t *f = json_object_get(map, "fields");
    assert_string_equal(test_text(f, "ExtraData"), key);
    assert_string_equal(test_text(f, "LogisticsSubType"), "UNIMARTC2C");
    assert_string_equal(test_text(f, "ServerReplyURL"),
                        "https://shop.test/api/v1/webhooks/cvs-map");
    assert_int_equal(read_pick(ANN, key, &pick), ERR_NOT_FOUND);
    (void)snprintf(want, sizeof want, "https://shop.test/checkout?shop=one&pick=%s", key);
    assert_string_equal(post(key), want);
    assert_int_equal(read_pick(ANN, key, &pick), ERR_OK);
    assert_string_equal(test_text(pick, "chain"), "711");
    assert_string_equal(test_text(pick, "store_id"), "991182");
    assert_string_equal(test_text(pick, "store_name"), "西門");
    json_decref(pick);
    assert_int_equal(read_pick(BOB, key, &pick), ERR_NOT_FOUND); /* another viewer's */
    assert_string_equal(post(key), "https://shop.test/checkout?pick=lost");
    json_decref(map);
}

static void map__key_lasts_fifteen_minutes(void **state)
{
    (void)state;
    json_t *map = map_for(ANN, &(struct ship_map_ask){.chain = "family"}, ERR_OK);
    w->t->cx->now_ms += PICK_MS;
    assert_string_equal(post(test_text(map, "key")), "https://shop.test/checkout?pick=lost");
    assert_string_equal(post("k0000000000000000001"), "https://shop.test/checkout?pick=lost");
    json_decref(map);
}

static void map__is_for_somebody_with_something_to_send(void **state)
{
    (void)state;
    (void)map_for(ANN, &(struct ship_map_ask){.chain = "tcat"}, ERR_INPUT);
    (void)map_for(0, &(struct ship_map_ask){.chain = "711"}, ERR_NOT_FOUND);
    (void)map_for(ANN, &(struct ship_map_ask){.chain = "711", .shop = "nowhere"}, ERR_NOT_FOUND);
    (void)map_for(ANN, &(struct ship_map_ask){.chain = "711", .cart = "crt_x"}, ERR_NOT_FOUND);
    (void)map_for(ANN, &(struct ship_map_ask){.chain = "711", .bill = "bil_x", .secret = "y"},
                  ERR_NOT_FOUND);
    (void)map_for(ANN, &(struct ship_map_ask){.chain = "711", .shop = "two"}, ERR_CLOSED);
    assert_int_equal(set_sender("b2c", NULL, NULL), ERR_OK);
    (void)map_for(ANN, &(struct ship_map_ask){.chain = "ok"}, ERR_INPUT);
    buy("cod", 1);
    (void)map_for(ANN, &(struct ship_map_ask){.chain = "711", .order = test_text(w->order, "no")},
                  ERR_TRANSITION);
}

static void closed_store__is_the_buyers_to_replace(void **state)
{
    json_t *p = NULL;
    struct db *db;
    json_t *seen = NULL;
    (void)state;
    buy("cod", 1);
    w->mood = CLOSE;
    assert_int_equal(ship_it(&w->t->packer, &p), ERR_CONFLICT);
    shipment_is("closed");
    const char *no = test_text(w->order, "no");
    const struct room_who ann = test_buyer(ANN);
    const struct order_ref ref = {.no = no};
    assert_int_equal(store_read(w->t->k->t->store, &db), ERR_OK);
    assert_int_equal(order_read(db, w->t->cx, &ann, &ref, &seen), ERR_OK);
    store_read_end(db);
    assert_true(json_is_true(json_object_get(json_object_get(seen, "can"), "store")));
    json_decref(seen);
    (void)map_for(BOB, &(struct ship_map_ask){.chain = "family", .order = no}, ERR_NOT_FOUND);
    json_t *map = map_for(ANN, &(struct ship_map_ask){.chain = "family", .order = no}, ERR_OK);
    const char *url = post(test_text(map, "key"));
    assert_non_null(strstr(url, "&store=changed"));
    assert_non_null(strstr(url, no));
    w->mood = WELL;
    tick(1000);
    shipment_is("made");
    assert_string_equal(w->store, "991182");
    assert_string_equal(w->sub_type, "FAMIC2C");
    p = read_parcel();
    assert_string_equal(test_text(p, "carrier"), "family");
    json_decref(p);
    assert_int_equal(number("SELECT count(*) FROM order_step WHERE what = 'store_closed'"), 1);
    assert_int_equal(number("SELECT count(*) FROM order_step WHERE what = 'store_changed'"), 1);
    json_decref(map);
}

static void closed_store__may_be_told_by_a_notice(void **state)
{
    (void)state;
    buy("cod", 1);
    made_now();
    tell(7101, 1);
    shipment_is("closed");
    json_t *map = map_for(
        ANN, &(struct ship_map_ask){.chain = "711", .order = test_text(w->order, "no")}, ERR_OK);
    (void)post(test_text(map, "key"));
    tick(1000);
    shipment_is("made");
    assert_int_equal(w->creates, 2);
    tell(2067, 2); /* of the order that was replaced */
    parcel_is("packed");
    json_decref(map);
}

static void last_store__is_remembered(void **state)
{
    json_t *last = NULL;
    (void)state;
    const struct room_who ann = test_buyer(ANN), bob = test_buyer(BOB);
    buy("cod", 1);
    assert_int_equal(ship_last(w->s, w->t->cx, &ann, &last), ERR_OK);
    assert_string_equal(test_text(json_object_get(last, "store"), "store_id"), "131386");
    json_decref(last);
    assert_int_equal(ship_last(w->s, w->t->cx, &bob, &last), ERR_OK);
    assert_true(json_is_null(json_object_get(last, "store")));
    json_decref(last);
}

#include "ship/pick.sql.h"
#define X(q) assert_int_equal(test_check_sql(t, &(q)), ERR_OK);
static void pick_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#include "ship/ship.sql.h"
static void ship_ok(struct test_store *t)
{
    SQL_ALL(X)
}
#undef X

static void sql__every_statement_prepares_in_order(void **state)
{
    (void)state;
    pick_ok(w->t->k->t);
    ship_ok(w->t->k->t);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make, drop)
    static const struct CMUnitTest tests[] = {
        T(parcel__is_ordered_once),
        T(paid__parcel_collects_nothing),
        T(strangers__may_not),
        T(rules__are_told_before_anything_is_sent),
        T(lost__is_asked_for_and_not_made_twice),
        T(lost__and_not_there_goes_again_by_the_same_number),
        T(two_processes__order_once),
        T(away__goes_on_by_itself),
        T(refused__is_staff_s_to_mend),
        T(many__are_queued_and_made_behind),
        T(label__is_the_contract_s_page),
        T(cancelled__is_not_ordered),
        T(lost__is_asked_for_whatever_became_of_the_parcel),
        T(notices__take_the_parcel_to_its_buyer),
        T(notices__out_of_order_go_forward_only),
        T(notices__of_what_nobody_fetched),
        T(notices__of_nobody_are_kept_and_ignored),
        T(notice__proves_an_order_whose_answer_was_lost),
        T(notice__that_cannot_be_acted_on_is_kept),
        T(map__gives_a_key_that_comes_back_once),
        T(map__key_lasts_fifteen_minutes),
        T(map__is_for_somebody_with_something_to_send),
        T(closed_store__is_the_buyers_to_replace),
        T(closed_store__may_be_told_by_a_notice),
        T(last_store__is_remembered),
        T(sql__every_statement_prepares_in_order),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
