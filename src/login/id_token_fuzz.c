/* An id_token as anybody may send it: what is taken must be true of our settings. */
#include "base/arena.h"
#include "login/id_token_in.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct cx cx = {.arena = arena_make(1 << 20)};
    struct provider p = {.name = "x"};
    char *text = calloc(1, len + 1);
    struct jws j;
    struct id_claims c;
    if (!cx.arena || !text)
        abort();
    memcpy(text, data, len);
    provider_generic(&p, "https://id.test", ID_HS256);
    memcpy(p.client_id, "shop", 5);
    memcpy(p.secret, "0123456789abcdef0123456789abcdef", 33);
    const struct id_rule rule = {.alg = ID_HS256, .nonce = "n", .now_ms = INT64_C(1795305600000)};
    if (jws_read(&cx, text, &j) == ERR_OK) {
        (void)header_wrong(&j, ID_RS256);
        if (!header_wrong(&j, ID_HS256))
            (void)secret_verify(p.secret, j.token, j.len);
        if (!claims_wrong(&p, j.claims, &rule, &c)) {
            if (!c.sub || !c.sub[0] || strlen(c.sub) > SUBJECT_MAX || c.exp_ms <= 0 ||
                c.iat_ms > rule.now_ms + 60000)
                abort();
        }
    }
    arena_free(cx.arena);
    free(text);
    return 0;
}
