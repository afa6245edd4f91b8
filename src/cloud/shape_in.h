/* shape_in - Stream's JSON objects read into ours, leniently. Private to cloud. */
#pragma once
#include "cloud/stream.h"
#include <jansson.h>

/* Text of a field copied to the arena; "" when absent, not text, or the arena is full. */
const char *shape_text(struct cx *cx, const json_t *o, const char *name);
/* RFC 3339 with any number of digits; 0 when absent or not a time. */
int64_t shape_time(const json_t *o, const char *name);
/* 32..64 letters and digits: a uid we may put into a path. */
bool shape_uid_ok(const char *uid);

/* ERR_UPSTREAM: not a live input, not a video. */
enum err shape_input(struct cx *cx, const json_t *o, struct stream_input *ret_input) NODISCARD;
enum err shape_video(struct cx *cx, const json_t *o, struct stream_video *ret_video) NODISCARD;
void shape_row(struct cx *cx, const json_t *o, struct stream_row *ret_row);
