-- The ledger of money. Rows of money_entry are only ever inserted and read.

-- name: ledger_of_payment
-- What a movement is of, and whether its money is held as an orphan's.
SELECT o.shop_id, o.id, p.provider, p.currency, p.state,
       CAST(COALESCE((SELECT sum(e.amount) FROM money_entry e
                       WHERE e.payment_id = p.id AND e.account = 'orphans'), 0) AS BIGINT)
  FROM payment p JOIN orders o ON o.id = p.order_id WHERE p.id = $1;

-- name: ledger_next
-- The row is locked until the commit: no gaps, no two alike. Answers the chain so far.
INSERT INTO money_head (shop_id, last_no, chain) VALUES ($1, 1, $2)
ON CONFLICT (shop_id) DO UPDATE SET last_no = money_head.last_no + 1
RETURNING last_no, chain;

-- name: ledger_head_set
UPDATE money_head SET chain = $1 WHERE shop_id = $2;

-- name: ledger_insert
INSERT INTO money_entry (shop_id, no, line, account, amount, currency, kind, order_id, payment_id,
                         refund_id, at, chain)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: ledger_rows
SELECT i.no, i.amount, i.at, i.kind, i.account, x.account, i.currency, o.no, p.public_id,
       r.public_id, i.chain
  FROM money_entry i
  JOIN money_entry x ON x.shop_id = i.shop_id AND x.no = i.no AND x.line = 2
  JOIN orders o ON o.id = i.order_id
  JOIN payment p ON p.id = i.payment_id
  LEFT JOIN refund r ON r.id = i.refund_id
 WHERE i.shop_id = $1 AND i.line = 1 AND ($2 = 0 OR i.at >= $2) AND ($3 = 0 OR i.at < $3)
   AND ($4 = 0 OR i.no < $4) AND ($5 = 0 OR i.payment_id = $5)
 ORDER BY i.no DESC LIMIT $6;

-- name: ledger_balances
SELECT account, currency, CAST(sum(amount) AS BIGINT) FROM money_entry WHERE shop_id = $1
 GROUP BY account, currency ORDER BY account, currency LIMIT $2;

-- name: ledger_chain
SELECT i.no, i.line, i.at, i.kind, i.order_id, i.payment_id, COALESCE(i.refund_id, 0), i.currency,
       i.account, i.amount, i.chain
  FROM money_entry i WHERE i.shop_id = $1 AND i.no > $2 ORDER BY i.no, i.line LIMIT $3;

-- name: ledger_head
SELECT last_no, chain FROM money_head WHERE shop_id = $1;
