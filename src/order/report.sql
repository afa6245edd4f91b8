-- What a show brought. Goods are counted where they were shown (line), money where the order began.

-- name: report_show
SELECT id, shop_id, title, COALESCE(live_started_at, 0), COALESCE(ended_at, 0), peak
  FROM show WHERE public_id = $1;

-- name: report_people
SELECT (SELECT count(*) FROM show_seen WHERE show_id = $1),
       (SELECT count(DISTINCT viewer_id) FROM claim
         WHERE show_id = $1 AND state_at_once <> 'rejected'),
       (SELECT count(DISTINCT viewer_id) FROM orders
         WHERE show_id = $1 AND state IN ('awaiting_payment', 'confirmed', 'completed')),
       (SELECT count(DISTINCT o.viewer_id) FROM orders o JOIN payment p ON p.order_id = o.id
         WHERE o.show_id = $1 AND p.state IN ('paid', 'part_refunded', 'collected', 'settled'));

-- name: report_counts
SELECT (SELECT count(*) FROM claim WHERE show_id = $1 AND state_at_once <> 'rejected'),
       (SELECT count(*) FROM orders
         WHERE show_id = $1 AND state IN ('awaiting_payment', 'confirmed', 'completed')),
       (SELECT count(*) FROM waiting WHERE show_id = $1 AND state = 'taken'),
       (SELECT count(*) FROM orders WHERE show_id = $1 AND state = 'awaiting_payment'),
       (SELECT count(DISTINCT l.cart_id) FROM cart_line l JOIN cart c ON c.id = l.cart_id
         WHERE l.show_id = $1 AND l.state = 'held' AND c.state = 'open');

-- name: report_claimed
-- All that went into carts from this show, whatever became of it.
SELECT c.market, CAST(sum(l.qty * l.unit_amount) AS BIGINT)
  FROM cart_line l JOIN cart c ON c.id = l.cart_id
 WHERE l.show_id = $1 GROUP BY c.market;

-- name: report_ordered
SELECT market, CAST(sum(total) AS BIGINT) FROM orders
 WHERE show_id = $1 AND state IN ('awaiting_payment', 'confirmed', 'completed') GROUP BY market;

-- name: report_paid
-- Money that the shop has and keeps.
SELECT o.market, CAST(sum(p.amount - p.refunded) AS BIGINT)
  FROM orders o JOIN payment p ON p.order_id = o.id
 WHERE o.show_id = $1 AND p.state IN ('paid', 'part_refunded', 'collected', 'settled')
 GROUP BY o.market;

-- name: report_listings
SELECT ls.public_id, p.id, p.public_id, ls.code, p.title, f.key, m.builtin
  FROM listing ls JOIN product p ON p.id = ls.product_id
  LEFT JOIN product_media m ON m.product_id = p.id AND m.position = 1
  LEFT JOIN file f ON f.id = m.file_id
 WHERE ls.show_id = $1 ORDER BY ls.position, ls.id LIMIT 300;

-- name: report_product_claimed
SELECT v.product_id, CAST(sum(l.qty) AS BIGINT)
  FROM cart_line l JOIN variant v ON v.id = l.variant_id
 WHERE l.show_id = $1 GROUP BY v.product_id;

-- name: report_product_ordered
SELECT v.product_id, o.market, CAST(sum(l.qty) AS BIGINT),
       CAST(sum(l.qty * l.unit_amount - l.discount_amount) AS BIGINT),
       CAST(sum(CASE WHEN p.id IS NULL THEN 0 ELSE l.qty - l.qty_refunded END) AS BIGINT),
       CAST(sum(CASE WHEN p.id IS NULL THEN 0
                     ELSE (l.qty * l.unit_amount - l.discount_amount) * (l.qty - l.qty_refunded)
                          / l.qty END) AS BIGINT)
  FROM order_line l JOIN orders o ON o.id = l.order_id JOIN variant v ON v.id = l.variant_id
  LEFT JOIN payment p ON p.order_id = o.id
       AND p.state IN ('paid', 'part_refunded', 'collected', 'settled')
 WHERE l.show_id = $1 AND o.state IN ('awaiting_payment', 'confirmed', 'completed')
 GROUP BY v.product_id, o.market;

-- name: report_samples
SELECT at, viewers FROM show_sample WHERE show_id = $1 ORDER BY at LIMIT 1440;

-- name: report_pins
SELECT g.starts_at, COALESCE(g.ends_at, 0), ls.code, ls.public_id
  FROM segment g JOIN listing ls ON ls.id = g.listing_id
 WHERE g.show_id = $1 ORDER BY g.starts_at LIMIT 500;

-- name: report_deals
SELECT COALESCE(d.opens_at, 0), COALESCE(d.closes_at, 0), ls.code, d.quota, d.taken
  FROM deal d JOIN listing ls ON ls.id = d.listing_id
 WHERE d.show_id = $1 AND d.state IN ('open', 'sold_out', 'closed') ORDER BY d.opens_at LIMIT 200;
