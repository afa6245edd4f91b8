#include "login/provider.h"
#include "base/text.h"
#include "login/apple_in.h"
#include "login/facebook_in.h"

#include <string.h>

/* The four that are known: checked against their documentation of 2026. */
static const struct preset {
    const char *name, *label, *issuer, *also_issuer, *hosts, *scope, *more, *retry;
    const struct provider_hooks *hooks;
    enum provider_kind kind;
    enum id_alg alg;
    enum client_auth auth;
    enum reproof reproof;
    enum email_word email;
    bool form_post;
} presets[] = {
    /* Web logins of LINE are signed with the channel secret, whatever its discovery lists. */
    {"line", "LINE", "https://access.line.me", "", "access.line.me,api.line.me",
     "openid profile email", "", "&disable_auto_login=true", NULL, PROVIDER_OPENID, ID_HS256,
     CLIENT_AUTH_POST, REPROOF_MAX_AGE, EMAIL_UNPROVED, false},
    {"google", "Google", "https://accounts.google.com", "accounts.google.com",
     "accounts.google.com,oauth2.googleapis.com,www.googleapis.com,openidconnect.googleapis.com",
     "openid email profile", "&prompt=select_account&access_type=offline", "", NULL,
     PROVIDER_OPENID, ID_RS256, CLIENT_AUTH_ANNOUNCED, REPROOF_NONE, EMAIL_GOOGLE, false},
    {"facebook", "Facebook", "https://www.facebook.com", "", "www.facebook.com,graph.facebook.com",
     "public_profile,email", "", "", &facebook_hooks, PROVIDER_FACEBOOK, ID_RS256, CLIENT_AUTH_POST,
     REPROOF_NONE, EMAIL_UNPROVED, false},
    {"apple", "Apple", "https://appleid.apple.com", "", "appleid.apple.com", "openid name email",
     "&response_mode=form_post", "", &apple_hooks, PROVIDER_APPLE, ID_RS256, CLIENT_AUTH_POST,
     REPROOF_NONE, EMAIL_PROVED, true},
};

const struct provider *provider_find(const struct provider_list *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->item[i].name, name) == 0)
            return &list->item[i];
    return NULL;
}

bool provider_name_ok(const char *name)
{
    static const char *const ours[] = {"email", "guest", "password"};
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (strcmp(name, ours[i]) == 0)
            return false;
    return n && n < PROVIDER_NAME_MAX && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

bool provider_preset(struct provider *p, const char *name, const char *issuer)
{
    for (size_t i = 0; i < sizeof presets / sizeof presets[0]; i++) {
        const struct preset *k = &presets[i];
        bool theirs = !issuer || !issuer[0];
        if (strcmp(k->name, name) != 0)
            continue;
        p->kind = k->kind;
        (void)text_copy(p->name, sizeof p->name, k->name);
        (void)text_copy(p->label, sizeof p->label, k->label);
        (void)text_copy(p->issuer, sizeof p->issuer, theirs ? k->issuer : issuer);
        (void)text_copy(p->also_issuer, sizeof p->also_issuer, theirs ? k->also_issuer : "");
        (void)text_copy(p->hosts, sizeof p->hosts, theirs ? k->hosts : "");
        p->alg = k->alg;
        p->auth = k->auth;
        p->reproof = k->reproof;
        p->email = k->email;
        p->scope = k->scope;
        p->more = k->more;
        p->retry = k->retry;
        p->form_post = k->form_post;
        p->hooks = k->hooks;
        return true;
    }
    return false;
}

/* "my_company" is shown as "My company". */
static void label_of(const char *name, char out[PROVIDER_NAME_MAX])
{
    (void)text_copy(out, PROVIDER_NAME_MAX, name);
    if (out[0] >= 'a' && out[0] <= 'z')
        out[0] = (char)(out[0] - 'a' + 'A');
    for (char *s = out; *s; s++)
        if (*s == '_')
            *s = ' ';
}

void provider_generic(struct provider *p, const char *issuer, enum id_alg alg)
{
    label_of(p->name, p->label);
    (void)text_copy(p->issuer, sizeof p->issuer, issuer);
    p->kind = PROVIDER_OPENID;
    p->alg = alg;
    p->auth = CLIENT_AUTH_ANNOUNCED;
    p->reproof = REPROOF_MAX_AGE;
    p->email = EMAIL_PROVED;
    p->scope = "openid profile email";
    p->more = "";
    p->retry = "";
}
