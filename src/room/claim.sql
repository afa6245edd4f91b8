-- The columns of every claim statement "claim_by…", "claims…" are those of claim_columns() in
-- claim_row.c; those of claim_look… are in claim_core.c.

-- name: claim_by_public_id
SELECT c.id, c.public_id, c.show_id, c.seq_no, c.viewer_id, c.listing_id, COALESCE(c.variant_id, 0),
       l.public_id, v.public_id, v.options, c.name_masked, c.code, c.qty_asked, c.qty_given, c.place,
       c.state, c.reason, c.market, c.unit_amount, c.source, c.via, COALESCE(c.line_id, 0),
       COALESCE(c.waiting_id, 0), n.public_id, w.public_id, m.public_id, COALESCE(c.hold_until, 0),
       c.received_at
  FROM claim c JOIN listing l ON l.id = c.listing_id LEFT JOIN variant v ON v.id = c.variant_id
  LEFT JOIN cart_line n ON n.id = c.line_id LEFT JOIN waiting w ON w.id = c.waiting_id
  LEFT JOIN message m ON m.id = c.message_id
 WHERE c.public_id = $1;

-- name: claim_by_id
SELECT c.id, c.public_id, c.show_id, c.seq_no, c.viewer_id, c.listing_id, COALESCE(c.variant_id, 0),
       l.public_id, v.public_id, v.options, c.name_masked, c.code, c.qty_asked, c.qty_given, c.place,
       c.state, c.reason, c.market, c.unit_amount, c.source, c.via, COALESCE(c.line_id, 0),
       COALESCE(c.waiting_id, 0), n.public_id, w.public_id, m.public_id, COALESCE(c.hold_until, 0),
       c.received_at
  FROM claim c JOIN listing l ON l.id = c.listing_id LEFT JOIN variant v ON v.id = c.variant_id
  LEFT JOIN cart_line n ON n.id = c.line_id LEFT JOIN waiting w ON w.id = c.waiting_id
  LEFT JOIN message m ON m.id = c.message_id
 WHERE c.id = $1;

-- name: claims_of_show
SELECT c.id, c.public_id, c.show_id, c.seq_no, c.viewer_id, c.listing_id, COALESCE(c.variant_id, 0),
       l.public_id, v.public_id, v.options, c.name_masked, c.code, c.qty_asked, c.qty_given, c.place,
       c.state, c.reason, c.market, c.unit_amount, c.source, c.via, COALESCE(c.line_id, 0),
       COALESCE(c.waiting_id, 0), n.public_id, w.public_id, m.public_id, COALESCE(c.hold_until, 0),
       c.received_at, b.display_name
  FROM claim c JOIN listing l ON l.id = c.listing_id LEFT JOIN variant v ON v.id = c.variant_id
  LEFT JOIN cart_line n ON n.id = c.line_id LEFT JOIN waiting w ON w.id = c.waiting_id
  LEFT JOIN message m ON m.id = c.message_id JOIN viewer b ON b.id = c.viewer_id
 WHERE c.show_id = $1 AND c.seq_no > $2 ORDER BY c.seq_no LIMIT $3;

-- name: claims_of_viewer
SELECT c.id, c.public_id, c.show_id, c.seq_no, c.viewer_id, c.listing_id, COALESCE(c.variant_id, 0),
       l.public_id, v.public_id, v.options, c.name_masked, c.code, c.qty_asked, c.qty_given, c.place,
       c.state, c.reason, c.market, c.unit_amount, c.source, c.via, COALESCE(c.line_id, 0),
       COALESCE(c.waiting_id, 0), n.public_id, w.public_id, m.public_id, COALESCE(c.hold_until, 0),
       c.received_at, b.display_name
  FROM claim c JOIN listing l ON l.id = c.listing_id LEFT JOIN variant v ON v.id = c.variant_id
  LEFT JOIN cart_line n ON n.id = c.line_id LEFT JOIN waiting w ON w.id = c.waiting_id
  LEFT JOIN message m ON m.id = c.message_id JOIN viewer b ON b.id = c.viewer_id
 WHERE c.viewer_id = $1 AND c.show_id = $2 ORDER BY c.seq_no DESC LIMIT $3;

-- name: claim_by_idem
SELECT id FROM claim WHERE viewer_id = $1 AND idem = $2;

