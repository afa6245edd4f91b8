#include "streamd/library/map_in.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 64 };

static size_t bucket(size_t cap, const unsigned char key[MAP_KEY])
{
    /* Uids are hex digits: four of a byte's bits are nearly constant, so mix them all in. */
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < MAP_KEY; i++)
        h = (h ^ key[i]) * 0x100000001b3u;
    return (size_t)(h ^ h >> 32) & (cap - 1);
}

static enum err grow(struct map *m)
{
    size_t cap = m->cap ? m->cap * 2 : FIRST_CAP;
    struct map_node **at =
        calloc(cap, sizeof(at[0])); // NOLINT(bugprone-sizeof-expression): buckets
    if (!at)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < m->cap; i++)
        for (struct map_node *node = m->at[i], *next; node; node = next) {
            next = node->next;
            size_t b = bucket(cap, node->key);
            node->next = at[b];
            at[b] = node;
        }
    free(m->at);
    m->at = at;
    m->cap = cap;
    return ERR_OK;
}

enum err map_add(struct map *m, struct map_node *node)
{
    if (m->n >= m->cap) {
        enum err e = grow(m);
        if (e)
            return e;
    }
    size_t b = bucket(m->cap, node->key);
    node->next = m->at[b];
    m->at[b] = node;
    m->n++;
    return ERR_OK;
}

struct map_node *map_find(const struct map *m, const unsigned char key[MAP_KEY])
{
    if (!m->cap)
        return NULL;
    struct map_node *node = m->at[bucket(m->cap, key)];
    while (node && memcmp(node->key, key, MAP_KEY) != 0)
        node = node->next;
    return node;
}

void map_remove(struct map *m, struct map_node *node)
{
    if (!m->cap)
        return;
    struct map_node **at = &m->at[bucket(m->cap, node->key)];
    while (*at && *at != node)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = node->next;
    m->n--;
}

void map_done(struct map *m)
{
    free(m->at);
    *m = (struct map){0};
}

void map_each(const struct map *m, void (*fn)(struct map_node *node, void *arg), void *arg)
{
    for (size_t i = 0; i < m->cap; i++)
        for (struct map_node *node = m->at[i], *next; node; node = next) {
            next = node->next;
            fn(node, arg);
        }
}
