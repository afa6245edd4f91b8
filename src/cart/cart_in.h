/* cart_in - what the files of this room share. Nothing outside includes it. */
#pragma once
#include "base/cx.h"
#include "base/id.h"
#include "cart/cart.h"
#include "store/store.h"

/* The viewer's open cart, made when there is none. ERR_CONFLICT: it is full. */
enum err cart_open(struct stock_turn *turn, const struct cart_add *add,
                   int64_t *ret_cart) NODISCARD;
/* A new line with the hold of add->ids. */
enum err line_insert(struct stock_turn *turn, const struct cart_add *add, int64_t cart_id,
                     int64_t hold_id, int64_t qty) NODISCARD;
/* The clock of a held line ran out: its hold has expired already. */
enum err line_expire(struct stock_turn *turn, const struct hold *h) NODISCARD;
/* The same of a due hold that may be of a prize: that is kept for the draw. ERR_NOT_FOUND */
enum err line_hold_expire(struct stock_turn *turn, const struct hold *due,
                          struct hold *ret_hold) NODISCARD;
enum err line_tell(struct stock_turn *turn, enum news_kind kind, const struct cart_line *l,
                   int64_t qty, int64_t back) NODISCARD;

/* How many more of it they may hold at the list price; may be under 0. */
enum err line_plain_room(struct db *db, int64_t viewer_id, int64_t variant_id,
                         int64_t *ret_room) NODISCARD;
/* ERR_LIMIT, with its words. */
enum err line_enough(struct cx *cx);

/* By the names that are stored. ERR_STORE */
enum err line_source_of(const char *text, enum line_source *ret_source) NODISCARD;
enum err line_state_of(const char *text, enum line_state *ret_state) NODISCARD;

static inline struct val id_or_null(int64_t id)
{
    return id ? V(id) : VNULL;
}
