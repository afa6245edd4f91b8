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
-- Again from the start, by the runner or by a person. After a gateway's own no under a reference of
-- its own, or it would find the one that failed; after a person's no under the same: if it had
-- happened all the same, it is found.
UPDATE refund SET manual = $1, our_ref = CASE WHEN fail_code = 'by_staff' THEN our_ref ELSE $2 END,
                  tries = 0, asks = 0, next_at = 0, lease_until = 0,
                  fail_code = NULL
 WHERE id = $3;

-- name: refund_is_by_hand
-- From now on a person's, whatever the gateway.
UPDATE refund SET manual = 1 WHERE id = $1;

-- name: refund_to_hand
-- One that waits, and that no runner has: from now on a person's.
UPDATE refund SET manual = 1, note = COALESCE($1, note), changed_at = $2
 WHERE id = $3 AND state = 'queued' AND manual = 0 AND lease_until <= $2;
