/*
 * promptpay - what a PromptPay QR says: EMVCo merchant-presented mode with the bill payment
 * template of Thailand (tag 30). The biller is all zeros: no bank pays it, should somebody scan a
 * sandbox's code with a real app.
 *
 * Source: EMV QRCPS Merchant-Presented Mode 1.1; Bank of Thailand, Thai QR Payment Standard 2019.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

enum { PROMPTPAY_TEXT = 256, PROMPTPAY_REF = 20 };

/* `ref`: up to PROMPTPAY_REF of its letters and digits are taken, in capitals. */
void promptpay_text(int64_t satang, const char *ref, char out[PROMPTPAY_TEXT]);
