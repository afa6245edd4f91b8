/*
 * crowd - who watches: distinct players seen by one loop within the last CROWD_MS.
 *
 * Shape:  a hash set of 64-bit player numbers with the time each was last seen.
 * Limits: CROWD_MAX players a loop; more are not counted.
 * Memory: grows with the players, shrinks never; crowd_free().
 * Thread: one at a time.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct crowd;

enum { CROWD_MS = 30 * 1000, CROWD_MAX = 1 << 20 };

struct crowd *crowd_make(void); /* NULL: out of memory */
void crowd_free(struct crowd *c);
/* Player `id` (any number but 0) is here at now_ms. */
void crowd_see(struct crowd *c, uint64_t id, int64_t now_ms);
/* Call fn for each player that is still here. */
void crowd_each(const struct crowd *c, int64_t now_ms, void (*fn)(uint64_t id, void *arg),
                void *arg);
size_t crowd_count(const struct crowd *c, int64_t now_ms);
