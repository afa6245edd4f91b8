/* Forms with bracketed names, as shops' servers post them: what comes out is whole JSON. */
#include "base/arena.h"
#include "sandboxd/omise_in.h"

#include <assert.h>
#include <stdlib.h>

enum { ARENA = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cx cx = {.arena = arena_make(ARENA)};
    assert(cx.arena);
    json_t *o = omise_read_form(&cx, (const char *)data, size);
    if (o) {
        char *text = json_dumps(o, 0);
        assert(text && json_is_object(o));
        free(text);
    }
    json_decref(o);
    arena_free(cx.arena);
    return 0;
}
