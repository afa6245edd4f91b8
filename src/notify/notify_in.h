/* notify_in - what the files of this room share. */
#pragma once
#include "notify/mail.h"
#include "notify/notify.h"
#include "store/store.h"

/* A row of NOTICE_TABLE. */
struct notice_rule {
    const char *name;
    int64_t keep_ms;
    unsigned channels;
    bool urgent, list;
};
extern const struct notice_rule notice_rules[NOTICE_KIND_COUNT];
