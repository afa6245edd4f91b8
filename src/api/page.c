/*
 * Pages: the app's shell with what a page says of itself (title, link preview) and the data of its
 * first paint; files of the built app; a designed 404. The shell's markers are filled per request.
 */
#include "api/call_in.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/lang.h"
#include "base/log.h"
#include "net/static.h"
#include "room/show.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHELL_MAX = 256 * 1024, PAGE_MAX = 512 * 1024 };

#define MARK_LANG     "lang=\"zh-Hant-TW\""
#define MARK_HEAD     "<!--nm:head-->"
#define MARK_NOSCRIPT "<!--nm:noscript-->"
#define MARK_BOOT     "<script type=\"application/json\" id=\"nm-boot\">"

static const char NOT_BUILT[] =
    "<!doctype html><html lang=\"zh-Hant-TW\"><head><meta charset=\"utf-8\"><!--nm:head--></head>"
    "<body><h1>Nightmarket</h1><p>The web app is not built. Run <code>make</code> and restart.</p>"
    "<script type=\"application/json\" id=\"nm-boot\"></script></body></html>";

struct pages {
    struct static_files *files; /* NULL: the web app is not built */
    char *shell, *missing;      /* index.html, 404.html */
};

/* ---- start ---- */

static char *read_text(const char *dir, const char *name)
{
    struct buf path;
    buf_init(&path, 1024);
    buf_fmt(&path, "%s/%s", dir, name);
    int fd = path.failed ? -1 : open(path.data, O_RDONLY | O_CLOEXEC);
    buf_done(&path);
    char *text = fd < 0 ? NULL : calloc(1, SHELL_MAX);
    if (text) {
        size_t len = 0;
        ssize_t n;
        while (len < SHELL_MAX - 1 && (n = read(fd, text + len, SHELL_MAX - 1 - len)) > 0)
            len += (size_t)n;
    }
    if (fd >= 0)
        (void)close(fd);
    return text;
}

enum err pages_make(struct cx *cx, const char *web_dir, struct pages **ret_pages)
{
    char why[STATIC_WHY] = "";
    struct pages *p = calloc(1, sizeof *p);
    if (!p)
        return ERR_NO_MEMORY;
    p->shell = read_text(web_dir, "index.html");
    p->missing = read_text(web_dir, "404.html");
    if (!p->shell) {
        log_warn("web app is not built: only the API is served", LOG_S("dir", web_dir));
        p->shell = strdup(NOT_BUILT);
    } else {
        enum err e = static_load(web_dir, why, &p->files);
        if (e) {
            pages_free(p);
            return problem(cx, e, "web app cannot be read: %.150s", why);
        }
    }
    *ret_pages = p;
    return p->shell ? ERR_OK : ERR_NO_MEMORY;
}

void pages_free(struct pages *p)
{
    if (!p)
        return;
    static_free(p->files);
    free(p->shell);
    free(p->missing);
    free(p);
}

/* ---- files ---- */

static bool wants_html(struct http_req *req)
{
    const char *accept = http_header(req, "accept");
    return accept && strstr(accept, "text/html");
}

/* The worker and the shell it keeps bring the policy of a page. Everything else is part of a page,
 * and under that page's policy: thirty files of a first visit need not say it again. */
static bool is_document(const char *path)
{
    return strcmp(path, "sw.js") == 0 || strcmp(path, "shell.html") == 0;
}

void page_asset(struct http_req *req)
{
    struct api *a = http_app(req);
    struct pages *p = a->pages;
    const char *path = http_param(req, "path");
    bool shell = strcmp(path, "index.html") == 0 || strcmp(path, "404.html") == 0;
    if (p->files && path[0] && !shell && static_has(p->files, path)) {
        if (is_document(path))
            add_security_headers(req, a, true);
        else if (a->https)
            http_add(req, "Strict-Transport-Security", "max-age=31536000");
        static_serve(p->files, req, path);
    } else if (wants_html(req) && p->missing) {
        add_security_headers(req, a, true);
        http_add(req, "Cache-Control", "no-store");
        http_send_text(req, 404, "text/html; charset=utf-8", p->missing);
    } else {
        http_fail(req, ERR_NOT_FOUND, "there is nothing at this address");
    }
}

