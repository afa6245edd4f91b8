-- name: list_newest
-- $5 0: of any category.
SELECT p.id FROM product p
 WHERE p.shop_id = $1 AND p.status IN ($2, $3, $4) AND ($5 = 0 OR p.category_id = $5)
   AND p.id < $6
 ORDER BY p.id DESC LIMIT $7;

-- name: list_found
-- Those that have every one of $22 words, each as a word or ("can*") as a beginning: best first.
-- $23, $24: the score and id of the last one of the page before.
SELECT p.id, CAST(sum(t.weight) AS BIGINT)
  FROM product_term t JOIN product p ON p.id = t.product_id
 WHERE t.shop_id = $1 AND p.status IN ($2, $3, $4) AND ($5 = 0 OR p.category_id = $5)
   AND t.term IN ($6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
 GROUP BY p.id
HAVING count(DISTINCT rtrim(t.term, '*')) = $22
   AND (sum(t.weight) < $23 OR (sum(t.weight) = $23 AND p.id < $24))
 ORDER BY sum(t.weight) DESC, p.id DESC LIMIT $25;

-- name: list_counts
SELECT status, count(*) FROM product WHERE shop_id = $1 GROUP BY status ORDER BY status;

-- name: list_moments
-- In the recording, which began replay_offset_ms before the show did.
SELECT s.public_id, s.title, g.starts_at - s.live_started_at + s.replay_offset_ms, l.code
  FROM listing l JOIN segment g ON g.listing_id = l.id JOIN show s ON s.id = l.show_id
 WHERE l.product_id = $1 AND s.state = 'replay_ready' AND g.starts_at >= s.live_started_at
 ORDER BY g.starts_at DESC LIMIT $2;

-- name: category_list
SELECT c.id, c.public_id, c.name, c.position,
       (SELECT count(*) FROM product p WHERE p.category_id = c.id AND p.status = 'active')
  FROM category c WHERE c.shop_id = $1 ORDER BY c.position, c.id LIMIT $2;

-- name: category_count
SELECT count(*) FROM category WHERE shop_id = $1;

-- name: category_insert
-- $5 0: behind all others.
INSERT INTO category (id, public_id, shop_id, name, position)
VALUES ($1, $2, $3, $4,
        CASE WHEN $5 > 0 THEN $5
             ELSE (SELECT coalesce(max(o.position), 0) + 1 FROM category o WHERE o.shop_id = $3)
        END);

-- name: category_edit
UPDATE category
   SET name = coalesce($1, name), position = CASE WHEN $2 > 0 THEN $2 ELSE position END
 WHERE public_id = $3 AND shop_id = $4;

-- name: category_leave
UPDATE product SET category_id = NULL, version = version + 1
 WHERE category_id = (SELECT c.id FROM category c WHERE c.public_id = $1 AND c.shop_id = $2);

-- name: category_drop
DELETE FROM category WHERE public_id = $1 AND shop_id = $2;
