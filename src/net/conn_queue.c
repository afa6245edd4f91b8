#include "net/conn_queue.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { IOV_MAX_HERE = 64, TLS_RECORD = 16 << 10, FILE_STEP = 512 << 10 };

struct seg {
    struct seg *next;
    void *own;                /* HEAP: to free; BYTES: to unref */
    const unsigned char *mem; /* COPY, HEAP, BYTES: next byte */
    uint64_t off;             /* FILE: next byte */
    uint64_t len;             /* left */
    int fd;
    enum piece_kind kind;
    unsigned char copy[];
};

/* For calls that only read but say void *, and for memory that was given to us to free. */
static void *unconst(const void *p)
{
    void *q;
    memcpy(&q, &p, sizeof q);
    return q;
}

static const unsigned char *piece_mem(const struct piece *p)
{
    const unsigned char *base = p->kind == PIECE_BYTES ? p->bytes->data : p->mem;
    return base + p->off;
}

static void dispose_piece(const struct piece *p)
{
    if (p->kind == PIECE_FILE) {
        (void)close(p->fd);
    } else if (p->kind == PIECE_HEAP) {
        free(unconst(p->mem));
    }
}

void outq_dispose(const struct piece *pieces, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dispose_piece(&pieces[i]);
}

static void seg_free(struct seg *s)
{
    if (s->kind == PIECE_HEAP)
        free(s->own);
    else if (s->kind == PIECE_BYTES)
        bytes_unref(s->own);
    else if (s->kind == PIECE_FILE)
        (void)close(s->fd);
    free(s);
}

void outq_clear(struct outq *q)
{
    while (q->first) {
        struct seg *s = q->first;
        q->first = s->next;
        seg_free(s);
    }
    *q = (struct outq){0};
}

/* ---- sending ---- */

static enum outq_result failed(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK ? OUTQ_AGAIN : OUTQ_BROKEN;
}

