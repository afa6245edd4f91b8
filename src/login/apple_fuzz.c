/* What anybody may post as Apple's `user`, and what is inside a notice of theirs. */
#include "base/arena.h"
#include "login/apple.h"
#include "login/apple_in.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct cx cx = {.arena = arena_make(1 << 20)};
    struct apple_notice n = {.event = APPLE_OTHER};
    if (crypto_init() != ERR_OK || !cx.arena)
        abort();
    const char *text = arena_dup(cx.arena, (const char *)data, len);
    const char *name = text ? apple_name(&cx, text) : NULL;
    if ((name && !*name) || cx.problem[0])
        abort(); /* a name has letters, and to have none is no error */
    if (apple_event_read(&cx, (const char *)data, len, &n) == ERR_OK && !n.subject[0])
        abort();
    arena_free(cx.arena);
    return 0;
}
