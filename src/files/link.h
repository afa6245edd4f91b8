/*
 * link - where a stored picture is found: the names of its sizes, and their addresses.
 *
 * Shape:   a picture is known by its key (column file.key: 32 hex digits, a hash of its content).
 *          Each size is an object of its own: "<key>-480.webp". Names are never used again for
 *          other bytes, so whoever fetches one may keep it for ever.
 * Thread:  file_link_base() once at start-up, before any thread; the rest from any.
 */
#pragma once
#include "base/err.h"
#include <jansson.h>
#include <stddef.h>

/*     name   ending        type          pixels wide, at most */
#define FILE_SIZE_TABLE(X)                    \
    X(160, "-160.webp", "image/webp", 160)    \
    X(480, "-480.webp", "image/webp", 480)    \
    X(1080, "-1080.webp", "image/webp", 1080) \
    X(SHARE, "-share.jpg", "image/jpeg", 1200) /* 1200 x 630, for link previews */

enum file_size {
#define X(name, ending, type, width) FILE_##name,
    FILE_SIZE_TABLE(X)
#undef X
        FILE_SIZE_COUNT
};

enum { FILE_KEY_LEN = 32, FILE_NAME_MAX = FILE_KEY_LEN + 16, FILE_URL_MAX = 512 };

/* "https://img.example.com" or "/api/v1/files" (which it is unless set), without a slash behind. */
enum err file_link_base(const char *base) NODISCARD;

/* 32 hex digits in lower case. */
bool file_key_ok(const char *key);
/* The object's name, "<key>-480.webp". The key is good. */
void file_name(const char *key, enum file_size size, char out[FILE_NAME_MAX]);
/* The type of the object of that name; NULL: no name of ours. */
const char *file_type(const char *name);

/* The address of a size; false (and "") for a NULL or bad key. */
bool file_url(const char *key, enum file_size size, char out[FILE_URL_MAX]);
/* {"160":url,"480":url,"1080":url}; null without a key. NULL: out of memory. */
json_t *file_sizes_json(const char *key);
