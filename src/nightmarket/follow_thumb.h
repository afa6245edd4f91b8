/*
 * follow_thumb - the thumbnail of a recording, fetched from the engine and kept as a file of ours.
 *
 * Thread: follow's.
 */
#pragma once
#include "base/cx.h"

struct files;
struct room;
struct store;

struct follow_thumb {
    struct store *store;
    struct room *room;
    struct files *files;
    bool (*go_on)(void *arg); /* false: give the fetch up */
    void *arg;
};

/* One that is due, if any is. What fails is put off by itself. */
void follow_thumb_turn(const struct follow_thumb *t, struct cx *cx);
