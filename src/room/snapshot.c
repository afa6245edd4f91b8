/* room.snapshot: what a fresh viewer needs to draw the whole room. */
#include "room/room_in.h"

enum { SNAPSHOT_MESSAGES = 50 };

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
    json_t *me = json_pack("{s:s?, s:s?, s:o}", "name", who->name, "role",
                           role == ROLE_NONE ? NULL : role_name(role), "sanction", sanction);
    if (!me)
        return ERR_NO_MEMORY;
    *ret_me = me;
    return ERR_OK;
}

enum err snapshot_make(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                       const struct show *s, json_t **ret_data, int64_t *ret_seq)
{
    struct room_counts n = room_counts(r, s);
    json_t *messages = json_array(), *pinned = NULL, *me = NULL;
    enum err e = messages ? ERR_OK : ERR_NO_MEMORY;
    if (!e)
        e = message_last(db, cx, s->id, who->viewer_id, SNAPSHOT_MESSAGES, messages);
    if (!e)
        e = message_pinned(db, cx, s->id, &pinned);
    if (!e)
        e = me_json(db, cx, who, s, &me);
    if (e) {
        json_decref(messages);
        json_decref(pinned);
        return e;
    }
    json_t *data = json_pack("{s:o, s:{s:s, s:i, s:o, s:o}, s:{s:I, s:I}, s:I, s:o, s:I}", "show",
                             show_json(r, s, who), "chat", "mode", chat_mode_name(s->chat_mode),
                             "slow_s", s->slow_s, "messages", messages, "pinned", pinned, "viewers",
                             "now", (json_int_t)n.now, "peak", (json_int_t)n.peak, "likes",
                             (json_int_t)n.likes, "me", me, "server_now", (json_int_t)cx->now_ms);
    if (!data)
        return ERR_NO_MEMORY;
    *ret_data = data;
    *ret_seq = s->head;
    return ERR_OK;
}

enum err room_snapshot(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                       const char *show, json_t **ret_data, int64_t *ret_seq)
{
    struct show s;
    enum err e = show_find(r, db, cx, who, show, &s);
    return e ? e : snapshot_make(r, db, cx, who, &s, ret_data, ret_seq);
}
