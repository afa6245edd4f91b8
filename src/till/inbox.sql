-- Messages that only say that something happened: it is fetched, then acted on.

-- name: inbox_due
SELECT id, next_at FROM inbox WHERE state = 'new' AND next_at <= $1 ORDER BY next_at, id LIMIT $2;

-- name: inbox_waiting
SELECT count(*) FROM inbox WHERE state = 'new';

-- name: inbox_claim
UPDATE inbox SET next_at = $1, tries = tries + 1 WHERE id = $2 AND state = 'new' AND next_at = $3;

-- name: inbox_get
SELECT shop_id, provider, ref, tries, at FROM inbox WHERE id = $1;

-- name: inbox_end
UPDATE inbox SET state = $1, result = $2, payment_id = COALESCE($3, payment_id), handled_at = $4,
                 next_at = NULL
 WHERE id = $5 AND state = 'new';

-- name: inbox_later
UPDATE inbox SET next_at = $1 WHERE id = $2 AND state = 'new';
