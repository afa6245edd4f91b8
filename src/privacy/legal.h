/*
 * legal - terms, privacy, returns and imprint: templates of ours, or a shop's own words.
 *
 * Shape:   a shop that has written nothing shows the template in src/privacy/legal/<doc>.<lang>.md,
 *          version LEGAL_BUILTIN. What a shop publishes is version 1, 2, ... of its document, over
 *          all its languages; no version ever changes. Marks ({shop}, {contact},
 * {retention_orders}) are filled in when a text is read. Text:    Markdown of the safe kind: #, ##,
 * ### headings, paragraphs, "- " and "1. " lists,
 *          **bold**, [links](https://… or /local). Anything else is plain text; no HTML.
 * Memory, Thread, Errors: as privacy.h.
 */
#pragma once
#include "account/staff.h"
#include "base/cx.h"

#include <jansson.h>

struct db;
struct keep;
struct tx;

#define LEGAL_BUILTIN "2026-11"
enum { LEGAL_TITLE_CHARS_MAX = 80, LEGAL_BODY_MAX = 64 * 1024 };

#define LEGAL_DOC_TABLE(X) \
    X(TERMS, "terms") X(PRIVACY, "privacy") X(RETURNS, "returns") X(IMPRINT, "imprint")
enum legal_doc {
#define X(name, text) LEGAL_##name,
    LEGAL_DOC_TABLE(X)
#undef X
        LEGAL_DOC_COUNT
};
const char *legal_doc_name(enum legal_doc d);
/* ERR_NOT_FOUND: no such document. */
enum err legal_doc_parse(const char *text, enum legal_doc *ret_doc) NODISCARD;

struct legal_ask {
    int64_t shop_id;
    enum legal_doc doc;
    const char *lang;        /* asked for; the answer says which it is */
    const char *version;     /* NULL: the one in force */
    const char *site;        /* public URL, for its mark */
    const struct keep *keep; /* for the marks of times */
};
/*
 * {"doc","version","lang","langs","title","body_md","at","own","versions":[{"version","at"}],"shop"}.
 * ERR_NOT_FOUND: no such shop or version.
 */
enum err legal_read(struct db *db, struct cx *cx, const struct legal_ask *ask,
                    json_t **ret_text) NODISCARD;

/* {"items":[{"doc","version","at","langs","missing","drafts"}]}: how far the shop is. */
enum err legal_overview(struct db *db, struct cx *cx, int64_t shop_id, json_t **ret_list) NODISCARD;

/*
 * For staff: the words with their marks, of each language the one in force, the draft and the
 * template.
 * {"doc","version","items":[{"lang","own","version","title","body_md","at","draft":…|null,
 * "template":{…}}],"marks":[{"mark","value"}],"versions":[{"version","at"}]}
 */
enum err legal_edit(struct db *db, struct cx *cx, const struct legal_ask *ask,
                    json_t **ret_texts) NODISCARD;

struct legal_put {
    int64_t shop_id, by_id;
    enum legal_doc doc;
    const char *lang, *title, *body;
    bool publish; /* else it is kept as the draft of its language */
};
/*
 * *ret_version: of what was published, 0 for a draft.
 * ERR_INPUT  title, body, language; a mark that there is not; a link that is neither http(s) nor
 * local
 */
enum err legal_set(struct tx *tx, const struct legal_put *put, int64_t *ret_version) NODISCARD;

/* Whom people write to, in the shop's words; NULL or "": nobody is named. ERR_INPUT */
enum { LEGAL_CONTACT_CHARS_MAX = 200 };
enum err legal_set_contact(struct tx *tx, int64_t shop_id, const char *contact) NODISCARD;
enum err legal_contact(struct db *db, struct cx *cx, int64_t shop_id,
                       const char **ret_contact) NODISCARD;
