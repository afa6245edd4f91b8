-- name: line_insert
INSERT INTO cart_line (id, public_id, cart_id, variant_id, qty, unit_amount, source, state,
                       show_id, listing_id, claim_id, deal_id, hold_id, idem, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'held', $8, $9, $10, $11, $12, $13, $14);

-- name: line_idem
-- A key is its viewer's: the line it made answers, also when it is ordered by now.
SELECT l.id, l.qty, h.expires_at, l.cart_id
  FROM cart c
  JOIN cart_line l ON l.cart_id = c.id
  JOIN hold h ON h.id = l.hold_id
 WHERE c.viewer_id = $1 AND l.idem = $2 ORDER BY l.id LIMIT 1;

-- name: line_get
SELECT l.id, l.cart_id, l.hold_id, l.variant_id, l.public_id, c.viewer_id, c.shop_id, c.market,
       l.qty, l.unit_amount, l.source, l.state, l.show_id, l.listing_id, l.claim_id, l.deal_id,
       h.expires_at, l.at
  FROM cart_line l
  JOIN cart c ON c.id = l.cart_id
  JOIN hold h ON h.id = l.hold_id
 WHERE l.public_id = $1 AND ($2 = 0 OR c.viewer_id = $2);

-- name: line_get_id
SELECT l.id, l.cart_id, l.hold_id, l.variant_id, l.public_id, c.viewer_id, c.shop_id, c.market,
       l.qty, l.unit_amount, l.source, l.state, l.show_id, l.listing_id, l.claim_id, l.deal_id,
       h.expires_at, l.at
  FROM cart_line l
  JOIN cart c ON c.id = l.cart_id
  JOIN hold h ON h.id = l.hold_id
 WHERE l.id = $1;

-- name: line_set_qty
UPDATE cart_line SET qty = $1 WHERE id = $2 AND state = 'held';

-- name: line_set_state
UPDATE cart_line SET state = $1 WHERE id = $2 AND state = $3;

-- name: line_expire
UPDATE cart_line SET state = 'expired' WHERE id = $1 AND state = 'held'
RETURNING cart_id, show_id, listing_id, claim_id, deal_id,
          (SELECT c.shop_id FROM cart c WHERE c.id = cart_line.cart_id);

-- name: line_again
-- What a claim or a deal counted was given back when the clock ran out.
UPDATE cart_line
   SET state = 'held', hold_id = $1, qty = $2, unit_amount = $3, source = 'list', deal_id = NULL,
       claim_id = NULL
 WHERE id = $4 AND state = 'expired';

-- name: line_is_prize
SELECT source = 'prize' FROM cart_line WHERE id = $1;

-- name: line_plain_held
-- What they hold at the list price.
SELECT CAST(coalesce(sum(l.qty), 0) AS BIGINT)
  FROM cart c
  JOIN cart_line l ON l.cart_id = c.id
 WHERE c.viewer_id = $1 AND c.state = 'open' AND l.variant_id = $2 AND l.state = 'held'
   AND l.source = 'list';

-- name: line_waited_for
SELECT id FROM waiting WHERE variant_id = $1 AND state = 'waiting' LIMIT 1;
