-- Who comes next. waiting_next serves the first, waiting_by_viewer the rest.

-- name: waiting_again
-- What a claim or a deal let somebody wait for does not grow by another door.
UPDATE waiting
   SET qty = CASE WHEN state = 'waiting' AND claim_id IS NULL AND deal_id IS NULL THEN $1 ELSE qty END
 WHERE viewer_id = $2 AND shop_id = $3 AND variant_id = $4 AND show_id = $5
   AND state IN ('waiting', 'offered')
RETURNING id, place;

-- name: waiting_insert
-- The variant's row is locked (units_lock): no other job gives the same place.
INSERT INTO waiting (id, public_id, shop_id, variant_id, show_id, listing_id, deal_id, claim_id,
                     viewer_id, market, qty, unit_amount, place, turn, state, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
        (SELECT coalesce(max(w.place), 0) + 1 FROM waiting w
          WHERE w.variant_id = $4 AND w.show_id = $5),
        (SELECT coalesce(max(w.turn), 0) + 1 FROM waiting w WHERE w.variant_id = $4),
        'waiting', $13)
RETURNING place;

-- name: waiting_first
-- Who waits for a deal that has nothing left is not even read: there may be thousands.
SELECT id, public_id, shop_id, variant_id, viewer_id, show_id, listing_id, claim_id, deal_id,
       market, qty, unit_amount, place, turn, state, hold_id, offer_until, at
  FROM waiting
 WHERE variant_id = $1 AND state = 'waiting' AND turn > $2
   AND NOT EXISTS (SELECT 1 FROM deal d
                    WHERE d.id = waiting.deal_id AND d.taken >= d.quota
                      AND d.state IN ('countdown', 'open', 'sold_out'))
 ORDER BY turn LIMIT $3;

-- name: waiting_stranded
-- Variants with free units and somebody whom no deal keeps waiting.
SELECT w.variant_id
  FROM waiting w
  JOIN variant v ON v.id = w.variant_id
  LEFT JOIN deal d ON d.id = w.deal_id
 WHERE w.state = 'waiting' AND (v.stock_total > v.stock_held OR v.track_stock = 0)
   AND (w.deal_id IS NULL OR d.state IN ('closed', 'cancelled'))
 GROUP BY w.variant_id ORDER BY w.variant_id LIMIT $1;

-- name: waiting_deal_over
-- Their deal is over, and did not reach them.
SELECT w.id, w.public_id, w.shop_id, w.variant_id, w.viewer_id, w.show_id, w.listing_id,
       w.claim_id, w.deal_id, w.market, w.qty, w.unit_amount, w.place, w.turn, w.state, w.hold_id,
       w.offer_until, w.at
  FROM waiting w
  JOIN deal d ON d.id = w.deal_id
 WHERE w.state = 'waiting' AND d.state IN ('closed', 'cancelled')
 ORDER BY w.id LIMIT $1;

-- name: waiting_list_price
UPDATE waiting SET deal_id = NULL, unit_amount = $1 WHERE id = $2 AND state = 'waiting';

-- name: waiting_get
SELECT id, public_id, shop_id, variant_id, viewer_id, show_id, listing_id, claim_id, deal_id,
       market, qty, unit_amount, place, turn, state, hold_id, offer_until, at
  FROM waiting WHERE public_id = $1;

-- name: waiting_get_id
SELECT id, public_id, shop_id, variant_id, viewer_id, show_id, listing_id, claim_id, deal_id,
       market, qty, unit_amount, place, turn, state, hold_id, offer_until, at
  FROM waiting WHERE id = $1;

-- name: waiting_of_viewer
SELECT id, public_id, shop_id, variant_id, viewer_id, show_id, listing_id, claim_id, deal_id,
       market, qty, unit_amount, place, turn, state, hold_id, offer_until, at
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
SELECT state IN ('closed', 'cancelled'), per_buyer_max FROM deal WHERE id = $1;
