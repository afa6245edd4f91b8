/*
 * writer_in - the thread that owns all writes of one store.
 *
 * Shape:   jobs wait in one queue; the thread takes what is there, each in a savepoint, and commits
 *          when the queue is empty, BATCH_JOBS ran or BATCH_MS passed. While it waits for the
 *          disk the next batch gathers.
 * Again:   a batch that was lost to others (db->again: a serialisation failure, a connection that
 *          broke, an error that came late) is rolled back and its jobs run one by one.
 * Order:   jobs run in the order they were submitted; hooks run in that order, then answers.
 */
#pragma once
#include "store/engine_in.h"

#include <pthread.h>

enum {
    BATCH_JOBS = 256,
    BATCH_MS = 20,
    TRIES = 5, /* of one job whose batch was lost to others */
};

struct writer {
    struct db *db;
    struct hooks hooks;
    struct tellings tellings;
    int64_t self; /* a random number: whose tellings these are */
    pthread_t thread;
    bool running;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t work;
    struct job *head, *tail;
    size_t queued, queue_max;
    bool closing;
};

/* Takes over `db`, also on error. ERR_NO_MEMORY */
enum err writer_start(struct writer *w, struct db *db, size_t queue_max) NODISCARD;
/* Finishes what is queued, ends the thread, closes the connection. A zeroed writer is fine. */
void writer_stop(struct writer *w);
enum err writer_submit(struct writer *w, struct job *job) NODISCARD;
