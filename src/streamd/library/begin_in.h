/* begin_in - the rows that follow what the state machine decides. Private to library. */
#pragma once
#include "streamd/library/state_in.h"

/* Remember in->video_uid as a video on air, and have its row made. ERR_NO_MEMORY. */
enum err begin_video_locked(struct library *l, struct input_rec *in) NODISCARD;
/* The row: live-inprogress -> inprogress. */
void end_video_locked(struct library *l, const char *video_uid);
/* The row: state, last video and status as they are now. */
void save_status_locked(struct library *l, const struct input_rec *in);
/* Log it, and tell whoever wants to know (hooks.live_event), by a job. */
void tell_event_locked(struct library *l, const struct live_event *event);
