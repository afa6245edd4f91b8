/* ecpay_express_in - parcels among the other files of ECPay's side. Private to it. */
#pragma once
#include "sandboxd/ecpay_in.h"
#include "sandboxd/ecpay_parcel.h"

/* All want the lock. By AllPayLogisticsID, MerchantTradeNo or CVSPaymentNo; NULL: none. */
struct parcel *parcel_by_ref(struct ecpay *e, const char *ref);
/* The fields of an answer to Create and of a status notice, without CheckMacValue. */
void parcel_fields(const struct ecpay *e, const struct parcel *p, struct answer *a);
