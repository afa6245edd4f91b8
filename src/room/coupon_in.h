/* coupon, inside: reading rows. */
#pragma once
#include "room/coupon.h"
#include "room/room_in.h"

enum { COUPON_COLUMNS = 19 };
/* Where the columns of a coupon go; cols has COUPON_COLUMNS and what the caller adds. */
void coupon_columns(struct coupon *c, const char **kind, struct col *cols);
/* ERR_NOT_FOUND: no such coupon, with cx->problem. */
enum err coupon_by_public_id(struct db *db, struct cx *cx, const char *public_id,
                             struct coupon *ret_coupon) NODISCARD;
enum err coupon_by_code(struct db *db, struct cx *cx, int64_t shop_id, const char *code,
                        struct coupon *ret_coupon) NODISCARD;
/* Data of coupon.drop. */
json_t *coupon_drop_json(const struct coupon *c);
/* The code as it is kept: upper case, of letters, digits and '-'. ERR_INPUT */
enum { COUPON_CODE_SIZE = COUPON_CODE_CHARS_MAX + 1 };
enum err coupon_code_tidy(struct cx *cx, const char *typed,
                          char ret_code[COUPON_CODE_SIZE]) NODISCARD;
