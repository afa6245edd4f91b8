/* s3_in - one exchange with a bucket: signing, retries, errors. Private to cloud. */
#pragma once
#include "cloud/s3.h"
#include "cloud/s3_sign_in.h"
#include "net/client.h"

enum { S3_CALL_PAIRS = 8 };

struct s3_call {
    const char *method;
    const char *key; /* NULL: the bucket itself */
    struct s3_pair query[S3_CALL_PAIRS];
    size_t query_n;
    struct s3_pair headers[S3_CALL_PAIRS]; /* names in lower case; host and dates are added */
    size_t header_n;
    const struct s3_body *body; /* NULL: none */
    size_t answer_max;          /* 0: 64 KiB */
    /* Instead of collecting a good answer: where it goes, from its beginning. */
    struct s3_sink *sink;
};

struct s3_sink {
    int fd;
    uint64_t len, max;
    bool failed, too_large; /* the file did not take it; more than max */
};

/* ERR_OK for 2xx: then the caller reads, and ends, *ret_answer. After an error there is none. */
enum err s3_do(struct s3 *s, struct cx *cx, const struct s3_call *call,
               struct client_answer *ret_answer) NODISCARD;
/* For those that want no answer. */
enum err s3_do_quietly(struct s3 *s, struct cx *cx, const struct s3_call *call) NODISCARD;

/* What an answer that is no success means (s3_error.c). */
enum err s3_refused(struct cx *cx, const struct client_answer *a);
/* The same by the code that R2 names: an answer of 200 may hold an error, too. */
enum err s3_refused_by(struct cx *cx, const struct client_answer *a, const char *code,
                       const char *message);

/* "/path/of/endpoint/bucket/key", encoded. */
enum err s3_path(const struct s3 *s, const char *key, struct buf *out) NODISCARD;
struct s3_credentials s3_credentials_of(const struct s3 *s);
const char *s3_host(const struct s3 *s); /* as the Host field has it */

/* Code and message of <Error>; "" where there is none. Texts in cx->arena. */
void s3_read_error(struct cx *cx, const char *body, size_t len, const char **ret_code,
                   const char **ret_message);
enum err s3_read_page(struct cx *cx, const char *body, size_t len,
                      struct s3_page *ret_page) NODISCARD;
/* The text of the element `name` below the root, copied. ERR_UPSTREAM: not there, or too long. */
enum err s3_read_text(struct cx *cx, const char *body, size_t len, const char *name, char *out,
                      size_t size) NODISCARD;
