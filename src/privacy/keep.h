/*
 * keep - how many days what is kept. One table: the sweeps, NM_KEEP_DAYS, the marks of the legal
 * texts and the studio's page are made from it.
 *
 * NM_KEEP_DAYS is "chat=400 inbox=90": words of the table with days, the others as they are here.
 */
#pragma once
#include "base/cx.h"

/*      name      word              days  least  most   what, from when */
#define KEEP_TABLE(X)                                                                            \
    X(CHAT, "chat", 400, 30, 3650, "chat and events of a show, after its end")                   \
    X(INBOX, "inbox", 90, 30, 3650, "messages of payment providers, as they came")               \
    X(OUTBOX, "outbox", 30, 7, 365, "what was sent to people: arguments of mails and notices")   \
    X(GUESTS, "guests", 180, 30, 3650, "guests who never ordered, after they were last seen")    \
    X(ADDRESSES, "addresses", 730, 30, 3650, "saved addresses, after they were last used")       \
    X(AUDIT, "audit", 180, 30, 3650, "network addresses in the audit log")                       \
    X(ORDERS, "orders", 1826, 365, 7300, "orders: sums, lines, invoice, after their year's end") \
    X(CONSENTS, "consents", 1826, 365, 7300, "proof of consents of people who were forgotten")   \
    X(REQUESTS, "requests", 1826, 365, 7300, "requests of this kind, without the person")
enum keep_kind {
#define X(name, word, days, least, most, what) KEEP_##name,
    KEEP_TABLE(X)
#undef X
        KEEP_COUNT
};

struct keep {
    int days[KEEP_COUNT];
};
/* `text` NULL or "": as the table has it. ERR_INPUT: an unknown word, or days out of bounds. */
enum err keep_parse(struct cx *cx, const char *text, struct keep *ret_keep) NODISCARD;
const char *keep_word(enum keep_kind k);
const char *keep_what(enum keep_kind k); /* in English, for the studio */
int keep_default(enum keep_kind k);
