#include "streamd/options.h"

#include "base/text.h"
#include "net/addr.h"

#include <assert.h>
#include <string.h>

const char options_help[] =
    "streamd - a local Stream engine that speaks Cloudflare Stream's API\n"
    "\n"
    "usage: streamd [--listen ADDR] [--rtmp ADDR] [--rtmps ADDR] [--data DIR]\n"
    "               [--account HEX] [--token T]\n"
    "\n"
    "  --listen ADDR   HTTP: API at /client/v4 and playback   STREAMD_LISTEN   127.0.0.1:8787\n"
    "  --rtmp ADDR     RTMP for encoders                      STREAMD_RTMP     127.0.0.1:1935\n"
    "  --rtmps ADDR    the same with TLS                      STREAMD_RTMPS    127.0.0.1:1936\n"
    "  --data DIR      database, recordings, certificates     STREAMD_DATA     ./data/streamd\n"
    "  --account HEX   account id, 32 hex digits              STREAMD_ACCOUNT  DIR/account\n"
    "  --token T       API token                              STREAMD_TOKEN    DIR/token\n"
    "  --help, --version\n"
    "\n"
    "Port 0 takes a free port; the log line 'listening' names it. More variables:\n"
    "  STREAMD_PUBLIC_URL        how viewers reach us, for URLs in objects\n"
    "  STREAMD_RTMPS_PUBLIC_URL  how encoders reach us: rtmps://host:port/live/\n"
    "  STREAMD_TLS_CERT, STREAMD_TLS_KEY   PEM files; without them our own small CA signs\n"
    "  STREAMD_HTTP_TLS=on       HTTP with that certificate too\n"
    "  STREAMD_SECOND_PUBLISHER=takeover|refuse   a second encoder on a key (takeover)\n"
    "  STREAMD_GRACE_S           seconds an encoder may be gone, when its input says 0 (10)\n"
    "  STREAMD_STATUS_FORM=object|string   live input status (object)\n"
    "  STREAMD_MEDIA_BIN         path of streamd-media (beside this program)\n";

/* Every option: where it goes and how it is called. */
struct known {
    const char *flag; /* NULL: a variable only */
    const char *variable;
    size_t offset;
    const char *otherwise;
};

#define TEXT_AT(field) offsetof(struct options, field)

static const struct known known[] = {
    {"--listen", "STREAMD_LISTEN", TEXT_AT(listen), "127.0.0.1:8787"},
    {"--rtmp", "STREAMD_RTMP", TEXT_AT(rtmp), "127.0.0.1:1935"},
    {"--rtmps", "STREAMD_RTMPS", TEXT_AT(rtmps), "127.0.0.1:1936"},
    {"--data", "STREAMD_DATA", TEXT_AT(data), "./data/streamd"},
    {"--account", "STREAMD_ACCOUNT", TEXT_AT(account), ""},
    {"--token", "STREAMD_TOKEN", TEXT_AT(token), ""},
    {NULL, "STREAMD_PUBLIC_URL", TEXT_AT(public_url), ""},
    {NULL, "STREAMD_RTMPS_PUBLIC_URL", TEXT_AT(rtmps_public_url), ""},
    {NULL, "STREAMD_TLS_CERT", TEXT_AT(tls_cert), ""},
    {NULL, "STREAMD_TLS_KEY", TEXT_AT(tls_key), ""},
    {NULL, "STREAMD_MEDIA_BIN", TEXT_AT(media_bin), ""},
};

enum { KNOWN_N = sizeof known / sizeof *known };

static char *text_of(struct options *o, const struct known *k)
{
    return (char *)o + k->offset;
}

/* "--listen" or, when it came by its variable, "STREAMD_LISTEN". */
struct source {
    const char *name[KNOWN_N];
};

static enum err set(struct cx *cx, struct options *o, struct source *from, size_t i,
                    const char *name, const char *value)
{
    from->name[i] = name;
    if (!text_copy(text_of(o, &known[i]), OPTION_TEXT, value))
        return problem(cx, ERR_INPUT, "%s is too long", name);
    return ERR_OK;
}

static enum err read_variables(struct cx *cx, const char *(*variable)(const char *name),
                               struct options *o, struct source *from)
{
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < KNOWN_N; i++) {
        const char *value = variable(known[i].variable);
        bool given = value && *value;
        const char *name = given || !known[i].flag ? known[i].variable : known[i].flag;
        e = set(cx, o, from, i, name, given ? value : known[i].otherwise);
    }
    return e;
}

static enum err read_flag(struct cx *cx, const char *arg, const char *next, struct options *o,
                          struct source *from, bool *ret_took_next)
{
    size_t len = strcspn(arg, "=");
    for (size_t i = 0; i < KNOWN_N; i++) {
        const char *flag = known[i].flag;
        if (!flag || strlen(flag) != len || strncmp(flag, arg, len) != 0)
            continue;
        *ret_took_next = !arg[len];
        const char *value = arg[len] ? arg + len + 1 : next;
        if (!value || !*value)
            return problem(cx, ERR_INPUT, "%s needs a value", flag);
        return set(cx, o, from, i, flag, value);
    }
    if (arg[0] == '-')
        return problem(cx, ERR_INPUT, "unknown option %.*s; --help lists them",
                       (int)(len < 40 ? len : 40), arg);
    return problem(cx, ERR_INPUT, "unexpected word on the command line; --help lists the options");
}

