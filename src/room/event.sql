-- name: event_next
-- The number of the next event, which event_head then reads: cheaper on SQLite than RETURNING. The
-- row is locked until the commit: no gaps, no two alike.
UPDATE show_log SET head = head + 1 WHERE show_id = $1;

-- name: event_insert
INSERT INTO event (show_id, seq, type, audience, viewer_id, at, media_at, data)
VALUES ($1, $2, $3, $4, $5, $6, $6, $7);

-- name: event_head
SELECT head FROM show_log WHERE show_id = $1;

-- name: events_after
SELECT seq, type, audience, COALESCE(viewer_id, 0), at, media_at, data FROM event
 WHERE show_id = $1 AND seq > $2 ORDER BY seq LIMIT $3;
