/* What a newcomer finds: a shop, its owner, a show to go on air, two to come, one that was. */
#include "account/account.h"
#include "account/limit.h"
#include "account/staff.h"
#include "base/arena.h"
#include "base/text.h"
#include "nightmarket/app.h"
#include "nightmarket/demo_in.h"
#include "room/listing.h"
#include "room/show.h"
#include "ship/ship.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { BUCKETS = 64, EVENING = 20, INTERRUPTED_TOO_LONG_MS = 14 * 60 * 1000 };

#define SHOP_NAME  "燈籠街小舖"
#define SHOP_PHONE "0912345678"
#define OWNER_NAME "小舖老闆"

static const struct planned {
    const char *id, *cover;
    const char *title[LANG_COUNT]; /* zh-TW, th, en */
    int in_days;                   /* 0: a draft, to be broadcast at once */
} on_air = {"shw_demo",
            "tw-bag",
            {"夜市燈下開賣：帆布袋、手作杯、高山茶", "ไลฟ์ตลาดกลางคืน: ถุงผ้า แก้วทำมือ และชา",
             "Lanterns on: canvas bags, handmade mugs, tea"},
            0},
  earlier = {"shw_demo_first",
             "tw-mug",
             {"手作杯開窯：第一批的八個顏色", "แก้วทำมือชุดแรก แปดสี",
              "Out of the kiln: the first eight mugs"},
             0},
  phone = {"shw_demo_phone",
           "th-mango",
           {"用你的手機開播", "ไลฟ์จากมือถือของคุณ", "On air from your own phone"},
           0},
  to_come[] = {
      {"shw_demo_tea",
       "tw-tea",
       {"高山茶試喝夜：今年的三款春茶", "ชิมชาภูเขาสูง: ชาฤดูใบไม้ผลิสามแบบ",
        "High mountain tea: three spring harvests"},
       1},
      {"shw_demo_scarf",
       "th-scarf",
       {"清邁手織圍巾，一次看完", "ผ้าพันคอทอมือเชียงใหม่", "Hand-woven scarves from Chiang Mai"},
       3}};

/* ---- the shop and who owns it ---- */

struct found {
    struct shop shop;
    struct account_new owner;
    int64_t owner_id, shop_id;
    bool new_password; /* the account was there, its password is lost */
};

static enum err found_job(struct tx *tx, void *arg)
{
    struct found *f = arg;
    struct shop shop;
    struct viewer v;
    enum err e = shop_first(tx->db, tx->cx->arena, &shop);
    if (e == ERR_NOT_FOUND) {
        const struct ship_sender sender = {"c2c", SHOP_NAME, SHOP_PHONE};
        e = shop_create(tx, &f->shop);
        shop = f->shop;
        if (!e)
            e = ship_sender_set(tx, shop.id, &sender);
    }
    if (!e)
        e = viewer_by_email(tx->db, tx->cx->arena, DEMO_EMAIL, &v);
    f->owner_id = e ? f->owner.viewer_id : v.id;
    if (e == ERR_NOT_FOUND)
        e = account_create(tx, &f->owner);
    else if (!e && f->new_password)
        e = account_set_password(tx, v.id, f->owner.password_hash, NULL);
    f->shop_id = shop.id;
    return e ? e : staff_set(tx, f->owner_id, shop.id, ROLE_OWNER);
}

static enum err make_shop(struct app *a, const struct demo_keep *keep, int64_t *ret_owner)
{
    char shop_id[ID_TEXT];
    struct found f = {.new_password = keep->fresh};
    id_make("shp", shop_id);
    f.shop = (struct shop){id_next(), shop_id, "lantern-street", SHOP_NAME};
    enum err e = account_make(&a->cx, DEMO_EMAIL, OWNER_NAME, "zh-TW", keep->password, &f.owner);
    if (!e)
        e = store_do(a->store, &a->cx, "demo.found", found_job, &f);
    *ret_owner = f.owner_id;
    return e ? e : demo_goods(a, f.shop_id, f.owner_id);
}

/* ---- shows ---- */

struct seeding {
    struct app *app;
    struct room *room;
    struct room_who who;
};

static enum err find(const struct seeding *s, const char *id, struct show *ret_show)
{
    struct db *db = NULL;
    enum err e = store_read(s->app->store, &db);
    if (!e)
        e = show_find(s->room, db, &s->app->cx, &s->who, id, ret_show);
    store_read_end(db);
    return e;
}

/* Eight in the evening, here, so many days from now. */
static int64_t evening_ms(int64_t now_ms, int in_days)
{
    time_t now = (time_t)(now_ms / 1000);
    struct tm at;
    (void)localtime_r(&now, &at);
    at.tm_mday += in_days;
    at.tm_hour = EVENING;
    at.tm_min = at.tm_sec = 0;
    at.tm_isdst = -1;
    return (int64_t)mktime(&at) * 1000;
}

/* Everything the shop has, in the run order of a new show: A1, A2, ... */
static enum err list_goods(const struct seeding *s, const char *show)
{
    static const char *const order[] = {"prd_demo_bag",   "prd_demo_mug",   "prd_demo_tea",
                                        "prd_demo_mango", "prd_demo_scarf", "prd_demo_bundle"};
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < sizeof order / sizeof *order; i++) {
        const struct listing_new ask = {
            .product = order[i], .mode = CLAIM_MODE_AUTO, .per_buyer_max = 5};
        json_t *listing = NULL;
        e = listing_add(s->room, &s->app->cx, &s->who, show, &ask, &listing);
        json_decref(listing);
    }
    return e;
}

