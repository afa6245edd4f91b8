-- Notices that never came.

-- name: missed_known
SELECT count(*) FROM inbox WHERE shop_id = $1 AND provider = $2 AND event_key = $3;
