-- name: multipart_by_key
SELECT id, upload_id, bytes, part_size, mark FROM file_multipart WHERE key = $1;

-- name: multipart_insert
INSERT INTO file_multipart (id, key, upload_id, bytes, part_size, mark, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING;

-- name: multipart_delete
DELETE FROM file_multipart WHERE id = $1;

-- name: part_list
SELECT number, etag FROM file_part WHERE multipart_id = $1 ORDER BY number LIMIT 10000;

-- name: part_put
INSERT INTO file_part (multipart_id, number, etag) VALUES ($1, $2, $3)
    ON CONFLICT (multipart_id, number) DO UPDATE SET etag = excluded.etag;

-- name: part_delete_all
DELETE FROM file_part WHERE multipart_id = $1;
