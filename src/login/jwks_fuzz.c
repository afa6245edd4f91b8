/* A set of keys as a provider may send it; each that is kept can be used without harm. */
#include "login/jwks_in.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    static const char token[] = "eyJhbGciOiJSUzI1NiJ9.e30.AAAA",
                      es[] = "eyJhbGciOiJFUzI1NiJ9.e30.AA";
    struct cx cx = {.arena = NULL};
    struct jwks *set = NULL;
    if (jwks_read(&cx, (const char *)data, len, &set) != ERR_OK)
        return 0;
    if (set->n > JWKS_KEYS_MAX)
        abort();
    for (size_t i = 0; i < set->n; i++)
        if (jwk_verify(&set->key[i], token, sizeof token - 1) ||
            jwk_verify(&set->key[i], es, sizeof es - 1))
            abort();
    free(set);
    return 0;
}