static enum err read_flags(struct cx *cx, int argc, char *const *argv, struct options *o,
                           struct source *from)
{
    enum err e = ERR_OK;
    for (int i = 1; !e && i < argc; i++) {
        bool took_next = false;
        o->help = o->help || strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0;
        o->version = o->version || strcmp(argv[i], "--version") == 0;
        if (o->help || o->version)
            return ERR_OK;
        e = read_flag(cx, argv[i], i + 1 < argc ? argv[i + 1] : NULL, o, from, &took_next);
        i += took_next;
    }
    return e;
}

/* ---- checks ---- */

static enum err check_address(struct cx *cx, const char *name, const char *text)
{
    struct addr a;
    if (addr_parse(text, &a))
        return problem(cx, ERR_INPUT, "%s must be an address as 127.0.0.1:8787 or [::1]:8787",
                       name);
    return ERR_OK;
}

static enum err check_secrets(struct cx *cx, const struct options *o, const struct source *from)
{
    static const char hex[] = "0123456789abcdef";
    size_t n = strlen(o->account);
    if (n && (n != ACCOUNT_TEXT - 1 || strspn(o->account, hex) != n))
        return problem(cx, ERR_INPUT, "%s must be 32 lower-case hex digits", from->name[4]);
    for (const char *s = o->token; *s; s++)
        if (*s <= ' ' || *s > '~')
            return problem(cx, ERR_INPUT, "%s must be visible ASCII without spaces", from->name[5]);
    return ERR_OK;
}

static enum err check_url(struct cx *cx, const char *name, char *url, const char *const *schemes,
                          const char *end)
{
    size_t skip = 0, n = strlen(url);
    if (!n)
        return ERR_OK;
    for (; *schemes && !skip; schemes++)
        skip = text_has_prefix(url, *schemes) ? strlen(*schemes) : 0;
    if (!skip || !url[skip] || strchr("/:", url[skip]) || strpbrk(url, " \t\"<>?#@"))
        return problem(cx, ERR_INPUT, "%s must be a URL beginning with %s", name, schemes[-1]);
    while (n > skip && url[n - 1] == '/')
        url[--n] = '\0';
    bool bare = !strchr(url + skip, '/');
    if (n + 8 > OPTION_TEXT)
        return problem(cx, ERR_INPUT, "%s is too long", name);
    if (*end)
        (void)text_copy(url + n, OPTION_TEXT - n, bare ? end : "/");
    return ERR_OK;
}

static enum err check_urls(struct cx *cx, struct options *o)
{
    static const char *const web[] = {"https://", "http://", NULL};
    static const char *const rtmp[] = {"rtmp://", "rtmps://", NULL};
    enum err e = check_url(cx, "STREAMD_PUBLIC_URL", o->public_url, web, "");
    if (!e)
        e = check_url(cx, "STREAMD_RTMPS_PUBLIC_URL", o->rtmps_public_url, rtmp, "/live/");
    if (!e && !o->tls_cert[0] != !o->tls_key[0])
        e = problem(cx, ERR_INPUT, "%s is set but %s is not",
                    o->tls_cert[0] ? "STREAMD_TLS_CERT" : "STREAMD_TLS_KEY",
                    o->tls_cert[0] ? "STREAMD_TLS_KEY" : "STREAMD_TLS_CERT");
    return e;
}

/* One of two words; absent is the first. */
static enum err read_switch(struct cx *cx, const char *(*variable)(const char *name),
                            const char *name, const char *off, const char *on, bool *ret_on)
{
    const char *value = variable(name);
    if (!value || !*value || strcmp(value, off) == 0)
        return ERR_OK;
    if (strcmp(value, on) != 0)
        return problem(cx, ERR_INPUT, "%s must be '%s' or '%s'", name, off, on);
    *ret_on = true;
    return ERR_OK;
}

static enum err read_switches(struct cx *cx, const char *(*variable)(const char *name),
                              struct options *o)
{
    enum err e = read_switch(cx, variable, "STREAMD_SECOND_PUBLISHER", "takeover", "refuse",
                             &o->refuse_second);
    if (!e)
        e = read_switch(cx, variable, "STREAMD_STATUS_FORM", "object", "string",
                        &o->status_as_text);
    if (!e)
        e = read_switch(cx, variable, "STREAMD_HTTP_TLS", "off", "on", &o->http_tls);
    const char *grace = variable("STREAMD_GRACE_S");
    o->grace_s = 10;
    if (!e && grace && *grace && text_i64(grace, 1, 86400, &o->grace_s))
        e = problem(cx, ERR_INPUT, "STREAMD_GRACE_S must be 1 to 86400");
    return e;
}

enum err options_read(struct cx *cx, int argc, char *const *argv,
                      const char *(*variable)(const char *name), struct options *ret)
{
    assert(cx && argv && variable && ret);
    struct options o = {0};
    struct source from;
    enum err e = read_variables(cx, variable, &o, &from);
    if (!e)
        e = read_flags(cx, argc, argv, &o, &from);
    if (!e && !o.help && !o.version) {
        e = check_address(cx, from.name[0], o.listen);
        if (!e)
            e = check_address(cx, from.name[1], o.rtmp);
        if (!e)
            e = check_address(cx, from.name[2], o.rtmps);
        if (!e)
            e = check_secrets(cx, &o, &from);
        if (!e)
            e = check_urls(cx, &o);
        if (!e)
            e = read_switches(cx, variable, &o);
    }
    if (!e)
        *ret = o;
    return e;
}
