#include "room/tell.h"
#include "room/room_in.h"

enum err room_tell_viewer(struct tx *tx, struct room *r, int64_t show_id, int64_t viewer_id,
                          const char *type, json_t *data)
{
    const struct event ev = {
        .show_id = show_id, .type = type, .audience = AUDIENCE_VIEWER, .viewer_id = viewer_id};
    if (!data)
        return ERR_NO_MEMORY;
    return event_add(tx, r, &ev, data);
}
