/* Raw connections, as RTMP ingest uses them: echo, limits, deadlines; TCP and TLS. */
#include "base/crypto.h"
#include "base/test.h"
#include "net/conn.h"
#include "net/listen.h"
#include "net/loop.h"
#include "net/net_testkit.h"
#include "net/tls.h"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct loops *loops;
static atomic_int opened, closed, drained, eofs, last_why;
static atomic_size_t offered_most;

struct echo {
    int started;
};

/* Lines: "+text" is echoed; "quit" finishes; "drop" closes; "keep" is never taken. */
static size_t on_data(struct conn *c, void *owner, const unsigned char *data, size_t len)
{
    struct echo *e = owner;
    assert_int_equal(e->started, 1);
    if (len > offered_most)
        offered_most = len;
    size_t used = 0;
    const unsigned char *lf;
    while (!conn_closing(c) && (lf = memchr(data + used, '\n', len - used))) {
        size_t line = (size_t)(lf + 1 - data) - used;
        if (memcmp(data + used, "keep", 4) == 0)
            break;
        if (memcmp(data + used, "quit", 4) == 0)
            conn_finish(c);
        else if (memcmp(data + used, "drop", 4) == 0)
            conn_close(c);
        else if (memcmp(data + used, "wait", 4) == 0)
            conn_deadline(c, 50);
        else
            (void)conn_send(c, &PIECE_OF(data + used, line), 1);
        used += line;
    }
    return used;
}

static void on_drained(struct conn *c, void *owner)
{
    (void)c;
    (void)owner;
    drained++;
}

static void on_eof(struct conn *c, void *owner)
{
    (void)owner;
    eofs++;
    if (!conn_peer_done(c))
        return;
    (void)conn_send(c, &PIECE_OF("eof\n", 4), 1);
    conn_finish(c);
}

static void on_deadline(struct conn *c, void *owner)
{
    (void)owner;
    (void)conn_send(c, &PIECE_OF("late\n", 5), 1);
}

static void on_closed(struct conn *c, void *owner, enum conn_end why)
{
    (void)owner;
    assert_true(conn_closing(c));
    assert_true(loop_here() == conn_loop(c));
    last_why = (int)why;
    closed++;
}

static const struct conn_ops ops = {on_data, on_drained, on_eof, on_deadline, on_closed};

static void on_conn(struct conn *c, void *owner, void *arg)
{
    struct echo *e = owner;
    assert_string_equal(arg, "arg");
    assert_ptr_equal(conn_owner(c), owner);
    assert_int_equal(e->started, 0);
    e->started = 1;
    opened++;
}

static char arg_text[] = "arg";

static struct listener *listen_with(struct listen_opts o, struct addr *ret_addr)
{
    char why[LISTEN_WHY] = "";
    struct listener *l = NULL;
    o.addr = o.addr ? o.addr : "127.0.0.1:0";
    o.ops = &ops;
    o.owner_size = sizeof(struct echo);
    o.arg = arg_text;
    o.on_conn = on_conn;
    enum err e = listen_open(loops, &o, why, &l);
    assert_string_equal(why, "");
    assert_int_equal(e, ERR_OK);
    *ret_addr = *listen_addr(l);
    assert_true(ret_addr->port != 0);
    opened = closed = drained = eofs = 0;
    offered_most = 0;
    return l;
}

