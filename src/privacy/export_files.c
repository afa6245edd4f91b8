/* The files of an export: what they are read by, and how their columns are called. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/csv.h"
#include "privacy/export.sql.h"
#include "privacy/export_in.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Columns: name, ':', t text, i number, b yes or no, d time, j JSON. */
const struct export_file export_files[] = {
    {"profile", &SQL_x_profile, "id:t kind:t name:t language:t market:t created:d"},
    {"identities", &SQL_x_identities,
     "provider:t subject:t email:t email_verified:b name:t linked:d last_used:d"},
    {"sessions", &SQL_x_sessions, "device:t provider:t began:d last_seen:d ends:d"},
    {"consents", &SQL_x_consents,
     "kind:t granted:b version:t language:t source:t shop:t order:t at:d"},
    {"addresses", &SQL_x_addresses, "market:t kind:t address:j last_used:d"},
    {"carts", &SQL_x_carts,
     "shop:t market:t product:j options:j quantity:i unit_amount:i source:t state:t at:d"},
    {"claims", &SQL_x_claims,
     "show:j number:i code:t name_shown:t asked:i given:i state:t reason:t via:t market:t "
     "unit_amount:i at:d"},
    {"waiting", &SQL_x_waiting,
     "shop:t product:j market:t quantity:i unit_amount:i place:i state:t at:d"},
    {"orders", &SQL_x_orders,
     "order:t shop:t market:t state:t subtotal:i discount:i shipping:i tax:i total:i currency:t "
     "delivery:t address:j invoice:j note:t shop_note:t payment:t created:d confirmed:d"},
    {"order_lines", &SQL_x_order_lines,
     "order:t line:i product:j options:j code:t quantity:i unit_amount:i discount:i tax:i "
     "currency:t source:t refunded:i returned:i"},
    {"payments", &SQL_x_payments,
     "order:t provider:t method:t amount:i currency:t state:t refunded:i reference:t details:j "
     "created:d paid:d"},
    {"refunds", &SQL_x_refunds,
     "order:t amount:i currency:t reason:t note:t state:t created:d done:d"},
    {"parcels", &SQL_x_parcels,
     "order:t carrier:t tracking:t state:t cash_on_delivery:i created:d arrived:d"},
    {"returns", &SQL_x_returns, "order:t lines:j reason:t note:t state:t asked:d"},
    {"invoices", &SQL_x_invoices, "order:t number:t date:t amount:i allowed:i state:t issued:d"},
    {"messages", &SQL_x_messages, "show:j name:t text:t language:t kind:t state:t at:d"},
    {"draws", &SQL_x_draws, "show:j name_shown:t state:t rank:i at:d until:d"},
    {"coupons", &SQL_x_coupons, "shop:t code:t market:t kind:t value:i order:t at:d"},
    {"reminders", &SQL_x_reminders, "show:j push:b email:b created:d"},
    {"notices", &SQL_x_notices, "kind:t channel:t email:t language:t content:j state:t created:d"},
    {"push", &SQL_x_push, "created:d last_seen:d"},
    {"staff", &SQL_x_staff, "shop:t role:t since:d"},
    {"staff_acts", &SQL_x_audit, "action:t object:t network_address:t at:d"},
    {"sanctions", &SQL_x_sanctions, "shop:t kind:t name:t why:t at:d until:d ended:d"},
    {"counts", &SQL_x_counts, "shop:t claims:i paid:i abandoned:i uncollected:i"},
    {"requests", &SQL_x_requests, "kind:t code:t source:t state:t at:d done:d"},
};
const size_t export_file_count = sizeof export_files / sizeof export_files[0];

/* ---- columns ---- */

enum { COLUMNS_MAX = 24, NAME_MAX_LEN = 24, PAGE = 200, PAGE_ARENA = 4 * 1024 * 1024 };

struct column {
    char name[NAME_MAX_LEN];
    char kind;
    const char *text;
    int64_t number;
};

struct columns {
    struct column list[COLUMNS_MAX];
    size_t count;
    int64_t after;
    struct col cols[COLUMNS_MAX + 2];
};

