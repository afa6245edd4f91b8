-- Shipments: parcels' orders at ECPay.

-- name: ship_sender
SELECT COALESCE(x.kind, 'c2c'), COALESCE(x.sender_name, s.name), x.sender_phone, x.sender_name
  FROM shop s LEFT JOIN shop_shipping x ON x.shop_id = s.id WHERE s.id = $1;

-- name: ship_sender_put
INSERT INTO shop_shipping (shop_id, kind, sender_name, sender_phone, changed_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (shop_id) DO UPDATE
   SET kind = excluded.kind, sender_name = excluded.sender_name,
       sender_phone = excluded.sender_phone, changed_at = excluded.changed_at;

-- name: ship_parcel
SELECT p.id, p.state, p.cod_amount, o.id, o.shop_id, o.state, o.delivery, o.market, o.address, o.no,
       CAST((SELECT COALESCE(sum(pl.qty * l.unit_amount), 0) FROM parcel_line pl
               JOIN order_line l ON l.id = pl.order_line_id WHERE pl.parcel_id = p.id) AS BIGINT)
  FROM parcel p JOIN orders o ON o.id = p.order_id WHERE p.public_id = $1;

-- name: ship_queue
-- A refused one goes again, by a new number; one that is there already stays as it is.
INSERT INTO shipment (id, parcel_id, shop_id, order_id, state, trade_no, sub_type, amount, collect,
                      next_at, created_at, changed_at)
VALUES ($1, $2, $3, $4, 'queued', $5, $6, $7, $8, $9, $10, $10)
ON CONFLICT (parcel_id) DO UPDATE
   SET state = 'queued', trade_no = excluded.trade_no, sub_type = excluded.sub_type,
       amount = excluded.amount, collect = excluded.collect, problem = NULL, tries = 0,
       provider_id = NULL, payment_no = NULL, validation_no = NULL, code = NULL, code_text = NULL,
       code_at = NULL, next_at = excluded.next_at, changed_at = excluded.changed_at
 WHERE shipment.state = 'refused' OR shipment.state = 'closed';

-- name: ship_of_parcel
SELECT id, state FROM shipment WHERE parcel_id = $1;

-- name: ship_soon
UPDATE shipment SET next_at = $1 WHERE id = $2 AND (state = 'queued' OR state = 'sent')
   AND next_at > $1;

-- name: ship_due
SELECT id FROM shipment
 WHERE (state = 'queued' OR state = 'sent') AND next_at <= $1 AND lease_until <= $1
 ORDER BY next_at LIMIT 16;

-- name: ship_read
SELECT id, parcel_id, order_id, shop_id, amount, tries, state, trade_no, sub_type, provider_id,
       payment_no, validation_no, collect
  FROM shipment WHERE id = $1;

-- name: ship_order
SELECT address, no FROM orders WHERE id = $1;

-- name: ship_goods
SELECT l.title, (SELECT count(*) FROM parcel_line x WHERE x.parcel_id = $1)
  FROM parcel_line pl JOIN order_line l ON l.id = pl.order_line_id
 WHERE pl.parcel_id = $1 ORDER BY l.line_no LIMIT 1;

-- name: ship_take
UPDATE shipment SET state = 'sent', lease_until = $1, tries = tries + 1, changed_at = $2
 WHERE id = $3 AND state = $4 AND next_at <= $5 AND lease_until <= $2;

-- name: ship_made
UPDATE shipment SET state = 'made', provider_id = $1, payment_no = $2, validation_no = $3,
                    lease_until = 0, problem = NULL, changed_at = $4
 WHERE id = $5 AND state = 'sent' AND trade_no = $6;

-- name: ship_refused
UPDATE shipment SET state = $1, problem = $2, lease_until = 0, changed_at = $3
 WHERE id = $4 AND state = 'sent' AND lease_until = $5;

-- name: ship_later
UPDATE shipment SET state = $1, next_at = $2, problem = $3, lease_until = 0, changed_at = $4
 WHERE id = $5 AND state = 'sent' AND lease_until = $6;

-- name: ship_label_of
SELECT s.id, o.shop_id FROM shipment s JOIN parcel p ON p.id = s.parcel_id
  JOIN orders o ON o.id = p.order_id WHERE p.public_id = $1;

-- name: ship_parcel_shop
SELECT o.shop_id FROM parcel p JOIN orders o ON o.id = p.order_id WHERE p.public_id = $1;

-- ---- notices ----

-- name: notice_insert
INSERT INTO inbox (id, shop_id, provider, event_key, kind, body, state, result, at, handled_at)
VALUES ($1, $2, 'ecpay_logistics', $3, 'logistics', $4, $5, $6, $7, $7)
ON CONFLICT (shop_id, provider, event_key) DO NOTHING;

-- name: notice_shipment
SELECT id, parcel_id, order_id FROM shipment
 WHERE shop_id = $1 AND (provider_id = $2 OR trade_no = $3) ORDER BY id LIMIT 1;

-- name: notice_parcel_state
SELECT state FROM parcel WHERE id = $1;

-- name: notice_made
-- Its answer was lost, but it is there.
UPDATE shipment SET state = 'made', provider_id = $1, lease_until = 0, problem = NULL
 WHERE id = $2 AND (state = 'queued' OR state = 'sent');

-- name: notice_numbers
UPDATE shipment SET payment_no = COALESCE($1, payment_no),
                    validation_no = COALESCE($2, validation_no) WHERE id = $3;

-- name: notice_code
UPDATE shipment SET code = $1, code_text = $2, code_at = $3, changed_at = $4
 WHERE id = $5 AND COALESCE(code_at, 0) <= $3;

-- name: notice_closed
UPDATE shipment SET state = 'closed', problem = $1, changed_at = $2 WHERE id = $3 AND state = 'made';
