/* Any bytes as a file: every row ends, no field is longer than it may be. */
#include "base/arena.h"
#include "catalog/csv_in.h"

#include <stdlib.h>
#include <string.h>

enum { ARENA = 8 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_make(ARENA);
    struct csv csv;
    const char *field[CSV_FIELDS_MAX];
    size_t count = 0, at = 0;
    csv_open(&csv, (const char *)data, size);
    for (enum err e = ERR_OK; arena && e != ERR_NOT_FOUND && e != ERR_NO_MEMORY;) {
        e = csv_row(&csv, arena, field, &count);
        if (csv.at > size || (e != ERR_NOT_FOUND && csv.at <= at))
            abort();
        at = csv.at;
        for (size_t i = 0; !e && i < count; i++)
            if (strlen(field[i]) > CSV_FIELD_MAX)
                abort();
    }
    arena_free(arena);
    return 0;
}
