-- What staff see of a shop's money. Every statement is bound to the shop. Newest first.

-- name: money_payments
SELECT p.id, p.public_id, o.no, p.provider, p.method, p.state, p.amount, p.refunded, p.currency,
       p.our_ref, p.provider_ref, p.fail_code, p.simulated, p.created_at, p.changed_at,
       COALESCE(p.expires_at, 0), v.display_name, p.details, o.state
  FROM payment p JOIN orders o ON o.id = p.order_id JOIN viewer v ON v.id = o.viewer_id
 WHERE o.shop_id = $1 AND p.id < $2 AND ($3 = '' OR p.state = $3) AND ($4 = '' OR p.provider = $4)
   AND ($5 = '' OR o.no = $5 OR p.public_id = $5 OR p.our_ref = $5 OR p.provider_ref = $5)
 ORDER BY p.id DESC LIMIT $6;

-- name: money_inbox
SELECT kind, state, result, at, COALESCE(handled_at, 0) FROM inbox
 WHERE payment_id = $1 ORDER BY id LIMIT $2;

-- name: money_refunds
SELECT r.id, r.public_id, o.no, p.public_id, p.provider, p.method, r.amount, p.currency, r.reason,
       r.state, r.manual, r.tries, r.fail_code, r.note, r.created_at, COALESCE(r.sent_at, 0),
       COALESCE(r.done_at, 0), r.next_at, p.details, v.display_name
  FROM refund r JOIN payment p ON p.id = r.payment_id JOIN orders o ON o.id = p.order_id
  JOIN viewer v ON v.id = o.viewer_id
 WHERE o.shop_id = $1 AND r.id < $2
   AND ($3 = '' OR r.state = $3 OR ($3 = 'open' AND r.state <> 'done'))
   AND ($4 = 0 OR r.manual = 1) AND ($5 = '' OR p.public_id = $5 OR o.no = $5)
 ORDER BY r.id DESC LIMIT $6;

-- name: money_orphans
-- Those that no order could take when they came, and those whose order has gone since.
SELECT p.id, p.public_id, o.no, o.state, p.provider, p.method, p.amount, p.currency,
       COALESCE(e.kind, ''), COALESCE(e.at, p.changed_at),
       CAST(COALESCE((SELECT sum(r.amount) FROM refund r
                       WHERE r.payment_id = p.id AND r.state = 'done'), 0) AS BIGINT)
  FROM payment p JOIN orders o ON o.id = p.order_id
  LEFT JOIN money_entry e
    ON e.payment_id = p.id AND e.line = 1
       AND e.kind IN ('orphan_double', 'orphan_late', 'orphan_cancelled', 'orphan_amount')
 WHERE o.shop_id = $1 AND p.id < $2 AND (e.no IS NOT NULL OR p.state = 'orphaned')
   AND ($3 = 0 OR p.amount > COALESCE((SELECT sum(r.amount) FROM refund r
                                        WHERE r.payment_id = p.id AND r.state = 'done'), 0))
 ORDER BY p.id DESC LIMIT $4;

-- name: money_orphan_sums
SELECT x.currency, CAST(sum(x.amount - x.back) AS BIGINT), CAST(sum(x.back) AS BIGINT),
       CAST(sum(CASE WHEN x.amount > x.back THEN 1 ELSE 0 END) AS BIGINT)
  FROM (SELECT p.currency AS currency, p.amount AS amount,
               CAST(COALESCE((SELECT sum(r.amount) FROM refund r
                               WHERE r.payment_id = p.id AND r.state = 'done'), 0) AS BIGINT)
               AS back
          FROM payment p JOIN orders o ON o.id = p.order_id
         WHERE o.shop_id = $1
           AND (p.state = 'orphaned'
                OR EXISTS (SELECT 1 FROM money_entry e
                            WHERE e.payment_id = p.id AND e.line = 1
                              AND e.kind IN ('orphan_double', 'orphan_late', 'orphan_cancelled',
                                             'orphan_amount')))) x
 GROUP BY x.currency ORDER BY x.currency LIMIT $2;

-- name: money_span
-- As ledger_rows, oldest first.
SELECT i.no, i.amount, i.at, i.kind, i.account, x.account, i.currency, o.no, p.public_id,
       r.public_id, i.chain
  FROM money_entry i
  JOIN money_entry x ON x.shop_id = i.shop_id AND x.no = i.no AND x.line = 2
  JOIN orders o ON o.id = i.order_id
  JOIN payment p ON p.id = i.payment_id
  LEFT JOIN refund r ON r.id = i.refund_id
 WHERE i.shop_id = $1 AND i.line = 1 AND i.no > $2 AND i.at >= $3 AND i.at < $4
 ORDER BY i.no LIMIT $5;

-- name: money_count
SELECT (SELECT count(*) FROM payment p JOIN orders o ON o.id = p.order_id
         WHERE o.shop_id = $1 AND p.state = 'pending' AND p.provider <> 'cod'),
       (SELECT count(*) FROM payment p JOIN orders o ON o.id = p.order_id
         WHERE o.shop_id = $1 AND p.paid_at >= $2),
       (SELECT count(*) FROM inbox WHERE shop_id = $1 AND state = 'new'),
       (SELECT count(*) FROM inbox WHERE shop_id = $1 AND state = 'failed');

-- name: money_refund_count
SELECT r.state, r.manual, count(*)
  FROM refund r JOIN payment p ON p.id = r.payment_id JOIN orders o ON o.id = p.order_id
 WHERE o.shop_id = $1 AND r.state <> 'done'
 GROUP BY r.state, r.manual;

-- name: money_first_market
-- Where the shop has sold first.
SELECT market FROM orders WHERE shop_id = $1 ORDER BY id LIMIT 1;
