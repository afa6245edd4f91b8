/* file - the names under /{id}/hls/{video}/, as playlists write them. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum file_kind {
    FILE_PLAYLIST,       /* live.m3u8 */
    FILE_PLAIN_PLAYLIST, /* plain.m3u8: without parts */
    FILE_VOD,            /* vod.m3u8: the recording from its begin, also right after its end */
    FILE_INIT,           /* init-VERSION.mp4 */
    FILE_SEGMENT,        /* seg-MSN.m4s */
    FILE_PART,           /* part-MSN-INDEX.m4s */
};

struct file_name {
    enum file_kind kind;
    uint64_t msn;
    unsigned index; /* of a part; of an init its version */
};

/* False: no such name. A number is written one way only: no sign, no leading zero. */
bool file_read_name(const char *name, struct file_name *ret_name);
