/* What a snapshot says of the goods: listings, pin, deals, how the show sells. Kept by the hub. */
#include "base/json.h"
#include "cart/cart.h"
#include "room/claim_in.h"
#include "room/coupon.h"
#include "room/giveaway.h"

#include <stdlib.h>
#include <string.h>

/* With the chat it stays below what a stream may have waiting (net/http.h, stream_unsent). */
enum { GOODS_MAX = 120 * 1024 };

/* "listings":[…],… without braces, so that it can stand in the snapshot. */
static enum err text_of(json_t *o, struct bytes **ret_text)
{
    char *text = json_text_of(o);
    *ret_text = text ? bytes_make(text + 1, strlen(text) - 2) : NULL;
    free(text);
    return *ret_text ? ERR_OK : ERR_NO_MEMORY;
}

static enum err deals_json(struct db *db, struct cx *cx, int64_t show_id, json_t **ret_deals)
{
    struct deal *list;
    size_t n;
    enum err e = deals_read(db, cx, show_id, false, &list, &n);
    if (e)
        return e;
    json_t *deals = json_array();
    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(deals, deal_json(&list[i]));
    *ret_deals = deals;
    return ERR_OK;
}

/* Beside the goods: a coupon to take, a draw to enter. */
static enum err add_gifts(struct db *db, struct cx *cx, const struct show *s, json_t *o)
{
    json_t *coupon = NULL, *giveaway = NULL;
    enum err e = coupon_of_show(db, cx, s->id, &coupon);
    if (!e)
        e = giveaway_of_show(db, cx, s->id, &giveaway);
    (void)json_object_set_new(o, "coupon", coupon ? coupon : json_null());
    (void)json_object_set_new(o, "giveaway", giveaway ? giveaway : json_null());
    return e;
}

/*
 * Too much for a stream: what is queued goes first, then half of the rest at a time, the pinned one
 * last; GET listings has it all. False when there is nothing to leave out.
 */
static bool leave_out(json_t *o)
{
    json_t *list = json_object_get(o, "listings");
    const char *pinned =
        json_string_value(json_object_get(json_object_get(o, "pinned"), "listing_id"));
    size_t before = json_array_size(list);
    for (size_t i = before; i-- > 0;) {
        const json_t *state = json_object_get(json_array_get(list, i), "state");
        if (strcmp(json_string_value(state), "queued") == 0)
            (void)json_array_remove(list, i);
    }
    bool fewer = json_array_size(list) < before;
    for (size_t i = before / 2; !fewer && i-- > 0;) {
        const json_t *id = json_object_get(json_array_get(list, i), "id");
        if (before == 1 || !pinned || strcmp(json_string_value(id), pinned) != 0)
            (void)json_array_remove(list, i);
    }
    if (before == 1)
        (void)json_array_clear(list);
    (void)json_object_set_new(o, "listings_left_out", json_true());
    return before > 0;
}

static enum err read_goods(struct db *db, struct cx *cx, const struct show *s,
                           struct bytes **ret_text)
{
    struct sale sale;
    json_t *listings = NULL, *pinned = NULL, *deals = NULL;
    enum err e = sale_read(db, cx, s->id, &sale);
    if (!e)
        e = pinned_json(db, cx, &sale, &pinned);
    if (!e)
        e = deals_json(db, cx, s->id, &deals);
    if (!e)
        e = listings_json(db, cx, s->id, 0, false, &listings);
    if (e) {
        json_decref(pinned);
        json_decref(deals);
        return e;
    }
    json_t *o =
        json_pack("{s:o, s:O, s:O, s:o, s:o}", "listings", listings, "pinned", pinned, "deals",
                  deals, "sale", sale_json(&sale.set), "claims_head", claims_head_json(&sale));
    e = o ? add_gifts(db, cx, s, o) : ERR_NO_MEMORY;
    if (!e)
        e = text_of(json_incref(o), ret_text);
    while (!e && (*ret_text)->len > GOODS_MAX && leave_out(o)) {
        bytes_unref(*ret_text);
        e = text_of(json_incref(o), ret_text);
    }
    json_decref(o);
    json_decref(pinned);
    json_decref(deals);
    return e;
}

bool goods_event(const char *type)
{
    static const char *const of_goods[] = {"listing.", "deal.",   "stock.",
                                           "price.",   "sale.",   "claim.window",
                                           "claims.",  "coupon.", "giveaway."};
    for (size_t i = 0; i < sizeof of_goods / sizeof of_goods[0]; i++)
        if (strncmp(type, of_goods[i], strlen(of_goods[i])) == 0)
            return true;
    return false;
}

/* Still true at `head`, if the ring knows of everything up to it. */
static struct bytes *kept(struct hub *h, int64_t head)
{
    (void)pthread_mutex_lock(&h->lock);
    bool known = h->loaded && h->head >= head;
    int64_t changed = h->goods_seq;
    (void)pthread_mutex_unlock(&h->lock);
    (void)pthread_mutex_lock(&h->goods.lock);
    bool good = known && h->goods.text && changed <= h->goods.seq;
    struct bytes *text = good ? bytes_ref(h->goods.text) : NULL;
    (void)pthread_mutex_unlock(&h->goods.lock);
    return text;
}

enum err goods_text(struct hub *h, struct db *db, struct cx *cx, const struct show *s,
                    struct bytes **ret_text)
{
    *ret_text = h ? kept(h, s->head) : NULL;
    if (*ret_text)
        return ERR_OK;
    enum err e = read_goods(db, cx, s, ret_text);
    if (e || !h)
        return e;
    (void)pthread_mutex_lock(&h->goods.lock);
    struct bytes *old = h->goods.text;
    h->goods.text = bytes_ref(*ret_text);
    h->goods.seq = s->head;
    (void)pthread_mutex_unlock(&h->goods.lock);
    bytes_unref(old);
    return ERR_OK;
}

enum err goods_of_viewer(struct db *db, const struct room_who *who, const struct show *s,
                         json_t **ret_cart)
{
    *ret_cart = json_null();
    if (!who->viewer_id)
        return ERR_OK;
    return cart_badge(db, who->viewer_id, s->shop_id, buyer_of(who).market, ret_cart);
}
