-- As stock/reconcile.sql: id, what it should be, what it is; $1 the shop (0: all), $2 a limit.

-- name: check_line
-- A held line has its hold, of its viewer, with its quantity.
SELECT l.id, l.qty, coalesce(h.qty, 0)
  FROM cart_line l
  JOIN cart c ON c.id = l.cart_id
  LEFT JOIN hold h
    ON h.id = l.hold_id AND h.state = 'active' AND h.owner = 'cart' AND h.owner_id = l.id
   AND h.viewer_id = c.viewer_id
 WHERE l.state = 'held' AND (h.id IS NULL OR h.qty <> l.qty) AND ($1 = 0 OR c.shop_id = $1)
 LIMIT $2;

-- name: check_line_hold
SELECT h.id, 0, h.qty
  FROM hold h
  JOIN variant v ON v.id = h.variant_id
  LEFT JOIN cart_line l ON l.id = h.owner_id AND l.hold_id = h.id AND l.state = 'held'
 WHERE h.state = 'active' AND h.owner = 'cart' AND l.id IS NULL AND ($1 = 0 OR v.shop_id = $1)
 LIMIT $2;

-- name: check_closed
-- Held lines are in open carts only.
SELECT l.id, 0, l.qty
  FROM cart_line l
  JOIN cart c ON c.id = l.cart_id
 WHERE l.state = 'held' AND c.state <> 'open' AND ($1 = 0 OR c.shop_id = $1)
 LIMIT $2;
