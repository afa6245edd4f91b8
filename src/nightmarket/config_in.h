/* config_in - the parts of config's check. Private to nightmarket. */
#pragma once
#include "base/cx.h"

struct config;
struct env;

/* ERR_INPUT: a group is half set, or a provider's algorithm is not one we take. */
enum err config_check_groups(struct cx *cx, const struct env *env) NODISCARD;

/* Keys and addresses of ECPay and Omise; groups are whole by then. ERR_INPUT */
enum err config_take_pay(struct cx *cx, const struct env *env, struct config *c) NODISCARD;

/* Mail and push: how people are reached outside the page. After the public URL. ERR_INPUT */
enum err config_take_notify(struct cx *cx, const struct env *env, struct config *c) NODISCARD;

/* Whom people may sign in with; groups are whole by then. ERR_INPUT */
enum err config_take_login(struct cx *cx, const struct env *env, struct config *c) NODISCARD;

/*
 * Is the value of the variable `name` good? ERR_INPUT: the problem names the variable, and never
 * repeats the value.
 */
/* http(s)://host[:port][/path], no user, query or fragment; https unless on loopback. */
enum err config_check_url(struct cx *cx, const char *name, const char *url,
                          bool plain_ok) NODISCARD;
/* smtps://[user:password@]host[:port], or smtp:// */
enum err config_check_smtp(struct cx *cx, const char *name, const char *url) NODISCARD;
/* 32 bytes in base64url. */
enum err config_check_vapid(struct cx *cx, const char *name, const char *key) NODISCARD;
/* What can stand in a header. */
enum err config_check_token(struct cx *cx, const char *name, const char *token) NODISCARD;
enum err config_check_listen(struct cx *cx, const char *name, const char *text) NODISCARD;
enum err config_check_cidrs(struct cx *cx, const char *name, const char *text) NODISCARD;
enum err config_check_database(struct cx *cx, const char *name, const char *url) NODISCARD;

/* NM_SECRET_KEY, or the key file in data_dir, made once with mode 0600. */
enum err config_secret_key(struct cx *cx, const struct env *env, const char *data_dir,
                           unsigned char *ret_key) NODISCARD;
