#include "base/cx.h"

#include <stdarg.h>
#include <stdio.h>

enum err problem(struct cx *cx, enum err e, const char *why, ...)
{
    va_list ap;
    va_start(ap, why);
    (void)vsnprintf(cx->problem, sizeof cx->problem, why, ap);
    va_end(ap);
    return e;
}
