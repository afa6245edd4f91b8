-- Browsers that take push messages.

-- name: push_add
INSERT INTO push_subscription (id, viewer_id, endpoint, p256dh, auth, session_hash, created_at,
                               seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
ON CONFLICT (endpoint) DO UPDATE SET viewer_id = excluded.viewer_id, p256dh = excluded.p256dh,
                                     auth = excluded.auth, session_hash = excluded.session_hash,
                                     seen_at = excluded.seen_at;

-- name: push_trim
-- Beyond the newest $2, the rest go.
DELETE FROM push_subscription
 WHERE viewer_id = $1
   AND id NOT IN (SELECT k.id FROM push_subscription k WHERE k.viewer_id = $1
                   ORDER BY k.seen_at DESC, k.id DESC LIMIT $2);

-- name: push_remove
DELETE FROM push_subscription WHERE viewer_id = $1 AND endpoint = $2;

-- name: push_count
SELECT count(*) FROM push_subscription WHERE viewer_id = $1;
