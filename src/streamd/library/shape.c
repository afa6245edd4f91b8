#include "streamd/library/shape_in.h"

#include "base/clock.h"

json_t *shape_time(int64_t unix_ms)
{
    char text[CLOCK_TEXT];
    if (!unix_ms)
        return json_null();
    clock_text_us(unix_ms * 1000, text);
    return json_string(text);
}

json_t *shape_stored(const char *text, json_t *otherwise)
{
    json_t *v = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    if (!v)
        return otherwise;
    json_decref(otherwise);
    return v;
}

json_t *shape_text(const char *s)
{
    return s ? json_string(s) : json_null();
}

json_t *shape_number(int64_t n)
{
    return n ? json_integer(n) : json_null();
}
