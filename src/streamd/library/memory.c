/* What the library keeps in memory of inputs and videos, and the look-ups that need nothing else.
 */
#include "streamd/library/state_in.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/text.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int64_t library_unix_ms(const struct library *l)
{
    return l->setup.unix_ms ? l->setup.unix_ms() : clock_unix_ms();
}

int64_t library_mono_ms(const struct library *l)
{
    return l->setup.mono_ms ? l->setup.mono_ms() : clock_mono_ms();
}

bool library_uid_ok(const char *uid)
{
    return strlen(uid) == UID_TEXT - 1 && strspn(uid, "0123456789abcdef") == UID_TEXT - 1;
}

void uid_key(const char *uid, unsigned char ret_key[MAP_KEY])
{
    static_assert(MAP_KEY == (int)UID_TEXT - 1, "a uid is its own key");
    memcpy(ret_key, uid, MAP_KEY);
}

void stream_key_key(const char *key, unsigned char ret_key[MAP_KEY])
{
    static_assert(MAP_KEY == (int)SHA256_LEN, "a stream key is found by its sum");
    crypto_sha256(key, strlen(key), ret_key);
}

static struct map_node *find_uid(const struct map *m, const char *uid)
{
    unsigned char key[MAP_KEY];
    if (!library_uid_ok(uid))
        return NULL;
    uid_key(uid, key);
    return map_find(m, key);
}

struct input_rec *input_of_locked(struct library *l, const char *uid)
{
    return (struct input_rec *)find_uid(&l->inputs, uid); /* by_uid is the first member */
}

struct video_rec *video_of_locked(struct library *l, const char *uid)
{
    return (struct video_rec *)find_uid(&l->videos, uid);
}

static struct input_rec *of_key_node(struct map_node *node)
{
    return (struct input_rec *)(void *)((char *)node - offsetof(struct input_rec, by_key));
}

enum err input_remember_locked(struct library *l, const struct input_conf *conf, const char *key,
                               struct input_rec **ret_in)
{
    struct input_rec *in = calloc(1, sizeof *in);
    if (!in)
        return ERR_NO_MEMORY;
    in->conf = *conf;
    uid_key(conf->uid, in->by_uid.key);
    stream_key_key(key, in->by_key.key);
    if (map_add(&l->inputs, &in->by_uid)) {
        free(in);
        return ERR_NO_MEMORY;
    }
    if (map_add(&l->keys, &in->by_key)) {
        map_remove(&l->inputs, &in->by_uid);
        free(in);
        return ERR_NO_MEMORY;
    }
    *ret_in = in;
    return ERR_OK;
}

void input_forget_locked(struct library *l, struct input_rec *in)
{
    map_remove(&l->keys, &in->by_key);
    map_remove(&l->inputs, &in->by_uid);
    free(in);
}

enum err input_rekey_locked(struct library *l, struct input_rec *in, const char *key)
{
    map_remove(&l->keys, &in->by_key); /* so there is room for it again */
    stream_key_key(key, in->by_key.key);
    return map_add(&l->keys, &in->by_key);
}

enum err video_remember_locked(struct library *l, const char *uid, const char *input_uid,
                               enum video_state state, bool signed_only, const char *origins,
                               struct video_rec **ret_video)
{
    struct video_rec *v = calloc(1, sizeof *v);
    if (!v)
        return ERR_NO_MEMORY;
    uid_key(uid, v->by_uid.key);
    (void)text_copy(v->uid, sizeof v->uid, uid);
    (void)text_copy(v->input_uid, sizeof v->input_uid, input_uid);
    v->state = state;
    v->signed_only = signed_only;
    v->origins = origins && *origins ? strdup(origins) : NULL;
    if ((origins && *origins && !v->origins) || map_add(&l->videos, &v->by_uid)) {
        free(v->origins);
        free(v);
        return ERR_NO_MEMORY;
    }
    *ret_video = v;
    return ERR_OK;
}

void video_forget_locked(struct library *l, struct video_rec *video)
{
    map_remove(&l->videos, &video->by_uid);
    struct video_rec **at = &l->unfinished;
    while (*at && *at != video)
        at = &(*at)->next;
    if (*at)
        *at = video->next;
    if (video->working) {
        video->gone = true; /* the worker frees it */
        return;
    }
    free(video->origins);
    free(video);
}

bool origins_flat(const char *json, char out[ORIGINS_TEXT])
{
    out[0] = '\0';
    json_t *a = json ? json_loads(json, 0, NULL) : NULL;
    size_t n = 0;
    bool fits = true;
    for (size_t i = 0; i < json_array_size(a); i++) {
        const char *s = json_string_value(json_array_get(a, i));
        size_t len = s ? strlen(s) : 0;
        if (!len || n + len + 2 > ORIGINS_TEXT) {
            fits = !len && fits;
            continue;
        }
        if (n)
            out[n++] = ' ';
        memcpy(out + n, s, len + 1);
        n += len;
    }
    json_decref(a);
    return fits;
}

