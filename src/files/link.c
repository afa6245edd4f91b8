#include "files/link.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *ending, *type;
} sizes[FILE_SIZE_COUNT] = {
#define X(name, ending, type, width) [FILE_##name] = {ending, type},
    FILE_SIZE_TABLE(X)
#undef X
};

static char link_base[FILE_URL_MAX - FILE_NAME_MAX - 2] = "/api/v1/files";

enum err file_link_base(const char *base)
{
    if (strlen(base) >= sizeof link_base)
        return ERR_INPUT;
    (void)text_copy(link_base, sizeof link_base, base);
    return ERR_OK;
}

bool file_key_ok(const char *key)
{
    return key && strspn(key, "0123456789abcdef") == FILE_KEY_LEN && !key[FILE_KEY_LEN];
}

void file_name(const char *key, enum file_size size, char out[FILE_NAME_MAX])
{
    (void)snprintf(out, FILE_NAME_MAX, "%.*s%s", FILE_KEY_LEN, key, sizes[size].ending);
}

const char *file_type(const char *name)
{
    if (strspn(name, "0123456789abcdef") != FILE_KEY_LEN)
        return NULL;
    for (int i = 0; i < FILE_SIZE_COUNT; i++)
        if (strcmp(name + FILE_KEY_LEN, sizes[i].ending) == 0)
            return sizes[i].type;
    return NULL;
}

bool file_url(const char *key, enum file_size size, char out[FILE_URL_MAX])
{
    out[0] = '\0';
    if (!file_key_ok(key))
        return false;
    (void)snprintf(out, FILE_URL_MAX, "%s/%s%s", link_base, key, sizes[size].ending);
    return true;
}

json_t *file_sizes_json(const char *key)
{
    char small[FILE_URL_MAX], middle[FILE_URL_MAX], large[FILE_URL_MAX];
    if (!file_url(key, FILE_160, small))
        return json_null();
    (void)file_url(key, FILE_480, middle);
    (void)file_url(key, FILE_1080, large);
    return json_pack("{s:s, s:s, s:s}", "160", small, "480", middle, "1080", large);
}
