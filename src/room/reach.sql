-- What messages about offers and prizes say.

-- name: reach_variant
SELECT p.title, s.name, v.shop_id
  FROM variant v JOIN product p ON p.id = v.product_id JOIN shop s ON s.id = v.shop_id
 WHERE v.id = $1;

-- name: reach_show
SELECT public_id FROM show WHERE id = $1;
