-- Holds: each ends once, however often it is asked to.

-- name: hold_insert
INSERT INTO hold (id, variant_id, qty, deal_id, viewer_id, owner, owner_id, state, created_at,
                  expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'active', $8, $9);

-- name: hold_get
SELECT id, variant_id, qty, deal_id, viewer_id, owner, owner_id, expires_at
  FROM hold WHERE id = $1 AND state = 'active';

-- name: hold_end
UPDATE hold SET state = $1 WHERE id = $2 AND state = 'active' AND expires_at <= $3
RETURNING id, variant_id, qty, deal_id, viewer_id, owner, owner_id, expires_at;

-- name: hold_move
UPDATE hold SET owner = $1, owner_id = $2, expires_at = $3 WHERE id = $4 AND state = 'active';

-- name: hold_sell
UPDATE hold SET state = 'used', owner = 'order', owner_id = $1 WHERE id = $2 AND state = 'active'
RETURNING id, variant_id, qty, deal_id, viewer_id, owner, owner_id, expires_at;

-- name: hold_extend
UPDATE hold SET expires_at = CASE WHEN expires_at < $1 THEN $1 ELSE expires_at END
 WHERE id = $2 AND state = 'active';

-- name: hold_set_qty
UPDATE hold SET qty = $1 WHERE id = $2 AND state = 'active' AND qty = $3;

-- name: hold_due
SELECT id, variant_id, qty, deal_id, viewer_id, owner, owner_id, expires_at
  FROM hold
 WHERE state = 'active' AND expires_at <= $1 AND owner IN ('cart', 'offer')
 ORDER BY expires_at LIMIT $2;

-- name: hold_next_due
SELECT expires_at FROM hold WHERE state = 'active' AND owner IN ('cart', 'offer')
 ORDER BY expires_at LIMIT 1;
