#include "base/buf.h"
#include "store/postgres_in.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_MAX = 1 << 20 };

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static size_t word_len(const char *s)
{
    size_t n = 0;
    while (in_word(s[n]))
        n++;
    return n;
}

static bool is(const char *s, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(s, word, len) == 0;
}

static const char *skip_space(const char *s)
{
    return s + strspn(s, " \t\r\n");
}

/* Past `word` and the space before it; `s` itself if something else is there. */
static const char *past(const char *s, const char *word)
{
    const char *at = skip_space(s);
    return is(at, word_len(at), word) ? at + strlen(word) : s;
}

/* What SQLite wants behind a table: STRICT, WITHOUT ROWID. */
static const char *skip_options(const char *s)
{
    for (;;) {
        const char *from = s;
        const char *at = skip_space(s);
        if (*at == ',')
            at++;
        const char *with = past(at, "WITHOUT");
        if (with != at && past(with, "ROWID") != with)
            s = past(with, "ROWID");
        else if (past(at, "STRICT") != at)
            s = past(at, "STRICT");
        if (s == from)
            return s;
    }
}

/* A string, a quoted name or a comment: as it is. Its length, 0: none of them begins here. */
static size_t quoted(const char *s)
{
    size_t n = 0;
    if (s[0] == '-' && s[1] == '-')
        return strcspn(s, "\n");
    if (s[0] != '\'' && s[0] != '"')
        return 0;
    for (n = 1; s[n] && s[n] != s[0]; n++)
        continue;
    return s[n] ? n + 1 : n; /* a doubled quote is a second string behind the first */
}

/* Types are written in capitals, names are not. */
static void add_word(struct buf *out, const char *s, size_t len, bool cast)
{
    if (is(s, len, "INTEGER"))
        buf_str(out, "BIGINT");
    else if (is(s, len, "BLOB"))
        buf_str(out, "BYTEA");
    else if (is(s, len, "TEXT") && !cast)
        buf_str(out, "TEXT COLLATE \"C\"");
    else
        buf_add(out, s, len);
}

char *pg_translate(const char *text)
{
    struct buf out;
    int depth = 0;
    bool cast = false; /* the word before was AS */
    buf_init(&out, STEP_MAX);
    buf_str(&out, "");
    while (*text) {
        size_t len = quoted(text);
        if (len) {
            buf_add(&out, text, len);
        } else if ((len = word_len(text))) {
            add_word(&out, text, len, cast);
            cast = is(text, len, "AS");
        } else {
            len = 1;
            depth += *text == '(' ? 1 : *text == ')' ? -1 : 0;
            buf_add(&out, text, 1);
            if (*text == ')' && depth == 0)
                len = (size_t)(skip_options(text + 1) - text);
        }
        text += len;
    }
    if (out.failed) {
        buf_done(&out);
        return NULL;
    }
    return out.data;
}
