/*
 * follow - the thread that talks to Stream on the rooms' behalf: it carries out their to-do list,
 * and asks how the live inputs are, in case a callback never comes.
 *
 * Pace:   our own engine is asked about once a second; Cloudflare allows 1,200 requests in 5
 *         minutes for the whole account, and is asked at most once a second in all.
 * Thread: one of its own. follow_stop() calls off the call that is on its way and begins no other:
 *         it takes about a second, whatever Stream does.
 */
#pragma once
#include "base/err.h"

struct files;
struct follow;
struct room;
struct store;
struct stream;

struct follow_setup {
    struct store *store;
    struct room *room;
    struct stream *stream; /* its own, ended by follow_stop() */
    struct files *files;   /* where thumbnails are kept */
    bool local;            /* our own engine */
};

enum err follow_start(const struct follow_setup *setup, struct follow **ret_follow) NODISCARD;
void follow_stop(struct follow *f); /* NULL is fine */
