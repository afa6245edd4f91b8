-- Reading the ledger; what guests had becomes an account's.

-- name: move_list
SELECT id, d_total, d_held, reason, ref, actor_id, at
  FROM stock_move WHERE variant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;

-- name: offers_merge
UPDATE hold SET viewer_id = $1
 WHERE owner = 'offer' AND state = 'active'
   AND id IN (SELECT w.hold_id FROM waiting w WHERE w.viewer_id = $2 AND w.state = 'offered');

-- name: waiting_merge
UPDATE waiting SET viewer_id = $1 WHERE viewer_id = $2;

-- name: stock_level
SELECT stock_total, stock_held, track_stock FROM variant WHERE id = $1;
