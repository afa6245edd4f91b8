/* What an account may have, as the API may answer it. */
#include "pay/omise_in.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct omise_capability c;
    json_t *o = json_loadb((const char *)data, len, 0, NULL);
    if (o && omise_read_capability(o, &c) == ERR_OK && (c.min < 0 || c.max < 0))
        abort();
    json_decref(o);
    return 0;
}
