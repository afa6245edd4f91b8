#include "login/signed_request.h"

#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"

#include <string.h>

/* ERR_INPUT: no such shape; ERR_FORBIDDEN: not signed with this secret. */
static enum err check_signature(struct cx *cx, const char *secret, const char *text, size_t len,
                                const char **ret_second, size_t *ret_second_len)
{
    unsigned char said[SHA256_LEN], right[SHA256_LEN];
    size_t said_len = 0;
    const char *dot = len <= SIGNED_REQUEST_MAX ? memchr(text, '.', len) : NULL;
    if (!dot)
        return problem(cx, ERR_INPUT, "signed_request must be two parts");
    const char *second = dot + 1;
    size_t second_len = len - (size_t)(second - text);
    if (crypto_unbase64url(text, (size_t)(dot - text), said, sizeof said, &said_len))
        return problem(cx, ERR_INPUT, "signed_request's signature is not base64url of 32 bytes");
    crypto_hmac_sha256(secret, strlen(secret), second, second_len, right);
    if (!crypto_same(said, said_len, right, sizeof right))
        return problem(cx, ERR_FORBIDDEN, "signed_request is not signed with the app's secret");
    *ret_second = second;
    *ret_second_len = second_len;
    return ERR_OK;
}

static bool is_number(const char *s)
{
    size_t n = strlen(s);
    return n && n < SIGNED_USER_MAX && strspn(s, "0123456789") == n;
}

static enum err check_time(struct cx *cx, int64_t issued_s, int64_t expires_s)
{
    int64_t now_s = cx->now_ms / 1000;
    if (issued_s > now_s + SIGNED_AHEAD_S)
        return problem(cx, ERR_FORBIDDEN, "signed_request is from the future");
    if (issued_s < now_s - SIGNED_AGE_MAX_S || (expires_s && expires_s <= now_s))
        return problem(cx, ERR_FORBIDDEN, "signed_request is too old");
    return ERR_OK;
}

static enum err read_fields(struct cx *cx, const json_t *o, struct signed_request *ret_request)
{
    const char *user = "", *algorithm = "";
    int64_t issued_s = 0, expires_s = 0;
    const int64_t far_s = INT64_MAX / 2000;
    enum err e = json_need_text(cx, o, "algorithm", 1, 32, &algorithm);
    if (!e && !text_same_nocase(algorithm, "HMAC-SHA256"))
        e = problem(cx, ERR_FORBIDDEN, "signed_request is of another algorithm");
    if (!e)
        e = json_need_text(cx, o, "user_id", 1, SIGNED_USER_MAX - 1, &user);
    if (!e && !is_number(user))
        e = problem(cx, ERR_INPUT, "'user_id' must be digits");
    if (!e)
        e = json_need_i64(cx, o, "issued_at", 1, far_s, &issued_s);
    if (!e)
        e = json_opt_i64(cx, o, "expires", 0, far_s, &expires_s);
    if (!e)
        e = check_time(cx, issued_s, expires_s);
    if (e)
        return e;
    (void)text_copy(ret_request->user_id, sizeof ret_request->user_id, user);
    ret_request->issued_ms = issued_s * 1000;
    return ERR_OK;
}

enum err signed_request_read(struct cx *cx, const char *app_secret, const char *text, size_t len,
                             struct signed_request *ret_request)
{
    char plain[SIGNED_REQUEST_MAX];
    const char *second = NULL;
    size_t second_len = 0, n = 0;
    json_t *o = NULL;
    enum err e = check_signature(cx, app_secret, text, len, &second, &second_len);
    if (!e && crypto_unbase64url(second, second_len, plain, sizeof plain, &n))
        e = problem(cx, ERR_INPUT, "signed_request's data is not base64url");
    if (!e)
        e = json_read_object(cx, plain, n, &o);
    if (!e)
        e = read_fields(cx, o, ret_request);
    json_decref(o);
    return e;
}
