-- Requests on their way, and the steps of an erasure. What is many is listed by a reader first.

-- name: request_due
SELECT id FROM privacy_request
 WHERE (state = 'running' OR again = 1) AND kind = $1 AND next_at <= $2 AND lease_until <= $2
 ORDER BY next_at, id LIMIT 1;

-- name: request_take
UPDATE privacy_request SET lease_until = $1
 WHERE id = $2 AND (state = 'running' OR again = 1) AND lease_until <= $3;

-- name: request_read
SELECT viewer_id, step, after, tries, again FROM privacy_request WHERE id = $1;

-- name: request_move
UPDATE privacy_request SET step = $1, after = $2, tries = 0, lease_until = 0
 WHERE id = $3 AND lease_until = $4;

-- name: request_done
UPDATE privacy_request SET state = 'done', done_at = $1, lease_until = 0
 WHERE id = $2 AND lease_until = $3;

-- name: request_again
UPDATE privacy_request
   SET state = 'done', done_at = $1, lease_until = 0, again = 1, next_at = $2, step = 0, after = 0
 WHERE id = $3 AND lease_until = $4;

-- name: request_over
UPDATE privacy_request SET lease_until = 0, again = 0 WHERE id = $1 AND lease_until = $2;

-- name: request_wait
UPDATE privacy_request SET tries = tries + 1, next_at = $1, lease_until = 0
 WHERE id = $2 AND lease_until = $3;

-- name: step_unpaid
SELECT id, public_id FROM orders
 WHERE viewer_id = $1 AND id > $2 AND state = 'awaiting_payment' ORDER BY id LIMIT 1;

-- name: step_lines
-- One line of an open cart, or two.
SELECT l.public_id FROM cart c JOIN cart_line l ON l.cart_id = c.id
 WHERE c.viewer_id = $1 AND c.state = 'open' AND (l.state = 'held' OR l.state = 'expired')
 ORDER BY l.variant_id, l.id LIMIT $2;

-- name: step_waiting
SELECT public_id FROM waiting
 WHERE viewer_id = $1 AND (state = 'waiting' OR state = 'offered') ORDER BY variant_id LIMIT $2;

-- name: step_audit
SELECT id FROM audit WHERE actor_id = $1 AND addr IS NOT NULL ORDER BY id LIMIT $2;

-- name: step_audit_addr
UPDATE audit SET addr = NULL WHERE id = $1;

-- name: step_is_account
SELECT CASE WHEN kind = 'account' THEN 1 ELSE 0 END FROM viewer WHERE id = $1;

-- name: step_sanction
-- A ban holds until its end, for the device and the pseudonym.
UPDATE sanction SET why = NULL,
       name = (SELECT v.display_name FROM viewer v WHERE v.id = sanction.viewer_id)
 WHERE viewer_id = $1;

-- name: step_bill
DELETE FROM bill WHERE cart_id IN (SELECT c.id FROM cart c WHERE c.viewer_id = $1);

-- name: step_coupon
-- Which coupon an open cart was to use.
UPDATE cart SET coupon_id = NULL WHERE viewer_id = $1 AND state = 'open';

-- name: step_orders
UPDATE orders SET forget_at = $1
 WHERE id IN (SELECT o.id FROM orders o WHERE o.viewer_id = $2 AND o.forget_at IS NULL
                 AND o.address <> '{}' ORDER BY o.id LIMIT $3);
