/* Alerting v3, as far as live notifications need it. */
#include "streamd/cfapi/call_in.h"
#include "streamd/notify/notify.h"

static struct notify *notify_of(const struct call *k)
{
    return k->c->conf.notify;
}

static const char *id_of(const struct call *k)
{
    return http_param(k->req, "id");
}

enum err alerts_available(struct call *k)
{
    k->result = json_pack(
        "{s:[{s:s, s:s, s:s, s:[{s:s, s:n}, {s:s, s:[s, s, s]}]}]}", "Stream", "type",
        "stream_live_notifications", "display_name", "Stream Live Notifications", "description",
        "Tells when a live input connects, disconnects or fails.", "filter_options", "Key",
        "input_id", "AvailableValues", "Key", "event_type", "AvailableValues",
        "live_input.connected", "live_input.disconnected", "live_input.errored");
    return k->result ? ERR_OK : ERR_NO_MEMORY;
}

enum err destination_create(struct call *k)
{
    return notify_create_destination(notify_of(k), k->cx, k->body, &k->result);
}

enum err destination_list(struct call *k)
{
    return notify_list_destinations(notify_of(k), k->cx, &k->result);
}

enum err destination_get(struct call *k)
{
    return notify_get_destination(notify_of(k), k->cx, id_of(k), &k->result);
}

enum err destination_update(struct call *k)
{
    return notify_update_destination(notify_of(k), k->cx, id_of(k), k->body, &k->result);
}

enum err destination_delete(struct call *k)
{
    return notify_delete_destination(notify_of(k), k->cx, id_of(k));
}

enum err policy_create(struct call *k)
{
    return notify_create_policy(notify_of(k), k->cx, k->body, &k->result);
}

enum err policy_list(struct call *k)
{
    return notify_list_policies(notify_of(k), k->cx, &k->result);
}

enum err policy_get(struct call *k)
{
    return notify_get_policy(notify_of(k), k->cx, id_of(k), &k->result);
}

enum err policy_update(struct call *k)
{
    return notify_update_policy(notify_of(k), k->cx, id_of(k), k->body, &k->result);
}

enum err policy_delete(struct call *k)
{
    return notify_delete_policy(notify_of(k), k->cx, id_of(k), &k->result);
}
