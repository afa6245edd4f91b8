-- What a person gets a copy of. $1: the person, $2: after this number, $3: how many. The first
-- column is that number, the others are named in export_files.c. Hashes, tokens and secrets never.

-- name: x_profile
SELECT id, public_id, kind, display_name, lang, market, created_at FROM viewer
 WHERE id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: x_identities
SELECT created_at, provider, subject, email, email_verified, name, created_at, last_used_at
  FROM identity WHERE viewer_id = $1 AND created_at > $2 ORDER BY created_at LIMIT $3;

-- name: x_sessions
SELECT created_at, device, provider, created_at, seen_at, expires_at
  FROM session WHERE viewer_id = $1 AND created_at > $2 ORDER BY created_at LIMIT $3;

-- name: x_consents
SELECT c.id, c.kind, c.granted, c.version, c.lang, c.source, s.name, c.ref, c.at
  FROM consent c LEFT JOIN shop s ON s.id = c.shop_id
 WHERE c.viewer_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3;

-- name: x_addresses
SELECT id, market, kind, data, used_at FROM address
 WHERE viewer_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: x_carts
SELECT l.id, s.name, c.market, p.title, v.options, l.qty, l.unit_amount, l.source, l.state, l.at
  FROM cart c JOIN cart_line l ON l.cart_id = c.id JOIN shop s ON s.id = c.shop_id
  JOIN variant v ON v.id = l.variant_id JOIN product p ON p.id = v.product_id
 WHERE c.viewer_id = $1 AND l.id > $2 ORDER BY l.id LIMIT $3;

-- name: x_claims
SELECT c.id, s.title, c.seq_no, c.code, c.name_masked, c.qty_asked, c.qty_given, c.state, c.reason,
       c.via, c.market, c.unit_amount, c.received_at
  FROM claim c JOIN show s ON s.id = c.show_id
 WHERE c.viewer_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3;

-- name: x_waiting
SELECT w.id, s.name, p.title, w.market, w.qty, w.unit_amount, w.place, w.state, w.at
  FROM waiting w JOIN shop s ON s.id = w.shop_id JOIN variant v ON v.id = w.variant_id
  JOIN product p ON p.id = v.product_id
 WHERE w.viewer_id = $1 AND w.id > $2 ORDER BY w.id LIMIT $3;

-- name: x_orders
SELECT o.id, o.no, s.name, o.market, o.state, o.subtotal, o.discount, o.shipping, o.tax, o.total,
       o.currency, o.delivery, o.address, o.invoice, o.note, o.staff_note, o.pay_method,
       o.created_at, o.confirmed_at
  FROM orders o JOIN shop s ON s.id = o.shop_id
 WHERE o.viewer_id = $1 AND o.id > $2 ORDER BY o.id LIMIT $3;

-- name: x_order_lines
SELECT l.id, o.no, l.line_no, l.title, l.options, l.code, l.qty, l.unit_amount, l.discount_amount,
       l.tax_amount, o.currency, l.source, l.qty_refunded, l.qty_returned
  FROM orders o JOIN order_line l ON l.order_id = o.id
 WHERE o.viewer_id = $1 AND l.id > $2 ORDER BY l.id LIMIT $3;

-- name: x_payments
SELECT p.id, o.no, p.provider, p.method, p.amount, p.currency, p.state, p.refunded, p.our_ref,
       p.details, p.created_at, p.paid_at
  FROM orders o JOIN payment p ON p.order_id = o.id
 WHERE o.viewer_id = $1 AND p.id > $2 ORDER BY p.id LIMIT $3;

-- name: x_refunds
SELECT f.id, o.no, f.amount, p.currency, f.reason, f.note, f.state, f.created_at, f.done_at
  FROM orders o JOIN payment p ON p.order_id = o.id JOIN refund f ON f.payment_id = p.id
 WHERE o.viewer_id = $1 AND f.id > $2 ORDER BY f.id LIMIT $3;

-- name: x_parcels
SELECT p.id, o.no, p.carrier, p.tracking, p.state, p.cod_amount, p.created_at, p.arrived_at
  FROM orders o JOIN parcel p ON p.order_id = o.id
 WHERE o.viewer_id = $1 AND p.id > $2 ORDER BY p.id LIMIT $3;

-- name: x_returns
SELECT r.id, o.no, r.lines, r.reason, r.note, r.state, r.asked_at
  FROM orders o JOIN return_case r ON r.order_id = o.id
 WHERE o.viewer_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3;

-- name: x_invoices
SELECT i.id, o.no, i.number, i.date, i.amount, i.allowed, i.state, i.issued_at
  FROM orders o JOIN invoice i ON i.order_id = o.id
 WHERE o.viewer_id = $1 AND i.id > $2 ORDER BY i.id LIMIT $3;

-- name: x_messages
SELECT m.id, s.title, m.name, m.text, m.lang, m.kind, m.state, m.at
  FROM message m JOIN show s ON s.id = m.show_id
 WHERE m.viewer_id = $1 AND m.id > $2 ORDER BY m.id LIMIT $3;

