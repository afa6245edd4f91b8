-- name: signing_count
SELECT count(*) FROM signing_key;

-- name: signing_add
INSERT INTO signing_key (uid, public_pem, created_at) VALUES ($1, $2, $3);

-- name: signing_list
SELECT uid, created_at FROM signing_key ORDER BY created_at DESC, id DESC LIMIT $1;

-- name: signing_drop
DELETE FROM signing_key WHERE uid = $1;
