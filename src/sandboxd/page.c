#include "sandboxd/page.h"

#include "base/form.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PAGE_MAX = 512 << 10 };

/* Forms go to the shop, which may send the browser on: form-action cannot name it beforehand. */
static const char POLICY[] =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; form-action http: https:; base-uri 'none'; "
    "frame-ancestors http: https:";

/* ---- language ---- */

static bool says(const char *accept, const char *tag)
{
    const char *at = strstr(accept, tag);
    return at && (at == accept || at[-1] == ',' || at[-1] == ' ');
}

enum page_lang page_lang_of(struct http_req *req)
{
    const char *asked = http_query(req, "lang"), *accept = http_header(req, "accept-language");
    const char *from = asked ? asked : accept ? accept : "";
    static const char *const tags[] = {"zh", "th", "en"};
    const char *first = NULL;
    enum page_lang lang = PAGE_EN;
    for (unsigned i = 0; i < sizeof tags / sizeof *tags; i++) {
        const char *at = says(from, tags[i]) ? strstr(from, tags[i]) : NULL;
        if (at && (!first || at < first)) {
            first = at;
            lang = (enum page_lang)i;
        }
    }
    return lang;
}

const char *page_pick(const struct page *p, const char *zh, const char *th, const char *en)
{
    return page_pick5(p, zh, th, en, zh, en);
}

const char *page_pick5(const struct page *p, const char *zh, const char *th, const char *en,
                       const char *cn, const char *ja)
{
    const char *const words[] = {
        [PAGE_ZH] = zh, [PAGE_TH] = th, [PAGE_EN] = en, [PAGE_CN] = cn, [PAGE_JA] = ja};
    return words[p->lang];
}

/* ---- text ---- */

void page_html(struct page *p, const char *literal)
{
    buf_str(&p->out, literal);
}

void page_text(struct page *p, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&': buf_str(&p->out, "&amp;"); break;
        case '<': buf_str(&p->out, "&lt;"); break;
        case '>': buf_str(&p->out, "&gt;"); break;
        case '"': buf_str(&p->out, "&quot;"); break;
        case '\'': buf_str(&p->out, "&#39;"); break;
        default: buf_ch(&p->out, *text);
        }
    }
}

/* before, text escaped, after */
static void around(struct page *p, const char *before, const char *text, const char *after)
{
    page_html(p, before);
    page_text(p, text);
    page_html(p, after);
}

void page_begin_in(struct page *p, enum page_lang lang, const char *title)
{
    static const char *const codes[] = {"zh-Hant-TW", "th", "en", "zh-Hans-CN", "ja"};
    buf_init(&p->out, PAGE_MAX);
    p->lang = lang;
    around(p, "<!doctype html>\n<html lang=\"", codes[lang],
           "\">\n<head>\n<meta charset=\"utf-8\">\n");
    page_html(p, "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                 "<link rel=\"icon\" href=\"data:,\">\n"
                 "<link rel=\"stylesheet\" href=\"/sandbox.css\">\n"
                 "<script src=\"/sandbox.js\" defer></script>\n");
    around(p, "<title>", title, "</title>\n</head>\n<body>\n<p class=\"banner\"><b>SANDBOX</b> ");
    page_text(p, page_pick5(p, "測試環境，不會動用真錢", "ระบบทดสอบ ไม่มีการใช้เงินจริง",
                            "no real money moves here", "测试环境，不会动用真钱",
                            "テスト環境です。実際のお金は動きません"));
    around(p, "</p>\n<main>\n<h1>", title, "</h1>\n");
}

void page_begin(struct page *p, struct http_req *req, const char *title)
{
    page_begin_in(p, page_lang_of(req), title);
}

void page_para(struct page *p, const char *class, const char *text)
{
    around(p, "<p class=\"", class ? class : "", "\">");
    around(p, "", text, "</p>\n");
}

