/* What is posted as a signed_request: as it is, and signed with the right secret. */
#include "login/signed_request.h"

#include "base/crypto.h"

#include <stdlib.h>
#include <string.h>

static const char SECRET[] = "app-secret-1";

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static void check(enum err e, const struct signed_request *r)
{
    if (e == ERR_OK && (!r->user_id[0] || strspn(r->user_id, "0123456789") != strlen(r->user_id)))
        abort();
}

/* Strangers' bytes as the second part, under a signature of ours. */
static void as_signed(struct cx *cx, const unsigned char *data, size_t len)
{
    struct signed_request r = {.user_id = ""};
    struct buf body, text;
    unsigned char mac[SHA256_LEN];
    buf_init(&body, 2 * SIGNED_REQUEST_MAX);
    buf_init(&text, 4 * SIGNED_REQUEST_MAX);
    crypto_base64url(&body, data, len);
    if (!body.failed) {
        crypto_hmac_sha256(SECRET, strlen(SECRET), body.data, body.len, mac);
        crypto_base64url(&text, mac, sizeof mac);
        buf_ch(&text, '.');
        buf_add(&text, body.data, body.len);
    }
    if (!body.failed && !text.failed)
        check(signed_request_read(cx, SECRET, text.data, text.len, &r), &r);
    buf_done(&body);
    buf_done(&text);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct cx cx = {.now_ms = INT64_C(1291836900000)};
    struct signed_request r = {.user_id = ""};
    if (crypto_init() != ERR_OK)
        abort();
    check(signed_request_read(&cx, SECRET, (const char *)data, len, &r), &r);
    as_signed(&cx, data, len);
    return 0;
}
