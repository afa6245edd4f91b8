#include "api/call_in.h"
#include "base/arena.h"
#include "base/text.h"
#include "room/chat.h"
#include "store/store.h"

#include <string.h>

static const char *show_of(struct call *c)
{
    return http_param(c->req, "id");
}

enum err messages_list(struct call *c)
{
    struct chat_page page = {.count = 0};
    struct db *db = NULL;
    const char *text = http_query(c->req, "limit");
    int64_t limit = 0;
    if (text && text_i64(text, 1, CHAT_PAGE_MAX, &limit) != ERR_OK)
        return problem(c->cx, ERR_INPUT, "'limit' must be 1 to %d", CHAT_PAGE_MAX);
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = chat_list(c->api->set.room, db, c->cx, &c->who, show_of(c),
                      http_query(c->req, "cursor"), (int)limit, &page);
    store_read_end(db);
    if (e)
        return e;
    json_t *items = json_array();
    for (size_t i = 0; i < page.count; i++) {
        const struct message *m = &page.items[i];
        (void)json_array_append_new(
            items, message_json(m, c->who.viewer_id && m->viewer_id == c->who.viewer_id));
    }
    return answer_json(c, 200, json_pack("{s:o,s:s?}", "items", items, "next", page.next));
}

enum err messages_post(struct call *c)
{
    struct chat_new ask = {.lang = c->who.lang};
    struct chat_refusal why = {-1, -1};
    struct message m;
    /* Longer text is the room's to refuse: it counts characters after tidying. */
    enum err e = json_need_text(c->cx, c->body, "text", 0, 1000, &ask.text);
    if (!e)
        e = json_opt_text(c->cx, c->body, "lang", 20, &ask.lang);
    if (e)
        return e;
    e = chat_post(c->api->set.room, c->cx, &c->who, show_of(c), &ask, &m, &why);
    if (e == ERR_SLOW_DOWN)
        c->retry_ms = why.wait_ms;
    if (e == ERR_MUTED)
        c->until_ms = why.until_ms;
    return e ? e : answer_json(c, 201, message_json(&m, true));
}

enum err message_patch(struct call *c)
{
    const char *state = NULL;
    struct message m;
    enum err e = json_need_text(c->cx, c->body, "state", 1, 20, &state);
    if (e)
        return e;
    bool shown = strcmp(state, "shown") == 0;
    if (!shown && strcmp(state, "hidden") != 0)
        return problem(c->cx, ERR_INPUT, "'state' must be \"shown\" or \"hidden\"");
    e = chat_set_state(c->api->set.room, c->cx, &c->who, http_param(c->req, "id"),
                       shown ? MESSAGE_SHOWN : MESSAGE_HIDDEN, &m);
    return e ? e : answer_json(c, 200, message_json(&m, false));
}

enum err pinned_put(struct call *c)
{
    const char *text = NULL;
    if (!json_object_get(c->body, "text"))
        return problem(c->cx, ERR_INPUT, "'text' is missing: null takes the notice away");
    enum err e = json_opt_text(c->cx, c->body, "text", 1000, &text);
    if (!e)
        e = chat_pin(c->api->set.room, c->cx, &c->who, show_of(c), text);
    return e ? e : answer_empty(c, 204);
}

enum err chat_patch(struct call *c)
{
    const char *mode = NULL;
    struct chat_settings ask = {.mode = CHAT_OPEN}, now;
    int64_t slow = 0;
    enum err e = json_opt_text(c->cx, c->body, "mode", 20, &mode);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "slow_s", CHAT_SLOW_MIN_S, CHAT_SLOW_MAX_S, &slow);
    if (!e && mode && chat_mode_parse(mode, &ask.mode) != ERR_OK)
        return problem(c->cx, ERR_INPUT, "'mode' must be open, slow, members or off");
    ask.slow_s = (int)slow;
    if (!e)
        e = chat_set_mode(c->api->set.room, c->cx, &c->who, show_of(c), mode != NULL, slow > 0,
                          &ask, &now);
    return e ? e
             : answer_json(
                   c, 200,
                   json_pack("{s:s,s:i}", "mode", chat_mode_name(now.mode), "slow_s", now.slow_s));
}

enum err sanctions_list(struct call *c)
{
    struct sanction *list = NULL;
    size_t n = 0;
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = sanction_list(c->api->set.room, db, c->cx, &c->who, show_of(c), &list, &n);
    store_read_end(db);
    if (e)
        return e;
    json_t *items = json_array();
    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(items, sanction_json(&list[i]));
    return answer_json(c, 200, json_pack("{s:o}", "items", items));
}

enum err sanctions_post(struct call *c)
{
    struct sanction_new ask = {.kind = SANCTION_MUTE};
    struct sanction s;
    const char *kind = NULL;
    int64_t minutes = 0;
    enum err e = json_need_text(c->cx, c->body, "message", 1, ID_TEXT, &ask.message);
    if (!e)
        e = json_need_text(c->cx, c->body, "kind", 1, 10, &kind);
    if (!e)
        e = json_opt_i64(c->cx, c->body, "minutes", 1, 1440, &minutes);
    if (!e)
        e = json_opt_text(c->cx, c->body, "why", 200, &ask.why);
    if (e)
        return e;
    if (strcmp(kind, "ban") == 0)
        ask.kind = SANCTION_BAN;
    else if (strcmp(kind, "mute") != 0)
        return problem(c->cx, ERR_INPUT, "'kind' must be \"mute\" or \"ban\"");
    ask.minutes = (int)minutes;
    e = sanction_create(c->api->set.room, c->cx, &c->who, show_of(c), &ask, &s);
    return e ? e : answer_json(c, 201, sanction_json(&s));
}

enum err sanction_delete(struct call *c)
{
    enum err e = sanction_end(c->api->set.room, c->cx, &c->who, http_param(c->req, "id"));
    return e ? e : answer_empty(c, 204);
}

static enum err answer_words(struct call *c)
{
    const char **words = NULL;
    size_t n = 0;
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = words_list(c->api->set.room, db, c->cx, &c->who, show_of(c), &words, &n);
    store_read_end(db);
    if (e)
        return e;
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(list, json_string(words[i]));
    return answer_json(c, 200, json_pack("{s:o}", "words", list));
}

enum err words_get(struct call *c)
{
    return answer_words(c);
}

enum err words_set(struct call *c)
{
    const json_t *list = json_object_get(c->body, "words");
    const char *words[WORDS_MAX];
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n > WORDS_MAX)
        return problem(c->cx, ERR_INPUT, "'words' must be a list of at most %d", WORDS_MAX);
    for (size_t i = 0; i < n; i++) {
        words[i] = json_string_value(json_array_get(list, i));
        if (!words[i])
            return problem(c->cx, ERR_INPUT, "'words' must be text");
    }
    enum err e = words_put(c->api->set.room, c->cx, &c->who, show_of(c), words, n);
    return e ? e : answer_words(c);
}
