-- name: audit_insert
INSERT INTO audit (id, actor_id, shop_id, action, object, before, after, addr, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: audit_newest
SELECT id, actor_id, shop_id, action, object, before, after, addr, at
  FROM audit WHERE shop_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3;
