-- Orders: the rows, and each change guarded by the state it starts from.
-- The columns of every order_by_... statement are those of order_columns() in row.c.

-- name: order_by_id
SELECT o.id, o.public_id, o.no, o.shop_id, s.public_id, s.slug, s.name, o.viewer_id,
       COALESCE(o.show_id, 0), COALESCE(o.coupon_id, 0), o.market, o.currency, o.state, o.subtotal,
       o.discount, o.shipping, o.tax, o.total, o.delivery, o.address, o.invoice, o.note,
       o.staff_note, o.pay_method, o.secret_hash, COALESCE(o.expires_at, 0),
       COALESCE(o.confirmed_at, 0), COALESCE(o.done_at, 0), o.created_at, o.version
  FROM orders o JOIN shop s ON s.id = o.shop_id WHERE o.id = $1;

-- name: order_by_no
-- Numbers count within a shop: some shops may have the same.
SELECT o.id, o.public_id, o.no, o.shop_id, s.public_id, s.slug, s.name, o.viewer_id,
       COALESCE(o.show_id, 0), COALESCE(o.coupon_id, 0), o.market, o.currency, o.state, o.subtotal,
       o.discount, o.shipping, o.tax, o.total, o.delivery, o.address, o.invoice, o.note,
       o.staff_note, o.pay_method, o.secret_hash, COALESCE(o.expires_at, 0),
       COALESCE(o.confirmed_at, 0), COALESCE(o.done_at, 0), o.created_at, o.version
  FROM orders o JOIN shop s ON s.id = o.shop_id
 WHERE o.no = $1 OR o.public_id = $1 ORDER BY o.id DESC LIMIT 50;

-- name: order_of_cart
SELECT id FROM orders WHERE cart_id = $1;

-- name: order_of_key
SELECT o.id, COALESCE(c.public_id, ''), s.slug, o.market
  FROM orders o JOIN shop s ON s.id = o.shop_id LEFT JOIN cart c ON c.id = o.cart_id
 WHERE o.viewer_id = $1 AND o.idem = $2;

-- name: order_lines
SELECT l.id, l.line_no, l.variant_id, v.public_id, p.public_id, l.title, l.options, p.options,
       l.code, l.image,
       l.qty, l.unit_amount, l.discount_amount, l.tax_amount, l.source, l.exempt, l.qty_refunded,
       l.packed, l.in_parcel, l.qty_returned, l.qty_restocked
  FROM order_line l JOIN variant v ON v.id = l.variant_id JOIN product p ON p.id = v.product_id
 WHERE l.order_id = $1 ORDER BY l.line_no;

-- name: order_number
-- The row is locked until the commit: no gaps, no two alike.
INSERT INTO order_day (shop_id, day, last_no) VALUES ($1, $2, 1)
ON CONFLICT (shop_id, day) DO UPDATE SET last_no = order_day.last_no + 1
RETURNING last_no;

-- name: order_insert
INSERT INTO orders (id, public_id, no, shop_id, viewer_id, cart_id, show_id, market, currency,
                    state, subtotal, discount, shipping, tax, total, coupon_id, delivery,
                    address, invoice, note, pay_method, secret_hash, idem, quote_hash, expires_at,
                    confirmed_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
        $21, $22, $23, $24, $25, $26, $27);

-- name: order_line_insert
INSERT INTO order_line (id, order_id, line_no, variant_id, title, options, code, image, qty,
                        unit_amount, discount_amount, tax_amount, source, show_id, claim_id, hold_id, exempt)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17);

-- name: consent_insert
-- To the words that the shop has in force; $4: those of our template.
INSERT INTO consent (id, viewer_id, kind, version, ref, at, shop_id, lang, source)
SELECT $1, $2, $3,
       coalesce((SELECT CAST(max(t.version) AS TEXT) FROM legal_text t
                  WHERE t.shop_id = o.shop_id AND t.version > 0
                    AND t.doc = CASE $3 WHEN 'terms' THEN 'terms'
                                        WHEN 'withdrawal_notice' THEN 'returns'
                                        WHEN 'exempt_notice' THEN 'returns'
                                        ELSE 'privacy' END), $4),
       $5, $6, o.shop_id, v.lang, 'checkout'
  FROM orders o JOIN viewer v ON v.id = o.viewer_id
 WHERE o.no = $5 AND o.viewer_id = $2 ORDER BY o.id DESC LIMIT 1;

-- name: address_touch
UPDATE address SET used_at = $1 WHERE viewer_id = $2 AND market = $3 AND data = $4;

