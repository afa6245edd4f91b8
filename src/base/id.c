#include "base/id.h"
#include "base/crypto.h"

#include <assert.h>
#include <string.h>

void id_make(const char *prefix, char out[ID_TEXT])
{
    static const char digit[] = "0123456789abcdefghjkmnpqrstvwxyz";
    unsigned char r[16];
    assert(strlen(prefix) == 3);
    crypto_random(r, sizeof r);
    memcpy(out, prefix, 3);
    out[3] = '_';
    for (size_t i = 0; i < sizeof r; i++)
        out[4 + i] = digit[r[i] & 31];
    out[4 + sizeof r] = '\0';
}

bool id_ok(const char *id, const char *prefix)
{
    if (strncmp(id, prefix, 3) != 0 || id[3] != '_')
        return false;
    size_t n = strspn(id + 4, "0123456789abcdefghijklmnopqrstuvwxyz_");
    return n >= 1 && n <= 32 && id[4 + n] == '\0';
}
