-- What goes when its days are over. $1: before this; the last one is how many at a time.

-- name: sweep_orders_due
-- Orders whose personal fields may go, and whether something is open about them.
SELECT o.id, o.created_at,
       CASE WHEN o.state = 'awaiting_payment' OR o.state = 'confirmed'
              OR EXISTS (SELECT 1 FROM return_case r
                          WHERE r.order_id = o.id
                            AND (r.state = 'asked' OR r.state = 'approved'
                                 OR r.state = 'on_the_way' OR r.state = 'received'))
              OR EXISTS (SELECT 1 FROM payment p
                          WHERE p.order_id = o.id
                            AND (p.state = 'created' OR p.state = 'pending'
                                 OR (p.state = 'orphaned' AND p.refunded < p.amount)))
              OR EXISTS (SELECT 1 FROM payment p JOIN refund f ON f.payment_id = p.id
                          WHERE p.order_id = o.id AND f.state <> 'done')
            THEN 1 ELSE 0 END
  FROM orders o WHERE o.forget_at <= $1 ORDER BY o.forget_at LIMIT $2;

-- name: sweep_order_later
UPDATE orders SET forget_at = $1 WHERE id = $2;

-- name: sweep_order_person
-- $1: when the rest goes.
UPDATE orders
   SET address = '{}', note = NULL, staff_note = NULL, secret_hash = NULL, forget_at = $1,
       version = version + 1
 WHERE id = $2;

-- name: sweep_order_returns
UPDATE return_case SET reason = '', note = NULL WHERE order_id = $1;

-- name: sweep_order_parcels
UPDATE parcel SET tracking = NULL WHERE order_id = $1;

-- name: sweep_order_shipments
UPDATE shipment SET payment_no = NULL, validation_no = NULL WHERE order_id = $1;

-- name: sweep_order_picks
DELETE FROM cvs_pick WHERE order_id = $1;

-- name: sweep_order_all
UPDATE orders SET invoice = NULL, forget_at = NULL WHERE id = $1;

-- name: sweep_order_payments
UPDATE payment SET details = NULL WHERE order_id = $1;

-- name: sweep_order_refunds
UPDATE refund SET note = NULL WHERE payment_id IN (SELECT p.id FROM payment p WHERE p.order_id = $1);

-- name: sweep_old_orders
-- Anybody's, made before ($2) the first day that taxes still want. $1: now.
UPDATE orders SET forget_at = $1
 WHERE id IN (SELECT o.id FROM orders o
               WHERE o.created_at < $2 AND o.forget_at IS NULL
                 AND (o.address <> '{}' OR o.invoice IS NOT NULL)
               ORDER BY o.id LIMIT $3);

-- name: sweep_show
SELECT id FROM show
 WHERE forgotten_at IS NULL
   AND (ended_at < $1 OR (state = 'cancelled' AND created_at < $1))
 ORDER BY id LIMIT 1;

-- name: sweep_sanctions
DELETE FROM sanction
 WHERE id IN (SELECT s.id FROM sanction s WHERE s.ended_at < $1 OR s.until < $1
               ORDER BY s.id LIMIT $2);

-- name: sweep_inbox
-- What has been acted on keeps its key, so that it is still known when it comes again.
UPDATE inbox SET body = ''
 WHERE id IN (SELECT i.id FROM inbox i
               WHERE i.body <> '' AND i.at < $1 AND i.state <> 'new' ORDER BY i.at LIMIT $2);

-- name: sweep_outbox
DELETE FROM outbox
 WHERE id IN (SELECT o.id FROM outbox o WHERE o.state <> 'queued' AND o.changed_at < $1
               ORDER BY o.changed_at LIMIT $2);

-- name: sweep_addresses
DELETE FROM address
 WHERE id IN (SELECT a.id FROM address a WHERE a.used_at < $1 ORDER BY a.used_at LIMIT $2);

-- name: sweep_audit
UPDATE audit SET addr = NULL
 WHERE id IN (SELECT a.id FROM audit a WHERE a.addr IS NOT NULL AND a.at < $1
               ORDER BY a.at LIMIT $2);

-- name: sweep_consents
DELETE FROM consent
 WHERE id IN (SELECT c.id FROM consent c JOIN viewer v ON v.id = c.viewer_id
               WHERE v.deleted_at < $1 ORDER BY c.id LIMIT $2);

-- name: sweep_chunks
-- $1: now. Pieces first: a piece may be large.
DELETE FROM export_chunk
 WHERE request_id IN (SELECT f.request_id FROM export_file f WHERE f.expires_at <= $1)
   AND n IN (SELECT c.n FROM export_chunk c JOIN export_file f ON f.request_id = c.request_id
              WHERE f.expires_at <= $1 ORDER BY c.n LIMIT $2);

-- name: sweep_exports
DELETE FROM export_file
 WHERE request_id IN (SELECT f.request_id FROM export_file f
                       WHERE f.expires_at <= $1
                         AND NOT EXISTS (SELECT 1 FROM export_chunk c
                                          WHERE c.request_id = f.request_id)
                       ORDER BY f.request_id LIMIT $2);

-- name: sweep_requests
-- A guest who was long gone asked for nothing: nobody looks at that request.
DELETE FROM privacy_request
 WHERE id IN (SELECT r.id FROM privacy_request r
               WHERE (r.done_at < $1 OR (r.source = 'sweep' AND r.state = 'done' AND r.again = 0))
                 AND NOT EXISTS (SELECT 1 FROM export_file f WHERE f.request_id = r.id)
               ORDER BY r.id LIMIT $2);

-- name: sweep_guests
-- Guests without a session who never ordered; $2: after this one.
SELECT v.id FROM viewer v
 WHERE v.kind = 'guest' AND v.deleted_at IS NULL AND v.created_at < $1 AND v.id > $2
   AND NOT EXISTS (SELECT 1 FROM session s WHERE s.viewer_id = v.id)
   AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.viewer_id = v.id)
 ORDER BY v.id LIMIT $3;
