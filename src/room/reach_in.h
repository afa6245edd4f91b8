/* reach_in - offers and prizes are told outside the page as well: their clock runs meanwhile. */
#pragma once
#include "room/giveaway_in.h"
#include "stock/turn.h"

enum err reach_offer(struct tx *tx, const struct news_item *n) NODISCARD;
enum err reach_winner(struct tx *tx, const struct giveaway *g,
                      const struct giveaway_winner *w) NODISCARD;
