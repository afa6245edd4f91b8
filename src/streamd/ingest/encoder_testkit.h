/*
 * encoder_testkit - a scripted RTMP client for tests: writes what an encoder would send.
 *
 * Memory: everything is appended to a struct buf of the caller.
 */
#pragma once
#include "base/buf.h"
#include <stdint.h>

enum { ENCODER_SIGNATURE = 1536 };

/* C0 and C1, then C2. */
void encoder_hello(struct buf *out);
void encoder_hello_again(struct buf *out);
/* One message in chunks of `size`, on chunk stream `id`. */
void encoder_message(struct buf *out, unsigned id, unsigned type, uint32_t ts_ms, uint32_t stream,
                     const void *body, size_t len, uint32_t size);
void encoder_connect(struct buf *out, const char *app, bool enhanced);
void encoder_create_stream(struct buf *out);
void encoder_publish(struct buf *out, const char *name);
/* A command with a name, a number and null: FCUnpublish, deleteStream. */
void encoder_command(struct buf *out, const char *name);
void encoder_set_chunk_size(struct buf *out, uint32_t size, uint32_t now);
