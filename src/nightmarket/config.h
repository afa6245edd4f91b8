/*
 * config - what the operator set, checked: one line names the variable that is wrong.
 *
 * Shape:  made from the environment and `.env` (env.h). A group of variables that is absent leaves
 *         its feature off; a half-set group is refused.
 * Memory: one block, freed by config_free(), which wipes the secrets.
 * Source: docs/architecture.md, "Start-up of nightmarket serve"; .env.example
 */
#pragma once
#include "base/crypto.h"
#include "base/cx.h"
#include "login/provider.h"
#include "pay/account.h"

struct env;
struct es256;

enum { CONFIG_TEXT = 512, CONFIG_URL = 200 };

struct config {
    char listen[CONFIG_TEXT];       /* "127.0.0.1:8080" */
    char public_url[CONFIG_TEXT];   /* scheme and host, no slash at the end */
    char data_dir[CONFIG_TEXT];     /* "./data" */
    char database_url[CONFIG_TEXT]; /* "sqlite:PATH", "postgresql://..." (a secret) */
    char web_dir[CONFIG_TEXT];      /* "" : beside the program */
    char tls_cert[CONFIG_TEXT], tls_key[CONFIG_TEXT];
    char trusted_proxies[CONFIG_TEXT]; /* CIDR list */
    char keep_days[CONFIG_TEXT];       /* privacy/keep.h */
    unsigned char secret_key[SECRET_KEY_LEN];

    bool r2; /* the group is set: else files lie in data_dir/files */
    char r2_access_key[CONFIG_URL], r2_secret_key[CONFIG_URL], r2_endpoint[CONFIG_URL];
    char r2_bucket[64], r2_public_url[CONFIG_URL]; /* the latter "": through this server */

    bool cloudflare; /* the group is set */
    char cf_account[64], cf_token[CONFIG_TEXT], cf_customer[64], cf_base_url[CONFIG_URL];
    char cf_webhook_secret[CONFIG_TEXT], cf_notify_secret[CONFIG_TEXT]; /* "" : from the store */

    struct pay_accounts pay; /* a name "": that group is not set */

    char smtp_url[CONFIG_TEXT];  /* "": no mail is sent; a secret */
    char mail_from[CONFIG_TEXT]; /* "Name <address>" */
    struct es256 *vapid;         /* NULL: no push messages */
    bool loopback;               /* public_url is on this machine */

    struct provider_list login; /* in the order in which people are shown them */
};

/*
 * Check everything and read or make the secret key (the data folder is made, 0700). `cx->problem`
 * is the one line for the operator.
 *
 * ERR_INPUT  a variable is missing, bad, or its group is half set
 * ERR_IO     the data folder or the key file cannot be made or read
 */
enum err config_make(struct cx *cx, const struct env *env, struct config **ret_config) NODISCARD;
void config_free(struct config *c); /* NULL is fine */