void page_rows(struct page *p)
{
    page_html(p, "<dl>\n");
}

void page_row(struct page *p, const char *label, const char *value)
{
    around(p, "<div><dt>", label, "</dt>");
    around(p, "<dd>", value, "</dd></div>\n");
}

void page_rows_end(struct page *p)
{
    page_html(p, "</dl>\n");
}

/* 1180 -> "1,180" */
static void group(int64_t n, char *out, size_t size)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRId64, n);
    size_t at = 0;
    for (int i = 0; i < len && at + 2 < size; i++) {
        if (i && (len - i) % 3 == 0 && digits[i - 1] != '-')
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
}

void page_money(struct page *p, const char *label, struct money m)
{
    char whole[40], text[80];
    bool baht = strcmp(m.currency, "THB") == 0, dollars = strcmp(m.currency, "TWD") == 0;
    const char *sign = baht ? "฿" : dollars ? "NT$" : "";
    const char *code = *sign ? "" : m.currency;
    if (money_exponent(m.currency) == 2) {
        group(m.amount / 100, whole, sizeof whole);
        (void)snprintf(text, sizeof text, "%s%s%s.%02d", code, sign, whole, (int)(m.amount % 100));
    } else {
        group(m.amount, whole, sizeof whole);
        (void)snprintf(text, sizeof text, "%s%s%s", code, sign, whole);
    }
    page_row(p, label, text);
}

/* ---- forms ---- */

void page_form(struct page *p, const char *action)
{
    around(p, "<form method=\"post\" action=\"", action, "\">\n");
}

void page_hidden(struct page *p, const char *name, const char *value)
{
    around(p, "<input type=\"hidden\" name=\"", name, "\" value=\"");
    around(p, "", value, "\">\n");
}

void page_field(struct page *p, const char *name, const char *label, const char *value)
{
    around(p, "<label>", label, " <input name=\"");
    around(p, "", name, "\" value=\"");
    around(p, "", value, "\" autocomplete=\"off\"></label>\n");
}

void page_button(struct page *p, const char *class, const char *name, const char *value,
                 const char *label)
{
    around(p, "<button class=\"", class, "\" name=\"");
    around(p, "", name, "\" value=\"");
    around(p, "", value, "\">");
    around(p, "", label, "</button>\n");
}

void page_form_end(struct page *p)
{
    page_html(p, "</form>\n");
}

void page_link(struct page *p, const char *class, const char *href, const char *label)
{
    bool path = href[0] == '/' && href[1] != '/';
    if (!path && !text_has_prefix(href, "http://") && !text_has_prefix(href, "https://"))
        return;
    around(p, "<a class=\"", class, "\" href=\"");
    around(p, "", href, "\">");
    around(p, "", label, "</a>\n");
}

void page_post_on(struct page *p, const char *action, const struct form_pair *pairs, size_t n)
{
    around(p, "<form method=\"post\" data-auto action=\"", action, "\">\n");
    for (size_t i = 0; i < n; i++)
        page_hidden(p, pairs[i].name, pairs[i].value);
    around(p, "<button class=\"main\">", page_pick(p, "回到商店", "กลับไปที่ร้าน", "Back to the shop"),
           "</button>\n");
    page_form_end(p);
}

/* ---- sending ---- */

static void send(struct http_req *req, int status, const char *type, const char *text, size_t len)
{
    http_add(req, "X-Content-Type-Options", "nosniff");
    http_add(req, "Referrer-Policy", "no-referrer");
    http_send(req, status, type, text, len);
}

void page_send(struct page *p, struct http_req *req, int status)
{
    page_html(p, "</main>\n</body>\n</html>\n");
    http_add(req, "Content-Security-Policy", POLICY);
    http_add(req, "Cache-Control", "no-store");
    if (buf_err(&p->out))
        http_fail(req, ERR_NO_MEMORY, NULL);
    else
        send(req, status, "text/html; charset=utf-8", p->out.data, p->out.len);
    buf_done(&p->out);
}

