-- Refunds: where their money was, and how they ended.

-- name: refund_by_id
SELECT r.public_id, p.order_id, r.payment_id, r.amount, r.state, r.manual, COALESCE(r.sent_at, 0),
       r.reason, r.note, r.created_at
  FROM refund r JOIN payment p ON p.id = r.payment_id WHERE r.id = $1;

-- name: refund_id
SELECT id FROM refund WHERE public_id = $1;

-- name: refund_payment
SELECT p.id, p.order_id, p.provider, p.method, p.amount, p.currency, p.state, p.refunded, p.settled,
       (SELECT count(*) FROM money_entry e
         WHERE e.payment_id = p.id AND e.line = 1
           AND e.kind IN ('orphan_double', 'orphan_late', 'orphan_cancelled', 'orphan_amount'))
  FROM payment p WHERE p.id = $1;

-- name: refund_ended
-- Of what the runner keeps: it is over.
UPDATE refund SET provider_ref = COALESCE($1, provider_ref), fail_code = $2, lease_until = 0,
                  done_at = CASE WHEN state = 'done' THEN $3 ELSE NULL END
 WHERE id = $4;

-- name: refund_anew
-- Again from the start, by the runner or by a person; under a reference of its own, or the gateway
-- would find the one that failed.
UPDATE refund SET manual = $1, our_ref = $2, tries = 0, asks = 0, next_at = 0, lease_until = 0,
                  fail_code = NULL
 WHERE id = $3;

-- name: refund_is_by_hand
-- From now on a person's, whatever the gateway.
UPDATE refund SET manual = 1 WHERE id = $1;

-- name: refund_to_hand
-- One that waits, and that no runner has: from now on a person's.
UPDATE refund SET manual = 1, note = COALESCE($1, note), changed_at = $2
 WHERE id = $3 AND state = 'queued' AND manual = 0 AND lease_until <= $2;
