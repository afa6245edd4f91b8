-- Goods that come back.

-- name: return_by_idem
SELECT id FROM return_case WHERE order_id = $1 AND idem = $2;

-- name: return_insert
INSERT INTO return_case (id, public_id, order_id, lines, reason, state, withdrawal, last_day, idem,
                         asked_at, changed_at)
VALUES ($1, $2, $3, $4, $5, 'asked', 1, $6, $7, $8, $8);

-- name: return_line_take
-- Checks and takes at once: a unit is asked to go back once.
UPDATE order_line SET qty_returned = qty_returned + $1
 WHERE id = $2 AND qty_returned + $1 <= qty;

-- name: return_line_back
UPDATE order_line SET qty_returned = qty_returned - $1 WHERE id = $2 AND qty_returned >= $1;

-- name: return_arrived
-- When the last parcel of an order came to its buyer.
SELECT COALESCE(max(arrived_at), 0) FROM parcel
 WHERE order_id = $1 AND state IN ('collected', 'delivered');

-- name: return_by_public_id
SELECT id, order_id, state, withdrawal, lines FROM return_case WHERE public_id = $1;

-- name: return_set
UPDATE return_case SET state = $1, note = COALESCE($2, note), changed_at = $3,
                       version = version + 1
 WHERE id = $4 AND state = $5;
