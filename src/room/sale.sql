-- name: sale_insert
INSERT INTO show_sale (show_id) VALUES ($1);

-- name: sale_by_show
SELECT claim_rule, hold_s, cancel_ok, COALESCE(pinned_id, 0), COALESCE(segment_id, 0), claim_no,
       claim_chain, version
  FROM show_sale WHERE show_id = $1;

-- name: sale_changed
-- What is kept in memory of this show's run order is not good any more.
UPDATE show_sale SET version = version + 1 WHERE show_id = $1;

-- name: sale_update
UPDATE show_sale SET claim_rule = $1, hold_s = $2, cancel_ok = $3, version = version + 1
 WHERE show_id = $4;

-- name: sale_pin
UPDATE show_sale SET pinned_id = $1, segment_id = $2, version = version + 1 WHERE show_id = $3;

-- name: segment_start
INSERT INTO segment (id, show_id, listing_id, starts_at) VALUES ($1, $2, $3, $4);

-- name: segment_end
UPDATE segment SET ends_at = $1 WHERE id = $2 AND ends_at IS NULL;

-- name: segment_by_id
SELECT starts_at FROM segment WHERE id = $1;

-- name: segments_of_show
SELECT g.listing_id, l.public_id, g.starts_at, COALESCE(g.ends_at, 0)
  FROM segment g JOIN listing l ON l.id = g.listing_id
 WHERE g.show_id = $1 ORDER BY g.starts_at, g.id LIMIT 1000;
