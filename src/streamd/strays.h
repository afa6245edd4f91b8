/*
 * strays - recordings in the media folder that belong to no video: what a program that was killed,
 * or a database put back from a copy, left behind. They are told, never removed: a database of
 * yesterday must not cost the recordings of today.
 */
#pragma once
#include <stddef.h>

struct library;

/* Folders of `media_dir` that are named as a video but are none. Reads a folder: before viewers. */
size_t strays_count(struct library *l, const char *media_dir);
/* A line for the operator when there are any. */
void strays_tell(struct library *l, const char *media_dir);
