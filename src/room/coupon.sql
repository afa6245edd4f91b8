-- The columns of every statement that reads coupons are those of columns_of() in coupon_read.c.

-- name: coupon_by_id
SELECT c.id, c.shop_id, COALESCE(c.show_id, 0), c.public_id, c.code, c.market, s.public_id, c.kind,
       c.value, c.min_spend, c.quota, c.taken, c.per_buyer_max, c.starts_at, c.ends_at,
       COALESCE(c.dropped_at, 0), COALESCE(c.dropped_in, 0), c.version,
       (SELECT count(*) FROM coupon_take t WHERE t.coupon_id = c.id AND t.order_id IS NOT NULL)
  FROM coupon c LEFT JOIN show s ON s.id = c.show_id
 WHERE c.id = $1;

-- name: coupon_by_public_id
SELECT c.id, c.shop_id, COALESCE(c.show_id, 0), c.public_id, c.code, c.market, s.public_id, c.kind,
       c.value, c.min_spend, c.quota, c.taken, c.per_buyer_max, c.starts_at, c.ends_at,
       COALESCE(c.dropped_at, 0), COALESCE(c.dropped_in, 0), c.version,
       (SELECT count(*) FROM coupon_take t WHERE t.coupon_id = c.id AND t.order_id IS NOT NULL)
  FROM coupon c LEFT JOIN show s ON s.id = c.show_id
 WHERE c.public_id = $1;

-- name: coupon_by_code
SELECT c.id, c.shop_id, COALESCE(c.show_id, 0), c.public_id, c.code, c.market, s.public_id, c.kind,
       c.value, c.min_spend, c.quota, c.taken, c.per_buyer_max, c.starts_at, c.ends_at,
       COALESCE(c.dropped_at, 0), COALESCE(c.dropped_in, 0), c.version,
       (SELECT count(*) FROM coupon_take t WHERE t.coupon_id = c.id AND t.order_id IS NOT NULL)
  FROM coupon c LEFT JOIN show s ON s.id = c.show_id
 WHERE c.shop_id = $1 AND c.code = $2;

-- name: coupon_list
SELECT c.id, c.shop_id, COALESCE(c.show_id, 0), c.public_id, c.code, c.market, s.public_id, c.kind,
       c.value, c.min_spend, c.quota, c.taken, c.per_buyer_max, c.starts_at, c.ends_at,
       COALESCE(c.dropped_at, 0), COALESCE(c.dropped_in, 0), c.version,
       (SELECT count(*) FROM coupon_take t WHERE t.coupon_id = c.id AND t.order_id IS NOT NULL)
  FROM coupon c LEFT JOIN show s ON s.id = c.show_id
 WHERE c.shop_id = $1 AND c.id < $2
 ORDER BY c.id DESC
 LIMIT $3;

-- name: coupon_of_show
-- The newest that was dropped there and can still be had.
SELECT c.id, c.shop_id, COALESCE(c.show_id, 0), c.public_id, c.code, c.market, s.public_id, c.kind,
       c.value, c.min_spend, c.quota, c.taken, c.per_buyer_max, c.starts_at, c.ends_at,
       COALESCE(c.dropped_at, 0), COALESCE(c.dropped_in, 0), c.version,
       (SELECT count(*) FROM coupon_take t WHERE t.coupon_id = c.id AND t.order_id IS NOT NULL)
  FROM coupon c LEFT JOIN show s ON s.id = c.show_id
 WHERE c.dropped_in = $1 AND c.ends_at > $2 AND c.taken < c.quota
 ORDER BY c.dropped_at DESC
 LIMIT 1;

-- name: coupon_of_viewer
SELECT c.id, c.shop_id, COALESCE(c.show_id, 0), c.public_id, c.code, c.market, s.public_id, c.kind,
       c.value, c.min_spend, c.quota, c.taken, c.per_buyer_max, c.starts_at, c.ends_at,
       COALESCE(c.dropped_at, 0), COALESCE(c.dropped_in, 0), c.version, 0,
       t.at, COALESCE(t.order_id, 0), o.no
  FROM coupon_take t JOIN coupon c ON c.id = t.coupon_id
  LEFT JOIN show s ON s.id = c.show_id
  LEFT JOIN orders o ON o.id = t.order_id
 WHERE t.viewer_id = $1
 ORDER BY CASE WHEN t.order_id IS NULL THEN 0 ELSE 1 END, c.ends_at, t.id
 LIMIT $2;

-- name: coupon_insert
INSERT INTO coupon (id, public_id, shop_id, show_id, code, market, kind, value, min_spend, quota,
                    per_buyer_max, starts_at, ends_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    ON CONFLICT DO NOTHING;

-- name: coupon_update
UPDATE coupon SET quota = $1, per_buyer_max = $2, ends_at = $3, version = version + 1
 WHERE id = $4 AND version = $5 AND taken <= $6;

-- name: coupon_drop
UPDATE coupon SET dropped_at = $1, dropped_in = $2 WHERE id = $3;

-- name: coupon_take_one
UPDATE coupon SET taken = taken + 1
 WHERE id = $1 AND taken < quota AND starts_at <= $2 AND ends_at > $3
RETURNING quota - taken;

-- name: coupon_take_insert
INSERT INTO coupon_take (id, coupon_id, viewer_id, n, at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING;

-- name: coupon_take_unused
SELECT at FROM coupon_take
 WHERE coupon_id = $1 AND viewer_id = $2 AND order_id IS NULL
 ORDER BY n LIMIT 1;

-- name: coupon_takes_of
SELECT count(*), COALESCE(max(n), 0) FROM coupon_take WHERE coupon_id = $1 AND viewer_id = $2;

-- name: coupon_use
UPDATE coupon_take SET order_id = $1
 WHERE order_id IS NULL
   AND id = (SELECT u.id FROM coupon_take u
              WHERE u.coupon_id = $2 AND u.viewer_id = $3 AND u.order_id IS NULL
              ORDER BY u.n LIMIT 1);

-- name: coupon_give_back
UPDATE coupon_take SET order_id = NULL WHERE order_id = $1;

-- name: coupon_merge
-- Numbers past those that the account has: unique, whichever row goes first.
UPDATE coupon_take
   SET viewer_id = $1,
       n = n + (SELECT COALESCE(max(m.n), 0) FROM coupon_take m
                 WHERE m.coupon_id = coupon_take.coupon_id AND m.viewer_id = $2)
 WHERE viewer_id = $3;
