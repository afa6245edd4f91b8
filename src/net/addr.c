#include "net/addr.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const unsigned char V4_PREFIX[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool addr_is_v4(const struct addr *a)
{
    return memcmp(a->ip, V4_PREFIX, sizeof V4_PREFIX) == 0;
}

bool addr_is_loopback(const struct addr *a)
{
    static const unsigned char one[16] = {[15] = 1};
    return addr_is_v4(a) ? a->ip[12] == 127 : memcmp(a->ip, one, sizeof one) == 0;
}

/* Of the first `bits` bits. */
static bool starts_with(const unsigned char *ip, const unsigned char *net, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    return memcmp(ip, net, whole) == 0 &&
           (!rest || ((ip[whole] ^ net[whole]) & (0xff00u >> rest) & 0xffu) == 0);
}

bool addr_is_public(const struct addr *a)
{
    static const struct {
        unsigned char net[4];
        unsigned bits;
    } not4[] = {{{0}, 8},
                {{10}, 8},
                {{100, 64}, 10},
                {{127}, 8},
                {{169, 254}, 16},
                {{172, 16}, 12},
                {{192, 0, 0}, 24},
                {{192, 0, 2}, 24},
                {{192, 88, 99}, 24},
                {{192, 168}, 16},
                {{198, 18}, 15},
                {{198, 51, 100}, 24},
                {{203, 0, 113}, 24},
                {{224}, 3}},
      not6[] = {{{0x20, 0x01, 0x00}, 23}, /* protocols, Teredo among them */
                {{0x20, 0x01, 0x0d, 0xb8}, 32},
                {{0x20, 0x02}, 16},
                {{0x3f, 0xff, 0x00}, 20}};
    static const unsigned char global6[] = {0x20};
    if (addr_is_v4(a)) {
        for (size_t i = 0; i < sizeof not4 / sizeof *not4; i++)
            if (starts_with(a->ip + 12, not4[i].net, not4[i].bits))
                return false;
        return true;
    }
    for (size_t i = 0; i < sizeof not6 / sizeof *not6; i++)
        if (starts_with(a->ip, not6[i].net, not6[i].bits))
            return false;
    return starts_with(a->ip, global6, 3);
}

enum err addr_parse_ip(const char *text, struct addr *ret_addr)
{
    struct addr a = {0};
    memcpy(a.ip, V4_PREFIX, sizeof V4_PREFIX);
    if (inet_pton(AF_INET, text, a.ip + 12) != 1 && inet_pton(AF_INET6, text, a.ip) != 1)
        return ERR_INPUT;
    *ret_addr = a;
    return ERR_OK;
}

enum err addr_parse(const char *text, struct addr *ret_addr)
{
    const char *colon = strrchr(text, ':');
    char host[ADDR_TEXT];
    size_t len = colon ? (size_t)(colon - text) : 0;
    bool v6 = text[0] == '[';
    if (v6 && (len < 2 || text[len - 1] != ']'))
        return ERR_INPUT;
    size_t from = v6 ? 1 : 0, n = v6 ? len - 2 : len;
    if (!colon || !n || n >= sizeof host)
        return ERR_INPUT;
    memcpy(host, text + from, n);
    host[n] = '\0';

    int64_t port;
    struct addr a;
    if (text_i64(colon + 1, 0, 65535, &port) || addr_parse_ip(host, &a))
        return ERR_INPUT;
    if (v6 != (strchr(host, ':') != NULL)) /* IPv6 has brackets, IPv4 has none */
        return ERR_INPUT;
    a.port = (uint16_t)port;
    *ret_addr = a;
    return ERR_OK;
}

void addr_text(const struct addr *a, char out[ADDR_TEXT])
{
    const char *s = addr_is_v4(a) ? inet_ntop(AF_INET, a->ip + 12, out, ADDR_TEXT)
                                  : inet_ntop(AF_INET6, a->ip, out, ADDR_TEXT);
    if (!s)
        out[0] = '\0';
}

void addr_text_port(const struct addr *a, char out[ADDR_TEXT])
{
    char ip[ADDR_TEXT - 8];
    bool v4 = addr_is_v4(a);
    const char *s = v4 ? inet_ntop(AF_INET, a->ip + 12, ip, sizeof ip)
                       : inet_ntop(AF_INET6, a->ip, ip, sizeof ip);
    (void)snprintf(out, ADDR_TEXT, v4 ? "%s:%u" : "[%s]:%u", s ? s : "", (unsigned)a->port);
}

unsigned addr_to_sock(const struct addr *a, struct sockaddr_storage *ret_sock)
{
    memset(ret_sock, 0, sizeof *ret_sock);
    if (addr_is_v4(a)) {
        struct sockaddr_in *in = (struct sockaddr_in *)ret_sock;
        in->sin_family = AF_INET;
        in->sin_port = htons(a->port);
        memcpy(&in->sin_addr, a->ip + 12, 4);
        return sizeof *in;
    }
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret_sock;
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(a->port);
    memcpy(&in6->sin6_addr, a->ip, 16);
    return sizeof *in6;
}

void addr_from_sock(const struct sockaddr_storage *sock, struct addr *ret_addr)
{
    struct addr a = {0};
    if (sock->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)sock;
        memcpy(a.ip, V4_PREFIX, sizeof V4_PREFIX);
        memcpy(a.ip + 12, &in->sin_addr, 4);
        a.port = ntohs(in->sin_port);
    } else if (sock->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sock;
        memcpy(a.ip, &in6->sin6_addr, 16);
        a.port = ntohs(in6->sin6_port);
    }
    *ret_addr = a;
}

/* "ip" or "ip/bits" */
static enum err cidr_parse(char *item, unsigned char ip[16], unsigned *ret_bits)
{
    char *slash = strchr(item, '/');
    if (slash)
        *slash = '\0';
    struct addr a;
    if (addr_parse_ip(item, &a))
        return ERR_INPUT;
    int64_t width = addr_is_v4(&a) ? 32 : 128, bits = width;
    if (slash && text_i64(slash + 1, 0, width, &bits))
        return ERR_INPUT;
    memcpy(ip, a.ip, 16);
    *ret_bits = (unsigned)(128 - width + bits);
    return ERR_OK;
}

enum err cidrs_parse(const char *text, struct cidrs *ret_list)
{
    struct cidrs list = {0};
    static const char gap[] = ", \t";
    for (text += strspn(text, gap); *text; text += strspn(text, gap)) {
        char item[ADDR_TEXT];
        size_t len = strcspn(text, gap);
        if (len >= sizeof item || list.n == CIDRS_MAX)
            return ERR_INPUT;
        memcpy(item, text, len);
        item[len] = '\0';
        if (cidr_parse(item, list.at[list.n].ip, &list.at[list.n].bits))
            return ERR_INPUT;
        list.n++;
        text += len;
    }
    *ret_list = list;
    return ERR_OK;
}

static bool same_prefix(const unsigned char *a, const unsigned char *b, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(a, b, whole) != 0)
        return false;
    return !rest || ((a[whole] ^ b[whole]) & (0xff << (8 - rest)) & 0xff) == 0;
}

bool cidrs_has(const struct cidrs *list, const struct addr *a)
{
    for (unsigned i = 0; i < list->n; i++)
        if (same_prefix(list->at[i].ip, a->ip, list->at[i].bits))
            return true;
    return false;
}
