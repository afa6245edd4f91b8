/* What a bucket says went wrong, as our own errors. Source: R2 "Error codes". */
#include "base/clock.h"
#include "base/text.h"
#include "cloud/s3_in.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MESSAGE_SHOWN = 90 };

static const struct {
    const char *code;
    enum err e;
} known[] = {
    {"NoSuchKey", ERR_NOT_FOUND},
    {"NoSuchUpload", ERR_NOT_FOUND},
    {"Unauthorized", ERR_FORBIDDEN},
    {"InvalidAccessKeyId", ERR_FORBIDDEN},
    {"AccessDenied", ERR_FORBIDDEN},
    {"SignatureDoesNotMatch", ERR_FORBIDDEN},
    {"ExpiredRequest", ERR_FORBIDDEN},
    {"NotEntitled", ERR_FORBIDDEN},
    {"ObjectLockedByBucketPolicy", ERR_FORBIDDEN},
    {"RequestTimeTooSkewed", ERR_FORBIDDEN},
    {"PreconditionFailed", ERR_PRECONDITION},
    {"InvalidRange", ERR_INPUT},
    {"EntityTooLarge", ERR_TOO_LARGE},
    {"TooManyRequests", ERR_SLOW_DOWN},
};

/* By status alone: HEAD has no body. */
static enum err by_status(int status)
{
    switch (status) {
    case 401:
    case 403: return ERR_FORBIDDEN;
    case 404: return ERR_NOT_FOUND;
    case 412: return ERR_PRECONDITION;
    case 416: return ERR_INPUT;
    case 429: return ERR_SLOW_DOWN;
    default: return ERR_UPSTREAM;
    }
}

/* How far our clock is from theirs, by the answer's Date; 0: it does not say. */
static int64_t skew_s(struct cx *cx, const struct client_answer *a)
{
    char text[64];
    struct tm tm = {0};
    if (!client_answer_header(a, "date", text, sizeof text) ||
        !strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm))
        return 0;
    return cx->now_ms / 1000 - (int64_t)timegm(&tm);
}

/* Of a stranger's text what can stand in a line. */
static void printable(const char *from, char *out, size_t size)
{
    size_t n = 0;
    for (; *from && n + 1 < size; from++)
        if (*from >= 0x20 && *from < 0x7f)
            out[n++] = *from;
    out[n] = '\0';
}

enum err s3_refused_by(struct cx *cx, const struct client_answer *a, const char *code,
                       const char *message)
{
    char name[48], said[MESSAGE_SHOWN];
    enum err e = by_status(a->status);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].code, code) == 0)
            e = known[i].e;
    if (strcmp(code, "NoSuchBucket") == 0)
        return problem(cx, ERR_UPSTREAM, "the bucket does not exist (NoSuchBucket)");
    if (strcmp(code, "RequestTimeTooSkewed") == 0)
        return problem(cx, e,
                       "the bucket refuses our clock: it is %lld s away from theirs"
                       " (RequestTimeTooSkewed)",
                       (long long)skew_s(cx, a));
    printable(code, name, sizeof name);
    printable(message, said, sizeof said);
    return problem(cx, e, "the bucket answered %d %s%s%s", a->status, name, said[0] ? ": " : "",
                   said);
}

enum err s3_refused(struct cx *cx, const struct client_answer *a)
{
    const char *code, *message;
    s3_read_error(cx, a->body.data, a->body.len, &code, &message);
    return s3_refused_by(cx, a, code, message);
}
