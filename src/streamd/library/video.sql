-- name: video_load
SELECT id, uid, input_uid, state, signed_only, origins, thumb_ppm FROM video WHERE id > $1
 ORDER BY id LIMIT 500;

-- name: video_replays
-- The last good broadcast of each input.
SELECT v.id, v.uid, v.input_uid
  FROM video AS v
  JOIN (SELECT max(id) AS id FROM video
         WHERE state = 'ready' AND input_uid IS NOT NULL GROUP BY input_uid) AS f ON f.id = v.id
 WHERE v.id > $1 ORDER BY v.id LIMIT 500;

-- name: video_get
SELECT id, uid, input_uid, state, error_code, error_text, creator, meta, created_at, modified_at,
       uploaded_at, ready_at, delete_at, upload_expiry_at, max_duration_s, duration_ms, size_bytes,
       width, height, origins, signed_only, thumb_ppm, details
  FROM video WHERE uid = $1;

-- name: video_list
-- Every filter may be NULL. Lists of words arrive as ',a,b,'. $11 is 1 (oldest first) or -1.
SELECT id, uid, input_uid, state, error_code, error_text, creator, meta, created_at, modified_at,
       uploaded_at, ready_at, delete_at, upload_expiry_at, max_duration_s, duration_ms, size_bytes,
       width, height, origins, signed_only, thumb_ppm, details
  FROM video
 WHERE ($1 IS NULL OR creator = $1)
   AND ($2 IS NULL OR instr($2, ',' || uid || ',') > 0)
   AND ($3 IS NULL OR input_uid = $3)
   AND ($4 IS NULL OR instr($4, ',' || name || ',') > 0 OR instr($4, ',' || uid || ',') > 0)
   AND ($5 IS NULL OR instr(lower(name), lower($5)) > 0)
   AND ($6 IS NULL OR name = $6)
   AND ($7 IS NULL OR instr($7, ',' || state || ',') > 0)
   AND ($8 IS NULL OR (state = 'live-inprogress') = $8)
   AND ($9 IS NULL OR created_at > $9)
   AND ($10 IS NULL OR created_at < $10)
 ORDER BY created_at * $11, id * $11
 LIMIT $12;

-- name: video_count
SELECT count(*)
  FROM video
 WHERE ($1 IS NULL OR creator = $1)
   AND ($2 IS NULL OR instr($2, ',' || uid || ',') > 0)
   AND ($3 IS NULL OR input_uid = $3)
   AND ($4 IS NULL OR instr($4, ',' || name || ',') > 0 OR instr($4, ',' || uid || ',') > 0)
   AND ($5 IS NULL OR instr(lower(name), lower($5)) > 0)
   AND ($6 IS NULL OR name = $6)
   AND ($7 IS NULL OR instr($7, ',' || state || ',') > 0)
   AND ($8 IS NULL OR (state = 'live-inprogress') = $8)
   AND ($9 IS NULL OR created_at > $9)
   AND ($10 IS NULL OR created_at < $10);

-- name: video_begin
-- A broadcast inherits from its input what it has now.
INSERT INTO video (uid, input_uid, state, creator, name, meta, created_at, modified_at,
                   uploaded_at, keep_days, signed_only, origins)
SELECT $1, $2, 'live-inprogress', i.default_creator, $3, $4, $5, $5, $5, i.delete_after_days,
       i.signed_only, coalesce(i.origins, '[]')
  FROM input AS i WHERE i.uid = $2
ON CONFLICT (uid) DO NOTHING;

-- name: video_ended
UPDATE video SET state = 'inprogress', modified_at = max($1, modified_at + 1)
 WHERE uid = $2 AND state = 'live-inprogress';

-- name: video_ready
UPDATE video SET state = 'ready', modified_at = max($1, modified_at + 1), ready_at = $1,
                 delete_at = CASE WHEN delete_at > 0 THEN delete_at
                                  WHEN keep_days > 0 THEN $1 + keep_days * 86400000
                                  ELSE 0 END,
                 duration_ms = $2, size_bytes = $3, width = $4, height = $5
 WHERE uid = $6 AND state IN ('live-inprogress', 'inprogress');

-- name: video_broken
UPDATE video SET state = 'error', modified_at = max($1, modified_at + 1), error_code = $2,
                 error_text = $3
 WHERE uid = $4 AND state IN ('live-inprogress', 'inprogress');

-- name: video_edit
UPDATE video SET modified_at = $1, creator = $2, name = $3, meta = $4, delete_at = $5,
                 upload_expiry_at = $6, max_duration_s = $7, origins = $8, signed_only = $9,
                 thumb_ppm = $10, details = $11
 WHERE uid = $12;

-- name: video_drop
DELETE FROM video WHERE uid = $1;

-- name: video_due
SELECT uid FROM video WHERE delete_at > 0 AND delete_at <= $1 ORDER BY delete_at LIMIT 16;

-- name: video_usage
SELECT count(*), coalesce(sum((max(duration_ms, 0) + 999) / 1000), 0) FROM video
 WHERE state <> 'error' AND ($1 IS NULL OR creator = $1);
