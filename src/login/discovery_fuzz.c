/* A discovery document as a provider may send it: what is kept is theirs. */
#include "login/discovery_in.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct cx cx = {.arena = NULL};
    struct provider p = {.name = "line"};
    struct discovery d;
    (void)provider_preset(&p, "line", NULL);
    if (discovery_read(&cx, &p, (const char *)data, len, &d) == ERR_OK &&
        (strncmp(d.token, "https://", 8) != 0 || !provider_may_call(&p, d.authorize)))
        abort();
    char *text = calloc(1, len + 1);
    if (!text)
        abort();
    memcpy(text, data, len);
    int64_t ms = fresh_for_ms(text);
    if (ms < 300000 || ms > 86400000)
        abort();
    (void)provider_may_call(&p, text);
    free(text);
    return 0;
}
