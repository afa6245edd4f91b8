/* video_in - one row of video, and the Video object made of it. Private to library. */
#pragma once
#include "streamd/library/state_in.h"
#include <jansson.h>

struct video_row {
    int64_t id;
    const char *uid, *input_uid, *state, *error_code, *error_text, *creator, *meta;
    int64_t created_ms, modified_ms, uploaded_ms, ready_ms, delete_ms, upload_expiry_ms;
    int64_t max_duration_s, duration_ms, size_bytes;
    int width, height;
    const char *origins;
    bool signed_only;
    int64_t thumb_ppm;
    const char *details;
};

#define VIDEO_COLS(v)                                                                        \
    COLS(C(&(v)->id), C(&(v)->uid), C(&(v)->input_uid), C(&(v)->state), C(&(v)->error_code), \
         C(&(v)->error_text), C(&(v)->creator), C(&(v)->meta), C(&(v)->created_ms),          \
         C(&(v)->modified_ms), C(&(v)->uploaded_ms), C(&(v)->ready_ms), C(&(v)->delete_ms),  \
         C(&(v)->upload_expiry_ms), C(&(v)->max_duration_s), C(&(v)->duration_ms),           \
         C(&(v)->size_bytes), C(&(v)->width), C(&(v)->height), C(&(v)->origins),             \
         C(&(v)->signed_only), C(&(v)->thumb_ppm), C(&(v)->details))

/* {"hls": …, "dash": …} of a video or of an input. */
json_t *playback_urls(const struct urls *urls, const char *uid);
/* The object as the API shows it. NULL: out of memory. */
json_t *video_json(struct library *l, const struct video_row *v);
