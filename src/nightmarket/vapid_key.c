/* vapid-key: a fresh key pair for web push. */
#include "base/crypto.h"
#include "base/es256.h"
#include "nightmarket/commands.h"
#include "notify/push.h"

#include <stdio.h>

int command_vapid_key(int argc, char **argv)
{
    unsigned char number[ES256_NUMBER];
    char secret[ES256_NUMBER * 2], point[PUSH_KEY_TEXT];
    struct es256 *key;
    (void)argv;
    if (argc != 1) {
        (void)fprintf(stderr, "usage: nightmarket vapid-key\n");
        return 2;
    }
    if (crypto_init() || es256_make(&key)) {
        (void)fprintf(stderr, "vapid-key: no randomness to be had\n");
        return 1;
    }
    enum err e = es256_number(key, number);
    crypto_base64url_text(number, sizeof number, secret);
    push_key_text(key, point);
    es256_free(key);
    bool ok =
        !e && printf("NM_VAPID_PRIVATE_KEY=%s\n# its public half, which pages are given: %s\n",
                     secret, point) > 0;
    crypto_wipe(number, sizeof number);
    crypto_wipe(secret, sizeof secret);
    return ok && !fflush(stdout) ? 0 : 1;
}
