/* What an account has once: its webhook, its signing keys, its token. */
#include "base/crypto.h"
#include "base/json.h"
#include "streamd/cfapi/call_in.h"
#include "streamd/library/signing.h"
#include "streamd/notify/notify.h"

#include <string.h>

enum { URL_MAX = 2048 };

enum err webhook_set(struct call *k)
{
    const char *url = NULL;
    enum err e = json_opt_text(k->cx, k->body, "notification_url", URL_MAX, &url);
    if (!e && !url)
        e = json_need_text(k->cx, k->body, "notificationUrl", 1, URL_MAX, &url);
    return e ? e : notify_set_webhook(k->c->conf.notify, k->cx, url, &k->result);
}

enum err webhook_get(struct call *k)
{
    return notify_get_webhook(k->c->conf.notify, k->cx, &k->result);
}

static enum err say(struct call *k, enum err e, const char *word)
{
    if (!e)
        k->result = json_string(word);
    return e;
}

enum err webhook_delete(struct call *k)
{
    return say(k, notify_delete_webhook(k->c->conf.notify, k->cx), "Deleted");
}

enum err key_create(struct call *k)
{
    return library_create_signing_key(k->c->conf.library, k->cx, &k->result);
}

enum err key_list(struct call *k)
{
    return library_list_signing_keys(k->c->conf.library, k->cx, &k->result);
}

enum err key_delete(struct call *k)
{
    return say(k, library_delete_signing_key(k->c->conf.library, k->cx, http_param(k->req, "id")),
               "Revoked");
}

/* Only a good token comes here. Its id is made of its sum: stable, and tells nothing of it. */
enum err token_verify(struct call *k)
{
    unsigned char sum[SHA256_LEN];
    char id[2 * SHA256_LEN + 1];
    crypto_sha256(k->c->token_sum, sizeof k->c->token_sum, sum);
    crypto_hex(sum, 16, id);
    k->result = json_pack("{s:s, s:s}", "id", id, "status", "active");
    k->more = json_pack("{s:[{s:i, s:s, s:n}]}", "messages", "code", CF_AUTH, "message",
                        "This API Token is valid and active", "type");
    return k->result ? ERR_OK : ERR_NO_MEMORY;
}
