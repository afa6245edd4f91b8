-- name: import_find_sku
SELECT product_id FROM variant WHERE shop_id = $1 AND sku = $2;

-- name: import_find_title
SELECT id FROM product WHERE shop_id = $1 AND title = $2 AND status <> 'archived'
 ORDER BY id LIMIT 1;

-- name: import_insert
INSERT INTO import_job (id, public_id, shop_id, by_id, state, row_count, product_count, error_count,
                        errors, created_at, touched_at)
VALUES ($1, $2, $3, $4, 'loading', $5, $6, $7, $8, $9, 0);

-- name: import_chunk_insert
INSERT INTO import_chunk (import_id, n, body) VALUES ($1, $2, $3);

-- name: import_chunk_get
SELECT body FROM import_chunk WHERE import_id = $1 AND n = $2;

-- name: import_chunk_drop
DELETE FROM import_chunk WHERE import_id = $1;

-- name: import_ready
UPDATE import_job SET state = 'running' WHERE id = $1 AND state = 'loading';

-- name: import_drop_loading
-- Files of requests that never ended: nobody was told of them.
UPDATE import_job SET state = 'failed', ended_at = $1
 WHERE state = 'loading' AND created_at < $2;

-- name: import_chunk_drop_ended
DELETE FROM import_chunk
 WHERE import_id IN (SELECT id FROM import_job WHERE state IN ('done', 'failed'));

-- name: import_leave
UPDATE import_job SET touched_at = 0 WHERE id = $1 AND state = 'running';

-- name: import_get
SELECT shop_id, public_id, state, row_count, product_count, done, created, updated, same,
       error_count, errors, created_at, ended_at
  FROM import_job WHERE public_id = $1;

-- name: import_next
-- One that nobody is at.
SELECT id, shop_id, by_id, done, error_count, errors
  FROM import_job WHERE state = 'running' AND touched_at < $1 ORDER BY id LIMIT 1;

-- name: import_take
UPDATE import_job SET touched_at = $1 WHERE id = $2 AND state = 'running' AND touched_at < $3;

-- name: import_step
-- No row: another process is at it.
UPDATE import_job
   SET done = done + 1, touched_at = $1, created = created + $2, updated = updated + $3,
       same = same + $4, error_count = $5, errors = $6
 WHERE id = $7 AND done = $8 AND state = 'running';

-- name: import_end
UPDATE import_job SET state = $1, ended_at = $2 WHERE id = $3 AND state = 'running';
