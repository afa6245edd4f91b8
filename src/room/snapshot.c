/* room.snapshot: what a fresh viewer needs to draw the whole room. */
#include "base/buf.h"
#include "base/json.h"
#include "room/claim_in.h"
#include "room/room_in.h"

#include <stdlib.h>
#include <string.h>

enum { SNAPSHOT_MAX = 250 * 1024 };

static enum err me_json(struct db *db, struct cx *cx, const struct room_who *who,
                        const struct show *s, json_t **ret_me)
{
    struct sanction san;
    json_t *sanction = json_null();
    int64_t device = device_hash(who->device);
    enum role role = room_role(who, s->shop_id);
    enum err e = who->viewer_id || device
                     ? sanction_in_force(db, cx, s, who->viewer_id, device, &san)
                     : ERR_NOT_FOUND;
    if (e && e != ERR_NOT_FOUND)
        return e;
    if (!e)
        sanction = json_pack("{s:s, s:o}", "kind", san.kind == SANCTION_BAN ? "ban" : "mute",
                             "until", show_ms_json(san.until_ms));
    json_t *cart = NULL;
    e = goods_of_viewer(db, who, s, &cart);
    if (e) {
        json_decref(sanction);
        return e;
    }
    json_t *me =
        json_pack("{s:s?, s:s?, s:o, s:o}", "name", who->name, "role",
                  role == ROLE_NONE ? NULL : role_name(role), "sanction", sanction, "cart", cart);
    if (!me)
        return ERR_NO_MEMORY;
    *ret_me = me;
    return ERR_OK;
}

/* ---- the chat's part ---- */

/* `"messages":[…],"pinned":…` as text; the writers of the messages, when asked for. */
static enum err read_lines(struct db *db, struct cx *cx, int64_t show_id, int64_t viewer_id,
                           struct bytes **ret_text, int64_t writer[SNAPSHOT_MESSAGES],
                           size_t *ret_writers)
{
    struct message *items;
    json_t *pinned = NULL, *list = json_array();
    size_t n = 0;
    enum err e =
        list ? message_last(db, cx, show_id, SNAPSHOT_MESSAGES, &items, &n) : ERR_NO_MEMORY;
    *ret_writers = n;
    while (!e && n-- > 0) { /* oldest first */
        bool mine = viewer_id && items[n].viewer_id == viewer_id;
        writer[n] = items[n].viewer_id;
        if (json_array_append_new(list, message_json(&items[n], mine)))
            e = ERR_NO_MEMORY;
    }
    if (!e)
        e = message_pinned(db, cx, show_id, &pinned);
    if (e) {
        json_decref(list);
        return e;
    }
    char *text = json_text_of(json_pack("{s:o, s:o}", "messages", list, "pinned", pinned));
    *ret_text = text ? bytes_make(text + 1, strlen(text) - 2) : NULL; /* without the braces */
    free(text);
    return *ret_text ? ERR_OK : ERR_NO_MEMORY;
}

/* What is kept, when it is of this head and none of it was written by the viewer. */
static struct bytes *kept_lines(struct hub *h, int64_t head, int64_t viewer_id)
{
    (void)pthread_mutex_lock(&h->lines.lock);
    bool fits = h->lines.text && h->lines.seq == head;
    for (size_t i = 0; fits && viewer_id && i < h->lines.writers; i++)
        fits = h->lines.writer[i] != viewer_id;
    struct bytes *text = fits ? bytes_ref(h->lines.text) : NULL;
    (void)pthread_mutex_unlock(&h->lines.lock);
    return text;
}

static void keep_lines(struct hub *h, int64_t head, struct bytes *text,
                       const int64_t writer[SNAPSHOT_MESSAGES], size_t writers)
{
    (void)pthread_mutex_lock(&h->lines.lock);
    struct bytes *old = h->lines.text;
    h->lines.text = bytes_ref(text);
    h->lines.seq = head;
    h->lines.writers = writers;
    memcpy(h->lines.writer, writer, writers * sizeof *writer);
    (void)pthread_mutex_unlock(&h->lines.lock);
    bytes_unref(old);
}

/* Every change of the chat is an event, so the head says whether what is kept still holds. */
static enum err lines_of(struct hub *h, struct db *db, struct cx *cx, const struct show *s,
                         int64_t viewer_id, struct bytes **ret_text)
{
    int64_t writer[SNAPSHOT_MESSAGES];
    size_t writers;
    *ret_text = h ? kept_lines(h, s->head, viewer_id) : NULL;
    if (*ret_text)
        return ERR_OK;
    enum err e = read_lines(db, cx, s->id, viewer_id, ret_text, writer, &writers);
    bool marked = false;
    for (size_t i = 0; !e && viewer_id && i < writers; i++)
        marked = marked || writer[i] == viewer_id;
    if (!e && h && !marked)
        keep_lines(h, s->head, *ret_text, writer, writers);
    return e;
}

/* ---- the whole ---- */

static char *join_text(struct room *r, struct cx *cx, const struct room_who *who,
                       const struct show *s, json_t *me, const struct bytes *lines,
                       const struct bytes *goods)
{
    struct room_counts n = room_counts(r, s);
    struct buf b;
    char *rest = json_text_of(json_pack("{s:o, s:{s:I, s:I}, s:I, s:o, s:I}", "show",
                                        show_json(r, s, who), "viewers", "now", (json_int_t)n.now,
                                        "peak", (json_int_t)n.peak, "likes", (json_int_t)n.likes,
                                        "me", me, "server_now", (json_int_t)cx->now_ms));
    buf_init(&b, SNAPSHOT_MAX);
    buf_fmt(&b, "{\"chat\":{\"mode\":\"%s\",\"slow_s\":%d,", chat_mode_name(s->chat_mode),
            s->slow_s);
    buf_add(&b, lines->data, lines->len);
    buf_str(&b, "},");
    buf_add(&b, goods->data, goods->len);
    buf_ch(&b, ',');
    buf_str(&b, rest ? rest + 1 : ""); /* after its opening brace */
    free(rest);
    if (rest && !b.failed)
        return b.data;
    buf_done(&b);
    return NULL;
}

enum err snapshot_text(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                       const struct show *s, struct hub *h, char **ret_text)
{
    struct bytes *lines = NULL, *goods = NULL;
    json_t *me;
    enum err e = lines_of(h, db, cx, s, who->viewer_id, &lines);
    if (!e)
        e = goods_text(h, db, cx, s, &goods);
    if (!e)
        e = me_json(db, cx, who, s, &me);
    if (!e) {
        char *text = join_text(r, cx, who, s, me, lines, goods);
        e = text ? ERR_OK : ERR_NO_MEMORY;
        if (text)
            *ret_text = text;
    }
    bytes_unref(lines);
    bytes_unref(goods);
    return e;
}

enum err room_snapshot(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                       const char *show, json_t **ret_data, int64_t *ret_seq)
{
    struct show s;
    char *text;
    enum err e = show_find(r, db, cx, who, show, &s);
    if (!e)
        e = snapshot_text(r, db, cx, who, &s, NULL, &text);
    if (e)
        return e;
    json_t *data = json_loads(text, 0, NULL);
    free(text);
    if (!data)
        return ERR_NO_MEMORY;
    *ret_data = data;
    *ret_seq = s.head;
    return ERR_OK;
}
