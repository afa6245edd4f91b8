-- name: menu_sign
-- Changes whenever a product of the show does.
SELECT CAST(COALESCE(SUM(p.version), 0) AS BIGINT) + COUNT(*) * 1000003
  FROM listing l JOIN product p ON p.id = l.product_id WHERE l.show_id = $1;

-- name: menu_listings
SELECT l.id, l.public_id, l.code, l.claim_mode,
       CASE WHEN l.claim_open = 1
              OR EXISTS (SELECT 1 FROM deal d WHERE d.listing_id = l.id
                           AND d.state IN ('open', 'sold_out')) THEN 1 ELSE 0 END,
       p.options
  FROM listing l JOIN product p ON p.id = l.product_id
 WHERE l.show_id = $1 AND l.state <> 'withdrawn' ORDER BY l.position, l.id LIMIT 300;

-- name: menu_variants
SELECT l.id, v.id, v.public_id, v.options
  FROM listing l JOIN variant v ON v.product_id = l.product_id
 WHERE l.show_id = $1 AND l.state <> 'withdrawn' AND v.active = 1
 ORDER BY l.position, l.id, v.position, v.id LIMIT 30000;
