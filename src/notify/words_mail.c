/* A mail's text and HTML. Tables and inline style: mail programs know little else. */
#include "base/arena.h"
#include "base/buf.h"
#include "notify/words.h"

#include <inttypes.h>
#include <string.h>

enum { MAIL_TEXT_MAX = 64 * 1024 };

/* The product's look (paper, ink, lantern); `prefers-color-scheme` where a program knows it. */
static const char STYLE[] =
    "<style>:root{color-scheme:light dark;supported-color-schemes:light dark}"
    "@media (prefers-color-scheme:dark){.bg{background:#151024!important}"
    ".card{background:#221a38!important}.ink,.ink td{color:#fff9ee!important}"
    ".dim{color:#d9d1e4!important}.rule{border-color:#3a3052!important}"
    ".act{background:#ffab24!important;color:#1c1200!important}}</style>";

struct letter {
    struct cx *cx;
    const struct words *w;
    const char *base;
    struct buf text, html;
};

static void esc(struct buf *out, const char *s)
{
    for (; *s; s++)
        switch (*s) {
        case '&': buf_str(out, "&amp;"); break;
        case '<': buf_str(out, "&lt;"); break;
        case '>': buf_str(out, "&gt;"); break;
        case '"': buf_str(out, "&quot;"); break;
        default: buf_ch(out, *s);
        }
}

static const char *say(const struct letter *l, enum word w)
{
    return word(l->w->lang, w);
}

/* http(s) or a path of ours; nothing else becomes a link. */
static const char *absolute(const struct letter *l, const char *url)
{
    if (!url)
        return NULL;
    if (url[0] == '/' && url[1] != '/')
        return arena_fmt(l->cx->arena, "%s%s", l->base, url);
    return strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0 ? url : NULL;
}

static void open_html(struct letter *l)
{
    struct buf *h = &l->html;
    buf_fmt(h,
            "<!doctype html><html lang=\"%s\"><head><meta charset=\"utf-8\">"
            "<meta name=\"viewport\" content=\"width=device-width\">"
            "<meta name=\"color-scheme\" content=\"light dark\">%s<title>",
            lang_tag(l->w->lang), STYLE);
    esc(h, l->w->title);
    buf_str(h, "</title></head><body class=\"bg\" style=\"margin:0;background:#f8f6f3\">"
               "<table role=\"presentation\" class=\"bg\" width=\"100%\" cellpadding=\"0\" "
               "cellspacing=\"0\" style=\"background:#f8f6f3\"><tr><td align=\"center\" "
               "style=\"padding:24px 12px\"><table role=\"presentation\" class=\"card ink\" "
               "width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"max-width:560px;"
               "background:#ffffff;border-radius:12px;color:#1b1630;font:16px/1.6 "
               "-apple-system,'Segoe UI','Noto Sans TC','Noto Sans Thai','PingFang TC',"
               "sans-serif\"><tr><td style=\"padding:24px\">");
    if (l->w->shop[0]) {
        buf_str(h, "<p class=\"dim\" style=\"margin:0 0 8px;color:#47405c;font-size:14px\">");
        esc(h, l->w->shop);
        buf_str(h, "</p>");
    }
}

static void add_head(struct letter *l)
{
    buf_fmt(&l->text, "%s\n\n%s\n", l->w->title, l->w->body);
    buf_str(&l->html, "<h1 style=\"margin:0 0 12px;font-size:22px;line-height:1.35\">");
    esc(&l->html, l->w->title);
    buf_str(&l->html, "</h1><p style=\"margin:0 0 16px\">");
    esc(&l->html, l->w->body);
    buf_str(&l->html, "</p>");
}

static void add_code(struct letter *l)
{
    const char *code = json_string_value(json_object_get(l->w->args, "code"));
    if (!code)
        return;
    buf_str(&l->html, "<p style=\"margin:0 0 16px;font:700 30px/1.2 ui-monospace,Menlo,Consolas,"
                      "monospace;letter-spacing:4px\">");
    esc(&l->html, code);
    buf_str(&l->html, "</p>");
}

/* ---- a receipt's table ---- */

static void row(struct letter *l, const char *what, const char *detail, int64_t amount,
                const char *currency, bool strong)
{
    char money[MONEY_TEXT];
    money_words(amount, currency, money);
    buf_fmt(&l->text, "%s%s%s%s  %s\n", what, *detail ? " (" : "", detail, *detail ? ")" : "",
            money);
    buf_fmt(&l->html,
            "<tr><td class=\"rule\" style=\"padding:8px 8px 8px 0;border-top:1px solid #e5e1e6;"
            "vertical-align:top;%s\">",
            strong ? "font-weight:700" : "");
    esc(&l->html, what);
    if (*detail) {
        buf_str(&l->html, "<br><span class=\"dim\" style=\"color:#47405c;font-size:14px\">");
        esc(&l->html, detail);
        buf_str(&l->html, "</span>");
    }
    buf_fmt(&l->html,
            "</td><td class=\"rule\" align=\"right\" style=\"padding:8px 0;border-top:1px solid "
            "#e5e1e6;vertical-align:top;white-space:nowrap;%s\">",
            strong ? "font-weight:700" : "");
    esc(&l->html, money);
    buf_str(&l->html, "</td></tr>");
}

static int64_t number(const struct letter *l, const char *name)
{
    return json_integer_value(json_object_get(l->w->args, name));
}

