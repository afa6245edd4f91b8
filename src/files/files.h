/*
 * files - pictures that staff upload, and what becomes of them.
 *
 * Doors:   files.h  uploads and their pictures      link.h  where a stored picture is found
 *          big.h    big files to the bucket, in parts, across restarts
 * Shape:   waiting -> ready | refused. An upload is announced with its exact size and type; its
 *          bytes are sent to an address that carries its own permission, of the bucket or of ours;
 *          then it is looked at: by its first bytes, and by nightmarket-image, which makes the
 *          sizes. Only these are kept, named by their content; the upload itself is deleted.
 * Rights:  a file belongs to a shop. Callers check that the asker may upload there; a file of
 *          another shop is ERR_NOT_FOUND to them.
 * Memory:  texts in cx->arena.
 * Thread:  workers.
 * Errors:  as store.h and file_store.h.
 */
#pragma once
#include "base/buf.h"
#include "base/cx.h"
#include "files/link.h"
#include <stddef.h>

struct db;
struct file_store;
struct files;
struct store;

struct files_setup {
    struct store *store;
    struct file_store *objects; /* outlives the files */
    const unsigned char *key;   /* SECRET_KEY_LEN bytes; outlives the files */
    const char *work_dir;       /* for what is being looked at; made when absent */
    const char *program;        /* path of nightmarket-image */
};
enum err files_make(struct cx *cx, const struct files_setup *setup,
                    struct files **ret_files) NODISCARD;
void files_free(struct files *f); /* NULL is fine */
struct file_store *files_objects(struct files *f);

/* ---- a file ---- */

/* The names are stored and shown by the API. */
#define FILE_STATE_TABLE(X) X(WAITING, "waiting") X(READY, "ready") X(REFUSED, "refused")
enum file_state {
#define X(name, text) FILE_##name,
    FILE_STATE_TABLE(X)
#undef X
        FILE_STATE_COUNT
};

struct file {
    int64_t id;
    const char *public_id; /* fil_… */
    int64_t shop_id;
    const char *purpose; /* "product", "cover", "thumbnail" */
    enum file_state state;
    const char *why;        /* refused: for a person; else NULL */
    const char *key;        /* ready: for link.h; else NULL */
    const char *mime;       /* as announced; ready: as it was found to be */
    int64_t width, height;  /* of the upright original; 0 until ready */
    int64_t bytes;          /* of the original */
    const char *upload_key; /* where its bytes are, until it is ready or refused */
};

/* ERR_NOT_FOUND */
enum err files_find(struct db *db, struct cx *cx, const char *public_id,
                    struct file *ret_file) NODISCARD;
/* The internal id of a ready file of this shop and purpose. ERR_INPUT: there is none. */
enum err files_ready_id(struct db *db, struct cx *cx, int64_t shop_id, const char *purpose,
                        const char *public_id, int64_t *ret_id) NODISCARD;
/* The object File of the API. NULL: out of memory. */
json_t *files_json(const struct file *file);

/* ---- uploads ---- */

enum { FILES_UPLOAD_MS = 15 * 60 * 1000, FILES_WAITING_MAX = 200 };

struct file_ask {
    int64_t shop_id, by_id;
    const char *purpose; /* "product" or "cover" */
    const char *mime;
    int64_t bytes;
};
struct file_upload {
    const char *url; /* absolute, of the bucket; or a path of ours */
    int64_t expires_ms;
};
/*
 * ERR_INPUT      purpose, type or size is none we take
 * ERR_SLOW_DOWN  FILES_WAITING_MAX uploads of this shop wait already
 */
enum err files_begin(struct files *f, struct cx *cx, const struct file_ask *ask,
                     struct file *ret_file, struct file_upload *ret_upload) NODISCARD;

/*
 * Is this the address that was given out for the file? `exp` and `sig` are of its query. NULL is
 * fine. Only of a store that is no bucket.
 *
 * ERR_FORBIDDEN  the signature is not ours, or its time has passed
 * ERR_CONFLICT   the upload is over
 */
enum err files_check_address(struct files *f, struct cx *cx, const char *public_id, const char *exp,
                             const char *sig, struct file *ret_file) NODISCARD;
/* An unnamed file to receive into. ERR_IO. */
enum err files_scratch(struct files *f, struct cx *cx, int *ret_fd) NODISCARD;
/* Its bytes have come: the first file->bytes of fd. */
enum err files_receive(struct files *f, struct cx *cx, const struct file *file, int fd) NODISCARD;

/*
 * Look at what was sent and make its sizes. Of a ready file: nothing more to do.
 *
 * ERR_CONFLICT  nothing has been sent yet
 * ERR_INPUT     refused: now, or before; cx->problem says why, for a person
 * ERR_BUSY      too many pictures are being made
 */
enum err files_finish(struct files *f, struct cx *cx, const struct file *file,
                      struct file *ret_file) NODISCARD;

/* A picture of our own making (fd, from its beginning) becomes a ready file. ERR_INPUT as above. */
enum err files_adopt(struct files *f, struct cx *cx, int64_t shop_id, const char *purpose, int fd,
                     struct file *ret_file) NODISCARD;

/* Uploads that nobody finished go, and their bytes: some at a time. *ret_n: how many. */
enum err files_sweep(struct files *f, struct cx *cx, size_t *ret_n) NODISCARD;

/* ---- serving, where there is no public address of the bucket ---- */

/*
 * One of our pictures by its name: an open file, or (fd -1) its bytes in `out`, whose max must
 * suffice. Of a bucket, a few at a time: R2_PUBLIC_URL is the way for many. ERR_NOT_FOUND,
 * ERR_BUSY
 */
enum err files_open(struct files *f, struct cx *cx, const char *name, int *ret_fd,
                    uint64_t *ret_len, struct buf *out) NODISCARD;
