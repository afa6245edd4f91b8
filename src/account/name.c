#include "account/account.h"
#include "base/lang.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <unicode/uchar.h>

enum { TYPED_MAX = 4096 };

/* ---- display names ---- */

/* Does any character leave ink? */
static bool is_visible(const char *s, size_t len)
{
    uint32_t ch;
    for (size_t i = 0, n; (n = text_char(s + i, len - i, &ch)) > 0; i += n) {
        UChar32 c = (UChar32)ch;
        if (u_isgraph(c) && !u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) &&
            c != 0x2800 /* braille with no dot */)
            return true;
    }
    return false;
}

enum err account_tidy_name(struct cx *cx, const char *typed, char ret_name[NAME_SIZE])
{
    char name[TYPED_MAX];
    size_t len = strlen(typed);
    if (len >= sizeof name)
        return problem(cx, ERR_INPUT, "'name' must have 1..%d characters", NAME_CHARS_MAX);
    if (!text_is_utf8(typed, len))
        return problem(cx, ERR_INPUT, "'name' must be UTF-8");
    memcpy(name, typed, len + 1);
    len = text_tidy(name, len);
    size_t chars = text_chars(name, len);
    if (chars < 1 || chars > NAME_CHARS_MAX || !is_visible(name, len))
        return problem(cx, ERR_INPUT, "'name' must have 1..%d characters", NAME_CHARS_MAX);
    memcpy(ret_name, name, len);
    ret_name[len] = '\0';
    return ERR_OK;
}

const char *account_neutral_name(const char *lang)
{
    static const char *const names[LANG_COUNT] = {[LANG_ZH] = "訪客",
                                                  [LANG_TH] = "ผู้ชม",
                                                  [LANG_EN] = "Guest",
                                                  [LANG_CN] = "访客",
                                                  [LANG_JA] = "ゲスト"};
    return names[lang_of(lang)];
}

/* ---- masked names ---- */

static bool is_mark(UChar32 c)
{
    return (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0 || c == 0x200d || (c >= 0x1f3fb && c <= 0x1f3ff);
}

static bool is_cjk(UChar32 c)
{
    return u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC) || (c >= 0x3040 && c <= 0x30ff) ||
           (c >= 0xac00 && c <= 0xd7a3);
}

/* What a reader takes for one character: a letter and the marks on it. */
struct letters {
    size_t count;
    size_t first_end, second_end, last_start; /* bytes */
    bool all_cjk;
};

static struct letters letters_of(const char *s, size_t len)
{
    struct letters l = {.all_cjk = true};
    uint32_t ch;
    for (size_t i = 0, n; (n = text_char(s + i, len - i, &ch)) > 0; i += n) {
        UChar32 c = (UChar32)ch;
        if (l.count == 0 || !is_mark(c)) {
            l.count++;
            l.last_start = i;
            l.all_cjk = l.all_cjk && is_cjk(c);
        }
        if (l.count == 1)
            l.first_end = i + n;
        if (l.count <= 2)
            l.second_end = i + n;
    }
    return l;
}

/* At most MASKED_SIZE / 3 bytes of one letter: marks can be heaped up without end. */
static int shown(const char *s, size_t len)
{
    size_t max = MASKED_SIZE / 3;
    while (len > max)
        len = text_prefix(s, len, text_chars(s, len) - 1);
    return (int)len;
}

void account_mask_name(const char *name, char out[MASKED_SIZE])
{
    struct letters l = letters_of(name, strlen(name));
    const char *last = name + l.last_start;
    if (l.all_cjk && l.count >= 3)
        (void)snprintf(out, MASKED_SIZE, "%.*s*%.*s", shown(name, l.first_end), name,
                       shown(last, strlen(last)), last);
    else if (l.all_cjk && l.count == 2)
        (void)snprintf(out, MASKED_SIZE, "%.*s*", shown(name, l.first_end), name);
    else if (l.count >= 3)
        (void)snprintf(out, MASKED_SIZE, "%.*s***", shown(name, l.second_end), name);
    else if (l.count == 2)
        (void)snprintf(out, MASKED_SIZE, "%.*s***", shown(name, l.first_end), name);
    else
        (void)snprintf(out, MASKED_SIZE, "***");
}

/* ---- e-mail and language ---- */

static bool is_local_part(const char *s, size_t len)
{
    static const char fit[] = "abcdefghijklmnopqrstuvwxyz0123456789.!#$%&'*+/=?^_`{|}~-";
    return len >= 1 && len <= 64 && strspn(s, fit) >= len;
}

static bool is_domain(const char *s)
{
    size_t len = strlen(s);
    if (len < 1 || strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789.-") != len)
        return false;
    return *s != '.' && *s != '-' && s[len - 1] != '.' && s[len - 1] != '-' && !strstr(s, "..");
}

enum err account_tidy_email(struct cx *cx, const char *typed, char ret_email[EMAIL_SIZE])
{
    char email[EMAIL_SIZE];
    size_t start = strspn(typed, " \t\r\n");
    size_t len = strlen(typed + start);
    while (len && strchr(" \t\r\n", typed[start + len - 1]))
        len--;
    if (len < 3 || len >= sizeof email)
        return problem(cx, ERR_INPUT, "'email' must be an e-mail address");
    for (size_t i = 0; i < len; i++) {
        email[i] = typed[start + i];
        if (email[i] >= 'A' && email[i] <= 'Z')
            email[i] = (char)(email[i] | 0x20);
    }
    email[len] = '\0';
    const char *at = strchr(email, '@');
    if (!at || !is_local_part(email, (size_t)(at - email)) || !is_domain(at + 1))
        return problem(cx, ERR_INPUT, "'email' must be an e-mail address");
    memcpy(ret_email, email, len + 1);
    return ERR_OK;
}

const char *account_lang(const char *asked)
{
    return lang_name(lang_of(asked));
}

const char *account_market(const char *lang)
{
    return strcmp(lang, "th") == 0 ? "TH" : "TW";
}
