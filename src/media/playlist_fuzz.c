#include "media/playlist.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct playlist_ask ask;
    if (playlist_read_ask((const char *)data, len, &ask) == ERR_OK) {
        assert(ask.wait || !ask.has_part);
        struct playlist *p = playlist_make(&(struct playlist_opts){0});
        if (p)
            assert(playlist_answer(p, &ask) <= PLAYLIST_BAD);
        playlist_free(p);
    }
    return 0;
}
