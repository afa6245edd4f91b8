/* shape_in - small helpers for JSON objects in Cloudflare's shape. Private to library. */
#pragma once
#include "base/err.h"
#include <jansson.h>

/* "2026-11-22T09:15:00.451000Z"; 0 becomes null. */
json_t *shape_time(int64_t unix_ms);
/* Stored JSON text as a value; `otherwise` (taken over) when there is none. */
json_t *shape_stored(const char *text, json_t *otherwise);
json_t *shape_text(const char *s); /* NULL becomes null */
/* 0 becomes null. */
json_t *shape_number(int64_t n);
