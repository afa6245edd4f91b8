/* What people type about themselves: names, addresses, languages, cookies. */
#include "account/account.h"
#include "base/text.h"

#include <assert.h>
#include <string.h>

enum { TYPED = 600 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cx cx = {0};
    char typed[TYPED];
    char name[NAME_SIZE];
    char email[EMAIL_SIZE];
    char masked[MASKED_SIZE];
    size_t len = size < sizeof typed ? size : sizeof typed - 1;
    memcpy(typed, data, len);
    typed[len] = '\0';

    if (!account_tidy_name(&cx, typed, name)) {
        size_t chars = text_chars(name, strlen(name));
        assert(text_is_utf8(name, strlen(name)) && chars >= 1 && chars <= NAME_CHARS_MAX);
        account_mask_name(name, masked);
        assert(text_is_utf8(masked, strlen(masked)) && strchr(masked, '*'));
        char again[NAME_SIZE];
        enum err e = account_tidy_name(&cx, name, again);
        assert(!e && strcmp(name, again) == 0);
    }
    if (!account_tidy_email(&cx, typed, email)) {
        char again[EMAIL_SIZE];
        enum err e = account_tidy_email(&cx, email, again);
        assert(!e && strcmp(email, again) == 0 && !strpbrk(email, " \r\n<>,;\""));
    }
    (void)account_lang(typed);
    (void)device_ok(typed);
    enum err e = password_rules(&cx, typed, "somebody@example.test");
    assert(!e || e == ERR_INPUT);
    return 0;
}
