/* The page of LINE's where somebody signs in: they type a name, and are that person. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/lang.h"
#include "base/text.h"
#include "sandboxd/line_in.h"
#include "sandboxd/page.h"

#include <stdio.h>
#include <string.h>

enum { CHALLENGE_LEN = 43, STATE_MAX = 600, NAME_CHARS = 24, BACK_MAX = 4096 };

/* ---- what is asked ---- */

/* The parameters of authorize, as they came; "" where there is none. */
struct ask {
    const char *client_id, *response_type, *redirect_uri, *state, *scope, *nonce, *challenge,
        *method, *prompt, *locales;
};

static struct ask ask_of(const struct form *f)
{
    return (struct ask){.client_id = form_text(f, "client_id"),
                        .response_type = form_text(f, "response_type"),
                        .redirect_uri = form_text(f, "redirect_uri"),
                        .state = form_text(f, "state"),
                        .scope = form_text(f, "scope"),
                        .nonce = form_text(f, "nonce"),
                        .challenge = form_text(f, "code_challenge"),
                        .method = form_text(f, "code_challenge_method"),
                        .prompt = form_text(f, "prompt"),
                        .locales = form_text(f, "ui_locales")};
}

static bool has_word(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += n)
        if ((at == list || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
            return true;
    return false;
}

static bool is_redirect(const char *uri)
{
    return (text_has_prefix(uri, "https://") || text_has_prefix(uri, "http://")) &&
           strlen(uri) < LINE_URL && !strchr(uri, '#') && !strpbrk(uri, " \r\n\"<>");
}

/* What LINE would not take: its page says so and leads nowhere. NULL: all is well. */
static const char *refusal(const struct line *l, const struct ask *a)
{
    bool pkce = *a->challenge || *a->method;
    if (strcmp(a->client_id, l->channel) != 0)
        return "client_id";
    if (!is_redirect(a->redirect_uri))
        return "redirect_uri";
    if (strcmp(a->response_type, "code") != 0)
        return "response_type";
    if (!*a->state || strlen(a->state) > STATE_MAX)
        return "state";
    if (!has_word(a->scope, "openid"))
        return "scope";
    if (strlen(a->nonce) >= LINE_TEXT)
        return "nonce";
    if (pkce && (strcmp(a->method, "S256") != 0 || strlen(a->challenge) != CHALLENGE_LEN))
        return "code_challenge";
    return NULL;
}

/* ---- the page ---- */

static enum page_lang lang_asked(struct http_req *req, const struct ask *a)
{
    static const enum page_lang langs[LANG_COUNT] = {[LANG_ZH] = PAGE_ZH,
                                                     [LANG_TH] = PAGE_TH,
                                                     [LANG_EN] = PAGE_EN,
                                                     [LANG_CN] = PAGE_CN,
                                                     [LANG_JA] = PAGE_JA};
    char first[LINE_WORD] = "";
    (void)text_copy(first, sizeof first, a->locales);
    first[strcspn(first, " ")] = '\0';
    enum lang near = *first ? lang_near(first) : LANG_COUNT;
    return langs[near != LANG_COUNT ? near : lang_of(http_header(req, "accept-language"))];
}

static void begin(struct page *p, struct http_req *req, const struct ask *a)
{
    p->lang = lang_asked(req, a);
    page_begin_in(
        p, p->lang,
        page_pick5(p, "LINE 登入", "เข้าสู่ระบบด้วย LINE", "LINE Login", "LINE 登录", "LINEログイン"));
}

static void show_refusal(struct http_req *req, const struct ask *a, const char *what)
{
    struct page p;
    begin(&p, req, a);
    page_para(&p, "bad-note",
              page_pick5(&p, "LINE 不接受這次登入要求，有問題的是：",
                         "LINE ไม่รับคำขอเข้าสู่ระบบนี้ ส่วนที่ผิดคือ",
                         "LINE does not take this request. What is wrong with it:",
                         "LINE 不接受这次登录请求，有问题的是：",
                         "LINEはこのログイン要求を受け付けません。問題のある項目："));
    page_para(&p, "code", what);
    page_send(&p, req, 400);
}

static void keep_ask(struct page *p, const struct ask *a)
{
    page_hidden(p, "client_id", a->client_id);
    page_hidden(p, "response_type", a->response_type);
    page_hidden(p, "redirect_uri", a->redirect_uri);
    page_hidden(p, "state", a->state);
    page_hidden(p, "scope", a->scope);
    page_hidden(p, "nonce", a->nonce);
    page_hidden(p, "code_challenge", a->challenge);
    page_hidden(p, "code_challenge_method", a->method);
    page_hidden(p, "ui_locales", a->locales);
}

static void show(struct http_req *req, const struct ask *a, bool nameless)
{
    struct page p;
    begin(&p, req, a);
    page_para(&p, NULL,
              page_pick5(&p, "輸入任何名字就能登入。相同的名字就是同一個人。",
                         "พิมพ์ชื่ออะไรก็ได้เพื่อเข้าสู่ระบบ ชื่อเดิมคือคนเดิม",
                         "Type any name to sign in. The same name is the same person.",
                         "输入任意名字即可登录。相同的名字就是同一个人。",
                         "好きな名前を入力するとログインできます。同じ名前は同じ人です。"));
    if (nameless)
        page_para(&p, "bad-note",
                  page_pick5(&p, "請輸入名字。", "กรุณาพิมพ์ชื่อ", "Type a name first.", "请输入名字。",
                             "名前を入力してください。"));
    page_form(&p, "");
    keep_ask(&p, a);
    page_field(&p, "name", page_pick5(&p, "名字", "ชื่อ", "Name", "名字", "名前"), "");
    if (has_word(a->scope, "email"))
        page_field(&p, "email",
                   page_pick5(&p, "電子郵件（可不填）", "อีเมล (ไม่บังคับ)", "E-mail (optional)",
                              "电子邮件（可不填）", "メールアドレス（任意）"),
                   "");
    page_button(&p, "main", "as", "signin",
                page_pick5(&p, "登入", "เข้าสู่ระบบ", "Sign in", "登录", "ログイン"));
    page_button(&p, "plain", "as", "cancel",
                page_pick5(&p, "取消", "ยกเลิก", "Cancel", "取消", "キャンセル"));
    page_form_end(&p);
    page_send(&p, req, 200);
}

/* ---- back to the shop ---- */

static void add(struct buf *url, const char *name, const char *value)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    buf_ch(url, url->data && strchr(url->data, '?') ? '&' : '?');
    buf_str(url, name);
    buf_ch(url, '=');
    for (; *value; value++)
        if (strchr(plain, *value))
            buf_ch(url, *value);
        else
            buf_fmt(url, "%%%02X", (unsigned char)*value);
}

