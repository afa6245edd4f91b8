-- As stock/reconcile.sql: id, what it should be, what it is; $1 the shop (0: all), $2 a limit.

-- name: check_cart
-- One cart makes one order (I4).
SELECT cart_id, 1, count(*) FROM orders
 WHERE cart_id IS NOT NULL AND ($1 = 0 OR shop_id = $1)
 GROUP BY cart_id HAVING count(*) > 1 LIMIT $2;

-- name: check_pays
-- At most one payment of an order counts (I5).
SELECT o.id, 1, count(*) FROM orders o JOIN payment p ON p.order_id = o.id
 WHERE p.state IN ('paid', 'part_refunded', 'collected', 'settled') AND ($1 = 0 OR o.shop_id = $1)
 GROUP BY o.id HAVING count(*) > 1 LIMIT $2;

-- name: check_refunds
-- The counter of a payment is the sum of its refunds that did not fail (I7).
SELECT p.id, CAST(COALESCE(sum(r.amount), 0) AS BIGINT), p.refunded
  FROM payment p JOIN orders o ON o.id = p.order_id
  LEFT JOIN refund r ON r.payment_id = p.id AND r.state IN ('queued', 'sent', 'done')
 WHERE $1 = 0 OR o.shop_id = $1
 GROUP BY p.id, p.refunded HAVING COALESCE(sum(r.amount), 0) <> p.refunded LIMIT $2;

-- name: check_money
-- Money is on an order that stands, or on its way back, or an orphan whose refund failed: then staff
-- have it in their list (I8).
SELECT p.id, p.amount, p.refunded FROM payment p JOIN orders o ON o.id = p.order_id
 WHERE p.refunded < p.amount AND ($1 = 0 OR o.shop_id = $1)
   AND ((p.state IN ('paid', 'part_refunded', 'collected', 'settled')
         AND o.state NOT IN ('confirmed', 'completed'))
        OR (p.state = 'orphaned'
            AND NOT EXISTS (SELECT 1 FROM refund r
                             WHERE r.payment_id = p.id AND r.state = 'failed')))
 LIMIT $2;

-- name: check_amount
-- What counts as paid is what was to be paid (I10).
SELECT p.id, o.total, p.amount FROM payment p JOIN orders o ON o.id = p.order_id
 WHERE p.state IN ('paid', 'part_refunded', 'collected', 'settled')
   AND (p.amount <> o.total OR p.currency <> o.currency) AND ($1 = 0 OR o.shop_id = $1)
 LIMIT $2;

-- name: check_ledger_sum
-- The two lines of a movement sum to nothing, in one currency.
SELECT e.no, 0, CAST(sum(e.amount) AS BIGINT) FROM money_entry e
 WHERE $1 = 0 OR e.shop_id = $1
 GROUP BY e.shop_id, e.no
HAVING sum(e.amount) <> 0 OR count(*) <> 2 OR min(e.currency) <> max(e.currency)
 LIMIT $2;

-- name: check_ledger_currency
-- A payment, its orders' ledger and so its refunds are in one currency.
SELECT p.id, 0, count(*) FROM payment p
  JOIN orders o ON o.id = p.order_id JOIN money_entry e ON e.payment_id = p.id
 WHERE (e.currency <> p.currency OR e.order_id <> p.order_id OR e.shop_id <> o.shop_id)
   AND ($1 = 0 OR o.shop_id = $1)
 GROUP BY p.id LIMIT $2;

-- name: check_ledger_held
-- What came and was not asked back is in 'orders' or 'orphans', as the payment's state says.
SELECT p.id,
       CASE WHEN p.state IN ('paid', 'part_refunded', 'refunded', 'collected', 'settled',
                             'orphaned') THEN p.amount - p.refunded ELSE 0 END,
       CAST(-COALESCE(sum(e.amount), 0) AS BIGINT)
  FROM payment p JOIN orders o ON o.id = p.order_id
  LEFT JOIN money_entry e
    ON e.payment_id = p.id
       AND e.account = CASE WHEN p.state = 'orphaned' THEN 'orphans' ELSE 'orders' END
 WHERE $1 = 0 OR o.shop_id = $1
 GROUP BY p.id, p.state, p.amount, p.refunded
HAVING -COALESCE(sum(e.amount), 0)
       <> CASE WHEN p.state IN ('paid', 'part_refunded', 'refunded', 'collected', 'settled',
                                'orphaned') THEN p.amount - p.refunded ELSE 0 END
 LIMIT $2;

