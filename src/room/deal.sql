-- The columns of every deal statement are those of deal_columns() in deal_read.c.

-- name: deal_by_public_id
SELECT d.id, d.public_id, d.show_id, d.listing_id, l.public_id, COALESCE(d.variant_id, 0),
       v.public_id, d.quota, d.taken, d.per_buyer_max, d.state, d.countdown_s, d.run_s,
       COALESCE(d.opens_at, 0), COALESCE(d.closes_at, 0)
  FROM deal d JOIN listing l ON l.id = d.listing_id LEFT JOIN variant v ON v.id = d.variant_id
 WHERE d.public_id = $1;

-- name: deal_by_id
SELECT d.id, d.public_id, d.show_id, d.listing_id, l.public_id, COALESCE(d.variant_id, 0),
       v.public_id, d.quota, d.taken, d.per_buyer_max, d.state, d.countdown_s, d.run_s,
       COALESCE(d.opens_at, 0), COALESCE(d.closes_at, 0)
  FROM deal d JOIN listing l ON l.id = d.listing_id LEFT JOIN variant v ON v.id = d.variant_id
 WHERE d.id = $1;

-- name: deals_of_show
-- $2: drafts and those that are over too.
SELECT d.id, d.public_id, d.show_id, d.listing_id, l.public_id, COALESCE(d.variant_id, 0),
       v.public_id, d.quota, d.taken, d.per_buyer_max, d.state, d.countdown_s, d.run_s,
       COALESCE(d.opens_at, 0), COALESCE(d.closes_at, 0)
  FROM deal d JOIN listing l ON l.id = d.listing_id LEFT JOIN variant v ON v.id = d.variant_id
 WHERE d.show_id = $1 AND ($2 = 1 OR d.state IN ('countdown', 'open', 'sold_out'))
 ORDER BY d.id LIMIT 100;

-- name: deal_prices
SELECT market, amount FROM deal_price WHERE deal_id = $1;

-- name: deal_count
SELECT COUNT(*) FROM deal WHERE show_id = $1;

-- name: deal_insert
INSERT INTO deal (id, public_id, show_id, listing_id, variant_id, quota, per_buyer_max, state,
                  countdown_s, run_s, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'draft', $8, $9, $10);

-- name: deal_price_insert
INSERT INTO deal_price (deal_id, market, amount) VALUES ($1, $2, $3);

-- name: deal_variant
SELECT id FROM variant WHERE public_id = $1 AND product_id = $2;

-- name: deal_running
-- Another one of the listing that runs.
SELECT id FROM deal WHERE listing_id = $1 AND id <> $2 AND state IN ('countdown', 'open', 'sold_out')
 ORDER BY id LIMIT 1;

-- name: deal_set_state
-- The guard is in the statement: a deal moves on once, whoever sees the clock first.
UPDATE deal SET state = $1, opens_at = $2, closes_at = $3 WHERE id = $4 AND state = $5;

-- name: deal_moves
-- What the clock asks for, soonest first.
SELECT id FROM deal
 WHERE (state = 'countdown' AND opens_at <= $1)
    OR (state IN ('open', 'sold_out') AND closes_at <= $1)
 ORDER BY id LIMIT 64;

-- name: deal_waits
-- Does somebody wait for it?
SELECT id FROM waiting WHERE deal_id = $1 AND state = 'waiting' LIMIT 1;
