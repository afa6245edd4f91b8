-- name: kv_get
SELECT value FROM kv WHERE name = $1;

-- name: kv_put
INSERT INTO kv (name, value) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;
