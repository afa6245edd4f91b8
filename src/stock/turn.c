/* One job's dealings with units: what it touched, what there is to tell, and the end of it. */
#include "base/arena.h"
#include "stock/stock_in.h"

#include <assert.h>
#include <string.h>

enum { FIRST_ROOM = 8 };

void turn_begin(struct stock_turn *turn, struct tx *tx, const struct stock_watch *watch)
{
    *turn = (struct stock_turn){.tx = tx, .watch = watch};
}

/* Room for one more in a list that lies in the arena. */
static enum err grow(struct stock_turn *turn, void **list, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return ERR_OK;
    size_t more = *room ? *room * 2 : FIRST_ROOM;
    void *grown = more <= TURN_NEWS_MAX ? arena_bytes_n(turn->tx->cx->arena, more, size, 8) : NULL;
    if (!grown)
        return problem(turn->tx->cx, ERR_NO_MEMORY, "too much happens in one job");
    if (count)
        memcpy(grown, *list, count * size);
    *list = grown;
    *room = more;
    return ERR_OK;
}

enum err turn_tell(struct stock_turn *turn, const struct news_item *item)
{
    void *list = turn->items;
    enum err e = grow(turn, &list, turn->count, &turn->items_room, sizeof *item);
    turn->items = list;
    if (!e)
        turn->items[turn->count++] = *item;
    return e;
}

enum err turn_variant_is(struct stock_turn *turn, const struct turn_variant *now)
{
    for (size_t i = 0; i < turn->variant_count; i++)
        if (turn->variants[i].id == now->id) {
            bool freed = turn->variants[i].freed || now->freed;
            turn->variants[i] = *now;
            turn->variants[i].freed = freed;
            return ERR_OK;
        }
    void *list = turn->variants;
    enum err e = grow(turn, &list, turn->variant_count, &turn->variant_room, sizeof *now);
    turn->variants = list;
    if (!e)
        turn->variants[turn->variant_count++] = *now;
    return e;
}

enum err turn_deal_is(struct stock_turn *turn, const struct news_deal *now)
{
    for (size_t i = 0; i < turn->deal_count; i++)
        if (turn->deals[i].id == now->id) {
            turn->deals[i] = *now;
            return ERR_OK;
        }
    void *list = turn->deals;
    enum err e = grow(turn, &list, turn->deal_count, &turn->deal_room, sizeof *now);
    turn->deals = list;
    if (!e)
        turn->deals[turn->deal_count++] = *now;
    return e;
}

/* The variant with free units to offer that has the smallest id; its mark is taken away. */
static bool next_freed(struct stock_turn *turn, struct turn_variant *ret_variant)
{
    struct turn_variant *first = NULL;
    for (size_t i = 0; i < turn->variant_count; i++) {
        struct turn_variant *v = &turn->variants[i];
        if (v->freed && (!first || v->id < first->id))
            first = v;
    }
    if (!first)
        return false;
    first->freed = false;
    *ret_variant = *first;
    return true;
}

static enum err tell_watcher(struct stock_turn *turn)
{
    if (!turn->watch || (!turn->count && !turn->variant_count && !turn->deal_count))
        return ERR_OK;
    struct tx *tx = turn->tx;
    struct news_variant *variants = NULL;
    if (turn->variant_count)
        variants = arena_array(tx->cx->arena, struct news_variant, turn->variant_count);
    if (turn->variant_count && !variants)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < turn->variant_count; i++) {
        const struct turn_variant *v = &turn->variants[i];
        variants[i] = (struct news_variant){v->id, v->total, v->held};
    }
    const struct stock_news news = {
        .items = turn->items,
        .count = turn->count,
        .variants = variants,
        .variant_count = turn->variant_count,
        .deals = turn->deals,
        .deal_count = turn->deal_count,
    };
    return turn->watch->tell(turn->watch->arg, tx, &news);
}

enum err turn_end(struct stock_turn *turn)
{
    assert(turn->tx); /* once */
    enum err e = ERR_OK;
    for (struct turn_variant v; !e && next_freed(turn, &v);)
        e = waiting_offer(turn, &v);
    if (!e)
        e = tell_watcher(turn);
    turn->tx = NULL;
    return e;
}