/* There, and in the future. */
static enum err plan(const struct seeding *s, const struct planned *p, const char *id)
{
    struct show show, done;
    struct cx *cx = &s->app->cx;
    int64_t starts = p->in_days ? evening_ms(cx->now_ms, p->in_days) : 0;
    enum err e = find(s, id, &show);
    if (e == ERR_NOT_FOUND) {
        struct show_new ask = {
            .starts_ms = starts, .cover = p->cover, .host_name = OWNER_NAME, .public_id = id};
        memcpy(ask.title, p->title, sizeof ask.title);
        cx->problem[0] = '\0';
        e = show_create(s->room, cx, &s->who, &ask, &done);
        return e ? e : list_goods(s, id);
    }
    if (e || !starts || show.state != SHOW_SCHEDULED || show.starts_ms > cx->now_ms)
        return e;
    const struct show_edit edit = {.set_starts = true, .starts_ms = starts};
    return show_edit(s->room, cx, &s->who, id, show.version, &edit, &done);
}

/* May this show go on air, or go on being on air? */
static bool usable(const struct show *s, int64_t now_ms, bool ports_moved)
{
    bool fresh = s->state == SHOW_DRAFT || s->state == SHOW_SCHEDULED;
    if (ports_moved && s->input)
        return false;
    if (s->state == SHOW_INTERRUPTED)
        return now_ms - s->interrupted_ms < INTERRUPTED_TOO_LONG_MS;
    return fresh || s->state == SHOW_BACKSTAGE || s->state == SHOW_LIVE;
}

/* The show of the last run if it can go on, else the next one: shw_demo, shw_demo_2, … */
static enum err plan_on_air(const struct seeding *s, struct demo_keep *keep, bool ports_moved)
{
    struct show show;
    enum err e = keep->show[0] ? find(s, keep->show, &show) : ERR_NOT_FOUND;
    if (!e && usable(&show, s->app->cx.now_ms, ports_moved))
        return ERR_OK;
    if (e && e != ERR_NOT_FOUND)
        return e;
    do {
        keep->round++;
        if (keep->round == 1)
            (void)text_copy(keep->show, sizeof keep->show, on_air.id);
        else
            (void)snprintf(keep->show, sizeof keep->show, "%s_%d", on_air.id, keep->round);
        e = find(s, keep->show, &show);
    } while (!e);
    return e == ERR_NOT_FOUND ? plan(s, &on_air, keep->show) : e;
}

static enum err has_replay(const struct seeding *s, bool *ret_has)
{
    struct db *db = NULL;
    struct show_page page = {.count = 0};
    const struct show_list_ask ask = {.states = 1U << SHOW_REPLAY_READY, .limit = 1};
    enum err e = store_read(s->app->store, &db);
    if (!e)
        e = show_list(s->room, db, &s->app->cx, &s->who, &ask, &page);
    store_read_end(db);
    *ret_has = page.count > 0;
    return e;
}

static enum err plan_replay(const struct seeding *s, struct demo_seed *seed)
{
    struct show show;
    bool has = false;
    enum err e = has_replay(s, &has);
    if (e || has)
        return e;
    e = plan(s, &earlier, earlier.id);
    if (!e)
        e = find(s, earlier.id, &show);
    if (!e && usable(&show, s->app->cx.now_ms, seed->ports_moved))
        (void)text_copy(seed->first_show, sizeof seed->first_show, earlier.id);
    return e;
}

static enum err plan_all(const struct seeding *s, struct demo_keep *keep, struct demo_seed *seed)
{
    enum err e = plan_on_air(s, keep, seed->ports_moved);
    for (size_t i = 0; !e && i < sizeof to_come / sizeof *to_come; i++)
        e = plan(s, &to_come[i], to_come[i].id);
    if (!e)
        e = plan_replay(s, seed);
    if (e || !seed->phone)
        return e;
    (void)text_copy(seed->phone_show, sizeof seed->phone_show, phone.id);
    return plan(s, &phone, phone.id);
}

static enum err fill_rooms(struct app *a, int64_t owner, struct demo_keep *keep,
                           struct demo_seed *seed)
{
    struct db *db = NULL;
    struct staff *jobs = NULL;
    struct limits *limits = limits_make(BUCKETS);
    struct seeding s = {
        .app = a, .who = {.viewer_id = owner, .name = OWNER_NAME, .lang = "zh", .account = true}};
    const struct room_setup setup = {.store = a->store, .limits = limits};
    enum err e = limits ? room_make(&setup, &s.room) : ERR_NO_MEMORY;
    if (!e)
        e = store_read(a->store, &db);
    if (!e)
        e = staff_of_viewer(db, a->cx.arena, owner, &jobs, &s.who.staff_count);
    store_read_end(db);
    s.who.staff = jobs;
    if (!e)
        e = plan_all(&s, keep, seed);
    room_free(s.room);
    limits_free(limits);
    return e;
}

enum err demo_fill(struct app *a, struct demo_keep *keep, struct demo_seed *seed)
{
    int64_t owner = 0;
    const struct store_setup setup = {
        .url = a->config->database_url, .schema = &shop_schema, .readers = 2};
    enum err e = store_open(&a->cx, &setup, &a->store);
    if (!e)
        e = make_shop(a, keep, &owner);
    if (!e)
        e = fill_rooms(a, owner, keep, seed);
    store_close(a->store);
    a->store = NULL;
    return e;
}
