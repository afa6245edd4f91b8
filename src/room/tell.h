/*
 * tell - events that rooms above write into the log of a show.
 *
 * Rest: as room.h.
 */
#pragma once
#include "room/room.h"

struct tx;

/*
 * A private event for one viewer. Takes `data`; NULL: ERR_NO_MEMORY. Last in a job: the log of a
 * show is locked until the commit.
 */
enum err room_tell_viewer(struct tx *tx, struct room *r, int64_t show_id, int64_t viewer_id,
                          const char *type, json_t *data) NODISCARD;