static void free_input(struct map_node *node, void *arg)
{
    (void)arg;
    free(node); /* by_uid is the first member */
}

static void free_video(struct map_node *node, void *arg)
{
    struct video_rec *v = (struct video_rec *)node;
    (void)arg;
    free(v->origins);
    free(v);
}

void memory_done(struct library *l)
{
    map_each(&l->inputs, free_input, NULL);
    map_each(&l->videos, free_video, NULL);
    map_done(&l->inputs);
    map_done(&l->keys);
    map_done(&l->videos);
}

/* ---- look-ups ---- */

enum err library_input_by_key(struct library *l, const char *key, struct input_conf *ret_conf)
{
    assert(l && key && ret_conf);
    if (strnlen(key, STREAM_KEY_MAX + 1) > STREAM_KEY_MAX)
        return ERR_NOT_FOUND;
    unsigned char sum[MAP_KEY];
    stream_key_key(key, sum);
    enum err e = ERR_NOT_FOUND;
    (void)pthread_mutex_lock(&l->lock);
    struct map_node *node = map_find(&l->keys, sum);
    if (node) {
        const struct input_rec *in = of_key_node(node);
        e = in->conf.enabled ? ERR_OK : ERR_FORBIDDEN;
        if (!e)
            *ret_conf = in->conf;
    }
    (void)pthread_mutex_unlock(&l->lock);
    return e;
}

enum err library_input(struct library *l, const char *input_uid, struct input_conf *ret_conf)
{
    assert(l && input_uid && ret_conf);
    (void)pthread_mutex_lock(&l->lock);
    const struct input_rec *in = input_of_locked(l, input_uid);
    if (in)
        *ret_conf = in->conf;
    (void)pthread_mutex_unlock(&l->lock);
    return in ? ERR_OK : ERR_NOT_FOUND;
}

static enum playback_state playback_of(enum video_state state)
{
    switch (state) {
    case VIDEO_LIVE: return PLAYBACK_LIVE;
    case VIDEO_ENDED: return PLAYBACK_PROCESSING;
    case VIDEO_READY: return PLAYBACK_VOD;
    case VIDEO_ERROR: return PLAYBACK_ERROR;
    }
    return PLAYBACK_ERROR;
}

static void playback_of_input_locked(struct library *l, const struct input_rec *in,
                                     struct playback *ret)
{
    *ret = (struct playback){.is_input = true,
                             .connected = in->state == INPUT_CONNECTED,
                             .signed_only = in->conf.signed_only,
                             .hide_viewers = in->conf.hide_viewers};
    (void)text_copy(ret->input_uid, sizeof ret->input_uid, in->conf.uid);
    (void)text_copy(ret->allowed_origins, sizeof ret->allowed_origins, in->conf.allowed_origins);
    const struct video_rec *v = in->video_kept ? video_of_locked(l, in->video_uid) : NULL;
    if (!v)
        return;
    const struct video_rec *replay =
        v->state == VIDEO_ERROR ? video_of_locked(l, in->replay_uid) : NULL;
    if (replay) /* an attempt that came to nothing does not hide the show before */
        v = replay;
    ret->state = playback_of(v->state);
    (void)text_copy(ret->video_uid, sizeof ret->video_uid, v->uid);
}

static void playback_of_video_locked(struct library *l, const struct video_rec *v,
                                     struct playback *ret)
{
    const struct input_rec *in = input_of_locked(l, v->input_uid);
    *ret = (struct playback){.state = playback_of(v->state), .signed_only = v->signed_only};
    (void)text_copy(ret->video_uid, sizeof ret->video_uid, v->uid);
    (void)text_copy(ret->input_uid, sizeof ret->input_uid, v->input_uid);
    (void)text_copy(ret->allowed_origins, sizeof ret->allowed_origins,
                    v->origins ? v->origins : "");
    if (!in)
        return;
    ret->hide_viewers = in->conf.hide_viewers;
    ret->connected = in->state == INPUT_CONNECTED && strcmp(in->video_uid, v->uid) == 0;
}

enum err library_playback(struct library *l, const char *uid, struct playback *ret)
{
    assert(l && uid && ret);
    enum err e = ERR_OK;
    (void)pthread_mutex_lock(&l->lock);
    const struct input_rec *in = input_of_locked(l, uid);
    const struct video_rec *v = in ? NULL : video_of_locked(l, uid);
    if (in)
        playback_of_input_locked(l, in, ret);
    else if (v)
        playback_of_video_locked(l, v, ret);
    else
        e = ERR_NOT_FOUND;
    (void)pthread_mutex_unlock(&l->lock);
    return e;
}
