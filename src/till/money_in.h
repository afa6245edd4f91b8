/* money_in - what the lists of money share. Nothing outside includes it. */
#pragma once
#include "till/money.h"
#include <stdint.h>

json_t *money_of(int64_t amount, const char *currency);
json_t *money_ms(int64_t ms); /* null for 0 */
/* Whole pages of rows that are read newest first, by id. ERR_INPUT */
enum err money_cursor(struct cx *cx, const struct money_filter *f, int64_t *ret_before,
                      int64_t *ret_limit) NODISCARD;
/* {"items","next"}; `last` is the id of the last row, `n` how many there are. */
enum err money_page(struct cx *cx, json_t *items, size_t n, int64_t limit, int64_t last,
                    json_t **ret_page) NODISCARD;
/* Refunds of a payment, newest first, as StaffRefund. */
enum err money_refunds_of(struct db *db, struct cx *cx, const struct pay_table *table,
                          int64_t shop_id, const char *payment, json_t **ret_list) NODISCARD;
/* Movements of a payment, newest first. */
enum err money_entries_of(struct db *db, struct cx *cx, int64_t shop_id, int64_t payment_id,
                          json_t **ret_list) NODISCARD;
