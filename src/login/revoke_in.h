/* revoke_in - telling one provider. Private to login. */
#pragma once
#include "login/login_in.h"

enum revoke_says {
    REVOKE_TOLD,  /* and they took it */
    REVOKE_MOOT,  /* there is nothing that could be taken back: the token is dead, or they have no
                     way to be told */
    REVOKE_AGAIN, /* not now; cx->problem says why */
};

/* `token` is plain, or NULL. Calls the provider: no reader, no job. */
enum revoke_says revoke_tell(struct login *l, struct cx *cx, const struct provider *p,
                             const char *subject, const char *token);
