-- The two integers of a variant, their ledger, and how much of a deal is taken.

-- name: units_take
-- The one statement everything rests on: checks and takes at once. A variant that is not tracked
-- gets what is taken of it first.
UPDATE variant
   SET stock_held = stock_held + $1,
       stock_total = CASE track_stock WHEN 1 THEN stock_total ELSE stock_total + $1 END
 WHERE id = $2 AND (stock_total - stock_held >= $1 OR track_stock = 0)
RETURNING stock_total, stock_held, track_stock;

-- name: units_level
SELECT stock_total, stock_held, track_stock FROM variant WHERE id = $1;

-- name: units_free
UPDATE variant
   SET stock_held = stock_held - $1,
       stock_total = CASE track_stock WHEN 1 THEN stock_total ELSE stock_total - $1 END
 WHERE id = $2 AND stock_held >= $1
RETURNING stock_total, stock_held, track_stock;

-- name: units_sell
UPDATE variant SET stock_total = stock_total - $1, stock_held = stock_held - $1
 WHERE id = $2 AND stock_held >= $1
RETURNING stock_total, stock_held, track_stock;

-- name: units_adjust
UPDATE variant SET stock_total = stock_total + $1
 WHERE id = $2 AND stock_total + $1 >= stock_held AND stock_total + $1 <= $3
RETURNING stock_total, stock_held, track_stock;

-- name: units_lock
-- Nobody else frees or takes units of it until this job is committed.
UPDATE variant SET stock_held = stock_held WHERE id = $1
RETURNING stock_total, stock_held, track_stock;

-- name: move_insert
INSERT INTO stock_move (id, variant_id, d_total, d_held, reason, ref, actor_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: deal_take
UPDATE deal SET taken = taken + $1
 WHERE id = $2 AND state = 'open' AND opens_at <= $3 AND closes_at > $3 AND taken + $1 <= quota
RETURNING taken, quota;

-- name: deal_take_waited
UPDATE deal SET taken = taken + $1
 WHERE id = $2 AND state IN ('open', 'sold_out', 'closed') AND taken + $1 <= quota
RETURNING taken, quota;

-- name: deal_left
SELECT quota - taken,
       state = 'open' AND opens_at <= $1 AND closes_at > $1,
       state IN ('open', 'sold_out', 'closed')
  FROM deal WHERE id = $2;

-- name: deal_free
UPDATE deal SET taken = taken - $1 WHERE id = $2 AND taken >= $1
RETURNING taken, quota;

-- name: deal_buyer_take
INSERT INTO deal_take (deal_id, viewer_id, qty) VALUES ($1, $2, $3)
ON CONFLICT (deal_id, viewer_id) DO UPDATE SET qty = deal_take.qty + excluded.qty
 WHERE deal_take.qty + excluded.qty <= $4
RETURNING qty;

-- name: deal_buyer_has
SELECT qty FROM deal_take WHERE deal_id = $1 AND viewer_id = $2;

-- name: deal_buyer_free
UPDATE deal_take SET qty = qty - $1 WHERE deal_id = $2 AND viewer_id = $3 AND qty >= $1;

-- name: deal_buyer_merge
INSERT INTO deal_take (deal_id, viewer_id, qty)
SELECT deal_id, $1, qty FROM deal_take WHERE viewer_id = $2
ON CONFLICT (deal_id, viewer_id) DO UPDATE SET qty = deal_take.qty + excluded.qty;

-- name: deal_buyer_forget
DELETE FROM deal_take WHERE viewer_id = $1;