static int start(void **state)
{
    (void)state;
    assert_int_equal(crypto_init(), ERR_OK);
    loops = loops_make(2);
    assert_non_null(loops);
    assert_int_equal(loops_start(loops), ERR_OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    loops_stop(loops);
    loops_free(loops);
    return 0;
}

static bool closed_is(void *arg)
{
    return closed == *(int *)arg;
}

static void wait_closed(int n)
{
    kit_wait(closed_is, &n);
}

static void talk(struct kit_peer *p)
{
    kit_send(p, "+one\n+two\n+thr");
    assert_true(kit_read_until(p, "+two\n"));
    kit_send(p, "ee\n");
    assert_true(kit_read_until(p, "+three\n"));
    kit_send(p, "wait\n");
    assert_true(kit_read_until(p, "late\n"));
    kit_send(p, "+bye\nquit\n+never\n");
    assert_true(kit_ends(p));
    assert_string_equal(p->got, "+one\n+two\n+three\nlate\n+bye\n");
    kit_hang_up(p);
}

static void conn__echoes_and_finishes(void **state)
{
    (void)state;
    struct addr a;
    struct listener *l = listen_with((struct listen_opts){0}, &a);
    struct kit_peer p;
    kit_dial(&p, &a);
    talk(&p);
    wait_closed(1);
    assert_int_equal(last_why, CONN_END_US);
    kit_dial(&p, &a);
    kit_send(&p, "drop\n");
    assert_true(kit_ends(&p));
    kit_hang_up(&p);
    wait_closed(2);
    kit_dial(&p, &a);
    kit_send(&p, "+x\n");
    kit_half_close(&p);
    assert_true(kit_read_until(&p, "eof\n"));
    assert_true(kit_ends(&p));
    kit_hang_up(&p);
    wait_closed(3);
    listen_free(l);
    assert_int_equal(opened, 3);
}

static void conn__ipv6(void **state)
{
    (void)state;
    struct addr a;
    struct listener *l = listen_with((struct listen_opts){.addr = "[::1]:0"}, &a);
    struct kit_peer p;
    kit_dial(&p, &a);
    talk(&p);
    listen_free(l);
}

static bool offered_is(void *arg)
{
    return offered_most >= *(size_t *)arg;
}

static void input__is_bounded_while_it_is_not_taken(void **state)
{
    (void)state;
    struct addr a;
    struct listener *l = listen_with((struct listen_opts){.in_max = 5000}, &a);
    struct kit_peer p;
    char text[4096];
    memset(text, 'x', sizeof text);
    kit_dial(&p, &a);
    int flags = fcntl(p.fd, F_GETFL);
    kit_send(&p, "keep\n");
    assert_int_equal(fcntl(p.fd, F_SETFL, flags | O_NONBLOCK), 0);
    while (kit_try_send(&p, text, sizeof text))
        ; /* until the socket is full: the server does not read */
    size_t all = 5000;
    kit_wait(offered_is, &all);
    assert_int_equal(offered_most, all);
    kit_hang_up(&p);
    listen_free(l);
    assert_int_equal(closed, 1);
}

static void output__over_its_maximum_ends_the_connection(void **state)
{
    (void)state;
    struct addr a;
    struct listener *l = listen_with((struct listen_opts){.out_max = 100000}, &a);
    struct kit_peer p;
    char text[10000];
    int small = 4096;
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\n';
    kit_dial(&p, &a);
    assert_int_equal(setsockopt(p.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    for (int i = 0; i < 10000 && kit_try_send(&p, text, sizeof text); i++)
        if (closed)
            break;
    wait_closed(1);
    assert_int_equal(last_why, CONN_END_FULL);
    kit_hang_up(&p);
    listen_free(l);
}

static void reader__that_stalls_is_closed_and_one_that_goes_on_is_not(void **state)
{
    (void)state;
    struct addr a;
    struct listener *l = listen_with(
        (struct listen_opts){.out_max = 64 << 20, .stall_ms = 300, .in_max = 1 << 20}, &a);
    struct kit_peer p;
    enum { LEN = 400000, ROUNDS = 20 };
    char *text = malloc(LEN);
    assert_non_null(text);
    memset(text, 'x', LEN);
    text[LEN - 1] = '\n';
    kit_dial(&p, &a);
    for (int i = 0; i < ROUNDS; i++)
        kit_send_bytes(&p, text, LEN);
    for (size_t n = 0; n < ROUNDS; n++) { /* slower than it is sent, with pauses under 300 ms */
        (void)usleep(30000);
        assert_true(kit_read_len(&p, (n + 1) * LEN));
    }
    assert_int_equal(closed, 0);
    assert_true(drained > 0);
    for (int i = 0; i < ROUNDS; i++)
        kit_send_bytes(&p, text, LEN);
    wait_closed(1);
    assert_int_equal(last_why, CONN_END_STALLED);
    kit_hang_up(&p);
    listen_free(l);
    free(text);
}

static void address__over_its_maximum_is_turned_away(void **state)
{
    (void)state;
    struct addr a;
    struct listener *l =
        listen_with((struct listen_opts){.per_addr_max = 3, .count_loopback = true}, &a);
    struct kit_peer p[4];
    for (int i = 0; i < 3; i++) {
        kit_dial(&p[i], &a);
        kit_send(&p[i], "+x\n");
        assert_true(kit_read_until(&p[i], "+x\n"));
    }
    kit_dial(&p[3], &a);
    assert_true(kit_ends(&p[3]));
    assert_int_equal(listen_refused(l), 1);
    assert_int_equal(listen_conns(l), 3);
    for (int i = 0; i < 4; i++)
        kit_hang_up(&p[i]);
    wait_closed(3);
    kit_dial(&p[0], &a);
    kit_send(&p[0], "+y\n");
    assert_true(kit_read_until(&p[0], "+y\n"));
    kit_hang_up(&p[0]);
    listen_free(l);
}

static void listen__says_what_is_wrong(void **state)
{
    (void)state;
    struct addr a;
    char why[LISTEN_WHY], text[ADDR_TEXT];
    struct listener *l = listen_with((struct listen_opts){0}, &a), *second;
    addr_text_port(&a, text);
    struct listen_opts o = {.addr = text, .ops = &ops};
    assert_int_equal(listen_open(loops, &o, why, &second), ERR_EXISTS);
    assert_non_null(strstr(why, text));
    assert_non_null(strstr(why, "in use"));
    o.addr = "localhost:80";
    assert_int_equal(listen_open(loops, &o, why, &second), ERR_INPUT);
    assert_non_null(strstr(why, "'localhost:80'"));
    listen_free(l);
}

static void drop__closes_what_is_open(void **state)
{
    (void)state;
    struct addr a;
    struct listener *l = listen_with((struct listen_opts){0}, &a);
    struct kit_peer p[5];
    for (int i = 0; i < 5; i++) {
        kit_dial(&p[i], &a);
        kit_send(&p[i], "+x\n");
        assert_true(kit_read_until(&p[i], "+x\n"));
    }
    listen_free(l);
    assert_int_equal(closed, 5);
    assert_int_equal(last_why, CONN_END_SHUTDOWN);
    for (int i = 0; i < 5; i++) {
        assert_true(kit_ends(&p[i]));
        kit_hang_up(&p[i]);
    }
}

/* ---- TLS ---- */

static char cert[40], key[40];

static struct tls *make_tls(void)
{
    struct tls *t = NULL;
    char why[TLS_WHY] = "";
    (void)snprintf(cert, sizeof cert, "/tmp/nm-net-cert-XXXXXX");
    (void)snprintf(key, sizeof key, "/tmp/nm-net-key-XXXXXX");
    (void)close(mkstemp(cert));
    (void)close(mkstemp(key));
    kit_cert(cert, key, "one");
    enum err e = tls_make(cert, key, why, &t);
    assert_string_equal(why, "");
    assert_int_equal(e, ERR_OK);
    return t;
}

static void tls_done(struct tls *t)
{
    tls_free(t);
    (void)unlink(cert);
    (void)unlink(key);
}

static void tls__1_2_and_1_3(void **state)
{
    (void)state;
    struct tls *t = make_tls();
    struct addr a;
    struct listener *l = listen_with((struct listen_opts){.tls = t}, &a);
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    for (int i = 0; i < 2; i++) {
        struct kit_peer p;
        kit_dial_tls(&p, &a, versions[i]);
        talk(&p);
    }
    listen_free(l);
    tls_done(t);
}

static void tls__carries_much_both_ways(void **state)
{
    (void)state;
    struct tls *t = make_tls();
    struct addr a;
    struct listener *l =
        listen_with((struct listen_opts){.tls = t, .in_max = 1 << 20, .out_max = 64 << 20}, &a);
    enum { LEN = 300001, ROUNDS = 10 };
    char *text = malloc(LEN);
    assert_non_null(text);
    for (size_t i = 0; i < LEN - 1; i++)
        text[i] = (char)('a' + i % 23);
    text[LEN - 1] = '\n';
    struct kit_peer p;
    kit_dial_tls(&p, &a, TLS1_3_VERSION);
    for (int i = 0; i < ROUNDS; i++)
        kit_send_bytes(&p, text, LEN);
    assert_true(kit_read_len(&p, (size_t)LEN * ROUNDS));
    for (size_t i = 0; i < ROUNDS; i++)
        assert_memory_equal(p.got + i * LEN, text, LEN);
    kit_hang_up(&p);
    listen_free(l);
    tls_done(t);
    free(text);
}

static void tls__plain_bytes_end_the_connection(void **state)
{
    (void)state;
    struct tls *t = make_tls();
    struct addr a;
    struct listener *l = listen_with((struct listen_opts){.tls = t}, &a);
    struct kit_peer p;
    kit_dial(&p, &a);
    kit_send(&p, "GET / HTTP/1.1\r\n\r\n");
    assert_true(kit_ends(&p));
    kit_hang_up(&p);
    wait_closed(1);
    assert_int_equal(last_why, CONN_END_PEER);
    listen_free(l);
    tls_done(t);
}

static void peer_name(struct kit_peer *p, char out[64])
{
    X509 *x = SSL_get1_peer_certificate(p->ssl);
    assert_non_null(x);
    assert_true(X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, out, 64) > 0);
    X509_free(x);
}

static void tls__reload_serves_the_new_certificate(void **state)
{
    (void)state;
    struct tls *t = make_tls();
    struct addr a;
    struct listener *l = listen_with((struct listen_opts){.tls = t}, &a);
    struct kit_peer old, fresh;
    char why[TLS_WHY], name[64];
    kit_dial_tls(&old, &a, TLS1_3_VERSION);
    kit_cert(cert, key, "two");
    assert_int_equal(tls_reload(t, why), ERR_OK);
    kit_dial_tls(&fresh, &a, TLS1_3_VERSION);
    peer_name(&fresh, name);
    assert_string_equal(name, "two");
    talk(&old);
    talk(&fresh);
    FILE *f = fopen(cert, "w");
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(tls_reload(t, why), ERR_INPUT);
    kit_dial_tls(&fresh, &a, TLS1_2_VERSION);
    peer_name(&fresh, name);
    assert_string_equal(name, "two");
    kit_hang_up(&fresh);
    listen_free(l);
    tls_done(t);
}

static void tls__says_what_is_wrong_with_the_files(void **state)
{
    (void)state;
    char why[TLS_WHY];
    struct tls *t = make_tls(), *none;
    assert_int_equal(tls_make("/nonexistent/c.pem", key, why, &none), ERR_INPUT);
    assert_string_equal(why, "cannot read certificate '/nonexistent/c.pem': "
                             "No such file or directory");
    assert_int_equal(tls_make(cert, cert, why, &none), ERR_INPUT);
    assert_non_null(strstr(why, "cannot read key"));
    char other_cert[] = "/tmp/nm-net-other-XXXXXX", other_key[] = "/tmp/nm-net-other-XXXXXX";
    (void)close(mkstemp(other_cert));
    (void)close(mkstemp(other_key));
    kit_cert(other_cert, other_key, "other");
    assert_int_equal(tls_make(cert, other_key, why, &none), ERR_INPUT);
    assert_non_null(strstr(why, other_key));
    (void)unlink(other_cert);
    (void)unlink(other_key);
    tls_done(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conn__echoes_and_finishes),
        cmocka_unit_test(conn__ipv6),
        cmocka_unit_test(input__is_bounded_while_it_is_not_taken),
        cmocka_unit_test(output__over_its_maximum_ends_the_connection),
        cmocka_unit_test(reader__that_stalls_is_closed_and_one_that_goes_on_is_not),
        cmocka_unit_test(address__over_its_maximum_is_turned_away),
        cmocka_unit_test(listen__says_what_is_wrong),
        cmocka_unit_test(drop__closes_what_is_open),
        cmocka_unit_test(tls__1_2_and_1_3),
        cmocka_unit_test(tls__carries_much_both_ways),
        cmocka_unit_test(tls__plain_bytes_end_the_connection),
        cmocka_unit_test(tls__reload_serves_the_new_certificate),
        cmocka_unit_test(tls__says_what_is_wrong_with_the_files),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
