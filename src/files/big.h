/*
 * big - a big file of this machine to the bucket, in parts, across crashes.
 *
 * Shape:   which upload it is and each part that has arrived stand in the database, so that after a
 *          kill the next big_send() of the same file goes on with the first part that is missing.
 *          A file that has changed meanwhile (size, time) is begun anew. To a folder it is copied.
 * Thread:  one that may block for long; not the same key from two at once.
 * Source:  R2 "Multipart upload": all parts but the last have one size.
 */
#pragma once
#include "base/cx.h"
#include <stdint.h>

struct file_store;
struct store;

struct big_file {
    const char *path; /* of the file to send; nobody writes to it meanwhile */
    const char *key, *type;
    int64_t part_size; /* 0: 16 MiB, or more where that would be too many parts */
    /* After each part that was sent, with where in the file it ends; false: stop here, ERR_BUSY.
     * NULL: none */
    bool (*go_on)(void *arg, int64_t sent);
    void *arg;
};

/*
 * Returns when the whole object is in place. Any error but ERR_INPUT and ERR_IO: call again later,
 * nothing that has arrived is lost.
 */
enum err big_send(struct store *store, struct file_store *objects, struct cx *cx,
                  const struct big_file *file) NODISCARD;
/* Give up what was begun for `key`, if anything was. */
enum err big_forget(struct store *store, struct file_store *objects, struct cx *cx,
                    const char *key) NODISCARD;