static void add_lines(struct letter *l, const char *currency)
{
    const json_t *lines = json_object_get(l->w->args, "lines");
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        const char *title = json_string_value(json_object_get(line, "title"));
        const char *options = json_string_value(json_object_get(line, "options"));
        const char *qty = arena_fmt(l->cx->arena, "%" JSON_INTEGER_FORMAT,
                                    json_integer_value(json_object_get(line, "qty")));
        const struct mark marks[] = {{"title", title}, {"qty", qty}, {0}};
        const char *what = word_fill(l->cx, say(l, WORD_RECEIPT_LINE), marks);
        row(l, what ? what : "", options ? options : "",
            json_integer_value(json_object_get(line, "amount")), currency, false);
    }
}

static void para(struct letter *l, const char *label, const char *text)
{
    buf_fmt(&l->text, "\n%s%s%s\n", label, *label ? ": " : "", text);
    buf_str(&l->html, "<p class=\"dim\" style=\"margin:0 0 12px;color:#47405c;font-size:14px\">");
    if (*label) {
        esc(&l->html, label);
        buf_str(&l->html, "<br>");
    }
    esc(&l->html, text);
    buf_str(&l->html, "</p>");
}

static void add_receipt(struct letter *l)
{
    const char *currency = json_string_value(json_object_get(l->w->args, "currency"));
    const char *address = json_string_value(json_object_get(l->w->args, "address"));
    if (l->w->kind != NOTICE_ORDER_RECEIPT || !currency)
        return;
    buf_str(&l->text, "\n");
    buf_str(&l->html, "<table role=\"presentation\" class=\"ink\" width=\"100%\" cellpadding=\"0\" "
                      "cellspacing=\"0\" style=\"margin:0 0 16px;color:#1b1630\">");
    add_lines(l, currency);
    row(l, say(l, WORD_RECEIPT_SUBTOTAL), "", number(l, "subtotal"), currency, false);
    if (number(l, "discount"))
        row(l, say(l, WORD_RECEIPT_DISCOUNT), "", -number(l, "discount"), currency, false);
    row(l, say(l, WORD_RECEIPT_SHIPPING), "", number(l, "shipping"), currency, false);
    row(l, say(l, WORD_RECEIPT_TOTAL), "", number(l, "total"), currency, true);
    buf_str(&l->html, "</table>");
    if (address)
        para(l, say(l, WORD_RECEIPT_ADDRESS), address);
    if (number(l, "withdrawal_days") > 0) {
        const struct mark marks[] = {
            {"days", arena_fmt(l->cx->arena, "%" PRId64, number(l, "withdrawal_days"))}, {0}};
        const char *text = word_fill(l->cx, say(l, WORD_RECEIPT_WITHDRAWAL), marks);
        para(l, "", text ? text : "");
    }
}

/* ---- the end ---- */

static void add_button(struct letter *l)
{
    const char *url = absolute(l, l->w->url);
    if (!url || !l->w->button)
        return;
    buf_fmt(&l->text, "\n%s:\n%s\n", l->w->button, url);
    buf_str(&l->html, "<p style=\"margin:20px 0\"><a class=\"act\" href=\"");
    esc(&l->html, url);
    buf_str(&l->html, "\" style=\"display:inline-block;padding:12px 24px;border-radius:10px;"
                      "background:#1b1630;color:#ffffff;text-decoration:none;font-weight:600\">");
    esc(&l->html, l->w->button);
    buf_str(&l->html, "</a></p>");
    if (l->w->kind == NOTICE_ORDER_RECEIPT && strchr(url, '?'))
        para(l, "", say(l, WORD_RECEIPT_LINK));
}

static void add_foot(struct letter *l)
{
    const char *stop = absolute(l, l->w->stop);
    if (l->w->why)
        para(l, "", l->w->why);
    if (!stop)
        return;
    buf_fmt(&l->text, "\n%s:\n%s\n", say(l, WORD_STOP), stop);
    buf_str(&l->html, "<p style=\"margin:0;font-size:14px\"><a class=\"dim\" href=\"");
    esc(&l->html, stop);
    buf_str(&l->html, "\" style=\"color:#47405c\">");
    esc(&l->html, say(l, WORD_STOP));
    buf_str(&l->html, "</a></p>");
}

enum err words_mail(struct cx *cx, const struct words *w, const char *base, const char **ret_text,
                    const char **ret_html)
{
    struct letter l = {.cx = cx, .w = w, .base = base};
    buf_init(&l.text, MAIL_TEXT_MAX);
    buf_init(&l.html, MAIL_TEXT_MAX);
    open_html(&l);
    add_head(&l);
    add_code(&l);
    add_receipt(&l);
    add_button(&l);
    add_foot(&l);
    buf_str(&l.html, "</td></tr></table></td></tr></table></body></html>\n");
    enum err e = l.text.failed || l.html.failed ? ERR_NO_MEMORY : ERR_OK;
    const char *text = e ? NULL : arena_dup(cx->arena, l.text.data, l.text.len);
    const char *html = e ? NULL : arena_dup(cx->arena, l.html.data, l.html.len);
    buf_done(&l.text);
    buf_done(&l.html);
    if (!text || !html)
        return ERR_NO_MEMORY;
    *ret_text = text;
    *ret_html = html;
    return ERR_OK;
}
