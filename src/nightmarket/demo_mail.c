/* The demo's mail server and push service: both are sandboxd, and nothing leaves this machine. */
#include "base/crypto.h"
#include "base/es256.h"
#include "nightmarket/demo_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE = 128 };

static void set(const char *name, const char *value)
{
    (void)setenv(name, value, 1); // NOLINT(concurrency-mt-unsafe): no threads yet
}

/* The same key at every start, or browsers would have subscribed in vain: made of the demo's token.
 */
static void set_push_key(const struct demo_keep *k)
{
    unsigned char number[SHA256_LEN];
    char text[VALUE];
    struct es256 *key = NULL;
    crypto_hmac_sha256(k->token, strlen(k->token), "push", strlen("push"), number);
    while (es256_read_number(number, &key) == ERR_INPUT) /* all but never */
        crypto_sha256(number, sizeof number, number);
    es256_free(key);
    crypto_base64url_text(number, sizeof number, text);
    set("NM_VAPID_PRIVATE_KEY", text);
}

void demo_mail_variables(const struct demo_keep *k)
{
    char at[VALUE];
    (void)snprintf(at, sizeof at, "127.0.0.1:%d", k->smtp);
    set("SANDBOXD_SMTP", at);
    (void)snprintf(at, sizeof at, "smtp://127.0.0.1:%d", k->smtp);
    set("NM_SMTP_URL", at);
    set("NM_MAIL_FROM", "Nightmarket <shop@demo.example>");
    set_push_key(k);
}
