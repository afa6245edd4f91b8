-- name: breach_insert
INSERT INTO breach_note (id, public_id, shop_id, by_id, found_at, what, people, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: breach_version
SELECT version FROM breach_note WHERE public_id = $1 AND shop_id = $2;

-- name: breach_update
-- 0: stays; -1: taken back.
UPDATE breach_note
   SET what = coalesce($1, what),
       people = CASE $2 WHEN 0 THEN people WHEN -1 THEN NULL ELSE $2 END,
       told_at = CASE $3 WHEN 0 THEN told_at WHEN -1 THEN NULL ELSE $3 END,
       closed_at = CASE $4 WHEN 0 THEN closed_at WHEN -1 THEN NULL ELSE $4 END,
       version = version + 1
 WHERE public_id = $5 AND shop_id = $6 AND version = $7;

-- name: breach_get
SELECT b.public_id, b.found_at, b.what, coalesce(b.people, -1), coalesce(b.told_at, 0),
       coalesce(b.closed_at, 0), v.display_name, b.at, b.version
  FROM breach_note b LEFT JOIN viewer v ON v.id = b.by_id
 WHERE b.shop_id = $1 AND b.public_id = $2;

-- name: breach_all
SELECT b.public_id, b.found_at, b.what, coalesce(b.people, -1), coalesce(b.told_at, 0),
       coalesce(b.closed_at, 0), v.display_name, b.at, b.version
  FROM breach_note b LEFT JOIN viewer v ON v.id = b.by_id
 WHERE b.shop_id = $1 ORDER BY b.id DESC LIMIT $2;
