/* invoice_in - the lines of invoices as they are kept, shared by the files about them. */
#pragma once
#include "order/invoice.h"
#include "order/order_in.h"

/* [{"n","q","p","a"}]; NULL: no memory. */
json_t *invoice_lines_json(const struct invoice_line *lines, size_t n);
/* ERR_STORE: not what was kept */
enum err invoice_lines_parse(struct cx *cx, const char *text, struct invoice_line **ret_lines,
                             size_t *ret_count) NODISCARD;
/* What a line of an order is called; options behind the title. NULL: no memory. */
const char *invoice_line_name(struct cx *cx, const struct order_line *l);
/* invoice_state of the object Order, put into it; staff see more. */
enum err invoice_state_json(struct db *db, struct cx *cx, const struct order_row *r, bool staff,
                            json_t *o) NODISCARD;