-- name: check_ledger_other
-- Nothing of it is in the other of the two.
SELECT p.id, 0, CAST(-sum(e.amount) AS BIGINT)
  FROM payment p JOIN orders o ON o.id = p.order_id
  JOIN money_entry e
    ON e.payment_id = p.id
       AND e.account = CASE WHEN p.state = 'orphaned' THEN 'orders' ELSE 'orphans' END
 WHERE $1 = 0 OR o.shop_id = $1
 GROUP BY p.id HAVING sum(e.amount) <> 0 LIMIT $2;

-- name: check_ledger_due
-- What is to be paid back is what refunds are queued or sent.
SELECT r.id, CASE WHEN r.state IN ('queued', 'sent') THEN r.amount ELSE 0 END,
       CAST(-COALESCE(sum(e.amount), 0) AS BIGINT)
  FROM refund r JOIN payment p ON p.id = r.payment_id JOIN orders o ON o.id = p.order_id
  LEFT JOIN money_entry e ON e.refund_id = r.id AND e.account = 'refunds_due'
 WHERE $1 = 0 OR o.shop_id = $1
 GROUP BY r.id, r.state, r.amount
HAVING -COALESCE(sum(e.amount), 0)
       <> CASE WHEN r.state IN ('queued', 'sent') THEN r.amount ELSE 0 END
 LIMIT $2;

-- name: check_ledger_had
-- What gateway, carrier and bank have of a payment: it came, less what was paid back.
SELECT p.id,
       CASE WHEN p.state IN ('paid', 'part_refunded', 'refunded', 'collected', 'settled',
                             'orphaned')
            THEN p.amount - CAST(COALESCE((SELECT sum(r.amount) FROM refund r
                                            WHERE r.payment_id = p.id AND r.state = 'done'), 0)
                                 AS BIGINT)
            ELSE 0 END,
       CAST(COALESCE(sum(e.amount), 0) AS BIGINT)
  FROM payment p JOIN orders o ON o.id = p.order_id
  LEFT JOIN money_entry e
    ON e.payment_id = p.id AND e.account NOT IN ('orders', 'orphans', 'refunds_due')
 WHERE $1 = 0 OR o.shop_id = $1
 GROUP BY p.id, p.state, p.amount
HAVING COALESCE(sum(e.amount), 0)
       <> CASE WHEN p.state IN ('paid', 'part_refunded', 'refunded', 'collected', 'settled',
                                'orphaned')
               THEN p.amount - COALESCE((SELECT sum(r.amount) FROM refund r
                                          WHERE r.payment_id = p.id AND r.state = 'done'), 0)
               ELSE 0 END
 LIMIT $2;

-- name: check_ledger_carrier
-- A carrier has what it collected until it has settled.
SELECT p.id,
       CASE WHEN p.state IN ('collected', 'settled', 'refunded', 'orphaned') AND p.settled = 0
            THEN p.amount ELSE 0 END,
       CAST(COALESCE(sum(e.amount), 0) AS BIGINT)
  FROM payment p JOIN orders o ON o.id = p.order_id
  LEFT JOIN money_entry e ON e.payment_id = p.id AND e.account = 'carrier'
 WHERE p.provider = 'cod' AND ($1 = 0 OR o.shop_id = $1)
 GROUP BY p.id, p.state, p.amount, p.settled
HAVING COALESCE(sum(e.amount), 0)
       <> CASE WHEN p.state IN ('collected', 'settled', 'refunded', 'orphaned') AND p.settled = 0
               THEN p.amount ELSE 0 END
 LIMIT $2;

-- name: check_ledger_head
-- The movements of a shop are numbered without gaps.
SELECT h.shop_id, h.last_no, count(e.no)
  FROM money_head h LEFT JOIN money_entry e ON e.shop_id = h.shop_id AND e.line = 1
 WHERE $1 = 0 OR h.shop_id = $1
 GROUP BY h.shop_id, h.last_no HAVING count(e.no) <> h.last_no LIMIT $2;

-- name: check_goods
-- The lines sum to the order (I9).
SELECT o.id, o.subtotal, CAST(sum(l.qty * l.unit_amount) AS BIGINT)
  FROM orders o JOIN order_line l ON l.order_id = o.id
 WHERE $1 = 0 OR o.shop_id = $1
 GROUP BY o.id, o.subtotal HAVING sum(l.qty * l.unit_amount) <> o.subtotal LIMIT $2;

