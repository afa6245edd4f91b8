/*
 * csv - rows of a file as spreadsheets write it (RFC 4180). Private to catalog.
 *
 * Shape:   fields in "quotes" may hold separators, line ends and "" for one quote; rows end in LF,
 *          CRLF or CR; empty lines are passed over; a BOM in front is, too. The separator is the
 * one that the first line has: comma, semicolon or tab. Memory:  fields are copied into the arena,
 * NUL-terminated, white space around them taken away. Thread:  any; bounded by the input.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct arena;

enum { CSV_FIELDS_MAX = 64, CSV_FIELD_MAX = 32768 };

struct csv {
    const char *data;
    size_t len, at;
    int64_t line; /* of the row that was read last; the first is 1 */
    int64_t lines_seen;
    char separator;
};

void csv_open(struct csv *c, const char *data, size_t len);

/*
 * The next row: at least one field. More than CSV_FIELDS_MAX are left out.
 *
 * ERR_NOT_FOUND  the end
 * ERR_INPUT      a quote that does not end, text behind one, or a field over CSV_FIELD_MAX; the
 *                next call goes on behind the row (at the end, where a quote does not end)
 * ERR_NO_MEMORY
 */
enum err csv_row(struct csv *c, struct arena *arena, const char *ret_fields[CSV_FIELDS_MAX],
                 size_t *ret_count) NODISCARD;
