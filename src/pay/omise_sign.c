#include "pay/omise_sign.h"
#include "base/crypto.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { KEY_MAX = 256, SIG_HEX = 2 * SHA256_LEN, THEIRS_MAX = 8 };

struct key {
    unsigned char bytes[KEY_MAX];
    size_t len;
};

struct keys {
    struct key key[OMISE_SECRETS_MAX];
    size_t n;
};

/* The next part of a list separated by commas, its ends trimmed; false: there is no more. */
static bool next_part(const char **at, const char **ret_part, size_t *ret_len)
{
    if (!*at)
        return false;
    const char *part = *at + strspn(*at, " \t");
    size_t len = strcspn(part, ",");
    *at = part[len] ? part + len + 1 : NULL;
    while (len && (part[len - 1] == ' ' || part[len - 1] == '\t'))
        len--;
    *ret_part = part;
    *ret_len = len;
    return true;
}

static enum err read_keys(const char *secrets, struct keys *keys)
{
    const char *part;
    size_t len;
    keys->n = 0;
    while (next_part(&secrets, &part, &len)) {
        if (keys->n == OMISE_SECRETS_MAX)
            return ERR_INPUT;
        struct key *k = &keys->key[keys->n++];
        if (crypto_unbase64(part, len, k->bytes, sizeof k->bytes, &k->len) != ERR_OK || !k->len)
            return ERR_INPUT;
    }
    return keys->n ? ERR_OK : ERR_INPUT;
}

enum err omise_secrets_check(const char *secrets)
{
    struct keys keys;
    enum err e = read_keys(secrets, &keys);
    crypto_wipe(&keys, sizeof keys);
    return e;
}

static void mac_of(const struct key *k, const char *time, const void *body, size_t len,
                   unsigned char out[SHA256_LEN])
{
    const struct crypto_piece text[] = {{time, strlen(time)}, {".", 1}, {body, len}};
    crypto_hmac_sha256_of(k->bytes, k->len, text, sizeof text / sizeof text[0], out);
}

enum err omise_sign(const char *secrets, int64_t unix_s, const void *body, size_t len,
                    char out[OMISE_SIGN_TEXT])
{
    struct keys keys;
    char time[24];
    enum err e = read_keys(secrets, &keys);
    (void)snprintf(time, sizeof time, "%" PRId64, unix_s);
    for (size_t i = 0; !e && i < keys.n; i++) {
        unsigned char mac[SHA256_LEN];
        mac_of(&keys.key[i], time, body, len, mac);
        crypto_hex(mac, sizeof mac, out + i * (SIG_HEX + 1));
        if (i + 1 < keys.n)
            out[i * (SIG_HEX + 1) + SIG_HEX] = ',';
    }
    crypto_wipe(&keys, sizeof keys);
    return e;
}

/* Does one of the signatures in the header stand under `mac`? Every part is looked at. */
static bool listed(const char *signature, const unsigned char mac[SHA256_LEN])
{
    const char *part;
    size_t len;
    bool found = false;
    for (int i = 0; i < THEIRS_MAX && next_part(&signature, &part, &len); i++) {
        char hex[SIG_HEX + 1];
        unsigned char got[SHA256_LEN];
        if (len != SIG_HEX)
            continue;
        memcpy(hex, part, len);
        hex[len] = '\0';
        if (crypto_unhex(hex, got, sizeof got) == ERR_OK)
            found |= crypto_same(got, sizeof got, mac, SHA256_LEN);
    }
    return found;
}

enum err omise_sign_check(struct cx *cx, const char *secrets, const char *signature,
                          const char *timestamp, const void *body, size_t len)
{
    struct keys keys;
    int64_t seconds;
    bool genuine = false;
    if (!signature || !timestamp || text_i64(timestamp, 0, INT64_MAX / 1000, &seconds) != ERR_OK)
        return problem(cx, ERR_FORBIDDEN, "the webhook is not signed");
    if (read_keys(secrets, &keys) != ERR_OK) {
        crypto_wipe(&keys, sizeof keys);
        return problem(cx, ERR_INPUT, "our webhook secret is not base64");
    }
    for (size_t i = 0; i < keys.n; i++) {
        unsigned char mac[SHA256_LEN];
        mac_of(&keys.key[i], timestamp, body, len, mac);
        genuine |= listed(signature, mac);
    }
    crypto_wipe(&keys, sizeof keys);
    if (!genuine)
        return problem(cx, ERR_FORBIDDEN, "the webhook's signature is wrong");
    int64_t age_ms = cx->now_ms - seconds * 1000;
    if (age_ms > OMISE_SIGN_WINDOW_S * 1000LL || age_ms < -OMISE_SIGN_WINDOW_S * 1000LL)
        return problem(cx, ERR_FORBIDDEN, "the webhook's time is too far from ours");
    return ERR_OK;
}
