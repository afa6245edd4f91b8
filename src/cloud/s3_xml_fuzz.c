/* Whatever a server sends as XML: an error, a list, the start of an upload. */
#include "base/arena.h"
#include "cloud/s3_in.h"
#include "cloud/s3_xml_in.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

enum { EVENTS_MAX = 1 << 20 };

static void read_all(struct cx *cx, const char *text, size_t len)
{
    struct xml x;
    enum xml_event ev;
    int n = 0;
    xml_init(&x, text, len, cx->arena, 4096);
    do {
        ev = xml_next(&x);
        if (x.depth > XML_DEPTH || ++n > EVENTS_MAX)
            abort();
        if (ev == XML_TEXT && strlen(x.text) > 4096)
            abort();
    } while (ev != XML_BAD && ev != XML_END);
    if (ev == XML_END && x.depth)
        abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct cx cx = {.arena = arena_make(4 << 20), .now_ms = 0};
    struct s3_page page;
    const char *code, *message;
    char upload[S3_UPLOAD_MAX];
    const char *text = (const char *)data;
    if (!cx.arena)
        abort();
    read_all(&cx, text, len);
    s3_read_error(&cx, text, len, &code, &message);
    (void)strlen(code);
    if (s3_read_page(&cx, text, len, &page) == ERR_OK)
        for (size_t i = 0; i < page.count; i++)
            (void)strlen(page.items[i].key);
    if (s3_read_text(&cx, text, len, "UploadId", upload, sizeof upload) == ERR_OK && !upload[0])
        abort();
    arena_free(cx.arena);
    return 0;
}
