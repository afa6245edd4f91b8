/* order_in - what the handlers of orders share. */
#pragma once
#include "api/call_in.h"
#include "order/order.h"
#include "order/quote.h"

struct db;

/* The order a path names: {no}, ?secret=, ?shop=. */
struct order_ref call_order(struct call *c);
/* The object with `status`, or the error. */
enum err answer_made(struct call *c, enum err e, int status, json_t *body) NODISCARD;
/* Which cart the body names. */
enum err read_cart_ref(struct call *c, struct cart_ref *ref) NODISCARD;
enum err read_delivery(struct call *c, enum delivery *ret_delivery) NODISCARD;
/* With ERR_INPUT: the field that cx->problem names, as the problem document's "fields". */
void name_field(struct call *c, enum err e);
/* Of an order that waits for money: "pay_methods" (api_pay.c). */
enum err add_pay_methods(struct call *c, struct db *db, const struct order_ref *ref,
                         json_t *order) NODISCARD;
/* CSV or HTML of a buf that was filled; ends it. */
enum err answer_buf(struct call *c, enum err e, const char *type, const char *file,
                    struct buf *b) NODISCARD;
