/* A card payment's state at ECPay, and which step pays it back (2894, 9242, 16567). */
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "pay/ecpay_in.h"

#include <stdlib.h>
#include <string.h>

enum { REASON_CHARS = 60 };

/* ---- QueryTrade/V2 ---- */

static enum ecpay_credit state_of(const char *status)
{
    static const struct {
        const char *word;
        enum ecpay_credit state;
    } table[] = {
        {"已授權", CREDIT_AUTHORISED}, {"要關帳", CREDIT_CLOSING}, {"已關帳", CREDIT_CLOSED},
        {"操作取消", CREDIT_OVER},     {"已取消", CREDIT_OVER},    {"已放棄", CREDIT_OVER},
    };
    for (size_t i = 0; status && i < sizeof table / sizeof table[0]; i++)
        if (strcmp(status, table[i].word) == 0)
            return table[i].state;
    return CREDIT_UNKNOWN;
}

/* Numbers come as text. ERR_INPUT */
static enum err number(const json_t *o, const char *name, int64_t *ret_n)
{
    const json_t *v = json_object_get(o, name);
    if (json_is_integer(v)) {
        *ret_n = json_integer_value(v);
        return ERR_OK;
    }
    return json_is_string(v) ? text_i64(json_string_value(v), -INT32_MAX, INT32_MAX, ret_n)
                             : ERR_INPUT;
}

/* A movement that gives back is below 0, or called a refund. */
static int64_t given_back(const json_t *movement)
{
    const char *status = json_string_value(json_object_get(movement, "status"));
    int64_t amount;
    if (number(movement, "amount", &amount) != ERR_OK)
        return 0;
    if (amount < 0)
        return -amount;
    return status && strstr(status, "退") ? amount : 0;
}

static enum err read_value(struct cx *cx, const json_t *value, struct ecpay_card *card)
{
    const json_t *list = json_object_get(value, "close_data");
    *card =
        (struct ecpay_card){.state = state_of(json_string_value(json_object_get(value, "status")))};
    if (number(value, "amount", &card->amount) || card->amount < 0)
        return problem(cx, ERR_UPSTREAM, "ECPay's answer about the card has no amount");
    for (size_t i = 0; i < json_array_size(list); i++)
        card->refunded += given_back(json_array_get(list, i));
    if (card->state == CREDIT_OVER)
        card->refunded = card->amount; /* nothing is charged */
    return ERR_OK;
}

enum err ecpay_read_card(struct cx *cx, const char *body, size_t len, struct ecpay_card *ret_card)
{
    json_error_t why;
    struct ecpay_card card;
    json_t *o = json_loadb(body, len, 0, &why);
    const json_t *value = json_object_get(o, "RtnValue");
    const char *trouble = json_string_value(json_object_get(o, "RtnMsg"));
    enum err e = ERR_OK;
    if (!o)
        e = problem(cx, ERR_UPSTREAM, "ECPay's answer about the card cannot be read");
    else if ((trouble && trouble[0]) || !json_is_object(value))
        e = problem(cx, ERR_NOT_FOUND, "ECPay does not tell the card's state");
    else
        e = read_value(cx, value, &card);
    json_decref(o);
    if (!e)
        *ret_card = card;
    return e;
}

/* ---- what to do ---- */

char ecpay_refund_step(enum ecpay_credit state, bool whole)
{
    switch (state) {
    case CREDIT_AUTHORISED: return whole ? 'N' : 'C';
    case CREDIT_CLOSING: return whole ? 'E' : 'R';
    case CREDIT_CLOSED: return 'R';
    case CREDIT_UNKNOWN:
    case CREDIT_OVER: break;
    }
    return 0;
}

/* ---- DoAction's answer ---- */

/* For staff: tidy and short. "" when it is no text. */
static const char *reason(struct cx *cx, const char *s)
{
    char *copy = s && text_is_utf8(s, strlen(s)) ? arena_dup(cx->arena, s, strlen(s)) : NULL;
    if (!copy)
        return "";
    copy[text_tidy(copy, strlen(copy))] = '\0';
    copy[text_prefix(copy, strlen(copy), REASON_CHARS)] = '\0';
    return copy;
}

/* "1|OK", "0|why" */
static enum err read_pipe(struct cx *cx, const char *body, const char **ret_why)
{
    if (body[0] == '1')
        return ERR_OK;
    *ret_why = reason(cx, body + 2);
    return ERR_INPUT;
}

enum err ecpay_read_action(struct cx *cx, const char *body, size_t len, const char **ret_why)
{
    struct ecpay_form form;
    int64_t code;
    if (len > 2 && (body[0] == '0' || body[0] == '1') && body[1] == '|')
        return read_pipe(cx, body, ret_why);
    if (ecpay_form_read(cx, body, len, &form) || ecpay_number(&form, "RtnCode", &code))
        return problem(cx, ERR_UPSTREAM, "ECPay's answer to a refund cannot be read");
    if (code == 1)
        return ERR_OK;
    *ret_why = reason(cx, ecpay_form_text(&form, "RtnMsg"));
    return ERR_INPUT;
}
