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
