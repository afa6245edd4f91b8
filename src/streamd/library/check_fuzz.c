/* Bodies of the API, and texts that come back from the database. */
#include "base/arena.h"
#include "base/json.h"
#include "streamd/library/check_in.h"
#include "streamd/library/input_in.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cx cx = {.now_ms = 1795339802000, .arena = arena_make(1 << 20)};
    struct input_row row;
    struct input_rec rec = {0};
    struct input_conf conf;
    struct library l = {0};
    json_t *body = NULL;
    char *text = calloc(1, size + 1);
    if (!cx.arena || !text)
        abort();
    memcpy(text, data, size);
    input_defaults(&row);
    row.uid = "00112233445566778899aabbccddeeff";
    if (!json_read_object(&cx, text, size, &body) && !input_apply(&cx, body, &row))
        input_conf_of(&l, &row, &conf);
    json_decref(body);
    status_parse(&rec, text);
    free(status_text(&rec));
    (void)origins_flat(text, conf.allowed_origins);
    meta_name(text, conf.name, sizeof conf.name);
    free(text);
    arena_free(cx.arena);
    return 0;
}
