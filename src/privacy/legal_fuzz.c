/* What a shop writes into its legal texts: whatever passes has no link and no mark but safe ones.
 */
#include "base/arena.h"
#include "privacy/legal_in.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 4096, FUZZ_ARENA = 512 * 1024 };

/* As the web's renderer finds links: no more of them than the check has seen. */
static void check_links(const char *text)
{
    for (const char *at = strstr(text, "]("); at; at = strstr(at + 2, "](")) {
        const char *target = at + 2, *end = target + strcspn(target, ")\n");
        if (*end != ')')
            continue;
        bool web = strncmp(target, "https://", 8) == 0 || strncmp(target, "http://", 7) == 0;
        assert(web || (target[0] == '/' && target[1] != '/' && target[1] != '\\'));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct keep keep;
    struct cx cx = {.arena = arena_make(FUZZ_ARENA)};
    char *text = malloc(TEXT_MAX);
    assert(text && cx.arena);
    size_t len = size < TEXT_MAX ? size : TEXT_MAX - 1;
    memcpy(text, data, len);
    text[len] = '\0';
    enum err e = keep_parse(&cx, text, &keep);
    assert(!e || e == ERR_INPUT);
    e = keep_parse(&cx, NULL, &keep);
    assert(!e);
    const struct legal_marks marks = {"Shop {contact}", "https://shop.example", NULL, &keep,
                                      LANG_TH};
    const char *filled = NULL;
    e = legal_fill(&cx, text, &marks, &filled);
    assert(!e && filled);
    if (!legal_check(&cx, text))
        check_links(text);
    free(text);
    arena_free(cx.arena);
    return 0;
}
