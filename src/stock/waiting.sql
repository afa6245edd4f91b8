-- Who comes next. waiting_next serves the first, waiting_by_viewer the rest.

-- name: waiting_again
UPDATE waiting SET qty = CASE state WHEN 'waiting' THEN $1 ELSE qty END
 WHERE viewer_id = $2 AND shop_id = $3 AND variant_id = $4 AND show_id = $5
   AND state IN ('waiting', 'offered')
RETURNING id, place;

-- name: waiting_insert
-- The variant's row is locked (units_lock): no other job gives the same place.
INSERT INTO waiting (id, public_id, shop_id, variant_id, show_id, listing_id, deal_id, claim_id,
                     viewer_id, market, qty, unit_amount, place, state, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
        (SELECT coalesce(max(w.place), 0) + 1 FROM waiting w
          WHERE w.variant_id = $4 AND w.show_id = $5),
        'waiting', $13)
RETURNING place;

-- name: waiting_first
SELECT id, public_id, shop_id, variant_id, viewer_id, show_id, listing_id, claim_id, deal_id,
       market, qty, unit_amount, place, state, hold_id, offer_until, at
  FROM waiting
 WHERE variant_id = $1 AND state = 'waiting' AND id > $2
 ORDER BY id LIMIT $3;

-- name: waiting_get
SELECT id, public_id, shop_id, variant_id, viewer_id, show_id, listing_id, claim_id, deal_id,
       market, qty, unit_amount, place, state, hold_id, offer_until, at
  FROM waiting WHERE public_id = $1;

-- name: waiting_get_id
SELECT id, public_id, shop_id, variant_id, viewer_id, show_id, listing_id, claim_id, deal_id,
       market, qty, unit_amount, place, state, hold_id, offer_until, at
  FROM waiting WHERE id = $1;

-- name: waiting_of_viewer
SELECT id, public_id, shop_id, variant_id, viewer_id, show_id, listing_id, claim_id, deal_id,
       market, qty, unit_amount, place, state, hold_id, offer_until, at
  FROM waiting
 WHERE viewer_id = $1 AND ($2 = 0 OR shop_id = $2) AND state IN ('waiting', 'offered')
 ORDER BY id LIMIT $3;

-- name: waiting_set_state
UPDATE waiting SET state = $1 WHERE id = $2 AND state = $3;

-- name: waiting_set_offer
UPDATE waiting
   SET state = 'offered', hold_id = $1, offer_until = $2, deal_id = $3, unit_amount = $4, qty = $5
 WHERE id = $6 AND state = 'waiting';

-- name: waiting_price
-- What somebody pays whose deal is over.
SELECT amount FROM price WHERE variant_id = $1 AND market = $2;

-- name: deal_over
SELECT state IN ('closed', 'cancelled') FROM deal WHERE id = $1;
