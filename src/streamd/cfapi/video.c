#include "streamd/library/video.h"
#include "streamd/cfapi/call_in.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"

#include <string.h>

enum { MINUTES_DEFAULT = 1000000 };

/* "a,b" -> ",a,b,", as the filters want it. */
static enum err words(struct call *k, const char *name, const char **ret_words)
{
    const char *s = http_query(k->req, name);
    if (!s || !*s)
        return ERR_OK;
    *ret_words = arena_fmt(k->cx->arena, ",%s,", s);
    return *ret_words ? ERR_OK : ERR_NO_MEMORY;
}

static enum err time_of(struct call *k, const char *name, const char *alias, int64_t *ret_ms)
{
    const char *s = http_query(k->req, name);
    if (!s)
        s = http_query(k->req, alias);
    if (!s)
        return ERR_OK;
    if (clock_parse(s, ret_ms))
        return problem(k->cx, ERR_INPUT, "'%s' must be a time as in RFC 3339", name);
    return ERR_OK;
}

static enum err type_of(struct call *k, int *ret_live)
{
    const char *s = http_query(k->req, "type");
    if (!s)
        return ERR_OK;
    if (strcmp(s, "live") != 0 && strcmp(s, "vod") != 0)
        return problem(k->cx, ERR_INPUT, "'type' must be 'live' or 'vod'");
    *ret_live = strcmp(s, "live") == 0 ? 1 : -1;
    return ERR_OK;
}

static enum err read_filter(struct call *k, struct video_filter *f)
{
    const char *limit = http_query(k->req, "limit");
    *f = (struct video_filter){.creator = http_query(k->req, "creator"),
                               .input_uid = http_query(k->req, "live_input_id"),
                               .search = http_query(k->req, "search"),
                               .name = http_query(k->req, "video_name"),
                               .oldest_first = query_true(k, "asc"),
                               .want_counts = query_true(k, "include_counts"),
                               .limit = VIDEO_LIST_MAX};
    if (limit && text_i64(limit, 1, VIDEO_LIST_MAX, &f->limit))
        return problem(k->cx, ERR_INPUT, "'limit' must be 1 to %d", VIDEO_LIST_MAX);
    enum err e = words(k, "id", &f->uids);
    if (!e)
        e = words(k, "name", &f->names);
    if (!e)
        e = words(k, "status", &f->states);
    if (!e)
        e = time_of(k, "after", "start", &f->after_ms);
    if (!e)
        e = time_of(k, "before", "end", &f->before_ms);
    return e ? e : type_of(k, &f->live);
}

enum err video_list(struct call *k)
{
    struct video_filter f;
    struct video_page page;
    enum err e = read_filter(k, &f);
    if (!e)
        e = library_list_videos(k->c->conf.library, k->cx, &f, &page);
    if (e)
        return e;
    k->result = page.objects;
    if (f.want_counts)
        k->more = json_pack("{s:I, s:I}", "total", (json_int_t)page.total, "range",
                            (json_int_t)page.range);
    return ERR_OK;
}

enum err video_get(struct call *k)
{
    return library_get_video(k->c->conf.library, k->cx, http_param(k->req, "uid"), &k->result);
}

enum err video_edit(struct call *k)
{
    return library_edit_video(k->c->conf.library, k->cx, http_param(k->req, "uid"), k->body,
                              &k->result);
}

enum err video_delete(struct call *k)
{
    return library_delete_video(k->c->conf.library, k->cx, http_param(k->req, "uid"));
}

enum err storage_usage(struct call *k)
{
    struct video_usage u;
    const char *creator = http_query(k->req, "creator");
    int64_t limit = k->c->conf.storage_minutes ? k->c->conf.storage_minutes : MINUTES_DEFAULT;
    enum err e = library_usage(k->c->conf.library, k->cx, creator, &u);
    if (e)
        return e;
    double minutes = (double)u.seconds / 60.0;
    k->result = json_pack("{s:s, s:f, s:I, s:I}", "creator", creator ? creator : "",
                          "totalStorageMinutes", minutes, "totalStorageMinutesLimit",
                          (json_int_t)limit, "videoCount", (json_int_t)u.videos);
    return k->result ? ERR_OK : ERR_NO_MEMORY;
}
