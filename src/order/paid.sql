-- Money that came.

-- name: paid_payment
SELECT id, order_id, public_id, provider, method, amount, currency, state, refunded FROM payment
 WHERE id = $1;

-- name: paid_amount
UPDATE payment SET amount = $1 WHERE id = $2;

