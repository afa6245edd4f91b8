/* Whatever is posted to the two callback routes. */
#include "base/arena.h"
#include "base/crypto.h"
#include "cloud/callback.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    static const struct callback_secrets secrets = {{"85011ed3a913c6ad5f9cf6c5573cc0a7"}, 1};
    struct cx cx = {.arena = arena_make(1 << 20), .now_ms = 0};
    struct stream_video v;
    struct live_notice n;
    if (crypto_init() != ERR_OK || !cx.arena)
        abort();
    char *text = calloc(1, len + 1);
    if (!text)
        abort();
    if (len)
        memcpy(text, data, len);
    if (callback_check_video(&cx, &secrets, text, data, len) == ERR_OK ||
        callback_check_live(&cx, &secrets, text) == ERR_OK)
        abort(); /* nothing here can be signed */
    if (callback_read_video(&cx, text, len, &v) == ERR_OK)
        (void)strlen(v.uid);
    if (callback_read_live(&cx, text, len, &n) == ERR_OK)
        (void)strlen(n.input_uid);
    free(text);
    arena_free(cx.arena);
    return 0;
}
