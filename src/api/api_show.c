#include "api/call_in.h"
#include "base/arena.h"
#include "base/lang.h"
#include "base/text.h"
#include "room/show.h"
#include "store/store.h"

#include <string.h>

static enum err answer_show(struct call *c, int status, const struct show *s)
{
    return answer_json(c, status, show_json(c->api->set.room, s, &c->who));
}

enum err covers_get(struct call *c)
{
    json_t *items = json_array();
    for (const struct cover *k = show_covers; k->id; k++)
        (void)json_array_append_new(items, json_pack("{s:s,s:s}", "id", k->id, "url", k->url));
    return answer_json(c, 200, json_pack("{s:o}", "items", items));
}

/* ?state=live,scheduled */
static enum err read_states(struct call *c, unsigned *ret_states)
{
    const char *text = http_query(c->req, "state");
    char word[24];
    unsigned states = 0;
    while (text && *text) {
        size_t n = strcspn(text, ",");
        enum show_state s;
        if (n >= sizeof word)
            return problem(c->cx, ERR_INPUT, "'state' has an unknown word");
        memcpy(word, text, n);
        word[n] = '\0';
        if (show_state_parse(word, &s) != ERR_OK)
            return problem(c->cx, ERR_INPUT, "'state' has an unknown word");
        states |= 1u << s;
        text += n + (text[n] == ',');
    }
    *ret_states = states;
    return ERR_OK;
}

static enum err read_limit(struct call *c, int max, int *ret_limit)
{
    const char *text = http_query(c->req, "limit");
    int64_t n = 0;
    if (text && text_i64(text, 1, max, &n) != ERR_OK)
        return problem(c->cx, ERR_INPUT, "'limit' must be 1 to %d", max);
    *ret_limit = (int)n;
    return ERR_OK;
}

enum err shows_list(struct call *c)
{
    struct show_list_ask ask = {.cursor = http_query(c->req, "cursor")};
    struct show_page page = {.count = 0};
    struct db *db = NULL;
    const char *scope = http_query(c->req, "scope");
    ask.staff = scope && strcmp(scope, "staff") == 0;
    enum err e = read_states(c, &ask.states);
    if (!e)
        e = read_limit(c, SHOW_LIST_MAX, &ask.limit);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = show_list(c->api->set.room, db, c->cx, &c->who, &ask, &page);
    store_read_end(db);
    if (e)
        return e;
    json_t *items = json_array();
    for (size_t i = 0; i < page.count; i++)
        (void)json_array_append_new(items, show_json(c->api->set.room, &page.items[i], &c->who));
    return answer_json(c, 200, json_pack("{s:o,s:s?}", "items", items, "next", page.next));
}

enum err show_get(struct call *c)
{
    struct show s;
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = show_find(c->api->set.room, db, c->cx, &c->who, http_param(c->req, "id"), &s);
    store_read_end(db);
    return e ? e : answer_show(c, 200, &s);
}

/* {"zh-TW":"…","th":"…"}: other languages are refused, so that a typing error is seen. */
static enum err read_title(struct call *c, const char *ret_title[LANG_COUNT])
{
    json_t *o = json_object_get(c->body, "title"), *v;
    const char *name;
    if (!json_is_object(o))
        return problem(c->cx, ERR_INPUT, "'title' must be an object by language");
    json_object_foreach(o, name, v)
    {
        enum lang l = lang_find(name);
        if (l == LANG_COUNT)
            return problem(c->cx, ERR_INPUT, "'title' has an unknown language");
        const char *text = NULL;
        enum err e = json_opt_text(c->cx, o, name, TITLE_CHARS_MAX, &text);
        if (e)
            return e;
        ret_title[l] = text && text[0] ? text : NULL;
    }
    return ERR_OK;
}

static enum err read_starts(struct call *c, int64_t *ret_ms)
{
    return json_opt_i64(c->cx, c->body, "starts_at", 0, INT64_C(4102444800000), ret_ms);
}

enum err shows_create(struct call *c)
{
    struct show_new ask = {.starts_ms = 0};
    struct show s;
    enum err e = read_title(c, ask.title);
    if (!e)
        e = read_starts(c, &ask.starts_ms);
    if (!e)
        e = json_opt_text(c->cx, c->body, "cover", 40, &ask.cover);
    if (!e)
        e = json_opt_text(c->cx, c->body, "host_name", HOST_NAME_CHARS_MAX, &ask.host_name);
    if (!e)
        e = json_opt_text(c->cx, c->body, "shop", ID_TEXT, &ask.shop);
    if (!e)
        e = show_create(c->api->set.room, c->cx, &c->who, &ask, &s);
    return e ? e : answer_show(c, 201, &s);
}

/* If-Match: "<version>" */
static enum err read_version(struct call *c, int64_t *ret_version)
{
    const char *text = http_header(c->req, "if-match");
    char digits[24];
    size_t n = text ? strlen(text) : 0;
    if (n < 3 || n - 2 >= sizeof digits || text[0] != '"' || text[n - 1] != '"')
        return problem(c->cx, ERR_INPUT, "If-Match must be the show's version in quotes");
    memcpy(digits, text + 1, n - 2);
    digits[n - 2] = '\0';
    return text_i64(digits, 0, INT64_MAX, ret_version)
               ? problem(c->cx, ERR_INPUT, "If-Match must be the show's version in quotes")
               : ERR_OK;
}

static enum err read_edit(struct call *c, struct show_edit *ask)
{
    const char *state = NULL;
    ask->set_title = json_object_get(c->body, "title") != NULL;
    ask->set_starts = json_object_get(c->body, "starts_at") != NULL;
    ask->set_cover = json_object_get(c->body, "cover") != NULL;
    ask->set_host_name = json_object_get(c->body, "host_name") != NULL;
    enum err e = ask->set_title ? read_title(c, ask->title) : ERR_OK;
    if (!e)
        e = read_starts(c, &ask->starts_ms);
    if (!e)
        e = json_opt_text(c->cx, c->body, "cover", 40, &ask->cover);
    if (!e)
        e = json_opt_text(c->cx, c->body, "host_name", HOST_NAME_CHARS_MAX, &ask->host_name);
    if (!e)
        e = json_opt_text(c->cx, c->body, "state", 20, &state);
    if (!e && state && strcmp(state, "scheduled") != 0)
        return problem(c->cx, ERR_INPUT, "'state' can only be set to \"scheduled\" here");
    ask->schedule = state != NULL;
    return e;
}

enum err show_patch(struct call *c)
{
    struct show_edit ask = {.schedule = false};
    struct show s;
    int64_t version = 0;
    enum err e = read_version(c, &version);
    if (!e)
        e = read_edit(c, &ask);
    if (!e)
        e = show_edit(c->api->set.room, c->cx, &c->who, http_param(c->req, "id"), version, &ask,
                      &s);
    return e ? e : answer_show(c, 200, &s);
}

static enum err run(struct call *c, enum show_move move)
{
    struct show s;
    enum err e = show_run(c->api->set.room, c->cx, &c->who, http_param(c->req, "id"), move, &s);
    return e ? e : answer_show(c, 200, &s);
}

enum err show_go_live(struct call *c)
{
    return run(c, SHOW_MOVE_GO_LIVE);
}

enum err show_end(struct call *c)
{
    return run(c, SHOW_MOVE_END);
}

enum err show_cancel(struct call *c)
{
    return run(c, SHOW_MOVE_CANCEL);
}

enum err show_archive(struct call *c)
{
    return run(c, SHOW_MOVE_ARCHIVE);
}
