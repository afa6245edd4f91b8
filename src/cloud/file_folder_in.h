/* file_folder - the folder behind a file_store. Private to cloud; calls as file_store.h. */
#pragma once
#include "cloud/file_store.h"

struct folder;

enum err folder_make(struct cx *cx, const char *path, struct folder **ret_folder) NODISCARD;
void folder_free(struct folder *d);
bool folder_key_ok(const char *key);
enum err folder_put(struct folder *d, struct cx *cx, const struct s3_put *put) NODISCARD;
enum err folder_open(struct folder *d, struct cx *cx, const char *key, int *ret_fd,
                     uint64_t *ret_len) NODISCARD;
enum err folder_get(struct folder *d, struct cx *cx, const char *key, struct buf *out) NODISCARD;
enum err folder_get_file(struct folder *d, struct cx *cx, const char *key, int fd, uint64_t max,
                         uint64_t *ret_len) NODISCARD;
enum err folder_delete(struct folder *d, struct cx *cx, const char *key) NODISCARD;