static void columns_of(const char *text, struct columns *c)
{
    c->count = 0;
    c->cols[0] = C(&c->after);
    while (*text) {
        size_t len = strcspn(text, ":");
        assert(len < NAME_MAX_LEN && text[len] && c->count < COLUMNS_MAX);
        struct column *one = &c->list[c->count++];
        *one = (struct column){.kind = text[len + 1]};
        memcpy(one->name, text, len);
        bool is_text = one->kind == 't' || one->kind == 'j';
        c->cols[c->count] = is_text ? C(&one->text) : C(&one->number);
        text += len + 2;
        text += strspn(text, " ");
    }
    c->cols[c->count + 1] = (struct col){0};
}

static json_t *value_json(const struct column *c)
{
    char at[CLOCK_TEXT];
    switch (c->kind) {
    case 't': return c->text ? json_string(c->text) : json_null();
    case 'b': return json_boolean(c->number != 0);
    case 'i': return json_integer((json_int_t)c->number);
    case 'd':
        if (!c->number)
            return json_null();
        clock_text_ms(c->number, at);
        return json_string(at);
    default: break;
    }
    json_t *inner = c->text ? json_loads(c->text, JSON_DECODE_ANY, NULL) : NULL;
    return inner ? inner : json_null();
}

static void value_csv(struct buf *b, const struct column *c)
{
    char at[CLOCK_TEXT];
    if (c->kind == 'i') {
        csv_i64(b, c->number);
    } else if (c->kind == 'b') {
        csv_text(b, c->number ? "yes" : "no");
    } else if (c->kind == 'd' && c->number) {
        clock_text_ms(c->number, at);
        csv_text(b, at);
    } else {
        csv_text(b, c->kind != 'd' && c->text ? c->text : "");
    }
}

/* ---- writing ---- */

static void head_csv(struct buf *csv, const struct columns *c)
{
    csv_begin(csv);
    for (size_t i = 0; i < c->count; i++)
        csv_text(csv, c->list[i].name);
    csv_row_end(csv);
}

static enum err add_row(const struct columns *c, int64_t n, struct buf *json, struct buf *csv)
{
    json_t *o = json_object();
    for (size_t i = 0; i < c->count; i++) {
        (void)json_object_set_new(o, c->list[i].name, value_json(&c->list[i]));
        value_csv(csv, &c->list[i]);
    }
    csv_row_end(csv);
    char *text = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    buf_str(json, n ? ",\n" : "\n");
    buf_str(json, text ? text : "");
    free(text);
    return text ? ERR_OK : ERR_NO_MEMORY;
}

static enum err read_page(struct store *store, int64_t viewer_id, const struct export_file *f,
                          struct columns *c, int64_t *n, struct buf *json, struct buf *csv)
{
    struct db *db;
    int64_t got = 0;
    struct arena *arena = arena_make(PAGE_ARENA);
    enum err e = arena ? store_read(store, &db) : ERR_NO_MEMORY;
    if (!e) {
        struct rows rows = db_rows(db, f->q, ARGS(V(viewer_id), V(c->after), V((int64_t)PAGE)));
        while (!e && rows_next(&rows, arena, c->cols)) {
            e = add_row(c, *n + got, json, csv);
            got++;
        }
        enum err end = rows_end(&rows);
        e = e ? e : end;
        store_read_end(db);
    }
    arena_free(arena);
    *n += got;
    return !e && got < PAGE ? ERR_NOT_FOUND : e; /* that was all */
}

enum err export_file_write(struct store *store, int64_t viewer_id, const struct export_file *f,
                           struct buf *json, struct buf *csv)
{
    struct columns c = {.after = -1};
    int64_t n = 0;
    enum err e = ERR_OK;
    columns_of(f->columns, &c);
    head_csv(csv, &c);
    buf_str(json, "[");
    while (!e && !json->failed && !csv->failed)
        e = read_page(store, viewer_id, f, &c, &n, json, csv);
    buf_str(json, "\n]\n");
    if (e && e != ERR_NOT_FOUND)
        return e;
    return json->failed || csv->failed ? ERR_TOO_LARGE : ERR_OK;
}