-- name: address_insert
INSERT INTO address (id, viewer_id, market, kind, data, used_at) VALUES ($1, $2, $3, $4, $5, $6);

-- name: order_move
UPDATE orders SET state = $1, version = version + 1,
                  confirmed_at = CASE WHEN $1 = 'confirmed' THEN $2 ELSE confirmed_at END
 WHERE id = $3 AND state = $4;

-- name: order_step_insert
INSERT INTO order_step (id, order_id, what, actor_id, at) VALUES ($1, $2, $3, $4, $5);

-- name: order_steps
SELECT what, at FROM order_step WHERE order_id = $1 ORDER BY id LIMIT 200;

-- name: order_holds
-- Active holds of an order, by variant: the order in which they are taken and given back.
SELECT h.id, l.id, h.variant_id, h.qty, COALESCE(l.show_id, 0), COALESCE(l.claim_id, 0),
       COALESCE(h.deal_id, 0)
  FROM order_line l JOIN hold h ON h.id = l.hold_id
 WHERE l.order_id = $1 AND h.state = 'active'
 ORDER BY h.variant_id, h.id LIMIT 400;

-- name: order_claims
-- The lines of an order that were claimed in a show.
SELECT h.id, l.id, l.variant_id, l.qty, COALESCE(l.show_id, 0), l.claim_id, COALESCE(h.deal_id, 0)
  FROM order_line l JOIN hold h ON h.id = l.hold_id
 WHERE l.order_id = $1 AND l.claim_id IS NOT NULL ORDER BY l.line_no LIMIT 400;

-- name: order_line_at_home
-- Units of a line that never left the shop; what came back was looked at when it did.
SELECT l.qty - CAST(COALESCE((SELECT sum(pl.qty) FROM parcel_line pl
                                JOIN parcel p ON p.id = pl.parcel_id
                               WHERE pl.order_line_id = l.id AND p.state = 'returned'), 0)
                    AS BIGINT)
  FROM order_line l WHERE l.id = $1;

-- name: order_line_hold
UPDATE order_line SET hold_id = $1 WHERE id = $2;

-- name: order_line_restocked
UPDATE order_line SET qty_restocked = qty_restocked + $1
 WHERE id = $2 AND qty_restocked + $1 <= qty;

-- name: order_line_refund
UPDATE order_line SET qty_refunded = qty_refunded + $1
 WHERE id = $2 AND qty_refunded + $1 <= qty;

-- name: order_note_set
UPDATE orders SET staff_note = $1, version = version + 1 WHERE id = $2;

-- name: order_done_set
UPDATE orders SET done_at = $1 WHERE id = $2 AND state = 'confirmed';

-- name: orders_unpaid_due
-- $2: the same less the grace that an order has while a payment that was sent on is open.
SELECT id FROM orders
 WHERE state = 'awaiting_payment' AND expires_at <= $1
   AND (expires_at <= $2
        OR NOT EXISTS (SELECT 1 FROM payment p
                        WHERE p.order_id = orders.id AND p.started_at IS NOT NULL
                          AND (p.state = 'created' OR p.state = 'pending')))
 ORDER BY expires_at LIMIT 64;

-- name: orders_done_due
SELECT id FROM orders WHERE state = 'confirmed' AND done_at <= $1 ORDER BY done_at LIMIT 64;

-- name: stat_paid
INSERT INTO buyer_stat (viewer_id, shop_id, paid) VALUES ($1, $2, 1)
ON CONFLICT (viewer_id, shop_id) DO UPDATE SET paid = buyer_stat.paid + 1;

-- name: stat_abandoned
INSERT INTO buyer_stat (viewer_id, shop_id, abandoned) VALUES ($1, $2, 1)
ON CONFLICT (viewer_id, shop_id) DO UPDATE SET abandoned = buyer_stat.abandoned + 1;

-- name: stat_uncollected
INSERT INTO buyer_stat (viewer_id, shop_id, uncollected) VALUES ($1, $2, 1)
ON CONFLICT (viewer_id, shop_id) DO UPDATE SET uncollected = buyer_stat.uncollected + 1;

-- name: stat_read
SELECT claims, paid, abandoned, uncollected FROM buyer_stat WHERE viewer_id = $1 AND shop_id = $2;

