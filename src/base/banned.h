/*
 * banned - calls that no file of ours may make. The build puts this header in front of every C
 * file; naming one of them is then a compile error.
 *
 *   strcpy strcat strncpy sprintf vsprintf   no bound, or no end mark: use snprintf or struct buf
 *   strtok                                   hidden state: use strcspn/strspn
 *   gmtime localtime ctime asctime           one static result for all threads: use the _r calls
 *   atoi atol                                errors look like 0: use strtoll with its end pointer
 *   gets                                     no bound at all
 *
 * Order:   the system headers that declare them come first; a poisoned word may not appear later.
 */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#pragma GCC poison strcpy strcat strncpy sprintf vsprintf
#pragma GCC poison strtok
#pragma GCC poison gmtime localtime ctime asctime
#pragma GCC poison atoi atol
#pragma GCC poison gets
