/* export_in - the files of an export. Private to privacy. */
#pragma once
#include "base/buf.h"
#include "privacy/privacy_in.h"

struct export_file {
    const char *name; /* "orders": orders.json and orders.csv */
    const struct sql *q;
    const char *columns;
};
extern const struct export_file export_files[];
extern const size_t export_file_count;

/*
 * Read all of a person's rows, page by page, each with a reader of its own.
 * ERR_TOO_LARGE: more than the bufs take.
 */
enum err export_file_write(struct store *store, int64_t viewer_id, const struct export_file *f,
                           struct buf *json, struct buf *csv) NODISCARD;

/* The zip of all files and README.txt, in memory: free(). ERR_TOO_LARGE */
enum err export_zip(struct privacy *p, int64_t viewer_id, const char *lang, char **ret_bytes,
                    size_t *ret_len) NODISCARD;

/* README.txt's words: src/privacy/legal/export.<lang>.md. */
const char *export_readme(const char *lang);