static enum outq_result send_iov(int fd, struct iovec *iov, size_t n, bool more, uint64_t *ret_sent)
{
    struct msghdr m = {.msg_iov = iov, .msg_iovlen = n};
    uint64_t want = 0;
    for (size_t i = 0; i < n; i++)
        want += iov[i].iov_len;
    ssize_t sent;
    do
        sent = sendmsg(fd, &m, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
    while (sent < 0 && errno == EINTR);
    *ret_sent = sent > 0 ? (uint64_t)sent : 0;
    if (sent < 0)
        return failed();
    return (uint64_t)sent < want ? OUTQ_AGAIN : OUTQ_DONE;
}

/* One TLS record at most; a retry after AGAIN gives the same bytes again, or more of them. */
static enum outq_result send_record(SSL *ssl, const void *data, size_t len, uint64_t *ret_sent)
{
    size_t n = 0;
    ERR_clear_error();
    int ok = SSL_write_ex(ssl, data, len, &n);
    *ret_sent = ok ? n : 0;
    if (ok)
        return OUTQ_DONE;
    int e = SSL_get_error(ssl, ok);
    ERR_clear_error();
    return e == SSL_ERROR_WANT_WRITE || e == SSL_ERROR_WANT_READ ? OUTQ_AGAIN : OUTQ_BROKEN;
}

static _Thread_local unsigned char record[TLS_RECORD];

static enum outq_result direct_tls(SSL *ssl, const struct piece *pieces, size_t n,
                                   uint64_t *ret_sent)
{
    size_t len = 0;
    for (size_t i = 0; i < n && pieces[i].kind != PIECE_FILE && len < TLS_RECORD; i++) {
        size_t part = pieces[i].len < TLS_RECORD - len ? pieces[i].len : TLS_RECORD - len;
        if (part)
            memcpy(record + len, piece_mem(&pieces[i]), part);
        len += part;
    }
    *ret_sent = 0;
    return len ? send_record(ssl, record, len, ret_sent) : OUTQ_DONE;
}

enum outq_result outq_direct(int fd, struct ssl_st *ssl, const struct piece *pieces, size_t n,
                             uint64_t *ret_sent)
{
    if (ssl)
        return direct_tls(ssl, pieces, n, ret_sent);
    struct iovec iov[IOV_MAX_HERE];
    size_t k = 0;
    for (; k < n && k < IOV_MAX_HERE && pieces[k].kind != PIECE_FILE; k++) {
        iov[k].iov_base = unconst(piece_mem(&pieces[k]));
        iov[k].iov_len = pieces[k].len;
    }
    *ret_sent = 0;
    return k ? send_iov(fd, iov, k, k < n, ret_sent) : OUTQ_DONE;
}

/* Up to one record of what is queued, files read in; 0 with BROKEN when a file is short. */
static enum outq_result gather(const struct outq *q, size_t *ret_len)
{
    size_t len = 0;
    for (const struct seg *s = q->first; s && len < TLS_RECORD; s = s->next) {
        size_t part = s->len < TLS_RECORD - len ? s->len : TLS_RECORD - len;
        if (s->kind != PIECE_FILE)
            memcpy(record + len, s->mem, part);
        else if (pread(s->fd, record + len, part, (off_t)s->off) != (ssize_t)part)
            return OUTQ_BROKEN;
        len += part;
    }
    *ret_len = len;
    return OUTQ_DONE;
}

static enum outq_result flush_plain(struct outq *q, int fd, uint64_t *ret_sent)
{
    const struct seg *f = q->first;
    *ret_sent = 0;
    if (f->kind == PIECE_FILE) {
        off_t off = (off_t)f->off;
        ssize_t n;
        do
            n = sendfile(fd, f->fd, &off, f->len < FILE_STEP ? f->len : FILE_STEP);
        while (n < 0 && errno == EINTR);
        if (n < 0)
            return failed();
        *ret_sent = (uint64_t)n;
        return n ? OUTQ_DONE : OUTQ_BROKEN; /* 0: the file ended early */
    }
    struct iovec iov[IOV_MAX_HERE];
    size_t k = 0;
    const struct seg *s = f;
    for (; s && k < IOV_MAX_HERE && s->kind != PIECE_FILE; s = s->next, k++) {
        iov[k].iov_base = unconst(s->mem);
        iov[k].iov_len = s->len;
    }
    return send_iov(fd, iov, k, s != NULL, ret_sent);
}

static void drop_sent(struct outq *q, uint64_t n)
{
    while (q->first && (n || !q->first->len)) {
        struct seg *s = q->first;
        uint64_t part = n < s->len ? n : s->len;
        n -= part;
        s->len -= part;
        if (s->kind == PIECE_FILE) {
            s->off += part;
        } else {
            s->mem += part;
            q->mem_bytes -= part;
        }
        if (s->len)
            return;
        q->first = s->next;
        if (!q->first)
            q->last = NULL;
        seg_free(s);
    }
}

enum outq_result outq_flush(struct outq *q, int fd, struct ssl_st *ssl, uint64_t *ret_sent)
{
    enum outq_result r = OUTQ_DONE;
    *ret_sent = 0;
    while (q->first && r == OUTQ_DONE) {
        uint64_t sent = 0;
        size_t len = 0;
        if (!ssl)
            r = flush_plain(q, fd, &sent);
        else if ((r = gather(q, &len)) == OUTQ_DONE)
            r = send_record(ssl, record, len, &sent);
        drop_sent(q, sent);
        *ret_sent += sent;
    }
    return r;
}

/* ---- queueing ---- */

static struct seg *seg_make(const struct piece *p, uint64_t skip)
{
    uint64_t len = p->len - skip;
    struct seg *s = malloc(sizeof *s + (p->kind == PIECE_COPY ? len : 0));
    if (!s)
        return NULL;
    *s = (struct seg){.kind = p->kind, .fd = -1, .len = len};
    switch (p->kind) {
    case PIECE_COPY:
        memcpy(s->copy, piece_mem(p) + skip, len);
        s->mem = s->copy;
        break;
    case PIECE_HEAP:
        s->own = unconst(p->mem);
        s->mem = piece_mem(p) + skip;
        break;
    case PIECE_BYTES:
        s->own = bytes_ref(p->bytes);
        s->mem = piece_mem(p) + skip;
        break;
    case PIECE_FILE:
        s->fd = p->fd;
        s->off = p->off + skip;
        break;
    }
    return s;
}

static bool add_one(struct outq *q, const struct piece *p, uint64_t skip)
{
    struct seg *s = seg_make(p, skip);
    if (!s)
        return false;
    if (q->last)
        q->last->next = s;
    else
        q->first = s;
    q->last = s;
    if (p->kind != PIECE_FILE)
        q->mem_bytes += s->len;
    return true;
}

bool outq_add(struct outq *q, const struct piece *pieces, size_t n, uint64_t sent)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t skip = sent < pieces[i].len ? sent : pieces[i].len;
        sent -= skip;
        if (skip == pieces[i].len) {
            dispose_piece(&pieces[i]);
        } else if (!add_one(q, &pieces[i], skip)) {
            outq_dispose(pieces + i, n - i);
            return false;
        }
    }
    return true;
}
