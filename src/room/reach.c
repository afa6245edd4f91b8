#include "account/account.h"
#include "base/arena.h"
#include "catalog/catalog.h"
#include "notify/notify.h"
#include "room/reach.sql.h"
#include "room/reach_in.h"
#include "room/room_in.h"

#include <inttypes.h>

/* A mail is no use to who has minutes. */
#define MAIL_FROM_MS INT64_C(1800000)

struct about {
    enum notice_kind kind;
    int64_t viewer_id, variant_id, show_id, until_ms;
    const char *key;
};

static const char *title_in(json_t *titles, enum lang lang)
{
    const char *text = NULL;
    for (int i = 0; i < LANG_COUNT && !text; i++)
        text = json_string_value(json_object_get(titles, lang_name(lang_order(lang, i))));
    return text ? text : "";
}

static enum err put(struct tx *tx, const struct about *a)
{
    struct cx *cx = tx->cx;
    struct viewer v;
    const char *title, *shop, *show = NULL, *url = "/cart";
    int64_t shop_id;
    enum err e = viewer_by_id(tx->db, cx->arena, a->viewer_id, &v);
    if (!e)
        e = db_row(tx->db, cx->arena, &SQL_reach_variant, ARGS(V(a->variant_id)),
                   COLS(C(&title), C(&shop), C(&shop_id)));
    if (!e && a->show_id)
        e = db_row(tx->db, cx->arena, &SQL_reach_show, ARGS(V(a->show_id)), COLS(C(&show)));
    if (e == ERR_NOT_FOUND) /* deleted meanwhile: nobody is there to be told */
        return ERR_OK;
    if (!e && show && a->kind == NOTICE_WAITLIST_OFFER)
        url = arena_fmt(cx->arena, "/s/%s", show);
    if (e || !url || !a->key)
        return e ? e : ERR_NO_MEMORY;
    enum lang lang = lang_of(v.lang);
    json_t *titles = stored_json(title);
    json_t *args = json_pack("{s:s,s:s,s:s,s:I,s:s}", "title", title_in(titles, lang), "shop", shop,
                             "url", url, "until", (json_int_t)a->until_ms, "tag", a->key);
    const struct notice n = {.kind = a->kind,
                             .to_viewer = a->viewer_id,
                             .lang = lang_name(lang),
                             .args = args,
                             .key = a->key,
                             .channels = a->until_ms - cx->now_ms < MAIL_FROM_MS ? NOTICE_PUSH : 0,
                             .until_ms = a->until_ms,
                             .shop_id = shop_id};
    e = args ? notice_put(tx, &n) : ERR_NO_MEMORY;
    json_decref(args);
    json_decref(titles);
    return e;
}

enum err reach_offer(struct tx *tx, const struct news_item *n)
{
    return put(tx, &(struct about){.kind = NOTICE_WAITLIST_OFFER,
                                   .viewer_id = n->viewer_id,
                                   .variant_id = n->variant_id,
                                   .show_id = n->show_id,
                                   .until_ms = n->until_ms,
                                   .key = arena_fmt(tx->cx->arena, "offer:%" PRId64 ":%" PRId64,
                                                    n->waiting_id, n->until_ms)});
}

enum err reach_winner(struct tx *tx, const struct giveaway *g, const struct giveaway_winner *w)
{
    return put(tx, &(struct about){.kind = NOTICE_DRAW_WON,
                                   .viewer_id = w->viewer_id,
                                   .variant_id = g->variant_id,
                                   .show_id = g->show_id,
                                   .until_ms = w->until_ms,
                                   .key = arena_fmt(tx->cx->arena, "won:%" PRId64 ":%" PRId64,
                                                    g->id, w->viewer_id)});
}
