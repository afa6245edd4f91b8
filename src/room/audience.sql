-- Who watches a live show, for its report.

-- name: audience_live
SELECT count(*) FROM show WHERE id = $1 AND state IN ('live', 'interrupted');

-- name: audience_sample
-- Every process adds the viewers it has.
INSERT INTO show_sample (show_id, at, viewers) VALUES ($1, $2, $3)
ON CONFLICT (show_id, at) DO UPDATE SET viewers = show_sample.viewers + excluded.viewers;

-- name: audience_seen
INSERT INTO show_seen (show_id, who) VALUES ($1, $2) ON CONFLICT (show_id, who) DO NOTHING;
