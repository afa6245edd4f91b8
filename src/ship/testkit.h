/*
 * testkit - buying to a store and ECPay's side of it by a script, for tests of this room. Tests
 * only.
 *
 * Shape:   one world a test, made and dropped by the functions for cmocka. ECPay answers by its
 * mood and keeps what it made. Errors:  none are returned where a value is: what fails there fails
 * the test.
 */
#pragma once
#include "order/testkit.h"
#include "ship/ship.h"

enum { MUG = 1, ANN = 1, BOB = 2, TEST_MADE_MAX = 8 };
enum mood { WELL, LOSE, LOSE_UNDONE, AWAY, REFUSE, CLOSE };

struct test_ship {
    struct test_orders *t;
    struct pay_accounts accounts;
    struct ship *s, *other;
    char made[TEST_MADE_MAX][24]; /* trade numbers ECPay has */
    int count, creates, asks;
    enum mood mood;
    bool reenter;
    struct ecpay_ship last;
    char sender[ECPAY_NAME], receiver[ECPAY_NAME], goods[ECPAY_GOODS], notify[200], store[10];
    char sub_type[20];
    json_t *order;
    char *parcel;
};
extern struct test_ship *w; /* of the test that runs: the script has no argument */

int test_ship_make(void **state);
int test_ship_drop(void **state);

enum err set_sender(const char *kind, const char *name, const char *phone) NODISCARD;
int64_t number(const char *sql);
/* An order of Ann's to a store, and its parcel. */
void buy(const char *method, int64_t qty);
enum err ship_it(const struct room_who *who, json_t **ret_parcel) NODISCARD;
json_t *read_parcel(void);
void parcel_is(const char *state);
void shipment_is(const char *state);
void made_now(void);
void tick(int64_t later_ms);
enum err tell_of(const char *provider_id, int64_t code, const char *at) NODISCARD;
void tell(int64_t code, int minute);
