#include "streamd/cfapi/call_in.h"

#include "streamd/library/input.h"
#include "streamd/library/video.h"

#include <string.h>

static const char *uid_of(const struct call *k)
{
    return http_param(k->req, "uid");
}

bool query_true(const struct call *k, const char *name)
{
    const char *s = http_query(k->req, name);
    return s && strcmp(s, "true") == 0;
}

enum err input_create(struct call *k)
{
    return library_create_input(k->c->conf.library, k->cx, k->body,
                                http_header(k->req, "Idempotency-Key"), &k->result);
}

enum err input_list(struct call *k)
{
    json_t *rows;
    int64_t total;
    enum err e = library_list_inputs(k->c->conf.library, k->cx, &rows, &total);
    if (e)
        return e;
    k->result = json_pack("{s:o}", "liveInputs", rows);
    if (k->result && query_true(k, "include_counts")) {
        (void)json_object_set_new(k->result, "range", json_integer(total));
        (void)json_object_set_new(k->result, "total", json_integer(total));
    }
    return k->result ? ERR_OK : ERR_NO_MEMORY;
}

enum err input_get(struct call *k)
{
    return library_get_input(k->c->conf.library, k->cx, uid_of(k), &k->result);
}

enum err input_update(struct call *k)
{
    return library_update_input(k->c->conf.library, k->cx, uid_of(k), k->body, &k->result);
}

enum err input_delete(struct call *k)
{
    return library_delete_input(k->c->conf.library, k->cx, uid_of(k));
}

enum err input_rotate(struct call *k)
{
    return library_rotate_keys(k->c->conf.library, k->cx, uid_of(k), &k->result);
}

enum err input_videos(struct call *k)
{
    struct input_conf conf;
    struct video_page page;
    const struct video_filter f = {.input_uid = uid_of(k), .limit = VIDEO_LIST_MAX};
    enum err e = library_input(k->c->conf.library, uid_of(k), &conf);
    if (!e)
        e = library_list_videos(k->c->conf.library, k->cx, &f, &page);
    if (!e)
        k->result = page.objects;
    return e;
}

enum err output_list(struct call *k)
{
    return library_list_outputs(k->c->conf.library, k->cx, uid_of(k), &k->result);
}

enum err output_create(struct call *k)
{
    return library_create_output(k->c->conf.library, k->cx, uid_of(k), k->body, &k->result);
}

enum err output_update(struct call *k)
{
    return library_update_output(k->c->conf.library, k->cx, uid_of(k), http_param(k->req, "output"),
                                 k->body, &k->result);
}

enum err output_delete(struct call *k)
{
    return library_delete_output(k->c->conf.library, k->cx, uid_of(k),
                                 http_param(k->req, "output"));
}
