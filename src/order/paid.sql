-- Money that came.

-- name: paid_amount
-- What came, in what it came in: a refund pays back just that.
UPDATE payment SET amount = $1, currency = $2 WHERE id = $3;

-- name: paid_deals
-- Lines of an order that were had by a deal, by what its ended holds say.
SELECT l.id, d.id, d.per_buyer_max
  FROM order_line l JOIN hold h ON h.id = l.hold_id JOIN deal d ON d.id = h.deal_id
 WHERE l.order_id = $1 LIMIT 400;