static void go_back(struct http_req *req, const struct ask *a, const char *name, const char *value)
{
    struct buf url;
    buf_init(&url, BACK_MAX);
    buf_str(&url, a->redirect_uri);
    add(&url, name, value);
    add(&url, "state", a->state);
    http_add(req, "Cache-Control", "no-store");
    http_add(req, "Referrer-Policy", "no-referrer");
    if (buf_err(&url))
        http_fail(req, ERR_NO_MEMORY, NULL);
    else
        http_redirect(req, 303, url.data);
    buf_done(&url);
}

/* A code for this person, which a server changes for tokens within ten minutes. */
static void make_code(struct line *l, const struct ask *a, const struct line_person *who,
                      char ret_code[LINE_RANDOM])
{
    line_random(ret_code);
    (void)pthread_mutex_lock(&l->lock);
    struct line_code *c = &l->codes[l->codes_n++ % LINE_CODES];
    *c = (struct line_code){.who = *who, .made_ms = clock_unix_ms()};
    memcpy(c->code, ret_code, LINE_RANDOM);
    (void)text_copy(c->redirect_uri, sizeof c->redirect_uri, a->redirect_uri);
    (void)text_copy(c->nonce, sizeof c->nonce, a->nonce);
    (void)text_copy(c->challenge, sizeof c->challenge, a->challenge);
    (void)pthread_mutex_unlock(&l->lock);
}

static bool read_person(const struct ask *a, const struct form *f, struct line_person *ret)
{
    struct line_person who = {.profile = has_word(a->scope, "profile")};
    (void)text_copy(who.name, sizeof who.name, form_text(f, "name"));
    size_t n = text_tidy(who.name, text_prefix(who.name, strlen(who.name), NAME_CHARS));
    who.name[n] = '\0';
    if (has_word(a->scope, "email") && strchr(form_text(f, "email"), '@'))
        (void)text_copy(who.email, sizeof who.email, form_text(f, "email"));
    line_sub(who.name, who.sub);
    *ret = who;
    return n > 0;
}

/* ---- handlers ---- */

static bool read_ask(struct http_req *req, const char *text, size_t len, struct form **ret_form,
                     struct ask *a)
{
    struct form *f = arena_new(http_cx(req)->arena, struct form);
    enum err e = f ? form_read(http_cx(req), text, len, f) : ERR_NO_MEMORY;
    if (e) {
        http_fail(req, e, NULL);
        return false;
    }
    *ret_form = f;
    *a = ask_of(f);
    const char *what = refusal(sandboxd_of(req)->line, a);
    if (what)
        show_refusal(req, a, what);
    return !what;
}

void line_page(struct http_req *req)
{
    struct ask a;
    struct form *f;
    const char *query = http_query_text(req);
    if (!read_ask(req, query, strlen(query), &f, &a))
        return;
    if (strcmp(a.prompt, "none") == 0)
        go_back(req, &a, "error", "INTERACTION_REQUIRED");
    else
        show(req, &a, false);
}

void line_decide(struct http_req *req)
{
    struct ask a;
    struct form *f;
    struct line_person who;
    char code[LINE_RANDOM];
    size_t len;
    const char *body = http_body(req, &len);
    if (!read_ask(req, body, len, &f, &a))
        return;
    if (strcmp(form_text(f, "as"), "signin") != 0) {
        go_back(req, &a, "error", "access_denied");
        return;
    }
    if (!read_person(&a, f, &who)) {
        show(req, &a, true);
        return;
    }
    make_code(sandboxd_of(req)->line, &a, &who, code);
    go_back(req, &a, "code", code);
}
