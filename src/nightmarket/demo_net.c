#include "nightmarket/demo_in.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* Can `port` be listened on? Port 0: a free one. Returns the port, 0 when taken. */
static int try_port(const char *host, int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t len = sizeof at;
    const int on = 1;
    int got = 0;
    if (inet_pton(AF_INET, host, &at.sin_addr) != 1)
        return 0;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 1) == 0 &&
        getsockname(fd, (struct sockaddr *)&at, &len) == 0)
        got = ntohs(at.sin_port);
    (void)close(fd);
    return got;
}

static enum err pick(struct cx *cx, const char *host, const char *what, int *port)
{
    if (try_port(host, *port))
        return ERR_OK;
    int other = try_port(host, 0);
    if (!other)
        return problem(cx, ERR_IO, "no free port on %s for %s", host, what);
    (void)printf("  port %d is taken: %s gets %d\n", *port, what, other);
    *port = other;
    return ERR_OK;
}

enum err demo_pick_ports(struct cx *cx, const char *host, struct demo_keep *k)
{
    enum err e = pick(cx, host, "the shop", &k->http);
    if (!e)
        e = pick(cx, host, "the video engine", &k->stream);
    if (!e)
        e = pick(cx, host, "RTMP", &k->rtmp);
    if (!e)
        e = pick(cx, host, "RTMPS", &k->rtmps);
    if (!e)
        e = pick(cx, host, "the sandbox", &k->sandbox);
    return e ? e : pick(cx, "127.0.0.1", "mail", &k->smtp);
}

enum err demo_lan_address(struct cx *cx, char out[DEMO_HOST])
{
    struct ifaddrs *list = NULL;
    bool found = false;
    if (getifaddrs(&list) != 0)
        return problem(cx, ERR_IO, "the network interfaces cannot be listed");
    for (const struct ifaddrs *i = list; i && !found; i = i->ifa_next) {
        if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET || !(i->ifa_flags & IFF_UP) ||
            (i->ifa_flags & (IFF_LOOPBACK | IFF_POINTOPOINT)))
            continue;
        const struct sockaddr_in *at = (const struct sockaddr_in *)(const void *)i->ifa_addr;
        found = inet_ntop(AF_INET, &at->sin_addr, out, DEMO_HOST) != NULL;
    }
    freeifaddrs(list);
    return found ? ERR_OK
                 : problem(cx, ERR_NOT_FOUND,
                           "this machine is in no local network: name an address, --lan=ADDRESS");
}
