-- Payments and refunds. Each change of state is guarded by the state it starts from.

-- name: payment_insert
INSERT INTO payment (id, public_id, order_id, provider, method, amount, currency, state, our_ref,
                     expires_at, created_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'created', $8, $9, $10, $10);

-- name: payment_of_order
-- The one that counts is first: at most one does. Then one that was paid back. The columns of every
-- statement that reads payments are those of payment_columns() in pay.c.
SELECT id, order_id, public_id, provider, method, amount, currency, state, refunded,
       COALESCE(expires_at, 0), created_at, settled, simulated, our_ref, provider_ref, details,
       fail_code, COALESCE(started_at, 0), COALESCE(paid_at, 0), COALESCE(next_ask_at, 0), asks
  FROM payment WHERE order_id = $1
 ORDER BY CASE WHEN state IN ('paid', 'part_refunded', 'collected', 'settled') THEN 0
               WHEN state = 'refunded' THEN 1 ELSE 2 END, id DESC
 LIMIT 1;

-- name: payment_by_id
SELECT id, order_id, public_id, provider, method, amount, currency, state, refunded,
       COALESCE(expires_at, 0), created_at, settled, simulated, our_ref, provider_ref, details,
       fail_code, COALESCE(started_at, 0), COALESCE(paid_at, 0), COALESCE(next_ask_at, 0), asks
  FROM payment WHERE id = $1;

-- name: payment_by_public_id
SELECT id, order_id, public_id, provider, method, amount, currency, state, refunded,
       COALESCE(expires_at, 0), created_at, settled, simulated, our_ref, provider_ref, details,
       fail_code, COALESCE(started_at, 0), COALESCE(paid_at, 0), COALESCE(next_ask_at, 0), asks
  FROM payment WHERE public_id = $1;

-- name: payment_by_our_ref
SELECT id, order_id, public_id, provider, method, amount, currency, state, refunded,
       COALESCE(expires_at, 0), created_at, settled, simulated, our_ref, provider_ref, details,
       fail_code, COALESCE(started_at, 0), COALESCE(paid_at, 0), COALESCE(next_ask_at, 0), asks
  FROM payment WHERE our_ref = $1;

-- name: payment_by_idem
SELECT id, order_id, public_id, provider, method, amount, currency, state, refunded,
       COALESCE(expires_at, 0), created_at, settled, simulated, our_ref, provider_ref, details,
       fail_code, COALESCE(started_at, 0), COALESCE(paid_at, 0), COALESCE(next_ask_at, 0), asks
  FROM payment WHERE order_id = $1 AND idem = $2;

-- name: payment_list
SELECT id, order_id, public_id, provider, method, amount, currency, state, refunded,
       COALESCE(expires_at, 0), created_at, settled, simulated, our_ref, provider_ref, details,
       fail_code, COALESCE(started_at, 0), COALESCE(paid_at, 0), COALESCE(next_ask_at, 0), asks
  FROM payment WHERE order_id = $1 AND (started_at IS NOT NULL OR provider = 'cod')
 ORDER BY id DESC LIMIT $2;

-- name: payment_move
-- What was settled once stays marked: a refund that fails finds the way back.
UPDATE payment SET state = $1, changed_at = $2,
                   settled = CASE WHEN $1 = 'settled' THEN 1 ELSE settled END
 WHERE id = $3 AND state = $4;

-- name: payment_close_open
-- Those the buyer was sent on with are ended at the provider soon, by who asks it.
UPDATE payment SET state = $1, changed_at = $2,
                   next_ask_at = CASE WHEN next_ask_at IS NULL THEN NULL ELSE $2 END
 WHERE order_id = $3 AND state IN ('created', 'pending');

-- name: payment_refund
-- Checks and takes at once: what is paid back never passes what was paid (I7). Where cash is stays
-- to be seen when a part of it went back: the shop still gets it from the carrier.
UPDATE payment
   SET refunded = refunded + $1,
       state = CASE WHEN refunded + $1 = amount THEN 'refunded'
                    WHEN state IN ('orphaned', 'collected', 'settled') THEN state
                    ELSE 'part_refunded' END,
       changed_at = $2
 WHERE id = $3 AND refunded + $1 <= amount
   AND state IN ('paid', 'part_refunded', 'collected', 'settled', 'orphaned')
RETURNING refunded;

-- name: payment_refund_failed
UPDATE payment
   SET refunded = refunded - $1, changed_at = $2,
       state = CASE WHEN state IN ('refunded', 'part_refunded') THEN $3 ELSE state END
 WHERE id = $4 AND refunded >= $1;

-- name: payment_refund_again
UPDATE payment
   SET refunded = refunded + $1, changed_at = $2,
       state = CASE WHEN refunded + $1 = amount THEN 'refunded'
                    WHEN state = 'paid' THEN 'part_refunded' ELSE state END
 WHERE id = $3 AND refunded + $1 <= amount;

-- name: payment_state_of
SELECT state FROM payment WHERE id = $1;

-- name: refund_insert
INSERT INTO refund (id, public_id, payment_id, amount, reason, state, our_ref, idem, note, by_id,
                    created_at, changed_at)
VALUES ($1, $2, $3, $4, $5, 'queued', $6, $7, $8, $9, $10, $10);

-- name: refund_by_idem
SELECT id, payment_id, public_id, amount, state, reason, note, created_at FROM refund
 WHERE idem = $1;

-- name: refund_by_public_id
SELECT r.id, r.payment_id, r.public_id, r.amount, r.state, r.reason, r.note, r.created_at, p.order_id
  FROM refund r JOIN payment p ON p.id = r.payment_id WHERE r.public_id = $1;

-- name: refund_move
UPDATE refund SET state = $1, note = COALESCE($2, note), by_id = COALESCE($3, by_id),
                  changed_at = $4
 WHERE id = $5 AND state = $6;

-- name: refund_list
SELECT r.id, r.payment_id, r.public_id, r.amount, r.state, r.reason, r.note, r.created_at
  FROM refund r JOIN payment p ON p.id = r.payment_id
 WHERE p.order_id = $1 ORDER BY r.id LIMIT $2;
