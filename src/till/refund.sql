-- Refunds on their way. Each change is guarded by the state and the lease that it starts from.

-- name: refunds_due
-- One of a payment at a time: what was paid back before it must be known.
SELECT r.id FROM refund r
 WHERE (r.state = 'queued' OR r.state = 'sent') AND r.manual = 0 AND r.next_at <= $1
   AND r.lease_until <= $1
   AND (r.state = 'sent' OR NOT EXISTS (SELECT 1 FROM refund x WHERE x.payment_id = r.payment_id
                                           AND x.state = 'sent' AND x.id <> r.id))
 ORDER BY r.next_at, r.id LIMIT $2;

-- name: refund_read
SELECT r.amount, r.state, r.our_ref, r.public_id, r.tries, r.asks, o.shop_id, p.provider, p.method,
       p.our_ref, p.provider_ref, p.amount, p.currency, p.details, COALESCE(p.started_at, 0),
       COALESCE(p.expires_at, 0), COALESCE(p.paid_at, 0),
       CAST(COALESCE((SELECT sum(x.amount) FROM refund x
                       WHERE x.payment_id = p.id AND x.state = 'done' AND x.manual = 0), 0)
            AS BIGINT),
       CAST(COALESCE((SELECT sum(x.amount) FROM refund x
                       WHERE x.payment_id = p.id AND x.state = 'done' AND x.manual = 1), 0)
            AS BIGINT)
  FROM refund r JOIN payment p ON p.id = r.payment_id JOIN orders o ON o.id = p.order_id
 WHERE r.id = $1;

-- name: refund_take
-- Before the gateway is called. Who changes the row has it until the lease ends.
UPDATE refund SET state = 'sent', lease_until = $1, changed_at = $2,
                  tries = CASE WHEN state = 'queued' THEN tries + 1 ELSE tries END,
                  asks = CASE WHEN state = 'sent' THEN asks + 1 ELSE 0 END,
                  sent_at = CASE WHEN state = 'queued' THEN $2 ELSE sent_at END
 WHERE id = $3 AND state = $4 AND (state = 'queued' OR state = 'sent') AND manual = 0
   AND next_at <= $2 AND lease_until <= $2
   AND (state = 'sent' OR NOT EXISTS (SELECT 1 FROM refund x
                                       WHERE x.payment_id = refund.payment_id
                                         AND x.state = 'sent' AND x.id <> refund.id));

-- name: refund_no_gateway
UPDATE refund SET next_at = $1, fail_code = 'no_gateway' WHERE id = $2 AND lease_until <= $3;

-- name: refund_by_hand
-- Its gateway cannot: a person pays it back.
UPDATE refund SET manual = 1, changed_at = $1 WHERE id = $2 AND manual = 0;

-- name: refund_wait
-- Nobody knows yet: ask again later.
UPDATE refund SET lease_until = 0, next_at = $1, fail_code = $2
 WHERE id = $3 AND state = 'sent' AND lease_until = $4;

-- name: refund_back
-- It did not happen, surely: it is sent anew later, or by a person.
UPDATE refund SET state = 'queued', manual = $1, lease_until = 0, next_at = $2, fail_code = $3
 WHERE id = $4 AND state = 'sent' AND lease_until = $5;

-- name: refund_mine
-- Still ours: what the gateway said may be written.
UPDATE refund SET lease_until = 0 WHERE id = $1 AND state = 'sent' AND lease_until = $2;

-- name: refund_numbers
SELECT state, manual, CASE WHEN state = 'sent' AND asks >= $1 THEN 1 ELSE 0 END, count(*)
  FROM refund WHERE state = 'queued' OR state = 'sent' OR state = 'failed'
 GROUP BY state, manual, CASE WHEN state = 'sent' AND asks >= $1 THEN 1 ELSE 0 END;
