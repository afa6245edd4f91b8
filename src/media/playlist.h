/*
 * playlist - the window of a live stream, and HLS playlists as text.
 *
 * Shape:  struct playlist keeps what viewers may ask for: inits, segments, their parts. Its texts
 *         are rendered once per change and shared: every waiting viewer gets the same bytes.
 *         URIs are relative: prefix + "init-<version>.mp4", "seg-<msn>.m4s",
 *         "part-<msn>-<index>.m4s".
 * Window: `window_segments` or `dvr_s`, whichever is more. Removed segments stay for one more
 *         playlist length. What is above `window_bytes` goes sooner, but for the newest segment.
 * Parts are listed for the last three target durations. Memory: one heap object; it references
 * parts. Returned bytes carry a reference for the caller. Thread: one at a time (the stream's own
 * loop); the bytes it returns are for any thread. Source: RFC 8216bis
 * (draft-pantos-hls-rfc8216bis-15).
 */
#pragma once
#include "base/err.h"
#include "media/part.h"

struct buf;
struct bytes;
struct playlist;

/* 20 Mbit/s for the 10 segments of 2 s that are listed, and as much that is not any more. */
enum { PLAYLIST_BYTES = 100 << 20 };

struct playlist_opts {
    unsigned window_segments; /* 0: 10 */
    unsigned dvr_s;           /* 0: none */
    size_t window_bytes;      /* 0: PLAYLIST_BYTES */
    uint64_t first_msn;       /* after a restart of the server: packager_resume's msn */
    char prefix[64];          /* before every URI, "" for the playlist's own folder */
};

/* NULL when out of memory. */
struct playlist *playlist_make(const struct playlist_opts *opts);
void playlist_free(struct playlist *p); /* NULL is fine */

/* The packager's sink calls, in its order; see packager.h. ERR_NO_MEMORY: nothing was added. */
enum err playlist_add_init(struct playlist *p, unsigned version, struct bytes *init,
                           const struct media_info *info) NODISCARD;
/* A part with `last` set completes its segment, too: one change, one version. */
enum err playlist_add_part(struct playlist *p, const struct media_part *part) NODISCARD;
void playlist_end_segment(struct playlist *p, uint64_t msn);
void playlist_ready(struct playlist *p, unsigned target_s, int64_t part_target);
/* How many DISCONTINUITYs went before the first part, after a restart of the server. */
void playlist_begin_at(struct playlist *p, uint64_t discontinuity);
/* The stream has ended: ENDLIST. */
void playlist_end(struct playlist *p);

/* False until playlist_ready(): answer 404 or wait. */
bool playlist_is_ready(const struct playlist *p);
bool playlist_has_ended(const struct playlist *p);
/* Changes with every part, segment and end: "is what I sent still the newest?" */
uint64_t playlist_version(const struct playlist *p);
unsigned playlist_target_s(const struct playlist *p);
/* Of the newest init; NULL before it. Points into p. */
const struct media_info *playlist_info(const struct playlist *p);
/* Bits per second over the window, for BANDWIDTH (peak of a segment) and AVERAGE-BANDWIDTH. */
void playlist_rates(const struct playlist *p, uint64_t *ret_peak, uint64_t *ret_average);

/* Where another rendition stands, for RENDITION-REPORT. The text shows what was set last. */
struct playlist_report {
    const char *uri; /* copied */
    uint64_t msn, part;
};
enum { PLAYLIST_REPORTS_MAX = 8 };
void playlist_set_reports(struct playlist *p, const struct playlist_report *reports, unsigned n);

enum playlist_kind {
    PLAYLIST_LL,      /* with parts */
    PLAYLIST_LL_SKIP, /* likewise, delta update */
    PLAYLIST_PLAIN,   /* without parts */
    PLAYLIST_KINDS,
};

/* The text now; NULL before it is ready or out of memory. Cheap when nothing changed. */
struct bytes *playlist_text(struct playlist *p, enum playlist_kind kind);

/* What a viewer asks for by query: RFC 8216bis 6.2.5 (delivery directives). */
struct playlist_ask {
    bool wait;     /* _HLS_msn was given */
    bool has_part; /* _HLS_part was given */
    uint64_t msn;
    uint64_t part;
    bool skip;  /* _HLS_skip=YES or v2 */
    bool plain; /* protocol=hls */
};

/*
 * Read the query string ("_HLS_msn=5&_HLS_part=1", no leading '?'); other parameters are ignored.
 *
 * ERR_INPUT  not a number, given twice, or _HLS_part without _HLS_msn
 */
enum err playlist_read_ask(const char *query, size_t len, struct playlist_ask *ret_ask) NODISCARD;

enum playlist_answer {
    PLAYLIST_NOW,  /* answer with the text */
    PLAYLIST_WAIT, /* park it; look again when playlist_version() has changed */
    PLAYLIST_BAD,  /* 400: more than two segments ahead */
};

enum playlist_answer playlist_answer(const struct playlist *p, const struct playlist_ask *ask);
/* How long a parked ask waits before its 503: three target durations, in ms. */
unsigned playlist_wait_ms(const struct playlist *p);

/* Each with a reference for the caller; NULL when not (or no longer, or not yet) there. */
struct bytes *playlist_init(const struct playlist *p, unsigned version);
struct bytes *playlist_part(const struct playlist *p, uint64_t msn, unsigned index);
enum { PLAYLIST_PARTS_MAX = 512 };
/*
 * The parts of a complete segment: at most `max` references into ret_parts. Returns how many there
 * are in all, never above PLAYLIST_PARTS_MAX; 0: not there, or not complete.
 */
unsigned playlist_segment(const struct playlist *p, uint64_t msn, struct bytes **ret_parts,
                          unsigned max);
/* Will this part come soon (it is the one hinted, or the next)? Then a request for it may wait. */
bool playlist_expects_part(const struct playlist *p, uint64_t msn, unsigned index);

/* One rendition of a master playlist. */
struct playlist_variant {
    const struct media_info *info;
    const char *uri;
    uint64_t peak_bps, average_bps; /* 0 average: left out */
};

void playlist_write_master(struct buf *out, const struct playlist_variant *variants, unsigned n);

/* A recording: segments as they were, whole. */
struct playlist_vod_segment {
    const char *uri;
    const char *init_uri; /* EXT-X-MAP is written where it differs from the one before */
    int64_t duration;     /* 1/MEDIA_HZ s */
    int64_t wall_ms;      /* 0: no PROGRAM-DATE-TIME */
    bool discontinuity;
};

/* `growing_s` 0: it is whole. Else more will come, of at most so many seconds: no end is written.
 */
void playlist_write_vod(struct buf *out, const struct playlist_vod_segment *segments, size_t n,
                        unsigned growing_s);
