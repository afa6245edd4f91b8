-- name: file_insert
INSERT INTO file (id, public_id, shop_id, purpose, state, mime, bytes, upload_key, by_id, created_at,
                  expires_at)
VALUES ($1, $2, $3, $4, 'waiting', $5, $6, $7, $8, $9, $10);

-- name: file_insert_ready
INSERT INTO file (id, public_id, shop_id, purpose, state, key, mime, width, height, bytes, created_at)
VALUES ($1, $2, $3, $4, 'ready', $5, $6, $7, $8, $9, $10);

-- name: file_count_waiting
SELECT count(*) FROM file WHERE shop_id = $1 AND state = 'waiting';

-- name: file_by_public_id
SELECT id, public_id, shop_id, purpose, state, why, key, mime, width, height, bytes, upload_key
  FROM file WHERE public_id = $1;

-- name: file_ready_id
SELECT id FROM file WHERE public_id = $1 AND shop_id = $2 AND purpose = $3 AND state = 'ready';

-- name: file_set_ready
UPDATE file SET state = 'ready', key = $1, mime = $2, width = $3, height = $4, expires_at = $5
 WHERE id = $6 AND state = 'waiting';

-- name: file_set_refused
UPDATE file SET state = 'refused', why = $1, expires_at = $2 WHERE id = $3 AND state = 'waiting';

-- name: file_over
-- expires_at: when the bytes that were sent go, if they have not gone; and but for a ready file,
-- the row with them.
SELECT id, upload_key FROM file WHERE expires_at <= $1 ORDER BY expires_at, id LIMIT 50;

-- name: file_forget_upload
UPDATE file SET upload_key = NULL, expires_at = NULL WHERE id = $1 AND state = 'ready';

-- name: file_delete_over
DELETE FROM file WHERE id = $1 AND state IN ('waiting', 'refused') AND expires_at <= $2;
