/*
 * testkit - acts on carts, one per line of a test; on the shop of stock/testkit.h. Tests only.
 *
 * Errors: none are returned where the result is the value: what fails there fails the test.
 */
#pragma once
#include "cart/cart.h"
#include "stock/testkit.h"

/* Ids made, shop 1, TW, list price 100, all or nothing. */
struct cart_add test_add_of(int64_t viewer, int64_t variant, int64_t qty);
enum err test_add_do(struct test_stock *k, const struct cart_add *add,
                     struct cart_added *ret_added) NODISCARD;
struct cart_added test_add(struct test_stock *k, int64_t viewer, int64_t variant, int64_t qty);

struct test_line {
    struct cart_line line;
    int64_t qty; /* to be */
    struct hold_got got;
};
enum test_line_do { LINE_DO_QTY, LINE_DO_REMOVE, LINE_DO_AGAIN };
struct test_line test_line(struct test_stock *k, int64_t line_id);
/* Reads the line in the job, as a handler does. */
enum err test_line_do(struct test_stock *k, struct test_line *l, enum test_line_do what) NODISCARD;

/* Joins the waiting list outside of shows. */
void test_wait(struct test_stock *k, int64_t viewer, int64_t variant, int64_t qty,
               char ret_public[ID_TEXT]);
enum err test_accept(struct test_stock *k, const char *place, const struct cart_add *add,
                     struct cart_added *ret_added) NODISCARD;
/* One slice; how many ended. */
size_t test_sweep(struct test_stock *k);