-- name: claim_by_item
SELECT id FROM claim WHERE message_id = $1 AND item_no = $2;

-- name: claim_look
-- All that decides on a claim but the variant. $1: their market, $2: the buyer, $3: a hash of the device, $4: now.
SELECT l.id, l.public_id, l.show_id, l.product_id, l.code, l.state, l.claim_mode, l.claim_open,
       l.per_buyer_max, s.public_id, s.shop_id, s.state, a.claim_rule, a.hold_s, p.status,
       COALESCE(t.qty, 0), COALESCE(d.id, 0), d.state, COALESCE(d.opens_at, 0),
       COALESCE(d.closes_at, 0), COALESCE(d.per_buyer_max, 0), COALESCE(d.variant_id, 0),
       COALESCE(e.amount, -1),
       COALESCE((SELECT y.active FROM shop_market y
                  WHERE y.shop_id = s.shop_id AND y.market = $1), 1),
       CASE WHEN EXISTS (SELECT 1 FROM sanction x
                          WHERE (x.viewer_id = $2 OR x.device = $3) AND x.shop_id = s.shop_id
                            AND x.kind = 'ban' AND x.ended_at IS NULL
                            AND (x.until IS NULL OR x.until > $4)) THEN 1 ELSE 0 END
  FROM listing l JOIN show s ON s.id = l.show_id JOIN show_sale a ON a.show_id = l.show_id
  JOIN product p ON p.id = l.product_id
  LEFT JOIN listing_take t ON t.listing_id = l.id AND t.viewer_id = $2
  LEFT JOIN deal d ON d.listing_id = l.id AND d.state IN ('countdown', 'open', 'sold_out')
  LEFT JOIN deal_price e ON e.deal_id = d.id AND e.market = $1
 WHERE l.public_id = $5 ORDER BY d.id LIMIT 1;

-- name: claim_variant
-- The last column: somebody waits for it already.
SELECT v.id, v.public_id, v.options, COALESCE(c.amount, -1),
       EXISTS (SELECT 1 FROM waiting w WHERE w.variant_id = v.id AND w.state = 'waiting')
  FROM variant v LEFT JOIN price c ON c.variant_id = v.id AND c.market = $1
 WHERE v.public_id = $2 AND v.product_id = $3 AND v.active = 1;

-- name: claim_variant_id
SELECT v.id, v.public_id, v.options, COALESCE(c.amount, -1),
       EXISTS (SELECT 1 FROM waiting w WHERE w.variant_id = v.id AND w.state = 'waiting')
  FROM variant v LEFT JOIN price c ON c.variant_id = v.id AND c.market = $1
 WHERE v.id = $2 AND v.product_id = $3 AND v.active = 1;

-- name: claim_variants
SELECT v.id, v.public_id, v.options, COALESCE(c.amount, -1),
       EXISTS (SELECT 1 FROM waiting w WHERE w.variant_id = v.id AND w.state = 'waiting')
  FROM variant v LEFT JOIN price c ON c.variant_id = v.id AND c.market = $1
 WHERE v.product_id = $2 AND v.active = 1 ORDER BY v.position, v.id LIMIT 2;

-- name: buyer_paid
SELECT paid FROM buyer_stat WHERE viewer_id = $1 AND shop_id = $2;

-- name: take_more
-- The limit of one buyer, in the statement. No row changed: over it.
INSERT INTO listing_take (listing_id, viewer_id, qty) VALUES ($1, $2, $3)
ON CONFLICT (listing_id, viewer_id) DO UPDATE SET qty = listing_take.qty + excluded.qty
 WHERE listing_take.qty + excluded.qty <= $4;

-- name: take_less
UPDATE listing_take SET qty = CASE WHEN qty > $1 THEN qty - $1 ELSE 0 END
 WHERE listing_id = $2 AND viewer_id = $3;

-- name: claim_waits
SELECT id FROM waiting WHERE viewer_id = $1 AND shop_id = $2 AND variant_id = $3 AND show_id = $4
   AND state IN ('waiting', 'offered') LIMIT 1;

-- name: claim_deal_has
-- What they hold of it, were offered, or wait for.
SELECT CAST(COALESCE((SELECT t.qty FROM deal_take t WHERE t.deal_id = $1 AND t.viewer_id = $2), 0)
          + COALESCE((SELECT SUM(w.qty) FROM waiting w
                       WHERE w.viewer_id = $2 AND w.deal_id = $1 AND w.state = 'waiting'), 0)
            AS BIGINT);

