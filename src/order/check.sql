-- As stock/reconcile.sql: id, what it should be, what it is; $1 the shop (0: all), $2 a limit.

-- name: check_cart
-- One cart makes one order (I4).
SELECT cart_id, 1, count(*) FROM orders
 WHERE cart_id IS NOT NULL AND ($1 = 0 OR shop_id = $1)
 GROUP BY cart_id HAVING count(*) > 1 LIMIT $2;

-- name: check_pays
-- At most one payment of an order counts (I5).
SELECT o.id, 1, count(*) FROM orders o JOIN payment p ON p.order_id = o.id
 WHERE p.state IN ('paid', 'part_refunded', 'collected', 'settled') AND ($1 = 0 OR o.shop_id = $1)
 GROUP BY o.id HAVING count(*) > 1 LIMIT $2;

-- name: check_refunds
-- The counter of a payment is the sum of its refunds that did not fail (I7).
SELECT p.id, CAST(COALESCE(sum(r.amount), 0) AS BIGINT), p.refunded
  FROM payment p JOIN orders o ON o.id = p.order_id
  LEFT JOIN refund r ON r.payment_id = p.id AND r.state IN ('queued', 'sent', 'done')
 WHERE $1 = 0 OR o.shop_id = $1
 GROUP BY p.id, p.refunded HAVING COALESCE(sum(r.amount), 0) <> p.refunded LIMIT $2;

-- name: check_money
-- Money is on an order that stands, or on its way back (I8).
SELECT p.id, p.amount, p.refunded FROM payment p JOIN orders o ON o.id = p.order_id
 WHERE p.refunded < p.amount AND ($1 = 0 OR o.shop_id = $1)
   AND ((p.state IN ('paid', 'part_refunded', 'collected', 'settled')
         AND o.state NOT IN ('confirmed', 'completed'))
        OR p.state = 'orphaned')
 LIMIT $2;

-- name: check_amount
-- What counts as paid is what was to be paid (I10).
SELECT p.id, o.total, p.amount FROM payment p JOIN orders o ON o.id = p.order_id
 WHERE p.state IN ('paid', 'part_refunded', 'collected', 'settled') AND p.amount <> o.total
   AND ($1 = 0 OR o.shop_id = $1)
 LIMIT $2;

-- name: check_goods
-- The lines sum to the order (I9).
SELECT o.id, o.subtotal, CAST(sum(l.qty * l.unit_amount) AS BIGINT)
  FROM orders o JOIN order_line l ON l.order_id = o.id
 WHERE $1 = 0 OR o.shop_id = $1
 GROUP BY o.id, o.subtotal HAVING sum(l.qty * l.unit_amount) <> o.subtotal LIMIT $2;

-- name: check_discount
SELECT o.id, o.discount, CAST(sum(l.discount_amount) AS BIGINT)
  FROM orders o JOIN order_line l ON l.order_id = o.id
 WHERE $1 = 0 OR o.shop_id = $1
 GROUP BY o.id, o.discount HAVING sum(l.discount_amount) <> o.discount LIMIT $2;

-- name: check_tax
SELECT o.id, o.tax, CAST(sum(l.tax_amount) AS BIGINT)
  FROM orders o JOIN order_line l ON l.order_id = o.id
 WHERE $1 = 0 OR o.shop_id = $1
 GROUP BY o.id, o.tax HAVING sum(l.tax_amount) <> o.tax LIMIT $2;

-- name: check_total
SELECT id, subtotal - discount + shipping, total FROM orders
 WHERE subtotal - discount + shipping <> total AND ($1 = 0 OR shop_id = $1) LIMIT $2;

-- name: check_units
-- Units of an unpaid order are held, those of one that stands are sold.
SELECT l.id, l.qty, COALESCE(h.qty, 0)
  FROM order_line l JOIN orders o ON o.id = l.order_id
  LEFT JOIN hold h ON h.id = l.hold_id AND h.owner = 'order' AND h.owner_id = l.id
       AND h.state = CASE WHEN o.state = 'awaiting_payment' THEN 'active' ELSE 'used' END
 WHERE o.state IN ('awaiting_payment', 'confirmed', 'completed')
   AND (h.id IS NULL OR h.qty <> l.qty) AND ($1 = 0 OR o.shop_id = $1)
 LIMIT $2;

-- name: check_held
-- No order that is over holds anything.
SELECT h.id, 0, h.qty
  FROM hold h JOIN order_line l ON l.id = h.owner_id JOIN orders o ON o.id = l.order_id
 WHERE h.owner = 'order' AND h.state = 'active' AND o.state <> 'awaiting_payment'
   AND ($1 = 0 OR o.shop_id = $1)
 LIMIT $2;

-- name: check_numbers
-- The numbers of a day have no gaps.
SELECT d.last_no, d.last_no, count(o.id)
  FROM order_day d LEFT JOIN orders o ON o.shop_id = d.shop_id AND substr(o.no, 1, 7) = d.day
 WHERE $1 = 0 OR d.shop_id = $1
 GROUP BY d.shop_id, d.day, d.last_no HAVING count(o.id) <> d.last_no LIMIT $2;

-- name: check_parcels
-- What a line says is in parcels is in parcels.
SELECT l.id, CAST(COALESCE(sum(CASE WHEN p.state <> 'void' THEN pl.qty ELSE 0 END), 0) AS BIGINT),
       l.in_parcel
  FROM order_line l JOIN orders o ON o.id = l.order_id
  LEFT JOIN parcel_line pl ON pl.order_line_id = l.id
  LEFT JOIN parcel p ON p.id = pl.parcel_id
 WHERE o.state <> 'cancelled' AND ($1 = 0 OR o.shop_id = $1)
 GROUP BY l.id, l.in_parcel
HAVING COALESCE(sum(CASE WHEN p.state <> 'void' THEN pl.qty ELSE 0 END), 0) <> l.in_parcel
 LIMIT $2;