static const char STYLE[] =
    ":root{color-scheme:light;--ink:#1b1630;--soft:#47405c;--line:#8b8499;--paper:#f8f6f3;"
    "--card:#fff;--main:#1b1630;--bad:#b01a24;--amber:#ffbe4d}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:16px/1.6 system-ui,\"Noto Sans TC\",\"Noto Sans Thai\",sans-serif}\n"
    ".banner{margin:0;padding:10px 16px;background:var(--amber);color:#1c1200;text-align:center}\n"
    "main{max-width:440px;margin:16px auto;padding:16px;background:var(--card);border-radius:14px;"
    "box-shadow:0 0 0 1px #1b163014,0 1px 2px #1b163014}\n"
    "h1{font-size:21px;line-height:1.4;margin:0 0 12px}\n"
    "h2{font-size:16px;margin:20px 0 8px}\n"
    "p{margin:0 0 12px;overflow-wrap:anywhere}\n"
    ".note{color:var(--soft);font-size:14px}\n"
    ".bad-note{color:var(--bad)}\n"
    ".code{font:700 26px/1.3 ui-monospace,monospace;letter-spacing:.04em}\n"
    "dl{margin:0 0 16px}\n"
    "dl div{display:flex;gap:12px;justify-content:space-between;padding:6px 0;"
    "border-bottom:1px solid #1b16301f}\n"
    "dt{color:var(--soft)}\n"
    "dd{margin:0;text-align:right;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}\n"
    "form{display:grid;gap:8px;margin:0 0 8px}\n"
    "label{display:grid;gap:4px;font-size:14px;color:var(--soft)}\n"
    "input,select{min-height:48px;width:100%;padding:0 12px;border:1px solid var(--line);"
    "border-radius:10px;background:#fff;color:var(--ink);font:inherit;font-size:16px}\n"
    "button,a.main,a.plain,a.bad{display:block;width:100%;min-height:48px;padding:11px 16px;"
    "border:1px solid var(--line);border-radius:10px;background:#fff;color:var(--ink);"
    "font:inherit;font-weight:700;text-align:center;text-decoration:none;cursor:pointer}\n"
    "button.main,a.main{background:var(--main);border-color:var(--main);color:#fff}\n"
    "button.bad,a.bad{color:var(--bad);border-color:var(--bad)}\n"
    "button:focus-visible,a:focus-visible,input:focus-visible{outline:2px solid #1b5cb3;"
    "outline-offset:2px}\n"
    "img.qr{display:block;width:min(100%,280px);margin:0 auto 12px;image-rendering:pixelated}\n"
    ".pair{display:grid;grid-template-columns:1fr 1fr;gap:8px}\n"
    "table{width:100%;border-collapse:collapse;font-size:14px}\n"
    "td,th{padding:6px 4px;border-bottom:1px solid #1b16301f;text-align:left}\n";

static const char SCRIPT[] =
    "'use strict';\n"
    "for (const form of document.querySelectorAll('form[data-auto]')) form.submit();\n"
    "for (const clock of document.querySelectorAll('time[data-until]')) {\n"
    "  const end = Date.parse(clock.dateTime);\n"
    "  const show = () => {\n"
    "    const left = Math.max(0, Math.round((end - Date.now()) / 1000));\n"
    "    clock.textContent = Math.floor(left / 60) + ':' + String(left % 60).padStart(2, '0');\n"
    "  };\n"
    "  show();\n"
    "  setInterval(show, 1000);\n"
    "}\n";

void page_serve_style(struct http_req *req)
{
    send(req, 200, "text/css; charset=utf-8", STYLE, sizeof STYLE - 1);
}

void page_serve_script(struct http_req *req)
{
    send(req, 200, "text/javascript; charset=utf-8", SCRIPT, sizeof SCRIPT - 1);
}
