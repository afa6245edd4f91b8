#include "base/id.h"
#include "base/clock.h"
#include "base/crypto.h"

#include <assert.h>
#include <stdatomic.h>
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

/* 41 bits of ms since 2020, 10 of this process, 12 that count: 4,096 ids a millisecond, then the
 * time in the id runs a little ahead. */
enum { PROCESS_BITS = 10, COUNT_BITS = 12, PROCESS_SET = 1 << PROCESS_BITS };
static const int64_t id_epoch_ms = 1577836800000;

static int64_t process_bits(void)
{
    static atomic_int bits; /* 0: not chosen yet */
    int have = atomic_load(&bits);
    if (!have) {
        unsigned char r[2];
        crypto_random(r, sizeof r);
        int mine = PROCESS_SET | ((r[0] | r[1] << 8) & (PROCESS_SET - 1));
        have = atomic_compare_exchange_strong(&bits, &have, mine) ? mine : have;
    }
    return have & (PROCESS_SET - 1);
}

int64_t id_next(void)
{
    static _Atomic int64_t last; /* ms << COUNT_BITS | count */
    int64_t now = (clock_unix_ms() - id_epoch_ms) << COUNT_BITS;
    int64_t old = atomic_load(&last);
    int64_t next;
    do {
        next = now > old ? now : old + 1;
    } while (!atomic_compare_exchange_weak(&last, &old, next));
    int64_t ms = next >> COUNT_BITS;
    int64_t count = next & ((1 << COUNT_BITS) - 1);
    return ms << (PROCESS_BITS + COUNT_BITS) | process_bits() << COUNT_BITS | count;
}
