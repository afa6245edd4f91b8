/*
 * recorder - appends one broadcast to its folder, never on a loop.
 *
 * Shape:  what is added waits in a bounded queue; one worker at a time writes it, media first, then
 *         its index line. What does not fit or cannot be written is left out up to the next segment
 *         that can, which is then marked as a DISCONTINUITY; the broadcast goes on in any case.
 * Memory: holds references to parts until they are on disk.
 * Thread: recorder_add_...: one thread at a time (the broadcast's loop), never blocks.
 *         recorder_open, _flush and _close block: workers. recorder_free() after recorder_close().
 */
#pragma once
#include "base/err.h"
#include "media/packager.h"
#include "media/part.h"
#include <stdatomic.h>

struct pool;
struct recorder;

struct recorder_conf {
    const char *dir; /* of this video; made when it is missing */
    struct pool *pool;
    size_t queue_max;              /* bytes that may wait for the disk */
    atomic_llong *failures;        /* counts writes that failed */
    void (*on_trouble)(void *arg); /* a worker: writing has begun to fail; NULL is fine */
    void *arg;
};

/*
 * Open or make the recording. One that exists is cut back to what adds up and continued:
 * *ret_next says where; else it is zeroed.
 *
 * ERR_IO, ERR_NO_MEMORY
 */
enum err recorder_open(const struct recorder_conf *conf, struct recorder **ret_recorder,
                       struct packager_resume *ret_next) NODISCARD;

void recorder_add_init(struct recorder *r, unsigned version, struct bytes *init,
                       const struct media_info *info);
void recorder_add_part(struct recorder *r, const struct media_part *part);
void recorder_add_next(struct recorder *r, const struct packager_resume *next);

void recorder_add_targets(struct recorder *r, unsigned target_s, int64_t part_target);

/* Wait until all that was added is written or given up. */
void recorder_flush(struct recorder *r);
/* Flush, write the end mark when `ended`, sync and close the files. */
enum err recorder_close(struct recorder *r, bool ended) NODISCARD;
void recorder_free(struct recorder *r); /* NULL is fine */
