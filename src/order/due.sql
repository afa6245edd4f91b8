-- Orders that wait for money.

-- name: due_wait
UPDATE orders SET expires_at = CASE WHEN expires_at > $1 THEN expires_at ELSE $1 END
 WHERE id = $2 AND state = 'awaiting_payment';

-- name: due_holds
SELECT h.id FROM order_line l JOIN hold h ON h.id = l.hold_id
 WHERE l.order_id = $1 AND h.state = 'active' ORDER BY h.variant_id, h.id LIMIT 400;
