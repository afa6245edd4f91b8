/* A charge as the API may answer it. */
#include "base/arena.h"
#include "pay/omise_in.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct cx cx = {.arena = arena_make(1 << 20)};
    struct omise_charge c;
    json_t *o = json_loadb((const char *)data, len, 0, NULL);
    if (!cx.arena)
        abort();
    if (o && omise_read_charge(&cx, o, &c) == ERR_OK) {
        if (!omise_id_ok(c.id, "chrg") || c.news.amount < 0 ||
            (c.news.says == SAYS_FAILED) != (c.news.fail_code != NULL))
            abort();
        if (strpbrk(c.url, "\"'<> ") || strpbrk(c.qr, "\"'<> "))
            abort();
        json_t *details = c.news.details ? json_loads(c.news.details, 0, NULL) : NULL;
        if (c.news.details && (!details || strlen(c.news.details) > GATEWAY_DETAILS_MAX))
            abort();
        json_decref(details);
    }
    json_decref(o);
    arena_free(cx.arena);
    return 0;
}
