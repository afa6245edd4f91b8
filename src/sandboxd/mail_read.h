/*
 * mail_read - a mail that was kept, for people to look at: subject, text and HTML.
 *
 * Shape:   lenient: what is not understood is shown as it is. Reads RFC 2047 words in UTF-8,
 *          multipart with text/plain and text/html, base64 and quoted-printable.
 * Memory:  cx->arena.
 * Thread:  any; no state.
 */
#pragma once
#include "base/cx.h"
#include <stddef.h>

struct mail_header {
    const char *name, *value; /* unfolded, not decoded */
};
enum { MAIL_HEADERS_MAX = 40 };
struct mail_seen {
    struct mail_header headers[MAIL_HEADERS_MAX];
    size_t n;
    const char *subject;     /* decoded, "" : none */
    const char *text, *html; /* UTF-8, "" : none */
};
/* ERR_NO_MEMORY: the arena is full. */
enum err mail_see(struct cx *cx, const char *raw, size_t len, struct mail_seen *ret_seen) NODISCARD;
/* Of that name, without case; "" : none. */
const char *mail_header(const struct mail_seen *m, const char *name);
