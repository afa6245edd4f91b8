/* Making the room, who asks, the tick, and the numbers. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "room/claim_in.h"
#include "room/giveaway.h"
#include "room/pulse.h"
#include "room/room_in.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum err room_make(const struct room_setup *setup, struct room **ret_room)
{
    assert(setup->store && setup->limits);
    struct room *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_NO_MEMORY;
    r->store = setup->store;
    r->limits = setup->limits;
    (void)pthread_mutex_init(&r->lock, NULL);
    (void)pthread_mutex_init(&r->rights.lock, NULL);
    (void)pthread_cond_init(&r->wake, NULL);
    r->watch = (struct stock_watch){sell_tell, r};
    r->pulse = pulse_make();
    enum err e = r->pulse ? hub_start(r) : ERR_NO_MEMORY;
    if (e) {
        room_free(r);
        return e;
    }
    *ret_room = r;
    return ERR_OK;
}

void room_free(struct room *r)
{
    if (!r)
        return;
    size_t n;
    room_pulse_stop(r);
    struct hub **all = hub_all(r, &n);
    for (size_t i = 0; i < n; i++) {
        hub_flush(all[i], 0);
        hub_put(all[i]);
    }
    free(all);
    hub_stop(r);
    words_free_all(r);
    menus_free(r);
    wakes_free(r);
    pulse_free(r->pulse);
    (void)pthread_mutex_destroy(&r->lock);
    (void)pthread_mutex_destroy(&r->rights.lock);
    (void)pthread_cond_destroy(&r->wake);
    free(r);
}

void room_set_loops(struct room *r, int loops,
                    void (*post)(void *arg, int loop, struct loop_mail *mail, void (*fn)(void *),
                                 void *fn_arg),
                    void *arg)
{
    assert(loops > 0 && loops <= HUB_LOOPS_MAX && !r->loops);
    r->loops = loops;
    r->post = post;
    r->post_arg = arg;
}

enum { TICK_ARENA = 1 << 20 };

void room_tick(struct room *r, int64_t now_ms)
{
    size_t n;
    struct hub **all = hub_all(r, &n);
    for (size_t i = 0; i < n; i++) {
        hub_tick(all[i], now_ms);
        hub_put(all[i]);
    }
    free(all);
    hub_sweep(r);
    rights_tick(r, now_ms);

    struct cx cx = {.arena = arena_make(TICK_ARENA), .now_ms = now_ms};
    enum err e = cx.arena ? show_end_overdue(r, &cx) : ERR_NO_MEMORY;
    if (e)
        log_warn("overdue shows not ended", LOG_S("err", err_api(e)));
    e = cx.arena ? giveaway_tick(r, &cx) : ERR_NO_MEMORY;
    if (e)
        log_warn("draws not followed", LOG_S("err", err_api(e)), LOG_S("why", cx.problem));
    arena_free(cx.arena);
}

void room_bye(struct room *r, int64_t retry_ms)
{
    char data[48];
    size_t n;
    int64_t now_ms = clock_unix_ms();
    struct hub **all = hub_all(r, &n);
    (void)snprintf(data, sizeof data, "{\"retry_ms\":%lld}", (long long)retry_ms);
    const struct event ev = {
        .seq = -1, .type = "server.bye", .at_ms = now_ms, .media_at_ms = now_ms, .data = data};
    for (size_t i = 0; i < n; i++) {
        hub_side(all[i], SIDE_BYE, event_frame(&ev, false));
        hub_put(all[i]);
    }
    free(all);
}

const struct stock_watch *room_watch(struct room *r)
{
    return &r->watch;
}

enum err room_tell_viewer(struct tx *tx, struct room *r, int64_t show_id, int64_t viewer_id,
                          const char *type, json_t *data)
{
    const struct event ev = {
        .show_id = show_id, .type = type, .audience = AUDIENCE_VIEWER, .viewer_id = viewer_id};
    return event_add(tx, r, &ev, data);
}

/* ---- who asks ---- */

enum role room_role(const struct room_who *who, int64_t shop_id)
{
    for (size_t i = 0; i < who->staff_count; i++)
        if (who->staff[i].shop_id == shop_id)
            return who->staff[i].role;
    return ROLE_NONE;
}

enum err room_note(struct tx *tx, const struct room_who *who, int64_t audit_id, int64_t shop_id,
                   const char *action, const char *object)
{
    const struct audit a = {.id = audit_id,
                            .actor_id = who->viewer_id,
                            .shop_id = shop_id,
                            .action = action,
                            .object = object,
                            .addr = who->addr};
    return audit_write(tx, &a);
}

/* ---- numbers ---- */

void room_read_stats(struct room *r, struct room_stats *ret_stats)
{
    struct room_stats n = {
        .subscribers = atomic_load(&r->stats.subscribers),
        .events = atomic_load(&r->stats.events),
        .frames = atomic_load(&r->stats.frames),
        .lost = atomic_load(&r->stats.lost),
        .messages = atomic_load(&r->stats.messages),
        .held = atomic_load(&r->stats.held),
        .refused = atomic_load(&r->stats.refused),
    };
    size_t hubs;
    struct hub **all = hub_all(r, &hubs);
    for (size_t i = 0; i < hubs; i++) {
        int64_t now, peak;
        presence_now(all[i]->presence, &now, &peak);
        n.viewers += now;
        hub_put(all[i]);
    }
    free(all);
    n.shows_open = (int64_t)hubs;
    *ret_stats = n;
}
