#include "account/staff.h"

#include <assert.h>
#include <string.h>

static const char *const role_names[ROLE_COUNT] = {
#define X(name, text) text,
    ROLE_TABLE(X)
#undef X
};

static const struct {
    const char *name;
    bool may[ROLE_COUNT];
} actions[ACTION_COUNT] = {
#define X(name, text, owner, manager, host, moderator, packer) \
    {text, {false, owner, manager, host, moderator, packer}},
    ACTION_TABLE(X)
#undef X
};

const char *role_name(enum role r)
{
    assert(r < ROLE_COUNT);
    return role_names[r];
}

enum err role_parse(const char *text, enum role *ret_role)
{
    for (unsigned r = ROLE_OWNER; r < ROLE_COUNT; r++) {
        if (strcmp(text, role_names[r]) == 0) {
            *ret_role = (enum role)r;
            return ERR_OK;
        }
    }
    return ERR_INPUT;
}

const char *action_name(enum action a)
{
    assert(a < ACTION_COUNT);
    return actions[a].name;
}

bool account_may(enum role r, enum action a)
{
    assert(r < ROLE_COUNT && a < ACTION_COUNT);
    return actions[a].may[r];
}
