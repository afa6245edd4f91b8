/*
 * call - one request being handled: who asks, what was sent, how it is answered. Private to api.
 *
 * Shape:  guard.c fills it in and calls the route's handler. A handler answers and returns ERR_OK,
 *         or answers nothing and returns the error, with cx->problem set.
 * Memory: all of it lives in cx->arena, until the request is answered.
 * Thread: a worker.
 */
#pragma once
#include "account/account.h"
#include "account/staff.h"
#include "api/api.h"
#include "base/json.h"
#include "base/log.h"
#include "net/addr.h"
#include "net/http.h"
#include "room/room.h"

enum caller { ANYONE, NAMED, ACCOUNT, STAFF };
enum guard { OPEN, TOKEN, ORIGIN };
enum pace { PACE_NONE, PACE_WRITE, PACE_HEARTBEAT, PACE_GUEST };

struct call;

struct route {
    const char *method, *path;
    enum caller who;
    enum guard guard;
    enum pace pace;
    enum err (*run)(struct call *c);
    uint64_t body_max;
    const char *body; /* schema, "" none */
};

struct call {
    struct http_req *req;
    struct api *api;
    struct cx *cx;
    const struct route *route;
    struct session session; /* valid when `signed_on` */
    bool signed_on;         /* a guest or an account */
    const char *device;     /* the id in the device cookie, or NULL */
    const char *csrf;       /* what this browser must send; "" without session and device */
    char device_csrf[TOKEN_TEXT];
    char addr[ADDR_TEXT], fence[ADDR_TEXT]; /* of who */
    struct room_who who;
    json_t *body;               /* of routes with a body schema; freed with the arena */
    int64_t retry_ms, until_ms; /* for the problem document; -1: not said */
    json_t *extra;              /* further members of it, or NULL; owned */
};

/* Runs on a worker for every route: guard, handler, error. */
void call_run(struct http_req *req);
/* Without the guard, on the loop: for a handler that asks for nothing and nobody. */
void call_run_at_once(struct http_req *req);

/* ---- who (guard.c) ---- */

/* Cookies into session, device, who and csrf. Nobody is fine. */
enum err call_identify(struct call *c) NODISCARD;
/* Give the browser a device cookie if it has neither session nor device. */
enum err call_need_device(struct call *c) NODISCARD;
/* After a sign-in or rename: be this session from now on, within this call. */
enum err call_become(struct call *c, const struct session_new *s, const struct viewer *v) NODISCARD;
/*
 * What a guest gathered becomes the account's: carts, holds, waiting, claims, orders. Failing is
 * logged: nobody is kept out of their account by it.
 */
void call_merge_guest(struct call *c, int64_t guest_id, int64_t account_id);
/*
 * Cookies of ours, named nm_…: over https they are called __Host-nm_… in the browser. `value` ""
 * and 0 seconds: forget it.
 */
void call_set_cookie(struct call *c, const char *name, const char *value, int64_t max_age_s);
const char *call_cookie(const struct call *c, const char *name);
bool call_is_https(const struct call *c);

/* How a session begins in this request: its browser, now. */
struct session_how call_how(const struct call *c, const char *provider);
/*
 * Somebody has proved who they are, and session_start() ran with call_cookie(c, "nm_session") as
 * the old one: what the guest of this browser had becomes theirs, the streams of the old session
 * end, the browser gets the cookie. Wipes *fresh. The caller answers.
 */
enum err call_enter(struct call *c, struct session_new *fresh, const struct viewer *v) NODISCARD;
/* Change the name of who is signed on, and answer with the session. */
enum err call_rename(struct call *c, int status, const char *name) NODISCARD;

/*
 * Sessions that a job is about to end: read before it, and their event streams ended after it. Of
 * all but the one that asks, or of the one with this public id.
 */
struct ended {
    struct session_seen *list;
    size_t count;
};
enum err call_ending(struct call *c, struct ended *x) NODISCARD;
void call_ended(struct call *c, const struct ended *x, const char *only);

/* The args of a security notice; `what` as notify.h lists it, `detail` or NULL. The caller owns it.
 */
json_t *call_security(const struct call *c, const char *what, const char *detail);
/* Tell a person so, in a job of its own, after what was done; failing to is logged. */
void call_tell(struct call *c, int64_t viewer_id, const char *what, const char *detail);

/* ERR_NEED_PROOF: it is more than PROOF_MS since this session's holder proved who they are. */
enum err call_need_proof(struct call *c) NODISCARD;

/* ---- staff (shop.c) ---- */

/*
 * The shop that a staff route is about: ?shop=slug, or the first they work in.
 * ERR_NOT_FOUND: they do not work there. ERR_FORBIDDEN: their role may not.
 */
enum err call_shop(struct call *c, enum action what, const struct staff **ret_staff) NODISCARD;
/* The same of the shop whose row was found: strangers learn nothing of it. */
enum err call_may(struct call *c, int64_t shop_id, enum action what) NODISCARD;
bool call_is_staff(const struct call *c, int64_t shop_id);
/* If-Match: "<version>". ERR_INPUT */
enum err call_if_match(struct call *c, int64_t *ret_version) NODISCARD;
/* ?limit=, 0 when it is not given. ERR_INPUT */
enum err call_limit(struct call *c, int max, int *ret_limit) NODISCARD;
/* Who does it, and from where; `object` is a public id. */
struct audit call_audit(const struct call *c, int64_t shop_id, const char *action,
                        const char *object);
