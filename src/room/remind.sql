-- Who is reminded of which show.

-- name: remind_set
INSERT INTO reminder (show_id, viewer_id, push, email, soon_for, over, created_at, changed_at)
VALUES ($1, $2, $3, $4, $5, 0, $6, $6)
ON CONFLICT (show_id, viewer_id) DO UPDATE
   SET push = excluded.push, email = excluded.email, over = 0, soon_for = excluded.soon_for,
       changed_at = excluded.changed_at;

-- name: remind_get
SELECT push, email FROM reminder WHERE show_id = $1 AND viewer_id = $2 AND over = 0;

-- name: remind_count
SELECT count(*) FROM reminder WHERE show_id = $1 AND over = 0;

-- name: remind_drop
DELETE FROM reminder WHERE show_id = $1 AND viewer_id = $2;

-- name: remind_no_mail
UPDATE reminder SET email = 0, changed_at = $1 WHERE show_id = $2 AND viewer_id = $3;

-- name: remind_due
-- Shows with somebody to tell: soon, live, called off.
SELECT s.id FROM show s
 WHERE s.state = 'scheduled' AND s.starts_at > $1 AND s.starts_at <= $2
   AND EXISTS (SELECT 1 FROM reminder r
                WHERE r.show_id = s.id AND r.over = 0 AND r.soon_for <> s.starts_at)
UNION ALL
SELECT s.id FROM show s
 WHERE s.state = 'backstage' AND s.starts_at > $1 AND s.starts_at <= $2
   AND EXISTS (SELECT 1 FROM reminder r
                WHERE r.show_id = s.id AND r.over = 0 AND r.soon_for <> s.starts_at)
UNION ALL
SELECT s.id FROM show s
 WHERE (s.state = 'live' OR s.state = 'interrupted' OR s.state = 'cancelled')
   AND EXISTS (SELECT 1 FROM reminder r WHERE r.show_id = s.id AND r.over = 0)
 LIMIT $3;

-- name: remind_soon
SELECT r.viewer_id, r.push, r.email, v.lang, v.public_id
  FROM reminder r JOIN viewer v ON v.id = r.viewer_id
 WHERE r.show_id = $1 AND r.over = 0 AND r.soon_for <> $2 ORDER BY r.viewer_id LIMIT $3;

-- name: remind_all
SELECT r.viewer_id, r.push, r.email, v.lang, v.public_id
  FROM reminder r JOIN viewer v ON v.id = r.viewer_id
 WHERE r.show_id = $1 AND r.over = 0 ORDER BY r.viewer_id LIMIT $2;

-- name: remind_soon_told
UPDATE reminder SET soon_for = $1 WHERE show_id = $2 AND viewer_id = $3;

-- name: remind_told
UPDATE reminder SET over = 1, changed_at = $1 WHERE show_id = $2 AND viewer_id = $3;

-- name: remind_stale
-- Shows that are over and were never live to those who waited.
UPDATE reminder SET over = 1, changed_at = $1
 WHERE over = 0 AND show_id IN (SELECT s.id FROM show s
                                 WHERE s.state = 'ended' OR s.state = 'replay_ready'
                                    OR s.state = 'archived');

-- name: remind_sweep
DELETE FROM reminder WHERE over = 1 AND changed_at < $1;

-- name: remind_merge
INSERT INTO reminder (show_id, viewer_id, push, email, soon_for, over, created_at, changed_at)
SELECT show_id, $1, push, email, soon_for, over, created_at, changed_at
  FROM reminder WHERE viewer_id = $2
ON CONFLICT (show_id, viewer_id) DO NOTHING;

-- name: remind_erase
DELETE FROM reminder WHERE viewer_id = $1;
