/* Signing in at the demo: LINE is sandboxd's; no other provider of a real shop is left. */
#include "base/crypto.h"
#include "base/text.h"
#include "nightmarket/demo_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECRET_HEX = 32, VALUE = 256 };

static const char CHANNEL[] = "1656000000";

static void unset_named(void)
{
    static const char *const away[] = {
        "LINE_CHANNEL_ID",    "LINE_CHANNEL_SECRET",    "LINE_ISSUER",
        "LINE_LIFF_ID",       "GOOGLE_CLIENT_ID",       "GOOGLE_CLIENT_SECRET",
        "GOOGLE_ISSUER",      "FACEBOOK_APP_ID",        "FACEBOOK_APP_SECRET",
        "FACEBOOK_GRAPH_URL", "FACEBOOK_GRAPH_VERSION", "APPLE_CLIENT_ID",
        "APPLE_TEAM_ID",      "APPLE_KEY_ID",           "APPLE_PRIVATE_KEY",
        "APPLE_ISSUER"};
    for (size_t i = 0; i < sizeof away / sizeof *away; i++)
        (void)unsetenv(away[i]); // NOLINT(concurrency-mt-unsafe): no threads yet
}

/* OIDC_<NAME>_...: nobody knows the names beforehand. Each one that goes moves the others up. */
static void unset_oidc(void)
{
    char name[VALUE];
    for (size_t i = 0; environ && environ[i];) {
        size_t n = strcspn(environ[i], "=");
        if (n < sizeof name && text_has_prefix(environ[i], "OIDC_")) {
            memcpy(name, environ[i], n);
            name[n] = '\0';
            (void)unsetenv(name); // NOLINT(concurrency-mt-unsafe): no threads yet
        } else {
            i++;
        }
    }
}

static void set(const char *name, const char *value)
{
    (void)setenv(name, value, 1); // NOLINT(concurrency-mt-unsafe): no threads yet
}

void demo_line_variables(const struct demo_keep *k, const char *host)
{
    unsigned char mac[SHA256_LEN];
    char hex[2 * SHA256_LEN + 1], issuer[VALUE];
    unset_named();
    unset_oidc();
    crypto_hmac_sha256(k->token, strlen(k->token), "line", strlen("line"), mac);
    crypto_hex(mac, sizeof mac, hex);
    hex[SECRET_HEX] = '\0';
    set("SANDBOXD_LINE_CHANNEL_ID", CHANNEL);
    set("SANDBOXD_LINE_CHANNEL_SECRET", hex);
    /* Nobody's word is taken without TLS from another machine: phones in the network sign in by
     * e-mail. */
    if (strcmp(host, "127.0.0.1") != 0)
        return;
    (void)snprintf(issuer, sizeof issuer, "http://%s:%d/line", host, k->sandbox);
    set("LINE_CHANNEL_ID", CHANNEL);
    set("LINE_CHANNEL_SECRET", hex);
    set("LINE_ISSUER", issuer);
}
