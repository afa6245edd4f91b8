-- name: product_get
-- $1 0: of any shop.
SELECT p.id, p.shop_id, p.public_id, p.title, p.body, p.options, c.public_id, p.status, p.exempt,
       p.version, p.created_at, p.updated_at
  FROM product p LEFT JOIN category c ON c.id = p.category_id
 WHERE (p.shop_id = $1 OR $1 = 0) AND p.id = $2;

-- name: product_id
SELECT id FROM product WHERE (shop_id = $1 OR $1 = 0) AND public_id = $2;

-- name: product_id_of_variant
SELECT product_id FROM variant WHERE (shop_id = $1 OR $1 = 0) AND id = $2;

-- name: product_media_list
SELECT f.public_id, f.key, m.builtin, f.width, f.height
  FROM product_media m LEFT JOIN file f ON f.id = m.file_id
 WHERE m.product_id = $1 ORDER BY m.position LIMIT $2;

-- name: variant_list
SELECT v.id, v.product_id, v.shop_id, v.public_id, v.sku, v.options, v.active, v.track_stock,
       v.stock_total, v.stock_held, v.weight_g IS NOT NULL, v.weight_g, v.cost_amount IS NOT NULL,
       v.cost_amount
  FROM variant v WHERE v.product_id = $1 ORDER BY v.position, v.id LIMIT $2;

-- name: variant_get
SELECT v.id, v.product_id, v.shop_id, v.public_id, v.sku, v.options, v.active, v.track_stock,
       v.stock_total, v.stock_held, v.weight_g IS NOT NULL, v.weight_g, v.cost_amount IS NOT NULL,
       v.cost_amount
  FROM variant v WHERE (v.shop_id = $1 OR $1 = 0) AND v.id = $2;

-- name: variant_id
SELECT id FROM variant WHERE (shop_id = $1 OR $1 = 0) AND public_id = $2;

-- name: price_list_product
SELECT v.id, r.market, r.amount, r.compare_at IS NOT NULL, r.compare_at
  FROM variant v JOIN price r ON r.variant_id = v.id
 WHERE v.product_id = $1 ORDER BY v.position, v.id LIMIT $2;

-- name: price_list_variant
SELECT r.variant_id, r.market, r.amount, r.compare_at IS NOT NULL, r.compare_at
  FROM price r WHERE r.variant_id = $1 LIMIT $2;

-- name: price_now
SELECT r.amount
  FROM variant v JOIN product p ON p.id = v.product_id JOIN price r ON r.variant_id = v.id
 WHERE v.id = $1 AND v.shop_id = $2 AND v.active = 1 AND p.status = 'active' AND r.market = $3;

-- name: product_insert
INSERT INTO product (id, public_id, shop_id, title, body, options, category_id, status, exempt,
                     created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10);

-- name: product_edit
UPDATE product
   SET title = $1, body = $2, options = $3, category_id = $4, status = $5, exempt = $6,
       updated_at = $7, version = version + 1
 WHERE id = $8 AND shop_id = $9 AND version = $10;

-- name: category_find
SELECT id FROM category WHERE public_id = $1 AND shop_id = $2;

-- name: file_find
SELECT id FROM file WHERE public_id = $1 AND shop_id = $2 AND state = 'ready';

-- name: product_media_drop
DELETE FROM product_media WHERE product_id = $1;

-- name: product_media_insert
INSERT INTO product_media (product_id, position, file_id, builtin) VALUES ($1, $2, $3, $4);

-- name: product_term_drop
DELETE FROM product_term WHERE product_id = $1;

-- name: product_term_insert
INSERT INTO product_term (shop_id, term, product_id, weight) VALUES ($1, $2, $3, $4)
ON CONFLICT (shop_id, term, product_id) DO NOTHING;

-- name: variant_insert
-- No row: the SKU is taken.
INSERT INTO variant (id, public_id, product_id, shop_id, position, sku, options, active,
                     track_stock, weight_g, cost_amount)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (shop_id, sku) DO NOTHING;

-- name: variant_lock
-- Nothing changes: on PostgreSQL the row is ours from here on.
UPDATE variant SET active = active WHERE id = $1;

-- name: variant_drop_sku
-- Before an edit: variants may change their SKUs among themselves.
UPDATE variant SET sku = NULL WHERE id = $1;

-- name: variant_edit
-- No row: the SKU is taken.
UPDATE variant
   SET position = $1, sku = $2, options = $3, active = $4, track_stock = $5, weight_g = $6,
       cost_amount = $7
 WHERE id = $8
   AND NOT EXISTS (SELECT 1 FROM variant o WHERE o.shop_id = $9 AND o.sku = $2 AND o.id <> $8);

-- name: variant_off
UPDATE variant SET active = 0 WHERE id = $1 AND active = 1;

-- name: price_put
INSERT INTO price (variant_id, market, amount, compare_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (variant_id, market) DO UPDATE
   SET amount = excluded.amount, compare_at = excluded.compare_at;

-- name: price_drop
DELETE FROM price WHERE variant_id = $1 AND market = $2;

-- name: price_log_insert
INSERT INTO price_log (id, variant_id, market, amount, compare_at, actor_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: product_version
SELECT version FROM product WHERE shop_id = $1 AND public_id = $2;

-- name: product_used
-- Something was done with it: it stays. Units that came in are something.
SELECT EXISTS (SELECT 1 FROM listing l WHERE l.product_id = $1)
    OR EXISTS (SELECT 1 FROM variant v JOIN stock_move m ON m.variant_id = v.id
                WHERE v.product_id = $1);

-- name: product_archive
UPDATE product SET status = 'archived', updated_at = $1, version = version + 1 WHERE id = $2;

-- name: price_drop_product
DELETE FROM price WHERE variant_id IN (SELECT id FROM variant WHERE product_id = $1);

-- name: price_log_drop_product
DELETE FROM price_log WHERE variant_id IN (SELECT id FROM variant WHERE product_id = $1);

-- name: variant_drop_product
DELETE FROM variant WHERE product_id = $1;

-- name: product_drop
DELETE FROM product WHERE id = $1;
