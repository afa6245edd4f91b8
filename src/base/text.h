/*
 * text - UTF-8 from outside: is it valid, how long is it, is it fit to show; and small parsing.
 *
 * Thread: any; no state.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

/* Valid UTF-8: no surrogates, no overlong forms, nothing past U+10FFFF. NUL counts as a character.
 */
bool text_is_utf8(const char *s, size_t len);
/* The first character of s and how many bytes it takes: 1..4, 0 if it is not valid or len is 0. */
size_t text_char(const char *s, size_t len, uint32_t *ret_char);
/* Characters (code points) in valid UTF-8. */
size_t text_chars(const char *s, size_t len);
/* How many bytes the first `chars` characters of valid UTF-8 take: to cut without breaking one. */
size_t text_prefix(const char *s, size_t len, size_t chars);
/*
 * What a person typed, made fit to store and show: control characters and bidi overrides dropped,
 * runs of white space made one space, ends trimmed. In place; returns the new length.
 * `s` is valid UTF-8.
 */
size_t text_tidy(char *s, size_t len);

/* The whole of s is a decimal number in lo..hi, no sign but a leading '-', no spaces. */
enum err text_i64(const char *s, int64_t lo, int64_t hi, int64_t *ret_n) NODISCARD;

/* Copy with truncation, always NUL-terminated; returns true if all of it fitted. */
bool text_copy(char *dst, size_t size, const char *src);
bool text_has_prefix(const char *s, const char *prefix);
bool text_has_suffix(const char *s, const char *suffix);
/* ASCII letters compared without case. */
bool text_same_nocase(const char *a, const char *b);

/* Percent-decode in place ('+' stays). ERR_INPUT: a bad escape or an encoded NUL. */
enum err text_percent_decode(char *s, size_t *ret_len) NODISCARD;
