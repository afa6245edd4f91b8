/* Links in mails that stop a reminder without signing in. */
#include "account/account.h"
#include "base/arena.h"
#include "base/crypto.h"
#include "room/remind.sql.h"
#include "room/remind_in.h"
#include "room/room_in.h"

#include <stdio.h>
#include <string.h>

enum { MAC = 16, MAC_TEXT = 23 };

static void make_mac(const unsigned char key[SECRET_KEY_LEN], const char *show, const char *viewer,
                     char out[MAC_TEXT])
{
    static const char what[] = "remind.stop";
    unsigned char mac[SHA256_LEN];
    const struct crypto_piece pieces[] = {
        {what, sizeof what}, {show, strlen(show) + 1}, {viewer, strlen(viewer) + 1}};
    crypto_hmac_sha256_of(key, SECRET_KEY_LEN, pieces, 3, mac);
    crypto_base64url_text(mac, MAC, out);
}

void remind_token(const unsigned char key[SECRET_KEY_LEN], const char *show, const char *viewer,
                  char out[REMIND_TOKEN])
{
    char mac[MAC_TEXT];
    make_mac(key, show, viewer, mac);
    (void)snprintf(out, REMIND_TOKEN, "%s.%s.%s", show, viewer, mac);
}

struct stop {
    char show[ID_TEXT], viewer[ID_TEXT];
    int64_t viewer_id;
    struct show s;
};

static bool take_id(const char **text, const char *prefix, char out[ID_TEXT])
{
    size_t n = strcspn(*text, ".");
    if (n >= ID_TEXT || (*text)[n] != '.')
        return false;
    memcpy(out, *text, n);
    out[n] = '\0';
    *text += n + 1;
    return id_ok(out, prefix);
}

static enum err gone(struct cx *cx)
{
    return problem(cx, ERR_NOT_FOUND, "this link has no effect any more");
}

static enum err read_token(struct cx *cx, const unsigned char key[SECRET_KEY_LEN],
                           const char *token, struct stop *stop)
{
    char mac[MAC_TEXT];
    if (strlen(token) >= REMIND_TOKEN || !take_id(&token, "shw", stop->show) ||
        !take_id(&token, "viw", stop->viewer))
        return gone(cx);
    make_mac(key, stop->show, stop->viewer, mac);
    return crypto_same(mac, strlen(mac), token, strlen(token)) ? ERR_OK : gone(cx);
}

static enum err find(struct db *db, struct cx *cx, struct stop *stop)
{
    struct viewer v;
    enum err e = show_read(db, cx, stop->show, &stop->s);
    if (!e)
        e = viewer_by_public_id(db, cx->arena, stop->viewer, &v);
    if (!e)
        stop->viewer_id = v.id;
    return e == ERR_NOT_FOUND ? gone(cx) : e;
}

enum err remind_stop_look(struct db *db, struct cx *cx, const unsigned char key[SECRET_KEY_LEN],
                          const char *token, enum lang lang, const char **ret_title)
{
    struct stop stop;
    enum err e = read_token(cx, key, token, &stop);
    if (!e)
        e = find(db, cx, &stop);
    if (!e)
        *ret_title = show_title(&stop.s, lang);
    return e;
}

static enum err stop_job(struct tx *tx, void *arg)
{
    struct stop *stop = arg;
    enum err e = find(tx->db, tx->cx, stop);
    return e ? e
             : db_do(tx->db, &SQL_remind_no_mail,
                     ARGS(V(tx->cx->now_ms), V(stop->s.id), V(stop->viewer_id)), NULL);
}

enum err remind_stop(struct room *r, struct cx *cx, const unsigned char key[SECRET_KEY_LEN],
                     const char *token)
{
    struct stop stop;
    enum err e = read_token(cx, key, token, &stop);
    return e ? e : store_do(r->store, cx, "remind.stop", stop_job, &stop);
}
