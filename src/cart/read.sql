-- name: cart_items
SELECT l.id, l.cart_id, l.hold_id, l.variant_id, l.public_id, c.viewer_id, c.shop_id, c.market,
       l.qty, l.unit_amount, l.source, l.state, l.show_id, l.listing_id, l.claim_id, l.deal_id,
       h.expires_at, l.at,
       v.public_id, p.public_id, p.title, v.options, p.options, f.key, m.builtin, p.exempt,
       li.code, s.public_id, li.public_id, cl.public_id, coalesce(pr.amount, -1),
       p.status = 'active' AND v.active = 1 AND pr.amount IS NOT NULL,
       v.stock_total - v.stock_held, v.track_stock
  FROM cart_line l
  JOIN cart c ON c.id = l.cart_id
  JOIN hold h ON h.id = l.hold_id
  JOIN variant v ON v.id = l.variant_id
  JOIN product p ON p.id = v.product_id
  LEFT JOIN price pr ON pr.variant_id = v.id AND pr.market = c.market
  LEFT JOIN product_media m
    ON m.product_id = p.id
   AND m.position = (SELECT min(x.position) FROM product_media x WHERE x.product_id = p.id)
  LEFT JOIN file f ON f.id = m.file_id
  LEFT JOIN listing li ON li.id = l.listing_id
  LEFT JOIN claim cl ON cl.id = l.claim_id
  LEFT JOIN show s ON s.id = l.show_id
 WHERE l.cart_id = $1 AND l.state IN ('held', 'expired')
 ORDER BY l.at, l.id LIMIT $2;

-- name: cart_badge
SELECT CAST(coalesce(sum(l.qty), 0) AS BIGINT), coalesce(min(h.expires_at), 0),
       (SELECT count(*) FROM waiting w
         WHERE w.viewer_id = $1 AND w.shop_id = $2 AND w.state = 'offered')
  FROM cart c
  JOIN cart_line l ON l.cart_id = c.id AND l.state = 'held'
  JOIN hold h ON h.id = l.hold_id
 WHERE c.viewer_id = $1 AND c.shop_id = $2 AND c.market = $3 AND c.state = 'open';

-- name: waiting_goods
SELECT v.public_id, p.public_id, p.title, v.options, p.options, f.key, m.builtin,
       li.code, s.public_id, li.public_id, sh.public_id, sh.slug, sh.name
  FROM waiting w
  JOIN variant v ON v.id = w.variant_id
  JOIN product p ON p.id = v.product_id
  JOIN shop sh ON sh.id = w.shop_id
  LEFT JOIN product_media m
    ON m.product_id = p.id
   AND m.position = (SELECT min(x.position) FROM product_media x WHERE x.product_id = p.id)
  LEFT JOIN file f ON f.id = m.file_id
  LEFT JOIN listing li ON li.id = w.listing_id
  LEFT JOIN show s ON s.id = w.show_id
 WHERE w.id = $1;

-- name: cart_shop
SELECT public_id, slug, name FROM shop WHERE id = $1;

-- name: goods_variant
-- A price of a market that the shop has switched off is none.
SELECT v.id, v.shop_id, v.product_id, p.status = 'active' AND v.active = 1,
       CASE WHEN coalesce((SELECT y.active FROM shop_market y
                            WHERE y.shop_id = v.shop_id AND y.market = $1), 1) = 1
            THEN coalesce(pr.amount, -1) ELSE -1 END,
       EXISTS (SELECT 1 FROM waiting w WHERE w.variant_id = v.id AND w.state = 'waiting')
  FROM variant v
  JOIN product p ON p.id = v.product_id
  LEFT JOIN price pr ON pr.variant_id = v.id AND pr.market = $1
 WHERE v.public_id = $2;

-- name: goods_listing
SELECT id, show_id FROM listing WHERE public_id = $1 AND product_id = $2;

-- name: cart_coupon
SELECT public_id FROM coupon WHERE id = $1;

-- name: line_terms
-- How many more of it the buyer may claim, and whether claims of the show may be taken back.
SELECT l.per_buyer_max - coalesce(t.qty, 0), coalesce(a.cancel_ok, 1)
  FROM listing l
  LEFT JOIN listing_take t ON t.listing_id = l.id AND t.viewer_id = $1
  LEFT JOIN show_sale a ON a.show_id = l.show_id
 WHERE l.id = $2;
