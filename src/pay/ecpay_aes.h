/*
 * ecpay_aes - the member "Data" of ECPay's JSON services (e-invoice).
 *
 * Shape:  base64(AES-128-CBC-PKCS7(key = HashKey, iv = HashIV, urlencode(JSON))), with PHP's plain
 *         urlencode. There is no integrity in it: what is opened is checked like any input.
 * Thread: any; no state.
 * Source: developers.ecpay.com.tw, B2C e-invoice, "parameter encryption"; vectors in the test.
 */
#pragma once
#include "pay/ecpay_mac.h"

enum { ECPAY_DATA_MAX = 512 * 1024, ECPAY_AES_KEY = 16 };

/* Both 16 bytes long? */
bool ecpay_aes_keys_ok(const struct ecpay_keys *keys);
/* Append the Data of this JSON text. ERR_INPUT: keys of another length, or json too long. */
enum err ecpay_aes_seal(const struct ecpay_keys *keys, const char *json, size_t len,
                        struct buf *out) NODISCARD;
/* Append the JSON text of this Data. ERR_INPUT: other keys, or not such Data at all. */
enum err ecpay_aes_open(const struct ecpay_keys *keys, const char *data, size_t len,
                        struct buf *out) NODISCARD;
