-- name: cart_find
SELECT id, (SELECT count(*) FROM cart_line l
             WHERE l.cart_id = cart.id AND l.state IN ('held', 'expired'))
  FROM cart WHERE viewer_id = $1 AND shop_id = $2 AND market = $3 AND state = 'open';

-- name: cart_touch
-- The row is this job's until the commit: no order closes the cart meanwhile.
UPDATE cart SET changed_at = $1 WHERE id = $2 AND state = 'open';

-- name: cart_insert
INSERT INTO cart (id, public_id, viewer_id, shop_id, market, state, created_at, changed_at)
VALUES ($1, $2, $3, $4, $5, 'open', $6, $6)
ON CONFLICT (viewer_id, shop_id, market) WHERE state = 'open' DO NOTHING;

-- name: line_holds_merge
-- Also those that an order has by now: what a deal counts for its buyer goes by the hold.
UPDATE hold SET viewer_id = $1
 WHERE id IN (SELECT l.hold_id FROM cart c JOIN cart_line l ON l.cart_id = c.id
               WHERE c.viewer_id = $2);

-- name: cart_of
SELECT id, public_id, viewer_id, shop_id, market, coupon_id
  FROM cart WHERE viewer_id = $1 AND shop_id = $2 AND market = $3 AND state = 'open';

-- name: cart_get
SELECT id, public_id, viewer_id, shop_id, market, coupon_id FROM cart WHERE id = $1;

-- name: cart_set_coupon
UPDATE cart SET coupon_id = $1 WHERE id = $2 AND state = 'open';

-- name: cart_close
UPDATE cart SET state = 'ordered', changed_at = $1 WHERE id = $2 AND state = 'open';

-- name: lines_ordered
UPDATE cart_line SET state = 'ordered' WHERE cart_id = $1 AND state = 'held';

-- name: lines_dismissed
UPDATE cart_line SET state = 'removed' WHERE cart_id = $1 AND state = 'expired';

-- name: carts_of_viewer
SELECT id, public_id, viewer_id, shop_id, market, coupon_id
  FROM cart WHERE viewer_id = $1 AND state = 'open' ORDER BY id LIMIT $2;

-- name: cart_lines_into
-- A key that the other cart has too answers for the line there.
UPDATE cart_line
   SET cart_id = $1,
       idem = CASE WHEN EXISTS (SELECT 1 FROM cart_line x
                                 WHERE x.cart_id = $1 AND x.idem = cart_line.idem)
                   THEN NULL ELSE idem END
 WHERE cart_id = $2;

-- name: cart_merged
UPDATE cart SET state = 'merged', viewer_id = $1, changed_at = $2 WHERE id = $3;

-- name: cart_keep_coupon
UPDATE cart SET coupon_id = coalesce(coupon_id, $1), changed_at = $2 WHERE id = $3;

-- name: carts_to_viewer
UPDATE cart SET viewer_id = $1 WHERE viewer_id = $2;

-- name: show_hold_s
SELECT hold_s FROM show_sale WHERE show_id = $1;
