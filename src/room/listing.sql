-- The columns of every listing statement are those of listing_columns() in listing_read.c.

-- name: listing_by_public_id
SELECT l.id, l.public_id, l.show_id, l.product_id, l.code, l.position, l.state, l.claim_mode,
       l.claim_open, l.per_buyer_max, l.claim_n, l.version
  FROM listing l WHERE l.public_id = $1;

-- name: listing_by_id
SELECT l.id, l.public_id, l.show_id, l.product_id, l.code, l.position, l.state, l.claim_mode,
       l.claim_open, l.per_buyer_max, l.claim_n, l.version
  FROM listing l WHERE l.id = $1;

-- name: listings_of_show
SELECT l.id, l.public_id, l.show_id, l.product_id, l.code, l.position, l.state, l.claim_mode,
       l.claim_open, l.per_buyer_max, l.claim_n, l.version
  FROM listing l WHERE l.show_id = $1 ORDER BY l.position, l.id LIMIT 301;

-- name: listing_count
SELECT COUNT(*) FROM listing WHERE show_id = $1;

-- name: listing_texts
-- What is told of listings: $2 one of them, or 0 for all of the show.
SELECT l.id, p.public_id, p.title, p.options, f.key, m.builtin
  FROM listing l JOIN product p ON p.id = l.product_id
  LEFT JOIN product_media m ON m.product_id = p.id
        AND m.position = (SELECT MIN(x.position) FROM product_media x WHERE x.product_id = p.id)
  LEFT JOIN file f ON f.id = m.file_id
 WHERE l.show_id = $1 AND ($2 = 0 OR l.id = $2) ORDER BY l.position, l.id LIMIT 301;

-- name: listing_variants
SELECT l.id, v.id, v.public_id, v.options, v.stock_total, v.stock_held, v.track_stock, c.market,
       c.amount, COALESCE(c.compare_at, -1)
  FROM listing l JOIN variant v ON v.product_id = l.product_id AND v.active = 1
  LEFT JOIN price c ON c.variant_id = v.id
 WHERE l.show_id = $1 AND ($2 = 0 OR l.id = $2)
 ORDER BY l.position, l.id, v.position, v.id, c.market LIMIT 60000;

-- name: listing_codes
SELECT code_key FROM listing WHERE show_id = $1 LIMIT 301;

-- name: product_by_public
SELECT id FROM product WHERE public_id = $1 AND shop_id = $2 AND status <> 'archived';

-- name: product_by_sku
SELECT v.product_id FROM variant v JOIN product p ON p.id = v.product_id
 WHERE v.shop_id = $1 AND LOWER(v.sku) = $2 AND p.status <> 'archived' ORDER BY v.id LIMIT 1;

-- name: product_by_old_code
-- What that code last stood for in an earlier show of the shop.
SELECT l.product_id FROM listing l JOIN show s ON s.id = l.show_id
  JOIN product p ON p.id = l.product_id
 WHERE s.shop_id = $1 AND l.code_key = $2 AND s.id <> $3 AND p.status <> 'archived'
 ORDER BY l.id DESC LIMIT 1;

-- name: listing_insert
INSERT INTO listing (id, public_id, show_id, product_id, code, code_key, position, state,
                     claim_mode, per_buyer_max)
VALUES ($1, $2, $3, $4, $5, $6, (SELECT COALESCE(MAX(x.position), 0) + 1 FROM listing x
                                  WHERE x.show_id = $3), 'queued', $7, $8)
ON CONFLICT DO NOTHING;

-- name: listing_update
UPDATE listing SET code = $1, code_key = $2, claim_mode = $3, per_buyer_max = $4, state = $5,
                   claim_open = $6, version = version + 1
 WHERE id = $7;

-- name: listing_code_taken
SELECT id FROM listing WHERE show_id = $1 AND code_key = $2 AND id <> $3;

-- name: listing_position
UPDATE listing SET position = $1 WHERE id = $2 AND show_id = $3;

-- name: listing_show
UPDATE listing SET state = 'shown', claim_open = $1, version = version + 1 WHERE id = $2;

-- name: listing_open
UPDATE listing SET claim_open = $1, version = version + 1 WHERE id = $2;

-- name: listing_close_all
UPDATE listing SET claim_open = 0, version = version + 1 WHERE show_id = $1 AND claim_open = 1;

-- name: listing_used
SELECT CASE WHEN EXISTS (SELECT 1 FROM claim c WHERE c.listing_id = $1)
              OR EXISTS (SELECT 1 FROM segment g WHERE g.listing_id = $1)
              OR EXISTS (SELECT 1 FROM deal d WHERE d.listing_id = $1)
              OR EXISTS (SELECT 1 FROM cart_line n WHERE n.listing_id = $1)
            THEN 1 ELSE 0 END;

-- name: listing_delete
DELETE FROM listing WHERE id = $1;

-- name: listing_take_delete
DELETE FROM listing_take WHERE listing_id = $1;

-- name: listings_of_product
-- In shows that are not over.
SELECT l.public_id, l.show_id FROM listing l JOIN show s ON s.id = l.show_id
  JOIN product p ON p.id = l.product_id
 WHERE p.public_id = $1 AND l.state <> 'withdrawn'
   AND s.state IN ('draft', 'scheduled', 'backstage', 'live', 'interrupted')
 ORDER BY l.show_id LIMIT 100;