/* ---- the shell ---- */

static void add_html(struct buf *b, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&': buf_str(b, "&amp;"); break;
        case '<': buf_str(b, "&lt;"); break;
        case '>': buf_str(b, "&gt;"); break;
        case '"': buf_str(b, "&quot;"); break;
        case '\'': buf_str(b, "&#39;"); break;
        default: buf_ch(b, *text);
        }
    }
}

/* JSON inside <script>: no '<' may end it. */
static void add_script_json(struct buf *b, json_t *o)
{
    char *text = o ? json_text_of(o) : NULL;
    for (const char *p = text ? text : "null"; *p; p++) {
        if (*p == '<' || *p == '>' || *p == '&')
            buf_fmt(b, "\\u%04x", (unsigned)*p);
        else
            buf_ch(b, *p);
    }
    free(text);
}

static void add_meta(struct buf *b, const char *key, const char *name, const char *value)
{
    buf_fmt(b, "<meta %s=\"%s\" content=\"", key, name);
    add_html(b, value);
    buf_str(b, "\">");
}

struct page {
    enum lang lang;
    bool found;       /* the show that the path names, if it names one */
    bool linked;      /* `link` tells of what the path names: a show or a product */
    bool names;       /* it names something */
    struct show show; /* valid when found */
    struct show_link link;
};

/* Of the page in each language: its locale for link previews, what the site is, and what somebody
 * without scripts is told. */
static const struct {
    const char *locale, *site, *noscript;
} said[LANG_COUNT] = {
    [LANG_ZH] = {"zh_TW", "邊看直播邊喊單的夜市", "請開啟 JavaScript 才能看直播。"},
    [LANG_TH] = {"th_TH", "ตลาดนัดไลฟ์สด ดูไป CF ไป", "กรุณาเปิด JavaScript เพื่อดูไลฟ์"},
    [LANG_EN] = {"en_US", "A night market, live: watch, ask, claim",
                 "Please turn on JavaScript to watch."},
    [LANG_CN] = {"zh_CN", "边看直播边下单的夜市", "请开启 JavaScript 后观看直播。"},
    [LANG_JA] = {"ja_JP", "見ながら選べる、ライブの夜市",
                 "ライブを見るには JavaScript を有効にしてください。"},
};

static void add_head(struct call *c, const struct page *pg, struct buf *b)
{
    const char *title = pg->linked ? pg->link.title : "Nightmarket";
    const char *text =
        pg->linked && pg->link.description[0] ? pg->link.description : said[pg->lang].site;
    const char *image = pg->linked && pg->link.image ? pg->link.image : "/og.jpg";
    struct buf url;
    buf_init(&url, 2048);
    buf_fmt(&url, "%s%s", c->api->public_url, http_path(c->req));
    buf_str(b, "<title>");
    add_html(b, title);
    if (pg->linked)
        buf_str(b, " · Nightmarket");
    buf_str(b, "</title><link rel=\"canonical\" href=\"");
    add_html(b, url.data ? url.data : "");
    buf_str(b, "\">");
    add_meta(b, "name", "description", text);
    add_meta(b, "property", "og:type",
             pg->found    ? "video.other"
             : pg->linked ? "product"
                          : "website");
    add_meta(b, "property", "og:site_name", "Nightmarket");
    add_meta(b, "property", "og:title", title);
    add_meta(b, "property", "og:description", text);
    add_meta(b, "property", "og:url", url.data ? url.data : "");
    add_meta(b, "property", "og:locale", said[pg->lang].locale);
    buf_clear(&url);
    buf_fmt(&url, "%s%s", image[0] == '/' ? c->api->public_url : "", image);
    add_meta(b, "property", "og:image", url.data ? url.data : "");
    add_meta(b, "name", "twitter:card", "summary_large_image");
    buf_done(&url);
}

