/* Notices and answers with whatever in them, rightly signed; and whatever unsigned. */
#include "base/arena.h"
#include "base/crypto.h"
#include "base/text.h"
#include "pay/ecpay_in.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const struct ecpay_keys keys = {"3002607", "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs"};

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static void check_text(const char *s, size_t max)
{
    if (s && strlen(s) > max)
        abort();
}

static void check_details(const char *details)
{
    json_error_t why;
    if (!details)
        return;
    check_text(details, GATEWAY_DETAILS_MAX);
    json_t *o = json_loads(details, 0, &why);
    if (!json_is_object(o) || !json_object_size(o))
        abort();
    json_decref(o);
}

static void check_news(const struct gateway_news *n)
{
    if (!n->our_ref || n->amount < 0 || (n->says == SAYS_FAILED) != (n->fail_code != NULL) ||
        (n->fail_code && !pay_fail_known(n->fail_code)))
        abort();
    check_text(n->our_ref, GATEWAY_REF);
    check_text(n->provider_ref, 20);
    check_details(n->details);
}

/* The same fields with the CheckMacValue that they ought to have. */
static void signed_too(struct cx *cx, struct ecpay_form *form)
{
    struct ecpay_notice n;
    char mac[ECPAY_MAC_TEXT];
    struct ecpay_field fields[ECPAY_FIELDS_MAX + 1];
    size_t count = 0;
    struct buf body;
    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->fields[i].name, "CheckMacValue") != 0)
            fields[count++] = form->fields[i];
    if (ecpay_mac(&keys, ECPAY_SHA256, fields, count, mac) != ERR_OK)
        abort();
    fields[count++] = ECPAY_FIELD("CheckMacValue", mac);
    buf_init(&body, ECPAY_FORM_MAX);
    ecpay_form_write(&body, fields, count);
    if (!body.failed) {
        if (ecpay_read_paid(cx, &keys, body.data, body.len, &n) == ERR_OK)
            check_news(&n.news);
        if (ecpay_read_info(cx, &keys, body.data, body.len, &n) == ERR_OK) {
            check_news(&n.news);
            if (n.news.says == SAYS_PAID)
                abort();
        }
    }
    buf_done(&body);
}

static void answers(struct cx *cx, const char *text, size_t len)
{
    struct ecpay_card card;
    const char *why = "";
    if (ecpay_read_card(cx, text, len, &card) == ERR_OK && card.amount < 0)
        abort();
    if (ecpay_read_action(cx, text, len, &why) == ERR_INPUT)
        check_text(why, 240);
}

static void texts(struct cx *cx, const char *text)
{
    const char *items[2] = {text, text};
    const char *name = ecpay_item_name(cx, items, 2), *desc = ecpay_trade_desc(cx, text);
    if (!name || !desc || !text_is_utf8(name, strlen(name)) || strpbrk(name, "<>&\"'\\%"))
        abort();
    check_text(name, 400);
    check_text(desc, 200);
    if (text_chars(name, strlen(name)) > 200)
        abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct cx cx = {.arena = arena_make(1 << 23)};
    struct ecpay_form form;
    struct ecpay_notice n;
    if (crypto_init() != ERR_OK || !cx.arena)
        abort();
    char *text = arena_dup(cx.arena, (const char *)data, len);
    if (!text || len > 1 << 16) {
        arena_free(cx.arena);
        return 0;
    }
    if (ecpay_read_paid(&cx, &keys, text, len, &n) == ERR_OK)
        abort(); /* nothing here can be signed */
    if (ecpay_form_read(&cx, text, len, &form) == ERR_OK)
        signed_too(&cx, &form);
    answers(&cx, text, len);
    texts(&cx, text);
    arena_free(cx.arena);
    return 0;
}
