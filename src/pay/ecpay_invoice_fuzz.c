/* What comes back from the e-invoice: the envelope as it is, and its Data opened. */
#include "base/arena.h"
#include "base/crypto.h"
#include "pay/ecpay_aes.h"
#include "pay/ecpay_invoice.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static const struct ecpay_keys keys = {"2000132", "ejCk326UnaZWKisg", "q9jcZX8Ib9LM8wYk"};

static void open_it(struct cx *cx, const char *body, size_t len)
{
    json_t *o = NULL;
    if (ecpay_invoice_open(cx, &keys, body, len, &o) == ERR_OK && !json_is_object(o))
        abort();
    json_decref(o);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct cx cx = {.arena = arena_make(8 << 20), .now_ms = 0};
    struct buf sealed, body;
    if (crypto_init() != ERR_OK || !cx.arena)
        abort();
    char *text = calloc(1, len + 1);
    if (!text)
        abort();
    if (len)
        memcpy(text, data, len);
    open_it(&cx, text, len);
    buf_init(&sealed, ECPAY_DATA_MAX * 4);
    buf_init(&body, ECPAY_DATA_MAX * 4);
    if (ecpay_aes_seal(&keys, text, len, &sealed) == ERR_OK) {
        buf_fmt(&body, "{\"TransCode\":1,\"Data\":\"");
        buf_add(&body, sealed.data ? sealed.data : "", sealed.len);
        buf_str(&body, "\"}");
        if (buf_err(&body) == ERR_OK)
            open_it(&cx, body.data, body.len);
    }
    buf_done(&body);
    buf_done(&sealed);
    free(text);
    arena_free(cx.arena);
    return 0;
}
