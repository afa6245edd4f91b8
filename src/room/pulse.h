/*
 * pulse - the room's fast clock: deals open and close, holds end, and rooms hear what is left.
 *
 * Shape:   20 beats a second. What happens often is marked after its commit and told 4 times a
 *          second at most: stock.changed per variant, deal.progress, claim.ticker. Each 10 s
 *          claims.head, and a minute before a hold ends hold.expiring.
 * Nodes:   every process has its own: what the clock asks for is decided by conditions in
 *          statements, so that one of them does it.
 * Thread:  its own; tests call room_pulse() themselves, from one thread.
 */
#pragma once
#include "base/err.h"

struct room;
struct stock_watch;

/* Once, after start-up; room_free() stops it too. ERR_INTERNAL */
enum err room_pulse_start(struct room *r) NODISCARD;
void room_pulse_stop(struct room *r);
/* One beat. A late or missed one loses nothing. */
void room_pulse(struct room *r, int64_t now_ms);

/* Whom every turn (stock/turn.h) of this process tells. As long as the room. */
const struct stock_watch *room_watch(struct room *r);
