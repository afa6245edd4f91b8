-- The e-invoice of an order. asked: 1 issue, 2 void, 3 allowance (enum invoice_asked).

-- name: invoice_begin
INSERT INTO invoice (id, public_id, order_id, shop_id, state, relate_no, amount, next_at,
                     created_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
ON CONFLICT (order_id) DO NOTHING;

-- name: invoice_due
UPDATE invoice SET state = 'queued', next_at = $1, changed_at = $1
 WHERE order_id = $2 AND state = 'none';

-- name: invoice_undo
-- One that is not due yet never will be.
UPDATE invoice SET undo = 1, changed_at = $1,
                   next_at = CASE WHEN state = 'none' OR state = 'void' THEN NULL ELSE $1 END
 WHERE order_id = $2 AND undo = 0;

-- name: invoice_due_list
SELECT id FROM invoice WHERE next_at <= $1 AND lease_until <= $1 ORDER BY next_at LIMIT 16;

-- name: invoice_read
SELECT i.id, i.public_id, i.order_id, o.no, i.shop_id, i.state, i.relate_no, i.amount, i.number,
       i.date, i.random, COALESCE(i.issued_at, 0), i.undo, i.allowed, i.asked, i.tries
  FROM invoice i JOIN orders o ON o.id = i.order_id WHERE i.id = $1;

-- name: invoice_of_order
SELECT id, public_id, state, number, random, date, undo, allowed, asked, tries,
       COALESCE(next_at, 0), problem
  FROM invoice WHERE order_id = $1;

-- name: invoice_by_public_id
SELECT id, order_id, state, number, asked FROM invoice WHERE public_id = $1;

-- name: invoice_take
UPDATE invoice SET lease_until = $1, asked = $2, tries = tries + 1
 WHERE id = $3 AND next_at <= $4 AND lease_until <= $4 AND (asked = 0 OR asked = $2);

-- name: invoice_take_allowance
UPDATE invoice_allowance SET asked = 1 WHERE id = $1 AND state = 'queued';

-- name: invoice_issued
UPDATE invoice SET state = 'issued', number = $1, date = $2, random = $3, issued_at = $4,
                   changed_at = $4, asked = 0, tries = 0, lease_until = 0, problem = NULL,
                   next_at = CASE WHEN undo = 1 OR allowed > 0 THEN $4 ELSE NULL END
 WHERE id = $5 AND lease_until = $6;

-- name: invoice_voided
UPDATE invoice SET state = 'void', changed_at = $1, asked = 0, tries = 0, lease_until = 0,
                   problem = NULL, next_at = NULL
 WHERE id = $2 AND lease_until = $3;

-- name: invoice_allowed
UPDATE invoice SET state = 'allowance', changed_at = $1, asked = 0, tries = 0, lease_until = 0,
                   problem = NULL, next_at = CASE WHEN undo = 1 OR $2 > 0 THEN $1 ELSE NULL END
 WHERE id = $3 AND lease_until = $4;

-- name: invoice_allowance_made
UPDATE invoice_allowance SET state = 'issued', number = $1, asked = 0, changed_at = $2
 WHERE id = $3;

-- name: invoice_allowance_unasked
UPDATE invoice_allowance SET asked = 0 WHERE id = $1;

-- name: invoice_later
UPDATE invoice SET asked = $1, next_at = $2, lease_until = 0, problem = $3, changed_at = $4
 WHERE id = $5 AND lease_until = $6;

-- name: invoice_failed
UPDATE invoice SET state = 'error', asked = 0, next_at = NULL, lease_until = 0, problem = $1,
                   changed_at = $2
 WHERE id = $3 AND lease_until = $4;

-- name: invoice_again
UPDATE invoice SET state = $1, next_at = $2, tries = 0, problem = NULL, changed_at = $2
 WHERE id = $3 AND state = $4 AND lease_until <= $2;

-- name: invoice_asked_for
UPDATE orders SET invoice = $1, version = version + 1 WHERE id = $2;

-- ---- money that goes back ----

-- name: invoice_unheard
-- Refunds that stand: paid back, or a person's to pay back. counts: of the payment that paid the
-- order, not of money that no order could take.
SELECT r.id, p.order_id, r.amount, COALESCE(i.id, 0),
       (SELECT count(*) FROM money_entry m
         WHERE m.payment_id = p.id AND m.line = 1
           AND (m.kind = 'paid' OR m.kind = 'paid_late' OR m.kind = 'cod_collected'))
  FROM refund r JOIN payment p ON p.id = r.payment_id
  LEFT JOIN invoice i ON i.order_id = p.order_id
 WHERE r.invoiced = 0 AND (r.state = 'done' OR (r.state = 'queued' AND r.manual = 1))
 ORDER BY p.order_id, r.id LIMIT 64;

-- name: invoice_unheard_any
SELECT r.id FROM refund r
 WHERE r.invoiced = 0 AND (r.state = 'done' OR (r.state = 'queued' AND r.manual = 1)) LIMIT 1;

-- name: invoice_heard
UPDATE refund SET invoiced = 1 WHERE id = $1;

-- name: invoice_take_part
-- Checks and takes at once: never more than the invoice.
UPDATE invoice SET allowed = allowed + $1, changed_at = $2,
                   next_at = CASE WHEN state = 'issued' OR state = 'allowance' OR state = 'queued'
                                  THEN $2 ELSE next_at END
 WHERE id = $3 AND allowed + $1 <= amount AND state <> 'void' AND state <> 'none' AND undo = 0;

-- name: invoice_allowance_insert
INSERT INTO invoice_allowance (id, invoice_id, state, amount, items, created_at, changed_at)
VALUES ($1, $2, 'queued', $3, $4, $5, $5);

-- name: invoice_line_allowed
SELECT qty_allowed FROM order_line WHERE id = $1;

-- name: invoice_line_allow
UPDATE order_line SET qty_allowed = $1 WHERE id = $2;

-- name: invoice_rest
UPDATE invoice SET undo = 0, allowed = amount, asked = 0, lease_until = 0, next_at = $1,
                   changed_at = $1
 WHERE id = $2 AND lease_until = $3;

-- name: invoice_allowance_next
SELECT id, amount, asked, items FROM invoice_allowance
 WHERE invoice_id = $1 AND state = 'queued' ORDER BY id LIMIT 1;

-- name: invoice_allowance_sum
SELECT CAST(COALESCE(sum(amount), 0) AS BIGINT) FROM invoice_allowance
 WHERE invoice_id = $1 AND state = 'issued';

-- name: invoice_allowances
SELECT number, amount, state, items, changed_at FROM invoice_allowance
 WHERE invoice_id = $1 ORDER BY id LIMIT 50;

-- name: invoice_allowance_waiting
SELECT count(*) FROM invoice_allowance WHERE invoice_id = $1 AND state = 'queued';
