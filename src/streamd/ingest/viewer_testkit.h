/*
 * viewer_testkit - a viewer for tests: one GET a connection.
 *
 * Memory: an answer is the caller's, until viewer_forget().
 */
#pragma once
#include "base/buf.h"
#include <stdbool.h>
#include <stddef.h>

struct answer {
    int status;
    struct buf text; /* head and body */
    const char *body;
    size_t len;
};

/* From 127.0.0.1; the test fails when no answer comes. */
struct answer viewer_get(unsigned port, const char *path);
/* The same with another method. */
struct answer viewer_ask(unsigned port, const char *method, const char *path);
void viewer_forget(struct answer a);
bool viewer_has(const struct answer *a, const char *text);
/* How often `what` is in `text`. */
unsigned viewer_count(const char *text, const char *what);
