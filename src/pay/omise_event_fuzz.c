/* Whatever is posted to the webhook of Omise, signed or not. */
#include "base/arena.h"
#include "base/crypto.h"
#include "pay/omise.h"
#include "pay/omise_sign.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct cx cx = {.arena = arena_make(1 << 20), .now_ms = 0};
    struct omise_event e;
    char *text = calloc(1, len + 1);
    if (crypto_init() != ERR_OK || !cx.arena || !text)
        abort();
    if (len)
        memcpy(text, data, len);
    if (omise_sign_check(&cx, "b21pc2U=", text, "0", data, len) == ERR_OK)
        abort(); /* nothing here can be signed */
    if (omise_secrets_check(text) == ERR_OK) {
        char out[OMISE_SIGN_TEXT];
        if (omise_sign(text, 0, data, len, out) != ERR_OK ||
            omise_sign_check(&cx, text, out, "0", data, len) != ERR_OK)
            abort();
    }
    if (omise_read_event(&cx, text, len, &e) == ERR_OK &&
        (strlen(e.id) >= OMISE_ID || strlen(e.key) >= OMISE_ID || strpbrk(e.charge, "/?#. ")))
        abort();
    free(text);
    arena_free(cx.arena);
    return 0;
}
