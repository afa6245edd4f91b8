-- Parcels that wait in convenience stores: what the rooms of carriers need of orders.

-- name: pickup_shipments
SELECT p.public_id, s.state, s.payment_no, s.code, s.code_text, COALESCE(s.code_at, 0),
       s.provider_id, s.validation_no, s.problem, s.tries, COALESCE(s.next_at, 0)
  FROM shipment s JOIN parcel p ON p.id = s.parcel_id WHERE s.order_id = $1 ORDER BY s.id LIMIT 50;

-- name: pickup_parcel_order
SELECT order_id FROM parcel WHERE public_id = $1;

-- name: pickup_address_set
UPDATE orders SET address = $1, version = version + 1
 WHERE id = $2 AND delivery = 'cvs' AND state = 'confirmed';
