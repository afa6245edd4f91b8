/*
 * file_store - where files lie: a bucket (s3.h) or a folder of this machine. One door over both.
 *
 * Shape:   objects by key, as a bucket has them. The folder (0700) holds each object as a file of
 *          its key's name, put in place when it is whole and on the disk; what a crash left half
 *          written is swept when the store is made.
 * Keys:    in a folder [A-Za-z0-9._-] in up to 4 segments, none beginning with '.': no key leads
 *          out of it, and no symbolic link is followed. In a bucket as s3.h.
 * Thread:  any that may block; shared by all of them.
 * Errors:  as s3.h; for a folder ERR_NOT_FOUND, ERR_PRECONDITION, ERR_TOO_LARGE, ERR_INPUT and
 *          ERR_IO (disk full, no permission).
 */
#pragma once
#include "cloud/s3.h"

struct file_store;

/* The folder is made when absent; its parent is there. ERR_IO. */
enum err file_store_folder(struct cx *cx, const char *path,
                           struct file_store **ret_store) NODISCARD;
/* Takes over the client. */
enum err file_store_bucket(struct s3 *s3, struct file_store **ret_store) NODISCARD;
/* Calls on their way to a bucket end soon. NULL is fine. */
void file_store_end(struct file_store *f);
void file_store_free(struct file_store *f); /* NULL is fine */

/* The bucket's client; NULL: a folder. */
struct s3 *file_store_s3(struct file_store *f);

enum err file_store_put(struct file_store *f, struct cx *cx, const struct s3_put *put) NODISCARD;
enum err file_store_size(struct file_store *f, struct cx *cx, const char *key,
                         uint64_t *ret_size) NODISCARD;
/* The whole of it into `out`; ERR_TOO_LARGE over out->max. */
enum err file_store_get(struct file_store *f, struct cx *cx, const char *key,
                        struct buf *out) NODISCARD;
/* The whole of it into the file fd, from its beginning. */
enum err file_store_get_file(struct file_store *f, struct cx *cx, const char *key, int fd,
                             uint64_t max, uint64_t *ret_len) NODISCARD;
/* A folder's object, open for reading. ERR_INPUT of a bucket. */
enum err file_store_open(struct file_store *f, struct cx *cx, const char *key, int *ret_fd,
                         uint64_t *ret_len) NODISCARD;
/* ERR_OK also when there is none. */
enum err file_store_delete(struct file_store *f, struct cx *cx, const char *key) NODISCARD;
