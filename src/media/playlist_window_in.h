/*
 * playlist_window - what a playlist holds; shared by its model (playlist.c), its text
 * (playlist_text.c) and its answers (playlist_ask.c). Private to media.
 */
#pragma once
#include "media/playlist.h"

struct window_part {
    struct bytes *bytes;
    int64_t duration;
    bool independent;
};

struct window_segment {
    uint64_t msn;
    unsigned init;
    bool discontinuity, complete;
    int64_t wall_ms;
    int64_t duration; /* of its parts */
    uint64_t size;    /* bytes */
    unsigned n, cap;
    struct window_part *parts;
};

struct window_init {
    unsigned version;
    struct bytes *bytes;
};

enum { WINDOW_INITS_MAX = 64, WINDOW_SEGMENTS_MAX = 1 << 16 };

struct playlist {
    struct playlist_opts opts;
    struct window_segment *segments; /* oldest first; the last may be incomplete */
    size_t n, cap;
    size_t listed;          /* index of the first one in the text */
    uint64_t discontinuity; /* DISCONTINUITYs that have left the text */
    struct window_init inits[WINDOW_INITS_MAX];
    unsigned inits_n;
    struct media_info info;
    bool has_info, ready, ended;
    unsigned target_s;
    int64_t part_target;
    uint64_t version;
    struct {
        char uri[128];
        uint64_t msn, part;
    } reports[PLAYLIST_REPORTS_MAX];
    unsigned reports_n;
    struct {
        struct bytes *bytes;
        uint64_t version;
    } text[PLAYLIST_KINDS];
};

/* The segment `msn`, or NULL. */
const struct window_segment *window_find(const struct playlist *p, uint64_t msn);
/* The segment that the next part belongs to: the incomplete one, or the one after the last. */
uint64_t window_next_msn(const struct playlist *p);
/* The incomplete segment, or NULL. */
const struct window_segment *window_open(const struct playlist *p);
/* The part most likely to come next: a segment tends to have as many parts as the last ones. */
void window_hint(const struct playlist *p, uint64_t *ret_msn, unsigned *ret_index);
