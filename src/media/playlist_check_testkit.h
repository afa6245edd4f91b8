/*
 * playlist_check - a strict reader of media playlists, for tests: each text by itself, and against
 * the ones before it, as a client that reloads sees them (RFC 8216bis).
 *
 * Shape:  unknown tags, tags out of place, rules broken and anything that changed though it may not
 *         (targets, durations, URIs, maps, dates of known segments) are reported as a sentence.
 * Memory: the sentence lives in the checker until the next call.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct playlist_check;

struct playlist_check *playlist_check_make(void);
void playlist_check_free(struct playlist_check *c);
/* Check the next reload; NULL: nothing wrong. */
const char *playlist_check_text(struct playlist_check *c, const char *text, size_t len);

/* What the last text said. */
struct playlist_seen {
    uint64_t first_msn, last_msn; /* of complete segments */
    unsigned complete, skipped, maps;
    unsigned open_parts;      /* of the segment not complete */
    uint64_t discontinuities; /* those that left the text and those in it */
    double target_s, part_target_s, span_s, shortest_s, longest_s;
    bool ended, has_parts;
};

const struct playlist_seen *playlist_check_seen(const struct playlist_check *c);
