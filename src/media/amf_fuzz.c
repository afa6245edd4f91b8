#include "media/amf.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct amf amf;
    if (amf_read(data, len, &amf) != ERR_OK)
        return 0;
    assert(amf.n <= AMF_NODES_MAX);
    for (unsigned i = 0; amf_arg(&amf, i); i++) {
        char text[64];
        const struct amf_node *node = amf_arg(&amf, i);
        (void)amf_number(amf_member(&amf, node, "tcUrl"), 0);
        (void)amf_copy(amf_member(&amf, node, "app"), text, sizeof text);
    }
    return 0;
}