-- name: order_refund_sums
-- What is paid back, what is on its way, and how much of the latter is of the payment that counts.
SELECT CAST(COALESCE(sum(CASE WHEN r.state = 'done' THEN r.amount ELSE 0 END), 0) AS BIGINT),
       CAST(COALESCE(sum(CASE WHEN r.state IN ('queued', 'sent') THEN r.amount ELSE 0 END), 0)
            AS BIGINT),
       CAST(COALESCE(sum(CASE WHEN r.state IN ('queued', 'sent')
                               AND p.state IN ('paid', 'part_refunded', 'collected', 'settled')
                              THEN r.amount ELSE 0 END), 0) AS BIGINT)
  FROM refund r JOIN payment p ON p.id = r.payment_id WHERE p.order_id = $1;

-- name: order_strays
-- Payments whose money the order could not take.
SELECT DISTINCT e.payment_id FROM money_entry e JOIN payment p ON p.id = e.payment_id
 WHERE p.order_id = $1 AND e.line = 1
   AND e.kind IN ('orphan_double', 'orphan_late', 'orphan_cancelled', 'orphan_amount');

-- name: order_parcels
SELECT id, public_id, carrier, tracking, state, cod_amount, inspected, COALESCE(arrived_at, 0),
       changed_at, version
  FROM parcel WHERE order_id = $1 ORDER BY id LIMIT 50;

-- name: order_parcel_lines
SELECT p.id, l.line_no, pl.qty
  FROM parcel p JOIN parcel_line pl ON pl.parcel_id = p.id
  JOIN order_line l ON l.id = pl.order_line_id
 WHERE p.order_id = $1 ORDER BY p.id, l.line_no LIMIT 1000;

-- name: order_returns
SELECT public_id, lines, reason, state, withdrawal, last_day, note, asked_at, version
  FROM return_case WHERE order_id = $1 ORDER BY id LIMIT 50;

-- name: order_coupon_code
SELECT code FROM coupon WHERE id = $1;

-- name: order_show_public
SELECT public_id FROM show WHERE id = $1;

-- name: order_buyer
SELECT public_id, display_name FROM viewer WHERE id = $1;

-- name: order_void_parcels
UPDATE parcel SET state = 'void', changed_at = $1, version = version + 1
 WHERE order_id = $2 AND state IN ('packing', 'packed');

-- name: order_parcels_out
SELECT count(*) FROM parcel
 WHERE order_id = $1 AND (state IN ('shipped', 'at_store', 'collected', 'delivered')
                          OR (state = 'returned' AND inspected = 0));

-- name: order_parcels_any
SELECT count(*) FROM parcel WHERE order_id = $1 AND state <> 'void';

-- name: orders_merge
UPDATE orders SET viewer_id = $1,
       idem = CASE WHEN EXISTS (SELECT 1 FROM orders n
                                 WHERE n.viewer_id = $1 AND n.idem = orders.idem)
                   THEN NULL ELSE idem END
 WHERE viewer_id = $2;

-- name: bills_merge
UPDATE bill SET viewer_id = $1 WHERE viewer_id = $2;

-- name: bills_follow
-- The lines of a guest's cart went into the account's: so does the bill, unless that has one.
UPDATE bill
   SET cart_id = (SELECT n.id FROM cart n JOIN cart c ON c.shop_id = n.shop_id
                                                     AND c.market = n.market
                   WHERE c.id = bill.cart_id AND n.viewer_id = $1 AND n.state = 'open')
 WHERE viewer_id = $1
   AND EXISTS (SELECT 1 FROM cart c JOIN cart n ON n.shop_id = c.shop_id AND n.market = c.market
                WHERE c.id = bill.cart_id AND c.state = 'merged' AND n.viewer_id = $1
                  AND n.state = 'open'
                  AND NOT EXISTS (SELECT 1 FROM bill x
                                   WHERE x.show_id = bill.show_id AND x.cart_id = n.id));

-- name: addresses_merge
UPDATE address SET viewer_id = $1 WHERE viewer_id = $2;

-- name: addresses_forget
DELETE FROM address WHERE viewer_id = $1;

-- name: consents_merge
UPDATE consent SET viewer_id = $1 WHERE viewer_id = $2;

-- name: stats_merge
INSERT INTO buyer_stat (viewer_id, shop_id, claims, paid, abandoned, uncollected)
SELECT $1, g.shop_id, g.claims, g.paid, g.abandoned, g.uncollected
  FROM buyer_stat g WHERE g.viewer_id = $2
ON CONFLICT (viewer_id, shop_id) DO UPDATE
   SET claims = buyer_stat.claims + excluded.claims, paid = buyer_stat.paid + excluded.paid,
       abandoned = buyer_stat.abandoned + excluded.abandoned,
       uncollected = buyer_stat.uncollected + excluded.uncollected;

-- name: stats_merged_away
DELETE FROM buyer_stat WHERE viewer_id = $1;