/* What the room needs next, asked for before its script has come: poster and playback host. */
static void add_hints(struct call *c, const struct page *pg, struct buf *b)
{
    char cover[FILE_URL_MAX];
    size_t n = strcspn(c->api->media_origins, " *");
    if (pg->found && show_cover_link(&pg->show, cover)) {
        buf_str(b, "<link rel=\"preload\" as=\"image\" href=\"");
        add_html(b, cover);
        buf_str(b, "\">");
    }
    if (pg->found && n && c->api->media_origins[n] != '*')
        buf_fmt(b, "<link rel=\"preconnect\" crossorigin href=\"%.*s\">", (int)n,
                c->api->media_origins);
}

static void add_boot(struct call *c, const struct page *pg, struct buf *b)
{
    json_t *show = pg->found ? show_json(c->api->set.room, &pg->show, &c->who) : json_null();
    add_script_json(b, json_pack("{s:s,s:o,s:o,s:I}", "lang", lang_name(pg->lang), "session",
                                 session_json(c), "show", show, "now", (json_int_t)c->cx->now_ms));
}

/* Copy the shell, filling each marker where it stands. */
static enum err fill(struct call *c, const struct page *pg, struct buf *b)
{
    const char *rest = c->api->pages->shell, *at;
    at = strstr(rest, MARK_LANG);
    if (at) {
        buf_add(b, rest, (size_t)(at - rest));
        buf_fmt(b, "lang=\"%s\"", lang_tag(pg->lang));
        rest = at + strlen(MARK_LANG);
    }
    at = strstr(rest, MARK_HEAD);
    if (at) {
        buf_add(b, rest, (size_t)(at - rest));
        add_head(c, pg, b);
        add_hints(c, pg, b);
        rest = at + strlen(MARK_HEAD);
    }
    at = strstr(rest, MARK_BOOT);
    if (at) {
        at += strlen(MARK_BOOT);
        buf_add(b, rest, (size_t)(at - rest));
        add_boot(c, pg, b);
        rest = at;
    }
    at = strstr(rest, MARK_NOSCRIPT);
    if (at) {
        buf_add(b, rest, (size_t)(at - rest));
        add_html(b, said[pg->lang].noscript);
        rest = at + strlen(MARK_NOSCRIPT);
    }
    buf_str(b, rest);
    return buf_err(b);
}

/* What the link says, what was chosen in this browser, what the account says, what the browser
 * says. */
static enum lang choose_lang(struct call *c)
{
    enum lang l = lang_near(http_query(c->req, "lang"));
    const char *header = http_header(c->req, "accept-language");
    if (l == LANG_COUNT)
        l = lang_near(http_cookie(c->req, "nm_lang"));
    if (l == LANG_COUNT && c->who.account)
        l = lang_near(c->who.lang);
    if (l == LANG_COUNT)
        l = header && header[0] ? lang_of(header) : LANG_ZH;
    return l;
}

static enum err find_show(struct call *c, struct page *pg)
{
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = show_find(c->api->set.room, db, c->cx, &c->who, http_param(c->req, "show"), &pg->show);
    store_read_end(db);
    if (e == ERR_NOT_FOUND) {
        c->cx->problem[0] = '\0';
        return ERR_OK;
    }
    pg->found = pg->linked = !e;
    return e ? e : show_link(c->cx, &pg->show, pg->lang, &pg->link);
}

/* What a page says of itself, where it is about something. */
static enum err find_named(struct call *c, struct page *pg)
{
    pg->names = true;
    if (strstr(c->route->path, "{show}"))
        return find_show(c, pg);
    if (strcmp(c->route->path, "/p/{id}") == 0)
        return page_product(c, lang_name(pg->lang), &pg->linked, &pg->link);
    pg->names = false;
    return ERR_OK;
}

enum err page_get(struct call *c)
{
    struct page pg = {.lang = choose_lang(c)};
    struct buf b;
    enum err e = call_need_device(c);
    if (!e)
        e = find_named(c, &pg);
    if (e)
        return e;
    buf_init(&b, PAGE_MAX);
    e = fill(c, &pg, &b);
    if (!e) {
        add_security_headers(c->req, c->api, true);
        http_add(c->req, "Cache-Control", "no-store");
        http_add(c->req, "Vary", "Accept-Language, Cookie");
        http_send(c->req, pg.names && !pg.linked ? 404 : 200, "text/html; charset=utf-8", b.data,
                  b.len);
    }
    buf_done(&b);
    return e;
}
