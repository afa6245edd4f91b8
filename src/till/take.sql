-- What providers say of payments.

-- name: take_shop
SELECT o.shop_id FROM payment p JOIN orders o ON o.id = p.order_id WHERE p.id = $1;

-- name: take_returned
SELECT COALESCE(returned_at, 0) FROM payment WHERE id = $1;

-- name: take_facts
-- What is not known stays as it is. A number of the provider's belongs to one payment.
UPDATE payment
   SET provider_ref = CASE WHEN EXISTS (SELECT 1 FROM payment o
                                         WHERE o.provider = payment.provider
                                           AND o.provider_ref = $1 AND o.id <> payment.id)
                           THEN provider_ref ELSE COALESCE($1, provider_ref) END,
       details = COALESCE($2, details), changed_at = $3
 WHERE id = $4;

-- name: take_simulated
UPDATE payment SET simulated = 1, changed_at = $1 WHERE id = $2;

-- name: take_failed
UPDATE payment SET fail_code = $1 WHERE id = $2;

-- name: take_paid_at
UPDATE payment SET paid_at = COALESCE(paid_at, $1), fail_code = NULL WHERE id = $2;

-- name: take_next_ask
UPDATE payment SET next_ask_at = $1 WHERE id = $2;

-- name: take_others_end
-- Another payment of the order counts now: those still open are ended at their provider.
UPDATE payment SET next_ask_at = $1
 WHERE order_id = $2 AND id <> $3 AND started_at IS NOT NULL AND next_ask_at IS NOT NULL
   AND state IN ('created', 'pending');

-- name: inbox_insert
INSERT INTO inbox (id, shop_id, provider, event_key, kind, body, ref, payment_id, state, next_at,
                   result, at, handled_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (shop_id, provider, event_key) DO NOTHING;