-- name: x_draws
SELECT e.giveaway_id, s.title, e.name_masked, e.state, e.rank, e.at, e.until
  FROM entry e JOIN giveaway g ON g.id = e.giveaway_id JOIN show s ON s.id = g.show_id
 WHERE e.viewer_id = $1 AND e.giveaway_id > $2 ORDER BY e.giveaway_id LIMIT $3;

-- name: x_coupons
SELECT t.id, s.name, c.code, c.market, c.kind, c.value, o.no, t.at
  FROM coupon_take t JOIN coupon c ON c.id = t.coupon_id JOIN shop s ON s.id = c.shop_id
  LEFT JOIN orders o ON o.id = t.order_id
 WHERE t.viewer_id = $1 AND t.id > $2 ORDER BY t.id LIMIT $3;

-- name: x_reminders
SELECT r.show_id, s.title, r.push, r.email, r.created_at
  FROM reminder r JOIN show s ON s.id = r.show_id
 WHERE r.viewer_id = $1 AND r.show_id > $2 ORDER BY r.show_id LIMIT $3;

-- name: x_notices
SELECT id, kind, channel, email, lang, args, state, created_at FROM outbox
 WHERE viewer_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: x_push
SELECT id, created_at, seen_at FROM push_subscription
 WHERE viewer_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: x_staff
SELECT t.shop_id, s.name, t.role, t.created_at FROM staff t JOIN shop s ON s.id = t.shop_id
 WHERE t.viewer_id = $1 AND t.shop_id > $2 ORDER BY t.shop_id LIMIT $3;

-- name: x_audit
-- What they did as staff.
SELECT id, action, object, addr, at FROM audit
 WHERE actor_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: x_sanctions
SELECT n.id, s.name, n.kind, n.name, n.why, n.at, n.until, n.ended_at
  FROM sanction n JOIN shop s ON s.id = n.shop_id
 WHERE n.viewer_id = $1 AND n.id > $2 ORDER BY n.id LIMIT $3;

-- name: x_counts
SELECT b.shop_id, s.name, b.claims, b.paid, b.abandoned, b.uncollected
  FROM buyer_stat b JOIN shop s ON s.id = b.shop_id
 WHERE b.viewer_id = $1 AND b.shop_id > $2 ORDER BY b.shop_id LIMIT $3;

-- name: x_requests
SELECT id, kind, code, source, state, at, done_at FROM privacy_request
 WHERE viewer_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- ---- the file ----

-- name: export_recent
SELECT CAST(coalesce(sum(CASE WHEN state = 'running' THEN 1 ELSE 0 END), 0) AS BIGINT), count(*)
  FROM privacy_request WHERE viewer_id = $1 AND kind = 'export' AND (at > $2 OR state = 'running');

-- name: export_request
INSERT INTO privacy_request (id, code, kind, viewer_id, source, state, at)
SELECT $1, $2, 'export', v.id, 'self', 'running', $3 FROM viewer v
 WHERE v.id = $4 AND v.deleted_at IS NULL;

-- name: export_insert
INSERT INTO export_file (request_id, public_id, viewer_id, lang, expires_at)
VALUES ($1, $2, $3, $4, $5);

-- name: export_lang
SELECT lang FROM export_file WHERE request_id = $1;

-- name: export_forget_chunks
DELETE FROM export_chunk WHERE request_id = $1;

-- name: export_chunk_insert
-- Not for somebody who was erased in the meantime.
INSERT INTO export_chunk (request_id, n, body)
SELECT f.request_id, $1, $2 FROM export_file f WHERE f.request_id = $3;

-- name: export_ready
UPDATE export_file SET bytes = $1, ready_at = $2, expires_at = $3 WHERE request_id = $4;

-- name: export_failed
UPDATE privacy_request SET state = 'failed', done_at = $1, lease_until = 0
 WHERE id = $2 AND state = 'running';

-- name: export_list
SELECT f.public_id, r.state, f.bytes, r.at, coalesce(f.ready_at, 0), f.expires_at
  FROM export_file f JOIN privacy_request r ON r.id = f.request_id
 WHERE f.viewer_id = $1 AND f.expires_at > $2 ORDER BY f.request_id DESC LIMIT 20;

-- name: export_one
SELECT f.public_id, r.state, f.bytes, r.at, coalesce(f.ready_at, 0), f.expires_at
  FROM export_file f JOIN privacy_request r ON r.id = f.request_id
 WHERE f.viewer_id = $1 AND f.expires_at > $2 AND f.public_id = $3;

-- name: export_bytes
SELECT c.body FROM export_file f JOIN privacy_request r ON r.id = f.request_id
  JOIN export_chunk c ON c.request_id = f.request_id
 WHERE f.viewer_id = $1 AND f.expires_at > $2 AND f.public_id = $3 AND r.state = 'done'
   AND c.n = $4;
