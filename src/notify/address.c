/* Where mail may go. */
#include "account/account.h"
#include "notify/mail.h"
#include "notify/notify_in.h"

#include <string.h>

static bool local_char(char c)
{
    return c > ' ' && c < 0x7f && !strchr("\"(),:;<>@[\\]", c);
}

static bool domain_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
}

bool mail_address_ok(const char *address)
{
    const char *at = strchr(address, '@');
    size_t len = strlen(address);
    if (!at || at == address || !at[1] || len > MAIL_ADDRESS_MAX || at - address > 64)
        return false;
    for (const char *s = address; s < at; s++)
        if (!local_char(*s))
            return false;
    for (const char *s = at + 1; *s; s++)
        if (!domain_char(*s) || (*s == '.' && (s[1] == '.' || s == at + 1)))
            return false;
    return address[0] != '-' && at[1] != '-' && address[len - 1] != '.' && address[len - 1] != '-';
}

enum err notify_address(struct db *db, struct arena *arena, int64_t viewer_id,
                        const char **ret_email)
{
    const char *email = NULL;
    bool verified = false;
    enum err e = viewer_mailbox(db, arena, viewer_id, &email, &verified);
    if (!e)
        *ret_email = email && verified && mail_address_ok(email) ? email : NULL;
    return e;
}
