-- name: news_names
-- What events call a variant and a listing.
SELECT v.public_id, (SELECT l.public_id FROM listing l WHERE l.id = $1)
  FROM variant v WHERE v.id = $2;

-- name: news_line
SELECT public_id, unit_amount FROM cart_line WHERE id = $1;

-- name: news_waiting
SELECT public_id, place FROM waiting WHERE id = $1;

-- name: take_count
-- What one buyer has, or waits for, of a listing, counted anew.
UPDATE listing_take
   SET qty = (SELECT CAST(COALESCE(SUM(c.qty_given), 0) AS BIGINT) FROM claim c
               WHERE c.viewer_id = $1 AND c.show_id = $2 AND c.listing_id = $3
                 AND c.state IN ('granted', 'partial', 'reduced', 'ordered'))
           + (SELECT CAST(COALESCE(SUM(w.qty), 0) AS BIGINT)
                FROM claim c JOIN waiting w ON w.id = c.waiting_id
               WHERE c.viewer_id = $1 AND c.show_id = $2 AND c.listing_id = $3
                 AND c.state = 'waitlisted' AND w.state IN ('waiting', 'offered'))
 WHERE listing_id = $3 AND viewer_id = $1;

-- name: variant_in_shows
-- Where viewers see how many are left of it.
SELECT l.show_id, v.public_id, v.stock_total - v.stock_held, v.track_stock
  FROM variant v JOIN listing l ON l.product_id = v.product_id JOIN show s ON s.id = l.show_id
 WHERE v.id = $1 AND l.state <> 'withdrawn'
   AND s.state IN ('scheduled', 'backstage', 'live', 'interrupted')
 GROUP BY l.show_id, v.public_id, v.stock_total, v.stock_held, v.track_stock
 ORDER BY l.show_id LIMIT 20;

-- name: variants_on_air
SELECT v.id FROM show s JOIN listing l ON l.show_id = s.id
  JOIN variant v ON v.product_id = l.product_id
 WHERE s.state IN ('live', 'interrupted') AND l.state = 'shown' LIMIT 2000;

-- name: expiring_shows
-- Shows with a cart's hold that has less than a minute ($2 is now + 1 min) and was not told of.
SELECT n.show_id FROM hold h JOIN cart_line n ON n.id = h.owner_id
  JOIN show_sale a ON a.show_id = n.show_id
 WHERE h.state = 'active' AND h.owner = 'cart' AND h.expires_at > $1 AND h.expires_at <= $2
   AND h.expires_at > a.warned_to AND h.expires_at - h.created_at > 120000
 GROUP BY n.show_id ORDER BY n.show_id LIMIT 100;

-- name: expiring_lines
SELECT n.public_id, h.viewer_id, v.public_id, COALESCE(l.public_id, ''), h.expires_at
  FROM hold h JOIN cart_line n ON n.id = h.owner_id JOIN show_sale a ON a.show_id = n.show_id
  JOIN variant v ON v.id = h.variant_id LEFT JOIN listing l ON l.id = n.listing_id
 WHERE n.show_id = $1 AND h.state = 'active' AND h.owner = 'cart' AND h.expires_at > $2
   AND h.expires_at <= $3 AND h.expires_at > a.warned_to AND h.expires_at - h.created_at > 120000
 ORDER BY h.expires_at, h.id LIMIT 65;

-- name: expiring_told
UPDATE show_sale SET warned_to = $1 WHERE show_id = $2 AND warned_to < $1;
