-- name: input_load
-- All inputs, page by page: what the memory index needs.
SELECT id, uid, enabled, record, prefer_ll, signed_only, hide_viewers, timeout_s, meta, origins,
       rtmps_key, state, video_uid, status
  FROM input WHERE id > $1 ORDER BY id LIMIT 500;

-- name: input_get
SELECT id, uid, created_at, modified_at, rotated_at, meta, enabled, default_creator,
       delete_after_days, prefer_ll, record, timeout_s, signed_only, hide_viewers, origins,
       rtmps_key, rtmps_play_key, srt_pass, srt_play_pass, webrtc_secret
  FROM input WHERE uid = $1;

-- name: input_list
SELECT id, uid, created_at, modified_at, meta, enabled, delete_after_days
  FROM input ORDER BY created_at DESC, id DESC LIMIT $1;

-- name: input_count
SELECT count(*) FROM input;

-- name: input_add
INSERT INTO input (uid, created_at, modified_at, meta, enabled, default_creator,
                   delete_after_days, prefer_ll, record, timeout_s, signed_only, hide_viewers,
                   origins, rtmps_key, rtmps_play_key, srt_pass, srt_play_pass, webrtc_secret)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18);

-- name: input_put
UPDATE input SET modified_at = $1, meta = $2, enabled = $3, default_creator = $4,
                 delete_after_days = $5, prefer_ll = $6, record = $7, timeout_s = $8,
                 signed_only = $9, hide_viewers = $10, origins = $11
 WHERE uid = $12;

-- name: input_rotate
UPDATE input SET modified_at = $1, rotated_at = $2, rtmps_key = $3, rtmps_play_key = $4,
                 srt_pass = $5, srt_play_pass = $6, webrtc_secret = $7
 WHERE uid = $8;

-- name: input_drop
DELETE FROM input WHERE uid = $1;

-- name: input_status
UPDATE input SET state = $1, video_uid = $2, status = $3 WHERE uid = $4;

-- name: idem_get
SELECT input_uid FROM idempotency WHERE key = $1 AND created_at > $2;

-- name: idem_put
INSERT INTO idempotency (key, input_uid, created_at) VALUES ($1, $2, $3)
ON CONFLICT (key) DO UPDATE SET input_uid = excluded.input_uid, created_at = excluded.created_at;

-- name: idem_sweep
DELETE FROM idempotency WHERE created_at <= $1;
