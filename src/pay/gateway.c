#include "pay/gateway.h"
#include "base/crypto.h"

#include <assert.h>
#include <string.h>

void gateway_free(struct gateway *g)
{
    if (g)
        g->way->free(g);
}

int64_t gateway_later(struct gateway *g)
{
    return g->way->later ? g->way->later(g) : 0;
}

const char *gateway_says_name(enum gateway_says s)
{
    static const char *const names[] = {
        [SAYS_UNKNOWN] = "unknown", [SAYS_PENDING] = "pending", [SAYS_CODE] = "code",
        [SAYS_PAID] = "paid",       [SAYS_FAILED] = "failed",   [SAYS_EXPIRED] = "expired"};
    assert((unsigned)s < sizeof names / sizeof names[0]);
    return names[s];
}

bool pay_fail_known(const char *code)
{
    static const char *const words[] = {
#define X(name, text) text,
        PAY_FAIL_TABLE(X)
#undef X
    };
    for (size_t i = 0; code && i < sizeof words / sizeof words[0]; i++)
        if (strcmp(code, words[i]) == 0)
            return true;
    return false;
}

/* 32 digits divide a byte evenly: each is as likely as the others. */
void gateway_ref_make(char out[GATEWAY_REF + 1])
{
    static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    unsigned char raw[GATEWAY_REF];
    crypto_random(raw, sizeof raw);
    for (int i = 0; i < GATEWAY_REF; i++)
        out[i] = digits[raw[i] % 32];
    out[GATEWAY_REF] = '\0';
}
