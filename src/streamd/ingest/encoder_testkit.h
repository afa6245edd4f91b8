/*
 * encoder_testkit - a scripted RTMP client for tests: writes what an encoder would send.
 *
 * Memory: everything is appended to a struct buf of the caller.
 */
#pragma once
#include "base/buf.h"
#include <stdbool.h>
#include <stdint.h>

enum { ENCODER_SIGNATURE = 1536, ENCODER_CHUNK = 60000 };

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

/* Connected to 127.0.0.1, with 10 s of patience in reading. The test fails when it cannot. */
int encoder_socket(unsigned port);
void encoder_send(int fd, struct buf *b); /* all of it, if the peer takes it; empties b */
/* Read until `text` has come; false: the peer closed first. */
bool encoder_hears(int fd, const char *text);
/* A connection that has asked to publish, and will send in chunks of ENCODER_CHUNK. */
int encoder_dial(unsigned port, const char *key);
/* The same, and it was accepted. */
int encoder_live(unsigned port, const char *key);
/* Every tag of an FLV image whose stamp lies in from_ms..to_ms, and the configurations always. */
void encoder_play(int fd, const struct buf *flv, uint32_t from_ms, uint32_t to_ms);
