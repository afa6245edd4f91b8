/*
 * What providers of logins send by themselves, and what does not come the plain way back: Apple's
 * form, LIFF's token.
 */
#include "account/limit.h"
#include "api/call_in.h"
#include "base/arena.h"
#include "base/form.h"
#include "login/liff.h"

static enum err read_form(struct call *c, struct form **ret_form)
{
    size_t len;
    const char *body = http_body(c->req, &len);
    *ret_form = arena_new(c->cx->arena, struct form);
    return *ret_form ? form_read(c->cx, body, len, *ret_form) : ERR_NO_MEMORY;
}

/* ---- Apple's answer, by the browser's POST from their site ---- */

enum err login_callback_posted(struct call *c)
{
    struct form *f;
    enum err e = read_form(c, &f);
    if (e)
        return e;
    struct login_back back = {.provider = "apple",
                              .state = form_get(f, "state"),
                              .code = form_get(f, "code"),
                              .error = form_get(f, "error"),
                              .iss = form_get(f, "iss"),
                              .user = form_get(f, "user"),
                              .browser = login_browser(c, true),
                              .posted = true};
    return login_come_back(c, &back);
}

/* ---- LIFF ---- */

enum err login_liff_post(struct call *c)
{
    const char *token = NULL, *why = "";
    struct login_who who;
    int64_t wait_ms = 0;
    enum err e = json_need_text(c->cx, c->body, "id_token", 1, 8192, &token);
    if (!e)
        e = limit_take(c->api->set.limits, LIMIT_LOGIN_BACK_ADDR, c->who.fence, c->cx->now_ms,
                       &wait_ms);
    if (e == ERR_SLOW_DOWN)
        c->retry_ms = wait_ms;
    if (!e && c->who.account)
        e = problem(c->cx, ERR_CONFLICT, "signed in as an account: sign out first");
    if (!e)
        e = login_liff(c->api->set.login, c->cx, token, &who, &why);
    if (*why)
        log_info("login", LOG_S("req", c->cx->id), LOG_S("provider", "line"),
                 LOG_S("result", "failed"), LOG_S("why", why));
    return e ? e : login_answer_session(c, &who);
}
