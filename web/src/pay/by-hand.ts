/** Money that came by these ways goes back by hand. */
export const byHand = (method: string): boolean => /^(?:ecpay_(?:atm|cvs|barcode|webatm|twqr)|omise_(?:promptpay|mobile_\w+))$/.test(method);
