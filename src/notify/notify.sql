-- What is put into the outbox.

-- name: outbox_put_push
-- One row for each browser. The writer runs one job at a time, so the next ids are free.
INSERT INTO outbox (id, kind, channel, viewer_id, subscription_id, shop_id, lang, args, key, state,
                    next_at, until_at, created_at, changed_at)
SELECT $1, $2, 'push', s.viewer_id, s.id, $3, $4, $5, $6, 'queued', $7, $8, $9, $9
  FROM push_subscription s WHERE s.id = $10
ON CONFLICT DO NOTHING;

-- name: outbox_put_email
INSERT INTO outbox (id, kind, channel, viewer_id, email, shop_id, lang, args, key, state, next_at,
                    until_at, created_at, changed_at)
VALUES ($1, $2, 'email', $3, $4, $5, $6, $7, $8, 'queued', $9, $10, $11, $11)
ON CONFLICT DO NOTHING;

-- name: outbox_next_id
SELECT CAST(coalesce(max(id), 0) + 1 AS BIGINT) FROM outbox;

-- name: push_of_viewer
SELECT id FROM push_subscription WHERE viewer_id = $1 ORDER BY seen_at DESC, id DESC LIMIT $2;

-- name: notify_merge_push
-- They have just signed in: their newest session is this browser's.
UPDATE push_subscription
   SET viewer_id = $1, session_hash = (SELECT s.token_hash FROM session s WHERE s.viewer_id = $1
                                        ORDER BY s.created_at DESC, s.expires_at DESC LIMIT 1)
 WHERE viewer_id = $2;

-- name: notify_merge_outbox
UPDATE outbox SET viewer_id = $1 WHERE viewer_id = $2;

-- name: notify_erase_push
DELETE FROM push_subscription WHERE viewer_id = $1;

-- name: notify_erase_outbox
DELETE FROM outbox WHERE viewer_id = $1;
