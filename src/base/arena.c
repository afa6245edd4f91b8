#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Under ASan each object gets a poisoned gap after it, so an overrun is caught inside the arena. */
#ifdef __has_feature
#if __has_feature(address_sanitizer) /* clang's spelling of GCC's __SANITIZE_ADDRESS__ */
#define ARENA_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(ARENA_ASAN)
#include <sanitizer/asan_interface.h>
enum { GAP = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
enum { GAP = 0 };
#endif

enum { BLOCK = 4096 };

struct block {
    struct block *older;
    size_t used, cap;
    _Alignas(max_align_t) unsigned char mem[];
};

struct last_act {
    struct last_act *older;
    void (*fn)(void *);
    void *obj;
};

struct arena {
    size_t left; /* of the limit */
    struct block *newest;
    struct last_act *acts;
};

struct arena *arena_make(size_t cap)
{
    struct arena *a = calloc(1, sizeof *a);
    if (a)
        a->left = cap;
    return a;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    for (struct last_act *l = a->acts; l; l = l->older)
        l->fn(l->obj);
    while (a->newest) {
        struct block *b = a->newest;
        a->newest = b->older;
        ASAN_UNPOISON_MEMORY_REGION(b->mem, b->cap);
        free(b);
    }
    free(a);
}

static struct block *add_block(struct arena *a, size_t need)
{
    size_t cap = need > BLOCK ? need : BLOCK;
    struct block *b = malloc(sizeof *b + cap);
    if (!b)
        return NULL;
    b->older = a->newest;
    b->used = 0;
    b->cap = cap;
    ASAN_POISON_MEMORY_REGION(b->mem, cap);
    a->newest = b;
    return b;
}

void *arena_bytes(struct arena *a, size_t size, size_t align)
{
    assert(align && (align & (align - 1)) == 0 && align <= _Alignof(max_align_t));
    size_t need = size + GAP + align; /* the most this object can cost */
    if (need < size || need > a->left)
        return NULL;
    struct block *b = a->newest;
    size_t at = b ? (b->used + align - 1) & ~(align - 1) : 0;
    if (!b || at > b->cap || b->cap - at < size + GAP) {
        b = add_block(a, need);
        if (!b)
            return NULL;
        at = 0;
    }
    b->used = at + size + GAP;
    a->left -= need;
    ASAN_UNPOISON_MEMORY_REGION(b->mem + at, size);
    return memset(b->mem + at, 0, size);
}

void *arena_bytes_n(struct arena *a, size_t n, size_t size, size_t align)
{
    size_t total;
    if (__builtin_mul_overflow(n, size, &total))
        return NULL;
    return arena_bytes(a, total, align);
}

char *arena_dup(struct arena *a, const char *s, size_t len)
{
    if (len == SIZE_MAX)
        return NULL;
    char *copy = arena_bytes(a, len + 1, 1);
    if (copy && len)
        memcpy(copy, s, len);
    return copy;
}

char *arena_fmt(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int len = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (len < 0)
        return NULL;
    char *s = arena_bytes(a, (size_t)len + 1, 1);
    if (!s)
        return NULL;
    va_start(ap, fmt);
    (void)vsnprintf(s, (size_t)len + 1, fmt, ap);
    va_end(ap);
    return s;
}

int arena_at_end(struct arena *a, void (*fn)(void *), void *obj)
{
    struct last_act *l = arena_new(a, struct last_act);
    if (!l) {
        fn(obj);
        return -1;
    }
    *l = (struct last_act){a->acts, fn, obj};
    a->acts = l;
    return 0;
}
