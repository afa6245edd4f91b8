/* files_in - what the parts of the room share. Private to files. */
#pragma once
#include "base/crypto.h"
#include "base/picture.h"
#include "files/files.h"
#include <limits.h>
#include <pthread.h>

/* Few of the server's workers wait for pictures, so that the others go on with the shop. */
enum { CHILDREN_MAX = 2, WAITING_MAX = 4, FETCHING_MAX = 8 };

struct files {
    struct files_setup set;
    char work_dir[PATH_MAX], program[PATH_MAX];
    unsigned char sign_key[SHA256_LEN];
    pthread_mutex_t lock;
    pthread_cond_t freed;
    int children; /* of nightmarket-image, now */
    int waiting;  /* for a child to end */
    int fetching; /* from the bucket, for browsers */
};

/* What nightmarket-image answered. */
struct picture {
    struct buf bytes; /* the sizes one after another */
    struct picture_head head;
};
/*
 * Run nightmarket-image on fd, from its beginning. ERR_INPUT: it refused, cx->problem says why.
 * ERR_BUSY: no place among CHILDREN_MAX within 10 s, or WAITING_MAX wait for one already. ERR_IO:
 * it cannot be run. After an error there is no picture.
 */
enum err picture_make(struct files *f, struct cx *cx, int fd,
                      struct picture *ret_picture) NODISCARD;
void picture_done(struct picture *p);
