-- What an erasure would do, what it left, and who asked.

-- name: preview_viewer
SELECT kind, market FROM viewer WHERE id = $1 AND deleted_at IS NULL;

-- name: preview_counts
-- One row for each thing that goes.
SELECT 'identities', count(*) FROM identity WHERE viewer_id = $1
 UNION ALL SELECT 'sessions', count(*) FROM session WHERE viewer_id = $1
 UNION ALL SELECT 'addresses', count(*) FROM address WHERE viewer_id = $1
 UNION ALL SELECT 'messages', count(*) FROM message WHERE viewer_id = $1
 UNION ALL SELECT 'carts', count(*) FROM cart_line l JOIN cart c ON c.id = l.cart_id
            WHERE c.viewer_id = $1 AND c.state = 'open' AND l.state = 'held'
 UNION ALL SELECT 'waiting', count(*) FROM waiting
            WHERE viewer_id = $1 AND (state = 'waiting' OR state = 'offered')
 UNION ALL SELECT 'reminders', count(*) FROM reminder WHERE viewer_id = $1
 UNION ALL SELECT 'push', count(*) FROM push_subscription WHERE viewer_id = $1
 UNION ALL SELECT 'coupons', count(*) FROM coupon_take WHERE viewer_id = $1 AND order_id IS NULL
 UNION ALL SELECT 'unpaid_orders', count(*) FROM orders
            WHERE viewer_id = $1 AND state = 'awaiting_payment';

-- name: preview_open
-- As sweep_orders_due has it; unpaid ones are cancelled.
SELECT o.no, o.state, o.total, o.currency FROM orders o
 WHERE o.viewer_id = $1 AND o.state <> 'awaiting_payment'
   AND (o.state = 'confirmed'
        OR EXISTS (SELECT 1 FROM return_case r
                    WHERE r.order_id = o.id
                      AND (r.state = 'asked' OR r.state = 'approved' OR r.state = 'on_the_way'
                           OR r.state = 'received'))
        OR EXISTS (SELECT 1 FROM payment p JOIN refund f ON f.payment_id = p.id
                    WHERE p.order_id = o.id AND f.state <> 'done'))
 ORDER BY o.id DESC LIMIT 100;

-- name: stays_orders
SELECT count(*), CAST(coalesce(max(created_at), 0) AS BIGINT),
       CAST(coalesce(sum(CASE WHEN address <> '{}' AND forget_at IS NOT NULL THEN 1 ELSE 0 END), 0)
            AS BIGINT)
  FROM orders WHERE viewer_id = $1;

-- name: stays_others
SELECT 'claims', count(*), 0 FROM claim WHERE viewer_id = $1
 UNION ALL SELECT 'consents', count(*), 0 FROM consent WHERE viewer_id = $1
 UNION ALL SELECT 'bans', count(*), CAST(coalesce(max(until), 0) AS BIGINT) FROM sanction
            WHERE viewer_id = $1 AND ended_at IS NULL AND (until IS NULL OR until > $2);

-- name: stays_since
SELECT coalesce(deleted_at, $1) FROM viewer WHERE id = $2;

-- name: request_by_code
SELECT kind, state, viewer_id, at, coalesce(done_at, 0) FROM privacy_request WHERE code = $1;

-- name: requests_of_shop
-- Of people who had to do with the shop: orders, carts, claims, places in its lists.
SELECT r.id, r.code, r.kind, r.state, r.source, v.public_id, v.display_name,
       (SELECT count(*) FROM orders o WHERE o.viewer_id = r.viewer_id AND o.shop_id = $1),
       r.at, coalesce(r.done_at, 0)
  FROM privacy_request r JOIN viewer v ON v.id = r.viewer_id
 WHERE r.id < $2 AND r.source <> 'sweep'
   AND (EXISTS (SELECT 1 FROM orders o WHERE o.viewer_id = r.viewer_id AND o.shop_id = $1)
        OR EXISTS (SELECT 1 FROM cart c WHERE c.viewer_id = r.viewer_id AND c.shop_id = $1)
        OR EXISTS (SELECT 1 FROM claim c JOIN show s ON s.id = c.show_id
                    WHERE c.viewer_id = r.viewer_id AND s.shop_id = $1)
        OR EXISTS (SELECT 1 FROM message m JOIN show s ON s.id = m.show_id
                    WHERE m.viewer_id = r.viewer_id AND s.shop_id = $1))
 ORDER BY r.id DESC LIMIT $3;
