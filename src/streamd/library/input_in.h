/* input_in - one row of input, its object, and the checks of what may be set. Private. */
#pragma once
#include "streamd/library/state_in.h"
#include <jansson.h>

enum { CREDENTIAL_TEXT = 66 }; /* 32 hex, 'k', 32 hex */

struct input_row {
    int64_t id;
    const char *uid;
    int64_t created_ms, modified_ms, rotated_ms;
    const char *meta;
    bool enabled;
    const char *default_creator;
    int64_t delete_after_days; /* 0: never */
    bool prefer_ll, record;
    int64_t timeout_s;
    bool signed_only, hide_viewers;
    const char *origins; /* JSON array as text, or NULL */
    const char *rtmps_key, *rtmps_play_key, *srt_pass, *srt_play_pass, *webrtc_secret;
};

#define INPUT_COLS(r)                                                                         \
    COLS(C(&(r)->id), C(&(r)->uid), C(&(r)->created_ms), C(&(r)->modified_ms),                \
         C(&(r)->rotated_ms), C(&(r)->meta), C(&(r)->enabled), C(&(r)->default_creator),      \
         C(&(r)->delete_after_days), C(&(r)->prefer_ll), C(&(r)->record), C(&(r)->timeout_s), \
         C(&(r)->signed_only), C(&(r)->hide_viewers), C(&(r)->origins), C(&(r)->rtmps_key),   \
         C(&(r)->rtmps_play_key), C(&(r)->srt_pass), C(&(r)->srt_play_pass),                  \
         C(&(r)->webrtc_secret))

/* The five secrets of an input. */
struct credentials {
    char rtmps_key[CREDENTIAL_TEXT], rtmps_play_key[CREDENTIAL_TEXT];
    char srt_pass[CREDENTIAL_TEXT], srt_play_pass[CREDENTIAL_TEXT];
    char webrtc_secret[CREDENTIAL_TEXT];
};
void credentials_make(struct credentials *c);
void credentials_point(struct input_row *row, const struct credentials *c);

/* What a new input has before its body is read. */
void input_defaults(struct input_row *row);
/* Checks the body of a create or an update and puts what it gives into the row. */
enum err input_apply(struct cx *cx, const json_t *body, struct input_row *row) NODISCARD;
/* What memory needs of the row. */
void input_conf_of(const struct library *l, const struct input_row *row, struct input_conf *ret);

/* The object, its status from memory. NULL: out of memory. */
json_t *input_json(struct library *l, const struct input_row *row);
