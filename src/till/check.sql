-- What the watch over the money looks at.

-- name: check_shops
SELECT id FROM shop WHERE id > $1 AND ($2 = 0 OR id = $2) ORDER BY id LIMIT $3;
