-- Stores chosen on the map, each by a key that is used once.

-- name: pick_insert
INSERT INTO cvs_pick (key, shop_id, viewer_id, market, bill, order_id, chain, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: pick_take
-- Checks and takes at once: a key counts once, in time.
UPDATE cvs_pick SET store_id = $1, store_name = $2, store_address = $3, picked_at = $4
 WHERE key = $5 AND picked_at IS NULL AND expires_at > $4
RETURNING shop_id, market, bill, COALESCE(order_id, 0), chain;

-- name: pick_read
-- A bill's link is opened by who has it, whoever that is; so is the key that goes with it.
SELECT chain, store_id, store_name, store_address, picked_at FROM cvs_pick
 WHERE key = $1 AND (viewer_id = $2 OR bill IS NOT NULL) AND picked_at > $3;

-- name: pick_sweep
DELETE FROM cvs_pick WHERE key IN (SELECT key FROM cvs_pick WHERE expires_at < $1 LIMIT 1000);

-- name: pick_cart
SELECT shop_id, market FROM cart WHERE public_id = $1 AND viewer_id = $2;

-- name: pick_bill
SELECT b.shop_id, b.viewer_id, b.secret, c.market FROM bill b JOIN cart c ON c.id = b.cart_id
 WHERE b.public_id = $1;

-- name: pick_order_closed
SELECT count(*) FROM shipment s JOIN parcel p ON p.id = s.parcel_id
 WHERE s.order_id = $1 AND s.state = 'closed' AND (p.state = 'packing' OR p.state = 'packed');

-- name: pick_order
SELECT public_id, no FROM orders WHERE id = $1;

-- name: pick_shop_slug
SELECT slug FROM shop WHERE id = $1;

-- name: pick_closed_list
SELECT s.id FROM shipment s JOIN parcel p ON p.id = s.parcel_id
 WHERE s.order_id = $1 AND s.state = 'closed' AND (p.state = 'packing' OR p.state = 'packed')
 ORDER BY s.id LIMIT 50;

-- name: pick_reopen
UPDATE shipment SET state = 'queued', trade_no = $1, sub_type = $2, provider_id = NULL,
                    payment_no = NULL, validation_no = NULL, code = NULL, code_text = NULL,
                    code_at = NULL, problem = NULL, tries = 0, next_at = $3, changed_at = $3
 WHERE id = $4 AND state = 'closed';

-- name: pick_carrier
-- Its number was of the order that is replaced.
UPDATE parcel SET carrier = $1, tracking = NULL, changed_at = $2, version = version + 1
 WHERE id = (SELECT s.parcel_id FROM shipment s WHERE s.id = $3);

-- name: pick_last
SELECT data FROM address WHERE viewer_id = $1 AND kind = 'cvs' ORDER BY used_at DESC LIMIT 1;
