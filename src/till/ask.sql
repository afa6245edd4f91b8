-- Payments whose provider is to be asked.

-- name: asks_due
SELECT id, next_ask_at FROM payment WHERE next_ask_at <= $1 AND provider = $2
 ORDER BY next_ask_at, id LIMIT $3;

-- name: asks_waiting
SELECT count(*) FROM payment WHERE next_ask_at <= $1;

-- name: ask_claim
-- A lease: whoever moves it ahead asks. One that dies on the way is followed when it has run out.
UPDATE payment SET next_ask_at = $1, asks = asks + 1 WHERE id = $2 AND next_ask_at = $3;

-- name: ask_later
-- Nobody answered. What was ended by the clock alone is asked about all the same: it may be paid.
UPDATE payment SET next_ask_at = $1
 WHERE id = $2 AND state IN ('created', 'pending', 'failed', 'expired');

-- name: ask_context
SELECT o.shop_id, o.state FROM payment p JOIN orders o ON o.id = p.order_id WHERE p.id = $1;
