/*
 * page - the sandbox's own web pages: plain HTML for a person or a browser test to click.
 *
 * Shape:   page_begin() ... page_send(). Everything that is not a literal goes through page_text()
 *          or a function that escapes. A page says that no real money moves. Its only script is
 *          /sandbox.js (it submits forms with data-auto, and keeps the clock of <time data-until>).
 * Words:   in Chinese, Thai and English: page_pick(). `?lang=` chooses, else Accept-Language.
 * Memory:  the page is the caller's; page_send() frees it.
 * Thread:  any worker.
 */
#pragma once
#include "base/buf.h"
#include "base/money.h"
#include "net/http.h"

struct form_pair;

enum page_lang { PAGE_ZH, PAGE_TH, PAGE_EN, PAGE_CN, PAGE_JA };

struct page {
    struct buf out;
    enum page_lang lang;
};

/* Of the first three: most pages have no more. */
enum page_lang page_lang_of(struct http_req *req);

/* `title` as text; it is the heading too. */
void page_begin(struct page *p, struct http_req *req, const char *title);
/* The same within a language that was chosen before (a title in three languages needs it). */
void page_begin_in(struct page *p, enum page_lang lang, const char *title);
const char *page_pick(const struct page *p, const char *zh, const char *th, const char *en);
/* Of a page that speaks all five; cn is simplified Chinese. */
const char *page_pick5(const struct page *p, const char *zh, const char *th, const char *en,
                       const char *cn, const char *ja);

void page_html(struct page *p, const char *literal); /* markup of ours, as it is */
void page_text(struct page *p, const char *text);    /* escaped, in text and in attributes */
/* <p class="class">text</p>; class may be NULL. */
void page_para(struct page *p, const char *class, const char *text);
/* Rows of a list: <dl> is opened and closed by these two. */
void page_rows(struct page *p);
void page_row(struct page *p, const char *label, const char *value);
void page_rows_end(struct page *p);
/* "NT$1,180", "฿590.00" */
void page_money(struct page *p, const char *label, struct money m);

/* POST by the browser to `action`. */
void page_form(struct page *p, const char *action);
void page_hidden(struct page *p, const char *name, const char *value);
/* A labelled text field. */
void page_field(struct page *p, const char *name, const char *label, const char *value);
/* A submit button that sends name=value; `class`: "main", "bad" or "plain". */
void page_button(struct page *p, const char *class, const char *name, const char *value,
                 const char *label);
void page_form_end(struct page *p);
/* A link that looks like a button. `href` that is no http(s) URL or path is left out. */
void page_link(struct page *p, const char *class, const char *href, const char *label);

/* A form that submits itself: how a gateway sends a browser back by POST. */
void page_post_on(struct page *p, const char *action, const struct form_pair *pairs, size_t n);

/* Ends the page and answers the request with it. */
void page_send(struct page *p, struct http_req *req, int status);

/* "/sandbox.css", "/sandbox.js" */
void page_serve_style(struct http_req *req);
void page_serve_script(struct http_req *req);
