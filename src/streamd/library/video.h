/*
 * video - videos as the REST API sees them: read, listed, edited, deleted.
 *
 * Memory:  objects are json_t that the caller json_decref()s; texts are the caller's.
 * Thread:  workers: every call reads or writes the database.
 * Errors:  ERR_INPUT with cx->problem; ERR_NOT_FOUND; ERR_STORE, ERR_BUSY, ERR_NO_MEMORY.
 */
#pragma once
#include "base/cx.h"
#include "streamd/library/library.h"
#include <jansson.h>

enum { VIDEO_LIST_MAX = 1000 };

enum err library_get_video(struct library *l, struct cx *cx, const char *uid,
                           json_t **ret_object) NODISCARD;

/* Every filter may be NULL or 0. Word lists are ",a,b,". Times are exclusive. */
struct video_filter {
    const char *creator, *uids, *input_uid, *names, *search, *name, *states;
    int live; /* 1: on air only; -1: not on air only */
    int64_t after_ms, before_ms;
    bool oldest_first;
    int64_t limit; /* 1..VIDEO_LIST_MAX */
    bool want_counts;
};

struct video_page {
    json_t *objects; /* array */
    int64_t total;   /* matches, whatever the times; with want_counts */
    int64_t range;   /* of those, within the times */
};

enum err library_list_videos(struct library *l, struct cx *cx, const struct video_filter *f,
                             struct video_page *ret_page) NODISCARD;

/* The partial edit of POST /stream/{uid}; a refused edit changes nothing. */
enum err library_edit_video(struct library *l, struct cx *cx, const char *uid, const json_t *body,
                            json_t **ret_object) NODISCARD;

/* The row and the files. A broadcast that is on air into it is ended. */
enum err library_delete_video(struct library *l, struct cx *cx, const char *uid) NODISCARD;

struct video_usage {
    int64_t videos, seconds; /* each video's length rounded up to the second */
};
enum err library_usage(struct library *l, struct cx *cx, const char *creator,
                       struct video_usage *ret_usage) NODISCARD;
