/* Accept-Language and language tags. */
#include "base/lang.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    char *text = malloc(len + 1);
    if (!text)
        return 0;
    memcpy(text, data, len);
    text[len] = '\0';
    if ((unsigned)lang_of(text) >= LANG_COUNT)
        abort();
    enum lang l = lang_near(text);
    if (l != LANG_COUNT && lang_near(lang_tag(l)) != l)
        abort();
    if (lang_find(text) != LANG_COUNT && lang_near(text) != lang_find(text))
        abort();
    free(text);
    return 0;
}
