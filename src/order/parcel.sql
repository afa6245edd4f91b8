-- Parcels and what is in them.

-- name: parcel_insert
INSERT INTO parcel (id, public_id, order_id, carrier, state, cod_amount, created_at, changed_at)
VALUES ($1, $2, $3, $4, 'packing', $5, $6, $6);

-- name: parcel_line_insert
INSERT INTO parcel_line (parcel_id, order_line_id, qty) VALUES ($1, $2, $3);

-- name: parcel_line_take
-- Checks and takes at once: a unit is in one parcel.
UPDATE order_line SET in_parcel = in_parcel + $1
 WHERE id = $2 AND in_parcel + $1 <= qty - qty_refunded;

-- name: parcel_line_back
UPDATE order_line
   SET in_parcel = in_parcel - (SELECT pl.qty FROM parcel_line pl
                                 WHERE pl.parcel_id = $1 AND pl.order_line_id = order_line.id)
 WHERE id IN (SELECT order_line_id FROM parcel_line WHERE parcel_id = $1);

-- name: parcels_with_money
SELECT count(*) FROM parcel WHERE order_id = $1 AND state <> 'void' AND cod_amount > 0;

-- name: parcel_by_public_id
SELECT id, order_id, state, cod_amount, inspected, version FROM parcel WHERE public_id = $1;

-- name: parcel_by_id
SELECT order_id, state, cod_amount, inspected FROM parcel WHERE id = $1;

-- name: parcel_set
UPDATE parcel SET state = $1, carrier = COALESCE($2, carrier), tracking = COALESCE($3, tracking),
                  inspected = $4, changed_at = $5, version = version + 1,
                  arrived_at = CASE WHEN $1 IN ('collected', 'delivered')
                                    THEN COALESCE(arrived_at, $5) ELSE arrived_at END
 WHERE id = $6 AND state = $7 AND inspected = $8;

-- name: parcel_settled
-- Cash that was paid back before it was settled: it is settled all the same, once.
UPDATE payment SET settled = 1, changed_at = $1
 WHERE id = $2 AND state = 'refunded' AND provider = 'cod' AND settled = 0;

-- name: parcel_lines
SELECT order_line_id, qty FROM parcel_line WHERE parcel_id = $1 ORDER BY order_line_id LIMIT 400;

-- name: order_not_arrived
-- Units and parcels of an order that may yet reach the buyer, or wait to be looked at.
SELECT (SELECT count(*) FROM order_line WHERE order_id = $1 AND in_parcel < qty - qty_refunded)
     + (SELECT count(*) FROM parcel
         WHERE order_id = $1 AND state NOT IN ('collected', 'delivered', 'void')
           AND NOT (state = 'returned' AND inspected = 1));

-- name: order_arrived_any
SELECT count(*) FROM parcel WHERE order_id = $1 AND state IN ('collected', 'delivered');

-- name: packing_orders
-- Orders to pack: something is in no parcel yet, or in one that is being packed; not those paid back.
SELECT o.id FROM orders o
 WHERE o.shop_id = $1 AND ($2 = 0 OR o.show_id = $2) AND o.state = 'confirmed'
   AND (NOT EXISTS (SELECT 1 FROM payment y WHERE y.order_id = o.id AND y.state = 'refunded')
        OR EXISTS (SELECT 1 FROM payment y WHERE y.order_id = o.id
                      AND y.state IN ('paid', 'part_refunded', 'collected', 'settled')))
   AND (EXISTS (SELECT 1 FROM order_line l
                 WHERE l.order_id = o.id AND l.in_parcel < l.qty - l.qty_refunded)
        OR EXISTS (SELECT 1 FROM parcel p WHERE p.order_id = o.id AND p.state = 'packing'))
 ORDER BY o.id LIMIT 500;

-- name: packing_pick
-- What to fetch: sums of the same orders over all of their units that are not packed yet.
SELECT v.public_id, l.title, l.options, min(l.code), min(l.image),
       CAST(sum(l.qty - l.qty_refunded) AS BIGINT), CAST(sum(l.packed) AS BIGINT)
  FROM orders o JOIN order_line l ON l.order_id = o.id JOIN variant v ON v.id = l.variant_id
 WHERE o.shop_id = $1 AND ($2 = 0 OR o.show_id = $2) AND o.state = 'confirmed'
   AND (NOT EXISTS (SELECT 1 FROM payment y WHERE y.order_id = o.id AND y.state = 'refunded')
        OR EXISTS (SELECT 1 FROM payment y WHERE y.order_id = o.id
                      AND y.state IN ('paid', 'part_refunded', 'collected', 'settled')))
   AND l.qty > l.qty_refunded
   AND (l.in_parcel < l.qty - l.qty_refunded
        OR EXISTS (SELECT 1 FROM parcel p JOIN parcel_line pl ON pl.parcel_id = p.id
                    WHERE pl.order_line_id = l.id AND p.state = 'packing'))
 GROUP BY v.public_id, l.title, l.options
 ORDER BY min(l.code), v.public_id LIMIT 1000;

-- name: packing_parcel
SELECT public_id FROM parcel WHERE order_id = $1 AND state = 'packing' ORDER BY id LIMIT 1;

-- name: packing_tick
UPDATE order_line SET packed = $1 WHERE order_id = $2 AND line_no = $3 AND $1 <= qty;

-- name: label_parcel
SELECT p.id, p.order_id, p.carrier, p.tracking, p.cod_amount FROM parcel p
  JOIN orders o ON o.id = p.order_id
 WHERE p.public_id = $1 AND o.shop_id = $2;

-- name: label_lines
SELECT l.title, l.options, l.code, pl.qty FROM parcel_line pl
  JOIN order_line l ON l.id = pl.order_line_id
 WHERE pl.parcel_id = $1 ORDER BY l.line_no LIMIT 100;
