/*
 * arena - bump allocator for everything that dies together (one request, one playlist).
 *
 * Memory: arena_new() zeroes what it returns; single objects are never freed. The heap is taken
 *         in blocks as needed and given back by arena_free().
 * Limit:  `cap` bytes; past it every call returns NULL, so one request cannot eat the heap.
 * Thread: one thread at a time.
 */
#pragma once
#include <stddef.h>

struct arena;

/* NULL when out of memory. `cap` counts the bytes handed out, rounding included. */
struct arena *arena_make(size_t cap);
/* Runs what arena_at_end() registered, last first, then frees all. NULL is fine. */
void arena_free(struct arena *a);

/* Zeroed bytes; NULL past the limit or out of memory. `align` is a power of two. */
void *arena_bytes(struct arena *a, size_t size, size_t align);
#define arena_new(a, type)      ((type *)arena_bytes((a), sizeof(type), _Alignof(type)))
#define arena_array(a, type, n) ((type *)arena_bytes_n((a), (n), sizeof(type), _Alignof(type)))
/* As arena_bytes() of n * size, NULL when that overflows. */
void *arena_bytes_n(struct arena *a, size_t n, size_t size, size_t align);

/* NUL-terminated copies; NULL past the limit. */
char *arena_dup(struct arena *a, const char *s, size_t len);
__attribute__((format(printf, 2, 3))) char *arena_fmt(struct arena *a, const char *fmt, ...);

/* Call fn(obj) when the arena ends. Returns 0, or -1 past the limit: then fn(obj) was called. */
int arena_at_end(struct arena *a, void (*fn)(void *), void *obj);
