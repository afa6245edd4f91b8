-- name: input_attach
-- One input per show, one show per input: whoever comes second changes nothing.
UPDATE show SET input = $1, live_hls = $2
 WHERE id = $3 AND (input IS NULL OR input = $1)
   AND NOT EXISTS (SELECT 1 FROM show other WHERE other.input = $1 AND other.id <> $3);

-- name: input_apply
-- Only what is newer than the last notice counts.
UPDATE show SET input_connected = $1, input_at = $2 WHERE id = $3 AND input_at < $2;

-- name: inputs_watched
SELECT id, public_id, input, state, input_connected FROM show
 WHERE input IS NOT NULL
   AND state IN ('draft', 'scheduled', 'backstage', 'live', 'interrupted')
 ORDER BY CASE state WHEN 'live' THEN 0 WHEN 'interrupted' THEN 0 WHEN 'backstage' THEN 1 ELSE 2 END,
          created_at DESC
 LIMIT $1;

-- name: show_set_replay
UPDATE show SET replay_hls = $1, thumbnail = $2, replay_offset_ms = $3, duration_ms = $4
 WHERE id = $5;

-- name: task_add
INSERT INTO show_task (id, show_id, kind, created_at, next_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (show_id, kind) DO UPDATE SET next_at = excluded.next_at;

-- name: task_due
SELECT t.id, t.kind, t.tries, s.public_id, s.input FROM show_task t JOIN show s ON s.id = t.show_id
 WHERE t.next_at <= $1 AND s.input IS NOT NULL ORDER BY t.next_at LIMIT $2;

-- name: task_done
DELETE FROM show_task WHERE id = $1;

-- name: task_done_of_show
DELETE FROM show_task WHERE show_id = $1 AND kind = $2;

-- name: task_by_id
SELECT tries, created_at FROM show_task WHERE id = $1;

-- name: task_later
UPDATE show_task SET tries = tries + 1, next_at = $1 WHERE id = $2;

-- name: task_now
UPDATE show_task SET next_at = $1
 WHERE kind = 'find_recording' AND next_at > $1
   AND show_id = (SELECT id FROM show WHERE input = $2);
