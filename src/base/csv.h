/*
 * csv - rows for spreadsheets: RFC 4180, UTF-8 with a mark for Excel, and no cell is a formula.
 *
 * Thread: any; no state.
 */
#pragma once
#include "base/buf.h"

/* The mark; first of all. */
void csv_begin(struct buf *b);
/* One cell; a comma goes before it unless the row is new. Text that a spreadsheet would read as a
 * formula gets an apostrophe in front. */
void csv_text(struct buf *b, const char *text);
/* The same without the comma, for rows made by hand. */
void csv_cell(struct buf *b, const char *text);
void csv_i64(struct buf *b, int64_t n);
/* In major units as its currency writes them: 590, 650.00. */
void csv_money(struct buf *b, int64_t amount, const char *currency);
void csv_row_end(struct buf *b);
