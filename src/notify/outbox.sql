-- The outbox: taken, sent, over.

-- name: outbox_due
SELECT id FROM outbox
 WHERE state = 'queued' AND channel = $1 AND next_at <= $2 AND lease_until <= $2
 ORDER BY next_at, id LIMIT $3;

-- name: outbox_take
UPDATE outbox SET lease_until = $1, tries = tries + 1
 WHERE id = $2 AND state = 'queued' AND next_at <= $3 AND lease_until <= $3;

-- name: outbox_read
-- A viewer who was deleted has no market and no address.
SELECT o.kind, o.channel, coalesce(v.id, 0), o.email, o.lang, o.args, o.key, o.tries, o.until_at,
       o.created_at, v.market, coalesce(s.id, 0), s.endpoint, s.p256dh, s.auth,
       CASE WHEN s.session_hash IS NULL THEN 1
            WHEN EXISTS (SELECT 1 FROM session x
                          WHERE x.token_hash = s.session_hash AND x.viewer_id = s.viewer_id
                            AND x.expires_at > $1) THEN 1 ELSE 0 END
  FROM outbox o
       LEFT JOIN push_subscription s ON s.id = o.subscription_id AND s.viewer_id = o.viewer_id
       LEFT JOIN viewer v ON v.id = o.viewer_id AND v.deleted_at IS NULL
 WHERE o.id = $2;

-- name: outbox_over
UPDATE outbox SET state = $1, result = $2, args = '{}', email = NULL, lease_until = 0,
                  changed_at = $3
 WHERE id = $4 AND state = 'queued' AND lease_until = $5;

-- name: outbox_again
UPDATE outbox SET next_at = $1, tries = $2, result = $3, lease_until = 0
 WHERE id = $4 AND state = 'queued' AND lease_until = $5;

-- name: push_gone
DELETE FROM push_subscription WHERE id = $1;

-- name: outbox_sweep
DELETE FROM outbox WHERE id IN (SELECT x.id FROM outbox x
                                 WHERE x.state <> 'queued' AND x.changed_at < $1 LIMIT $2);

-- name: push_sweep
-- Browsers that were signed out and did not come back.
DELETE FROM push_subscription
 WHERE id IN (SELECT s.id FROM push_subscription s
               WHERE s.session_hash IS NOT NULL AND s.seen_at < $1
                 AND NOT EXISTS (SELECT 1 FROM session x WHERE x.token_hash = s.session_hash)
               LIMIT $2);

-- name: outbox_counts
SELECT CAST(coalesce(sum(CASE WHEN state = 'queued' THEN 1 ELSE 0 END), 0) AS BIGINT),
       CAST(coalesce(sum(CASE WHEN state = 'dead' THEN 1 ELSE 0 END), 0) AS BIGINT),
       CAST(coalesce(min(CASE WHEN state = 'queued' THEN next_at END), 0) AS BIGINT)
  FROM outbox WHERE state = 'queued' OR state = 'dead';

-- name: outbox_dead_list
SELECT id, kind, channel, tries, coalesce(result, ''), created_at, changed_at
  FROM outbox WHERE shop_id = $1 AND state = 'dead' AND id < $2 ORDER BY id DESC LIMIT $3;
