/*
 * static - a directory of files (web/dist), read at start and served from memory.
 *
 * Shape:  "a.js" with siblings "a.js.br" and "a.js.gz" is one file with three encodings, chosen by
 *         Accept-Encoding. Strong ETag from the content; names with a content hash
 * (index-B1x9fQ2a.js) are immutable for a year, all else is no-cache. Symbolic links are not
 * followed. Memory: the tree is shared bytes, bounded by STATIC_FILES_MAX and STATIC_BYTES_MAX.
 * Thread: after static_load() read-only: any.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct http_req;
struct static_files;

enum { STATIC_FILES_MAX = 4096, STATIC_BYTES_MAX = 256 << 20, STATIC_WHY = 300 };

/* ERR_IO: cannot be read; ERR_TOO_LARGE; `why` names the file. */
enum err static_load(const char *dir, char why[STATIC_WHY],
                     struct static_files **ret_files) NODISCARD;
void static_free(struct static_files *f); /* NULL is fine; answers being sent go on */
bool static_has(const struct static_files *f, const char *path); /* "assets/a.js" */
/* Answers the request with the file, or 404. `path` as for static_has(); "" is index.html. */
void static_serve(const struct static_files *f, struct http_req *req, const char *path);
/* text/html; charset=utf-8 and so on, by the name's ending; application/octet-stream otherwise. */
const char *static_type(const char *name);
