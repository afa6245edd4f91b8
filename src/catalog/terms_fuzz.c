/* Any bytes as a title, a text, a question and a code. */
#include "base/arena.h"
#include "catalog/terms_in.h"

#include <stdlib.h>
#include <string.h>

enum { ARENA = 4 << 20, MAX = 64 };

static void check(const struct term_list *l)
{
    if (l->count > MAX)
        abort();
    for (size_t i = 0; i < l->count; i++)
        if (!l->items[i].text[0] || strlen(l->items[i].text) > TERM_BYTES_MAX)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_make(ARENA);
    char *text = arena ? arena_dup(arena, (const char *)data, size) : NULL;
    struct term_list l;
    if (text && terms_init(&l, arena, MAX) == ERR_OK) {
        for (int use = TERM_TITLE; use <= TERM_QUERY; use++) {
            l.count = 0;
            if (terms_add(&l, text, (enum term_use)use) == ERR_OK)
                check(&l);
        }
        if (terms_add_code(&l, text) == ERR_OK)
            check(&l);
    }
    arena_free(arena);
    return 0;
}