-- name: claim_ruled
-- The listing whose show says how this variant is bought now: one with a deal of it that counts
-- down or runs, or ($2) the one it was seen at, while that show is on air.
SELECT l.public_id, s.shop_id, d.id IS NOT NULL
  FROM variant v JOIN listing l ON l.product_id = v.product_id JOIN show s ON s.id = l.show_id
  LEFT JOIN deal d ON d.listing_id = l.id AND d.state IN ('countdown', 'open', 'sold_out')
                  AND (d.variant_id IS NULL OR d.variant_id = v.id)
 WHERE v.public_id = $1 AND s.state IN ('live', 'interrupted') AND l.state <> 'withdrawn'
   AND (d.id IS NOT NULL OR l.public_id = $2)
 ORDER BY CASE WHEN d.id IS NULL THEN 1 ELSE 0 END, l.id LIMIT 1;

-- name: claim_of_key
SELECT l.public_id, s.shop_id
  FROM claim c JOIN listing l ON l.id = c.listing_id JOIN show s ON s.id = l.show_id
 WHERE c.viewer_id = $1 AND c.idem = $2;

-- name: line_seen_at
-- What a line is of, and at which listing it was taken.
SELECT v.public_id, l.public_id
  FROM cart_line x JOIN variant v ON v.id = x.variant_id LEFT JOIN listing l ON l.id = x.listing_id
 WHERE x.id = $1;

-- name: listing_place
-- Counted, then read: cheaper on SQLite than RETURNING, and one wait on PostgreSQL all the same.
UPDATE listing SET claim_n = claim_n + 1 WHERE id = $1;

-- name: listing_placed
SELECT claim_n FROM listing WHERE id = $1;

-- name: ledger_lock
UPDATE show_sale SET claim_no = claim_no WHERE show_id = $1;

-- name: claims_open_of
-- What one buyer can still take back of a listing, newest first. $4: of one variant, or 0.
SELECT id FROM claim WHERE viewer_id = $1 AND show_id = $2 AND listing_id = $3
   AND ($4 = 0 OR variant_id = $4) AND state IN ('granted', 'partial', 'reduced', 'waitlisted')
 ORDER BY seq_no DESC LIMIT 20;

-- name: ledger_next
-- The row is locked until the commit: numbers have no gaps, and nobody comes between.
UPDATE show_sale SET claim_no = claim_no + 1 WHERE show_id = $1;

-- name: ledger_last
SELECT claim_no, claim_chain FROM show_sale WHERE show_id = $1;

-- name: ledger_chain
UPDATE show_sale SET claim_chain = $1 WHERE show_id = $2;

-- name: claim_insert
INSERT INTO claim (id, public_id, show_id, seq_no, message_id, item_no, viewer_id, listing_id,
                   variant_id, deal_id, name_masked, code, qty_asked, qty_given, qty_at_once,
                   state_at_once, state, reason, place, market, unit_amount, source, via, line_id,
                   waiting_id, hold_until, idem, received_at, chain)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15, $15, $16, $17, $18,
        $19, $20, $21, $22, $23, $24, $25, $26, $27);

-- name: claim_move
UPDATE claim SET state = $1, qty_given = $2, line_id = $3, hold_until = $4, unit_amount = $5
 WHERE id = $6;

-- name: ledger_rows
SELECT s.public_id, c.seq_no, c.received_at, c.public_id, c.name_masked, c.code, c.qty_at_once,
       c.state_at_once, c.chain
  FROM claim c JOIN show s ON s.id = c.show_id
 WHERE c.show_id = $1 AND c.seq_no > $2 ORDER BY c.seq_no LIMIT $3;

-- name: ledger_heads
-- Shows whose head has moved since it was last told.
SELECT show_id FROM show_sale WHERE claim_no > head_no ORDER BY show_id LIMIT 100;

-- name: ledger_told
UPDATE show_sale SET head_no = claim_no WHERE show_id = $1 AND claim_no > head_no
RETURNING claim_no, claim_chain;

-- name: message_buyer
SELECT viewer_id FROM message WHERE public_id = $1 AND show_id = $2 AND kind = 'chat';
