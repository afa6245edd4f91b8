/* A show as the API tells it; built-in covers; what a page says of itself to other sites. */
#include "base/arena.h"
#include "base/text.h"
#include "room/room_in.h"

#include <string.h>

json_t *show_ms_json(int64_t ms)
{
    return ms ? json_integer(ms) : json_null();
}

static json_t *text_json(const char *s)
{
    return s ? json_string(s) : json_null();
}

/* ---- covers ---- */

const struct cover show_covers[] = {
    {"tw-bag", "/img/tw-bag.jpg"},     {"tw-mug", "/img/tw-mug.jpg"},
    {"tw-tea", "/img/tw-tea.jpg"},     {"th-mango", "/img/th-mango.jpg"},
    {"th-scarf", "/img/th-scarf.jpg"}, {NULL, NULL},
};

const char *show_cover_url(const char *id)
{
    for (const struct cover *c = show_covers; id && c->id; c++)
        if (strcmp(c->id, id) == 0)
            return c->url;
    return NULL;
}

/* ---- the object Show ---- */

static json_t *titles_json(const struct show *s)
{
    json_t *o = json_object();
    for (int l = 0; o && l < LANG_COUNT; l++)
        if (s->title[l])
            (void)json_object_set_new(o, lang_name((enum lang)l), json_string(s->title[l]));
    return o;
}

bool show_cover_link(const struct show *s, char out[FILE_URL_MAX])
{
    const char *built_in = show_cover_url(s->cover);
    return built_in ? text_copy(out, FILE_URL_MAX, built_in)
                    : file_url(s->cover_key, FILE_1080, out);
}

static json_t *cover_json(const struct show *s)
{
    char url[FILE_URL_MAX];
    return show_cover_link(s, url) ? json_pack("{s:s, s:s, s:o}", "id", s->cover, "url", url,
                                               "sizes", file_sizes_json(s->cover_key))
                                   : json_null();
}

/* Our copy, or until there is one the engine's. */
static json_t *thumbnail_json(const struct show *s)
{
    char url[FILE_URL_MAX];
    return text_json(file_url(s->thumb_key, FILE_1080, url) ? url : s->thumbnail);
}

json_t *show_playback_json(const struct show *s)
{
    if ((s->state == SHOW_LIVE || s->state == SHOW_INTERRUPTED) && s->live_hls)
        return json_pack("{s:s, s:s, s:i}", "kind", "live", "hls", s->live_hls, "offset_ms", 0);
    if ((s->state == SHOW_REPLAY_READY || s->state == SHOW_ARCHIVED) && s->replay_hls)
        return json_pack("{s:s, s:s, s:I}", "kind", "replay", "hls", s->replay_hls, "offset_ms",
                         (json_int_t)s->replay_offset_ms);
    return json_null();
}

json_t *show_preview_json(const struct show *s)
{
    if (s->state == SHOW_BACKSTAGE && s->live_hls)
        return json_pack("{s:s}", "hls", s->live_hls);
    return json_null();
}

static void add_staff_fields(json_t *o, const struct show *s)
{
    (void)json_object_set_new(o, "version", json_integer(s->version));
    (void)json_object_set_new(o, "ingest", json_pack("{s:b}", "connected", s->input_connected));
    (void)json_object_set_new(o, "created_at", json_integer(s->created_ms));
    (void)json_object_set_new(o, "preview", show_preview_json(s));
}

json_t *show_json_for(struct room *r, const struct show *s, bool staff)
{
    struct room_counts n = room_counts(r, s);
    json_t *o = json_pack(
        "{s:s, s:o, s:s, s:o, s:o, s:o, s:s, s:o, s:{s:s, s:s, s:s}, s:{s:I, s:I}, s:I,"
        " s:{s:s, s:i}, s:o, s:o, s:o}",
        "id", s->public_id, "title", titles_json(s), "state",
        show_state_name(show_seen_state(s, staff)), "starts_at", show_ms_json(s->starts_ms),
        "live_started_at", show_ms_json(s->live_started_ms), "ended_at", show_ms_json(s->ended_ms),
        "host_name", s->host_name, "cover", cover_json(s), "shop", "id", s->shop_public_id, "slug",
        s->shop_slug, "name", s->shop_name, "viewers", "now", (json_int_t)n.now, "peak",
        (json_int_t)n.peak, "likes", (json_int_t)n.likes, "chat", "mode",
        chat_mode_name(s->chat_mode), "slow_s", s->slow_s, "playback", show_playback_json(s),
        "duration_ms", show_ms_json(s->duration_ms), "thumbnail", thumbnail_json(s));
    if (o && staff)
        add_staff_fields(o, s);
    return o;
}

json_t *show_json(struct room *r, const struct show *s, const struct room_who *who)
{
    return show_json_for(r, s, account_may(room_role(who, s->shop_id), ACTION_STUDIO_SEE));
}

/* ---- link previews ---- */

const char *show_title(const struct show *s, enum lang lang)
{
    for (int i = 0; i < LANG_COUNT; i++) {
        const char *title = s->title[lang_order(lang, i)];
        if (title)
            return title;
    }
    return "";
}

/* What is said of a show, by language and whether it is still to come, on air, or over. */
static const struct {
    const char *soon, *live, *over;
} phrases[LANG_COUNT] = {
    [LANG_ZH] = {"直播預告", "直播中", "精彩回放"},
    [LANG_TH] = {"ไลฟ์เร็ว ๆ นี้", "กำลังไลฟ์", "ดูย้อนหลัง"},
    [LANG_EN] = {"Coming up live", "Live now", "Watch the replay"},
    [LANG_CN] = {"直播预告", "直播中", "精彩回放"},
    [LANG_JA] = {"配信予定", "ライブ配信中", "見逃し配信"},
};

static const char *phrase_of(const struct show *s, enum lang lang)
{
    if (s->state == SHOW_LIVE || s->state == SHOW_INTERRUPTED)
        return phrases[lang].live;
    return s->live_started_ms ? phrases[lang].over : phrases[lang].soon;
}

enum err show_link(struct cx *cx, const struct show *s, enum lang lang, struct show_link *ret_link)
{
    struct show_link link = {.title = show_title(s, lang)};
    const char *who = s->host_name[0] ? s->host_name : s->shop_name;
    link.description = arena_fmt(cx->arena, "%s · %s · %s", phrase_of(s, lang), who, s->shop_name);
    if (who == s->shop_name || strcmp(who, s->shop_name) == 0)
        link.description = arena_fmt(cx->arena, "%s · %s", phrase_of(s, lang), s->shop_name);
    if (!link.description)
        return ERR_NO_MEMORY;
    char shared[FILE_URL_MAX];
    link.image = show_cover_url(s->cover);
    if (!link.image &&
        (file_url(s->cover_key, FILE_SHARE, shared) || file_url(s->thumb_key, FILE_SHARE, shared)))
        link.image = arena_dup(cx->arena, shared, strlen(shared));
    if (!link.image)
        link.image = s->thumbnail;
    *ret_link = link;
    return ERR_OK;
}
