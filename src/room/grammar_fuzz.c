/* Any listings and any comment: reading stays within its bounds, and folding is stable. */
#include "base/arena.h"
#include "room/grammar_in.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/utf8.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 8000, LISTINGS = 12 };

/* Lines: first the comment, then for each listing its code and words; '/' begins an option. */
static size_t listings_of(struct cx *cx, char *lines, struct grammar_listing *out)
{
    size_t n = 0;
    for (char *line = strtok_r(NULL, "\n", &lines); line && n < LISTINGS;
         line = strtok_r(NULL, "\n", &lines)) {
        struct grammar_option *options = arena_array(cx->arena, struct grammar_option, 4);
        struct grammar_value *values = arena_array(cx->arena, struct grammar_value, 4 * 64);
        const char **words = arena_array(cx->arena, const char *, 4 * 64);
        assert(options && values && words);
        char *rest = line;
        out[n] = (struct grammar_listing){strtok_r(rest, " ", &rest), options, 0};
        if (!out[n].code)
            continue;
        size_t used = 0, option = 0;
        options[0].values = values;
        for (char *w = strtok_r(NULL, " ", &rest); w && used < 4 * 64;
             w = strtok_r(NULL, " ", &rest)) {
            if (strcmp(w, "/") == 0 && option < 3) {
                options[++option].values = values + used;
                continue;
            }
            words[used] = w;
            values[used] = (struct grammar_value){&words[used], 1};
            options[option].count++;
            used++;
        }
        out[n++].count = used ? option + 1 : 0;
    }
    return n;
}

static void check_item(const struct grammar_listing *l, const struct grammar_item *item)
{
    bool none = item->op == GRAMMAR_CANCEL;
    assert(none ? item->qty == 0 : item->qty >= 1 && item->qty <= GRAMMAR_QTY_MAX);
    for (size_t o = 0; o < GRAMMAR_OPTIONS_MAX; o++) {
        if (item->value[o] == GRAMMAR_NONE)
            continue;
        assert(o < l->count && item->value[o] >= 0);
        assert((size_t)item->value[o] < l->options[o].count);
    }
}

static void check(const struct grammar_listing *l, size_t n, const struct grammar_reading *r)
{
    assert(r->count <= GRAMMAR_ITEMS_MAX);
    for (size_t i = 0; i < r->count; i++) {
        const struct grammar_item *item = &r->items[i];
        assert(item->listing >= 0 && (size_t)item->listing < n);
        check_item(&l[item->listing], item);
    }
}

static void check_folding(const char *text)
{
    static uint32_t once[GRAMMAR_FOLDED_MAX], twice[GRAMMAR_FOLDED_MAX];
    static char again[4 * GRAMMAR_FOLDED_MAX + 1];
    size_t n, m;
    int32_t bytes = 0;
    UBool bad = false;
    if (grammar_fold(text, once, GRAMMAR_FOLDED_MAX, &n))
        return;
    for (size_t i = 0; i < n; i++)
        U8_APPEND((uint8_t *)again, bytes, 4 * GRAMMAR_FOLDED_MAX, once[i], bad);
    again[bytes] = '\0';
    if (bytes > 4 * GRAMMAR_TEXT_MAX)
        return;
    assert(!bad && !grammar_fold(again, twice, GRAMMAR_FOLDED_MAX, &m));
    assert(n == m && memcmp(once, twice, n * sizeof once[0]) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct grammar_listing listings[LISTINGS];
    struct grammar_reading r;
    struct grammar *g = NULL;
    if (size > TEXT_MAX)
        return 0;
    struct cx cx = {.arena = arena_make(1 << 20)};
    char *text = malloc(size + 2), *rest;
    assert(cx.arena && text);
    memcpy(text, data, size);
    for (size_t i = 0; i < size; i++) /* callers give C strings */
        if (!text[i])
            text[i] = ' ';
    memcpy(text + size, "\n", 2);
    rest = strchr(text, '\n') + 1;
    rest[-1] = '\0';
    size_t n = listings_of(&cx, rest, listings);
    if (!grammar_make(listings, n, &g)) {
        for (int pinned = GRAMMAR_NONE; pinned < 2; pinned++) {
            grammar_read(g, text, pinned, &r);
            check(listings, n, &r);
        }
        grammar_free(g);
    }
    check_folding(text);
    free(text);
    arena_free(cx.arena);
    return 0;
}
