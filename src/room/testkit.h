/*
 * testkit - a room with two shops and people, on a store of its own. Tests only.
 *
 * Errors: none are returned: what fails here fails the test.
 */
#pragma once
#include "room/chat.h"
#include "room/hub.h"
#include "room/input.h"
#include "room/show.h"
#include "store/testkit.h"

struct limits;
struct test_loops;

struct test_room {
    struct test_store *t;
    struct limits *limits;
    struct room *r;
    struct cx *cx; /* of t: now_ms is 1,000,000 */
    struct test_loops *loops;
    /* Shop 1 ("one") has owner, host and moderator; shop 2 ("two") has rival, its owner. */
    struct room_who owner, host, moderator, rival;
    struct room_who member;   /* signed in, no staff */
    struct room_who ann, bob; /* guests */
    struct room_who nobody;   /* a device without a name */
    struct staff staff[4];
};

struct test_room *test_room_make(void);
void test_room_free(struct test_room *k);

/* A show of shop 1 in this state, walked there by the doors; its input is "in_<id>". */
struct show test_show(struct test_room *k, const char *id, enum show_state state);
/* Read it again, as staff see it. */
struct show test_show_again(struct test_room *k, const char *id);
/* Tell that the encoder came or went, at a later time than any before. */
void test_encoder(struct test_room *k, const char *show, bool connected);

enum err test_say(struct test_room *k, const struct room_who *who, const char *show,
                  const char *text, struct message *ret_message);

/* ---- streams on loops that the test turns itself ---- */

struct test_stream {
    struct test_room *k;
    struct subscriber *s;
    char **frames; /* the text of each frame, owned */
    size_t count;
    bool lost;
    size_t leave_after; /* frees its subscriber when it has that many frames; 0: never */
};

/* loop -1: made, not started. */
struct test_stream *test_stream_open(struct test_room *k, const struct room_who *who,
                                     const char *show, int64_t after, int loop);
void test_stream_start(struct test_stream *st, int loop);
void test_stream_close(struct test_stream *st);
/* Run what was posted to the loops until `st` has `count` frames; fails after 10 s. */
void test_wait_frames(struct test_stream *st, size_t count);
/* Run what is posted now. */
void test_turn(struct test_room *k);
/* Wait until the hub has read this show's log to the end, running the loops meanwhile. */
void test_settle(struct test_room *k, const char *show);
/* The envelope of a frame; the caller json_decref()s it. */
json_t *test_frame(const struct test_stream *st, size_t i);
const char *test_frame_type(const struct test_stream *st, size_t i, char out[40]);
int64_t test_frame_seq(const struct test_stream *st, size_t i); /* -1: has none */
