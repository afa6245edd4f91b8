/*
 * sandbox - after it, this process can read and write what is open, use memory and end; nothing
 * else.
 */
#pragma once
#include <stdbool.h>

/* False: it could not be closed. Sanitizer builds keep their own system calls and memory. */
bool decoder_close(void);
