/* user: accounts that work in a shop, and new passwords for them. Passwords come on standard input.
 */
#include "account/account.h"
#include "account/staff.h"
#include "base/arena.h"
#include "nightmarket/app.h"
#include "nightmarket/commands.h"
#include "store/store.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { LINE = PASSWORD_CHARS_MAX * 4 + 3 };

static const char USAGE[] =
    "usage: nightmarket user add --email E --role owner|manager|host|moderator|packer\n"
    "                            [--name N] [--shop SLUG] --password-stdin\n"
    "       nightmarket user password --email E --password-stdin\n";

struct ask {
    const char *email, *role, *name, *shop;
    bool password_stdin;
};

static bool read_options(int argc, char **argv, struct ask *ask)
{
    static const struct option options[] = {
        {"email", required_argument, 0, 'e'},    {"role", required_argument, 0, 'r'},
        {"name", required_argument, 0, 'n'},     {"shop", required_argument, 0, 's'},
        {"password-stdin", no_argument, 0, 'p'}, {0}};
    int o;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread */
    while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (o) {
        case 'e': ask->email = optarg; break;
        case 'r': ask->role = optarg; break;
        case 'n': ask->name = optarg; break;
        case 's': ask->shop = optarg; break;
        case 'p': ask->password_stdin = true; break;
        default: return false;
        }
    }
    return ask->email && ask->password_stdin && optind == argc;
}

struct hire {
    struct account_new account;
    const char *shop; /* slug, or NULL: the first one */
    enum role role;
    struct audit audit;
    bool known; /* the e-mail had an account: only the role is set */
};

static enum err hire_job(struct tx *tx, void *arg)
{
    struct hire *h = arg;
    struct shop shop;
    struct viewer v;
    enum err e = h->shop ? shop_by_slug(tx->db, tx->cx->arena, h->shop, &shop)
                         : shop_first(tx->db, tx->cx->arena, &shop);
    if (e == ERR_NOT_FOUND)
        return problem(tx->cx, e, "no shop '%s'", h->shop ? h->shop : "");
    if (!e)
        e = viewer_by_email(tx->db, tx->cx->arena, h->account.email, &v);
    h->known = !e;
    int64_t viewer_id = h->known ? v.id : h->account.viewer_id;
    if (e == ERR_NOT_FOUND)
        e = account_create(tx, &h->account);
    if (!e)
        e = staff_set(tx, viewer_id, shop.id, h->role);
    h->audit.shop_id = shop.id;
    h->audit.object = h->known ? v.public_id : h->account.public_id;
    return e ? e : audit_write(tx, &h->audit);
}

/* A new account takes the password; an account that exists keeps its own. */
static enum err hire(struct app *a, const struct ask *ask, char *password, bool *ret_known)
{
    struct hire h = {.shop = ask->shop,
                     .audit = {.id = id_next(), .action = "staff.set", .after = NULL}};
    char after[64];
    enum err e = role_parse(ask->role, &h.role);
    if (e)
        return problem(&a->cx, e, "--role must be owner, manager, host, moderator or packer");
    e = account_make(&a->cx, ask->email, ask->name ? ask->name : "Staff", "zh-TW", password,
                     &h.account);
    crypto_wipe(password, strlen(password));
    (void)snprintf(after, sizeof after, "{\"role\":\"%s\"}", role_name(h.role));
    h.audit.after = after;
    if (!e)
        e = store_do(a->store, &a->cx, "staff.hire", hire_job, &h);
    *ret_known = h.known;
    return e;
}

struct renewal {
    char email[EMAIL_SIZE], hash[PASSWORD_HASH_MAX];
};

static enum err renew_job(struct tx *tx, void *arg)
{
    const struct renewal *r = arg;
    struct viewer v;
    enum err e = viewer_by_email(tx->db, tx->cx->arena, r->email, &v);
    if (e == ERR_NOT_FOUND)
        return problem(tx->cx, e, "no account has this e-mail");
    return e ? e : account_set_password(tx, v.id, r->hash, NULL);
}

/* A new password ends every session of the account. */
static enum err renew(struct app *a, const struct ask *ask, char *password)
{
    struct renewal r;
    enum err e = account_tidy_email(&a->cx, ask->email, r.email);
    if (!e)
        e = password_rules(&a->cx, password, r.email);
    if (!e)
        e = password_hash(&a->cx, password, r.hash);
    crypto_wipe(password, strlen(password));
    return e ? e : store_do(a->store, &a->cx, "password.renew", renew_job, &r);
}

static bool read_password(char password[LINE])
{
    if (!fgets(password, LINE, stdin))
        return false;
    password[strcspn(password, "\r\n")] = '\0';
    return true;
}

/* What is done is said in one line. */
static enum err run(struct app *a, const struct ask *ask, bool add, char *password)
{
    bool known = false;
    enum err e = add ? hire(a, ask, password, &known) : renew(a, ask, password);
    if (e)
        return e;
    (void)printf(!add    ? "%s has a new password; all sessions are ended\n"
                 : known ? "%s has the role now; the password stays as it was\n"
                         : "%s can sign in\n",
                 ask->email);
    return ERR_OK;
}

int command_user(int argc, char **argv)
{
    struct ask ask = {0};
    struct app a;
    char password[LINE];
    int code = 0;
    bool add = argc > 1 && strcmp(argv[1], "add") == 0;
    bool renewal = argc > 1 && strcmp(argv[1], "password") == 0;
    if ((!add && !renewal) || !read_options(argc - 1, argv + 1, &ask) || add != !!ask.role) {
        bool asked = argc == 2 && strcmp(argv[1], "--help") == 0;
        (void)fputs(USAGE, asked ? stdout : stderr);
        return asked ? 0 : 2;
    }
    if (!read_password(password)) {
        (void)fprintf(stderr, "nightmarket user: no password on standard input\n");
        return 2;
    }
    if (!app_open(&a, "user", &code))
        return code;
    enum err e = run(&a, &ask, add, password);
    if (e)
        code = app_say(&a, "user", e, e == ERR_INPUT ? 2 : 1);
    app_close(&a);
    return code;
}
