/* What a mail program sends: every answer is a line, every mail that is kept can be shown. */
#include "base/arena.h"
#include "sandboxd/mail_read.h"
#include "sandboxd/mail_smtp.h"

#include <assert.h>
#include <stdlib.h>

enum { ARENA = 4 << 20, ANSWERS = 1 << 20 };

static void got(void *arg, const struct smtp *s)
{
    struct cx cx = {.arena = arena_make(ARENA)};
    struct mail_seen seen;
    (void)arg;
    assert(s->to_n && s->to_n <= SMTP_RCPT_MAX && s->data.len <= SMTP_MAIL_MAX);
    assert(cx.arena);
    if (!mail_see(&cx, s->data.data ? s->data.data : "", s->data.len, &seen))
        assert(seen.subject && seen.text && seen.html);
    arena_free(cx.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smtp s;
    struct buf out;
    buf_init(&out, ANSWERS);
    smtp_begin(&s, got, NULL, &out);
    for (size_t at = 0; at < size;) { /* in pieces, as a network brings them */
        size_t n = 1 + data[at] % 64u;
        n = n < size - at ? n : size - at;
        smtp_feed(&s, (const char *)data + at, n, &out);
        at += n;
    }
    assert(!out.len || out.failed || out.data[out.len - 1] == '\n');
    smtp_done(&s);
    buf_done(&out);
    return 0;
}
