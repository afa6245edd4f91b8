/*
 * census - counts the distinct players of every input across all loops, every CENSUS_MS.
 *
 * Shape:  one sheet travels from loop to loop; each adds the players its views have seen; behind
 *         the last loop it is sorted and the result replaces the one before.
 * Thread: census_count() from any; the rest on loops.
 */
#pragma once
#include <stdint.h>

struct census;
struct origin;

enum { CENSUS_MS = 2000, CENSUS_MAX = 1 << 21 };

struct census *census_make(struct origin *o);
void census_start(struct census *c); /* from any thread; once */
void census_stop(struct census *c);  /* on loop 0 */
void census_free(struct census *c);  /* after the loops have stopped; NULL is fine */
int64_t census_count(struct census *c, const char *input_uid);
