/*
 * addr - internet addresses: "127.0.0.1:8080", "[::1]:8080", and CIDR lists of trusted peers.
 *
 * Shape:  every address is kept as 16 bytes; IPv4 is ::ffff:a.b.c.d (RFC 4291 2.5.5.2).
 * Thread: any; no state.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct sockaddr_storage;

struct addr {
    unsigned char ip[16];
    uint16_t port;
};

enum { ADDR_TEXT = 56 }; /* room for any text below */

/* "a.b.c.d:port" or "[v6]:port"; no names. ERR_INPUT for anything else. */
enum err addr_parse(const char *text, struct addr *ret_addr) NODISCARD;
/* The address alone, no port: "127.0.0.1", "::1". ERR_INPUT for anything else. */
enum err addr_parse_ip(const char *text, struct addr *ret_addr) NODISCARD;
/* Without the port, IPv4 in dotted form. */
void addr_text(const struct addr *a, char out[ADDR_TEXT]);
/* As addr_parse() reads it. */
void addr_text_port(const struct addr *a, char out[ADDR_TEXT]);
bool addr_is_v4(const struct addr *a);
bool addr_is_loopback(const struct addr *a);
/* A host of the internet: not this machine, no private, shared, link-local, multicast,
 * documentation or otherwise special address (RFC 6890, IANA's registries), nor IPv6 that wraps an
 * IPv4 one. */
bool addr_is_public(const struct addr *a);

/* To and from what the kernel wants; returns the length. */
unsigned addr_to_sock(const struct addr *a, struct sockaddr_storage *ret_sock);
void addr_from_sock(const struct sockaddr_storage *sock, struct addr *ret_addr);

/* A list of CIDRs; zeroed is empty. */
enum { CIDRS_MAX = 32 };
struct cidrs {
    unsigned n;
    struct {
        unsigned char ip[16];
        unsigned bits; /* of the 128 */
    } at[CIDRS_MAX];
};

/* "10.0.0.0/8, ::1, 192.0.2.7": commas and spaces between. ERR_INPUT: a bad one, or too many. */
enum err cidrs_parse(const char *text, struct cidrs *ret_list) NODISCARD;
bool cidrs_has(const struct cidrs *list, const struct addr *a);
