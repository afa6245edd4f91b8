/*
 * s3_sign - AWS Signature Version 4 for S3, as R2 checks it. Pure: no clock, no network. Private to
 * cloud.
 *
 * Why our own: curl 7.88's signer fails on `= + ( )` in keys, unsorted queries and "?uploads".
 * Source:  AWS "Authenticating Requests (AWS Signature Version 4)"; R2: the path is signed exactly
 *          as it is sent, encoded once.
 */
#pragma once
#include "base/buf.h"

struct s3_pair {
    const char *name, *value; /* plain, not encoded */
};

enum {
    S3_PAIRS_MAX = 24,
    S3_DATE_TEXT = 20, /* "20261122T091500Z" */
    S3_SIGNATURE_TEXT = 65,
    S3_SCOPE_TEXT = 80,
    S3_URL_MAX = 8192
};

struct s3_credentials {
    const char *access_key, *secret_key;
    const char *region; /* "auto" */
};

/* What is signed. Header names are in lower case; "host" is one of them. */
struct s3_signed {
    const char *method;
    const char *path; /* as sent: encoded, without the query */
    const struct s3_pair *query;
    size_t query_n;
    const struct s3_pair *headers;
    size_t header_n;
    const char *payload; /* hex of the body's SHA-256, or S3_UNSIGNED */
    int64_t now_ms;
};
#define S3_UNSIGNED "UNSIGNED-PAYLOAD"

/* RFC 3986: all but letters, digits and "-_.~" as %XX; of a path '/' stays as well. */
void s3_encode(struct buf *out, const char *text, bool path);
/* "a=1&b=", sorted and encoded as it is signed, which is also how it may be sent. */
void s3_query_text(struct buf *out, const struct s3_pair *query, size_t n);
void s3_date(int64_t now_ms, char out[S3_DATE_TEXT]);
/* "20261122/auto/s3/aws4_request" */
void s3_scope(const struct s3_credentials *c, int64_t now_ms, char out[S3_SCOPE_TEXT]);
/* "host;x-amz-date" */
void s3_signed_names(struct buf *out, const struct s3_pair *headers, size_t n);

/* ERR_NO_MEMORY: over S3_PAIRS_MAX, or too long. */
enum err s3_signature(const struct s3_credentials *c, const struct s3_signed *ask,
                      char ret_signature[S3_SIGNATURE_TEXT]) NODISCARD;
/*
 * Append "?…&X-Amz-Signature=…" to `url`, which ends with ask->path: good for `seconds` from
 * ask->now_ms. The signed headers must be sent by who uses it (a browser sends host and
 * content-length by itself).
 */
enum err s3_presign_query(const struct s3_credentials *c, const struct s3_signed *ask,
                          int64_t seconds, struct buf *url) NODISCARD;
