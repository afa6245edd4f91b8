/* Templates, their marks, and what a shop may write. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "privacy/export_in.h"
#include "privacy/legal_in.h"

#include <stdio.h>
#include <string.h>

extern const char *const privacy_texts[]; /* made by the build: room.cmake */

enum { README_DOC = LEGAL_DOC_COUNT };

static const char *text_of(int doc, enum lang lang)
{
    return privacy_texts[doc * LANG_COUNT + (int)lang];
}

struct legal_template legal_template(enum legal_doc doc, enum lang lang)
{
    const char *text = text_of((int)doc, lang) + strlen("# ");
    size_t len = strcspn(text, "\n");
    const char *body = text + len;
    return (struct legal_template){text, body + strspn(body, "\n"), len};
}

const char *export_readme(const char *lang)
{
    enum lang l = lang_find(lang);
    return text_of(README_DOC, l == LANG_COUNT ? LANG_EN : l);
}

/* ---- marks ---- */

#define RETENTION "retention_"

/* When the shop has named nobody. */
static const char *const nobody[LANG_COUNT] = {
    [LANG_ZH] = "訂單頁面", [LANG_TH] = "หน้าคำสั่งซื้อของคุณ", [LANG_EN] = "the page of your order",
    [LANG_CN] = "订单页面", [LANG_JA] = "注文ページ",
};

static int retention_kind(const char *name, size_t len)
{
    size_t skip = strlen(RETENTION);
    for (int k = 0; len > skip && strncmp(name, RETENTION, skip) == 0 && k < KEEP_COUNT; k++) {
        const char *word = keep_word((enum keep_kind)k);
        if (strlen(word) == len - skip && memcmp(name + skip, word, len - skip) == 0)
            return k;
    }
    return -1;
}

static bool is(const char *name, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(name, word, len) == 0;
}

/* False: there is no such mark. `out` may be NULL: only asked. */
static bool fill_mark(const char *name, size_t len, const struct legal_marks *m, struct buf *out)
{
    int kind = retention_kind(name, len);
    const char *text = NULL;
    char number[16] = "";
    if (kind >= 0 && m)
        (void)snprintf(number, sizeof number, "%d", m->keep->days[kind]);
    if (kind >= 0)
        text = number;
    else if (is(name, len, "shop"))
        text = m ? m->shop : "";
    else if (is(name, len, "site"))
        text = m ? m->site : "";
    else if (is(name, len, "contact"))
        text = m ? (m->contact && m->contact[0] ? m->contact : nobody[m->lang]) : "";
    if (text && out)
        buf_str(out, text);
    return text != NULL;
}

/* Length of the name in "{name}" at `at`; 0: no mark is there. */
static size_t mark_len(const char *at)
{
    size_t len = *at == '{' ? strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_") : 0;
    return len && at[1 + len] == '}' ? len : 0;
}

enum err legal_fill(struct cx *cx, const char *text, const struct legal_marks *marks,
                    const char **ret_text)
{
    struct buf out;
    buf_init(&out, 4 * LEGAL_BODY_MAX);
    buf_str(&out, "");
    while (*text) {
        size_t len = mark_len(text);
        if (len && fill_mark(text + 1, len, marks, &out)) {
            text += len + 2;
            continue;
        }
        size_t plain = 1 + strcspn(text + 1, "{");
        buf_add(&out, text, plain);
        text += plain;
    }
    const char *copy = out.failed ? NULL : arena_dup(cx->arena, out.data ? out.data : "", out.len);
    buf_done(&out);
    if (!copy)
        return ERR_NO_MEMORY;
    *ret_text = copy;
    return ERR_OK;
}

static void add_mark(json_t *list, struct cx *cx, const char *mark, const struct legal_marks *m)
{
    char text[48];
    const char *value = "";
    (void)snprintf(text, sizeof text, "{%s}", mark);
    if (!legal_fill(cx, text, m, &value))
        (void)json_array_append_new(list, json_pack("{s:s,s:s}", "mark", mark, "value", value));
}

json_t *legal_marks_json(struct cx *cx, const struct legal_marks *m)
{
    json_t *list = json_array();
    char mark[40];
    add_mark(list, cx, "shop", m);
    add_mark(list, cx, "site", m);
    add_mark(list, cx, "contact", m);
    for (int k = 0; k < KEEP_COUNT; k++) {
        (void)snprintf(mark, sizeof mark, RETENTION "%s", keep_word((enum keep_kind)k));
        add_mark(list, cx, mark, m);
    }
    return list;
}

/* ---- what a shop may write ---- */

/* Where the target that begins somewhere ends, and the last byte in it that no link has. */
struct ahead {
    const char *end, *bad;
};

/* Asked for a growing `from`: however many targets begin before one end, it is looked for once. */
static void look_ahead(struct ahead *a, const char *from)
{
    if (a->end && from <= a->end)
        return;
    a->end = from;
    for (; *a->end && *a->end != ')' && *a->end != '\n'; a->end++)
        if ((unsigned char)*a->end <= ' ' || *a->end == '\\' || *a->end == 0x7f)
            a->bad = a->end;
}

/* "(target)": https://…, http://… or /local, one line, nothing a browser reads otherwise. */
static bool link_ok(const char *target, const struct ahead *a)
{
    size_t len = (size_t)(a->end - target);
    if (a->bad && a->bad >= target)
        return false;
    if (len > 8 && strncmp(target, "https://", 8) == 0)
        return true;
    if (len > 7 && strncmp(target, "http://", 7) == 0)
        return true;
    return len > 0 && target[0] == '/' && (len == 1 || target[1] != '/');
}

enum err legal_check(struct cx *cx, const char *text)
{
    struct ahead ahead = {NULL, NULL};
    for (const char *at = text; *at; at++) {
        size_t len = mark_len(at);
        if (len && !fill_mark(at + 1, len, NULL, NULL))
            return problem(cx, ERR_INPUT, "'body_md' has a mark that there is not: {%.*s}",
                           (int)(len < 40 ? len : 40), at + 1);
        if (at[0] != ']' || at[1] != '(')
            continue;
        look_ahead(&ahead, at + 2);
        if (*ahead.end == ')' && !link_ok(at + 2, &ahead))
            return problem(cx, ERR_INPUT,
                           "'body_md' must link to https://, http:// or a /path of this site");
    }
    return ERR_OK;
}
