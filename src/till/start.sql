-- Payments that begin.

-- name: start_tries
SELECT count(*) FROM payment WHERE order_id = $1 AND started_at IS NOT NULL;

-- name: start_fresh
-- What checkout made for this method and nobody was sent on with yet.
UPDATE payment SET idem = $1, started_at = $2, expires_at = $3, next_ask_at = $4, changed_at = $2
 WHERE id = (SELECT min(id) FROM payment
              WHERE order_id = $5 AND method = $6 AND state = 'created' AND started_at IS NULL)
RETURNING id;

-- name: start_mark
UPDATE payment SET idem = $1, started_at = $2, next_ask_at = $3 WHERE id = $4;

-- name: start_soon
UPDATE payment SET next_ask_at = $1 WHERE id = $2 AND state = 'created';

-- name: start_undo
-- The provider was not there, and knows nothing of it: as if it had not begun.
UPDATE payment SET idem = NULL, started_at = NULL, next_ask_at = NULL
 WHERE id = $1 AND state = 'created';

-- name: start_returned
-- Asked about at once, but not more often than before by being loaded again; of ECPay's, which
-- tells and does not like to be asked, once: the page that came back can be posted for a day.
UPDATE payment SET returned_at = $1,
                   next_ask_at = CASE WHEN next_ask_at IS NULL OR next_ask_at <= $1
                                        OR (provider = 'ecpay' AND returned_at IS NOT NULL)
                                      THEN next_ask_at ELSE $1 END
 WHERE id = $2 AND (returned_at IS NULL OR returned_at < $3)
   AND state IN ('created', 'pending');

-- name: start_rumour
-- Not sooner than a moment after it was last asked: rumours cost nothing to spread.
UPDATE payment SET returned_at = $1,
                   next_ask_at = CASE WHEN next_ask_at IS NULL OR next_ask_at <= $1
                                      THEN next_ask_at ELSE $1 END
 WHERE provider = $2 AND provider_ref = $3 AND (returned_at IS NULL OR returned_at < $4)
   AND state IN ('created', 'pending')
   AND order_id IN (SELECT id FROM orders WHERE shop_id = $5);
