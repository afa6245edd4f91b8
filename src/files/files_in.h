/* files_in - what the parts of the room share. Private to files. */
#pragma once
#include "base/crypto.h"
#include "base/picture.h"
#include "files/files.h"
#include <limits.h>
#include <pthread.h>

enum { CHILDREN_MAX = 2 };

struct files {
    struct files_setup set;
    char work_dir[PATH_MAX], program[PATH_MAX];
    unsigned char sign_key[SHA256_LEN];
    pthread_mutex_t lock;
    pthread_cond_t freed;
    int children; /* of nightmarket-image, now */
};

/* What nightmarket-image answered. */
struct picture {
    struct buf bytes; /* the sizes one after another */
    struct picture_head head;
};
/*
 * Run nightmarket-image on fd, from its beginning. ERR_INPUT: it refused, cx->problem says why.
 * ERR_BUSY: no place among CHILDREN_MAX within 10 s. ERR_IO: it cannot be run. After an error there
 * is no picture.
 */
enum err picture_make(struct files *f, struct cx *cx, int fd,
                      struct picture *ret_picture) NODISCARD;
void picture_done(struct picture *p);
