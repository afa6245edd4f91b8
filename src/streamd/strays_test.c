/* Recordings nobody owns are found. */
#include "streamd/strays.h"

#include "base/test.h"
#include "streamd/library/library_testkit.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void folder(const char *dir, const char *name, bool make)
{
    char path[100];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(make ? mkdir(path, 0700) : rmdir(path), 0);
}

static void strays__are_folders_without_a_video(void **state)
{
    static const char stray[] = "86dbe0123456789abcdef0123456789a";
    struct libkit *k = libkit_make();
    char dir[] = "/tmp/streamd-strays-XXXXXX", uid[UID_TEXT], key[STREAM_KEY_MAX];
    struct turn turn;
    (void)state;
    assert_non_null(mkdtemp(dir));
    libkit_input(k, "{'recording':{'mode':'automatic'}}", uid, key);
    assert_int_equal(library_connected(k->l, uid, "rtmp", &turn), ERR_OK);
    folder(dir, turn.video_uid, true);
    folder(dir, "lost+found", true);
    assert_int_equal(strays_count(k->l, dir), 0);
    folder(dir, stray, true);
    assert_int_equal(strays_count(k->l, dir), 1);
    strays_tell(k->l, dir);
    folder(dir, stray, false);
    folder(dir, "lost+found", false);
    folder(dir, turn.video_uid, false);
    assert_int_equal(strays_count(k->l, "/nowhere"), 0);
    assert_int_equal(rmdir(dir), 0);
    libkit_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strays__are_folders_without_a_video),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
