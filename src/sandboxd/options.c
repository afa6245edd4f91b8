#include "sandboxd/options.h"

#include "base/text.h"
#include "net/addr.h"

#include <string.h>

const char options_help[] =
    "sandboxd - sandboxes of the ECPay and Omise gateways: no account, no internet, no real money\n"
    "\n"
    "usage: sandboxd [--listen ADDR] [--smtp ADDR]\n"
    "\n"
    "  --listen ADDR   HTTP: /omise, /ecpay, /line   SANDBOXD_LISTEN   127.0.0.1:8790\n"
    "  --smtp ADDR     mail, shown at /mail          SANDBOXD_SMTP     none\n"
    "  --help, --version\n"
    "\n"
    "Port 0 takes a free port; the log line 'listening' names it. More variables:\n"
    "  SANDBOXD_PUBLIC_URL    how browsers reach us, for URLs in answers\n"
    "  SANDBOXD_LINE_CHANNEL_ID, SANDBOXD_LINE_CHANNEL_SECRET   of LINE Login, at /line\n"
    "  OMISE_WEBHOOK_URL      where Omise's events are sent; none: nowhere\n"
    "  OMISE_WEBHOOK_SECRET   base64, as the dashboard shows it; none: unsigned\n"
    "  ECPAY_MERCHANT_ID, ECPAY_HASH_KEY, ECPAY_HASH_IV, and the same three as\n"
    "  ECPAY_LOGISTICS_... and ECPAY_INVOICE_...   instead of ECPay's published stage values\n"
    "\n"
    "/control answers this machine only: docs/guides/sandboxd.md names the faults.\n";

static enum err take(struct cx *cx, const char *name, const char *value, char out[OPTION_TEXT])
{
    return text_copy(out, OPTION_TEXT, value) ? ERR_OK
                                              : problem(cx, ERR_INPUT, "%s is too long", name);
}

static const char *or_else(const char *value, const char *otherwise)
{
    return value && *value ? value : otherwise;
}

static enum err read_flags(struct cx *cx, int argc, char *const *argv, struct options *o)
{
    enum err e = ERR_OK;
    for (int i = 1; !e && i < argc; i++) {
        const char *arg = argv[i];
        o->help = o->help || strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
        o->version = o->version || strcmp(arg, "--version") == 0;
        if (o->help || o->version)
            return ERR_OK;
        if (text_has_prefix(arg, "--listen="))
            e = take(cx, "--listen", arg + strlen("--listen="), o->listen);
        else if (strcmp(arg, "--listen") == 0 && i + 1 < argc)
            e = take(cx, "--listen", argv[++i], o->listen);
        else if (text_has_prefix(arg, "--smtp="))
            e = take(cx, "--smtp", arg + strlen("--smtp="), o->smtp);
        else if (strcmp(arg, "--smtp") == 0 && i + 1 < argc)
            e = take(cx, "--smtp", argv[++i], o->smtp);
        else
            e = problem(cx, ERR_INPUT, "unknown option or no value; --help lists the options");
    }
    return e;
}

/* A slash at its end goes, so that paths can be put behind it. */
static enum err check_url(struct cx *cx, char *url)
{
    size_t n = strlen(url);
    if (n && !text_has_prefix(url, "http://") && !text_has_prefix(url, "https://"))
        return problem(cx, ERR_INPUT, "SANDBOXD_PUBLIC_URL must begin with http:// or https://");
    if (strpbrk(url, " \t\"<>?#"))
        return problem(cx, ERR_INPUT, "SANDBOXD_PUBLIC_URL must be a URL without a query");
    while (n && url[n - 1] == '/')
        url[--n] = '\0';
    return ERR_OK;
}

enum err options_read(struct cx *cx, int argc, char *const *argv,
                      const char *(*variable)(const char *name), struct options *ret_options)
{
    struct options o = {0};
    struct addr a;
    enum err e = take(cx, "SANDBOXD_LISTEN", or_else(variable("SANDBOXD_LISTEN"), "127.0.0.1:8790"),
                      o.listen);
    if (!e)
        e = take(cx, "SANDBOXD_PUBLIC_URL", or_else(variable("SANDBOXD_PUBLIC_URL"), ""),
                 o.public_url);
    if (!e)
        e = take(cx, "SANDBOXD_SMTP", or_else(variable("SANDBOXD_SMTP"), ""), o.smtp);
    if (!e)
        e = read_flags(cx, argc, argv, &o);
    if (!e && addr_parse(o.listen, &a))
        e = problem(cx, ERR_INPUT, "--listen must be an address as 127.0.0.1:8790 or [::1]:8790");
    if (!e && o.smtp[0] && addr_parse(o.smtp, &a))
        e = problem(cx, ERR_INPUT, "--smtp must be an address as 127.0.0.1:2525 or [::1]:2525");
    if (!e)
        e = check_url(cx, o.public_url);
    if (!e)
        *ret_options = o;
    return e;
}
