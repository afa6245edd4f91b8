/* Any text as a message and as a blocked word: folding stays within its bounds, and is stable. */
#include "room/room_in.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 4000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct folded text, word;
    if (size > TEXT_MAX)
        return 0;
    char *s = calloc(1, size + 1);
    if (!s)
        return 0;
    memcpy(s, data, size);
    for (size_t i = 0; i < size; i++) /* callers give C strings */
        if (!s[i])
            s[i] = ' ';
    enum err e = words_fold(s, &text);
    if (!e) {
        assert(strlen(text.spaced) < FOLDED_SIZE && strlen(text.dense) < FOLDED_SIZE);
        assert(text.spaced[0] == ' ' && text.spaced[strlen(text.spaced) - 1] == ' ');
        assert(!words_fold(s, &word));
        assert(words_hold(&text, &word)); /* a text holds itself */
    }
    free(s);
    return 0;
}
