#include "nightmarket/gateways.h"
#include "base/text.h"
#include "pay/ecpay.h"
#include "pay/omise.h"

#include <stdio.h>
#include <string.h>

enum err gateways_make(void *arg, struct cx *cx, enum pay_account a, const struct pay_keys *keys,
                       struct gateway **ret_gateway)
{
    const struct pay_accounts *all = arg;
    if (a == ACCOUNT_ECPAY)
        return ecpay_gateway_make(cx,
                                  &(struct ecpay_setup){.keys = {keys->name, keys->key, keys->more},
                                                        .base_url = all->base_url[a],
                                                        .check_code = keys->check},
                                  ret_gateway);
    if (a == ACCOUNT_OMISE)
        return omise_gateway_make(cx,
                                  &(struct omise_setup){.public_key = keys->name,
                                                        .secret_key = keys->key,
                                                        .api_url = all->base_url[a]},
                                  ret_gateway);
    return problem(cx, ERR_INPUT, "'provider' takes no payments");
}

/* ---- what pages may reach ---- */

/* Scheme and host of a URL that was checked. */
static void origin_of(const char *url, char out[PAY_URL_MAX])
{
    const char *host = strstr(url, "://");
    size_t n = host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/") : 0;
    (void)snprintf(out, PAY_URL_MAX, "%.*s", (int)n, url);
}

static void add(char list[PAY_ORIGINS_MAX], const char *origin)
{
    size_t n = strlen(list);
    (void)snprintf(list + n, PAY_ORIGINS_MAX - n, "%s%s", n ? " " : "", origin);
}

/* Shops enter keys while the server runs: what they may need is allowed from the start. */
void gateways_origins(const struct pay_accounts *all, struct pay_origins *ret_origins)
{
    struct pay_origins o = {.script = ""};
    char at[PAY_URL_MAX];
    origin_of(all->base_url[ACCOUNT_ECPAY], at);
    add(o.form, at);
    origin_of(all->base_url[ACCOUNT_ECPAY_LOGISTICS], at);
    if (!strstr(o.form, at))
        add(o.form, at);
    origin_of(all->base_url[ACCOUNT_OMISE], at);
    add(o.img, at);
    add(o.connect, at);
    origin_of(all->omise_vault_url, at);
    if (strcmp(at, OMISE_VAULT_URL) == 0) {
        add(o.script, "https://cdn.omise.co");
        add(o.frame, "https://*.omise.co");
    } else {
        add(o.script, at);
        add(o.frame, at);
    }
    if (!strstr(o.connect, at))
        add(o.connect, at);
    *ret_origins = o;
}
