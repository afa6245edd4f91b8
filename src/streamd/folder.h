/*
 * folder - the data folder: made 0700, used by one program at a time, and what is kept in small
 * files of its own (account id, API token).
 */
#pragma once
#include "base/cx.h"
#include <stddef.h>

/*
 * Make DIR and its parents, and lock it for as long as the program runs.
 *
 * ERR_IO        cx->problem names the folder
 * ERR_CONFLICT  another streamd uses it
 */
enum err folder_open(struct cx *cx, const char *dir, int *ret_lock_fd) NODISCARD;

/*
 * The one line of DIR/`name`; absent: `fresh` is written there (mode 0600) and given back.
 * ERR_IO, ERR_INPUT (empty, or too long for `out`)
 */
enum err folder_keep(struct cx *cx, const char *dir, const char *name, const char *fresh, char *out,
                     size_t size) NODISCARD;

/* Write all of a file, then put it in place of an older one. ERR_IO. */
enum err folder_write(struct cx *cx, const char *path, unsigned mode, const void *data,
                      size_t len) NODISCARD;
