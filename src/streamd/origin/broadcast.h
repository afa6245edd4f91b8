/*
 * broadcast - what ingest feeds: one live input on air, its packager, window and recording.
 *
 * Shape:   broadcast_open() asks for a broadcast; `opened` brings it to the loop that asked, and
 *          from then on that loop feeds it. It outlives its publisher: within the grace period the
 *          next one opens the same again (same video uid) and goes on behind a DISCONTINUITY.
 *          Opening one that has a publisher takes it over: the old one hears `lost` first.
 * Thread:  broadcast_open() on a loop; all others on the loop that `opened` was called on, until
 *          broadcast_close() or `lost`.
 */
#pragma once
#include "media/packager.h"
#include "streamd/library/library.h"

struct broadcast;
struct media_info;
struct origin;

struct broadcast_ask {
    struct input_conf conf;
    struct turn turn; /* from library_connected() */
    /* It is yours now; NULL: it cannot be opened (ERR_NO_MEMORY, ERR_BUSY: another publisher has
       a later turn). Always called, once, later. */
    void (*opened)(void *arg, struct broadcast *b, enum err e);
    /* It is not yours any more: "taken over", or the reason of origin_kick(). Do not call
       broadcast_close(); close the publisher. */
    void (*lost)(void *arg, const char *reason);
    void *arg;
};

/* Does a publisher feed this video now? Any thread; it may have changed when this returns. */
bool broadcast_on_air(struct origin *o, const char *video_uid);

/* ERR_NO_MEMORY: `opened` will not be called. */
enum err broadcast_open(struct origin *o, const struct broadcast_ask *ask) NODISCARD;

/* One RTMP message; errors as packager_take(). */
enum err broadcast_take(struct broadcast *b, enum flv_type type, uint32_t ts_ms,
                        const uint8_t *body, size_t len) NODISCARD;
const struct packager_stats *broadcast_stats(const struct broadcast *b);
const struct media_info *broadcast_info(const struct broadcast *b);

/* The publisher has gone. */
void broadcast_close(struct broadcast *b);
