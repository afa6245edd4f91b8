/*
 * engine - the whole of streamd put together: rooms, listeners, threads; opened and closed in
 * order.
 *
 * Order:   data folder, certificates, database, RTMP, RTMPS, HTTP; so an encoder is never refused
 *          by an engine whose API already answers.
 * Thread:  the program's first thread, which is no loop.
 */
#pragma once
#include "base/cx.h"

struct engine;
struct options;

/* `why` in cx->problem. ERR_INPUT and ERR_EXISTS are the operator's to mend. */
enum err engine_open(struct cx *cx, const struct options *options,
                     struct engine **ret_engine) NODISCARD;
/* Make our certificate again if it is time, and read the files again. Any worker too. */
void engine_reload(struct engine *e);
/* Publishers are told, recordings closed, requests finished. NULL is fine. */
void engine_close(struct engine *e);
