/*
 * map_in - a hash map with keys of 32 bytes: uids, and SHA-256 sums of stream keys.
 *
 * Shape:  nodes are embedded in what they find; the map owns only its table.
 * Safety: keys are random bytes that this program made itself, so nobody can aim at one bucket.
 * Thread: the library's lock.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

enum { MAP_KEY = 32 };

struct map_node {
    unsigned char key[MAP_KEY];
    struct map_node *next;
};

struct map {
    struct map_node **at; /* cap buckets, a power of two; NULL while empty */
    size_t cap, n;
};

/* ERR_NO_MEMORY. The key must not be in the map yet. */
enum err map_add(struct map *m, struct map_node *node) NODISCARD;
struct map_node *map_find(const struct map *m, const unsigned char key[MAP_KEY]);
/* Not in the map: nothing. */
void map_remove(struct map *m, struct map_node *node);
void map_done(struct map *m); /* frees the table, not the nodes */

/* Every node, in no order; fn may free the node but not change the map. */
void map_each(const struct map *m, void (*fn)(struct map_node *node, void *arg), void *arg);
