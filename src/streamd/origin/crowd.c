#include "streamd/origin/crowd_in.h"
#include <assert.h>
#include <stdlib.h>

enum { FIRST_SLOTS = 64 };

struct player {
    uint64_t id; /* 0: free */
    int64_t seen_ms;
};

struct crowd {
    struct player *slot;
    size_t size, used; /* size is a power of two; used counts the departed too */
};

struct crowd *crowd_make(void)
{
    struct crowd *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->size = FIRST_SLOTS;
    c->slot = calloc(c->size, sizeof(*c->slot));
    if (c->slot)
        return c;
    free(c);
    return NULL;
}

void crowd_free(struct crowd *c)
{
    if (!c)
        return;
    free(c->slot);
    free(c);
}

static struct player *slot_of(struct player *slots, size_t size, uint64_t id)
{
    uint64_t at = id * 0x9E3779B97F4A7C15U >> 32; /* Fibonacci hashing */
    for (;; at++) {
        struct player *p = &slots[at & (size - 1)];
        if (!p->id || p->id == id)
            return p;
    }
}

/* Half full: leave the departed behind, and take twice the room when it is still crowded. */
static bool make_room(struct crowd *c, int64_t now_ms)
{
    size_t here = crowd_count(c, now_ms);
    size_t size = here * 4 > c->size ? c->size * 2 : c->size;
    if (here >= CROWD_MAX)
        return false;
    struct player *slots = calloc(size, sizeof(*slots));
    if (!slots)
        return false;
    for (size_t i = 0; i < c->size; i++)
        if (c->slot[i].id && c->slot[i].seen_ms > now_ms - CROWD_MS)
            *slot_of(slots, size, c->slot[i].id) = c->slot[i];
    free(c->slot);
    c->slot = slots;
    c->size = size;
    c->used = here;
    return true;
}

void crowd_see(struct crowd *c, uint64_t id, int64_t now_ms)
{
    assert(c && id);
    struct player *p = slot_of(c->slot, c->size, id);
    if (!p->id) {
        if (c->used * 2 >= c->size) {
            if (!make_room(c, now_ms))
                return;
            p = slot_of(c->slot, c->size, id);
        }
        p->id = id;
        c->used++;
    }
    p->seen_ms = now_ms;
}

void crowd_each(const struct crowd *c, int64_t now_ms, void (*fn)(uint64_t id, void *arg),
                void *arg)
{
    for (size_t i = 0; i < c->size; i++)
        if (c->slot[i].id && c->slot[i].seen_ms > now_ms - CROWD_MS)
            fn(c->slot[i].id, arg);
}

static void count_one(uint64_t id, void *arg)
{
    (void)id;
    ++*(size_t *)arg;
}

size_t crowd_count(const struct crowd *c, int64_t now_ms)
{
    size_t n = 0;
    crowd_each(c, now_ms, count_one, &n);
    return n;
}