-- name: check_discount
SELECT o.id, o.discount, CAST(sum(l.discount_amount) AS BIGINT)
  FROM orders o JOIN order_line l ON l.order_id = o.id
 WHERE $1 = 0 OR o.shop_id = $1
 GROUP BY o.id, o.discount HAVING sum(l.discount_amount) <> o.discount LIMIT $2;

-- name: check_tax
SELECT o.id, o.tax, CAST(sum(l.tax_amount) AS BIGINT)
  FROM orders o JOIN order_line l ON l.order_id = o.id
 WHERE $1 = 0 OR o.shop_id = $1
 GROUP BY o.id, o.tax HAVING sum(l.tax_amount) <> o.tax LIMIT $2;

-- name: check_total
SELECT id, subtotal - discount + shipping, total FROM orders
 WHERE subtotal - discount + shipping <> total AND ($1 = 0 OR shop_id = $1) LIMIT $2;

-- name: check_units
-- Units of an unpaid order are held, those of one that stands are sold.
SELECT l.id, l.qty, COALESCE(h.qty, 0)
  FROM order_line l JOIN orders o ON o.id = l.order_id
  LEFT JOIN hold h ON h.id = l.hold_id AND h.owner = 'order' AND h.owner_id = l.id
       AND h.state = CASE WHEN o.state = 'awaiting_payment' THEN 'active' ELSE 'used' END
 WHERE o.state IN ('awaiting_payment', 'confirmed', 'completed')
   AND (h.id IS NULL OR h.qty <> l.qty) AND ($1 = 0 OR o.shop_id = $1)
 LIMIT $2;

-- name: check_held
-- No order that is over holds anything.
SELECT h.id, 0, h.qty
  FROM hold h JOIN order_line l ON l.id = h.owner_id JOIN orders o ON o.id = l.order_id
 WHERE h.owner = 'order' AND h.state = 'active' AND o.state <> 'awaiting_payment'
   AND ($1 = 0 OR o.shop_id = $1)
 LIMIT $2;

-- name: check_numbers
-- The numbers of a day have no gaps.
SELECT d.last_no, d.last_no, count(o.id)
  FROM order_day d LEFT JOIN orders o ON o.shop_id = d.shop_id AND substr(o.no, 1, 7) = d.day
 WHERE $1 = 0 OR d.shop_id = $1
 GROUP BY d.shop_id, d.day, d.last_no HAVING count(o.id) <> d.last_no LIMIT $2;

-- name: check_parcels
-- What a line says is in parcels is in parcels.
SELECT l.id, CAST(COALESCE(sum(CASE WHEN p.state <> 'void' THEN pl.qty ELSE 0 END), 0) AS BIGINT),
       l.in_parcel
  FROM order_line l JOIN orders o ON o.id = l.order_id
  LEFT JOIN parcel_line pl ON pl.order_line_id = l.id
  LEFT JOIN parcel p ON p.id = pl.parcel_id
 WHERE o.state <> 'cancelled' AND ($1 = 0 OR o.shop_id = $1)
 GROUP BY l.id, l.in_parcel
HAVING COALESCE(sum(CASE WHEN p.state <> 'void' THEN pl.qty ELSE 0 END), 0) <> l.in_parcel
 LIMIT $2;

-- name: check_invoice
-- What stands and was to be paid in Taiwan has its invoice, over what was to be paid.
SELECT o.id, o.total, COALESCE(i.amount, 0) FROM orders o LEFT JOIN invoice i ON i.order_id = o.id
 WHERE o.market = 'TW' AND o.total > 0 AND (o.state = 'confirmed' OR o.state = 'completed')
   AND COALESCE(i.amount, 0) <> o.total AND ($1 = 0 OR o.shop_id = $1)
 LIMIT $2;

-- name: check_allowances
SELECT i.id, i.allowed, CAST(COALESCE(sum(a.amount), 0) AS BIGINT)
  FROM invoice i LEFT JOIN invoice_allowance a ON a.invoice_id = i.id
 WHERE $1 = 0 OR i.shop_id = $1
 GROUP BY i.id, i.allowed HAVING COALESCE(sum(a.amount), 0) <> i.allowed LIMIT $2;