/* What it was before and after, NULL for nothing. Takes the references. ERR_NO_MEMORY */
enum err call_note(struct call *c, json_t *before, json_t *after, struct audit *a) NODISCARD;

/* ---- buyers (idem.c, api_cart.c) ---- */

/* The Idempotency-Key of this request: 1..64 of [A-Za-z0-9_-]. ERR_INPUT: missing, or not so. */
enum err call_idem(struct call *c, const char **ret_key) NODISCARD;
/*
 * Be somebody: a browser without a session becomes a guest with a neutral name. The answer then has
 * the session's cookie and X-CSRF-Token, which the page must send from now on. ERR_SLOW_DOWN
 */
enum err call_need_viewer(struct call *c) NODISCARD;

/* ---- privacy (api_privacy.c) ---- */

/* What a sign-up said yes to: {"terms":true,...}; NULL: nothing. Failing is logged. */
void call_sign_up_consents(struct call *c, int64_t viewer_id, const char *lang, const json_t *said);

/* What was put into a cart, with the cart as it is now. */
struct added {
    const char *line_public; /* or NULL */
    int64_t shop_id;
    const char *market;
    int64_t asked, qty, until_ms;
    bool limited; /* why it is fewer: more than one buyer may have */
};
enum err answer_added(struct call *c, int status, const struct added *a) NODISCARD;

/* ---- api_claim.c ---- */

struct claim_ask;
/* claim_tap() of who calls, in a market; *ret_claim is the caller's. */
enum err call_claim(struct call *c, const struct claim_ask *ask, const char *market,
                    json_t **ret_claim, bool *ret_again) NODISCARD;

/* ---- api_login.c ---- */

struct login_back;
struct login_who;
/* The browser's key of its open logins, or NULL; `posted`: the one that comes with a foreign form.
 */
const char *login_browser(const struct call *c, bool posted);
/* What a provider's answer comes to: 303, with a session or with an error code. */
enum err login_come_back(struct call *c, struct login_back *back) NODISCARD;
/* Somebody was proved without a way there and back (LIFF): a session, answered as Session 201. */
enum err login_answer_session(struct call *c, const struct login_who *who) NODISCARD;

/* Staff tried to change what their role may not: a row in the audit log. Keeps cx->problem. */
void call_note_refusal(struct call *c);
/* Shows that have this product hear that it has changed; failing to tell them is logged. */
void call_product_changed(struct call *c, const char *product);
void call_prices_changed(struct call *c, const char *product);

/* ---- answers (answer.c) ---- */

/* JSON, no-store. Takes the reference; NULL is ERR_NO_MEMORY. */
enum err answer_json(struct call *c, int status, json_t *body) NODISCARD;
enum err answer_empty(struct call *c, int status) NODISCARD;
/* The problem document of an error. */
void answer_problem(struct call *c, enum err e);
/* The Me document of who is signed on. */
enum err answer_me(struct call *c) NODISCARD;
/* {"kind","viewer","market","staff","csrf","proved_until"}; NULL: out of memory. */
json_t *session_json(const struct call *c);
void add_security_headers(struct http_req *req, const struct api *a, bool page);

/* ---- handlers, by routes.def ---- */

#define R(method, path, who, guard, pace, handler, body_max, body, status, answer, summary) \
    enum err handler(struct call *c) NODISCARD;
#include "api/routes.def"
#undef R

/* Pages (page.c): the app's routes, assets, 404. On workers and loops. */
void page_asset(struct http_req *req);
enum err page_get(struct call *c) NODISCARD;
struct show_link;
/* Link preview of the product that the path names (page_product.c), if strangers may see it. */
enum err page_product(struct call *c, const char *lang, bool *ret_found,
                      struct show_link *ret_link) NODISCARD;

struct pages;
enum err pages_make(struct cx *cx, const char *web_dir, struct pages **ret_pages) NODISCARD;
void pages_free(struct pages *p);

struct events;
enum err events_make(struct api *a, struct events **ret_events) NODISCARD;
void events_free(struct events *e);

struct api_counters {
    _Atomic int64_t webhook_ok, webhook_forged, upstream_calls, upstream_errors;
};

enum { CSP_MAX = 8192, PATHS_MAX = 384 };

struct api {
    struct api_setup set; /* texts copied */
    char public_url[512], media_origins[512], file_origins[512], ca_url[512], webhook_secret[512];
    char notify_secret[512];
    char pay_script[600], pay_connect[600], pay_frame[600], pay_form[600], pay_img[600];
    char csp[CSP_MAX];
    bool https; /* by the public URL */
    struct pages *pages;
    struct events *events;
    struct http_route table[PATHS_MAX];
    struct api_counters count;
    struct log_pace forged_log;
};
