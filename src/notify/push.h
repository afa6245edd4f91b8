/*
 * push - web push: browsers that take messages, and what is sent to them.
 *
 * Shape:   a browser gives an address at its maker's push service, a P-256 key and a secret. A
 *          message is encrypted for that key (RFC 8291, one RFC 8188 record) and carries a token
 *          signed with the server's own key (RFC 8292). The service sees neither text nor person.
 * Units:   times Unix ms.
 * Thread:  encryption and tokens: any. Store calls as notify.h.
 * Source:  RFC 8030, 8188, 8291, 8292
 */
#pragma once
#include "base/buf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include <stddef.h>

struct db;
struct es256;
struct tx;

enum {
    PUSH_PER_VIEWER = 10, /* browsers; the one seen longest ago goes */
    PUSH_KEY_LEN = 65,    /* a point, uncompressed */
    PUSH_AUTH_LEN = 16,
    PUSH_ENDPOINT_MAX = 1000,
    PUSH_PAYLOAD_MAX = 3072,
    PUSH_SECRET_LEN = 32,
    PUSH_KEY_TEXT = 88 /* base64url of a point, and a NUL */
};

struct push_target {
    const char *endpoint;
    unsigned char p256dh[PUSH_KEY_LEN], auth[PUSH_AUTH_LEN];
};

/* ---- browsers ---- */

/*
 * What a page sends of its PushSubscription. `local_ok`: http and loopback will do (the server
 * itself is on loopback).
 *
 * ERR_INPUT  no https URL of a public host, no point of P-256, no 16 bytes
 */
enum err push_read(struct cx *cx, const char *endpoint, const char *p256dh, const char *auth,
                   bool local_ok, struct push_target *ret_target) NODISCARD;
/* Is it an address that messages may go to? By the text alone: net/client.h looks once more. */
bool push_endpoint_ok(const char *endpoint, bool local_ok);

/*
 * The browser is this viewer's from now on, whoever had it before, and as long as this session
 * lasts: nothing goes to a browser that was signed out, from wherever. `id` from id_next().
 */
enum err push_add(struct tx *tx, int64_t id, int64_t viewer_id,
                  const unsigned char session[SHA256_LEN], const struct push_target *t) NODISCARD;
/* Only the viewer's own; one that is not there is fine. */
enum err push_remove(struct tx *tx, int64_t viewer_id, const char *endpoint) NODISCARD;
/* How many browsers the viewer has. */
enum err push_count(struct db *db, int64_t viewer_id, int64_t *ret_count) NODISCARD;

/* ---- keys and messages ---- */

/* The server's key pair: base64url of the private number. ERR_INPUT: not that, or no key of P-256.
 */
enum err push_key_read(const char *text, struct es256 **ret_key) NODISCARD;
/* The public half as pages want it (applicationServerKey). */
void push_key_text(const struct es256 *key, char out[PUSH_KEY_TEXT]);

/*
 * `plain`, at most PUSH_PAYLOAD_MAX bytes, as the body of a push message (aes128gcm), added to
 * `out`. ERR_INPUT: the browser's key is none, or it is too long.
 */
enum err push_seal(const struct push_target *to, const void *plain, size_t len,
                   struct buf *out) NODISCARD;
/* The same with the random choices given: for the vector of RFC 8291. */
struct push_choice {
    unsigned char secret[PUSH_SECRET_LEN], salt[16];
};
enum err push_seal_with(const struct push_choice *c, const struct push_target *to,
                        const void *plain, size_t len, struct buf *out) NODISCARD;
/* The other end: what a browser reads; for tests and the sandbox. ERR_INPUT: not for this key. */
enum err push_open(const struct es256 *own, const unsigned char auth[PUSH_AUTH_LEN],
                   const void *body, size_t len, struct buf *out) NODISCARD;

/* "vapid t=…, k=…" for the Authorization header. `who` is a mailto: or https: address. */
enum err push_vapid(const struct es256 *key, const char *endpoint, const char *who, int64_t now_ms,
                    struct buf *out) NODISCARD;
/* "https://push.example.net" of an endpoint. ERR_INPUT: no such URL, or too long. */
enum { PUSH_ORIGIN_MAX = 300 };
enum err push_origin(const char *endpoint, char out[PUSH_ORIGIN_MAX]) NODISCARD;
