-- name: secret_get
SELECT sealed, previous FROM secret WHERE name = $1;

-- name: secret_set
INSERT INTO secret (name, sealed, previous, changed_at) VALUES ($1, $2, NULL, $3)
ON CONFLICT (name) DO UPDATE
   SET previous = secret.sealed, sealed = excluded.sealed, changed_at = excluded.changed_at;
