#include "sandboxd/ecpay_book.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 8192 };

static size_t slot_of(const char *key)
{
    uint32_t h = 2166136261U; /* FNV-1a */
    for (; *key; key++)
        h = (h ^ (unsigned char)*key) * 16777619U;
    return h % SLOTS;
}

enum err ecpay_book_init(struct book *b, size_t max)
{
    *b = (struct book){.max = max};
    b->list = calloc(max, sizeof(struct book_entry *));
    b->slots = calloc(SLOTS, sizeof(struct book_entry *));
    return b->list && b->slots ? ERR_OK : ERR_NO_MEMORY;
}

void ecpay_book_done(struct book *b, void (*drop)(struct book_entry *e))
{
    for (size_t i = 0; i < b->n; i++)
        drop(b->list[i]);
    free((void *)b->list);
    free((void *)b->slots);
    *b = (struct book){.max = 0};
}

struct book_entry *ecpay_book_find(const struct book *b, const char *key)
{
    struct book_entry *e = b->slots[slot_of(key)];
    while (e && strcmp(e->key, key) != 0)
        e = e->next;
    return e;
}

enum err ecpay_book_add(struct book *b, struct book_entry *e, const char *key)
{
    if (!text_copy(e->key, sizeof e->key, key))
        return ERR_INPUT;
    if (ecpay_book_find(b, key))
        return ERR_EXISTS;
    if (b->n == b->max)
        return ERR_LIMIT;
    size_t slot = slot_of(key);
    e->next = b->slots[slot];
    b->slots[slot] = e;
    e->at = b->n;
    b->list[b->n++] = e;
    return ERR_OK;
}
