/*
 * ecpay_book - records found by a text, in the order they were made; bounded, never forgotten.
 *
 * Shape:  a record has a struct book_entry as its first member. A key that was used stays used:
 *         ECPay's numbers are unique for ever.
 * Memory: the book owns the array and the index; records are the caller's, freed by `each`.
 * Thread: the caller's lock.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

enum { BOOK_KEY = 80 };

struct book_entry {
    struct book_entry *next; /* of the same slot */
    char key[BOOK_KEY];
    size_t at; /* place in `list` */
};

struct book {
    struct book_entry **list, **slots;
    size_t n, max;
};

/* ERR_NO_MEMORY. */
enum err ecpay_book_init(struct book *b, size_t max) NODISCARD;
/* `drop` is called for each record. A zeroed book is fine. */
void ecpay_book_done(struct book *b, void (*drop)(struct book_entry *e));
/*
 * Takes the record over. ERR_EXISTS: the key is taken; ERR_LIMIT: full; ERR_INPUT: the key is
 * longer than BOOK_KEY. On an error the record stays the caller's.
 */
enum err ecpay_book_add(struct book *b, struct book_entry *e, const char *key) NODISCARD;
struct book_entry *ecpay_book_find(const struct book *b, const char *key); /* NULL: none */
